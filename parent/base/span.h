/*
 * span.h - a view of bytes that somebody else owns.
 *
 * Text from a transport is never assumed to be NUL-terminated, UTF-8 or free
 * of NUL bytes, so it travels as {pointer, length}, by value.  A span owns
 * nothing: it lives as long as the buffer or arena that it points into.
 * An absent value is a span whose pointer is NULL; an empty one is not NULL.
 */
#ifndef PTCHECK_BASE_SPAN_H
#define PTCHECK_BASE_SPAN_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *p;
	size_t n;
};

/* For string literals: the length is known to the compiler. */
#define SPAN(lit) ((struct span){ "" lit, sizeof(lit) - 1 })
/* For printf("%.*s"): use only with text that is known to be harmless. */
#define SPAN_ARG(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct span span_of(const void *p, size_t n)
{
	return (struct span){ p, n };
}

/* The span of a C string; NULL gives the absent span. */
static inline struct span span_str(const char *s)
{
	return (struct span){ s, s ? strlen(s) : 0 };
}

static inline bool span_absent(struct span s)
{
	return s.p == NULL;
}

/* Bytewise equality; absent and empty are equal here. */
static inline bool span_eq(struct span a, struct span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_eqs(struct span a, const char *s)
{
	return span_eq(a, span_str(s));
}

/* Equal but for the case of letters of ASCII: no locale is ever set. */
static inline bool span_eq_nocase(struct span a, struct span b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (tolower((unsigned char)a.p[i]) !=
		    tolower((unsigned char)b.p[i]))
			return false;
	return true;
}

static inline bool span_starts(struct span s, struct span prefix)
{
	return s.n >= prefix.n &&
	       (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

/*
 * The part from offset @at on (clamped), at most @n bytes of it; absent stays
 * absent.
 */
static inline struct span span_sub(struct span s, size_t at, size_t n)
{
	if (at > s.n)
		at = s.n;
	if (n > s.n - at)
		n = s.n - at;
	/* C17 leaves NULL + 0 undefined. */
	return (struct span){ at ? s.p + at : s.p, n };
}

/* Offset of the first byte @c, or s.n when there is none. */
static inline size_t span_find(struct span s, char c)
{
	const char *q = s.n ? memchr(s.p, c, s.n) : NULL;

	return q ? (size_t)(q - s.p) : s.n;
}

/*
 * Take the piece before the first @sep off the front of *s.  Returns false
 * when nothing is left; a separator at the very end yields a last empty
 * piece, as in "a," -> "a", "".  Start with *s not absent; it is absent at
 * the end.
 */
static inline bool span_split(struct span *s, char sep, struct span *piece)
{
	size_t at;

	if (!s->p)
		return false;
	at = span_find(*s, sep);
	*piece = span_sub(*s, 0, at);
	if (at == s->n)
		*s = (struct span){ NULL, 0 };
	else
		*s = span_sub(*s, at + 1, s->n);
	return true;
}

/* True when @needle occurs anywhere in @s. */
static inline bool span_contains(struct span s, struct span needle)
{
	return needle.n == 0 ||
	       (s.n && memmem(s.p, s.n, needle.p, needle.n) != NULL);
}

#endif
