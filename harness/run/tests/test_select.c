/*
 * test_select.c - which requirements an expression means, and what it says
 * about one that means none.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/run/select.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct selection sel;
static struct err e;
static char dir[] = "/tmp/ptcheck-select-XXXXXX";

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chdir(dir), 0);
	sel = (struct selection){ 0 };
}

static void teardown(void)
{
	select_fini(&sel);
	unlink("list");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(dir);
}

static void write_list(const char *text)
{
	FILE *f = fopen("list", "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static bool has(const char *id)
{
	ck_assert_msg(req_find(id) != NULL, "%s", id);
	return select_has(&sel, req_find(id));
}

static size_t count(void)
{
	size_t n = 0;

	for_reqs (r)
		n += select_has(&sel, r);
	return n;
}

/* --- terms ------------------------------------------------------------------- */

struct term {
	const char *expr;
	const char *in, *out; /* ids that are meant, and not */
};

static const struct term terms[] = {
	/* ids and globs; the whole id, and its case */
	{ "ENV-VER-1", "ENV-VER-1", "ENV-VER-10 ENV-VER-12 ENV-VER-2" },
	{ "ENV-VER-*", "ENV-VER-1 ENV-VER-10", "MSG-VER-1" },
	{ "ENV-VER-?", "ENV-VER-1 ENV-VER-9", "ENV-VER-10" },
	{ "*-VER-1", "ENV-VER-1 MSG-VER-1", "ENV-VER-2" },
	{ "[EM]*-VER-1", "ENV-VER-1 MSG-VER-1", "CFG-OVR-VER-1" },
	{ "*", "ENV-VER-1 API-GO-1", "" },
	/* sections, with all that is below them */
	{ "\u00a73.3.1.1", "ENV-VER-1", "CM-DONE-1" },
	{ "3.3.1.1", "ENV-VER-1", "CM-DONE-1" },
	{ "\u00a73.3", "ENV-VER-1 CM-DONE-1 SD-TERM-1", "GEN-ROLE-1" },
	{ "3.3.2.2", "CM-DONE-1", "SM-DONE-1 ENV-VER-1" },
	{ "2", "GEN-ROLE-1", "CM-DONE-1" },
	/* whom it binds, and where it is a rule */
	{ "role:pt-client", "GEN-LOCAL-1", "SM-DONE-1" },
	{ "spec:1.0", "ENV-VER-1", "ENV-VER-12" },
	{ "spec:2.0", "ENV-VER-12", "" },
	/* what is taken out */
	{ "!ENV-VER-1", "ENV-VER-2 CM-DONE-1", "ENV-VER-1" },
	{ "ENV-VER-*,!ENV-VER-1", "ENV-VER-2", "ENV-VER-1 CM-DONE-1" },
	{ "!version,cmethod", "CM-DONE-1", "ENV-VER-1 SM-DONE-1" },
	/* areas */
	{ "version", "ENV-VER-1 MSG-VER-1", "CM-DONE-1 CFG-OVR-VER-1" },
	{ "client-list", "CT-INIT-1", "CM-DONE-1" },
	/* levels */
	{ "MUST", "ENV-VER-1 CM-DONE-1", "CM-UNK-1 SD-TERM-1 CM-FMT-1" },
	{ "must", "ENV-VER-1", "CM-UNK-1 SD-TERM-1" },
	{ "must-not", "CM-UNK-1", "ENV-VER-1" },
	{ "MUST-NOT", "CM-UNK-1", "ENV-VER-1" },
	{ "should", "SD-TERM-1", "ENV-VER-1" },
	{ "may", "PX-PROBE-1", "ENV-VER-1" },
	{ "implied", "CM-FMT-1", "ENV-VER-1" },
	/* lists, blanks, empty items */
	{ "ENV-VER-1,CM-DONE-1", "ENV-VER-1 CM-DONE-1", "ENV-VER-2" },
	{ " ENV-VER-1 , version ,", "ENV-VER-1 MSG-VER-1", "CM-DONE-1" },
	{ ",,ENV-VER-1", "ENV-VER-1", "ENV-VER-2" },
};

static void each_id(const char *list, bool want, const char *expr)
{
	struct span rest = span_str(list), one;

	while (span_split(&rest, ' ', &one)) {
		char id[40];

		if (!one.n)
			continue;
		snprintf(id, sizeof(id), "%.*s", SPAN_ARG(one));
		ck_assert_msg(has(id) == want, "%s: %s", expr, id);
	}
}

START_TEST(selecting)
{
	const struct term *t = &terms[_i];

	ck_assert_msg(select_add(&sel, t->expr, false, &e) == 0, "%s", e.msg);
	each_id(t->in, true, t->expr);
	each_id(t->out, false, t->expr);
}
END_TEST

START_TEST(skipping)
{
	/* These say themselves what is skipped. */
	if (strchr(terms[_i].expr, '!'))
		return;
	const struct term *t = &terms[_i];

	ck_assert_msg(select_add(&sel, t->expr, true, &e) == 0, "%s", e.msg);
	each_id(t->in, false, t->expr);
	each_id(t->out, true, t->expr);
}
END_TEST

/* Without any term all are meant; but an empty variable in a script must not
 * mean everything. */
START_TEST(nothing_said)
{
	size_t all = count();

	ck_assert_uint_gt(all, 400);
	ck_assert_int_eq(select_add(&sel, "", false, &e), SELECT_EMPTY);
	ck_assert_str_eq(e.msg, "\"\" selects no requirement");
	ck_assert_int_eq(select_add(&sel, " ,\n", false, &e), SELECT_EMPTY);
	ck_assert_str_eq(e.msg, "\" ,\\n\" selects no requirement");
	ck_assert_int_eq(select_add(&sel, " , ", true, &e), 0);
	ck_assert_uint_eq(count(), all);
}
END_TEST

/* Options add up; a skip beats a selection, in any order. */
START_TEST(both)
{
	ck_assert_int_eq(select_add(&sel, "ENV-VER-2", true, &e), 0);
	ck_assert_int_eq(select_add(&sel, "ENV-VER-*", false, &e), 0);
	ck_assert_int_eq(select_add(&sel, "CM-DONE-1", false, &e), 0);
	ck_assert_int_eq(select_add(&sel, "ENV-VER-1", true, &e), 0);
	ck_assert(!has("ENV-VER-1") && !has("ENV-VER-2"));
	ck_assert(has("ENV-VER-3") && has("CM-DONE-1"));
	ck_assert(!has("SD-TERM-1"));
}
END_TEST

/* "3.3.1" is not "3.3.11", nor the end of "13.3.1". */
START_TEST(whole_numbers)
{
	struct req r = { .id = "X-1" };
	static const struct {
		const char *section;
		bool in;
	} rows[] = {
		{ "3.3.1", true },
		{ "3.3.1.4", true },
		{ "2, 3.3.1", true },
		{ "2,3.3.1", true },
		{ "3.3.1, App. C", true },
		{ "3.3.11", false },
		{ "13.3.1", false },
		{ "3.3", false },
		{ "1.3.3.1", false },
		{ "3.3.11, 3.3.1", true },
		{ "", false },
	};

	ck_assert_int_eq(select_add(&sel, "3.3.1", false, &e), 0);
	for (size_t i = 0; i < N(rows); i++) {
		r.section = rows[i].section;
		ck_assert_msg(select_has(&sel, &r) == rows[i].in, "%s",
			      rows[i].section);
	}
}
END_TEST

/* --- mistakes ------------------------------------------------------------------ */

#define NONE " selects no requirement; see `ptcheck list`"

static const char *const mistakes[][2] = {
	{ "ENV-VER-99", "\"ENV-VER-99\"" NONE },
	{ "env-ver-1", "\"env-ver-1\"" NONE },
	{ "ENV-VER", "\"ENV-VER\"" NONE },
	{ "Version", "\"Version\"" NONE },
	{ "9.9", "\"9.9\"" NONE },
	{ "\u00a7", "\"\\xc2\\xa7\"" NONE },
	{ "must not", "\"must not\"" NONE },
	{ "MUS", "\"MUS\"" NONE },
	{ "ENV-VER-1,nope", "\"nope\"" NONE },
	{ "role:nobody", "\"role:nobody\"" NONE },
	{ "spec:3.0", "\"spec:3.0\"" NONE },
	{ "a\nb\x1b[2J", "\"a\\nb\\x1b[2J\"" NONE },
	{ "@", "\"@\" names no file" },
	{ "@missing", "missing: No such file or directory" },
	{ "@.", ".: Is a directory" },
};

START_TEST(what_means_nothing)
{
	ck_assert_int_eq(select_add(&sel, mistakes[_i][0], false, &e), -1);
	ck_assert_str_eq(e.msg, mistakes[_i][1]);
	ck_assert_int_eq(select_add(&sel, mistakes[_i][0], true, &e), -1);
	ck_assert_str_eq(e.msg, mistakes[_i][1]);
}
END_TEST

/* No double negation. */
START_TEST(skipping_what_is_not_meant)
{
	ck_assert_int_eq(select_add(&sel, "!version", true, &e), -1);
	ck_assert_str_eq(e.msg, "\"!version\": what is to be skipped takes no "
				"\"!\"");
	ck_assert_int_eq(select_add(&sel, "!nope", false, &e), -1);
	ck_assert_str_eq(e.msg, "\"nope\"" NONE);
}
END_TEST

/* --- files ---------------------------------------------------------------------- */

START_TEST(from_a_file)
{
	write_list("# what we need\n\nENV-VER-1   # the first\n"
		   "\t CM-DONE-1\r\n#SD-TERM-1\nshould");
	ck_assert_msg(select_add(&sel, "@list,proxy", false, &e) == 0, "%s",
		      e.msg);
	ck_assert(has("ENV-VER-1") && has("CM-DONE-1") && has("SD-TERM-1"));
	ck_assert(has("PX-ANS-1") && !has("ENV-VER-2"));
}
END_TEST

static const char *const bad_files[][2] = {
	{ "nope\n", "list:1: \"nope\"" NONE },
	{ "\n# x\nENV-VER-1\n\nnope", "list:5: \"nope\"" NONE },
	{ "ENV-VER-1 CM-DONE-1\n", "list:1: \"ENV-VER-1 CM-DONE-1\"" NONE },
	{ "ENV-VER-1,CM-DONE-1\n", "list:1: \"ENV-VER-1,CM-DONE-1\"" NONE },
	{ "@list\n", "list:1: \"@list\": a list names no other list" },
	{ "\xff\n", "list:1: \"\\xff\"" NONE },
};

START_TEST(from_a_bad_file)
{
	write_list(bad_files[_i][0]);
	ck_assert_int_eq(select_add(&sel, "@list", false, &e), -1);
	ck_assert_str_eq(e.msg, bad_files[_i][1]);
}
END_TEST

/* What stands behind a zero byte is no comment. */
START_TEST(from_a_file_with_a_zero)
{
	FILE *f = fopen("list", "w");

	ck_assert(f != NULL);
	fwrite("version\0x\n", 1, 10, f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(select_add(&sel, "@list", false, &e), -1);
	ck_assert_str_eq(e.msg, "list:1: \"version\\x00x\"" NONE);
}
END_TEST

START_TEST(without_those_of_a_file)
{
	write_list("ENV-VER-1\nsocks\n");
	ck_assert_int_eq(select_add(&sel, "version,!@list", false, &e), 0);
	ck_assert(has("ENV-VER-2") && !has("ENV-VER-1"));
	ck_assert_int_eq(select_add(&sel, "!@list", true, &e), -1);
}
END_TEST

START_TEST(from_an_empty_file)
{
	write_list("# nothing\n");
	ck_assert_int_eq(select_add(&sel, "@list", false, &e), SELECT_EMPTY);
	ck_assert_str_eq(e.msg, "\"@list\" selects no requirement");
	ck_assert_int_eq(select_add(&sel, "@list", true, &e), 0);
	ck_assert_int_eq(select_add(&sel, "@list,version", false, &e), 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("select");
	TCase *t = tcase_create("select");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, selecting, 0, (int)N(terms));
	tcase_add_loop_test(t, skipping, 0, (int)N(terms));
	tcase_add_test(t, nothing_said);
	tcase_add_test(t, skipping_what_is_not_meant);
	tcase_add_test(t, both);
	tcase_add_test(t, whole_numbers);
	tcase_add_loop_test(t, what_means_nothing, 0, (int)N(mistakes));
	tcase_add_test(t, from_a_file);
	tcase_add_loop_test(t, from_a_bad_file, 0, (int)N(bad_files));
	tcase_add_test(t, from_a_file_with_a_zero);
	tcase_add_test(t, without_those_of_a_file);
	tcase_add_test(t, from_an_empty_file);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
