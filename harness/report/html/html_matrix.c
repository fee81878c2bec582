/*
 * html_matrix.c - several results side by side, for whom chooses among
 * transports or versions: a column each, a line for each requirement.
 */
#include "harness/report/html/matrix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/html/html.h"

/* A requirement, and what each result says of it; NULL: nothing. */
struct matrix_line {
	const struct req *req;
	const struct result_row **row;
};

struct matrix {
	const struct result *r;
	const char *const *name;
	size_t n;
	struct matrix_line *lines;
	size_t nlines;
};

static struct matrix_line *line_of(struct matrix *m, const struct req *req)
{
	for (size_t i = 0; i < m->nlines; i++)
		if (strcmp(m->lines[i].req->id, req->id) == 0)
			return &m->lines[i];
	m->lines[m->nlines].req = req;
	m->lines[m->nlines].row = calloc(m->n, sizeof(*m->lines->row));
	if (!m->lines[m->nlines].row)
		die_oom();
	return &m->lines[m->nlines++];
}

/* By area, in each as the results have them. */
static int by_area(const void *pa, const void *pb)
{
	const struct matrix_line *a = pa, *b = pb;
	int d = (int)a->req->area - (int)b->req->area;

	return d ? d : strverscmp(a->req->id, b->req->id);
}

static void collect(struct matrix *m)
{
	size_t most = 1;

	for (size_t i = 0; i < m->n; i++)
		most += m->r[i].nrows;
	m->lines = calloc(most, sizeof(*m->lines));
	if (!m->lines)
		die_oom();
	for (size_t i = 0; i < m->n; i++)
		for (size_t k = 0; k < m->r[i].nrows; k++)
			line_of(m, m->r[i].rows[k].req)->row[i] =
				&m->r[i].rows[k];
	qsort(m->lines, m->nlines, sizeof(*m->lines), by_area);
}

static enum verdict worst(const struct matrix *m, const struct matrix_line *l)
{
	enum verdict v = V_UNTESTED;

	for (size_t i = 0; i < m->n; i++)
		if (l->row[i] && l->row[i]->verdict > v)
			v = l->row[i]->verdict;
	return v;
}

static void put_cell(struct xml *x, const struct result_row *row)
{
	char cls[48];

	xml_open(x, "td");
	if (row) {
		snprintf(cls, sizeof(cls), "c-%s%s", verdict_name(row->verdict),
			 words_expected(row) ? " known" : "");
		xml_attr(x, "class", cls);
		xml_open(x, "abbr");
		xml_attr(x, "title",
			 words_expected(row) ? "expected by the baseline"
					     : html_word(row->verdict));
		xml_text(x, html_sign(row->verdict));
		xml_close(x);
	}
	xml_close(x);
}

static void put_line(struct xml *x, const struct matrix *m,
		     const struct matrix_line *l)
{
	xml_open(x, "tr");
	html_ref(x, "id", "", l->req->id);
	xml_attr(x, "data-verdict", verdict_name(worst(m, l)));
	xml_open(x, "th");
	xml_attr(x, "scope", "row");
	xml_text(x, l->req->id);
	xml_text(x, " ");
	xml_leaf(x, "span", "soft", level_name(l->req->level));
	xml_open(x, "p");
	xml_attr(x, "class", "soft");
	html_prose(x, l->req->title);
	xml_close(x);
	xml_close(x);
	for (size_t i = 0; i < m->n; i++)
		put_cell(x, l->row[i]);
	xml_close(x);
	xml_raw(x, "\n");
}

static void put_columns(struct xml *x, const struct matrix *m)
{
	xml_open(x, "colgroup");
	xml_open(x, "col");
	xml_attr(x, "class", "w-rule");
	xml_close(x);
	xml_open(x, "col");
	xml_attr(x, "class", "w-cell");
	xml_attr_n(x, "span", m->n);
	xml_close(x);
	xml_close(x);
	xml_open(x, "thead");
	xml_open(x, "tr");
	xml_leaf(x, "td", NULL, "");
	for (size_t i = 0; i < m->n; i++) {
		struct buf b = BUF_MAX(SCRUB_MAX);

		xml_open(x, "th");
		xml_attr(x, "scope", "col");
		xml_text(x, m->name[i]);
		buf_addf(&b, "PT %s", m->r[i].spec);
		xml_leaf(x, "p", "soft", buf_cstr(&b));
		buf_reset(&b);
		words_headline(&b, &m->r[i]);
		xml_leaf(x, "p", "soft", buf_cstr(&b));
		xml_close(x);
		buf_fini(&b);
	}
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

/* An area is a part of the table, with its name above. */
static size_t put_area(struct xml *x, const struct matrix *m, size_t from)
{
	const enum req_area area = m->lines[from].req->area;
	size_t i = from;

	xml_open(x, "tbody");
	xml_attr(x, "class", "part");
	xml_open(x, "tr");
	xml_open(x, "th");
	xml_attr(x, "scope", "rowgroup");
	xml_attr_n(x, "colspan", m->n + 1);
	xml_attr(x, "class", "area");
	xml_leaf(x, "span", NULL, area_title(area));
	xml_close(x);
	xml_close(x);
	for (; i < m->nlines && m->lines[i].req->area == area; i++)
		put_line(x, m, &m->lines[i]);
	xml_close(x);
	xml_raw(x, "\n");
	return i;
}

static void put_page(struct xml *x, const struct matrix *m)
{
	xml_open(x, "body");
	xml_attr(x, "class", "wide");
	xml_open(x, "header");
	xml_leaf(x, "p", "kicker", "Pluggable transport conformance");
	xml_leaf(x, "h1", NULL, "Transports side by side");
	html_find(x);
	xml_close(x);
	xml_open(x, "main");
	xml_open(x, "div");
	xml_attr(x, "class", "matrix");
	xml_attr(x, "tabindex", "0");
	xml_open(x, "table");
	put_columns(x, m);
	for (size_t i = 0; i < m->nlines;)
		i = put_area(x, m, i);
	xml_close(x);
	xml_close(x);
	xml_close(x);
	html_script(x);
	xml_close(x);
}

void html_matrix(const struct result *r, const char *const *name, size_t n,
		 struct buf *out)
{
	struct matrix m = { .r = r, .name = name, .n = n };
	struct xml x;

	collect(&m);
	xml_init(&x);
	xml_raw(&x, "<!DOCTYPE html>\n");
	xml_open(&x, "html");
	xml_attr(&x, "lang", "en");
	html_head(&x, "Transports side by side");
	put_page(&x, &m);
	xml_close(&x);
	xml_raw(&x, "\n");
	xml_fini(&x, out);
	for (size_t i = 0; i < m.nlines; i++)
		free(m.lines[i].row);
	free(m.lines);
}
