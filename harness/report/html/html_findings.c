/* html_findings.c - what broke, with evidence and how to repeat it. */
#include "harness/report/html/html.h"

#include <stdio.h>
#include <string.h>

bool html_is_finding(const struct result_row *row)
{
	return !words_expected(row) &&
	       (row->verdict == V_FAIL || row->verdict == V_INCONCLUSIVE ||
		row->verdict == V_WARN);
}

static void put_fact(struct xml *x, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	xml_leaf(x, "dt", NULL, name);
	xml_leaf(x, "dd", "said", text);
	xml_raw(x, "\n");
}

static void put_event(struct xml *x, uint32_t ev, const char *shown)
{
	char nr[16];

	snprintf(nr, sizeof(nr), "%u", ev);
	xml_open(x, "li");
	xml_leaf(x, "span", NULL, nr);
	xml_leaf(x, "code", NULL, shown ? shown : "");
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_evidence(struct xml *x, const struct result_row *row)
{
	if (!row->nevidence)
		return;
	xml_leaf(x, "dt", NULL, "Evidence");
	xml_open(x, "dd");
	for (size_t i = 0; i < row->nevidence; i++) {
		const struct evidence *e = &row->evidence[i];

		xml_leaf(x, "code", NULL, e->trace);
		if (e->launch && strcmp(e->launch, e->trace) != 0) {
			xml_text(x, " ");
			xml_leaf(x, "span", "soft", e->launch);
		}
		xml_open(x, "ol");
		xml_attr(x, "class", "events");
		for (size_t k = 0; k < e->nev; k++)
			put_event(x, e->ev[k], e->shown ? e->shown[k] : NULL);
		xml_close(x);
	}
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_repeat(struct xml *x, const struct result_row *row)
{
	if (!row->repro || !*row->repro)
		return;
	xml_leaf(x, "dt", NULL, "Repeat");
	xml_open(x, "dd");
	xml_leaf(x, "pre", "repeat", row->repro);
	xml_close(x);
	xml_raw(x, "\n");
}

/* The coloured edge takes its colour from the class of the article. */
static void put_heading(struct xml *x, const struct result_row *row)
{
	xml_open(x, "h3");
	html_badge(x, row->verdict);
	xml_open(x, "a");
	html_ref(x, "href", "#", row->req->id);
	xml_text(x, row->req->id);
	xml_close(x);
	xml_leaf(x, "span", "soft", level_name(row->req->level));
	xml_open(x, "span");
	xml_attr(x, "class", "soft");
	html_section(x, row->req->section);
	xml_close(x);
	xml_close(x);
}

static void put_finding(struct xml *x, const struct result_row *row)
{
	char cls[48];

	snprintf(cls, sizeof(cls), "finding c-%s", verdict_name(row->verdict));
	xml_open(x, "article");
	xml_attr(x, "class", cls);
	html_ref(x, "id", "finding-", row->req->id);
	put_heading(x, row);
	xml_open(x, "div");
	xml_open(x, "p");
	html_prose(x, row->req->title);
	xml_close(x);
	xml_open(x, "dl");
	xml_attr(x, "class", "facts");
	if (row->expected) {
		put_fact(x, "Expected", row->expected);
		put_fact(x, "Saw", row->seen);
	} else {
		put_fact(x, "Because", words_why(row));
	}
	put_evidence(x, row);
	put_repeat(x, row);
	xml_close(x);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_short(struct xml *x, const struct result_row *row,
		      const char *text)
{
	xml_open(x, "li");
	html_badge(x, row->verdict);
	xml_text(x, " ");
	xml_open(x, "a");
	html_ref(x, "href", "#", row->req->id);
	xml_text(x, row->req->id);
	xml_close(x);
	xml_text(x, " ");
	if (text && *text)
		xml_text(x, text);
	else
		html_prose(x, row->req->title);
	xml_close(x);
	xml_raw(x, "\n");
}

/* A heading, and a list that the caller fills and closes twice. */
static void open_list(struct xml *x, const char *id, const char *title)
{
	xml_open(x, "section");
	xml_attr(x, "id", id);
	xml_leaf(x, "h2", NULL, title);
	xml_open(x, "ul");
	xml_attr(x, "class", "short");
}

static void put_expected(struct xml *x, const struct result *r)
{
	if (!words_expected_count(r))
		return;
	open_list(x, "expected", "Expected by the baseline");
	for (size_t i = 0; i < r->nrows; i++)
		if (words_expected(&r->rows[i]))
			put_short(x, &r->rows[i], r->rows[i].baseline_reason);
	xml_close(x);
	xml_close(x);
}

static void put_infos(struct xml *x, const struct result *r)
{
	if (!r->count[V_INFO])
		return;
	open_list(x, "noteworthy", "Noteworthy, but allowed");
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].verdict == V_INFO)
			put_short(x, &r->rows[i], r->rows[i].seen);
	xml_close(x);
	xml_close(x);
}

void html_findings(struct xml *x, const struct result *r)
{
	static const enum verdict order[] = {
		V_FAIL,
		V_INCONCLUSIVE,
		V_WARN,
	};
	size_t n = 0;

	xml_open(x, "section");
	xml_attr(x, "id", "findings");
	xml_leaf(x, "h2", NULL, "Findings");
	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++)
		for (size_t i = 0; i < r->nrows; i++)
			if (r->rows[i].verdict == order[k] &&
			    html_is_finding(&r->rows[i])) {
				put_finding(x, &r->rows[i]);
				n++;
			}
	if (!n)
		xml_leaf(x, "p", NULL, "Nothing to report.");
	xml_close(x);
	put_expected(x, r);
	put_infos(x, r);
}
