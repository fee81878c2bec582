/*
 * diff.h - two results side by side: what an author asks of a change.
 *
 * A requirement is good (pass, info, or expected by the baseline), a warning or
 * a failure, or it is open: na, untested, inconclusive, or not in the report.
 *
 *   worse   good or a warning before, and more than that now
 *   new     a warning or a failure that was open before
 *   open    good before, open now: nobody looks any more
 *   better  a warning or a failure before, and less than that now
 *   gone    a warning or a failure before, open now
 *   kept    open before, good now
 */
#ifndef PTCHECK_REPORT_DIFF_H
#define PTCHECK_REPORT_DIFF_H

#include "harness/report/result.h"

#define DIFF_KINDS(X) X(worse) X(new) X(open) X(better) X(gone) X(kept)

enum diff_kind {
#define X(name) DIFF_##name,
	DIFF_KINDS(X)
#undef X
		DIFF_COUNT,
	DIFF_same = DIFF_COUNT,
};

extern const char *const diff_names[DIFF_COUNT];

struct diff_row {
	enum diff_kind kind;		   /* never DIFF_same */
	const struct result_row *was, *is; /* one of them may be NULL */
};

struct diff {
	struct diff_row *rows; /* malloced: by kind, then as in the results */
	size_t n, count[DIFF_COUNT];
};

void diff_make(const struct result *was, const struct result *is,
	       struct diff *out);
void diff_fini(struct diff *d);

/* For people, and for programs: reports/diff.schema.json. */
void diff_text(const struct diff *d, const struct result *was,
	       const struct result *is, struct buf *out);
void diff_json(const struct diff *d, const struct result *was,
	       const struct result *is, struct buf *out);

#endif
