/*
 * A growing byte queue: bytes are appended at the end and eaten at the front.
 * It never holds more than BUF_MAX bytes; what would go beyond is dropped and
 * sets `over`, which the owner checks where it matters. A zeroed struct is an
 * empty queue.
 */
#ifndef PTREF_BUF_H
#define PTREF_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Larger than any line that an environment of 128 KiB per string can cause. */
#define BUF_MAX (1u << 20)

struct buf {
	uint8_t *p;
	size_t off;
	size_t len;
	size_t cap;
	bool over;
};

/* Makes room for n more bytes and returns where they go, or NULL if that is
 * too much; buf_grew() takes note of how many were written there. */
uint8_t *buf_room(struct buf *b, size_t n);
void buf_grew(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, int c);
void buf_adds(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void buf_add16(struct buf *b, unsigned v);

static inline const uint8_t *buf_head(const struct buf *b)
{
	return b->p + b->off;
}

static inline size_t buf_n(const struct buf *b)
{
	return b->len - b->off;
}

void buf_eat(struct buf *b, size_t n);
void buf_fini(struct buf *b);

/* Allocation that ends the program when there is no memory. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrndup(const char *s, size_t n);

#endif
