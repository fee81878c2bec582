/*
 * test_report_tables.c - the tables for datagrams: the terminal and the page
 * tell the same of each row.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/report/result.h"

static struct evidence many[] = {
	{ .trace = "t1", .launch = "udp.a@client" },
	{ .trace = "t2", .launch = "udp.b@client" },
};
static struct evidence one[] = {
	{ .trace = "t3", .launch = "udp.c@server" },
};

static struct result_row rows[] = {
	{ .verdict = V_PASS, .traces = 5, .evidence = many, .nevidence = 2 },
	{ .verdict = V_UNTESTED, .reason = "nobody waits for it" },
	{ .verdict = V_FAIL, .traces = 1, .evidence = one, .nevidence = 1 },
	{ .verdict = V_PASS, .traces = 3, .evidence = many, .nevidence = 2 },
	/* What was not decided has launches, and nothing to show in them. */
	{ .verdict = V_INCONCLUSIVE, .traces = 2, .reason = "it was busy" },
};
static const char *const ids[] = { "UC-T1-R1", "UC-T1-R8", "US-T2-R4",
				   "UC-FRAME-1", "US-T2-R5" };
#define NROWS 5

static void fill(struct result *r)
{
	static const char *const argv[] = { "pt", NULL };

	*r = (struct result){ .version = "0",
			      .argv = argv,
			      .sha256 = "",
			      .spec = "2.0",
			      .spec_why = "",
			      .rows = rows,
			      .nrows = NROWS };
	for (size_t i = 0; i < NROWS; i++) {
		rows[i].req = req_find(ids[i]);
		ck_assert_ptr_nonnull(rows[i].req);
		rows[i].reason = rows[i].reason ? rows[i].reason : "";
		rows[i].repro = "";
	}
}

static struct buf written(const char *format)
{
	static const struct term_style wide = { .width = 200 };
	struct buf out = BUF_MAX(1 << 20);
	struct result r;

	fill(&r);
	if (format)
		report_find(format)->write(&r, &out);
	else
		report_term(&r, &wide, &out);
	return out;
}

/* All of @words, one behind the other. */
static void has(const char *text, const char *const *words)
{
	for (; *words; words++) {
		text = strstr(text, *words);
		ck_assert_msg(text != NULL, "no %s", *words);
	}
}

START_TEST(tables_of_the_terminal)
{
	struct buf out = written(NULL);
	static const char *const told[] = {
		"Table 1 (clients), row by row",
		"row 1",
		"UC-T1-R1",
		"pass",
		"in 5 launches: udp.a@client, udp.b@client, ...",
		"row 8",
		"UC-T1-R8",
		"untested",
		"nobody waits for it",
		"Table 2 (servers), row by row",
		"row 4",
		"US-T2-R4",
		"fail",
		"in 1 launch: udp.c@server",
		"US-T2-R5",
		"inconclusive  it was busy",
		NULL,
	};

	has(buf_cstr(&out), told);
	buf_fini(&out);
}
END_TEST

START_TEST(tables_of_the_page)
{
	struct buf out = written("html");
	static const char *const told[] = {
		"href=\"#tables\"",
		"id=\"tables\"",
		"Table 1 (clients), row by row",
		"pass",
		"href=\"#UC-T1-R1\"",
		"row 1",
		"in 5 launches: udp.a@client, udp.b@client, ...",
		"untested",
		"href=\"#UC-T1-R8\"",
		"row 8",
		"nobody waits for it",
		"Table 2 (servers), row by row",
		"fail",
		"href=\"#US-T2-R4\"",
		"row 4",
		"in 1 launch: udp.c@server",
		"row 5",
		"it was busy",
		"id=\"ledger\"",
		NULL,
	};

	has(buf_cstr(&out), told);
	buf_fini(&out);
}
END_TEST

/* Of a transport without such a mode there is nothing to tell. */
START_TEST(no_tables)
{
	size_t was[NROWS];
	struct buf page, text;

	for (size_t i = 0; i < NROWS; i++) {
		was[i] = rows[i].traces;
		rows[i].traces = 0;
	}
	page = written("html");
	text = written(NULL);
	ck_assert_ptr_null(strstr(buf_cstr(&page), "row by row"));
	ck_assert_ptr_null(strstr(buf_cstr(&page), "#tables"));
	ck_assert_ptr_null(strstr(buf_cstr(&text), "row by row"));
	for (size_t i = 0; i < NROWS; i++)
		rows[i].traces = was[i];
	buf_fini(&page);
	buf_fini(&text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report-tables");
	TCase *t = tcase_create("tables");

	tcase_add_test(t, tables_of_the_terminal);
	tcase_add_test(t, tables_of_the_page);
	tcase_add_test(t, no_tables);
	suite_add_tcase(s, t);
	return suite_run(s);
}
