/* leak.c - see leak.h. */
#include "harness/req/text/leak.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

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

/* --- base64 --- */

/* So much of anything is looked for. */
#define CODED_MAX 64

/* A digit of which only the bits of @mask are what is looked for. */
struct masked {
	uint8_t value, mask;
};

struct coded {
	struct masked v[CODED_MAX * 4 / 3 + 3];
	size_t n;
};

/* Of both alphabets (RFC 4648 sections 4 and 5). */
static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/* Six bits of two bytes, the first of them @skip bits behind the first. */
static uint8_t six_bits(uint8_t first, uint8_t second, unsigned skip)
{
	return (first << 8 | second) >> (10 - skip) & 63;
}

/* The bytes, where they begin @lead bytes behind a multiple of three. */
static struct coded to_digits(const uint8_t *bytes, size_t n, size_t lead)
{
	uint8_t all[CODED_MAX + 4] = { 0 }, known[CODED_MAX + 4] = { 0 };
	struct coded c;

	c.n = 0;
	memcpy(all + lead, bytes, n);
	memset(known + lead, 255, n);
	for (size_t bit = lead * 8 / 6 * 6; bit < (lead + n) * 8; bit += 6) {
		size_t at = bit / 8;
		unsigned skip = bit % 8;

		c.v[c.n++] = (struct masked){
			six_bits(all[at], all[at + 1], skip),
			six_bits(known[at], known[at + 1], skip),
		};
	}
	return c;
}

static bool digits_here(struct span text, size_t at, const struct coded *c)
{
	for (size_t i = 0; i < c->n; i++) {
		int value = digit_value(text.p[at + i]);

		if (value < 0 || (value & c->v[i].mask) != c->v[i].value)
			return false;
	}
	return true;
}

/* The first digit of which all bits are looked for and that both alphabets
 * write alike; c->n: there is none. */
static size_t find_anchor(const struct coded *c)
{
	size_t i = 0;

	while (i < c->n && (c->v[i].mask != 63 || c->v[i].value >= 62))
		i++;
	return i;
}

/* Most of a text is passed over by that one digit. */
static bool has_digits(struct span text, const struct coded *c)
{
	static const char alike[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t anchor = find_anchor(c);

	for (size_t at = 0; at + c->n <= text.n; at++) {
		const char *p = text.p + at + anchor;

		if (anchor < c->n) {
			p = memchr(p, alike[c->v[anchor].value],
				   text.n - c->n - at + 1);
			if (!p)
				return false;
			at = (size_t)(p - text.p) - anchor;
		}
		if (digits_here(text, at, c))
			return true;
	}
	return false;
}

static bool has_base64(struct span text, const void *bytes, size_t n)
{
	if (n > CODED_MAX)
		n = CODED_MAX;
	/* It is a third longer. */
	if (n > text.n)
		return false;
	for (size_t lead = 0; lead < 3; lead++) {
		struct coded c = to_digits(bytes, n, lead);

		if (has_digits(text, &c))
			return true;
	}
	return false;
}

/* --- decimal and colons --- */

/* The character at @at, of a URL as well (RFC 3986 section 2.1); *n is its
 * length.  NUL behind the end. */
static char char_at(struct span text, size_t at, size_t *n)
{
	*n = 1;
	if (at >= text.n)
		return '\0';
	if (text.p[at] != '%' || text.n - at < 3 ||
	    hex_digit(text.p[at + 1]) < 0 || hex_digit(text.p[at + 2]) < 0)
		return text.p[at];
	*n = 3;
	return (char)(hex_digit(text.p[at + 1]) << 4 |
		      hex_digit(text.p[at + 2]));
}

/* That in front of @at, @back characters away; a blank before the beginning. */
static char char_before(struct span text, size_t at, size_t back)
{
	size_t n = 1;
	char c = ' ';

	while (back--) {
		if (!at)
			return ' ';
		if (at >= 3 && (c = char_at(text, at - 3, &n), n == 3)) {
			at -= 3;
			continue;
		}
		c = text.p[--at];
	}
	return c;
}

/* A character that would make it another address; ':' and '.' end one as
 * well, in front of a port and at the end of a sentence. */
static bool goes_on(struct span text, size_t at, bool hex)
{
	size_t n, m;
	char c = char_at(text, at, &n);

	if (c == '.' && !hex)
		return isdigit((unsigned char)char_at(text, at + n, &m));
	return hex ? hex_digit(c) >= 0 : isdigit((unsigned char)c) != 0;
}

static bool comes_from(struct span text, size_t at, bool hex)
{
	char c = char_before(text, at, 1);

	if (hex)
		return hex_digit(c) >= 0 || c == ':';
	return isdigit((unsigned char)c) ||
	       (c == '.' && isdigit((unsigned char)char_before(text, at, 2)));
}

/* Where the form ends that stands there; @at when there is another. */
static size_t form_end(struct span text, size_t at, const char *form)
{
	size_t end = at, n;

	for (; *form; form++, end += n)
		if (tolower((unsigned char)char_at(text, end, &n)) !=
		    tolower((unsigned char)*form))
			return at;
	return end;
}

/* As it is, with the escapes of URLs, in hexadecimal or in base64. */
static bool has_written(struct span text, const char *form, bool hex)
{
	size_t n = strlen(form);

	for (size_t at = 0; at + n <= text.n; at++) {
		size_t end = form_end(text, at, form);

		if (end != at && !goes_on(text, end, hex) &&
		    !comes_from(text, at, hex))
			return true;
	}
	return has_hex(text, (const uint8_t *)form, n) ||
	       has_base64(text, form, n);
}

/* With leading zeros, octal, as one number. */
static bool has_odd_ipv4(struct span text, const uint8_t ip[4])
{
	unsigned a = ip[0], b = ip[1], c = ip[2], d = ip[3];
	char form[3][40];

	snprintf(form[0], sizeof(form[0]), "%03u.%03u.%03u.%03u", a, b, c, d);
	snprintf(form[1], sizeof(form[1]), "0%o.0%o.0%o.0%o", a, b, c, d);
	snprintf(form[2], sizeof(form[2]), "%u",
		 a << 24 | b << 16 | c << 8 | d);
	for (size_t i = 0; i < 3; i++)
		if (has_written(text, form[i], false))
			return true;
	return false;
}

/* The dotted form, and that with dashes. */
static bool has_dotted(struct span text, const uint8_t ip[4])
{
	char dots[40], dashes[40];

	snprintf(dots, sizeof(dots), "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
	snprintf(dashes, sizeof(dashes), "%u-%u-%u-%u", ip[0], ip[1], ip[2],
		 ip[3]);
	return has_written(text, dots, false) ||
	       has_written(text, dashes, false);
}

static bool has_raw(struct span text, const uint8_t *bytes, size_t n)
{
	return span_contains(text, (struct span){ (const char *)bytes, n });
}

static bool leaks_ipv4(struct span text, const uint8_t ip[4])
{
	const uint8_t turned[4] = { ip[3], ip[2], ip[1], ip[0] };
	char form[40];

	if (has_dotted(text, ip) || has_dotted(text, turned) ||
	    has_odd_ipv4(text, ip) || has_hex(text, ip, 4) ||
	    has_hex(text, turned, 4) || has_raw(text, ip, 4))
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
	       has_written(text, zeros, true) || has_hex(text, ip, 16) ||
	       has_raw(text, ip, 16);
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
		    has_hex(text, (const uint8_t *)part.p, n) ||
		    (n == PART && has_base64(text, part.p, n)))
			return true;
	}
	return false;
}
