/*
 * report_term.c - the result for a terminal: what broke, how to repeat it,
 * then numbers.
 *
 * Plain ASCII apart from the section sign, wrapped to the width, no trailing
 * blanks.  Only the line of totals and words of the repeat command are never
 * broken: the one is searched for, the others are pasted into a shell.
 */
#include <stdio.h>
#include <string.h>

#include "harness/report/term/term.h"
#include "harness/report/writers.h"

#define WIDTH_MIN 48u
#define WIDTH_MAX 160u
#define WIDTH_UNKNOWN 80u
#define INDENT_TITLE 6u

/* --- findings --------------------------------------------------------- */

/* "FAIL  MSG-VERERR-4  MUST  §3.3.2.1  title" */
static void put_title(struct term *t, const struct result_row *row)
{
	struct buf b = BUF_MAX(PARA_MAX), section = BUF_MAX(PARA_MAX);

	term_tag(t, row->verdict);
	buf_addf(&b, "%s  %s  ", row->req->id, level_name(row->req->level));
	words_section(&section, row->req->section);
	if (section.n)
		buf_addf(&b, "%s  ", buf_cstr(&section));
	buf_adds(&b, row->req->title);
	term_wrap(t, INDENT_TITLE, buf_cstr(&b));
	buf_fini(&section);
	buf_fini(&b);
}

static void put_evidence(struct term *t, const struct evidence *e)
{
	struct buf b = BUF_MAX(PARA_MAX);

	buf_adds(&b, e->trace);
	for (size_t i = 0; i < e->nev; i++)
		buf_addf(&b, "%s %u",
			 i	      ? ","
			 : e->nev > 1 ? " events"
				      : " event",
			 e->ev[i]);
	if (e->launch && strcmp(e->launch, e->trace) != 0)
		buf_addf(&b, " (%s)", e->launch);
	term_labelled(t, "evidence", buf_cstr(&b));
	for (size_t i = 0; e->shown && i < e->nev; i++) {
		char nr[16];

		if (!e->shown[i])
			continue;
		snprintf(nr, sizeof(nr), "%4u  ", e->ev[i]);
		term_spaces(t, INDENT_TEXT);
		term_puts(t, nr);
		term_wrap(t, t->col, e->shown[i]);
	}
	if (e->display_filter)
		term_labelled(t, "wireshark", e->display_filter);
	buf_fini(&b);
}

static void finding(struct term *t, const struct result *r,
		    const struct result_row *row)
{
	struct buf more = BUF_MAX(PARA_MAX);

	put_title(t, row);
	if (row->expected) {
		term_labelled(t, "expected", row->expected);
		term_labelled(t, "saw", row->seen);
	} else {
		term_labelled(t, "because", words_why(row));
	}
	for (size_t i = 0; i < row->nevidence; i++)
		put_evidence(t, &row->evidence[i]);
	words_followers(&more, r, row);
	term_labelled(t, "so, too", buf_cstr(&more));
	buf_fini(&more);
	term_command(t, row->repro);
	term_newline(t);
}

static void findings(struct term *t, const struct result *r)
{
	static const enum verdict order[] = {
		V_FAIL,
		V_INCONCLUSIVE,
		V_WARN,
	};

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < r->nrows; i++)
			if (r->rows[i].verdict == order[k] &&
			    !words_expected(&r->rows[i]) &&
			    !words_follows(&r->rows[i]))
				finding(t, r, &r->rows[i]);
}

/* "INFO  ID  text", or the title where there is no text. */
static void short_line(struct term *t, const struct result_row *row,
		       const char *text)
{
	struct buf b = BUF_MAX(PARA_MAX);

	term_tag(t, row->verdict);
	buf_addf(&b, "%s  %s", row->req->id, *text ? text : row->req->title);
	term_wrap(t, INDENT_TITLE, buf_cstr(&b));
	buf_fini(&b);
}

static void short_lines(struct term *t, const struct result *r, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *row = &r->rows[i];

		if (row->verdict != v || words_expected(row))
			continue;
		short_line(t, row,
			   v == V_PASS ? ""
			   : row->seen ? row->seen
				       : words_why(row));
		n++;
	}
	if (n)
		term_newline(t);
}

static void expected_lines(struct term *t, const struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *row = &r->rows[i];

		if (!words_expected(row))
			continue;
		if (n++ == 0)
			term_wrap(t, 0, "Expected by the baseline:");
		short_line(t, row,
			   row->baseline_reason ? row->baseline_reason : "");
	}
	if (n)
		term_newline(t);
}

/* --- numbers ---------------------------------------------------------- */

/* Where the full names do not fit. */
static const char *const brief[SUMMARY_VERDICTS] = {
	"pass", "fail", "warn", "info", "na", "unt.", "inc.",
};

#define AREA_COLUMN 13
/* The full names need this much. */
#define TABLE_WIDTH 67u

static const char *head_of(const struct term *t, size_t i)
{
	return t->width < TABLE_WIDTH ? brief[i]
				      : verdict_name(summary_verdicts[i]);
}

static int head_width(const struct term *t, size_t i)
{
	int n = (int)strlen(head_of(t, i));

	return t->width < TABLE_WIDTH ? 5 : (n > 4 ? n : 4) + 2;
}

static void table_line(struct term *t, const char *area,
		       const size_t count[SUMMARY_VERDICTS])
{
	buf_addf(t->out, "%-*s", AREA_COLUMN, area);
	for (size_t k = 0; k < SUMMARY_VERDICTS; k++) {
		char cell[24] = ".";

		if (!count)
			snprintf(cell, sizeof(cell), "%s", head_of(t, k));
		else if (count[k])
			snprintf(cell, sizeof(cell), "%zu", count[k]);
		buf_addf(t->out, "%*s", head_width(t, k), cell);
	}
	term_newline(t);
}

static void table(struct term *t, const struct result *r)
{
	size_t end;

	table_line(t, "area", NULL);
	for (size_t i = 0; i < r->nrows; i = end) {
		size_t count[SUMMARY_VERDICTS] = { 0 };

		end = words_area_end(r, i);
		for (size_t k = i; k < end; k++)
			for (size_t c = 0; c < SUMMARY_VERDICTS; c++)
				count[c] += r->rows[k].verdict ==
					    summary_verdicts[c];
		table_line(t, words_area(&r->rows[i]), count);
	}
	term_newline(t);
}

static void totals(struct term *t, const struct result *r)
{
	buf_addf(t->out, "selected %zu", r->nrows);
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		buf_addf(t->out, " %s %s %zu", i ? "+" : "=",
			 verdict_name(summary_verdicts[i]),
			 r->count[summary_verdicts[i]]);
	term_newline(t);
}

/* What was tested, and by which rules. */
static void subject(struct term *t, const struct result *r)
{
	struct buf b = BUF_MAX(PARA_MAX);

	buf_addf(&b, "Profile %s: %s", r->spec, r->spec_why);
	term_wrap(t, 0, buf_cstr(&b));
	buf_reset(&b);
	buf_addf(&b, "%ju launch%s", (uintmax_t)r->timing.launches,
		 r->timing.launches == 1 ? "" : "es");
	if (r->out_dir)
		buf_addf(&b, ", evidence in %s", r->out_dir);
	term_wrap(t, 0, buf_cstr(&b));
	if (r->stale) {
		buf_reset(&b);
		buf_addf(&b, "Stale baseline: %zu %s of no use any more",
			 r->stale, r->stale == 1 ? "entry is" : "entries are");
		term_wrap(t, 0, buf_cstr(&b));
	}
	buf_fini(&b);
}

static void headline(struct term *t, const struct result *r)
{
	static const char *const code[] = {
		[OUTCOME_TROUBLE] = "1;35",
		[OUTCOME_FAILS] = "1;31",
		[OUTCOME_NOTHING] = "1;33",
		[OUTCOME_CONFORMS] = "1;32",
	};
	struct buf b = BUF_MAX(PARA_MAX);

	words_headline(&b, r);
	term_colour(t, code[words_outcome(r)]);
	term_wrap(t, 0, buf_cstr(&b));
	term_plain(t);
	buf_fini(&b);
}

void report_term(const struct result *r, const struct term_style *st,
		 struct buf *out)
{
	unsigned w = st->width ? st->width : WIDTH_UNKNOWN;
	struct term t = {
		.st = st,
		.out = out,
		.width = w < WIDTH_MIN	 ? WIDTH_MIN
			 : w > WIDTH_MAX ? WIDTH_MAX
					 : w,
	};

	findings(&t, r);
	short_lines(&t, r, V_INFO);
	if (st->verbose) {
		short_lines(&t, r, V_PASS);
		short_lines(&t, r, V_NA);
		short_lines(&t, r, V_UNTESTED);
	}
	expected_lines(&t, r);
	for (size_t i = 0; r->notes && r->notes[i]; i++) {
		term_puts(&t, "Note: ");
		term_wrap(&t, INDENT_TITLE, r->notes[i]);
		if (!r->notes[i + 1])
			term_newline(&t);
	}
	if (r->nrows)
		table(&t, r);
	term_tables(&t, r);
	totals(&t, r);
	subject(&t, r);
	headline(&t, r);
}

void report_text(const struct result *r, struct buf *out)
{
	static const struct term_style plain = { .width = WIDTH_UNKNOWN };

	report_term(r, &plain, out);
}
