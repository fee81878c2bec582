/*
 * options.c - see options.h.
 *
 * Cut at unescaped semicolons, then at the first unescaped colon, then at the
 * first unescaped equals sign; escapes go last.
 */
#include "parent/proto/ipc/options.h"

#include "parent/proto/ipc/bare.h"
#include "parent/proto/ipc/repeat.h"

struct build {
	struct arena *a;
	struct option_list *out;
	size_t cap;
};

static bool is_special(char c)
{
	return c == ':' || c == ';' || c == '=' || c == '\\';
}

static bool has_bare(struct span s, char c)
{
	return bare_find(s, c) < s.n;
}

/* Escapes that stand alone or before a byte that needs none. */
static unsigned check_escapes(struct span s)
{
	unsigned an = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\')
			continue;
		if (++i == s.n)
			an |= OPTIONS_DANGLING;
		else if (!is_special(s.p[i]))
			an |= OPTIONS_ODD_ESCAPE;
	}
	return an;
}

static struct span decode(struct arena *a, struct span s)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		p[n++] = s.p[i];
	}
	return span_of(p, n);
}

/* One item, not empty. */
static unsigned add_item(struct build *b, struct span s)
{
	struct option_list *out = b->out;
	size_t colon = bare_find(s, ':'), eq;
	struct span name = span_sub(s, 0, colon);
	struct span rest = span_sub(s, colon + 1, s.n), key, value;
	unsigned an = check_escapes(s);

	if (colon == s.n)
		return an | OPTIONS_NO_COLON;
	eq = bare_find(rest, '=');
	key = span_sub(rest, 0, eq);
	value = span_sub(rest, eq + 1, rest.n);
	if (name.n == 0)
		an |= OPTIONS_EMPTY_NAME;
	if (eq == rest.n)
		return an | OPTIONS_NO_EQUALS;
	if (key.n == 0)
		an |= OPTIONS_EMPTY_KEY;
	if (value.n == 0)
		an |= OPTIONS_EMPTY_VALUE;
	if (has_bare(rest, ':'))
		an |= OPTIONS_BARE_COLON;
	if (has_bare(value, '=') || has_bare(name, '='))
		an |= OPTIONS_BARE_EQUALS;
	if (an & OPTIONS_MALFORMED)
		return an;
	arena_grow(b->a, out->v, out->n, b->cap);
	out->v[out->n++] = (struct option){
		.transport = decode(b->a, name),
		.key = decode(b->a, key),
		.value = decode(b->a, value),
	};
	return an;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* An opening brace, then a string or the closing one. */
static bool looks_like_json(struct span s)
{
	size_t i = 0;

	while (i < s.n && is_blank(s.p[i]))
		i++;
	if (i == s.n || s.p[i] != '{')
		return false;
	for (i++; i < s.n && is_blank(s.p[i]);)
		i++;
	return i < s.n && (s.p[i] == '"' || s.p[i] == '}');
}

static bool has_repeats(struct arena *a, const struct option_list *l)
{
	struct repeat *v = arena_alloc(a, l->n * sizeof(*v));

	for (size_t i = 0; i < l->n; i++)
		v[i] = (struct repeat){ .name = l->v[i].transport,
					.key = l->v[i].key,
					.at = i };
	return repeat_any(v, l->n);
}

unsigned options_parse(struct arena *a, struct span s, struct option_list *out)
{
	struct build b = { .a = a, .out = out };
	struct span item;
	unsigned an = 0;

	*out = (struct option_list){ 0 };
	if (s.n == 0)
		return 0;
	if (looks_like_json(s))
		return OPTIONS_JSON;
	while (bare_split(&s, ';', &item))
		an |= item.n ? add_item(&b, item)
			     : (unsigned)OPTIONS_EMPTY_ITEM;
	if (has_repeats(a, out))
		an |= OPTIONS_REPEATED;
	return an;
}

void options_escape(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_special(s.p[i]))
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}
