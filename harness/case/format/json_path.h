/*
 * json.h - strict reading of the JSON that people write by hand.
 *
 * A struct json_path is a place in a document: a value and the way to it.  It
 * lives on the stack of whoever walks there, so that any complaint can name
 * the place as a JSON pointer: "FILE: /cases/3/id: "x y" is no id".  All
 * functions that can fail return 0, or -1 with such a line in the error.
 */
#ifndef PTCHECK_CASE_FORMAT_JSON_PATH_H
#define PTCHECK_CASE_FORMAT_JSON_PATH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "parent/base/arena.h"
#include "parent/base/err.h"
#include "harness/trace/trace.h"

/* Larger files are refused: no hand-written description comes near it. */
#define JSON_PATH_FILE_MAX (4u * 1024u * 1024u)

struct json_path {
	const struct json_path *up; /* NULL: the whole document */
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
json_t *json_path_load(struct span text, const char *file, struct err *e);

struct json_path json_path_root(json_t *v, const char *file, struct err *e);
/* A member of an object; .v is NULL when it is not there. */
struct json_path json_path_get(const struct json_path *at, const char *key);
struct json_path json_path_item(const struct json_path *at, size_t i);

/* "FILE: POINTER: text". */
int json_path_fail(const struct json_path *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "FILE: POINTER: VALUE text", with the value quoted and shortened. */
int json_path_bad(const struct json_path *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Must be an object with no keys but these (NULL-terminated list; @what:
 * "a step"). */
int json_path_object(const struct json_path *at, const char *const *keys,
		     const char *what);
int json_path_array(const struct json_path *at);
/* The member must be there. */
int json_path_need(const struct json_path *at, const char *key,
		   struct json_path *out);

/* The text of a string, copied. */
int json_path_str(const struct json_path *at, struct arena *a,
		  struct span *out);
int json_path_bool(const struct json_path *at, bool *out);
int json_path_int(const struct json_path *at, int64_t min, int64_t max,
		  int64_t *out);
int json_path_strings(const struct json_path *at, struct arena *a,
		      struct strings *out);
/* An object whose values are strings. */
int json_path_pairs(const struct json_path *at, struct arena *a,
		    struct pairs *out);

/* One of a closed set of words; @out is its index. */
int json_path_word(const struct json_path *at, const char *const *words,
		   size_t n, size_t *out);
/* An array of such words as a set of bits (1 << index), none twice. */
int json_path_words(const struct json_path *at, const char *const *words,
		    size_t n, unsigned *out);
/* The same, not empty. */
int json_path_set(const struct json_path *at, const char *const *words,
		  size_t n, unsigned *out);
/* Lower case, digits, '.' and '-'. */
int json_path_id(const struct json_path *at, struct arena *a, struct span *out);

#endif
