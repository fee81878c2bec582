/*
 * test_view.c - what a view works out: settings, methods, windows and limits,
 * the end, a second instance.
 */
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/trace/tests/by_hand.h"

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
	put(EVENT(window, .state = WINDOW_CLOSED));
	put(EVENT(window, .state = WINDOW_OPEN));
	put(EVENT(met, .step = 0));
	put(EVENT(window, .state = WINDOW_CLOSED));
	put(EVENT(step, .step = 2));
	put(EVENT(window, .state = WINDOW_OPEN));
	look();
	ck_assert_uint_eq(view_window(&v, 1)->n, 4);
	ck_assert_uint_eq(view_window(&v, 2)->n, 4);
	/* Opened before, or never closed: no window. */
	ck_assert_ptr_null(view_window(&v, 3));
	ck_assert_ptr_null(view_window(&v, 5));
	ck_assert_ptr_null(view_window(&v, 6));
	ck_assert(!view_is_anew(&v, 4));
}
END_TEST

START_TEST(windows_begun_anew)
{
	put(EVENT(window, .state = WINDOW_OPEN));
	put(EVENT(window, .state = WINDOW_CLOSED));
	put(EVENT(window, .state = WINDOW_OPEN));
	put(EVENT(window, .state = WINDOW_CLOSED));
	put(EVENT(step, .step = 2));
	look();
	ck_assert(view_is_anew(&v, 2));
	ck_assert(!view_is_anew(&v, 4));
	ck_assert_uint_eq(view_window(&v, 1)->n, 4);
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

struct share_row {
	int64_t limit_us;
	bool enough;
	struct event_processor had;
};

#define HAD(...)            \
	{                   \
		__VA_ARGS__ \
	}

static const struct share_row share_rows[] = {
	{ 1000, true, HAD(.took_us = 1000) },
	{ 1000, true, HAD(.took_us = 1000, .waited_us = 250) },
	{ 1000, false, HAD(.took_us = 1000, .waited_us = 251) },
	{ 1000, false, HAD(.took_us = 1000, .late_us = 251) },
	{ 1000, false, HAD(.took_us = 1000, .waited_us = 126, .late_us = 126) },
	/* It was put off. */
	{ 1000, true, HAD(.took_us = 2000, .waited_us = 1250) },
	/* Ended before its time. */
	{ 1000, false, HAD(.took_us = 700) },
	/* It waits as it has more to do than there are processors. */
	{ 1000, true, HAD(.took_us = 1000, .cpu_us = 750, .waited_us = 9000) },
	{ 1000, false, HAD(.took_us = 1000, .cpu_us = 749, .waited_us = 9000) },
	{ 1000, false, HAD(.took_us = 9000, .owed = 1) },
	{ 1000, false, { .state = SHARE_HELD, .took_us = 9000 } },
	/* It does not wait, it is at work. */
	{ 1000, true, { .state = SHARE_HELD, .took_us = 9000, .cpu_us = 750 } },
	/* What only a forged trace can hold. */
	{ 1000, false,
	  HAD(.took_us = 9000, .waited_us = INT64_MAX, .late_us = INT64_MAX) },
	{ INT64_MAX, false, HAD(.took_us = 9, .waited_us = INT64_MAX) },
};

START_TEST(share)
{
	const struct share_row *row = &share_rows[_i];

	ck_assert_int_eq(view_suffices(&row->had, row->limit_us), row->enough);
}
END_TEST

/* Which event tells what there was until a limit, a window, the kill. */
START_TEST(share_of)
{
	put(EVENT(step, .kind = SPAN("expect"), .step = 2));
	put(EVENT(limit, .limit = SPAN("init"), .step = 2, .ms = 1000));
	put(EVENT(processor, .step = 2, .took_us = 1000000,
		  .waited_us = 700000));
	put(EVENT(step, .kind = SPAN("window"), .step = 3));
	put(EVENT(window, .state = WINDOW_CLOSED, .ms = 1000));
	put(EVENT(cpu, .at = SPAN("closed")));
	put(EVENT(processor, .step = 3, .took_us = 1000000, .late_us = 20));
	put(EVENT(step, .kind = SPAN("wait"), .step = 4));
	put(EVENT(limit, .limit = SPAN("exit"), .step = 4, .ms = 1000));
	put(EVENT(kill, .what = SPAN("pt")));
	put(EVENT(processor, .step = 0));
	put(EVENT(lag, .us = 1000));
	look();
	ck_assert_uint_eq(view_share(&v, view_limit(&v, "init", 1))->n, 3);
	ck_assert_uint_eq(view_share(&v, &v.tr->ev[4])->n, 7);
	ck_assert_uint_eq(view_share(&v, &v.tr->ev[5])->n, 7);
	ck_assert_ptr_null(view_share(&v, view_limit(&v, "exit", 1)));
	ck_assert_uint_eq(view_share(&v, v.kill)->n, 11);
	ck_assert(view_hindered(&v, view_limit(&v, "init", 1), 1000));
	ck_assert(!view_hindered(&v, &v.tr->ev[4], 1000));
	/* Nobody looked: by how late the harness was. */
	ck_assert(!view_hindered(&v, view_limit(&v, "exit", 1), 1000));
	ck_assert_int_eq(view_held_us(&v, 1), 700020);
	ck_assert_int_eq(view_held_us(&v, 4), 20);
}
END_TEST

START_TEST(a_connection_is_accepted_late)
{
	put(EVENT(spawn, .what = SPAN("pt"), .pid = 9));
	put(EVENT(accept, .name = SPAN("ext#1")));
	put(EVENT(eof, .on = SPAN("ext#1")));
	put(EVENT(processor, .waited_us = 5000000));
	put(EVENT(lag, .us = 1));
	look();
	ck_assert_int_eq(view_conn_held_us(&v, SPAN("ext#1"), 3),
			 v.tr->ev[2].t - v.tr->ev[0].t);
}
END_TEST

START_TEST(the_harness_takes_its_time)
{
	put(EVENT(spawn, .what = SPAN("pt"), .pid = 9));
	put(EVENT(accept, .name = SPAN("ext#1")));
	put(EVENT(send, .conn = SPAN("ext#1"), .data = SPAN("a")));
	put(EVENT(recv, .conn = SPAN("ext#1"), .data = SPAN("b")));
	put(EVENT(send, .conn = SPAN("ext#2"), .data = SPAN("a")));
	put(EVENT(send, .conn = SPAN("ext#1"), .data = SPAN("c")));
	look();
	/* From the accept on, and from what the other side said. */
	ck_assert_int_eq(view_own_us(&v, SPAN("ext#1"), UINT32_MAX),
			 v.tr->ev[2].t - v.tr->ev[1].t + v.tr->ev[5].t -
				 v.tr->ev[3].t);
	ck_assert_int_eq(view_own_us(&v, SPAN("ext#1"), 6),
			 v.tr->ev[2].t - v.tr->ev[1].t);
	ck_assert_int_eq(view_own_us(&v, SPAN("ext#2"), UINT32_MAX), 0);
}
END_TEST

START_TEST(a_connection_is_held_up)
{
	put(EVENT(processor, .waited_us = 5000000));
	put(EVENT(accept, .name = SPAN("ext#1")));
	put(EVENT(accept, .name = SPAN("ext#2")));
	put(EVENT(eof, .on = SPAN("ext#1")));
	put(EVENT(processor, .waited_us = 1));
	put(EVENT(lag, .us = 1));
	look();
	ck_assert_int_eq(view_conn_held_us(&v, SPAN("ext#1"), 4), 1);
	ck_assert_int_eq(view_conn_held_us(&v, SPAN("ext#2"), 2), 0);
	ck_assert_int_eq(view_conn_held_us(&v, SPAN("ext#3"), 4), 0);
}
END_TEST

START_TEST(an_answer_takes_its_time)
{
	put(EVENT(send, .conn = SPAN("ext#1"), .data = SPAN("a")));
	put(EVENT(recv, .conn = SPAN("ext#1"), .data = SPAN("b")));
	put(EVENT(recv, .conn = SPAN("ext#1"), .data = SPAN("c")));
	put(EVENT(send, .conn = SPAN("ext#1"), .data = SPAN("d")));
	put(EVENT(send, .conn = SPAN("ext#2"), .data = SPAN("e")));
	put(EVENT(recv, .conn = SPAN("ext#1"), .data = SPAN("f")));
	put(EVENT(send, .conn = SPAN("ext#1"), .data = SPAN("g")));
	put(EVENT(eof, .on = SPAN("ext#1")));
	look();
	ck_assert_int_eq(view_answer_us(&v, SPAN("ext#1"), 8),
			 v.tr->ev[5].t - v.tr->ev[3].t);
	ck_assert_int_eq(view_answer_us(&v, SPAN("ext#1"), 6),
			 v.tr->ev[1].t - v.tr->ev[0].t);
	ck_assert_int_eq(view_answer_us(&v, SPAN("ext#2"), 8), 0);
}
END_TEST

/* Nobody was ready to run: a page of the program was being read. */
START_TEST(a_connection_waits_for_the_disk)
{
	put(EVENT(accept, .name = SPAN("ext#1")));
	put(EVENT(spawn, .what = SPAN("pt")));
	put(EVENT(spawn, .what = SPAN("pt")));
	put(EVENT(eof, .on = SPAN("ext#1")));
	put(EVENT(processor, .waited_us = 1, .disk_us = 2000000));
	put(EVENT(lag, .us = 1));
	look();
	ck_assert_int_eq(view_conn_held_us(&v, SPAN("ext#1"), 4),
			 v.tr->ev[3].t - v.tr->ev[0].t);
	ck_assert_int_eq(view_held_us(&v, 1), 2000001);
}
END_TEST

/* All of what is of the connection was found when the harness woke up. */
START_TEST(all_of_a_connection_comes_late)
{
	put(EVENT(spawn, .what = SPAN("pt")));
	put(EVENT(accept, .name = SPAN("ext#1")));
	put(EVENT(eof, .on = SPAN("ext#1")));
	put(EVENT(processor, .waited_us = 9000000, .late_us = 3000000));
	put(EVENT(processor, .waited_us = 1, .late_us = 7000000));
	put(EVENT(lag, .us = 1));
	look();
	ck_assert_int_eq(view_conn_held_us(&v, SPAN("ext#1"), 3),
			 3000000 + v.tr->ev[2].t - v.tr->ev[0].t);
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
		return EVENT(exit, .what = SPAN("pt"), .how = EXIT_HOW_EXITED,
			     .code = 3);
	default:
		return EVENT(exit, .what = SPAN("pt"), .how = EXIT_HOW_KILLED,
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
	TCase *t = tcase_create("view");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, flag_beats_variable);
	tcase_add_test(t, empty_flag);
	tcase_add_test(t, no_flags);
	tcase_add_loop_test(t, requested_names, 0, (int)N(list_rows));
	tcase_add_test(t, names);
	tcase_add_test(t, methods);
	tcase_add_test(t, finding_events);
	tcase_add_test(t, windows);
	tcase_add_test(t, windows_begun_anew);
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, lag, 0, (int)N(lag_rows));
	tcase_add_test(t, no_lag);
	tcase_add_loop_test(t, share, 0, (int)N(share_rows));
	tcase_add_test(t, share_of);
	tcase_add_test(t, a_connection_is_accepted_late);
	tcase_add_test(t, the_harness_takes_its_time);
	tcase_add_test(t, a_connection_is_held_up);
	tcase_add_test(t, an_answer_takes_its_time);
	tcase_add_test(t, a_connection_waits_for_the_disk);
	tcase_add_test(t, all_of_a_connection_comes_late);
	tcase_add_loop_test(t, ends, 0, (int)N(end_rows));
	tcase_add_test(t, complete);
	tcase_add_test(t, second_instance);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
