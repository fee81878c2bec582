/*
 * Signals and the standard descriptors: the first thing that runs.
 *
 * SIGTERM and SIGINT ask for a graceful end at any stage; SIGHUP, SIGPIPE and
 * SIGUSR1/2 are ignored. The death of the parent is told by SIGRTMIN, which
 * only wakes the loop up to compare process ids: the kernel sends it when the
 * parent's launching thread ends, and a thread is not the parent.
 */
#ifndef PTREF_SIGNALS_H
#define PTREF_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Opens /dev/null on each of descriptors 0..2 that is not open, so that no
 * socket can end up there. */
void std_fds_fill(void);

void signals_install(void);

/* Blocks them, from when the loop lets them in only while it waits; *out_open
 * is the mask to wait with. */
void signals_block(sigset_t *out_open);

/* The signal that asked for the end, or 0. */
int signals_stop(void);

#endif
