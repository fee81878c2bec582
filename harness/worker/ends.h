/*
 * ends.h - the steps about our ends of whatever has a name: streams of the
 * transport, connections and listeners (close, stall, resume).
 */
#ifndef PTCHECK_WORKER_ENDS_H
#define PTCHECK_WORKER_ENDS_H

#include "harness/worker/net/listen.h"
#include "harness/worker/net/udp.h"
#include "harness/worker/process/inst.h"

struct ends {
	struct task *task;
	struct instances *instances;
	struct conns *conns;
	struct listeners *listeners;
	struct udps *udps;
};

#endif
