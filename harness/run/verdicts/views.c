/* views.c - see views.h. */
#include "harness/run/verdicts/views.h"

#include "parent/base/arena.h"

bool views_counts(const struct launch_evidence *x)
{
	return x->trace.n && !x->helper;
}

void views_each(const struct launch_evidence *x, size_t n,
		const struct store *store, enum profile profile, view_fn *fn,
		void *ctx)
{
	for (size_t i = 0; i < n; i++) {
		struct arena a = { 0 };
		struct trace t;
		struct view v;
		struct err e;

		if (!views_counts(&x[i]) ||
		    store_read(store, &x[i].trace, &t, &e))
			continue;
		/* The run's, which the probes were to find out. */
		t.head.profile = profile;
		view_init(&v, &t, &a);
		fn(ctx, &x[i], &v);
		arena_fini(&a);
		trace_fini(&t);
	}
}
