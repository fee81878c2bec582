/*
 * args.c - see args.h.
 *
 * The text is cut at unescaped commas, an item perhaps once more at unescaped
 * semicolons, a piece at its first unescaped equals sign; escapes are removed
 * last, so no decoded byte is ever taken for a separator.
 */
#include "parent/proto/ipc/args.h"

#include "parent/proto/ipc/bare.h"
#include "parent/proto/ipc/repeat.h"

struct build {
	struct arena *a;
	struct kv_list *out;
	size_t cap;
	unsigned anomalies;
};

static bool is_pair(struct span s)
{
	size_t eq = bare_find(s, '=');

	return eq > 0 && eq < s.n;
}

/* k=v;k=v: at least one semicolon and a pair on every side of each. */
static bool is_semicolon_style(struct span item)
{
	struct span piece;
	size_t n = 0;

	while (bare_split(&item, ';', &piece)) {
		if (!is_pair(piece))
			return false;
		n++;
	}
	return n > 1;
}

static struct span decode(struct build *b, struct span s)
{
	char *p = arena_alloc(b->a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.n) {
			c = s.p[++i];
			if (c != '=' && c != ',' && c != '\\')
				b->anomalies |= ARGS_ODD_ESCAPE;
		} else if (c == '\\') {
			b->anomalies |= ARGS_DANGLING;
		}
		p[n++] = c;
	}
	return span_of(p, n);
}

/* One pair; a missing equals sign makes a key with an absent value. */
static void add_pair(struct build *b, struct span s, bool semicolon)
{
	struct kv_list *out = b->out;
	size_t eq = bare_find(s, '=');
	struct span value = span_sub(s, eq + 1, s.n);
	struct kv kv = { .key = decode(b, span_sub(s, 0, eq)) };

	if (eq == s.n) {
		b->anomalies |= ARGS_NO_EQUALS;
	} else {
		kv.value = decode(b, value);
		if (eq == 0)
			b->anomalies |= ARGS_EMPTY_KEY;
		if (value.n == 0)
			b->anomalies |= ARGS_EMPTY_VALUE;
		if (!semicolon && bare_find(value, '=') < value.n)
			b->anomalies |= ARGS_BARE_EQUALS;
	}
	arena_grow(b->a, out->v, out->n, b->cap);
	out->v[out->n++] = kv;
}

static void add_item(struct build *b, struct span item)
{
	struct span piece;

	if (!is_semicolon_style(item)) {
		add_pair(b, item, false);
		return;
	}
	b->anomalies |= ARGS_SEMICOLON;
	while (bare_split(&item, ';', &piece))
		add_pair(b, piece, true);
}

unsigned args_parse(struct arena *a, struct span s, struct kv_list *out)
{
	struct build b = { .a = a, .out = out };
	struct span item;
	bool first = true;

	*out = (struct kv_list){ 0 };
	if (s.n == 0)
		return ARGS_EMPTY;
	while (bare_split(&s, ',', &item)) {
		if (!first && item.n && item.p[0] == '+') {
			b.anomalies |= ARGS_PLUS;
			item = span_sub(item, 1, item.n);
		}
		if (item.n)
			add_item(&b, item);
		else if (span_absent(s))
			b.anomalies |= ARGS_TRAILING_COMMA;
		else
			b.anomalies |= ARGS_NO_EQUALS;
		first = false;
	}
	if (kv_repeats(a, out))
		b.anomalies |= ARGS_REPEATED;
	return b.anomalies;
}

bool kv_repeats(struct arena *a, const struct kv_list *l)
{
	struct repeat *v = arena_alloc(a, l->n * sizeof(*v));

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct repeat){ .key = l->v[i].key, .at = i };
	return repeat_any(v, l->n);
}

struct span kv_get(const struct kv_list *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eqs(l->v[i].key, key))
			return l->v[i].value;
	return (struct span){ 0 };
}
