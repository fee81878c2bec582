/*
 * tables.h - the tables of PT 2.0 section 3.3.5 as a report shows them, row by
 * row: which requirements are of them, and the launches that exercised each.
 */
#ifndef PTCHECK_REPORT_TABLES_H
#define PTCHECK_REPORT_TABLES_H

#include "harness/report/result.h"

struct report_table {
	const char *name;  /* as sections of requirements begin: "Table 1" */
	const char *whose; /* "clients" */
};

#define REPORT_TABLES 2
extern const struct report_table report_tables[REPORT_TABLES];

/* Was any of its rows exercised?  Else nobody wants to see it. */
bool table_is_told(const struct result *r, const struct report_table *t);

/* Which row of the table it is, "row 3"; NULL: none. */
const char *table_row(const struct report_table *t,
		      const struct result_row *row);

/* "in 3 launches: a, b, ...", or why there is none, or nothing decided. */
void table_launches(const struct result_row *row, struct buf *out);

#endif
