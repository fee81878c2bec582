/*
 * text.h - bytes from outside as harmless, readable, reversible text.
 *
 * One escaping serves traces, reports, messages and case files: printable
 * ASCII stands for itself, except the backslash; everything else becomes
 * \\ \n \r \t or \xHH.  The result is plain ASCII on one line, so it can go
 * to a terminal, into JSON, XML or HTML (which add their own quoting of
 * < > & ").
 */
#ifndef PTCHECK_BASE_TEXT_H
#define PTCHECK_BASE_TEXT_H

#include <stdbool.h>

#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "parent/base/span.h"

/* Append the escaped form of @s. */
void text_escape(struct buf *out, struct span s);

/*
 * Append the bytes that the escaped text @s stands for.  Returns false, and
 * the offset of the first bad escape in *bad (may be NULL), for an unknown or
 * cut-off escape; bytes outside printable ASCII stand for themselves.
 */
bool text_unescape(struct buf *out, struct span s, size_t *bad);

/*
 * The escaped form as a C string in @a, cut after @max source bytes with
 * "..." behind it.  For messages: quoting is up to the caller.
 */
const char *text_show(struct arena *a, struct span s, size_t max);

/* text_show() for places without an arena; returns @dst. */
const char *text_showbuf(char *dst, size_t size, struct span s);

#endif
