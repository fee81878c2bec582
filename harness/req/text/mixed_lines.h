/*
 * mixed_lines.h - lines that two writers without knowledge of each other have mixed.
 *
 * Only what cannot be read otherwise counts: an unknown line may hold any
 * words, and a log may quote a message.
 */
#ifndef PTCHECK_REQ_TEXT_MIXED_LINES_H
#define PTCHECK_REQ_TEXT_MIXED_LINES_H

#include "harness/trace/view.h"

/* A method line that does not parse because another message begins in it. */
bool method_is_mixed(const struct method *m);
/* A line of some other kind with a whole method line behind its first half,
 * which is missing elsewhere. */
bool line_is_mixed(const struct view *v, const struct line *l);

#endif
