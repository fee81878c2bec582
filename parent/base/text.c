/* text.c - see text.h. */
#include "parent/base/text.h"

#include <stdio.h>

/* The longest escaped form of one byte, as in \x7f. */
#define ESC_MAX 4

static size_t esc_byte(char *dst, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	dst[0] = '\\';
	switch (c) {
	case '\\':
		dst[1] = '\\';
		return 2;
	case '\n':
		dst[1] = 'n';
		return 2;
	case '\r':
		dst[1] = 'r';
		return 2;
	case '\t':
		dst[1] = 't';
		return 2;
	default:
		break;
	}
	if (c >= 0x20 && c < 0x7f) {
		dst[0] = (char)c;
		return 1;
	}
	dst[1] = 'x';
	dst[2] = hex[c >> 4];
	dst[3] = hex[c & 15];
	return 4;
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

void text_escape(struct buf *out, struct span s)
{
	char tmp[ESC_MAX];

	for (size_t i = 0, run; i < s.n; i += run + 1) {
		/* Most bytes stand for themselves. */
		for (run = 0; i + run < s.n && is_plain(s.p[i + run]); run++)
			;
		buf_add(out, span_sub(s, i, run));
		if (i + run < s.n)
			buf_add(out,
				span_of(tmp,
					esc_byte(tmp,
						 (unsigned char)s.p[i + run])));
	}
}

static int hexval(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One escape at s[i] == '\\'; returns its length or 0, the byte in *c. */
static size_t unesc_one(struct span s, size_t i, char *c)
{
	static const char from[] = "\\nrt", to[] = "\\\n\r\t";
	const char *q;

	if (i + 1 >= s.n)
		return 0;
	q = s.p[i + 1] ? strchr(from, s.p[i + 1]) : NULL;
	if (q) {
		*c = to[q - from];
		return 2;
	}
	if (s.p[i + 1] == 'x' && i + 3 < s.n && hexval(s.p[i + 2]) >= 0 &&
	    hexval(s.p[i + 3]) >= 0) {
		*c = (char)(hexval(s.p[i + 2]) * 16 + hexval(s.p[i + 3]));
		return 4;
	}
	return 0;
}

bool text_unescape(struct buf *out, struct span s, size_t *bad)
{
	for (size_t i = 0; i < s.n;) {
		struct span rest = span_sub(s, i, s.n);
		size_t run = span_find(rest, '\\'), len;
		char c;

		/* Most bytes stand for themselves. */
		buf_add(out, span_sub(rest, 0, run));
		i += run;
		if (i == s.n)
			break;
		len = unesc_one(s, i, &c);
		if (len == 0) {
			if (bad)
				*bad = i;
			return false;
		}
		buf_addc(out, c);
		i += len;
	}
	return true;
}

const char *text_showbuf(char *dst, size_t size, struct span s)
{
	size_t n = 0;

	/* Not even room for "...": nothing. */
	for (size_t i = 0; size >= 4 && i < s.n; i++) {
		char tmp[ESC_MAX];
		size_t len = esc_byte(tmp, (unsigned char)s.p[i]);

		/* Keep room for "..." and the NUL. */
		if (n + len + 4 > size) {
			memcpy(dst + n, "...", 3);
			n += 3;
			break;
		}
		memcpy(dst + n, tmp, len);
		n += len;
	}
	if (size)
		dst[n] = '\0';
	return dst;
}

const char *text_show(struct arena *a, struct span s, size_t max)
{
	size_t take = s.n > max ? max : s.n;
	size_t size = take * ESC_MAX + 5;
	char *dst = arena_alloc(a, size);

	text_showbuf(dst, size, span_sub(s, 0, take));
	if (take < s.n)
		strcat(dst, "...");
	return dst;
}
