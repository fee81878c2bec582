/*
 * term_tables.c - the tables of PT 2.0 section 3.3.5, where a transport has a
 * mode for datagrams.
 */
#include "harness/report/term/term.h"

#include <stdio.h>

#include "harness/report/tables.h"

#define ROW_COLUMN 9
#define VERDICT_COLUMN 24
#define TITLE_COLUMN 38

static void put_row(struct term *t, const char *name,
		    const struct result_row *row)
{
	struct buf launches = BUF_MAX(PARA_MAX);

	term_puts(t, name);
	term_spaces(t, ROW_COLUMN);
	term_puts(t, row->req->id);
	term_spaces(t, VERDICT_COLUMN);
	term_puts(t, verdict_name(row->verdict));
	term_spaces(t, TITLE_COLUMN);
	table_launches(row, &launches);
	term_wrap(t, TITLE_COLUMN, buf_cstr(&launches));
	buf_fini(&launches);
}

static void put_table(struct term *t, const struct result *r,
		      const struct report_table *table)
{
	char text[80];

	snprintf(text, sizeof(text), "%s (%s), row by row", table->name,
		 table->whose);
	term_wrap(t, 0, text);
	for (size_t i = 0; i < r->nrows; i++) {
		const char *name = table_row(table, &r->rows[i]);

		if (name)
			put_row(t, name, &r->rows[i]);
	}
	term_newline(t);
}

void term_tables(struct term *t, const struct result *r)
{
	for (size_t i = 0; i < REPORT_TABLES; i++)
		if (table_is_told(r, &report_tables[i]))
			put_table(t, r, &report_tables[i]);
}
