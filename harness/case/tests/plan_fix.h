/* plan_fix.h - a planning with all that it needs, for tests. */
#ifndef PTCHECK_CASE_TESTS_PLAN_FIX_H
#define PTCHECK_CASE_TESTS_PLAN_FIX_H

#include <check.h>

#include "parent/base/text.h"
#include "harness/case/case.h"
#include "harness/case/tests/quoted.h"

/* A planning with its surroundings. */
struct fix {
	struct arena a;
	struct cases cases;
	struct target target;
	struct plan_env env;
	struct plans plans;
	struct err e;
	int ports, resets;
	struct span argv[1];
};

/* 1001, 1002, ... in each launch. */
static inline const char *next_port(void *ctx, struct span name,
				    struct arena *a)
{
	struct fix *f = ctx;

	if (span_eqs(name, "none"))
		return NULL;
	return arena_printf(a, "%d", 1000 + ++f->ports);
}

static inline void reset_ports(void *ctx)
{
	struct fix *f = ctx;

	f->ports = 0;
	f->resets++;
}

static inline void fix_init(struct fix *f, const char *target,
			    const char *cases)
{
	*f = (struct fix){ .argv = { SPAN("/bin/pt") } };
	ck_assert_msg(target_parse(quoted(&f->a, target), "t", &f->a,
				   &f->target, &f->e) == 0,
		      "%s", f->e.msg);
	ck_assert_msg(
		cases_parse(&f->cases, quoted(&f->a, cases), "f", &f->e) == 0,
		"%s", f->e.msg);
	f->env = (struct plan_env){
		.target = &f->target,
		.argv = { f->argv, 1 },
		.profile = PROFILE_20,
		.limits = { 10, 20, 30, 40, 50, 60 },
		.seed = 1,
		.sandbox = true,
		.sandbox_why = SPAN("no namespaces"),
		.speaks_1 = { true, true },
		.speaks_2 = { true, true },
		.flags = { true, true },
		.socks5 = true,
		.socks4 = true,
		.role = { true, true },
		.work_root = SPAN("/w"),
		.port = next_port,
		.port_ctx = f,
		.port_reset = reset_ports,
	};
}

static inline void fix_plan(struct fix *f)
{
	ck_assert_msg(cases_plan(&f->cases, &f->env, &f->a, &f->plans, &f->e) ==
			      0,
		      "%s", f->e.msg);
}

static inline void fix_fini(struct fix *f)
{
	cases_fini(&f->cases);
	target_fini(&f->target);
	arena_fini(&f->a);
}

static const char two_transports[] =
	"{'transports': {"
	"'one': {'server_options': {'k;': 'v=', 'l': 'm'},"
	"'free_options': ['l']},"
	"'two': {'server_options': {'n': 'o'}},"
	"'three': {'roles': ['client']}},"
	"'client_args': ['-c'], 'server_args': ['-s'], 'wrapper': true}";

static const char everything[] =
	"{'transports': {"
	"'one': {'modes': ['socks5', 'transparent-TCP'],"
	"'server_options': {'k': 'v'}, 'free_options': ['k']}, 'two': {}}}";

static const char only_client[] =
	"{'transports': {'one': {'roles': ['client']}}}";

/* "a=1 b=2" of pairs, "x y" of strings: escaped, for comparison. */
static inline const char *pairs_text(struct fix *f, const struct pairs *l)
{
	struct buf b = BUF_MAX(1 << 20);
	const char *out;

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(&b, ' ');
		text_escape(&b, l->v[i].key);
		buf_addc(&b, '=');
		text_escape(&b, l->v[i].value);
	}
	out = arena_strdup(&f->a, buf_cstr(&b));
	buf_fini(&b);
	return out;
}

static inline const char *strings_text(struct fix *f, const struct strings *l)
{
	struct buf b = BUF_MAX(1 << 20);
	const char *out;

	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(&b, ' ');
		text_escape(&b, l->v[i]);
	}
	out = arena_strdup(&f->a, buf_cstr(&b));
	buf_fini(&b);
	return out;
}

static inline const char *plan_ids(struct fix *f)
{
	struct strings l = {
		arena_alloc(&f->a, f->plans.n * sizeof(*l.v)),
		f->plans.n,
	};

	for (size_t i = 0; i < l.n; i++)
		l.v[i] = f->plans.v[i].head.id;
	return strings_text(f, &l);
}

#endif
