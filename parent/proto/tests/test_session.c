/* test_session.c - what lines mean to a parent, one after the other. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/text.h"
#include "parent/proto/session.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static const struct session_offer client = {
	.versions = { "1,2", 3 },
	.transports = { "obfs4,meek", 10 },
};

static const struct session_offer server = {
	.server = true,
	.versions = { "2", 1 },
	.transports = { "*", 1 },
};

static const struct session_offer proxied = {
	.versions = { "2", 1 },
	.transports = { "obfs4", 5 },
	.proxy = true,
};

/* The last event of the whole @text. */
static struct session_event last(struct session *s, enum session_stream on,
				 const char *text)
{
	struct span bytes = span_str(text);
	struct session_event ev = { 0 }, one;

	while (session_feed(s, on, &bytes, &one))
		ev = one;
	return ev;
}

/* --- one line after others --- */

static const struct {
	const char *before, *line;
	const struct session_offer *offer;
	enum session_what what;
	unsigned odd;
	const char *word, *text;
} rows[] = {
	{ "", "VERSION 2\n", &client, SESSION_VERSION, 0, "2", "" },
	{ "", "VERSION 2\r\n", &client, SESSION_VERSION, 0, "2", "" },
	{ "", "VERSION 3\n", &client, SESSION_VERSION, SESSION_NOT_OFFERED, "3",
	  "" },
	{ "", "VERSION\n", &client, SESSION_VERSION, SESSION_MALFORMED, "",
	  "" },
	{ "", "VERSION 2 1\n", &client, SESSION_VERSION, SESSION_MALFORMED, "2",
	  "" },
	{ "", "VERSION\t2\n", &client, SESSION_VERSION, SESSION_MALFORMED, "2",
	  "" },
	{ "VERSION 2\n", "VERSION 1\n", &client, SESSION_VERSION, SESSION_AGAIN,
	  "1", "" },
	{ "", "version 2\n", &client, SESSION_OTHER, 0, "", "" },
	{ "", "\n", &client, SESSION_OTHER, 0, "", "" },
	{ "", "CMETHOD obfs4 socks5 127.0.0.1:9\n", &client, SESSION_METHOD,
	  SESSION_EARLY, "obfs4", "" },
	{ "VERSION 2\n", "CMETHOD obfs4 socks5 127.0.0.1:9\n", &client,
	  SESSION_METHOD, 0, "obfs4", "" },
	{ "VERSION 2\n", "CMETHOD meek socks5 127.0.0.1:0\n", &client,
	  SESSION_METHOD, SESSION_MALFORMED, "meek", "" },
	{ "VERSION 2\n", "CMETHOD\n", &client, SESSION_METHOD,
	  SESSION_MALFORMED, "", "" },
	{ "VERSION 2\n", "CMETHOD nosuch socks5 127.0.0.1:9\n", &client,
	  SESSION_METHOD, SESSION_NOT_ASKED, "nosuch", "" },
	{ "VERSION 2\nCMETHOD obfs4 socks5 127.0.0.1:9\n",
	  "CMETHOD obfs4 socks5 127.0.0.1:8\n", &client, SESSION_METHOD,
	  SESSION_AGAIN, "obfs4", "" },
	{ "VERSION 2\n", "SMETHOD obfs4 127.0.0.1:9\n", &client, SESSION_METHOD,
	  SESSION_OTHER_ROLE, "obfs4", "" },
	{ "VERSION 2\n", "SMETHOD any 127.0.0.1:9 ARGS:k=v\n", &server,
	  SESSION_METHOD, 0, "any", "" },
	{ "VERSION 2\nCMETHODS DONE\n", "CMETHOD meek socks5 127.0.0.1:9\n",
	  &client, SESSION_METHOD, SESSION_LATE, "meek", "" },
	{ "VERSION 2\n", "CMETHOD-ERROR meek no such  thing\n", &client,
	  SESSION_METHOD_ERROR, 0, "meek", "no such  thing" },
	{ "VERSION 2\n", "CMETHOD-ERROR meek\n", &client, SESSION_METHOD_ERROR,
	  0, "meek", "" },
	{ "VERSION 2\n", "CMETHOD-ERROR\n", &client, SESSION_METHOD_ERROR,
	  SESSION_MALFORMED, "", "" },
	{ "VERSION 2\n", "SMETHOD-ERROR x y\n", &client, SESSION_METHOD_ERROR,
	  SESSION_OTHER_ROLE | SESSION_NOT_ASKED, "x", "y" },
	{ "VERSION 2\n", "CMETHODS DONE\n", &client, SESSION_DONE, 0, "", "" },
	{ "VERSION 2\n", "CMETHODS DONE \n", &client, SESSION_DONE, 0, "", "" },
	{ "VERSION 2\n", "CMETHODS\n", &client, SESSION_OTHER,
	  SESSION_MALFORMED, "", "" },
	{ "VERSION 2\n", "CMETHODS DONE now\n", &client, SESSION_OTHER,
	  SESSION_MALFORMED, "", "" },
	{ "VERSION 2\n", "SMETHODS DONE\n", &client, SESSION_DONE,
	  SESSION_OTHER_ROLE, "", "" },
	{ "VERSION 2\nCMETHODS DONE\n", "CMETHODS DONE\n", &client,
	  SESSION_DONE, SESSION_AGAIN, "", "" },
	{ "", "SMETHODS DONE\n", &server, SESSION_DONE, SESSION_EARLY, "", "" },
	{ "", "PROXY DONE\n", &proxied, SESSION_PROXY_DONE, SESSION_EARLY, "",
	  "" },
	{ "VERSION 2\n", "PROXY DONE\n", &proxied, SESSION_PROXY_DONE, 0, "",
	  "" },
	{ "VERSION 2\n", "PROXY\n", &proxied, SESSION_OTHER, SESSION_MALFORMED,
	  "", "" },
	{ "VERSION 2\nPROXY DONE\n", "PROXY DONE\n", &proxied,
	  SESSION_PROXY_DONE, SESSION_AGAIN, "", "" },
	{ "VERSION 2\n", "CMETHOD obfs4 socks5 127.0.0.1:9\n", &proxied,
	  SESSION_METHOD, SESSION_EARLY, "obfs4", "" },
	{ "VERSION 2\nPROXY DONE\n", "CMETHOD obfs4 socks5 127.0.0.1:9\n",
	  &proxied, SESSION_METHOD, 0, "obfs4", "" },
	{ "", "ENV-ERROR no  state\n", &client, SESSION_FATAL, 0, "ENV-ERROR",
	  "no  state" },
	{ "", "VERSION-ERROR no-version\n", &client, SESSION_FATAL, 0,
	  "VERSION-ERROR", "no-version" },
	{ "", "PROXY-ERROR\n", &client, SESSION_FATAL, 0, "PROXY-ERROR", "" },
	{ "", "LOG SEVERITY=debug MESSAGE=x\n", &client, SESSION_LOG, 0, "",
	  "SEVERITY=debug MESSAGE=x" },
	{ "", "STATUS TYPE=version\n", &client, SESSION_STATUS, 0, "",
	  "TYPE=version" },
};

START_TEST(a_line_after_others)
{
	struct session s;
	struct session_event ev;
	struct span bytes = span_str(rows[_i].line);

	session_init(&s, rows[_i].offer);
	last(&s, SESSION_STDOUT, rows[_i].before);
	ck_assert(session_feed(&s, SESSION_STDOUT, &bytes, &ev));
	ck_assert_uint_eq(bytes.n, 0);
	ck_assert_msg(ev.what == rows[_i].what, "%s: %d", rows[_i].line,
		      ev.what);
	ck_assert_msg(ev.odd == rows[_i].odd, "%s: %x, want %x", rows[_i].line,
		      ev.odd, rows[_i].odd);
	ck_assert(span_eqs(ev.word, rows[_i].word));
	ck_assert(span_eqs(ev.text, rows[_i].text));
	ck_assert_int_eq(ev.on, SESSION_STDOUT);
	ck_assert_uint_eq(s.odd & ev.odd, ev.odd);
	session_fini(&s);
}
END_TEST

/* --- the other stream --- */

START_TEST(stderr_has_fatal_lines_only)
{
	static const char *const words[] = {
		"VERSION 2\n",	   "CMETHOD obfs4 socks5 127.0.0.1:9\n",
		"CMETHODS DONE\n", "PROXY DONE\n",
		"LOG x\n",
	};
	struct session s;

	session_init(&s, &client);
	for (int i = 0; i < N(words); i++) {
		struct session_event ev = last(&s, SESSION_STDERR, words[i]);

		ck_assert_int_eq(ev.what, SESSION_OTHER);
		ck_assert_uint_eq(ev.odd, SESSION_WRONG_STREAM);
	}
	ck_assert(!s.versioned && !s.done && !s.proxied && !s.nmethods);
	ck_assert_int_eq(last(&s, SESSION_STDERR, "words\n").odd, 0);
	ck_assert(!s.fatal);
	ck_assert_int_eq(last(&s, SESSION_STDERR, "ENV-ERROR x\n").what,
			 SESSION_FATAL);
	ck_assert(s.fatal);
	session_fini(&s);
}
END_TEST

/* --- what a parent goes by --- */

static const struct {
	const char *said;
	const struct session_offer *offer;
	bool closed, exited;
	enum session_unusable want;
} ends[] = {
	{ "", &client, false, false, SESSION_NO_VERSION },
	{ "VERSION 2\n", &client, false, false, SESSION_NOT_DONE },
	{ "VERSION 2\nCMETHODS DONE", &client, false, false, SESSION_NOT_DONE },
	{ "VERSION 2\nCMETHODS DONE\n", &client, false, false, SESSION_USABLE },
	{ "VERSION 2\nSMETHODS DONE\n", &client, false, false,
	  SESSION_NOT_DONE },
	{ "VERSION 2\nSMETHODS DONE\n", &server, false, false, SESSION_USABLE },
	{ "CMETHODS DONE\n", &client, false, false, SESSION_NO_VERSION },
	{ "VERSION 2\nCMETHODS DONE\n", &client, true, false, SESSION_USABLE },
	{ "VERSION 2\nCMETHODS DONE\n", &client, true, true, SESSION_GONE },
	{ "VERSION 2\n", &client, true, false, SESSION_GONE },
	{ "VERSION 7\nCMETHODS DONE\n", &client, false, false,
	  SESSION_OTHER_VERSION },
	{ "VERSION 2\nVERSION 7\nCMETHODS DONE\n", &client, false, false,
	  SESSION_USABLE },
	{ "VERSION 7\nENV-ERROR\n", &client, false, true, SESSION_IS_FATAL },
	{ "VERSION 2\nCMETHODS DONE\n", &proxied, false, false,
	  SESSION_NO_PROXY },
	{ "VERSION 2\nCMETHODS DONE\n", &proxied, false, true,
	  SESSION_NO_PROXY },
	{ "VERSION 2\nPROXY DONE\nCMETHODS DONE\n", &proxied, false, false,
	  SESSION_USABLE },
};

START_TEST(usable_or_not)
{
	struct session s;

	session_init(&s, ends[_i].offer);
	last(&s, SESSION_STDOUT, ends[_i].said);
	if (ends[_i].closed)
		session_closed(&s, SESSION_STDOUT);
	if (ends[_i].exited)
		session_exited(&s);
	ck_assert_int_eq(session_unusable(&s), ends[_i].want);
	session_fini(&s);
}
END_TEST

START_TEST(methods_are_kept)
{
	struct session s;
	struct session_event ev;
	const struct ipc_method *m;

	session_init(&s, &server);
	last(&s, SESSION_STDOUT,
	     "VERSION 2\nSMETHOD a 127.0.0.1:9 ARGS:k=v\nSMETHOD b\n");
	ev = last(&s, SESSION_STDOUT, "SMETHOD c [::1]:8\nSMETHODS DONE\n");
	ck_assert_int_eq(ev.what, SESSION_DONE);
	ck_assert_uint_eq(s.nmethods, 2);
	ck_assert(span_eqs(s.version, "2"));
	m = &s.method[0].m;
	ck_assert(s.method[0].server);
	ck_assert(span_eqs(m->name, "a"));
	ck_assert(span_eqs(m->args, "k=v"));
	ck_assert_uint_eq(m->addr.port, 9);
	ck_assert(span_eqs(s.method[1].m.addr_text, "[::1]:8"));
	session_fini(&s);
}
END_TEST

/* --- limits --- */

START_TEST(no_more_methods_than_that)
{
	char line[64];
	struct session s;
	struct session_event ev;

	session_init(&s, &server);
	last(&s, SESSION_STDOUT, "VERSION 2\n");
	for (int i = 0; i <= SESSION_METHODS_MAX; i++) {
		snprintf(line, sizeof(line), "SMETHOD t%d 127.0.0.1:9\n", i);
		ev = last(&s, SESSION_STDOUT, line);
		ck_assert_uint_eq(
			ev.odd, i < SESSION_METHODS_MAX ? 0 : SESSION_TOO_MANY);
		ck_assert_uint_eq(ev.method.addr.port, 9);
	}
	ck_assert_uint_eq(s.nmethods, SESSION_METHODS_MAX);
	session_fini(&s);
}
END_TEST

/* One byte more than fits, or none; and the next line is whole again. */
START_TEST(no_longer_line_than_that)
{
	struct buf line = BUF_MAX(2 * SESSION_LINE_MAX);
	struct session s;
	struct session_event ev;
	struct span bytes;

	buf_adds(&line, "LOG ");
	while (line.n < SESSION_LINE_MAX + (size_t)_i)
		buf_addc(&line, 'x');
	buf_adds(&line, "\nVERSION 2\n");
	bytes = buf_span(&line);
	session_init(&s, &client);
	ck_assert(session_feed(&s, SESSION_STDOUT, &bytes, &ev));
	ck_assert_int_eq(ev.what, _i ? SESSION_OTHER : SESSION_LOG);
	ck_assert_uint_eq(ev.odd, _i ? SESSION_TOO_LONG : 0);
	ck_assert_uint_eq(ev.line.n, SESSION_LINE_MAX);
	ck_assert(session_feed(&s, SESSION_STDOUT, &bytes, &ev));
	ck_assert_int_eq(ev.what, SESSION_VERSION);
	session_fini(&s);
	buf_fini(&line);
}
END_TEST

/* --- any chunking gives the same events --- */

static unsigned next_random(unsigned *state)
{
	*state = *state * 1103515245u + 12345u;
	return *state >> 16;
}

/* Lines of both streams, the stream before each byte. */
static void random_dialogue(unsigned seed, struct buf *out, struct buf *err)
{
	static const char *const words[] = {
		"VERSION ",
		"2",
		"1",
		"\n",
		"\n",
		"\n",
		"\r\n",
		" ",
		"DONE\n",
		"PROXY ",
		"CMETHODS ",
		"SMETHODS ",
		"CMETHOD obfs4 socks5 ",
		"SMETHOD obfs4 ",
		"127.0.0.1:9\n",
		"[::1]:8 ARGS:k=v\n",
		"CMETHOD-ERROR meek why\n",
		"ENV-ERROR why\n",
		"LOG x\n",
		"\tx\0",
		"STATUS y\n",
	};

	for (int i = 0; i < 300; i++) {
		const char *w = words[next_random(&seed) % (unsigned)N(words)];

		buf_adds(next_random(&seed) % 4 ? out : err, w);
	}
}

static void digest(struct buf *b, const struct session_event *ev)
{
	const struct span spans[] = { ev->line,	       ev->word,
				      ev->text,	       ev->method.name,
				      ev->method.args, ev->method.addr_text };

	buf_addf(b, "%d %d %x %d", ev->what, ev->on, ev->odd, ev->server);
	for (int i = 0; i < N(spans); i++) {
		buf_addf(b, " %s<", span_absent(spans[i]) ? "-" : "");
		text_escape(b, spans[i]);
		buf_addc(b, '>');
	}
	buf_addc(b, '\n');
}

/* Pieces of at most @max bytes; what stdout says before what stderr does. */
static void play(unsigned seed, size_t max, struct buf *digests)
{
	struct buf text[2] = { BUF_MAX(1u << 16), BUF_MAX(1u << 16) };
	struct session s;
	struct session_event ev;

	random_dialogue(seed, &text[0], &text[1]);
	session_init(&s, seed % 3 == 0	 ? &client
			 : seed % 3 == 1 ? &server
					 : &proxied);
	for (int on = 0; on < 2; on++) {
		struct span all = buf_span(&text[on]);

		while (all.n) {
			size_t n = 1 + next_random(&seed) % max;
			struct span piece = span_sub(all, 0, n);

			all = span_sub(all, piece.n, all.n);
			while (session_feed(&s, on, &piece, &ev))
				digest(digests, &ev);
			ck_assert_uint_eq(piece.n, 0);
		}
	}
	buf_addf(digests, "%d %d %d %d %d %zu %x %d", s.versioned,
		 s.not_offered, s.proxied, s.done, s.fatal, s.nmethods, s.odd,
		 session_unusable(&s));
	for (size_t i = 0; i < s.nmethods; i++)
		buf_addf(digests, " %.*s %x", SPAN_ARG(s.method[i].m.addr_text),
			 s.method[i].odd);
	session_fini(&s);
	for (int on = 0; on < 2; on++)
		buf_fini(&text[on]);
}

START_TEST(any_chunking_gives_the_same_events)
{
	static const size_t pieces[] = { 1, 2, 7, 100 };
	struct buf whole = BUF_MAX(1u << 20);

	play((unsigned)_i, 1u << 16, &whole);
	ck_assert(!whole.full);
	for (int i = 0; i < N(pieces); i++) {
		struct buf cut = BUF_MAX(1u << 20);

		play((unsigned)_i, pieces[i], &cut);
		ck_assert_msg(span_eq(buf_span(&whole), buf_span(&cut)),
			      "pieces of %zu", pieces[i]);
		buf_fini(&cut);
	}
	buf_fini(&whole);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("session");
	TCase *t = tcase_create("session");

	tcase_add_loop_test(t, a_line_after_others, 0, N(rows));
	tcase_add_test(t, stderr_has_fatal_lines_only);
	tcase_add_loop_test(t, usable_or_not, 0, N(ends));
	tcase_add_test(t, methods_are_kept);
	tcase_add_test(t, no_more_methods_than_that);
	tcase_add_loop_test(t, no_longer_line_than_that, 0, 2);
	tcase_add_loop_test(t, any_chunking_gives_the_same_events, 0, 20);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
