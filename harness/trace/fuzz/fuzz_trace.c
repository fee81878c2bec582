/*
 * fuzz_trace.c - a stored trace is untrusted: any bytes give a message of one
 * line, or a trace that comes back as it was written, from which views can be
 * made and about which every judge says something that makes sense.
 */
#include "parent/proto/fuzz/fuzz.h"
#include "harness/req/facts/facts.h"
#include "harness/req/facts/facts_learned.h"
#include "harness/req/core/policy.h"

/* More than any text that is read can become when it is written. */
#define WRITE_MAX (64u << 20)

static void check_message(const struct err *e)
{
	MUST(strncmp(e->msg, "line ", 5) == 0 ||
	     strcmp(e->msg, "no trace head") == 0);
	for (const char *p = e->msg; *p; p++)
		MUST(*p >= ' ' && *p < 0x7f);
}

static void write_all(struct buf *out, const struct trace *t)
{
	trace_write_head(out, &t->head);
	for (size_t i = 0; i < t->nev; i++)
		trace_write_event(out, &t->ev[i]);
	MUST(!out->full);
}

/* Written, read and written again: the same bytes. */
static void check_writing(const struct trace *t)
{
	struct buf once = BUF_MAX(WRITE_MAX), twice = BUF_MAX(WRITE_MAX);
	struct trace again;
	struct err e;

	write_all(&once, t);
	MUST(trace_read(buf_span(&once), &again, &e) == 0);
	write_all(&twice, &again);
	MUST(span_eq(buf_span(&once), buf_span(&twice)));
	trace_fini(&again);
	buf_fini(&once);
	buf_fini(&twice);
}

/* With a blank before it no line is as this program writes it, and means what
 * it meant. */
static void check_reading(struct span file, const struct trace *t,
			  const struct err *e)
{
	struct buf blanks = BUF_MAX(WRITE_MAX);
	struct buf once = BUF_MAX(WRITE_MAX), twice = BUF_MAX(WRITE_MAX);
	struct trace other;
	struct span line;
	struct err why = { 0 };
	const char *newline = "";

	while (span_split(&file, '\n', &line)) {
		buf_adds(&blanks, newline);
		newline = "\n";
		if (line.n)
			buf_addc(&blanks, ' ');
		buf_add(&blanks, line);
	}
	MUST(trace_read(buf_span(&blanks), &other, &why) == (t ? 0 : -1));
	if (t) {
		write_all(&once, t);
		write_all(&twice, &other);
		MUST(span_eq(buf_span(&once), buf_span(&twice)));
		trace_fini(&other);
	} else {
		MUST(strcmp(e->msg, why.msg) == 0);
	}
	buf_fini(&blanks);
	buf_fini(&once);
	buf_fini(&twice);
}

static void check_lines(const struct lines *l, const struct trace *t)
{
	for (size_t i = 0; i < l->n; i++) {
		MUST(l->v[i].ev >= 1 && l->v[i].ev <= t->nev);
		MUST(t->ev[l->v[i].ev - 1].kind == EV_OUT);
		MUST(span_find(l->v[i].raw, '\n') == l->v[i].raw.n);
		MUST(l->v[i].terminated || i + 1 == l->n);
		MUST(i == 0 || l->v[i].ev >= l->v[i - 1].ev);
	}
}

/* NULL, or what is wrong with a finding. */
static const char *oddity(const struct finding *f, const struct trace *t)
{
	if ((f->v != V_NONE && f->v < V_PASS) || f->nev > FINDING_EVENTS)
		return "no finding of a judge";
	for (size_t i = 0; i < f->nev; i++)
		if (f->ev[i] < 1 || f->ev[i] > t->nev)
			return "an event that is not there";
	if (f->v <= V_PASS)
		return NULL;
	if (!f->seen || !f->seen[0])
		return "nothing seen";
	if (!f->expected && (f->v == V_FAIL || f->v == V_WARN))
		return "nothing expected";
	for (const char *p = f->seen; *p; p++)
		if (*p < ' ' || *p >= 0x7f)
			return "raw bytes of the transport";
	return NULL;
}

static void check_finding(const struct finding *f, const struct req *r,
			  const struct trace *t)
{
	const char *odd = oddity(f, t);

	if (odd) {
		fprintf(stderr, "%s, %s: %s\n", r->id, verdict_name(f->v), odd);
		abort();
	}
}

static void judge_all(const struct view *v, const struct facts *facts,
		      struct arena *a)
{
	static const struct policy policy;

	for_reqs (r) {
		struct finding f = { 0 };
		struct judge j = {
			.v = v,
			.facts = facts,
			.policy = &policy,
			.rf = &facts->role[v->head->role],
			.req = r,
			.a = a,
			.out = &f,
		};

		req_judge(&j);
		check_finding(&f, r, v->tr);
	}
}

static void check_views(const struct trace *t)
{
	struct facts none = { 0 }, facts = { 0 };
	struct arena a = { 0 };
	struct view v;

	view_init_nth(&v, t, 2, &a);
	check_lines(&v.out, t);
	MUST(view_how_ended(&v)[0]);
	view_init(&v, t, &a);
	check_lines(&v.out, t);
	check_lines(&v.err, t);
	MUST(view_how_ended(&v)[0]);
	facts_add(&facts, &v);
	learn(&facts.role[t->head.role], &v);
	/* As if a good transport, and as if nothing were known of it. */
	facts.role[t->head.role].works = true;
	facts.role[t->head.role].flags = true;
	facts.role[t->head.role].speaks_1 = true;
	facts.role[t->head.role].speaks_2 = true;
	judge_all(&v, &facts, &a);
	judge_all(&v, &none, &a);
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = fuzz_input(data, size);
	struct trace t;
	struct err e;

	if (trace_read(file, &t, &e)) {
		check_message(&e);
		check_reading(file, NULL, &e);
		return 0;
	}
	check_writing(&t);
	check_reading(file, &t, NULL);
	check_views(&t);
	trace_fini(&t);
	return 0;
}
