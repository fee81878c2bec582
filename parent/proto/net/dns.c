/* dns.c - see dns.h. */
#include "parent/proto/net/dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 1035 section 4.1.1: six numbers of 16 bits. */
#define HEADER 12u
#define LABEL_MAX 63u
/* Behind the name of a question: its type and class. */
#define QUESTION_TAIL 4u

#define FLAG_RESPONSE 0x8000u
#define FLAG_AUTHORITATIVE 0x0400u
#define FLAG_RECURSE 0x0100u
#define FLAG_CAN_RECURSE 0x0080u
#define OPCODE_SHIFT 11

enum {
	RCODE_OK,
	RCODE_FORMAT = 1,
	RCODE_SERVER = 2,
	RCODE_NAME = 3,
	RCODE_UNKNOWN = 4,
};

#define CLASS_IN 1
#define CLASS_ANY 255

/* In an answer: the name that the question has, right behind the header. */
#define POINTER_TO_QUESTION (0xc000u | HEADER)
/* Seconds; longer than any launch. */
#define TTL 3600u

static unsigned u8(struct span s, size_t at)
{
	return (unsigned char)s.p[at];
}

static unsigned u16(struct span s, size_t at)
{
	return u8(s, at) << 8 | u8(s, at + 1);
}

/* --- names ------------------------------------------------------------------ */

static bool is_ordinary(unsigned c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* One byte of a label at the end of @name. */
static char *put_byte(char *name, unsigned c)
{
	if (c > ' ' && c < 0x7f) {
		if (c == '.' || c == '\\')
			*name++ = '\\';
		*name++ = (char)c;
		return name;
	}
	*name++ = '\\';
	*name++ = (char)('0' + c / 100);
	*name++ = (char)('0' + c / 10 % 10);
	*name++ = (char)('0' + c % 10);
	return name;
}

/*
 * The name at offset @at of @msg as text; *end is the offset behind it.
 * Pointers are for names that repeat; the first one of a message has nothing
 * before it that it could point to.
 */
static unsigned parse_name(struct span msg, size_t at, char *name, size_t *end)
{
	unsigned an = 0;
	size_t begin = at;
	char *dst = name;

	*dst = '\0';
	for (;;) {
		size_t n;

		if (at >= msg.n)
			return an | DNS_CUT;
		n = u8(msg, at++);
		if (n == 0)
			break;
		/* With the empty label that is still to come. */
		if (n > LABEL_MAX || at - begin + n + 1 > DNS_WIRE_MAX)
			return an | DNS_BAD_NAME;
		if (n > msg.n - at)
			return an | DNS_CUT;
		if (dst != name)
			*dst++ = '.';
		for (; n; n--, at++) {
			if (!is_ordinary(u8(msg, at)))
				an |= DNS_BAD_BYTE;
			dst = put_byte(dst, u8(msg, at));
		}
		*dst = '\0';
	}
	if (dst == name)
		strcpy(name, ".");
	*end = at;
	return an;
}

/* --- queries ---------------------------------------------------------------- */

static unsigned parse_question(struct span msg, struct dns_query *out)
{
	size_t end = HEADER;
	unsigned an = parse_name(msg, HEADER, out->name, &end);

	if (an & DNS_MALFORMED)
		return an;
	if (msg.n - end < QUESTION_TAIL)
		return an | DNS_CUT;
	out->type = (uint16_t)u16(msg, end);
	out->klass = (uint16_t)u16(msg, end + 2);
	out->question = end + QUESTION_TAIL - HEADER;
	return an;
}

unsigned dns_parse(struct span msg, struct dns_query *out)
{
	unsigned an = 0, flags;

	*out = (struct dns_query){ 0 };
	if (msg.n >= 2)
		out->id = (uint16_t)u16(msg, 0);
	if (msg.n < HEADER)
		return DNS_SHORT;
	flags = u16(msg, 2);
	out->opcode = flags >> OPCODE_SHIFT & 15;
	out->recurse = (flags & FLAG_RECURSE) != 0;
	if (flags & FLAG_RESPONSE)
		an |= DNS_RESPONSE;
	if (out->opcode)
		an |= DNS_OPCODE;
	if (u16(msg, 4) == 0)
		return an | DNS_NO_QUESTION;
	if (u16(msg, 4) > 1)
		an |= DNS_QUESTIONS;
	return an | parse_question(msg, out);
}

const char *dns_type_name(uint16_t type, char *dst)
{
	static const struct {
		enum dns_type type;
		const char *name;
	} names[] = {
		{ DNS_A, "A" },		{ DNS_NS, "NS" },
		{ DNS_CNAME, "CNAME" }, { DNS_SOA, "SOA" },
		{ DNS_PTR, "PTR" },	{ DNS_MX, "MX" },
		{ DNS_TXT, "TXT" },	{ DNS_AAAA, "AAAA" },
		{ DNS_SRV, "SRV" },	{ DNS_HTTPS, "HTTPS" },
		{ DNS_ANY, "ANY" },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type)
			return names[i].name;
	/* As RFC 3597 spells what it does not know. */
	snprintf(dst, DNS_TYPE_MAX, "TYPE%u", (unsigned)type);
	return dst;
}

/* --- answers ---------------------------------------------------------------- */

static void put16(struct buf *b, unsigned v)
{
	buf_addc(b, (char)(v >> 8));
	buf_addc(b, (char)v);
}

static void put_record(struct buf *out, uint16_t type, int family,
		       const char *ip, unsigned ttl)
{
	unsigned n = family == AF_INET ? 4 : 16;
	char bytes[16];

	inet_pton(family, ip, bytes);
	put16(out, POINTER_TO_QUESTION);
	put16(out, type);
	put16(out, CLASS_IN);
	put16(out, ttl >> 16);
	put16(out, ttl & 0xffff);
	put16(out, n);
	buf_add(out, span_of(bytes, n));
}

/* Is it the name @top itself, or one below it?  A dot that belongs to a label
 * has a backslash before it, which itself has none. */
static bool is_below(const char *name, const char *top)
{
	size_t n = strlen(name), m = strlen(top), slashes = 0;

	if (n < m || strcasecmp(name + n - m, top) != 0)
		return false;
	if (n == m)
		return true;
	while (slashes + m + 1 < n && name[n - m - 2 - slashes] == '\\')
		slashes++;
	return name[n - m - 1] == '.' && slashes % 2 == 0;
}

static bool wants(const struct dns_query *q, enum dns_type type)
{
	/* "test" is only what the names are below. */
	return strcasecmp(q->name, "test") != 0 &&
	       (q->klass == CLASS_IN || q->klass == CLASS_ANY) &&
	       (q->type == type || q->type == DNS_ANY);
}

static unsigned rcode_of(const struct dns_query *q, unsigned an)
{
	if (an & DNS_OPCODE)
		return RCODE_UNKNOWN;
	if (an & (DNS_MALFORMED | DNS_QUESTIONS))
		return RCODE_FORMAT;
	if (is_below(q->name, DNS_FAILING))
		return RCODE_SERVER;
	return is_below(q->name, "test") ? RCODE_OK : RCODE_NAME;
}

void dns_answer(struct buf *out, struct span msg, bool moved)
{
	struct dns_query q;
	unsigned an = dns_parse(msg, &q), rcode = rcode_of(&q, an);
	bool moves = is_below(q.name, DNS_MOVING);
	bool a = rcode == RCODE_OK && wants(&q, DNS_A) &&
		 !is_below(q.name, DNS_SIX);
	bool aaaa = rcode == RCODE_OK && wants(&q, DNS_AAAA) && !moves;
	bool asked = rcode == RCODE_OK || rcode == RCODE_NAME ||
		     rcode == RCODE_SERVER;

	if (an & (DNS_SHORT | DNS_RESPONSE) || is_below(q.name, DNS_SILENT))
		return;
	put16(out, q.id);
	put16(out, FLAG_RESPONSE | (unsigned)q.opcode << OPCODE_SHIFT |
			   FLAG_AUTHORITATIVE | (q.recurse ? FLAG_RECURSE : 0) |
			   FLAG_CAN_RECURSE | rcode);
	put16(out, asked);
	put16(out, (unsigned)a + aaaa);
	put16(out, 0);
	put16(out, 0);
	if (asked)
		buf_add(out, span_sub(msg, HEADER, q.question));
	if (a)
		put_record(out, DNS_A, AF_INET,
			   moves && moved ? DNS_MOVED_IP4 : DNS_FAKE_IP4,
			   moves ? 0 : TTL);
	if (aaaa)
		put_record(out, DNS_AAAA, AF_INET6, DNS_FAKE_IP6, TTL);
}

/* --- over TCP --------------------------------------------------------------- */

bool dns_take(struct span *stream, struct span *msg)
{
	size_t n;

	if (stream->n < 2)
		return false;
	n = u16(*stream, 0);
	if (stream->n - 2 < n)
		return false;
	*msg = span_sub(*stream, 2, n);
	*stream = span_sub(*stream, 2 + n, stream->n);
	return true;
}

void dns_put(struct buf *out, struct span msg)
{
	put16(out, (unsigned)msg.n);
	buf_add(out, msg);
}
