/*
 * test_lists.c - the judges of versions, names, transport lists, roles and the
 * appendix sessions: for each a launch that passes and one that does not, and
 * the legal ones that a careless judge would blame.
 *
 * A row says how its launch differs from a plain good one: a client of PT 2.0
 * that is asked for "one", knows "one" and "two", and exits with status 0 when
 * stdin is closed.
 */
#include <check.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/req/facts/facts.h"
#include "harness/req/core/judges.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

enum ends {
	ASKED,	   /* with status 0, when stdin was closed */
	BY_ITSELF, /* with status `status`, while a window was open */
	CRASHED,   /* by SIGSEGV */
	HANGS,	   /* the limits "init" and "exit" passed */
};

struct row {
	const char *id;
	enum verdict want;
	const char *out, *err;
	const char *env;  /* "V=2;T=one,two": see keys[] */
	const char *args; /* two words */
	enum role role;
	enum profile profile;
	enum config config;
	enum ends ends;
	int status;
	bool speaks_1, speaks_both;
	const char *file; /* a path in a snapshot */
};

#define P20 .profile = PROFILE_20
#define P10 .profile = PROFILE_10, .speaks_1 = true
#define ODD .config = CONFIG_ODD
#define BROKEN .config = CONFIG_BROKEN
#define SERVER .role = ROLE_SERVER
#define NO_VERSION \
	.err = "VERSION-ERROR no-version\n", .ends = BY_ITSELF, .status = 78
#define GOOD "VERSION 2\nCMETHOD one socks5 127.0.0.1:1\nCMETHODS DONE\n"
#define EMPTY "VERSION 2\nCMETHODS DONE\n"
#define TWO                                           \
	"VERSION 2\nCMETHOD two socks5 127.0.0.1:2\n" \
	"CMETHOD one socks5 127.0.0.1:1\nCMETHODS DONE\n"
#define SGOOD "VERSION 2\nSMETHOD one 127.0.0.1:5\nSMETHODS DONE\n"
#define SEMPTY "VERSION 2\nSMETHODS DONE\n"
#define X10 "xxxxxxxxxx"
#define X100 X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define X1000 X100 X100 X100 X100 X100 X100 X100 X100 X100 X100

static const struct row rows[] = {
	/* general */
	{ "GEN-ROLE-1", V_PASS, GOOD, P20 },
	{ "GEN-ROLE-1", V_FAIL, GOOD "SMETHODS DONE\n", P20 },
	{ "GEN-ROLE-1", V_PASS, "", "ENV-ERROR both\n", "S=one", P20, ODD,
	  .ends = BY_ITSELF, .status = 64 },
	{ "GEN-ROLE-1", V_FAIL, "", "", "S=one", P20, ODD, .ends = CRASHED },
	{ "GEN-ROLE-2", V_PASS, "", "usage: x\n", "T", P20, BROKEN,
	  .ends = BY_ITSELF, .status = 2 },
	{ "GEN-ROLE-2", V_WARN, "VERSION 2\n", "", "T", P20, BROKEN,
	  .ends = HANGS },
	{ "GEN-ROLE-2", V_WARN, EMPTY, "", "T", P20, BROKEN },
	{ "GEN-ROLE-2", V_NONE, EMPTY, "", "T", "x -client", P20, BROKEN },
	{ "GEN-MODE-1", V_PASS, GOOD, P20 },
	{ "GEN-MODE-1", V_INFO, "VERSION 2\nCMETHOD one STUN 127.0.0.1:1\n",
	  P20 },
	{ "GEN-MODE-2", V_PASS, GOOD, "", "V=1,2", P20 },
	{ "GEN-MODE-2", V_WARN, "VERSION 1\n", "", "V=1,2", P20 },
	{ "GEN-MODE-2", V_NONE, "VERSION 1\n", "", "V=2,1", P20,
	  .speaks_1 = true },
	{ "GEN-LOCAL-1", V_PASS, "CMETHOD one socks5 [::1]:1\n", P20 },
	{ "GEN-LOCAL-1", V_WARN, "CMETHOD one socks5 0.0.0.0:1\n", P20 },
	/* naming */
	{ "NAME-UNIQ-1", V_PASS, TWO, "", "T=one,two", P20 },
	{ "NAME-UNIQ-1", V_FAIL, GOOD "CMETHOD one socks5 127.0.0.1:2\n", P20 },
	{ "NAME-UNIQ-1", V_WARN, GOOD "CMETHOD one STUN 127.0.0.1:2\n", P20 },
	{ "NAME-CHARS-1", V_PASS, GOOD, P20 },
	{ "NAME-CHARS-1", V_INFO, "CMETHOD _x socks5 127.0.0.1:1\n", P20 },
	{ "NAME-CHARS-1", V_FAIL, "CMETHOD a-b socks5 127.0.0.1:1\n", P20 },
	{ "NAME-CHARS-1", V_NONE, "", "CMETHOD-ERROR a-b: broken\n", P20 },
	{ "NAME-RE-1", V_PASS, GOOD, P20 },
	{ "NAME-RE-1", V_INFO, "CMETHOD _x socks5 127.0.0.1:1\n", P20 },
	{ "NAME-RE-1", V_PASS, "CMETHOD _x socks5 127.0.0.1:1\n", P10 },
	{ "NAME-RE-1", V_WARN, "CMETHOD a-b socks5 127.0.0.1:1\n", P20 },
	{ "NAME-CID-1", V_PASS, GOOD, P20 },
	{ "NAME-CID-1", V_INFO, "CMETHOD int socks5 127.0.0.1:1\n", P20 },
	{ "NAME-LEN-1", V_PASS, GOOD, "", "T=" X1000 ",one", P20 },
	{ "NAME-LEN-1", V_FAIL, EMPTY, "", "T=" X1000 ",one", P20 },
	{ "NAME-LEN-1", V_FAIL, "", "", "T=" X1000 ",one", P20,
	  .ends = CRASHED },
	{ "NAME-LEN-1", V_FAIL, GOOD, "CMETHOD-ERROR " X10 " unknown\n",
	  "T=" X1000 ",one", P20 },
	{ "NAME-MATCH-1", V_PASS, GOOD, P20 },
	{ "NAME-MATCH-1", V_PASS, EMPTY, "", "T=ONE,onex,on", P20 },
	{ "NAME-MATCH-1", V_FAIL, GOOD, "", "T=ONE", P20 },
	{ "NAME-MATCH-1", V_FAIL, "CMETHOD on socks5 127.0.0.1:1\n", "", "T=on",
	  P20 },
	/* versions */
	{ "ENV-VER-1", V_PASS, GOOD, P20 },
	{ "ENV-VER-1", V_FAIL, "", NO_VERSION, .env = "V=1,2", P20 },
	{ "ENV-VER-1", V_NONE, "", NO_VERSION, .env = "V=1,2", P20, ODD },
	{ "ENV-VER-1", V_NONE, "", "ENV-ERROR other\n", P20,
	  .ends = BY_ITSELF },
	{ "ENV-VER-1", V_FAIL, "", "", "V=1,2", P20, .ends = CRASHED },
	{ "ENV-VER-2", V_PASS, GOOD, "", "V=x,2,y", P20 },
	{ "ENV-VER-2", V_FAIL, "", NO_VERSION, .env = "V=x,2,y", P20 },
	{ "ENV-VER-2", V_NONE, "", NO_VERSION, .env = "V=x!,2", P20 },
	{ "ENV-VER-3", V_PASS, GOOD, "", "V=x!,2", P20 },
	{ "ENV-VER-3", V_FAIL, "", NO_VERSION, .env = "V=" X1000 ",2", P20 },
	{ "ENV-VER-4", V_PASS, GOOD, P20 },
	{ "ENV-VER-4", V_FAIL, "VERSION 2.0\n", P20 },
	{ "ENV-VER-4", V_NONE, GOOD, "", "V=2", "-ptversion 1", P20 },
	{ "ENV-VER-5", V_PASS, "", NO_VERSION, .env = "V=20,12", P20 },
	{ "ENV-VER-5", V_FAIL, GOOD, "", "V=20,12", P20, BROKEN },
	{ "ENV-VER-5", V_INFO, "VERSION 2.0\n", "", "V=2.0", P20, BROKEN },
	{ "ENV-VER-5", V_NONE, "", NO_VERSION, .env = "V=20,32", P10, BROKEN },
	{ "ENV-VER-7", V_PASS, GOOD, "", "V=2,2", P20 },
	{ "ENV-VER-7", V_WARN, "VERSION 2\n" GOOD, "", "V=2,2", P20 },
	{ "ENV-VER-8", V_PASS, "", NO_VERSION, .env = "V=,x,", P20, ODD },
	{ "ENV-VER-8", V_FAIL, "", "", "V=,2", P20, ODD, .ends = CRASHED },
	{ "ENV-VER-8", V_FAIL, "", "", "V=,2", P20, ODD, .ends = HANGS },
	{ "ENV-VER-10", V_PASS, GOOD, P20 },
	{ "ENV-VER-10", V_FAIL, "", NO_VERSION, P20 },
	{ "ENV-VER-10", V_PASS, "VERSION 1\n", "", "V=1", P10 },
	{ "ENV-VER-10", V_NONE, "VERSION-ERROR no-version\n", "", P10,
	  .ends = BY_ITSELF, .status = 1 },
	{ "ENV-VER-11", V_PASS, "", "ENV-ERROR no list\n", "V", P20, BROKEN,
	  .ends = BY_ITSELF, .status = 64 },
	{ "ENV-VER-11", V_WARN, GOOD, "", "V", P20, BROKEN },
	{ "ENV-VER-11", V_WARN, GOOD, "", "V=", P20, BROKEN },
	{ "ENV-VER-12", V_PASS, GOOD, "", "V", "-ptversion 1a,2", P20 },
	{ "ENV-VER-12", V_FAIL, "", NO_VERSION, .env = "V",
	  .args = "-ptversion 1a,2", P20 },
	{ "MSG-VER-1", V_PASS, GOOD, P20 },
	{ "MSG-VER-1", V_PASS, "VERSION-ERROR x\n", "VERSION-ERROR x\n", P20,
	  .ends = BY_ITSELF, .status = 78 },
	{ "MSG-VER-1", V_FAIL, "VERSION 2\n", "VERSION-ERROR x\n", P20 },
	{ "MSG-VER-1", V_FAIL, "", "", P20, .ends = BY_ITSELF },
	{ "MSG-VER-2", V_PASS, GOOD, "VERSION 2\n", P20 },
	{ "MSG-VER-2", V_FAIL, "CMETHODS DONE\n", "VERSION 2\n", P20 },
	{ "MSG-VER-3", V_PASS, "LOG x\n" GOOD, P20 },
	{ "MSG-VER-3", V_FAIL, "PROXY DONE\n" GOOD, P20 },
	{ "MSG-VER-4", V_PASS, GOOD, P20 },
	{ "MSG-VER-4", V_FAIL, "VERSION 2 PROXY DONE\n", P20 },
	{ "MSG-VER-4", V_FAIL, "VERSION: 2\n", P20 },
	{ "MSG-VER-4", V_PASS, GOOD "VERSION: 3 of a library\n", P20 },
	{ "MSG-VER-5", V_PASS, GOOD, P20 },
	{ "MSG-VER-5", V_FAIL, GOOD "VERSION 2\n", P20 },
	{ "MSG-VERERR-1", V_PASS, "", NO_VERSION, .env = "V=99", P20, BROKEN },
	{ "MSG-VERERR-1", V_FAIL, "", "", "V=99", P20, BROKEN,
	  .ends = BY_ITSELF, .status = 78 },
	{ "MSG-VERERR-1", V_FAIL, GOOD, "", "V=99", P20, BROKEN },
	{ "MSG-VERERR-2", V_PASS, "", NO_VERSION, P20 },
	{ "MSG-VERERR-2", V_INFO, "", "VERSION-ERROR none of 9\n", P20 },
	{ "MSG-VERERR-2", V_WARN, "", "VERSION-ERROR\n", P20 },
	{ "MSG-VERERR-3", V_PASS, "", NO_VERSION, .env = "V=99", P20 },
	{ "MSG-VERERR-3", V_FAIL, "VERSION-ERROR no-version\n", "", "V=99",
	  P20 },
	{ "MSG-VERERR-3", V_PASS, "VERSION-ERROR no-version\n", "", "V=1",
	  P20 },
	{ "MSG-VERERR-3", V_PASS, "VERSION-ERROR no-version\n", "", "V=99",
	  P10 },
	{ "MSG-VERERR-3", V_FAIL, "", NO_VERSION, .env = "V=99", P10 },
	{ "MSG-VERERR-3", V_PASS, "", NO_VERSION, .env = "V=99",
	  .profile = PROFILE_10, .speaks_both = true },
	{ "MSG-VERERR-4", V_PASS, "", NO_VERSION, P20 },
	{ "MSG-VERERR-4", V_FAIL, "", "VERSION-ERROR x\n", P20,
	  .ends = BY_ITSELF, .status = 1 },
	{ "MSG-VERERR-5", V_PASS, "", NO_VERSION, P20 },
	{ "MSG-VERERR-5", V_FAIL, "", "VERSION-ERROR x\n", P20, .ends = HANGS },
	{ "MSG-VERERR-6", V_PASS, "", NO_VERSION, P20 },
	{ "MSG-VERERR-6", V_FAIL, "CMETHODS DONE\n", "VERSION-ERROR x\n", P20 },
	{ "MSG-VER-COMPAT-1", V_INFO, "VERSION 1\n", "", "V=1", P20 },
	{ "MSG-VER-COMPAT-1", V_PASS, "", NO_VERSION, .env = "V=1", P20 },
	/* the client's list */
	{ "CT-INIT-1", V_PASS, TWO, "", "T=one,two", P20 },
	{ "CT-INIT-1", V_PASS, GOOD, "CMETHOD-ERROR two busy\n", "T=one,two",
	  P20 },
	{ "CT-INIT-1", V_FAIL, GOOD, "", "T=one,two", P20 },
	{ "CT-INIT-1", V_NONE, "VERSION 2\n", "ENV-ERROR x\n", P20,
	  .ends = BY_ITSELF, .status = 64 },
	{ "CT-ONLY-1", V_PASS, GOOD, P20 },
	{ "CT-ONLY-1", V_FAIL, TWO, P20 },
	{ "CT-IGN-1", V_PASS, GOOD, "CMETHOD-ERROR nosuch_1 no\n",
	  "T=nosuch_1,one", P20 },
	{ "CT-IGN-1", V_WARN, "VERSION 2\n", "ENV-ERROR nosuch_1\n",
	  "T=nosuch_1,one", P20, .ends = BY_ITSELF, .status = 64 },
	{ "CT-ORDER-1", V_PASS, GOOD, "", "T=nosuch_1,one", P20 },
	{ "CT-ORDER-1", V_FAIL, EMPTY, "", "T=nosuch_1,one", P20 },
	{ "CT-ALLUNK-1", V_PASS, EMPTY, "", "T=nosuch_1,nosuch_2", P20 },
	{ "CT-ALLUNK-1", V_FAIL, EMPTY, "", "T=nosuch_1", P20,
	  .ends = BY_ITSELF, .status = 255 },
	{ "CT-ALLUNK-1", V_INFO, EMPTY, "", "T=nosuch_1", P10,
	  .ends = BY_ITSELF, .status = 255 },
	{ "CT-ALLUNK-1", V_FAIL, "VERSION 2\n", "", "T=nosuch_1", P20,
	  .ends = BY_ITSELF },
	{ "CT-EMPTY-1", V_PASS, EMPTY, "", "T=", P20, ODD },
	{ "CT-EMPTY-1", V_WARN, "", "no role\n", "T=", P20, ODD,
	  .ends = BY_ITSELF, .status = 1 },
	{ "CT-EMPTY-1", V_FAIL, GOOD, "", "T=", P20, ODD },
	{ "CT-DUP-1", V_PASS, GOOD, "", "T=one,one", P20, ODD },
	{ "CT-DUP-1", V_WARN, GOOD "CMETHOD one socks5 127.0.0.1:2\n", "",
	  "T=one,one", P20, ODD },
	{ "CT-BADNAME-1", V_PASS, GOOD, "", "T=9x,one,", P20, ODD },
	{ "CT-BADNAME-1", V_WARN, "VERSION 2\n", "panic: x\n", "T=9x,one", P20,
	  ODD, .ends = BY_ITSELF, .status = 2 },
	{ "CT-BADNAME-1", V_WARN, GOOD, "", "T=*", P20, ODD },
	{ "CT-BADNAME-1", V_INFO, "VERSION 2\n", "ENV-ERROR 9x\n", "T=9x,one",
	  P20, ODD, .ends = BY_ITSELF, .status = 64 },
	{ "CT-WS-1", V_PASS, GOOD, "", "T=one, two", P20, ODD },
	{ "CT-WS-1", V_FAIL, EMPTY, "", "T=one, two", P20, ODD },
	{ "CT-FLAG-1", V_PASS, GOOD, "", "T=one", "-transports one,x", P20 },
	{ "CT-FLAG-1", V_FAIL, EMPTY, "", "T=one", "-transports one,x", P20 },
	/* the server's list */
	{ "SVT-INIT-1", V_PASS, SGOOD, P20, SERVER },
	{ "SVT-INIT-1", V_FAIL, SEMPTY, P20, SERVER },
	{ "SVT-INIT-1", V_PASS, SGOOD, "", "T=one,two;B=one-127.0.0.1:5", P20,
	  SERVER },
	{ "SVT-SRC-1", V_PASS, SGOOD, P20, SERVER },
	{ "SVT-SRC-1", V_FAIL, SEMPTY, P20, SERVER },
	{ "SVT-ONLY-1", V_PASS, SGOOD, P20, SERVER },
	{ "SVT-ONLY-1", V_FAIL, SGOOD, "", "T=two", P20, SERVER },
	{ "SVT-IGN-1", V_PASS, SGOOD, "", "T=nosuch_1,one", P20, SERVER },
	{ "SVT-IGN-1", V_WARN, SGOOD, "SMETHOD-ERROR nosuch_1 no\n",
	  "T=nosuch_1,one", P20, SERVER },
	{ "SVT-ALLUNK-1", V_PASS, SEMPTY, "", "T=nosuch_1", P20, SERVER },
	{ "SVT-ALLUNK-1", V_WARN, SEMPTY, "", "T=nosuch_1", P20, SERVER,
	  .ends = BY_ITSELF, .status = 255 },
	{ "SVT-ALLUNK-1", V_FAIL, "VERSION 2\n", "", "T=nosuch_1", P20, SERVER,
	  .ends = BY_ITSELF, .status = 255 },
	{ "SVT-DUP-1", V_PASS, SGOOD, "", "T=one,one", P20, SERVER, ODD },
	{ "SVT-DUP-1", V_WARN, SGOOD "SMETHOD one 127.0.0.1:6\n", "",
	  "T=one,one", P20, SERVER, ODD },
	/* the appendix */
	{ "APPX-A-1", V_PASS,
	  "VERSION 2\nPROXY DONE\n"
	  "CMETHOD two socks5 127.0.0.1:2\nCMETHOD one socks5 127.0.0.1:1\n"
	  "CMETHODS DONE\n",
	  "", "T=one,two;P=socks5://127.0.0.1:9", P20 },
	{ "APPX-A-1", V_FAIL, TWO "PROXY DONE\n", "",
	  "T=one,two;P=socks5://127.0.0.1:9", P20 },
	{ "APPX-A-1", V_NONE, "VERSION 2\n", "PROXY-ERROR no proxies\n",
	  "T=one,two;P=socks5://127.0.0.1:9", P20, .ends = BY_ITSELF,
	  .status = 69 },
	{ "APPX-B-1", V_PASS,
	  "VERSION 2\nSMETHOD two 127.0.0.1:7\n"
	  "SMETHOD one 127.0.0.1:5\nSMETHODS DONE\n",
	  "", "T=one,two;B=one-127.0.0.1:5", P20, SERVER },
	{ "APPX-B-1", V_FAIL, SGOOD, "", "T=one,two;B=one-127.0.0.1:5", P20,
	  SERVER },
	{ "APPX-B-1", V_WARN, SGOOD, "", "T=one,two;B=one-127.0.0.1:5", P10,
	  SERVER },
	{ "APPX-B-2", V_PASS, GOOD, P20, .file = "state/data" },
	{ "APPX-B-2", V_FAIL, GOOD, P20, .file = "statedata" },
};

static const struct {
	char key;
	const char *variable, *value; /* of a plain launch; NULL: not set */
} keys[] = {
	{ 'V', "TOR_PT_MANAGED_TRANSPORT_VER", "2" },
	{ 'L', "TOR_PT_STATE_LOCATION", "/work/state" },
	{ 'S', "TOR_PT_SERVER_TRANSPORTS", NULL },
	{ 'P', "TOR_PT_PROXY", NULL },
	{ 'B', "TOR_PT_SERVER_BINDADDR", NULL },
};

/* A launch in the making. */
struct launch {
	struct arena a;
	struct trace tr;
	struct span known[2], nosuch[2], argv[3];
	struct pair vars[1];
};

static void put_env(struct launch *l, const char *variable, struct span value)
{
	struct pairs *env = &l->tr.head.env;

	arena_grow(&l->a, env->v, env->n, l->tr.cap);
	env->v[env->n++] = (struct pair){ span_str(variable), value };
}

/* The value of @key in "K=V;K=V", absent for a bare "K"; true when there. */
static bool get_key(const char *env, char key, struct span *value)
{
	struct span rest = span_str(env), one;

	while (span_split(&rest, ';', &one)) {
		if (!one.n || one.p[0] != key)
			continue;
		*value = one.n > 1 ? span_sub(one, 2, one.n)
				   : (struct span){ NULL, 0 };
		return true;
	}
	return false;
}

static void make_env(struct launch *l, const struct row *r)
{
	struct span value = SPAN("one");

	for (int i = 0; i < N(keys); i++) {
		value = span_str(keys[i].value);
		get_key(r->env, keys[i].key, &value);
		if (!span_absent(value))
			put_env(l, keys[i].variable, value);
	}
	value = SPAN("one");
	get_key(r->env, 'T', &value);
	if (!span_absent(value))
		put_env(l,
			r->role == ROLE_CLIENT ? "TOR_PT_CLIENT_TRANSPORTS"
					       : "TOR_PT_SERVER_TRANSPORTS",
			value);
	l->tr.cap = 0;
}

static void make_head(struct launch *l, const struct row *r)
{
	struct trace_head *h = &l->tr.head;
	struct span rest = span_str(r->args), word;

	*h = (struct trace_head){
		.id = SPAN("test"),
		.role = r->role,
		.profile = r->profile,
		.config = r->config,
		.sandbox = true,
		.known = { l->known, 2 },
		.nosuch = { l->nosuch, 2 },
		.stimuli = r->id ? req_find(r->id)->stimuli : 0,
		.argv = { l->argv, 1 },
		.vars = { l->vars, 1 },
	};
	l->known[0] = SPAN("one");
	l->known[1] = SPAN("two");
	l->nosuch[0] = SPAN("nosuch_1");
	l->nosuch[1] = SPAN("nosuch_2");
	l->vars[0] = (struct pair){ SPAN("work"), SPAN("/work") };
	l->argv[0] = SPAN("pt");
	while (span_split(&rest, ' ', &word))
		l->argv[h->argv.n++] = word;
	make_env(l, r);
}

static void put(struct launch *l, struct event ev)
{
	struct trace *t = &l->tr;

	ev.n = (uint32_t)t->nev + 1;
	ev.t = ev.n * 1000;
	arena_grow(&l->a, t->ev, t->nev, t->cap);
	t->ev[t->nev++] = ev;
}

static void put_out(struct launch *l, const char *on, const char *bytes)
{
	if (bytes && *bytes)
		put(l, EVENT(out, .on = span_str(on), .data = span_str(bytes)));
}

static void put_exit(struct launch *l, enum exit_how how, int code)
{
	put(l, EVENT(exit, .what = SPAN("pt"), .how = how, .code = code));
}

static void put_end(struct launch *l, const struct row *r)
{
	switch (r->ends) {
	case ASKED:
		put(l, EVENT(close, .what = SPAN("stdin")));
		put_exit(l, EXIT_HOW_EXITED, 0);
		break;
	case BY_ITSELF:
		put_exit(l, EXIT_HOW_EXITED, r->status);
		break;
	case CRASHED:
		put_exit(l, EXIT_HOW_KILLED, 11);
		break;
	case HANGS:
		put(l, EVENT(limit, .limit = SPAN("init"), .step = 2,
			     .ms = 30000));
		put(l,
		    EVENT(limit, .limit = SPAN("exit"), .step = 3, .ms = 5000));
		put(l, EVENT(kill, .what = SPAN("pt")));
		put_exit(l, EXIT_HOW_KILLED, 9);
		break;
	}
}

static void make_launch(struct launch *l, const struct row *r)
{
	*l = (struct launch){ 0 };
	make_head(l, r);
	put(l, EVENT(spawn, .what = SPAN("pt"), .pid = 2));
	put_out(l, "stdout", r->out);
	put_out(l, "stderr", r->err);
	put_end(l, r);
	if (r->file)
		put(l, EVENT(file, .in = SPAN("ended"), .type = FILE_IS_FILE,
			     .path = span_str(r->file)));
	/* What every worker says before the end: served in time. */
	put(l, EVENT(lag, .us = 100));
	put(l, EVENT(end, .how = SPAN("complete")));
}

START_TEST(verdicts)
{
	const struct row *r = &rows[_i];
	const struct req *req = req_find(r->id);
	struct facts facts = { 0 };
	struct role_facts *rf = &facts.role[r->role];
	struct policy policy = { 0 };
	struct finding f = { 0 };
	struct launch l;
	struct view v;
	struct judge j;

	ck_assert_msg(req && req->judge, "%s is not judged", r->id);
	make_launch(&l, r);
	view_init(&v, &l.tr, &l.a);
	rf->speaks_1 = r->speaks_1 || r->speaks_both;
	rf->speaks_2 = !r->speaks_1;
	rf->flags = true;
	j = (struct judge){ .v = &v,
			    .facts = &facts,
			    .rf = rf,
			    .policy = &policy,
			    .req = req,
			    .a = &l.a,
			    .out = &f };
	req_judge(&j);
	ck_assert_msg(f.v == r->want, "%s, row %d: %s instead of %s: %s / %s",
		      r->id, _i, verdict_name(f.v), verdict_name(r->want),
		      f.expected ? f.expected : "", f.seen ? f.seen : "");
	/* What is not fine has evidence and words. */
	if (f.v > V_PASS)
		ck_assert(f.nev > 0 && f.seen);
	arena_fini(&l.a);
}
END_TEST

/* --- facts --- */

static struct role_facts probe(const char *name, const struct row *r)
{
	struct facts f = { 0 };
	struct launch l;
	struct view v;

	make_launch(&l, r);
	l.tr.head.probe = span_str(name);
	view_init(&v, &l.tr, &l.a);
	facts_add(&f, &v);
	arena_fini(&l.a);
	return f.role[r->role];
}

START_TEST(facts_of_probes)
{
	struct row good = { .out = GOOD, P20 };
	struct row silent = { .out = "hello\n", P20, .ends = BY_ITSELF };
	struct row flags = { .out = GOOD, P20, .env = "V" };
	struct row ignores = { .err = "ENV-ERROR no list\n", P20, .env = "V" };
	struct row any = { .out = "CMETHOD nosuch_1 socks5 127.0.0.1:1\n",
			   P20,
			   .env = "T=nosuch_1" };

	ck_assert(probe("speaks-2", &good).speaks_2);
	ck_assert(!probe("speaks-1", &good).speaks_1);
	ck_assert(probe("speaks-2", &good).recognised);
	ck_assert(!probe("speaks-2", &silent).recognised);
	ck_assert(probe("speaks-2", &silent).tested);
	ck_assert(probe("flags", &flags).flags);
	ck_assert(!probe("flags", &ignores).flags);
	ck_assert(probe("any-name", &any).answers_any_name);
	ck_assert(!probe("any-name", &good).answers_any_name);
	ck_assert(probe("control", &good).works);
	ck_assert(probe("control", &good).stdin_exit);
	ck_assert(!probe("control", &silent).works);
	ck_assert(!probe("control", &silent).stdin_exit);
	ck_assert(!probe("", &good).tested);
}
END_TEST

START_TEST(facts_of_options)
{
	struct row all = { .out = "VERSION 2\nSMETHOD one 127.0.0.1:5 "
				  "ARGS:k=v\\=w,more=1\nSMETHODS DONE\n",
			   P20,
			   SERVER };
	struct row some = { .out = SGOOD, P20, SERVER };
	const struct row *r[] = { &all, &some };

	for (int i = 0; i < 2; i++) {
		struct facts f = { 0 };
		struct launch l;
		struct view v;

		make_launch(&l, r[i]);
		l.tr.head.probe = SPAN("control");
		l.tr.head.env.v[0] = (struct pair){
			SPAN("TOR_PT_SERVER_TRANSPORT_OPTIONS"),
			SPAN("one:k=v\\=w"),
		};
		view_init(&v, &l.tr, &l.a);
		facts_add(&f, &v);
		ck_assert_int_eq(f.role[ROLE_SERVER].options_echo, i == 0);
		arena_fini(&l.a);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("lists");
	TCase *t = tcase_create("judges");

	tcase_add_loop_test(t, verdicts, 0, N(rows));
	tcase_add_test(t, facts_of_probes);
	tcase_add_test(t, facts_of_options);
	suite_add_tcase(s, t);
	return suite_run(s);
}
