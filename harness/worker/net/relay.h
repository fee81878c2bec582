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

#endif
