/*
 * test_plan_late.c - which end of a pair is started first, and what a client
 * is told by its command line once the server of its launch has spoken.
 */
#include <stdlib.h>

#include "harness/case/late.h"
#include "harness/case/tests/plan_fix.h"
#include "parent/base/tests/suite.h"

static const char modes[] =
	"{'transports': {'t': {'modes': ['socks5', 'transparent-TCP'],"
	" 'client_settings': 'from-args'}},"
	" 'mode_args': {'transparent-TCP': {"
	"  'client': ['-mode', 'transparent-TCP', '-options', '${settings}'],"
	"  'server': ['-mode', 'transparent-TCP', '-x', 'k=v']}}}";

#define PAIR(first, second)                                              \
	", 'mode': 'transparent-TCP', 'target': '127.0.0.1:${port:T}',"  \
	"'steps': [{'do': 'start'" first "}, {'do': 'start'" second "}," \
	"{'do': 'turn', 'to': 'server'}]"

static void fix_pair(struct fix *f, const char *cases)
{
	static struct pair args = { SPAN("t"), SPAN("k=probe") };

	fix_init(f, modes, cases);
	f->env.server_args = (struct pairs){ &args, 1 };
	fix_plan(f);
	ck_assert_uint_eq(f->plans.n, 2);
}

/* A case names the ends by their roles, or as those that it is about. */
START_TEST(ends)
{
	struct fix f;

	fix_pair(&f,
		 ONE_CASE(PAIR(", 'role': 'server'", ", 'role': 'client'")));
	for (size_t i = 0; i < f.plans.n; i++) {
		const struct plan *p = &f.plans.v[i];
		bool server = p->head.role == ROLE_SERVER;

		ck_assert(p->has_peer);
		ck_assert_uint_eq(p->steps[0].start.role,
				  server ? START_OWN : START_PEER);
		ck_assert_uint_eq(p->steps[1].start.role,
				  server ? START_PEER : START_OWN);
		ck_assert_uint_eq(p->steps[2].turn.to,
				  server ? START_OWN : START_PEER);
	}
	fix_fini(&f);
}
END_TEST

/* What the probe's server printed is what is planned, and what this launch's
 * prints is what is told: of the words only those that hold it. */
START_TEST(command_lines)
{
	struct pair now = { SPAN("k"), SPAN("a;b") };
	const struct pairs told = { &now, 1 };
	struct fix f;

	fix_pair(&f,
		 ONE_CASE(PAIR(", 'role': 'server'", ", 'role': 'client'")));
	for (size_t i = 0; i < f.plans.n; i++) {
		const struct plan *p = &f.plans.v[i];
		const struct strings *argv = p->head.role == ROLE_CLIENT
						     ? &p->head.argv
						     : &p->peer_argv;
		struct strings late = late_argv(p, argv, &told, &f.a);

		ck_assert_str_eq(strings_text(&f, argv),
				 "/bin/pt -mode transparent-TCP -options "
				 "t:k=probe -target 127.0.0.1:1001");
		ck_assert_str_eq(strings_text(&f, &late),
				 "/bin/pt -mode transparent-TCP -options "
				 "t:k=a\\\\;b -target 127.0.0.1:1001");
	}
	fix_fini(&f);
}
END_TEST

/* Nothing printed is no reason for an empty word. */
START_TEST(nothing_printed)
{
	const struct pairs told = { 0 };
	struct fix f;

	fix_pair(&f, ONE_CASE(PAIR("", ", 'role': 'peer'")));
	for (size_t i = 0; i < f.plans.n; i++) {
		const struct plan *p = &f.plans.v[i];
		struct strings late = late_argv(p, &p->head.argv, &told, &f.a);

		ck_assert_str_eq(strings_text(&f, &late),
				 strings_text(&f, &p->head.argv));
	}
	fix_fini(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan_late");
	TCase *t = tcase_create("late");

	tcase_add_test(t, ends);
	tcase_add_test(t, command_lines);
	tcase_add_test(t, nothing_printed);
	suite_add_tcase(s, t);
	return suite_run(s);
}
