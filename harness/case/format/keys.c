/* keys.c - reads what a table of keys says. */
#include "harness/case/format/keys.h"

#include <string.h>

#include "harness/case/format/dry_run.h"

/* More keys than any object has. */
#define KEYS_MAX 40

int keys_known(const struct json_path *at, const struct key *keys,
	       const struct key *more, const char *what)
{
	const char *names[KEYS_MAX + 1] = { NULL };
	size_t n = 0;

	for (const struct key *k = keys; k->name && n < KEYS_MAX; k++)
		names[n++] = k->name;
	for (const struct key *k = more; k && k->name && n < KEYS_MAX; k++)
		names[n++] = k->name;
	return json_path_object(at, names, what);
}

/* Enums of words are of this size. */
void key_put_word(void *to, size_t word)
{
	unsigned w = (unsigned)word;

	memcpy(to, &w, sizeof(w));
}

static int read_word(const struct json_path *at, const struct words *words,
		     void *to)
{
	size_t w;

	if (json_path_word(at, words->names, words->n, &w))
		return -1;
	key_put_word(to, w);
	return 0;
}

static int read_cstrs(const struct json_path *at, struct arena *a,
		      struct strings *out)
{
	if (json_path_strings(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct json_path item = json_path_item(at, i);

		if (json_path_cstr(&item, a, &out->v[i]))
			return -1;
	}
	return 0;
}

int key_read(const struct json_path *at, struct arena *a, const struct key *k,
	     void *out)
{
	void *to;

	/* Some have nothing to read into, and @out is NULL. */
	if (k->get)
		return k->get(at, a, out);
	to = (char *)out + k->offset;
	switch (k->type) {
	case KEY_BOOL:
		return json_path_bool(at, to);
	case KEY_INT:
		return json_path_int(at, k->min, k->max, to);
	case KEY_ID:
		return json_path_id(at, a, to);
	case KEY_LINE:
		return json_path_str(at, a, to);
	case KEY_TEXT:
	case KEY_BYTES:
		return json_path_template(at, a, to);
	case KEY_CSTR:
		return json_path_cstr(at, a, to);
	case KEY_WORD:
		return read_word(at, k->words, to);
	case KEY_WORDS:
		return json_path_words(at, k->words->names, k->words->n, to);
	case KEY_SET:
		return json_path_set(at, k->words->names, k->words->n, to);
	case KEY_STRINGS:
		return json_path_strings(at, a, to);
	case KEY_CSTRS:
		return read_cstrs(at, a, to);
	case KEY_PAIRS:
		return json_path_pairs(at, a, to);
	case KEY_OWN:
	case KEY_OBJECT:
	case KEY_OBJECTS:
	case KEY_NEW_NAME:
	case KEY_NAME:
	case KEY_STREAM_OR_NAME:
	case KEY_OUTPUT_OR_NAME:
	case KEY_LIMIT:
		break;
	}
	return json_path_bad(at, "is of no form that is read here");
}

int keys_read(const struct json_path *at, struct arena *a,
	      const struct key *keys, void *out)
{
	for (const struct key *k = keys; k->name; k++) {
		struct json_path item = json_path_get(at, k->name);

		if (!item.v && !k->required)
			continue;
		if (json_path_need(at, k->name, &item) ||
		    key_read(&item, a, k, out))
			return -1;
	}
	return 0;
}
