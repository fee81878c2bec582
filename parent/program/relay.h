/*
 * relay.h - streams carried between two sockets.
 *
 * A FIN is passed on behind the bytes before it while the other direction goes
 * on, a reset as a reset: who was cut off must not take it for the end.
 * Nothing is read that cannot be written yet.  A relay that carries nothing at
 * the moment holds two descriptors and this structure, no pipe and no buffer.
 */
#ifndef PTPARENT_RELAY_H
#define PTPARENT_RELAY_H

#include <stddef.h>
#include <sys/queue.h>

#include "parent/lib/poller.h"

#define RELAY_PIPES 64 /* idle ones that are kept */

struct relays {
	struct poller *poller;
	LIST_HEAD(, relay) all;
	/* Moved by the kernel from socket to socket by way of a pipe; where
	 * it cannot, by way of a buffer. */
	bool no_splice;
	int pipe[RELAY_PIPES][2];
	size_t npipes;
};

void relays_init(struct relays *r, struct poller *poller);
/* Cuts off all that are left. */
void relays_fini(struct relays *r);

/*
 * Carry between @a and @b, both non-blocking and the relay's from now on, until
 * both directions have ended.  @head, of @n bytes, goes to @b before all else.
 */
void relay_new(struct relays *r, int a, int b, const void *head, size_t n);

/* Close so that the other end sees a reset. */
void relay_reset(int fd);

#endif
