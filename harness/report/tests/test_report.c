/*
 * test_report.c - the writers: fixed samples, hostile text, sums.
 * Their common words: test_report_words.c; what the terminal shows:
 * test_report_terminal.c.
 *
 * The committed samples in reports/samples are compared byte for byte;
 * PTCHECK_UPDATE_SAMPLES=1 writes them anew.  Run from the top folder.
 */
#include <check.h>
#include <jansson.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/report/html/html.h"
#include "harness/report/read.h"
#include "harness/report/tests/sample.h"
#include "harness/report/words.h"

#define SAMPLES "reports/samples/"

static const char *write_as(const char *format, const struct result *r,
			    struct buf *out)
{
	const struct report_format *f = report_find(format);

	ck_assert_ptr_nonnull(f);
	*out = BUF_MAX(SAMPLE_MAX);
	f->write(r, out);
	ck_assert(!out->full);
	ck_assert_uint_eq(strlen(buf_cstr(out)), out->n);
	return out->p;
}

/* --- samples ---------------------------------------------------------- */

static const struct {
	const char *format, *file;
} samples[] = {
	{ "json", SAMPLES "report.json" },
	{ "junit", SAMPLES "junit.xml" },
	{ "tap", SAMPLES "tap.txt" },
	{ "sarif", SAMPLES "report.sarif" },
	{ "ctrf", SAMPLES "ctrf.json" },
	{ "markdown", SAMPLES "summary.md" },
	{ "github", SAMPLES "annotations.txt" },
	{ "badge", SAMPLES "badge.svg" },
	{ "shields", SAMPLES "badge.json" },
	{ "html", SAMPLES "report.html" },
	{ "text", SAMPLES "terminal.txt" },
};

static void update(const char *file, const struct buf *fresh)
{
	FILE *f = fopen(file, "w");

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(fresh->p, 1, fresh->n, f), fresh->n);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(samples_are_fresh)
{
	struct buf fresh, kept = BUF_MAX(SAMPLE_MAX);
	const char *file = samples[_i].file;
	struct result r;
	char chunk[4096];
	size_t n;
	FILE *f;

	sample_result(&r);
	write_as(samples[_i].format, &r, &fresh);
	if (getenv("PTCHECK_UPDATE_SAMPLES"))
		update(file, &fresh);
	f = fopen(file, "r");
	ck_assert_msg(f != NULL, "no %s: run from the top folder", file);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&kept, span_of(chunk, n));
	fclose(f);
	ck_assert_msg(span_eq(buf_span(&fresh), buf_span(&kept)),
		      "%s is stale: PTCHECK_UPDATE_SAMPLES=1", file);
	buf_fini(&fresh);
	buf_fini(&kept);
	arena_fini(&r.arena);
}
END_TEST

START_TEST(same_result_same_bytes)
{
	struct buf one, two;
	struct result r;

	sample_result(&r);
	write_as(samples[_i].format, &r, &one);
	write_as(samples[_i].format, &r, &two);
	ck_assert(span_eq(buf_span(&one), buf_span(&two)));
	buf_fini(&one);
	buf_fini(&two);
	arena_fini(&r.arena);
}
END_TEST

/* --- hostile text ----------------------------------------------------- */

static bool harmless(uint32_t c)
{
	return (c >= 0x20 || c == '\n') && (c < 0x7f || c >= 0xa0) &&
	       c != 0x202e && c != 0xffff;
}

/*
 * Plain text on lines: no control byte, valid UTF-8, nothing that turns it.
 * One assertion per byte would cost a write each, so only the bad one asserts.
 */
static void check_harmless(const char *s)
{
	uint32_t c;
	size_t n;

	for (; *s; s += n) {
		n = words_utf8(s, &c);
		if (n == 0)
			ck_abort_msg("invalid UTF-8 at %.20s", s);
		if (!harmless(c))
			ck_abort_msg("code point %04x", c);
	}
}

START_TEST(hostile_text_is_harmless)
{
	struct result r;
	struct buf out;

	sample_hostile(&r);
	check_harmless(write_as(samples[_i].format, &r, &out));
	buf_fini(&out);
	check_harmless(sample_term(&r, &out, 60, false, true));
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

static size_t count_elements(const xmlNode *node, const char *name)
{
	size_t n = 0;

	for (; node; node = node->next)
		if (node->type == XML_ELEMENT_NODE)
			n += (strcmp((const char *)node->name, name) == 0) +
			     count_elements(node->children, name);
	return n;
}

static xmlDoc *parse_xml(const struct buf *b)
{
	xmlDoc *doc = xmlReadMemory(b->p, (int)b->n, "report.xml", NULL,
				    XML_PARSE_NONET | XML_PARSE_NOERROR |
					    XML_PARSE_NOWARNING);

	ck_assert_msg(doc != NULL, "not well-formed: %s",
		      xmlGetLastError() ? xmlGetLastError()->message : "?");
	return doc;
}

static size_t drawn(const struct result *r, size_t *pairs)
{
	const void *last = NULL;
	size_t n = 0;

	/* Findings with one cause are drawn once. */
	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *row = &r->rows[i];
		const struct evidence *e = row->evidence;

		if (!html_is_finding(row) || !e || !e->scene ||
		    e->scene == last)
			continue;
		last = e->scene;
		*pairs += row->kept != NULL;
		n++;
	}
	return n;
}

START_TEST(html_is_well_formed)
{
	static const char *const never[] = {
		"img", "link", "iframe", "object", "base",
	};
	size_t n, pairs = 0;
	const xmlNode *root;
	struct result r;
	struct buf out;
	xmlDoc *doc;

	sample_fns[_i](&r);
	write_as("html", &r, &out);
	doc = parse_xml(&out);
	root = xmlDocGetRootElement(doc);
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		ck_assert_uint_eq(count_elements(root, never[i]), 0);
	ck_assert_uint_eq(count_elements(root, "h1"), 1);
	n = drawn(&r, &pairs);
	ck_assert_uint_eq(count_elements(root, "details"), r.nrows + n);
	/* Its own, which nothing follows. */
	ck_assert_uint_eq(count_elements(root, "script"), 1);
	ck_assert_ptr_nonnull(
		strstr(out.p, "<script>\n(function () {\n'use strict'"));
	ck_assert_uint_eq(count_elements(root, "svg"), n + pairs);
	ck_assert_uint_eq(count_elements(root, "figure"), 2 * pairs);
	ck_assert_ptr_null(strstr(out.p, "http://"));
	ck_assert_ptr_null(strstr(out.p, "https://"));
	xmlFreeDoc(doc);
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

static size_t attr_number(const xmlNode *node, const char *name)
{
	xmlChar *s = xmlGetProp((xmlNode *)node, BAD_CAST name);
	size_t n;

	ck_assert_ptr_nonnull(s);
	n = strtoul((const char *)s, NULL, 10);
	xmlFree(s);
	return n;
}

START_TEST(junit_counts_are_right)
{
	static const struct {
		const char *attr, *element;
	} pairs[] = {
		{ "tests", "testcase" },
		{ "failures", "failure" },
		{ "errors", "error" },
		{ "skipped", "skipped" },
	};
	const xmlNode *root, *suite;
	struct result r;
	struct buf out;
	xmlDoc *doc;

	sample_fns[_i](&r);
	write_as("junit", &r, &out);
	doc = parse_xml(&out);
	root = xmlDocGetRootElement(doc);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		size_t sum = 0;

		for (suite = root->children; suite; suite = suite->next) {
			size_t n;

			if (suite->type != XML_ELEMENT_NODE)
				continue;
			n = count_elements(suite->children, pairs[i].element);
			ck_assert_uint_eq(n, attr_number(suite, pairs[i].attr));
			sum += n;
		}
		if (strcmp(pairs[i].attr, "skipped") != 0) /* not at the root */
			ck_assert_uint_eq(sum,
					  attr_number(root, pairs[i].attr));
	}
	ck_assert_uint_eq(attr_number(root, "tests"), r.nrows);
	ck_assert_uint_eq(attr_number(root, "failures"), 1);
	xmlFreeDoc(doc);
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

START_TEST(json_is_complete)
{
	json_t *o, *rows, *summary, *value;
	size_t sum = 0;
	const char *key;
	struct result r;
	struct buf out;

	sample_fns[_i](&r);
	o = json_loads(write_as("json", &r, &out), JSON_REJECT_DUPLICATES,
		       NULL);
	ck_assert_ptr_nonnull(o);
	rows = json_object_get(o, "requirements");
	summary = json_object_get(o, "summary");
	json_object_foreach(summary, key, value)
		sum += (size_t)json_integer_value(value);
	ck_assert_uint_eq(json_array_size(rows), r.nrows);
	ck_assert_uint_eq(sum, r.nrows);
	json_decref(o);
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

/* --- reading back ------------------------------------------------------ */

/* What is read from report.json looks the same in every format. */
START_TEST(json_reads_back)
{
	struct result r, again;
	struct buf kept, one, two;
	struct err e = { 0 };

	sample_fns[_i](&r);
	write_as("json", &r, &kept);
	ck_assert_msg(report_read(buf_span(&kept), &again, &e) == 0, "%s",
		      e.msg);
	/* These are of the directory, not of the file. */
	again.out_dir = r.out_dir;
	for (size_t i = 0; i < r.nrows; i++) {
		for (size_t k = 0; k < r.rows[i].nevidence; k++)
			again.rows[i].evidence[k].scene =
				r.rows[i].evidence[k].scene;
		if (r.rows[i].kept)
			((struct evidence *)again.rows[i].kept)->scene =
				r.rows[i].kept->scene;
	}
	write_as("json", &again, &one);
	ck_assert(span_eq(buf_span(&kept), buf_span(&one)));
	buf_fini(&one);
	/* The traps of a requirement that is no real one are lost. */
	for (const struct report_format *f = report_formats; f->name && _i == 0;
	     f++) {
		write_as(f->name, &r, &one);
		write_as(f->name, &again, &two);
		ck_assert_msg(span_eq(buf_span(&one), buf_span(&two)), "%s",
			      f->name);
		buf_fini(&one);
		buf_fini(&two);
	}
	buf_fini(&kept);
	arena_fini(&again.arena);
	arena_fini(&r.arena);
}
END_TEST

static const struct {
	const char *from, *to, *complaint;
} spoilt[] = {
	{ "\"schema\": 1", "\"schema\": 2", "/schema: is not 1" },
	{ "\"version\":", "\"verzion\":", "/tool/version: is missing" },
	{ "\"stale\": 1", "\"stale\": -1", "/baseline/stale: is negative" },
	{ "\"stale\": 1", "\"stale\": \"\"", "/baseline/stale: is no number" },
	{ "\"launches\": 37", "\"launches\": []",
	  "/timing/launches: is no number" },
	{ "\"verdict\": \"warn\"", "\"verdict\": \"sad\"",
	  "/requirements/5/verdict: \"sad\" is no word that is known" },
	{ "\"level\": \"implied\"", "\"level\": 1", "level: is no string" },
	{ "\"events\": [", "\"events\": [ 0,", "events" },
	{ "{", "", "'[' or '{' expected" },
};

/* Whatever is wrong with a file is told with its place. */
START_TEST(bad_json_is_refused)
{
	struct result r, again;
	struct buf kept, bad = BUF_MAX(SAMPLE_MAX);
	struct err e = { 0 };
	const char *at;

	sample_result(&r);
	at = strstr(write_as("json", &r, &kept), spoilt[_i].from);
	ck_assert_ptr_nonnull(at);
	buf_add(&bad, span_of(kept.p, (size_t)(at - kept.p)));
	buf_adds(&bad, spoilt[_i].to);
	buf_adds(&bad, at + strlen(spoilt[_i].from));
	ck_assert_int_ne(report_read(buf_span(&bad), &again, &e), 0);
	ck_assert_msg(strstr(e.msg, spoilt[_i].complaint) != NULL, "%s", e.msg);
	buf_fini(&bad);
	buf_fini(&kept);
	arena_fini(&again.arena);
	arena_fini(&r.arena);
}
END_TEST

/* --- TAP -------------------------------------------------------------- */

/* One level of TAP: its plan must match its points, numbered from 1. */
struct tap_level {
	size_t plan, points, bad;
	bool planned;
};

static void read_tap_line(struct tap_level *l, const char *line)
{
	bool bad = strncmp(line, "not ok ", 7) == 0;

	if (strncmp(line, "1..", 3) == 0) {
		ck_assert_msg(!l->planned, "two plans");
		l->planned = true;
		l->plan = strtoul(line + 3, NULL, 10);
	} else if (bad || strncmp(line, "ok ", 3) == 0) {
		ck_assert_uint_eq(strtoul(line + (bad ? 7 : 3), NULL, 10),
				  ++l->points);
		l->bad += bad && !strstr(line, " # TODO ");
	}
}

static void end_subtest(struct tap_level *sub, bool said_bad)
{
	ck_assert(sub->planned);
	ck_assert_uint_eq(sub->plan, sub->points);
	ck_assert_int_eq(sub->bad > 0, said_bad);
	*sub = (struct tap_level){ 0 };
}

START_TEST(tap_plans_are_right)
{
	struct tap_level top = { 0 }, sub = { 0 };
	struct result r;
	struct buf out;
	char *save = NULL;
	size_t total = 0;

	sample_fns[_i](&r);
	write_as("tap", &r, &out);
	ck_assert_int_eq(strncmp(out.p, "TAP version 14\n", 15), 0);
	for (char *s = strtok_r(out.p, "\n", &save); s;
	     s = strtok_r(NULL, "\n", &save)) {
		size_t before = top.points;

		if (strncmp(s, "    ", 4) == 0) {
			read_tap_line(&sub, s + 4);
			continue;
		}
		read_tap_line(&top, s);
		if (top.points > before) {
			total += sub.points;
			end_subtest(&sub, s[0] == 'n');
		}
	}
	ck_assert_uint_eq(top.plan, top.points);
	ck_assert_uint_eq(top.bad, 1);
	ck_assert_uint_eq(total, r.nrows);
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

START_TEST(tap_bails_out_on_trouble)
{
	struct result r;
	struct buf out;

	sample_result(&r);
	r.trouble = "the control # failed";
	write_as("tap", &r, &out);
	ck_assert_ptr_nonnull(
		strstr(out.p, "\nBail out! the control \\# failed\n"));
	ck_assert_ptr_null(strstr(out.p, "\nok "));
	ck_assert_ptr_null(strstr(out.p, "\nnot ok "));
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

/* A run that cannot be believed is no pass and no fail in any format. */
START_TEST(trouble_is_no_verdict)
{
	struct result r;
	struct buf out;
	xmlDoc *doc;

	sample_result(&r);
	r.trouble = "the control failed";
	write_as("junit", &r, &out);
	doc = parse_xml(&out);
	ck_assert_uint_eq(attr_number(xmlDocGetRootElement(doc), "errors"), 2);
	ck_assert_uint_eq(attr_number(xmlDocGetRootElement(doc), "tests"),
			  r.nrows + 1);
	xmlFreeDoc(doc);
	buf_fini(&out);
	write_as("html", &r, &out);
	ck_assert_ptr_nonnull(
		strstr(out.p, "No verdict: the control failed</h1>"));
	buf_fini(&out);
	write_as("text", &r, &out);
	ck_assert_ptr_nonnull(
		strstr(out.p, "\nNo verdict: the control failed\n"));
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

/* --- size ------------------------------------------------------------- */

START_TEST(all_requirements_fit)
{
	struct result r = { .spec = "2.0", .spec_why = "", .version = "0" };
	struct buf out;
	size_t cap = 0;

	for_reqs (req) {
		arena_grow(&r.arena, r.rows, r.nrows, cap);
		r.rows[r.nrows++] = (struct result_row){
			.req = req,
			.verdict = V_PASS,
			.reason = "",
			.traces = 1,
		};
	}
	r.count[V_PASS] = r.nrows;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		check_harmless(write_as(samples[i].format, &r, &out));
		/* A page that a mail may carry. */
		ck_assert_uint_lt(out.n, 2u * 1024u * 1024u);
		buf_fini(&out);
	}
	arena_fini(&r.arena);
}
END_TEST

START_TEST(empty_result)
{
	struct result r = { .spec = "", .spec_why = "", .version = "0" };
	struct buf out;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		write_as(samples[i].format, &r, &out);
		ck_assert_uint_gt(out.n, 0);
		buf_fini(&out);
	}
}
END_TEST

static Suite *suite(void)
{
	const int nsamples = sizeof(samples) / sizeof(samples[0]);
	Suite *s = suite_create("report");
	TCase *t = tcase_create("writers");

	tcase_add_loop_test(t, samples_are_fresh, 0, nsamples);
	tcase_add_loop_test(t, same_result_same_bytes, 0, nsamples);
	tcase_add_loop_test(t, hostile_text_is_harmless, 0, nsamples);
	tcase_add_loop_test(t, html_is_well_formed, 0, 2);
	tcase_add_loop_test(t, junit_counts_are_right, 0, 2);
	tcase_add_loop_test(t, json_is_complete, 0, 2);
	tcase_add_loop_test(t, json_reads_back, 0, 2);
	tcase_add_loop_test(t, bad_json_is_refused, 0,
			    sizeof(spoilt) / sizeof(spoilt[0]));
	tcase_add_loop_test(t, tap_plans_are_right, 0, 2);
	tcase_add_test(t, tap_bails_out_on_trouble);
	tcase_add_test(t, trouble_is_no_verdict);
	tcase_add_test(t, all_requirements_fit);
	tcase_add_test(t, empty_result);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	int status = suite_run(suite());

	xmlCleanupParser();
	return status;
}
