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

#include <jansson.h>

#include "parent/base/buf.h"
#include "parent/base/err.h"
#include "parent/base/span.h"

/* Far above what a run leaves, which is untrusted all the same. */
#define RUN_JSON_MAX (64u << 20)
#define TRACE_MAX (256u << 20)

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
/* A JSON file as people read it, with a line feed at its end; 0, or -1 when
 * there is no memory. */
int evidence_json(const json_t *o, struct buf *out);
/* The whole of a file, at most @max bytes; @text is malloced. */
int evidence_read_file(const char *path, size_t max, struct span *text,
		       struct err *e);

#endif
