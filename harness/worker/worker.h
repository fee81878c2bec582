/*
 * worker.h - carry out one plan and write its trace.
 *
 * Runs in the process that sandbox_clone() made.  It starts the transport,
 * drains its streams for its whole life, goes through the steps, ends what is
 * left and exits.  It has no opinions: everything it sees becomes an event.
 */
#ifndef PTCHECK_WORKER_WORKER_H
#define PTCHECK_WORKER_WORKER_H

#include <sys/resource.h>

#include "harness/case/case.h"
#include "harness/sys/sandbox.h"
#include "harness/sys/fswatch.h"

/* What a worker says on its control descriptor, one byte each. */
enum {
	WORKER_IDLE = 'p', /* waits for time to pass: needs no processor */
	WORKER_BUSY = 'b', /* goes on */
	/* Waits for its transport, which has a processor, or would take one. */
	WORKER_READY = 'r',
	/* Its transport works, and had too little of the processors to tell how
	 * much: as long as this goes on, no other launch should begin. */
	WORKER_SHORT = 's',
};

/* So many times its deadline a step may take on a busy machine. */
#define WORKER_STRETCH 4

struct worker_job {
	const struct plan *plan;
	int trace_fd;	/* gets the trace */
	int pcap_fd;	/* gets the packets; -1: nobody wants them */
	int control_fd; /* see above; its end means: stop */
	bool sandbox;
	bool alone; /* made again: with room for every packet */
	/* For all launches without injections; NULL: files are not watched. */
	const struct fswatch_filter *filter;
	struct rlimit nofile; /* for the transport */
};

/* Exit status of the worker: 0, or 1 when the trace is not complete, or when the
 * transport may have changed settings of its network. */
int worker_main(void *job, const struct sandbox_state *state);

#endif
