/* verdicts.c - see verdicts.h. */
#include "harness/run/verdicts/verdicts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/text.h"
#include "harness/req/facts/facts_learned.h"
#include "harness/run/verdicts/causes.h"
#include "harness/run/verdicts/keepers.h"
#include "harness/run/verdicts/pieces.h"
#include "harness/run/verdicts/views.h"

/* Rules that are roots, struct req. */
#define ROOTS_MAX 8

/* Where a rule was broken, so far; and was it left open where a repetition may
 * tell? */
struct breakers {
	const struct launch_evidence *first;
	size_t n;
	bool may_tell;
};

struct judging {
	const struct verdict_env *env;
	struct result *r;
	struct facts probed; /* what the probes tell */
	struct facts facts;  /* that, and what was learned */
	bool distrust;	     /* answers any name */
	bool *hindered; /* by launch: all that is to be found out, or NULL */
	/* Those that nobody selected: what was selected may not even begin
	 * for them. */
	struct result_row roots[ROOTS_MAX];
	size_t nroots;
	struct keepers *keepers;   /* by row, in @scratch; or NULL */
	struct breakers *breakers; /* the same */
	struct arena scratch;
	/* By role: the one that a plain launch breaks, or NULL. */
	const struct req *plain[2];
};

static void add_facts(void *ctx, const struct launch_evidence *x,
		      const struct view *v)
{
	if (!span_absent(v->head->probe) && !x->superseded)
		facts_add(ctx, v);
}

void verdicts_facts(const struct launch_evidence *x, size_t n,
		    const struct store *store, struct facts *out)
{
	*out = (struct facts){ 0 };
	views_each(x, n, store, PROFILE_10, add_facts, out);
}

/* --- one requirement --- */

/* What was made for a finding: that launch, by the name of what it repeats. */
static struct span name_of(const struct launch_evidence *x)
{
	return span_sub(x->id, 0, span_find(x->id, '~'));
}

/* The one command that repeats it; @x: the launch that is enough, or NULL. */
static const char *repro(struct judging *j, const struct req *req,
			 const struct launch_evidence *x)
{
	struct span id = x ? name_of(x) : span_str(NULL);

	if (!x)
		return arena_printf(&j->r->arena, "%s --select %s%s",
				    j->env->repro_head, req->id,
				    j->env->repro_tail);
	return arena_printf(&j->r->arena, "%s --select %s --launch '%.*s'%s",
			    j->env->repro_head, req->id, SPAN_ARG(id),
			    j->env->repro_tail);
}

static const char *reason(struct judging *j, const struct finding *f)
{
	struct arena *a = &j->r->arena;

	if (f->expected && f->seen)
		return arena_printf(a, "expected %s, saw %s", f->expected,
				    f->seen);
	return f->seen ? f->seen : "";
}

/* Is the finding the same by what the probes alone tell? */
static bool stands_alone(const struct judging *j, struct judge judge,
			 const struct finding *f)
{
	struct finding other = { 0 };

	judge.rf = &j->probed.role[judge.v->head->role];
	judge.out = &other;
	req_judge(&judge);
	return other.v == f->v;
}

/* What a judge works out goes with the view; a row has copies. */
static const char *keep(const struct judging *j, const char *text)
{
	return text ? arena_strdup(&j->r->arena, text) : NULL;
}

static void add_found(struct judging *j, struct result_row *row,
		      const struct launch_evidence *x, const struct finding *f)
{
	struct arena *a = &j->r->arena;
	struct finding kept = *f;

	if (f->v < V_WARN)
		return;
	/* What a judge works out goes with the view. */
	kept.seen = keep(j, f->seen);
	arena_grow(a, row->found, row->nfound, row->found_cap);
	row->found[row->nfound++] = (struct found){
		.launch = text_show(a, name_of(x), 200),
		.what = reason(j, &kept),
	};
}

/* What stands by itself comes before what follows from something. */
static int weight(enum verdict v, const char *caused_by)
{
	return 2 * (int)v - (caused_by != NULL);
}

/* Nothing was said of a launch that was made for it: was a step of it left
 * out?  The first such reason stays, unless there is a verdict after all. */
static void see_left_out(struct judging *j, struct result_row *row,
			 const struct launch_evidence *x, const struct view *v)
{
	const struct event *ev;

	if (row->verdict != V_NONE || row->reason[0] ||
	    !strings_has(&x->aims, span_str(row->req->id)))
		return;
	ev = view_event(v, EV_SKIPPED, NULL, 1);
	if (ev)
		row->reason = arena_printf(
			&j->r->arena, "a step was left out: %s",
			text_show(&j->r->arena, ev->skipped.reason, 300));
}

static const struct keepers *keepers_of(const struct judging *j,
					const struct result_row *row)
{
	const struct result *r = j->r;

	return j->keepers && row >= r->rows && row < r->rows + r->nrows
		       ? &j->keepers[row - r->rows]
		       : NULL;
}

/* What was seen once, while the machine was busy, and not again. */
static void doubt(struct judge *j)
{
	struct finding *f = j->out;
	const char *why = arena_printf(
		j->a,
		"in a launch that had too little of the processors, and not in "
		"a second one, alone: expected %s, saw %s",
		f->expected ? f->expected : "nothing of the kind",
		f->seen ? f->seen : "it");

	f->v = V_INCONCLUSIVE;
	f->expected = NULL;
	f->seen = why;
}

/* @x was made once more, alone: is what it left open for that one to tell? */
static bool is_told_again(const struct judging *j, const struct result_row *row,
			  const struct launch_evidence *x,
			  const struct finding *f)
{
	return f->hindered ||
	       (f->v == V_INCONCLUSIVE &&
		keepers_have_again(keepers_of(j, row), j->env->launches, x));
}

/* @cause: the root that the launch breaks, or NULL.  What it says of it. */
static struct finding judge_on(struct judging *j, struct result_row *row,
			       const struct launch_evidence *x,
			       struct judge judge, const struct req *cause)
{
	const struct view *v = judge.v;
	struct finding f = { 0 };
	const char *caused_by = NULL;
	int more;

	judge.req = row->req;
	judge.out = &f;
	req_judge(&judge);
	if (j->hindered)
		j->hindered[x - j->env->launches] |= f.hindered;
	if (f.v == V_NONE)
		see_left_out(j, row, x, v);
	if (f.v == V_NONE || (x->superseded && is_told_again(j, row, x, &f)))
		return (struct finding){ 0 };
	if (x->superseded && f.v >= V_WARN &&
	    keepers_have_again(keepers_of(j, row), j->env->launches, x))
		doubt(&judge);
	row->traces++;
	if (cause && cause != row->req && cause_explains(v, &f))
		caused_by = cause->id;
	more = weight(f.v, caused_by) - weight(row->verdict, row->caused_by);
	if (more < 0)
		return f;
	if (more > 0) {
		row->verdict = f.v;
		row->caused_by = caused_by;
		row->nevidence = 0;
		row->nfound = 0;
		row->expected = f.expected = keep(j, f.expected);
		row->seen = f.seen = keep(j, f.seen);
		row->reason = reason(j, &f);
		row->repro = "";
		if (f.v != V_PASS)
			row->repro =
				repro(j, row->req,
				      stands_alone(j, judge, &f) ? x : NULL);
	}
	pieces_add(j->env, &j->r->arena, row, x, v->tr, &f);
	add_found(j, row, x, &f);
	return f;
}

/* Nothing said anything: why? */
static void judge_without_trace(struct judging *j, struct result_row *row)
{
	const struct verdict_env *env = j->env;
	struct arena *a = &j->r->arena;

	row->verdict = V_UNTESTED;
	if (!row->reason[0])
		row->reason = "nothing in this run triggered it";
	for (size_t i = 0; i < env->nskips; i++) {
		const struct skip *s = &env->skips[i];

		if (!strings_has(&s->aims, span_str(row->req->id)))
			continue;
		row->verdict = s->feature   ? V_NA
			       : s->unasked ? V_UNTESTED
					    : V_INCONCLUSIVE;
		row->reason = text_show(a, s->reason, 300);
		if (!s->feature)
			return;
	}
}

/* What was found does not count: nothing of it stays in the row. */
static void unsettle(struct result_row *row, const char *why)
{
	row->verdict = V_INCONCLUSIVE;
	row->caused_by = NULL;
	row->nevidence = row->nfound = 0;
	row->expected = row->seen = NULL;
	row->reason = why;
}

/* A launch that was meant for it is missing or cut short. */
static void see_trouble(struct judging *j, struct result_row *row)
{
	const struct verdict_env *env = j->env;

	for (size_t i = 0; i < env->n; i++) {
		const struct launch_evidence *x = &env->launches[i];

		if (!x->trouble[0] || x->superseded ||
		    row->verdict >= V_INCONCLUSIVE ||
		    !strings_has(&x->aims, span_str(row->req->id)))
			continue;
		unsettle(row,
			 arena_printf(&j->r->arena, "harness trouble in %s: %s",
				      text_show(&j->r->arena, x->id, 100),
				      x->trouble));
		row->repro = repro(j, row->req, x);
	}
}

static bool is_judged(const struct judging *j, const struct req *r)
{
	return r->judge && req_is_in(r, j->env->profile);
}

/* A row that no trace can say anything about. */
static void leave_out(struct judging *j, struct result_row *row)
{
	if (row->req->judge) {
		row->verdict = V_NA;
		row->reason = j->env->profile == PROFILE_10 ? "not in PT 1.0"
							    : "only in PT 1.0";
		return;
	}
	row->verdict = row->req->dflt == V_NA ? V_NA : V_UNTESTED;
	row->reason = row->req->dflt == V_NA
			      ? "a gate or not observable: never judged"
			      : "not covered by this version";
}

/* All traces have been seen. */
static void finish_row(struct judging *j, struct result_row *row)
{
	if (row->verdict == V_NONE)
		judge_without_trace(j, row);
	see_trouble(j, row);
	/* What went wrong did so whatever its name. */
	if (j->distrust && (row->verdict == V_PASS || row->verdict == V_INFO)) {
		unsettle(row, "not believed: the transport answers a random "
			      "name with a method line");
	}
}

static void select_rows(struct judging *j)
{
	struct result *r = j->r;
	size_t cap = 0;

	for_reqs (req) {
		struct result_row row = { .req = req,
					  .reason = "",
					  .repro = "" };

		if (!select_has(j->env->selection, req)) {
			if (req->root && j->nroots < ROOTS_MAX &&
			    !select_skips(j->env->selection, req))
				j->roots[j->nroots++] = row;
			continue;
		}
		arena_grow(&r->arena, r->rows, r->nrows, cap);
		r->rows[r->nrows++] = row;
	}
}

/* Did something that was selected come to nothing, or worse, for it? */
static bool is_missed(const struct judging *j, const struct result_row *root)
{
	for (size_t i = 0; i < j->r->nrows; i++) {
		const struct result_row *row = &j->r->rows[i];

		if (row->verdict == V_UNTESTED ||
		    (row->caused_by &&
		     strcmp(row->caused_by, root->req->id) == 0))
			return true;
	}
	return false;
}

/* Add it where it belongs in the catalogue. */
static void add_root(struct judging *j, const struct result_row *root)
{
	struct result *r = j->r;
	struct result_row *rows =
		arena_alloc(&r->arena, (r->nrows + 1) * sizeof(*rows));
	size_t i = 0, n = 0;

	for_reqs (req) {
		if (req == root->req)
			rows[n++] = *root;
		else if (i < r->nrows && r->rows[i].req == req)
			rows[n++] = r->rows[i++];
	}
	r->rows = rows;
	r->nrows = n;
}

static void add_roots(struct judging *j)
{
	bool missed[ROOTS_MAX] = { false };

	for (size_t i = 0; i < j->nroots; i++)
		missed[i] = j->roots[i].verdict == V_FAIL &&
			    is_missed(j, &j->roots[i]);
	for (size_t i = 0; i < j->nroots; i++)
		if (missed[i])
			add_root(j, &j->roots[i]);
}

static struct judge judge_for(const struct judging *j, const struct view *v)
{
	return (struct judge){
		.v = v,
		.facts = &j->facts,
		.rf = &j->facts.role[v->head->role],
		.policy = &j->env->policy,
		.a = v->a,
	};
}

static bool is_control(const struct view *v)
{
	return span_eqs(v->head->probe, "control");
}

/* What judging needs from all traces. */
static void learn_from(void *ctx, const struct launch_evidence *x,
		       const struct view *v)
{
	struct judging *j = ctx;

	add_facts(&j->probed, x, v);
	add_facts(&j->facts, x, v);
	if (x->superseded)
		return;
	learn(&j->facts.role[v->head->role], v);
	if (is_control(v) && !j->plain[v->head->role])
		j->plain[v->head->role] = cause_of(judge_for(j, v), NULL);
}

static void note_verdict(struct judging *j, size_t row,
			 const struct launch_evidence *x, struct finding f)
{
	size_t number = (size_t)(x - j->env->launches);
	enum verdict v = f.v;

	if (v == V_PASS && j->keepers && !x->superseded)
		keepers_add(&j->keepers[row], &j->scratch, number);
	if (v >= V_WARN && v != V_INCONCLUSIVE && j->breakers &&
	    j->breakers[row].n++ == 0)
		j->breakers[row].first = x;
	if (v == V_INCONCLUSIVE && j->breakers)
		j->breakers[row].may_tell |= !f.lasting;
}

/* All requirements on one trace. */
static void judge_trace(void *ctx, const struct launch_evidence *x,
			const struct view *v)
{
	struct judging *j = ctx;
	const struct judge judge = judge_for(j, v);
	const struct req *cause = cause_of(judge, j->plain[v->head->role]);

	for (size_t k = 0; k < j->r->nrows; k++)
		if (is_judged(j, j->r->rows[k].req))
			note_verdict(
				j, k, x,
				judge_on(j, &j->r->rows[k], x, judge, cause));
	if (!cause && !is_control(v))
		return;
	for (size_t k = 0; k < j->nroots; k++)
		if (is_judged(j, j->roots[k].req))
			judge_on(j, &j->roots[k], x, judge, cause);
}

/* --- to be compared --- */

struct comparing {
	struct judging *j;
	struct result_row *row;
};

static void show_kept(void *ctx, const struct launch_evidence *x,
		      const struct view *v)
{
	struct comparing *c = ctx;
	struct judge judge = judge_for(c->j, v);
	struct finding f = { 0 };
	struct evidence *ev;

	judge.req = c->row->req;
	judge.out = &f;
	req_judge(&judge);
	if (f.v != V_PASS)
		return;
	ev = arena_alloc(&c->j->r->arena, sizeof(*ev));
	piece_make(c->j->env, &c->j->r->arena, ev, x, v->tr, &f, true);
	c->row->kept = ev;
}

/* With the launch most like the one that broke it. */
static void compare(struct judging *j, struct result_row *row,
		    const struct keepers *k)
{
	const struct verdict_env *env = j->env;
	struct comparing c = { j, row };
	const struct launch_evidence *best;

	if (row->verdict < V_WARN || row->verdict == V_INCONCLUSIVE ||
	    !row->nevidence || !row->nfound)
		return;
	best = keepers_most_like(k, env->launches,
				 span_str(row->evidence[0].launch));
	if (best)
		views_each(best, 1, env->store, env->profile, show_kept, &c);
}

/* Those of the launches that are @marked, or all. */
static void judge_traces(struct judging *j, bool superseded, const bool *marked)
{
	const struct verdict_env *env = j->env;

	for (size_t i = 0; i < env->n; i++)
		if (env->launches[i].superseded == superseded &&
		    (!marked || marked[i]))
			views_each(&env->launches[i], 1, env->store,
				   env->profile, judge_trace, j);
}

/* Nobody shows whether @row is kept: who starved may, if nothing else hinders. */
static void mark_silent(struct judging *j, const struct result_row *row,
			bool may_tell, const bool *marked)
{
	const struct verdict_env *env = j->env;

	if (row->verdict != V_NONE &&
	    !(row->verdict == V_INCONCLUSIVE && may_tell))
		return;
	for (size_t i = 0; i < env->n; i++) {
		const struct launch_evidence *x = &env->launches[i];

		if (marked[i] && x->mostly_starved &&
		    (x->limited || row->verdict == V_NONE) &&
		    strings_has(&x->aims, span_str(row->req->id)))
			j->hindered[i] = true;
	}
}

void verdicts_hindered(const struct verdict_env *env, bool *marked)
{
	struct result scratch = { 0 };
	struct judging j = { .env = env, .r = &scratch };

	select_rows(&j);
	views_each(env->launches, env->n, env->store, env->profile, learn_from,
		   &j);
	j.hindered = arena_alloc(&scratch.arena, env->n + 1);
	memset(j.hindered, 0, env->n + 1);
	j.breakers = arena_alloc(&scratch.arena,
				 (scratch.nrows + 1) * sizeof(*j.breakers));
	judge_traces(&j, false, marked);
	for (size_t i = 0; i < scratch.nrows; i++) {
		const struct breakers *b = &j.breakers[i];

		if (b->n == 1 && b->first->starved)
			j.hindered[b->first - env->launches] = true;
		mark_silent(&j, &scratch.rows[i], b->may_tell, marked);
	}
	memcpy(marked, j.hindered, env->n);
	arena_fini(&scratch.arena);
}

void verdicts_judge(const struct verdict_env *env, struct result *r)
{
	struct judging j = { .env = env, .r = r };

	select_rows(&j);
	views_each(env->launches, env->n, env->store, env->profile, learn_from,
		   &j);
	j.keepers =
		arena_alloc(&j.scratch, (r->nrows + 1) * sizeof(*j.keepers));
	for (int role = 0; role < 2; role++)
		j.distrust |= j.probed.role[role].answers_any_name;
	/* Those that were made again last: what the second one kept. */
	judge_traces(&j, false, NULL);
	judge_traces(&j, true, NULL);
	for (size_t i = 0; i < r->nrows; i++) {
		struct result_row *row = &r->rows[i];

		if (is_judged(&j, row->req))
			finish_row(&j, row);
		else
			leave_out(&j, row);
		compare(&j, row, &j.keepers[i]);
	}
	arena_fini(&j.scratch);
	add_roots(&j);
	for (size_t i = 0; i < r->nrows; i++)
		r->count[r->rows[i].verdict]++;
}
