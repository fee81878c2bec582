/*
 * method_lines.h - the rules that client and server status messages share.
 *
 * CMETHOD and SMETHOD differ in their form; where they go, when they come and
 * what an error or DONE means is the same on both sides (§3.3.2.2, §3.3.2.3).
 * Each function judges the messages of the trace's own role.
 */
#ifndef PTCHECK_REQ_IPC_METHOD_LINES_H
#define PTCHECK_REQ_IPC_METHOD_LINES_H

#include "harness/req/core/judges.h"

/* The own role's messages. */
struct method_words {
	enum ipc_keyword method, error, done;
	const char *method_name, *done_line;
};

const struct method_words *method_words(const struct judge *j);

/* Nothing but DONE behind the keyword. */
bool method_is_bare_done(const struct line *l);

/* More methods than any transport has; a hostile one may print any number. */
#define STATUS_METHODS_MAX 256

#define for_own_methods(m, j)                                  \
	for (const struct method *m = (j)->v->methods.v;       \
	     m && m < (j)->v->methods.v + (j)->v->methods.n && \
	     m < (j)->v->methods.v + STATUS_METHODS_MAX;       \
	     m++)                                              \
		if (status_is_own(j, m))

/* A method line of the own role that a parent would take for one, too: with
 * a space behind the keyword, and not the misspelt end message. */
bool status_is_own(const struct judge *j, const struct method *m);

#endif
