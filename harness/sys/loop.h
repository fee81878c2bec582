/*
 * loop.h - the event loop: descriptors and deadlines, one now per wake-up.
 *
 * A thin cover over libevent, so that the rest does not depend on it.  A
 * watch may be dropped at any time, also from inside another watch's
 * function: its function is not called after that.  Descriptors are served
 * before timers of the same wake-up, so that data which was there before a
 * deadline passed counts as in time.
 */
#ifndef PTCHECK_SYS_LOOP_H
#define PTCHECK_SYS_LOOP_H

#include <stdint.h>

#include "parent/base/err.h"

struct loop;
struct watch;

enum { LOOP_READ = 1, LOOP_WRITE = 2, LOOP_TIME = 4 };

/* @what: LOOP_READ, LOOP_WRITE or LOOP_TIME, whichever came true. */
typedef void loop_fn(void *ctx, unsigned what);

struct loop *loop_new(struct err *e);
void loop_free(struct loop *l); /* also frees all its watches */

/* Watch a descriptor until dropped; @what: LOOP_READ or LOOP_WRITE. */
struct watch *loop_fd(struct loop *l, int fd, unsigned what, loop_fn *fn,
		      void *ctx);
/* Call once, @us microseconds from now. */
struct watch *loop_after(struct loop *l, int64_t us, loop_fn *fn, void *ctx);
/* NULL is legal.  Does not close the descriptor. */
void loop_drop(struct watch *w);

/* Serve events until loop_stop(), which may also have come before. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);

/* µs, monotonic, since loop_new(). */
int64_t loop_now(const struct loop *l);
/* The latest that a timer was served, or the longest that this process waited
 * for a processor between two events, in µs; and since loop_forget_lag(). */
int64_t loop_lag(const struct loop *l);
int64_t loop_recent_lag(const struct loop *l);
void loop_forget_lag(struct loop *l);

#endif
