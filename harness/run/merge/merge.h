/*
 * merge.h - the evidence of all shards of a run as that of one run.
 *
 * A shard made every Nth launch, and the probes for itself.  Together, in the
 * order of an undivided run, they are judged to the same verdicts; of what
 * each shard made (probes, controls) the first one's is taken.
 */
#ifndef PTCHECK_RUN_MERGE_MERGE_H
#define PTCHECK_RUN_MERGE_MERGE_H

#include <stddef.h>

#include "parent/base/err.h"

#define SHARDS_MAX 256

/*
 * @dirs: all shards of one run, in any order; @out: a new directory, or one
 * that a run made.  Its run.json and traces are written; report.json is up to
 * who judges it.  0, or -1 when one is missing or of another run.
 */
int merge_shards(const char *const *dirs, size_t n, const char *out,
		 struct err *e);

#endif
