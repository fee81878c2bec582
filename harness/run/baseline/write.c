/* write.c - a baseline from the findings of a run; see baseline.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/run/baseline/baseline.h"
#include "harness/run/baseline/entry.h"
#include "harness/run/evidence/evidence.h"

/* Entries of the old file, those that are to stay, and what is new. */
struct updating {
	const char *path;
	const json_t *old; /* a list; NULL: there is none */
	const struct result *r;
	json_t *list;
};

static void add(struct updating *u, const struct result_row *row,
		const char *launch, const char *reason)
{
	json_t *o = json_pack("{ss, ss}", "id", row->req->id, "verdict",
			      verdict_name(row->verdict));

	if (launch)
		json_object_set_new(o, "launch", json_string(launch));
	json_object_set_new(o, "reason", json_string(reason));
	json_array_append_new(u->list, o);
}

/* Entries of the old file are known to be good. */
static struct entry read_again(const json_t *o)
{
	struct entry en;
	struct err e;

	entry_read(o, 0, "", false, &en, &e);
	return en;
}

/* Those that still accept something of that row stay; @reason: what was said
 * of it before. */
static size_t keep_used(struct updating *u, struct result_row *row,
			const char **reason)
{
	size_t i, kept = 0;
	json_t *one;

	json_array_foreach((json_t *)u->old, i, one)
	{
		struct entry en = read_again(one);

		if (strcmp(en.id, row->req->id) != 0 ||
		    entry_elsewhere(&en, u->r) || entry_expired(&en, u->r))
			continue;
		*reason = en.reason;
		if (!entry_accept(&en, row))
			continue;
		json_array_append(u->list, one);
		kept++;
	}
	return kept;
}

static void update_row(struct updating *u, struct result_row *row)
{
	const char *reason = NO_REASON;

	size_t kept = keep_used(u, row, &reason);

	/* What follows from a finding goes with it. */
	if (row->caused_by)
		return;
	if (kept == 0) {
		add(u, row, NULL, reason);
		return;
	}
	/* Where the others do not reach: which launches that are. */
	for (size_t i = 0; i < row->nfound; i++)
		if (!row->found[i].accepted)
			add(u, row, row->found[i].launch, NO_REASON);
}

/* What this run tells nothing of is none of its business. */
static void keep_others(struct updating *u)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)u->old, i, one)
	{
		struct entry en = read_again(one);

		if (entry_elsewhere(&en, u->r) && !entry_expired(&en, u->r))
			json_array_append(u->list, one);
	}
}

static int check_old(const struct updating *u, struct err *e)
{
	struct entry en;
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)u->old, i, one)
	{
		if (entry_read(one, i, u->path, false, &en, e))
			return -1;
	}
	return 0;
}

static void put(struct updating *u, const json_t *schema, struct buf *out)
{
	json_t *root = json_object();

	if (schema)
		json_object_set(root, "$schema", (json_t *)schema);
	json_object_set_new(root, "baseline", json_integer(1));
	json_object_set(root, "expected", u->list);
	if (evidence_json(root, out))
		die_oom();
	json_decref(root);
}

int baseline_text(const char *path, struct result *r, struct buf *out,
		  struct err *e)
{
	bool is_there = path && access(path, F_OK) == 0;
	json_t *root = is_there ? entries_load(path, e) : NULL;
	struct updating u = {
		.path = path,
		.old = json_object_get(root, "expected"),
		.r = r,
		.list = json_array(),
	};
	int rc = (is_there && !root) || check_old(&u, e) ? -1 : 0;

	for (size_t i = 0; i < r->nrows && rc == 0; i++)
		if (r->rows[i].verdict == V_FAIL ||
		    r->rows[i].verdict == V_WARN)
			update_row(&u, &r->rows[i]);
	if (rc == 0) {
		keep_others(&u);
		put(&u, json_object_get(root, "$schema"), out);
	}
	json_decref(u.list);
	json_decref(root);
	return rc;
}

int baseline_write(const char *path, struct result *r, struct err *e)
{
	struct buf text = BUF_MAX(16u << 20);
	int rc = baseline_text(path, r, &text, e);

	if (rc == 0)
		rc = evidence_write_file(path, buf_span(&text), e);
	buf_fini(&text);
	return rc;
}
