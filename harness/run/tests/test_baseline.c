/*
 * test_baseline.c - accepted failures: what is marked, what is stale, every
 * mistake in the file, and that writing keeps the reasons.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/run/baseline.h"
#include "harness/run/evidence.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define NO_REASON "why is this accepted? say it here"

static char dir[] = "/tmp/ptcheck-baseline-XXXXXX";
static struct result r;
static struct buf stale;
static struct err e;

static void add_row(const char *id, enum verdict v)
{
	r.rows[r.nrows++] = (struct result_row){
		.req = req_find(id),
		.verdict = v,
		.reason = "",
		.repro = "",
	};
	ck_assert_ptr_nonnull(r.rows[r.nrows - 1].req);
}

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	stale = BUF_MAX(65536);
	r = (struct result){ 0 };
	r.rows = arena_alloc(&r.arena, 8 * sizeof(*r.rows));
	add_row("ENV-VER-1", V_PASS);
	add_row("CM-UNK-1", V_FAIL);
	add_row("SD-TERM-1", V_WARN);
	add_row("SD-TERM-2", V_INCONCLUSIVE);
	add_row("GEN-MODE-1", V_INFO);
	add_row("CM-LIFE-1", V_UNTESTED);
}

static void teardown(void)
{
	arena_fini(&r.arena);
	buf_fini(&stale);
	unlink("b");
	rmdir("d");
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void write_file(struct span text)
{
	FILE *f = fopen("b", "w");

	ck_assert_ptr_nonnull(f);
	fwrite(text.p, 1, text.n, f);
	fclose(f);
}

static int apply(const char *text)
{
	write_file(span_str(text));
	return baseline_apply("b", &r, &stale, &e);
}

#define FILE_OF(entries) "{\"baseline\": 1, \"expected\": [" entries "]}"
#define ENTRY(id, verdict) \
	"{\"id\": \"" id "\", \"verdict\": \"" verdict "\", \"reason\": \"r\"}"

/* --- marking ------------------------------------------------------------------ */

START_TEST(marks)
{
	ck_assert_msg(apply(FILE_OF(ENTRY("CM-UNK-1", "fail") "," ENTRY(
			      "SD-TERM-1", "warn"))) == 0,
		      "%s", e.msg);
	ck_assert_uint_eq(r.stale, 0);
	ck_assert_uint_eq(stale.n, 0);
	for (size_t i = 0; i < r.nrows; i++) {
		ck_assert_int_eq(r.rows[i].expected_fail, i == 1 || i == 2);
		if (r.rows[i].expected_fail)
			ck_assert_str_eq(r.rows[i].baseline_reason, "r");
		else
			ck_assert_ptr_null(r.rows[i].baseline_reason);
	}
}
END_TEST

/* Only that verdict: a warning that became a failure is news. */
struct stale_row {
	const char *entry, *line;
};

static const struct stale_row stale_rows[] = {
	{ ENTRY("ENV-VER-1", "fail"), "ENV-VER-1 is pass now, not fail" },
	{ ENTRY("CM-UNK-1", "warn"), "CM-UNK-1 is fail now, not warn" },
	{ ENTRY("SD-TERM-1", "fail"), "SD-TERM-1 is warn now, not fail" },
	{ ENTRY("SD-TERM-2", "warn"),
	  "SD-TERM-2 is inconclusive now, not warn" },
	{ ENTRY("GEN-MODE-1", "warn"), "GEN-MODE-1 is info now, not warn" },
	{ ENTRY("CM-LIFE-1", "fail"), "CM-LIFE-1 is untested now, not fail" },
	/* Not selected in this run: nothing is known. */
	{ ENTRY("PX-ANS-1", "fail"), NULL },
};

START_TEST(stale_entries)
{
	const struct stale_row *row = &stale_rows[_i];
	char text[200], want[200] = "";

	snprintf(text, sizeof(text), FILE_OF("%s"), row->entry);
	if (row->line)
		snprintf(want, sizeof(want), "b: /expected/0: %s\n", row->line);
	ck_assert_int_eq(apply(text), 0);
	ck_assert_str_eq(buf_cstr(&stale), want);
	ck_assert_uint_eq(r.stale, row->line ? 1 : 0);
	for (size_t i = 0; i < r.nrows; i++)
		ck_assert(!r.rows[i].expected_fail);
}
END_TEST

START_TEST(nothing_expected)
{
	ck_assert_int_eq(apply(FILE_OF("")), 0);
	ck_assert_uint_eq(r.stale, 0);
}
END_TEST

/* A reason comes from outside, like all else in the file. */
START_TEST(reasons_are_escaped)
{
	ck_assert_int_eq(apply(FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": "
				       "\"fail\", \"reason\": "
				       "\"a\\u001b[2J\\n\\u00e9\"}")),
			 0);
	ck_assert_str_eq(r.rows[1].baseline_reason, "a\\x1b[2J\\n\\xc3\\xa9");
}
END_TEST

/* --- mistakes ------------------------------------------------------------------- */

#define SHAPE "b: /: must be {\"baseline\": 1, \"expected\": [...]}"

static const char *const mistakes[][2] = {
	{ "", "b:1:0: '[' or '{' expected near end of file" },
	{ "{", "b:1:1: string or '}' expected near end of file" },
	{ "[1,\n2,,]", "b:2:3: unexpected token near ','" },
	{ "{\"baseline\": 1, \"baseline\": 1, \"expected\": []}",
	  "b:1:26: duplicate object key near '\"baseline\"'" },
	{ "\x1b[2J", "b:1:1: '[' or '{' expected near '\\x1b'" },
	{ "[]", SHAPE },
	{ "{}", SHAPE },
	{ "{\"baseline\": 2, \"expected\": []}", SHAPE },
	{ "{\"baseline\": \"1\", \"expected\": []}", SHAPE },
	{ "{\"baseline\": 1, \"expected\": {}}", SHAPE },
	{ "{\"baseline\": 1}", SHAPE },
	{ "{\"baseline\": 1, \"expected\": [], \"x\": 1}", SHAPE },
	{ FILE_OF("7"), "b: /expected/0: Expected object, got integer" },
	{ FILE_OF("{}"), "b: /expected/0: Object item not found: id" },
	{ FILE_OF("{\"id\": 1, \"verdict\": \"fail\", \"reason\": \"r\"}"),
	  "b: /expected/0: Expected string, got integer" },
	{ FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"fail\"}"),
	  "b: /expected/0: Object item not found: reason" },
	{ FILE_OF(ENTRY(
		  "CM-UNK-1",
		  "fail") ",{\"id\": \"CM-UNK-1\", "
			  "\"verdict\": \"fail\", \"reason\": \"r\", \"x\": 1}"),
	  "b: /expected/1: 1 object item(s) left unpacked: x" },
	{ FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"fail\", "
		  "\"reason\": \"r\", \"\\u001b[2J\": 1}"),
	  "b: /expected/0: 1 object item(s) left unpacked: \\x1b[2J" },
	{ FILE_OF(ENTRY("CM-UNK-99", "fail")),
	  "b: /expected/0/id: \"CM-UNK-99\" is no requirement" },
	{ FILE_OF(ENTRY("a\\nb", "fail")),
	  "b: /expected/0/id: \"a\\nb\" is no requirement" },
	{ FILE_OF(ENTRY("CM-UNK-1", "pass")),
	  "b: /expected/0/verdict: \"pass\" is neither fail nor warn" },
	{ FILE_OF(ENTRY("CM-UNK-1", "FAIL")),
	  "b: /expected/0/verdict: \"FAIL\" is neither fail nor warn" },
	{ FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"fail\", "
		  "\"reason\": \"\"}"),
	  "b: /expected/0/reason: \"\" is no reason" },
	{ FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"fail\", "
		  "\"reason\": \"" NO_REASON "\"}"),
	  "b: /expected/0/reason: \"" NO_REASON "\" is no reason" },
};

START_TEST(what_is_wrong)
{
	ck_assert_int_eq(apply(mistakes[_i][0]), -1);
	ck_assert_str_eq(e.msg, mistakes[_i][1]);
	/* Known before the long run, too. */
	ck_assert_int_eq(baseline_check("b", &e), -1);
	ck_assert_str_eq(e.msg, mistakes[_i][1]);
}
END_TEST

START_TEST(no_file)
{
	ck_assert_int_eq(baseline_apply("b", &r, &stale, &e), -1);
	ck_assert_str_eq(e.msg, "b: No such file or directory");
	ck_assert_int_eq(baseline_check("b", &e), -1);
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(baseline_check("d", &e), -1);
	ck_assert_str_eq(e.msg, "d: Is a directory");
}
END_TEST

START_TEST(good_for_a_run)
{
	write_file(SPAN(FILE_OF(ENTRY("CM-UNK-1", "fail"))));
	ck_assert_int_eq(baseline_check("b", &e), 0);
}
END_TEST

/* --- writing -------------------------------------------------------------------- */

static char *read_back(void)
{
	struct span text;

	ck_assert_msg(evidence_read_file("b", 65536, &text, &e) == 0, "%s",
		      e.msg);
	return (char *)text.p;
}

static const char written[] =
	"{\n \"baseline\": 1,\n \"expected\": [\n  {\n"
	"   \"id\": \"CM-UNK-1\",\n   \"verdict\": \"fail\",\n"
	"   \"reason\": \"%s\"\n  },\n  {\n"
	"   \"id\": \"SD-TERM-1\",\n   \"verdict\": \"warn\",\n"
	"   \"reason\": \"" NO_REASON "\"\n  }\n ]\n}";

static void expect_written(const char *reason)
{
	char want[1000], *got = read_back();

	snprintf(want, sizeof(want), written, reason);
	ck_assert_str_eq(got, want);
	free(got);
	ck_assert_int_lt(access("b.new", F_OK), 0);
}

START_TEST(writes)
{
	ck_assert_msg(baseline_write("b", &r, &e) == 0, "%s", e.msg);
	expect_written(NO_REASON);
	/* It asks for reasons before it can be used. */
	ck_assert_int_eq(baseline_apply("b", &r, &stale, &e), -1);
	ck_assert_str_eq(e.msg, "b: /expected/0/reason: \"" NO_REASON
				"\" is no reason");
}
END_TEST

START_TEST(keeps_reasons)
{
	write_file(SPAN(FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"warn\", "
				"\"reason\": \"known \xc3\xa9\"}," ENTRY(
					"ENV-VER-1", "fail"))));
	ck_assert_int_eq(baseline_write("b", &r, &e), 0);
	expect_written("known \xc3\xa9");
}
END_TEST

/* A run of a few requirements does not forget the others. */
START_TEST(keeps_what_was_not_selected)
{
	char *got;

	write_file(SPAN(FILE_OF(ENTRY("IPC-NL-1", "fail"))));
	ck_assert_int_eq(baseline_write("b", &r, &e), 0);
	got = read_back();
	ck_assert_ptr_nonnull(strstr(got, "\"IPC-NL-1\""));
	ck_assert_ptr_nonnull(strstr(got, "\"CM-UNK-1\""));
	free(got);
}
END_TEST

/* What follows from a finding goes with it. */
START_TEST(followers)
{
	char *got;

	r.rows[2].caused_by = "CM-UNK-1";
	ck_assert_int_eq(apply(FILE_OF(ENTRY("CM-UNK-1", "fail"))), 0);
	ck_assert(r.rows[1].expected_fail && r.rows[2].expected_fail);
	ck_assert_str_eq(r.rows[2].baseline_reason, "follows from CM-UNK-1");
	ck_assert_int_eq(baseline_write("b", &r, &e), 0);
	got = read_back();
	ck_assert_ptr_null(strstr(got, "SD-TERM-1"));
	ck_assert_ptr_nonnull(strstr(got, "CM-UNK-1"));
	free(got);
}
END_TEST

START_TEST(writes_over_nonsense)
{
	write_file(SPAN("nonsense"));
	ck_assert_int_eq(baseline_write("b", &r, &e), 0);
	expect_written(NO_REASON);
}
END_TEST

START_TEST(cannot_write)
{
	ck_assert_int_eq(baseline_write("missing/b", &r, &e), -1);
	ck_assert_str_eq(e.msg, "missing/b: No such file or directory");
	ck_assert_int_eq(mkdir("d", 0700), 0);
	ck_assert_int_eq(baseline_write("d", &r, &e), -1);
	ck_assert_str_eq(e.msg, "d: Is a directory");
	ck_assert_int_lt(access("d.new", F_OK), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("baseline");
	TCase *t = tcase_create("baseline");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, marks);
	tcase_add_loop_test(t, stale_entries, 0, (int)N(stale_rows));
	tcase_add_test(t, nothing_expected);
	tcase_add_test(t, reasons_are_escaped);
	tcase_add_loop_test(t, what_is_wrong, 0, (int)N(mistakes));
	tcase_add_test(t, no_file);
	tcase_add_test(t, good_for_a_run);
	tcase_add_test(t, writes);
	tcase_add_test(t, keeps_reasons);
	tcase_add_test(t, keeps_what_was_not_selected);
	tcase_add_test(t, followers);
	tcase_add_test(t, writes_over_nonsense);
	tcase_add_test(t, cannot_write);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
