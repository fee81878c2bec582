/*
 * world.h - a network without anybody in it, inside a launch's sandbox.
 *
 * Beside loopback there is one link with addresses and a default route, as on
 * any machine.  Nobody is at its other end: what a transport sends to the
 * world leaves, is seen by a capture (capture.h) and is never answered.  The
 * harness itself can be a remote host: everything sent to the far prefixes
 * comes back to this namespace, so that it may listen there (on a port where
 * nobody listens the kernel refuses at once).  The kernel sends nothing on
 * the link by itself: no ARP, no neighbour discovery, no duplicate address
 * detection, no link-local address.
 *
 * All addresses are from the documentation ranges (RFC 5737, RFC 3849); what
 * is left of them, as 192.0.2.0/24, is good for an address that this machine
 * does not have and whose owner does not answer.
 */
#ifndef PTCHECK_SYS_WORLD_H
#define PTCHECK_SYS_WORLD_H

#include <stdbool.h>

#include "parent/base/err.h"
#include "parent/proto/net/dns.h"

/* Name and number of the link (not for WORLD_LOOPBACK). */
#define WORLD_LINK "far0"
#define WORLD_IFINDEX 100

/* The own addresses on the link. */
#define WORLD_IP4 "198.51.100.2"
#define WORLD_IP6 "2001:db8:1::2"

/* Where the harness may listen, on any address and any port.  IPv6 lets
 * nobody bind to an address that is only routed here: world_bindable(). */
#define WORLD_FAR4 "203.0.113.0"
#define WORLD_FAR4_LEN 24
#define WORLD_FAR6 "2001:db8:f::"
#define WORLD_FAR6_LEN 64

/* The name server of resolv.conf, and its twin. */
#define WORLD_RESOLVER4 DNS_RESOLVER4
#define WORLD_RESOLVER6 DNS_RESOLVER6

/* What the link became, cheapest first; the kernel may lack any of them. */
enum world_kind {
	WORLD_NONE,
	WORLD_DUMMY,
	WORLD_IFB,
	WORLD_VETH,
	/* No link at all: everything is routed to loopback.  It is seen as
	 * well, but the kernel answers for ports where nobody listens, and
	 * any address can be bound. */
	WORLD_LOOPBACK,
};

struct world {
	enum world_kind kind;
	bool ipv6; /* addresses and routes of IPv6 are there, too */
};

/* "dummy"; "none" for WORLD_NONE. */
const char *world_kind_name(enum world_kind k);

/*
 * Build it in the network namespace of the caller, which is fresh, with
 * loopback up and the capabilities for it.  Returns 0 and fills *out, or -1
 * with the reason; then some of it may be there.
 */
int world_setup(struct world *out, struct err *e);

/*
 * Bind a private resolv.conf with WORLD_RESOLVER4 over the system's, in the
 * mount namespace of the caller.  Returns a descriptor of it, or -1, also when
 * the system has none.
 */
int world_resolver(struct err *e);

/* 0, or -1 with the reason.  Going down takes the routes along. */
int world_set_link(const char *link, bool up, struct err *e);

/*
 * Take away what most machines have, in the namespaces of the caller, before
 * the transport runs: 0, or -1 with the reason.  (A link is taken away by
 * setting it down: there is no route to it then either, and nobody but the
 * harness's own far addresses.)
 */
int world_without_ipv6(struct err *e);
/* A hosts file in which no line has the word localhost; @room: a path where
 * it can be made, and which is free again. */
int world_without_localhost(const char *room, struct err *e);

/* Let this socket (of @family) be bound to any far address; before bind(). */
int world_bindable(int fd, int family, struct err *e);

#endif
