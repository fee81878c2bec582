/*
 * fuzz_case.c - case files: any bytes give a message of one line, or plans
 * that hold together.
 */
#include "parent/base/text.h"
#include "harness/case/case.h"
#include "parent/proto/fuzz/fuzz.h"

static const char target_text[] =
	"{\"transports\": {\"one\": {\"server_options\": {\"k\": \"v\"},"
	" \"free_options\": [\"k\"], \"client_settings\": {\"s\": \"t\"}},"
	" \"two\": {\"roles\": [\"client\"]},"
	" \"three\": {\"client_settings\": \"from-args\"}}}";

static const char *some_port(void *ctx, struct span name, struct arena *a)
{
	MUST(name.n > 0);
	(void)ctx;
	return arena_strdup(a, "1");
}

/* Printable, on one line, with the file in front. */
static void check_message(const struct err *e)
{
	MUST(strncmp(e->msg, "f:", 2) == 0);
	for (const char *p = e->msg; *p; p++)
		MUST(*p >= ' ' && *p < 0x7f);
}

static void check_plan(const struct plan *p)
{
	const struct trace_head *h = &p->head;
	bool started = false;

	MUST(h->id.n > 0 && h->argv.n > 0 && h->nosuch.n == 2);
	MUST(p->natural_ms >= 0);
	for (size_t i = 0; i < h->env.n; i++) {
		MUST(h->env.v[i].key.n > 0);
		MUST(!span_absent(h->env.v[i].value));
		MUST(span_find(h->env.v[i].value, '\0') == h->env.v[i].value.n);
	}
	for (size_t i = 0; i < h->argv.n; i++)
		MUST(strlen(h->argv.v[i].p) == h->argv.v[i].n);
	for (size_t i = 0; i < p->nsteps; i++)
		started |= p->steps[i].kind == STEP_START;
	MUST(started);
}

static void plan(const struct cases *c, bool probing, struct arena *a)
{
	struct span argv[] = { SPAN("pt") };
	struct pair told = { SPAN("three"), SPAN("k=v\\,,l=\"") };
	struct plan_env env = {
		.server_args = { &told, 1 },
		.argv = { argv, 1 },
		.profile = PROFILE_20,
		.sandbox = true,
		.probing = probing,
		.flags = { true, true },
		.role = { true, true },
		.work_root = SPAN("/w"),
		.port = some_port,
	};
	struct target t;
	struct plans plans;
	struct err e;

	MUST(target_parse(span_str(target_text), "t", a, &t, &e) == 0);
	env.target = &t;
	if (cases_plan(c, &env, a, &plans, &e) == 0)
		for (size_t i = 0; i < plans.n; i++)
			check_plan(&plans.v[i]);
	else
		check_message(&e);
	target_fini(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cases c = { 0 };
	struct arena a = { 0 };
	struct err e = { 0 };

	if (cases_parse(&c, fuzz_input(data, size), "f", &e)) {
		check_message(&e);
	} else {
		plan(&c, false, &a);
		plan(&c, true, &a);
	}
	cases_fini(&c);
	arena_fini(&a);
	return 0;
}
