/*
 * hygiene_idle.c - what a transport takes of the processor while it has nothing
 * to do.
 */
#include <stdbool.h>
#include <stdint.h>

#include "harness/req/conduct/hygiene.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

/* After so long the work of starting is over, and so much is a window. */
#define SETTLED_US 300000
#define SPELL_US 1000000
/* A session that is kept alive takes some work, and one in which everything
 * waits asks again and again. */
#define KEPT_PERCENT (2 * BUSY_PERCENT)
#define HALF_PROCESSOR 50

bool cpu_window_next(const struct view *v, uint32_t from,
		     struct cpu_window *out)
{
	const struct event *open = NULL, *first = NULL;

	for_events (ev, v) {
		if (ev->kind != EV_CPU || ev->n < from ||
		    !view_is_of(v, ev->cpu.of))
			continue;
		if (span_eqs(ev->cpu.at, "open")) {
			open = ev;
			first = first ? first : ev;
		} else if (open && view_is_anew(v, ev->n)) {
			continue;
		} else if (open && ev->t - open->t >= SPELL_US) {
			*out = (struct cpu_window){
				open, ev,
				(ev->cpu.us - open->cpu.us) * 100 /
					(ev->t - open->t),
				ev->cpu.us - first->cpu.us
			};
			return true;
		} else {
			open = first = NULL;
		}
	}
	return false;
}

bool cpu_window_last(const struct view *v, uint32_t from,
		     struct cpu_window *out)
{
	bool any = false;

	for (uint32_t at = from; cpu_window_next(v, at, out); any = true)
		at = out->closed->n + 1;
	return any;
}

bool cpu_window_busy(struct judge *j, const struct cpu_window *s,
		     int64_t percent)
{
	int64_t us = s->closed->t - s->open->t;
	const struct event *share = view_share(j->v, s->closed);

	/* Of the time in which it could run. */
	if (share && share->processor.waited_us < us &&
	    (s->closed->cpu.us - s->open->cpu.us) * 100 <=
		    percent * (us - share->processor.waited_us))
		return false;
	if (!view_hindered(j->v, s->closed, us / 1000))
		return s->percent > percent;
	/* It may be all that there was for it, and little. */
	if (s->percent > percent && view_at_work(s->worked_us, us))
		return true;
	j_hindered(j,
		   "it had too little of the processors in a window of "
		   "%" PRId64 " ms to tell whether it would have been at rest",
		   us / 1000);
	return false;
}

/* Was there a series of connections that stayed open?  It is one event when it
 * opens, but many when it ends. */
static bool held_series(const struct view *v)
{
	for_events (ev, v)
		if ((ev->kind == EV_CLOSE || ev->kind == EV_EOF) &&
		    span_contains(event_name(ev), SPAN("#")))
			return true;
	return false;
}

/* The last time before event @open that something moved on a connection. */
static const struct event *last_move(const struct view *v,
				     const struct event *open)
{
	const struct event *last = NULL;

	for (const struct event *ev = v->tr->ev; ev < open; ev++)
		if (ev->kind == EV_CLOSE || ev->kind == EV_SEND ||
		    ev->kind == EV_RECV || ev->kind == EV_EOF ||
		    ev->kind == EV_SOCKS || ev->kind == EV_PUMP ||
		    ev->kind == EV_SENT || ev->kind == EV_GOT)
			last = ev;
	return last;
}

/* Nothing that may still keep it busy at event @open. */
static bool at_rest(const struct view *v, const struct event *open)
{
	static const char *const quiet[] = {
		"start", "expect",  "settle", "snapshot", "pause",
		"close", "connect", "window", "socks",
	};
	const struct event *last = last_move(v, open);
	bool known = true;

	if (held_series(v) || (last && open->t - last->t < SETTLED_US))
		return false;
	for_events (ev, v) {
		if (ev >= open)
			break;
		if (ev->kind == EV_INJECT)
			return false;
		/* Whoever got no answer may still wait for one. */
		if (ev->kind == EV_SOCKS &&
		    ev->socks.result == SOCKS_END_TIMEOUT)
			return false;
		if (ev->kind != EV_STEP)
			continue;
		known = false;
		for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
			known |= span_eqs(ev->step.kind, quiet[i]);
		if (!known)
			return false;
	}
	return true;
}

/* What leaves nothing to do when a window opens. */
struct repose {
	bool (*is)(const struct view *v, const struct event *open);
	/* More is too much, in percent of a processor. */
	int64_t percent;
	/* What is still to be done of it may be much. */
	bool drains;
	const char *expected;
};

/* Datagrams passed. */
static bool beside_datagrams(const struct view *v, const struct event *open)
{
	for (const struct event *ev = v->tr->ev; ev < open; ev++)
		if (ev->kind == EV_SENT || ev->kind == EV_GOT)
			return was_carried(v);
	return false;
}

/* Only one direction of a session is ended. */
static bool beside_half_closed(const struct view *v, const struct event *open)
{
	const struct event *half = NULL;

	for (const struct event *ev = v->tr->ev; ev < open; ev++)
		if (ev->kind == EV_CLOSE)
			half = ev->close.how == CLOSED_HALF ? ev : NULL;
	return half && was_carried(v);
}

/* Whoever gets it has stopped reading, and all before him is full. */
static bool beside_full(const struct view *v, const struct event *open)
{
	const struct event *last = last_move(v, open);

	return last && last->kind == EV_PUMP && last->pump.result == PUMP_FULL;
}

/* There were sessions, and none is left. */
static bool after_all(const struct view *v, const struct event *open)
{
	const struct event *socks = view_event(v, EV_SOCKS, NULL, 1);

	return socks && socks < open && !life_open(v, open);
}

static const struct repose reposes[] = {
	{ beside_full, HALF_PROCESSOR, true,
	  "little work beside a session whose reader has stopped" },
	{ beside_half_closed, KEPT_PERCENT, false,
	  "next to no work beside a session with one direction ended" },
	{ after_all, KEPT_PERCENT, false,
	  "next to no work when all sessions have ended" },
	{ beside_datagrams, KEPT_PERCENT, false,
	  "next to no work while no datagrams come" },
};

/* NULL: none of these, or what went before ended only just before event @open. */
static const struct repose *repose_at(const struct view *v,
				      const struct event *open)
{
	const struct event *last = last_move(v, open);

	if (!last || open->t - last->t < SETTLED_US)
		return NULL;
	for (const struct event *ev = v->tr->ev; ev < open; ev++)
		if (ev->kind == EV_INJECT || ev->kind == EV_LIMIT)
			return NULL;
	for (size_t i = 0; i < sizeof(reposes) / sizeof(reposes[0]); i++)
		if (reposes[i].is(v, open))
			return &reposes[i];
	return NULL;
}

/* Had it the time to finish what began at event @from before the window, or is
 * it more work than could be left of that?  A pause of the harness is none
 * while it waits for a processor. */
static bool had_settled(const struct view *v, uint32_t from,
			const struct cpu_window *s)
{
	int64_t us = s->open->t - v->tr->ev[from - 1].t;

	if (view_at_work(s->worked_us, s->closed->t - s->open->t))
		return true;
	for (uint32_t i = from; i < s->open->n - 1; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind == EV_PROCESSOR &&
		    __builtin_sub_overflow(us, ev->processor.waited_us, &us))
			return false;
	}
	return us >= SETTLED_US;
}

/* Too little of the processors to tell a spin from what is left to be done, or
 * from rest. */
static bool is_unclear(const struct view *v, const struct repose *r,
		       const struct cpu_window *s)
{
	const struct event *share = view_share(v, s->closed);
	int64_t us = s->closed->t - s->open->t;

	if (s->percent <= KEPT_PERCENT)
		return false;
	return view_hindered(v, s->closed, us / 1000) ||
	       (s->percent <= r->percent && share &&
		share->processor.waited_us > us / 4);
}

static void say_busy(struct judge *j, const struct cpu_window *s,
		     const char *expected)
{
	j_broken(j, s->closed->n, expected,
		 "%" PRId64 " %% of a processor in a window of %" PRId64 " ms",
		 s->percent, (s->closed->t - s->open->t) / 1000);
}

static void idle_window(struct judge *j, const struct repose *r,
			const struct cpu_window *s)
{
	int64_t ms = (s->closed->t - s->open->t) / 1000;

	if (r->drains && is_unclear(j->v, r, s))
		j_hindered(j,
			   "it had too little of the processors in a window of "
			   "%" PRId64 " ms to tell work that was left from "
			   "work without end",
			   ms);
	else if (!cpu_window_busy(j, s, r->percent))
		j_pass(j, s->closed->n);
	else
		say_busy(j, s, r->expected);
	j_also(j, s->open->n);
}

/* Windows in which sessions, or what came before, leave nothing to do. */
static void idle_in_session(struct judge *j)
{
	const struct view *v = j->v;
	struct cpu_window s;

	for (uint32_t at = v->done ? v->done->ev : UINT32_MAX;
	     cpu_window_next(v, at, &s); at = s.closed->n + 1) {
		const struct repose *r = repose_at(v, s.open);

		if (s.closed->n > life_stimulus(v, 1))
			return;
		if (r)
			idle_window(j, r, &s);
	}
}

REQ(hy_idle_1) = {
	.id = "HY-IDLE-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "It does next to nothing while there is nothing to do.",
	.traps = "What it does in the first 300 ms after DONE is part of "
		 "starting.",
	.needs = LEGAL,
	.judge = hy_idle_1,
};

static void hy_idle_1(struct judge *j)
{
	const struct view *v = j->v;
	struct cpu_window s;

	if (has_peer(v)) {
		idle_in_session(j);
		return;
	}
	if (!v->done || !cpu_window_next(v, v->done->ev, &s) ||
	    s.closed->n > disturbed_at(v) || !at_rest(v, s.open) ||
	    life_open(v, s.open) || s.open->t - v->done->t < SETTLED_US)
		return;
	if (!cpu_window_busy(j, &s, BUSY_PERCENT))
		j_pass(j, s.closed->n);
	else if (!had_settled(v, v->done->ev, &s))
		j_hindered(j, "it may still have been starting: until the "
			      "window it had waited for a processor");
	else
		say_busy(j, &s, "next to no work while idle");
	j_also(j, s.open->n);
}
