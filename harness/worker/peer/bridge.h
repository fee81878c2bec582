/*
 * bridge.h - the Extended ORPort that the harness plays, as a step of the case
 * says.
 */
#ifndef PTCHECK_WORKER_PEER_BRIDGE_H
#define PTCHECK_WORKER_PEER_BRIDGE_H

#include "harness/worker/facts/wire.h"
#include "harness/worker/net/listen.h"

struct bridges {
	struct task *task;
	struct listeners *listeners;
	struct wire *wire; /* has to tell who comes to a server then */
};

#endif
