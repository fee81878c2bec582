/*
 * test_case_mistakes.c - reading case files and target descriptions: each
 * mistake gives its one line.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/case/case.h"
#include "harness/case/format/json_path.h"
#include "harness/case/tests/quoted.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

struct row {
	const char *input, *error;
};

#define STEPS(more) ONE_CASE(", 'steps': [{'do': 'start'}, " more "]")
#define ENV(pair) ONE_CASE(", 'env': {" pair "}")
#define VARIANTS(more) ONE_CASE(", 'variants': [" more "]")
#define A_CASE(more) "f: /cases/0" more
#define A_STEP(more) "f: /cases/0/steps/1" more

static const struct row bad_files[] = {
	{ "", "f:1:0: '[' or '{' expected near end of file" },
	{ "{'schema': 1,\n 'cases': [,]}",
	  "f:2:12: unexpected token near ','" },
	{ "{'schema': 1, 'schema': 1}",
	  "f:1:22: duplicate object key near '\"schema\"'" },
	{ "{'schema': 1, 'cases': []} x",
	  "f:1:28: end of file expected near 'x'" },
	{ "{'a\x1b[2J': 1}", "f:1:3: control character 0x1b near '\"a'" },
	{ "{'\xff': 1}", "f:1:2: unable to decode byte 0xff near '\"'" },
	{ "[]", "f: /: [] is no object" },
	{ "{}", "f: /: \"schema\" is missing" },
	{ "{'schema': 2, 'cases': []}",
	  "f: /schema: 2 is no integer from 1 to 1" },
	{ "{'schema': 1}", "f: /: \"cases\" is missing" },
	{ "{'schema': 1, 'cases': {}}", "f: /cases: {} is no array" },
	{ "{'schema': 1, 'cases': [], 'x\\n': 1}",
	  "f: /: \"x\\n\" is no key of a case file" },
	{ "{'schema': 1, 'cases': [null]}", "f: /cases/0: null is no object" },
};

static const struct row bad_cases[] = {
	{ "{'schema': 1, 'cases': [{}]}", A_CASE(": \"id\" is missing") },
	{ "{'schema': 1, 'cases': [{'id': 'a'}]}",
	  A_CASE(": \"title\" is missing") },
	{ "{'schema': 1, 'cases': [{'id': 'a', 'title': 't'}]}",
	  A_CASE(": \"aims\" is missing") },
	{ "{'schema': 1, 'cases': [{'id': 'A', 'title': 't', 'aims': []}]}",
	  A_CASE("/id: \"A\" is no id: [a-z0-9.-]+") },
	{ "{'schema': 1, 'cases': [{'id': '', 'title': 't', 'aims': []}]}",
	  A_CASE("/id: \"\" is no id: [a-z0-9.-]+") },
	{ "{'schema': 1, 'cases': [{'id': 'a', 'title': 't', 'aims': []},"
	  "{'id': 'a', 'title': 't', 'aims': []}]}",
	  "f: /cases/1/id: \"a\" is in f already" },
	{ "{'schema': 1, 'cases': [{'id': 'a', 'title': 't', 'aims': ["
	  "'ENV-VER-1', 'WAT-1']}]}",
	  A_CASE("/aims/1: \"WAT-1\" is no requirement") },
	{ "{'schema': 1, 'cases': [{'id': 'a', 'title': 't', 'aims': [],"
	  "'stimuli': ['idle', 'idle']}]}",
	  A_CASE("/stimuli/1: \"idle\" is there twice") },
	{ "{'schema': 1, 'cases': [{'id': 'a', 'title': 5, 'aims': []}]}",
	  A_CASE("/title: 5 is no string") },
	{ ONE_CASE(", 'wat': 1"), A_CASE(": \"wat\" is no key of a case") },
	{ ONE_CASE(", 'roles': ['sever']"),
	  A_CASE("/roles/0: \"sever\" is none of client, server") },
	{ ONE_CASE(", 'roles': ['client', 'client']"),
	  A_CASE("/roles/1: \"client\" is there twice") },
	{ ONE_CASE(", 'roles': []"), A_CASE("/roles: names none") },
	{ ONE_CASE(", 'roles': 'client'"),
	  A_CASE("/roles: \"client\" is no array") },
	{ ONE_CASE(", 'profiles': [2.0]"),
	  A_CASE("/profiles/0: 2.0 is none of 1.0, 2.0") },
	{ ONE_CASE(", 'config': 'good'"),
	  A_CASE("/config: \"good\" is none of legal, odd, broken") },
	{ ONE_CASE(", 'needs': ['luck']"),
	  A_CASE("/needs/0: \"luck\" is none of flags, two, sandbox, "
		 "speaks-1, speaks-2, options, both-roles, settings, pair, "
		 "alone, clear, option-values, free-options, mode, idle, slow, "
		 "socks, socks5, socks4") },
	{ ONE_CASE(", 'probe': 'a b'"),
	  A_CASE("/probe: \"a b\" is no id: [a-z0-9.-]+") },
	{ ONE_CASE(", 'bare_env': 1"),
	  A_CASE("/bare_env: 1 is neither true nor false") },
	{ ONE_CASE(", 'flags': 'some'"),
	  A_CASE("/flags: \"some\" is neither \"all\" nor a list") },
	{ ONE_CASE(", 'flags': ['TOR_PT_@_TRANSPORTS', 'HOME']"),
	  A_CASE("/flags/1: \"HOME\" has no flag") },
	{ ONE_CASE(", 'args': ['a', 1]"), A_CASE("/args/1: 1 is no string") },
	{ ONE_CASE(", 'args': ['${hello}']"),
	  A_CASE("/args/0: \"${hello}\" holds a NUL byte") },
	{ ONE_CASE(", 'args': ['a\\\\x00']"),
	  A_CASE("/args/0: \"a\\\\x00\" holds a NUL byte") },
	{ ONE_CASE(", 'stdin': 'tty'"),
	  A_CASE("/stdin: \"tty\" is none of pipe, null, closed") },
	{ ONE_CASE(", 'parent': 'tor'"),
	  A_CASE("/parent: \"tor\" is none of stand-in, init, reaped, thread") },
};

static const struct row bad_values[] = {
	{ ENV("'A=B': ''"), A_CASE("/env/A=B: is no name of a variable") },
	{ ENV("'': ''"), A_CASE("/env/: is no name of a variable") },
	{ ENV("'a/~\\u00e9': ''"),
	  A_CASE("/env/a~1~0\\xc3\\xa9: is no name of a variable") },
	{ ENV("'A': 1"), A_CASE("/env/A: 1 is no string") },
	{ ENV("'A': '${repeat:\\\\x00:9}'"),
	  A_CASE("/env/A: \"${repeat:\\\\x00:9}\" holds a NUL byte") },
	{ ENV("'A': 'a\\\\q'"), A_CASE("/env/A: \"a\\\\q\" has a bad escape") },
	{ ENV("'A': '\\\\x0'"), A_CASE("/env/A: \"\\\\x0\" has a bad escape") },
	{ ENV("'A': 'a${wat}'"),
	  A_CASE("/env/A: \"a${wat}\" holds ${wat}, which is no template") },
	{ ENV("'A': '${}'"),
	  A_CASE("/env/A: \"${}\" holds ${}, which is no template") },
	{ ENV("'A': '${port:}'"),
	  A_CASE("/env/A: \"${port:}\" holds ${port:}, which is no "
		 "template") },
	{ ENV("'A': '${T'"),
	  A_CASE("/env/A: \"${T\" has a \"${\" without its \"}\"") },
	{ ENV("'A': '${repeat:${T:3}'"),
	  A_CASE("/env/A: \"${repeat:${T:3}\" has a \"${\" without its "
		 "\"}\"") },
	{ ENV("'A': '${repeat:x}'"),
	  A_CASE("/env/A: \"${repeat:x}\" has a ${repeat:TEXT:N} without a "
		 "count from 1 to 262144") },
	{ ENV("'A': '${repeat:x:99999999999999999999}'"),
	  A_CASE("/env/A: \"${repeat:x:99999999999999999999}\" has a "
		 "${repeat:TEXT:N} without a count from 1 to 262144") },
	{ ENV("'A': '${repeat:xx:262144}'"),
	  A_CASE("/env/A: \"${repeat:xx:262144}\" is longer than 262144 "
		 "bytes") },
	{ ENV("'A': '${repeat:${repeat:xx:262144}:1}'"),
	  A_CASE("/env/A: \"${repeat:${repeat:xx:262144}:1}\" is longer than "
		 "262144 bytes") },
	{ ENV("'A': '${repeat:${repeat:${repeat:${repeat:${repeat:x:1}:1}"
	      ":1}:1}:1}'"),
	  A_CASE("/env/A: \"${repeat:${repeat:${repeat:${repeat:${repeat:x:1}"
		 ":1}:1}:1}:1}\" has more than 4 nested templates") },
};

static const struct row bad_steps[] = {
	{ ONE_CASE(", 'steps': []"), A_CASE("/steps: nothing is started") },
	{ ONE_CASE(", 'steps': [{'do': 'expect', 'what': 'done'}]"),
	  A_CASE("/steps/0: \"expect\" before \"start\"") },
	{ STEPS("1"), A_STEP(": 1 is no object") },
	{ STEPS("{}"), A_STEP(": \"do\" is missing") },
	{ STEPS("{'do': 'wat'}"), A_STEP("/do: \"wat\" is no step") },
	{ STEPS("{'do': null}"), A_STEP("/do: null is no step") },
	{ STEPS("{'do': 'stop', 'ms': 1}"),
	  A_STEP(": \"ms\" is no key of step \"stop\"") },
	{ STEPS("{'do': 'expect'}"), A_STEP(": \"what\" is missing") },
	{ STEPS("{'do': 'expect', 'what': 'peace'}"),
	  A_STEP("/what: \"peace\" is none of version, method, done, "
		 "answer") },
	{ STEPS("{'do': 'expect', 'what': 'done', 'limit': 'none'}"),
	  A_STEP("/limit: \"none\" is none of init, exit, graceful, connect, "
		 "window, orphan, settings, idle") },
	{ STEPS("{'do': 'window', 'limit': 'init'}"),
	  A_STEP("/limit: \"init\" is no limit of a window") },
	{ STEPS("{'do': 'pause', 'ms': -1}"),
	  A_STEP("/ms: -1 is no integer from 0 to 600000") },
	{ STEPS("{'do': 'pause'}"), A_STEP(": \"ms\" is missing") },
	{ STEPS("{'do': 'connect', 'to': 'methods', 'as': 'stdin'}"),
	  A_STEP("/as: \"stdin\" cannot be a name") },
	{ STEPS("{'do': 'connect', 'to': 'methods', 'as': 'A'}"),
	  A_STEP("/as: \"A\" cannot be a name") },
	{ STEPS("{'do': 'connect', 'to': '${x}', 'as': 'a'}"),
	  A_STEP("/to: \"${x}\" holds ${x}, which is no template") },
	{ STEPS("{'do': 'connect', 'to': 'methods', 'as': 'a', "
		"'hold': 1}"),
	  A_STEP("/hold: 1 is neither true nor false") },
	{ STEPS("{'do': 'listen', 'at': 'x', 'as': 'n'}, "
		"{'do': 'snapshot', 'of': 'files', 'as': 'n'}"),
	  A_CASE("/steps/2/as: \"n\" is the name of an earlier step") },
	{ STEPS("{'do': 'send', 'on': 'c:${T}', 'bytes': 'x'}"),
	  A_STEP("/on: \"c:${T}\" is opened by no earlier step") },
	{ STEPS("{'do': 'close', 'what': 'stdinn'}"),
	  A_STEP("/what: \"stdinn\" is opened by no earlier step") },
	{ STEPS("{'do': 'close', 'what': 'stdin', 'how': 'rst'}"),
	  A_STEP(": only a connection can end with a reset") },
	{ STEPS("{'do': 'close', 'what': 'stdin', 'how': 'now'}"),
	  A_STEP("/how: \"now\" is none of fin, rst, half") },
	{ STEPS("{'do': 'close', 'what': 'stdin', 'how': 'half'}"),
	  A_STEP(": only a connection can end by half") },
	{ STEPS("{'do': 'start', 'role': 'both'}"),
	  A_STEP("/role: \"both\" is none of own, peer, server, client") },
	{ STEPS("{'do': 'stall', 'on': 'x'}"),
	  A_STEP("/on: \"x\" is opened by no earlier step") },
	{ STEPS("{'do': 'pump', 'on': 'a', 'to': 'b', 'bytes': 1}"),
	  A_STEP("/on: \"a\" is opened by no earlier step") },
	{ STEPS("{'do': 'signal', 'signal': 'TERM', 'to': 'tor'}"),
	  A_STEP("/to: \"tor\" is none of pt, parent") },
	{ STEPS("{'do': 'signal', 'signal': 'SIGTERM'}"),
	  A_STEP("/signal: \"SIGTERM\" is none of TERM, INT, HUP, QUIT, KILL, "
		 "PIPE, USR1, USR2, WINCH, STOP, CONT") },
	{ STEPS("{'do': 'start'}, {'do': 'start'}, {'do': 'start'}"),
	  A_CASE("/steps/3: a case starts 3 instances at most") },
	{ STEPS("{'do': 'wait', 'for': 'accept'}"),
	  A_STEP(": \"on\" is missing") },
	{ STEPS("{'do': 'listen', 'at': 'x', 'as': 'n'}, "
		"{'do': 'wait', 'on': 'n'}"),
	  A_CASE("/steps/2: \"on\" is not for \"exit\"") },
	{ STEPS("{'do': 'proxy', 'at': 'x', 'as': 'p', 'kind': 'socks6'}"),
	  A_STEP("/kind: \"socks6\" is none of socks5, socks4a, http") },
	{ STEPS("{'do': 'proxy', 'at': 'x', 'as': 'p', 'kind': 'http', "
		"'code': 1000}"),
	  A_STEP("/code: 1000 is no integer from 0 to 999") },
	{ STEPS("{'do': 'proxy', 'at': 'x', 'as': 'p', 'kind': 'http', "
		"'hold': true}"),
	  A_STEP(": \"hold\" is no key of step \"proxy\"") },
	{ STEPS("{'do': 'socks', 'as': 'a'}"),
	  A_STEP(": \"dest\" is missing") },
	{ STEPS("{'do': 'garble', 'below': 'x', 'how': 'burn'}"),
	  A_STEP("/how: \"burn\" is none of empty, cut, flip") },
	{ STEPS("{'do': 'recv', 'on': 'c', 'count': 1}"),
	  A_STEP("/on: \"c\" is opened by no earlier step") },
	{ STEPS("{'do': 'ports', 'left': -2}"),
	  A_STEP("/left: -2 is no integer from -1 to 65535") },
};

static const struct row bad_surroundings[] = {
	{ ONE_CASE(", 'nofile': 3"),
	  A_CASE("/nofile: 3 is no integer from 4 to 1048576") },
	{ ONE_CASE(", 'each': 'role'"),
	  A_CASE("/each: \"role\" is none of pair") },
	{ ONE_CASE(", 'peer_env': []"), A_CASE("/peer_env: [] is no object") },
	{ ONE_CASE(", 'mode': 'tcp'"),
	  A_CASE("/mode: \"tcp\" is none of socks5, transparent-TCP, "
		 "transparent-UDP, STUN") },
	{ ONE_CASE(", 'target': '${nope}'"),
	  A_CASE("/target: \"${nope}\" holds ${nope}, which is no template") },
	{ ONE_CASE(", 'pipes': 'wide'"),
	  A_CASE("/pipes: \"wide\" is none of plain, narrow") },
	{ ONE_CASE(", 'disk': {'size': 1}"),
	  A_CASE("/disk: \"size\" is no key of a disk") },
	{ ONE_CASE(", 'disk': {'bytes': -1}"),
	  A_CASE("/disk/bytes: -1 is no integer from 0 to 67108864") },
	{ ONE_CASE(", 'inject': {}"), A_CASE("/inject: {} is no array") },
	{ ONE_CASE(", 'inject': [{'error': 'EIO'}]"),
	  A_CASE("/inject/0: \"call\" is missing") },
	{ ONE_CASE(", 'inject': [{'call': 'sleep', 'error': 'EIO'}]"),
	  A_CASE("/inject/0/call: \"sleep\" is none of open, mkdir, rename, "
		 "unlink, write, fsync, socket, bind, listen, accept, "
		 "connect") },
	{ ONE_CASE(", 'inject': [{'call': 'open', 'error': 'EIO', 'below': "
		   "'${x}'}]"),
	  A_CASE("/inject/0/below: \"${x}\" holds ${x}, which is no "
		 "template") },
	{ ONE_CASE(", 'inject': [{'call': 'open', 'error': 'EIO', 'skip': "
		   "-1}]"),
	  A_CASE("/inject/0/skip: -1 is no integer from 0 to 2147483647") },
};

static const struct row bad_variants[] = {
	{ VARIANTS(""), A_CASE("/variants: names none") },
	{ ONE_CASE(", 'variants': {}"), A_CASE("/variants: {} is no array") },
	{ VARIANTS("{}"), A_CASE("/variants/0: \"id\" is missing") },
	{ VARIANTS("{'id': 'a'}, {'id': 'a'}"),
	  A_CASE("/variants/1/id: \"a\" is there twice") },
	{ VARIANTS("{'id': 'a', 'roles': ['client']}"),
	  A_CASE("/variants/0: \"roles\" is no key of a variant") },
	{ VARIANTS("{'id': 'a', 'env': []}"),
	  A_CASE("/variants/0/env: [] is no object") },
	{ VARIANTS("{'id': 'a', 'steps': [{'do': 'start'}, {'do': ''}]}"),
	  A_CASE("/variants/0/steps/1/do: \"\" is no step") },
};

#define T(body) "{'transports': {'a': {" body "}}}"
#define AT_T(more) "f: /transports/a" more

static const struct row bad_targets[] = {
	{ "{'transports': ", "f:1:15: unexpected token near end of file" },
	{ "{}", "f: /: \"transports\" is missing" },
	{ "{'transports': {}}", "f: /transports: names none" },
	{ "{'transports': []}", "f: /transports: [] is no object" },
	{ "{'transports': {'9a': {}}}",
	  "f: /transports/9a: the key is no transport name" },
	{ "{'transports': {'a': 1}}", AT_T(": 1 is no object") },
	{ T("'role': []"), AT_T(": \"role\" is no key of a transport") },
	{ T("'roles': ['sever']"),
	  AT_T("/roles/0: \"sever\" is none of client, server") },
	{ T("'modes': ['udp']"),
	  AT_T("/modes/0: \"udp\" is none of socks5, transparent-TCP, "
	       "transparent-UDP, STUN") },
	{ T("'server_options': {'k': 1}"),
	  AT_T("/server_options/k: 1 is no string") },
	{ T("'client_settings': 'args'"),
	  AT_T("/client_settings: \"args\" is neither \"from-args\" nor an "
	       "object") },
	{ T("'client_settings': {'k': 1}"),
	  AT_T("/client_settings/k: 1 is neither text nor {\"arg\": KEY}") },
	{ T("'client_settings': {'k': {'arg': 1}}"),
	  AT_T("/client_settings/k/arg: 1 is no string") },
	{ T("'client_settings': {'k': {'arg': 'c', 'b': 1}}"),
	  AT_T("/client_settings/k: \"b\" is no key of a setting") },
	{ T("'bad_settings': [[]]"), AT_T("/bad_settings/0: [] is no object") },
	{ T("'bad_settings': [{}, {'k': 1}]"),
	  AT_T("/bad_settings/1/k: 1 is neither text nor {\"arg\": KEY}") },
	{ T("'server_options': {'k': 'v'}, 'free_options': ['k', 'l']"),
	  AT_T("/free_options/1: \"l\" is none of server_options") },
	{ T("'secret_fields': ['a', null]"),
	  AT_T("/secret_fields/1: null is no string") },
	{ T("'lazy_dial': 'no'"),
	  AT_T("/lazy_dial: \"no\" is neither true nor false") },
	{ T("'udp_idle_s': 0"),
	  AT_T("/udp_idle_s: 0 is no integer from 1 to 86400") },
	{ "{'transports': {'a': {}}, 'mode_args': {'tcp': []}}",
	  "f: /mode_args: \"tcp\" is no key of mode_args" },
	{ "{'transports': {'a': {}}, 'mode_args': {'STUN': 'x'}}",
	  "f: /mode_args/STUN: \"x\" is no array" },
	{ "{'transports': {'a': {}}, 'client_args': 'x'}",
	  "f: /client_args: \"x\" is no array" },
	{ "{'transports': {'a': {}}, 'wrapper': 0}",
	  "f: /wrapper: 0 is neither true nor false" },
	{ "{'transports': {'a': {}}, 'args': []}",
	  "f: /: \"args\" is no key of a target description" },
};

/* Not to stdout: a failed check forgets what is in its buffer. */
static void tell(const struct row *row, const char *got)
{
	fprintf(stderr, "%s\nwant: %s\ngot:  %s\n", row->input, row->error,
		got);
}

static void check_case_rows(const struct row *rows, int n)
{
	int wrong = 0;

	for (int i = 0; i < n; i++) {
		struct cases c = { 0 };
		struct arena a = { 0 };
		struct err e = { 0 };
		int r = cases_parse(&c, quoted(&a, rows[i].input), "f", &e);

		if (r != -1 || strcmp(e.msg, rows[i].error) != 0) {
			wrong++;
			tell(&rows[i], r ? e.msg : "no error");
		}
		cases_fini(&c);
		arena_fini(&a);
	}
	ck_assert_int_eq(wrong, 0);
}

START_TEST(mistakes_in_files)
{
	check_case_rows(bad_files, N(bad_files));
}
END_TEST

START_TEST(mistakes_in_cases)
{
	check_case_rows(bad_cases, N(bad_cases));
}
END_TEST

START_TEST(mistakes_in_values)
{
	check_case_rows(bad_values, N(bad_values));
}
END_TEST

START_TEST(mistakes_in_steps)
{
	check_case_rows(bad_steps, N(bad_steps));
}
END_TEST

START_TEST(mistakes_in_surroundings)
{
	check_case_rows(bad_surroundings, N(bad_surroundings));
}
END_TEST

START_TEST(mistakes_in_variants)
{
	check_case_rows(bad_variants, N(bad_variants));
}
END_TEST

START_TEST(mistakes_in_targets)
{
	int wrong = 0;

	for (int i = 0; i < N(bad_targets); i++) {
		struct arena a = { 0 };
		struct target t = { 0 };
		struct err e = { 0 };
		int r = target_parse(quoted(&a, bad_targets[i].input), "f", &a,
				     &t, &e);

		if (r != -1 || strcmp(e.msg, bad_targets[i].error) != 0) {
			wrong++;
			tell(&bad_targets[i], r ? e.msg : "no error");
		}
		target_fini(&t);
		arena_fini(&a);
	}
	ck_assert_int_eq(wrong, 0);
}
END_TEST

/* A policy's message is that of the policy table; the place is ours. */
START_TEST(mistake_in_policy)
{
	struct arena a = { 0 };
	struct target t = { 0 };
	struct err e;

	ck_assert_int_eq(target_parse(quoted(&a, "{'transports': {'a': {}}, "
						 "'options': {'x.y': 'z'}}"),
				      "f", &a, &t, &e),
			 -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "f: /options/x.y: "));
	arena_fini(&a);
}
END_TEST

START_TEST(too_large_a_file)
{
	struct span s = { NULL, JSON_PATH_FILE_MAX + 1u };
	struct cases c = { 0 };
	struct err e;

	ck_assert_int_eq(cases_parse(&c, s, "f", &e), -1);
	ck_assert_str_eq(e.msg, "f: larger than 4194304 bytes");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("case mistakes");
	TCase *bad = tcase_create("mistakes");

	tcase_add_test(bad, mistakes_in_files);
	tcase_add_test(bad, mistakes_in_cases);
	tcase_add_test(bad, mistakes_in_values);
	tcase_add_test(bad, mistakes_in_steps);
	tcase_add_test(bad, mistakes_in_surroundings);
	tcase_add_test(bad, mistakes_in_variants);
	tcase_add_test(bad, mistakes_in_targets);
	tcase_add_test(bad, mistake_in_policy);
	tcase_add_test(bad, too_large_a_file);
	suite_add_tcase(s, bad);
	return suite_run(s);
}
