/*
 * test_view.c - what a view works out: lines from chunks, settings, methods,
 * windows and limits, the end, a second instance.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/trace/view.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* --- a trace by hand ------------------------------------------------------ */

static struct trace tr;
static struct view v;

static void setup(void)
{
	tr = (struct trace){ .head.profile = PROFILE_20 };
}

static void teardown(void)
{
	trace_fini(&tr);
}

static void put(struct event ev)
{
	ev.n = (uint32_t)tr.nev + 1;
	ev.t = (int64_t)tr.nev * 10;
	arena_grow(&tr.arena, tr.ev, tr.nev, tr.cap);
	tr.ev[tr.nev++] = ev;
}

static void out(const char *stream, struct span bytes)
{
	put(EVENT(out, .on = span_str(stream), .data = bytes));
}

static void look(void)
{
	view_init(&v, &tr, &tr.arena);
}

static void set_argv(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	tr.head.argv.v = arena_alloc(&tr.arena, (n + 1) * sizeof(struct span));
	tr.head.argv.n = n;
	for (size_t i = 0; i < n; i++)
		tr.head.argv.v[i] = span_str(words[i]);
}

/* "KEY", "value", ..., NULL */
static void set_env(const char *const *words)
{
	struct pairs *env = &tr.head.env;

	*env = (struct pairs){ 0 };
	env->v = arena_alloc(&tr.arena, 16 * sizeof(struct pair));
	for (; words[0]; words += 2)
		env->v[env->n++] =
			(struct pair){ span_str(words[0]), span_str(words[1]) };
}

#define ARGV(...) set_argv((const char *const[]){ "pt", ##__VA_ARGS__, NULL })
#define ENV(...) set_env((const char *const[]){ __VA_ARGS__, NULL })

static void same(struct span got, const char *want)
{
	char text[200];

	if (!want) {
		ck_assert(span_absent(got));
		return;
	}
	ck_assert_msg(!span_absent(got), "absent, not \"%s\"", want);
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(got));
	ck_assert_str_eq(text, want);
}

/* --- lines ---------------------------------------------------------------- */

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

/* --- settings ------------------------------------------------------------- */

START_TEST(flag_beats_variable)
{
	ENV("TOR_PT_MANAGED_TRANSPORT_VER", "1", "TOR_PT_EXIT_ON_STDIN_CLOSE",
	    "0", "TOR_PT_PROXY", "");
	ARGV("-ptversion", "2", "-exit-on-stdin-close", "-state");
	look();
	same(v.versions, "2");
	same(view_env(&v, "TOR_PT_MANAGED_TRANSPORT_VER"), "1");
	same(view_setting(&v, "TOR_PT_EXIT_ON_STDIN_CLOSE"), "1");
	same(view_setting(&v, "TOR_PT_PROXY"), "");
	same(view_setting(&v, "TOR_PT_ORPORT"), NULL);
	/* A flag without its value is there, and empty. */
	same(view_flag(&v, "-state"), "");
	same(view_flag(&v, "-orport"), NULL);
	ck_assert(view_has_flags(&v));
}
END_TEST

/* An empty flag does not override (§3.3.1.4). */
START_TEST(empty_flag)
{
	ENV("TOR_PT_MANAGED_TRANSPORT_VER", "1");
	ARGV("-ptversion", "");
	look();
	same(v.versions, "1");
	same(view_flag(&v, "-ptversion"), "");
	ck_assert(view_has_flags(&v));
}
END_TEST

START_TEST(no_flags)
{
	ENV("TOR_PT_UNKNOWN", "x");
	ARGV("--log", "ptversion");
	look();
	ck_assert(!view_has_flags(&v));
	same(v.versions, NULL);
	same(view_setting(&v, "TOR_PT_UNKNOWN"), "x");
	ck_assert_uint_eq(v.requested.n, 0);
	/* The program's own name is no flag. */
	tr.head.argv.v[0] = SPAN("-target");
	look();
	ck_assert(!view_has_flags(&v));
	ARGV("-target", "127.0.0.1:1");
	look();
	ck_assert(view_has_flags(&v));
}
END_TEST

struct list_row {
	const char *list;
	size_t n;
	const char *last;
};

static const struct list_row list_rows[] = {
	{ "", 1, "" },	     { "a", 1, "a" }, { "a,b", 2, "b" },
	{ "a,", 2, "" },     { ",", 2, "" },  { "a, b", 2, " b" },
	{ "a,a,a", 3, "a" },
};

START_TEST(requested_names)
{
	const struct list_row *row = &list_rows[_i];

	for (int role = 0; role < 2; role++) {
		tr.head.role = (enum role)role;
		ENV("TOR_PT_CLIENT_TRANSPORTS", role ? "other" : row->list,
		    "TOR_PT_SERVER_TRANSPORTS", role ? row->list : "other");
		ARGV();
		look();
		ck_assert_uint_eq(v.requested.n, row->n);
		same(v.requested.v[row->n - 1], row->last);
		ck_assert(!view_requested(&v, SPAN("other")));
		/* The flag stands for the list of the own role. */
		ARGV("-transports", "other");
		look();
		ck_assert(view_requested(&v, SPAN("other")));
		ck_assert_uint_eq(v.requested.n, 1);
	}
}
END_TEST

START_TEST(names)
{
	struct span known[] = { SPAN("a"), SPAN("b") };
	struct span nosuch[] = { SPAN("nosuch_1") };

	tr.head.known = (struct strings){ known, 2 };
	tr.head.nosuch = (struct strings){ nosuch, 1 };
	look();
	ck_assert(view_known(&v, SPAN("b")) && !view_known(&v, SPAN("B")));
	ck_assert(!view_known(&v, SPAN("nosuch_1")));
	ck_assert(view_nosuch(&v, SPAN("nosuch_1")));
	ck_assert(!view_nosuch(&v, SPAN("nosuch_")));
	ck_assert_str_eq(view_transports_var(&v), "TOR_PT_CLIENT_TRANSPORTS");
}
END_TEST

/* --- methods -------------------------------------------------------------- */

START_TEST(methods)
{
	out("stderr", SPAN("CMETHOD err socks5 127.0.0.1:1\n"));
	out("stdout", SPAN("CMETHOD a socks5 127.0.0.1:1\n"
			   "SMETHOD b 127.0.0.1:2 ARGS:k=v\n"
			   "CMETHOD a socks5 127.0.0.1:3\nCMETHOD\n"
			   "CMETHOD-ERROR a no\nCMETHOD cut"));
	look();
	ck_assert_uint_eq(v.methods.n, 5);
	ck_assert_ptr_eq(view_method(&v, SPAN("a")), &v.methods.v[0]);
	ck_assert_int_eq(view_method(&v, SPAN("a"))->m.addr.port, 1);
	same(view_method(&v, SPAN("b"))->m.args, "k=v");
	ck_assert_ptr_eq(view_method(&v, SPAN("b"))->line, &v.out.v[1]);
	ck_assert_ptr_null(view_method(&v, SPAN("err")));
	same(v.methods.v[3].m.name, NULL);
	ck_assert_ptr_nonnull(view_method(&v, SPAN("cut")));
}
END_TEST

/* --- events, windows, limits ----------------------------------------------- */

START_TEST(finding_events)
{
	put(EVENT(close, .what = SPAN("2:stdin")));
	put(EVENT(signal, .to = SPAN("parent"), .signal = SPAN("TERM")));
	put(EVENT(close, .what = SPAN("stdin")));
	put(EVENT(signal, .to = SPAN("pt"), .signal = SPAN("INT")));
	put(EVENT(signal, .to = SPAN("pt"), .signal = SPAN("TERM")));
	put(EVENT(close, .what = SPAN("probe:a")));
	look();
	ck_assert_uint_eq(view_event(&v, EV_CLOSE, NULL, 1)->n, 1);
	ck_assert_uint_eq(view_event(&v, EV_CLOSE, NULL, 2)->n, 3);
	ck_assert_uint_eq(view_event(&v, EV_CLOSE, NULL, 3)->n, 3);
	ck_assert_uint_eq(view_event(&v, EV_CLOSE, "probe:a", 0)->n, 6);
	ck_assert_ptr_null(view_event(&v, EV_CLOSE, NULL, 7));
	ck_assert_ptr_null(view_event(&v, EV_CLOSE, NULL, UINT32_MAX));
	ck_assert_uint_eq(view_stdin_closed(&v)->n, 3);
	ck_assert_uint_eq(view_signal_sent(&v, "TERM")->n, 5);
	ck_assert_ptr_null(view_signal_sent(&v, "KILL"));
}
END_TEST

START_TEST(windows)
{
	put(EVENT(window, .state = SPAN("closed")));
	put(EVENT(window, .state = SPAN("open")));
	put(EVENT(met, .step = 0));
	put(EVENT(window, .state = SPAN("closed")));
	put(EVENT(window, .state = SPAN("open")));
	look();
	ck_assert_uint_eq(view_window(&v, 1)->n, 4);
	ck_assert_uint_eq(view_window(&v, 2)->n, 4);
	/* Opened before, or never closed: no window. */
	ck_assert_ptr_null(view_window(&v, 3));
	ck_assert_ptr_null(view_window(&v, 5));
	ck_assert_ptr_null(view_window(&v, 6));
}
END_TEST

START_TEST(limits)
{
	put(EVENT(limit, .limit = SPAN("init"), .ms = 100));
	put(EVENT(limit, .limit = SPAN("exit")));
	put(EVENT(limit, .limit = SPAN("init")));
	look();
	ck_assert_uint_eq(view_limit(&v, "init", 1)->n, 1);
	ck_assert_int_eq(view_limit(&v, "init", 1)->limit.ms, 100);
	ck_assert_uint_eq(view_limit(&v, "init", 2)->n, 3);
	ck_assert_ptr_null(view_limit(&v, "exit", 3));
	ck_assert_ptr_null(view_limit(&v, "graceful", 1));
}
END_TEST

struct lag_row {
	int64_t lag_us, limit_ms;
	bool lagged;
};

static const struct lag_row lag_rows[] = {
	{ 0, 0, false },
	{ 0, 1000, false },
	{ 250000, 1000, false },
	{ 250001, 1000, true },
	{ 1, 0, true },
	{ INT64_MAX, 1000, true },
	/* What only a forged trace can hold. */
	{ 5, INT64_MAX, false },
	{ 5, INT64_MIN, true },
};

START_TEST(lag)
{
	const struct lag_row *row = &lag_rows[_i];

	put(EVENT(lag, .us = row->lag_us / 2));
	put(EVENT(lag, .us = row->lag_us));
	put(EVENT(lag, .us = row->lag_us / 3));
	look();
	ck_assert_int_eq(v.lag_us, row->lag_us);
	ck_assert_int_eq(view_lagged(&v, row->limit_ms), row->lagged);
}
END_TEST

/* The worker died before it said how late it was: nobody knows. */
START_TEST(no_lag)
{
	put(EVENT(limit, .limit = SPAN("init"), .ms = 30000));
	look();
	ck_assert(view_lagged(&v, 30000));
}
END_TEST

/* --- the end -------------------------------------------------------------- */

struct end_row {
	const char *events; /* one letter each, see play() */
	bool ended, exited_3, signalled;
	const char *words;
};

/* s: spawn  f: exec failed  x: exit with 3  k: ended by SIGSEGV
 * K: our SIGKILL  9: ended by SIGKILL  ?: by a signal that nobody knows */
static struct event one(char letter)
{
	switch (letter) {
	case 's':
		return EVENT(spawn, .what = SPAN("pt"));
	case 'f':
		return EVENT(exec_failed, .what = SPAN("pt"));
	case 'K':
		return EVENT(kill, .what = SPAN("pt"));
	case 'x':
		return EVENT(exit, .what = SPAN("pt"), .how = SPAN("exited"),
			     .code = 3);
	default:
		return EVENT(exit, .what = SPAN("pt"), .how = SPAN("killed"),
			     .code = letter == 'k'   ? 11
				     : letter == '9' ? 9
						     : 4711);
	}
}

static void play(const char *events)
{
	for (; *events; events++)
		put(one(*events));
}

static const struct end_row end_rows[] = {
	{ "", false, false, false, "was never started" },
	{ "f", false, false, false, "was never started" },
	{ "sfx", true, true, false, "was never started" },
	{ "s", false, false, false, "was still running when the case ended" },
	{ "sx", true, true, false, "exited with status 3" },
	{ "sk", true, false, true, "was killed by SIGSEGV" },
	{ "s9", true, false, true, "was killed by SIGKILL" },
	{ "s?", true, false, true, "was killed by SIG?" },
	/* Our SIGKILL takes the credit, also when it came too late to be the
	 * cause: nobody can tell. */
	{ "sK9", false, false, false, "was still running when the case ended" },
	{ "sKx", false, false, false, "was still running when the case ended" },
	{ "sK", false, false, false, "was still running when the case ended" },
	{ "sxK", true, true, false, "exited with status 3" },
};

START_TEST(ends)
{
	const struct end_row *row = &end_rows[_i];

	play(row->events);
	look();
	ck_assert_int_eq(view_ended(&v), row->ended);
	ck_assert_int_eq(view_exited(&v, 3), row->exited_3);
	ck_assert(!view_exited(&v, 0));
	ck_assert_int_eq(view_signalled(&v), row->signalled);
	ck_assert_str_eq(view_how_ended(&v), row->words);
}
END_TEST

START_TEST(complete)
{
	look();
	ck_assert(!v.complete && !v.end);
	put(EVENT(end, .how = SPAN("aborted: no disk")));
	look();
	ck_assert(!v.complete && v.end);
	tr.nev = 0;
	put(EVENT(end, .how = SPAN("complete")));
	look();
	ck_assert(v.complete);
}
END_TEST

/* --- a second instance ------------------------------------------------------ */

START_TEST(second_instance)
{
	struct view w;

	put(EVENT(spawn, .what = SPAN("pt")));
	put(EVENT(spawn, .what = SPAN("2:pt")));
	out("2:stdout", SPAN("VERS"));
	out("stdout", SPAN("VERSION 1\nC"));
	out("2:stdout", SPAN("ION 2\n"));
	out("2:stderr", SPAN("two\n"));
	put(EVENT(close, .what = SPAN("2:stdin")));
	put(EVENT(signal, .to = SPAN("2:pt"), .signal = SPAN("TERM")));
	play("x");
	look();
	view_init_nth(&w, &tr, 2, &tr.arena);
	ck_assert_str_eq(v.pt, "pt");
	ck_assert_str_eq(w.pt, "2:pt");
	ck_assert_str_eq(w.stdin_ch, "2:stdin");
	ck_assert_uint_eq(v.out.n, 2);
	ck_assert_uint_eq(v.err.n, 0);
	ck_assert_uint_eq(w.out.n, 1);
	ck_assert_uint_eq(w.err.n, 1);
	same(v.negotiated, "1");
	same(w.negotiated, "2");
	ck_assert_uint_eq(w.version->ev, 5);
	ck_assert_uint_eq(w.spawn->n, 2);
	ck_assert_ptr_null(view_stdin_closed(&v));
	ck_assert_uint_eq(view_stdin_closed(&w)->n, 7);
	ck_assert_ptr_null(view_signal_sent(&v, "TERM"));
	ck_assert_uint_eq(view_signal_sent(&w, "TERM")->n, 8);
	ck_assert(view_ended(&v) && !view_ended(&w));
	view_init_nth(&w, &tr, 3, &tr.arena);
	ck_assert_ptr_null(w.spawn);
	ck_assert_str_eq(view_how_ended(&w), "was never started");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("view");
	TCase *cuts = tcase_create("chunks"), *t = tcase_create("view");

	tcase_add_test(cuts, lines_of_any_chunks);
	tcase_add_test(cuts, lines_of_single_bytes);
	tcase_add_test(cuts, messages_of_any_chunks);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, ends_of_streams, 0, (int)N(tails));
	tcase_add_test(t, first_messages);
	tcase_add_test(t, finding_lines);
	tcase_add_test(t, flag_beats_variable);
	tcase_add_test(t, empty_flag);
	tcase_add_test(t, no_flags);
	tcase_add_loop_test(t, requested_names, 0, (int)N(list_rows));
	tcase_add_test(t, names);
	tcase_add_test(t, methods);
	tcase_add_test(t, finding_events);
	tcase_add_test(t, windows);
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, lag, 0, (int)N(lag_rows));
	tcase_add_test(t, no_lag);
	tcase_add_loop_test(t, ends, 0, (int)N(end_rows));
	tcase_add_test(t, complete);
	tcase_add_test(t, second_instance);
	suite_add_tcase(s, cuts);
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
