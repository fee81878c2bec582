/*
 * report_ctrf.c - CTRF, the common test report format.
 *
 * Times are 0: the same evidence gives the same bytes.
 *
 *   pass, info, warn   passed
 *   fail               failed; with a reason in the baseline: skipped
 *   na                 skipped
 *   untested           pending
 *   inconclusive       other
 *
 * What it was before is rawStatus.
 */
#include <string.h>

#include "harness/report/formats/json_out.h"
#include "harness/report/words.h"
#include "harness/report/writers.h"

#define CTRF_VERSION "0.1.0"

enum status { PASSED, FAILED, SKIPPED, PENDING, OTHER, STATUSES };

static const char *const status_names[STATUSES] = {
	"passed", "failed", "skipped", "pending", "other",
};

static enum status status(const struct result_row *row)
{
	switch (row->verdict) {
	case V_PASS:
	case V_INFO:
	case V_WARN:
		return PASSED;
	case V_FAIL:
		return words_expected(row) || words_follows(row) ? SKIPPED
								 : FAILED;
	case V_NA:
		return SKIPPED;
	case V_UNTESTED:
	case V_NONE:
		return PENDING;
	case V_INCONCLUSIVE:
		return OTHER;
	}
	return OTHER;
}

/* The events, as lines. */
static json_t *trace(const struct result_row *row)
{
	struct buf b = BUF_MAX(4 * SCRUB_MAX);
	json_t *j;

	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];

		words_scrub(&b, e->trace);
		buf_addc(&b, '\n');
		for (size_t k = 0; e->shown && k < e->nev; k++) {
			buf_addf(&b, "%6u  ", e->ev[k]);
			words_scrub(&b, e->shown[k] ? e->shown[k] : "");
			buf_addc(&b, '\n');
		}
	}
	j = json_string(buf_cstr(&b));
	buf_fini(&b);
	return j ? j : json_string("");
}

static json_t *attachments(const struct result_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];
		json_t *o = json_object();

		jo_put(o, "name", jo_text(e->launch ? e->launch : e->trace));
		jo_put(o, "contentType", json_string("application/jsonl"));
		jo_put(o, "path", jo_text(e->trace));
		jo_append(list, o);
	}
	return list;
}

static json_t *labels(const struct result_row *row)
{
	json_t *o = json_object();

	jo_put(o, "requirement", jo_text(row->req->id));
	jo_put(o, "level", jo_text(level_name(row->req->level)));
	jo_put(o, "section", jo_text(row->req->section));
	return jo_put(o, "role", jo_text(row->req->role));
}

static json_t *extra(const struct result_row *row)
{
	json_t *o = json_object();

	jo_put(o, "expected", jo_text(row->expected));
	jo_put(o, "saw", jo_text(row->seen));
	jo_put(o, "repeat", jo_text(row->repro ? row->repro : ""));
	return jo_put(o, "baseline", jo_text(row->baseline_reason));
}

static json_t *suite(const char *name)
{
	json_t *list = json_array();

	jo_append(list, json_string("ptcheck"));
	jo_append(list, jo_text(name));
	return list;
}

static json_t *test(const struct result_row *row)
{
	json_t *o = json_object();

	jo_put(o, "name", jo_textf("%s %s", row->req->id, row->req->title));
	jo_put(o, "status", json_string(status_names[status(row)]));
	jo_put(o, "duration", json_integer(0));
	jo_put(o, "suite", suite(words_area(row)));
	if (*words_why(row))
		jo_put(o, "message", jo_text(words_why(row)));
	if (row->nevidence) {
		jo_put(o, "trace", trace(row));
		jo_put(o, "attachments", attachments(row));
	}
	jo_put(o, "rawStatus", jo_text(verdict_name(row->verdict)));
	jo_put(o, "labels", labels(row));
	return jo_put(o, "extra", extra(row));
}

/* What is wrong with the run as a whole is a test that failed. */
static json_t *run_test(const char *trouble)
{
	json_t *o = json_object();

	jo_put(o, "name", json_string("the run can be believed"));
	jo_put(o, "status", json_string(status_names[FAILED]));
	jo_put(o, "duration", json_integer(0));
	jo_put(o, "suite", suite("run"));
	jo_put(o, "message", jo_text(trouble));
	return jo_put(o, "rawStatus", json_string("trouble"));
}

static json_t *summary(const struct result *r)
{
	size_t n[STATUSES] = { [FAILED] = r->trouble != NULL };
	json_t *o = json_object();

	for (size_t i = 0; i < r->nrows; i++)
		n[status(&r->rows[i])]++;
	jo_put(o, "tests", jo_number(r->nrows + (r->trouble != NULL)));
	for (size_t i = 0; i < STATUSES; i++)
		jo_put(o, status_names[i], jo_number(n[i]));
	jo_put(o, "start", json_integer(0));
	return jo_put(o, "stop", json_integer(0));
}

static json_t *environment(const struct result *r)
{
	json_t *o = json_object(), *more = json_object();

	jo_put(o, "appName",
	       jo_text(r->argv && r->argv[0] ? r->argv[0] : "transport"));
	jo_put(more, "argv", jo_texts(r->argv));
	jo_put(more, "sha256", jo_text(r->sha256));
	jo_put(more, "spec", jo_text(r->spec));
	return jo_put(o, "extra", more);
}

void report_ctrf(const struct result *r, struct buf *out)
{
	json_t *root = json_object(), *results = json_object();
	json_t *tool = json_object(), *tests = json_array();

	jo_put(tool, "name", json_string("ptcheck"));
	jo_put(tool, "version", jo_text(r->version));
	if (r->trouble)
		jo_append(tests, run_test(r->trouble));
	for (size_t i = 0; i < r->nrows; i++)
		jo_append(tests, test(&r->rows[i]));
	jo_put(results, "tool", tool);
	jo_put(results, "summary", summary(r));
	jo_put(results, "tests", tests);
	jo_put(results, "environment", environment(r));
	jo_put(root, "reportFormat", json_string("CTRF"));
	jo_put(root, "specVersion", json_string(CTRF_VERSION));
	jo_put(root, "results", results);
	jo_write(root, out);
}
