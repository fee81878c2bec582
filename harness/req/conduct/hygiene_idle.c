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
/* A session that is kept alive takes some work. */
#define HALF_PERCENT (2 * BUSY_PERCENT)

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

/* Nothing that may still keep it busy at event @n. */
static bool at_rest(const struct view *v, uint32_t n)
{
	static const char *const quiet[] = {
		"start", "expect",  "settle", "snapshot",
		"pause", "connect", "window", "socks",
	};
	bool known = true;

	if (held_series(v))
		return false;
	for_events (ev, v) {
		if (ev->n >= n)
			break;
		if (ev->kind == EV_INJECT)
			return false;
		/* Whoever left wants nothing any more. */
		if (ev->kind == EV_SOCKS && ev->socks.result != SOCKS_END_LEFT)
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

/* Datagrams passed, and none since long before the window. */
static bool beside_datagrams(const struct view *v, const struct event *open)
{
	const struct event *last = NULL;

	for (const struct event *ev = v->tr->ev; ev < open; ev++) {
		if (ev->kind == EV_SENT || ev->kind == EV_GOT)
			last = ev;
		if (ev->kind == EV_LIMIT)
			return false;
	}
	return last && was_carried(v) && open->t - last->t >= SETTLED_US;
}

/* Did all that went before end long enough before event @open?  Only one
 * direction of a session is ended, and there is nothing to do. */
static bool beside_half_closed(const struct view *v, const struct event *open)
{
	const struct event *half = NULL, *last = NULL;

	for (const struct event *ev = v->tr->ev; ev < open; ev++) {
		if (ev->kind == EV_CLOSE)
			half = ev->close.how == CLOSED_HALF ? ev : NULL;
		if (ev->kind == EV_CLOSE || ev->kind == EV_SEND ||
		    ev->kind == EV_RECV || ev->kind == EV_EOF)
			last = ev;
		if (ev->kind == EV_INJECT || ev->kind == EV_LIMIT)
			return false;
	}
	return half && was_carried(v) && open->t - last->t >= SETTLED_US;
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

/* A window in which a session is half over, or no datagram comes. */
static void idle_in_session(struct judge *j)
{
	const struct view *v = j->v;
	struct cpu_window s;
	bool half;

	if (!v->done || !cpu_window_next(v, v->done->ev, &s) ||
	    s.closed->n > life_stimulus(v, 1))
		return;
	half = beside_half_closed(v, s.open);
	if (!half && !beside_datagrams(v, s.open))
		return;
	if (cpu_window_busy(j, &s, HALF_PERCENT))
		j_broken(j, s.closed->n,
			 half ? "next to no work beside a session with one "
				"direction ended"
			      : "next to no work while no datagrams come",
			 "%" PRId64 " %% of a processor in a window of %" PRId64
			 " ms",
			 s.percent, (s.closed->t - s.open->t) / 1000);
	else
		j_pass(j, s.closed->n);
	j_also(j, s.open->n);
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
	    s.closed->n > disturbed_at(v) || !at_rest(v, s.open->n) ||
	    life_open(v, s.open) || s.open->t - v->done->t < SETTLED_US)
		return;
	if (!cpu_window_busy(j, &s, BUSY_PERCENT))
		j_pass(j, s.closed->n);
	else if (!had_settled(v, v->done->ev, &s))
		j_hindered(j, "it may still have been starting: until the "
			      "window it had waited for a processor");
	else
		j_broken(j, s.closed->n, "next to no work while idle",
			 "%" PRId64 " %% of a processor in a window of %" PRId64
			 " ms",
			 s.percent, (s.closed->t - s.open->t) / 1000);
	j_also(j, s.open->n);
}
