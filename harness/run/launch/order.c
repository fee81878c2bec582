/* order.c - see order.h. */
#include "harness/run/launch/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/err.h"
#include "harness/run/launch/sched.h"

/* So much longer than its windows is a wait that its variants may have too. */
#define LONG_US 2000000
/* Windows that are shorter say nothing of what a transport makes wait. */
#define SHORT_MS 1000

enum { TELLS_OF_OTHERS, ALONE, VARIANT };

struct place {
	size_t number;
	int64_t natural_ms, patience_ms;
	int turn;
	bool is_last;
};

/* The case and the side, without the variant and the transport: "c/v@client+t"
 * is "c". */
static struct span order_case(const struct launch *l)
{
	struct span id = l->plan->head.id;
	size_t n = 0;

	while (n < id.n && !strchr("/@+~", id.p[n]))
		n++;
	return span_sub(id, 0, n);
}

static bool order_alike(const struct order *o, size_t a, size_t b)
{
	return o->launches[a].plan->head.role ==
		       o->launches[b].plan->head.role &&
	       span_eq(o->cases[a], o->cases[b]);
}

/* One of each case and side tells of the others: the most patient, which may
 * wait for what it never gets, and of these the first. */
static int order_turn(const struct order *o, size_t number)
{
	int64_t mine = o->launches[number].plan->patience_ms;
	int turn = ALONE;

	for (size_t i = 0; i < o->n; i++) {
		int64_t its = o->launches[i].plan->patience_ms;

		if (i == number || !order_alike(o, i, number))
			continue;
		if (its > mine || (its == mine && i < number))
			return VARIANT;
		turn = TELLS_OF_OTHERS;
	}
	return turn;
}

/* A transport that has no descriptor left may go round and round, as some do
 * that are in use.  It takes the processors from all that runs meanwhile, which
 * hurts itself as well: a window in which it had too little of them is begun
 * anew, and nothing else begins until that is over (WORKER_SHORT). */
static bool order_is_last(const struct launch *l)
{
	return l->plan->head.stimuli & STIMULUS(DESCRIPTORS_USED_UP);
}

/* What may become long before what cannot; among equals as they were. */
static int order_compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->is_last != y->is_last)
		return x->is_last ? 1 : -1;
	if (x->natural_ms != y->natural_ms)
		return x->natural_ms > y->natural_ms ? -1 : 1;
	if (x->turn != y->turn)
		return x->turn < y->turn ? -1 : 1;
	if (x->patience_ms != y->patience_ms)
		return x->patience_ms > y->patience_ms ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void order_init(struct order *o, const struct launch *launches, size_t n)
{
	struct place *places = calloc(n + 1, sizeof(*places));

	*o = (struct order){ .launches = launches, .n = n };
	o->v = calloc(n + 1, sizeof(*o->v));
	o->cases = calloc(n + 1, sizeof(*o->cases));
	if (!o->v || !o->cases || !places)
		die_oom();
	for (size_t i = 0; i < n; i++)
		o->cases[i] = order_case(&launches[i]);
	for (size_t i = 0; i < n; i++) {
		const struct launch *l = &launches[i];

		places[i] = (struct place){
			.number = i,
			.natural_ms = l->plan->natural_ms < SHORT_MS
					      ? 0
					      : l->plan->natural_ms,
			.patience_ms = l->plan->patience_ms,
			.turn = order_turn(o, i),
			.is_last = order_is_last(l),
		};
	}
	qsort(places, n, sizeof(*places), order_compare);
	for (size_t i = 0; i < n; i++)
		o->v[i] = places[i].number;
	free(places);
}

void order_fini(struct order *o)
{
	free(o->v);
	free(o->cases);
}

void order_took(struct order *o, size_t number, int64_t us)
{
	size_t to = o->next;

	if (us - o->launches[number].plan->natural_ms * 1000 < LONG_US)
		return;
	for (size_t i = o->next; i < o->n; i++) {
		size_t x = o->v[i];

		if (!order_alike(o, number, x))
			continue;
		memmove(&o->v[to + 1], &o->v[to], (i - to) * sizeof(*o->v));
		o->v[to++] = x;
	}
}
