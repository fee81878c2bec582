/*
 * step_rows.h - the table of step_kinds.h as data, for what goes over all
 * fields.  Only harness/case includes this.
 */
#ifndef PTCHECK_CASE_FORMAT_STEP_ROWS_H
#define PTCHECK_CASE_FORMAT_STEP_ROWS_H

#include "harness/case/format/step.h"

enum step_field_type {
	FIELD_WORD,
	FIELD_TEXT,
	FIELD_BYTES,
	FIELD_NEW_NAME,
	FIELD_NAME,
	FIELD_STREAM_OR_NAME,
	FIELD_OUTPUT_OR_NAME,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_LIMIT,
};

struct step_field {
	const char *key; /* NULL: there are no more */
	const char *doc;
	enum step_field_type type;
	size_t offset; /* in struct step */
	bool optional;
	const struct words *words; /* FIELD_WORD */
	int64_t min, max;	   /* FIELD_INT */
	int64_t dflt;		   /* the number, word or limit when not said */
};

struct step_row {
	const char *name, *doc;
	const struct step_field *(*fields)(void);
	bool before_start; /* makes sense before the transport runs */
};

const struct step_row *step_row(enum step_kind k);

static inline struct span *step_span(struct step *st,
				     const struct step_field *f)
{
	return (struct span *)((char *)st + f->offset);
}

/* Is it a template, in which there may be something to expand? */
static inline bool step_field_expands(const struct step_field *f)
{
	return f->type == FIELD_TEXT || f->type == FIELD_BYTES ||
	       f->type == FIELD_NAME || f->type == FIELD_STREAM_OR_NAME ||
	       f->type == FIELD_OUTPUT_OR_NAME;
}

#endif
