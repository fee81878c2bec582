/*
 * addr.h - <address>:<port> as the PT specifications write it.
 *
 * A literal IPv4 address, or an IPv6 address in square brackets, then a colon
 * and a decimal port (PT 2.0 §3.3.2.2, §3.3.1.3).  The parser is lenient: it
 * finds as much as it can and reports all anomalies; which of them breaks a
 * requirement is decided in harness/req.
 */
#ifndef PTCHECK_PROTO_ADDR_H
#define PTCHECK_PROTO_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "parent/base/span.h"

enum addr_anomaly {
	ADDR_NO_HOST = 1 << 0,	   /* ":80", "" */
	ADDR_NO_PORT = 1 << 1,	   /* "127.0.0.1", "[::1]", "1.2.3.4:" */
	ADDR_PORT_SYNTAX = 1 << 2, /* ":http", ":-1", ":80x", ": 80" */
	ADDR_PORT_RANGE = 1 << 3,  /* above 65535 */
	ADDR_PORT_ZERO = 1 << 4,
	ADDR_HOSTNAME = 1 << 5, /* host is a name, not an address */
	ADDR_NOT_IP = 1 << 6,	/* looks like an address, is none: 256.0.0.1 */
	ADDR_UNBRACKETED = 1 << 7, /* ::1:1080 - IPv6 without brackets */
	ADDR_ZONE = 1 << 8,	   /* [fe80::1%eth0] */
};

struct addr {
	int family;	  /* AF_INET, AF_INET6, or 0: no usable address */
	uint8_t ip[16];	  /* network order; 4 or 16 bytes count */
	uint16_t port;	  /* host order */
	struct span host; /* as written, brackets removed; into the input */
};

/* Returns the anomaly set; *out is always filled as far as possible. */
unsigned addr_parse(struct span s, struct addr *out);

/* Same family and address bytes and port. */
bool addr_eq(const struct addr *a, const struct addr *b);
bool addr_is_loopback(const struct addr *a); /* 127/8, ::1, ::ffff:127/8 */
bool addr_is_any(const struct addr *a);	     /* 0.0.0.0, :: */

#define ADDR_STRLEN 64
/* "127.0.0.1:80" or "[::1]:80"; returns @dst (ADDR_STRLEN bytes). */
const char *addr_format(const struct addr *a, char *dst);

/* To and from what the socket calls want. */
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss);
bool addr_from_sockaddr(const struct sockaddr *sa, struct addr *out);

#endif
