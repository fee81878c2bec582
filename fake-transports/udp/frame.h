/*
 * Datagrams in the stream of a transport connection (PT 2.0 section 3.3.5.4):
 * behind two bytes of length, or STUN messages as they are. No I/O; any
 * chunking gives the same datagrams.
 *
 * In STUN mode only what says its own length can be carried: STUN messages,
 * with or without the magic cookie of RFC 5389, and ChannelData of TURN, which
 * is padded to four bytes in a stream (RFC 8656 section 12.5) and leaves it
 * without padding.
 */
#ifndef PTREF_UDP_FRAME_H
#define PTREF_UDP_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake-transports/base/buf.h"

/* The length of STUN counts what follows the header. */
#define FRAME_MAX (20u + UINT16_MAX)

enum framing {
	FRAMING_LENGTH,
	FRAMING_STUN,
};

/* Appends the datagram to the stream; false if it cannot be said there. */
bool frame_put(enum framing f, const uint8_t *p, size_t n, struct buf *out);

enum frame_result {
	FRAME_MORE,
	FRAME_HERE,
	FRAME_BROKEN, /* this is no such stream, and where one begins is lost */
};

struct frame {
	const uint8_t *p; /* the datagram */
	size_t n;
	size_t eaten; /* how much of the stream it was */
};

/* The first datagram of the n bytes. */
enum frame_result frame_take(enum framing f, const uint8_t *p, size_t n,
			     struct frame *out);

#endif
