#include "fake-transports/base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool parse_port(const char *s, unsigned flags, uint16_t *out)
{
	unsigned v = 0;
	size_t n = strlen(s);

	if (n == 0 || n > 5)
		return false;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (unsigned)(*s - '0');
	}
	if (v > 65535 || (v == 0 && !(flags & ADDR_PORT0_OK)))
		return false;
	*out = (uint16_t)v;
	return true;
}

/*
 * A name is letters, digits, dashes, underscores and dots. One whose last
 * label is a number was meant as an IPv4 address and is a bad one.
 */
static bool plausible_name(const char *s, size_t n)
{
	bool last_label_numeric = true;

	if (n == 0 || n > 253 || s[0] == '.' || s[0] == '-')
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c == '.') {
			if (i > 0 && s[i - 1] == '.')
				return false;
			if (i + 1 < n)
				last_label_numeric = true;
		} else if (c < 0x80 && (isalnum(c) || c == '-' || c == '_')) {
			if (!isdigit(c))
				last_label_numeric = false;
		} else {
			return false;
		}
	}
	return !last_label_numeric;
}

static bool parse_v6(const char *s, size_t n, struct sockaddr_in6 *out)
{
	char text[INET6_ADDRSTRLEN + IF_NAMESIZE + 2];
	char *zone;

	if (n >= sizeof(text))
		return false;
	memcpy(text, s, n);
	text[n] = '\0';
	zone = strchr(text, '%');
	if (zone) {
		*zone++ = '\0';
		out->sin6_scope_id = if_nametoindex(zone);
		if (out->sin6_scope_id == 0)
			return false;
	}
	out->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, text, &out->sin6_addr) == 1;
}

void hostport_from_bytes(struct hostport *hp, int family, const void *bytes,
			 uint16_t port)
{
	memset(hp, 0, sizeof(*hp));
	hp->port = port;
	if (family == AF_INET) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)&hp->ss;

		v4->sin_family = AF_INET;
		memcpy(&v4->sin_addr, bytes, 4);
		hp->ss_len = sizeof(*v4);
	} else {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&hp->ss;

		v6->sin6_family = AF_INET6;
		memcpy(&v6->sin6_addr, bytes, 16);
		hp->ss_len = sizeof(*v6);
	}
	inet_ntop(family, bytes, hp->host, sizeof(hp->host));
	addr_set_port(&hp->ss, port);
}

static enum addr_result parse_host(const char *s, size_t n, unsigned flags,
				   struct hostport *hp)
{
	struct in_addr v4;

	memcpy(hp->host, s, n);
	hp->host[n] = '\0';
	if (inet_pton(AF_INET, hp->host, &v4) == 1) {
		uint16_t port = hp->port;

		hostport_from_bytes(hp, AF_INET, &v4, port);
		return ADDR_OK;
	}
	if (!plausible_name(s, n))
		return ADDR_BAD_HOST;
	hp->is_name = true;
	return flags & ADDR_NAME_OK ? ADDR_OK : ADDR_IS_NAME;
}

enum addr_result hostport_parse(const char *text, unsigned flags,
				struct hostport *out)
{
	struct hostport hp = { 0 };
	enum addr_result r = ADDR_OK;
	const char *host = text;
	const char *colon;
	size_t n;

	if (text[0] == '[') {
		host = text + 1;
		n = strcspn(host, "]");
		if (host[n] != ']' || host[n + 1] != ':')
			return ADDR_BAD_SHAPE;
		colon = host + n + 1;
	} else {
		colon = strchr(text, ':');
		if (!colon || colon == text || strchr(colon + 1, ':'))
			return ADDR_BAD_SHAPE;
		n = (size_t)(colon - text);
	}
	if (n > HOST_MAX)
		return ADDR_BAD_HOST;
	if (!parse_port(colon + 1, flags, &hp.port))
		return ADDR_BAD_PORT;
	if (host != text) {
		struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&hp.ss;

		if (!parse_v6(host, n, v6))
			return ADDR_BAD_HOST;
		hp.ss_len = sizeof(*v6);
		memcpy(hp.host, host, n);
		addr_set_port(&hp.ss, hp.port);
	} else {
		r = parse_host(host, n, flags, &hp);
	}
	if (r == ADDR_OK || r == ADDR_IS_NAME)
		*out = hp;
	return r;
}

const char *addr_result_text(enum addr_result r)
{
	switch (r) {
	case ADDR_OK:
		return "is fine";
	case ADDR_BAD_SHAPE:
		return "is not of the form ADDRESS:PORT";
	case ADDR_BAD_HOST:
		return "has a malformed address";
	case ADDR_BAD_PORT:
		return "has a port that is not in 1..65535";
	case ADDR_IS_NAME:
		return "is a host name, not an address";
	}
	return "is wrong";
}

bool addr_is_loopback(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)ss;

	if (ss->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
}

uint16_t addr_port(const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)ss)->sin6_port);
	return ntohs(((const struct sockaddr_in *)ss)->sin_port);
}

void addr_set_port(struct sockaddr_storage *ss, uint16_t port)
{
	if (ss->ss_family == AF_INET6)
		((struct sockaddr_in6 *)ss)->sin6_port = htons(port);
	else
		((struct sockaddr_in *)ss)->sin_port = htons(port);
}

void addr_format(const struct sockaddr_storage *ss, char out[ADDR_TEXT_MAX])
{
	char ip[INET6_ADDRSTRLEN] = "";

	if (ss->ss_family == AF_INET6) {
		inet_ntop(AF_INET6,
			  &((const struct sockaddr_in6 *)ss)->sin6_addr, ip,
			  sizeof(ip));
		snprintf(out, ADDR_TEXT_MAX, "[%s]:%u", ip, addr_port(ss));
	} else {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)ss)->sin_addr,
			  ip, sizeof(ip));
		snprintf(out, ADDR_TEXT_MAX, "%s:%u", ip, addr_port(ss));
	}
}

void hostport_format(const struct hostport *hp, char *out, size_t size)
{
	if (strchr(hp->host, ':'))
		snprintf(out, size, "[%s]:%u", hp->host, hp->port);
	else
		snprintf(out, size, "%s:%u", hp->host, hp->port);
}
