/*
 * test_verdicts.c - what becomes of a rule that one of several launches breaks.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/run/run.h"
#include "harness/run/verdicts/verdicts.h"

/* Last: its words are short. */
#include "harness/req/tests/story.h"

#define RULE "HY-CRASH-1"
#define CROWD_RULE "HY-MANY-1"
#define SESSIONS_RULE "HY-FDS-1"
#define FDS(as_) FACT(fds, .as = SPAN(as_), .of = SPAN("pt"), .count = 5)
#define CONNS(conn_, n)                            \
	WORDED("ok", connect, .conn = SPAN(conn_), \
	       .addr = SPAN("127.0.0.1:4001"), .tries = n)

static const struct story broke = {
	"a crash",
	"",
	{ START, OUT(C_TALK), MET, GONE, KILLED(11), MET, AFTER, END },
};
static const struct story kept = {
	"no crash",
	"",
	{ START, OUT(C_TALK), MET, WENT },
};
/* What would have been is not to be seen. */
static const struct story cut = {
	"nothing",
	"",
	{ STEP("start"), LAG(300), END_("complete") },
};

/* Of the crowd's rule: open, and kept. */
static const struct story unsure = {
	"a crowd that cannot be",
	"",
	{ START, OUT(C_TALK), MET, SKIPPED("too many"),
	  CONNS("crowd:ident", 1100), WENT },
};
static const struct story crowded = {
	"a crowd",
	"",
	{ START, OUT(C_TALK), MET, CONNS("crowd:ident", 1100),
	  CONNS("after:ident", 1), RECV("after:ident", "\5\0"), WENT },
};

/* Open, as the target has no other side. */
static const struct story one_sided = {
	"sessions that cannot be",
	"var:alone:1|does:sessions-alone",
	{ START, OUT(C_TALK), MET, FDS("fresh"), FDS("one"), FDS("two"), WENT },
};

static const char *rule;
static struct span aim;
static struct err e;
static struct store store;
static struct selection all;
static struct launch_evidence launches[4];
static struct verdict_env env;

static void setup(void)
{
	memset(launches, 0, sizeof(launches));
	rule = RULE;
	ck_assert_int_eq(store_open(&store, &e), 0);
	env = (struct verdict_env){
		.launches = launches,
		.store = &store,
		.profile = PROFILE_20,
		.selection = &all,
		.repro_head = "",
		.repro_tail = "",
	};
}

static void teardown(void)
{
	store_close(&store);
}

static struct launch_evidence *launched(const char *id, const struct story *s)
{
	struct launch_evidence *x = &launches[env.n++];
	struct buf text = BUF_MAX(1u << 20);
	struct trace t;

	*x = (struct launch_evidence){ .id = span_str(id),
				       .file = "",
				       .trouble = "" };
	story_build(s, &t);
	trace_write_head(&text, &t.head);
	for (size_t i = 0; i < t.nev; i++)
		trace_write_event(&text, &t.ev[i]);
	ck_assert_int_eq(store_add(&store, buf_span(&text), &x->trace, &e), 0);
	trace_fini(&t);
	buf_fini(&text);
	return x;
}

static const struct result_row *judged(struct result *r)
{
	*r = (struct result){ 0 };
	verdicts_judge(&env, r);
	for (size_t i = 0; i < r->nrows; i++)
		if (strcmp(r->rows[i].req->id, rule) == 0)
			return &r->rows[i];
	ck_abort_msg("no row");
}

static void check_verdict(enum verdict v, const char *reason)
{
	struct result r;
	const struct result_row *row = judged(&r);

	ck_assert_int_eq(row->verdict, v);
	ck_assert_msg(strstr(row->reason, reason), "%s", row->reason);
	result_fini(&r);
}

START_TEST(broken_and_not_made_again)
{
	launched("x@client", &broke)->starved = true;
	launched("y@client", &kept);
	check_verdict(V_WARN, "SEGV");
}
END_TEST

START_TEST(kept_the_second_time)
{
	launched("x@client", &broke)->superseded = true;
	launched("x@client~alone", &kept);
	check_verdict(V_INCONCLUSIVE, "too little of the processors");
	check_verdict(V_INCONCLUSIVE, "SEGV");
}
END_TEST

START_TEST(broken_twice)
{
	launched("x@client", &broke)->superseded = true;
	launched("x@client~alone", &broke);
	check_verdict(V_WARN, "SEGV");
}
END_TEST

START_TEST(the_second_says_nothing)
{
	launched("x@client", &broke)->superseded = true;
	launched("x@client~alone", &cut);
	check_verdict(V_WARN, "SEGV");
}
END_TEST

START_TEST(another_was_made_again)
{
	launched("x@client", &broke)->superseded = true;
	launched("x/1@client~alone", &kept);
	launched("xx@client~alone", &kept);
	launched("x@client~2", &kept);
	check_verdict(V_WARN, "SEGV");
}
END_TEST

static void check_marked(bool first, bool second)
{
	bool marked[4] = { true, true, true, true };

	verdicts_hindered(&env, marked);
	ck_assert_int_eq(marked[0], first);
	ck_assert_int_eq(marked[1], second);
}

START_TEST(the_only_one_that_breaks_it)
{
	launched("x@client", &broke)->starved = true;
	launched("y@client", &kept)->starved = true;
	check_marked(true, false);
}
END_TEST

START_TEST(one_of_two_that_break_it)
{
	launched("x@client", &broke)->starved = true;
	launched("y@client", &broke)->starved = true;
	check_marked(false, false);
}
END_TEST

START_TEST(one_that_had_what_it_needs)
{
	launched("x@client", &broke);
	launched("y@client", &kept);
	check_marked(false, false);
}
END_TEST

static struct launch_evidence *launched_for(const char *wanted, const char *id,
					    const struct story *s)
{
	struct launch_evidence *x = launched(id, s);

	aim = span_str(wanted);
	x->aims = (struct strings){ &aim, 1 };
	return x;
}

static struct launch_evidence *starved_for(const char *wanted, const char *id,
					   const struct story *s)
{
	struct launch_evidence *x = launched_for(wanted, id, s);

	x->starved = x->mostly_starved = true;
	return x;
}

START_TEST(made_for_what_stays_open)
{
	starved_for(RULE, "x@client", &cut);
	launched("y@client", &cut)->starved = true;
	check_marked(true, false);
}
END_TEST

START_TEST(made_for_what_another_tells)
{
	starved_for(RULE, "x@client", &cut);
	launched("y@client", &kept);
	check_marked(false, false);
}
END_TEST

START_TEST(silent_with_what_it_needs)
{
	launched_for(RULE, "x@client", &cut);
	launched("y@client", &cut)->starved = true;
	check_marked(false, false);
}
END_TEST

START_TEST(made_for_what_it_leaves_open_itself)
{
	struct launch_evidence *x =
		starved_for(CROWD_RULE, "x@client", &unsure);

	launched("y@client", &kept)->starved = true;
	check_marked(false, false);
	x->limited = true;
	check_marked(true, false);
}
END_TEST

/* It waited, but what is that in so long a time? */
START_TEST(made_for_what_stays_open_and_took_long)
{
	launched_for(RULE, "x@client", &cut)->starved = true;
	launched("y@client", &cut);
	check_marked(false, false);
}
END_TEST

START_TEST(made_for_what_nobody_can_show)
{
	starved_for(SESSIONS_RULE, "x@client", &one_sided)->limited = true;
	launched("y@client", &kept);
	check_marked(false, false);
}
END_TEST

START_TEST(open_and_kept_the_second_time)
{
	rule = CROWD_RULE;
	launched("x@client", &unsure)->superseded = true;
	launched("x@client~alone", &crowded);
	check_verdict(V_PASS, "");
}
END_TEST

START_TEST(open_and_silent_the_second_time)
{
	rule = CROWD_RULE;
	launched("x@client", &unsure)->superseded = true;
	launched("x@client~alone", &cut);
	check_verdict(V_INCONCLUSIVE, "too many");
}
END_TEST

START_TEST(open_where_nothing_was_made_again)
{
	rule = CROWD_RULE;
	launched("x@client", &unsure);
	launched("y@client", &crowded);
	check_verdict(V_INCONCLUSIVE, "too many");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("verdicts");
	TCase *t = tcase_create("verdicts");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, broken_and_not_made_again);
	tcase_add_test(t, kept_the_second_time);
	tcase_add_test(t, broken_twice);
	tcase_add_test(t, the_second_says_nothing);
	tcase_add_test(t, another_was_made_again);
	tcase_add_test(t, the_only_one_that_breaks_it);
	tcase_add_test(t, one_of_two_that_break_it);
	tcase_add_test(t, one_that_had_what_it_needs);
	tcase_add_test(t, made_for_what_stays_open);
	tcase_add_test(t, made_for_what_another_tells);
	tcase_add_test(t, silent_with_what_it_needs);
	tcase_add_test(t, made_for_what_it_leaves_open_itself);
	tcase_add_test(t, made_for_what_stays_open_and_took_long);
	tcase_add_test(t, made_for_what_nobody_can_show);
	tcase_add_test(t, open_and_kept_the_second_time);
	tcase_add_test(t, open_and_silent_the_second_time);
	tcase_add_test(t, open_where_nothing_was_made_again);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
