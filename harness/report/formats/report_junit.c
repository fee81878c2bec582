/*
 * report_junit.c - JUnit XML: the subset that CI systems agree on.
 *
 * There is no standard.  What the parsers in use need: classname and name
 * together are unique (GitLab drops the second of equals), the text stands in
 * the body as well as in the message attribute, counts are right, and times
 * are there.  Times are 0: the same evidence gives the same bytes.
 *
 *   fail          failure; with a reason in the baseline, or when it follows
 *                 from another: skipped
 *   inconclusive  error: the harness could not decide
 *   na, untested  skipped
 *   warn, info    passed, with the text in system-out
 */
#include <stdlib.h>
#include <string.h>

#include "harness/report/words.h"
#include "harness/report/writers.h"
#include "harness/report/xml.h"

/* What one test case says, in the body of its element. */
#define BODY_MAX SCRUB_MAX

static void add_line(struct buf *b, const char *name, const char *text)
{
	if (text && *text)
		buf_addf(b, "%s: %s\n", name, text);
}

static void add_body(struct buf *b, const struct result_row *row)
{
	buf_addc(b, '\n');
	if (row->expected) {
		add_line(b, "expected", row->expected);
		add_line(b, "saw", row->seen);
	} else {
		add_line(b, "because", words_why(row));
	}
	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];

		buf_addf(b, "evidence: %s (%s)\n", e->trace,
			 e->launch ? e->launch : "");
		for (size_t k = 0; e->shown && k < e->nev; k++)
			if (e->shown[k])
				buf_addf(b, "%6u  %s\n", e->ev[k], e->shown[k]);
	}
	add_line(b, "repeat", row->repro);
}

/* Scrubbing knows no lines, so the body goes in line by line. */
static void put_lines(struct xml *x, struct buf *b)
{
	struct span rest = buf_span(b), line;

	while (span_split(&rest, '\n', &line)) {
		char *text = strndup(line.p, line.n);

		if (!text)
			die_oom();
		xml_text(x, text);
		if (!span_absent(rest))
			xml_raw(x, "\n");
		free(text);
	}
}

static void put_problem(struct xml *x, const struct result_row *row,
			const char *element)
{
	struct buf b = BUF_MAX(BODY_MAX);

	xml_open(x, element);
	xml_attr(x, "message", words_why(row));
	xml_attr(x, "type", level_name(row->req->level));
	add_body(&b, row);
	put_lines(x, &b);
	xml_close(x);
	buf_fini(&b);
}

static void put_out(struct xml *x, const struct result_row *row)
{
	struct buf b = BUF_MAX(BODY_MAX);

	buf_adds(&b, verdict_name(row->verdict));
	add_body(&b, row);
	xml_open(x, "system-out");
	put_lines(x, &b);
	xml_close(x);
	buf_fini(&b);
}

static void put_skipped(struct xml *x, const char *kind, const char *why)
{
	struct buf b = BUF_MAX(BODY_MAX);

	buf_addf(&b, "%s: %s", kind, why);
	xml_open(x, "skipped");
	xml_attr(x, "message", buf_cstr(&b));
	xml_text(x, buf_cstr(&b));
	xml_close(x);
	buf_fini(&b);
}

static void put_verdict(struct xml *x, const struct result_row *row)
{
	if (words_expected(row)) {
		put_skipped(x, "xfail",
			    row->baseline_reason ? row->baseline_reason : "");
		return;
	}
	if (row->verdict == V_FAIL && words_follows(row)) {
		put_skipped(x, "follows from", row->caused_by);
		return;
	}
	switch (row->verdict) {
	case V_FAIL:
		put_problem(x, row, "failure");
		break;
	case V_INCONCLUSIVE:
		put_problem(x, row, "error");
		break;
	case V_NA:
	case V_UNTESTED:
	case V_NONE:
		put_skipped(x, verdict_name(row->verdict), words_why(row));
		break;
	case V_WARN:
	case V_INFO:
		put_out(x, row);
		break;
	case V_PASS:
		break;
	}
}

static void put_case(struct xml *x, const struct result_row *row,
		     const char *suite)
{
	struct buf name = BUF_MAX(BODY_MAX);

	buf_addf(&name, "%s %s", row->req->id, row->req->title);
	xml_open(x, "testcase");
	xml_attr(x, "classname", suite);
	xml_attr(x, "name", buf_cstr(&name));
	xml_attr(x, "time", "0");
	put_verdict(x, row);
	xml_void(x);
	buf_fini(&name);
}

struct counts {
	size_t tests, failures, errors, skipped;
};

static struct counts count(const struct result *r, size_t from, size_t to)
{
	struct counts c = { .tests = to - from };

	for (size_t i = from; i < to; i++) {
		const struct result_row *row = &r->rows[i];

		if (words_expected(row) || row->verdict <= V_NA ||
		    (row->verdict == V_FAIL && words_follows(row)))
			c.skipped++;
		else if (row->verdict == V_FAIL)
			c.failures++;
		else if (row->verdict == V_INCONCLUSIVE)
			c.errors++;
	}
	return c;
}

static void put_counts(struct xml *x, const struct counts *c)
{
	xml_attr_n(x, "tests", c->tests);
	xml_attr_n(x, "failures", c->failures);
	xml_attr_n(x, "errors", c->errors);
	xml_attr(x, "time", "0");
}

/* Of the root Jenkins does not take the last one. */
static void put_suite_counts(struct xml *x, const struct counts *c)
{
	put_counts(x, c);
	xml_attr_n(x, "skipped", c->skipped);
}

static size_t put_suite(struct xml *x, const struct result *r, size_t i)
{
	size_t end = words_area_end(r, i);
	struct counts c = count(r, i, end);
	struct buf name = BUF_MAX(BODY_MAX);

	buf_addf(&name, "ptcheck.%s", words_area(&r->rows[i]));
	xml_open(x, "testsuite");
	xml_attr(x, "name", buf_cstr(&name));
	put_suite_counts(x, &c);
	for (; i < end; i++)
		put_case(x, &r->rows[i], buf_cstr(&name));
	xml_void(x);
	buf_fini(&name);
	return end;
}

/* What is wrong with the run as a whole; CI must show it as well. */
static void put_run(struct xml *x, const struct result *r)
{
	struct counts c = { .tests = 1, .errors = 1 };

	xml_open(x, "testsuite");
	xml_attr(x, "name", "ptcheck.run");
	put_suite_counts(x, &c);
	xml_open(x, "testcase");
	xml_attr(x, "classname", "ptcheck.run");
	xml_attr(x, "name", "the run can be believed");
	xml_attr(x, "time", "0");
	xml_open(x, "error");
	xml_attr(x, "message", r->trouble);
	xml_attr(x, "type", "environment");
	xml_text(x, r->trouble);
	xml_close(x);
	xml_void(x);
	xml_void(x);
}

void report_junit(const struct result *r, struct buf *out)
{
	struct counts all = count(r, 0, r->nrows);
	struct xml x;

	xml_init(&x);
	xmlTextWriterSetIndent(x.w, 1);
	xmlTextWriterStartDocument(x.w, NULL, "UTF-8", NULL);
	if (r->trouble) {
		all.tests++;
		all.errors++;
	}
	xml_open(&x, "testsuites");
	xml_attr(&x, "name", "ptcheck");
	put_counts(&x, &all);
	if (r->trouble)
		put_run(&x, r);
	for (size_t i = 0; i < r->nrows;)
		i = put_suite(&x, r, i);
	xml_void(&x);
	xml_fini(&x, out);
}
