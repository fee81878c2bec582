/*
 * The pool of transport connections that carry datagrams: which there are, in
 * which state, and what is done with a datagram. This is Table 1 (client) and
 * Table 2 (server) of PT 2.0 section 3.3.5, row by row, without I/O or clock.
 *
 * A client's entry belongs to one source of datagrams, so that replies find
 * their way back: the destination is the same for all of them. A server's
 * belongs to one transport connection.
 */
#ifndef PTREF_UDP_POOL_H
#define PTREF_UDP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum pool_side {
	POOL_CLIENT,
	POOL_SERVER,
};

enum pool_state {
	POOL_ABSENT,
	POOL_WAITING, /* of clients only */
	POOL_CONNECTED,
};

enum pool_event {
	POOL_PACKET,	   /* a datagram from the application */
	POOL_SUCCESS,	   /* the connection was made, or accepted */
	POOL_CLOSED,	   /* by the other end */
	POOL_FAILED,	   /* before it was made */
	POOL_WRITE_FAILED, /* the datagram is lost */
	POOL_TIMEOUT,
};

enum pool_effect {
	POOL_NOTHING,
	POOL_DROP,
	POOL_DIAL, /* and drop */
	POOL_SEND,
};

struct pool_entry {
	struct pool_entry *next;
	struct sockaddr_storage key; /* of clients: who it is for */
	enum pool_state state;
	int64_t used; /* when the last datagram passed, in ms */
};

struct pool {
	enum pool_side side;
	int64_t idle_ms;
	struct pool_entry *first;
	size_t n;
	unsigned made; /* so far, for a fault */
};

/* Who sends; NULL: nobody that is known. */
struct pool_entry *pool_find(const struct pool *p,
			     const struct sockaddr_storage *key);

/*
 * What happened to an entry, and what is to be done. An entry that is ABSENT
 * before and not after is in the pool from then on; one that is ABSENT after
 * is out of it. Its memory is the caller's.
 */
enum pool_effect pool_happens(struct pool *p, struct pool_entry *e,
			      enum pool_event ev, int64_t now);

/* A datagram came by the connection: that is use as well. */
void pool_used(struct pool_entry *e, int64_t now);

/* When it has not been used for long enough, unless it is used before. */
int64_t pool_expiry(const struct pool *p, const struct pool_entry *e);

#endif
