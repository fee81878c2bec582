/*
 * dns.h - what a resolver is asked, and the answers of the fake one.
 *
 * RFC 1035 messages.  The parser takes one message, finds the first question
 * and reports everything odd; the answers are those of a small invented
 * world, in which names below "test." exist, and no other.
 */
#ifndef PTCHECK_PROTO_DNS_H
#define PTCHECK_PROTO_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/span.h"

enum dns_anomaly {
	DNS_SHORT = 1 << 0,    /* no whole header */
	DNS_RESPONSE = 1 << 1, /* a response, not a query */
	DNS_OPCODE = 1 << 2,   /* something else than a standard query */
	DNS_NO_QUESTION = 1 << 3,
	DNS_QUESTIONS = 1 << 4, /* more than one */
	DNS_BAD_NAME = 1 << 5,	/* label or name too long, a pointer */
	DNS_CUT = 1 << 6,	/* ends within the first question */
	DNS_BAD_BYTE = 1 << 7,	/* the name has a byte outside A-Za-z0-9_- */
};

/* What makes it impossible to tell what is asked. */
#define DNS_MALFORMED (DNS_SHORT | DNS_NO_QUESTION | DNS_BAD_NAME | DNS_CUT)

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_HTTPS = 65,
	DNS_ANY = 255,
};

/* Octets of a name on the wire (RFC 1035 section 3.1), each up to four
 * characters as text. */
#define DNS_WIRE_MAX 255
#define DNS_NAME_MAX (4 * DNS_WIRE_MAX + 1)

struct dns_query {
	uint16_t id;
	uint8_t opcode;
	bool recurse; /* recursion desired */
	/* Without the last dot, "." for the root; a dot or backslash inside a
	 * label has a backslash before it, other bytes that do not print are
	 * \DDD.  Filled as far as it could be read. */
	char name[DNS_NAME_MAX];
	uint16_t type, klass;
	size_t question; /* octets of the first question on the wire */
};

/* Returns the anomaly set; *out is always filled as far as possible. */
unsigned dns_parse(struct span msg, struct dns_query *out);

/* "AAAA", or "TYPE64" in @dst (of at least DNS_TYPE_MAX bytes). */
#define DNS_TYPE_MAX 16
const char *dns_type_name(uint16_t type, char *dst);

/* The resolver of a launch, by both of its addresses, and its port. */
#define DNS_RESOLVER4 "198.51.100.53"
#define DNS_RESOLVER6 "2001:db8:1::35"
#define DNS_PORT 53
/* The same in TLS (RFC 7858, RFC 8094). */
#define DNS_TLS_PORT 853
/* Those of questions to everybody nearby (RFC 6762, RFC 4795). */
#define DNS_MULTICAST_PORT 5353
#define DNS_LLMNR_PORT 5355

/* What names below "test." have. */
#define DNS_FAKE_IP4 "203.0.113.7"
#define DNS_FAKE_IP6 "2001:db8:f::7"
/* A name with an IPv6 address only. */
#define DNS_SIX "six.test"
/* One with an IPv4 address only, which is DNS_MOVED_IP4 once the world has
 * moved; nobody may keep it. */
#define DNS_MOVING "moves.test"
#define DNS_MOVED_IP4 "203.0.113.8"
/* Whoever asks for a name there waits. */
#define DNS_SILENT "silent.test"
/* The resolver cannot tell (SERVFAIL) what names there have. */
#define DNS_FAILING "fails.test"
/* No answer is longer: it fits into any datagram. */
#define DNS_ANSWER_MAX 512

/*
 * Append the answer to the query @msg, in a world that has @moved or not:
 * addresses for names below "test.", nothing for other types there, and that
 * any other name does not exist; below DNS_FAILING, that it cannot be told.
 * What cannot be understood is answered so; EDNS is passed over.  Nothing is
 * appended for names below DNS_SILENT, and where an answer could start a loop:
 * to a response, or to what has no whole header.
 */
void dns_answer(struct buf *out, struct span msg, bool moved);

/*
 * Over TCP each message has its length in front (RFC 1035 section 4.2.2).
 * Take the first message off the front of *stream; false: not yet whole.
 */
bool dns_take(struct span *stream, struct span *msg);
/* Append @msg with its length. */
void dns_put(struct buf *out, struct span msg);

#endif
