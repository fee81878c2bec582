/*
 * client_use.c - what applications have of a client: who gets the answers, how
 * it is told its settings, and that it keeps to the proxy.
 */
#include "harness/req/launch/setup.h"
#include "harness/req/udp/udp.h"

/* --- what comes back --- */

REQ(uc_ret_1) = {
	.id = "UC-RET-1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Frames coming back are delivered as datagrams to the app, "
		 "from the announced port.",
	.traps = "First echoes may be lost.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_ret_1,
};

static void uc_ret_1(struct judge *j)
{
	const struct method *m = view_method(j->v, view_first_known(j->v));
	const struct event *limit;
	enum framing framing;
	struct dg_flow f;
	struct addr from;

	if (!dg_mode(j, NULL, &framing) || dg_is_cross(j->v) || !m ||
	    dg_peer_gone(j) || view_step_cuts(j->v))
		return;
	dg_flow(j, DG_DOWN, &f);
	for_dgs(o, &f.out) if (o->pair && !addr_parse(o->ev->got.from, &from) &&
			       !addr_eq(&from, &m->m.addr) &&
			       !addr_is_any(&m->m.addr))
		j_broken(j, o->ev->n, "answers from the announced address",
			 "one from %s", j_show(j, o->ev->got.from));
	limit = f.in.n ? dg_limit(j->v, f.in.v[0].ev->n, UINT32_MAX) : NULL;
	if (f.paired)
		j_pass(j, f.out.v[0].ev->n);
	else if (limit)
		j_late(j, limit,
		       "what the destination answered at the application",
		       "nothing");
}

REQ(uc_ret_2) = {
	.id = "UC-RET-2",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Returned frames split or coalesced by TCP are reassembled.",
	.traps = "T-OBFS.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_ret_2,
};

static void uc_ret_2(struct judge *j)
{
	const struct event *limit;
	const struct dg *odd, *lost, *passed;
	enum framing framing;
	struct dg_flow f;

	if (!dg_mode(j, NULL, &framing) || !dg_is_cross(j->v))
		return;
	dg_flow(j, DG_DOWN, &f);
	odd = dg_stranger(&f);
	lost = dg_missing(j->v, &f, &limit);
	passed = dg_passed_over(j->v, &f);
	if (f.in.n == 0)
		return;
	if (odd)
		j_broken(j, odd->ev->n, "a datagram for each frame", "\"%s\"",
			 j_show(j, odd->data));
	else if (passed)
		dg_say_passed_over(j, passed, "a datagram for each frame");
	else if (lost)
		j_late(j, limit, "a datagram for each frame", "none for \"%s\"",
		       j_show(j, lost->data));
	else if (f.paired > 1)
		j_pass(j, f.out.v[0].ev->n);
}

/* --- several applications --- */

/* Who sent that; absent: nobody. */
static struct span sender_of(const struct dg_flow *up, const struct dg *d)
{
	for_dgs(in, &up->in) if (span_eq(in->data, d->data)) return in->ch;
	return (struct span){ 0 };
}

REQ(uc_pool_3) = {
	.id = "UC-POOL-3",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.3",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Several app sources are served at the same time without "
		 "mixing replies.",
	.traps = "AMB-074: with one shared connection replies cannot be told "
		 "apart; if the PT uses one connection per PT-server address "
		 "as the prose says, mixing is inherent → WARN unless the PT "
		 "opened separate connections.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_pool_3,
};

/* So often is an application heard before it is said that it is not served;
 * meanwhile a connection for it could be made many times. */
#define TRIES 20

/* The end of a connection that an application, which sends from @first on, had
 * to wait for before there was one for it; or NULL. */
static const struct event *waited_for(const struct judge *j,
				      const struct dg_flow *up,
				      const struct dg *first)
{
	size_t calls = dg_calls(j->v, 1, first->ev->n), tries = 0;
	const struct event *end = NULL;

	for (size_t i = 0; i < calls; i++) {
		const struct event *e =
			dg_call_ended(j->v, dg_call(j->v, i), ROLE_CLIENT);

		if (e && e->n > first->ev->n && (!end || e->n < end->n))
			end = e;
	}
	if (!end || dg_calls(j->v, first->ev->n, end->n))
		return NULL;
	for_dgs(d, &up->in)
	{
		if (!span_eq(d->ch, first->ch) || d->ev->n > end->n)
			continue;
		if (d->pair && d->pair->ev->n < end->n)
			return NULL;
		tries += d->again;
	}
	return tries >= TRIES ? end : NULL;
}

static bool is_first(const struct dg_flow *up, const struct dg *d)
{
	for (const struct dg *e = up->in.v; e < d; e++)
		if (span_eq(e->ch, d->ch))
			return false;
	return true;
}

/* Applications that get their turn when others are through. */
static void judge_turns(struct judge *j, const struct dg_flow *up)
{
	for_dgs(d, &up->in)
	{
		const struct event *end;

		if (!is_first(up, d))
			continue;
		end = waited_for(j, up, d);
		if (end && !j_own_late(j, event_name(end), end->n))
			j_broken(j, end->n,
				 "service for several applications at once",
				 "nothing of \"%s\" before a connection of "
				 "another one had ended",
				 j_show(j, d->ch));
	}
}

/*
 * An answer goes to the port from which the server had asked.  When the session
 * has ended meanwhile, the port may be that of another one, and the answer
 * comes to whom that belongs.
 */
static bool port_was_both(const struct dg_flow *up, const struct dg *answer)
{
	const struct event *sent = answer->pair ? answer->pair->ev : NULL;

	if (!sent || sent->kind != EV_SENT)
		return false;
	for_dgs(d, &up->out) if (d->ev->kind == EV_GOT && d->pair &&
				 span_eq(d->ev->got.from, sent->sent.to) &&
				 span_eq(d->pair->ch, answer->ch)) return true;
	return false;
}

static void uc_pool_3(struct judge *j)
{
	struct span sources[8];
	struct dg_flow up, down;
	size_t n, own = 0;

	if (!dg_up(j, NULL, &up) || up.stream_out)
		return;
	dg_flow(j, DG_DOWN, &down);
	n = dg_sources(&up, sources, 8);
	if (n < 2)
		return;
	for_dgs(o, &down.out)
	{
		struct span from = sender_of(&up, o);

		own += span_eq(from, o->ch);
		if (!span_absent(from) && !span_eq(from, o->ch) &&
		    !port_was_both(&up, o))
			j_say(j,
			      dg_calls(j->v, 1, UINT32_MAX) > 1 ? V_FAIL
								: V_WARN,
			      o->ev->n, "answers at the application that asked",
			      "at \"%s\" what \"%s\" had asked",
			      j_show(j, o->ch), j_show(j, from));
	}
	judge_turns(j, &up);
	if (own > 1)
		j_pass(j, down.out.v[0].ev->n);
}

REQ(uc_pool_4) = {
	.id = "UC-POOL-4",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.3",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_INFO,
	.title = "The pool key is the PT server address (prose) or the app "
		 "source (practice).",
	.traps = "Either.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_pool_4,
};

static void uc_pool_4(struct judge *j)
{
	struct span sources[8];
	struct dg_flow f;
	size_t n;

	if (!dg_up(j, NULL, &f) || !f.paired)
		return;
	n = dg_sources(&f, sources, 8);
	if (n > 1 && dg_calls(j->v, 1, UINT32_MAX) < n)
		j_broken(j, dg_call(j->v, 0)->n,
			 "a connection for each source, or one for all",
			 "%zu for %zu sources", dg_calls(j->v, 1, UINT32_MAX),
			 n);
	else if (n > 1)
		j_pass(j, dg_call(j->v, 0)->n);
}

/* --- settings, and the proxy --- */

REQ(uc_cfg_1) = {
	.id = "UC-CFG-1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.2",
	.role = "udp-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "UDP modes can be run entirely from command-line flags, "
		 "without a host process.",
	.traps = "Flag names beyond 3.3.1 are implementation-defined.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = uc_cfg_1,
};

static void uc_cfg_1(struct judge *j)
{
	struct dg_flow f;
	enum framing framing;

	if (!dg_mode(j, NULL, &framing) || !view_has_flags(j->v) ||
	    !target_says(j, "ended") ||
	    !span_absent(view_env(j->v, "TOR_PT_MANAGED_TRANSPORT_VER")))
		return;
	dg_flow(j, DG_UP, &f);
	if (f.paired)
		j_pass(j, f.in.v[0].ev->n);
	else
		must_start(j, "a client that is told all by flags");
}

REQ(uc_cfg_2) = {
	.id = "UC-CFG-2",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.2",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Per-connection settings are global in UDP modes.",
	.traps = "AMB-043.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_cfg_2,
};

static void uc_cfg_2(struct judge *j)
{
	struct dg_flow f;

	if (!dg_up(j, NULL, &f) ||
	    span_absent(pairs_get(&j->v->head->vars, "settings")))
		return;
	if (f.paired)
		j_pass(j, f.in.v[0].ev->n);
	else if (dg_limit(j->v, 1, UINT32_MAX))
		j_broken(j, dg_limit(j->v, 1, UINT32_MAX)->n,
			 "settings that are told by the command line",
			 "no datagram at the other end");
}

REQ(px_udp_1) = {
	.id = "PX-UDP-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2, 3.3.5.3",
	.role = "udp-client",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "In UDP modes the transport's outgoing connections also use "
		 "the proxy.",
	.traps = "T-NOMODE; PROXY-ERROR in that mode is fine.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = px_udp_1,
};

static void px_udp_1(struct judge *j)
{
	const struct event *direct = dg_call(j->v, 0);
	const struct event *limit;
	struct dg_flow f;

	if (span_absent(view_setting(j->v, "TOR_PT_PROXY")) ||
	    !dg_up(j, NULL, &f) || !j->v->proxy_done)
		return;
	limit = dg_limit(j->v, f.in.v[0].ev->n, UINT32_MAX);
	for_events (ev, j->v)
		if (ev->kind == EV_ACCEPT &&
		    span_eqs(group_of(ev->accept.name), "proxy"))
			j_pass(j, ev->n);
	if (direct)
		j_broken(j, direct->n, "a connection by way of the proxy",
			 "one without it");
	else if (limit && !j_said(j, V_PASS))
		j_late(j, limit, "a connection by way of the proxy", "none");
}
