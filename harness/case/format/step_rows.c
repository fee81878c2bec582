/* step_rows.c - the table of step_kinds.h as data. */
#include "harness/case/format/step_rows.h"

#define ROW(type, member, key_, doc_, ...)                                  \
	{ .key = (key_),                                                    \
	  .doc = (doc_),                                                    \
	  .offset = offsetof(struct step, stop) + offsetof(row_of, member), \
	  ROW_##type(__VA_ARGS__) },
#define ROW_WORD(list) .type = FIELD_WORD, .words = &words_##list
#define ROW_WORD_OR(list, id) \
	ROW_WORD(list), .optional = true, .dflt = (int64_t)(id)
#define ROW_TEXT() .type = FIELD_TEXT
#define ROW_TEXT_OR_NONE() ROW_TEXT(), .optional = true
#define ROW_BYTES() .type = FIELD_BYTES
#define ROW_BYTES_OR_NONE() ROW_BYTES(), .optional = true
#define ROW_NEW_NAME() .type = FIELD_NEW_NAME
#define ROW_NAME() .type = FIELD_NAME
#define ROW_NAME_OR_NONE() ROW_NAME(), .optional = true
#define ROW_STREAM_OR_NAME() .type = FIELD_STREAM_OR_NAME
#define ROW_OUTPUT_OR_NAME() .type = FIELD_OUTPUT_OR_NAME, .optional = true
#define ROW_INT(min_, max_) .type = FIELD_INT, .min = (min_), .max = (max_)
#define ROW_INT_OR(min_, max_, id) \
	ROW_INT(min_, max_), .optional = true, .dflt = (id)
#define ROW_BOOL() .type = FIELD_BOOL, .optional = true
#define ROW_LIMIT(id) .type = FIELD_LIMIT, .optional = true, .dflt = (id)

/* All structs of a kind begin where the union does. */
#define X(id, name, when, fields_, ...)                                 \
	static const struct step_field *fields_of_##name(void)          \
	{                                                               \
		typedef struct step_##name row_of;                      \
		static const struct step_field rows[] = { fields_(ROW){ \
			.key = NULL } };                                \
		(void)sizeof(row_of);                                   \
		return rows;                                            \
	}
STEP_KINDS(X)
#undef X

#define ANYTIME true
#define STARTED false

const struct step_row *step_row(enum step_kind k)
{
	static const struct step_row rows[] = {
#define X(id, name_, when, fields_, doc_) \
	[STEP_##id] = { #name_, doc_, fields_of_##name_, when },
		STEP_KINDS(X)
#undef X
	};

	return &rows[k];
}

const char *step_name(enum step_kind k)
{
	return k < STEP_KINDS_N ? step_row(k)->name : "?";
}

/* The field of a type, where a kind has one at most; or NULL. */
static const struct step_field *only_field(const struct step *st,
					   enum step_field_type type)
{
	const struct step_field *f = step_row(st->kind)->fields();

	while (f->key && f->type != type)
		f++;
	return f->key ? f : NULL;
}

enum limit_id step_limit(const struct step *st)
{
	const struct step_field *f = only_field(st, FIELD_LIMIT);

	return f ? *(const enum limit_id *)((const char *)st + f->offset)
		 : LIMIT_NONE;
}

struct span step_gives(const struct step *st)
{
	const struct step_field *f = only_field(st, FIELD_NEW_NAME);

	return f ? *(const struct span *)((const char *)st + f->offset)
		 : (struct span){ NULL, 0 };
}

int64_t step_window_ms(const struct step_window *st, const struct limits *l)
{
	return st->ms > 0 ? st->ms : limit_ms(l, st->limit);
}
