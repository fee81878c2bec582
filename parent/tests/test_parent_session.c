/* test_parent_session.c - what a parent does with what a transport says. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "parent/base/buf.h"
#include "parent/ptparent.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))
#define SECOND 1000000

static const char *const argv[] = { "pt", NULL };
static const char *const names[] = { "t1", "t2" };
static const struct ptp_server servers[] = { { .name = "t1" },
					     { .name = "t2" } };

static const struct ptp_config client = {
	.argv = argv,
	.state = "/s",
	.transports = names,
	.ntransports = 2,
};
static const struct ptp_config proxied = {
	.argv = argv,
	.state = "/s",
	.transports = names,
	.ntransports = 2,
	.proxy = { .type = "socks5", .address = "127.0.0.1:9" },
};
static const struct ptp_config server = {
	.role = PTP_SERVER,
	.argv = argv,
	.state = "/s",
	.servers = servers,
	.nservers = 2,
	.orport = "127.0.0.1:9001",
};
static const struct ptp_config restarted = {
	.argv = argv,
	.state = "/s",
	.transports = names,
	.ntransports = 1,
	.restart = true,
	.restart_cap = 5 * SECOND,
};

static const struct ptp_config *const configs[] = { &client, &proxied,
						    &server };

/* The words of the events that are there, with what is worth telling. */
static void take(struct ptp_session *s, struct buf *out)
{
	struct ptp_event ev;

	while (ptp_session_next(s, &ev)) {
		buf_addf(out, "%s%s", out->n ? " " : "",
			 ptp_what_word(ev.what));
		if (ev.what == PTP_METHOD)
			buf_addf(out, ":%s@%s", ev.method->name,
				 ev.method->address);
		if (ev.what == PTP_SIGNAL)
			buf_addf(out, ":%d", ev.signal);
		if (ev.what == PTP_METHOD_ERROR || ev.what == PTP_MISSING)
			buf_addf(out, ":%s", ev.name);
		if (ev.what == PTP_RESTART)
			buf_addf(out, ":%lld", (long long)(ev.wait / SECOND));
		if (ev.what == PTP_FAILED || ev.what == PTP_EXITED)
			buf_addf(out, "(%s)", ev.text);
	}
}

static struct ptp_session *running(const struct ptp_config *c, int64_t now)
{
	struct ptp_session *s = ptp_session_new(c, NULL);
	struct ptp_event ev;

	ck_assert_ptr_nonnull(s);
	ptp_session_start(s, now);
	while (ptp_session_next(s, &ev))
		;
	ptp_session_spawned(s, now);
	while (ptp_session_next(s, &ev))
		;
	return s;
}

static void says(struct ptp_session *s, int64_t now, const char *text)
{
	ptp_session_bytes(s, now, PTP_STDOUT, text, strlen(text));
}

#define A "CMETHOD t1 socks5 127.0.0.1:1\n"
#define B "CMETHOD t2 socks5 127.0.0.1:2\n"
#define DONE "CMETHODS DONE\n"
#define OK1 "method:t1@127.0.0.1:1"
#define OK2 "method:t2@127.0.0.1:2"
#define BROKE "failed(the transport broke the protocol: "

/* --- what is said, and what comes of it --- */

static const struct {
	const char *rule; /* of the catalogue, or a name */
	enum { C, P, S } who;
	const char *text, *events;
	bool ready;
} rows[] = {
	{ "PAR-DONE-1", C, "VERSION 2\n" A B DONE,
	  "version " OK1 " " OK2 " ready", true },
	{ "PAR-ORDER-1", C, "VERSION 2\n" B "CMETHOD-ERROR t1 no\n" DONE,
	  "version " OK2 " method-error:t1 ready", true },
	{ "PAR-VER-1", C, "VERSION 9\n" A DONE,
	  "violation " BROKE "a version that was not offered) close-stdin " OK1,
	  false },
	{ "PAR-VERERR-1", C, "VERSION-ERROR no-version\n",
	  "failed(VERSION-ERROR no-version) close-stdin", false },
	{ "version error with other words", C, "VERSION-ERROR other words\n",
	  "failed(VERSION-ERROR other words) close-stdin", false },
	{ "PAR-ENVERR-1", C, "ENV-ERROR no state\n",
	  "failed(ENV-ERROR no state) close-stdin", false },
	{ "PAR-ENVERR-1", C, "VERSION 1\nENV-ERROR no state\n",
	  "version failed(ENV-ERROR no state) close-stdin", false },
	{ "PAR-PXERR-1", P, "VERSION 2\nPROXY-ERROR no http\n" A DONE,
	  "version failed(PROXY-ERROR no http) close-stdin violation", false },
	{ "PAR-PXDONE-1", P, "VERSION 2\nPROXY DONE\n" A B DONE,
	  "version proxy " OK1 " " OK2 " ready", true },
	{ "PAR-PXDONE-1", P, "VERSION 2\n" A B DONE,
	  "version violation " BROKE
	  "a message before the one that has to precede it) close-stdin "
	  "violation",
	  false },
	{ "PAR-PXDONE-1", P, "VERSION 2\n" DONE,
	  "version missing:t1 missing:t2 failed(it did not say that it will "
	  "use the proxy) close-stdin",
	  false },
	{ "PAR-METHERR-1", C, "VERSION 2\nCMETHOD-ERROR t1 broken\n" B DONE,
	  "version method-error:t1 " OK2 " ready", true },
	{ "PAR-METHERR-1", C,
	  "VERSION 2\n" A "CMETHOD-ERROR stranger no\n" B DONE,
	  "version " OK1 " violation " OK2 " ready", true },
	{ "PAR-MISSING-1", C, "VERSION 2\n" DONE,
	  "version missing:t1 missing:t2 failed(it has no method) "
	  "close-stdin",
	  false },
	{ "PAR-MISSING-1", C, "VERSION 2\n" A DONE,
	  "version " OK1 " missing:t2 ready", true },
	{ "prefix", C, "VERSION 2\n" A "CMETHODS DONEx\n",
	  "version " OK1 " violation", false },
	{ "no line end", C, "VERSION 2\n" A "CMETHODS DONE", "version " OK1,
	  false },
	{ "not on loopback", C, "VERSION 2\nCMETHOD t1 socks5 8.8.8.8:1\n" DONE,
	  "version violation " BROKE
	  "a method of a client outside loopback) close-stdin",
	  false },
	{ "mapped loopback", C, "VERSION 2\nCMETHOD t1 socks5 [::1]:1\n" DONE,
	  "version method:t1@[::1]:1 missing:t2 ready", true },
	{ "second VERSION", C, "VERSION 2\nVERSION 1\n" A DONE,
	  "version violation " BROKE "what was said before) close-stdin " OK1,
	  false },
	{ "not asked for", C,
	  "VERSION 2\n" A "CMETHOD t3 socks5 127.0.0.1:3\n" DONE,
	  "version " OK1 " violation " BROKE
	  "a transport that was not asked for) close-stdin",
	  false },
	{ "of the other role", C, "VERSION 2\n" A "SMETHODS DONE\n" DONE,
	  "version " OK1 " violation " BROKE
	  "a message of the other role) close-stdin",
	  false },
	{ "after the end", C, "VERSION 2\n" A B DONE A,
	  "version " OK1 " " OK2 " ready violation", true },
	{ "method again", C,
	  "VERSION 2\n" A "CMETHOD t1 socks5 127.0.0.1:7\n" B DONE,
	  "version " OK1 " violation " OK2 " ready", true },
	{ "port 0", C, "VERSION 2\nCMETHOD t1 socks5 127.0.0.1:0\n" B DONE,
	  "version violation " OK2 " missing:t1 ready", true },
	{ "no VERSION", C, A,
	  "violation " BROKE
	  "a message before the one that has to precede it) close-stdin",
	  false },
	{ "noise", C, "hello\nVERSION 2\nFUTURE x\n" A "\n" B DONE,
	  "other version other " OK1 " other " OK2 " ready", true },
	{ "proxy unasked", C, "VERSION 2\nPROXY DONE\n" A B DONE,
	  "version violation " OK1 " " OK2 " ready", true },
	{ "logs", C, "VERSION 2\nLOG SEVERITY=error MESSAGE=a\nSTATUS x\n",
	  "version log status", false },
	{ "server", S,
	  "VERSION 2\nSMETHOD t1 0.0.0.0:1 ARGS:k=a\\=b\\,c\n"
	  "SMETHOD-ERROR t2 x\nSMETHODS DONE\n",
	  "version method:t1@0.0.0.0:1 method-error:t2 ready", true },
};

START_TEST(test_rows)
{
	struct ptp_session *s = running(configs[rows[_i].who], 0);
	struct buf got = BUF_MAX(1 << 16);

	says(s, 1, rows[_i].text);
	take(s, &got);
	if (strncmp(buf_cstr(&got), rows[_i].events, strlen(rows[_i].events)) !=
		    0 ||
	    (rows[_i].ready && got.n != strlen(rows[_i].events)))
		ck_abort_msg("%s: %s\nnot %s", rows[_i].rule, buf_cstr(&got),
			     rows[_i].events);
	ck_assert_int_eq(ptp_session_ready(s), rows[_i].ready);
	if (!rows[_i].ready) /* fail closed */
		ck_assert_ptr_null(ptp_session_method(s, "t1"));
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

/* PAR-SPLIT-1: any chunking of the same bytes gives the same events. */
START_TEST(test_split)
{
	const char *text = rows[_i].text;
	size_t n = strlen(text);
	struct buf whole = BUF_MAX(1 << 16);
	struct ptp_session *s = running(configs[rows[_i].who], 0);

	says(s, 1, text);
	take(s, &whole);
	ptp_session_free(s);
	for (size_t step = 1; step < 9; step += 3) {
		struct buf got = BUF_MAX(1 << 16);

		s = running(configs[rows[_i].who], 0);
		for (size_t i = 0; i < n; i += step) {
			ptp_session_bytes(s, 1, PTP_STDOUT, text + i,
					  n - i < step ? n - i : step);
			if (i % 2)
				take(s, &got);
		}
		take(s, &got);
		ck_assert_str_eq(buf_cstr(&got), buf_cstr(&whole));
		buf_fini(&got);
		ptp_session_free(s);
	}
	buf_fini(&whole);
}
END_TEST

/* PAR-ARGS-1 */
START_TEST(test_args)
{
	struct ptp_session *s = running(&server, 0);
	const struct ptp_method *m;
	char *line;

	says(s, 1,
	     "VERSION 2\nSMETHOD t1 127.0.0.1:1 ARGS:k=a\\=b\\,c,l=\n"
	     "SMETHODS DONE\n");
	m = ptp_session_method(s, "t1");
	ck_assert_ptr_nonnull(m);
	ck_assert_uint_eq(m->args.n, 2);
	ck_assert_str_eq(m->args.v[0].value, "a=b,c");
	ck_assert_str_eq(m->args.v[1].value, "");
	line = ptp_bridge_line(m, "192.0.2.1:1");
	ck_assert_str_eq(line, "Bridge t1 192.0.2.1:1 k=a=b,c l=");
	free(line);
	ptp_session_free(s);
}
END_TEST

/* --- times and ends --- */

START_TEST(test_start_deadline)
{
	struct ptp_session *s = running(&client, 5);
	struct buf got = BUF_MAX(4096);

	says(s, 6, "VERSION 2\n" A);
	ck_assert_int_eq(ptp_session_deadline(s), 5 + 30 * SECOND);
	ptp_session_time(s, 5 + 30 * SECOND);
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got),
			 "version " OK1 " failed(it was not ready in time) "
			 "close-stdin");
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

/* PAR-SHUT-1: each rung waits for the one before. */
START_TEST(test_ladder)
{
	struct ptp_session *s = running(&client, 0);
	struct buf got = BUF_MAX(4096);

	says(s, 1, "VERSION 2\n" A B DONE);
	take(s, &got);
	buf_reset(&got);
	ptp_session_stop(s, 10);
	ck_assert_int_eq(ptp_session_deadline(s), 10 + 5 * SECOND);
	ptp_session_time(s, 10 + 5 * SECOND);
	ptp_session_time(s, 10 + 10 * SECOND);
	ck_assert_int_eq(ptp_session_deadline(s), -1);
	ck_assert(!ptp_session_ready(s));
	ptp_session_exited(s, 11 * SECOND, 9);
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got),
			 "close-stdin signal:15 signal:9 "
			 "exited(was killed by SIGKILL) stopped");
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

static const struct {
	const char *before, *text;
	int status;
	const char *events;
} ends[] = {
	/* PAR-DEATH-1 */
	{ "VERSION 2\n" A B DONE, "", 0,
	  "failed(the transport exited with status 0) "
	  "exited(exited with status 0) stopped" },
	{ "VERSION 2\n", "", 11,
	  "failed(the transport was killed by SIGSEGV before it was ready) "
	  "exited(was killed by SIGSEGV) stopped" },
	{ "", "panic: nil\nexit status 2\n", 2 << 8,
	  "other other failed(the transport exited with status 2 before it "
	  "was ready; its last words: panic: nil) exited(exited with status "
	  "2) stopped" },
	{ "VERSION 2\n", "ENV-ERROR why\n", 64 << 8,
	  "failed(ENV-ERROR why) close-stdin exited(exited with status 64) "
	  "stopped" },
};

START_TEST(test_ends)
{
	struct ptp_session *s = running(&client, 0);
	struct buf got = BUF_MAX(4096);

	says(s, 1, ends[_i].before);
	take(s, &got);
	buf_reset(&got);
	ptp_session_bytes(s, 2, PTP_STDERR, ends[_i].text,
			  strlen(ends[_i].text));
	ptp_session_closed(s, 3, PTP_STDOUT);
	ptp_session_closed(s, 3, PTP_STDERR);
	ptp_session_exited(s, 4, ends[_i].status);
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got), ends[_i].events);
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

/* It closed its standard output and stays: no more can come. */
START_TEST(test_mute)
{
	struct ptp_session *s = running(&client, 0);
	struct buf got = BUF_MAX(4096);

	ptp_session_closed(s, 10, PTP_STDOUT);
	ptp_session_time(s, ptp_session_deadline(s));
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got),
			 "failed(it closed its standard output before it was "
			 "ready) close-stdin");
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

/* No storm: 1, 2, 4, 5, 5 seconds; calm makes it 1 again. */
START_TEST(test_restart)
{
	struct ptp_session *s = ptp_session_new(&restarted, NULL);
	static const int waits[] = { 1, 2, 4, 5, 5 };
	struct buf got = BUF_MAX(4096);
	int64_t now = 0;
	char want[64];

	ptp_session_start(s, now);
	for (int i = 0; i < N(waits); i++) {
		ptp_session_spawned(s, now);
		take(s, &got);
		buf_reset(&got);
		ptp_session_exited(s, now, 3 << 8);
		take(s, &got);
		snprintf(want, sizeof(want), "restart:%d", waits[i]);
		ck_assert_ptr_nonnull(strstr(buf_cstr(&got), want));
		now += waits[i] * SECOND;
		ck_assert_int_eq(ptp_session_deadline(s), now);
		ptp_session_time(s, now);
	}
	ptp_session_spawned(s, now);
	says(s, now, "VERSION 2\n" A DONE);
	now += 61 * SECOND;
	take(s, &got);
	buf_reset(&got);
	ptp_session_exited(s, now, 3 << 8);
	take(s, &got);
	ck_assert_ptr_nonnull(strstr(buf_cstr(&got), "restart:1"));
	/* And stopped while it waits. */
	ptp_session_stop(s, now);
	buf_reset(&got);
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got), "stopped");
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

START_TEST(test_not_spawned)
{
	struct ptp_session *s = ptp_session_new(&client, NULL);
	struct buf got = BUF_MAX(4096);

	ptp_session_start(s, 0);
	ptp_session_not_spawned(s, 0, "pt: No such file");
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got),
			 "spawn failed(pt: No such file) stopped");
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

START_TEST(test_endless_line)
{
	struct ptp_session *s = running(&client, 0);
	struct buf got = BUF_MAX(4096);
	static char block[65536];

	memset(block, 'a', sizeof(block));
	for (int i = 0; i < 64; i++)
		ptp_session_bytes(s, 1, PTP_STDOUT, block, sizeof(block));
	says(s, 1, "\nVERSION 2\n" A B DONE);
	take(s, &got);
	ck_assert_str_eq(buf_cstr(&got),
			 "violation version " OK1 " " OK2 " ready");
	buf_fini(&got);
	ptp_session_free(s);
}
END_TEST

START_TEST(test_offsets)
{
	struct ptp_session *s = running(&client, 0);
	struct ptp_event ev;

	says(s, 1, "x\nVERSION 2\nyy\n");
	ck_assert(ptp_session_next(s, &ev));
	ck_assert_uint_eq(ev.offset, 0);
	ck_assert(ptp_session_next(s, &ev));
	ck_assert_uint_eq(ev.offset, 2);
	ck_assert(ptp_session_next(s, &ev));
	ck_assert_uint_eq(ev.offset, 12);
	ptp_session_free(s);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parent session");
	TCase *c = tcase_create("session");

	tcase_add_loop_test(c, test_rows, 0, N(rows));
	tcase_add_loop_test(c, test_split, 0, N(rows));
	tcase_add_test(c, test_args);
	tcase_add_test(c, test_start_deadline);
	tcase_add_test(c, test_ladder);
	tcase_add_loop_test(c, test_ends, 0, N(ends));
	tcase_add_test(c, test_mute);
	tcase_add_test(c, test_restart);
	tcase_add_test(c, test_not_spawned);
	tcase_add_test(c, test_endless_line);
	tcase_add_test(c, test_offsets);
	suite_add_tcase(suite, c);
	return suite_run(suite);
}
