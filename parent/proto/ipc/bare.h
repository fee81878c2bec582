/*
 * bare.h - separators that no backslash precedes.
 *
 * Internal to parent/proto: text is cut at these first, and escapes are
 * removed last.
 */
#ifndef PTCHECK_PROTO_BARE_H
#define PTCHECK_PROTO_BARE_H

#include <stdbool.h>
#include <stddef.h>

#include "parent/base/span.h"

/* Offset of the first @c that no backslash precedes, or s.n. */
size_t bare_find(struct span s, char c);
/* span_split() at unescaped separators. */
bool bare_split(struct span *s, char sep, struct span *piece);

#endif
