/*
 * conn.h - connections between the harness and the transport, whoever began
 * them: what comes is recorded and counted, unless somebody takes it.
 *
 * A connection may first have something to say of its own (a SOCKS session, a
 * part that the harness plays as a server): its talk.  Behind that it carries
 * what the case sends and awaits, or what a pump does.
 */
#ifndef PTCHECK_WORKER_NET_CONN_H
#define PTCHECK_WORKER_NET_CONN_H

#include <sys/types.h>

#include "harness/worker/steps.h"

/* Bytes of one connection that a trace keeps: of those that carry datagrams as
 * many as two of the largest have. */
#define CONN_KEEP (64u * 1024u)
#define CONN_KEEP_DATAGRAMS (160u * 1024u)
/* A crowd of 1,100, and as many at a destination. */
#define CONN_MAX 2600

struct conn;
struct conns;

/* Somebody who takes what comes on a connection. */
struct conn_taker {
	void (*data)(struct conn *c, struct span bytes);
	/* It ended: the peer closed it, for a talk; in any way, for bulk. */
	void (*end)(struct conn *c);
	/* Nobody uses the connection any more. */
	void (*fini)(struct conn *c);
};

struct conn {
	struct conns *all;
	char name[64];
	int fd;
	struct watch *watch;
	size_t kept, got; /* recorded; received behind the talk */
	size_t keep;	  /* as much of it is recorded */
	bool ended;
	bool half, eof; /* one direction: we ended ours, they theirs */
	bool reset;	/* a send has taken the news */
	bool refused;	/* as an application: nothing may be sent any more */
	/* What is said first, called after the bytes were recorded; NULL:
	 * over, or there is none.  Set by conn_talk(). */
	const struct conn_taker *talk;
	void (*talk_fini)(struct conn *c);
	void *talker;
	/* What takes all that comes behind the talk, unrecorded; or NULL. */
	const struct conn_taker *bulk;
	void *bulk_ctx;
};

struct relays;

struct conns {
	struct task *task;
	struct conn *v[CONN_MAX]; /* from the memory of the launch */
	size_t n;
	bool full;    /* there was one too many, and that was told */
	bool by_half; /* the case ends directions one by one */
	/* A connection came that has no talk, or its talk is over. */
	void (*open)(void *ctx, struct conn *c);
	void *open_ctx;
	struct relays *relays; /* who serves those of relays */
};

/* Its hook is to be set, or left alone. */
void conns_init(struct conns *all, struct task *t);
/* Close all that is left, unrecorded. */
void conns_close(struct conns *all);

/* Take over a connected descriptor; NULL: there are too many, it is closed. */
struct conn *conn_add(struct conns *all, int fd, const char *name);
/* It may be used now: tell the hook. */
void conn_open(struct conn *c);
/* What comes is for @talk first; @talker is its own, freed by its fini. */
void conn_talk(struct conn *c, const struct conn_taker *talk, void *talker);
/* That is over; @got: bytes that were read behind it. */
void conn_talk_over(struct conn *c, size_t got);

/* End one, recording it. */
void conn_end(struct conn *c, bool reset);
/* Send no more on it, recording that. */
void conn_half(struct conn *c);
/* Stop reading from it, or read again. */
void conn_stall(struct conn *c, bool on);
/* Send what can be sent at once, unrecorded: as send(). */
ssize_t conn_put(struct conn *c, const void *bytes, size_t n);
/* The same, recorded. */
void conn_send(struct conn *c, struct span bytes);

/* Is it, or is it one of, @group: "c" names "c", "c:obfs4" and "c#3"? */
bool conn_belongs(const char *name, struct span group);

/* Close, or stop reading or read again, all of that name. */
void conns_close_named(struct conns *all, struct span name, enum close_how how);
void conns_stall(struct conns *all, struct span name, bool on);
/* Have all of that name ended, and was there one? */
bool conns_ended(const struct conns *all, struct span name);
/* How many bytes have come on all of that name. */
int64_t conns_got(const struct conns *all, struct span name);
/* Have all of that name got @count bytes, or ended?  *any: is there one? */
bool conns_received(const struct conns *all, struct span name, int64_t count,
		    bool *any);

#endif
