/*
 * result.h - the verdicts of a run, complete: what every writer gets.
 *
 * Writers are pure: the same result gives the same bytes.  All strings live
 * in the result's arena.  Text that came from the transport is already
 * escaped (base/text.h) wherever it appears here, so it is plain ASCII on one
 * line; a writer adds only the quoting of its own format.
 */
#ifndef PTCHECK_REPORT_RESULT_H
#define PTCHECK_REPORT_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "harness/req/core/req.h"

/* One piece of evidence: some events of one trace. */
struct evidence {
	const char *trace;  /* "traces/017.jsonl", or the case id
					   when nothing is kept on disk */
	const char *launch; /* "ver.list/first@client" */
	uint32_t ev[FINDING_EVENTS];
	size_t nev;
	const char *const *shown;   /* each event in words, for people:
					   "stdout: CMETHOD x socks5 ..." */
	const char *display_filter; /* for the launch's capture, where it is
					   about the network; NULL else */
	const struct scene *scene;  /* the launch, to be drawn; NULL: the trace
					   was not at hand, or it is one of many */
};

/* The finding in one launch. */
struct found {
	const char *launch; /* without the mark of a repetition */
	const char *what;   /* as the reason of a row */
	bool accepted;	    /* by the baseline */
};

struct result_row {
	const struct req *req;
	enum verdict verdict;	     /* never V_NONE */
	const char *expected, *seen; /* NULL unless there is something to
					   say; both escaped, one line */
	const char *reason;	     /* "expected ..., saw ...", or why it is
					   na, untested or inconclusive; ""
					   for a pass */
	struct evidence *evidence;   /* heaviest first, at most 3 */
	size_t nevidence;
	const struct evidence *kept; /* of a warn or fail: the launch most like
					   the first of those in which the
					   rule was kept, to be compared; NULL:
					   none */
	size_t traces;		     /* how many launches it was judged on */
	struct found *found;	     /* of a warn or fail: each launch that has
					   it; none in a report that was read */
	size_t nfound, found_cap;
	const char *repro;	     /* one command; "" when there is none */
	const char *caused_by;	     /* id of the row, also of this result,
					   that this finding follows from;
					   NULL: it stands by itself */
	bool expected_fail;	     /* all of it is in the baseline */
	const char *baseline_reason; /* why it is there; NULL else */
};

struct result_timing {
	double wall_s, child_cpu_s, harness_cpu_s;
	double longest_wait_s; /* that one case needs by nature */
	uint64_t launches;
	const char *date; /* of the run, "2026-11-29"; NULL: not known */
};

struct result {
	struct arena arena;
	const char *version;	  /* of ptcheck */
	const char *const *argv;  /* the target's command line, escaped;
					   NULL-terminated */
	const char *sha256;	  /* of the binary, hex; "" unknown */
	const char *spec;	  /* "1.0" or "2.0": the profile */
	const char *spec_why;	  /* one sentence: how it was chosen */
	bool role[2];		  /* by enum role */
	const char *trouble;	  /* why no verdict can be believed: a
					   control failed, ...; NULL: none */
	const char *const *notes; /* of the whole run: no sandbox and why,
					   random names answered, ...; NULL-
					   terminated, each one sentence */
	struct result_row *rows;  /* selected ones, catalogue order */
	size_t nrows;
	size_t count[V_FAIL + 1]; /* rows by verdict */
	size_t stale;		  /* baseline entries that are stale, expired
					   or unmatched */
	const char *part;	  /* the option that left out a part of the
					   run; NULL: it is whole */
	bool part_of_launches;	  /* --shard, --launch */
	const char *out_dir;	  /* where the evidence lies, NULL: none */
	struct result_timing timing;
};

/* How a writer hands over: bytes into @out; nothing can fail but memory. */
typedef void result_writer(const struct result *r, struct buf *out);

struct report_format {
	const char *name;   /* as --report knows it */
	const char *what;   /* one line for --help */
	const char *ending; /* of the names of its files; NULL: it has none */
	result_writer *write;
};

/* All formats, ended by a NULL name. */
extern const struct report_format report_formats[];
const struct report_format *report_find(const char *name);
/* The format whose files are called so; NULL: none. */
const struct report_format *report_find_file(const char *file);

/* What the terminal needs to know. */
struct term_style {
	bool colour;
	unsigned width; /* columns; 80 when unknown */
	bool verbose;	/* pass, na and untested rows as well */
};

/* Findings first, then a table per area, then the totals. */
void report_term(const struct result *r, const struct term_style *st,
		 struct buf *out);

#endif
