/*
 * frame.h - datagrams in the stream of a transport connection (PT 2.0 section
 * 3.3.5.4).
 *
 * Transparent UDP puts two bytes of length in network order before each.  STUN
 * mode puts nothing: a STUN message (RFC 8489) says its own length, and so
 * does ChannelData of TURN (RFC 8656), which is padded to four bytes in a
 * stream and may be over UDP.
 */
#ifndef PTCHECK_PROTO_UDP_FRAME_H
#define PTCHECK_PROTO_UDP_FRAME_H

#include <stdint.h>

#include "parent/base/buf.h"

/* What an IPv4 datagram carries at most. */
#define DATAGRAM_MAX 65507
#define STUN_HEADER 20
#define STUN_COOKIE "\x21\x12\xa4\x42"

enum framing {
	FRAMING_LENGTH, /* transparent UDP */
	FRAMING_STUN,
	/* What a sender may do wrong, to say it by name. */
	FRAMING_LITTLE_ENDIAN,
};

enum frame_result {
	FRAME_NONE,    /* the stream is at its end */
	FRAME_WHOLE,   /* a datagram */
	FRAME_PART,    /* the beginning of one */
	FRAME_GARBAGE, /* not even that: no such stream */
};

/*
 * Take the first datagram off the front of *stream.  Without FRAME_WHOLE both
 * stay as they are.  Of ChannelData @datagram is what its length counts.
 */
enum frame_result frame_take(enum framing f, struct span *stream,
			     struct span *datagram);

/* Append it as it travels; what its length cannot say is not checked. */
void frame_put(enum framing f, struct buf *out, struct span datagram);

/* What is odd about a datagram in STUN mode. */
enum stun_anomaly {
	STUN_SHORT = 1 << 0,	 /* fewer bytes than its header has */
	STUN_TOP_BITS = 1 << 1,	 /* neither STUN nor ChannelData */
	STUN_UNALIGNED = 1 << 2, /* a length that is no multiple of four */
	STUN_LENGTH = 1 << 3,	 /* one that says something else than the
				    datagram has */
	STUN_NO_COOKIE = 1 << 4, /* as of RFC 3489 */
	STUN_CHANNEL = 1 << 5,	 /* ChannelData */
	STUN_PADDED = 1 << 6,	 /* with padding */
	/* With one of these it is no message. */
	STUN_INVALID = STUN_SHORT | STUN_TOP_BITS | STUN_UNALIGNED |
		       STUN_LENGTH,
};

unsigned stun_check(struct span datagram);

#endif
