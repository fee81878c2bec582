/*
 * bindaddr.h - TOR_PT_SERVER_BINDADDR: name-address:port, comma separated
 * (PT 2.0 §3.3.1.3).  The key ends at the first dash.
 */
#ifndef PTCHECK_PROTO_BINDADDR_H
#define PTCHECK_PROTO_BINDADDR_H

#include "parent/base/arena.h"
#include "parent/base/span.h"
#include "parent/proto/net/addr.h"

enum bindaddr_anomaly {
	BINDADDR_EMPTY_ITEM = 1 << 0, /* leading, trailing or double comma */
	BINDADDR_NO_DASH = 1 << 1,
	BINDADDR_EMPTY_KEY = 1 << 2,
	BINDADDR_DUPLICATE = 1 << 3, /* a key again; said of the later item */
	BINDADDR_BAD_ADDR = 1 << 4,  /* see addr_anomalies; not for the kinds
					   below */
	BINDADDR_HOSTNAME = 1 << 5,
	BINDADDR_UNBRACKETED = 1 << 6, /* old tor form, some accept it */
	BINDADDR_PORT_ZERO = 1 << 7,   /* unspecified: real port or an error */
	BINDADDR_ZONE = 1 << 8,
};
/* No reading of the specification makes sense of these. */
#define BINDADDR_MALFORMED \
	(BINDADDR_NO_DASH | BINDADDR_EMPTY_KEY | BINDADDR_BAD_ADDR)

struct bindaddr {
	struct span key, value;
	struct addr addr;
	unsigned addr_anomalies;
	unsigned anomalies; /* of this item alone */
};

struct bindaddr_list {
	struct bindaddr *v;
	size_t n;
};

/*
 * Returns the union of all items' anomalies; absent or empty: 0, no items.
 * Empty items are not in the list; one without a dash has an absent value.
 * The list is in @a, its spans point into @s.
 */
unsigned bindaddr_parse(struct arena *a, struct span s,
			struct bindaddr_list *out);

#endif
