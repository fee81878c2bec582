/*
 * What only faults do once datagrams pass: what session.h has for the modes
 * with streams, and shows in the modes for datagrams only.
 */
#ifndef PTREF_FAULT_DATAGRAMS_H
#define PTREF_FAULT_DATAGRAMS_H

#include "fake-transports/ptref.h"

/* Somebody new sends: an application, or the client of a server. */
void fault_datagrams_begin(const struct pt *pt,
			   const struct sockaddr_storage *from);
/* The connection that carried them has ended. */
void fault_datagrams_end(void);

/* One passes. */
void fault_datagram(const uint8_t *p, size_t n);

/* Is a sign to end not to be seen: SIGTERM, or the end of stdin? */
bool fault_datagrams_deaf(bool term);

/* Is there work without end? */
bool fault_datagrams_spin(void);

#endif
