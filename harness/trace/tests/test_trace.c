/*
 * test_trace.c - the file form of a trace: what is written comes back byte
 * for byte, and a broken file gives one error that names the line.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/base/text.h"
#include "harness/trace/trace.h"

#define FILE_LIMIT (4u << 20)
#define N(a) (sizeof(a) / sizeof((a)[0]))

/* --- what a transport, or whoever wrote a case, may put in a field ------- */

static char every_byte[256];

static const struct span *hostile(size_t *n)
{
	static struct span list[] = {
		SPAN(""),
		SPAN("plain"),
		SPAN("\0"),
		SPAN("a\0b"),
		SPAN("\n"),
		SPAN("\r\n\t"),
		SPAN("\"}\n{\"n\":1,\"t\":1,\"k\":\"kill\",\"what\":\"pt\"}"),
		SPAN("\\"),
		SPAN("\\n\\x41\\u0000\\"),
		SPAN("\x1b[2J\x1b]0;title\a"),
		SPAN("\xc3\xa9 \xff\xfe \xed\xa0\x80 \xf4\x90\x80\x80"),
		SPAN("</script><!--&amp;]]>"),
		SPAN("\x7f"),
		SPAN("%s%n%d"),
		{ every_byte, sizeof(every_byte) },
	};

	for (size_t i = 0; i < sizeof(every_byte); i++)
		every_byte[i] = (char)i;
	*n = N(list);
	return list;
}

static const int64_t numbers[] = {
	0, 1, -1, 65536, INT64_C(1) << 53, INT64_MAX, INT64_MIN,
};

/* --- heads ---------------------------------------------------------------- */

static struct trace_head plain_head(void)
{
	return (struct trace_head){
		.id = SPAN("x@client"),
		.profile = PROFILE_20,
		.sandbox_why = SPAN(""),
		.repro = SPAN(""),
	};
}

/* The same bytes in every text, and once more in each list. */
static void fill_head(struct trace_head *h, struct span s, struct span list[3],
		      struct pair pairs[2])
{
	list[0] = s;
	list[1] = SPAN("between");
	list[2] = s;
	pairs[0] = (struct pair){ s, SPAN("value") };
	pairs[1] = (struct pair){ SPAN("key"), s };
	*h = (struct trace_head){
		.id = s,
		.probe = s,
		.sandbox_why = s,
		.repro = s,
		.aims = { list, 3 },
		.argv = { list, 2 },
		.known = { list, 1 },
		.nosuch = { list, 0 },
		.env = { pairs, 2 },
		.vars = { pairs, 1 },
	};
}

static void read_all(struct buf *file, struct trace *t)
{
	struct err e = { 0 };

	ck_assert_msg(trace_read(buf_span(file), t, &e) == 0, "%s\n%s", e.msg,
		      buf_cstr(file));
}

static void write_all(struct buf *file, const struct trace *t)
{
	trace_write_head(file, &t->head);
	for (size_t i = 0; i < t->nev; i++)
		trace_write_event(file, &t->ev[i]);
}

/* Read what was written, write it again, compare. */
static void come_back(struct buf *file, struct trace *t)
{
	struct buf again = BUF_MAX(FILE_LIMIT);

	read_all(file, t);
	write_all(&again, t);
	ck_assert_str_eq(buf_cstr(file), buf_cstr(&again));
	buf_fini(&again);
}

static void same_span(struct span got, struct span want)
{
	ck_assert_uint_eq(got.n, want.n);
	ck_assert(span_eq(got, want));
	ck_assert(!span_absent(got));
}

START_TEST(head_comes_back)
{
	size_t n;
	const struct span *texts = hostile(&n);

	for (size_t i = 0; i < n; i++) {
		struct buf file = BUF_MAX(FILE_LIMIT);
		struct span list[3];
		struct pair pairs[2];
		struct trace_head h;
		struct trace t;

		fill_head(&h, texts[i], list, pairs);
		trace_write_head(&file, &h);
		come_back(&file, &t);
		same_span(t.head.id, texts[i]);
		same_span(t.head.probe, texts[i]);
		same_span(t.head.sandbox_why, texts[i]);
		same_span(t.head.repro, texts[i]);
		ck_assert_uint_eq(t.head.aims.n, 3);
		same_span(t.head.aims.v[2], texts[i]);
		ck_assert_uint_eq(t.head.argv.n, 2);
		same_span(t.head.known.v[0], texts[i]);
		ck_assert_uint_eq(t.head.nosuch.n, 0);
		same_span(t.head.env.v[0].key, texts[i]);
		same_span(t.head.env.v[1].value, texts[i]);
		same_span(t.head.vars.v[0].value, SPAN("value"));
		trace_fini(&t);
		buf_fini(&file);
	}
}
END_TEST

/* All words and numbers of a head; no probe stays no probe. */
START_TEST(head_words_come_back)
{
	for (int i = 0; i < 24; i++) {
		struct buf file = BUF_MAX(FILE_LIMIT);
		struct trace_head h = plain_head();
		struct limits l = { i, i + 1, i + 2, i + 3, i + 4, -i };
		struct trace t;

		/* Each under its own key. */
		h.id = SPAN("an id");
		h.repro = SPAN("how to");
		h.sandbox_why = SPAN("forbidden");
		h.role = i & 1 ? ROLE_SERVER : ROLE_CLIENT;
		h.profile = i & 2 ? PROFILE_20 : PROFILE_10;
		h.config = (enum config)(i / 4 % 3);
		h.sandbox = i & 4;
		h.wrapper = i & 8;
		h.limits = l;
		trace_write_head(&file, &h);
		come_back(&file, &t);
		ck_assert_ptr_nonnull(
			strstr(buf_cstr(&file), "\"id\":\"an id\""));
		same_span(t.head.id, h.id);
		same_span(t.head.repro, h.repro);
		same_span(t.head.sandbox_why, h.sandbox_why);
		ck_assert_int_eq(t.head.role, h.role);
		ck_assert_int_eq(t.head.profile, h.profile);
		ck_assert_int_eq(t.head.config, h.config);
		ck_assert_int_eq(t.head.sandbox, h.sandbox);
		ck_assert_int_eq(t.head.wrapper, h.wrapper);
		ck_assert(memcmp(&t.head.limits, &l, sizeof(l)) == 0);
		ck_assert(span_absent(t.head.probe));
		trace_fini(&t);
		buf_fini(&file);
	}
}
END_TEST

/* --- events ---------------------------------------------------------------- */

static struct event some_event(uint32_t n, enum event_kind kind, struct span s,
			       int64_t number)
{
	struct event ev = { .n = n, .t = number, .kind = kind };

	for_event_fields (f, kind)
		if (f->type == EVENT_INT)
			event_set_int(&ev, f, number);
		else
			event_set_span(&ev, f, s);
	return ev;
}

static void same_event(const struct event *got, const struct event *want)
{
	ck_assert_uint_eq(got->n, want->n);
	ck_assert_int_eq(got->t, want->t);
	ck_assert_int_eq(got->kind, want->kind);
	for_event_fields (f, want->kind)
		if (f->type == EVENT_INT)
			ck_assert_int_eq(event_int(got, f), event_int(want, f));
		else
			same_span(event_span(got, f), event_span(want, f));
}

/* One trace with every kind: all texts, all numbers. */
START_TEST(every_kind_comes_back)
{
	struct buf file = BUF_MAX(FILE_LIMIT);
	struct trace_head h = plain_head();
	struct event want[2000];
	size_t n, at = 0;
	const struct span *texts = hostile(&n);
	struct trace t;

	trace_write_head(&file, &h);
	for (int k = 0; k < EV_KINDS; k++)
		for (size_t i = 0; i < n; i++, at++) {
			want[at] = some_event((uint32_t)at + 1,
					      (enum event_kind)k, texts[i],
					      numbers[i % N(numbers)]);
			trace_write_event(&file, &want[at]);
		}
	come_back(&file, &t);
	ck_assert_uint_eq(t.nev, at);
	for (size_t i = 0; i < at; i++)
		same_event(&t.ev[i], &want[i]);
	trace_fini(&t);
	buf_fini(&file);
}
END_TEST

/* An absent text is written as an empty one: nobody must crash on it. */
START_TEST(absent_texts)
{
	struct buf file = BUF_MAX(FILE_LIMIT);
	struct trace_head h = plain_head();
	struct trace t;

	trace_write_head(&file, &h);
	for (int k = 0; k < EV_KINDS; k++) {
		struct event ev = { .n = (uint32_t)k + 1,
				    .kind = (enum event_kind)k };

		trace_write_event(&file, &ev);
	}
	come_back(&file, &t);
	for (int k = 0; k < EV_KINDS; k++) {
		for_event_fields (f, (enum event_kind)k)
			if (f->type != EVENT_INT)
				ck_assert(
					!span_absent(event_span(&t.ev[k], f)));
	}
	trace_fini(&t);
	buf_fini(&file);
}
END_TEST

/* A whole read of 64 KiB in which every byte needs four is one line. */
START_TEST(largest_chunk)
{
	struct buf file = BUF_MAX(FILE_LIMIT);
	struct trace_head h = plain_head();
	struct event ev = EVENT(out, .on = SPAN("stdout"));
	char *bytes = malloc(65536);
	struct trace t;

	ck_assert_ptr_nonnull(bytes);
	memset(bytes, 0xff, 65536);
	ev.n = 1;
	ev.out.data = span_of(bytes, 65536);
	trace_write_head(&file, &h);
	trace_write_event(&file, &ev);
	come_back(&file, &t);
	same_span(t.ev[0].out.data, ev.out.data);
	trace_fini(&t);
	buf_fini(&file);
	free(bytes);
}
END_TEST

/* The writer makes its JSON by hand; a JSON library must think the same. */
START_TEST(writer_agrees_with_jansson)
{
	size_t n;
	const struct span *texts = hostile(&n);

	for (size_t i = 0; i < n; i++) {
		struct buf line = BUF_MAX(FILE_LIMIT), esc = BUF_MAX(4096);
		struct event ev = some_event(7, EV_SOCKET, texts[i], 0);
		json_error_t je;
		json_t *o;

		trace_write_event(&line, &ev);
		for (size_t k = 0; k + 1 < line.n; k++)
			ck_assert(line.p[k] >= ' ' && line.p[k] < 0x7f);
		o = json_loadb(line.p, line.n, 0, &je);
		ck_assert_msg(o != NULL, "%s: %s", je.text, buf_cstr(&line));
		ck_assert_uint_eq(json_object_size(o), 6);
		text_escape(&esc, texts[i]);
		ck_assert_str_eq(json_string_value(json_object_get(o, "addr")),
				 buf_cstr(&esc));
		json_decref(o);
		buf_fini(&esc);
		buf_fini(&line);
	}
}
END_TEST

/* --- broken files ----------------------------------------------------------- */

#define HEAD_REST                                                        \
	"\"role\":\"client\",\"profile\":\"2.0\",\"config\":\"legal\","  \
	"\"aims\":[],\"argv\":[],\"env\":[],\"known\":[],\"nosuch\":[]," \
	"\"vars\":[],\"limits\":{\"init\":1,\"exit\":1,\"graceful\":1,"  \
	"\"connect\":1,\"window\":1,\"orphan\":1},\"sandbox\":true,"     \
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
	  "line 2: \"how\" is not a string" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"out\",\"on\":\"stdout\"}\n"),
	  "line 2: \"data\" is not a string" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"lag\"}\n"),
	  "line 2: \"us\" is not an integer" },
	{ SPAN(HEAD "{\"n\":1,\"t\":5,\"k\":\"write\",\"on\":\"stdin\","
		    "\"taken\":1}\n"),
	  "line 2: \"refused\" is not an integer" },
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

START_TEST(names_of_words)
{
	enum role r = ROLE_SERVER;
	enum profile p = PROFILE_20;

	ck_assert(role_parse(SPAN("client"), &r) && r == ROLE_CLIENT);
	ck_assert(!role_parse(SPAN("Client"), &r) && r == ROLE_CLIENT);
	ck_assert(!role_parse(SPAN(""), &r));
	ck_assert(profile_parse(SPAN("1.0"), &p) && p == PROFILE_10);
	ck_assert(!profile_parse(SPAN("1"), &p) && p == PROFILE_10);
	for (int k = 0; k < EV_KINDS; k++)
		for (int l = 0; l < k; l++)
			ck_assert_str_ne(event_row((enum event_kind)k)->name,
					 event_row((enum event_kind)l)->name);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trace");
	TCase *t = tcase_create("file form");

	tcase_add_test(t, head_comes_back);
	tcase_add_test(t, head_words_come_back);
	tcase_add_test(t, every_kind_comes_back);
	tcase_add_test(t, absent_texts);
	tcase_add_test(t, largest_chunk);
	tcase_add_test(t, writer_agrees_with_jansson);
	tcase_add_loop_test(t, broken_files, 0, (int)N(broken));
	tcase_add_test(t, missing_keys);
	tcase_add_loop_test(t, wrong_heads, 0, (int)N(head_rows));
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, too_long);
	tcase_add_test(t, names_of_words);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
