/* settings.c - see settings.h. */
#include "parent/proto/ipc/settings.h"

#include "parent/proto/ipc/bare.h"

/* --- PT 2.0 --- */

static void put_json_text(struct buf *out, struct span s)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		if (c < 0x20)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addc(out, s.p[i]);
	}
	buf_addc(out, '"');
}

void settings_json(struct buf *out, const struct kv_list *l)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(out, ',');
		put_json_text(out, l->v[i].key);
		buf_addc(out, ':');
		put_json_text(out, l->v[i].value);
	}
	buf_addc(out, '}');
}

void settings_block_count(struct buf *out, uint32_t count, struct span json)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_addc(out, (char)(count >> shift & 0xff));
	buf_add(out, json);
}

void settings_block(struct buf *out, struct span json)
{
	settings_block_count(out, (uint32_t)json.n, json);
}

/* --- PT 1.0 --- */

static void put_escaped(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' || s.p[i] == '=' || s.p[i] == ';')
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

void settings_flat(struct buf *out, const struct kv_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(out, ';');
		put_escaped(out, l->v[i].key);
		buf_addc(out, '=');
		put_escaped(out, l->v[i].value);
	}
}

/* RFC 1929 has no empty password. */
#define NO_PASSWORD SPAN("\0")

bool settings_split(struct span flat, struct span *user, struct span *password)
{
	struct span rest = span_sub(flat, SETTINGS_USER_MAX, flat.n);

	if (flat.n == 0 || flat.n > SETTINGS_FLAT_MAX ||
	    span_eq(rest, NO_PASSWORD))
		return false;
	*user = span_sub(flat, 0, SETTINGS_USER_MAX);
	*password = rest.n ? rest : NO_PASSWORD;
	return true;
}

void settings_join(struct buf *out, struct span user, struct span password)
{
	buf_add(out, user);
	if (!span_eq(password, NO_PASSWORD))
		buf_add(out, password);
}

/* --- reading it back --- */

static struct span decode(struct arena *a, struct span s, unsigned *an)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.n) {
			c = s.p[++i];
			if (c != '=' && c != ';' && c != '\\')
				*an |= SETTINGS_ODD_ESCAPE;
		} else if (c == '\\') {
			*an |= SETTINGS_DANGLING;
		}
		p[n++] = c;
	}
	return span_of(p, n);
}

static struct kv read_pair(struct arena *a, struct span item, unsigned *an)
{
	size_t eq = bare_find(item, '=');
	struct kv kv = { .key = decode(a, span_sub(item, 0, eq), an) };
	struct span value = span_sub(item, eq + 1, item.n);

	if (eq == item.n) {
		*an |= SETTINGS_NO_EQUALS;
		return kv;
	}
	if (eq == 0)
		*an |= SETTINGS_EMPTY_KEY;
	if (bare_find(value, '=') < value.n)
		*an |= SETTINGS_BARE_EQUALS;
	kv.value = decode(a, value, an);
	return kv;
}

unsigned settings_parse(struct arena *a, struct span flat, struct kv_list *out)
{
	struct span item;
	size_t cap = 0;
	unsigned an = 0;

	*out = (struct kv_list){ 0 };
	if (flat.n == 0)
		return SETTINGS_EMPTY;
	while (bare_split(&flat, ';', &item)) {
		if (item.n == 0) {
			an |= SETTINGS_NO_EQUALS;
			continue;
		}
		arena_grow(a, out->v, out->n, cap);
		out->v[out->n++] = read_pair(a, item, &an);
	}
	if (kv_repeats(a, out))
		an |= SETTINGS_REPEATED;
	return an;
}
