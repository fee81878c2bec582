/*
 * ports.h - leaving a namespace without ephemeral ports.
 */
#ifndef PTCHECK_WORKER_NET_PORTS_H
#define PTCHECK_WORKER_NET_PORTS_H

#include "harness/worker/steps.h"

struct ports {
	struct task *task;
	int fd; /* holds the last port, or -1 */
};

void ports_init(struct ports *p, struct task *t);
void ports_fini(struct ports *p);

#endif
