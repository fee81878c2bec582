/*
 * fuzz_template.c - what a client is told, in the bytes of steps: from any
 * ARGS come blocks that hold together, and from any text a message or bytes.
 *
 * An input is what a server printed in ARGS, up to the first line end, and
 * behind it a text with templates.
 */
#include <jansson.h>

#include "parent/base/text.h"
#include "harness/case/case.h"
#include "parent/proto/fuzz/fuzz.h"

static const char target_text[] =
	"{\"transports\": {\"one\": {\"client_settings\": \"from-args\","
	" \"server_options\": {\"k\": \"v\", \"l\": \"w\"},"
	" \"free_options\": [\"l\"]}}}";

/* The bytes of one step each. */
enum { JSON, MEMBERS, MISTYPED, WRONG, BLOCK, COUNTED, TEXTS };
static const char *const texts[TEXTS] = {
	"${json}",  "${members}",   "${mistyped}",
	"${wrong}", "${block:100}", "${counted:${json}!}",
};

static const char *some_port(void *ctx, struct span name, struct arena *a)
{
	(void)ctx;
	return arena_printf(a, "%zu", name.n);
}

static json_t *one_case(json_t *bytes[], size_t n)
{
	json_t *steps = json_pack("[{ss}]", "do", "start");

	for (size_t i = 0; i < n; i++)
		json_array_append_new(
			steps, json_pack("{ss, ss, so}", "do", "file", "at",
					 "${work}/x", "bytes", bytes[i]));
	return json_pack("{si, s[{ss, ss, s[], s[s], so}]}", "schema", 1,
			 "cases", "id", "a", "title", "t", "aims", "roles",
			 "client", "steps", steps);
}

/* The first plan of a case with such steps; NULL, with a message. */
static const struct plan *plan(struct span args, json_t *bytes[], size_t n,
			       struct arena *a, struct err *e)
{
	json_t *v = one_case(bytes, n);
	char *text = json_dumps(v, 0);
	struct span argv[] = { SPAN("pt") };
	struct pair told = { SPAN("one"), args };
	struct plan_env env = {
		.argv = { argv, 1 },
		.profile = PROFILE_20,
		.sandbox = true,
		.role = { true, true },
		.server_args = { &told, 1 },
		.work_root = SPAN("/w"),
		.port = some_port,
	};
	struct cases c = { 0 };
	struct plans plans = { 0 };
	struct target t;

	MUST(v && text);
	MUST(target_parse(span_str(target_text), "t", a, &t, e) == 0);
	env.target = &t;
	if (cases_parse(&c, span_str(text), "f", e) == 0 &&
	    cases_plan(&c, &env, a, &plans, e) == 0)
		MUST(plans.n <= 1);
	cases_fini(&c);
	target_fini(&t);
	json_decref(v);
	free(text);
	return plans.n && !e->msg[0] ? &plans.v[0] : NULL;
}

/* An object in a sound block of at least @least bytes; @behind: what stands
 * behind it. */
static void check_block(struct span b, struct span json, size_t least,
			char behind)
{
	struct span rest = span_sub(b, 4, b.n);
	size_t n = 0;

	MUST(b.n >= 4);
	for (size_t i = 0; i < 4; i++)
		n = n << 8 | (uint8_t)b.p[i];
	MUST(n == rest.n && n >= least && span_starts(rest, json));
	for (size_t i = json.n; i < rest.n; i++)
		MUST(rest.p[i] == behind);
}

static json_t *load(struct span s)
{
	return json_loadb(s.p, s.n, JSON_ALLOW_NUL, NULL);
}

/* @json is no object, as its bytes are no text, or the other has as many
 * keys. */
static void check_members(struct span json, struct span inner)
{
	struct buf whole = BUF_MAX(1u << 24);
	json_t *x = load(json), *y;

	MUST(!inner.n || inner.p[inner.n - 1] == ',');
	buf_addc(&whole, '{');
	buf_add(&whole, span_sub(inner, 0, inner.n ? inner.n - 1 : 0));
	buf_addc(&whole, '}');
	y = load(buf_span(&whole));
	MUST(!x || (y && json_object_size(x) == json_object_size(y)));
	json_decref(x);
	json_decref(y);
	buf_fini(&whole);
}

static void check_told(struct span args)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	json_t *bytes[TEXTS];
	const struct plan *p;
	struct span got[TEXTS];

	for (size_t i = 0; i < TEXTS; i++)
		bytes[i] = json_string(texts[i]);
	p = plan(args, bytes, TEXTS, &a, &e);
	for (size_t i = 0; p && i < TEXTS; i++)
		got[i] = p->steps[i + 1].file.bytes;
	/* Longer than TEMPLATE_MAX is refused. */
	MUST(p || e.msg[0]);
	if (p) {
		check_members(got[JSON], got[MEMBERS]);
		check_members(got[JSON], got[MISTYPED]);
		check_block(got[BLOCK], got[JSON], 100, ' ');
		check_block(got[COUNTED], got[JSON], got[JSON].n + 1, '!');
		MUST(span_eq(got[JSON], got[WRONG]) ==
		     span_eq(got[JSON], SPAN("{}")));
	}
	arena_fini(&a);
}

static void check_text(struct span args, struct span text)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	json_t *bytes = json_stringn(text.p, text.n);

	/* JSON holds no other bytes. */
	if (bytes && !plan(args, &bytes, 1, &a, &e))
		MUST(strncmp(e.msg, "f:", 2) == 0);
	for (const char *p = e.msg; *p; p++)
		MUST(*p >= ' ' && *p < 0x7f);
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	size_t line = span_find(in, '\n');
	struct span args = span_sub(in, 0, line);

	check_told(args);
	check_text(args, span_sub(in, line + (line < in.n), in.n));
	return 0;
}
