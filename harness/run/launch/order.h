/*
 * order.h - which launch of a run begins next.
 *
 * The longest waits first: they overlap with all the others, and a run is over
 * when the last of them is.  What a transport makes wait shows only in a
 * launch, so of a case that has variants the most patient is begun before all
 * others are, and when that took long, they come before all that is left.  What may take the
 * processors from all others begins when those have begun.
 */
#ifndef PTCHECK_RUN_LAUNCH_ORDER_H
#define PTCHECK_RUN_LAUNCH_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "parent/base/span.h"

struct launch;

struct order {
	const struct launch *launches;
	struct span *cases; /* of each of them, the name */
	size_t *v;	    /* their numbers */
	size_t n, next;
};

/* @launches must stay. */
void order_init(struct order *o, const struct launch *launches, size_t n);
void order_fini(struct order *o);

/* @number has ended, and took so long. */
void order_took(struct order *o, size_t number, int64_t us);

#endif
