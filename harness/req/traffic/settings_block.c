/* settings_block.c - see settings_block.h. */
#include "harness/req/traffic/settings_block.h"

#include <jansson.h>
#include <string.h>

#include "parent/proto/ipc/settings.h"
#include "harness/req/traffic/tunnel.h"

/* So many bytes do not come out of a tunnel by chance. */
#define TELLING 8

bool takes_blocks(const struct dialogue *d)
{
	return d->s->method == SOCKS_METHOD_JSON ||
	       d->s->method == SOCKS_METHOD_DRAFT;
}

static bool has(struct span s, const char *text)
{
	return span_contains(s, span_str(text));
}

/* Why the decoder did not take it. */
static enum block_kind kind_of_error(struct span s, const json_error_t *e)
{
	enum json_error_code code = json_error_code(e);
	json_t *first;

	if (code == json_error_invalid_utf8)
		return BLOCK_BAD_UTF8;
	if (code == json_error_stack_overflow ||
	    code == json_error_duplicate_key ||
	    code == json_error_numeric_overflow ||
	    code == json_error_null_byte_in_key)
		return BLOCK_EITHER;
	if (strstr(e->text, "Unicode"))
		return BLOCK_EITHER;
	first = json_loadb(s.p, s.n,
			   JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY |
				   JSON_ALLOW_NUL,
			   NULL);
	json_decref(first);
	return first || has(s, "/*") ? BLOCK_LENIENT : BLOCK_MALFORMED;
}

struct span settings_due(const struct judge *j, const struct dialogue *d)
{
	const struct event *told = dialogue_told(d);
	struct span due = pairs_get(&j->v->head->vars, "settings");

	for_events (ev, j->v)
		if (ev->kind == EV_TOLD && !span_absent(due) &&
		    (!told || ev->n < told->n))
			due = ev->told.settings;
	return due;
}

static bool settings_wanted(const struct judge *j, const struct dialogue *d,
			    struct kv_list *out)
{
	struct span flat = settings_due(j, d);

	*out = (struct kv_list){ 0 };
	if (flat.n)
		settings_parse(j->a, flat, out);
	return out->n > 0;
}

bool wants_settings(const struct judge *j, const struct dialogue *d)
{
	struct kv_list l;

	return j->v->head->known.n &&
	       span_eq(j->v->head->known.v[0], d->m->m.name) &&
	       settings_wanted(j, d, &l);
}

bool settings_lead(const struct judge *j, const struct dialogue *d)
{
	struct kv_list l;
	struct addr a;

	if (!wants_settings(j, d) || !settings_wanted(j, d, &l))
		return false;
	for (size_t i = 0; i < l.n; i++)
		if (span_contains(l.v[i].value, SPAN("://")) ||
		    (!(addr_parse(l.v[i].value, &a) &
		       (ADDR_NO_PORT | ADDR_NOT_IP | ADDR_HOSTNAME)) &&
		     a.family && a.port))
			return true;
	return false;
}

static enum block_fit fit_of(const struct kv_list *l, json_t *map)
{
	enum block_fit fit = FIT_GOOD;

	for (size_t i = 0; i < l->n; i++) {
		json_t *v = json_object_getn(map, l->v[i].key.p, l->v[i].key.n);

		if (!v)
			return FIT_MISSING;
		if (!json_is_string(v))
			fit = FIT_MISTYPED;
		else if (!span_eq(l->v[i].value,
				  span_of(json_string_value(v),
					  json_string_length(v))))
			fit = FIT_OTHER;
	}
	return fit;
}

static void look_at_map(const struct judge *j, const struct dialogue *d,
			json_t *map, struct block *b)
{
	struct kv_list l;
	json_t *value;
	const char *key;
	size_t found = 0;

	settings_wanted(j, d, &l);
	b->fit = l.n ? fit_of(&l, map) : FIT_UNKNOWN;
	b->strings = true;
	b->empty = json_object_size(map) == 0;
	json_object_foreach(map, key, value)
	{
		b->strings &= json_is_string(value);
		found += !span_absent(kv_get(&l, key));
	}
	b->extra = json_object_size(map) > found;
}

struct block block_of(const struct judge *j, const struct dialogue *d)
{
	struct span s = d->said.block;
	struct block b = { 0 };
	json_error_t e;
	json_t *root;

	if (!takes_blocks(d) || d->said.auth_end == SIZE_MAX)
		return b;
	for (size_t i = 0; i < s.n; i++)
		b.wide |= (unsigned char)s.p[i] >= 0x80;
	b.wide |= has(s, "\\u");
	b.lines = has(s, "\n");
	if (!s.n || span_starts(s, SPAN("\xef\xbb\xbf"))) {
		b.kind = s.n ? BLOCK_EITHER : BLOCK_NOTHING;
		return b;
	}
	root = json_loadb(
		s.p, s.n,
		JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	if (!root) {
		b.kind = kind_of_error(s, &e);
	} else if (!json_is_object(root)) {
		b.kind = BLOCK_NOT_MAP;
	} else {
		b.kind = BLOCK_MAP;
		look_at_map(j, d, root, &b);
	}
	json_decref(root);
	return b;
}

bool block_is_good(const struct block *b)
{
	return b->kind == BLOCK_MAP && b->strings && !b->extra &&
	       (b->fit == FIT_GOOD || (b->fit == FIT_UNKNOWN && b->empty));
}

bool told_before(const struct judge *j, const struct dialogues *all,
		 const struct dialogue *d)
{
	for_dialogues (o, all) {
		struct block b = block_of(j, o);

		if (o != d && b.fit == FIT_GOOD && b.kind == BLOCK_MAP &&
		    dialogue_told(o)->n < dialogue_asked(d)->n)
			return true;
	}
	return false;
}

bool is_without(const struct judge *j, const struct dialogue *d)
{
	struct block b = block_of(j, d);

	return dialogue_asked(d) &&
	       (d->s->method == SOCKS_METHOD_NONE ||
		b.kind == BLOCK_MALFORMED ||
		(b.kind == BLOCK_MAP && b.fit == FIT_MISSING));
}

bool is_untold(const struct judge *j, const struct dialogues *all,
	       const struct dialogue *d)
{
	return is_without(j, d) && !told_before(j, all, d);
}

/* The last time that a step waited long for what @d was to bring. */
static const struct event *waited_for(const struct judge *j,
				      const struct dialogue *d)
{
	const struct event *sent = d->sent.v[d->sent.n - 1].ev;

	for_events (ev, j->v) {
		if (d->closed && ev->n > d->closed->n)
			break;
		if (ev->n > sent->n && ev->kind == EV_LIMIT &&
		    span_eqs(ev->limit.limit, "exit"))
			return ev;
	}
	return NULL;
}

enum use use_of(const struct judge *j, const struct dialogue *d,
		const struct event **limit)
{
	struct span told = tunnelled(d);

	*limit = NULL;
	if (d->s->stage != SOCKS_TUNNEL)
		return USE_UNKNOWN;
	if (told.n >= TELLING && came_out(j->v, told))
		return USEFUL;
	if (d->eof)
		return USELESS;
	*limit = told.n >= TELLING ? waited_for(j, d) : NULL;
	return *limit ? USELESS : USE_UNKNOWN;
}

enum fate fate_of(const struct dialogue *d, int *code)
{
	const struct socks *s = d->s;

	*code = s->code >= 0 ? s->code : s->rep;
	if (s->form == SOCKS_FORM_GARBAGE)
		return FATE_GARBAGE;
	if (*code >= 0x10 && *code <= 0x13)
		return FATE_CODE;
	if (s->code > 0)
		return FATE_REFUSED;
	if (s->reply.n)
		return FATE_TAKEN;
	return d->eof ? FATE_CLOSED : FATE_OPEN;
}
