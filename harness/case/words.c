/* words.c - the names of step kinds and limits. */
#include "harness/case/case.h"

const char *step_name(enum step_kind k)
{
	static const char *const names[] = {
#define X(id, word) [STEP_##id] = word,
		STEP_KINDS(X)
#undef X
	};

	return k < STEP_KINDS_N ? names[k] : "?";
}

const char *limit_name(enum limit_id id)
{
	static const char *const names[] = {
		[LIMIT_NONE] = "none",	     [LIMIT_INIT] = "init",
		[LIMIT_EXIT] = "exit",	     [LIMIT_GRACEFUL] = "graceful",
		[LIMIT_CONNECT] = "connect", [LIMIT_WINDOW] = "window",
		[LIMIT_ORPHAN] = "orphan",
	};

	return id <= LIMIT_ORPHAN ? names[id] : "?";
}

int64_t *limit_slot(struct limits *l, enum limit_id id)
{
	switch (id) {
	case LIMIT_NONE:
		return NULL;
	case LIMIT_INIT:
		return &l->init;
	case LIMIT_EXIT:
		return &l->exit;
	case LIMIT_GRACEFUL:
		return &l->graceful;
	case LIMIT_CONNECT:
		return &l->connect;
	case LIMIT_WINDOW:
		return &l->window;
	case LIMIT_ORPHAN:
		return &l->orphan;
	}
	return NULL;
}

int64_t limit_ms(const struct limits *l, enum limit_id id)
{
	struct limits copy = *l;
	const int64_t *ms = limit_slot(&copy, id);

	return ms ? *ms : 0;
}

int64_t step_window_ms(const struct step *st, const struct limits *l)
{
	return st->count > 0 ? st->count : limit_ms(l, st->limit);
}
