#include "fake-transports/udp/frame.h"

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"

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

FAULT(UDP_LITTLE_ENDIAN, "udp-little-endian",
      "lengths of datagrams have their low byte first, in both directions",
      "UC-FRAME-1", NO_DATAGRAMS);
FAULT(UDP_LENGTH_OFF_BY_ONE, "udp-length-off-by-one",
      "a client's lengths of datagrams are one too large", "UC-FRAME-1",
      NO_DATAGRAMS);
static void put_length(size_t n, struct buf *out)
{
	if (fault_is(F_UDP_LENGTH_OFF_BY_ONE))
		n++;
	if (fault_is(F_UDP_LITTLE_ENDIAN))
		n = (n >> 8 | n << 8) & UINT16_MAX;
	buf_add16(out, (unsigned)n);
}

FAULT(STUN_LENGTH_ADDED, "stun-length-added",
      "puts two bytes of length before each STUN message", "STN-C-1",
      NO_DATAGRAMS);
FAULT(STUN_GARBAGE_SENT, "stun-garbage-sent",
      "passes on what is no STUN message", "STN-C-2", NO_DATAGRAMS);
FAULT(STUN_CHANNEL_UNPADDED, "stun-channel-unpadded",
      "puts ChannelData without padding into the stream", "STN-CD-1",
      NO_DATAGRAMS);
bool frame_put(enum framing f, const uint8_t *p, size_t n, struct buf *out)
{
	switch (f) {
	case FRAMING_LENGTH:
		if (n > UINT16_MAX)
			return false;
		put_length(n, out);
		buf_add(out, p, n);
		return true;
	case FRAMING_STUN:
		if (fault_is(F_STUN_LENGTH_ADDED))
			buf_add16(out, (unsigned)n);
		if (fault_is(F_STUN_GARBAGE_SENT) ||
		    (n && p[0] >= 0x40 && fault_is(F_STUN_CHANNEL_UNPADDED))) {
			buf_add(out, p, n);
			return true;
		}
		return put_stun(p, n, out);
	}
	return false;
}

FAULT(US_LITTLE_ENDIAN, "udp-server-little-endian",
      "reads lengths of datagrams with their low byte first",
      "US-DST-1 US-DEC-4", NO_DATAGRAMS);
FAULT(US_PREFIX, "udp-server-prefix",
      "passes the length of a datagram on with it", "US-DEC-1", NO_DATAGRAMS);
static enum frame_result take_length(const uint8_t *p, size_t n,
				     struct frame *out)
{
	size_t is;

	if (n < 2)
		return FRAME_MORE;
	is = get16(p);
	if (fault_is(F_US_LITTLE_ENDIAN))
		is = (is >> 8 | is << 8) & UINT16_MAX;
	if (n - 2 < is)
		return FRAME_MORE;
	*out = (struct frame){ .p = p + 2, .n = is, .eaten = 2 + is };
	if (fault_is(F_US_PREFIX))
		*out = (struct frame){ .p = p, .n = 2 + is, .eaten = 2 + is };
	return FRAME_HERE;
}

FAULT(STUN_NEEDS_BODY, "stun-needs-body",
      "waits for more behind a message without attributes", "STN-S-3",
      NO_DATAGRAMS);
FAULT(STUN_SPINS, "stun-spins", "spins on what is no STUN", "STN-S-6",
      NO_DATAGRAMS);
static enum frame_result take_stun(const uint8_t *p, size_t n,
				   struct frame *out)
{
	size_t is = stun_length(p, n);

	while (is == SIZE_MAX && fault_is(F_STUN_SPINS))
		fault_sleep(1);
	if (is == SIZE_MAX)
		return FRAME_BROKEN;
	if (is == STUN_HEADER && fault_is(F_STUN_NEEDS_BODY))
		is += 4;
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
