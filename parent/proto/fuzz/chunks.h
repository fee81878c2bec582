/*
 * chunks.h - fuzz inputs that are dialogues: what happens, in its order.
 *
 * An input is a list of events, each one byte of head and what it needs:
 * below CHUNK_BYTES a call, by number; from there on, head - CHUNK_BYTES
 * bytes of the peer.  A target plays the list three times, with the bytes
 * whole, one by one, and cut by the input itself, and compares.
 */
#ifndef PTCHECK_PROTO_FUZZ_CHUNKS_H
#define PTCHECK_PROTO_FUZZ_CHUNKS_H

#include "parent/base/text.h"
#include "parent/proto/fuzz/fuzz.h"

#define CHUNK_BYTES 16

enum chunk_cut {
	CUT_NOT,
	CUT_EACH,
	CUT_ODD,
};
#define CHUNK_CUTS 3

/* The next event of *in: its number, or CHUNK_BYTES and the bytes. */
static inline bool next_chunk(struct span *in, unsigned *event,
			      struct span *bytes)
{
	uint8_t head;

	if (in->n == 0)
		return false;
	head = (uint8_t)in->p[0];
	*in = span_sub(*in, 1, in->n);
	*bytes = SPAN("");
	*event = head < CHUNK_BYTES ? head : CHUNK_BYTES;
	if (head < CHUNK_BYTES)
		return true;
	*bytes = span_sub(*in, 0, head - CHUNK_BYTES);
	*in = span_sub(*in, bytes->n, in->n);
	return true;
}

/* Where to cut @s, which is not empty: after that many bytes. */
static inline size_t chunk_piece(enum chunk_cut cut, struct span s)
{
	size_t n = s.n;

	if (cut == CUT_EACH)
		n = 1;
	else if (cut == CUT_ODD)
		n = 1 + (uint8_t)s.p[0] % 5;
	return n < s.n ? n : s.n;
}

/* For what is compared: a span, absent or empty or not. */
static inline void put_span(struct buf *out, struct span s)
{
	buf_addf(out, " %s<", span_absent(s) ? "-" : "");
	text_escape(out, s);
	buf_addc(out, '>');
}

/* @play @in cut in each way, which must put the same, of at most @max bytes. */
static inline void same_however_cut(struct span in, size_t max,
				    void (*play)(struct span, enum chunk_cut,
						 struct buf *))
{
	struct buf out[CHUNK_CUTS];

	for (int i = 0; i < CHUNK_CUTS; i++) {
		out[i] = BUF_MAX(max);
		play(in, (enum chunk_cut)i, &out[i]);
		MUST(!out[i].full);
		MUST(span_eq(buf_span(&out[i]), buf_span(&out[0])));
	}
	for (int i = 0; i < CHUNK_CUTS; i++)
		buf_fini(&out[i]);
}

#endif
