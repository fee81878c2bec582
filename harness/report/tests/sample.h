/*
 * sample.h - a small fixed result that has everything a writer can meet.
 */
#ifndef PTCHECK_REPORT_TESTS_SAMPLE_H
#define PTCHECK_REPORT_TESTS_SAMPLE_H

#include "harness/report/result.h"

/*
 * Every verdict, an expected failure, notes, and a transport that printed
 * markup, escape sequences and quotes.  Free with arena_fini(&r->arena).
 */
void sample_result(struct result *r);

/*
 * The same with raw control bytes, markup and broken UTF-8 in every string,
 * as if an earlier stage had forgotten to escape.
 */
void sample_hostile(struct result *r);

/* Both. */
typedef void sample_fn(struct result *r);
extern sample_fn *const sample_fns[2];

/* What is written of it stays below. */
#define SAMPLE_MAX (16u * 1024u * 1024u)

/* What the terminal shows of it; @out is initialised here. */
const char *sample_term(const struct result *r, struct buf *out, unsigned width,
			bool colour, bool verbose);

#endif
