/*
 * sockets.h - what the kernel's socket monitor says of this network namespace.
 */
#ifndef PTCHECK_SYS_NETWORK_SOCKETS_H
#define PTCHECK_SYS_NETWORK_SOCKETS_H

#include <stdint.h>

#include "parent/base/err.h"
#include "parent/proto/net/addr.h"

/* One listening TCP or bound UDP socket; @proto: "tcp", "tcp6", "udp", ... */
typedef void sockets_fn(void *ctx, const char *proto, const struct addr *addr,
			uint32_t inode);
/* Every listener. */
int sockets_listening(sockets_fn *fn, void *ctx, struct err *e);

#endif
