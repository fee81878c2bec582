/*
 * What only faults do: odd waits, connections nobody asked for, children left
 * behind. Every child here closes the standard descriptors and ends by itself.
 */
#ifndef PTREF_MISDEEDS_H
#define PTREF_MISDEEDS_H

#include <sys/types.h>

#include "fake-transports/config/config.h"

/* Sleeps unless a signal asks for the end, which exits. */
void nap(int ms);

/* True if stdin has already ended, without reading from it. */
bool stdin_at_end(void);

/* True if a fault wants the end of this stdin to be the end of us. */
bool stdin_ends_anyway(const struct config *c);

/* Connects, waits a moment, leaves. */
void touch_address(const struct hostport *hp);

/* Asks the resolver for the name of an address, and forgets it. */
void name_peer(const struct hostport *hp);

/* Asks the resolver, not the system's files, for the own host name. */
void look_up_self(void);

/* One datagram to a time server that does not exist. */
void phone_home(void);

/* A child that keeps all sockets open for half a minute. */
void leave_worker(void);

/* A third of a second in which SIGTERM kills us but not a helper of ours. */
void start_with_helper(void);

/* However it goes on, it will not last longer than a minute. */
void end_some_time(void);

/* A descriptor that nobody closes. */
void leak_descriptor(void);

/* A child that has ended, not waited for. */
void leave_zombie(void);

/* A program that gets the option as an argument, and ends with us. */
void start_helper(const struct option *o);

#endif
