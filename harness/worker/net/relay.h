/*
 * relay.h - the harness between a client and a server: connections are
 * recorded, what they carry is passed on.
 */
#ifndef PTCHECK_WORKER_NET_RELAY_H
#define PTCHECK_WORKER_NET_RELAY_H

#include "harness/worker/net/listen.h"

struct relays {
	struct listeners *listeners;
	bool resets; /* what ends now ends so */
};

/* Pass on what comes on @c from now on, and @first before it: call @to, @from
 * an address unless that is absent.  The connection that is made is called as
 * @c is, with ":out" behind it. */
void relay_pass(struct conn *c, struct span to_text, struct span from,
		bool split, struct span first);

#endif
