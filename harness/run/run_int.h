/*
 * run_int.h - the state of a run, shared by the files that carry it out:
 * run.c (the stages), files.c, launches.c, probing.c and judging.c.
 */
#ifndef PTCHECK_RUN_RUN_INT_H
#define PTCHECK_RUN_RUN_INT_H

#include "harness/case/case.h"
#include "harness/req/facts/facts.h"
#include "harness/run/run.h"
#include "harness/run/launch/sched.h"
#include "harness/run/verdicts/verdicts.h"

#define RUN_NOTES 16

struct running {
	const struct run_opts *o;
	struct arena arena;
	double started;
	char date[11];
	/* from the user's words and files */
	struct strings argv;	       /* as executed, */
	struct strings own_argv[2];    /* unless a role has its own */
	const char *const *shown_argv; /* escaped */
	const char *sha256;
	struct target target;
	bool unnamed; /* no description, only probing */
	struct policy policy;
	struct cases cases;
	bool role[2];
	bool lacks[2]; /* roles that probes found it not to have: nothing in
			  them is judged */
	/* of this machine */
	bool sandbox;
	const char *sandbox_why, *work_root;
	struct fswatch_filter *filter; /* with a sandbox */
	struct rlimit nofile;
	/* found out */
	struct facts facts;
	/* What servers print in ARGS and clients announce, by transport. */
	struct pairs server_args, announced;
	bool aimed; /* the client starts when it has a -target, not without */
	enum profile profile;
	const char *spec_why;
	/* done */
	struct launch *launches;
	size_t nlaunches, launches_cap;
	size_t nplanned; /* each with a directory of its own */
	/* Of the host, without a network namespace: the one to be tried, and
	 * where the kernel's own begin; 0: not asked yet. */
	unsigned next_port, ports_end;
	const struct plan **repeated; /* what --repeat makes again */
	size_t nrepeated;
	struct store store; /* of the traces */
	struct pool *pool;  /* of the last stage, that ends by and by */
	int64_t workers_us; /* processor time of their processes */
	struct skip *skips;
	size_t nskips;
	const char *notes[RUN_NOTES];
	size_t nnotes;
	const char *stage;
};

/* --- run.c --- */

/* @e gets the text; returns @o. */
enum run_outcome run_fail(enum run_outcome o, struct err *e, const char *fmt,
			  ...) __attribute__((format(printf, 3, 4)));

/* --- launches.c --- */

/* The plans of the probes, or of all other launches. */
int launches_plan(struct running *r, bool probing, struct plans *out,
		  struct err *e);
/* One more to be made. */
void launches_add(struct running *r, const struct plan *p);
/* A repeated launch is another one with a mark behind its id. */
const struct plan *launches_again(struct running *r, const struct plan *p,
				  const char *mark);
/* Make those from @first on; @stage is for the line of progress. */
enum run_outcome launches_run(struct running *r, size_t first,
			      const char *stage, struct err *e);
/* The same, one at a time. */
enum run_outcome launches_alone(struct running *r, size_t first, struct err *e);
/* Wait for what made launches, and sum up its processor time. */
void launches_wait(struct running *r);
/* Plan and make what was asked for: the second stage. */
enum run_outcome launches_all(struct running *r, struct err *e);
/* Read the trace of a launch that is done; the caller frees it. */
int launches_trace(const struct running *r, const struct launch *l,
		   struct trace *out);
/* The first of a probe, from @from on; or NULL. */
const struct launch *launches_find(const struct running *r, const char *probe,
				   enum role role, size_t from);

/* --- again.c --- */

/* Once more, alone, what a busy machine kept from telling something: probes
 * from launch @first on, before facts are taken from them; and, when all have
 * been made, those in which a judge had to say so. */
enum run_outcome again_probes(struct running *r, size_t first, struct err *e);
enum run_outcome again_launches(struct running *r, struct err *e);

/* --- probing.c --- */

/* Make the probes and take from them what they show: the first stage. */
enum run_outcome probing_run(struct running *r, struct err *e);

/* --- judging.c --- */

/* Monotonic. */
double run_seconds(void);
/* One sentence for all reports. */
void run_note(struct running *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* What the launches so far left; in the run's arena. */
struct launch_evidence *run_launch_evidence(struct running *r);
/* Of the launches that are marked, leave those in which a judge could not tell
 * because the machine was busy. */
void run_hindered(struct running *r, bool *marked);
/* Judge, and write run.json and report.json when evidence is kept. */
enum run_outcome run_judge(struct running *r, struct result *out,
			   struct err *e);

#endif
