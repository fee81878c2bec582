/*
 * socksaddr.h - the address field of SOCKS5: ATYP, address, port
 * (RFC 1928 section 5), the same in requests and replies.
 */
#ifndef PTCHECK_PROTO_SOCKSADDR_H
#define PTCHECK_PROTO_SOCKSADDR_H

#include <stdint.h>

#include "parent/base/buf.h"
#include "parent/base/span.h"
#include "parent/proto/net/addr.h"

enum socks_atyp {
	SOCKS_IPV4 = 1,
	SOCKS_NAME = 3,
	SOCKS_IPV6 = 4,
};

#define SOCKS_NAME_MAX 255
/* ATYP, length, name, port. */
#define SOCKS_ADDR_MAX (2 + SOCKS_NAME_MAX + 2)

struct socks_addr {
	uint8_t atyp;
	struct addr addr; /* port always; family 0 and no address for a name;
				   addr.host is absent */
	struct span name; /* SOCKS_NAME: raw bytes, perhaps none; else absent */
};

/* By the family of @a; one of 0 gives 0.0.0.0. */
struct socks_addr socks_addr_of(const struct addr *a);
struct socks_addr socks_addr_name(struct span name, uint16_t port);

/*
 * Append ATYP, address and port.  A name is cut after SOCKS_NAME_MAX bytes;
 * with an ATYP that is none of the three no address stands before the port.
 */
void socks_addr_put(struct buf *out, const struct socks_addr *a);

enum socks_addr_result {
	SOCKS_ADDR_OK,
	SOCKS_ADDR_MORE,    /* not all there */
	SOCKS_ADDR_UNKNOWN, /* ATYP of unknown length; out->atyp is set */
};

/*
 * Read from the ATYP byte on.  With SOCKS_ADDR_OK *out holds it (a name is a
 * part of @in) and *used how long it was.
 */
enum socks_addr_result socks_addr_get(struct span in, struct socks_addr *out,
				      size_t *used);

#endif
