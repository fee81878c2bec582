/*
 * test_plan.c - from a case to its launches: which there are, what each gets,
 * and why others are left out.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/text.h"
#include "harness/case/case.h"
#include "harness/case/tests/plan_fix.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

#define OTHERS                                            \
	"PATH=/usr/local/bin:/usr/bin:/bin HOME=/w/home " \
	"TMPDIR=/w/tmp LANG=C LC_ALL=C PYTHONDONTWRITEBYTECODE=1"
#define COMMON                            \
	"TOR_PT_MANAGED_TRANSPORT_VER=2 " \
	"TOR_PT_STATE_LOCATION=/w/state TOR_PT_EXIT_ON_STDIN_CLOSE=1 "

START_TEST(the_fixture)
{
	struct fix f;
	const struct trace_head *h;

	fix_init(&f, two_transports, ONE_CASE(""));
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), "a@client a@server");
	h = &f.plans.v[0].head;
	ck_assert_str_eq(strings_text(&f, &h->argv), "/bin/pt -c");
	ck_assert_str_eq(pairs_text(&f, &h->env),
			 COMMON "TOR_PT_CLIENT_TRANSPORTS=one " OTHERS);
	ck_assert_str_eq(strings_text(&f, &h->known), "one two three");
	ck_assert_str_eq(pairs_text(&f, &h->vars),
			 "work=/w state=/w/state cwd=/w/cwd cookie=/w/cookie "
			 "marker=mark13d1509d18ebdc26");
	ck_assert(h->role == ROLE_CLIENT && h->profile == PROFILE_20);
	ck_assert(h->sandbox && h->wrapper && span_absent(h->probe));
	ck_assert_int_eq(h->limits.window, 50);
	h = &f.plans.v[1].head;
	ck_assert_str_eq(strings_text(&f, &h->argv), "/bin/pt -s");
	ck_assert_str_eq(pairs_text(&f, &h->env),
			 COMMON "TOR_PT_SERVER_TRANSPORTS=one "
				"TOR_PT_SERVER_BINDADDR=one-127.0.0.1:1001 "
				"TOR_PT_ORPORT=127.0.0.1:1002 "
				"TOR_PT_EXTENDED_SERVER_PORT= "
				"TOR_PT_SERVER_TRANSPORT_OPTIONS="
				"one:k\\\\;=v\\\\=;one:l=m " OTHERS);
	ck_assert_str_eq(strings_text(&f, &h->known), "one two");
	ck_assert_str_eq(pairs_text(&f, &h->vars),
			 "work=/w state=/w/state cwd=/w/cwd cookie=/w/cookie "
			 "marker=markf17a889581e3e89b port:T=1001 "
			 "port:or=1002");
	ck_assert_int_eq(f.resets, 2);
	ck_assert_uint_eq(f.plans.v[0].nsteps, 7);
	ck_assert_str_eq(f.plans.v[0].work.p, "/w");
	fix_fini(&f);
}
END_TEST

/* Without options there is no variable for them, not an empty one. */
START_TEST(no_options)
{
	struct fix f;
	const struct trace_head *h;

	fix_init(&f, "{'transports': {'one': {}}}",
		 ONE_CASE(", 'roles': ['server'], "
			  "'env': {'X': '<${options}${options;}>'}"));
	fix_plan(&f);
	h = &f.plans.v[0].head;
	ck_assert(span_absent(
		pairs_get(&h->env, "TOR_PT_SERVER_TRANSPORT_OPTIONS")));
	ck_assert_str_eq(pairs_get(&h->env, "X").p, "<>");
	fix_fini(&f);
}
END_TEST

START_TEST(overrides)
{
	struct fix f;

	fix_init(&f, two_transports,
		 ONE_CASE(", 'bare_env': true, 'env': {"
			  "'TOR_PT_MANAGED_TRANSPORT_VER': null,"
			  "'TOR_PT_EXIT_ON_STDIN_CLOSE': '\\\\xff',"
			  "'TOR_PT_@_TRANSPORTS': '*', 'X_@': 'y'}"));
	f.env.role[ROLE_SERVER] = false;
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), "a@client");
	ck_assert_str_eq(pairs_text(&f, &f.plans.v[0].head.env),
			 "TOR_PT_STATE_LOCATION=/w/state "
			 "TOR_PT_EXIT_ON_STDIN_CLOSE=\\xff "
			 "TOR_PT_CLIENT_TRANSPORTS=* X_CLIENT=y");
	fix_fini(&f);
}
END_TEST

/* What a client does not speak is nothing to its server. */
START_TEST(servers_need_no_socks5)
{
	struct fix f;

	fix_init(&f, two_transports, ONE_CASE(", 'needs': ['socks5']"));
	f.env.socks5 = false;
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), "a@server");
	ck_assert_uint_eq(f.plans.nskips, 1);
	fix_fini(&f);
}
END_TEST

START_TEST(settings_as_flags)
{
	struct fix f;
	const struct trace_head *h;

	fix_init(&f, two_transports,
		 ONE_CASE(", 'flags': 'all', 'args': ['-z'], 'bare_env': true,"
			  "'roles': ['server'], 'variants': [{'id': 'all'},"
			  "{'id': 'odd', 'env': {"
			  "'TOR_PT_EXIT_ON_STDIN_CLOSE': '0'}},"
			  "{'id': 'some', 'flags': ['TOR_PT_@_TRANSPORTS',"
			  "'TOR_PT_STATE_LOCATION', 'TOR_PT_PROXY']}]"));
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), "a/all@server a/odd@server "
				       "a/some@server");
	h = &f.plans.v[0].head;
	ck_assert_str_eq(strings_text(&f, &h->argv),
			 "/bin/pt -s -ptversion 2 -state /w/state "
			 "-transports one -bindaddr one-127.0.0.1:1001 "
			 "-orport 127.0.0.1:1002 -options "
			 "one:k\\\\;=v\\\\=;one:l=m -exit-on-stdin-close -z");
	/* The list selects the role; an empty flag says nothing. */
	ck_assert_str_eq(pairs_text(&f, &h->env),
			 "TOR_PT_SERVER_TRANSPORTS=one "
			 "TOR_PT_EXTENDED_SERVER_PORT=");
	h = &f.plans.v[1].head;
	ck_assert(!strings_has(&h->argv, SPAN("-exit-on-stdin-close")));
	ck_assert_str_eq(pairs_get(&h->env, "TOR_PT_EXIT_ON_STDIN_CLOSE").p,
			 "0");
	h = &f.plans.v[2].head;
	ck_assert_str_eq(strings_text(&f, &h->argv),
			 "/bin/pt -s -state /w/state -transports one -z");
	ck_assert_str_eq(pairs_get(&h->env, "TOR_PT_MANAGED_TRANSPORT_VER").p,
			 "2");
	fix_fini(&f);
}
END_TEST

START_TEST(both_ends)
{
	static const char cases[] = ONE_CASE(
		", 'roles': ['client'], 'each': 'pair', 'peer_env': {"
		"'TOR_PT_EXTENDED_SERVER_PORT': '127.0.0.1:${port:x}'},"
		"'steps': [{'do': 'start'},"
		"{'do': 'start', 'role': 'peer'}]");
	const struct plan *p;
	struct fix f;

	fix_init(&f, two_transports, cases);
	fix_plan(&f);
	/* "three" has no server. */
	ck_assert_str_eq(plan_ids(&f), "a+one@client a+two@client");
	p = &f.plans.v[1];
	ck_assert(p->has_peer);
	ck_assert_str_eq(p->transport->name.p, "two");
	ck_assert_str_eq(strings_text(&f, &p->head.known), "two one three");
	ck_assert_str_eq(pairs_text(&f, &p->head.env),
			 COMMON "TOR_PT_CLIENT_TRANSPORTS=two " OTHERS);
	ck_assert_str_eq(strings_text(&f, &p->peer_argv), "/bin/pt -s");
	ck_assert_str_eq(pairs_text(&f, &p->peer_env),
			 "TOR_PT_MANAGED_TRANSPORT_VER=2 "
			 "TOR_PT_STATE_LOCATION=/w/peer "
			 "TOR_PT_EXIT_ON_STDIN_CLOSE=1 "
			 "TOR_PT_SERVER_TRANSPORTS=two "
			 "TOR_PT_SERVER_BINDADDR=two-127.0.0.1:1001 "
			 "TOR_PT_ORPORT=127.0.0.1:1002 "
			 "TOR_PT_EXTENDED_SERVER_PORT=127.0.0.1:1003 "
			 "TOR_PT_SERVER_TRANSPORT_OPTIONS=two:n=o " OTHERS);
	fix_fini(&f);
	fix_init(&f, only_client, cases);
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 0);
	ck_assert_uint_eq(f.plans.nskips, 1);
	ck_assert(f.plans.skips[0].feature);
	ck_assert_str_eq(f.plans.skips[0].reason.p,
			 "offers no transport as client and server");
	fix_fini(&f);
}
END_TEST

START_TEST(a_mode)
{
	static const char target[] =
		"{'transports': {'one': {}, 'two': {'modes': ['socks5', "
		"'transparent-TCP'], 'roles': ['client']},"
		"'three': {'modes': ['transparent-TCP']}}, 'client_args': ['-c'],"
		"'mode_args': {'socks5': ['-m', 's'],"
		"'transparent-TCP': ['-m', 't']}}";
	static const char cases[] = ONE_CASE(
		", 'mode': 'transparent-TCP', 'target': '[::1]:${port:T}',"
		"'roles': ['%s'], 'args': ['-z'], 'steps': [{'do': 'start'}%s]");
	struct arena a = { 0 };
	const struct plan *p;
	struct fix f;

	fix_init(&f, target, arena_printf(&a, cases, "client", ""));
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 1);
	p = f.plans.v;
	ck_assert_str_eq(strings_text(&f, &p->head.known), "two one three");
	ck_assert_str_eq(strings_text(&f, &p->head.argv),
			 "/bin/pt -c -m t -target [::1]:1001 -z");
	ck_assert_str_eq(pairs_get(&p->head.vars, "mode").p, "transparent-TCP");
	fix_fini(&f);

	/* The client is the peer; T has both roles. */
	fix_init(&f, target,
		 arena_printf(&a, cases, "server",
			      ", {'do': 'start', 'role': 'peer'}"));
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 1);
	p = f.plans.v;
	ck_assert_str_eq(p->transport->name.p, "three");
	ck_assert_str_eq(strings_text(&f, &p->head.argv), "/bin/pt -m t -z");
	ck_assert_str_eq(strings_text(&f, &p->peer_argv),
			 "/bin/pt -c -m t -target [::1]:1001");
	fix_fini(&f);

	/* SOCKS is a mode as well. */
	fix_init(&f, target, ONE_CASE(", 'roles': ['client']"));
	fix_plan(&f);
	ck_assert_str_eq(strings_text(&f, &f.plans.v[0].head.argv),
			 "/bin/pt -c -m s");
	fix_fini(&f);
	arena_fini(&a);
}
END_TEST

static bool not_ver(void *ctx, struct span id, const struct strings *aims)
{
	(void)ctx;
	(void)id;
	return !strings_has(aims, SPAN("ENV-VER-1"));
}

START_TEST(left_out_silently)
{
	struct fix f;

	fix_init(&f, two_transports,
		 "{'schema': 1, 'cases': ["
		 "{'id': 'a', 'title': 't', 'aims': ['ENV-VER-1']},"
		 "{'id': 'b', 'title': 't', 'aims': [],"
		 " 'profiles': ['1.0']},"
		 "{'id': 'c', 'title': 't', 'aims': [], 'roles': ['server']},"
		 "{'id': 'd', 'title': 't', 'aims': [], 'probe': 'x'},"
		 "{'id': 'e', 'title': 't', 'aims': []}]}");
	f.env.role[ROLE_SERVER] = false;
	f.env.wanted = not_ver;
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), "e@client");
	ck_assert_uint_eq(f.plans.nskips, 0);
	fix_fini(&f);
}
END_TEST

static const struct {
	const char *more, *id, *reason;
	bool feature;
} skip_rows[] = {
	{ "'roles': ['server']", "a@server",
	  "the target offers no transport as server", true },
	{ "'needs': ['flags']", "a@client", "takes no flags (CFG-FLAG-1)",
	  true },
	{ "'needs': ['two']", "a@client",
	  "needs two transports; the target offers one as client", true },
	{ "'env': {'X': '${T2}'}", "a@client",
	  "needs two transports; the target offers one as client", true },
	{ "'args': ['${T2}']", "a@client",
	  "needs two transports; the target offers one as client", true },
	{ "'needs': ['speaks-1']", "a@client",
	  "does not take version 1 when nothing else is offered", true },
	{ "'needs': ['speaks-2']", "a@client",
	  "does not take version 2 when nothing else is offered", true },
	{ "'needs': ['socks5']", "a@client", "speaks SOCKS4, not SOCKS5",
	  true },
	{ "'needs': ['socks4']", "a@client", "does not announce socks4", true },
	{ "'needs': ['options']", "a@client",
	  "needs server options; the target names none for one", true },
	{ "'needs': ['free-options']", "a@client",
	  "needs server options with free values; the target names none for "
	  "one",
	  true },
	{ "'env': {'X': '${options:x}'}", "a@client",
	  "needs server options with free values; the target names none for "
	  "one",
	  true },
	{ "'needs': ['both-roles']", "a@client",
	  "needs both roles; the target offers client only", true },
	{ "'needs': ['sandbox']", "a@client", "needs a sandbox: no namespaces",
	  false },
	{ "'parent': 'init'", "a@client", "needs a sandbox: no namespaces",
	  false },
	{ "'steps': [{'do': 'start'}, {'do': 'ports', 'left': 1}]", "a@client",
	  "needs a sandbox: no namespaces", false },
	/* What the target lacks is what counts. */
	{ "'roles': ['client'], 'mode': 'transparent-TCP'", "a@client",
	  "a plain launch does not announce the mode transparent-TCP, and no "
	  "target says how it is started in it (modes, mode_args)",
	  false },
	{ "'needs': ['sandbox', 'flags']", "a@client",
	  "takes no flags (CFG-FLAG-1)", true },
	{ "'variants': [{'id': 'v', 'needs': ['flags']}]", "a/v@client",
	  "takes no flags (CFG-FLAG-1)", true },
};

START_TEST(skips)
{
	struct arena a = { 0 };
	struct fix f;
	const struct skip *s;

	fix_init(&f, only_client,
		 arena_printf(&a,
			      "{'schema': 1, 'cases': [{'id': 'a', "
			      "'title': 't', 'aims': ['ENV-VER-1'], %s}]}",
			      skip_rows[_i].more));
	f.env.sandbox = false;
	for (int r = 0; r < 2; r++)
		f.env.flags[r] = f.env.speaks_1[r] = f.env.speaks_2[r] = false;
	f.env.socks5 = false;
	f.env.socks4 = !strstr(skip_rows[_i].more, "socks4");
	/* The row about the server is about nothing else. */
	f.env.role[ROLE_SERVER] = _i == 0;
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 0);
	ck_assert_uint_eq(f.plans.nskips, 1);
	s = f.plans.skips;
	ck_assert_str_eq(s->id.p, skip_rows[_i].id);
	ck_assert_str_eq(s->reason.p, skip_rows[_i].reason);
	ck_assert_int_eq(s->feature, skip_rows[_i].feature);
	ck_assert(strings_has(&s->aims, SPAN("ENV-VER-1")));
	fix_fini(&f);
	arena_fini(&a);
}
END_TEST

/* With everything there, none of the same cases is skipped. */
START_TEST(no_skips)
{
	struct arena a = { 0 };
	struct fix f;

	fix_init(&f, everything,
		 arena_printf(&a,
			      "{'schema': 1, 'cases': [{'id': 'a', "
			      "'title': 't', 'aims': [], %s}]}",
			      skip_rows[_i].more));
	fix_plan(&f);
	ck_assert_uint_ge(f.plans.n, 1);
	ck_assert_uint_eq(f.plans.nskips, 0);
	fix_fini(&f);
	arena_fini(&a);
}
END_TEST

/* Probes find out about flags and versions, so they cannot need them. */
START_TEST(probes_need_no_probes)
{
	struct fix f;

	fix_init(&f, only_client,
		 ONE_CASE(", 'probe': 'x', 'needs': ['flags', 'speaks-1',"
			  "'speaks-2', 'socks5', 'socks4']"));
	f.env.probing = true;
	f.env.socks5 = f.env.socks4 = false;
	f.env.flags[0] = f.env.speaks_1[0] = f.env.speaks_2[0] = false;
	f.env.role[ROLE_SERVER] = false;
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), "a@client");
	ck_assert_str_eq(f.plans.v[0].head.probe.p, "x");
	fix_fini(&f);
}
END_TEST

/* Without the sandbox no two launches may meet in one directory. */
START_TEST(directories_without_sandbox)
{
	struct fix f;

	fix_init(&f, two_transports, ONE_CASE(""));
	f.env.sandbox = false;
	fix_plan(&f);
	ck_assert_str_eq(f.plans.v[0].work.p, "/w/1");
	ck_assert_str_eq(f.plans.v[1].work.p, "/w/2");
	ck_assert_str_eq(pairs_get(&f.plans.v[1].head.env, "HOME").p,
			 "/w/2/home");
	ck_assert_str_eq(f.plans.v[0].head.sandbox_why.p, "no namespaces");
	fix_fini(&f);
}
END_TEST

/* Judges look for the addresses that clients come from. */
START_TEST(notes_where_clients_come_from)
{
	struct fix f;

	fix_init(&f, two_transports,
		 ONE_CASE(", 'steps': [{'do': 'start'}, {'do': 'connect',"
			  "'to': 'methods', 'as': 'c', 'from': "
			  "'127.0.0.2:0'}]"));
	fix_plan(&f);
	ck_assert_str_eq(pairs_get(&f.plans.v[0].head.vars, "from").p,
			 "127.0.0.2:0");
	fix_fini(&f);
}
END_TEST

/* The built-in cases go with every built-in target, in both profiles. */
START_TEST(builtin_cases_plan)
{
	static const char *const names[] = {
		"obfs4proxy", "snowflake-client", "ptref",     "ptpy",
		"lyrebird",   "webtunnel",	  "snowflake", "meek",
		"conjure",
	};
	struct fix f;

	for (int i = 0; i < N(names) * 4; i++) {
		struct span t = target_builtin(names[i / 4]);

		fix_init(&f, only_client, ONE_CASE(""));
		target_fini(&f.target);
		ck_assert_int_eq(target_parse(t, "t", &f.a, &f.target, &f.e),
				 0);
		ck_assert_msg(cases_builtin(&f.cases, &f.e) == 0, "%s",
			      f.e.msg);
		f.env.profile = i & 1 ? PROFILE_10 : PROFILE_20;
		f.env.probing = i & 2;
		fix_plan(&f);
		fix_fini(&f);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("plans");

	tcase_add_test(t, the_fixture);
	tcase_add_test(t, no_options);
	tcase_add_test(t, overrides);
	tcase_add_test(t, servers_need_no_socks5);
	tcase_add_test(t, settings_as_flags);
	tcase_add_test(t, both_ends);
	tcase_add_test(t, a_mode);
	tcase_add_test(t, left_out_silently);
	tcase_add_loop_test(t, skips, 0, N(skip_rows));
	tcase_add_loop_test(t, no_skips, 0, N(skip_rows));
	tcase_add_test(t, probes_need_no_probes);
	tcase_add_test(t, directories_without_sandbox);
	tcase_add_test(t, notes_where_clients_come_from);
	tcase_add_test(t, builtin_cases_plan);
	suite_add_tcase(s, t);
	return suite_run(s);
}
