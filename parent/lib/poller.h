/*
 * poller.h - many descriptors and deadlines behind one descriptor, which is
 * readable when any of them has something to do (epoll(7), timerfd).
 *
 * Of the library and of the program; no part of the public interface.
 */
#ifndef PTPARENT_POLLER_H
#define PTPARENT_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct epoll_event;
struct ptp_error;

/* Microseconds of CLOCK_MONOTONIC. */
int64_t clock_now(void);

/* The structure of @type whose @member @w points to. */
#define POLL_OWNER(w, type, member) \
	((type *)(void *)((char *)(w)-offsetof(type, member)))

struct poll_watch {
	int fd;		  /* -1: only the deadline */
	uint32_t events;  /* of epoll(7) */
	int64_t deadline; /* -1: none */
	void (*ready)(struct poll_watch *w, uint32_t events);
	void (*late)(struct poll_watch *w);
	bool added;
	size_t place; /* among the deadlines, from 1 on; 0: none */
};

struct poller {
	int epoll, timer;
	int64_t armed; /* the timer's time; -1: none */
	/* Those with a deadline, as a heap with the earliest on top: ten
	 * thousand that wait cost no more than a few steps. */
	struct poll_watch **heap;
	size_t n, room;
	/* What poller_step() has still to look at. */
	struct epoll_event *pending;
	int npending;
};

/* Readable when poller_step() has something to do. */
int poller_init(struct poller *p, struct ptp_error *err);
void poller_fini(struct poller *p);
void poller_step(struct poller *p);
/* Its functions may drop any watch, and free what that is part of. */
int poller_add(struct poller *p, struct poll_watch *w);
void poller_change(struct poller *p, struct poll_watch *w, uint32_t events);
/* For one that was not added it counts when it is. */
void poller_deadline(struct poller *p, struct poll_watch *w, int64_t at);
/* Does not close the descriptor; a watch that was not added is left alone. */
void poller_drop(struct poller *p, struct poll_watch *w);

#endif
