/* repeat.c - see repeat.h. */
#include "parent/proto/ipc/repeat.h"

#include <stdlib.h>

/* Shorter first: cheap, and any total order serves. */
static int span_order(struct span a, struct span b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

static int by_key(const void *pa, const void *pb)
{
	const struct repeat *a = pa, *b = pb;
	int d = span_order(a->name, b->name);

	if (d == 0)
		d = span_order(a->key, b->key);
	if (d == 0 && a->at != b->at)
		d = a->at < b->at ? -1 : 1;
	return d;
}

void repeat_sort(struct repeat *v, size_t n)
{
	if (n > 1)
		qsort(v, n, sizeof(*v), by_key);
}

bool repeat_same(const struct repeat *a, const struct repeat *b)
{
	return span_eq(a->name, b->name) && span_eq(a->key, b->key);
}

bool repeat_any(struct repeat *v, size_t n)
{
	repeat_sort(v, n);
	for (size_t i = 1; i < n; i++)
		if (repeat_same(&v[i - 1], &v[i]))
			return true;
	return false;
}
