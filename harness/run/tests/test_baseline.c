/*
 * test_baseline.c - accepted failures: what is marked, what is stale, expired
 * or unmatched, every mistake in the file, and that writing keeps the reasons.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/run/baseline/baseline.h"
#include "harness/run/evidence/evidence.h"

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

static void add_found(const char *launch, const char *what)
{
	struct result_row *row = &r.rows[r.nrows - 1];

	arena_grow(&r.arena, row->found, row->nfound, row->found_cap);
	row->found[row->nfound++] =
		(struct found){ .launch = launch, .what = what };
}

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	stale = BUF_MAX(65536);
	r = (struct result){ .spec = "2.0", .timing.date = "2026-11-29" };
	r.rows = arena_alloc(&r.arena, 8 * sizeof(*r.rows));
	add_row("ENV-VER-1", V_PASS);
	add_row("CM-UNK-1", V_FAIL);
	add_found("one/a@client", "expected silence, saw 1 line");
	add_found("two/b@client", "expected silence, saw 2 lines");
	add_row("SD-TERM-1", V_WARN);
	add_found("one/a@server", "it was late");
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

#define MORE(id, verdict, more)                        \
	"{\"id\": \"" id "\", \"verdict\": \"" verdict \
	"\", \"reason\": \"r\", " more "}"

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
	{ ENTRY("GEN-MODE-1", "warn"), "GEN-MODE-1 is info now, not warn" },
	{ ENTRY("CM-LIFE-1", "fail"), "CM-LIFE-1 is untested now, not fail" },
	/* Not selected, or not decided in this run: nothing is known. */
	{ ENTRY("PX-ANS-1", "fail"), NULL },
	{ ENTRY("SD-TERM-2", "warn"), NULL },
	{ MORE("ENV-VER-1", "fail", "\"profile\": \"2.0\""),
	  "ENV-VER-1 is pass now, not fail" },
	{ MORE("ENV-VER-1", "fail", "\"profile\": \"1.0\""), NULL },
	{ MORE("ENV-VER-1", "fail", "\"launch\": \"*\""),
	  "ENV-VER-1 is pass now, not fail" },
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

/* In a part of a run, what an entry is for may be in the rest. */
START_TEST(part)
{
	r.part = "--select";
	ck_assert_int_eq(apply(FILE_OF(ENTRY("ENV-VER-1", "fail"))), 0);
	ck_assert_uint_eq(r.stale, 1);
	ck_assert_int_eq(
		apply(FILE_OF(
			MORE("CM-UNK-1", "fail", "\"launch\": \"x\"") "," MORE(
				"CM-UNK-1", "fail", "\"message\": \"x\""))),
		0);
	ck_assert_uint_eq(r.stale, 1);
	ck_assert_int_eq(apply(FILE_OF(ENTRY("CM-LIFE-1", "fail"))), 0);
	ck_assert_uint_eq(r.stale, 1);
	r.part_of_launches = true;
	ck_assert_int_eq(apply(FILE_OF(ENTRY("ENV-VER-1", "fail"))), 0);
	ck_assert_uint_eq(r.stale, 1);
}
END_TEST

/* What of the two launches is accepted, and what is said. */
struct scope_row {
	const char *entries;
	bool expected;
	const char *told;
};

#define ONE MORE("CM-UNK-1", "fail", "\"launch\": \"one/*\"")
#define TWO MORE("CM-UNK-1", "fail", "\"launch\": \"two/b@client\"")

static const struct scope_row scope_rows[] = {
	{ ONE "," TWO, true, "" },
	{ ONE, false, "" }, /* two is news */
	{ TWO, false, "" },
	{ MORE("CM-UNK-1", "fail", "\"launch\": \"*@client\""), true, "" },
	{ MORE("CM-UNK-1", "fail", "\"launch\": \"*@server\""), false,
	  "b: /expected/0/launch: \"*@server\" is no launch in which CM-UNK-1 "
	  "is fail\n" },
	{ MORE("CM-UNK-1", "fail", "\"message\": \"saw\""), true, "" },
	{ ONE "," MORE("CM-UNK-1", "fail", "\"message\": \"2 lines\""), true,
	  "" },
	{ MORE("CM-UNK-1", "fail", "\"message\": \"2 lines\""), false, "" },
	{ ONE "," MORE("CM-UNK-1", "fail", "\"message\": \"3\\u0007\""), false,
	  "b: /expected/1/message: \"3\\x07\" is not what CM-UNK-1 says: "
	  "expected silence, saw 1 line\n" },
	/* The message of another launch. */
	{ MORE("CM-UNK-1", "fail",
	       "\"launch\": \"two/*\", \"message\": \"1 line\""),
	  false,
	  "b: /expected/0/message: \"1 line\" is not what CM-UNK-1 says: "
	  "expected silence, saw 2 lines\n" },
	{ MORE("CM-UNK-1", "fail", "\"profile\": \"2.0\""), true, "" },
	{ MORE("CM-UNK-1", "fail", "\"profile\": \"1.0\""), false, "" },
	{ MORE("CM-UNK-1", "fail", "\"expires\": \"2026-11-29\""), true, "" },
	{ MORE("CM-UNK-1", "fail", "\"expires\": \"2026-11-28\""), false,
	  "b: /expected/0/expires: \"2026-11-28\" is over, and CM-UNK-1 was "
	  "accepted until then\n" },
	/* Over is over, in a run of something else, too. */
	{ MORE("PX-ANS-1", "fail", "\"expires\": \"1999-12-31\""), false,
	  "b: /expected/0/expires: \"1999-12-31\" is over, and PX-ANS-1 was "
	  "accepted until then\n" },
};

START_TEST(scopes)
{
	const struct scope_row *row = &scope_rows[_i];
	char text[1000];

	snprintf(text, sizeof(text), FILE_OF("%s"), row->entries);
	ck_assert_msg(apply(text) == 0, "%s", e.msg);
	ck_assert_str_eq(buf_cstr(&stale), row->told);
	ck_assert_uint_eq(r.stale, row->told[0] ? 1 : 0);
	ck_assert_int_eq(r.rows[1].expected_fail, row->expected);
	ck_assert_int_eq(r.rows[1].baseline_reason != NULL, row->expected);
}
END_TEST

START_TEST(links_are_told)
{
	ck_assert_int_eq(
		apply(FILE_OF(MORE(
			"CM-UNK-1", "fail",
			"\"link\": \"https://example.org/7\"") "," ENTRY("CM-UNK-1",
									 "fail"))),
		0);
	ck_assert_str_eq(r.rows[1].baseline_reason,
			 "r (https://example.org/7)");
}
END_TEST

/* A run of which nobody knows the day: nothing is over. */
START_TEST(no_date)
{
	r.timing.date = NULL;
	ck_assert_int_eq(apply(FILE_OF(MORE("CM-UNK-1", "fail",
					    "\"expires\": \"1999-12-31\""))),
			 0);
	ck_assert(r.rows[1].expected_fail);
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
	{ FILE_OF("7"), "b: /expected/0: 7 is no object" },
	{ FILE_OF("{}"), "b: /expected/0: \"id\" is missing" },
	{ FILE_OF("{\"id\": 1, \"verdict\": \"fail\", \"reason\": \"r\"}"),
	  "b: /expected/0/id: 1 is no string" },
	{ FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"fail\"}"),
	  "b: /expected/0: \"reason\" is missing" },
	{ FILE_OF(ENTRY(
		  "CM-UNK-1",
		  "fail") ",{\"id\": \"CM-UNK-1\", "
			  "\"verdict\": \"fail\", \"reason\": \"r\", \"x\": 1}"),
	  "b: /expected/1: \"x\" is no key of an entry" },
	{ FILE_OF("{\"id\": \"CM-UNK-1\", \"verdict\": \"fail\", "
		  "\"reason\": \"r\", \"\\u001b[2J\": 1}"),
	  "b: /expected/0: \"\\x1b[2J\" is no key of an entry" },
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
	{ "{\"$schema\": 1, \"baseline\": 1, \"expected\": []}", SHAPE },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"launch\": 1")),
	  "b: /expected/0/launch: 1 is no string" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"link\": null")),
	  "b: /expected/0/link: null is no string" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"launch\": \"\"")),
	  "b: /expected/0/launch: \"\" is no launch" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"message\": \"\"")),
	  "b: /expected/0/message: \"\" says nothing" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"profile\": \"3.0\"")),
	  "b: /expected/0/profile: \"3.0\" is neither 1.0 nor 2.0" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"link\": \"javascript:a\"")),
	  "b: /expected/0/link: \"javascript:a\" is no http or https URL" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"link\": \"https://\"")),
	  "b: /expected/0/link: \"https://\" is no http or https URL" },
	{ FILE_OF(MORE("CM-UNK-1", "fail", "\"link\": \"https://a b\"")),
	  "b: /expected/0/link: \"https://a b\" is no http or https URL" },
#define BAD_DATE(d)                                                          \
	{                                                                    \
		FILE_OF(MORE("CM-UNK-1", "fail", "\"expires\": \"" d "\"")), \
			"b: /expected/0/expires: \"" d                       \
			"\" is no date YYYY-MM-DD"                           \
	}
	BAD_DATE(""),
	BAD_DATE("soon"),
	BAD_DATE("2026-11-31"),
	BAD_DATE("2026-13-01"),
	BAD_DATE("2026-00-01"),
	BAD_DATE("2026-01-00"),
	BAD_DATE("2025-02-29"),
	BAD_DATE("2100-02-29"),
	BAD_DATE("2026-1-010"),
	BAD_DATE("2026-011-1"),
	BAD_DATE("26-11-2026"),
	BAD_DATE("2026-11-29T00:00"),
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
	write_file(
		SPAN("{\"$schema\": \"baseline.schema.json\", \"baseline\": 1, "
		     "\"expected\": [" MORE(
			     "CM-UNK-1", "fail",
			     "\"launch\": \"x\", \"message\": \"y\", "
			     "\"link\": \"http://x\", \"profile\": \"1.0\", "
			     "\"expires\": \"2028-02-29\"") "]}"));
	ck_assert_msg(baseline_check("b", &e) == 0, "%s", e.msg);
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
	"   \"reason\": \"" NO_REASON "\"\n  }\n ]\n}\n";

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

/* Somebody's reasons may be in there. */
START_TEST(does_not_write_over_mistakes)
{
	char *got;

	write_file(SPAN("nonsense"));
	ck_assert_int_eq(baseline_write("b", &r, &e), -1);
	ck_assert_str_eq(e.msg, "b:1:8: '[' or '{' expected near 'nonsense'");
	got = read_back();
	ck_assert_str_eq(got, "nonsense");
	free(got);
	write_file(SPAN(FILE_OF(ENTRY("CM-UNK-99", "fail"))));
	ck_assert_int_eq(baseline_write("b", &r, &e), -1);
	ck_assert_str_eq(e.msg, "b: /expected/0/id: \"CM-UNK-99\" is no "
				"requirement");
}
END_TEST

/* What becomes of entries: how often each of these is in the new file. */
struct update_row {
	const char *entries, *text;
	unsigned times;
};

static const struct update_row update_rows[] = {
	/* Still of use: stays as it is. */
	{ ONE, "\"launch\": \"one/*\"", 1 },
	/* and what it does not reach is new. */
	{ ONE, "\"launch\": \"two/b@client\"", 1 },
	{ ONE, "\"launch\": \"one/a@client\"", 0 },
	{ ONE "," TWO, NO_REASON, 1 }, /* SD-TERM-1 alone */
	/* Stale, unmatched or over: goes. */
	{ ENTRY("ENV-VER-1", "fail"), "ENV-VER-1", 0 },
	{ MORE("CM-UNK-1", "fail", "\"launch\": \"x\""), "launch", 0 },
	{ MORE("CM-UNK-1", "fail", "\"expires\": \"2020-01-01\""), NO_REASON,
	  2 },
	{ MORE("SD-TERM-2", "fail", "\"expires\": \"2020-01-01\""), "SD-TERM-2",
	  0 },
	/* Nothing is known of these: they stay. */
	{ ENTRY("SD-TERM-2", "fail"), "SD-TERM-2", 1 },
	{ MORE("CM-UNK-1", "fail", "\"profile\": \"1.0\""), "CM-UNK-1", 2 },
};

START_TEST(updates)
{
	const struct update_row *row = &update_rows[_i];
	unsigned times = 0;
	char text[1000], *got;

	snprintf(text, sizeof(text), FILE_OF("%s"), row->entries);
	write_file(span_str(text));
	ck_assert_msg(baseline_write("b", &r, &e) == 0, "%s", e.msg);
	got = read_back();
	for (const char *p = got; (p = strstr(p, row->text)) != NULL; p++)
		times++;
	ck_assert_msg(times == row->times, "%s", got);
	free(got);
}
END_TEST

START_TEST(prints)
{
	struct buf out = BUF_MAX(65536);
	char want[1000];

	ck_assert_int_eq(baseline_text(NULL, &r, &out, &e), 0);
	snprintf(want, sizeof(want), written, NO_REASON);
	ck_assert_str_eq(buf_cstr(&out), want);
	buf_fini(&out);
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
	tcase_add_test(t, part);
	tcase_add_loop_test(t, scopes, 0, (int)N(scope_rows));
	tcase_add_test(t, links_are_told);
	tcase_add_test(t, no_date);
	tcase_add_test(t, nothing_expected);
	tcase_add_test(t, reasons_are_escaped);
	tcase_add_loop_test(t, what_is_wrong, 0, (int)N(mistakes));
	tcase_add_test(t, no_file);
	tcase_add_test(t, good_for_a_run);
	tcase_add_test(t, writes);
	tcase_add_test(t, keeps_reasons);
	tcase_add_test(t, keeps_what_was_not_selected);
	tcase_add_test(t, followers);
	tcase_add_test(t, does_not_write_over_mistakes);
	tcase_add_loop_test(t, updates, 0, (int)N(update_rows));
	tcase_add_test(t, prints);
	tcase_add_test(t, cannot_write);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
