/*
 * poller.c - many descriptors and deadlines behind one descriptor.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "parent/lib/lib.h"

#define AT_ONCE 64

int poller_init(struct poller *p, struct ptp_error *err)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	*p = (struct poller){ .armed = -1 };
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->epoll >= 0 && p->timer >= 0 &&
	    epoll_ctl(p->epoll, EPOLL_CTL_ADD, p->timer, &ev) == 0)
		return 0;
	fail(err, "epoll: %s", strerror(errno));
	poller_fini(p);
	return -1;
}

void poller_fini(struct poller *p)
{
	if (p->epoll >= 0)
		close(p->epoll);
	if (p->timer >= 0)
		close(p->timer);
	p->epoll = p->timer = -1;
	free(p->heap);
	p->heap = NULL;
	p->n = p->room = 0;
}

/* --- the earliest deadline --- */

/* @place counts from 1: the two below it are 2 * place and the next. */
static void heap_put(struct poller *p, size_t place, struct poll_watch *w)
{
	p->heap[place - 1] = w;
	w->place = place;
}

static void heap_up(struct poller *p, size_t place)
{
	struct poll_watch *w = p->heap[place - 1];

	for (; place > 1; place /= 2) {
		struct poll_watch *above = p->heap[place / 2 - 1];

		if (above->deadline <= w->deadline)
			break;
		heap_put(p, place, above);
	}
	heap_put(p, place, w);
}

static void heap_down(struct poller *p, size_t place)
{
	struct poll_watch *w = p->heap[place - 1];

	for (size_t below; (below = 2 * place) <= p->n; place = below) {
		if (below < p->n &&
		    p->heap[below]->deadline < p->heap[below - 1]->deadline)
			below++;
		if (p->heap[below - 1]->deadline >= w->deadline)
			break;
		heap_put(p, place, p->heap[below - 1]);
	}
	heap_put(p, place, w);
}

static void heap_append(struct poller *p, struct poll_watch *w)
{
	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 16;
		p->heap = reallocarray(p->heap, p->room, sizeof(*p->heap));
		if (!p->heap)
			die_oom();
	}
	heap_put(p, ++p->n, w);
}

static void heap_remove(struct poller *p, struct poll_watch *w)
{
	size_t place = w->place;
	struct poll_watch *last;

	if (place == 0)
		return;
	w->place = 0;
	last = p->heap[--p->n];
	if (last == w)
		return;
	heap_put(p, place, last);
	heap_up(p, place);
	heap_down(p, last->place);
}

/* --- descriptors --- */

int poller_add(struct poller *p, struct poll_watch *w)
{
	struct epoll_event ev = { .events = w->events, .data.ptr = w };

	if (w->fd >= 0 && epoll_ctl(p->epoll, EPOLL_CTL_ADD, w->fd, &ev) < 0)
		return -1;
	w->added = true;
	w->place = 0;
	poller_deadline(p, w, w->deadline);
	return 0;
}

void poller_change(struct poller *p, struct poll_watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = w };

	if (w->events == events)
		return;
	w->events = events;
	epoll_ctl(p->epoll, EPOLL_CTL_MOD, w->fd, &ev);
}

void poller_drop(struct poller *p, struct poll_watch *w)
{
	if (!w->added)
		return;
	if (w->fd >= 0)
		epoll_ctl(p->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	heap_remove(p, w);
	w->added = false;
	for (int i = 0; i < p->npending; i++)
		if (p->pending[i].data.ptr == w)
			p->pending[i].events = 0;
}

/* --- deadlines --- */

static void arm(struct poller *p, int64_t at)
{
	/* All zero would disarm it. */
	struct itimerspec t = { .it_value = { at / 1000000,
					      at % 1000000 * 1000 + 1 } };

	if (at == p->armed)
		return;
	p->armed = at;
	if (at < 0)
		t.it_value = (struct timespec){ 0, 0 };
	timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

void poller_deadline(struct poller *p, struct poll_watch *w, int64_t at)
{
	w->deadline = at;
	if (!w->added)
		return;
	if (at < 0) {
		heap_remove(p, w);
		return;
	}
	if (w->place == 0)
		heap_append(p, w);
	heap_up(p, w->place);
	heap_down(p, w->place);
	/* Too early is no harm. */
	if (p->armed < 0 || at < p->armed)
		arm(p, at);
}

static void serve_deadlines(struct poller *p)
{
	int64_t now = clock_now();

	while (p->n > 0 && p->heap[0]->deadline <= now) {
		struct poll_watch *w = p->heap[0];

		poller_deadline(p, w, -1);
		w->late(w);
	}
	p->armed = -2; /* what rings now has to be put out anyhow */
	arm(p, p->n > 0 ? p->heap[0]->deadline : -1);
}

void poller_step(struct poller *p)
{
	struct epoll_event ev[AT_ONCE];
	int n = epoll_wait(p->epoll, ev, AT_ONCE, 0);
	bool rang = false;

	p->pending = ev;
	p->npending = n > 0 ? n : 0;
	for (int i = 0; i < p->npending; i++) {
		struct poll_watch *w = ev[i].data.ptr;

		if (!w)
			rang = true;
		else if (ev[i].events)
			w->ready(w, ev[i].events);
	}
	p->npending = 0;
	p->pending = NULL;
	if (rang)
		serve_deadlines(p);
}
