/*
 * sockets.h - what the kernel's socket monitor says of this network namespace.
 */
#ifndef PTCHECK_SYS_NETWORK_SOCKETS_H
#define PTCHECK_SYS_NETWORK_SOCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/err.h"
#include "parent/proto/net/addr.h"

/* One listening TCP or bound UDP socket; @proto: "tcp", "tcp6", "udp", ... */
typedef void sockets_fn(void *ctx, const char *proto, const struct addr *addr,
			uint32_t inode);
/* Every listener. */
int sockets_listening(sockets_fn *fn, void *ctx, struct err *e);

/* The inode of the socket, of TCP or UDP, that sends @from one address @to
 * another; 0: there is none any more. */
uint32_t sockets_sending(bool tcp, const struct addr *from,
			 const struct addr *to);

#endif
