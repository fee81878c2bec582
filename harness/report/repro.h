/*
 * repro.h - a finding's launch as a POSIX shell script that needs nothing of
 * ptcheck: environment, flags, closing of stdin, signals, what to look at.
 *
 * A script can do that where the transport alone is played with: nobody
 * connects to it, and it connects to nobody, before what was found.  It
 * compares what it sees with what was recorded: the lines on stdout, or what
 * is found on stderr, and how the transport ended.  Elsewhere the script is
 * the one command of ptcheck.
 */
#ifndef PTCHECK_REPORT_REPRO_H
#define PTCHECK_REPORT_REPRO_H

#include "harness/report/result.h"
#include "harness/trace/trace.h"

/* @t: the trace of @ev, one of the row's; NULL when it is not there.  Is it a
 * script of its own? */
bool repro_script(const struct result *r, const struct result_row *row,
		  const struct evidence *ev, const struct trace *t,
		  struct buf *out);

#endif
