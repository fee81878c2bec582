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

struct processor {
	struct task *task;
	const struct instances *instances;
	/* at the last look */
	int64_t since, waited, machine;
	struct observe_thread v[PROCESSOR_THREADS];
	size_t n;
};

void processor_init(struct processor *p, struct task *t,
		    const struct instances *instances);

/* Count from now on. */
void processor_look(struct processor *p);
/* What there was since then.  The step of it is for the caller to fill in. */
struct event_processor processor_had(const struct processor *p);

#endif
