/*
 * How connections leave ptref, as connections of the Transports API: a name is
 * looked up, its addresses are tried one after the other, then comes the
 * dialogue with what stands in between: the upstream proxy of a client, the
 * Extended ORPort of a server. pt_establish() goes on with all of that.
 */
#ifndef PTREF_DIAL_H
#define PTREF_DIAL_H

#include "fake-transports/ptref.h"

/* The dialer that client transports get. With a proxy every connection goes
 * to it and no name is looked up here. */
struct pt_dialer client_dialer(struct pt *pt);

/* To the destination of a server, for a client of that address and transport;
 * the name is kept, the address copied. */
int dial_destination(struct pt *pt, const struct sockaddr_storage *peer,
		     const char *transport, struct pt_conn **out);

#endif
