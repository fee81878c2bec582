/*
 * pump.h - bulk data through tunnels, checked by offset.  Nothing of it goes
 * into the trace but the outcome.
 */
#ifndef PTCHECK_WORKER_NET_PUMP_H
#define PTCHECK_WORKER_NET_PUMP_H

#include "harness/worker/net/conn.h"

struct pump_end;

struct pump {
	struct task *task;
	struct conns *conns;
	const struct step_pump *st; /* NULL: none is on */
	struct pump_end *ends;	    /* the connections that take part */
	size_t n;
	int64_t seed;	     /* of the first of them */
	bool moved;	     /* something came since the deadline was set */
	struct watch *quiet; /* until none has gone in for long enough */
	bool full;	     /* that was so, and nobody reads */
};

void pump_init(struct pump *p, struct task *t, struct conns *conns);

/* The hook of connections: does it take part?  @ctx is the pump. */
void pump_join(void *ctx, struct conn *c);

#endif
