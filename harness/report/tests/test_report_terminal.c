/*
 * test_report_terminal.c - what the terminal shows: widths, colour, sums, the
 * order of findings.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/report/tests/sample.h"
#include "harness/report/words.h"

static unsigned columns_of(const char *s, size_t n)
{
	unsigned w = 0;

	for (size_t i = 0; i < n; i++)
		w += ((unsigned char)s[i] & 0xc0) != 0x80;
	return w;
}

/*
 * Lines that may be longer: the totals, and a single shell word of a command,
 * which stands on a line of its own.
 */
static bool may_overflow(const char *line, size_t n, bool goes_on)
{
	size_t indent = strspn(line, " ");

	if (strncmp(line, "selected ", 9) == 0)
		return true;
	if (n && line[n - 1] == '\\')
		n -= 2;
	return goes_on && indent == 16 &&
	       !memchr(line + indent, ' ', n - indent);
}

/* Every line of the text fits, or has a reason not to. */
static void check_width(const char *text, unsigned width)
{
	bool goes_on = false;

	for (const char *s = text; *s;) {
		size_t n = strcspn(s, "\n");

		ck_assert_msg(columns_of(s, n) <= width ||
				      may_overflow(s, n, goes_on),
			      "%u: %.*s", width, (int)n, s);
		ck_assert_msg(n == 0 || s[n - 1] != ' ',
			      "blank at the end: %.*s", (int)n, s);
		goes_on = n && s[n - 1] == '\\';
		s += n + 1;
	}
}

START_TEST(terminal_keeps_the_width)
{
	struct result r;
	struct buf out;

	sample_fns[_i](&r);
	for (unsigned width = 48; width <= 132; width++) {
		check_width(sample_term(&r, &out, width, false, true), width);
		buf_fini(&out);
	}
	arena_fini(&r.arena);
}
END_TEST

/* Line ends and the indents behind them become one blank. */
static void unwrap(char *s)
{
	char *to = s;

	while (*s) {
		bool end = *s == '\n';

		*to++ = end ? ' ' : *s;
		s += 1 + (end ? strspn(s + 1, " ") : 0);
	}
	*to = '\0';
}

/* Which rows the verbose text shows with their title. */
static bool has_title(const struct result_row *row)
{
	return !row->expected_fail && row->verdict >= V_PASS &&
	       row->verdict != V_INFO;
}

START_TEST(words_stay_whole)
{
	struct result r;
	struct buf out;

	sample_result(&r);
	for (unsigned width = 48; width <= 132; width++) {
		sample_term(&r, &out, width, false, true);
		unwrap(out.p);
		for (size_t i = 0; i < r.nrows; i++)
			ck_assert_msg(
				!has_title(&r.rows[i]) ||
					strstr(out.p, r.rows[i].req->title),
				"title of %s", r.rows[i].req->id);
		buf_fini(&out);
	}
	arena_fini(&r.arena);
}
END_TEST

/* What follows from a finding is named below it, and is none of its own. */
START_TEST(followers_stand_below)
{
	struct result r;
	struct buf out;
	const char *text;

	sample_result(&r);
	r.rows[4].expected_fail = false;
	r.rows[4].caused_by = "ENV-VER-1";
	text = sample_term(&r, &out, 132, false, false);
	ck_assert_ptr_nonnull(strstr(text, "FAIL  ENV-VER-1"));
	ck_assert_ptr_null(strstr(text, "FAIL  ENV-VER-3"));
	ck_assert_ptr_nonnull(strstr(text, "so, too: ENV-VER-3\n"));
	ck_assert_ptr_nonnull(strstr(text, "1 requirement failed, from which "
					   "1 more follows\n"));
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

/* Everything between ESC and 'm' taken out. */
static void strip_colour(char *s)
{
	char *to = s;

	for (; *s; s++) {
		if (*s == '\033')
			s = strchr(s, 'm');
		else
			*to++ = *s;
	}
	*to = '\0';
}

START_TEST(colour_changes_no_text)
{
	struct buf plain, colour;
	struct result r;

	sample_result(&r);
	sample_term(&r, &plain, 80, false, false);
	sample_term(&r, &colour, 80, true, false);
	ck_assert_ptr_null(strchr(plain.p, '\033'));
	ck_assert_ptr_nonnull(strstr(colour.p, "\033[1;31mFAIL\033[0m"));
	strip_colour(colour.p);
	ck_assert_str_eq(colour.p, plain.p);
	buf_fini(&plain);
	buf_fini(&colour);
	arena_fini(&r.arena);
}
END_TEST

START_TEST(totals_add_up)
{
	size_t n[SUMMARY_VERDICTS + 1], sum = 0;
	struct result r;
	struct buf out;
	const char *s;

	sample_result(&r);
	s = strstr(sample_term(&r, &out, 80, false, false), "\nselected ");
	ck_assert_ptr_nonnull(s);
	ck_assert_int_eq(sscanf(s,
				"\nselected %zu = pass %zu + fail %zu + "
				"warn %zu + info %zu + na %zu + untested %zu "
				"+ inconclusive %zu\n",
				&n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6],
				&n[7]),
			 8);
	for (size_t i = 1; i <= SUMMARY_VERDICTS; i++)
		sum += n[i];
	ck_assert_uint_eq(n[0], sum);
	ck_assert_uint_eq(n[0], r.nrows);
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

/* Unquoted newlines behind a backslash vanish: what a shell would read. */
START_TEST(repeat_command_survives_pasting)
{
	const char *want, *at;
	struct buf out, flat = BUF_MAX(4096);
	struct result r;

	sample_result(&r);
	want = r.rows[2].repro;
	at = strstr(sample_term(&r, &out, 48, false, false), "repeat: ");
	ck_assert_ptr_nonnull(at);
	for (at += 8; *at && *at != '\n';) {
		if (at[0] == '\\' && at[1] == '\n')
			at += 2 + strspn(at + 2, " ");
		else
			buf_addc(&flat, *at++);
	}
	ck_assert_str_eq(buf_cstr(&flat), want);
	buf_fini(&flat);
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

START_TEST(findings_come_first)
{
	const char *s, *fail, *unsure, *warn, *info, *table;
	struct result r;
	struct buf out;

	sample_result(&r);
	s = sample_term(&r, &out, 80, false, false);
	fail = strstr(s, "FAIL  ENV-VER-1  MUST  §3.3.1.1  ");
	unsure = strstr(s, "INCONCLUSIVE  SD-STDIN-1");
	warn = strstr(s, "WARN  ST-PERM-1");
	info = strstr(s, "INFO  IPC-UNK-1");
	table = strstr(s, "area           pass  fail");
	ck_assert_ptr_eq(fail, s);
	ck_assert(fail < unsure && unsure < warn && warn < info &&
		  info < table);
	/* The expected one has no block of its own. */
	ck_assert_ptr_null(strstr(s, "--select ENV-VER-3"));
	ck_assert_ptr_null(strstr(s, "PASS  "));
	buf_fini(&out);
	arena_fini(&r.arena);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("report-terminal");
	TCase *t = tcase_create("terminal");

	tcase_add_loop_test(t, terminal_keeps_the_width, 0, 2);
	tcase_add_test(t, words_stay_whole);
	tcase_add_test(t, followers_stand_below);
	tcase_add_test(t, colour_changes_no_text);
	tcase_add_test(t, totals_add_up);
	tcase_add_test(t, repeat_command_survives_pasting);
	tcase_add_test(t, findings_come_first);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
