/* step_rows.c - the table of step_kinds.h as data. */
#include "harness/case/format/step_rows.h"

#define ROW(type, member, key_, doc_, ...)                                  \
	{ .name = (key_),                                                   \
	  .doc = (doc_),                                                    \
	  .offset = offsetof(struct step, stop) + offsetof(row_of, member), \
	  ROW_##type(__VA_ARGS__) },
#define ROW_WORD(list) ROW_NEED(WORD), .words = &words_##list
#define ROW_WORD_OR(list, id) \
	.type = KEY_WORD, .words = &words_##list, .dflt = (int64_t)(id)
#define ROW_TEXT() ROW_NEED(TEXT)
#define ROW_TEXT_OR_NONE() .type = KEY_TEXT
#define ROW_BYTES() ROW_NEED(BYTES)
#define ROW_BYTES_OR_NONE() .type = KEY_BYTES
#define ROW_NEW_NAME() ROW_NEED(NEW_NAME)
#define ROW_NAME() ROW_NEED(NAME)
#define ROW_NAME_OR_NONE() .type = KEY_NAME
#define ROW_STREAM_OR_NAME() ROW_NEED(STREAM_OR_NAME)
#define ROW_OUTPUT_OR_NAME() .type = KEY_OUTPUT_OR_NAME
#define ROW_INT(min_, max_) ROW_NEED(INT), .min = (min_), .max = (max_)
#define ROW_INT_OR(min_, max_, id) \
	.type = KEY_INT, .min = (min_), .max = (max_), .dflt = (id)
#define ROW_BOOL() .type = KEY_BOOL
#define ROW_LIMIT(id) .type = KEY_LIMIT, .dflt = (id)
#define ROW_NEED(id) .type = KEY_##id, .required = true

/* All structs of a kind begin where the union does. */
#define X(id, kind, when, fields, ...)                                 \
	static const struct key *keys_of_##kind(void)                  \
	{                                                              \
		typedef struct step_##kind row_of;                     \
		static const struct key rows[] = { fields(ROW){ 0 } }; \
                                                                       \
		(void)sizeof(row_of);                                  \
		return rows;                                           \
	}
STEP_KINDS(X)
#undef X

#define ANYTIME true
#define STARTED false

const struct step_row *step_row(enum step_kind k)
{
	static const struct step_row rows[] = {
#define X(id, name_, when, fields_, doc_) \
	[STEP_##id] = { #name_, doc_, keys_of_##name_, when },
		STEP_KINDS(X)
#undef X
	};

	return &rows[k];
}

const char *step_name(enum step_kind k)
{
	return k < STEP_KINDS_N ? step_row(k)->name : "?";
}

/* The key of a type, where a kind has one at most; or NULL. */
static const struct key *only_key(const struct step *st, enum key_type type)
{
	const struct key *k = step_row(st->kind)->keys();

	while (k->name && k->type != type)
		k++;
	return k->name ? k : NULL;
}

enum limit_id step_limit(const struct step *st)
{
	const struct key *k = only_key(st, KEY_LIMIT);

	return k ? *(const enum limit_id *)((const char *)st + k->offset)
		 : LIMIT_NONE;
}

struct span step_gives(const struct step *st)
{
	const struct key *k = only_key(st, KEY_NEW_NAME);

	return k ? *(const struct span *)((const char *)st + k->offset)
		 : (struct span){ NULL, 0 };
}

int64_t step_window_ms(const struct step_window *st, const struct limits *l)
{
	return st->ms > 0 ? st->ms : limit_ms(l, st->limit);
}
