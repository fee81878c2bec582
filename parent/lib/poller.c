/*
 * poller.c - many descriptors and deadlines behind one descriptor.
 */
#include <errno.h>
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
}

int poller_add(struct poller *p, struct poll_watch *w)
{
	struct epoll_event ev = { .events = w->events, .data.ptr = w };

	if (w->fd >= 0 && epoll_ctl(p->epoll, EPOLL_CTL_ADD, w->fd, &ev) < 0)
		return -1;
	w->next = p->first;
	w->at = &p->first;
	if (w->next)
		w->next->at = &w->next;
	p->first = w;
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
	if (!w->at)
		return;
	if (w->fd >= 0)
		epoll_ctl(p->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	*w->at = w->next;
	if (w->next)
		w->next->at = w->at;
	w->at = NULL;
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
	/* Too early is no harm. */
	if (at >= 0 && (p->armed < 0 || at < p->armed))
		arm(p, at);
}

static struct poll_watch *due(struct poller *p, int64_t now)
{
	for (struct poll_watch *w = p->first; w; w = w->next)
		if (w->deadline >= 0 && w->deadline <= now)
			return w;
	return NULL;
}

static void serve_deadlines(struct poller *p)
{
	int64_t now = clock_now(), next = -1;
	struct poll_watch *w;

	while ((w = due(p, now))) {
		w->deadline = -1;
		w->late(w);
	}
	for (w = p->first; w; w = w->next)
		if (w->deadline >= 0 && (next < 0 || w->deadline < next))
			next = w->deadline;
	p->armed = -2; /* what rings now has to be put out anyhow */
	arm(p, next);
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
