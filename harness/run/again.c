/*
 * again.c - launches that a busy machine kept from showing what they were made
 * for: they are made once more, one at a time, when all others are over.
 *
 * What could not be told is left to the second one, be it that no launch says
 * anything of a rule that one which waited for processors for long was made
 * for.  What was found out in spite of that still counts; but where a launch
 * that waited for long is the only one that breaks a rule, it is made once more
 * as well, and what it broke and the second one keeps is open: no judge
 * foresees everything that want of processors may do.
 */
#include "harness/run/run_int.h"

/* A machine so busy that more than this suffer decides little: the run has to
 * come to its end. */
#define AGAIN_MAX 32

/* --- which --- */

/* Its worker ended without a whole trace; a stop is nothing of the machine. */
static bool was_cut(const struct launch *l)
{
	return !l->done || l->trouble[0];
}

/* A limit passed that says nothing: for what is asked before there are judges
 * and facts. */
static bool has_empty_limit(const struct running *r, const struct launch *l)
{
	struct arena a = { 0 };
	struct trace t;
	struct view v;
	bool any = false;

	if (launches_trace(r, l, &t))
		return false;
	view_init(&v, &t, &a);
	for (size_t i = 0; i < t.nev; i++)
		any |= t.ev[i].kind == EV_LIMIT &&
		       view_hindered(&v, &t.ev[i], t.ev[i].limit.ms);
	arena_fini(&a);
	trace_fini(&t);
	return any;
}

/* --- once more --- */

/* Those from @first on that are marked in @held. */
static enum run_outcome again_marked(struct running *r, size_t first,
				     const bool *held, struct err *e)
{
	size_t old = r->nlaunches, n = 0, left = 0;

	for (size_t i = first; i < old; i++) {
		if (!held[i])
			continue;
		if (n == AGAIN_MAX) {
			left++;
			continue;
		}
		n++;
		launches_add(r, launches_again(r, r->launches[i].plan,
					       VERDICTS_ALONE));
		r->launches[i].superseded = true;
	}
	if (n)
		run_note(
			r,
			"The machine was busy: %zu launch%s made again, alone, "
			"for what the first try left open.",
			n, n == 1 ? " was" : "es were");
	if (left)
		run_note(r, "%zu more would have needed it.", left);
	return n ? launches_alone(r, old, e) : RUN_DONE;
}

enum run_outcome again_probes(struct running *r, size_t first, struct err *e)
{
	bool *held = arena_alloc(&r->arena, r->nlaunches + 1);

	for (size_t i = first; i < r->nlaunches; i++)
		held[i] = was_cut(&r->launches[i]) ||
			  has_empty_limit(r, &r->launches[i]);
	return again_marked(r, first, held, e);
}

enum run_outcome again_launches(struct running *r, struct err *e)
{
	bool *held = arena_alloc(&r->arena, r->nlaunches + 1);
	bool any = false;

	for (size_t i = 0; i < r->nlaunches; i++) {
		const struct launch *l = &r->launches[i];

		held[i] = l->busy && !l->superseded;
		any |= held[i];
	}
	if (any)
		run_hindered(r, held);
	for (size_t i = 0; i < r->nlaunches; i++)
		held[i] |= was_cut(&r->launches[i]) &&
			   !r->launches[i].unaided &&
			   !r->launches[i].superseded;
	return again_marked(r, 0, held, e);
}
