/*
 * life.h - how long a transport lived, and what was done to it meanwhile.
 *
 * Shared by the judges of shutdown, stdin and status messages.  A stimulus is
 * anything of the harness that may end a transport for good reason: closing
 * stdin, stdout or stderr, a signal to it or to its parent, an accept that is
 * made to fail, the clean-up at the end of a case.  "Unasked" is an end before any such thing.
 */
#ifndef PTCHECK_REQ_LAUNCH_LIFE_H
#define PTCHECK_REQ_LAUNCH_LIFE_H

#include "harness/req/core/req.h"

/* Number of the first stimulus at or after event @from; UINT32_MAX: none. */
uint32_t life_stimulus(const struct view *v, uint32_t from);

/* Was the transport still there at event @n?  Reaped counts as gone. */
bool life_alive_at(const struct view *v, uint32_t n);

/* Ended by itself after the stimulus or start at event @from, with no
 * stimulus since then.  Not for the event of a line: what it wrote last may
 * be read after it was reaped. */
bool life_ended_unasked(const struct view *v, uint32_t from);
/* The same with no stimulus at all. */
bool life_gave_up(const struct view *v);

/* The end of a window of absence after event @from that it lived through,
 * with no other stimulus in between; NULL: none. */
const struct event *life_survived(const struct view *v, uint32_t from);

/*
 * How it ended after the stimulus @c.  A later stimulus takes the credit for
 * a later end.
 */
enum life_end {
	LIFE_UNKNOWN,  /* not waited for, or something else came first */
	LIFE_ENDED,    /* by itself, because of @c and in time */
	LIFE_TOO_LATE, /* the limit passed first, see life_limit() */
};

enum life_end life_end(const struct view *v, const struct event *c,
		       const char *limit);
/* The deadline that LIFE_TOO_LATE is about. */
const struct event *life_limit(const struct view *v, const struct event *c,
			       const char *limit);
/* The whole judgement where nothing counts but an end in time after @c. */
void life_must_end(struct judge *j, const struct event *c, const char *limit,
		   const char *expected);

/* stdin closed by a step of the case (not by its clean-up), or NULL. */
const struct event *life_stdin_closed(const struct view *v);
/* The variable says that closing stdin asks for the end.  A flag does not
 * count here: whether it does is a question of its own. */
bool life_exit_asked(const struct view *v);
/* It had reached DONE with a method and was there when @c happened. */
bool life_serving(const struct view *v, const struct event *c);
/* How many connections to it, or sessions through it, may have been open when
 * @c happened; connections of a series are closed one by one. */
size_t life_open(const struct view *v, const struct event *c);
/* So many idle ones are a test of whether they hold up an end. */
#define LIFE_IDLE 3

/* The method whose listener a connection (connect, send, ...) belongs to;
 * NULL: to none, or to one that takes no TCP. */
const struct method *life_to_method(const struct view *v,
				    const struct event *ev);
/*
 * Do the rules of 2.0 hold?  Not where the list that was offered has no 2 and
 * the transport chose 1: there it has to do as 1.0 says.
 */
bool life_by_20(const struct judge *j);

/* First connection to an announced TCP listener that was refused after event
 * @from, while the transport lived and before another stimulus; or NULL. */
const struct event *life_refused(const struct view *v, uint32_t from);

/* Is it the address of one of its method lines? */
bool life_announced(const struct view *v, const struct addr *at);
/* A listener that it had announced and that outlived it, in a snapshot made
 * after its end; NULL: none. */
const struct event *life_left_listener(const struct view *v);
/* Did a signal end a script around it?  The script alone was hit, so what it
 * leaves behind tells nothing. */
bool life_hit_script(const struct view *v);
/* A process that outlived it, or NULL. */
const struct event *life_left_process(const struct view *v);
/* Says that such a process was left; how long it was given to follow is in the
 * trace, so that may be unsure. */
void life_say_left(struct judge *j, const char *expected);
/* Was it looked for at all after the end? */
bool life_looked_after(const struct view *v);
/* Say what kept the harness from that, if anything did. */
void life_say_unlooked(struct judge *j);

#endif
