/* base64.c - see base64.h. */
#include "harness/proto/net/base64.h"

#include <stdint.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		uint32_t v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < n ? (uint8_t)s.p[i + k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_addc(out,
				 k <= n ? digits[v >> (18 - 6 * k) & 63] : '=');
	}
}

/* The six bits of a digit, or -1. */
static int value_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* One group of @n digits without its padding: n - 1 bytes. */
static bool decode_group(struct buf *out, const char *p, size_t n)
{
	uint32_t v = 0;

	if (n < 2)
		return false;
	for (size_t k = 0; k < 4; k++) {
		int d = k < n ? value_of(p[k]) : 0;

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
	}
	/* Bits that stand for nothing. */
	if (v & ((1u << (8 * (4 - n))) - 1))
		return false;
	for (size_t k = 0; k + 1 < n; k++)
		buf_addc(out, (char)(v >> (16 - 8 * k) & 0xff));
	return true;
}

bool base64_decode(struct buf *out, struct span s)
{
	if (s.n % 4)
		return false;
	for (size_t i = 0; i < s.n; i += 4) {
		size_t n = 4;

		if (i + 4 == s.n)
			while (n > 2 && s.p[i + n - 1] == '=')
				n--;
		if (!decode_group(out, s.p + i, n))
			return false;
	}
	return true;
}
