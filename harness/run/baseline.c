/* baseline.c - see baseline.h. */
#include "harness/run/baseline.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "parent/base/text.h"
#include "harness/run/evidence.h"

#define BASELINE_MAX (4u << 20)
#define NO_REASON "why is this accepted? say it here"

struct entry {
	const char *id, *verdict, *reason;
};

static struct result_row *find_row(const struct result *r, const char *id)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (strcmp(r->rows[i].req->id, id) == 0)
			return &r->rows[i];
	return NULL;
}

static int wrong(struct err *e, const char *path, size_t i, const char *key,
		 const char *value, const char *what)
{
	char shown[80];

	return err_set(e, 0, "%s: /expected/%zu/%s: \"%s\" %s", path, i, key,
		       text_showbuf(shown, sizeof(shown), span_str(value)),
		       what);
}

static int read_entry(const json_t *o, size_t i, const char *path,
		      struct entry *out, struct err *e)
{
	json_error_t je;
	char shown[200];

	if (json_unpack_ex((json_t *)o, &je, JSON_STRICT, "{ss, ss, ss}", "id",
			   &out->id, "verdict", &out->verdict, "reason",
			   &out->reason))
		return err_set(
			e, 0, "%s: /expected/%zu: %s", path, i,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
	if (!req_find(out->id))
		return wrong(e, path, i, "id", out->id, "is no requirement");
	if (strcmp(out->verdict, "fail") != 0 &&
	    strcmp(out->verdict, "warn") != 0)
		return wrong(e, path, i, "verdict", out->verdict,
			     "is neither fail nor warn");
	if (!out->reason[0] || strcmp(out->reason, NO_REASON) == 0)
		return wrong(e, path, i, "reason", out->reason, "is no reason");
	return 0;
}

/* What follows from a finding that is expected is expected as well. */
static void expect_followers(struct result *r)
{
	for (size_t i = 0; i < r->nrows; i++) {
		struct result_row *row = &r->rows[i], *cause;

		cause = row->caused_by ? find_row(r, row->caused_by) : NULL;
		if (!cause || !cause->expected_fail || row->expected_fail)
			continue;
		row->expected_fail = true;
		row->baseline_reason = arena_printf(
			&r->arena, "follows from %s", row->caused_by);
	}
}

static json_t *load(const char *path, struct err *e)
{
	json_error_t je;
	struct span text;
	char shown[200];
	json_t *root;

	if (evidence_read_file(path, BASELINE_MAX, &text, e))
		return NULL;
	root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	free((void *)text.p);
	if (!root) {
		/* It quotes the file. */
		err_set(e, 0, "%s:%d:%d: %s", path, je.line, je.column,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
		return NULL;
	}
	if (json_integer_value(json_object_get(root, "baseline")) == 1 &&
	    json_is_array(json_object_get(root, "expected")) &&
	    json_object_size(root) == 2)
		return root;
	err_set(e, 0, "%s: /: must be {\"baseline\": 1, \"expected\": [...]}",
		path);
	json_decref(root);
	return NULL;
}

int baseline_apply(const char *path, struct result *r, struct buf *stale,
		   struct err *e)
{
	json_t *root = load(path, e), *list, *one;
	int rc = root ? 0 : -1;
	size_t i;

	list = json_object_get(root, "expected");
	json_array_foreach(list, i, one)
	{
		struct result_row *row;
		struct entry en;

		rc = read_entry(one, i, path, &en, e);
		if (rc)
			break;
		row = find_row(r, en.id);
		if (!row)
			continue;
		if (strcmp(verdict_name(row->verdict), en.verdict) == 0) {
			row->expected_fail = true;
			row->baseline_reason =
				text_show(&r->arena, span_str(en.reason), 400);
			continue;
		}
		r->stale++;
		buf_addf(stale, "%s: /expected/%zu: %s is %s now, not %s\n",
			 path, i, en.id, verdict_name(row->verdict),
			 en.verdict);
	}
	json_decref(root);
	if (rc == 0)
		expect_followers(r);
	return rc;
}

int baseline_check(const char *path, struct err *e)
{
	json_t *root = load(path, e), *list, *one;
	int rc = root ? 0 : -1;
	struct entry en;
	size_t i;

	list = json_object_get(root, "expected");
	json_array_foreach(list, i, one)
	{
		rc = read_entry(one, i, path, &en, e);
		if (rc)
			break;
	}
	json_decref(root);
	return rc;
}

/* The reason that the old file gave, or a request for one. */
static const char *old_reason(const json_t *old, const char *id)
{
	const json_t *list = json_object_get(old, "expected"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *oid = json_string_value(json_object_get(one, "id"));
		const char *why =
			json_string_value(json_object_get(one, "reason"));

		if (oid && why && strcmp(oid, id) == 0)
			return why;
	}
	return NO_REASON;
}

/* What this run did not select is none of its business. */
static void keep_others(const json_t *old, const struct result *r, json_t *list)
{
	const json_t *entries = json_object_get(old, "expected");
	json_t *one;
	size_t i;

	json_array_foreach(entries, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "id"));

		if (id && req_find(id) && !find_row(r, id))
			json_array_append(list, one);
	}
}

int baseline_write(const char *path, const struct result *r, struct err *e)
{
	struct err ignored = { 0 };
	json_t *old = access(path, F_OK) == 0 ? load(path, &ignored) : NULL;
	json_t *list = json_array(), *root;
	char aside[4096];
	int rc;

	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *row = &r->rows[i];

		/* What follows from a finding goes with it. */
		if ((row->verdict != V_FAIL && row->verdict != V_WARN) ||
		    row->caused_by)
			continue;
		json_array_append_new(
			list,
			json_pack("{ss, ss, ss}", "id", row->req->id, "verdict",
				  verdict_name(row->verdict), "reason",
				  old_reason(old, row->req->id)));
	}
	keep_others(old, r, list);
	root = json_pack("{si, so}", "baseline", 1, "expected", list);
	snprintf(aside, sizeof(aside), "%s.new", path);
	rc = json_dump_file(root, aside, JSON_INDENT(1)) || rename(aside, path)
		     ? err_sys(e, errno, "%s", path)
		     : 0;
	if (rc)
		unlink(aside);
	json_decref(root);
	json_decref(old);
	return rc;
}
