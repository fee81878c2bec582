/*
 * writers.h - the formats of reports.  The table in formats.c, `--help` and
 * the error messages follow from this list.
 */
#ifndef PTCHECK_REPORT_WRITERS_H
#define PTCHECK_REPORT_WRITERS_H

#include "harness/report/result.h"

/*
 * X(name, what it is for); the writer is report_NAME().
 *
 * json: reports/report.schema.json describes it.  junit: the subset that
 * GitLab, GitHub and Jenkins agree on.  tap: one subtest per area.  html:
 * without outside resources, and needs no script.  text: 80 columns.
 */
#define REPORT_FORMATS(X)                                                 \
	X(json, "everything, for programs")                               \
	X(junit, "JUnit XML, for CI systems")                             \
	X(tap, "TAP 14, for test harnesses")                              \
	X(sarif, "SARIF 2.1.0, for code scanning: findings")              \
	X(ctrf, "CTRF, the common test report format")                    \
	X(markdown, "for a GitHub step summary, at most 900 kB")          \
	X(github, "GitHub annotations, at most ten, for standard output") \
	X(badge, "a badge as SVG")                                        \
	X(shields, "a badge as JSON, for a shields.io endpoint")          \
	X(html, "one page for people, to keep or to mail")                \
	X(text, "what the terminal shows, without colour")

#define X(name, ...) result_writer report_##name;
REPORT_FORMATS(X)
#undef X

#endif
