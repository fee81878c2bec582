/*
 * bindaddr.h - the bind addresses of a server, as their judges ask for them.
 */
#ifndef PTCHECK_REQ_CONFIG_BINDADDR_H
#define PTCHECK_REQ_CONFIG_BINDADDR_H

#include "harness/req/core/judges.h"

#define BINDADDR "TOR_PT_SERVER_BINDADDR"

/* Walk over the entries of a list. */
#define for_binds(b, l) for_array(bindaddr, b, (l).v, (l).n)

/*
 * The bind addresses of a server that the variable alone gives, for a list of
 * transports that nothing is disputed about.  Else the list is empty and
 * nothing is odd about it.
 */
struct bindaddr_list bindaddr_given(const struct judge *j, unsigned *odd);

/* The same, if nothing is odd about them. */
struct bindaddr_list bindaddr_given_well(const struct judge *j);

/* An address that the transport must use: well formed, its own, free. */
bool bindaddr_is_due(const struct judge *j, const struct bindaddr *b);

/* Was an address of this host refused, with nothing there, not even UDP? */
bool bindaddr_is_dead(const struct judge *j, const struct method *m,
		      const struct event *c);

/* It must have said SMETHOD for @name, unless we stood in its way. */
void bindaddr_must_serve(struct judge *j, struct span name,
			 const char *expected);

/* The snapshot of its sockets while it ran, where all of them were open by
 * then: a limit may pass, and what was late comes behind it.  Or NULL. */
const struct event *bindaddr_sockets(const struct view *v);

#endif
