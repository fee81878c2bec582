/*
 * test_plan_run.c - what planning does for whoever makes the launches: it tells
 * how long they will wait, and plans those only that are asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/case/tests/plan_fix.h"

static const char transports[] = "{'transports': {'one': {}, 'two': {}}}";

/* Its scheduler is told that somebody will wait for nothing. */
START_TEST(unanswered_takes_time)
{
	static const char *const some[][2] = {
		{ "", "'does': 'fail'" },
		{ "", "'does': 'stall-request'" },
		{ "'env': { 'TOR_PT_PROXY': 'http://${hole}:1' }, ",
		  "'does': 'serve'" },
	};
	struct fix f;
	char text[512];

	snprintf(text, sizeof(text),
		 ONE_CASE(", %s'roles': ['client'], 'steps': ["
			  "{'do': 'proxy', 'at': '127.0.0.1:1', 'as': 'p',"
			  " 'kind': 'socks5', %s}, {'do': 'start'},"
			  "{'do': 'socks', 'dest': '192.0.2.9:1', 'as': 'a',"
			  " 'limit': 'window'}]"),
		 some[_i][0], some[_i][1]);
	fix_init(&f, transports, text);
	fix_plan(&f);
	ck_assert_int_eq(f.plans.v[0].natural_ms, _i ? f.env.limits.window : 0);
	fix_fini(&f);
}
END_TEST

/* The launches that @ctx, a list of words, names. */
static bool is_named(void *ctx, struct span launch)
{
	struct span rest = span_str(ctx), one;

	while (span_split(&rest, ' ', &one))
		if (span_eq(one, launch))
			return true;
	return false;
}

static bool has_named(void *ctx, struct span id, const struct strings *aims)
{
	(void)aims;
	return span_contains(span_str(ctx), id);
}

/* By id; others cost no memory to speak of. */
START_TEST(only_the_named)
{
	char names[] = "b/v@server b/w@client";
	struct fix f;

	fix_init(&f, transports,
		 "{'schema': 1, 'cases': ["
		 "{'id': 'a', 'title': 't', 'aims': ['ENV-VER-1']},"
		 "{'id': 'b', 'title': 't', 'aims': ['ENV-VER-1'],"
		 " 'variants': [{'id': 'v'}, {'id': 'w'}, {'id': 'x'}]}]}");
	f.env.wanted = has_named;
	f.env.named = is_named;
	f.env.wanted_ctx = names;
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 2);
	ck_assert(span_eqs(f.plans.v[0].head.id, "b/w@client"));
	ck_assert(span_eqs(f.plans.v[1].head.id, "b/v@server"));
	fix_fini(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan_run");
	TCase *t = tcase_create("plan_run");

	tcase_add_loop_test(t, unanswered_takes_time, 0, 3);
	tcase_add_test(t, only_the_named);
	suite_add_tcase(s, t);
	return suite_run(s);
}
