/*
 * store.h - the traces of a run, as they were written, outside of the memory
 * of the program.
 *
 * A trace that is read takes many times as much as its text.  So texts are
 * kept, behind each other in one nameless file, and a trace is read while
 * somebody looks at it.
 */
#ifndef PTCHECK_RUN_LAUNCH_STORE_H
#define PTCHECK_RUN_LAUNCH_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "parent/base/err.h"
#include "parent/base/span.h"
#include "harness/trace/trace.h"

struct store {
	int fd; /* -1: not open */
	int64_t size;
};

/* Where a text is.  Zero: there is none. */
struct stored {
	int64_t at;
	size_t n;
};

#define STORE_NONE ((struct store){ .fd = -1 })

int store_open(struct store *s, struct err *e);
void store_close(struct store *s);

/* Add a text.  -1: it could not be written, and *out is as it was. */
int store_add(struct store *s, struct span text, struct stored *out,
	      struct err *e);

/* Read what is there; -1 also when it is no trace (trace_read()). */
int store_read(const struct store *s, const struct stored *of,
	       struct trace *out, struct err *e);

#endif
