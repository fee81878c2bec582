/*
 * base64.h - RFC 4648 section 4, as Basic credentials use it (RFC 7617).
 */
#ifndef PTCHECK_PROTO_BASE64_H
#define PTCHECK_PROTO_BASE64_H

#include "harness/base/buf.h"
#include "harness/base/span.h"

/* Append the encoded form of @s, with padding and on one line. */
void base64_encode(struct buf *out, struct span s);

/*
 * Append the bytes that @s stands for.  Strict: whole groups of four, padding
 * only at the end and exactly as much as is needed, no bits set that stand
 * for nothing.  Returns false otherwise, with as much appended as could be
 * read before.
 */
bool base64_decode(struct buf *out, struct span s);

#endif
