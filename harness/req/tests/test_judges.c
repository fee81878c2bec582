/*
 * test_judges.c - the judges over small traces by hand: what is legal, be it
 * ever so odd, is never held against a transport, and its violating twin is.
 *
 * Each row tells every verdict that is neither pass nor "not triggered"; a
 * verdict that is not in the row is a failure of the test, and so is one that
 * does not come.  `pass` names some that must not be silent, and with a '-' in
 * front some that must: no word of them.
 */
#include <check.h>
#include <stdio.h>

#include "parent/base/tests/suite.h"
#include "harness/req/facts/facts_learned.h"
#include "harness/req/core/policy.h"
#include "harness/req/core/req.h"
#include "harness/req/tests/story.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

struct row {
	struct story story;
	const char *pass;  /* "ID ID -ID" */
	const char *other; /* "ID=fail ID=warn" */
};

/* What the probes find out about an ordinary transport. */
static const struct role_facts ordinary = {
	.tested = true,
	.recognised = true,
	.works = true,
	.speaks_1 = true,
	.speaks_2 = true,
	.flags = true,
	.stdin_exit = true,
	.tunnels = true,
	.dials_tcp = true,
};

static const struct row rows[] = {
#include "harness/req/tests/rows_talk.inc"
#include "harness/req/tests/rows_methods.inc"
#include "harness/req/tests/rows_serve.inc"
#include "harness/req/tests/rows_tunnel.inc"
#include "harness/req/tests/rows_proxy.inc"
#include "harness/req/tests/rows_proxy_names.inc"
#include "harness/req/tests/rows_tcp.inc"
#include "harness/req/tests/rows_state.inc"
#include "harness/req/tests/rows_hygiene.inc"
#include "harness/req/tests/rows_session.inc"
#include "harness/req/tests/rows_extor.inc"
#include "harness/req/tests/rows_socks.inc"
#include "harness/req/tests/rows_socks_settings.inc"
#include "harness/req/tests/rows_socks_request.inc"
#include "harness/req/tests/rows_socks4.inc"
#include "harness/req/udp/tests/rows_udp.inc"
};

/* --- judging one trace ------------------------------------------------------- */

static void judge_one(const struct req *r, const struct view *v,
		      const struct facts *facts, struct arena *a,
		      struct finding *out)
{
	static const struct policy defaults;
	struct judge j = {
		.v = v,
		.facts = facts,
		.rf = &facts->role[v->head->role],
		.policy = &defaults,
		.req = r,
		.a = a,
		.out = out,
	};

	*out = (struct finding){ 0 };
	req_judge(&j);
}

typedef void seen_fn(void *ctx, const struct req *r, const struct finding *f);

static void judge_all(const struct trace *t, seen_fn *fn, void *ctx)
{
	struct facts facts = { .role = { ordinary, ordinary } };
	struct arena a = { 0 };
	struct finding f;
	struct view v;

	view_init(&v, t, &a);
	learn(&facts.role[t->head.role], &v);
	for_reqs (r) {
		judge_one(r, &v, &facts, &a, &f);
		fn(ctx, r, &f);
	}
	arena_fini(&a);
}

/* --- expectations -------------------------------------------------------------- */

struct answers {
	const struct row *row;
	struct buf other, why;
	size_t passed;
};

/* Is @id one of the words of @list? */
static bool listed(const char *list, const char *id)
{
	struct span rest = span_str(list ? list : ""), one;

	while (span_split(&rest, ' ', &one))
		if (span_eqs(one, id))
			return true;
	return false;
}

/* Must it say nothing? */
static bool is_silent(const struct row *row, const char *id)
{
	char word[64];

	snprintf(word, sizeof(word), "-%s", id);
	return listed(row->pass, word);
}

static void note(void *ctx, const struct req *r, const struct finding *f)
{
	struct answers *an = ctx;

	if (f->v == V_PASS)
		an->passed += listed(an->row->pass, r->id);
	if (f->v == V_NONE || (f->v == V_PASS && !is_silent(an->row, r->id)))
		return;
	buf_addf(&an->other, "%s%s=%s", an->other.n ? " " : "", r->id,
		 verdict_name(f->v));
	buf_addf(&an->why, "\n  %s %s: expected %s, saw %s", r->id,
		 verdict_name(f->v), f->expected ? f->expected : "-",
		 f->seen ? f->seen : "-");
}

/* Which of two ends the reason of a requirement names. */
static const struct blame_row {
	struct story story;
	const char *id, *words;
} blame_rows[] = {
	{ { "another byte",
	    PAIR(""),
	    { ENDS, SESSION, SEND("app", "MARK"), STEP("recv"),
	      RECV("or#1", "MaRK"), MET, WENT } },
	  "GEN-E2E-1",
	  " (client or server)" },
	{ { "bytes that never came",
	    PAIR(""),
	    { ENDS, SESSION, SEND("app", "MARK"), STEP("recv"),
	      RECV("or#1", "MA"), LIMIT("connect", 30000), WENT } },
	  "GEN-E2E-1",
	  " (client or server)" },
	{ { "bytes that went with the client",
	    PAIR(""),
	    { ENDS, SESSION, SEND("app", "MARK"), STEP("recv"),
	      RECV("or#1", "MA"), EXIT_2(7), EOF_("or#1", "fin"), MET, WENT } },
	  "GEN-E2E-1",
	  " (the client exited with status 7" },
	{ { "a client that was asked to go",
	    PAIR(""),
	    { ENDS, SESSION, SEND("app", "MARK"), STEP("recv"),
	      RECV("or#1", "MA"), EOF_("or#1", "fin"), MET, STOP, EXIT_2(0),
	      GONE, EXIT(0), AFTER, END } },
	  "GEN-E2E-1",
	  " (client or server)" },
	{ { "a client that is not there",
	    PAIR("|var:told:1"),
	    { ENDS, STEP("socks"),
	      SOCKS("app", "unreachable", "127.0.0.1:21000"), MET, WENT } },
	  "SM-ARGS-5",
	  " (the client's part)" },
	{ { "a server that says nothing",
	    PAIR("|var:told:1"),
	    { ENDS, STEP("socks"), SOCKS("app", "refused", "127.0.0.1:21000"),
	      MET, WENT } },
	  "SM-ARGS-5",
	  " (the server printed no ARGS)" },
	{ { "in clear",
	    PAIR("|var:conceals:1"),
	    { ENDS, SESSION, TALKED,
	      VISIBLE("127.0.0.1:21000", "127.0.0.1:4", 7), CAPTURE("on", 0, 0),
	      CAPTURE("done", 40, 0), WENT } },
	  "GEN-XFORM-1",
	  ", sent by the server" },
};

static void note_blame(void *ctx, const struct req *r, const struct finding *f)
{
	const struct blame_row *row = ctx;

	if (strcmp(r->id, row->id) != 0)
		return;
	ck_assert_msg(f->seen && strstr(f->seen, row->words), "%s: %s: %s",
		      row->story.name, r->id, f->seen ? f->seen : "nothing");
}

START_TEST(blame)
{
	struct blame_row row = blame_rows[_i];
	struct trace t;

	story_build(&row.story, &t);
	judge_all(&t, note_blame, &row);
	trace_fini(&t);
}
END_TEST

static size_t count_words(const char *list)
{
	struct span rest = span_str(list ? list : ""), one;
	size_t n = 0;

	while (span_split(&rest, ' ', &one))
		n += one.n > 0;
	return n;
}

static size_t count_silent(const char *list)
{
	struct span rest = span_str(list ? list : ""), one;
	size_t n = 0;

	while (span_split(&rest, ' ', &one))
		n += one.n > 0 && *one.p == '-';
	return n;
}

/* The same words, in any order? */
static bool same_words(const char *got, const char *want)
{
	struct span rest = span_str(want), one;

	while (span_split(&rest, ' ', &one)) {
		char word[80];

		snprintf(word, sizeof(word), "%.*s", SPAN_ARG(one));
		if (one.n && !listed(got, word))
			return false;
	}
	return count_words(got) == count_words(want);
}

static void show_missing(struct answers *an, const struct trace *t);

START_TEST(verdicts)
{
	const struct row *row = &rows[_i];
	struct answers an = { .row = row,
			      .other = BUF_MAX(65536),
			      .why = BUF_MAX(1u << 20) };
	const char *want = row->other ? row->other : "";
	struct trace t;

	story_build(&row->story, &t);
	judge_all(&t, note, &an);
	ck_assert_msg(same_words(buf_cstr(&an.other), want),
		      "%s:\n got  %s\n want %s%s", row->story.name,
		      buf_cstr(&an.other), want, buf_cstr(&an.why));
	if (an.passed != count_words(row->pass) - count_silent(row->pass))
		show_missing(&an, &t);
	trace_fini(&t);
	buf_fini(&an.other);
	buf_fini(&an.why);
}
END_TEST

static void note_silent(void *ctx, const struct req *r, const struct finding *f)
{
	struct answers *an = ctx;

	if (f->v != V_PASS && listed(an->row->pass, r->id))
		buf_addf(&an->why, " %s=%s", r->id, verdict_name(f->v));
}

static void show_missing(struct answers *an, const struct trace *t)
{
	buf_reset(&an->why);
	judge_all(t, note_silent, an);
	ck_abort_msg("%s: must pass:%s", an->row->story.name,
		     buf_cstr(&an->why));
}

/* --- total functions ------------------------------------------------------------- */

/* NULL, or what is wrong with a finding. */
static const char *oddity(const struct trace *t, const struct finding *f)
{
	if (f->v != V_NONE && f->v < V_PASS)
		return "no verdict of a judge";
	if (f->nev > FINDING_EVENTS)
		return "too many events";
	for (size_t i = 0; i < f->nev; i++)
		if (f->ev[i] < 1 || f->ev[i] > t->nev)
			return "an event that is not in the trace";
	if (f->v > V_PASS && !(f->seen && f->seen[0]))
		return "no words";
	if ((f->v == V_FAIL || f->v == V_WARN) && !f->expected)
		return "nothing expected";
	return NULL;
}

/* Whatever a trace holds: a verdict that makes sense, with evidence in it.
 * libcheck makes a system call of each assertion, so there is none here. */
static void sane(void *ctx, const struct req *r, const struct finding *f)
{
	const char *odd = oddity(ctx, f);

	if (odd)
		ck_abort_msg("%s: %s: %s", r->id, verdict_name(f->v), odd);
}

/* A launch that is not to blame does not turn bad because the harness died on
 * the way. */
static void no_blame(void *ctx, const struct req *r, const struct finding *f)
{
	const struct trace *t = ctx;

	sane(ctx, r, f);
	if (f->v == V_FAIL || f->v == V_WARN)
		ck_abort_msg("cut off behind %zu: %s is %s: expected %s, "
			     "saw %s",
			     t->nev, r->id, verdict_name(f->v), f->expected,
			     f->seen);
}

static bool to_blame(const struct row *row)
{
	return row->other &&
	       (strstr(row->other, "=fail") || strstr(row->other, "=warn"));
}

/* As if the worker had died behind each event. */
START_TEST(cut_off)
{
	struct trace t;
	size_t n;

	story_build(&rows[_i].story, &t);
	n = t.nev;
	for (t.nev = 0; t.nev <= n; t.nev++)
		judge_all(&t, to_blame(&rows[_i]) ? sane : no_blame, &t);
	trace_fini(&t);
}
END_TEST

/* Each event missing, and each twice; numbers stay in order. */
START_TEST(shuffled)
{
	struct trace t, u;

	story_build(&rows[_i].story, &t);
	u = t;
	u.ev = arena_alloc(&t.arena, (t.nev + 1) * sizeof(*u.ev));
	for (size_t k = 0; k < t.nev; k++)
		for (int twice = 0; twice < 2; twice++) {
			u.nev = 0;
			for (size_t i = 0; i < t.nev; i++)
				for (int c = 0; c < (i == k ? twice * 2 : 1);
				     c++) {
					u.ev[u.nev] = t.ev[i];
					u.ev[u.nev].n = (uint32_t)u.nev + 1;
					u.nev++;
				}
			judge_all(&u, sane, &u);
		}
	trace_fini(&t);
}
END_TEST

/* A span is there and empty, a number is one that no trace has; sets have their
 * first word. */
static void make_empty(struct event *ev, const struct event_field *f)
{
	if (f->type == EVENT_INT)
		event_set_int(ev, f, -1);
	else if (f->type == EVENT_ENUM)
		event_set_word(ev, f, span_str(f->words[0].word));
	else
		event_set_span(ev, f, SPAN(""));
}

/* Each field of each event empty: nothing was sent, no name was there. */
START_TEST(emptied)
{
	struct trace t;

	story_build(&rows[_i].story, &t);
	for (size_t k = 0; k < t.nev; k++) {
		const struct event whole = t.ev[k];

		for_event_fields (f, whole.kind) {
			make_empty(&t.ev[k], f);
			judge_all(&t, sane, &t);
			t.ev[k] = whole;
		}
	}
	trace_fini(&t);
}
END_TEST

/* Of a target that offers nothing. */
START_TEST(nameless)
{
	struct trace t;

	story_build(&rows[_i].story, &t);
	t.head.known = (struct strings){ 0 };
	judge_all(&t, sane, &t);
	trace_fini(&t);
}
END_TEST

/* --- a busy machine --------------------------------------------------------------- */

struct busy {
	const struct story *story;
	const struct trace *quiet;
	struct buf held_against; /* ids of what was, because of a time */
};

static bool is_time(const struct event *ev)
{
	return ev->kind == EV_LIMIT ||
	       (ev->kind == EV_WINDOW && ev->window.state == WINDOW_CLOSED);
}

/* What holds a time against the transport names the event. */
static void note_times(void *ctx, const struct req *r, const struct finding *f)
{
	struct busy *b = ctx;
	bool any = false;

	for (size_t i = 0; i < f->nev; i++)
		any |= is_time(&b->quiet->ev[f->ev[i] - 1]);
	if (any && f->v > V_PASS && f->v != V_INCONCLUSIVE)
		buf_addf(&b->held_against, "%s ", r->id);
}

static void no_time(void *ctx, const struct req *r, const struct finding *f)
{
	struct busy *b = ctx;

	if (listed(buf_cstr(&b->held_against), r->id) &&
	    (f->v != V_INCONCLUSIVE || !f->hindered))
		ck_abort_msg("%s: %s is %s although nobody could run: %s",
			     b->story->name, r->id, verdict_name(f->v),
			     f->seen ? f->seen : "");
}

/* @t with what there was of the processors behind each time that passed. */
static struct trace starved(struct trace *t)
{
	struct trace u = *t;

	u.ev = arena_alloc(&t->arena, (2 * t->nev + 1) * sizeof(*u.ev));
	u.nev = 0;
	for (size_t i = 0; i < t->nev; i++) {
		u.ev[u.nev] = t->ev[i];
		u.ev[u.nev].n = (uint32_t)u.nev + 1;
		u.nev++;
		if (!is_time(&t->ev[i]))
			continue;
		u.ev[u.nev] = EVENT(processor, .step = 1, .took_us = 30000000,
				    .cpu_us = 100000, .waited_us = 29000000);
		u.ev[u.nev].t = t->ev[i].t;
		u.ev[u.nev].n = (uint32_t)u.nev + 1;
		u.nev++;
	}
	return u;
}

START_TEST(busy)
{
	struct trace t, u;
	struct busy b = { .story = &rows[_i].story,
			  .quiet = &t,
			  .held_against = BUF_MAX(65536) };

	story_build(&rows[_i].story, &t);
	judge_all(&t, note_times, &b);
	u = starved(&t);
	if (b.held_against.n)
		judge_all(&u, no_time, &b);
	trace_fini(&t);
	buf_fini(&b.held_against);
}
END_TEST

struct full_ring {
	const struct story *story;
	struct buf kept; /* ids of what passes where every packet is seen */
};

static void note_kept(void *ctx, const struct req *r, const struct finding *f)
{
	if (f->v == V_PASS)
		buf_addf(&((struct full_ring *)ctx)->kept, "%s ", r->id);
}

static void left_to_second(void *ctx, const struct req *r,
			   const struct finding *f)
{
	struct full_ring *ring = ctx;

	if (listed(buf_cstr(&ring->kept), r->id) && f->v == V_INCONCLUSIVE &&
	    !f->hindered)
		ck_abort_msg("%s: %s is open for lost packets, and no second "
			     "launch is asked: %s",
			     ring->story->name, r->id, f->seen ? f->seen : "");
}

/* What is open for packets that the harness lost is for a second launch. */
START_TEST(lossy)
{
	struct trace t;
	struct full_ring ring = { .story = &rows[_i].story,
				  .kept = BUF_MAX(65536) };

	story_build(&rows[_i].story, &t);
	judge_all(&t, note_kept, &ring);
	for (size_t i = 0; i < t.nev; i++)
		if (t.ev[i].kind == EV_CAPTURE &&
		    t.ev[i].capture.state == CAPTURE_DONE)
			t.ev[i].capture.lost = 3;
	judge_all(&t, left_to_second, &ring);
	trace_fini(&t);
	buf_fini(&ring.kept);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("judges");
	TCase *t = tcase_create("verdicts"), *total = tcase_create("total");

	tcase_add_loop_test(t, verdicts, 0, (int)N(rows));
	tcase_add_loop_test(t, blame, 0, (int)N(blame_rows));
	tcase_add_loop_test(total, cut_off, 0, (int)N(rows));
	tcase_add_loop_test(total, shuffled, 0, (int)N(rows));
	tcase_add_loop_test(total, emptied, 0, (int)N(rows));
	tcase_add_loop_test(total, nameless, 0, (int)N(rows));
	tcase_add_loop_test(t, busy, 0, (int)N(rows));
	tcase_add_loop_test(t, lossy, 0, (int)N(rows));
	suite_add_tcase(s, t);
	suite_add_tcase(s, total);
	return s;
}

int main(void)
{
	/* Judges are pure: thousands of forks only cost minutes, most of all
	 * under the sanitizers. */
	return suite_run_here(suite());
}
