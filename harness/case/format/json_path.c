/* json.c - see json.h. */
#include "harness/case/format/json_path.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/buf.h"
#include "parent/base/text.h"

/* How much of a bad value a message quotes. */
#define SHOW_MAX 80

json_t *json_path_load(struct span text, const char *file, struct err *e)
{
	char shown[sizeof(((json_error_t *)NULL)->text) * 4];
	json_error_t je;
	json_t *v;

	if (text.n > JSON_PATH_FILE_MAX) {
		err_set(e, 0, "%s: larger than %u bytes", file,
			JSON_PATH_FILE_MAX);
		return NULL;
	}
	v = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES,
		       &je);
	if (!v)
		err_set(e, 0, "%s:%d:%d: %s", file, je.line, je.column,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
	return v;
}

struct json_path json_path_root(json_t *v, const char *file, struct err *e)
{
	return (struct json_path){ .file = file, .e = e, .v = v };
}

struct json_path json_path_get(const struct json_path *at, const char *key)
{
	return (struct json_path){
		.up = at,
		.file = at->file,
		.e = at->e,
		.key = key,
		.v = json_object_get(at->v, key),
	};
}

struct json_path json_path_item(const struct json_path *at, size_t i)
{
	return (struct json_path){
		.up = at,
		.file = at->file,
		.e = at->e,
		.index = i,
		.v = json_array_get(at->v, i),
	};
}

/* --- messages --- */

/* RFC 6901: '~' and '/' in a key are ~0 and ~1. */
static void put_key(struct buf *out, const char *key)
{
	for (; *key; key++) {
		if (*key == '~')
			buf_adds(out, "~0");
		else if (*key == '/')
			buf_adds(out, "~1");
		else
			text_escape(out, span_of(key, 1));
	}
}

static void put_pointer(struct buf *out, const struct json_path *at)
{
	if (!at->up)
		return;
	put_pointer(out, at->up);
	buf_addc(out, '/');
	if (at->key)
		put_key(out, at->key);
	else
		buf_addf(out, "%zu", at->index);
}

static void put_value(struct buf *out, const json_t *v)
{
	char shown[SHOW_MAX];
	char *dump;

	if (json_is_string(v)) {
		struct span s =
			span_of(json_string_value(v), json_string_length(v));

		buf_addf(out, "\"%s\"", text_showbuf(shown, sizeof(shown), s));
		return;
	}
	dump = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	buf_adds(out, text_showbuf(shown, sizeof(shown),
				   span_str(dump ? dump : "the value")));
	free(dump);
}

__attribute__((format(printf, 3, 0))) static int fail(
	const struct json_path *at, bool value, const char *fmt, va_list ap)
{
	struct buf where = BUF_MAX(ERR_MAX / 2);
	char text[ERR_MAX / 2];

	vsnprintf(text, sizeof(text), fmt, ap);
	/* The whole document has the empty pointer; "/" reads better. */
	if (!at->up)
		buf_addc(&where, '/');
	put_pointer(&where, at);
	buf_adds(&where, ": ");
	if (value) {
		put_value(&where, at->v);
		buf_addc(&where, ' ');
	}
	err_set(at->e, 0, "%s: %s%s", at->file, buf_cstr(&where), text);
	buf_fini(&where);
	return -1;
}

int json_path_fail(const struct json_path *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(at, false, fmt, ap);
	va_end(ap);
	return -1;
}

int json_path_bad(const struct json_path *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(at, true, fmt, ap);
	va_end(ap);
	return -1;
}

/* --- containers --- */

int json_path_object(const struct json_path *at, const char *const *keys,
		     const char *what)
{
	char shown[SHOW_MAX];
	const char *key;
	json_t *v;

	if (!json_is_object(at->v))
		return json_path_bad(at, "is no object");
	json_object_foreach(at->v, key, v)
	{
		const char *const *k = keys;

		while (*k && strcmp(*k, key) != 0)
			k++;
		if (!*k)
			return json_path_fail(at, "\"%s\" is no key of %s",
					      text_showbuf(shown, sizeof(shown),
							   span_str(key)),
					      what);
	}
	return 0;
}

int json_path_array(const struct json_path *at)
{
	return json_is_array(at->v) ? 0 : json_path_bad(at, "is no array");
}

int json_path_need(const struct json_path *at, const char *key,
		   struct json_path *out)
{
	*out = json_path_get(at, key);
	return out->v ? 0 : json_path_fail(at, "\"%s\" is missing", key);
}

/* --- values --- */

int json_path_str(const struct json_path *at, struct arena *a, struct span *out)
{
	if (!json_is_string(at->v))
		return json_path_bad(at, "is no string");
	*out = arena_span(a, span_of(json_string_value(at->v),
				     json_string_length(at->v)));
	return 0;
}

int json_path_bool(const struct json_path *at, bool *out)
{
	if (!json_is_boolean(at->v))
		return json_path_bad(at, "is neither true nor false");
	*out = json_is_true(at->v);
	return 0;
}

int json_path_int(const struct json_path *at, int64_t min, int64_t max,
		  int64_t *out)
{
	if (!json_is_integer(at->v) || json_integer_value(at->v) < min ||
	    json_integer_value(at->v) > max)
		return json_path_bad(at, "is no integer from %lld to %lld",
				     (long long)min, (long long)max);
	*out = json_integer_value(at->v);
	return 0;
}

int json_path_strings(const struct json_path *at, struct arena *a,
		      struct strings *out)
{
	size_t n;

	if (json_path_array(at))
		return -1;
	n = json_array_size(at->v);
	*out = (struct strings){ arena_alloc(a, n * sizeof(*out->v)), 0 };
	for (; out->n < n; out->n++) {
		struct json_path item = json_path_item(at, out->n);

		if (json_path_str(&item, a, &out->v[out->n]))
			return -1;
	}
	return 0;
}

int json_path_pairs(const struct json_path *at, struct arena *a,
		    struct pairs *out)
{
	const char *key;
	json_t *v;

	if (!json_is_object(at->v))
		return json_path_bad(at, "is no object");
	*out = (struct pairs){
		arena_alloc(a, json_object_size(at->v) * sizeof(*out->v)),
		0,
	};
	json_object_foreach(at->v, key, v)
	{
		struct json_path item = json_path_get(at, key);
		struct pair *p = &out->v[out->n];

		if (json_path_str(&item, a, &p->value))
			return -1;
		p->key = arena_span(a, span_str(key));
		out->n++;
	}
	return 0;
}

/* "is none of a, b, c" */
static int no_word(const struct json_path *at, const char *const *words,
		   size_t n)
{
	struct buf list = BUF_MAX(ERR_MAX / 4);
	const char *text;
	int r;

	for (size_t i = 0; i < n; i++)
		buf_addf(&list, "%s%s", i ? ", " : "", words[i]);
	text = buf_cstr(&list);
	r = json_path_bad(at, "is none of %s", text);
	buf_fini(&list);
	return r;
}

int json_path_word(const struct json_path *at, const char *const *words,
		   size_t n, size_t *out)
{
	for (size_t i = 0; json_is_string(at->v) && i < n; i++) {
		if (strcmp(json_string_value(at->v), words[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	return no_word(at, words, n);
}

int json_path_words(const struct json_path *at, const char *const *words,
		    size_t n, unsigned *out)
{
	unsigned set = 0;

	if (json_path_array(at))
		return -1;
	for (size_t i = 0; i < json_array_size(at->v); i++) {
		struct json_path item = json_path_item(at, i);
		size_t w;

		if (json_path_word(&item, words, n, &w))
			return -1;
		if (set & 1u << w)
			return json_path_bad(&item, "is there twice");
		set |= 1u << w;
	}
	*out = set;
	return 0;
}

int json_path_set(const struct json_path *at, const char *const *words,
		  size_t n, unsigned *out)
{
	if (json_path_words(at, words, n, out))
		return -1;
	return *out ? 0 : json_path_fail(at, "names none");
}

int json_path_id(const struct json_path *at, struct arena *a, struct span *out)
{
	if (json_path_str(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		char c = out->p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '.' && c != '-')
			return json_path_bad(at, "is no id: [a-z0-9.-]+");
	}
	return out->n ? 0 : json_path_bad(at, "is no id: [a-z0-9.-]+");
}
