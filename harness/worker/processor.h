/*
 * processor.h - what the transport and the worker got of the processors.
 *
 * That nothing came within a limit proves something only of a transport that
 * could run, and of a harness that had done its part.  Both are measured from
 * one look to the next, and told (event `processor`) behind what ended the
 * time: a limit, a window, what was waited for, the end of the case.
 */
#ifndef PTCHECK_WORKER_PROCESSOR_H
#define PTCHECK_WORKER_PROCESSOR_H

#include "harness/sys/observe.h"
#include "harness/worker/process/inst.h"

/* The waiting of threads beyond this number counts from their beginning. */
#define PROCESSOR_THREADS 256

struct processor_threads {
	int64_t at; /* when they were asked; µs of the launch */
	struct observe_thread v[PROCESSOR_THREADS];
	size_t n;
};

struct processor {
	struct task *task;
	const struct instances *instances;
	/* The kernel counts no waits for its own locks: somebody looks, now
	 * and then.  Since the last look at all, and when that was. */
	int64_t blocked, sampled, began;
	struct watch *sample;
	int64_t waited, machine, disk, made; /* at the last look */
	struct processor_threads look;
	/* When it was last asked what they had: is who could run then, and
	 * could now, still in the same wait? */
	struct processor_threads ask;
};

void processor_init(struct processor *p, struct task *t,
		    const struct instances *instances);

/* Count from now on. */
void processor_look(struct processor *p);
/* What there was since then.  The step of it is for the caller to fill in. */
/* Has one of its threads a processor, or does one wait for it, just now? */
bool processor_is_wanted(const struct processor *p);

struct event_processor processor_had(struct processor *p);

#endif
