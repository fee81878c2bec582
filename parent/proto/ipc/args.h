/*
 * args.h - the ARGS option of SMETHOD: k=v,k=v with backslash escapes.
 *
 * PT 2.0 §3.3.2.3: equal signs and commas inside keys and values are escaped
 * with a backslash; one unescaped '=' separates key and value.
 */
#ifndef PTCHECK_PROTO_ARGS_H
#define PTCHECK_PROTO_ARGS_H

#include "parent/base/arena.h"
#include "parent/base/span.h"

enum args_anomaly {
	ARGS_EMPTY = 1 << 0,	 /* nothing behind "ARGS:" */
	ARGS_NO_EQUALS = 1 << 1, /* an item without '=', or an empty one */
	ARGS_EMPTY_KEY = 1 << 2,
	ARGS_EMPTY_VALUE = 1 << 3,
	ARGS_BARE_EQUALS = 1 << 4, /* second unescaped '=' in an item */
	ARGS_DANGLING = 1 << 5,	   /* lone backslash at the end */
	ARGS_ODD_ESCAPE = 1 << 6,  /* backslash before other than = , \ */
	ARGS_TRAILING_COMMA = 1 << 7,
	ARGS_PLUS = 1 << 8,	 /* ",+" separator, as misprinted */
	ARGS_SEMICOLON = 1 << 9, /* k=v;k=v as in two examples of 2.0 */
	ARGS_REPEATED = 1 << 10, /* the same key twice */
};

struct kv {
	struct span key, value; /* decoded, in the arena */
};

struct kv_list {
	struct kv *v;
	size_t n;
};

/*
 * Decode @s into @out (memory from @a); returns the anomaly set.
 *
 * When an item is a chain k=v;k=v of such pairs, ARGS_SEMICOLON is set, the
 * item is split at the semicolons and ARGS_BARE_EQUALS is not set for it.  An
 * item without '=' becomes a key with an absent value; an empty one is left
 * out.  A backslash makes the next byte literal whatever it is; a lone one at
 * the end stands for itself.
 */
unsigned args_parse(struct arena *a, struct span s, struct kv_list *out);

/* Does any key occur twice? */
bool kv_repeats(struct arena *a, const struct kv_list *l);

/* The first value of @key, absent when there is none. */
struct span kv_get(const struct kv_list *l, const char *key);

#endif
