/* baseline.c - applying a baseline; see baseline.h. */
#include "harness/run/baseline/baseline.h"

#include <string.h>

#include "parent/base/text.h"
#include "harness/run/baseline/entry.h"

struct applying {
	const char *path;
	struct result *r;
	struct buf *told;
};

/* --- what is told --- */

static void stale(struct applying *a, size_t i, const struct entry *en,
		  const struct result_row *row)
{
	a->r->stale++;
	buf_addf(a->told, "%s: /expected/%zu: %s is %s now, not %s\n", a->path,
		 i, en->id, verdict_name(row->verdict), en->verdict);
}

static void expired(struct applying *a, size_t i, const struct entry *en)
{
	a->r->stale++;
	buf_addf(
		a->told,
		"%s: /expected/%zu/expires: \"%s\" is over, and %s was accepted "
		"until then\n",
		a->path, i, en->expires, en->id);
}

static void unmatched(struct applying *a, size_t i, const struct entry *en,
		      const struct result_row *row)
{
	const struct found *there = NULL;
	char shown[200];

	for (size_t k = row->nfound; k-- > 0;)
		if (entry_fits_launch(en, &row->found[k]))
			there = &row->found[k];
	a->r->stale++;
	if (there)
		buf_addf(a->told,
			 "%s: /expected/%zu/message: \"%s\" is not what %s "
			 "says: %s\n",
			 a->path, i,
			 text_showbuf(shown, sizeof(shown),
				      span_str(en->message)),
			 en->id, there->what);
	else
		buf_addf(a->told,
			 "%s: /expected/%zu/launch: \"%s\" is no launch in "
			 "which %s is %s\n",
			 a->path, i,
			 text_showbuf(shown, sizeof(shown),
				      span_str(en->launch)),
			 en->id, en->verdict);
}

/* --- what is marked --- */

/* The reason of one more entry; where it can be read about is a part of it. */
static void add_reason(struct arena *a, struct result_row *row,
		       const struct entry *en)
{
	const char *why = text_show(a, span_str(en->reason), 400);

	if (en->link)
		why = arena_printf(a, "%s (%s)", why,
				   text_show(a, span_str(en->link), 400));
	if (!row->baseline_reason)
		row->baseline_reason = why;
	else if (!strstr(row->baseline_reason, why))
		row->baseline_reason =
			arena_printf(a, "%s; %s", row->baseline_reason, why);
}

static bool may_be_in_the_rest(const struct result *r,
			       const struct result_row *row,
			       const struct entry *en)
{
	return r->part_of_launches || en->launch || en->message ||
	       row->verdict == V_NA || row->verdict == V_UNTESTED;
}

static void apply_entry(struct applying *a, size_t i, const struct entry *en)
{
	struct result *r = a->r;
	struct result_row *row;

	if (entry_expired(en, r)) {
		expired(a, i, en);
		return;
	}
	if (entry_elsewhere(en, r))
		return;
	row = entry_row(r, en);
	if (entry_accept(en, row)) {
		add_reason(&r->arena, row, en);
		return;
	}
	if (r->part && may_be_in_the_rest(r, row, en))
		return;
	if (strcmp(verdict_name(row->verdict), en->verdict) != 0)
		stale(a, i, en, row);
	else
		unmatched(a, i, en, row);
}

/* Expected is a row when nothing in it is news. */
static void settle(struct result_row *row)
{
	row->expected_fail = row->baseline_reason != NULL;
	for (size_t i = 0; i < row->nfound; i++)
		row->expected_fail &= row->found[i].accepted;
	if (!row->expected_fail)
		row->baseline_reason = NULL;
}

/* What follows from a finding that is expected is expected as well. */
static void expect_followers(struct result *r)
{
	for (size_t i = 0; i < r->nrows; i++) {
		struct result_row *row = &r->rows[i], *cause;
		const struct entry of = { .id = row->caused_by };

		cause = row->caused_by ? entry_row(r, &of) : NULL;
		if (!cause || !cause->expected_fail || row->expected_fail)
			continue;
		row->expected_fail = true;
		row->baseline_reason = arena_printf(
			&r->arena, "follows from %s", row->caused_by);
	}
}

int baseline_apply(const char *path, struct result *r, struct buf *told,
		   struct err *e)
{
	struct applying a = { .path = path, .r = r, .told = told };
	json_t *root = entries_load(path, e), *list, *one;
	int rc = root ? 0 : -1;
	size_t i;

	list = json_object_get(root, "expected");
	json_array_foreach(list, i, one)
	{
		struct entry en;

		rc = entry_read(one, i, path, true, &en, e);
		if (rc)
			break;
		apply_entry(&a, i, &en);
	}
	json_decref(root);
	for (size_t k = 0; k < r->nrows; k++)
		settle(&r->rows[k]);
	if (rc == 0)
		expect_followers(r);
	return rc;
}

int baseline_check(const char *path, struct err *e)
{
	json_t *root = entries_load(path, e), *list, *one;
	int rc = root ? 0 : -1;
	struct entry en;
	size_t i;

	list = json_object_get(root, "expected");
	json_array_foreach(list, i, one)
	{
		rc = entry_read(one, i, path, true, &en, e);
		if (rc)
			break;
	}
	json_decref(root);
	return rc;
}
