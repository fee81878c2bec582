/*
 * upstream_parts.h - what the files of the upstream machine share.
 *
 * Internal to parent/proto: upstream.c is the machine and speaks SOCKS,
 * upstream_http.c reads HTTP, upstream_reply.c writes all replies.
 */
#ifndef PTCHECK_PROTO_UPSTREAM_PARTS_H
#define PTCHECK_PROTO_UPSTREAM_PARTS_H

#include "parent/proto/net/upstream.h"

/* The message that is being read, as far as it is there. */
static inline struct span upstream_message(const struct upstream *u)
{
	return span_of(u->raw + u->start, u->used - u->start);
}

/* Not understood, and nothing to be said to it. */
void upstream_fail(struct upstream *u, enum upstream_anomaly why);
/* The message of this stage is complete: @next once it is answered. */
void upstream_owe(struct upstream *u, enum upstream_stage next);
/* The same for a request, answered by @code. */
void upstream_owe_code(struct upstream *u, int code);
/* Note what is odd about u->dest. */
void upstream_check_dest(struct upstream *u);
/* Are the credentials right, or not asked for? */
bool upstream_is_trusted(const struct upstream *u);

/* One more byte of an HTTP header block is there. */
void upstream_http_step(struct upstream *u);

#endif
