/*
 * sched.h - carry out many plans side by side.
 *
 * A worker per plan.  `jobs` bounds those that use the processor; a worker
 * that waits for time to pass says so and gives its place to another, so that
 * all windows of absence overlap.  In which order they begin: order.h.  When the
 * caller is interrupted, or dies, all workers end and take their worlds with
 * them.
 */
#ifndef PTCHECK_RUN_LAUNCH_SCHED_H
#define PTCHECK_RUN_LAUNCH_SCHED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "parent/base/err.h"
#include "harness/case/case.h"
#include "harness/run/launch/pool.h"
#include "harness/run/launch/store.h"

struct launch {
	const struct plan *plan;
	int trace_fd;	 /* where the worker writes, while there is one */
	int pcap_fd;	 /* the same for packets, or -1 */
	char file[64];	 /* "traces/017.jsonl", or "" when in memory */
	bool superseded; /* one that was made again, alone, decides */
	bool unaided;	 /* the client lacked what its mode takes: not judged */
	bool done;	 /* its trace could be read, and: */
	bool busy;	 /* it, or the harness, was held up at all */
	bool limited;	 /* a limit passed */
	struct stored trace;
	int64_t waited_us; /* for time to pass: windows, limits that passed */
	int64_t held_us;   /* it, or the harness, waited for a processor */
	int64_t lasted_us; /* from its beginning to its end */
	int64_t child_us;  /* processor time of the transports */
	char trouble[256]; /* why not, or why it is incomplete; "" fine */
};

struct sched {
	unsigned jobs;
	bool alone; /* one at a time, and only such beside it as wait */
	bool sandbox;
	const struct fswatch_filter *filter; /* see worker.h */
	struct rlimit nofile;		     /* for the transports */
	struct store *store;		     /* gets the traces */
	/* Opens the files of a launch just before it is made; sched_run()
	 * closes them behind it. */
	int (*open_files)(void *ctx, struct launch *l, struct err *e);
	void *files_ctx;
	/* Called after each change; may be NULL. */
	void (*progress)(void *ctx, size_t done, size_t idle, size_t total);
	void *progress_ctx;
};

/*
 * Run all.  0, or -1: e->code is EINTR when SIGINT or SIGTERM came, and then
 * the launches that had ended are complete all the same.  *pool, or NULL, is
 * where they were made: it is ending, and the caller frees it.
 */
int sched_run(const struct sched *s, struct launch *launches, size_t n,
	      struct pool **pool, struct err *e);

#endif
