/*
 * task.h - what all parts of a worker need: the plan that it carries out, the
 * loop, the trace, and somebody to tell when something has happened.
 *
 * Each part has a pointer to the one task, and to the other parts that it
 * uses; no part sees the worker as a whole.
 */
#ifndef PTCHECK_WORKER_TASK_H
#define PTCHECK_WORKER_TASK_H

#include "harness/case/case.h"
#include "harness/sys/loop.h"
#include "harness/worker/recorder.h"
#include "harness/worker/worker.h"

struct task {
	const struct worker_job *job;
	const struct plan *plan; /* that of the job */
	struct loop *loop;
	struct recorder rec;
	struct arena arena; /* for what is needed to the end */
	size_t step;	    /* index of the current one in the plan */
	/* The steps, and what clients are told: as planned, or as a server of
	 * this launch has it; see task_told(). */
	const struct step *steps;
	struct pairs settings;
	bool told;    /* a server of this launch has it */
	int64_t owed; /* bytes that go out by timers, and have not yet */
	/* See task_changed(). */
	void (*changed)(void *ctx);
	void *changed_ctx;
};

/* Record an event: rec(t, exit, .what = SPAN("pt"), .code = 1) */
#define rec(task, ...) recorder_event(&(task)->rec, EVENT(__VA_ARGS__))

/* Something happened: the current step may be through, or a launch ended.
 * Harmless at any time; the last thing that a function of the loop does. */
static inline void task_changed(struct task *t)
{
	t->changed(t->changed_ctx);
}

/* A server of T printed @args for its clients: what they are told from now on
 * is that, also where steps have it in their bytes. */
void task_told(struct task *t, struct span args);

/* The current step cannot be done here; @why NULL: it can. */
static inline void task_skipped(struct task *t, const char *why)
{
	if (why)
		rec(t, skipped, .reason = span_str(why),
		    .step = (int64_t)t->step + 1);
}

#endif
