/*
 * sched.h - carry out many plans side by side.
 *
 * A worker per plan.  `jobs` bounds those that use the processor; a worker
 * that waits for time to pass says so and gives its place to another, so that
 * all windows of absence overlap.  The longest waits start first.  When the
 * caller is interrupted, or dies, all workers end and take their worlds with
 * them.
 */
#ifndef PTCHECK_RUN_SCHED_H
#define PTCHECK_RUN_SCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "harness/base/err.h"
#include "harness/case/case.h"
#include "harness/trace/trace.h"

struct launch {
	const struct plan *plan;
	int trace_fd;	    /* where the worker writes; owned */
	int pcap_fd;	    /* the same for packets, or -1 */
	char file[64];	    /* "traces/017.jsonl", or "" when in memory */
	struct trace trace; /* filled when it has ended */
	bool done;	    /* the trace could be read */
	char trouble[256];  /* why not, or why it is incomplete; "" fine */
};

struct sched {
	unsigned jobs;
	bool sandbox;
	const struct fswatch_filter *filter; /* see worker.h */
	struct rlimit nofile;		     /* for the transports */
	/* Called after each change; may be NULL. */
	void (*progress)(void *ctx, size_t done, size_t parked, size_t total);
	void *progress_ctx;
};

/*
 * Run all.  0, or -1: e->code is EINTR when SIGINT or SIGTERM came, and then
 * the launches that had ended are complete all the same.  The processor time
 * of all workers and what is below them is added to *cpu_us.
 */
int sched_run(const struct sched *s, struct launch *launches, size_t n,
	      int64_t *cpu_us, struct err *e);

#endif
