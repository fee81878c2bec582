/*
 * pool.h - processes that stand ready to become workers.
 *
 * To fork a large program for every launch costs more than the launch: page
 * tables, and a fault for each page that either side touches afterwards.  So
 * the caller is forked once, when all that workers need to know is known.
 * That copy, the zygote, does nothing but fork hosts, which inherit what it
 * was born with.  A host makes one worker after the other, each in namespaces
 * and with descriptors of its own, but in the memory of the host
 * (sandbox_clone() with a base), which does nothing meanwhile.  What its
 * workers have in common beside that, the root of their file systems and a
 * network, is looked at after each: a network that was used is left, and a host
 * whose worker left something in the root is not used again.
 *
 * All of them die with the caller: hosts and zygote at once, and workers as
 * sandbox.h says.
 */
#ifndef PTCHECK_RUN_LAUNCH_POOL_H
#define PTCHECK_RUN_LAUNCH_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parent/base/err.h"
#include "harness/sys/sandbox.h"

/* Descriptors that a worker may be given. */
#define POOL_FDS 3

/* Runs in the worker: job number @job, with the @n descriptors that
 * pool_start() was given.  What it returns is the worker's exit status; not 0:
 * the next one cannot have its network (sandbox.h). */
typedef int pool_job(void *ctx, size_t job, const int *fds, size_t n,
		     const struct sandbox_state *state);

struct pool;
struct pool_host;

/*
 * Fork the zygote.  @ctx and all that a job looks at must be complete: what
 * is written later, jobs do not see.  NULL when it cannot be forked.
 */
struct pool *pool_new(bool isolate, pool_job *job, void *ctx, struct err *e);

/*
 * Give a job to a host, which the job has until pool_ended() says so.
 * @fds: copies are sent, the caller's stay open.  NULL: no host could be had.
 */
struct pool_host *pool_start(struct pool *p, size_t job, const int *fds,
			     size_t n, struct err *e);

/* Readable when the worker has ended. */
int pool_host_fd(const struct pool_host *h);

/* Has it?  If so, all below it have ended as well when it was isolated, @h is
 * given back, and *started is -1 with the reason when there never was a
 * worker. */
bool pool_ended(struct pool *p, struct pool_host *h, int *started,
		struct err *e);

/* Send @sig to the worker. */
void pool_kill(struct pool_host *h, int sig);

/* No job is running: let all end, which takes a moment, and do not wait. */
void pool_end(struct pool *p);

/* The same, and wait.  Returns the processor time, in µs, of zygote, hosts,
 * workers and what workers waited for. */
int64_t pool_free(struct pool *p);

#endif
