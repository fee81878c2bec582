/* keepers.c - see keepers.h. */
#include "harness/run/verdicts/keepers.h"

#include "harness/run/verdicts/alike.h"

void keepers_add(struct keepers *k, struct arena *a, size_t number)
{
	arena_grow(a, k->v, k->n, k->cap);
	k->v[k->n++] = (uint32_t)number;
}

bool keepers_have_again(const struct keepers *k,
			const struct launch_evidence *launches,
			const struct launch_evidence *x)
{
	for (size_t i = 0; k && i < k->n; i++) {
		struct span id = launches[k->v[i]].id;

		if (span_starts(id, x->id) &&
		    span_eqs(span_sub(id, x->id.n, id.n), "~" VERDICTS_ALONE))
			return true;
	}
	return false;
}

const struct launch_evidence *keepers_most_like(
	const struct keepers *k, const struct launch_evidence *launches,
	struct span id)
{
	const struct launch_evidence *best = NULL;
	enum alike most = ALIKE_NOT;

	for (size_t i = 0; i < k->n; i++) {
		const struct launch_evidence *x = &launches[k->v[i]];
		enum alike alike = launches_alike(x->id, id);

		if (alike <= most)
			continue;
		most = alike;
		best = x;
	}
	return best;
}
