/*
 * parts.h - a worker: its parts, put together.  Only worker.c and ending.c see
 * it whole.
 */
#ifndef PTCHECK_WORKER_PARTS_H
#define PTCHECK_WORKER_PARTS_H

#include "harness/worker/ends.h"
#include "harness/worker/facts/wire.h"
#include "harness/worker/net/dial.h"
#include "harness/worker/net/ports.h"
#include "harness/worker/net/pump.h"
#include "harness/worker/net/relay.h"
#include "harness/worker/net/udp.h"
#include "harness/worker/peer/app.h"
#include "harness/worker/peer/bridge.h"
#include "harness/worker/processor.h"
#include "harness/worker/setup.h"
#include "harness/worker/waits.h"

struct worker {
	struct task task;
	struct host_watch host;
	/* processes */
	struct file_facts files;
	struct instances instances;
	struct processor processor;
	/* network */
	struct conns conns;
	struct listeners listeners;
	struct dials dials;
	struct pump pump;
	struct ports ports;
	struct relays relays;
	struct udps udps;
	struct resolvers resolvers;
	struct wire wire;
	/* the harness as a peer */
	struct app app;
	struct bridges bridges;
	/* looking, and the steps that need more than one of these */
	struct snapshots snapshots;
	struct waits waits;
	struct ends ends;
	/* going through the case, and the end */
	struct step_row rows[STEP_KINDS_N];
	struct steps steps;
	bool in_check;
	bool ending; /* all steps are done */
	/* of ending.c */
	struct watch *harder, *patience, *orphans;
	bool over;	  /* no instance has more to say */
	bool has_orphans; /* and yet somebody was there */
	bool told;	  /* the last event is written */
};

/* --- ending.c --- */

/* All steps are done: end what is left. */
void ending_begin(struct worker *w);
/* Something happened: is all at its end? */
void ending_go_on(struct worker *w);
/* The last events. */
void ending_tell(struct worker *w, const char *how);
/* Tell why, and stop at once. */
void ending_abort(struct worker *w, const char *why);

#endif
