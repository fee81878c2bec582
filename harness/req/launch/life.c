/*
 * life.c - see life.h.  All order here is that of the events of one trace:
 * what the harness did, against when the transport was reaped.
 */
#include "harness/req/launch/life.h"

#include "harness/req/core/judges.h"
#include "harness/req/launch/setup.h"

/* --- stimuli --- */

static bool is_stimulus(const struct view *v, const struct event *ev)
{
	switch ((int)ev->kind) {
	case EV_SIGNAL:
		return span_eqs(ev->signal.to, v->pt) ||
		       span_eqs(ev->signal.to, "parent");
	case EV_CLOSE:
		return span_eqs(ev->close.what, v->stdin_ch) ||
		       span_eqs(ev->close.what, "stdout") ||
		       span_eqs(ev->close.what, "stderr");
	case EV_STEP:
		return span_eqs(ev->step.kind, "stop");
	case EV_KILL:
		return span_eqs(ev->kill.what, v->pt);
	case EV_INJECT:
		return span_eqs(ev->inject.call, "accept");
	}
	return false;
}

uint32_t life_stimulus(const struct view *v, uint32_t from)
{
	for (size_t i = from ? from - 1 : 0; i < v->tr->nev; i++)
		if (is_stimulus(v, &v->tr->ev[i]))
			return v->tr->ev[i].n;
	return UINT32_MAX;
}

bool life_alive_at(const struct view *v, uint32_t n)
{
	return v->spawn && !v->exec_failed && v->spawn->n <= n &&
	       (!v->exit || v->exit->n > n);
}

bool life_ended_unasked(const struct view *v, uint32_t from)
{
	return view_ended(v) && v->exit->n > from &&
	       life_stimulus(v, from + 1) > v->exit->n;
}

bool life_gave_up(const struct view *v)
{
	return v->spawn && life_ended_unasked(v, v->spawn->n);
}

bool life_by_20(const struct judge *j)
{
	return j_is20(j) && !(span_eqs(j->v->negotiated, "1") &&
			      !verlist_has(j->v->versions, SPAN("2")));
}

const struct event *life_survived(const struct view *v, uint32_t from)
{
	const struct event *closed = view_window(v, from);

	return closed && life_alive_at(v, closed->n) &&
			       life_stimulus(v, from + 1) > closed->n
		       ? closed
		       : NULL;
}

/* --- ends --- */

const struct event *life_limit(const struct view *v, const struct event *c,
			       const char *limit)
{
	const struct event *l = view_limit(v, limit, c->n);

	return l && l->n < life_stimulus(v, c->n + 1) ? l : NULL;
}

enum life_end life_end(const struct view *v, const struct event *c,
		       const char *limit)
{
	const struct event *l = life_limit(v, c, limit);
	bool ended = view_ended(v) && v->exit->n > c->n;

	if (l && !(ended && v->exit->n < l->n))
		return LIFE_TOO_LATE;
	if (ended && v->exit->n < life_stimulus(v, c->n + 1))
		return LIFE_ENDED;
	return LIFE_UNKNOWN;
}

const struct event *life_stdin_closed(const struct view *v)
{
	for_events (ev, v) {
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "stop"))
			return NULL;
		if (ev->kind == EV_CLOSE &&
		    span_eqs(ev->close.what, v->stdin_ch))
			return ev;
	}
	return NULL;
}

bool life_exit_asked(const struct view *v)
{
	return span_eqs(view_env(v, "TOR_PT_EXIT_ON_STDIN_CLOSE"), "1");
}

bool life_serving(const struct view *v, const struct event *c)
{
	return v->done && v->done->ev < c->n && v->methods.n &&
	       life_alive_at(v, c->n);
}

/* --- connections and listeners --- */

static bool closed_before(const struct view *v, const struct event *conn,
			  uint32_t n)
{
	for (uint32_t i = conn->n; i < v->tr->nev && v->tr->ev[i].n < n; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (((ev->kind == EV_CLOSE && ev->close.how != CLOSED_HALF) ||
		     ev->kind == EV_EOF) &&
		    span_eq(event_name(ev), event_name(conn)))
			return true;
	}
	return false;
}

/* A connection to it, or a session through it. */
static bool opens(const struct event *ev)
{
	if (ev->kind == EV_SOCKS)
		return ev->socks.result == SOCKS_END_OK;
	return ev->kind == EV_CONNECT && ev->connect.result == CONNECT_OK &&
	       ev->connect.tries <= 1;
}

size_t life_open(const struct view *v, const struct event *c)
{
	size_t n = 0;

	for_events (ev, v) {
		if (ev->n >= c->n)
			break;
		n += opens(ev) && !closed_before(v, ev, c->n);
	}
	return n;
}

const struct method *life_to_method(const struct view *v,
				    const struct event *ev)
{
	struct span conn = event_name(ev);
	size_t colon = span_find(conn, ':');
	struct span name = span_sub(conn, colon + 1, conn.n);
	const struct method *m;

	m = view_method(v, group_of(name));
	return m && !span_eqs(m->m.proto, "transparent-UDP") &&
			       !span_eqs(m->m.proto, "STUN")
		       ? m
		       : NULL;
}

const struct event *life_refused(const struct view *v, uint32_t from)
{
	for (size_t i = from; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (is_stimulus(v, ev))
			break;
		if (ev->kind == EV_CONNECT &&
		    ev->connect.result == CONNECT_REFUSED &&
		    life_alive_at(v, ev->n) && life_to_method(v, ev))
			return ev;
	}
	return NULL;
}

/* Does the harness itself listen there? */
static bool is_ours(const struct view *v, const struct addr *at)
{
	struct addr ours;

	for_events (ev, v)
		if (ev->kind == EV_LISTEN &&
		    !addr_parse(ev->listen.addr, &ours) && addr_eq(&ours, at))
			return true;
	return false;
}

/* No transport has more; a hostile one may print any number. */
#define METHODS_MAX 256

bool life_announced(const struct view *v, const struct addr *at)
{
	struct addr here = unmapped(*at);

	for (size_t i = 0; i < v->methods.n && i < METHODS_MAX; i++) {
		struct addr m = unmapped(v->methods.v[i].m.addr);

		if (m.family && m.port == here.port &&
		    (addr_eq(&m, &here) || addr_is_any(&m) ||
		     addr_is_any(&here)))
			return true;
	}
	return false;
}

const struct event *life_left_listener(const struct view *v)
{
	struct addr at;

	if (!view_ended(v))
		return NULL;
	for (uint32_t i = v->exit->n; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		/* Another instance may use the same address. */
		if (ev->kind == EV_SPAWN)
			break;
		if (ev->kind != EV_SOCKET ||
		    !span_starts(ev->socket.proto, SPAN("tcp")) ||
		    addr_parse(ev->socket.addr, &at))
			continue;
		if (life_announced(v, &at) && !is_ours(v, &at))
			return ev;
	}
	return NULL;
}

bool life_hit_script(const struct view *v)
{
	return v->head->wrapper && view_signalled(v);
}

const struct event *life_left_process(const struct view *v)
{
	return view_ended(v) ? view_event(v, EV_ORPHAN, NULL, v->exit->n)
			     : NULL;
}

/* What a process has to follow where the trace does not say, in ms. */
#define FOLLOW_MS 1000

void life_say_left(struct judge *j, const char *expected)
{
	const struct event *left = life_left_process(j->v);
	const struct event *limit = view_limit(j->v, "follow", j->v->exit->n);

	if (!left || (limit && j_lagged(j, limit)))
		return;
	if (!limit && view_lagged(j->v, FOLLOW_MS)) {
		j_hindered(j, "a process was left, but the harness itself was "
			      "late");
		return;
	}
	j_broken(j, left->n, expected,
		 limit ? "process %" PRId64 ", \"%s\", %" PRId64
			 " ms after its end"
		       : "process %" PRId64 ", \"%s\", after its end",
		 left->orphan.pid, j_show(j, left->orphan.name),
		 limit ? limit->limit.ms : 0);
}

bool life_looked_after(const struct view *v)
{
	if (!view_ended(v))
		return false;
	for (uint32_t i = v->exit->n; i < v->tr->nev; i++)
		if (v->tr->ev[i].kind == EV_SNAPSHOT &&
		    span_eqs(v->tr->ev[i].snapshot.of, "processes"))
			return true;
	return false;
}

void life_say_unlooked(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *no =
		view_ended(v) ? view_event(v, EV_SKIPPED, NULL, v->exit->n)
			      : NULL;

	if (no && provoked(j))
		j_unsure(j, "what it left is not seen: %s",
			 j_show(j, no->skipped.reason));
}

void life_must_end(struct judge *j, const struct event *c, const char *limit,
		   const char *expected)
{
	switch (life_end(j->v, c, limit)) {
	case LIFE_TOO_LATE:
		j_late(j, life_limit(j->v, c, limit), expected,
		       "it was still running when the limit passed");
		break;
	case LIFE_ENDED:
		j_pass(j, j->v->exit->n);
		break;
	case LIFE_UNKNOWN:
		break;
	}
}
