/*
 * late.h - texts in which stands what a client is told, as the server of the
 * same launch has it: steps, and the command line of a client that speaks no
 * SOCKS.
 *
 * What a server prints in ARGS may be another thing in each launch: an identity
 * that it makes at its first start.  So a text that has it in it is planned with
 * what a probe saw, and is made anew when the launch's own server has spoken.
 * All other values in it stay as they were planned.
 */
#ifndef PTCHECK_CASE_LATE_H
#define PTCHECK_CASE_LATE_H

#include "parent/base/buf.h"
#include "harness/case/format/template.h"
#include "harness/case/case.h"

/* A text of a step. */
struct late_text {
	size_t step, offset; /* index, and where in the struct */
	struct span text;    /* not expanded */
};

/* A word of a client's command line. */
struct late_word {
	struct span was, text; /* as planned, and not expanded */
};

struct late {
	struct late_text *v;
	size_t n, cap;
	struct late_word *words;
	size_t nwords, words_cap;
	struct pairs values; /* of the other templates, by number and name */
	size_t values_cap;
};

/* --- templates of what is told --- */

/* What clients of a transport are told. */
struct told {
	struct span transport;
	const struct pairs *settings;
};

bool told_by(enum template_var var);
/* Append what such a template stands for; @n: its parameter. */
void told_put(enum template_var var, struct span n, const struct told *told,
	      struct arena *a, struct buf *out);

/* --- when planning --- */

void late_note(struct late *l, struct arena *a, enum template_var var,
	       struct span name, struct span value);
void late_add(struct late *l, struct arena *a, struct late_text text);
void late_add_word(struct late *l, struct arena *a, struct late_word word);

/* --- in the launch --- */

/* The steps of the plan, from @a, when clients are told @told. */
struct step *late_steps(const struct plan *p, const struct pairs *told,
			struct arena *a);
/* A client's command line of the plan, the same. */
struct strings late_argv(const struct plan *p, const struct strings *argv,
			 const struct pairs *told, struct arena *a);

#endif
