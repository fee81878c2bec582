/*
 * judging.c - the end of a run: its record, the verdicts, the evidence; and
 * the same verdicts again from stored evidence.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "parent/base/text.h"
#include "harness/run/evidence/evidence.h"
#include "harness/run/evidence/record.h"
#include "harness/run/files.h"
#include "harness/run/frames/frames.h"
#include "harness/run/run_int.h"
#include "harness/run/verdicts/verdicts.h"
#include "harness/sys/spawn.h"

/* A transport gives many a thing a second or two. */
#define STARVED_US 1000000
/* So much of it is what may have hindered all of a launch. */
#define STARVED_PART 8

double run_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void run_note(struct running *r, const char *fmt, ...)
{
	va_list ap;

	if (r->nnotes == RUN_NOTES)
		return;
	va_start(ap, fmt);
	r->notes[r->nnotes++] = arena_vprintf(&r->arena, fmt, ap);
	va_end(ap);
}

struct launch_evidence *run_launch_evidence(struct running *r)
{
	struct launch_evidence *x =
		arena_alloc(&r->arena, (r->nlaunches + 1) * sizeof(*x));

	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct launch *l = &r->launches[i];

		x[i] = (struct launch_evidence){
			.trace = l->done ? l->trace : (struct stored){ 0 },
			.file = l->file,
			.id = l->plan->head.id,
			.aims = l->plan->head.aims,
			.trouble = l->trouble,
			.helper = l->plan->helper || l->unaided ||
				  r->lacks[l->plan->head.role],
			.superseded = l->superseded,
			.starved = l->held_us > STARVED_US,
			.mostly_starved = l->held_us > STARVED_US &&
					  l->held_us >
						  l->lasted_us / STARVED_PART,
			.limited = l->limited,
		};
	}
	return x;
}

/* The longest that one launch waited for time to pass: its windows and the
 * limits that passed, or what it was planned to, pauses and idle times too. */
static double longest_wait(const struct running *r)
{
	int64_t longest = 0;

	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct launch *l = &r->launches[i];
		int64_t planned = l->done ? l->plan->natural_ms * 1000 : 0;

		if (l->waited_us > longest)
			longest = l->waited_us;
		if (planned > longest)
			longest = planned;
	}
	return (double)longest / 1e6;
}

static struct result_timing timing(const struct running *r)
{
	struct result_timing t = {
		.wall_s = run_seconds() - r->started,
		.longest_wait_s = longest_wait(r),
		.launches = r->nlaunches,
		.date = r->date,
	};
	int64_t children = 0;
	struct rusage ru;

	for (size_t i = 0; i < r->nlaunches; i++)
		children += r->launches[i].child_us;
	getrusage(RUSAGE_SELF, &ru);
	t.child_cpu_s = (double)children / 1e6;
	t.harness_cpu_s =
		(double)(r->workers_us - children + spawn_cpu_us(&ru)) / 1e6;
	return t;
}

static void fill_record(struct running *r, struct run_record *rr)
{
	const char **notes =
		arena_alloc(&r->arena, (RUN_NOTES + 1) * sizeof(*notes));

	memcpy(notes, r->notes, r->nnotes * sizeof(*notes));
	*rr = (struct run_record){
		.version = PTCHECK_VERSION,
		.argv = r->shown_argv,
		.sha256 = r->sha256,
		.spec_why = r->spec_why,
		.profile = r->profile,
		.role = { r->role[0], r->role[1] },
		.policy = r->policy,
		.sandbox = r->sandbox,
		.sandbox_why = r->sandbox_why ? r->sandbox_why : "",
		.repro_head = files_repro_head(r),
		.repro_tail = files_repro_tail(r),
		.shard = r->o->shards > 1
				 ? arena_printf(&r->arena, "%u/%u", r->o->shard,
						r->o->shards)
				 : NULL,
		.part = run_part_of_launches(r->o),
		.notes = notes,
		.terms = r->o->selection.terms,
		.skip_terms = r->o->selection.skips,
		.nterms = r->o->selection.nterms,
		.nskip_terms = r->o->selection.nskips,
		.skips = r->skips,
		.nskips = r->nskips,
		.launches = run_launch_evidence(r),
		.nlaunches = r->nlaunches,
		.store = r->store,
	};
}

static const char *const *copy_words(struct arena *a, const char *const *words)
{
	const char **copy;
	size_t n = 0;

	while (words[n])
		n++;
	copy = arena_alloc(a, (n + 1) * sizeof(*copy));
	for (size_t i = 0; i < n; i++)
		copy[i] = arena_strdup(a, words[i]);
	return copy;
}

/* What of a whole run is not in it. */
static void take_part(const struct run_record *rr, const struct selection *sel,
		      struct result *out)
{
	const char *part = rr->shard ? "--shard" : rr->part;

	/* A role is tested as a whole. */
	out->part_of_launches = part && strcmp(part, "--role") != 0;
	if (!part)
		part = sel->nterms ? "--select" : sel->nskips ? "--skip" : NULL;
	out->part = part ? arena_strdup(&out->arena, part) : NULL;
}

static void take_timing(const struct result_timing *t, struct result *out)
{
	out->timing = *t;
	if (t->date)
		out->timing.date = arena_strdup(&out->arena, t->date);
}

/* Stage 2, the same for a run and for stored evidence; @dir: where that is, or
 * NULL. */
static void judge_record(const struct run_record *rr, const char *dir,
			 const struct selection *sel, struct result *out)
{
	struct frames_dir frames;
	struct verdict_env env = {
		.launches = rr->launches,
		.n = rr->nlaunches,
		.store = &rr->store,
		.skips = rr->skips,
		.nskips = rr->nskips,
		.policy = rr->policy,
		.profile = rr->profile,
		.selection = sel,
		.frames = frames_source(&frames, dir),
		.repro_head = rr->repro_head,
		.repro_tail = rr->repro_tail,
	};
	struct arena *a = &out->arena;

	verdicts_judge(&env, out);
	frames_dir_fini(&frames);
	out->version = arena_strdup(a, rr->version);
	out->sha256 = arena_strdup(a, rr->sha256);
	out->spec = profile_name(rr->profile);
	out->spec_why = arena_strdup(a, rr->spec_why);
	memcpy(out->role, rr->role, sizeof(out->role));
	take_timing(&rr->timing, out);
	take_part(rr, sel, out);
	out->argv = copy_words(a, rr->argv);
	out->notes = copy_words(a, rr->notes);
}

void run_hindered(struct running *r, bool *marked)
{
	const struct verdict_env env = {
		.launches = run_launch_evidence(r),
		.n = r->nlaunches,
		.store = &r->store,
		.policy = r->policy,
		.profile = r->profile,
		.selection = &r->o->selection,
	};

	verdicts_hindered(&env, marked);
}

enum run_outcome run_judge(struct running *r, struct result *out, struct err *e)
{
	struct run_record rr;
	struct buf json = BUF_MAX(64u << 20);
	int rc = 0;

	for (int role = 0; role < 2; role++)
		if (r->facts.role[role].answers_any_name)
			run_note(
				r,
				"As %s it answers a random name with a method "
				"line: nothing but what goes wrong is believed.",
				role_name((enum role)role));
	fill_record(r, &rr);
	*out = (struct result){ 0 };
	judge_record(&rr, r->o->out_dir, &r->o->selection, out);
	/* Last, as processes end while this one judges. */
	launches_wait(r);
	rr.timing = timing(r);
	take_timing(&rr.timing, out);
	if (r->o->out_dir) {
		out->out_dir = arena_strdup(&out->arena, r->o->out_dir);
		record_to_json(&rr, &json);
		rc = evidence_write(r->o->out_dir, "run.json", buf_span(&json),
				    e);
		buf_reset(&json);
		report_find("json")->write(out, &json);
		if (rc == 0)
			rc = evidence_write(r->o->out_dir, "report.json",
					    buf_span(&json), e);
	}
	buf_fini(&json);
	if (rc == 0)
		return RUN_DONE;
	result_fini(out);
	return RUN_ENVIRONMENT;
}

enum run_outcome run_judge_dir(const char *dir,
			       const struct selection *selection,
			       struct result *out, struct err *e)
{
	struct selection stored = { 0 };
	struct run_record rr;

	if (record_load(dir, &rr, e))
		return RUN_BAD_INPUT;
	stored.terms = rr.terms;
	stored.nterms = rr.nterms;
	stored.skips = rr.skip_terms;
	stored.nskips = rr.nskip_terms;
	*out = (struct result){ 0 };
	judge_record(&rr, dir,
		     selection->nterms || selection->nskips ? selection
							    : &stored,
		     out);
	out->out_dir = arena_strdup(&out->arena, dir);
	record_fini(&rr);
	return RUN_DONE;
}

void result_fini(struct result *r)
{
	struct arena a = r->arena;

	*r = (struct result){ 0 };
	arena_fini(&a);
}
