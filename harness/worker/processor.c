/* processor.c - see processor.h. */
#include "harness/worker/processor.h"

#include <sys/ioctl.h>

void processor_init(struct processor *p, struct task *t,
		    const struct instances *instances)
{
	*p = (struct processor){ .task = t, .instances = instances };
}

/* In a pid namespace all others are the transport's; elsewhere those that
 * stayed in the sessions that were made for it. */
static void processor_threads(const struct processor *p, observe_thread_fn *fn,
			      void *ctx)
{
	pid_t sessions[INST_MAX];
	size_t n = 0;

	if (!p->task->job->sandbox)
		for (; n < p->instances->n; n++)
			sessions[n] = p->instances->v[n].spawn.pid;
	if (p->instances->n)
		observe_threads(sessions, n, fn, ctx);
}

/* --- looking --- */

static void processor_keep(void *ctx, const struct observe_thread *t)
{
	struct processor *p = ctx;

	if (p->n < PROCESSOR_THREADS)
		p->v[p->n++] = *t;
}

void processor_look(struct processor *p)
{
	bool pressure;

	p->n = 0;
	processor_threads(p, processor_keep, p);
	p->since = loop_now(p->task->loop);
	p->waited = observe_waited_us();
	p->machine = observe_machine_waited_us(&pressure);
	loop_forget_lag(p->task->loop);
}

/* --- what there was --- */

struct sum {
	const struct processor *p;
	int64_t ran, waited;
	bool held;
	bool seen[PROCESSOR_THREADS]; /* of what was there */
};

static const struct observe_thread *processor_then(const struct processor *p,
						   pid_t tid)
{
	static const struct observe_thread none;

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].tid == tid)
			return &p->v[i];
	return &none;
}

static void processor_add(void *ctx, const struct observe_thread *t)
{
	struct sum *s = ctx;
	const struct observe_thread *then = processor_then(s->p, t->tid);

	for (size_t i = 0; i < s->p->n; i++)
		s->seen[i] |= s->p->v[i].tid == t->tid;
	s->ran += t->ran_us - then->ran_us;
	s->waited += t->waited_us - then->waited_us;
	/* The kernel counts a wait for a processor when it is over, and one for
	 * a lock of its own (state D: processes that end give up what they
	 * share) never. */
	s->held |= t->held;
}

/* What pipes hold that are read slowly on purpose. */
static int64_t processor_unread(const struct instances *all)
{
	int64_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		for (int k = 0; k < 2; k++) {
			const struct stream *s = &all->v[i].stream[k];
			int bytes = 0;

			if (s->fd >= 0 && s->narrow && s->watch &&
			    ioctl(s->fd, FIONREAD, &bytes) == 0)
				n += bytes;
		}
	return n;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Where nobody counts it, both may have waited while the machine was busy. */
static void processor_guess(const struct processor *p,
			    struct event_processor *had)
{
	bool pressure;
	int64_t now = p->machine < 0 ? -1
				     : observe_machine_waited_us(&pressure);

	had->by = now < 0    ? SHARE_BY_NOTHING
		  : pressure ? SHARE_BY_PRESSURE
			     : SHARE_BY_STAT;
	had->waited_us = now < 0 ? 0 : larger(now - p->machine, 0);
	had->late_us = loop_recent_lag(p->task->loop);
}

/* A thread takes with it for how long it waited, and who waits for its end was
 * held up by that: a process of several, before it ends itself, or whoever has
 * to hear that one has ended. */
static bool processor_lost_threads(const struct sum *s)
{
	for (size_t i = 0; i < s->p->n; i++)
		if (!s->seen[i])
			return true;
	return false;
}

struct event_processor processor_had(const struct processor *p)
{
	struct sum sum = { .p = p };
	int64_t waited = observe_waited_us();
	struct event_processor had = {
		.by = SHARE_BY_SCHEDSTAT,
		.took_us = loop_now(p->task->loop) - p->since,
		.owed = p->task->owed + processor_unread(p->instances),
	};

	processor_threads(p, processor_add, &sum);
	had.state = sum.held ? SHARE_HELD : SHARE_FREE;
	had.cpu_us = sum.ran;
	had.waited_us = sum.waited;
	had.late_us =
		larger(waited - p->waited, loop_recent_lag(p->task->loop));
	if (waited < 0) {
		processor_guess(p, &had);
	} else if (processor_lost_threads(&sum)) {
		bool pressure;
		int64_t now = observe_machine_waited_us(&pressure);

		had.waited_us = larger(had.waited_us, now - p->machine);
	}
	return had;
}
