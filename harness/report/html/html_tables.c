/*
 * html_tables.c - the tables of PT 2.0 section 3.3.5, where a transport has a
 * mode for datagrams.
 */
#include "harness/report/html/html.h"

#include <stdio.h>

#include "harness/report/tables.h"
#include "harness/report/words.h"

static void put_row(struct xml *x, const char *name,
		    const struct result_row *row)
{
	struct buf launches = BUF_MAX(SCRUB_MAX);

	table_launches(row, &launches);
	xml_open(x, "tr");
	xml_open(x, "td");
	html_badge(x, row->verdict);
	xml_close(x);
	xml_open(x, "th");
	xml_attr(x, "scope", "row");
	xml_open(x, "a");
	html_ref(x, "href", "#", row->req->id);
	xml_text(x, row->req->id);
	xml_close(x);
	xml_close(x);
	xml_leaf(x, "td", "soft", name);
	xml_leaf(x, "td", "rule", buf_cstr(&launches));
	xml_close(x);
	xml_raw(x, "\n");
	buf_fini(&launches);
}

static void put_table(struct xml *x, const struct result *r,
		      const struct report_table *table)
{
	char text[80];

	snprintf(text, sizeof(text), "%s (%s), row by row", table->name,
		 table->whose);
	xml_open(x, "section");
	xml_attr(x, "class", "sect");
	xml_leaf(x, "h3", NULL, text);
	xml_open(x, "table");
	html_table_head(x, "Row", "Launches");
	xml_open(x, "tbody");
	for (size_t i = 0; i < r->nrows; i++) {
		const char *name = table_row(table, &r->rows[i]);

		if (name)
			put_row(x, name, &r->rows[i]);
	}
	xml_close(x);
	xml_close(x);
	xml_close(x);
	xml_raw(x, "\n");
}

bool html_has_tables(const struct result *r)
{
	for (size_t i = 0; i < REPORT_TABLES; i++)
		if (table_is_told(r, &report_tables[i]))
			return true;
	return false;
}

void html_tables(struct xml *x, const struct result *r)
{
	if (!html_has_tables(r))
		return;
	xml_open(x, "section");
	xml_attr(x, "id", "tables");
	xml_leaf(x, "h2", NULL, "Datagrams: the specification's tables");
	for (size_t i = 0; i < REPORT_TABLES; i++)
		if (table_is_told(r, &report_tables[i]))
			put_table(x, r, &report_tables[i]);
	xml_close(x);
}
