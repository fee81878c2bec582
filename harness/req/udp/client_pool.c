/*
 * client_pool.c - Table 1: when a client makes a connection, when it uses it,
 * and when it lets it go.  A relay of the harness stands in front of the
 * server, so that each connection is seen.
 */
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/udp/udp.h"

#define UDP "transparent-UDP"
/* Between what is seen on two channels, in µs. */
#define SLACK_US 1000000

static const struct event *relay_listens(const struct view *v)
{
	return view_event(v, EV_LISTEN, "relay", 1);
}

/* The relay holds up callers until then; or NULL. */
static const struct event *let_in(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "resume"))
			return ev;
	return NULL;
}

/* First datagram at or behind event @from that came out. */
static const struct dg *came(const struct dg_flow *f, uint32_t from)
{
	for_dgs(d, &f->in) if (d->pair && d->ev->n >= from) return d;
	return NULL;
}

/* Was the datagram that the deadline is about sent again and again? */
static bool was_again(const struct dg_flow *f, const struct event *limit)
{
	bool again = false;

	for_dgs(d, &f->in) if (d->ev->n < limit->n) again = d->again;
	return again;
}

/* What a datagram at event @from on is due: one comes out. */
static void must_come(struct judge *j, const struct dg_flow *f, uint32_t from,
		      const char *behind)
{
	const struct event *limit = dg_limit(j->v, from, UINT32_MAX);
	const struct dg *d = came(f, from);

	/* A single one may be lost for good. */
	if (limit && !was_again(f, limit))
		limit = NULL;
	if (life_ended_unasked(j->v, from))
		j_broken(j, end_ev(j->v), "service that goes on",
			 "that it %s, %s", view_how_ended(j->v), behind);
	else if (d)
		j_pass(j, d->ev->n);
	else if (limit)
		j_late(j, limit, "datagrams that come out", "none, %s", behind);
}

/* --- rows 1 to 4 --- */

static void judge_first(struct judge *j, const char *mode)
{
	const struct event *first, *call, *limit, *relay = relay_listens(j->v);
	enum framing framing;
	struct dg_flow f;

	if (!dg_mode(j, mode, &framing))
		return;
	if (relay && dg_misses_relay(j->v)) {
		/* It calls, in its way. */
		j_pass(j, relay->n);
		return;
	}
	if (!dg_up(j, mode, &f))
		return;
	first = f.in.v[0].ev;
	call = dg_call(j->v, 0);
	limit = dg_limit(j->v, first->n, UINT32_MAX);
	if (!relay || relay->n > first->n)
		return;
	if (!call && limit && !j_lagged(j, limit))
		j_say(j, V_FAIL, limit->n,
		      "a connection because of the first datagram", "none");
	else if (call && call->n > first->n && f.in.v[0].pair)
		j_say(j, V_WARN, f.in.v[0].pair->ev->n,
		      "a first datagram that is dropped", "that it came out");
	else if (call && call->n > first->n)
		j_pass(j, call->n);
}

REQ(uc_t1_r1) = {
	.id = "UC-T1-R1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 1",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "The first datagram without a pool entry creates one in "
		 "Waiting state, and is dropped.",
	.traps = "AMB-073: queueing is only WARN; not opening a connection "
		 "on the first datagram is FAIL.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r1,
};

static void uc_t1_r1(struct judge *j)
{
	judge_first(j, UDP);
}

/* Did what came out come by more than one connection?  One that is only there,
 * opened ahead, takes nothing from the one that is used. */
static bool is_spread(const struct dg_flow *f)
{
	for_dgs(d, &f->out) if (!span_eq(d->ch, f->out.v[0].ch)) return true;
	return false;
}

static void judge_waiting(struct judge *j, const char *mode)
{
	const struct event *open = let_in(j->v), *call;
	struct span sources[8];
	struct dg_flow f;
	size_t before = 0, n;

	if (!open || !dg_up(j, mode, &f) || f.in.v[0].ev->n > open->n ||
	    dg_calls(j->v, 1, open->n))
		return;
	for_dgs(d, &f.in)
	{
		before += d->ev->n < open->n;
		if (d->ev->n < open->n && d->pair && !j_said(j, V_WARN))
			j_say(j, V_WARN, d->pair->ev->n,
			      "datagrams that are dropped while it waits for its connection",
			      "that \"%s\" came out", j_show(j, d->data));
	}
	n = dg_sources(&f, sources, 8);
	call = dg_call(j->v, n);
	if (call &&
	    (is_spread(&f) || dg_calls(j->v, 1, UINT32_MAX) >= before) &&
	    !dg_call_ended(j->v, dg_call(j->v, 0), ROLE_CLIENT))
		j_say(j, V_FAIL, call->n, "one connection",
		      "another one for each datagram");
	else if (before > 1 && came(&f, open->n) && !j_said(j, V_WARN))
		j_pass(j, open->n);
}

REQ(uc_t1_r2) = {
	.id = "UC-T1-R2",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 2",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Datagrams during Waiting are dropped.",
	.traps = "Queueing WARN; opening many connections FAIL. Memory that "
		 "grows with what comes is WARN, but only where it does not "
		 "grow with datagrams that are sent: else it is garbage that "
		 "nobody has collected yet.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r2,
};

static void uc_t1_r2(struct judge *j)
{
	judge_waiting(j, UDP);
	judge_growth(j);
}

/* Is that connection still there, as far as anybody knows, when @ev comes? */
static bool is_open(const struct judge *j, const struct event *call,
		    const struct event *ev)
{
	const struct event *end[] = {
		dg_call_ended(j->v, call, ROLE_CLIENT),
		dg_call_ended(j->v, call, ROLE_SERVER),
		dg_call_cut(j->v, call),
	};

	for (size_t i = 0; i < 3; i++)
		if (end[i] && end[i]->t < ev->t + SLACK_US)
			return false;
	return call->n < ev->n;
}

/* A call while an earlier one is open; of a single source. */
static const struct event *second_call(const struct judge *j,
				       const struct dg_flow *f)
{
	struct span sources[2];
	const struct event *call, *before;

	if (dg_sources(f, sources, 2) != 1)
		return NULL;
	for (size_t i = 1; (call = dg_call(j->v, i)) != NULL; i++)
		for (size_t k = 0; k < i && (before = dg_call(j->v, k)) != NULL;
		     k++)
			if (is_open(j, before, call))
				return call;
	return NULL;
}

static void judge_connected(struct judge *j, const char *mode)
{
	const struct event *limit, *call, *more;
	struct dg_flow f;

	if (!dg_up(j, mode, &f) || !f.paired)
		return;
	more = second_call(j, &f);
	if (more && is_spread(&f))
		j_broken(j, more->n,
			 "datagrams on the connection that is there",
			 "a new one");
	for_dgs(d, &f.in)
	{
		call = dg_call(j->v, 0);
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->again || d->data.n == 0 || d->data.n > 1000 ||
		    f.stream_out)
			continue;
		if (d->pair)
			j_pass(j, d->ev->n);
		else if (limit && call && is_open(j, call, limit))
			j_late(j, limit, "each datagram at the other end",
			       "not \"%s\"", j_show(j, d->data));
	}
	if (f.stream_out && f.paired > 2)
		j_pass(j, f.in.v[0].ev->n);
}

REQ(uc_t1_r3) = {
	.id = "UC-T1-R3",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 3",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Datagrams in Connected state are sent on that connection.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r3,
};

static void uc_t1_r3(struct judge *j)
{
	judge_connected(j, UDP);
}

static void judge_success(struct judge *j, const char *mode)
{
	struct dg_flow f;

	if (!dg_up(j, mode, &f) || !dg_call(j->v, 0))
		return;
	/* In another mode than ours a server may not know what it gets. */
	if (f.paired || !f.stream_out)
		must_come(j, &f, 1, "though the connection was made");
}

REQ(uc_t1_r4) = {
	.id = "UC-T1-R4",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A successful connect changes Waiting to Connected.",
	.traps = "T-TIME.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r4,
};

static void uc_t1_r4(struct judge *j)
{
	judge_success(j, UDP);
}

/* --- rows 5 to 7 --- */

static void judge_lost(struct judge *j, const char *mode, enum closed_how how,
		       const char *behind)
{
	const struct event *call = dg_call(j->v, 0);
	const struct event *cut = call ? dg_call_cut(j->v, call) : NULL;
	struct dg_flow f;

	if (!cut || cut->close.how != how || !dg_up(j, mode, &f) ||
	    !came(&f, 1) || f.in.v[f.in.n - 1].ev->n < cut->n)
		return;
	must_come(j, &f, cut->n, behind);
}

REQ(uc_t1_r5) = {
	.id = "UC-T1-R5",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 5",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A closed connection leaves the pool.",
	.traps = "One or more datagrams lost meanwhile.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r5,
};

static void uc_t1_r5(struct judge *j)
{
	judge_lost(j, UDP, CLOSED_FULLY, "after the connection was closed");
}

static void judge_refused(struct judge *j, const char *mode)
{
	const struct event *relay = relay_listens(j->v);
	struct dg_flow f;

	if (!relay || !dg_up(j, mode, &f) || f.in.v[0].ev->n > relay->n)
		return;
	must_come(j, &f, relay->n, "after a connection had failed");
}

REQ(uc_t1_r6) = {
	.id = "UC-T1-R6",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 6",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A failed connect leaves the pool, so a later datagram "
		 "tries again.",
	.traps = "Back-off between attempts is tolerated up to the connect "
		 "limit.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r6,
};

static void uc_t1_r6(struct judge *j)
{
	judge_refused(j, UDP);
}

REQ(uc_t1_r7) = {
	.id = "UC-T1-R7",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 7",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A write failure removes the entry and drops that datagram.",
	.traps = "The failing write may succeed locally first.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r7,
};

static void uc_t1_r7(struct judge *j)
{
	judge_lost(j, UDP, CLOSED_RST, "after the connection was reset");
}

/* --- row 8 --- */

/* The deadline of a wait for idle connections, or its end, or NULL. */
static const struct event *waited(const struct view *v)
{
	bool waits = false;

	for_events (ev, v) {
		if (ev->kind == EV_STEP)
			waits = view_waits_idle(v, ev);
		if (waits && (ev->kind == EV_LIMIT || ev->kind == EV_MET))
			return ev;
	}
	return NULL;
}

static void judge_idle(struct judge *j, const char *mode)
{
	const struct event *call = dg_call(j->v, 0), *over = waited(j->v), *end;
	struct dg_flow f;

	if (!call || !over || !dg_up(j, mode, &f) || dg_call_cut(j->v, call))
		return;
	end = dg_call_ended(j->v, call, ROLE_CLIENT);
	if (over->kind == EV_LIMIT && !j_lagged(j, over))
		j_say(j, V_WARN, over->n,
		      "the end of a connection that is not used", "none");
	else if (end && end->n < over->n)
		j_pass(j, end->n);
}

REQ(uc_t1_r8) = {
	.id = "UC-T1-R8",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 8",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "An unused connection is closed after a timeout and "
		 "removed.",
	.traps = "Value unspecified: SKIP if unknown and waiting disabled.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r8,
};

static void uc_t1_r8(struct judge *j)
{
	judge_idle(j, UDP);
}

REQ(uc_t1_r9) = {
	.id = "UC-T1-R9",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "Table 1 row 8",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Use renews the timeout.",
	.traps = "needs known timeout.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_t1_r9,
};

static void uc_t1_r9(struct judge *j)
{
	const struct event *call = dg_call(j->v, 0), *end, *last = NULL;
	int64_t idle = dg_idle_us(j->v), unused;
	struct span sources[2];
	struct dg_flow f;

	/* Of several applications each may have its own. */
	if (!call || !idle || !dg_up(j, UDP, &f) || !f.paired ||
	    dg_sources(&f, sources, 2) > 1)
		return;
	for_dgs(d, &f.in) last = d->ev;
	end = dg_call_ended(j->v, call, ROLE_CLIENT);
	unused = end ? dg_unused_us(j->v, end) : 0;
	if (end && end->n < life_stimulus(j->v, call->n) && last->n > end->n &&
	    dg_ended_in_use(j, end, unused))
		j_broken(j, end->n, "a connection that stays while it is used",
			 "its end %lld ms after the last datagram",
			 (long long)unused / 1000);
	else if (last->t - call->t > idle * 3 / 2 && (!end || end->n > last->n))
		j_pass(j, last->n);
}

REQ(uc_tmo_1) = {
	.id = "UC-TMO-1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.3",
	.role = "udp-client",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "The timeout can be configured.",
	.traps = "No parameter is defined.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_tmo_1,
};

static void uc_tmo_1(struct judge *j)
{
	const struct event *call = dg_call(j->v, 0), *over = waited(j->v), *end;
	int64_t idle = dg_idle_us(j->v), unused;
	struct dg_flow f;

	if (!call || !over || !idle || !dg_up(j, NULL, &f))
		return;
	end = dg_call_ended(j->v, call, ROLE_CLIENT);
	unused = end ? dg_unused_us(j->v, end) : 0;
	if (end && unused >= idle / 4 * 3)
		j_pass(j, end->n);
	else if (dg_ended_in_use(j, end, unused))
		j_broken(j, end->n, "the time that the target names", "%lld ms",
			 (long long)unused / 1000);
}

/* --- the pool --- */

REQ(uc_pool_1) = {
	.id = "UC-POOL-1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.3",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Transport connections are opened lazily, not at start.",
	.traps = "Pre-handshakes with a broker: INFO.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = uc_pool_1,
};

static void uc_pool_1(struct judge *j)
{
	const struct event *call = dg_call(j->v, 0), *first;
	struct dg_flow f;

	if (!dg_up(j, NULL, &f))
		return;
	first = f.in.v[0].ev;
	if (call && call->n < first->n)
		j_broken(j, call->n, "no connection before there is a datagram",
			 "one");
	else if (relay_listens(j->v) && relay_listens(j->v)->n < first->n)
		j_pass(j, first->n);
}

REQ(uc_pool_2) = {
	.id = "UC-POOL-2",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.3",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Existing connections are reused.",
	.traps = "Connections that are opened ahead, and carry nothing, are "
		 "no second ones for the same datagrams: WARN, as they should "
		 "be opened lazily.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_pool_2,
};

static void uc_pool_2(struct judge *j)
{
	const struct event *more;
	struct dg_flow f;

	if (!dg_up(j, NULL, &f))
		return;
	more = second_call(j, &f);
	if (more && is_spread(&f))
		j_broken(j, more->n,
			 "one connection for all datagrams of a source",
			 "another one beside it");
	else if (more && f.paired > 2)
		j_say(j, V_WARN, more->n,
		      "connections that are opened when a datagram needs one",
		      "one ahead, on which none came");
	else if (f.paired > 2)
		j_pass(j, f.in.v[0].ev->n);
}

REQ(stn_c_3) = {
	.id = "STN-C-3",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "Table 1",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Pool behaviour is the same as in transparent UDP.",
	.traps = "as there.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_c_3,
};

static void stn_c_3(struct judge *j)
{
	judge_first(j, "STUN");
	judge_waiting(j, "STUN");
	judge_connected(j, "STUN");
	judge_success(j, "STUN");
	judge_lost(j, "STUN", CLOSED_FULLY, "after the connection was closed");
	judge_lost(j, "STUN", CLOSED_RST, "after the connection was reset");
	judge_refused(j, "STUN");
	judge_idle(j, "STUN");
}
