/*
 * by_hand.h - a trace made by hand and the view of it, for the tests of views.
 */
#ifndef PTCHECK_TRACE_TESTS_BY_HAND_H
#define PTCHECK_TRACE_TESTS_BY_HAND_H

#include <check.h>
#include <stdio.h>

#include "harness/trace/view.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct trace tr;
static struct view v;

static inline void setup(void)
{
	tr = (struct trace){ .head.profile = PROFILE_20 };
}

static inline void teardown(void)
{
	trace_fini(&tr);
}

static inline void put(struct event ev)
{
	ev.n = (uint32_t)tr.nev + 1;
	ev.t = (int64_t)tr.nev * 10;
	arena_grow(&tr.arena, tr.ev, tr.nev, tr.cap);
	tr.ev[tr.nev++] = ev;
}

static inline void out(const char *stream, struct span bytes)
{
	put(EVENT(out, .on = span_str(stream), .data = bytes));
}

static inline void look(void)
{
	view_init(&v, &tr, &tr.arena);
}

static inline void set_argv(const char *const *words)
{
	size_t n = 0;

	while (words[n])
		n++;
	tr.head.argv.v = arena_alloc(&tr.arena, (n + 1) * sizeof(struct span));
	tr.head.argv.n = n;
	for (size_t i = 0; i < n; i++)
		tr.head.argv.v[i] = span_str(words[i]);
}

/* "KEY", "value", ..., NULL */
static inline void set_env(const char *const *words)
{
	struct pairs *env = &tr.head.env;

	*env = (struct pairs){ 0 };
	env->v = arena_alloc(&tr.arena, 16 * sizeof(struct pair));
	for (; words[0]; words += 2)
		env->v[env->n++] =
			(struct pair){ span_str(words[0]), span_str(words[1]) };
}

#define ARGV(...) set_argv((const char *const[]){ "pt", ##__VA_ARGS__, NULL })
#define ENV(...) set_env((const char *const[]){ __VA_ARGS__, NULL })

static inline void same(struct span got, const char *want)
{
	char text[200];

	if (!want) {
		ck_assert(span_absent(got));
		return;
	}
	ck_assert_msg(!span_absent(got), "absent, not \"%s\"", want);
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(got));
	ck_assert_str_eq(text, want);
}

#endif
