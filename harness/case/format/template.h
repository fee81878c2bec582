/*
 * template.h - the values in case files: escaped text with ${...} inside.
 *
 * Literal parts are escaped text (base/text.h); what a template stands for
 * is inserted as it is.  "\x24{" is a literal "${".  The list of templates
 * is in case.h.
 */
#ifndef PTCHECK_CASE_FORMAT_TEMPLATE_H
#define PTCHECK_CASE_FORMAT_TEMPLATE_H

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/span.h"

/* What one value may expand to: twice the longest environment string that
 * Linux takes (MAX_ARG_STRLEN, 128 KiB). */
#define TEMPLATE_MAX (256u * 1024u)

/* X(enum, between the braces); port:NAME, block:N, options:TEXT, counted:TEXT and
 * repeat:TEXT:N are extra. */
#define TEMPLATE_VARS(X)           \
	X(T, "T")                  \
	X(T2, "T2")                \
	X(ALL, "all")              \
	X(T_UPPER, "T^")           \
	X(T_CUT, "T-")             \
	X(VER, "ver")              \
	X(NOSUCH, "nosuch")        \
	X(NOSUCH2, "nosuch2")      \
	X(WORK, "work")            \
	X(STATE, "state")          \
	X(CWD, "cwd")              \
	X(OPTIONS, "options")      \
	X(OPTIONS_SEP, "options;") \
	X(FAR, "far")              \
	X(FAR6, "far6")            \
	X(HOLE, "hole")            \
	X(HELLO, "hello")          \
	X(MARKER, "marker")        \
	X(COOKIE, "cookie")        \
	X(JSON, "json")            \
	X(MEMBERS, "members")      \
	X(WRONG, "wrong")          \
	X(MISTYPED, "mistyped")

enum template_var {
#define X(id, ...) TV_##id,
	TEMPLATE_VARS(X)
#undef X
		TV_PORT, /* with the NAME */
	TV_FREE_OPTIONS, /* with the TEXT, expanded */
	TV_BLOCK,	 /* with the number */
};

struct template_vars {
	/* Append the value; @name is what the braces hold more.  0, or -1 with a
	 * predicate of the whole text: "holds ${T2}, but ...". */
	int (*get)(void *ctx, enum template_var var, struct span name,
		   struct buf *out, struct err *e);
	void *ctx;
};

/*
 * Append the bytes that @text stands for to @out (use TEMPLATE_MAX).  -1
 * with a predicate that does not quote @text: "has a bad escape".
 */
int template_expand(struct buf *out, struct span text,
		    const struct template_vars *vars, struct err *e);

#endif
