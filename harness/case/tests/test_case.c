/*
 * test_case.c - reading case files and target descriptions: what is right is
 * read as it says.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/case/case.h"
#include "harness/case/defs.h"
#include "harness/case/tests/quoted.h"
#include "harness/req/core/policy.h"
#include "harness/trace/settings.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

START_TEST(whole_case)
{
	struct cases c = { 0 };
	struct arena a = { 0 };
	struct err e;
	const struct launch_def *l;

	ck_assert_int_eq(
		cases_parse(
			&c,
			quoted(&a,
			       "{'$schema': 'x', 'schema': 1, 'cases': [{'id': 'a.b-1',"
			       "'title': 't', 'aims': ['ENV-VER-1'], 'roles': ['server'],"
			       "'profiles': ['1.0'], 'config': 'odd', 'needs': ['flags'],"
			       "'probe': 'p', 'env': {'A': '1', 'B': null, 'C': '${T2}'},"
			       "'bare_env': true, 'flags': ['TOR_PT_PROXY'],"
			       "'args': ['-x'], 'stdin': 'closed', 'parent': 'init',"
			       "'steps': [{'do': 'start'}, {'do': 'wait'}]}]}"),
			"f", &e),
		0);
	ck_assert_uint_eq(c.n, 1);
	ck_assert_str_eq(c.v[0]->id.p, "a.b-1");
	ck_assert_uint_eq(c.v[0]->roles, 1u << ROLE_SERVER);
	l = &c.v[0]->launches[0];
	ck_assert(span_absent(l->variant));
	ck_assert_uint_eq(l->profiles, 1u << PROFILE_10);
	ck_assert_int_eq(l->config, CONFIG_ODD);
	ck_assert_uint_eq(l->needs, 1u << NEED_FLAGS);
	ck_assert_uint_eq(l->implied, 1u << NEED_TWO | 1u << NEED_SANDBOX);
	ck_assert_str_eq(l->probe.p, "p");
	ck_assert_uint_eq(l->env.n, 3);
	ck_assert(span_absent(l->env.v[1].value));
	ck_assert(l->bare_env && !l->flags_all && l->parent == PARENT_INIT);
	ck_assert_int_eq(l->stdin_kind, STDIN_CLOSED);
	ck_assert_uint_eq(l->nsteps, 2);
	ck_assert_int_eq(l->steps[1].wait.what, WAIT_EXIT);
	ck_assert_int_eq(step_limit(&l->steps[1]), LIMIT_EXIT);
	cases_fini(&c);
	arena_fini(&a);
}
END_TEST

START_TEST(defaults)
{
	struct cases c = { 0 };
	struct arena a = { 0 };
	struct err e;
	const struct launch_def *l;

	ck_assert_int_eq(cases_parse(&c, quoted(&a, ONE_CASE("")), "f", &e), 0);
	l = &c.v[0]->launches[0];
	ck_assert_uint_eq(c.v[0]->roles, 3);
	ck_assert_uint_eq(l->profiles, 3);
	ck_assert_int_eq(l->config, CONFIG_LEGAL);
	ck_assert_uint_eq(l->needs | l->implied, 0);
	ck_assert_int_eq(l->stdin_kind, STDIN_PIPE);
	ck_assert_uint_eq(l->nsteps, 7);
	ck_assert_int_eq(step_limit(&l->steps[6]), LIMIT_GRACEFUL);
	cases_fini(&c);
	arena_fini(&a);
}
END_TEST

/* What the variant does not say is that of the case. */
START_TEST(variants_override)
{
	struct cases c = { 0 };
	struct arena a = { 0 };
	struct err e;
	const struct launch_def *l;

	ck_assert_int_eq(
		cases_parse(
			&c,
			quoted(&a,
			       ONE_CASE(
				       ", 'env': {'A': '1', 'B': '${T2}'}, 'stdin': 'null',"
				       "'flags': 'all', 'variants': [{'id': 'x'},"
				       "{'id': 'y', 'env': {'B': null, 'C': '3'},"
				       "'flags': [], 'stdin': 'pipe'}]")),
			"f", &e),
		0);
	ck_assert_uint_eq(c.v[0]->n, 2);
	l = &c.v[0]->launches[0];
	ck_assert_str_eq(l->variant.p, "x");
	ck_assert_uint_eq(l->env.n, 2);
	ck_assert(l->flags_all && l->stdin_kind == STDIN_NULL);
	ck_assert_uint_eq(l->implied, 1u << NEED_TWO);
	l = &c.v[0]->launches[1];
	ck_assert_uint_eq(l->env.n, 3);
	ck_assert(span_absent(l->env.v[1].value));
	ck_assert(!l->flags_all && l->stdin_kind == STDIN_PIPE);
	/* The template that needed it is gone. */
	ck_assert_uint_eq(l->implied, 0);
	cases_fini(&c);
	arena_fini(&a);
}
END_TEST

static const char every_step[] = ONE_CASE(
	", 'steps': ["
	"{'do': 'ports', 'left': -1},"
	"{'do': 'listen', 'at': '127.0.0.1:${port:or}', 'as': 'or'},"
	"{'do': 'start'}, {'do': 'start'}, {'do': 'turn', 'to': 'own'},"
	"{'do': 'expect', 'what': 'version', 'limit': 'exit'},"
	"{'do': 'settle'},"
	"{'do': 'snapshot', 'of': 'files', 'as': 'f'},"
	"{'do': 'connect', 'to': 'methods', 'as': 'c', 'count': 3,"
	" 'hold': true},"
	"{'do': 'send', 'on': 'c:${T}#2', 'bytes': '\\\\x05\\\\x00'},"
	"{'do': 'recv', 'on': 'c', 'count': 2},"
	"{'do': 'wait', 'for': 'accept', 'on': 'or'},"
	"{'do': 'write', 'bytes': 'x', 'times': 4},"
	"{'do': 'close', 'what': 'c', 'how': 'rst'},"
	"{'do': 'close', 'what': 'stdin'},"
	"{'do': 'stall'}, {'do': 'resume'},"
	"{'do': 'proxy', 'at': '127.0.0.1:1', 'as': 'p', 'kind': 'http',"
	" 'does': 'fail', 'code': 403, 'user': 'u', 'split': true},"
	"{'do': 'socks', 'dest': '${far}:443', 'as': 's',"
	" 'from': '127.77.13.9:0'},"
	"{'do': 'extor', 'at': '127.0.0.1:2', 'as': 'x', 'does':"
	" 'stall-hash', 'cookie': '${marker}'},"
	"{'do': 'pump', 'on': 's', 'to': 'x', 'bytes': 9, 'both': true},"
	"{'do': 'file', 'at': '${state}/x', 'bytes': ''},"
	"{'do': 'garble', 'below': '${state}', 'how': 'cut'},"
	"{'do': 'signal', 'signal': 'TERM', 'to': 'parent'},"
	"{'do': 'pause', 'ms': 5},"
	"{'do': 'relay', 'at': '127.0.0.1:3', 'to': '127.0.0.1:4',"
	" 'as': 'r', 'split': true},"
	"{'do': 'cut', 'on': 'r', 'how': 'rst'},"
	"{'do': 'udp', 'to': 'client', 'as': 'u'},"
	"{'do': 'datagram', 'on': 'u', 'bytes': 'x', 'until': 'or',"
	" 'again': true},"
	"{'do': 'gather', 'on': 'u', 'count': 2},"
	"{'do': 'lack', 'what': 'link'}, {'do': 'move'},"
	"{'do': 'window'},"
	"{'do': 'stop'}]");

START_TEST(steps_of_every_kind)
{
	struct cases c = { 0 };
	struct arena a = { 0 };
	struct err e;
	const struct launch_def *l;
	const struct step *of[STEP_KINDS_N] = { NULL };

	ck_assert_msg(cases_parse(&c, quoted(&a, every_step), "f", &e) == 0,
		      "%s", e.msg);
	l = &c.v[0]->launches[0];
	for (size_t i = l->nsteps; i-- > 0;) /* the first of each kind */
		of[l->steps[i].kind] = &l->steps[i];
	for (int k = 0; k < STEP_KINDS_N; k++)
		ck_assert_msg(of[k], "%s", step_name((enum step_kind)k));
	ck_assert_int_eq(of[STEP_PORTS]->ports.left, -1);
	ck_assert_int_eq(step_limit(of[STEP_EXPECT]), LIMIT_EXIT);
	ck_assert_int_eq(step_limit(of[STEP_SETTLE]), LIMIT_EXIT);
	ck_assert(of[STEP_CONNECT]->connect.hold &&
		  of[STEP_CONNECT]->connect.count == 3);
	ck_assert_int_eq(step_limit(of[STEP_RECV]), LIMIT_CONNECT);
	ck_assert_int_eq(step_limit(of[STEP_WAIT]), LIMIT_CONNECT);
	ck_assert_str_eq(of[STEP_WAIT]->wait.on.p, "or");
	ck_assert_int_eq(of[STEP_WRITE]->recv.count, 4);
	ck_assert_int_eq(of[STEP_CLOSE]->close.how, CLOSE_RST);
	ck_assert_int_eq(of[STEP_CLOSE][1].close.how, CLOSE_FIN);
	ck_assert_int_eq(of[STEP_PROXY]->proxy.kind, PROXY_HTTP);
	ck_assert_int_eq(of[STEP_PROXY]->proxy.does, PROXY_FAIL);
	ck_assert_str_eq(of[STEP_PROXY]->proxy.user.p, "u");
	ck_assert(span_absent(of[STEP_PROXY]->proxy.password));
	ck_assert(of[STEP_PROXY]->proxy.code == 403 &&
		  of[STEP_PROXY]->proxy.split);
	ck_assert_int_eq(step_limit(of[STEP_SOCKS]), LIMIT_CONNECT);
	ck_assert_str_eq(of[STEP_SOCKS]->socks.from.p, "127.77.13.9:0");
	ck_assert_int_eq(of[STEP_EXTOR]->extor.does, BRIDGE_STALL_HASH);
	ck_assert_str_eq(of[STEP_EXTOR]->extor.cookie.p, "${marker}");
	ck_assert(of[STEP_PUMP]->pump.bytes == 9 && of[STEP_PUMP]->pump.both);
	ck_assert_int_eq(of[STEP_GARBLE]->garble.how, GARBLE_CUT);
	ck_assert_int_eq(of[STEP_SIGNAL]->signal.to, SIGNAL_TO_PARENT);
	ck_assert_int_eq(step_limit(of[STEP_WINDOW]), LIMIT_WINDOW);
	ck_assert_uint_eq(l->implied, 1u << NEED_SANDBOX | 1u << NEED_SETTINGS |
					      1u << NEED_SOCKS);
	cases_fini(&c);
	arena_fini(&a);
}
END_TEST

START_TEST(whole_target)
{
	struct arena a = { 0 };
	struct target t;
	struct strings names;
	struct err e;

	ck_assert_int_eq(
		target_parse(
			quoted(&a,
			       "{'transports': {'z': {'roles': ['server'],"
			       "'modes': ['socks5', 'STUN'], 'server_options': {'k': 'v'},"
			       "'free_options': ['k'],"
			       "'client_settings': {'a': 'b', 'c': {'arg': 'd'}},"
			       "'bad_settings': [{'a': ''}], 'secret_fields': ['k'],"
			       "'conceals_payload': true, 'lazy_dial': true,"
			       "'udp_idle_s': 5}, 'a': {}},"
			       "'client_args': ['-c'], 'server_args': ['-s', '-t'],"
			       "'mode_args': {'STUN': ['-m']}, 'wrapper': true,"
			       "'options': {'errors.stream': 'either'}}"),
			"f", &a, &t, &e),
		0);
	ck_assert_uint_eq(t.n, 2);
	ck_assert_str_eq(t.t[0].name.p, "z");
	ck_assert(!t.t[0].role[ROLE_CLIENT] && t.t[0].role[ROLE_SERVER]);
	ck_assert_uint_eq(t.t[0].modes, MODE_SOCKS5 | MODE_STUN);
	ck_assert_str_eq(pairs_get(&t.t[0].server_options, "k").p, "v");
	ck_assert(t.t[0].conceals_payload && t.t[0].lazy_dial && t.wrapper);
	ck_assert_int_eq(t.t[0].udp_idle_s, 5);
	ck_assert_str_eq(pairs_get(&t.t[0].settings, "a").p, "b");
	ck_assert_str_eq(pairs_get(&t.t[0].settings_by_arg, "c").p, "d");
	ck_assert(!t.t[0].settings_from_args);
	ck_assert_uint_eq(t.t[1].modes, 0);
	ck_assert_int_eq(t.t[1].udp_idle_s, 0);
	ck_assert_uint_eq(t.args[ROLE_SERVER].n, 2);
	ck_assert_uint_eq(t.mode_args[mode_index(MODE_STUN)][0].n, 1);
	ck_assert_uint_eq(t.mode_args[mode_index(MODE_SOCKS5)][1].n, 0);
	ck_assert_uint_eq(t.options.n, 1);
	target_names(&t, ROLE_CLIENT, &a, &names);
	ck_assert_uint_eq(names.n, 1);
	target_names(&t, ROLE_SERVER, &a, &names);
	ck_assert_uint_eq(names.n, 2);
	ck_assert_ptr_eq(target_find(&t, SPAN("a")), &t.t[1]);
	ck_assert_ptr_null(target_find(&t, SPAN("b")));
	target_fini(&t);
	arena_fini(&a);
}
END_TEST

START_TEST(target_by_names)
{
	static const struct {
		const char *input, *error;
	} bad[] = {
		{ "", "--transport: \"\" is no transport name" },
		{ "a,,b", "--transport: \"\" is no transport name" },
		{ "a,a", "--transport: \"a\" is there twice" },
		{ "a,b\033", "--transport: \"b\\x1b\" is no transport name" },
	};
	struct arena a = { 0 };
	struct target t;
	struct err e;

	ck_assert_int_eq(target_from_names(SPAN("b,a"), &a, &t, &e), 0);
	ck_assert_uint_eq(t.n, 2);
	ck_assert_str_eq(t.t[0].name.p, "b");
	ck_assert(t.t[1].role[ROLE_CLIENT] && t.t[1].role[ROLE_SERVER]);
	target_fini(&t);
	for (int i = 0; i < N(bad); i++) {
		ck_assert_int_eq(
			target_from_names(span_str(bad[i].input), &a, &t, &e),
			-1);
		ck_assert_str_eq(e.msg, bad[i].error);
	}
	arena_fini(&a);
}
END_TEST

/* --- the files beside the cases --------------------------------------- */

/* Tests run in the root of the repository. */
static const char *read_file(struct arena *a, const char *path)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	size_t n;

	ck_assert_msg(f != NULL, "%s", path);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return arena_strdup(a, text);
}

START_TEST(example_in_readme)
{
	struct arena a = { 0 };
	struct cases c = { 0 };
	struct err e;
	const char *md = read_file(&a, "cases/README.md"), *end;

	md = strstr(md, "```json\n");
	ck_assert_ptr_nonnull(md);
	md += strlen("```json\n");
	end = strstr(md, "\n```");
	ck_assert_ptr_nonnull(end);
	ck_assert_msg(cases_parse(&c, span_of(md, (size_t)(end - md)),
				  "cases/README.md", &e) == 0,
		      "%s", e.msg);
	ck_assert_uint_eq(c.v[0]->n, 2);
	cases_fini(&c);
	arena_fini(&a);
}
END_TEST

static void has_word(const char *schema, const char *word)
{
	char quoted_word[128];

	snprintf(quoted_word, sizeof(quoted_word), "\"%s\"", word);
	ck_assert_msg(strstr(schema, quoted_word) != NULL, "%s is missing",
		      word);
}

/* The schemas are for editors only; at least no word may be forgotten. */
START_TEST(schemas_know_all_words)
{
	struct arena a = { 0 };
	const char *schema = read_file(&a, "cases/schema.json");

	for (size_t i = 0; i < words_need.n; i++)
		has_word(schema, words_need.names[i]);
	for (int i = 0; i < STEP_KINDS_N; i++)
		has_word(schema, step_name((enum step_kind)i));
	for (int i = LIMIT_INIT; i <= LIMITS_N; i++)
		has_word(schema, limit_name((enum limit_id)i));
	for (const struct setting *s = settings; s->variable; s++)
		has_word(schema, s->variable);
	schema = read_file(&a, "reports/target.schema.json");
	for (int i = 0; i < P_COUNT; i++)
		has_word(schema, policy_rows[i].name);
	arena_fini(&a);
}
END_TEST

/* Their enums are made elsewhere. */
START_TEST(words_are_those_of_the_enums)
{
	for (int i = ROLE_CLIENT; i <= ROLE_SERVER; i++)
		ck_assert_str_eq(words_role.names[i], role_name((enum role)i));
	for (int i = PROFILE_10; i <= PROFILE_20; i++)
		ck_assert_str_eq(words_profile.names[i],
				 profile_name((enum profile)i));
	for (int i = CONFIG_LEGAL; i <= CONFIG_BROKEN; i++)
		ck_assert_str_eq(words_config.names[i],
				 config_name((enum config)i));
	ck_assert_uint_eq(words_mode.n, MODES_N);
	ck_assert_str_eq(mode_word(MODE_STUN), "STUN");
}
END_TEST

/* --- what is built in --------------------------------------------------- */

START_TEST(builtin_cases)
{
	struct cases c = { 0 };
	struct err e;

	ck_assert_msg(cases_builtin(&c, &e) == 0, "%s", e.msg);
	cases_fini(&c);
}
END_TEST

START_TEST(builtin_targets)
{
	static const char *const names[] = {
		"obfs4proxy", "snowflake-client", "ptref",     "ptpy",
		"lyrebird",   "webtunnel",	  "snowflake", "meek",
		"conjure",
	};
	struct arena a = { 0 };

	for (int i = 0; i < N(names); i++) {
		struct target t;
		struct err e;

		ck_assert_msg(target_parse(target_builtin(names[i]), names[i],
					   &a, &t, &e) == 0,
			      "%s", e.msg);
		target_fini(&t);
	}
	ck_assert(span_absent(target_builtin("tor")));
	ck_assert(span_absent(target_builtin("obfs4prox")));
	ck_assert(span_absent(target_builtin("")));
	arena_fini(&a);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("case");
	TCase *good = tcase_create("right");

	tcase_add_test(good, whole_case);
	tcase_add_test(good, defaults);
	tcase_add_test(good, variants_override);
	tcase_add_test(good, steps_of_every_kind);
	tcase_add_test(good, whole_target);
	tcase_add_test(good, target_by_names);
	tcase_add_test(good, example_in_readme);
	tcase_add_test(good, schemas_know_all_words);
	tcase_add_test(good, words_are_those_of_the_enums);
	tcase_add_test(good, builtin_cases);
	tcase_add_test(good, builtin_targets);
	suite_add_tcase(s, good);
	return suite_run(s);
}
