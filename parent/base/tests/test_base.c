/*
 * test_base.c - spans, arenas, buffers, errors and escaping.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "parent/base/err.h"
#include "parent/base/span.h"
#include "parent/base/text.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

/* --- spans --------------------------------------------------------------- */

START_TEST(span_absent_and_empty)
{
	ck_assert(span_absent(span_str(NULL)));
	ck_assert(!span_absent(span_str("")));
	ck_assert(!span_absent(SPAN("")));
	ck_assert(span_eq(span_str(NULL), SPAN("")));
	ck_assert(!span_eq(SPAN("a"), SPAN("b")));
	ck_assert(!span_eq(SPAN("a"), SPAN("ab")));
	ck_assert(span_eq(SPAN("a\0b"), span_of("a\0bc", 3)));
	ck_assert(span_eqs(SPAN("ab"), "ab"));
	ck_assert(!span_eqs(SPAN("a\0"), "a"));
	ck_assert_uint_eq(SPAN("a\0b").n, 3);
}
END_TEST

START_TEST(span_starts_and_contains)
{
	ck_assert(span_starts(SPAN("abc"), SPAN("ab")));
	ck_assert(span_starts(SPAN("abc"), SPAN("")));
	ck_assert(span_starts(span_str(NULL), SPAN("")));
	ck_assert(!span_starts(SPAN("a"), SPAN("ab")));
	ck_assert(!span_starts(SPAN("abc"), SPAN("b")));
	ck_assert(span_contains(SPAN("a\0bc"), SPAN("\0b")));
	ck_assert(span_contains(SPAN("abc"), SPAN("")));
	ck_assert(!span_contains(SPAN("abc"), SPAN("cb")));
	ck_assert(!span_contains(span_str(NULL), SPAN("a")));
}
END_TEST

START_TEST(span_sub_clamps)
{
	struct span s = SPAN("abc");

	ck_assert(span_eqs(span_sub(s, 1, 1), "b"));
	ck_assert(span_eqs(span_sub(s, 1, SIZE_MAX), "bc"));
	ck_assert(span_eqs(span_sub(s, 3, 9), ""));
	ck_assert(span_sub(s, 9, 9).p == s.p + 3);
	ck_assert(span_absent(span_sub(span_str(NULL), 0, 1)));
	ck_assert_uint_eq(span_sub(s, SIZE_MAX, SIZE_MAX).n, 0);
}
END_TEST

START_TEST(span_find_byte)
{
	ck_assert_uint_eq(span_find(SPAN("abcb"), 'b'), 1);
	ck_assert_uint_eq(span_find(SPAN("abc"), 'x'), 3);
	ck_assert_uint_eq(span_find(SPAN("a\0c"), '\0'), 1);
	ck_assert_uint_eq(span_find(span_of("abc", 2), 'c'), 2);
	ck_assert_uint_eq(span_find(span_str(NULL), 'a'), 0);
}
END_TEST

static const struct {
	const char *text;   /* NULL: absent */
	const char *pieces; /* each behind a bar */
} split_rows[] = {
	{ NULL, "" },	 { "", "|" },	{ "a", "|a" },	 { "a,", "|a|" },
	{ ",a", "||a" }, { ",", "||" }, { ",,", "|||" }, { "a,b", "|a|b" },
};

START_TEST(span_split_pieces)
{
	struct span rest = span_str(split_rows[_i].text), piece;
	struct buf b = BUF_MAX(100);

	while (span_split(&rest, ',', &piece)) {
		buf_addc(&b, '|');
		buf_add(&b, piece);
	}
	ck_assert(span_absent(rest));
	ck_assert_str_eq(buf_cstr(&b), split_rows[_i].pieces);
	buf_fini(&b);
}
END_TEST

/* --- arenas -------------------------------------------------------------- */

START_TEST(arena_zeroed_and_aligned)
{
	struct arena a = { 0 };
	size_t dirty = 0;

	for (size_t n = 0; n < 200; n++) {
		unsigned char *p = arena_alloc(&a, n * n);

		ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < n * n; i++) {
			dirty += p[i] != 0;
			p[i] = 0xff;
		}
	}
	ck_assert_uint_eq(dirty, 0);
	arena_fini(&a);
	ck_assert(a.head == NULL);
	arena_fini(&a);
}
END_TEST

START_TEST(arena_copies)
{
	struct arena a = { 0 };
	char src[] = "a\0b";
	struct span s = arena_span(&a, span_of(src, 3));
	char *str = arena_strdup(&a, "text");

	src[0] = 'x';
	ck_assert(span_eq(s, SPAN("a\0b")));
	ck_assert_int_eq(s.p[3], '\0');
	ck_assert(span_absent(arena_span(&a, span_str(NULL))));
	ck_assert(!span_absent(arena_span(&a, SPAN(""))));
	ck_assert_str_eq(str, "text");
	ck_assert_str_eq(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	ck_assert_uint_eq(strlen(arena_printf(&a, "%70000d", 1)), 70000);
	ck_assert_str_eq(str, "text");
	arena_fini(&a);
}
END_TEST

START_TEST(arena_grow_keeps)
{
	struct arena a = { 0 };
	size_t *v = NULL, n = 0, cap = 0, wrong = 0;

	while (n < 10000) {
		arena_grow(&a, v, n, cap);
		wrong += cap <= n;
		v[n] = n;
		n++;
	}
	for (size_t i = 0; i < n; i++)
		wrong += v[i] != i;
	ck_assert_uint_eq(wrong, 0);
	arena_fini(&a);
}
END_TEST

START_TEST(oom_aborts)
{
	struct arena a = { 0 };

	close(STDERR_FILENO); /* the message is meant for users */
	arena_alloc(&a, SIZE_MAX);
}
END_TEST

/* --- buffers ------------------------------------------------------------- */

START_TEST(buf_collects)
{
	struct buf b = BUF_MAX(1000);

	ck_assert(!span_absent(buf_span(&b)));
	ck_assert_str_eq(buf_cstr(&b), "");
	buf_add(&b, SPAN("a\0b"));
	buf_adds(&b, "cd");
	buf_addc(&b, 'e');
	buf_addf(&b, "%d%s", 12, "x");
	buf_add(&b, span_str(NULL));
	ck_assert(span_eq(buf_span(&b), SPAN("a\0bcde12x")));
	ck_assert_int_eq(buf_cstr(&b)[b.n], '\0');
	buf_eat(&b, 3);
	ck_assert_str_eq(buf_cstr(&b), "cde12x");
	buf_eat(&b, 100);
	ck_assert_uint_eq(b.n, 0);
	ck_assert(!b.full);
	buf_fini(&b);
	ck_assert(b.p == NULL && b.max == 1000);
}
END_TEST

START_TEST(buf_stops_at_its_maximum)
{
	struct buf b = BUF_MAX(10);

	buf_adds(&b, "0123456789");
	ck_assert(!b.full);
	buf_addc(&b, 'x');
	ck_assert(b.full);
	ck_assert_str_eq(buf_cstr(&b), "0123456789");
	buf_reset(&b);
	ck_assert(!b.full && b.n == 0);
	buf_adds(&b, "abcdef");
	buf_addf(&b, "%s", "0123456789");
	ck_assert(b.full);
	ck_assert_str_eq(buf_cstr(&b), "abcdef0123");
	buf_addf(&b, "%d", 5);
	ck_assert_str_eq(buf_cstr(&b), "abcdef0123");
	buf_eat(&b, 9);
	buf_addf(&b, "%d", 5);
	ck_assert_str_eq(buf_cstr(&b), "35");
	ck_assert(b.full);
	buf_fini(&b);
}
END_TEST

START_TEST(buf_grows)
{
	struct buf b = BUF_MAX(100000);
	int wrong = 0;

	for (int i = 0; i < 100000; i++)
		buf_addc(&b, (char)i);
	ck_assert_uint_eq(b.n, 100000);
	ck_assert(!b.full);
	for (int i = 0; i < 100000; i++)
		wrong += b.p[i] != (char)i;
	ck_assert_int_eq(wrong, 0);
	buf_fini(&b);
}
END_TEST

/* --- errors -------------------------------------------------------------- */

START_TEST(err_tells_the_whole_way)
{
	struct err e = { 0 };

	ck_assert_int_eq(err_sys(&e, ENOENT, "open \"%s\"", "x"), -1);
	ck_assert_int_eq(e.code, ENOENT);
	ck_assert_str_eq(e.msg, "open \"x\": No such file or directory");
	ck_assert_int_eq(err_wrap(&e, "case %d", 7), -1);
	ck_assert_str_eq(e.msg,
			 "case 7: open \"x\": No such file or directory");
	ck_assert_int_eq(e.code, ENOENT);
	ck_assert_int_eq(err_set(&e, 0, "plain %%"), -1);
	ck_assert_str_eq(e.msg, "plain %");
	ck_assert_int_eq(e.code, 0);
}
END_TEST

START_TEST(err_is_bounded)
{
	struct err e = { 0 };

	err_set(&e, 0, "%2000d", 1);
	ck_assert_uint_eq(strlen(e.msg), ERR_MAX - 1);
	err_wrap(&e, "front");
	ck_assert_uint_eq(strlen(e.msg), ERR_MAX - 1);
	ck_assert(span_starts(span_str(e.msg), SPAN("front:  ")));
	err_wrap(&e, "%2000d", 1);
	ck_assert_uint_eq(strlen(e.msg), ERR_MAX - 1);
	err_sys(&e, EPERM, "%2000d", 1);
	ck_assert_uint_eq(strlen(e.msg), ERR_MAX - 1);
}
END_TEST

START_TEST(err_may_be_nobodys)
{
	ck_assert_int_eq(err_set(NULL, 1, "x"), -1);
	ck_assert_int_eq(err_sys(NULL, 1, "x"), -1);
	ck_assert_int_eq(err_wrap(NULL, "x"), -1);
}
END_TEST

/* --- text ---------------------------------------------------------------- */

static bool is_harmless(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

START_TEST(escape_known)
{
	struct buf b = BUF_MAX(1000);

	text_escape(&b, SPAN("a \\\n\r\t\0\x1b\x7f\x80\xff\"<~"));
	ck_assert_str_eq(buf_cstr(&b), "a \\\\\\n\\r\\t\\x00\\x1b\\x7f\\x80"
				       "\\xff\"<~");
	buf_fini(&b);
}
END_TEST

/*
 * Every pair of bytes: what follows an escape must not change it.  Here and
 * in other long loops one assertion serves all: each costs a system call.
 */
START_TEST(escape_round_trip)
{
	struct buf esc = BUF_MAX(1000), back = BUF_MAX(1000);
	int wrong = 0;

	for (int pair = 0; pair < 65536; pair++) {
		char src[2] = { (char)(pair >> 8), (char)pair };

		buf_reset(&esc);
		buf_reset(&back);
		text_escape(&esc, span_of(src, 2));
		if (!is_harmless(buf_span(&esc)) ||
		    !text_unescape(&back, buf_span(&esc), NULL) ||
		    !span_eq(buf_span(&back), span_of(src, 2)))
			wrong++;
	}
	ck_assert_int_eq(wrong, 0);
	buf_fini(&esc);
	buf_fini(&back);
}
END_TEST

static const struct {
	const char *text;
	size_t bad;
} bad_escapes[] = {
	{ "\\", 0 },	{ "ab\\", 2 },	    { "\\q", 0 },   { "\\x", 0 },
	{ "\\x1", 0 },	{ "\\\\\\x1g", 2 }, { "\\X11", 0 }, { "\\N", 0 },
	{ "\\x g", 0 }, { "\\xg1", 0 },
};

START_TEST(unescape_bad)
{
	struct buf b = BUF_MAX(1000);
	size_t bad = 99;

	ck_assert(!text_unescape(&b, span_str(bad_escapes[_i].text), &bad));
	ck_assert_uint_eq(bad, bad_escapes[_i].bad);
	ck_assert(!text_unescape(&b, span_str(bad_escapes[_i].text), NULL));
	ck_assert(!text_unescape(&b, SPAN("\\\0"), NULL));
	ck_assert(!text_unescape(&b, span_of("\\x41", 3), NULL));
	buf_fini(&b);
}
END_TEST

START_TEST(unescape_good)
{
	struct buf b = BUF_MAX(1000);

	ck_assert(text_unescape(&b, SPAN("\\x4a\\xFf\xc3\n\\\\x41"), NULL));
	ck_assert(span_eq(buf_span(&b), SPAN("J\xff\xc3\n\\x41")));
	buf_fini(&b);
}
END_TEST

START_TEST(show_cuts)
{
	struct arena a = { 0 };

	ck_assert_str_eq(text_show(&a, SPAN("abc"), 3), "abc");
	ck_assert_str_eq(text_show(&a, SPAN("abcd"), 3), "abc...");
	ck_assert_str_eq(text_show(&a, SPAN("\0\0\0\0"), 3),
			 "\\x00\\x00\\x00...");
	ck_assert_str_eq(text_show(&a, SPAN("abc"), 0), "...");
	ck_assert_str_eq(text_show(&a, span_str(NULL), 9), "");
	arena_fini(&a);
}
END_TEST

START_TEST(showbuf_never_overflows)
{
	char dst[64];
	struct span s = SPAN("ab\0\n\\cdefgh\xff");

	for (size_t size = 4; size < sizeof(dst); size++) {
		memset(dst, 0x55, sizeof(dst));
		ck_assert(text_showbuf(dst, size, s) == dst);
		ck_assert_uint_lt(strlen(dst), size);
		for (size_t i = size; i < sizeof(dst); i++)
			ck_assert_int_eq(dst[i], 0x55);
	}
	ck_assert_str_eq(dst, "ab\\x00\\n\\\\cdefgh\\xff");
	text_showbuf(dst, 10, s);
	ck_assert_str_eq(dst, "ab\\x00...");
}
END_TEST

/* ------------------------------------------------------------------------- */

static void add_data(Suite *s)
{
	TCase *t = tcase_create("data");

	tcase_add_test(t, span_absent_and_empty);
	tcase_add_test(t, span_starts_and_contains);
	tcase_add_test(t, span_sub_clamps);
	tcase_add_test(t, span_find_byte);
	tcase_add_loop_test(t, span_split_pieces, 0, N(split_rows));
	tcase_add_test(t, arena_zeroed_and_aligned);
	tcase_add_test(t, arena_copies);
	tcase_add_test(t, arena_grow_keeps);
	tcase_add_test_raise_signal(t, oom_aborts, SIGABRT);
	tcase_add_test(t, buf_collects);
	tcase_add_test(t, buf_stops_at_its_maximum);
	tcase_add_test(t, buf_grows);
	suite_add_tcase(s, t);
}

static void add_words(Suite *s)
{
	TCase *t = tcase_create("words");

	tcase_add_test(t, err_tells_the_whole_way);
	tcase_add_test(t, err_is_bounded);
	tcase_add_test(t, err_may_be_nobodys);
	tcase_add_test(t, escape_known);
	tcase_add_test(t, escape_round_trip);
	tcase_add_loop_test(t, unescape_bad, 0, N(bad_escapes));
	tcase_add_test(t, unescape_good);
	tcase_add_test(t, show_cuts);
	tcase_add_test(t, showbuf_never_overflows);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("base");

	add_data(s);
	add_words(s);
	return suite_run(s);
}
