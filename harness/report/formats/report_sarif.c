/*
 * report_sarif.c - SARIF 2.1.0, for GitHub's code scanning and its like.
 *
 * Results are what is wrong with the transport: fails and warnings; one that
 * the baseline expects is suppressed with its reason.  What could not be
 * decided is no result, but a notification of the tool.  A result needs a
 * place: the program, line 1; its trace is a related one, where event N stands
 * on line N + 1.  The fingerprint is the requirement and the program, so that
 * a finding stays the same one from run to run.
 */
#include <ctype.h>
#include <string.h>

#include "harness/report/formats/json_out.h"
#include "harness/report/words.h"
#include "harness/report/writers.h"
#include "harness/req/core/advice.h"

#define SARIF_SCHEMA                                                          \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
	"sarif-schema-2.1.0.json"

/* In texts "{0}" and "[text](link)" would mean something (3.11.5, 3.11.6). */
static void add_plain(struct buf *b, const char *s)
{
	for (; s && *s; s++) {
		if (strchr("{}", *s))
			buf_addc(b, *s);
		else if (strchr("[]\\", *s))
			buf_addc(b, '\\');
		buf_addc(b, *s);
	}
}

static json_t *message(const char *s)
{
	struct buf b = BUF_MAX(2 * SCRUB_MAX), clean = BUF_MAX(2 * SCRUB_MAX);
	json_t *o = json_object();

	words_scrub(&clean, s);
	add_plain(&b, buf_cstr(&clean));
	jo_put(o, "text", json_string(buf_cstr(&b)));
	buf_fini(&clean);
	buf_fini(&b);
	return o;
}

/* A path as a relative reference, or with a scheme when it is absolute. */
static json_t *uri(const char *path)
{
	struct buf b = BUF_MAX(4 * SCRUB_MAX), clean = BUF_MAX(2 * SCRUB_MAX);
	json_t *j;

	words_scrub(&clean, path);
	path = buf_cstr(&clean);
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (*path == '/')
		buf_adds(&b, "file://");
	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if (isalnum(c) || strchr("-._~/", c))
			buf_addc(&b, *path);
		else
			buf_addf(&b, "%%%02X", c);
	}
	j = json_string(buf_cstr(&b));
	buf_fini(&clean);
	buf_fini(&b);
	return j;
}

static const char *program(const struct result *r)
{
	return r->argv && r->argv[0] && *r->argv[0] ? r->argv[0] : "transport";
}

static json_t *place(const char *path, const char *base, size_t line)
{
	json_t *artifact = jo_put(json_object(), "uri", uri(path));
	json_t *physical = json_object();

	if (base)
		jo_put(artifact, "uriBaseId", json_string(base));
	jo_put(physical, "artifactLocation", artifact);
	jo_put(physical, "region",
	       jo_put(json_object(), "startLine", jo_number(line)));
	return jo_put(json_object(), "physicalLocation", physical);
}

static bool is_result(const struct result_row *row)
{
	return row->verdict == V_FAIL || row->verdict == V_WARN;
}

static const char *level(const struct result_row *row)
{
	return row->verdict == V_FAIL ? "error" : "warning";
}

static json_t *tags(const struct result_row *row)
{
	json_t *list = json_array();

	jo_append(list, jo_text(words_area(row)));
	jo_append(list, jo_text(level_name(row->req->level)));
	/* What code scanning sorts by. */
	if (row->req->area == AREA_ANONYMITY)
		jo_append(list, json_string("security"));
	return list;
}

static json_t *rule(const struct result_row *row)
{
	json_t *o = json_object(), *more = json_object();

	jo_put(o, "id", jo_text(row->req->id));
	jo_put(o, "shortDescription", message(row->req->title));
	if (*req_why(row->req))
		jo_put(o, "fullDescription", message(req_why(row->req)));
	if (row->req->traps)
		jo_put(o, "help", message(row->req->traps));
	jo_put(o, "defaultConfiguration",
	       jo_put(json_object(), "level", json_string(level(row))));
	jo_put(more, "tags", tags(row));
	jo_put(more, "section", jo_text(row->req->section));
	return jo_put(o, "properties", more);
}

static json_t *related(const struct result_row *row)
{
	json_t *list = json_array();

	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];

		for (size_t k = 0; k < e->nev; k++) {
			json_t *o = place(e->trace, "EVIDENCE",
					  (size_t)e->ev[k] + 1);

			if (e->shown && e->shown[k])
				jo_put(o, "message", message(e->shown[k]));
			jo_append(list, o);
		}
	}
	return list;
}

/* Of the command line only the name: where it lies differs. */
static json_t *fingerprint(const struct result *r, const struct result_row *row)
{
	const char *slash = strrchr(program(r), '/');

	return jo_put(json_object(), "primaryLocationLineHash",
		      jo_textf("%s/%s:1", slash ? slash + 1 : program(r),
			       row->req->id));
}

static json_t *suppressions(const struct result_row *row)
{
	json_t *list = json_array(), *o = json_object();
	struct buf follows = BUF_MAX(256);

	if (!words_expected(row) && !words_follows(row)) {
		json_decref(o);
		return list;
	}
	if (words_follows(row))
		buf_addf(&follows, "follows from %s", row->caused_by);
	jo_put(o, "kind", json_string("external"));
	jo_put(o, "justification",
	       jo_text(words_follows(row)     ? buf_cstr(&follows)
		       : row->baseline_reason ? row->baseline_reason
					      : ""));
	buf_fini(&follows);
	jo_append(list, o);
	return list;
}

static json_t *result(const struct result *r, const struct result_row *row,
		      size_t rule_index)
{
	json_t *o = json_object(), *more = json_object(), *at = json_array();

	jo_append(at, place(program(r), NULL, 1));
	jo_put(o, "ruleId", jo_text(row->req->id));
	jo_put(o, "ruleIndex", jo_number(rule_index));
	jo_put(o, "level", json_string(level(row)));
	jo_put(o, "message", message(words_why(row)));
	jo_put(o, "locations", at);
	jo_put(o, "relatedLocations", related(row));
	jo_put(o, "partialFingerprints", fingerprint(r, row));
	jo_put(o, "suppressions", suppressions(row));
	jo_put(more, "verdict", jo_text(verdict_name(row->verdict)));
	jo_put(more, "repeat", jo_text(row->repro ? row->repro : ""));
	return jo_put(o, "properties", more);
}

static json_t *notification(const char *lvl, const char *id, const char *text)
{
	json_t *o = json_object();

	jo_put(o, "level", json_string(lvl));
	jo_put(o, "message", message(text));
	if (id)
		jo_put(o, "associatedRule",
		       jo_put(json_object(), "id", jo_text(id)));
	return o;
}

static json_t *invocation(const struct result *r)
{
	json_t *o = json_object(), *said = json_array();

	if (r->trouble)
		jo_append(said, notification("error", NULL, r->trouble));
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].verdict == V_INCONCLUSIVE)
			jo_append(said,
				  notification("warning", r->rows[i].req->id,
					       words_why(&r->rows[i])));
	for (size_t i = 0; r->notes && r->notes[i]; i++)
		jo_append(said, notification("note", NULL, r->notes[i]));
	jo_put(o, "executionSuccessful", json_boolean(!r->trouble));
	return jo_put(o, "toolExecutionNotifications", said);
}

void report_sarif(const struct result *r, struct buf *out)
{
	json_t *root = json_object(), *run = json_object(), *runs;
	json_t *rules = json_array(), *results = json_array();
	json_t *driver = json_object(), *calls = json_array();

	for (size_t i = 0; i < r->nrows; i++) {
		if (!is_result(&r->rows[i]))
			continue;
		jo_append(results,
			  result(r, &r->rows[i], json_array_size(rules)));
		jo_append(rules, rule(&r->rows[i]));
	}
	jo_put(driver, "name", json_string("ptcheck"));
	jo_put(driver, "version", jo_text(r->version));
	jo_put(driver, "rules", rules);
	jo_append(calls, invocation(r));
	jo_put(run, "tool", jo_put(json_object(), "driver", driver));
	jo_put(run, "invocations", calls);
	jo_put(run, "results", results);
	runs = json_array();
	jo_append(runs, run);
	jo_put(root, "$schema", json_string(SARIF_SCHEMA));
	jo_put(root, "version", json_string("2.1.0"));
	jo_put(root, "runs", runs);
	jo_write(root, out);
}
