/* leak.c - see leak.h. */
#include "harness/req/text/leak.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

/* So much of a word is enough. */
#define PART 8

/* --- hexadecimal --- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Are these the bytes, from here on? */
static bool hex_here(struct span text, size_t at, const uint8_t *bytes,
		     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i && at < text.n && strchr(" :-,", text.p[at]) &&
		    text.p[at])
			at++;
		if (at + 2 > text.n || hex_digit(text.p[at]) != bytes[i] >> 4 ||
		    hex_digit(text.p[at + 1]) != (bytes[i] & 15))
			return false;
		at += 2;
	}
	return true;
}

static bool has_hex(struct span text, const uint8_t *bytes, size_t n)
{
	for (size_t at = 0; at + 2 * n <= text.n; at++)
		if (hex_here(text, at, bytes, n))
			return true;
	return false;
}

/* --- decimal and colons --- */

/* A character that would make it another address; ':' and '.' end one as
 * well, in front of a port and at the end of a sentence. */
static bool goes_on(struct span text, size_t at, bool hex)
{
	if (at >= text.n)
		return false;
	if (text.p[at] == '.' && !hex)
		return at + 1 < text.n &&
		       isdigit((unsigned char)text.p[at + 1]);
	return hex ? hex_digit(text.p[at]) >= 0
		   : isdigit((unsigned char)text.p[at]) != 0;
}

static bool comes_from(struct span text, size_t at, bool hex)
{
	char c = at ? text.p[at - 1] : ' ';

	if (hex)
		return hex_digit(c) >= 0 || c == ':';
	return isdigit((unsigned char)c) ||
	       (c == '.' && at > 1 && isdigit((unsigned char)text.p[at - 2]));
}

static bool has_written(struct span text, const char *form, bool hex)
{
	size_t n = strlen(form);

	for (size_t at = 0; at + n <= text.n; at++)
		if (strncasecmp(text.p + at, form, n) == 0 &&
		    !goes_on(text, at + n, hex) && !comes_from(text, at, hex))
			return true;
	return false;
}

/* With leading zeros, octal, with dashes, as one number. */
static bool has_odd_ipv4(struct span text, const uint8_t ip[4])
{
	unsigned a = ip[0], b = ip[1], c = ip[2], d = ip[3];
	char form[4][40];

	snprintf(form[0], sizeof(form[0]), "%03u.%03u.%03u.%03u", a, b, c, d);
	snprintf(form[1], sizeof(form[1]), "0%o.0%o.0%o.0%o", a, b, c, d);
	snprintf(form[2], sizeof(form[2]), "%u-%u-%u-%u", a, b, c, d);
	snprintf(form[3], sizeof(form[3]), "%u",
		 a << 24 | b << 16 | c << 8 | d);
	for (size_t i = 0; i < 4; i++)
		if (has_written(text, form[i], false))
			return true;
	return false;
}

static bool leaks_ipv4(struct span text, const uint8_t ip[4])
{
	const uint8_t turned[4] = { ip[3], ip[2], ip[1], ip[0] };
	char form[40];

	snprintf(form, sizeof(form), "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
	if (has_written(text, form, false) || has_odd_ipv4(text, ip) ||
	    has_hex(text, ip, 4) || has_hex(text, turned, 4))
		return true;
	snprintf(form, sizeof(form), "::ffff:%x:%x", ip[0] << 8 | ip[1],
		 ip[2] << 8 | ip[3]);
	return has_written(text, form, true);
}

static bool leaks_ipv6(struct span text, const uint8_t ip[16])
{
	char form[INET6_ADDRSTRLEN], full[48], zeros[48];
	size_t n = 0, z = 0;

	if (!inet_ntop(AF_INET6, ip, form, sizeof(form)))
		return false;
	for (size_t i = 0; i < 16; i += 2) {
		unsigned word = (unsigned)(ip[i] << 8 | ip[i + 1]);
		const char *colon = i ? ":" : "";

		n += (size_t)snprintf(full + n, sizeof(full) - n, "%s%x", colon,
				      word);
		z += (size_t)snprintf(zeros + z, sizeof(zeros) - z, "%s%04x",
				      colon, word);
	}
	return has_written(text, form, true) || has_written(text, full, true) ||
	       has_written(text, zeros, true) || has_hex(text, ip, 16);
}

bool leaks_addr(struct span text, const struct addr *a)
{
	if (a->family == AF_INET)
		return leaks_ipv4(text, a->ip);
	return a->family == AF_INET6 && leaks_ipv6(text, a->ip);
}

bool leaks_addr_port(struct span text, const struct addr *a)
{
	char form[ADDR_STRLEN];

	return a->family && has_written(text, addr_format(a, form), false);
}

/* --- words --- */

bool leaks_word(struct span text, struct span word)
{
	size_t n = word.n < PART ? word.n : PART;

	for (size_t i = 0; n && i + n <= word.n; i++) {
		struct span part = span_sub(word, i, n);

		if (span_contains(text, part) ||
		    has_hex(text, (const uint8_t *)part.p, n))
			return true;
	}
	return false;
}
