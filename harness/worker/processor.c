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
static void processor_each(const struct processor *p, bool states_only,
			   observe_thread_fn *fn, void *ctx)
{
	pid_t sessions[INST_MAX];
	size_t n = 0;

	if (!p->task->job->sandbox)
		for (; n < p->instances->n; n++)
			sessions[n] = p->instances->v[n].spawn.pid;
	if (p->instances->n)
		observe_threads(sessions, n, states_only, fn, ctx);
}

/* --- what nobody counts --- */

/* So often it is looked who waits for a lock of the kernel: at first, and after
 * a while. */
#define SAMPLE_MIN_US 200000
#define SAMPLE_MAX_US 1000000

static void processor_see_blocked(void *ctx, const struct observe_thread *t)
{
	bool *any = ctx;

	*any |= t->blocked;
}

static void processor_sample(void *ctx, unsigned what);

static void processor_sample_again(struct processor *p)
{
	int64_t us = (p->sampled - p->began) / 8;

	us = us < SAMPLE_MIN_US ? SAMPLE_MIN_US : us;
	us = us > SAMPLE_MAX_US ? SAMPLE_MAX_US : us;
	p->sample = loop_after(p->task->loop, us, processor_sample, p);
}

/*
 * Programs that begin and end all map the same libraries, and who holds the
 * lock of one may be kept waiting for a processor.  All others sleep then, for
 * a moment each time and for a minute together, and it shows in no count: who
 * is found so is taken to have been so since he was looked at last.
 */
static void processor_sample(void *ctx, unsigned what)
{
	struct processor *p = ctx;
	int64_t now = loop_now(p->task->loop);
	bool any = false;

	(void)what;
	processor_each(p, true, processor_see_blocked, &any);
	if (any)
		p->blocked += now - p->sampled;
	p->sampled = now;
	processor_sample_again(p);
}

/* --- looking --- */

static void processor_keep(void *ctx, const struct observe_thread *t)
{
	struct processor_threads *all = ctx;

	if (all->n < PROCESSOR_THREADS)
		all->v[all->n++] = *t;
}

void processor_look(struct processor *p)
{
	bool pressure;

	/* Before they are counted here, and after it below: what is made in
	 * between is missed rather than taken for another. */
	p->made = observe_made();
	p->look.n = p->ask.n = 0;
	processor_each(p, false, processor_keep, &p->look);
	p->look.at = p->ask.at = loop_now(p->task->loop);
	p->waited = observe_waited_us();
	p->machine = observe_machine_waited_us(&pressure);
	p->disk = observe_disk_waited_us();
	p->blocked = 0;
	p->sampled = p->began = p->look.at;
	loop_drop(p->sample);
	processor_sample_again(p);
	loop_forget_lag(p->task->loop);
}

static void processor_see_ready(void *ctx, const struct observe_thread *t)
{
	bool *any = ctx;

	*any |= t->ready;
}

bool processor_is_wanted(const struct processor *p)
{
	bool any = false;

	processor_each(p, true, processor_see_ready, &any);
	return any;
}

/* --- what there was --- */

struct sum {
	const struct processor *p;
	struct processor_threads now;
	int64_t ran, waited;
	int64_t made; /* of those that are there, since the look */
	bool held;
	bool seen[PROCESSOR_THREADS]; /* of what was there */
};

static const struct observe_thread *processor_find(
	const struct processor_threads *all, pid_t tid)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].tid == tid)
			return &all->v[i];
	return NULL;
}

/*
 * The kernel counts a wait for a processor when it is over, and one for a lock
 * of its own (processes that end give up what they share) never.  Who is ready
 * whenever somebody looks may be a thread that never rests: if it ran since it
 * was asked last, it has waited no longer than since then.
 */
static void processor_add_uncounted(struct sum *s,
				    const struct observe_thread *t)
{
	const struct observe_thread *last = processor_find(&s->p->ask, t->tid);

	if (!t->ready || !last || last->ran_us == t->ran_us)
		s->held |= t->ready || t->blocked;
	else
		s->waited += s->now.at - s->p->ask.at;
}

static void processor_add(void *ctx, const struct observe_thread *t)
{
	static const struct observe_thread none;
	struct sum *s = ctx;
	const struct processor_threads *look = &s->p->look;
	const struct observe_thread *then = processor_find(look, t->tid);

	if (then)
		s->seen[then - look->v] = true;
	else
		then = &none;
	s->made += then == &none;
	s->ran += t->ran_us - then->ran_us;
	s->waited += t->waited_us - then->waited_us;
	processor_add_uncounted(s, t);
	processor_keep(&s->now, t);
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
}

/*
 * A thread takes with it for how long it waited, and who waits for its end was
 * held up by that: a process of several, before it ends itself, or whoever has
 * to hear that one has ended.  So it is with what came and went since: the
 * programs that a script runs one after the other are seen by chance only.
 */
static bool processor_lost_threads(const struct sum *s)
{
	int64_t made = observe_made();

	for (size_t i = 0; i < s->p->look.n; i++)
		if (!s->seen[i])
			return true;
	return s->p->made >= 0 && made - s->p->made != s->made;
}

struct event_processor processor_had(struct processor *p)
{
	struct sum sum = { .p = p, .now.at = loop_now(p->task->loop) };
	int64_t waited = observe_waited_us();
	struct event_processor had = {
		.by = SHARE_BY_SCHEDSTAT,
		.took_us = sum.now.at - p->look.at,
		.owed = p->task->owed + processor_unread(p->instances),
	};

	processor_each(p, false, processor_add, &sum);
	p->ask = sum.now;
	had.state = sum.held ? SHARE_HELD : SHARE_FREE;
	had.cpu_us = sum.ran;
	had.waited_us = sum.waited;
	had.late_us =
		larger(waited - p->waited, loop_recent_lag(p->task->loop));
	had.disk_us = larger(observe_disk_waited_us() - p->disk, 0);
	/* Nor are its threads seen in a /proc of others. */
	if (waited < 0 || !observe_is_ours()) {
		processor_guess(p, &had);
	} else if (processor_lost_threads(&sum)) {
		bool pressure;
		int64_t now = observe_machine_waited_us(&pressure);

		had.waited_us = larger(had.waited_us, now - p->machine);
	}
	had.waited_us += p->blocked;
	return had;
}
