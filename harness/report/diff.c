/* diff.c - see diff.h. */
#include "harness/report/diff.h"

#include <stdlib.h>
#include <string.h>

#include "harness/report/formats/json_out.h"
#include "harness/report/words.h"

const char *const diff_names[DIFF_COUNT] = {
#define X(name) [DIFF_##name] = #name,
	DIFF_KINDS(X)
#undef X
};

enum state { OPEN, GOOD, WARNING, FAILURE };

static enum state state(const struct result_row *row)
{
	if (!row)
		return OPEN;
	if (words_expected(row))
		return GOOD;
	/* Of it itself nothing is known. */
	if (words_follows(row))
		return OPEN;
	switch (row->verdict) {
	case V_NONE:
	case V_UNTESTED:
	case V_NA:
	case V_INCONCLUSIVE:
		return OPEN;
	case V_PASS:
	case V_INFO:
		return GOOD;
	case V_WARN:
		return WARNING;
	case V_FAIL:
		return FAILURE;
	}
	return OPEN;
}

static enum diff_kind kind(const struct result_row *was,
			   const struct result_row *is)
{
	enum state a = state(was), b = state(is);

	if (a == b)
		return DIFF_same;
	if (a == OPEN)
		return b == GOOD ? DIFF_kept : DIFF_new;
	if (b == OPEN)
		return a == GOOD ? DIFF_open : DIFF_gone;
	return b > a ? DIFF_worse : DIFF_better;
}

static const struct result_row *find(const struct result *r, const char *id)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (strcmp(r->rows[i].req->id, id) == 0)
			return &r->rows[i];
	return NULL;
}

static void add(struct diff *d, enum diff_kind only,
		const struct result_row *was, const struct result_row *is)
{
	if (kind(was, is) != only)
		return;
	d->rows[d->n++] = (struct diff_row){ only, was, is };
	d->count[only]++;
}

void diff_make(const struct result *was, const struct result *is,
	       struct diff *out)
{
	*out = (struct diff){ 0 };
	out->rows = calloc(was->nrows + is->nrows + 1, sizeof(*out->rows));
	if (!out->rows)
		die_oom();
	for (enum diff_kind k = 0; k < DIFF_COUNT; k++) {
		for (size_t i = 0; i < is->nrows; i++)
			add(out, k, find(was, is->rows[i].req->id),
			    &is->rows[i]);
		for (size_t i = 0; i < was->nrows; i++)
			if (!find(is, was->rows[i].req->id))
				add(out, k, &was->rows[i], NULL);
	}
}

void diff_fini(struct diff *d)
{
	free(d->rows);
	*d = (struct diff){ 0 };
}

static const char *verdict_word(const struct result_row *row)
{
	return !row		     ? "not in the report"
	       : words_expected(row) ? "expected by the baseline"
				     : verdict_name(row->verdict);
}

/* --- for people --- */

static void put_line(struct buf *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(out, "%10s  ", name);
	words_scrub(out, text);
	buf_addc(out, '\n');
}

static void put_row(struct buf *out, const struct diff_row *d)
{
	const struct result_row *row = d->is ? d->is : d->was;

	words_scrub(out, row->req->id);
	buf_addf(out, "  %s  ", level_name(row->req->level));
	words_scrub(out, row->req->title);
	buf_addf(out, "\n%10s  %s", "was", verdict_word(d->was));
	buf_addf(out, "\n%10s  %s\n", "is", verdict_word(d->is));
	put_line(out, "because", words_why(row));
	/* What is left to be done. */
	if (d->kind == DIFF_worse || d->kind == DIFF_new)
		put_line(out, "repeat", row->repro);
}

static void put_name(struct buf *out, const char *name, const struct result *r)
{
	buf_addf(out, "%s", name);
	for (size_t i = 0; r->argv && r->argv[i]; i++) {
		buf_addc(out, ' ');
		words_scrub(out, r->argv[i]);
	}
	buf_adds(out, " (PT ");
	words_scrub(out, r->spec);
	buf_adds(out, ")\n");
}

void diff_text(const struct diff *d, const struct result *was,
	       const struct result *is, struct buf *out)
{
	enum diff_kind last = DIFF_same;

	put_name(out, "was:", was);
	put_name(out, "is: ", is);
	if (was->trouble || is->trouble)
		buf_adds(out, "One of both runs cannot be believed.\n");
	for (size_t i = 0; i < d->n; i++) {
		if (d->rows[i].kind != last)
			buf_addf(out, "\n--- %s ---\n",
				 diff_names[d->rows[i].kind]);
		last = d->rows[i].kind;
		put_row(out, &d->rows[i]);
	}
	buf_addc(out, '\n');
	for (size_t k = 0; k < DIFF_COUNT; k++)
		buf_addf(out, "%s%zu %s", k ? ", " : "", d->count[k],
			 diff_names[k]);
	buf_addc(out, '\n');
}

/* --- for programs --- */

static json_t *side(const struct result_row *row)
{
	json_t *o;

	if (!row)
		return json_null();
	o = json_object();
	jo_put(o, "verdict", jo_text(verdict_name(row->verdict)));
	jo_put(o, "expected", json_boolean(words_expected(row)));
	jo_put(o, "reason", jo_text(words_why(row)));
	return jo_put(o, "repro", jo_text(row->repro ? row->repro : ""));
}

static json_t *change(const struct diff_row *d)
{
	const struct req *req = (d->is ? d->is : d->was)->req;
	json_t *o = json_object();

	jo_put(o, "id", jo_text(req->id));
	jo_put(o, "level", jo_text(level_name(req->level)));
	jo_put(o, "title", jo_text(req->title));
	jo_put(o, "kind", jo_text(diff_names[d->kind]));
	jo_put(o, "was", side(d->was));
	return jo_put(o, "is", side(d->is));
}

static json_t *about(const struct result *r)
{
	json_t *o = json_object();

	jo_put(o, "argv", jo_texts(r->argv));
	jo_put(o, "sha256", jo_text(r->sha256));
	jo_put(o, "spec", jo_text(r->spec));
	return jo_put(o, "trouble", jo_text(r->trouble));
}

void diff_json(const struct diff *d, const struct result *was,
	       const struct result *is, struct buf *out)
{
	json_t *root = json_object(), *list = json_array();
	json_t *summary = json_object();

	for (size_t k = 0; k < DIFF_COUNT; k++)
		jo_put(summary, diff_names[k], jo_number(d->count[k]));
	for (size_t i = 0; i < d->n; i++)
		jo_append(list, change(&d->rows[i]));
	jo_put(root, "diff", json_integer(1));
	jo_put(root, "was", about(was));
	jo_put(root, "is", about(is));
	jo_put(root, "summary", summary);
	jo_put(root, "changes", list);
	jo_write(root, out);
}
