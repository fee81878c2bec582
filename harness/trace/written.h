/*
 * written.h - lines of a trace that look as trace_write_head() and
 * trace_write_event() write them.
 *
 * A run reads its own traces several times: when a launch is over, to learn
 * from it and to judge it.  Nearly all of what is read are such lines, keys in
 * the order of the table and nothing between them, and a tree of objects for
 * each costs several times what it takes to go through it once.
 */
#ifndef PTCHECK_TRACE_WRITTEN_H
#define PTCHECK_TRACE_WRITTEN_H

#include "harness/trace/trace.h"

/* False: the line is another way to say it, or wrong; which one, the reader of
 * any JSON has to find out.  Texts are copied to @a. */
bool written_head(struct span line, struct arena *a, struct trace_head *h);
/* Its number goes to *n. */
bool written_event(struct span line, struct arena *a, struct event *ev,
		   int64_t *n);

#endif
