/*
 * trace_file.h - traces written, read and compared, for the tests of their
 * file form.
 */
#ifndef PTCHECK_TRACE_TESTS_TRACE_FILE_H
#define PTCHECK_TRACE_TESTS_TRACE_FILE_H

#include <check.h>

#include "harness/trace/trace.h"

#define FILE_LIMIT (4u << 20)
#define N(a) (sizeof(a) / sizeof((a)[0]))

static inline struct trace_head plain_head(void)
{
	return (struct trace_head){
		.id = SPAN("x@client"),
		.profile = PROFILE_20,
		.sandbox_why = SPAN(""),
		.repro = SPAN(""),
	};
}

/* The word of a set that comes to a number. */
static inline struct span some_word(const struct event_field *f, int64_t number)
{
	uint64_t n = 0;

	while (f->words[n].word)
		n++;
	return span_str(f->words[(uint64_t)number % n].word);
}

/* The same bytes and the same number in all fields. */
static inline struct event some_event(uint32_t n, enum event_kind kind,
				      struct span s, int64_t number)
{
	struct event ev = { .n = n, .t = number, .kind = kind };

	for_event_fields (f, kind)
		if (f->type == EVENT_INT)
			event_set_int(&ev, f, number);
		else if (f->type == EVENT_ENUM)
			event_set_word(&ev, f, some_word(f, number));
		else
			event_set_span(&ev, f, s);
	return ev;
}

static inline void read_all(struct buf *file, struct trace *t)
{
	struct err e = { 0 };

	ck_assert_msg(trace_read(buf_span(file), t, &e) == 0, "%s\n%s", e.msg,
		      buf_cstr(file));
}

static inline void write_all(struct buf *file, const struct trace *t)
{
	trace_write_head(file, &t->head);
	for (size_t i = 0; i < t->nev; i++)
		trace_write_event(file, &t->ev[i]);
}

/* Read what was written, write it again, compare. */
static inline void come_back(struct buf *file, struct trace *t)
{
	struct buf again = BUF_MAX(FILE_LIMIT);

	read_all(file, t);
	write_all(&again, t);
	ck_assert_str_eq(buf_cstr(file), buf_cstr(&again));
	buf_fini(&again);
}

static inline void same_span(struct span got, struct span want)
{
	ck_assert_uint_eq(got.n, want.n);
	ck_assert(span_eq(got, want));
	ck_assert(!span_absent(got));
}

#endif
