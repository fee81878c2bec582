/*
 * keepers.h - the launches in which a rule was kept: what the one that broke it
 * is compared with.
 */
#ifndef PTCHECK_RUN_VERDICTS_KEEPERS_H
#define PTCHECK_RUN_VERDICTS_KEEPERS_H

#include "harness/run/verdicts/verdicts.h"
#include "parent/base/arena.h"

struct keepers {
	uint32_t *
		v; /* their numbers among the launches of the run, in an arena */
	size_t n, cap;
};

void keepers_add(struct keepers *k, struct arena *a, size_t number);

/* Did the launch that was made for @x once more, alone, keep the rule?  @k may
 * be NULL. */
bool keepers_have_again(const struct keepers *k,
			const struct launch_evidence *launches,
			const struct launch_evidence *x);

/* The first of those that are most like the launch @id; or NULL. */
const struct launch_evidence *keepers_most_like(
	const struct keepers *k, const struct launch_evidence *launches,
	struct span id);

#endif
