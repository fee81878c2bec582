/*
 * hygiene.h - what the judges of hygiene share.
 */
#ifndef PTCHECK_REQ_CONDUCT_HYGIENE_H
#define PTCHECK_REQ_CONDUCT_HYGIENE_H

#include "harness/req/core/req.h"

/*
 * So much of one processor is too much for a transport with nothing to do.
 * One that polls every 10 ms uses less than 1.
 */
#define BUSY_PERCENT 5

/* A case that aims at the rule ran where it cannot be seen; then that was
 * said. */
bool needs_sandbox(struct judge *j);
/* The same where its calls are not watched, which is how they fail. */
bool calls_unwatched(struct judge *j);
/* Says what kept the harness from a look at it that such a case wanted, if
 * anything did. */
void say_unseen(struct judge *j);

/* A window of absence that it lived through, and how much it worked. */
struct cpu_window {
	const struct event *open, *closed; /* of kind EV_CPU */
	int64_t percent;		   /* of one processor */
	int64_t worked_us; /* in this one, and in those that began anew */
};

/* The first such window at or after event @from. */
bool cpu_window_next(const struct view *v, uint32_t from,
		     struct cpu_window *out);
/* The last one: what is over by then belonged to its start, or to what was done
 * to it. */
bool cpu_window_last(const struct view *v, uint32_t from,
		     struct cpu_window *out);
/* Did it work more than @percent of it?  Where it had to wait for a processor so
 * much that it could not show, that was said. */
bool cpu_window_busy(struct judge *j, const struct cpu_window *s,
		     int64_t percent);

#endif
