/* words.c - the lists of words.h as data. */
#include "harness/case/format/words.h"

#define WORD_NAME(P, id, name, ...) name,
#define WORD_DOC(P, id, name, doc) doc,
#define WORD_DEFINE(name, P, LIST)                                        \
	static const char *const name##_names[] = { LIST(WORD_NAME, P) }; \
	static const char *const name##_docs[] = { LIST(WORD_DOC, P) };   \
	const struct words words_##name = {                               \
		name##_names,                                             \
		name##_docs,                                              \
		sizeof(name##_names) / sizeof(name##_names[0]),           \
	};
WORD_LISTS(WORD_DEFINE)
OTHER_WORD_LISTS(WORD_DEFINE)

static const char *const limit_names[] = { [LIMIT_NONE] = "none",
#define X(ID, name, ...) [LIMIT_##ID] = #name,
					   LIMITS(X)
#undef X
};

static const char *const limit_docs[] = {
#define X(ID, name, doc) [LIMIT_##ID - 1] = doc,
	LIMITS(X)
#undef X
};

const struct words words_limit = { limit_names + 1, limit_docs, LIMITS_N };

const char *limit_name(enum limit_id id)
{
	return id <= LIMITS_N ? limit_names[id] : "?";
}

int64_t *limit_slot(struct limits *l, enum limit_id id)
{
	switch (id) {
	case LIMIT_NONE:
		return NULL;
#define X(ID, name, ...) \
	case LIMIT_##ID: \
		return &l->name;
		LIMITS(X)
#undef X
	}
	return NULL;
}

int64_t limit_ms(const struct limits *l, enum limit_id id)
{
	struct limits copy = *l;
	const int64_t *ms = limit_slot(&copy, id);

	return ms ? *ms : 0;
}
