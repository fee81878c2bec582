/*
 * listen.h - the harness's own listeners, that a transport may connect to.
 */
#ifndef PTCHECK_WORKER_NET_LISTEN_H
#define PTCHECK_WORKER_NET_LISTEN_H

#include "parent/proto/net/addr.h"
#include "harness/worker/net/conn.h"

#define LISTEN_MAX 16
/* Connections to one listener that a trace tells of. */
#define LISTEN_KEEP 200

/* Somebody connected: begin the talk of the part that is played there, as
 * @st, the step that opened the listener, says. */
typedef void listen_attach(struct conn *c, const struct step *st);

struct listeners;

struct listener {
	struct listeners *all;
	listen_attach *attach; /* NULL: it only accepts and records */
	const struct step *st;
	char name[32];
	int fd; /* -1: closed */
	struct addr addr;
	struct watch *watch;
	unsigned accepted;
	int filler; /* what fills the queue until "resume", or -1 */
	int udp;    /* what takes the port for UDP, or -1 */
};

struct listeners {
	struct task *task;
	struct conns *conns;
	struct listener v[LISTEN_MAX];
	size_t n;
};

void listeners_init(struct listeners *all, struct task *t, struct conns *conns);
/* Close all that is left, unrecorded. */
void listeners_close(struct listeners *all);

/* Listen @at an address; @full: callers wait, because its queue is full. */
void listen_open(struct listeners *all, struct span at, struct span as,
		 bool full, listen_attach *attach, const struct step *st);
/* Close that one, recording it. */
void listen_close(struct listeners *all, struct span name);
/* Let the callers in that wait. */
void listen_resume(struct listeners *all, struct span name);

/* Did anybody call? */
bool listen_accepted(const struct listeners *all, struct span name);
/* Is it the address of one? */
bool listen_is_own(const struct listeners *all, const struct addr *a);

#endif
