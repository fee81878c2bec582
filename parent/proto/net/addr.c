/*
 * addr.c - see addr.h.
 *
 * First the text is cut into host and port, then each is read on its own, so
 * that one mistake does not hide another.  inet_pton() is strict enough: it
 * takes four plain decimals without leading zeros, and no zone.
 */
#include "parent/proto/net/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return s.n > 0;
}

/* inet_pton() for a span; @ip (16 bytes) changes on success only. */
static bool read_ip(int family, struct span s, uint8_t *ip)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t tmp[16];

	if (s.n >= sizeof(text) || span_find(s, '\0') < s.n)
		return false;
	if (s.n)
		memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(family, text, tmp) != 1)
		return false;
	memcpy(ip, tmp, family == AF_INET ? 4 : 16);
	return true;
}

/* An IPv6 address with or without a zone; the set of anomalies in *an. */
static bool read_ip6(struct span s, uint8_t *ip, unsigned *an)
{
	size_t zone = span_find(s, '%');

	if (!read_ip(AF_INET6, span_sub(s, 0, zone), ip))
		return false;
	if (zone < s.n)
		*an |= ADDR_ZONE;
	return true;
}

static unsigned read_port(struct span s, uint16_t *port)
{
	unsigned long v = 0;

	if (s.n == 0)
		return ADDR_NO_PORT;
	if (!all_digits(s))
		return ADDR_PORT_SYNTAX;
	for (size_t i = 0; i < s.n && v <= UINT16_MAX; i++)
		v = v * 10 + (unsigned long)(s.p[i] - '0');
	if (v > UINT16_MAX)
		return ADDR_PORT_RANGE;
	*port = (uint16_t)v;
	return v ? 0 : ADDR_PORT_ZERO;
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       is_digit(c) || c == '-' || c == '_' || c == '.';
}

/*
 * What a host that is no IPv4 address is.  A last label of digits, or 0x and
 * so on, is a number to resolvers: those read 127.1 as an address.
 */
static unsigned kind_of_host(struct span s)
{
	size_t start;
	struct span last;

	for (size_t i = 0; i < s.n; i++)
		if (!is_name_byte(s.p[i]))
			return ADDR_NOT_IP;
	if (s.n && s.p[s.n - 1] == '.')
		s.n--;
	for (start = s.n; start > 0 && s.p[start - 1] != '.';)
		start--;
	last = span_sub(s, start, s.n);
	if (last.n == 0 || all_digits(last))
		return ADDR_NOT_IP;
	if (last.n > 1 && last.p[0] == '0' && (last.p[1] | 0x20) == 'x')
		return ADDR_NOT_IP;
	return ADDR_HOSTNAME;
}

/* "[host]:port"; @s starts with the bracket. */
static unsigned parse_bracketed(struct span s, struct addr *out)
{
	size_t close = span_find(s, ']');
	struct span rest = span_sub(s, close + 1, s.n);
	unsigned an = 0;

	out->host = span_sub(s, 1, close - 1);
	if (close == s.n)
		return ADDR_NOT_IP | ADDR_NO_PORT;
	if (out->host.n == 0)
		an |= ADDR_NO_HOST;
	else if (read_ip6(out->host, out->ip, &an))
		out->family = AF_INET6;
	else
		an |= ADDR_NOT_IP;
	if (rest.n && rest.p[0] != ':')
		return an | ADDR_PORT_SYNTAX;
	return an | read_port(span_sub(rest, 1, rest.n), &out->port);
}

/* Two colons or more without brackets; the last one is at @colon. */
static unsigned parse_many_colons(struct span s, size_t colon, struct addr *out)
{
	struct span host = span_sub(s, 0, colon);
	struct span port = span_sub(s, colon + 1, s.n);
	unsigned an = ADDR_UNBRACKETED;

	/* ::1:1080 is also one whole address: believe in the port first. */
	if ((all_digits(port) || !read_ip(AF_INET6, s, out->ip)) &&
	    read_ip6(host, out->ip, &an)) {
		out->family = AF_INET6;
		out->host = host;
		return an | read_port(port, &out->port);
	}
	if (read_ip6(s, out->ip, &an)) {
		out->family = AF_INET6;
		out->host = s;
		return an | ADDR_NO_PORT;
	}
	out->host = host;
	return ADDR_NOT_IP | read_port(port, &out->port);
}

unsigned addr_parse(struct span s, struct addr *out)
{
	size_t colon;
	unsigned an = 0;

	if (span_absent(s))
		s = SPAN("");
	*out = (struct addr){ .host = s };
	if (s.n && s.p[0] == '[')
		return parse_bracketed(s, out);
	for (colon = s.n; colon > 0 && s.p[colon - 1] != ':';)
		colon--;
	/* Now just behind the last colon, or 0 when there is none. */
	if (colon && span_find(s, ':') < colon - 1)
		return parse_many_colons(s, colon - 1, out);
	if (colon)
		out->host = span_sub(s, 0, colon - 1);
	if (out->host.n == 0)
		an |= ADDR_NO_HOST;
	else if (read_ip(AF_INET, out->host, out->ip))
		out->family = AF_INET;
	else
		an |= kind_of_host(out->host);
	if (!colon)
		return an | ADDR_NO_PORT;
	return an | read_port(span_sub(s, colon, s.n), &out->port);
}

static size_t ip_len(const struct addr *a)
{
	return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->ip, b->ip, ip_len(a)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t one[16] = { [15] = 1 };

	if (a->family == AF_INET)
		return a->ip[0] == 127;
	if (a->family != AF_INET6)
		return false;
	return memcmp(a->ip, one, 16) == 0 ||
	       (memcmp(a->ip, mapped, 12) == 0 && a->ip[12] == 127);
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];

	return a->family != 0 && memcmp(a->ip, zero, ip_len(a)) == 0;
}

const char *addr_format(const struct addr *a, char *dst)
{
	char ip[INET6_ADDRSTRLEN] = "?";

	if (a->family)
		inet_ntop(a->family, a->ip, ip, sizeof(ip));
	snprintf(dst, ADDR_STRLEN, a->family == AF_INET6 ? "[%s]:%u" : "%s:%u",
		 ip, (unsigned)a->port);
	return dst;
}

socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (a->family == AF_INET) {
		struct sockaddr_in sin = { .sin_family = AF_INET,
					   .sin_port = htons(a->port) };

		memcpy(&sin.sin_addr, a->ip, 4);
		memcpy(ss, &sin, sizeof(sin));
		return sizeof(sin);
	}
	if (a->family == AF_INET6) {
		struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
					     .sin6_port = htons(a->port) };

		memcpy(&sin6.sin6_addr, a->ip, 16);
		memcpy(ss, &sin6, sizeof(sin6));
		return sizeof(sin6);
	}
	return 0;
}

bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out)
{
	*out = (struct addr){ 0 };
	if (sa->sa_family == AF_INET) {
		struct sockaddr_in sin;

		memcpy(&sin, sa, sizeof(sin));
		memcpy(out->ip, &sin.sin_addr, 4);
		out->port = ntohs(sin.sin_port);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 sin6;

		memcpy(&sin6, sa, sizeof(sin6));
		memcpy(out->ip, &sin6.sin6_addr, 16);
		out->port = ntohs(sin6.sin6_port);
	} else {
		return false;
	}
	out->family = sa->sa_family;
	return true;
}
