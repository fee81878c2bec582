/*
 * baseline.h - failures that are known and accepted, each with a reason.
 *
 * {"baseline": 1, "expected": [{"id": "CM-UNK-1", "verdict": "fail",
 *  "reason": "..."}]}: strict.  A row with that verdict does not count for
 * the exit status; an entry that does not occur any more is stale, which is
 * an error, so that the file shrinks when a transport gets better.
 */
#ifndef PTCHECK_RUN_BASELINE_H
#define PTCHECK_RUN_BASELINE_H

#include "parent/base/err.h"
#include "harness/report/result.h"

/* Is it a baseline at all?  For before a long run. */
int baseline_check(const char *path, struct err *e);
/* Mark rows of @r as expected; r->stale counts entries that did not occur,
 * and one line on each goes to @stale.  Entries for requirements that were
 * not selected are left alone. */
int baseline_apply(const char *path, struct result *r, struct buf *stale,
		   struct err *e);
/* Write all fails (and warns) of @r; reasons of an existing file stay, and so
 * do its entries for requirements that were not selected. */
int baseline_write(const char *path, const struct result *r, struct err *e);

#endif
