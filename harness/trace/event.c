/* event.c - the table of the kinds as data; see event.h. */
#include "harness/trace/event.h"

#include <string.h>

/* --- the words --- */

/* clang-format off */
#define EVENT_WORDS(set, name) \
	static const struct event_word words_##name[] = {
#define WORD(set, id, ...) [set##_##id] = { __VA_ARGS__ },
#define EVENT_WORDS_END { NULL, NULL } };
#include "harness/trace/event_words.h"

#define EVENT_WORDS(set, name)            \
	const char *name##_word(enum name n) \
	{                                    \
		return words_##name[n].word; \
	}                                    \
	_Static_assert(sizeof(enum name) == sizeof(unsigned), "");
#include "harness/trace/event_words.h"

/* --- the kinds --- */

#define FIELD(type_, field_, key_, doc_) \
	{ key_, doc_, type_, at + offsetof(body, field_), NULL },

/* A switch: the compiler sees that no kind is without its row. */
const struct event_row *event_row(enum event_kind kind)
{
	switch (kind) {
#define EVENT_KIND(id, name_, key_, doc_)                               \
	case EV_##id: {                                                 \
		typedef struct event_##name_ body;                      \
		enum { at = offsetof(struct event, name_) };            \
		static const struct event_row row = { key_, doc_, {
#define F_NAME(...) FIELD(EVENT_NAME, __VA_ARGS__)
#define F_WORD(...) FIELD(EVENT_WORD, __VA_ARGS__)
#define F_ENUM(field_, key_, set_, doc_) \
	{ key_, doc_, EVENT_ENUM, at + offsetof(body, field_), words_##set_ },
#define F_TEXT(...) FIELD(EVENT_TEXT, __VA_ARGS__)
#define F_ADDR(...) FIELD(EVENT_ADDR, __VA_ARGS__)
#define F_BYTES(...) FIELD(EVENT_BYTES, __VA_ARGS__)
#define F_INT(...) FIELD(EVENT_INT, __VA_ARGS__)
/* With the end written out a kind of too many fields does not compile. */
#define EVENT_END                                                       \
		{ 0 } } };                                              \
		return &row;                                            \
	}
#include "harness/trace/event_kinds.h"
	case EV_KINDS:
		break;
	}
	return NULL;
}
/* clang-format on */

struct span event_name(const struct event *ev)
{
	const struct event_field *f = event_row(ev->kind)->field;

	/* By the style of the table it is the first; a test looks. */
	return f->type == EVENT_NAME ? event_span(ev, f) : span_str(NULL);
}

struct span event_data(const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_OUT:
		return ev->out.data;
	case EV_RECV:
		return ev->recv.data;
	case EV_SEND:
		return ev->send.data;
	case EV_SENT:
		return ev->sent.data;
	case EV_GOT:
		return ev->got.data;
	}
	return span_str(NULL);
}

/* Copied, as the fields of a union of structs have no type of their own. */

struct span event_span(const struct event *ev, const struct event_field *f)
{
	struct span s;

	memcpy(&s, (const char *)ev + f->at, sizeof(s));
	return s;
}

int64_t event_int(const struct event *ev, const struct event_field *f)
{
	int64_t n;

	memcpy(&n, (const char *)ev + f->at, sizeof(n));
	return n;
}

const char *event_word(const struct event *ev, const struct event_field *f)
{
	unsigned n;

	memcpy(&n, (const char *)ev + f->at, sizeof(n));
	return f->words[n].word;
}

void event_set_span(struct event *ev, const struct event_field *f,
		    struct span s)
{
	memcpy((char *)ev + f->at, &s, sizeof(s));
}

void event_set_int(struct event *ev, const struct event_field *f, int64_t n)
{
	memcpy((char *)ev + f->at, &n, sizeof(n));
}

bool event_set_word(struct event *ev, const struct event_field *f,
		    struct span word)
{
	unsigned n = 0;

	while (f->words[n].word && !span_eqs(word, f->words[n].word))
		n++;
	if (!f->words[n].word)
		return false;
	memcpy((char *)ev + f->at, &n, sizeof(n));
	return true;
}
