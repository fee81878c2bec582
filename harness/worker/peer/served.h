/*
 * served.h - what the harness does in every part that it plays as a server,
 * behind a listener: it collects what is said, and sends its replies whole or
 * byte by byte.  What they mean is the part's own: proxy.c, bridge.c.
 */
#ifndef PTCHECK_WORKER_PEER_SERVED_H
#define PTCHECK_WORKER_PEER_SERVED_H

#include "harness/worker/net/conn.h"

/* One connection; the first member of what the part keeps of it. */
struct served {
	struct conn *c;
	bool split;	/* each byte of a reply goes by itself */
	struct buf in;	/* read, and not taken yet */
	struct buf out; /* of the reply that goes out */
	struct watch *drip;
	bool stuck; /* it says no more word */
	/* As far as what was read allows. */
	void (*go_on)(struct served *p);
	/* Some of the reply, or all that was left of it, went out. */
	void (*sent)(struct served *p, struct span piece);
};

/* Begin one as the talk of @c, with @size bytes of which the first are a
 * struct served; freed with the connection.  Its two functions are still to be
 * set. */
void *served_new(struct conn *c, bool split, size_t size, size_t reply_max);
/* Send what is in @out. */
void served_reply(struct served *p);
/* Can it not go on now, or never more? */
bool served_waits(const struct served *p);
/* The tunnel is there: the rest is the case's. */
void served_tunnel(struct served *p);

#endif
