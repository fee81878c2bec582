/*
 * select.h - which requirements a run is about: --select and --skip.
 *
 * An expression is a comma-separated list; a requirement is meant when any
 * term fits it.  A term is an id or a glob of ids ("ENV-VER-*"), a section
 * ("§3.3.1" or "3.3.1", with all below it), the name of an area ("version"),
 * a level ("MUST", "must-not", "should", "may", "implied", "hygiene"), whom
 * the rule binds ("role:pt-client"), a version that has it ("spec:1.0"), or
 * @FILE with one term a line ('#' begins a comment).  "!TERM" takes out what
 * fits the term, or any term of "!@FILE", of all where nothing else is named.
 */
#ifndef PTCHECK_RUN_SELECT_H
#define PTCHECK_RUN_SELECT_H

#include <stdbool.h>

#include "parent/base/arena.h"
#include "parent/base/err.h"
#include "harness/req/core/req.h"

struct selection {
	struct arena arena;
	const char **terms, **skips;
	size_t nterms, nskips, terms_cap, skips_cap;
};

/* Of select_add(): the expression has no term at all. */
#define SELECT_EMPTY 1

/* Add an expression; 0, -1 where a term fits no requirement or a file cannot be
 * read, or SELECT_EMPTY; both with @e set. */
int select_add(struct selection *s, const char *expr, bool skip, struct err *e);
bool select_has(const struct selection *s, const struct req *r);
/* Is it left out by name, not only for want of it? */
bool select_skips(const struct selection *s, const struct req *r);
void select_fini(struct selection *s);

#endif
