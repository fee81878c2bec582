/*
 * Plain TCP as connections and listeners of the Transports API: the bottom of
 * every chain. A write never raises SIGPIPE.
 */
#ifndef PTREF_TCP_H
#define PTREF_TCP_H

#include "fake-transports/pt_transport.h"

/* Starts to connect: pt_establish() says how it went. */
int tcp_connect(const struct hostport *to, struct pt_conn **out);

/* Takes over a bound descriptor. */
struct pt_listener *tcp_listener(int fd);

#endif
