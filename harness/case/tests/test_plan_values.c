/*
 * test_plan_values.c - what the templates of a launch stand for, and what it
 * is told.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/text.h"
#include "harness/case/case.h"
#include "harness/case/tests/plan_fix.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static const struct {
	const char *text, *value; /* as server, in the environment */
} template_rows[] = {
	{ "${T}-${T2}-${all}", "one-two-one,two" },
	{ "${T^}|${T-}", "ONE|on" },
	{ "${ver}", "2" },
	{ "${work}:${state}:${cwd}", "/w:/w/state:/w/cwd" },
	{ "${port:T}/${port:x}/${port:x}", "1001/1003/1003" },
	{ "${options}", "one:k\\\\;=v\\\\=;one:l=m" },
	{ "${options:n}", "one:k\\\\;=v\\\\=;one:l=n" },
	{ "${options:${repeat:=;:2}\\\\x7d:}${T2}",
	  "one:k\\\\;=v\\\\=;one:l=\\\\=\\\\;\\\\=\\\\;}\\\\:;two:n=otwo" },
	{ "${T2}${options;}", "twoone:k\\\\;=v\\\\=;one:l=m;two:n=o;" },
	{ "${repeat:a:3}", "aaa" },
	{ "${repeat:a:b,:2}", "a:b,a:b," },
	{ "${repeat:${T}\\\\x20:2}", "one one " },
	{ "\\\\x24{T} $ {T} } $", "${T} $ {T} } $" },
	{ "\\\\\\\\x\\\\n\\\\xfe", "\\\\x\\n\\xfe" },
	{ "", "" },
};

/* What a client is told, in the bytes of a step. */
static const char two_settings[] =
	"{'transports': {'one': {'client_settings': {'k': 'v', 'l': 'm'}}}}";

static const struct {
	const char *target, *text, *value;
} block_rows[] = {
	{ two_settings, "${json}", "{\"k\":\"v\",\"l\":\"m\"}" },
	{ two_settings, "{${members}x\\\\x7d", "{\"k\":\"v\",\"l\":\"m\",x}" },
	{ two_settings, "${mistyped}", "\"k\":1,\"l\":1," },
	{ two_settings, "${wrong}", "{\"k\":\"v-wrong\",\"l\":\"m-wrong\"}" },
	{ two_settings, "${block:2}",
	  "\\x00\\x00\\x00\\x11{\"k\":\"v\",\"l\":\"m\"}" },
	{ two_settings, "${block:19}",
	  "\\x00\\x00\\x00\\x13{\"k\":\"v\",\"l\":\"m\"}  " },
	{ two_settings, "${counted:${repeat:ab:130}!}",
	  "\\x00\\x00\\x01\\x05" },
	{ only_client, "${json}${members}${mistyped}${wrong}", "{}{}" },
	{ only_client, "${block:3}", "\\x00\\x00\\x00\\x03{} " },
};

START_TEST(blocks_of_settings)
{
	struct arena a = { 0 };
	struct fix f;
	const char *shown;

	fix_init(&f, block_rows[_i].target,
		 arena_printf(&a,
			      ONE_CASE(", 'roles': ['client'], 'steps': ["
				       "{'do': 'file', 'at': '${work}/x',"
				       " 'bytes': '%s'},{'do': 'start'}]"),
			      block_rows[_i].text));
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 1);
	shown = text_show(&f.a, f.plans.v[0].steps[0].file.bytes, 4096);
	ck_assert_msg(
		span_starts(span_str(shown), span_str(block_rows[_i].value)),
		"%s", shown);
	fix_fini(&f);
	arena_fini(&a);
}
END_TEST

static const struct {
	bool socks5, socks4;
	const char *value;
} hello_rows[] = {
	{ false, false, "\\x05\\x02\\x00\\x02" },
	{ true, true, "\\x05\\x02\\x00\\x02" },
	{ false, true, "\\x04\\x01\\x00\\t\\x7f\\x00\\x00\\x01\\x00" },
};

START_TEST(hello)
{
	struct fix f;

	fix_init(&f, only_client,
		 ONE_CASE(", 'roles': ['client'], 'steps': ["
			  "{'do': 'file', 'at': '${work}/x',"
			  " 'bytes': '${hello}'}, {'do': 'start'}]"));
	f.env.socks5 = hello_rows[_i].socks5;
	f.env.socks4 = hello_rows[_i].socks4;
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 1);
	ck_assert_str_eq(text_show(&f.a, f.plans.v[0].steps[0].file.bytes, 100),
			 hello_rows[_i].value);
	fix_fini(&f);
}
END_TEST

START_TEST(templates)
{
	struct arena a = { 0 };
	struct fix f;

	fix_init(&f, two_transports,
		 arena_printf(&a,
			      ONE_CASE(", 'roles': ['server'],"
				       "'env': {'X': '%s'}"),
			      template_rows[_i].text));
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 1);
	ck_assert_str_eq(
		text_show(&f.a, pairs_get(&f.plans.v[0].head.env, "X"), 4096),
		template_rows[_i].value);
	fix_fini(&f);
	arena_fini(&a);
}
END_TEST

START_TEST(equals_signs_of_version_1)
{
	struct fix f;

	fix_init(&f, two_transports,
		 ONE_CASE(", 'roles': ['server'],"
			  "'env': {'X': '${options:=}'}"));
	f.env.profile = PROFILE_10;
	fix_plan(&f);
	ck_assert_str_eq(pairs_get(&f.plans.v[0].head.env, "X").p,
			 "one:k\\;=v=;one:l==");
	fix_fini(&f);
}
END_TEST

START_TEST(values_in_steps)
{
	struct fix f;
	const struct plan *p;

	fix_init(&f, two_transports,
		 ONE_CASE(", 'roles': ['client'], 'args': ['-x', '${T}'],"
			  "'steps': [{'do': 'start'},"
			  "{'do': 'connect', 'to': '127.0.0.1:${port:a}',"
			  " 'as': 'c'}, {'do': 'pause', 'ms': 7},"
			  "{'do': 'send', 'on': 'c:${T}',"
			  " 'bytes': '${repeat:\\\\x00:3}'},"
			  "{'do': 'window'}, {'do': 'window'},"
			  "{'do': 'wait', 'limit': 'orphan'}]"));
	fix_plan(&f);
	p = &f.plans.v[0];
	ck_assert_str_eq(strings_text(&f, &p->head.argv), "/bin/pt -c -x one");
	ck_assert_str_eq(p->steps[1].connect.to.p, "127.0.0.1:1001");
	ck_assert_str_eq(p->steps[3].send.on.p, "c:one");
	ck_assert(span_eq(p->steps[3].send.bytes, SPAN("\0\0\0")));
	ck_assert_int_eq(p->natural_ms, 107);
	ck_assert_int_eq(p->patience_ms, 60);
	fix_fini(&f);
}
END_TEST

START_TEST(no_free_port)
{
	struct fix f;

	fix_init(&f, two_transports,
		 ONE_CASE(", 'env': {'X': "
			  "'a${port:none}'}"));
	ck_assert_int_eq(cases_plan(&f.cases, &f.env, &f.a, &f.plans, &f.e),
			 -1);
	ck_assert_str_eq(f.e.msg, "f: a@client: \"a${port:none}\" wants "
				  "${port:none}, but there is no free port");
	fix_fini(&f);
}
END_TEST

static const char told[] = "{'transports': {'t': {'client_settings': {'a': 'b',"
			   "'c': {'arg': 'cert'}}, 'secret_fields': ['c']}}}";

/* Clients of the last two need a server of the same target. */
static const char pairs_told[] =
	"{'transports': {'plain': {'client_settings': {'a': 'b'}},"
	"'arg': {'client_settings': {'c': {'arg': 'cert'}}},"
	"'all': {'client_settings': 'from-args'}}}";

/* And here there is none. */
static const char lone_told[] =
	"{'transports': {'one': {'client_settings': 'from-args',"
	"'roles': ['client']}, 'two': {'roles': ['server']}}}";

START_TEST(what_clients_are_told)
{
	struct pair args = { SPAN("t"), SPAN("cert=x\\,y,z=1") };
	struct fix f;

	fix_init(&f, told,
		 ONE_CASE(", 'roles': ['client'], 'steps': [{'do': 'start'},"
			  "{'do': 'socks', 'dest': 'x.test:1', 'as': 's'}]"));
	f.env.server_args = (struct pairs){ &args, 1 };
	fix_plan(&f);
	ck_assert_str_eq(pairs_text(&f, &f.plans.v[0].settings), "a=b c=x,y");
	ck_assert_str_eq(pairs_get(&f.plans.v[0].head.vars, "secret").p, "x,y");
	/* Nobody was asked: nothing is said about the target. */
	f.env.server_args = (struct pairs){ 0 };
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 0);
	ck_assert(!f.plans.skips[0].feature);
	fix_fini(&f);
}
END_TEST

/* What a server printed is told where nobody said anything. */
static const struct {
	const char *target, *clients;
} learnt_rows[] = {
	{ "{'transports': {'t': {}}}", "cert=x z=1" },
	{ "{'transports': {'u': {}, 't': {}}}", "cert=x z=1" },
	{ "{'transports': {'t': {'client_settings': {}}}}", "" },
	{ "{'transports': {'t': {}, 'u': {'client_settings': {}}}}", "" },
};

START_TEST(what_is_learnt)
{
	struct pair args = { SPAN("t"), SPAN("cert=x,z=1") };
	struct pairs found = { 0 };
	struct fix f;

	fix_init(&f, learnt_rows[_i].target, ONE_CASE(""));
	target_learn(&f.target, &(struct pairs){ &args, 1 });
	target_settings(target_find(&f.target, SPAN("t")), args.value,
			(struct span){ 0 }, &f.a, &found);
	ck_assert_str_eq(pairs_text(&f, &found), learnt_rows[_i].clients);
	fix_fini(&f);
}
END_TEST

/* The probe of servers, for clients alone: where one waits for it. */
static const struct {
	const char *target, *probe;
	bool client, server, probing;
	const char *plans;
} helper_rows[] = {
	{ pairs_told, "args", true, false, true, "a+arg@server a+all@server" },
	{ pairs_told, "control", true, false, true, "" },
	{ pairs_told, "args", true, false, false, "" },
	{ pairs_told, "args", false, true, true,
	  "a+plain@server a+arg@server a+all@server" },
	{ two_transports, "args", true, false, true,
	  "a+one@server a+two@server" },
	{ only_client, "args", true, false, true, "" },
	{ lone_told, "args", true, false, true, "" },
};

START_TEST(helpers)
{
	struct arena a = { 0 };
	struct fix f;

	fix_init(&f, helper_rows[_i].target,
		 arena_printf(&a,
			      ONE_CASE(", 'roles': ['server'],"
				       "'each': 'pair', 'probe': '%s'"),
			      helper_rows[_i].probe));
	f.env.role[ROLE_CLIENT] = helper_rows[_i].client;
	f.env.role[ROLE_SERVER] = helper_rows[_i].server;
	f.env.probing = helper_rows[_i].probing;
	fix_plan(&f);
	ck_assert_str_eq(plan_ids(&f), helper_rows[_i].plans);
	ck_assert_uint_eq(f.plans.nskips, 0);
	for (size_t i = 0; i < f.plans.n; i++)
		ck_assert_int_eq(f.plans.v[i].helper, !helper_rows[_i].server);
	fix_fini(&f);
	arena_fini(&a);
}
END_TEST

START_TEST(what_is_secret)
{
	static const char target[] =
		"{'transports': {'t': {'server_options': {'k': 'v', 'l': 'm'},"
		"'secret_fields': ['k', 'x']}}}";
	const struct pairs *vars;
	struct fix f;

	fix_init(&f, target, ONE_CASE(", 'roles': ['server']"));
	fix_plan(&f);
	vars = &f.plans.v[0].head.vars;
	ck_assert(strstr(pairs_text(&f, vars),
			 "secret=v secret_option=k secret_option=x"));
	ck_assert(!strstr(pairs_text(&f, vars), "secret=m"));
	fix_fini(&f);
}
END_TEST

START_TEST(versions)
{
	static const struct {
		enum profile profile;
		bool speaks_2, probing;
		const char *value;
	} rows[] = {
		{ PROFILE_20, true, false, "2" },
		{ PROFILE_20, false, false, "2,1" },
		{ PROFILE_10, true, false, "1" },
		{ PROFILE_10, false, false, "1" },
		{ PROFILE_20, false, true, "2" },
	};
	struct fix f;

	for (int i = 0; i < N(rows); i++) {
		fix_init(&f, two_transports,
			 ONE_CASE(", 'variants': ["
				  "{'id': 'a'}, {'id': 'p', 'probe': 'x'}]"));
		f.env.profile = rows[i].profile;
		f.env.speaks_2[ROLE_CLIENT] = rows[i].speaks_2;
		f.env.probing = rows[i].probing;
		fix_plan(&f);
		ck_assert_str_eq(plan_ids(&f),
				 rows[i].probing ? "a/p@client a/p@server"
						 : "a/a@client a/a@server");
		ck_assert_str_eq(pairs_get(&f.plans.v[0].head.env,
					   "TOR_PT_MANAGED_TRANSPORT_VER")
					 .p,
				 rows[i].value);
		fix_fini(&f);
	}
}
END_TEST

/* Random names: from seed and launch, and from nothing else. */
START_TEST(nosuch_names)
{
	static const uint64_t seeds[] = { 1, 1, 2 };
	const char *text[3];
	struct fix f[3];

	for (int i = 0; i < 3; i++) {
		const struct trace_head *h;

		fix_init(&f[i], two_transports,
			 ONE_CASE(", 'env': {'X': '${nosuch},${nosuch2}'}"));
		f[i].env.seed = seeds[i];
		f[i].env.role[ROLE_CLIENT] = i != 1;
		fix_plan(&f[i]);
		h = &f[i].plans.v[f[i].plans.n - 1].head;
		ck_assert_uint_eq(h->nosuch.n, 2);
		ck_assert_uint_eq(h->nosuch.v[0].n, strlen("nosuch_01234567"));
		ck_assert(!span_eq(h->nosuch.v[0], h->nosuch.v[1]));
		text[i] = pairs_get(&h->env, "X").p;
		ck_assert_str_eq(text[i], arena_printf(&f[i].a, "%s,%s",
						       h->nosuch.v[0].p,
						       h->nosuch.v[1].p));
	}
	ck_assert_str_eq(text[0], text[1]);
	ck_assert_str_ne(text[0], text[2]);
	ck_assert_str_ne(text[0], pairs_get(&f[0].plans.v[0].head.env, "X").p);
	for (int i = 0; i < 3; i++)
		fix_fini(&f[i]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan values");
	TCase *t = tcase_create("plans");

	tcase_add_loop_test(t, templates, 0, N(template_rows));
	tcase_add_test(t, equals_signs_of_version_1);
	tcase_add_loop_test(t, blocks_of_settings, 0, N(block_rows));
	tcase_add_test(t, values_in_steps);
	tcase_add_loop_test(t, hello, 0, N(hello_rows));
	tcase_add_test(t, no_free_port);
	tcase_add_test(t, what_clients_are_told);
	tcase_add_loop_test(t, helpers, 0, N(helper_rows));
	tcase_add_loop_test(t, what_is_learnt, 0, N(learnt_rows));
	tcase_add_test(t, what_is_secret);
	tcase_add_test(t, versions);
	tcase_add_test(t, nosuch_names);
	suite_add_tcase(s, t);
	return suite_run(s);
}
