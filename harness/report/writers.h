/*
 * writers.h - the formats of reports.  The table in formats.c, `--help` and
 * the error messages follow from this list.
 */
#ifndef PTCHECK_REPORT_WRITERS_H
#define PTCHECK_REPORT_WRITERS_H

#include "harness/report/result.h"

/*
 * X(name, what it is for, how its files are called or NULL); the writer is
 * report_NAME().
 *
 * json: reports/report.schema.json describes it.  junit: the subset that
 * GitLab, GitHub and Jenkins agree on.  tap: one subtest per area.  html:
 * without outside resources, and needs no script.  text: 80 columns.
 */
#define REPORT_FORMATS(X)                                                 \
	X(json, "everything, for programs", ".json")                      \
	X(junit, "JUnit XML, for CI systems", ".xml")                     \
	X(tap, "TAP 14, for test harnesses", ".tap")                      \
	X(sarif, "SARIF 2.1.0, for code scanning: findings", ".sarif")    \
	X(ctrf, "CTRF, the common test report format", NULL)              \
	X(markdown, "for a GitHub step summary, at most 900 kB", ".md")   \
	X(github, "GitHub annotations, at most ten, for standard output", \
	  NULL)                                                           \
	X(badge, "a badge as SVG", ".svg")                                \
	X(shields, "a badge as JSON, for a shields.io endpoint", NULL)    \
	X(html, "one page for people, to keep or to mail", ".html")       \
	X(text, "what the terminal shows, without colour", ".txt")

#define X(name, ...) result_writer report_##name;
REPORT_FORMATS(X)
#undef X

#endif
