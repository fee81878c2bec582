/*
 * entry.h - an entry of a baseline: what it says, and what it is about.
 */
#ifndef PTCHECK_RUN_BASELINE_ENTRY_H
#define PTCHECK_RUN_BASELINE_ENTRY_H

#include <jansson.h>

#include "parent/base/err.h"
#include "harness/report/result.h"

/* What stands for a reason that is still to be given. */
#define NO_REASON "why is this accepted? say it here"

/* The strings are the JSON's; NULL: not given. */
struct entry {
	const char *id, *verdict, *reason;
	const char *link, *launch, *message, *profile, *expires;
};

/* The file, of the right shape; entries are not looked at.  NULL and @e. */
json_t *entries_load(const char *path, struct err *e);
/* Entry @i; @final: with a reason that is one. */
int entry_read(const json_t *o, size_t i, const char *path, bool final,
	       struct entry *out, struct err *e);

struct result_row *entry_row(const struct result *r, const struct entry *en);
bool entry_expired(const struct entry *en, const struct result *r);
/* Does this run tell nothing of it: another profile, not selected, not
 * decided? */
bool entry_elsewhere(const struct entry *en, const struct result *r);
/* Mark what it accepts in its row; how much that is. */
size_t entry_accept(const struct entry *en, struct result_row *row);
/* Is it a launch that the entry is about? */
bool entry_fits_launch(const struct entry *en, const struct found *f);

#endif
