/*
 * test_trace_broken.c - a broken trace file gives one error that names the
 * line and the key.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/trace/tests/trace_file.h"

#define HEAD_REST                                                                              \
	"\"role\":\"client\",\"profile\":\"2.0\",\"config\":\"legal\","                        \
	"\"aims\":[],\"stimuli\":[],\"argv\":[],\"env\":[],\"known\":[],\"nosuch\":[],"        \
	"\"vars\":[],\"limits\":{\"init\":1,\"exit\":1,\"graceful\":1,"                        \
	"\"connect\":1,\"window\":1,\"orphan\":1,\"settings\":1,\"idle\":1},\"sandbox\":true," \
	"\"sandbox_why\":\"\",\"wrapper\":false,\"repro\":\"\"}\n"
#define HEAD "{\"trace\":1,\"id\":\"x\"," HEAD_REST
#define AT_MOST "of at most 512 KiB"
#define KILL "{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\"}\n"

struct broken {
	struct span file;
	const char *message;
};

static const struct broken broken[] = {
	/* no head */
	{ SPAN(""), "no trace head" },
	{ SPAN("\n"), "no trace head" },
	{ SPAN("\n\n\n"), "no trace head" },
	{ SPAN("\n" HEAD), "line 2: \"k\" is not a known kind of event" },
	{ SPAN(KILL), "line 1: \"trace\" is not an integer" },
	{ SPAN("{}"), "line 1: \"trace\" is not an integer" },
	/* no JSON */
	{ SPAN("hello"), "line 1: not a JSON object" },
	{ SPAN("\0"), "line 1: not a JSON object" },
	{ SPAN("\xff\xfe"), "line 1: not a JSON object" },
	{ SPAN("[]"), "line 1: not a JSON object" },
	{ SPAN("null"), "line 1: not a JSON object" },
	{ SPAN("\"x\""), "line 1: not a JSON object" },
	{ SPAN(HEAD "hello\n"), "line 2: not a JSON object" },
	{ SPAN(HEAD KILL "17\n"), "line 3: not a JSON object" },
	{ SPAN(HEAD KILL "{\"n\":2} {}\n"), "line 3: not a JSON object" },
	/* a line cut off by the death of the worker */
	{ SPAN("{\"trace\":1,\"id\":\"x"), "line 1: not a JSON object" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"ki"),
	  "line 2: not a JSON object" },
	{ SPAN(HEAD KILL "{"), "line 3: not a JSON object" },
	/* heads */
	{ SPAN("{\"trace\":2,\"id\":\"x\"," HEAD_REST),
	  "line 1: \"trace\" is not format 1" },
	{ SPAN("{\"trace\":\"1\",\"id\":\"x\"," HEAD_REST),
	  "line 1: \"trace\" is not an integer" },
	{ SPAN("{\"trace\":1," HEAD_REST), "line 1: \"id\" is not a string" },
	{ SPAN("{\"trace\":1,\"id\":5," HEAD_REST),
	  "line 1: \"id\" is not a string" },
	{ SPAN("{\"trace\":1,\"id\":\"a\\\\q\"," HEAD_REST),
	  "line 1: \"id\" is not escaped text " AT_MOST },
	{ SPAN("{\"trace\":1,\"id\":\"a\\u0000\"," HEAD_REST),
	  "line 1: not a JSON object" },
	{ SPAN("{\"trace\":1,\"id\":\"a\",\"id\":\"b\"," HEAD_REST),
	  "line 1: not a JSON object" },
	{ SPAN("{\"trace\":1,\"id\":\"x\",\"probe\":1," HEAD_REST),
	  "line 1: \"probe\" is not a string" },
	/* events */
	{ SPAN(HEAD "{}\n"), "line 2: \"k\" is not a known kind of event" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5}\n"),
	  "line 2: \"k\" is not a known kind of event" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":7}\n"),
	  "line 2: \"k\" is not a known kind of event" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"\"}\n"),
	  "line 2: \"k\" is not a known kind of event" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"KILL\",\"what\":\"pt\"}\n"),
	  "line 2: \"k\" is not a known kind of event" },
	{ SPAN(HEAD "{\"t\":5,\"k\":\"kill\",\"what\":\"pt\"}\n"),
	  "line 2: \"n\" is not an integer" },
	{ SPAN(HEAD "{\"n\":1,\"k\":\"kill\",\"what\":\"pt\"}\n"),
	  "line 2: \"t\" is not an integer" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"kill\"}\n"),
	  "line 2: \"what\" is not a string" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"exit\",\"what\":\"pt\","
		    "\"code\":0,\"cpu_us\":0}\n"),
	  "line 2: \"how\" is not one of its words" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"exit\",\"what\":\"pt\","
		    "\"how\":\"Exited\",\"code\":0,\"cpu_us\":0}\n"),
	  "line 2: \"how\" is not one of its words" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"exit\",\"what\":\"pt\","
		    "\"how\":0,\"code\":0,\"cpu_us\":0}\n"),
	  "line 2: \"how\" is not one of its words" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"out\",\"on\":\"stdout\"}\n"),
	  "line 2: \"data\" is not a string" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"lag\"}\n"),
	  "line 2: \"us\" is not an integer" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"write\",\"on\":\"stdin\","
		    "\"taken\":1}\n"),
	  "line 2: \"refused\" is not an integer" },
	/* keys of no event, or of another one */
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\","
		    "\"how\":\"\"}\n"),
	  "line 2: \"how\" is no key of \"kill\"" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"kill\",\"what\":\"pt\","
		    "\"\\u001b[2J\":0}\n"),
	  "line 2: \"\\x1b[2J\" is no key of \"kill\"" },
	/* numbers */
	{ SPAN(HEAD "{\"n\":2,\"t\":5,\"k\":\"kill\",\"what\":\"pt\"}\n"),
	  "line 2: \"n\" is not the next number" },
	{ SPAN(HEAD "{\"n\":0,\"t\":5,\"k\":\"kill\",\"what\":\"pt\"}\n"),
	  "line 2: \"n\" is not the next number" },
	{ SPAN(HEAD "{\"n\":4294967297,\"t\":5,\"k\":\"kill\","
		    "\"what\":\"pt\"}\n"),
	  "line 2: \"n\" is not the next number" },
	{ SPAN(HEAD KILL KILL), "line 3: \"n\" is not the next number" },
	{ SPAN(HEAD "{\"n\":1.0,\"t\":5,\"k\":\"kill\",\"what\":\"pt\"}\n"),
	  "line 2: \"n\" is not an integer" },
	{ SPAN(HEAD "{\"n\":1,\"t\":99999999999999999999,\"k\":\"kill\","
		    "\"what\":\"pt\"}\n"),
	  "line 2: not a JSON object" },
	{ SPAN(HEAD "{\"n\":1,\"t\":1e3,\"k\":\"kill\",\"what\":\"pt\"}\n"),
	  "line 2: \"t\" is not an integer" },
	/* escapes */
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"out\",\"on\":\"stdout\","
		    "\"data\":\"a\\\\q\"}\n"),
	  "line 2: \"data\" is not escaped text " AT_MOST },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"out\",\"on\":\"stdout\","
		    "\"data\":\"a\\\\x4\"}\n"),
	  "line 2: \"data\" is not escaped text " AT_MOST },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"out\",\"on\":\"stdout\","
		    "\"data\":\"a\\\\\"}\n"),
	  "line 2: \"data\" is not escaped text " AT_MOST },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"out\",\"on\":\"stdout\","
		    "\"data\":\"\xff\"}\n"),
	  "line 2: not a JSON object" },
};

START_TEST(broken_files)
{
	const struct broken *b = &broken[_i];
	struct err e = { 0 };
	struct trace t;

	ck_assert_int_eq(trace_read(b->file, &t, &e), -1);
	ck_assert_str_eq(e.msg, b->message);
	/* Nothing is left to free. */
	ck_assert_ptr_null(t.arena.head);
	ck_assert_ptr_null(t.ev);
}
END_TEST

/* Take each key out of the head and every event, and give each a wrong type:
 * the message names the key. */
static void without(const char *line, const char *before)
{
	static const char *const optional[] = { "probe", "sandbox", "wrapper" };
	json_t *o = json_loads(line, 0, NULL), *v;
	const char *key;
	void *next;

	ck_assert_ptr_nonnull(o);
	json_object_foreach_safe(o, next, key, v)
	{
		json_t *less = json_copy(o);
		struct buf file = BUF_MAX(FILE_LIMIT);
		char *text, want[80];
		struct trace t;
		struct err e = { 0 };
		bool may = false;

		for (size_t i = 0; i < N(optional); i++)
			may |= strcmp(key, optional[i]) == 0;
		json_object_del(less, key);
		text = json_dumps(less, 0);
		buf_adds(&file, before);
		buf_adds(&file, text);
		snprintf(want, sizeof(want), "line %d: \"%s\" is not ",
			 before[0] ? 2 : 1,
			 strcmp(key, "limits") == 0 ? "init" : key);
		if (trace_read(buf_span(&file), &t, &e)) {
			ck_assert_msg(
				!may && strncmp(e.msg, want, strlen(want)) == 0,
				"without %s: %s", key, e.msg);
		} else {
			ck_assert_msg(may, "without %s: read", key);
			trace_fini(&t);
		}
		free(text);
		json_decref(less);
		buf_fini(&file);
	}
	json_decref(o);
}

START_TEST(missing_keys)
{
	struct buf line = BUF_MAX(FILE_LIMIT);

	without(HEAD, "");
	for (int k = 0; k < EV_KINDS; k++) {
		struct event ev =
			some_event(1, (enum event_kind)k, SPAN("x"), 1);

		buf_reset(&line);
		trace_write_event(&line, &ev);
		without(buf_cstr(&line), HEAD);
	}
	buf_fini(&line);
}
END_TEST

struct head_row {
	const char *was, *is, *message;
};

static const struct head_row head_rows[] = {
	{ "\"client\"", "\"parent\"",
	  "line 1: \"role\" is not client or server" },
	{ "\"2.0\"", "\"3.0\"", "line 1: \"profile\" is not 1.0 or 2.0" },
	{ "\"legal\"", "\"\"",
	  "line 1: \"config\" is not legal, odd or broken" },
	{ "\"aims\":[]", "\"aims\":[1]", "line 1: \"aims\" is not a string" },
	{ "\"aims\":[]", "\"aims\":{}", "line 1: \"aims\" is not an array" },
	{ "\"stimuli\":[]", "\"stimuli\":[\"x\"]",
	  "line 1: \"stimuli\" is not made of known words" },
	{ "\"argv\":[]", "\"argv\":[\"\\\\\"]",
	  "line 1: \"argv\" is not escaped text " AT_MOST },
	{ "\"env\":[]", "\"env\":[\"A\"]", "line 1: \"env\" is not a string" },
	{ "\"env\":[]", "\"env\":[[\"A\"]]",
	  "line 1: \"env\" is not a string" },
	{ "\"env\":[]", "\"env\":[[\"A\",5]]",
	  "line 1: \"env\" is not a string" },
	{ "\"vars\":[]", "\"vars\":[[]]", "line 1: \"vars\" is not a string" },
	{ "\"init\":1", "\"init\":1.5", "line 1: \"init\" is not an integer" },
	{ "\"orphan\":1", "\"orphan\":null",
	  "line 1: \"orphan\" is not an integer" },
};

START_TEST(wrong_heads)
{
	const struct head_row *row = &head_rows[_i];
	struct buf file = BUF_MAX(FILE_LIMIT);
	const char *at = strstr(HEAD, row->was);
	struct err e = { 0 };
	struct trace t;

	ck_assert_ptr_nonnull(at);
	buf_add(&file, span_of(HEAD, (size_t)(at - HEAD)));
	buf_adds(&file, row->is);
	buf_adds(&file, at + strlen(row->was));
	ck_assert_int_eq(trace_read(buf_span(&file), &t, &e), -1);
	ck_assert_str_eq(e.msg, row->message);
	buf_fini(&file);
}
END_TEST

/* A trace may be cut anywhere: whole lines are read, a part of one is not. */
START_TEST(cut_anywhere)
{
	static const char whole[] = HEAD KILL;
	size_t head = sizeof(HEAD) - 1, all = sizeof(whole) - 1;

	for (size_t n = 0; n <= all; n++) {
		/* Its own memory: reading on would be seen. */
		char *copy = malloc(n ? n : 1);
		struct err e = { 0 };
		struct trace t;
		int rc;

		memcpy(copy, whole, n);
		rc = trace_read(span_of(copy, n), &t, &e);
		if (n == head - 1 || n == head || n >= all - 1) {
			ck_assert_msg(rc == 0, "%zu: %s", n, e.msg);
			ck_assert_uint_eq(t.nev, n > head);
			trace_fini(&t);
		} else {
			ck_assert_int_eq(rc, -1);
			ck_assert_str_eq(e.msg,
					 n == 0 ? "no trace head"
					 : n < head
						 ? "line 1: not a JSON object"
						 : "line 2: not a JSON object");
		}
		free(copy);
	}
}
END_TEST

/* Longer than any line that a worker writes: refused, never cut. */
START_TEST(too_long)
{
	for (size_t n = 512 * 1024; n <= 512 * 1024 + 1; n++) {
		struct buf file = BUF_MAX(FILE_LIMIT);
		struct event ev = EVENT(out, .on = SPAN(""));
		struct trace_head h = plain_head();
		char *bytes = malloc(n);
		struct err e = { 0 };
		struct trace t;

		memset(bytes, 'x', n);
		ev.n = 1;
		ev.out.data = span_of(bytes, n);
		trace_write_head(&file, &h);
		trace_write_event(&file, &ev);
		if (n > 512 * 1024) {
			ck_assert(trace_read(buf_span(&file), &t, &e) == -1);
			ck_assert_str_eq(e.msg, "line 2: \"data\" is not "
						"escaped text " AT_MOST);
		} else {
			come_back(&file, &t);
			trace_fini(&t);
		}
		buf_fini(&file);
		free(bytes);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("broken traces");
	TCase *t = tcase_create("reading");

	tcase_add_loop_test(t, broken_files, 0, (int)N(broken));
	tcase_add_test(t, missing_keys);
	tcase_add_loop_test(t, wrong_heads, 0, (int)N(head_rows));
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, too_long);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
