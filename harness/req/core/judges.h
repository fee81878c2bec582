/*
 * judges.h - what the files of the areas share.
 */
#ifndef PTCHECK_REQ_CORE_JUDGES_H
#define PTCHECK_REQ_CORE_JUDGES_H

#include <inttypes.h>

#include "parent/base/text.h"
#include "parent/proto/ipc/bindaddr.h"
#include "parent/proto/ipc/name.h"
#include "parent/proto/ipc/options.h"
#include "parent/proto/net/uri.h"
#include "parent/proto/ipc/verlist.h"
#include "harness/req/core/policy.h"
#include "harness/req/core/req.h"

/* Walk over the lines of a stream.  Where there is none, v is NULL, to which
 * C17 lets nobody add, not even 0. */
#define for_array(T, x, v, n) \
	for (const struct T *x = (v); x && x < (v) + (n); x++)
#define for_lines(l, lines) for_array(line, l, (lines)->v, (lines)->n)
#define for_methods(m, view) \
	for_array(method, m, (view)->methods.v, (view)->methods.n)
#define for_events(ev, view) \
	for_array(event, ev, (view)->tr->ev, (view)->tr->nev)

static inline bool is_client(const struct judge *j)
{
	return j->v->head->role == ROLE_CLIENT;
}

static inline bool is_server(const struct judge *j)
{
	return j->v->head->role == ROLE_SERVER;
}

/* A configuration that the transport must work with, and a launch that
 * happened: the ordinary precondition. */
static inline bool is_legal(const struct judge *j)
{
	return j->v->head->config == CONFIG_LEGAL && j->v->spawn &&
	       !j->v->exec_failed;
}

static inline bool launched(const struct judge *j)
{
	return j->v->spawn && !j->v->exec_failed;
}

/* Has the case started the other end, too? */
bool has_peer(const struct view *v);
/* The same, and both got as far as DONE. */
bool is_tunnelled(const struct view *v);

/* Was the launch made for what the row's stimuli are about?  For what no event
 * can show: why it was made, so that silence or a refusal can be held against
 * the rule. */
static inline bool provoked(const struct judge *j)
{
	return (j->v->head->stimuli & j->req->stimuli) != 0;
}

/* Is that a fact of the target or of the launch?  "conceals", "told", "lazy"
 * (case/planner.h); "ended": stdin was at its end from the start on. */
static inline bool target_says(const struct judge *j, const char *what)
{
	return !span_absent(pairs_get(&j->v->head->vars, what));
}

static inline bool is_probe(const struct judge *j, const char *name)
{
	return span_eqs(j->v->head->probe, name);
}

/* Event of the line or 0. */
static inline uint32_t line_ev(const struct line *l)
{
	return l ? l->ev : 0;
}

/* The name of a connection without the number that many have: of "or#3" that
 * of the listener, "or". */
static inline struct span group_of(struct span ch)
{
	return span_sub(ch, 0, span_find(ch, '#'));
}

/* Number of the last thing known about the end: exit, kill or the end. */
uint32_t end_ev(const struct view *v);

/* An orderly refusal: one of the fatal *-ERROR lines, or words on stderr,
 * and an end by itself that is neither a signal nor a Go panic. */
bool refused_orderly(const struct judge *j);
/* A crash: ended by a signal of its own (SIGSEGV, SIGABRT, ...), or a panic,
 * traceback or sanitizer report on stderr. */
bool crashed(const struct judge *j);
/* Has a runtime aborted, with words, before the program in it could say anything
 * (SIGABRT, and nothing on stdout)?  Where the harness took from it what every
 * program needs, it is no crash of the transport. */
bool runtime_gave_up(const struct view *v);
/* Is that line one of such a report? */
bool is_crash_line(struct span s);
/* The first line of such a report, or NULL. */
const struct line *crash_line(const struct view *v);
/* Did the harness stop reading its streams, and leave it at that?  What a line
 * says further is not known then. */
bool left_unread(const struct view *v);

#endif
