/*
 * pieces.h - what a report shows of the launches that a verdict comes from.
 */
#ifndef PTCHECK_RUN_VERDICTS_PIECES_H
#define PTCHECK_RUN_VERDICTS_PIECES_H

#include "harness/req/core/req.h"
#include "harness/run/verdicts/verdicts.h"

/* Fill @ev, with copies in @a: the events of @f in words, and a drawing. */
void piece_make(const struct verdict_env *env, struct arena *a,
		struct evidence *ev, const struct launch_evidence *x,
		const struct trace *t, const struct finding *f, bool is_drawn);

/* Another one for @row, as long as it has room.  Of what went wrong the first
 * is drawn; the others are listed. */
void pieces_add(const struct verdict_env *env, struct arena *a,
		struct result_row *row, const struct launch_evidence *x,
		const struct trace *t, const struct finding *f);

#endif
