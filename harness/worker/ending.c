/*
 * ending.c - the end of a launch, the same whatever the steps did: what is
 * left is ended as a parent does it, streams are drained, a look around shows
 * what stayed behind.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "harness/trace/view.h"
#include "harness/worker/parts.h"

/* Between closing stdin, SIGTERM and SIGKILL, in µs. */
#define HARDER_US 200000
/* How long a killed process may take to go.  It needs a processor for that,
 * and what all have mapped is unmapped by one after the other. */
#define KILL_US 240000000
/* How often the end looks for descendants that are still there. */
#define ORPHAN_POLL_US 20000

void ending_tell(struct worker *w, const char *how)
{
	struct task *t = &w->task;
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	rec(t, lag, .us = loop_lag(t->loop));
	rec(t, end, .how = span_str(how),
	    .children_cpu_us = w->instances.cpu_us,
	    .worker_cpu_us = spawn_cpu_us(&ru));
	recorder_flush(&t->rec);
}

void ending_abort(struct worker *w, const char *why)
{
	w->told = true;
	ending_tell(w, why);
	loop_stop(w->task.loop);
}

/* --- looking around --- */

/* Nothing of the transport is left, as far as this worker can see: pid 1 has a
 * child as long as there is a process besides it, in whatever session. */
static bool ending_nothing_left(const struct worker *w)
{
	siginfo_t si;

	return !w->task.job->sandbox ||
	       (waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT | __WALL) &&
		errno == ECHILD);
}

static void ending_last_look(struct worker *w, bool alone)
{
	const struct span after = SPAN("after");

	w->told = true;
	if (w->task.job->sandbox && alone) {
		/* Without a process there is no socket either: no need to
		 * ask the kernel for both. */
		rec(&w->task, snapshot, .in = after, .of = SPAN("sockets"));
		rec(&w->task, snapshot, .in = after, .of = SPAN("processes"));
	} else {
		snapshots_take(&w->snapshots, SNAPSHOT_SOCKETS, after);
		snapshots_take(&w->snapshots, SNAPSHOT_PROCESSES, after);
	}
	file_facts_end(&w->files);
	wire_end(&w->wire);
	ending_tell(w, "complete");
	loop_stop(w->task.loop);
}

/* Had descendants their time to follow their parent?  The specification says
 * nothing of them, so they have as long as a transport that has to end. */
static bool ending_waited(const struct worker *w,
			  const struct event_processor *had)
{
	int64_t limit = w->task.plan->head.limits.exit * 1000;

	return had->took_us >= limit * WORKER_STRETCH ||
	       (had->took_us >= limit && view_suffices(had, limit));
}

static void ending_tell_orphans(struct worker *w,
				const struct event_processor *had)
{
	struct task *t = &w->task;

	rec(t, limit, .limit = SPAN("follow"), .ms = t->plan->head.limits.exit);
	recorder_event(&t->rec, event_processor(*had));
	snapshots_orphans(&w->snapshots);
}

static void ending_see_orphans(void *ctx, unsigned what);

static void ending_look_around(struct worker *w)
{
	bool alone = ending_nothing_left(w);

	if (alone || !inst_all_ended_themselves(&w->instances))
		ending_last_look(w, alone);
	else if (!w->orphans)
		w->orphans = loop_after(w->task.loop, ORPHAN_POLL_US,
					ending_see_orphans, w);
}

/* The time of descendants begins when they are first seen here: most launches
 * end without any, and need not ask who had a processor. */
static void ending_see_orphans(void *ctx, unsigned what)
{
	struct worker *w = ctx;

	(void)what;
	w->orphans = NULL;
	if (w->has_orphans) {
		struct event_processor had = processor_had(&w->processor);

		if (ending_waited(w, &had)) {
			ending_tell_orphans(w, &had);
			ending_last_look(w, false);
			return;
		}
	} else {
		w->has_orphans = true;
		processor_look(&w->processor);
	}
	ending_look_around(w);
}

/* --- ending what is left --- */

static void ending_took_too_long(void *ctx, unsigned what)
{
	(void)what;
	ending_abort(ctx, "aborted: a killed process does not go away");
}

/* A parent closes stdin, asks, and kills (PT 2.0 3.3.3), with some time in
 * between. */
static void ending_harder(void *ctx, unsigned what)
{
	struct worker *w = ctx;
	bool more = false;

	(void)what;
	w->harder = NULL;
	for (size_t i = 0; i < w->instances.n; i++)
		more |= inst_end(&w->instances.v[i]);
	if (more)
		w->harder =
			loop_after(w->task.loop, HARDER_US, ending_harder, w);
}

/* What is left did not end, or say more, until now. */
static void ending_tell_share(struct worker *w)
{
	struct event_processor had = processor_had(&w->processor);

	recorder_event(&w->task.rec, event_processor(had));
}

void ending_begin(struct worker *w)
{
	w->ending = true;
	conns_close(&w->conns);
	listeners_close(&w->listeners);
	ending_harder(w, 0);
	if (w->harder)
		ending_tell_share(w);
	w->patience =
		loop_after(w->task.loop, KILL_US, ending_took_too_long, w);
	ending_go_on(w);
}

/* The end of a child is such a thing, too: so the last one is waited for, and
 * not asked after. */
void ending_go_on(struct worker *w)
{
	if (w->told || (!w->over && !inst_all_finished(&w->instances)))
		return;
	if (!w->over) {
		w->over = true;
		loop_drop(w->harder);
		loop_drop(w->patience);
	}
	ending_look_around(w);
}
