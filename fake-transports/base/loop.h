/*
 * A poll() loop. A watch is one descriptor (or none, for a plain timer) with a
 * callback. Watches are owned by the loop: loop_del() may be called from any
 * callback for any watch; a deleted watch is never called again, although its
 * memory goes away only when the round is over.
 */
#ifndef PTREF_LOOP_H
#define PTREF_LOOP_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch;

/* revents is what poll() saw, or 0 if the deadline has passed. */
typedef void watch_fn(struct watch *w, short revents);

struct watch {
	int fd; /* -1: timer only */
	short events;
	int64_t deadline; /* in ms of loop_now(), 0 for none */
	watch_fn *fn;
	void *arg;
	bool dead;
};

struct loop {
	struct watch **v;
	size_t n;
	size_t cap;
	struct pollfd *pfd;
	sigset_t open_mask; /* signals let in while waiting */
	int64_t now;	    /* one time per round */
};

int64_t clock_ms(void);

struct watch *loop_add(struct loop *l, int fd, short events, watch_fn *fn,
		       void *arg);
void loop_del(struct watch *w);

/* Waits for events, a deadline, a signal or max_ms, and serves them. */
void loop_once(struct loop *l, int max_ms);

#endif
