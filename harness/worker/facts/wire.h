/*
 * wire.h - what goes over the network of the sandbox becomes facts: the first
 * packet of each flow that leaves the machine, and the questions to the
 * resolver.
 *
 * Loopback addresses are the harness's own business and that of IPC; of them
 * it is recorded here how a tunnel goes from client to server, and what goes
 * past the listeners of the harness because it is no TCP.  Everything else
 * that somebody sent counts, be it answered or not: only the transport sends
 * there, and what the harness answers goes to its own address.
 */
#ifndef PTCHECK_WORKER_FACTS_WIRE_H
#define PTCHECK_WORKER_FACTS_WIRE_H

#include "harness/sys/capture.h"
#include "harness/sys/sandbox.h"
#include "harness/worker/facts/resolver.h"
#include "harness/worker/net/listen.h"
#include "harness/worker/process/inst.h"

/* What a trace tells of: flows, flows with the marker of the launch, calls of a
 * tunnel; and clients of a server: all of them, rounds of sessions too, as an
 * address that is not among them is held against the server. */
#define WIRE_FLOWS 200
#define WIRE_FLOWS_MARKED 32
#define WIRE_CALLS 64
#define WIRE_CLIENTS 1024
#define WIRE_TURNS 64
#define WIRE_ENDS 64

/* One conversation of the transport with somebody outside. */
struct wire_flow {
	struct addr from, to;
	uint8_t protocol;
};

struct wire {
	struct task *task;
	const struct instances *instances;
	const struct listeners *listeners;
	struct resolvers *resolvers;
	struct capture capture;
	bool capturing;
	bool tells_clients;
	struct wire_flow flow[WIRE_FLOWS], marked[WIRE_FLOWS_MARKED];
	size_t nflows, nmarked, nclients;
	/* Of tunnels, and of datagrams to listeners. */
	size_t ncalls, nturns, nends, nflights;
	enum wire_side speaker;
	struct addr flight[WIRE_FLOWS_MARKED];
};

void wire_init(struct wire *w, struct task *t,
	       const struct instances *instances,
	       const struct listeners *listeners, struct resolvers *resolvers);

/* Capture from now on, and let the resolvers answer; or tell why not. */
void wire_start(struct wire *w, const struct sandbox_state *s);
/* From now on tell who connects to what a server announced, too. */
void wire_tell_clients(struct wire *w);
/* The last packets, and how many there were. */
void wire_end(struct wire *w);

#endif
