/*
 * test_trace.c - the file form of a trace: what is written comes back byte
 * for byte.
 */
#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/text.h"
#include "harness/trace/tests/trace_file.h"

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
		.stimuli = STIMULUS(VERSION_LIST) | STIMULUS(APPENDIX_SLASH),
		.argv = { list, 2 },
		.known = { list, 1 },
		.nosuch = { list, 0 },
		.env = { pairs, 2 },
		.vars = { pairs, 1 },
	};
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
		ck_assert(t.head.stimuli == h.stimuli);
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
		struct limits l = { i,	   i + 1, i + 2, i + 3,
				    i + 4, -i,	  i + 5, i + 6 };
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

static void same_event(const struct event *got, const struct event *want)
{
	ck_assert_uint_eq(got->n, want->n);
	ck_assert_int_eq(got->t, want->t);
	ck_assert_int_eq(got->kind, want->kind);
	for_event_fields (f, want->kind)
		if (f->type == EVENT_INT)
			ck_assert_int_eq(event_int(got, f), event_int(want, f));
		else if (f->type == EVENT_ENUM)
			ck_assert_str_eq(event_word(got, f),
					 event_word(want, f));
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
			if (f->type != EVENT_INT && f->type != EVENT_ENUM)
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
		ck_assert_uint_eq(json_object_size(o), 7);
		text_escape(&esc, texts[i]);
		ck_assert_str_eq(json_string_value(json_object_get(o, "addr")),
				 buf_cstr(&esc));
		json_decref(o);
		buf_fini(&esc);
		buf_fini(&line);
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
}
END_TEST

/* --- the table --------------------------------------------------------------- */

static void check_doc(const char *doc, const char *of)
{
	size_t n = strlen(doc);

	ck_assert_msg(n > 0, "%s", of);
	/* No sentence. */
	ck_assert_msg(doc[n - 1] != '.' || (n > 3 && doc[n - 2] == '.'),
		      "%s: %s", of, doc);
}

static void check_field(const struct event_row *row,
			const struct event_field *f)
{
	check_doc(f->doc, row->name);
	ck_assert_int_eq(f->type == EVENT_ENUM, f->words != NULL);
	for (const struct event_word *w = f->words; w && w->word; w++)
		for (const struct event_word *o = f->words; o < w; o++)
			ck_assert_str_ne(w->word, o->word);
	/* Where event_name() looks. */
	ck_assert(f->type != EVENT_NAME || f == row->field);
	ck_assert_str_ne(f->key, "n");
	ck_assert_str_ne(f->key, "t");
	ck_assert_str_ne(f->key, "k");
	for (const struct event_field *g = row->field; g < f; g++) {
		ck_assert_str_ne(f->key, g->key);
		ck_assert_uint_ne(f->at, g->at);
	}
}

START_TEST(rows)
{
	const struct event_row *row = event_row((enum event_kind)_i);

	check_doc(row->doc, row->name);
	ck_assert_int_ne(row->field[0].type, 0);
	for_event_fields (f, (enum event_kind)_i)
		check_field(row, f);
	for (int l = 0; l < _i; l++)
		ck_assert_str_ne(row->name,
				 event_row((enum event_kind)l)->name);
}
END_TEST

START_TEST(what_it_is_about)
{
	struct event ev =
		EVENT(exit, .what = SPAN("pt"), .how = EXIT_HOW_KILLED);

	same_span(event_name(&ev), SPAN("pt"));
	ev = EVENT(skipped, .reason = SPAN("pt"));
	ck_assert(span_absent(event_name(&ev)));
	ev = EVENT(lag, .us = 1);
	ck_assert(span_absent(event_name(&ev)));
}
END_TEST

START_TEST(what_it_carries)
{
	for (int k = 0; k < EV_KINDS; k++) {
		struct event ev =
			some_event(1, (enum event_kind)k, SPAN("x"), 1);

		ck_assert(span_absent(event_data(&ev)) ==
			  (k != EV_OUT && k != EV_SEND && k != EV_RECV &&
			   k != EV_SENT && k != EV_GOT));
	}
	/* And no other field of these. */
	for (int i = 0; i < 3; i++) {
		struct event ev[] = {
			EVENT(out, .on = SPAN("a"), .data = SPAN("b")),
			EVENT(recv, .conn = SPAN("a"), .data = SPAN("b")),
			EVENT(send, .conn = SPAN("a"), .data = SPAN("b")),
		};

		same_span(event_data(&ev[i]), SPAN("b"));
	}
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
	tcase_add_test(t, names_of_words);
	tcase_add_loop_test(t, rows, 0, EV_KINDS);
	tcase_add_test(t, what_it_is_about);
	tcase_add_test(t, what_it_carries);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
