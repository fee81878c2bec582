/* test_alike.c - which launches are to be looked at side by side. */
#include <check.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/run/verdicts/alike.h"

static const struct {
	const char *a, *b;
	enum alike alike;
} rows[] = {
	{ "ver.list/first@client", "ver.list/last@client", ALIKE_CASE },
	{ "ver.list/first@client", "ver.list@client", ALIKE_CASE },
	{ "ver.list@client", "ver.list@client~2", ALIKE_CASE },
	{ "probe.args+veil@server", "probe.args+other@server", ALIKE_CASE },
	{ "ver.list/first@client", "ver.none@client", ALIKE_FAMILY },
	{ "ver.list@client", "version.list@client", ALIKE_ROLE },
	{ "control@client", "ver.list@client", ALIKE_ROLE },
	{ "ver.list/first@client", "ver.list/last@server", ALIKE_TWIN },
	{ "control@client~end", "control@server", ALIKE_TWIN },
	{ "ver.list@client", "ver.none@server", ALIKE_NOT },
};

START_TEST(both_ways)
{
	struct span a = span_str(rows[_i].a), b = span_str(rows[_i].b);

	ck_assert_int_eq(launches_alike(a, b), rows[_i].alike);
	ck_assert_int_eq(launches_alike(b, a), rows[_i].alike);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("alike");
	TCase *t = tcase_create("alike");

	tcase_add_loop_test(t, both_ways, 0,
			    (int)(sizeof(rows) / sizeof(rows[0])));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
