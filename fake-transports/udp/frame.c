#include "fake-transports/udp/frame.h"

#define STUN_HEADER 20u
#define CHANNEL_HEADER 4u

static size_t get16(const uint8_t *p)
{
	return (size_t)(p[0] << 8 | p[1]);
}

static size_t padded(size_t n)
{
	return (n + 3) / 4 * 4;
}

/* How long the message is that begins like this, without padding: 0 where
 * more of it is needed to tell, SIZE_MAX where none begins. */
static size_t stun_length(const uint8_t *p, size_t n)
{
	if (n < 1)
		return 0;
	if (p[0] >= 0x80)
		return SIZE_MAX;
	if (n < 4)
		return 0;
	if (p[0] >= 0x40)
		return CHANNEL_HEADER + get16(p + 2);
	return get16(p + 2) % 4 ? SIZE_MAX : STUN_HEADER + get16(p + 2);
}

static bool put_stun(const uint8_t *p, size_t n, struct buf *out)
{
	static const uint8_t zeros[3];
	size_t is = stun_length(p, n);

	if (is == 0 || is == SIZE_MAX)
		return false;
	/* Over UDP ChannelData may be padded, or not. */
	if (n != is && (p[0] < 0x40 || n != padded(is)))
		return false;
	buf_add(out, p, n);
	buf_add(out, zeros, padded(n) - n);
	return true;
}

bool frame_put(enum framing f, const uint8_t *p, size_t n, struct buf *out)
{
	switch (f) {
	case FRAMING_LENGTH:
		if (n > UINT16_MAX)
			return false;
		buf_add16(out, (unsigned)n);
		buf_add(out, p, n);
		return true;
	case FRAMING_STUN:
		return put_stun(p, n, out);
	}
	return false;
}

static enum frame_result take_length(const uint8_t *p, size_t n,
				     struct frame *out)
{
	size_t is;

	if (n < 2)
		return FRAME_MORE;
	is = get16(p);
	if (n - 2 < is)
		return FRAME_MORE;
	*out = (struct frame){ .p = p + 2, .n = is, .eaten = 2 + is };
	return FRAME_HERE;
}

static enum frame_result take_stun(const uint8_t *p, size_t n,
				   struct frame *out)
{
	size_t is = stun_length(p, n);

	if (is == SIZE_MAX)
		return FRAME_BROKEN;
	if (is == 0 || n < padded(is))
		return FRAME_MORE;
	*out = (struct frame){ .p = p, .n = is, .eaten = padded(is) };
	return FRAME_HERE;
}

enum frame_result frame_take(enum framing f, const uint8_t *p, size_t n,
			     struct frame *out)
{
	return f == FRAMING_STUN ? take_stun(p, n, out)
				 : take_length(p, n, out);
}
