/*
 * leak.h - is something in a text, in whatever way programs write it?
 *
 * For what must not get into logs and files.  Each form is long enough that
 * chance does not make it: the shortest, an IPv4 address in hexadecimal, is
 * 32 bits.
 */
#ifndef PTCHECK_REQ_TEXT_LEAK_H
#define PTCHECK_REQ_TEXT_LEAK_H

#include "parent/proto/net/addr.h"

/*
 * The address without its port: decimal, with dots or dashes and in both
 * orders (names of the DNS have the other), with leading zeros, octal, as one
 * number, IPv6 compressed, written out with and without leading zeros, mapped,
 * or its bytes, as they are or in hexadecimal in network order (IPv4 also in
 * the other), together or with a blank, colon, dash or comma between two.
 * What is written may have the escapes of URLs, or stand in hexadecimal or
 * base64.
 */
bool leaks_addr(struct span text, const struct addr *a);

/* The address with its port, "1.2.3.4:80" or "[2001:db8::1]:80". */
bool leaks_addr_port(struct span text, const struct addr *a);

/*
 * A part of at least eight bytes of @word, as it is, in hexadecimal as
 * above or in base64: dumps cut what they show into lines.  Of a shorter word,
 * all, but not in base64.
 */
bool leaks_word(struct span text, struct span word);

#endif
