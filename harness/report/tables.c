#include "harness/report/tables.h"

#include <string.h>

const struct report_table report_tables[REPORT_TABLES] = {
	{ "Table 1", "clients" },
	{ "Table 2", "servers" },
};

const char *table_row(const struct report_table *t,
		      const struct result_row *row)
{
	size_t n = strlen(t->name);

	return strncmp(row->req->section, t->name, n) == 0 &&
			       row->req->section[n] == ' '
		       ? row->req->section + n + 1
		       : NULL;
}

bool table_is_told(const struct result *r, const struct report_table *t)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (table_row(t, &r->rows[i]) && r->rows[i].traces > 0)
			return true;
	return false;
}

void table_launches(const struct result_row *row, struct buf *out)
{
	/* What was not decided has a reason, and nothing to show. */
	if (row->traces == 0 || row->verdict == V_INCONCLUSIVE) {
		buf_adds(out, row->reason);
		return;
	}
	buf_addf(out, "in %zu launch%s: ", row->traces,
		 row->traces == 1 ? "" : "es");
	for (size_t i = 0; i < row->nevidence; i++)
		buf_addf(out, "%s%s", i ? ", " : "", row->evidence[i].launch);
	if (row->traces > row->nevidence)
		buf_adds(out, ", ...");
}
