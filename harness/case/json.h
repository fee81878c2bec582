/*
 * json.h - strict reading of the JSON that people write by hand.
 *
 * A struct jat is a place in a document: a value and the way to it.  It
 * lives on the stack of whoever walks there, so that any complaint can name
 * the place as a JSON pointer: "FILE: /cases/3/id: "x y" is no id".  All
 * functions that can fail return 0, or -1 with such a line in the error.
 */
#ifndef PTCHECK_CASE_JSON_H
#define PTCHECK_CASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/err.h"
#include "harness/trace/trace.h"

/* Larger files are refused: no hand-written description comes near it. */
#define JAT_FILE_MAX (4u * 1024u * 1024u)

struct jat {
	const struct jat *up; /* NULL: the whole document */
	const char *file;
	struct err *e;
	const char *key; /* how to get here from `up`: by key, or */
	size_t index;	 /* by index when key is NULL */
	json_t *v;	 /* NULL: absent; owned by the document */
};

/*
 * Parse a whole document.  Duplicate keys are errors.  The caller owns the
 * result; NULL with "FILE:LINE:COL: message".
 */
json_t *jat_load(struct span text, const char *file, struct err *e);

struct jat jat_root(json_t *v, const char *file, struct err *e);
/* A member of an object; .v is NULL when it is not there. */
struct jat jat_get(const struct jat *at, const char *key);
struct jat jat_item(const struct jat *at, size_t i);

/* "FILE: POINTER: text". */
int jat_fail(const struct jat *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "FILE: POINTER: VALUE text", with the value quoted and shortened. */
int jat_bad(const struct jat *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Must be an object with no keys but these (NULL-terminated list; @what:
 * "a step"). */
int jat_object(const struct jat *at, const char *const *keys, const char *what);
int jat_array(const struct jat *at);
/* The member must be there. */
int jat_need(const struct jat *at, const char *key, struct jat *out);

/* The text of a string, copied. */
int jat_str(const struct jat *at, struct arena *a, struct span *out);
int jat_bool(const struct jat *at, bool *out);
int jat_int(const struct jat *at, int64_t min, int64_t max, int64_t *out);
int jat_strings(const struct jat *at, struct arena *a, struct strings *out);
/* An object whose values are strings. */
int jat_pairs(const struct jat *at, struct arena *a, struct pairs *out);

/* One of a closed set of words; @out is its index. */
int jat_word(const struct jat *at, const char *const *words, size_t n,
	     size_t *out);
/* An array of such words as a set of bits (1 << index), none twice. */
int jat_words(const struct jat *at, const char *const *words, size_t n,
	      unsigned *out);
/* The same, not empty. */
int jat_set(const struct jat *at, const char *const *words, size_t n,
	    unsigned *out);
/* Lower case, digits, '.' and '-'. */
int jat_id(const struct jat *at, struct arena *a, struct span *out);

#endif
