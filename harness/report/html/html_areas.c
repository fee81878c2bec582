/* html_areas.c - the summary as a picture: a bar for each area and level. */
#include <stdio.h>
#include <string.h>

#include "harness/report/html/html.h"

void html_bar(struct xml *x, const size_t count[V_FAIL + 1])
{
	xml_open(x, "div");
	xml_attr(x, "class", "bar");
	xml_attr(x, "aria-hidden", "true");
	for (size_t i = 0; i < SUMMARY_VERDICTS; i++) {
		enum verdict v = summary_verdicts[i];
		char style[32];

		if (!count[v])
			continue;
		snprintf(style, sizeof(style), "flex: %zu", count[v]);
		xml_open(x, "span");
		html_ref(x, "class", "c-", verdict_name(v));
		xml_attr(x, "style", style);
		xml_close(x);
	}
	xml_close(x);
	xml_raw(x, "\n");
}

/* A line: its name, the bar, and for who does not see that the numbers. */
static void put_line(struct xml *x, const char *name,
		     const size_t count[V_FAIL + 1])
{
	struct buf b = BUF_MAX(SCRUB_MAX);

	for (size_t i = 0; i < SUMMARY_VERDICTS; i++) {
		enum verdict v = summary_verdicts[i];

		/* What was not tried is no news. */
		if (count[v] && v != V_NA && v != V_UNTESTED)
			buf_addf(&b, "%s%zu %s", b.n ? ", " : "", count[v],
				 verdict_name(v));
	}
	xml_open(x, "li");
	xml_leaf(x, "span", NULL, name);
	html_bar(x, count);
	xml_leaf(x, "span", "soft", b.n ? buf_cstr(&b) : "nothing exercised");
	xml_close(x);
	xml_raw(x, "\n");
	buf_fini(&b);
}

static void put_areas(struct xml *x, const struct result *r)
{
	size_t end;

	xml_open(x, "ul");
	xml_attr(x, "class", "areas");
	for (size_t i = 0; i < r->nrows; i = end) {
		size_t count[V_FAIL + 1] = { 0 };
		const char *title = words_area_title(&r->rows[i]);

		end = words_area_end(r, i);
		for (size_t k = i; k < end; k++)
			count[r->rows[k].verdict]++;
		put_line(x, title, count);
	}
	xml_close(x);
}

static void put_levels(struct xml *x, const struct result *r)
{
	xml_open(x, "ul");
	xml_attr(x, "class", "areas");
	for (int l = L_MUST; l <= L_HYGIENE; l++) {
		size_t count[V_FAIL + 1] = { 0 }, n = 0;

		for (size_t i = 0; i < r->nrows; i++) {
			if ((int)r->rows[i].req->level != l)
				continue;
			count[r->rows[i].verdict]++;
			n++;
		}
		if (n)
			put_line(x, level_name((enum level)l), count);
	}
	xml_close(x);
}

void html_areas(struct xml *x, const struct result *r)
{
	if (!r->nrows)
		return;
	xml_open(x, "section");
	xml_attr(x, "id", "areas");
	xml_leaf(x, "h2", NULL, "By level and by area");
	put_levels(x, r);
	put_areas(x, r);
	xml_close(x);
	xml_raw(x, "\n");
}
