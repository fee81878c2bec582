/*
 * vectors.h - a test walks over the rows of a file in vectors/.
 *
 * Each subject is one test, which tells about every row that is wrong before
 * it fails: each_row() hands the rows to a check, the same_*() complain.
 */
#ifndef PTCHECK_PROTO_TESTS_VECTORS_H
#define PTCHECK_PROTO_TESTS_VECTORS_H

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/text.h"
#include "parent/proto/net/addr.h"

#define INPUT_MAX (4u << 20)

/* --- anomalies by the names that the vectors use ----------------------- */

struct word {
	const char *name;
	unsigned bit;
};

#define END             \
	{               \
		NULL, 0 \
	}

static inline unsigned find_word(const struct word *t, const char *name)
{
	for (; t->name; t++)
		if (name && strcmp(t->name, name) == 0)
			return t->bit;
	ck_abort_msg("no such word: %s", name ? name : "(none)");
	return 0;
}

/* --- rows --------------------------------------------------------------- */

/* What a check of one row needs; `wrong` counts over the whole file. */
struct row {
	const char *id;
	json_t *json;
	struct arena *a;
	int wrong;
};

static inline void add_bytes(struct buf *out, json_t *v)
{
	json_t *text = json_is_object(v) ? json_object_get(v, "repeat") : v;
	json_int_t times =
		json_is_object(v)
			? json_integer_value(json_object_get(v, "times"))
			: 1;

	ck_assert(json_is_string(text));
	while (times-- > 0)
		ck_assert(text_unescape(out, span_str(json_string_value(text)),
					NULL));
}

/* The bytes that a value of a vector stands for; null is absent. */
static inline struct span bytes_of(struct arena *a, json_t *v)
{
	struct buf b = BUF_MAX(INPUT_MAX);
	struct span s = { 0 };
	json_t *part;
	size_t i;

	if (json_is_array(v))
		json_array_foreach(v, i, part) add_bytes(&b, part);
	else if (v && !json_is_null(v))
		add_bytes(&b, v);
	if (v && !json_is_null(v))
		s = arena_span(a, buf_span(&b));
	ck_assert(!b.full);
	buf_fini(&b);
	return s;
}

static inline struct span row_bytes(struct row *r, const char *key)
{
	return bytes_of(r->a, json_object_get(r->json, key));
}

static inline const char *row_text(struct row *r, const char *key)
{
	return json_string_value(json_object_get(r->json, key));
}

static inline void complain(struct row *r, const char *what,
			    const char *expected, const char *seen)
{
	printf("%s: %s: expected \"%s\", saw \"%s\"\n", r->id, what, expected,
	       seen);
	r->wrong++;
}

static inline void same_span(struct row *r, const char *what, struct span want,
			     struct span got)
{
	if (span_absent(want) != span_absent(got) || !span_eq(want, got))
		complain(r, what,
			 span_absent(want) ? "(absent)"
					   : text_show(r->a, want, 200),
			 span_absent(got) ? "(absent)"
					  : text_show(r->a, got, 200));
}

static inline const char *words_of(struct arena *a, const struct word *t,
				   unsigned set)
{
	char *s = arena_strdup(a, "");

	for (; t->name; t++)
		if (set & t->bit)
			s = arena_printf(a, "%s %s", s, t->name);
	return s;
}

/* Compare the words listed under @key of @obj (none when missing). */
static inline void same_set(struct row *r, json_t *obj, const char *key,
			    const struct word *t, unsigned got)
{
	json_t *word;
	unsigned want = 0;
	size_t i;

	json_array_foreach(json_object_get(obj, key), i, word)
		want |= find_word(t, json_string_value(word));
	if (want != got)
		complain(r, key, words_of(r->a, t, want),
			 words_of(r->a, t, got));
}

static inline void same_size(struct row *r, const char *what, size_t want,
			     size_t got)
{
	if (want != got)
		complain(r, what, arena_printf(r->a, "%zu", want),
			 arena_printf(r->a, "%zu", got));
}

static inline void same_bool(struct row *r, const char *what, bool want,
			     bool got)
{
	if (want != got)
		complain(r, what, want ? "true" : "false",
			 got ? "true" : "false");
}

/* The canonical text under "address" of @obj, if there is one. */
static inline void same_addr(struct row *r, json_t *obj, const struct addr *got)
{
	json_t *want = json_object_get(obj, "address");
	char text[ADDR_STRLEN];

	if (want && strcmp(json_string_value(want), addr_format(got, text)))
		complain(r, "address", json_string_value(want), text);
}

static inline json_t *load(const char *subject)
{
	const char *dir = getenv("PTCHECK_VECTORS");
	char path[4096];
	json_error_t e;
	json_t *doc;

	snprintf(path, sizeof(path), "%s/%s.json", dir ? dir : "vectors",
		 subject);
	doc = json_load_file(path, JSON_REJECT_DUPLICATES, &e);
	ck_assert_msg(doc != NULL, "%s: line %d: %s", path, e.line, e.text);
	return doc;
}

static inline void each_row(const char *subject, void (*check)(struct row *))
{
	struct arena a = { 0 };
	struct row r = { .a = &a };
	json_t *doc = load(subject), *rows = json_object_get(doc, "rows");
	size_t i;

	ck_assert(json_array_size(rows) > 0);
	json_array_foreach(rows, i, r.json)
	{
		r.id = row_text(&r, "id");
		ck_assert(r.id != NULL && row_text(&r, "expect") != NULL);
		check(&r);
	}
	fflush(stdout);
	ck_assert_msg(r.wrong == 0, "%s: %d complaints", subject, r.wrong);
	json_decref(doc);
	arena_fini(&a);
}

#endif
