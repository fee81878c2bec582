/* html_ledger.c - all requirements, grouped by the specification's sections. */
#include "harness/report/html/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
	const struct result_row *row;
	char group[SECTION_GROUP_MAX];
};

static int compare(const void *pa, const void *pb)
{
	const struct entry *a = pa, *b = pb;
	int c = words_group_cmp(a->group, b->group);

	/* Inside a group the order of the catalogue. */
	return c ? c : a->row < b->row ? -1 : a->row > b->row;
}

static struct entry *sorted(const struct result *r)
{
	struct entry *e = calloc(r->nrows + 1, sizeof(*e));

	if (!e)
		die_oom();
	for (size_t i = 0; i < r->nrows; i++) {
		e[i].row = &r->rows[i];
		words_group(e[i].group, sizeof(e[i].group),
			    r->rows[i].req->section);
	}
	qsort(e, r->nrows, sizeof(*e), compare);
	return e;
}

static void put_why(struct xml *x, const struct result_row *row)
{
	const char *why = words_why(row);

	if (html_is_finding(row)) {
		xml_open(x, "p");
		xml_open(x, "a");
		html_ref(x, "href", "#finding-", row->req->id);
		xml_text(x, "What was seen");
		xml_close(x);
		xml_close(x);
	} else if (words_expected(row) && row->baseline_reason) {
		xml_open(x, "p");
		xml_attr(x, "class", "why");
		xml_text(x, "Expected: ");
		xml_text(x, row->baseline_reason);
		xml_close(x);
	} else if (*why) {
		xml_leaf(x, "p", "why", why);
	}
}

static void put_prose(struct xml *x, const char *name, const char *text)
{
	if (!text)
		return;
	xml_open(x, "p");
	xml_leaf(x, "strong", NULL, name);
	xml_text(x, " ");
	html_prose(x, text);
	xml_close(x);
}

static void put_details(struct xml *x, const struct result_row *row)
{
	char text[64];

	xml_open(x, "details");
	xml_leaf(x, "summary", NULL, "How it is tested");
	xml_open(x, "div");
	put_prose(x, "Allowed all the same:", row->req->traps);
	if (row->traces) {
		snprintf(text, sizeof(text), "Judged on %zu launch%s.",
			 row->traces, row->traces == 1 ? "" : "es");
		xml_leaf(x, "p", "soft", text);
	}
	if (strchr(row->req->section, ',')) {
		xml_open(x, "p");
		xml_attr(x, "class", "soft");
		xml_text(x, "Sections: ");
		html_section(x, row->req->section);
		xml_close(x);
	}
	xml_close(x);
	xml_close(x);
}

static void put_row(struct xml *x, const struct result_row *row)
{
	char cls[32];

	snprintf(cls, sizeof(cls), "r-%s", verdict_name(row->verdict));
	xml_open(x, "tr");
	xml_attr(x, "class", cls);
	html_ref(x, "id", "", row->req->id);
	xml_attr(x, "data-verdict", verdict_name(row->verdict));
	xml_open(x, "td");
	html_badge(x, row->verdict);
	xml_close(x);
	xml_open(x, "th");
	xml_attr(x, "scope", "row");
	xml_text(x, row->req->id);
	xml_close(x);
	xml_leaf(x, "td", "soft", level_name(row->req->level));
	xml_open(x, "td");
	xml_attr(x, "class", "rule");
	html_prose(x, row->req->title);
	put_why(x, row);
	put_details(x, row);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

/* "§3.3.1.1 Version negotiation, Closing stdin": each area once. */
static void put_group_title(struct xml *x, const struct entry *e, size_t n)
{
	const char *last = NULL;

	xml_open(x, "h3");
	if (*e->group)
		html_section(x, e->group);
	else
		xml_text(x, "Outside the specification");
	xml_text(x, " ");
	xml_open(x, "span");
	xml_attr(x, "class", "soft");
	for (size_t i = 0; i < n; i++) {
		const char *title = words_area_title(e[i].row);

		/* The catalogue's order keeps one area's rows together. */
		if (last && strcmp(title, last) == 0)
			continue;
		if (last)
			xml_text(x, ", ");
		xml_text(x, title);
		last = title;
	}
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_group(struct xml *x, const struct entry *e, size_t n)
{
	xml_open(x, "section");
	xml_attr(x, "class", "sect");
	put_group_title(x, e, n);
	xml_open(x, "table");
	html_table_head(x, "Level", "Rule");
	xml_open(x, "tbody");
	xml_attr(x, "class", "rows");
	for (size_t i = 0; i < n; i++)
		put_row(x, e[i].row);
	xml_close(x);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

/* A filter that needs no script: the style sheet looks at the box. */
static void put_filter(struct xml *x, const char *id, const char *text)
{
	xml_open(x, "input");
	xml_attr(x, "type", "checkbox");
	xml_attr(x, "class", "hide-box");
	xml_attr(x, "id", id);
	xml_void(x);
	/* Box and label stay on one line. */
	xml_text(x, "\u00a0");
	xml_open(x, "label");
	xml_attr(x, "class", "hide");
	xml_attr(x, "for", id);
	xml_text(x, text);
	xml_close(x);
	xml_raw(x, "\n");
}

void html_ledger(struct xml *x, const struct result *r)
{
	struct entry *e = sorted(r);
	size_t end;

	xml_open(x, "section");
	xml_attr(x, "id", "ledger");
	xml_leaf(x, "h2", NULL, "All selected requirements");
	put_filter(x, "hide-pass", "Hide passed");
	put_filter(x, "hide-na", "Hide not applicable");
	put_filter(x, "hide-untested", "Hide untested");
	for (size_t i = 0; i < r->nrows; i = end) {
		for (end = i;
		     end < r->nrows && strcmp(e[end].group, e[i].group) == 0;
		     end++)
			;
		put_group(x, e + i, end - i);
	}
	xml_close(x);
	free(e);
}
