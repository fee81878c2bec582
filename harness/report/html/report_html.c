/*
 * report_html.c - one page for people: conforms or not, what broke, how to
 * repeat it, and the ledger of all requirements.
 *
 * Works from file://, with scripts off, in light and dark, and on paper; with
 * scripts on it can be searched.  The same evidence gives the same bytes, so it names no times.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/html/html.h"
#include "harness/report/writers.h"

static const struct {
	const char *sign, *word;
} verdict_words[] = {
	[V_NONE] = { "", "none" },
	[V_UNTESTED] = { "○", "untested" },
	[V_NA] = { "–", "not applicable" },
	[V_PASS] = { "✓", "pass" },
	[V_INFO] = { "i", "info" },
	[V_WARN] = { "!", "warn" },
	[V_INCONCLUSIVE] = { "?", "inconclusive" },
	[V_FAIL] = { "✗", "fail" },
};

const char *html_sign(enum verdict v)
{
	return verdict_words[v].sign;
}

const char *html_word(enum verdict v)
{
	return verdict_words[v].word;
}

static void put_badge(struct xml *x, enum verdict v, const char *cls)
{
	xml_open(x, "span");
	xml_attr(x, "class", cls);
	xml_open(x, "span");
	xml_attr(x, "aria-hidden", "true");
	xml_text(x, verdict_words[v].sign);
	xml_close(x);
	xml_text(x, " ");
	xml_text(x, verdict_words[v].word);
	xml_close(x);
}

void html_badge(struct xml *x, enum verdict v)
{
	char cls[48];

	snprintf(cls, sizeof(cls), "badge c-%s", verdict_name(v));
	put_badge(x, v, cls);
}

static void put_head_cell(struct xml *x, const char *cls, const char *text)
{
	xml_open(x, "th");
	xml_attr(x, "scope", "col");
	xml_attr(x, "class", cls);
	xml_text(x, text);
	xml_close(x);
}

void html_table_head(struct xml *x, const char *third, const char *fourth)
{
	xml_open(x, "thead");
	xml_open(x, "tr");
	put_head_cell(x, "w-verdict", "Verdict");
	put_head_cell(x, "w-id", "Requirement");
	put_head_cell(x, "w-level", third);
	put_head_cell(x, "w-rule", fourth);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

void html_section(struct xml *x, const char *section)
{
	struct buf b = BUF_MAX(SCRUB_MAX);

	words_section(&b, section);
	xml_text(x, buf_cstr(&b));
	buf_fini(&b);
}

static void put_part(struct xml *x, const char *element, struct span part)
{
	char *text = strndup(part.p, part.n);

	if (!text)
		die_oom();
	if (element)
		xml_leaf(x, element, NULL, text);
	else
		xml_text(x, text);
	free(text);
}

/*
 * Every second piece between two @mark is an @element; a mark without a
 * partner is just text.
 */
static void put_marked(struct xml *x, struct span s, const char *mark,
		       const char *element, bool nested)
{
	const size_t len = strlen(mark);

	while (s.n) {
		const char *from = memmem(s.p, s.n, mark, len), *to = NULL;
		struct span before = s;

		if (from) {
			s = span_sub(s, (size_t)(from - s.p) + len, s.n);
			to = memmem(s.p, s.n, mark, len);
		}
		if (to)
			before.n = (size_t)(from - before.p);
		if (nested)
			put_marked(x, before, "**", "strong", false);
		else
			put_part(x, NULL, before);
		if (!to)
			return;
		put_part(x, element, span_sub(s, 0, (size_t)(to - s.p)));
		s = span_sub(s, (size_t)(to - s.p) + len, s.n);
	}
}

void html_prose(struct xml *x, const char *s)
{
	put_marked(x, span_str(s), "`", "code", true);
}

void html_ref(struct xml *x, const char *name, const char *prefix,
	      const char *id)
{
	struct buf b = BUF_MAX(SCRUB_MAX);

	buf_addf(&b, "%s%s", prefix, id);
	xml_attr(x, name, buf_cstr(&b));
	buf_fini(&b);
}

/* --- head ------------------------------------------------------------- */

static void put_meta(struct xml *x, const char *key, const char *name,
		     const char *content)
{
	xml_open(x, "meta");
	xml_attr(x, key, name);
	if (content)
		xml_attr(x, "content", content);
	xml_void(x);
	xml_raw(x, "\n");
}

void html_head(struct xml *x, const char *headline)
{
	struct buf title = BUF_MAX(SCRUB_MAX), policy = BUF_MAX(1000);

	buf_addf(&title, "%s - ptcheck", headline);
	buf_adds(&policy, "default-src 'none'; style-src 'unsafe-inline'; "
			  "base-uri 'none'; form-action 'none'; ");
	html_script_policy(&policy);
	xml_open(x, "head");
	put_meta(x, "charset", "utf-8", NULL);
	put_meta(x, "http-equiv", "Content-Security-Policy", buf_cstr(&policy));
	put_meta(x, "name", "viewport", "width=device-width, initial-scale=1");
	put_meta(x, "name", "color-scheme", "light dark");
	put_meta(x, "name", "referrer", "no-referrer");
	xml_leaf(x, "title", NULL, buf_cstr(&title));
	xml_open(x, "style");
	xml_raw(x, "\n");
	xml_raw(x, html_style);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
	buf_fini(&policy);
	buf_fini(&title);
}

static void put_fact(struct xml *x, const char *name, const char *element,
		     const char *text)
{
	if (!text || !*text)
		return;
	xml_leaf(x, "dt", NULL, name);
	xml_open(x, "dd");
	if (element)
		xml_leaf(x, element, NULL, text);
	else
		xml_text(x, text);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_argv(struct xml *x, const struct result *r)
{
	xml_leaf(x, "dt", NULL, "Command");
	xml_open(x, "dd");
	for (size_t i = 0; r->argv && r->argv[i]; i++) {
		if (i)
			xml_text(x, " ");
		xml_leaf(x, "code", NULL, r->argv[i]);
	}
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_subject(struct xml *x, const struct result *r)
{
	const bool *role = r->role;
	struct buf b = BUF_MAX(SCRUB_MAX);

	xml_open(x, "dl");
	xml_attr(x, "class", "meta");
	put_argv(x, r);
	put_fact(x, "SHA-256", "code", r->sha256);
	buf_addf(&b, "%s: %s", r->spec, r->spec_why);
	put_fact(x, "Profile", NULL, buf_cstr(&b));
	put_fact(x, "Roles", NULL,
		 role[ROLE_CLIENT] && role[ROLE_SERVER] ? "client, server"
		 : role[ROLE_CLIENT]			? "client"
		 : role[ROLE_SERVER]			? "server"
							: "");
	buf_reset(&b);
	buf_addf(&b, "%ju", (uintmax_t)r->timing.launches);
	put_fact(x, "Launches", NULL, buf_cstr(&b));
	put_fact(x, "Evidence", "code", r->out_dir);
	xml_close(x);
	xml_raw(x, "\n");
	buf_fini(&b);
}

static void put_notes(struct xml *x, const struct result *r)
{
	char text[96];

	if (!(r->notes && r->notes[0]) && !r->stale)
		return;
	xml_open(x, "ul");
	xml_attr(x, "class", "notes");
	for (size_t i = 0; r->notes && r->notes[i]; i++)
		xml_leaf(x, "li", NULL, r->notes[i]);
	if (r->stale) {
		snprintf(text, sizeof(text),
			 "Stale baseline: %zu %s of no use any more.", r->stale,
			 r->stale == 1 ? "entry is" : "entries are");
		xml_leaf(x, "li", NULL, text);
	}
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_header(struct xml *x, const struct result *r,
		       const char *headline)
{
	static const struct {
		const char *sign, *cls;
	} look[] = {
		[OUTCOME_TROUBLE] = { "?", "c-inconclusive" },
		[OUTCOME_FAILS] = { "✗", "c-fail" },
		[OUTCOME_NOTHING] = { "?", "c-inconclusive" },
		[OUTCOME_CONFORMS] = { "✓", "c-pass" },
	};
	enum outcome o = words_outcome(r);

	xml_open(x, "header");
	xml_leaf(x, "p", "kicker", "Pluggable transport conformance report");
	xml_open(x, "h1");
	xml_attr(x, "class", look[o].cls);
	xml_open(x, "span");
	xml_attr(x, "aria-hidden", "true");
	xml_text(x, look[o].sign);
	xml_close(x);
	xml_text(x, " ");
	xml_text(x, headline);
	xml_close(x);
	put_subject(x, r);
	put_notes(x, r);
	xml_close(x);
	xml_raw(x, "\n");
}

/* --- totals ----------------------------------------------------------- */

static void put_tile(struct xml *x, enum verdict v, size_t n)
{
	char text[24];

	xml_open(x, "li");
	xml_attr(x, "class", n ? "some" : "zero");
	snprintf(text, sizeof(text), "%zu", n);
	xml_leaf(x, "b", NULL, text);
	html_badge(x, v);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_totals(struct xml *x, const struct result *r)
{
	size_t expected = words_expected_count(r);
	char text[160];

	xml_open(x, "section");
	xml_attr(x, "aria-label", "Totals");
	html_bar(x, r->count);
	xml_open(x, "ul");
	xml_attr(x, "class", "totals");
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++)
		put_tile(x, summary_verdicts[i], r->count[summary_verdicts[i]]);
	xml_close(x);
	snprintf(text, sizeof(text), "%zu requirement%s selected%s", r->nrows,
		 r->nrows == 1 ? "" : "s", expected ? "; " : ".");
	if (expected)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%zu of the findings %s expected by the baseline.",
			 expected, expected == 1 ? "is" : "are");
	xml_leaf(x, "p", "sum", text);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_link(struct xml *x, const char *href, const char *text)
{
	xml_open(x, "li");
	xml_open(x, "a");
	xml_attr(x, "href", href);
	xml_text(x, text);
	xml_close(x);
	xml_close(x);
}

static void put_nav(struct xml *x, const struct result *r)
{
	xml_open(x, "nav");
	xml_attr(x, "aria-label", "Parts of this report");
	xml_open(x, "ul");
	put_link(x, "#findings", "Findings");
	if (words_expected_count(r))
		put_link(x, "#expected", "Expected");
	if (r->count[V_INFO])
		put_link(x, "#noteworthy", "Noteworthy");
	if (r->nrows)
		put_link(x, "#areas", "By level and area");
	if (html_has_tables(r))
		put_link(x, "#tables", "Datagrams");
	put_link(x, "#ledger", "All requirements");
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

void report_html(const struct result *r, struct buf *out)
{
	struct buf line = BUF_MAX(SCRUB_MAX);
	struct xml x;

	words_headline(&line, r);
	xml_init(&x);
	xml_raw(&x, "<!DOCTYPE html>\n");
	xml_open(&x, "html");
	xml_attr(&x, "lang", "en");
	xml_raw(&x, "\n");
	html_head(&x, buf_cstr(&line));
	xml_open(&x, "body");
	xml_raw(&x, "\n");
	put_header(&x, r, buf_cstr(&line));
	xml_open(&x, "main");
	put_totals(&x, r);
	put_nav(&x, r);
	html_find(&x);
	html_findings(&x, r);
	html_areas(&x, r);
	html_tables(&x, r);
	html_ledger(&x, r);
	html_codes(&x, r);
	xml_close(&x);
	xml_raw(&x, "\n");
	buf_reset(&line);
	buf_addf(&line, "Written by ptcheck %s.", r->version);
	xml_leaf(&x, "footer", NULL, buf_cstr(&line));
	html_script(&x);
	xml_close(&x);
	xml_close(&x);
	xml_raw(&x, "\n");
	xml_fini(&x, out);
	buf_fini(&line);
}
