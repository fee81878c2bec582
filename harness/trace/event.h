/*
 * event.h - what a worker can record.
 *
 * Each kind of event is a struct with fields of its own, struct event_exit for
 * one, and a member of struct event: ev->exit.code when ev->kind is EV_EXIT.
 * The table in event_kinds.h has them all, and says what each field means and
 * in what unit; a new kind of fact is a new entry there.
 */
#ifndef PTCHECK_TRACE_EVENT_H
#define PTCHECK_TRACE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parent/base/span.h"

/* What a trace has of a transport that goes on for ever. */
#define EVENT_TOUCHES_MAX 2000
#define EVENT_CONTENTS_KEEP (4 << 20) /* bytes */

enum event_kind {
#define EVENT_KIND(id, ...) EV_##id,
#include "harness/trace/event_kinds.h"
	EV_KINDS
};

/* enum exit_how { EXIT_HOW_EXITED, ... }, ... */
#define EVENT_WORDS(set, name) enum name {
#define WORD(set, id, ...) set##_##id,
/* clang-format off */
#define EVENT_WORDS_END };
/* clang-format on */
#include "harness/trace/event_words.h"

/* The word of each: exit_how_word(EXIT_HOW_EXITED) */
#define EVENT_WORDS(set, name) const char *name##_word(enum name n);
#include "harness/trace/event_words.h"

/* struct event_spawn, struct event_exit, ... */
#define EVENT_KIND(id, name, ...) struct event_##name {
#define F_NAME(field, ...) struct span field;
#define F_WORD(field, ...) struct span field;
#define F_ENUM(field, key, set, doc) enum set field;
#define F_TEXT(field, ...) struct span field;
#define F_ADDR(field, ...) struct span field;
#define F_BYTES(field, ...) struct span field;
#define F_INT(field, ...) int64_t field;
/* clang-format off */
#define EVENT_END };
/* clang-format on */
#include "harness/trace/event_kinds.h"

struct event {
	uint32_t n; /* number in its trace, from 1 */
	int64_t t;  /* µs since the worker began, monotonic */
	enum event_kind kind;
	union {
#define EVENT_KIND(id, name, ...) struct event_##name name;
#include "harness/trace/event_kinds.h"
	};
};

/*
 * An event of a kind, from its fields, neither numbered nor stamped:
 * EVENT(exit, .what = SPAN("pt"), .code = 1)
 */
#define EVENT(name, ...) event_##name((struct event_##name){ __VA_ARGS__ })

#define EVENT_KIND(id, name, ...)                                         \
	static inline struct event event_##name(struct event_##name body) \
	{                                                                 \
		return (struct event){ .kind = EV_##id, .name = body };   \
	}
#include "harness/trace/event_kinds.h"

/* --- the table, for those who treat all kinds alike --- */

enum event_type {
	EVENT_NAME = 1, /* all but the last two are spans */
	EVENT_WORD,
	EVENT_TEXT,
	EVENT_ADDR,
	EVENT_BYTES,
	EVENT_ENUM, /* the number of a word in its set */
	EVENT_INT,  /* an int64_t */
};

/* One of a set, by its enumerator; behind the last both are NULL. */
struct event_word {
	const char *word, *doc;
};

struct event_field {
	const char *key, *doc;
	enum event_type type;		/* 0 behind the last */
	size_t at;			/* offset in struct event */
	const struct event_word *words; /* of an EVENT_ENUM */
};

#define EVENT_FIELDS_MAX 10

struct event_row {
	const char *name, *doc;
	struct event_field field[EVENT_FIELDS_MAX + 1];
};

const struct event_row *event_row(enum event_kind kind);

#define for_event_fields(f, kind) \
	for (const struct event_field *f = event_row(kind)->field; f->type; f++)

/* The process, stream, connection, listener or snapshot that it is about;
 * absent with a kind that is about none. */
struct span event_name(const struct event *ev);

/* The bytes that came or went with it: of out, recv and send; else absent. */
struct span event_data(const struct event *ev);

/* The value of a field, which must be of that type. */
struct span event_span(const struct event *ev, const struct event_field *f);
int64_t event_int(const struct event *ev, const struct event_field *f);
const char *event_word(const struct event *ev, const struct event_field *f);
void event_set_span(struct event *ev, const struct event_field *f,
		    struct span s);
void event_set_int(struct event *ev, const struct event_field *f, int64_t n);
/* False, and nothing is done: it is no word of the set. */
bool event_set_word(struct event *ev, const struct event_field *f,
		    struct span word);

#endif
