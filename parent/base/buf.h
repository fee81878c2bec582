/*
 * buf.h - a growing byte buffer with a named maximum.
 *
 * Whoever makes one says how large it may become; what does not fit is
 * dropped and `full` is set, so that a hostile transport cannot make the
 * harness grow and the caller checks once at the end.
 */
#ifndef PTCHECK_BASE_BUF_H
#define PTCHECK_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "parent/base/span.h"

struct buf {
	char *p;
	size_t n, cap, max;
	bool full; /* something did not fit */
};

/* Use: struct buf b = BUF_MAX(64 * 1024);  ...  buf_fini(&b); */
#define BUF_MAX(limit) ((struct buf){ .max = (limit) })

void buf_fini(struct buf *b);
/* Forget the contents, keep the memory. */
void buf_reset(struct buf *b);
/* Append as much of @s as fits. */
void buf_add(struct buf *b, struct span s);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Drop @n bytes from the front. */
void buf_eat(struct buf *b, size_t n);

static inline struct span buf_span(const struct buf *b)
{
	return span_of(b->p ? b->p : "", b->n);
}

/* The contents as a C string; valid until the next call with this buffer. */
const char *buf_cstr(struct buf *b);

#endif
