/*
 * report_json.c - the result as report.json.
 *
 * The layout is a contract: keys in the order of the schema, every key
 * always there (null when there is nothing to say), the same result gives
 * the same bytes.
 */
#include <jansson.h>
#include <math.h>

#include "harness/report/words.h"
#include "harness/report/writers.h"

#define REPORT_SCHEMA 1

/* json_string() refuses invalid UTF-8; a writer must not fail on it. */
static json_t *text(const char *s)
{
	struct buf b = BUF_MAX(2 * SCRUB_MAX);
	json_t *j;

	if (!s)
		return json_null();
	words_scrub(&b, s);
	j = json_string(buf_cstr(&b));
	buf_fini(&b);
	return j;
}

static json_t *number(size_t n)
{
	return json_integer((json_int_t)n);
}

/* Milliseconds are all we know; more digits would only be noise. */
static json_t *seconds(double s)
{
	return json_real(isfinite(s) ? round(s * 1000) / 1000 : 0);
}

static json_t *texts(const char *const *list)
{
	json_t *a = json_array();

	for (size_t i = 0; list && list[i]; i++)
		json_array_append_new(a, text(list[i]));
	return a;
}

static void put(json_t *o, const char *key, json_t *value)
{
	if (json_object_set_new(o, key, value) != 0)
		die_oom();
}

static json_t *tool(const struct result *r)
{
	json_t *o = json_object();

	put(o, "name", text("ptcheck"));
	put(o, "version", text(r->version));
	return o;
}

static json_t *target(const struct result *r)
{
	json_t *o = json_object(), *roles = json_array();

	if (r->role[ROLE_CLIENT])
		json_array_append_new(roles, text("client"));
	if (r->role[ROLE_SERVER])
		json_array_append_new(roles, text("server"));
	put(o, "argv", texts(r->argv));
	put(o, "sha256", text(r->sha256));
	put(o, "spec", text(r->spec));
	put(o, "spec_why", text(r->spec_why));
	put(o, "roles", roles);
	return o;
}

static json_t *summary(const struct result *r)
{
	json_t *o = json_object();

	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		put(o, verdict_name(summary_verdicts[i]),
		    number(r->count[summary_verdicts[i]]));
	return o;
}

static json_t *baseline(const struct result *r)
{
	json_t *o = json_object();

	put(o, "expected", number(words_expected_count(r)));
	put(o, "stale", number(r->stale));
	return o;
}

static json_t *evidence(const struct evidence *e)
{
	json_t *o = json_object(), *ev = json_array(), *shown = json_array();

	for (size_t i = 0; i < e->nev; i++) {
		json_array_append_new(ev, number(e->ev[i]));
		if (e->shown)
			json_array_append_new(shown, text(e->shown[i]));
	}
	put(o, "trace", text(e->trace));
	put(o, "launch", text(e->launch));
	put(o, "events", ev);
	put(o, "shown", shown);
	return o;
}

static json_t *requirement(const struct result_row *row)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < row->nevidence; i++)
		json_array_append_new(list, evidence(&row->evidence[i]));
	put(o, "id", text(row->req->id));
	put(o, "section", text(row->req->section));
	put(o, "level", text(level_name(row->req->level)));
	put(o, "area", text(words_area(row)));
	put(o, "role", text(row->req->role));
	put(o, "title", text(row->req->title));
	put(o, "verdict", text(verdict_name(row->verdict)));
	put(o, "reason", text(row->reason ? row->reason : ""));
	put(o, "expected", text(row->expected));
	put(o, "seen", text(row->seen));
	put(o, "traces", number(row->traces));
	put(o, "evidence", list);
	put(o, "repro", text(row->repro ? row->repro : ""));
	put(o, "baseline",
	    text(!row->expected_fail	? NULL
		 : row->baseline_reason ? row->baseline_reason
					: ""));
	return o;
}

static json_t *requirements(const struct result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nrows; i++)
		json_array_append_new(a, requirement(&r->rows[i]));
	return a;
}

static json_t *timing(const struct result_timing *t)
{
	json_t *o = json_object();

	put(o, "wall_s", seconds(t->wall_s));
	put(o, "child_cpu_s", seconds(t->child_cpu_s));
	put(o, "harness_cpu_s", seconds(t->harness_cpu_s));
	put(o, "longest_wait_s", seconds(t->longest_wait_s));
	put(o, "launches", number(t->launches));
	return o;
}

static int to_buf(const char *p, size_t n, void *out)
{
	buf_add(out, span_of(p, n));
	return 0;
}

void report_json(const struct result *r, struct buf *out)
{
	json_t *o = json_object();

	put(o, "schema", json_integer(REPORT_SCHEMA));
	put(o, "tool", tool(r));
	put(o, "target", target(r));
	put(o, "trouble", text(r->trouble));
	put(o, "notes", texts(r->notes));
	put(o, "summary", summary(r));
	put(o, "baseline", baseline(r));
	put(o, "requirements", requirements(r));
	put(o, "timing", timing(&r->timing));
	/* 15 digits print every rounded value as it is, without a tail. */
	json_dump_callback(o, to_buf, out,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	buf_addc(out, '\n');
	json_decref(o);
}
