/*
 * repeat.h - which keys of a list occur more than once, in n log n.
 *
 * Internal to parent/proto: lists come from outside and may be long, so
 * comparing every key with every other one is not an option.
 */
#ifndef PTCHECK_PROTO_REPEAT_H
#define PTCHECK_PROTO_REPEAT_H

#include <stdbool.h>
#include <stddef.h>

#include "parent/base/span.h"

struct repeat {
	struct span name, key; /* equal when both are; either may be absent */
	size_t at;	       /* the caller's index */
};

/* Sort @v so that equal ones are neighbours, in the order of `at`. */
void repeat_sort(struct repeat *v, size_t n);
bool repeat_same(const struct repeat *a, const struct repeat *b);
/* Sort @v; does anything occur twice? */
bool repeat_any(struct repeat *v, size_t n);

#endif
