#include "fake-transports/base/loop.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fake-transports/base/buf.h"

int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

struct watch *loop_add(struct loop *l, int fd, short events, watch_fn *fn,
		       void *arg)
{
	struct watch *w = xcalloc(1, sizeof(*w));

	*w = (struct watch){ .fd = fd, .events = events, .fn = fn, .arg = arg };
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	l->v[l->n++] = w;
	return w;
}

void loop_del(struct watch *w)
{
	if (w)
		w->dead = true;
}

static void free_dead(struct loop *l)
{
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i]->dead)
			free(l->v[i]);
		else
			l->v[kept++] = l->v[i];
	}
	l->n = kept;
}

static int64_t wait_ms(const struct loop *l, int max_ms)
{
	int64_t wait = max_ms;

	for (size_t i = 0; i < l->n; i++) {
		const struct watch *w = l->v[i];

		if (w->deadline && w->deadline - l->now < wait)
			wait = w->deadline - l->now;
	}
	return wait < 0 ? 0 : wait;
}

void loop_once(struct loop *l, int max_ms)
{
	struct timespec ts;
	size_t n;
	int64_t wait;

	free_dead(l);
	n = l->n;
	l->now = clock_ms();
	l->pfd = xrealloc(l->pfd, l->cap * sizeof(*l->pfd));
	for (size_t i = 0; i < n; i++)
		l->pfd[i] = (struct pollfd){ .fd = l->v[i]->fd,
					     .events = l->v[i]->events };
	wait = wait_ms(l, max_ms);
	ts = (struct timespec){ .tv_sec = wait / 1000,
				.tv_nsec = wait % 1000 * 1000000 };
	if (ppoll(l->pfd, n, &ts, &l->open_mask) < 0)
		return;
	l->now = clock_ms();
	/* Callbacks may add watches (l->v moves) but none before index n. */
	for (size_t i = 0; i < n; i++) {
		struct watch *w = l->v[i];

		if (w->dead)
			continue;
		if (l->pfd[i].revents) {
			w->fn(w, l->pfd[i].revents);
		} else if (w->deadline && w->deadline <= l->now) {
			w->deadline = 0;
			w->fn(w, 0);
		}
	}
}
