/*
 * baseline.h - findings that are known and accepted, each with a reason;
 * ptcheck-baseline(5) tells of the file.
 *
 * {"baseline": 1, "expected": [{"id": "CM-UNK-1", "verdict": "fail",
 *  "reason": "..."}]}: strict.  A row whose findings are all accepted does not
 * count for the exit status.  An entry that is stale (its requirement has
 * another verdict now), expired, or unmatched (the finding is elsewhere, or
 * says something else) is an error, so that the file shrinks when a transport
 * gets better.
 */
#ifndef PTCHECK_RUN_BASELINE_H
#define PTCHECK_RUN_BASELINE_H

#include "parent/base/err.h"
#include "harness/report/result.h"

/* Is it a baseline at all?  For before a long run. */
int baseline_check(const char *path, struct err *e);
/*
 * Mark rows of @r as expected.  r->stale counts entries that are stale, expired
 * or unmatched, and one line on each goes to @told.  Left alone are entries
 * whose requirement was not selected or could not be decided, those for another
 * profile, and in a run of a part those that may be about the rest.
 */
int baseline_apply(const char *path, struct result *r, struct buf *told,
		   struct err *e);
/*
 * What accepts all fails and warns of @r, as JSON.  Of the file @path (NULL:
 * there is none) the entries stay that still accept something or that apply
 * would leave alone.
 */
int baseline_text(const char *path, struct result *r, struct buf *out,
		  struct err *e);
/* That, written to @path. */
int baseline_write(const char *path, struct result *r, struct err *e);

#endif
