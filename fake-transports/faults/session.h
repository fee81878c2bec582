/*
 * What only faults do once a session is there: behind the transport's
 * handshake, where a parent that knows no transport cannot look. All of them
 * are called session-NAME, and show with veil as with ident.
 */
#ifndef PTREF_FAULT_SESSION_H
#define PTREF_FAULT_SESSION_H

#include "fake-transports/net/conn.h"

/* Both ends are there; the session is over. */
void fault_session_begins(const struct conn *c);
void fault_session_ends(const struct conn *c);

/* There is none: a stranger has been told apart, the destination cannot be
 * reached, or an application is refused, for its settings or for what it said
 * before. */
void fault_stranger_ends(void);
void fault_destination_fails(void);
void fault_socks_refused(void);

/* Nobody was reached for a connection, by either side. */
void fault_dial_failed(void);

/* One of its ends, with an error. */
void fault_session_broke(const struct conn *c, const struct end *e);

/* One of its directions has ended, or not; nobody takes what it brings. */
void fault_session_half(bool half);
void fault_session_full(bool full);

/* Is a sign to end not to be seen: SIGTERM, or the end of stdin? */
bool fault_session_deaf(bool term, int64_t age_ms);
/* Is the death of the parent nothing to it? */
bool fault_session_orphaned(void);

/* Is there work without end? */
bool fault_session_spins(void);

#endif
