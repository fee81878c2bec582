/*
 * step_rows.h - the table of step_kinds.h as data, for what goes over all
 * keys of a step.  Only harness/case includes this.
 */
#ifndef PTCHECK_CASE_FORMAT_STEP_ROWS_H
#define PTCHECK_CASE_FORMAT_STEP_ROWS_H

#include "harness/case/format/keys.h"
#include "harness/case/format/step.h"

struct step_row {
	const char *name, *doc;
	const struct key *(*keys)(void);
	bool before_start; /* makes sense before the transport runs */
};

const struct step_row *step_row(enum step_kind k);

static inline struct span *step_span(struct step *st, const struct key *k)
{
	return (struct span *)((char *)st + k->offset);
}

/* Is it a template, in which there may be something to expand? */
static inline bool step_key_expands(const struct key *k)
{
	return k->type == KEY_TEXT || k->type == KEY_BYTES ||
	       k->type == KEY_NAME || k->type == KEY_STREAM_OR_NAME ||
	       k->type == KEY_OUTPUT_OR_NAME;
}

#endif
