/*
 * test_report_words.c - what all writers say in the same way.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/report/words.h"

static void set_verdicts(struct result *r, const char *id, enum verdict v,
			 bool expected)
{
	static struct result_row row;

	row = (struct result_row){
		.req = req_find(id),
		.verdict = v,
		.reason = "because",
		.expected_fail = expected,
	};
	*r = (struct result){
		.rows = &row,
		.nrows = 1,
		.spec = "2.0",
		.spec_why = "so",
	};
	r->count[v] = 1;
}

START_TEST(headlines)
{
	static const struct {
		enum verdict v;
		bool expected;
		const char *trouble, *line;
	} rows[] = {
		{ V_FAIL, false, NULL,
		  "Does not conform: 1 requirement failed" },
		{ V_FAIL, true, NULL, "No unexpected failure, 1 expected" },
		{ V_WARN, false, NULL, "Conforms, 1 warning" },
		{ V_PASS, false, NULL, "Conforms" },
		{ V_INFO, false, NULL, "Conforms" },
		{ V_NA, false, NULL, "No verdict: nothing was exercised" },
		{ V_UNTESTED, false, NULL,
		  "No verdict: nothing was exercised" },
		{ V_INCONCLUSIVE, false, NULL,
		  "No verdict: nothing was exercised" },
		{ V_FAIL, false, "the control failed",
		  "No verdict: the control failed" },
	};
	struct buf b = BUF_MAX(1024);
	struct result r;

	set_verdicts(&r, "ENV-VER-1", rows[_i].v, rows[_i].expected);
	r.trouble = rows[_i].trouble;
	words_headline(&b, &r);
	ck_assert_str_eq(buf_cstr(&b), rows[_i].line);
	buf_fini(&b);
}
END_TEST

START_TEST(headline_tells_gaps)
{
	struct buf b = BUF_MAX(1024);
	struct result r;

	set_verdicts(&r, "ENV-VER-1", V_PASS, false);
	r.count[V_INCONCLUSIVE] = 2;
	r.count[V_UNTESTED] = 30;
	words_headline(&b, &r);
	ck_assert_str_eq(buf_cstr(&b), "Conforms, 2 inconclusive, 30 untested");
	buf_fini(&b);
}
END_TEST

START_TEST(sections)
{
	static const struct {
		const char *section, *shown, *group;
	} rows[] = {
		{ "3.3.1.1", "§3.3.1.1", "3.3.1.1" },
		{ "2, 3.3.1.2", "§2, §3.3.1.2", "2" },
		{ "3.3.1.1, App. C", "§3.3.1.1, App. C", "3.3.1.1" },
		{ "3.3.1.1–3.3.1.3", "§3.3.1.1–3.3.1.3", "3.3.1.1" },
		{ "App. A/B", "App. A/B", "App. A/B" },
		{ "Table 1 row 3", "Table 1 row 3", "Table 1" },
		{ "RFC 1928", "RFC 1928", "RFC 1928" },
		{ "—", "", "" },
	};
	struct buf b = BUF_MAX(256);
	char group[SECTION_GROUP_MAX];

	words_section(&b, rows[_i].section);
	ck_assert_str_eq(buf_cstr(&b), rows[_i].shown);
	words_group(group, sizeof(group), rows[_i].section);
	ck_assert_str_eq(group, rows[_i].group);
	buf_fini(&b);
}
END_TEST

START_TEST(sections_sort_as_numbers)
{
	static const char *const order[] = {
		"1",	   "2",	     "3.1",	  "3.2.1",    "3.3.1",
		"3.3.1.1", "3.3.2",  "3.3.2.1",	  "3.3.10",   "4.1",
		"5",	   "10",     "App. A",	  "App. B",   "Table 1",
		"Table 2", "PT 1.0", "EXTORPORT", "RFC 1928", "RFC 5389",
		"",
	};
	const size_t n = sizeof(order) / sizeof(order[0]);

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			int c = words_group_cmp(order[i], order[k]);

			ck_assert_msg((i < k) == (c < 0) &&
					      (i == k) == (c == 0),
				      "%s and %s", order[i], order[k]);
		}
}
END_TEST

START_TEST(scrubbing)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "plain §3 → ok", "plain §3 → ok" },
		{ "a\033[31mb\n", "a\\x1b[31mb\\x0a" },
		{ "\xff", "\\xff" },
		{ "\xc2", "\\xc2" },
		{ "\xc0\x80", "\\xc0\\x80" },	       /* overlong NUL */
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" }, /* overlong slash */
		{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xe2\x80\xae", "\\xe2\\x80\\xae" }, /* turns the text */
		{ "\xef\xbf\xbe", "\\xef\\xbf\\xbe" }, /* no XML character */
		{ "\xc2\x9b", "\\xc2\\x9b" },	       /* CSI in C1 */
		{ "\x7f", "\\x7f" },
		{ "", "" },
	};
	struct buf b = BUF_MAX(256);

	words_scrub(&b, rows[_i].in);
	ck_assert_str_eq(buf_cstr(&b), rows[_i].out);
	buf_fini(&b);
}
END_TEST

START_TEST(scrubbing_is_bounded)
{
	static char huge[SCRUB_MAX + 100];
	struct buf b = BUF_MAX(2 * SCRUB_MAX);

	memset(huge, 'A', sizeof(huge) - 1);
	words_scrub(&b, huge);
	ck_assert_uint_eq(b.n, SCRUB_MAX + 3);
	buf_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report-words");
	TCase *t = tcase_create("words");

	tcase_add_loop_test(t, headlines, 0, 9);
	tcase_add_test(t, headline_tells_gaps);
	tcase_add_loop_test(t, sections, 0, 8);
	tcase_add_test(t, sections_sort_as_numbers);
	tcase_add_loop_test(t, scrubbing, 0, 14);
	tcase_add_test(t, scrubbing_is_bounded);
	suite_add_tcase(s, t);
	return suite_run(s);
}
