/* frame.c - see frame.h. */
#include "parent/proto/udp/frame.h"

#define CHANNEL_HEADER 4

static size_t get16(struct span s, size_t at)
{
	return (size_t)((uint8_t)s.p[at] << 8 | (uint8_t)s.p[at + 1]);
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static bool is_channel(struct span s)
{
	return s.n && ((uint8_t)s.p[0] & 0xc0) == 0x40;
}

unsigned stun_check(struct span d)
{
	bool channel = is_channel(d);
	unsigned an = channel ? STUN_CHANNEL : 0;
	size_t header = channel ? CHANNEL_HEADER : STUN_HEADER, says;

	if (d.n && (uint8_t)d.p[0] & 0x80)
		return STUN_TOP_BITS;
	if (d.n < header)
		return an | STUN_SHORT;
	says = header + get16(d, 2);
	if (channel && d.n != says && d.n == padded(says))
		return an | STUN_PADDED;
	if (d.n != says)
		an |= STUN_LENGTH;
	if (!channel && says % 4)
		an |= STUN_UNALIGNED;
	if (!channel && memcmp(d.p + 4, STUN_COOKIE, 4) != 0)
		an |= STUN_NO_COOKIE;
	return an;
}

/* Header of that many bytes; *n: what follows it; *pad: and is behind that. */
static enum frame_result measure(enum framing f, struct span s, size_t *header,
				 size_t *n, size_t *pad)
{
	*pad = 0;
	*header = 2;
	if (f == FRAMING_STUN && (uint8_t)s.p[0] & 0x80)
		return FRAME_GARBAGE;
	if (f == FRAMING_STUN)
		*header = is_channel(s) ? CHANNEL_HEADER : STUN_HEADER;
	if (s.n < (f == FRAMING_STUN ? 4 : 2))
		return FRAME_PART;
	*n = get16(s, f == FRAMING_STUN ? 2 : 0);
	if (f == FRAMING_LITTLE_ENDIAN)
		*n = *n >> 8 | (*n & 0xff) << 8;
	if (f != FRAMING_STUN)
		return FRAME_WHOLE;
	if (is_channel(s))
		*pad = padded(*n) - *n;
	else if (*n % 4)
		return FRAME_GARBAGE;
	return FRAME_WHOLE;
}

enum frame_result frame_take(enum framing f, struct span *stream,
			     struct span *datagram)
{
	size_t header, n, pad;
	enum frame_result r;

	if (stream->n == 0)
		return FRAME_NONE;
	r = measure(f, *stream, &header, &n, &pad);
	if (r != FRAME_WHOLE)
		return r;
	if (stream->n < header + n + pad)
		return FRAME_PART;
	*datagram = f == FRAMING_STUN ? span_sub(*stream, 0, header + n)
				      : span_sub(*stream, header, n);
	*stream = span_sub(*stream, header + n + pad, stream->n);
	return FRAME_WHOLE;
}

void frame_put(enum framing f, struct buf *out, struct span datagram)
{
	char hi = (char)(datagram.n >> 8), lo = (char)datagram.n;

	if (f != FRAMING_STUN) {
		buf_addc(out, f == FRAMING_LENGTH ? hi : lo);
		buf_addc(out, f == FRAMING_LENGTH ? lo : hi);
	}
	buf_add(out, datagram);
	for (size_t n = datagram.n; f == FRAMING_STUN && n % 4; n++)
		buf_addc(out, '\0');
}
