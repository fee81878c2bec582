/* buf.c - see buf.h. */
#include "parent/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/arena.h"

void buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->full = false;
}

/* Room for @n more bytes and a NUL that is never counted. */
static void reserve(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	char *p;

	if (b->p && b->n + n + 1 <= b->cap)
		return;
	while (cap < b->n + n + 1)
		cap *= 2;
	p = realloc(b->p, cap);
	if (!p)
		die_oom();
	b->p = p;
	b->cap = cap;
}

void buf_add(struct buf *b, struct span s)
{
	size_t room = b->max > b->n ? b->max - b->n : 0;

	if (s.n > room) {
		s.n = room;
		b->full = true;
	}
	reserve(b, s.n);
	if (s.n)
		memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, span_str(s));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, span_of(&c, 1));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	/* Most of the time there is room for it, with its NUL, already. */
	size_t left = b->p ? b->cap - b->n : 0;
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(left ? b->p + b->n : NULL, left, fmt, ap);
	va_end(ap);
	if (n > 0) {
		size_t room = b->max > b->n ? b->max - b->n : 0;

		if ((size_t)n >= left) {
			reserve(b, (size_t)n);
			vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		}
		if ((size_t)n > room) {
			b->full = true;
			n = (int)room;
		}
		b->n += (size_t)n;
	}
	va_end(again);
}

void buf_eat(struct buf *b, size_t n)
{
	if (n > b->n)
		n = b->n;
	if (n)
		memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

const char *buf_cstr(struct buf *b)
{
	reserve(b, 0);
	b->p[b->n] = '\0';
	return b->p;
}
