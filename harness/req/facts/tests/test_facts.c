/*
 * test_facts.c - what is learned about a transport from probes, and from
 * ordinary launches.
 */
#include <check.h>

#include "parent/base/tests/suite.h"
#include "harness/req/facts/facts.h"
#include "harness/req/facts/facts_learned.h"
#include "harness/req/tests/story.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct fact_row {
	struct story story;
	const char *facts; /* one letter each, in the order of a struct */
};

/* t: tested  r: recognised  w: works  1 2: versions  f: flags  a: answers any
 * name  s: ends with stdin  o: options come back  5 4: proxies  d: forwards
 * b: more bind addresses  e: echoes ours */
static void fact_letters(const struct role_facts *r, char *out)
{
	const struct {
		bool is;
		char letter;
	} all[] = {
		{ r->tested, 't' },
		{ r->recognised, 'r' },
		{ r->works, 'w' },
		{ r->speaks_1, '1' },
		{ r->speaks_2, '2' },
		{ r->flags, 'f' },
		{ r->answers_any_name, 'a' },
		{ r->stdin_exit, 's' },
		{ r->options_echo, 'o' },
		{ r->proxy_socks5, '5' },
		{ r->proxy_socks4a, '4' },
		{ r->forwards_raw, 'd' },
		{ r->extra_bind_ok, 'b' },
		{ r->echoes_any, 'e' },
	};

	for (size_t i = 0; i < N(all); i++)
		if (all[i].is)
			*out++ = all[i].letter;
	*out = '\0';
}

static const struct fact_row fact_rows[] = {
	/* Only probes tell. */
	{ { "no probe", "", { START, OUT(C_TALK), MET, WENT } }, "" },
	{ { "silent",
	    "probe:speaks-2",
	    { START, LIMIT("init", 30000), ENDED } },
	  "t" },
	{ { "not started",
	    "probe:control",
	    { STEP("start"), SPAWN_("pt"),
	      FACT(exec_failed, .what = SPAN("pt"),
		   .error = SPAN("No such file"), .code = 2),
	      END } },
	  "" },
	{ { "no transport",
	    "probe:speaks-2",
	    { START, OUT("hello\n"), ERR("usage: x\n"), QUIT(1) } },
	  "t" },
	{ { "speaks 2", "probe:speaks-2", { START, OUT(C_TALK), MET, WENT } },
	  "tr2" },
	{ { "speaks 1 only",
	    "probe:speaks-2",
	    { START, ERR("VERSION-ERROR no-version\n"), MET, QUIT(1) } },
	  "tr" },
	{ { "answers with another version",
	    "probe:speaks-2",
	    { START, OUT("VERSION 1\n" C_IDENT C_DONE), MET, WENT } },
	  "tr" },
	{ { "speaks 2 on the wrong stream",
	    "probe:speaks-2",
	    { START, ERR("VERSION 2\n"), OUT(C_DONE), MET, WENT } },
	  "tr2" },
	{ { "speaks 1",
	    "1.0|probe:speaks-1",
	    { START, OUT("VERSION 1\n" C_IDENT C_DONE), MET, WENT } },
	  "tr1" },
	{ { "flags",
	    "probe:flags|!MANAGED_TRANSPORT_VER|-ptversion|2",
	    { START, OUT(C_TALK), MET, WENT } },
	  "trf" },
	{ { "flags beside the variable",
	    "probe:flags|-ptversion|2",
	    { START, OUT(C_TALK), MET, WENT } },
	  "tr" },
	{ { "flags not known",
	    "probe:flags|!MANAGED_TRANSPORT_VER",
	    { START, ERR("ENV-ERROR no version\n"), MET, QUIT(64) } },
	  "tr" },
	{ { "any name",
	    "probe:any-name|CLIENT_TRANSPORTS=nosuch_1",
	    { START,
	      OUT("VERSION 2\nCMETHOD nosuch_1 socks5 127.0.0.1:1\n" C_DONE),
	      MET, WENT } },
	  "tra" },
	{ { "not any name",
	    "probe:any-name|CLIENT_TRANSPORTS=nosuch_1",
	    { START, OUT(C_TALK), MET, WENT } },
	  "tr" },
	{ { "control",
	    "probe:control",
	    { START, OUT(C_TALK), MET, CLOSE("stdin"), GONE, EXIT(0), END } },
	  "trws" },
	{ { "control, stays",
	    "probe:control",
	    { START, OUT(C_TALK), MET, CLOSE("stdin"), LIMIT("graceful", 9),
	      KILL, GONE, KILLED(9), END } },
	  "trw" },
	{ { "control, gone before",
	    "probe:control",
	    { START, OUT(C_TALK), MET, GONE, EXIT(0), CLOSE("stdin"), END } },
	  "trw" },
	{ { "control without DONE",
	    "probe:control",
	    { START, OUT("VERSION 2\n" C_IDENT), MET, ENDED } },
	  "tr" },
	{ { "control of something else",
	    "probe:control",
	    { START, OUT("VERSION 2\n" C_VEIL C_DONE), MET, ENDED } },
	  "tr" },
	{ { "control, options come back",
	    "server|probe:control|SERVER_TRANSPORT_OPTIONS=ident:k=v;ident:l=w",
	    { START,
	      OUT("VERSION 2\n"
		  "SMETHOD ident 127.0.0.1:21000 ARGS:l=w,k=v\n" S_DONE),
	      MET, ENDED } },
	  "trwo" },
	{ { "control, some options come back",
	    "server|probe:control|SERVER_TRANSPORT_OPTIONS=ident:k=v;ident:l=w",
	    { START,
	      OUT("VERSION 2\n"
		  "SMETHOD ident 127.0.0.1:21000 ARGS:k=v\n" S_DONE),
	      MET, ENDED } },
	  "trw" },
	/* What ordinary launches teach. */
	{ { "socks5",
	    "PROXY=socks5://127.0.0.1:1080",
	    { START, OUT("VERSION 2\nPROXY DONE\n" C_IDENT C_DONE), MET,
	      WENT } },
	  "5" },
	{ { "socks4a",
	    "PROXY=socks4a://127.0.0.1:1080",
	    { START, OUT("VERSION 2\nPROXY DONE\n" C_IDENT C_DONE), MET,
	      WENT } },
	  "4" },
	{ { "not a plain one",
	    "PROXY=socks5://a:b@127.0.0.1:1080",
	    { START, OUT("VERSION 2\nPROXY DONE\n" C_IDENT C_DONE), MET,
	      WENT } },
	  "" },
	{ { "no answer",
	    "PROXY=socks5://127.0.0.1:1080",
	    { START, OUT(C_TALK), MET, WENT } },
	  "" },
	{ { "forwards",
	    "server",
	    { LISTEN("or", "127.0.0.1:21001"), START, OUT(S_TALK), MET,
	      STEP("connect"), CONNECT("a:ident", "ok", "127.0.0.1:21000"), MET,
	      SEND("a:ident", "who"),
	      FACT(accept, .name = SPAN("or#1"), .peer = SPAN("127.0.0.1:9")),
	      RECV("or#1", "who"), ENDED } },
	  "d" },
	{ { "calls, and had hung up on who came",
	    "server",
	    { LISTEN("or", "127.0.0.1:21001"), START, OUT(S_TALK), MET,
	      STEP("connect"), CONNECT("a:ident", "ok", "127.0.0.1:21000"), MET,
	      SEND("a:ident", ""),
	      FACT(accept, .name = SPAN("or#1"), .peer = SPAN("127.0.0.1:9")),
	      ENDED } },
	  "" },
	/* They were enough for a handshake. */
	{ { "makes something of it",
	    "server",
	    { LISTEN("or", "127.0.0.1:21001"), START, OUT(S_TALK), MET,
	      STEP("connect"), CONNECT("a:ident", "ok", "127.0.0.1:21000"), MET,
	      SEND("a:ident", "who"),
	      FACT(accept, .name = SPAN("or#1"), .peer = SPAN("127.0.0.1:9")),
	      RECV("or#1", "xyz"), ENDED } },
	  "" },
	/* Which of two forwarded it is not to be told. */
	{ { "forwards beside another",
	    "server",
	    { LISTEN("or", "127.0.0.1:21001"), START,
	      OUT("VERSION 2\nSMETHOD ident 127.0.0.1:21000\n"
		  "SMETHOD veil 127.0.0.1:21002\n" S_DONE),
	      MET, STEP("connect"), CONNECT("a:ident", "ok", "127.0.0.1:21000"),
	      CONNECT("a:veil", "ok", "127.0.0.1:21002"), MET,
	      SEND("a:ident", "who"), SEND("a:veil", "who"),
	      FACT(accept, .name = SPAN("or#1"), .peer = SPAN("127.0.0.1:9")),
	      RECV("or#1", "who"), ENDED } },
	  "" },
	{ { "calls before anybody came",
	    "server",
	    { LISTEN("or", "127.0.0.1:21001"), START, OUT(S_TALK),
	      FACT(accept, .name = SPAN("or#1"), .peer = SPAN("127.0.0.1:9")),
	      MET, STEP("connect"), CONNECT("a:ident", "ok", "127.0.0.1:21000"),
	      MET, ENDED } },
	  "" },
	{ { "one address more",
	    "server|SERVER_BINDADDR=ident-127.0.0.1:21000,other-127.0.0.1:5",
	    { START, OUT(S_TALK), MET, ENDED } },
	  "b" },
	{ { "one address more, refused",
	    "server|SERVER_BINDADDR=ident-127.0.0.1:21000,other-127.0.0.1:5",
	    { START, ERR("ENV-ERROR who is other\n"), OUT(S_TALK), MET,
	      ENDED } },
	  "" },
	{ { "echoes ours",
	    "server|SERVER_TRANSPORT_OPTIONS=ident:ptcheck=x",
	    { START,
	      OUT("VERSION 2\n"
		  "SMETHOD ident 127.0.0.1:21000 ARGS:ptcheck=x\n" S_DONE),
	      MET, ENDED } },
	  "e" },
	{ { "echoes something else",
	    "server|SERVER_TRANSPORT_OPTIONS=ident:ptcheck=x",
	    { START,
	      OUT("VERSION 2\n"
		  "SMETHOD ident 127.0.0.1:21000 ARGS:ptcheck=y\n" S_DONE),
	      MET, ENDED } },
	  "" },
};

START_TEST(facts)
{
	const struct fact_row *row = &fact_rows[_i];
	struct facts f = { 0 }, none = { 0 };
	char got[20];
	struct trace t;
	struct view v;

	story_build(&row->story, &t);
	view_init(&v, &t, &t.arena);
	/* Any number of times. */
	for (int i = 0; i < 2; i++) {
		facts_add(&f, &v);
		learn(&f.role[t.head.role], &v);
	}
	fact_letters(&f.role[t.head.role], got);
	ck_assert_msg(strcmp(got, row->facts) == 0, "%s: %s, not %s",
		      row->story.name, got, row->facts);
	/* Nothing about the other role. */
	ck_assert(memcmp(&f.role[!t.head.role], &none.role[0],
			 sizeof(none.role[0])) == 0);
	trace_fini(&t);
}
END_TEST

/* What a client announces belongs to the version that it chose. */
START_TEST(protocols)
{
	static const struct story probes[] = {
		{ "5 of 2",
		  "probe:control",
		  { START, OUT(C_TALK), MET, WENT } },
		{ "4 of 1",
		  "1.0|probe:speaks-1",
		  { START,
		    OUT("VERSION 1\nCMETHOD ident socks4 127.0.0.1:1\n" C_DONE),
		    MET, WENT } },
		/* Nobody asked for it. */
		{ "4 of 2",
		  "probe:control",
		  { START,
		    OUT("VERSION 2\nCMETHOD x socks4 127.0.0.1:1\n" C_DONE),
		    MET, WENT } },
	};
	struct facts f = { 0 };
	const struct role_facts *r = &f.role[ROLE_CLIENT];
	struct trace t;
	struct view v;

	for (size_t i = 0; i < N(probes); i++) {
		story_build(&probes[i], &t);
		view_init(&v, &t, &t.arena);
		facts_add(&f, &v);
		trace_fini(&t);
	}
	ck_assert(!r->socks5[0] && r->socks5[1]);
	ck_assert(r->socks4[0] && !r->socks4[1]);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("facts");
	TCase *tc = tcase_create("facts");

	tcase_add_loop_test(tc, facts, 0, (int)N(fact_rows));
	tcase_add_test(tc, protocols);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
