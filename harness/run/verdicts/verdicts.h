/*
 * verdicts.h - stage 2: from traces to the verdicts of a run.  Pure: the same
 * traces, facts and policies give the same result, now or from stored
 * evidence.
 */
#ifndef PTCHECK_RUN_VERDICTS_H
#define PTCHECK_RUN_VERDICTS_H

#include "harness/case/case.h"
#include "harness/report/result.h"
#include "harness/report/scene/scene.h"
#include "harness/req/facts/facts.h"
#include "harness/req/core/policy.h"
#include "harness/run/launch/store.h"
#include "harness/run/select.h"
#include "harness/trace/trace.h"

/* What stands behind the id of a launch that was made again, and '~'. */
#define VERDICTS_ALONE "alone"

/* What a launch left. */
struct launch_evidence {
	struct stored trace; /* none: it could not be read */
	const char *file;    /* "traces/017.jsonl" or "" */
	struct span id;	     /* of the launch */
	struct strings aims;
	const char *trouble; /* "" when complete */
	bool helper;	     /* not judged, see struct plan */
	bool superseded;     /* by one that was made again, alone: what it could
				not tell, and what it is for as a probe, is left
				to that; what it alone broke is not sure */
	bool starved;	     /* waited for processors for long */
	bool mostly_starved; /* for much of the time that it took */
	bool limited;	     /* a limit passed */
};

struct verdict_env {
	const struct launch_evidence *launches;
	size_t n;
	const struct store *store; /* of the traces */
	const struct skip *skips;
	size_t nskips;
	struct policy policy;
	enum profile profile;
	const struct selection *selection;
	struct frame_source frames; /* no words: captures are not at hand */
	/* "ptcheck run --spec 2.0 [OPTIONS]" and " -- PT ARG...": the
	 * selection goes in between. */
	const char *repro_head, *repro_tail;
};

/* The facts that the probes among the launches show. */
void verdicts_facts(const struct launch_evidence *x, size_t n,
		    const struct store *store, struct facts *out);

/* Of the launches that are marked, leave those in which a judge could not tell
 * because the machine was busy, or that starved and either break a rule that no
 * other of them breaks, or, for much of their time, were made for one that none
 * of them tests, or that all leave open though a repetition may tell, and met a
 * limit. */
void verdicts_hindered(const struct verdict_env *env, bool *marked);

/* Fill rows and counts of @r (its arena is used); the rest is the caller's. */
void verdicts_judge(const struct verdict_env *env, struct result *r);

#endif
