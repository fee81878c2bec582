/*
 * report_json.c - the result as report.json.
 *
 * The layout is a contract: keys in the order of the schema, every key
 * always there (null when there is nothing to say), the same result gives
 * the same bytes.
 */
#include <math.h>

#include "harness/report/formats/json_out.h"
#include "harness/report/words.h"
#include "harness/report/writers.h"

#define REPORT_SCHEMA 1

/* Milliseconds are all we know; more digits would only be noise. */
static json_t *seconds(double s)
{
	return json_real(isfinite(s) ? round(s * 1000) / 1000 : 0);
}

static json_t *tool(const struct result *r)
{
	json_t *o = json_object();

	jo_put(o, "name", jo_text("ptcheck"));
	jo_put(o, "version", jo_text(r->version));
	return o;
}

static json_t *target(const struct result *r)
{
	json_t *o = json_object(), *roles = json_array();

	if (r->role[ROLE_CLIENT])
		jo_append(roles, jo_text("client"));
	if (r->role[ROLE_SERVER])
		jo_append(roles, jo_text("server"));
	jo_put(o, "argv", jo_texts(r->argv));
	jo_put(o, "sha256", jo_text(r->sha256));
	jo_put(o, "spec", jo_text(r->spec));
	jo_put(o, "spec_why", jo_text(r->spec_why));
	jo_put(o, "roles", roles);
	return o;
}

static json_t *summary(const struct result *r)
{
	json_t *o = json_object();

	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		jo_put(o, verdict_name(summary_verdicts[i]),
		       jo_number(r->count[summary_verdicts[i]]));
	return o;
}

static json_t *baseline(const struct result *r)
{
	json_t *o = json_object();

	jo_put(o, "expected", jo_number(words_expected_count(r)));
	jo_put(o, "stale", jo_number(r->stale));
	return o;
}

static json_t *evidence(const struct evidence *e)
{
	json_t *o = json_object(), *ev = json_array(), *shown = json_array();

	for (size_t i = 0; i < e->nev; i++) {
		jo_append(ev, jo_number(e->ev[i]));
		if (e->shown)
			jo_append(shown, jo_text(e->shown[i]));
	}
	jo_put(o, "trace", jo_text(e->trace));
	jo_put(o, "launch", jo_text(e->launch));
	jo_put(o, "events", ev);
	jo_put(o, "shown", shown);
	jo_put(o, "display_filter", jo_text(e->display_filter));
	return o;
}

static json_t *requirement(const struct result_row *row)
{
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < row->nevidence; i++)
		jo_append(list, evidence(&row->evidence[i]));
	jo_put(o, "id", jo_text(row->req->id));
	jo_put(o, "section", jo_text(row->req->section));
	jo_put(o, "level", jo_text(level_name(row->req->level)));
	jo_put(o, "area", jo_text(words_area(row)));
	jo_put(o, "role", jo_text(row->req->role));
	jo_put(o, "title", jo_text(row->req->title));
	jo_put(o, "verdict", jo_text(verdict_name(row->verdict)));
	jo_put(o, "reason", jo_text(row->reason ? row->reason : ""));
	jo_put(o, "expected", jo_text(row->expected));
	jo_put(o, "seen", jo_text(row->seen));
	jo_put(o, "traces", jo_number(row->traces));
	jo_put(o, "evidence", list);
	jo_put(o, "kept", row->kept ? evidence(row->kept) : json_null());
	jo_put(o, "repro", jo_text(row->repro ? row->repro : ""));
	jo_put(o, "caused_by", jo_text(row->caused_by));
	jo_put(o, "baseline",
	       jo_text(!row->expected_fail    ? NULL
		       : row->baseline_reason ? row->baseline_reason
					      : ""));
	return o;
}

static json_t *requirements(const struct result *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->nrows; i++)
		jo_append(a, requirement(&r->rows[i]));
	return a;
}

static json_t *timing(const struct result_timing *t)
{
	json_t *o = json_object();

	jo_put(o, "wall_s", seconds(t->wall_s));
	jo_put(o, "child_cpu_s", seconds(t->child_cpu_s));
	jo_put(o, "harness_cpu_s", seconds(t->harness_cpu_s));
	jo_put(o, "longest_wait_s", seconds(t->longest_wait_s));
	jo_put(o, "launches", jo_number(t->launches));
	jo_put(o, "date", jo_text(t->date));
	return o;
}

void report_json(const struct result *r, struct buf *out)
{
	json_t *o = json_object();

	jo_put(o, "schema", json_integer(REPORT_SCHEMA));
	jo_put(o, "tool", tool(r));
	jo_put(o, "target", target(r));
	jo_put(o, "trouble", jo_text(r->trouble));
	jo_put(o, "notes", jo_texts(r->notes));
	jo_put(o, "summary", summary(r));
	jo_put(o, "baseline", baseline(r));
	jo_put(o, "requirements", requirements(r));
	jo_put(o, "timing", timing(&r->timing));
	jo_write(o, out);
}
