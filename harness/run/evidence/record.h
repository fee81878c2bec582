/*
 * record.h - run.json, which says what was run, with what, and what was found
 * out before judging.  Together with the traces beside it, it is all that
 * judging needs: the same record gives the same report.
 */
#ifndef PTCHECK_RUN_RECORD_H
#define PTCHECK_RUN_RECORD_H

#include "harness/run/verdicts/verdicts.h"
#include "parent/base/buf.h"
#include "parent/base/err.h"

/* What judging needs beside the traces; strings in @arena. */
struct run_record {
	struct arena arena;
	const char *version;
	const char *const *argv; /* escaped, NULL-terminated */
	const char *sha256, *spec_why;
	enum profile profile;
	bool role[2];
	struct policy policy;
	bool sandbox;
	const char *sandbox_why;
	const char *repro_head, *repro_tail;
	const char *shard;	  /* "2/3"; NULL: the whole run */
	const char *part;	  /* --launch, --role: the option that left out
				 launches; NULL: none did */
	const char *const *notes; /* NULL-terminated */
	const char **terms, **skip_terms; /* of the selection */
	size_t nterms, nskip_terms;
	struct skip *skips;
	size_t nskips;
	struct launch_evidence *launches;
	size_t nlaunches;
	struct store store; /* of their traces */
	struct result_timing timing;
};

void record_to_json(const struct run_record *rr, struct buf *out);
/* Reads run.json of @dir alone. */
int record_load_alone(const char *dir, struct run_record *rr, struct err *e);
/* Reads it and all traces, which are then in a store of its own. */
int record_load(const char *dir, struct run_record *rr, struct err *e);
/* Of a record that was loaded, either way. */
void record_fini(struct run_record *rr);

#endif
