/*
 * waits.h - the steps that wait for something, or let time pass: wait, pause.
 */
#ifndef PTCHECK_WORKER_WAITS_H
#define PTCHECK_WORKER_WAITS_H

#include "harness/worker/facts/snapshot.h"

struct waits {
	struct task *task;
	struct instances *instances;
	const struct listeners *listeners;
	struct snapshots *snapshots;
};

#endif
