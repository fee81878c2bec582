/*
 * dialogues.h - beside vectors.h, for rows in which two sides talk: how their
 * bytes are cut, and what such a row expects.
 */
#ifndef PTCHECK_PROTO_TESTS_DIALOGUES_H
#define PTCHECK_PROTO_TESTS_DIALOGUES_H

#include "parent/proto/tests/vectors.h"

/* How bytes are cut: 0: not at all; 1: after each; else by chance. */
static inline size_t piece(unsigned *seed, size_t left)
{
	size_t n = left;

	if (*seed == 1)
		n = 1;
	else if (*seed) {
		*seed = *seed * 1103515245u + 12345u;
		*seed += *seed < 2 ? 2 : 0;
		n = 1 + (*seed >> 16) % 7;
	}
	return n < left ? n : left;
}

/* The number under @key of @obj, if there is one; null is -1. */
static inline void same_int(struct row *r, json_t *obj, const char *key,
			    int got)
{
	json_t *v = json_object_get(obj, key);
	int want = json_is_null(v) ? -1 : (int)json_integer_value(v);

	if (v && want != got)
		complain(r, key, arena_printf(r->a, "%d", want),
			 arena_printf(r->a, "%d", got));
}

/* The bytes under @key of @obj, if it says anything of them. */
static inline void same_bytes(struct row *r, json_t *obj, const char *key,
			      struct span got)
{
	json_t *want = json_object_get(obj, key);

	if (want)
		same_span(r, key, bytes_of(r->a, want), got);
}

/* The stage in which the dialogue ends. */
static inline void same_stage(struct row *r, const char *got)
{
	if (strcmp(row_text(r, "expect"), got) != 0)
		complain(r, "expect", row_text(r, "expect"), got);
}

/* The stages, as 1 << stage, whose reply was not waited for. */
static inline void same_early(struct row *r, const struct word *stages,
			      unsigned got)
{
	json_t *word;
	unsigned want = 0;
	size_t i;

	json_array_foreach(json_object_get(r->json, "early"), i, word)
		want |= 1u << find_word(stages, json_string_value(word));
	same_size(r, "early", want, got);
}

/* Every anomaly occurs in some row with @key, which only dialogues have. */
static inline void all_occur(const char *subject, const char *key,
			     const struct word *anomalies)
{
	json_t *doc = load(subject), *row, *word;
	unsigned seen = 0, all = 0;
	size_t i, k;

	json_array_foreach(json_object_get(doc, "rows"), i, row)
	{
		if (!json_object_get(row, key))
			continue;
		json_array_foreach(json_object_get(row, "anomalies"), k, word)
			seen |= find_word(anomalies, json_string_value(word));
	}
	for (const struct word *w = anomalies; w->name; w++) {
		all |= w->bit;
		ck_assert_msg(seen & w->bit, "no row with %s", w->name);
	}
	ck_assert_uint_eq(seen, all);
	json_decref(doc);
}

#endif
