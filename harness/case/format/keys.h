/*
 * keys.h - what the objects in our files may say: tables of keys, from which
 * come the readers, the schemas for editors, and the manuals.
 */
#ifndef PTCHECK_CASE_FORMAT_KEYS_H
#define PTCHECK_CASE_FORMAT_KEYS_H

#include "harness/case/format/json_path.h"
#include "harness/case/format/words.h"

/* What the value is, and what it is read into. */
enum key_type {
	KEY_OWN,     /* of a form of its own: by `get` */
	KEY_BOOL,    /* bool */
	KEY_INT,     /* int64_t, from min to max */
	KEY_ID,	     /* struct span: [a-z0-9.-]+ */
	KEY_LINE,    /* struct span: plain text */
	KEY_TEXT,    /* struct span: a template */
	KEY_CSTR,    /* struct span: one that holds no NUL byte */
	KEY_BYTES,   /* struct span: one that is sent or written as it is */
	KEY_WORD,    /* an enum, one of `words` */
	KEY_WORDS,   /* unsigned, 1 << enum: a list, none of them twice */
	KEY_SET,     /* the same, not empty */
	KEY_STRINGS, /* struct strings, plain */
	KEY_CSTRS,   /* struct strings, as KEY_CSTR */
	KEY_PAIRS,   /* struct pairs: an object whose values are plain */
	KEY_OBJECT,  /* of `keys`, by `get` */
	KEY_OBJECTS, /* a list of at most `max` of them, by `get` */
	/* those of a step, see step_kinds.h */
	KEY_NEW_NAME,
	KEY_NAME,
	KEY_STREAM_OR_NAME,
	KEY_OUTPUT_OR_NAME,
	KEY_LIMIT,
};

struct key {
	const char *name; /* NULL: there are no more */
	const char *doc;
	enum key_type type;
	bool required;
	size_t offset; /* where in the struct that is read into */
	const struct words *words;
	int64_t min, max;
	int64_t dflt; /* the number, word or limit when not said */
	const struct key *keys;
	/* Reads instead, into the whole struct. */
	int (*get)(const struct json_path *at, struct arena *a, void *out);
	/* Of KEY_OWN: as JSON schema, and in the words of the manual. */
	const char *schema, *form;
};

/* The object must have no keys but these; @more: others, or NULL. */
int keys_known(const struct json_path *at, const struct key *keys,
	       const struct key *more, const char *what);
/* Read one value, whose place in @out the key says. */
int key_read(const struct json_path *at, struct arena *a, const struct key *k,
	     void *out);
/* Read all that is said into @out, in the order of the table; the rest stays
 * as it is. */
int keys_read(const struct json_path *at, struct arena *a,
	      const struct key *keys, void *out);
/* Put a word into an enum. */
void key_put_word(void *to, size_t word);

/* --- the tables --- */

/* Of case files: ptcheck-case(5) */
extern const struct key case_file_keys[], case_keys[], variant_keys[],
	launch_keys[], disk_keys[], inject_keys[];
/* Of target descriptions: ptcheck-target(5) */
extern const struct key target_keys[], transport_keys[];

#endif
