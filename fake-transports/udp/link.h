/*
 * A transport connection that carries datagrams, as an entry of the pool. What
 * stands at its other side, the applications of a client or the destination of
 * a server, is told by a table of functions.
 *
 *   client: WAITING -> CONNECTED     dialled when the first datagram comes
 *   server: CONNECTED                accepted
 */
#ifndef PTREF_UDP_LINK_H
#define PTREF_UDP_LINK_H

#include "fake-transports/ptref.h"
#include "fake-transports/udp/frame.h"
#include "fake-transports/udp/pool.h"

struct link;

struct link_ops {
	/* A whole datagram came by the connection. */
	void (*deliver)(struct link *l, const uint8_t *p, size_t n);
	/* It is being freed. */
	void (*fini)(struct link *l);
};

struct link {
	struct pool_entry entry;
	const struct link_ops *ops;
	struct pt *pt;
	struct pool *pool;
	struct pt_conn *conn;
	struct watch *watch;
	struct buf in;	 /* not yet a whole frame */
	struct buf out;	 /* to be written */
	int64_t made_by; /* when a connection that is not made has failed */
	/* By faults: */
	bool reset, deaf, second;
	unsigned merged;
	struct buf held;
	/* A client's: the socket that applications send to. */
	struct udp_client *client;
	/* A server's own, towards its destination. */
	int fd;
	int shared; /* by faults: not connected; else -1 */
	struct watch *near;
	struct lookup *lookup;
};

/* Which framing belongs to the mode. */
enum framing link_framing(const struct pt *pt);

/* A bound UDP socket, or one of that family if *at has no port to bind to; -1
 * and errno. */
int udp_socket(int family, const struct sockaddr_storage *at);

/* In the caller's memory from xcalloc(), with the connection once it has one;
 * the link is an entry of the pool by then. */
void link_init(struct link *l, struct pt *pt, struct pool *pool,
	       const struct link_ops *ops);
void link_start(struct link *l, struct pt_conn *conn);

/* The application sends: what the pool says is done, up to the last write,
 * which is link_flush()'s. POOL_DIAL is left to the caller. */
enum pool_effect link_packet(struct link *l, const uint8_t *p, size_t n);

/* Writes what can be written; may free the link. */
void link_flush(struct link *l);

/* Takes it out of the pool for that reason and frees it. */
void link_end(struct link *l, enum pool_event why);

#endif
