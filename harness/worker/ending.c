/*
 * ending.c - the end of a launch, the same whatever the steps did: what is
 * left is ended as a parent does it, streams are drained, a look around shows
 * what stayed behind.
 */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "harness/trace/view.h"
#include "harness/worker/parts.h"

/* Between closing stdin, SIGTERM and SIGKILL, in µs. */
#define HARDER_US 200000
/* How long a killed process may take to go. */
#define KILL_US 20000000
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
	ending_tell(w, why);
	loop_stop(w->task.loop);
}

/* --- looking around --- */

/* Nothing of the transport is left, as far as this worker can see. */
static bool ending_nothing_left(const struct worker *w)
{
	/* As pid 1 this reaches every process but the caller. */
	return !w->task.job->sandbox || (kill(-1, 0) && errno == ESRCH);
}

static void ending_last_look(struct worker *w)
{
	const struct span after = SPAN("after");

	if (w->task.job->sandbox && ending_nothing_left(w)) {
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

static void ending_look_around(void *ctx, unsigned what)
{
	struct worker *w = ctx;
	struct event_processor had;

	(void)what;
	w->orphans = NULL;
	if (ending_nothing_left(w) ||
	    !inst_all_ended_themselves(&w->instances)) {
		ending_last_look(w);
		return;
	}
	had = processor_had(&w->processor);
	if (ending_waited(w, &had)) {
		ending_tell_orphans(w, &had);
		ending_last_look(w);
		return;
	}
	w->orphans =
		loop_after(w->task.loop, ORPHAN_POLL_US, ending_look_around, w);
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

void ending_go_on(struct worker *w)
{
	if (!w->patience || !inst_all_finished(&w->instances))
		return;
	loop_drop(w->harder);
	w->harder = NULL;
	loop_drop(w->patience);
	w->patience = NULL;
	processor_look(&w->processor);
	ending_look_around(w, 0);
}
