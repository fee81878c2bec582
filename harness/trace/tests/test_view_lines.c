/*
 * test_view_lines.c - what a view works out: lines and messages from chunks.
 */
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/trace/tests/by_hand.h"

static const char talk[] = "VERSION 2\n\nCMETHOD a socks5 127.0.0.1:9\r\n"
			   "x\0y\nCMETHODS DONE\ntail";
#define TALK_LINES 6

struct want_line {
	size_t at, n; /* place in `talk`, without LF */
	bool lf;
};

static size_t cut_talk(struct span all, struct want_line *want)
{
	size_t n = 0;

	for (size_t at = 0; at < all.n; n++) {
		size_t len = span_find(span_sub(all, at, all.n), '\n');

		want[n] = (struct want_line){ at, len, at + len < all.n };
		at += len + 1;
	}
	return n;
}

/* Chunks end before the given places; between them other things happen. */
static void check_cuts(struct span all, const size_t *cuts, size_t ncuts)
{
	struct want_line want[64];
	uint32_t ev_of[128] = { 0 };
	size_t n = cut_talk(all, want), from = 0;

	setup();
	for (size_t i = 0; i <= ncuts; i++) {
		size_t to = i < ncuts ? cuts[i] : all.n;

		put(EVENT(step, .kind = SPAN("expect")));
		out("stderr", SPAN("noise\nof "));
		out("stdout", span_sub(all, from, to - from));
		for (; from < to; from++)
			ev_of[from] = (uint32_t)tr.nev;
	}
	look();
	ck_assert_uint_eq(v.out.n, n);
	for (size_t i = 0; i < n; i++) {
		const struct line *l = &v.out.v[i];
		size_t last = want[i].at + want[i].n - !want[i].lf;

		ck_assert(
			span_eq(l->raw, span_sub(all, want[i].at, want[i].n)));
		ck_assert_int_eq(l->terminated, want[i].lf);
		ck_assert_uint_eq(l->ev, ev_of[last]);
		ck_assert_int_eq(l->t, tr.ev[l->ev - 1].t);
		ck_assert(!l->on_stderr);
	}
	ck_assert_uint_eq(v.err.n, ncuts + 2);
	ck_assert(v.err.v[0].on_stderr);
	teardown();
}

START_TEST(lines_of_any_chunks)
{
	struct span all = span_of(talk, sizeof(talk) - 1);

	check_cuts(all, NULL, 0);
	for (size_t a = 0; a <= all.n; a++) {
		check_cuts(all, &a, 1);
		for (size_t b = a; b <= all.n; b++)
			check_cuts(all, (const size_t[]){ a, b }, 2);
	}
}
END_TEST

START_TEST(lines_of_single_bytes)
{
	struct span all = span_of(talk, sizeof(talk) - 1);
	size_t cuts[sizeof(talk)];

	for (size_t i = 0; i < all.n; i++)
		cuts[i] = i;
	check_cuts(all, cuts, all.n);
}
END_TEST

/* What the lines say does not depend on where the chunks ended. */
START_TEST(messages_of_any_chunks)
{
	struct span all = span_of(talk, sizeof(talk) - 1);

	for (size_t a = 0; a <= all.n; a++) {
		setup();
		out("stdout", span_sub(all, 0, a));
		out("stdout", span_sub(all, a, all.n));
		look();
		ck_assert_uint_eq(v.out.n, TALK_LINES);
		same(v.negotiated, "2");
		ck_assert_uint_eq(v.methods.n, 1);
		same(v.methods.v[0].m.name, "a");
		same(v.methods.v[0].m.addr_text, "127.0.0.1:9");
		ck_assert_ptr_eq(v.done, &v.out.v[4]);
		ck_assert_ptr_null(v.proxy_done);
		teardown();
	}
}
END_TEST

struct tail {
	const char *bytes;
	size_t lines;
	bool lf;
};

static const struct tail tails[] = {
	{ "", 0, false },    { "a", 1, false },	   { "a\n", 1, true },
	{ "\n", 1, true },   { "a\nb", 2, false }, { "a\n\n", 2, true },
	{ "\n\n", 2, true },
};

START_TEST(ends_of_streams)
{
	const struct tail *row = &tails[_i];

	out("stdout", span_str(row->bytes));
	put(EVENT(eof, .on = SPAN("stdout"), .how = SPAN("fin")));
	look();
	ck_assert_uint_eq(v.out.n, row->lines);
	ck_assert_uint_eq(v.err.n, 0);
	if (row->lines)
		ck_assert_int_eq(v.out.v[row->lines - 1].terminated, row->lf);
}
END_TEST

/* Only the first of each, on stdout, and of the own role. */
START_TEST(first_messages)
{
	out("stderr", SPAN("VERSION 9\nCMETHODS DONE\n"));
	out("stdout", SPAN("SMETHODS DONE\nCMETHODS DONE \nCMETHODS DONE x\n"
			   "PROXY DONE x\nVERSION\nVERSION 2\n"
			   "PROXY DONE\nPROXY DONE\nCMETHODS DONE\n"));
	look();
	ck_assert_ptr_eq(v.version, &v.out.v[4]);
	same(v.negotiated, NULL);
	ck_assert_ptr_eq(v.proxy_done, &v.out.v[6]);
	/* A blank behind it is for a judge to say; it is DONE all the same. */
	ck_assert_ptr_eq(v.done, &v.out.v[1]);
	tr.head.role = ROLE_SERVER;
	look();
	ck_assert_ptr_eq(v.done, &v.out.v[0]);
}
END_TEST

START_TEST(finding_lines)
{
	out("stdout", SPAN("LOG a\nENV-ERROR out\nLOG b\n"));
	look();
	ck_assert_uint_eq(lines_count(&v.out, IPC_LOG), 2);
	ck_assert_ptr_eq(lines_find(&v.out, IPC_LOG, 1), &v.out.v[2]);
	ck_assert_ptr_null(lines_find(&v.out, IPC_LOG, 3));
	ck_assert_ptr_eq(view_error(&v, IPC_ENV_ERROR), &v.out.v[1]);
	ck_assert_ptr_null(view_error(&v, IPC_PROXY_ERROR));
	ck_assert_ptr_eq(view_fatal(&v), &v.out.v[1]);
	ck_assert(!view_stderr_words(&v));
	out("stderr", SPAN("\nENV-ERROR err\nPROXY-ERROR x\n"));
	look();
	ck_assert_ptr_eq(view_error(&v, IPC_ENV_ERROR), &v.err.v[1]);
	ck_assert_ptr_eq(view_fatal(&v), &v.err.v[1]);
	/* Neither an empty line nor a message is a word to the user. */
	ck_assert(!view_stderr_words(&v));
	out("stderr", SPAN("usage: pt"));
	look();
	ck_assert(view_stderr_words(&v));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("view lines");
	TCase *cuts = tcase_create("chunks"), *t = tcase_create("lines");

	tcase_add_test(cuts, lines_of_any_chunks);
	tcase_add_test(cuts, lines_of_single_bytes);
	tcase_add_test(cuts, messages_of_any_chunks);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, ends_of_streams, 0, (int)N(tails));
	tcase_add_test(t, first_messages);
	tcase_add_test(t, finding_lines);
	suite_add_tcase(s, cuts);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
