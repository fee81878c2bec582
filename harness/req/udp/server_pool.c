/*
 * server_pool.c - Table 2: what a server does with connections, with answers,
 * and with datagrams that are none; and the modes of both ends.
 */
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/udp/udp.h"

#define UDP "transparent-UDP"
#define NO_MODE "ptcheck-no-such-mode"

size_t dg_sources(const struct dg_flow *f, struct span *out, size_t max)
{
	size_t n = 0;

	for_dgs(d, &f->in)
	{
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known |= span_eq(out[i], d->ch);
		if (!known && n < max)
			out[n++] = d->ch;
	}
	return n;
}

bool view_has_bad_mode(const struct view *v)
{
	for (size_t i = 0; i < v->head->argv.n; i++)
		if (span_eqs(v->head->argv.v[i], NO_MODE))
			return true;
	return false;
}

bool dg_peer_gone(const struct judge *j)
{
	struct view peer;

	if (!has_peer(j->v))
		return false;
	view_init_nth(&peer, j->v->tr, 2, j->a);
	return life_gave_up(&peer);
}

void dg_strangers(struct judge *j, const char *nothing)
{
	const struct event *limit = dg_limit(j->v, 1, UINT32_MAX);

	if (limit && !j_lagged(j, limit))
		j_unsure(j,
			 "%s in another mode, and whether the two understand "
			 "each other is not known",
			 nothing);
}

bool view_step_cuts(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "cut"))
			return true;
	return false;
}

bool view_waits_idle(const struct view *v, const struct event *step)
{
	return span_eqs(step->step.kind, "wait") &&
	       step->n < life_stimulus(v, 1);
}

static bool some_step_waits(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_STEP && view_waits_idle(v, ev))
			return true;
	return false;
}

bool dg_up(struct judge *j, const char *mode, struct dg_flow *f)
{
	enum framing framing;

	if (!dg_mode(j, mode, &framing) || dg_peer_gone(j) ||
	    !dg_passes_relay(j))
		return false;
	dg_flow(j, DG_UP, f);
	return f->in.n > 0;
}

bool dg_streamed(struct judge *j, const char *mode, enum dg_way way,
		 struct dg_flow *f)
{
	enum framing framing;

	if (!dg_mode(j, mode, &framing) || !dg_is_cross(j->v) ||
	    dg_peer_gone(j) || !dg_passes_relay(j))
		return false;
	dg_flow(j, way, f);
	return f->in.n > 0 || f->in.rest.n > 0;
}

/* The first end of an application's connection by the harness, or NULL. */
static const struct event *left(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_CLOSE &&
		    span_starts(ev->close.what, SPAN("app")))
			return ev;
	return NULL;
}

static bool serves(struct judge *j, struct dg_flow *up)
{
	enum framing framing;

	if (!dg_mode(j, UDP, &framing) || !dg_is_cross(j->v) || dg_peer_gone(j))
		return false;
	dg_flow(j, DG_UP, up);
	return up->in.n > 0;
}

/* A frame behind event @from came out; or it is due. */
static void must_serve(struct judge *j, const struct dg_flow *up, uint32_t from,
		       const char *behind)
{
	const struct event *limit = dg_limit(j->v, from, UINT32_MAX);

	if (life_ended_unasked(j->v, from)) {
		j_broken(j, end_ev(j->v), "service that goes on",
			 "that the server %s, %s", view_how_ended(j->v),
			 behind);
		return;
	}
	for_dgs(d, &up->in)
	{
		if (d->ev->n > from && d->pair) {
			j_pass(j, d->ev->n);
			return;
		}
	}
	if (limit)
		j_late(j, limit, "service that goes on", "no datagram, %s",
		       behind);
}

REQ(us_t2_r1) = {
	.id = "US-T2-R1",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "Table 2 row 1",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A datagram from the Server App without a matching "
		 "connection is dropped.",
	.traps = "ICMP port unreachable is fine.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_t2_r1,
};

static void us_t2_r1(struct judge *j)
{
	const struct event *end = left(j->v), *stray = NULL;
	struct dg_flow up, down;

	if (!end || !serves(j, &up))
		return;
	dg_flow(j, DG_DOWN, &down);
	for_dgs(d, &down.in)
	{
		if (d->ev->n < end->n)
			continue;
		stray = stray ? stray : d->ev;
		if (d->pair && stray == d->ev)
			j_broken(
				j, d->pair->ev->n,
				"nothing of what comes for a connection that has ended",
				"\"%s\" in another one", j_show(j, d->data));
	}
	if (stray)
		must_serve(j, &up, stray->n,
			   "after an answer to a connection that had ended");
}

REQ(us_t2_r3) = {
	.id = "US-T2-R3",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "Table 2 row 3",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A closed connection leaves the pool (its UDP socket is "
		 "released).",
	.traps = "Delay up to idle timeout.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_t2_r3,
};

static void us_t2_r3(struct judge *j)
{
	const struct event *before = view_event(j->v, EV_FDS, "before", 1);
	const struct event *after = view_event(j->v, EV_FDS, "settled", 1),
			   *limit;
	struct dg_flow up;

	if (!before || !after || !serves(j, &up) || !up.paired)
		return;
	limit = view_limit(j->v, "window", before->n);
	if (after->fds.count <= before->fds.count)
		j_pass(j, after->n);
	else if (limit)
		j_late(j, limit,
		       "as many descriptors as before the connections",
		       "%lld more",
		       (long long)(after->fds.count - before->fds.count));
}

REQ(us_t2_r4) = {
	.id = "US-T2-R4",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "Table 2 row 4",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A write failure removes the connection and drops the "
		 "datagram.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_t2_r4,
};

static void us_t2_r4(struct judge *j)
{
	const struct event *call = dg_call(j->v, 0);
	const struct event *cut = call ? dg_call_cut(j->v, call) : NULL;
	struct dg_flow up;

	if (cut && cut->close.how == CLOSED_RST && serves(j, &up) &&
	    up.in.v[up.in.n - 1].ev->n > cut->n)
		must_serve(j, &up, cut->n, "after a connection was reset");
}

REQ(us_t2_r5) = {
	.id = "US-T2-R5",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "Table 2 row 5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_WARN,
	.title = "An idle connection is timed out.",
	.traps = "Unknown value → SKIP.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_t2_r5,
};

static void us_t2_r5(struct judge *j)
{
	const struct event *call = dg_call(j->v, 0), *end, *limit;
	struct dg_flow up;

	if (!call || !some_step_waits(j->v) || !serves(j, &up) || !up.paired ||
	    dg_call_cut(j->v, call))
		return;
	end = dg_call_ended(j->v, call, ROLE_SERVER);
	limit = view_limit(j->v, "connect", call->n);
	if (end && !limit)
		j_pass(j, end->n);
	else if (limit && !left(j->v))
		j_late(j, limit, "the end of a connection that is not used",
		       "none");
}

REQ(us_iso_1) = {
	.id = "US-ISO-1",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Each transport connection has its own return path.",
	.traps = "Sharing one socket is legal only if replies can be told "
		 "apart.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_iso_1,
};

static void us_iso_1(struct judge *j)
{
	struct span sources[4];
	struct dg_flow up, down;
	size_t own = 0;

	if (!serves(j, &up) || dg_sources(&up, sources, 4) < 2 || left(j->v))
		return;
	dg_flow(j, DG_DOWN, &down);
	for_dgs(o, &down.out)
	{
		for_dgs(d, &up.in)
		{
			if (!span_eq(d->data, o->data))
				continue;
			own += span_eq(d->ch, o->ch);
			if (!span_eq(d->ch, o->ch))
				j_broken(j, o->ev->n,
					 "answers at the client that asked",
					 "at \"%s\" what \"%s\" had asked",
					 j_show(j, o->ch), j_show(j, d->ch));
		}
	}
	if (own > 1)
		j_pass(j, down.out.v[0].ev->n);
}

REQ(us_src_1) = {
	.id = "US-SRC-1",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "—",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Datagrams from strangers to the server's UDP socket are "
		 "not relayed to clients.",
	.traps = "Not stated.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_src_1,
};

static void us_src_1(struct judge *j)
{
	const struct event *said = NULL;
	struct dg_flow up, down;

	if (!view_event(j->v, EV_UDP, "stranger", 1) || !serves(j, &up))
		return;
	for_events (ev, j->v)
		if (ev->kind == EV_SENT && span_eqs(ev->sent.from, "stranger"))
			said = ev;
	dg_flow(j, DG_DOWN, &down);
	for_dgs(o, &down.out)
	{
		if (said && span_eq(o->data, said->sent.data))
			j_broken(j, o->ev->n, "nothing of a stranger", "\"%s\"",
				 j_show(j, o->data));
		else if (said && o->ev->n > said->n && o->pair)
			j_pass(j, o->ev->n);
	}
}

REQ(us_down_1) = {
	.id = "US-DOWN-1",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "—",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "ICMP errors (closed UDP destination) do not kill the "
		 "connection or process.",
	.traps = "Closing that one transport connection: WARN.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_down_1,
};

static void us_down_1(struct judge *j)
{
	const struct event *gone = view_event(j->v, EV_CLOSE, "or", 1), *end;
	struct dg_flow up;

	if (!gone || !serves(j, &up))
		return;
	end = dg_call(j->v, 0)
		      ? dg_call_ended(j->v, dg_call(j->v, 0), ROLE_SERVER)
		      : NULL;
	if (end && end->n > gone->n && !life_ended_unasked(j->v, gone->n) &&
	    end->n < life_stimulus(j->v, gone->n) &&
	    dg_ended_in_use(j, end, end->t - gone->t))
		j_say(j, V_WARN, end->n,
		      "a connection that goes on, though nobody is there",
		      "its end");
	else
		must_serve(j, &up, gone->n,
			   "after datagrams that nobody was there for");
}

/* --- modes --- */

REQ(mode_1) = {
	.id = "MODE-1",
	.area = AREA_MODES,
	.level = L_IMPLIED,
	.section = "3.3.5.6",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "A server runs one mode at a time, chosen by its own "
		 "configuration.",
	.traps = "No standard selector.",
	.needs = OF_SERVER | LAUNCHED,
	.profiles = IN_20,
	.judge = mode_1,
};

static void mode_1(struct judge *j)
{
	enum framing framing;

	if (dg_mode(j, NULL, &framing) && is_legal(j) &&
	    !view_has_bad_mode(j->v) && j->v->methods.n && j->v->done)
		j_pass(j, j->v->done->ev);
}

REQ(mode_2) = {
	.id = "MODE-2",
	.area = AREA_MODES,
	.level = L_IMPLIED,
	.section = "3.3.5.6",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Both ends must be in the same mode; mismatch must not "
		 "crash either.",
	.traps = "Data loss is expected.",
	.needs = LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = mode_2,
};

static void mode_2(struct judge *j)
{
	enum framing framing;
	struct view peer;

	if (!dg_mode(j, NULL, &framing) || !dg_is_cross(j->v) ||
	    !view_event(j->v, EV_SENT, NULL, 1))
		return;
	view_init_nth(&peer, j->v->tr, 2, j->a);
	if (life_ended_unasked(j->v, 1))
		j_broken(j, end_ev(j->v),
			 "both ends alive, though their modes differ",
			 "that the one %s", view_how_ended(j->v));
	else if (peer.spawn && life_ended_unasked(&peer, 1))
		j_broken(j, end_ev(&peer),
			 "both ends alive, though their modes differ",
			 "that the other one %s", view_how_ended(&peer));
	else
		j_pass(j, end_ev(j->v));
}

REQ(mode_3) = {
	.id = "MODE-3",
	.area = AREA_MODES,
	.level = L_IMPLIED,
	.section = "3.3.5.6",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "An unknown or contradictory mode request is an error.",
	.traps = "Flag not in 2.0.",
	.needs = OF_SERVER | LAUNCHED,
	.profiles = IN_20,
	.judge = mode_3,
};

static void mode_3(struct judge *j)
{
	enum outcome how = outcome(j);

	if (!view_has_bad_mode(j->v))
		return;
	if (how == OUT_REFUSED || any_method_error(j->v))
		j_pass(j, outcome_ev(j));
	else if (how == OUT_STARTED || how == OUT_CRASHED)
		j_broken(j, outcome_ev(j), "an error, as there is no such mode",
			 "%s", outcome_words(j));
}
