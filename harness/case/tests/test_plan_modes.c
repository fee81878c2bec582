/*
 * test_plan_modes.c - in which modes a transport is launched: those that its
 * target names, and the one that it announces.
 */
#include "parent/base/tests/suite.h"
#include "harness/case/tests/plan_fix.h"

#define TARGET(more) "{'transports': {'t': {" more "}}"
#define SILENT TARGET("") "}"
#define SAID TARGET("'modes': ['socks5', 'STUN']")
#define WORDS ", 'mode_args': {'STUN': ['-m', 'stun']}}"
#define CASE(more)                                                       \
	"{'schema': 1, 'cases': [{'id': 'a', 'title': 't', 'aims': [], " \
	"'roles': ['client']" more "}]}"
#define PLAIN CASE("")
#define SOCKS \
	CASE(", 'steps': [{'do': 'start'}, {'do': 'socks', 'as': 'u', 'dest': '127.0.0.1:1'}]")
#define SOCKS4 CASE(", 'needs': ['socks4']")
#define STUN CASE(", 'mode': 'STUN'")
#define CROSSED                                                   \
	CASE(", 'mode': 'STUN', 'peer_mode': 'socks5', 'steps': " \
	     "[{'do': 'start'}, {'do': 'start', 'role': 'peer'}]")
#define UNTOLD(mode)                                               \
	"a plain launch does not announce the mode " mode ", and " \
	"no target says how it is started in it (modes, mode_args)"

static const struct row {
	const char *target, *announced, *cases;
	const char *argv, *mode; /* of the one launch; or */
	const char *why;	 /* why there is none, */
	bool na;		 /* and that it offers nothing of the kind */
} rows[] = {
	/* Nobody says anything. */
	{ SILENT, NULL, PLAIN, .argv = "/bin/pt", .mode = "" },
	{ SILENT, NULL, SOCKS, .argv = "/bin/pt", .mode = "" },
	{ SILENT, NULL, STUN, .why = UNTOLD("STUN") },
	{ SILENT, "socks5", SOCKS, .argv = "/bin/pt", .mode = "" },
	{ SILENT, "socks5", STUN, .why = UNTOLD("STUN") },
	{ SILENT, "socks4", SOCKS4, .argv = "/bin/pt", .mode = "" },
	{ SILENT, "SOCKS5", SOCKS, .argv = "/bin/pt", .mode = "" },
	/* The client does. */
	{ SILENT, "STUN", PLAIN, .argv = "/bin/pt", .mode = "STUN" },
	{ SILENT, "STUN", STUN, .argv = "/bin/pt", .mode = "STUN" },
	{ SILENT, "STUN", SOCKS, .why = "announces STUN in place of SOCKS",
	  .na = true },
	{ SILENT, "STUN", SOCKS4, .why = "announces STUN in place of SOCKS",
	  .na = true },
	{ SILENT, "STUN", CROSSED, .why = UNTOLD("socks5") },
	{ SILENT, "transparent-TCP", STUN, .why = UNTOLD("STUN") },
	/* The target does. */
	{ SAID WORDS, NULL, PLAIN, .argv = "/bin/pt", .mode = "" },
	{ SAID WORDS, "socks5", STUN, .argv = "/bin/pt -m stun",
	  .mode = "STUN" },
	{ SAID WORDS, "socks5", CROSSED, .argv = "/bin/pt -m stun",
	  .mode = "STUN" },
	{ SAID WORDS, "socks5", CASE(", 'mode': 'transparent-UDP'"),
	  .why = "offers no transport in the mode transparent-UDP",
	  .na = true },
	/* The words are missing. */
	{ SAID "}", NULL, STUN, .argv = "/bin/pt", .mode = "STUN" },
	{ SAID "}", "STUN", STUN, .argv = "/bin/pt", .mode = "STUN" },
	{ SAID "}", "socks5", STUN, .why = UNTOLD("STUN") },
	/* What it announces is none of them. */
	{ TARGET("'modes': ['socks5']") "}", "STUN", SOCKS, .argv = "/bin/pt",
	  .mode = "" },
	/* Without SOCKS the words of another mode are the usual ones. */
	{ TARGET("'modes': ['STUN']") WORDS, NULL, PLAIN,
	  .argv = "/bin/pt -m stun", .mode = "STUN" },
	{ TARGET("'modes': ['STUN']") WORDS, "STUN", SOCKS,
	  .why = "announces STUN in place of SOCKS", .na = true },
};

START_TEST(modes)
{
	const struct row *r = &rows[_i];
	struct pair said = { SPAN("t"), span_str(r->announced) };
	struct fix f;

	fix_init(&f, r->target, r->cases);
	if (r->announced)
		f.env.announced = (struct pairs){ &said, 1 };
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, r->why ? 0 : 1);
	ck_assert_uint_eq(f.plans.nskips, r->why ? 1 : 0);
	if (r->why) {
		ck_assert_str_eq(f.plans.skips[0].reason.p, r->why);
		ck_assert_int_eq(f.plans.skips[0].feature, r->na);
		ck_assert_int_eq(f.plans.skips[0].unasked, !r->na);
	} else {
		const struct trace_head *h = &f.plans.v[0].head;
		struct span mode = pairs_get(&h->vars, "mode");

		ck_assert_str_eq(strings_text(&f, &h->argv), r->argv);
		ck_assert_str_eq(span_absent(mode) ? "" : mode.p, r->mode);
	}
	fix_fini(&f);
}
END_TEST

/* The transport that fits is T. */
START_TEST(of_several)
{
	struct pair said[] = { { SPAN("a"), SPAN("STUN") },
			       { SPAN("b"), SPAN("socks5") } };
	struct fix f;

	fix_init(&f, "{'transports': {'a': {}, 'b': {}}}", SOCKS);
	f.env.announced = (struct pairs){ said, 2 };
	fix_plan(&f);
	ck_assert_uint_eq(f.plans.n, 1);
	ck_assert_str_eq(f.plans.v[0].transport->name.p, "b");
	fix_fini(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan_modes");
	TCase *t = tcase_create("modes");

	tcase_add_loop_test(t, modes, 0, sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(t, of_several);
	suite_add_tcase(s, t);
	return suite_run(s);
}
