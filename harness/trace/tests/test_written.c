/*
 * test_written.c - lines as they are written are read without JSON, and give
 * what JSON would give; all others are left to it.
 */
#include <check.h>
#include <jansson.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/trace/tests/trace_file.h"
#include "harness/trace/written.h"

#define KILL(n, t, what) \
	"{\"n\":" n ",\"t\":" t ",\"k\":\"kill\",\"what\":\"" what "\"}"

static const struct span texts[] = {
	SPAN(""),
	SPAN("VERSION 1\n"),
	SPAN("\"quoted\""),
	SPAN("\\"),
	SPAN("\\\\\"\\"),
	SPAN("\0\x1b\x7f\x80\xff"),
	SPAN("\\n\\x41\\u0041"),
};

/* As the reader of any JSON sees the line: with blanks in it. */
static void read_with_blanks(struct span line, struct trace *t)
{
	struct trace_head h = plain_head();
	struct buf file = BUF_MAX(FILE_LIMIT);
	json_t *o = json_loadb(line.p, line.n, 0, NULL);
	char *text = json_dumps(o, 0);

	trace_write_head(&file, &h);
	buf_adds(&file, text);
	read_all(&file, t);
	ck_assert_uint_eq(t->nev, 1);
	free(text);
	json_decref(o);
	buf_fini(&file);
}

static void check_event(enum event_kind kind, struct span text, int64_t number)
{
	struct event want = some_event(1, kind, text, number), got = { 0 };
	struct buf line = BUF_MAX(FILE_LIMIT), again = BUF_MAX(FILE_LIMIT);
	struct arena a = { 0 };
	struct trace t;
	int64_t n = 0;

	trace_write_event(&line, &want);
	line.n--; /* the newline */
	ck_assert_msg(written_event(buf_span(&line), &a, &got, &n), "%s",
		      buf_cstr(&line));
	ck_assert_int_eq(n, 1);
	got.n = 1;
	trace_write_event(&again, &got);
	again.n--;
	ck_assert_str_eq(buf_cstr(&again), buf_cstr(&line));
	read_with_blanks(buf_span(&line), &t);
	for_event_fields (f, kind)
		if (f->type == EVENT_INT)
			ck_assert_int_eq(event_int(&got, f),
					 event_int(&t.ev[0], f));
		else if (f->type == EVENT_ENUM)
			ck_assert_str_eq(event_word(&got, f),
					 event_word(&t.ev[0], f));
		else
			same_span(event_span(&got, f), event_span(&t.ev[0], f));
	trace_fini(&t);
	arena_fini(&a);
	buf_fini(&line);
	buf_fini(&again);
}

START_TEST(as_json_would)
{
	static const int64_t numbers[] = { 0,
					   1,
					   -1,
					   65536,
					   INT64_C(999999999999999999),
					   INT64_C(-999999999999999999) };

	for (int k = 0; k < EV_KINDS; k++)
		for (size_t i = 0; i < N(texts); i++)
			for (size_t l = 0; l < N(numbers); l++)
				check_event((enum event_kind)k, texts[i],
					    numbers[l]);
}
END_TEST

/* --- heads --- */

/* Every text, list and pair; @text in all of them. */
static struct trace_head some_head(struct span list[2], struct pair pairs[2],
				   struct span text)
{
	struct trace_head h = plain_head();

	list[0] = SPAN("first");
	list[1] = pairs[0].value = pairs[1].key = text;
	pairs[0].key = pairs[1].value = SPAN("x");
	h.id = h.repro = h.sandbox_why = text;
	h.role = ROLE_SERVER;
	h.config = CONFIG_BROKEN;
	h.aims = h.argv = (struct strings){ list, 2 };
	h.known = (struct strings){ list, 1 };
	h.env = h.vars = (struct pairs){ pairs, 2 };
	h.stimuli = STIMULUS(VERSION_LIST) | STIMULUS(APPENDIX_SLASH);
	h.limits = (struct limits){ 1, 2, 3, 4, 5, 6, 7, -8 };
	h.sandbox = true;
	return h;
}

START_TEST(heads)
{
	struct span list[2];
	struct pair pairs[2];

	for (size_t i = 0; i < 2 * N(texts); i++) {
		struct trace_head h = some_head(list, pairs, texts[i / 2]);
		struct buf line = BUF_MAX(FILE_LIMIT);
		struct buf again = BUF_MAX(FILE_LIMIT);
		struct trace_head got;
		struct arena a = { 0 };

		if (i % 2)
			h.probe = texts[i / 2];
		trace_write_head(&line, &h);
		ck_assert_msg(
			written_head(span_sub(buf_span(&line), 0, line.n - 1),
				     &a, &got),
			"%s", buf_cstr(&line));
		ck_assert(span_absent(got.probe) == !(i % 2));
		trace_write_head(&again, &got);
		ck_assert_str_eq(buf_cstr(&again), buf_cstr(&line));
		arena_fini(&a);
		buf_fini(&line);
		buf_fini(&again);
	}
}
END_TEST

/* Wherever it is cut off or one byte is another, it is no other head. */
START_TEST(broken_heads)
{
	struct span list[2];
	struct pair pairs[2];
	struct trace_head h = some_head(list, pairs, SPAN("a\n")), got;
	struct buf line = BUF_MAX(FILE_LIMIT);
	struct arena a = { 0 };

	trace_write_head(&line, &h);
	for (size_t i = 0; i < line.n - 1; i++) {
		ck_assert(!written_head(span_sub(buf_span(&line), 0, i), &a,
					&got));
		line.p[i] ^= 0x80;
		ck_assert(!written_head(
			span_sub(buf_span(&line), 0, line.n - 1), &a, &got));
		line.p[i] ^= 0x80;
	}
	arena_fini(&a);
	buf_fini(&line);
}
END_TEST

/* --- what is left to others --- */

/* Right or wrong, somebody else says so. */
static const struct span others[] = {
	SPAN(""),
	SPAN("{"),
	SPAN("{}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kill\"}"),
	SPAN("{\"t\":5,\"n\":1,\"k\":\"kill\",\"what\":\"pt\"}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\",\"how\":0}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"\",\"what\":\"pt\"}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kills\",\"what\":\"pt\"}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":7}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"lag\",\"us\":\"7\"}"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"exit\",\"what\":\"pt\","
	     "\"how\":\"Exited\",\"code\":0,\"cpu_us\":0}"),
	SPAN(KILL("1", "5", "pt") " "),
	SPAN(" " KILL("1", "5", "pt")),
	SPAN("{\"n\": 1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\"}"),
	SPAN(KILL("1", "5", "pt") "\r"),
	SPAN(KILL("1", "5", "pt") "{}"),
	SPAN(KILL("", "5", "pt")),
	SPAN(KILL("-", "5", "pt")),
	SPAN(KILL("01", "5", "pt")),
	SPAN(KILL("1", "-01", "pt")),
	SPAN(KILL("1", "5.0", "pt")),
	SPAN(KILL("1", "5e1", "pt")),
	SPAN(KILL("1", "9999999999999999999", "pt")),
	SPAN(KILL("1", "5", "a\\n")),
	SPAN(KILL("1", "5", "a\\u0041")),
	SPAN(KILL("1", "5", "a\\/")),
	SPAN(KILL("1", "5", "a\\\\q")),
	SPAN(KILL("1", "5", "a\\\\")) /* one escape, cut off */,
	SPAN(KILL("1", "5", "a\t")),
	SPAN(KILL("1", "5", "a\x7f")),
	SPAN(KILL("1", "5", "\xc3\xa9")),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\\"),
	SPAN("{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\""),
};

START_TEST(left_to_json)
{
	struct arena a = { 0 };
	struct event ev = { 0 };
	int64_t n;

	ck_assert_msg(!written_event(others[_i], &a, &ev, &n), "%.*s",
		      SPAN_ARG(others[_i]));
	arena_fini(&a);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("written lines");
	TCase *t = tcase_create("written lines");

	tcase_add_test(t, as_json_would);
	tcase_add_test(t, heads);
	tcase_add_test(t, broken_heads);
	tcase_add_loop_test(t, left_to_json, 0, N(others));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
