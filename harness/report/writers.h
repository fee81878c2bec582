/*
 * writers.h - the writers behind the table of formats (see result.h).
 */
#ifndef PTCHECK_REPORT_WRITERS_H
#define PTCHECK_REPORT_WRITERS_H

#include "harness/report/result.h"

/* reports/report.schema.json describes it. */
result_writer report_json;
/* The subset of JUnit XML that GitLab, GitHub and Jenkins agree on. */
result_writer report_junit;
/* One page for people, without scripts or outside resources. */
result_writer report_html;
/* TAP 14, one subtest per area. */
result_writer report_tap;
/* What a terminal shows, 80 columns, without colour. */
result_writer report_text;

#endif
