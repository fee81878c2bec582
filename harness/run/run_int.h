/*
 * run_int.h - the state of a run, shared by run.c, files.c and conclude.c.
 */
#ifndef PTCHECK_RUN_RUN_INT_H
#define PTCHECK_RUN_RUN_INT_H

#include "harness/case/case.h"
#include "harness/req/facts.h"
#include "harness/run/run.h"
#include "harness/run/sched.h"
#include "harness/run/verdicts.h"

#define RUN_NOTES 16

struct running {
	const struct run_opts *o;
	struct arena arena;
	double started;
	/* from the user's words and files */
	struct strings argv;	       /* as executed */
	const char *const *shown_argv; /* escaped */
	const char *sha256;
	struct target target;
	bool unnamed; /* no description, only probing */
	struct policy policy;
	struct cases cases;
	bool role[2];
	/* of this machine */
	bool sandbox;
	const char *sandbox_why, *work_root;
	struct fswatch_filter *filter; /* with a sandbox */
	struct rlimit nofile;
	/* found out */
	struct facts facts;
	struct pairs server_args; /* by transport */
	enum profile profile;
	const char *spec_why;
	/* done */
	struct launch *launches;
	size_t nlaunches, launches_cap;
	struct skip *skips;
	size_t nskips;
	const char *notes[RUN_NOTES];
	size_t nnotes;
	const char *stage;
};

/* --- conclude.c --- */

/* Monotonic. */
double run_seconds(void);
/* One sentence for all reports. */
void run_note(struct running *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What the launches so far left; in the run's arena. */
struct exhibit *run_exhibits(struct running *r);
/* Judge, and write run.json and report.json when evidence is kept. */
enum run_outcome run_conclude(struct running *r, struct result *out,
			      struct err *e);

#endif
