/*
 * options.h - TOR_PT_SERVER_TRANSPORT_OPTIONS: name:key=value;... with
 * backslash escapes of : ; = and \ (PT 2.0 §3.3.1.3; PT 1.0 leaves = bare).
 */
#ifndef PTCHECK_PROTO_OPTIONS_H
#define PTCHECK_PROTO_OPTIONS_H

#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "parent/base/span.h"

enum options_anomaly {
	OPTIONS_NO_COLON = 1 << 0,  /* "T" */
	OPTIONS_NO_EQUALS = 1 << 1, /* "T:k", "T:" */
	OPTIONS_EMPTY_NAME = 1 << 2,
	OPTIONS_EMPTY_KEY = 1 << 3,
	OPTIONS_EMPTY_VALUE = 1 << 4, /* accept expected */
	OPTIONS_DANGLING = 1 << 5,    /* lone backslash at the end */
	OPTIONS_ODD_ESCAPE = 1 << 6,  /* \n and the like: either */
	OPTIONS_BARE_EQUALS = 1 << 7, /* '=' inside a value or name: either */
	OPTIONS_BARE_COLON = 1 << 8,  /* ':' inside a value or key: either */
	OPTIONS_EMPTY_ITEM = 1 << 9, /* leading, trailing, double ';': either */
	OPTIONS_REPEATED = 1 << 10,  /* same name and key twice: either */
	OPTIONS_JSON = 1 << 11,	     /* the form of PT 2.2, not of 2.0 */
};
/* A PT is expected to refuse these. */
#define OPTIONS_MALFORMED                                            \
	(OPTIONS_NO_COLON | OPTIONS_NO_EQUALS | OPTIONS_EMPTY_NAME | \
	 OPTIONS_EMPTY_KEY | OPTIONS_DANGLING | OPTIONS_JSON)

struct option {
	struct span transport, key, value; /* decoded, in the arena */
};

struct option_list {
	struct option *v;
	size_t n;
};

/*
 * Returns the anomaly set; items that make sense are in *out.  A backslash
 * makes the next byte literal, whatever it is.
 */
unsigned options_parse(struct arena *a, struct span s, struct option_list *out);
/* Append @s with : ; = \ escaped, as a parent writes a key or value. */
void options_escape(struct buf *out, struct span s);

#endif
