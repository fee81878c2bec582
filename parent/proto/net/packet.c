/* packet.c - see packet.h. */
#include "parent/proto/net/packet.h"

#include <string.h>

#define IP4_HEADER 20u
#define IP6_HEADER 40u
#define UDP_HEADER 8u
#define TCP_HEADER 20u
/* Type, code and checksum; ICMP's own second half belongs to the payload. */
#define ICMP_HEADER 4u
/* More of them in one packet is somebody's joke. */
#define EXTENSIONS_MAX 16

static unsigned u8(struct span s, size_t at)
{
	return (unsigned char)s.p[at];
}

static unsigned u16(struct span s, size_t at)
{
	return u8(s, at) << 8 | u8(s, at + 1);
}

static struct addr ip_at(struct span s, size_t at, int family)
{
	struct addr a = { .family = family };

	memcpy(a.ip, s.p + at, family == AF_INET ? 4 : 16);
	return a;
}

/* --- what IP carries -------------------------------------------------------- */

/* The payload behind a header of @n bytes; false when not all of it is there. */
static bool skip_header(struct packet *p, size_t n)
{
	if (p->payload.n < n) {
		p->truncated = true;
		return false;
	}
	p->payload = span_sub(p->payload, n, p->payload.n);
	return true;
}

static void take_ports(struct packet *p, struct span s)
{
	if (s.n < 4)
		return;
	p->from.port = (uint16_t)u16(s, 0);
	p->to.port = (uint16_t)u16(s, 2);
}

static void parse_tcp(struct packet *p)
{
	struct span s = p->payload;
	size_t header;

	take_ports(p, s);
	if (s.n > 13)
		p->tcp_flags = (uint8_t)u8(s, 13);
	if (!skip_header(p, TCP_HEADER))
		return;
	header = (u8(s, 12) >> 4) * 4;
	if (header < TCP_HEADER)
		p->malformed = true;
	else
		skip_header(p, header - TCP_HEADER);
}

static void parse_udp(struct packet *p)
{
	struct span s = p->payload;
	size_t length;

	take_ports(p, s);
	if (!skip_header(p, UDP_HEADER))
		return;
	length = u16(s, 4);
	/* 0 is what a jumbogram has (RFC 2675). */
	if (length && length < UDP_HEADER) {
		p->malformed = true;
	} else if (length && !p->fragment && length > s.n && !p->truncated) {
		p->malformed = true;
	} else if (length) {
		p->payload = span_sub(p->payload, 0, length - UDP_HEADER);
	}
}

static void parse_icmp(struct packet *p)
{
	struct span s = p->payload;

	if (s.n > 0)
		p->icmp_type = (uint8_t)u8(s, 0);
	if (s.n > 1)
		p->icmp_code = (uint8_t)u8(s, 1);
	skip_header(p, ICMP_HEADER);
}

static void parse_inner(struct packet *p)
{
	if (p->later)
		return;
	if (p->protocol == IPPROTO_TCP)
		parse_tcp(p);
	else if (p->protocol == IPPROTO_UDP)
		parse_udp(p);
	else if (p->protocol == IPPROTO_ICMP || p->protocol == IPPROTO_ICMPV6 ||
		 p->protocol == IPPROTO_IGMP)
		parse_icmp(p);
}

/* The bytes behind an IP header of which @length are promised. */
static void take_body(struct packet *p, struct span s, size_t header,
		      size_t length)
{
	p->payload = span_sub(s, header, length);
	if (p->payload.n < length)
		p->truncated = true;
}

/* --- IP itself -------------------------------------------------------------- */

static bool parse_ip4(struct span s, struct packet *p)
{
	size_t header, total;
	unsigned fragment;

	if (s.n < IP4_HEADER)
		return false;
	header = (u8(s, 0) & 15) * 4;
	total = u16(s, 2);
	/* The kernel writes 0 when 16 bits do not suffice for a packet that
	 * is yet to be cut into segments. */
	if (!total)
		total = s.n;
	p->protocol = (uint8_t)u8(s, 9);
	p->from = ip_at(s, 12, AF_INET);
	p->to = ip_at(s, 16, AF_INET);
	fragment = u16(s, 6);
	p->later = (fragment & 0x1fff) != 0;
	p->fragment = p->later || (fragment & 0x2000);
	if (header < IP4_HEADER || total < header) {
		p->malformed = true;
		return true;
	}
	if (s.n < header) {
		p->truncated = true;
		return true;
	}
	take_body(p, s, header, total - header);
	parse_inner(p);
	return true;
}

/* The size of the extension header @type at the front of @s: 0 for what is
 * none, 8 at least where there are too few bytes to tell. */
static size_t extension_size(unsigned type, struct span s)
{
	switch (type) {
	case IPPROTO_HOPOPTS:
	case IPPROTO_ROUTING:
	case IPPROTO_DSTOPTS:
	case IPPROTO_MH:
		return s.n < 2 ? 8 : (u8(s, 1) + 1) * 8;
	case IPPROTO_FRAGMENT:
		return 8;
	case IPPROTO_AH:
		return s.n < 2 ? 8 : (u8(s, 1) + 2) * 4;
	}
	return 0;
}

/* True when what follows can be parsed. */
static bool skip_extensions(struct packet *p)
{
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		struct span s = p->payload;
		unsigned type = p->protocol;
		size_t size = extension_size(type, s);

		if (!size)
			return true;
		if (!skip_header(p, size))
			return false;
		p->protocol = (uint8_t)u8(s, 0);
		if (type == IPPROTO_FRAGMENT) {
			p->later = (u16(s, 2) & 0xfff8) != 0;
			p->fragment = p->later || (u16(s, 2) & 1);
		}
		/* What the header of a later part names is in the first. */
		if (p->later)
			return false;
	}
	p->malformed = true;
	return false;
}

static bool parse_ip6(struct span s, struct packet *p)
{
	size_t length;

	if (s.n < IP6_HEADER)
		return false;
	length = u16(s, 4);
	p->protocol = (uint8_t)u8(s, 6);
	p->from = ip_at(s, 8, AF_INET6);
	p->to = ip_at(s, 24, AF_INET6);
	/* 0: as in parse_ip4(), or a jumbogram. */
	if (!length && p->protocol != IPPROTO_NONE)
		length = s.n - IP6_HEADER;
	take_body(p, s, IP6_HEADER, length);
	if (skip_extensions(p))
		parse_inner(p);
	return true;
}

bool packet_parse(struct span ip, struct packet *out)
{
	*out = (struct packet){ 0 };
	if (ip.n == 0)
		return false;
	if (u8(ip, 0) >> 4 == 4)
		return parse_ip4(ip, out);
	if (u8(ip, 0) >> 4 == 6)
		return parse_ip6(ip, out);
	return false;
}

/* --- who sent it ------------------------------------------------------------ */

/* RFC 792, RFC 4884: echo reply, unreachable, quench, redirect, time exceeded,
 * parameter problem. */
static bool is_kernel_icmp(uint8_t type)
{
	return type == 0 || type == 3 || type == 4 || type == 5 || type == 11 ||
	       type == 12;
}

/* RFC 4443 errors and echo reply, RFC 2710 and RFC 3810 group membership,
 * RFC 4861 neighbour discovery. */
static bool is_kernel_icmp6(uint8_t type)
{
	return (type >= 1 && type <= 4) || (type >= 129 && type <= 137) ||
	       type == 143;
}

bool packet_is_kernel(const struct packet *p)
{
	if (p->protocol == IPPROTO_IGMP)
		return true;
	if (p->later)
		return false;
	if (p->from.family == AF_INET)
		return p->protocol == IPPROTO_ICMP &&
		       is_kernel_icmp(p->icmp_type);
	return p->protocol == IPPROTO_ICMPV6 && is_kernel_icmp6(p->icmp_type);
}
