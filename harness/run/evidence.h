/*
 * evidence.h - the directory that --out makes.
 *
 *	run.json        what was run and what was found out before judging
 *	traces/NNN.jsonl  one per launch, see trace/trace.h
 *	traces/NNN.pcap  all that went over the wires of its namespace; the
 *	                frame numbers in the trace are those of this file
 *	report.json     the verdicts
 *
 * The directory must be new or empty, or hold an earlier run, which is then
 * replaced.  Files appear complete (written aside, then renamed), but for the
 * traces, which grow while their launch runs.
 */
#ifndef PTCHECK_RUN_EVIDENCE_H
#define PTCHECK_RUN_EVIDENCE_H

#include "parent/base/err.h"
#include "parent/base/span.h"
#include "harness/run/verdicts.h"

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

int evidence_open(const char *dir, struct err *e);
/* A new file for launch @number (from 1); its name below @dir in @name. */
int evidence_trace(const char *dir, size_t number, char name[64],
		   struct err *e);
/* A new capture file for that launch. */
int evidence_capture(const char *dir, size_t number, struct err *e);
int evidence_write(const char *dir, const char *name, struct span text,
		   struct err *e);
/* The same for any file: what was there stays until all is written. */
int evidence_write_file(const char *path, struct span text, struct err *e);
/* The whole of a file, at most @max bytes; @text is malloced. */
int evidence_read_file(const char *path, size_t max, struct span *text,
		       struct err *e);

void record_to_json(const struct run_record *rr, struct buf *out);
/* Reads run.json and all traces, which are then in a store of its own. */
int evidence_load(const char *dir, struct run_record *rr, struct err *e);
/* Of a record that was loaded. */
void record_fini(struct run_record *rr);

#endif
