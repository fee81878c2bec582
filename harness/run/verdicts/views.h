/*
 * views.h - what the launches of a run left, one after the other: a trace that
 * is read is many times as large as its text, and its view again.
 */
#ifndef PTCHECK_RUN_VERDICTS_VIEWS_H
#define PTCHECK_RUN_VERDICTS_VIEWS_H

#include "harness/run/verdicts/verdicts.h"

/* What may say something about the transport in a role of this run. */
bool views_counts(const struct launch_evidence *x);

/* @v is gone when it returns. */
typedef void view_fn(void *ctx, const struct launch_evidence *x,
		     const struct view *v);

/* All of the @n that count and can be read, in the profile of the run. */
void views_each(const struct launch_evidence *x, size_t n,
		const struct store *store, enum profile profile, view_fn *fn,
		void *ctx);

#endif
