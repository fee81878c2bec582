/*
 * run.h - a whole run: probes, plan, launches, control again, verdicts.
 */
#ifndef PTCHECK_RUN_RUN_H
#define PTCHECK_RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/err.h"
#include "harness/report/result.h"
#include "harness/req/core/policy.h"
#include "harness/run/select.h"

/* How long a tunnel is left alone, in ms: longer than most time-outs that are
 * mistaken for those of a dead peer; and where time does not matter. */
#define IDLE_MS 12000
#define IDLE_SLOW_MS 65000

enum run_spec { RUN_AUTO, RUN_10, RUN_20 };

struct run_opts {
	char *const *argv;	/* the transport's command line */
	int argc;		/* 0: each role has its own program */
	const char *program[2]; /* by enum role: that, "PROG [ARG...]";
				     NULL: the target's, or argv */
	enum run_spec spec;
	bool role[2];		 /* by enum role: wanted */
	const char *target_file; /* NULL: built-in, or by names */
	const char *transports;	 /* NULL or "a,b" */
	const char *cases_dir;	 /* NULL: built-in */
	struct selection selection;
	const char *launch;  /* globs of launch ids; NULL: all */
	const char *out_dir; /* NULL: evidence stays in memory */
	unsigned jobs;
	unsigned shard, shards; /* 1/1: everything */
	unsigned repeat;
	uint64_t seed;
	double multiplier;
	bool no_sandbox, require_sandbox, slow;
	struct policy policy;
	bool policy_set[P_COUNT]; /* given by hand: beats the target's */
	struct limits limits;	  /* ms, before the multiplier */
	bool progress;		  /* a line on stderr */
};

/* What a run comes to, beside its verdicts. */
enum run_outcome {
	RUN_DONE,
	RUN_BAD_INPUT,	 /* of the user: exit 2 */
	RUN_ENVIRONMENT, /* harness, environment, no transport: exit 4 */
	RUN_INTERRUPTED, /* exit 130 */
};

void run_opts_init(struct run_opts *o);

/* The default limits by name ("init", ...), in seconds; -1: no such name or
 * no such number. */
int run_set_limit(struct run_opts *o, struct span name, struct span value,
		  struct err *e);

/* The option by which launches are left out, beside --shard; NULL: none are. */
const char *run_part_of_launches(const struct run_opts *o);

/*
 * Carry out the run.  SIGINT, SIGTERM and SIGHUP interrupt it, after which
 * nothing of it is left but evidence.  @r is filled when RUN_DONE (and then owns itself:
 * result_fini); else @e says why in one line.
 */
enum run_outcome run_execute(const struct run_opts *o, struct result *r,
			     struct err *e);

/* The same verdicts from a directory that --out made, nothing launched.
 * @selection may narrow what was selected then. */
enum run_outcome run_judge_dir(const char *dir,
			       const struct selection *selection,
			       struct result *r, struct err *e);

void result_fini(struct result *r);

#endif
