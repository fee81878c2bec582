/*
 * report_markdown.c - for $GITHUB_STEP_SUMMARY, comments and issues.
 *
 * GitHub refuses a summary of more than 1 MiB; from SIZE_MAX_MD on findings
 * are only counted.  Text from outside is escaped so that it is no markup, no
 * link and no mention of anybody.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/report/words.h"
#include "harness/report/writers.h"

#define SIZE_MAX_MD (900u * 1024u)
/* Of one text. */
#define TEXT_MAX 2000

static const char *const signs[] = {
	[V_NONE] = "",	[V_UNTESTED] = "○",	[V_NA] = "–",
	[V_PASS] = "✓", [V_INFO] = "ℹ",		[V_WARN] = "⚠",
	[V_FAIL] = "✗", [V_INCONCLUSIVE] = "?",
};

/* What @s says, harmless and not too long. */
static void scrubbed(struct buf *b, const char *s)
{
	words_scrub(b, s ? s : "");
	if (b->n > TEXT_MAX) {
		/* At the beginning of a character. */
		b->n = TEXT_MAX;
		while (b->n && ((unsigned char)b->p[b->n] & 0xc0) == 0x80)
			b->n--;
		buf_adds(b, "...");
	}
}

/*
 * Nothing here begins a line, so only what means something inside one is
 * escaped, and what would make a link of "www.x" or "http://x".  "@x" and "#1"
 * are looked for in what has been rendered, so they are broken up.
 */
static void put_plain(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("@#", s.p[i]))
			buf_addf(out, "\\%c<!-- -->", s.p[i]);
		else if (strchr("\\`*_{}[]()<>!|&~$:.", s.p[i]))
			buf_addf(out, "\\%c", s.p[i]);
		else
			buf_addc(out, s.p[i]);
	}
}

/* A span of code, or what is between two fences: of more backticks than there
 * are side by side in @s. */
static void put_fence(struct buf *out, struct span s, size_t least)
{
	size_t longest = least - 1, run = 0;

	for (size_t i = 0; i < s.n; i++) {
		run = s.p[i] == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	for (size_t i = 0; i <= longest; i++)
		buf_addc(out, '`');
}

static void put_code_span(struct buf *out, struct span s)
{
	/* Blanks at both ends are taken off together. */
	bool pad = !s.n || strchr("` ", s.p[0]) || strchr("` ", s.p[s.n - 1]);

	put_fence(out, s, 1);
	buf_adds(out, pad ? " " : "");
	buf_add(out, s);
	buf_adds(out, pad ? " " : "");
	put_fence(out, s, 1);
}

static void put_code(struct buf *out, const char *s)
{
	struct buf b = BUF_MAX(4 * SCRUB_MAX);

	scrubbed(&b, s);
	put_code_span(out, buf_span(&b));
	buf_fini(&b);
}

/* Texts of our tables mark `code`; a mark without a partner is just text. */
static void put_text(struct buf *out, const char *s)
{
	struct buf b = BUF_MAX(4 * SCRUB_MAX);
	struct span rest;

	scrubbed(&b, s);
	rest = buf_span(&b);
	while (rest.n) {
		size_t from = span_find(rest, '`');
		struct span code = span_sub(rest, from + 1, rest.n);
		size_t to = span_find(code, '`');

		if (to >= code.n || to == 0) {
			put_plain(out, rest);
			break;
		}
		put_plain(out, span_sub(rest, 0, from));
		put_code_span(out, span_sub(code, 0, to));
		rest = span_sub(code, to + 1, code.n);
	}
	buf_fini(&b);
}

static void put_block(struct buf *out, const char *s)
{
	struct buf b = BUF_MAX(4 * SCRUB_MAX);

	words_scrub(&b, s);
	put_fence(out, buf_span(&b), 3);
	buf_addf(out, "sh\n%s\n", buf_cstr(&b));
	put_fence(out, buf_span(&b), 3);
	buf_adds(out, "\n\n");
	buf_fini(&b);
}

static void put_said(struct buf *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(out, "- **%s** ", name);
	put_text(out, text);
	buf_addc(out, '\n');
}

static void put_evidence(struct buf *out, const struct result_row *row)
{
	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];

		buf_adds(out, "- **evidence** ");
		put_code(out, e->trace);
		buf_addc(out, '\n');
		for (size_t k = 0; k < e->nev; k++) {
			buf_addf(out, "  - %u ", e->ev[k]);
			put_code(out, e->shown ? e->shown[k] : "");
			buf_addc(out, '\n');
		}
	}
}

static void put_finding(struct buf *out, const struct result *r,
			const struct result_row *row)
{
	struct buf section = BUF_MAX(SCRUB_MAX), more = BUF_MAX(SCRUB_MAX);

	words_section(&section, row->req->section);
	buf_addf(out, "### %s ", signs[row->verdict]);
	put_text(out, row->req->id);
	buf_addf(out, " %s ", level_name(row->req->level));
	put_text(out, buf_cstr(&section));
	buf_adds(out, "\n\n");
	put_said(out, "rule", row->req->title);
	if (row->expected) {
		put_said(out, "expected", row->expected);
		put_said(out, "saw", row->seen);
	} else {
		put_said(out, "because", words_why(row));
	}
	put_evidence(out, row);
	words_followers(&more, r, row);
	put_said(out, "so, too", buf_cstr(&more));
	buf_addc(out, '\n');
	if (row->repro && *row->repro)
		put_block(out, row->repro);
	buf_fini(&section);
	buf_fini(&more);
}

static void put_findings(struct buf *out, const struct result *r)
{
	const struct result_row **list = words_findings(r);
	size_t n = 0;

	for (; list[n] && out->n < SIZE_MAX_MD; n++)
		put_finding(out, r, list[n]);
	if (list[n]) {
		size_t left = 0;

		while (list[n + left])
			left++;
		buf_addf(out, "And %zu more.\n\n", left);
	}
	free(list);
}

static void put_totals(struct buf *out, const struct result *r)
{
	buf_addc(out, '|');
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		buf_addf(out, " %s %s |", signs[summary_verdicts[i]],
			 verdict_name(summary_verdicts[i]));
	buf_adds(out, "\n|");
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		buf_adds(out, " ---: |");
	buf_adds(out, "\n|");
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		buf_addf(out, " %zu |", r->count[summary_verdicts[i]]);
	buf_adds(out, "\n\n");
}

static void put_expected(struct buf *out, const struct result *r)
{
	if (words_expected_count(r))
		buf_adds(out, "Expected by the baseline:\n\n");
	for (size_t i = 0; i < r->nrows && out->n < SIZE_MAX_MD; i++) {
		const struct result_row *row = &r->rows[i];

		if (!words_expected(row))
			continue;
		buf_addf(out, "- %s ", verdict_name(row->verdict));
		put_text(out, row->req->id);
		buf_addc(out, ' ');
		put_text(out, row->baseline_reason);
		buf_addc(out, '\n');
	}
	if (words_expected_count(r))
		buf_addc(out, '\n');
}

void report_markdown(const struct result *r, struct buf *out)
{
	struct buf line = BUF_MAX(SCRUB_MAX);
	enum outcome o = words_outcome(r);

	words_headline(&line, r);
	buf_addf(out, "## %s ",
		 o == OUTCOME_CONFORMS ? signs[V_PASS]
		 : o == OUTCOME_FAILS  ? signs[V_FAIL]
				       : signs[V_INCONCLUSIVE]);
	put_text(out, buf_cstr(&line));
	buf_adds(out, "\n\n");
	for (size_t i = 0; r->argv && r->argv[i]; i++) {
		put_code(out, r->argv[i]);
		buf_addc(out, ' ');
	}
	buf_adds(out, "under PT ");
	put_text(out, r->spec);
	buf_adds(out, ": ");
	put_text(out, r->spec_why);
	buf_adds(out, "\n\n");
	put_totals(out, r);
	put_findings(out, r);
	put_expected(out, r);
	for (size_t i = 0; r->notes && r->notes[i]; i++) {
		buf_adds(out, "- ");
		put_text(out, r->notes[i]);
		buf_addc(out, '\n');
	}
	buf_fini(&line);
}
