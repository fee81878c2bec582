/*
 * The modes for datagrams (PT 2.0 section 3.3.5): a client takes them from
 * applications, a server sends them to its destination, and both carry the
 * answers back.
 */
#ifndef PTREF_UDP_H
#define PTREF_UDP_H

#include "fake-transports/ptref.h"

/* A bound socket for applications and the pool behind it; the address that it
 * got is in l->at. 0 or a negative errno. */
int udp_client_open(struct listener *l, const struct sockaddr_storage *at);

/* Takes over an accepted connection behind its handshake. */
void udp_server_serve(struct listener *l, struct pt_conn *conn);

#endif
