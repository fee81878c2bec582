/*
 * report_tap.c - TAP 14, one subtest per area.
 *
 * TAP knows only ok and not ok.  Not ok is what lets the run fail: a fail
 * that nobody expected.  An expected one is TODO, and so is one that follows
 * from another; what could not be decided
 * and what was not tried is SKIP, never a plain ok.
 */
#include "harness/report/words.h"
#include "harness/report/writers.h"

/* Subtests stand four columns in, their YAML two more. */
#define SUB "    "
#define YAML SUB "  "

/* A hash would start a directive, a backslash is what escapes it. */
static void put_text(struct buf *out, const char *s)
{
	struct buf b = BUF_MAX(2 * SCRUB_MAX);

	words_scrub(&b, s);
	for (size_t i = 0; i < b.n; i++) {
		if (b.p[i] == '#' || b.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, b.p[i]);
	}
	buf_fini(&b);
}

/* Perl's TAP::Parser, and so prove, gives up at a longer scalar: its patterns
 * repeat at most 32766 times, and an escaped character is one of them. */
#define SCALAR_MAX 30000

/* A double-quoted YAML scalar. */
static void put_quoted(struct buf *out, const char *s)
{
	struct buf b = BUF_MAX(2 * SCRUB_MAX);

	words_scrub(&b, s);
	buf_addc(out, '"');
	for (size_t i = 0; i < b.n; i++) {
		bool begins = (b.p[i] & 0xc0) != 0x80; /* a character */

		if (i >= SCALAR_MAX && begins) {
			buf_adds(out, "...");
			break;
		}
		if (b.p[i] == '"' || b.p[i] == '\\')
			buf_addc(out, '\\');
		buf_addc(out, b.p[i]);
	}
	buf_addc(out, '"');
	buf_fini(&b);
}

static void put_pair(struct buf *out, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	buf_addf(out, YAML "%s: ", key);
	put_quoted(out, value);
	buf_addc(out, '\n');
}

static void put_evidence(struct buf *out, const struct result_row *row)
{
	if (row->nevidence)
		buf_adds(out, YAML "evidence:\n");
	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];

		buf_adds(out, YAML "  - trace: ");
		put_quoted(out, e->trace);
		buf_adds(out, "\n" YAML "    events: [");
		for (size_t k = 0; k < e->nev; k++)
			buf_addf(out, "%s%u", k ? ", " : "", e->ev[k]);
		buf_adds(out, "]\n");
	}
}

static bool not_ok(const struct result_row *row)
{
	return row->verdict == V_FAIL && !words_expected(row) &&
	       !words_follows(row);
}

static void put_directive(struct buf *out, const struct result_row *row)
{
	const char *why = words_why(row);

	/* An expected warning is ok already: no test to be done. */
	if (row->verdict == V_FAIL && words_expected(row)) {
		buf_adds(out, " # TODO ");
		put_text(out, row->baseline_reason ? row->baseline_reason
						   : "expected");
	} else if (row->verdict == V_FAIL && words_follows(row)) {
		buf_addf(out, " # TODO follows from %s", row->caused_by);
	} else if (row->verdict <= V_NA || row->verdict == V_INCONCLUSIVE) {
		buf_addf(out, " # SKIP %s", verdict_name(row->verdict));
		if (*why)
			buf_adds(out, ": ");
		put_text(out, why);
	}
}

static void put_point(struct buf *out, const struct result_row *row, size_t n)
{
	bool bad = row->verdict == V_FAIL;

	buf_addf(out, SUB "%sok %zu - ", bad ? "not " : "", n);
	put_text(out, row->req->id);
	buf_addc(out, ' ');
	put_text(out, row->req->title);
	put_directive(out, row);
	buf_addc(out, '\n');
	if (row->verdict < V_INFO)
		return;
	buf_adds(out, YAML "---\n");
	put_pair(out, "verdict", verdict_name(row->verdict));
	put_pair(out, "level", level_name(row->req->level));
	put_pair(out, "section", row->req->section);
	put_pair(out, "message", words_why(row));
	if (row->expected) {
		put_pair(out, "expected", row->expected);
		put_pair(out, "saw", row->seen);
	}
	put_evidence(out, row);
	put_pair(out, "repeat", row->repro);
	buf_adds(out, YAML "...\n");
}

static size_t put_area(struct buf *out, const struct result *r, size_t from,
		       size_t n)
{
	size_t end = words_area_end(r, from);
	bool bad = false;

	buf_addf(out, "# Subtest: %s\n" SUB "1..%zu\n",
		 words_area(&r->rows[from]), end - from);
	for (size_t i = from; i < end; i++) {
		put_point(out, &r->rows[i], i - from + 1);
		bad = bad || not_ok(&r->rows[i]);
	}
	buf_addf(out, "%sok %zu - %s\n", bad ? "not " : "", n,
		 words_area(&r->rows[from]));
	return end;
}

static void put_comment(struct buf *out, const char *s)
{
	buf_adds(out, "# ");
	words_scrub(out, s);
	buf_addc(out, '\n');
}

void report_tap(const struct result *r, struct buf *out)
{
	struct buf head = BUF_MAX(SCRUB_MAX);
	size_t areas = 0;

	buf_adds(out, "TAP version 14\n");
	for (size_t i = 0; i < r->nrows; i = words_area_end(r, i))
		areas++;
	buf_addf(out, "1..%zu%s\n", areas,
		 areas ? "" : " # SKIP nothing was selected");
	words_headline(&head, r);
	put_comment(out, buf_cstr(&head));
	for (size_t i = 0; r->notes && r->notes[i]; i++)
		put_comment(out, r->notes[i]);
	if (r->trouble) {
		buf_adds(out, "Bail out! ");
		put_text(out, r->trouble);
		buf_addc(out, '\n');
	}
	for (size_t i = 0, n = 1; i < r->nrows && !r->trouble; n++)
		i = put_area(out, r, i, n);
	buf_fini(&head);
}
