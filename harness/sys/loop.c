/* loop.c - see loop.h. */
#include "harness/sys/loop.h"

#include <event2/event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "parent/base/arena.h"

/* So long ago is lately enough: a wait that is shorter makes no difference. */
#define ASK_US 200

struct watch {
	struct loop *loop;
	struct event *ev;
	struct watch *prev, *next;
	loop_fn *fn;
	void *ctx;
	int64_t due; /* of a timer */
	bool timer, dropped, running;
};

struct loop {
	struct event_base *base;
	struct watch *all;
	int64_t start, lag, recent;
	int waits_fd;	       /* what the kernel says of this process; or -1 */
	int64_t waited, asked; /* and when that was */
	bool stopped;
};

static int64_t mono_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* How long this process waited for a processor so far, in µs.  Asked for every
 * event, so not with sscanf(). */
static int64_t loop_ask_waited(const struct loop *l)
{
	char text[96], *behind_ran, *end;
	long long waited;
	ssize_t n = l->waits_fd < 0
			    ? -1
			    : pread(l->waits_fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	strtoll(text, &behind_ran, 10);
	waited = strtoll(behind_ran, &end, 10);
	return end == behind_ran ? -1 : waited / 1000;
}

static void loop_note_lag(struct loop *l, int64_t us)
{
	if (us > l->lag)
		l->lag = us;
	if (us > l->recent)
		l->recent = us;
}

/* What happened may have happened before this process could run.  Nobody can
 * have waited longer than it is since he was asked. */
static void loop_note_wait(struct loop *l)
{
	int64_t now = mono_us(), waited;

	if (now - l->asked < ASK_US)
		return;
	l->asked = now;
	waited = loop_ask_waited(l);
	if (waited < 0)
		return;
	loop_note_lag(l, waited - l->waited);
	l->waited = waited;
}

struct loop *loop_new(struct err *e)
{
	struct loop *l = calloc(1, sizeof(*l));
	struct event_config *cfg = event_config_new();

	if (!l || !cfg)
		die_oom();
	/* Timers to the millisecond would be late by design. */
	event_config_set_flag(cfg, EVENT_BASE_FLAG_PRECISE_TIMER |
					   EVENT_BASE_FLAG_NOLOCK |
					   EVENT_BASE_FLAG_IGNORE_ENV);
	l->base = event_base_new_with_config(cfg);
	event_config_free(cfg);
	if (!l->base) {
		free(l);
		err_set(e, 0, "cannot make an event loop");
		return NULL;
	}
	l->start = mono_us();
	l->waits_fd = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	l->waited = loop_ask_waited(l);
	return l;
}

static void fswatch_free(struct watch *w)
{
	struct loop *l = w->loop;

	if (w->prev)
		w->prev->next = w->next;
	else
		l->all = w->next;
	if (w->next)
		w->next->prev = w->prev;
	event_free(w->ev);
	free(w);
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	while (l->all)
		fswatch_free(l->all);
	event_base_free(l->base);
	if (l->waits_fd >= 0)
		close(l->waits_fd);
	free(l);
}

static void served(evutil_socket_t fd, short what, void *ctx)
{
	struct watch *w = ctx;
	unsigned got = (what & EV_READ ? LOOP_READ : 0) |
		       (what & EV_WRITE ? LOOP_WRITE : 0) |
		       (what & EV_TIMEOUT ? LOOP_TIME : 0);

	(void)fd;
	loop_note_wait(w->loop);
	if (w->timer)
		loop_note_lag(w->loop, loop_now(w->loop) - w->due);
	w->running = true;
	w->fn(w->ctx, got);
	w->running = false;
	if (w->dropped || w->timer)
		fswatch_free(w);
}

static struct watch *fswatch_new(struct loop *l, int fd, short what,
				 loop_fn *fn, void *ctx)
{
	struct watch *w = calloc(1, sizeof(*w));

	if (!w)
		die_oom();
	*w = (struct watch){ .loop = l, .fn = fn, .ctx = ctx, .next = l->all };
	w->ev = event_new(l->base, fd, what, served, w);
	if (!w->ev)
		die_oom();
	if (l->all)
		l->all->prev = w;
	l->all = w;
	return w;
}

struct watch *loop_fd(struct loop *l, int fd, unsigned what, loop_fn *fn,
		      void *ctx)
{
	short ev = EV_PERSIST;
	struct watch *w;

	ev = (short)(ev | (what & LOOP_READ ? EV_READ : 0) |
		     (what & LOOP_WRITE ? EV_WRITE : 0));
	w = fswatch_new(l, fd, ev, fn, ctx);
	event_add(w->ev, NULL);
	return w;
}

struct watch *loop_after(struct loop *l, int64_t us, loop_fn *fn, void *ctx)
{
	struct timeval tv = { us / 1000000, us % 1000000 };
	struct watch *w = fswatch_new(l, -1, 0, fn, ctx);

	w->timer = true;
	w->due = loop_now(l) + us;
	event_add(w->ev, &tv);
	return w;
}

void loop_drop(struct watch *w)
{
	if (!w)
		return;
	event_del(w->ev);
	if (w->running)
		w->dropped = true;
	else
		fswatch_free(w);
}

void loop_run(struct loop *l)
{
	/* event_base_loop() forgets a break from before it began. */
	if (!l->stopped)
		event_base_loop(l->base, EVLOOP_NO_EXIT_ON_EMPTY);
	l->stopped = false;
}

void loop_stop(struct loop *l)
{
	l->stopped = true;
	event_base_loopbreak(l->base);
}

int64_t loop_now(const struct loop *l)
{
	return mono_us() - l->start;
}

int64_t loop_lag(const struct loop *l)
{
	return l->lag;
}

int64_t loop_recent_lag(const struct loop *l)
{
	return l->recent;
}

void loop_forget_lag(struct loop *l)
{
	l->recent = 0;
}
