/*
 * test_req.c - the table of requirements, the words of the judges, policies.
 * This program links the pure layers only: nothing in them can do input or
 * output.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/req/core/advice.h"
#include "harness/req/core/areas.h"
#include "harness/req/core/glossary.h"
#include "harness/req/core/judges.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* --- the table ---------------------------------------------------------------- */

/* libcheck makes a system call of each assertion; this one only of a bad one. */
#define NEED(cond, ...)                            \
	do {                                       \
		if (!(cond))                       \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* "ENV-VER-1", "MSG-VER-COMPAT-1", "UC-T1-R1": groups of capitals and digits,
 * two at least. */
static bool is_id(const char *id)
{
	size_t groups = 1;

	for (const char *p = id; *p; p++) {
		if (*p == '-' && (p == id || p[1] == '-' || !p[1]))
			return false;
		if (*p != '-' && !isupper((unsigned char)*p) &&
		    !isdigit((unsigned char)*p))
			return false;
		groups += *p == '-';
	}
	return isupper((unsigned char)id[0]) && groups >= 2;
}

START_TEST(ids)
{
	size_t n = 0, only_10 = 0;

	for_reqs (r) {
		NEED(is_id(r->id), "%s is no id", r->id);
		NEED(req_find(r->id) == r, "%s is there twice", r->id);
		n++;
		only_10 += r->profiles == IN_10;
	}
	/* Most rules are there in 2.0; some went with 1.0. */
	ck_assert_uint_gt(only_10, 0);
	ck_assert_uint_gt(n, 2 * only_10);
	ck_assert_ptr_null(req_find("ENV-VER"));
	ck_assert_ptr_null(req_find("env-ver-1"));
	ck_assert_ptr_null(req_find(""));
}
END_TEST

static bool is_text(const char *s)
{
	return s && s[0] && s[0] != ' ' && s[strlen(s) - 1] != ' ' &&
	       !strchr(s, '\n') && !strchr(s, '\t') && !strstr(s, "**");
}

START_TEST(texts)
{
	for_reqs (r) {
		NEED(is_text(r->section), "%s: section", r->id);
		NEED(is_text(r->role), "%s: role", r->id);
		/* A gate is seen by nobody. */
		NEED(is_text(r->classes) || !r->judge, "%s: classes", r->id);
		NEED(is_text(r->title), "%s: title", r->id);
		NEED(!r->traps || is_text(r->traps), "%s: traps", r->id);
		NEED(strcmp(level_name(r->level), "?") != 0, "%s: level",
		     r->id);
	}
}
END_TEST

START_TEST(verdicts_and_profiles)
{
	for_reqs (r) {
		NEED(r->profiles <= (IN_10 | IN_20), "%s: profiles", r->id);
		NEED(r->dflt == V_FAIL || r->dflt == V_WARN ||
			     r->dflt == V_INFO || r->dflt == V_NA,
		     "%s: default %s", r->id, verdict_name(r->dflt));
		NEED(!r->judge || r->dflt != V_NA,
		     "%s is judged, but has no verdict", r->id);
	}
}
END_TEST

/* On a command line one would be taken for the other, which is fine where both
 * select the same. */
static bool level_apart(enum req_area area)
{
	size_t level = 0, both = 0, in = 0;

	for_reqs (r) {
		bool named =
			strcasecmp(area_name(area), level_name(r->level)) == 0;

		level += named;
		both += named && r->area == area;
		in += r->area == area;
	}
	return level == 0 || (level == both && both == in);
}

/* Each row is of a rule that is judged, stands once, and says more than its
 * area does. */
START_TEST(advice_is_of_rules)
{
	const char *id;

	for (unsigned i = 0; (id = advice_id(i)) != NULL; i++) {
		const struct req *r = req_find(id);

		ck_assert_msg(r && r->judge, "%s", id);
		ck_assert_str_ne(req_why(r), area_why(r->area));
		ck_assert_str_ne(req_mend(r), area_mend(r->area));
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(advice_id(k), id);
	}
	ck_assert_str_eq(req_why(req_find("CM-DONE-1")),
			 area_why(req_find("CM-DONE-1")->area));
}
END_TEST

START_TEST(areas_have_advice)
{
	bool judged[AREAS] = { false };

	for_reqs (r)
		judged[r->area] |= r->judge != NULL;
	for (int a = 0; a < AREAS; a++) {
		ck_assert_msg(!judged[a] || *area_why(a), "%s", area_name(a));
		ck_assert_int_eq(!*area_why(a), !*area_mend(a));
	}
}
END_TEST

START_TEST(areas_in_order)
{
	static const char *const parts[] = {
#define X(id, ...) #id,
		REQ_AREAS(X)
#undef X
	};
	size_t rows[AREAS] = { 0 };
	enum req_area last = AREA_GENERAL;

	for_reqs (r) {
		NEED(r->area >= last, "%s: area %s comes too late", r->id,
		     area_name(r->area));
		last = r->area;
		rows[r->area]++;
	}
	for (enum req_area a = AREA_GENERAL; a < AREAS; a++) {
		char want[40];

		snprintf(want, sizeof(want), "%s", parts[a]);
		for (char *p = want; *p; p++)
			*p = *p == '_' ? '-' : (char)tolower((unsigned char)*p);
		ck_assert_str_eq(area_name(a), want);
		NEED(is_text(area_title(a)), "%s", want);
		NEED(rows[a] > 0, "%s is empty", want);
		NEED(level_apart(a), "%s is a level", want);
	}
}
END_TEST

START_TEST(glossary_rows)
{
	for (const struct glossary_row *g = glossary; g->code; g++) {
		NEED(is_text(g->code) && is_text(g->text), "%s", g->code);
		for (const struct glossary_row *h = glossary; h < g; h++)
			NEED(strcmp(g->code, h->code) != 0, "%s twice",
			     g->code);
	}
}
END_TEST

START_TEST(words_of_verdicts)
{
	static const enum verdict order[] = {
		V_NONE, V_UNTESTED, V_NA,	    V_PASS,
		V_INFO, V_WARN,	    V_INCONCLUSIVE, V_FAIL,
	};

	for (size_t i = 0; i < N(order); i++) {
		ck_assert_str_ne(verdict_name(order[i]), "?");
		for (size_t k = 0; k < i; k++) {
			ck_assert_int_gt(order[i], order[k]);
			ck_assert_str_ne(verdict_name(order[i]),
					 verdict_name(order[k]));
		}
	}
}
END_TEST

/* --- what judges say ----------------------------------------------------------- */

static struct arena arena;
static struct view view;
static struct trace_head head;
static struct finding finding;
static struct req req;
static struct judge judge;

static void setup(void)
{
	head = (struct trace_head){ .profile = PROFILE_20 };
	view = (struct view){ .head = &head };
	finding = (struct finding){ 0 };
	req = (struct req){ .id = "X-1", .dflt = V_WARN };
	judge = (struct judge){
		.v = &view,
		.req = &req,
		.a = &arena,
		.out = &finding,
	};
}

static void teardown(void)
{
	arena_fini(&arena);
}

static void say(enum verdict v, uint32_t ev)
{
	if (v == V_PASS)
		j_pass(&judge, ev);
	else if (v == V_INCONCLUSIVE)
		j_unsure(&judge, "event %u", ev);
	else
		j_say(&judge, v, ev, "right", "event %u", ev);
}

static const enum verdict weights[] = {
	V_PASS, V_INFO, V_WARN, V_INCONCLUSIVE, V_FAIL,
};

/* The heavier one stays, the first of equals. */
START_TEST(weight)
{
	for (size_t i = 0; i < N(weights); i++)
		for (size_t k = 0; k < N(weights); k++) {
			uint32_t ev = k > i ? 2 : 1;
			char text[20];

			setup();
			say(weights[i], 1);
			say(weights[k], 2);
			ck_assert_int_eq(finding.v, weights[k > i ? k : i]);
			if (finding.v == V_PASS) {
				ck_assert_ptr_null(finding.seen);
				ck_assert_ptr_null(finding.expected);
			} else {
				snprintf(text, sizeof(text), "event %u", ev);
				ck_assert_str_eq(finding.seen, text);
			}
			if (finding.v == V_INCONCLUSIVE) {
				ck_assert_uint_eq(finding.nev, 0);
				ck_assert_ptr_null(finding.expected);
			} else {
				ck_assert_uint_eq(finding.nev, 1);
				ck_assert_uint_eq(finding.ev[0], ev);
			}
		}
}
END_TEST

/* j_broken() says what the row says. */
START_TEST(the_rows_default)
{
	static const enum verdict defaults[] = { V_FAIL, V_WARN, V_INFO };

	for (size_t i = 0; i < N(defaults); i++) {
		setup();
		req.dflt = defaults[i];
		j_pass(&judge, 1);
		j_broken(&judge, 7, "a", "b %d", 3);
		ck_assert_int_eq(finding.v, defaults[i]);
		ck_assert_str_eq(finding.expected, "a");
		ck_assert_str_eq(finding.seen, "b 3");
		ck_assert_uint_eq(finding.ev[0], 7);
		j_broken(&judge, 8, "c", "d");
		ck_assert_str_eq(finding.seen, "b 3");
	}
}
END_TEST

START_TEST(evidence)
{
	j_pass(&judge, 0);
	ck_assert_uint_eq(finding.nev, 0);
	j_say(&judge, V_INFO, 5, "a", "b");
	j_also(&judge, 0);
	j_also(&judge, 5);
	ck_assert_uint_eq(finding.nev, 1);
	for (uint32_t n = 6; n < 20; n++)
		j_also(&judge, n);
	ck_assert_uint_eq(finding.nev, FINDING_EVENTS);
	ck_assert_uint_eq(finding.ev[FINDING_EVENTS - 1],
			  5 + FINDING_EVENTS - 1);
	/* A heavier finding has its own. */
	j_say(&judge, V_FAIL, 99, "a", "b");
	ck_assert_uint_eq(finding.nev, 1);
	ck_assert_uint_eq(finding.ev[0], 99);
}
END_TEST

struct late_row {
	int64_t lag_us;
	enum verdict v;
};

static const struct late_row late_rows[] = {
	{ 0, V_WARN },
	{ 250000, V_WARN },
	{ 250001, V_INCONCLUSIVE },
	{ -1, V_INCONCLUSIVE }, /* the trace does not say */
};

START_TEST(deadlines)
{
	struct event limit = { .n = 12, .kind = EV_LIMIT, .limit.ms = 1000 };
	const struct trace none = { 0 };

	view.tr = &none;
	view.lag_us = late_rows[_i].lag_us;
	j_late(&judge, &limit, "a", "b");
	ck_assert_int_eq(finding.v, late_rows[_i].v);
	if (finding.v == V_WARN) {
		ck_assert_str_eq(finding.seen, "b");
		ck_assert_uint_eq(finding.ev[0], 12);
	} else {
		ck_assert_ptr_nonnull(strstr(finding.seen, "1000 ms"));
		ck_assert_ptr_nonnull(
			strstr(finding.seen,
			       view.lag_us < 0 ? "trace ends" : "was late"));
	}
}
END_TEST

/* What is shown of a transport's words is harmless and bounded. */
START_TEST(showing)
{
	char *bytes = arena_alloc(&arena, 100000);

	ck_assert_str_eq(j_show(&judge, SPAN("a\x1b[2J\n\"<\xff")),
			 "a\\x1b[2J\\n\"<\\xff");
	ck_assert_uint_lt(strlen(j_show(&judge, span_of(bytes, 100000))), 1000);
	ck_assert_str_eq(j_show(&judge, span_of(NULL, 0)), "");
}
END_TEST

/* --- policies ------------------------------------------------------------------- */

START_TEST(policies)
{
	struct policy p = { { 0 } };
	struct err e;

	for (size_t i = 0; i < P_COUNT; i++) {
		struct span rest = span_str(policy_rows[i].values), one;
		bool first = true;

		NEED(is_text(policy_rows[i].what), "%s", policy_rows[i].name);
		for (; span_split(&rest, '|', &one); first = false) {
			const char *value =
				arena_strdup(&arena, arena_span(&arena, one).p);

			ck_assert_int_eq(
				policy_is(&p, (enum policy_id)i, value), first);
			ck_assert_int_eq(
				policy_set(&p, span_str(policy_rows[i].name),
					   one, &e),
				0);
			ck_assert(policy_is(&p, (enum policy_id)i, value));
			p.value[i] = 0;
		}
	}
}
END_TEST

struct policy_error {
	const char *name;
	struct span value;
	const char *message;
};

static const struct policy_error policy_errors[] = {
	{ "name.regex", SPAN("Prose"),
	  "option name.regex: \"Prose\" is none of prose|printed" },
	{ "name.regex", SPAN(""),
	  "option name.regex: \"\" is none of prose|printed" },
	{ "name.regex", SPAN("prose|printed"),
	  "option name.regex: \"prose|printed\" is none of prose|printed" },
	{ "name.regex", SPAN("a\n\xff"),
	  "option name.regex: \"a\\n\\xff\" is none of prose|printed" },
	{ "name", SPAN("prose"), "no option is called \"name\"" },
	{ "", SPAN("prose"), "no option is called \"\"" },
	{ "Name.Regex\n", SPAN("x"), "no option is called \"Name.Regex\\n\"" },
};

START_TEST(policy_mistakes)
{
	const struct policy_error *row = &policy_errors[_i];
	struct policy p = { { 0 } }, same = { { 0 } };
	struct err e;

	ck_assert_int_eq(policy_set(&p, span_str(row->name), row->value, &e),
			 -1);
	ck_assert_str_eq(e.msg, row->message);
	ck_assert(memcmp(&p, &same, sizeof(p)) == 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("req");
	TCase *table = tcase_create("table"), *words = tcase_create("words");
	TCase *rest = tcase_create("policies");

	tcase_add_test(table, ids);
	tcase_add_test(table, texts);
	tcase_add_test(table, verdicts_and_profiles);
	tcase_add_test(table, areas_in_order);
	tcase_add_test(table, areas_have_advice);
	tcase_add_test(table, advice_is_of_rules);
	tcase_add_test(table, glossary_rows);
	tcase_add_test(table, words_of_verdicts);
	tcase_add_checked_fixture(words, setup, teardown);
	tcase_add_test(words, weight);
	tcase_add_test(words, the_rows_default);
	tcase_add_test(words, evidence);
	tcase_add_loop_test(words, deadlines, 0, (int)N(late_rows));
	tcase_add_test(words, showing);
	tcase_add_checked_fixture(rest, setup, teardown);
	tcase_add_test(rest, policies);
	tcase_add_loop_test(rest, policy_mistakes, 0, (int)N(policy_errors));
	suite_add_tcase(s, table);
	suite_add_tcase(s, words);
	suite_add_tcase(s, rest);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
