/*
 * term_tables.c - the tables of PT 2.0 section 3.3.5, row by row, where a
 * transport has a mode for datagrams.
 */
#include "harness/report/term/term.h"

#include <stdio.h>
#include <string.h>

#define ROW_COLUMN 9
#define VERDICT_COLUMN 24
#define TITLE_COLUMN 35

static bool is_of(const struct result_row *row, const char *table)
{
	size_t n = strlen(table);

	return strncmp(row->req->section, table, n) == 0 &&
	       row->req->section[n] == ' ';
}

/* Was any of them exercised? */
static bool is_told(const struct result *r, const char *table)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (is_of(&r->rows[i], table) && r->rows[i].traces > 0)
			return true;
	return false;
}

/* "in 3 launches: a, b, ..." */
static void put_launches(struct term *t, const struct result_row *row)
{
	struct buf b = BUF_MAX(PARA_MAX);

	if (row->traces == 0) {
		term_wrap(t, TITLE_COLUMN, row->reason);
		return;
	}
	buf_addf(&b, "in %zu launch%s: ", row->traces,
		 row->traces == 1 ? "" : "es");
	for (size_t i = 0; i < row->nevidence; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", row->evidence[i].launch);
	if (row->traces > row->nevidence)
		buf_adds(&b, ", ...");
	term_wrap(t, TITLE_COLUMN, buf_cstr(&b));
	buf_fini(&b);
}

static void put_table(struct term *t, const struct result *r, const char *table,
		      const char *whose)
{
	char text[80];

	if (!is_told(r, table))
		return;
	snprintf(text, sizeof(text), "%s (%s), row by row", table, whose);
	term_wrap(t, 0, text);
	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *row = &r->rows[i];

		if (!is_of(row, table))
			continue;
		term_puts(t, row->req->section + strlen(table) + 1);
		term_spaces(t, ROW_COLUMN);
		term_puts(t, row->req->id);
		term_spaces(t, VERDICT_COLUMN);
		term_puts(t, verdict_name(row->verdict));
		term_spaces(t, TITLE_COLUMN);
		put_launches(t, row);
	}
	term_newline(t);
}

void term_tables(struct term *t, const struct result *r)
{
	put_table(t, r, "Table 1", "clients");
	put_table(t, r, "Table 2", "servers");
}
