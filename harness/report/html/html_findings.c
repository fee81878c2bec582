/* html_findings.c - what broke, with evidence and how to repeat it. */
#include "harness/report/html/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/scene/scene.h"
#include "harness/report/scene/wireshark.h"
#include "harness/req/core/advice.h"

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
	xml_open(x, "dd");
	xml_attr(x, "class", "said");
	html_prose(x, text);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_said(struct xml *x, const struct result_row *row)
{
	if (row->expected) {
		put_fact(x, "Expected", row->expected);
		put_fact(x, "Saw", row->seen);
	} else {
		put_fact(x, "Because", words_why(row));
	}
}

/* What is undecided needs no mending. */
static void put_advice(struct xml *x, const struct result_row *row)
{
	if (row->verdict == V_INCONCLUSIVE)
		return;
	put_fact(x, "Why it matters", req_why(row->req));
	put_fact(x, "How to mend it", req_mend(row->req));
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

/* What to look at in the capture beside the trace, and how. */
static void put_capture(struct xml *x, const struct evidence *e)
{
	char file[80];

	if (!e->display_filter || !capture_file(file, sizeof(file), e->trace))
		return;
	xml_open(x, "p");
	xml_attr(x, "class", "filter");
	xml_text(x, "In Wireshark: ");
	xml_leaf(x, "code", NULL, e->display_filter);
	xml_text(x, " in ");
	xml_leaf(x, "code", NULL, file);
	xml_close(x);
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
		put_capture(x, e);
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
static void put_heading(struct xml *x, const struct result_row *row,
			const char *element)
{
	xml_open(x, element);
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

static const char *name_of(const struct evidence *e)
{
	return e->launch ? e->launch : e->trace;
}

static bool is_drawn(const struct evidence *e)
{
	return e && e->scene && e->scene->n;
}

static void put_one_of_two(struct xml *x, const struct evidence *e,
			   const char *cls, const char *what)
{
	xml_open(x, "figure");
	xml_attr(x, "class", cls);
	xml_open(x, "figcaption");
	xml_leaf(x, "b", NULL, what);
	xml_text(x, " ");
	xml_leaf(x, "code", NULL, name_of(e));
	xml_close(x);
	html_scene(x, e->scene, name_of(e), true);
	xml_close(x);
}

/* The launch that broke the rule, and one that kept it. */
static void put_pair(struct xml *x, const struct evidence *broke,
		     const struct evidence *kept)
{
	xml_open(x, "div");
	xml_attr(x, "class", "pair");
	put_one_of_two(x, broke, "broke", "As found");
	put_one_of_two(x, kept, "kept", "Where the rule was kept");
	xml_close(x);
}

/* Drawn where it is known; what fails is shown at once. */
static void put_scene(struct xml *x, const struct result_row *row)
{
	const struct evidence *e = row->evidence;

	if (!row->nevidence || !is_drawn(e))
		return;
	xml_open(x, "details");
	if (row->verdict == V_FAIL)
		xml_attr(x, "open", "open");
	xml_open(x, "summary");
	xml_text(x, "Time line of ");
	xml_leaf(x, "code", NULL, name_of(e));
	xml_close(x);
	if (is_drawn(row->kept))
		put_pair(x, e, row->kept);
	else
		html_scene(x, e->scene, name_of(e), false);
	xml_close(x);
	xml_raw(x, "\n");
}

/* Do the same events of the same launches show both? */
static bool same_events(const struct result_row *a, const struct result_row *b)
{
	if (!a->nevidence || a->nevidence != b->nevidence)
		return false;
	for (size_t i = 0; i < a->nevidence; i++) {
		const struct evidence *x = &a->evidence[i];
		const struct evidence *y = &b->evidence[i];

		if (strcmp(x->trace, y->trace) != 0 || !x->nev || !y->nev ||
		    x->ev[0] != y->ev[0])
			return false;
	}
	return true;
}

/* What else the same events break; each keeps its place for links. */
static void put_other(struct xml *x, const struct result_row *row)
{
	xml_open(x, "li");
	html_ref(x, "id", "finding-", row->req->id);
	put_heading(x, row, "h4");
	xml_open(x, "p");
	html_prose(x, row->req->title);
	xml_close(x);
	xml_open(x, "dl");
	xml_attr(x, "class", "facts");
	put_said(x, row);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

/* Its heading, once, and a list that the caller closes. */
static void open_others(struct xml *x, bool *any, const char *heading)
{
	if (!*any) {
		xml_leaf(x, "p", "soft", heading);
		xml_open(x, "ul");
		xml_attr(x, "class", "others");
	}
	*any = true;
}

static bool is_cause(const struct result *r, const struct result_row *row)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (words_follows_from(&r->rows[i], row))
			return true;
	return false;
}

/* Those behind @list[0] with the same events, which are taken out, and those
 * that follow from it. */
static void put_others(struct xml *x, const struct result *r,
		       const struct result_row **list)
{
	bool any = false;

	for (size_t i = 1; list[i]; i++) {
		if (!same_events(list[0], list[i]) || is_cause(r, list[i]))
			continue;
		open_others(x, &any, "The same events show:");
		put_other(x, list[i]);
		/* The rest moves up. */
		for (size_t k = i--; list[k]; k++)
			list[k] = list[k + 1];
	}
	if (any)
		xml_close(x);
	any = false;
	for (size_t i = 0; i < r->nrows; i++) {
		if (!words_follows_from(&r->rows[i], list[0]))
			continue;
		open_others(x, &any, "From this follows:");
		put_other(x, &r->rows[i]);
	}
	if (any)
		xml_close(x);
}

/* @list[0] and what belongs to it, which is taken out. */
static void put_finding(struct xml *x, const struct result *r,
			const struct result_row **list)
{
	const struct result_row *row = list[0];
	char cls[48];

	snprintf(cls, sizeof(cls), "finding c-%s", verdict_name(row->verdict));
	xml_open(x, "article");
	xml_attr(x, "class", cls);
	html_ref(x, "id", "finding-", row->req->id);
	xml_attr(x, "data-verdict", verdict_name(row->verdict));
	put_heading(x, row, "h3");
	xml_open(x, "div");
	xml_open(x, "p");
	html_prose(x, row->req->title);
	xml_close(x);
	xml_open(x, "dl");
	xml_attr(x, "class", "facts");
	put_said(x, row);
	put_advice(x, row);
	put_evidence(x, row);
	put_repeat(x, row);
	xml_close(x);
	put_scene(x, row);
	put_others(x, r, list);
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
	html_prose(x, row->req->title);
	if (text && *text)
		xml_leaf(x, "div", "soft", text);
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
	const struct result_row **list = words_findings(r);

	xml_open(x, "section");
	xml_attr(x, "id", "findings");
	xml_leaf(x, "h2", NULL, "Findings");
	for (size_t i = 0; list[i]; i++)
		put_finding(x, r, list + i);
	if (!list[0])
		xml_leaf(x, "p", NULL, "Nothing to report.");
	xml_close(x);
	put_expected(x, r);
	put_infos(x, r);
	free(list);
}
