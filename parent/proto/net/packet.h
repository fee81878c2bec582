/*
 * packet.h - one captured IP packet: who sends what to whom.
 *
 * IPv4 (RFC 791) or IPv6 (RFC 8200) with its extension headers, then TCP, UDP,
 * ICMP, ICMPv6 or IGMP.  Total on any input: what cannot be had is left zero,
 * and said so.  Checksums are not looked at, because the kernel leaves them
 * to the device, and there is none.
 */
#ifndef PTCHECK_PROTO_PACKET_H
#define PTCHECK_PROTO_PACKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "parent/base/span.h"
#include "parent/proto/net/addr.h"

enum packet_tcp_flag {
	PACKET_FIN = 0x01,
	PACKET_SYN = 0x02,
	PACKET_RST = 0x04,
	PACKET_ACK = 0x10,
};

struct packet {
	struct addr from, to; /* ports of TCP and UDP, else 0 */
	uint8_t protocol;     /* IPPROTO_*: what follows the last IP header
				 that could be read */
	uint8_t tcp_flags;    /* of TCP */
	uint8_t icmp_type;    /* of ICMP, ICMPv6 and IGMP */
	uint8_t icmp_code;
	struct span payload; /* behind the headers; into the input */
	bool fragment;	     /* a part of a datagram */
	bool later;	     /* not its first part: no ports, payload is raw */
	bool truncated;	     /* bytes are missing that the headers promise */
	bool malformed;	     /* the headers contradict themselves */
};

/* False when there is no whole IP header; *out is always filled. */
bool packet_parse(struct span ip, struct packet *out);

/*
 * Does the kernel send such a packet by itself, without a program that asked
 * for it?  Neighbour discovery, group membership (that one follows from a
 * program's joining a group), errors and echo replies.
 */
bool packet_is_kernel(const struct packet *p);

#endif
