/*
 * setup.h - what a worker needs of the machine before its first step: signals,
 * its line to ptcheck, directories; and how it leaves.
 */
#ifndef PTCHECK_WORKER_SETUP_H
#define PTCHECK_WORKER_SETUP_H

#include "harness/worker/task.h"

/* Who may end a launch from outside, and children that end. */
struct host_watch {
	int signal_fd;
	/* ptcheck wants it to stop, or is gone. */
	void (*stopped)(void *ctx);
	/* There may be children to wait for. */
	void (*reap)(void *ctx);
	void *ctx;
};

/* Its functions are set. */
int setup_watch_host(struct host_watch *h, const struct task *t, struct err *e);
/* The work directory, which the sandbox has already. */
int setup_directories(const struct task *t, struct err *e);

/* Without a sandbox: end what is left of the launch, and remove its
 * directory. */
void setup_clean_up(const struct task *t);

#endif
