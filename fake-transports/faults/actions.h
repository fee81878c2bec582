/*
 * What only faults do: odd waits, connections nobody asked for, children left
 * behind. Every child here closes the standard descriptors and ends by itself.
 */
#ifndef PTREF_FAULT_ACTIONS_H
#define PTREF_FAULT_ACTIONS_H

#include <sys/types.h>

#include "fake-transports/config/config.h"

/* Sleeps unless a signal asks for the end, which exits. */
void fault_sleep(int ms);

/* True if stdin has already ended, without reading from it. */
bool fault_stdin_at_end(void);

/* True if a fault wants the end of this stdin to be the end of us. */
bool fault_stdin_ends(const struct config *c);

/* Connects, waits a moment, leaves. */
void fault_connect(const struct hostport *hp);

/* Asks the resolver for the name of an address, and forgets it. */
void fault_reverse_lookup(const struct hostport *hp);

/* Asks the resolver, not the system's files, for the own host name, or for
 * another name. */
void fault_resolve_self(void);
void fault_look_up(const char *name);

/* An IPv4 address as the name under which lists in the DNS have it. */
#define FAULT_TURNED_MAX 40
void fault_turn(const struct sockaddr_storage *ipv4,
		char out[FAULT_TURNED_MAX]);

/* What some do not do without. */
bool fault_can_bind_ipv6(void);
bool fault_knows_localhost(void);
bool fault_has_link(void);

/* One datagram to a time server that does not exist. */
void fault_ask_time_server(void);

/* The same with a question for a name to a resolver that does not exist. */
void fault_ask_public_resolver(const char *name);
/* The same by multicast DNS. */
void fault_ask_neighbours(const char *name);

/* The beginning of a connection to the HTTPS of one that does. */
void fault_call_public_resolver(void);

/* A connection to somebody else, a second from now. */
void fault_call_home_later(void);

/* A child that keeps all sockets open for half a minute. */
void fault_leave_worker(void);

/* A third of a second in which SIGTERM kills us but not a helper of ours. */
void fault_start_with_helper(void);

/* However it goes on, it will not work for longer than a minute: of processor
 * time, as one that spins on a busy machine may be looked at later than that. */
void fault_end_behind_a_minute(void);

/* Another listener, or a socket for datagrams, that nobody announces: at every
 * address, or on loopback only. */
void fault_listen(int type, bool everywhere);

/* A mebibyte that is in use, and nobody uses. */
void fault_lose_memory(void);

/* A descriptor that nobody closes. */
void fault_leak_descriptor(void);

/* A child that has ended, not waited for. */
void fault_leave_zombie(void);

/* A program that gets the option as an argument, and ends with us. */
void fault_start_helper(const struct option *o);

#endif
