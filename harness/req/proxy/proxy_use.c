/*
 * proxy_use.c - whether a client uses the proxy that it accepted, and nothing
 * else.
 *
 * The evidence is packets to anything else than the proxy.  A transport that
 * never came to dial proves nothing, so a pass needs a call.
 */
#include "harness/req/proxy/proxy.h"

#include "harness/req/traffic/outgoing.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

/* --- the ways that packets take --- */

static const char nothing_else[] = "nothing but connections to the proxy";

static bool scanned(const struct judge *j, struct outgoing *o)
{
	struct proxy_uri u;

	if (!proxy_accepted(j, &u))
		return false;
	outgoing_scan(j, &u, o);
	return true;
}

static void went_around(struct judge *j, const struct event *packet,
			const char *expected)
{
	j_broken(j, packet->n, expected, "%s, in spite of `PROXY DONE`",
		 packet_words(j, packet));
	j_also(j, j->v->proxy_done->ev);
}

/* One that calls its proxy in other launches has its reasons here: some dial
 * only when there is something to send. */
static void no_call(struct judge *j)
{
	if (!j->rf->calls_proxy)
		j_unsure(j, "it called nobody for the session, not even the "
			    "proxy");
}

REQ(px_use_1) = {
	.id = "PX-USE-1",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net,pcap",
	.dflt = V_FAIL,
	.title = "All outgoing network connections go through the accepted "
		 "proxy.",
	.traps = "Loopback traffic with the harness's client app is not "
		 "outgoing. Local IPC is not network.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_use_1,
};

static void px_use_1(struct judge *j)
{
	struct outgoing o;

	if (!scanned(j, &o))
		return;
	if (o.direct[TROUBLE_NONE] && o.direct_first)
		went_around(j, o.direct[TROUBLE_NONE], nothing_else);
	else if (!o.sessions || outgoing_direct(&o))
		return;
	else if (o.call)
		pass_if_seen(j, o.call);
	else if (!o.trouble[TROUBLE_DOWN])
		no_call(j);
}

REQ(px_use_2) = {
	.id = "PX-USE-2",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "This holds for every connection, including later ones, "
		 "retries and helper traffic (broker, TLS front, update "
		 "checks).",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_use_2,
};

static void px_use_2(struct judge *j)
{
	struct outgoing o;

	if (!scanned(j, &o))
		return;
	if (o.direct[TROUBLE_NONE] && !o.direct_first)
		went_around(j, o.direct[TROUBLE_NONE], nothing_else);
	else if (o.call && o.sessions > 1 && !outgoing_direct(&o))
		pass_if_seen(j, o.call);
}

/* @called: there is no such trouble without a call at the proxy.  Else one is
 * needed, and a session that came to nothing: some say yes before they dial. */
static void judge_closed(struct judge *j, enum trouble t, bool called)
{
	struct outgoing o;

	if (!scanned(j, &o) || !o.trouble[t])
		return;
	if (o.direct[t]) {
		went_around(j, o.direct[t], nothing_else);
		j_also(j, o.trouble[t]->n);
	} else if (!outgoing_direct(&o) && o.settled[t] &&
		   (called ||
		    (o.call && o.session && !session_ok(o.session)))) {
		/* What was dropped has to have been established. */
		if (t != TROUBLE_DROPPED || !no_session_alone(j))
			pass_if_seen(j, o.settled[t]);
	}
}

REQ(px_closed_1) = {
	.id = "PX-CLOSED-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "If the proxy is unreachable the connection fails; no "
		 "direct attempt (\"fail closed\").",
	.traps = "PROXY-ERROR at start because the proxy is down is also "
		 "fail-closed.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_closed_1,
};

static void px_closed_1(struct judge *j)
{
	judge_closed(j, TROUBLE_DOWN, false);
}

REQ(px_closed_2) = {
	.id = "PX-CLOSED-2",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "Same when the proxy refuses: authentication failure, no "
		 "acceptable method (0xFF), non-zero REP, HTTP 4xx/5xx, "
		 "garbage, early close, stall.",
	.traps = "Stall: outcome within connect limit, or still pending; "
		 "just no direct packet.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_closed_2,
};

/* What came from the client after its password was refused: the end of the
 * connection was left to it.  What it had sent ahead came before. */
static const struct event *went_on(const struct judge *j)
{
	const struct event *auth = NULL, *refused = NULL;

	for_events (ev, j->v) {
		if (ev->kind == EV_UPSTREAM &&
		    ev->upstream.stage == PROXY_DID_AUTH)
			auth = ev;
		else if (ev->kind == EV_UPSTREAM && auth &&
			 span_eq(ev->upstream.conn, auth->upstream.conn))
			refused = ev->upstream.stage == PROXY_DID_REFUSED
					  ? ev
					  : NULL;
		else if (ev->kind == EV_RECV && ev->recv.data.n && refused &&
			 span_eq(ev->recv.conn, refused->upstream.conn))
			return ev;
	}
	return NULL;
}

static void px_closed_2(struct judge *j)
{
	const struct event *on = went_on(j);

	judge_closed(j, TROUBLE_REFUSED, true);
	if (on)
		j_broken(j, on->n,
			 "the end of the connection, or silence, once the "
			 "proxy refused the password",
			 "%s", j_show(j, on->recv.data));
}

REQ(px_closed_3) = {
	.id = "PX-CLOSED-3",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "If the proxy drops an established connection, nothing is "
		 "re-sent directly.",
	.needs = OF_CLIENT | LAUNCHED,
	.stimuli = STIMULUS(SESSIONS_ALONE),
	.judge = px_closed_3,
};

static void px_closed_3(struct judge *j)
{
	judge_closed(j, TROUBLE_DROPPED, true);
}

bool judge_px_called(struct judge *j)
{
	struct outgoing o;

	if (!scanned(j, &o) || !o.sessions)
		return false;
	if (o.call)
		j_pass(j, o.call->n);
	else if (outgoing_direct(&o))
		went_around(j, outgoing_direct(&o), "a connection to it");
	else
		no_call(j);
	return true;
}

/* --- the flag and the variable --- */

/* A connection at the proxy of that setting, or NULL. */
static const struct event *call_at(const struct judge *j, struct span setting)
{
	const struct event *listener;
	struct proxy_uri u;

	uri_parse(j->a, setting, &u);
	listener = u.addr.family ? listener_at(j->v, &u.addr) : NULL;
	return listener ? accepted(j->v, listener, listener->n) : NULL;
}

/* Both can be used: the calls tell them apart. */
static void judge_which_is_used(struct judge *j, const struct override *o)
{
	const struct event *env = call_at(j, o->env);
	const struct event *flag = call_at(j, o->flag);

	if (env)
		j_broken(j, env->n, "connections to the proxy of the flag",
			 "one to the proxy of the variable");
	else if (flag)
		j_pass(j, flag->n);
}

/* Does the harness listen at the proxy of that setting?  Who tries that out may
 * refuse a proxy that is not there. */
static bool is_there(const struct judge *j, struct span setting)
{
	struct proxy_uri u;

	uri_parse(j->a, setting, &u);
	return u.addr.family && listener_at(j->v, &u.addr);
}

/* One of the two is malformed, so the answer tells them apart. */
static void judge_which_is_answered(struct judge *j, const struct override *o,
				    bool flag_good)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);
	const struct line *done = j->v->proxy_done;

	if (done && flag_good)
		j_pass(j, done->ev);
	else if (done && j->rf->refuses_bad_proxy && !j->rf->takes_bad_proxy)
		j_broken(j, done->ev, "`PROXY-ERROR` for the flag's value",
			 "%s", line_words(j, done));
	else if (error && j->rf->proxy_socks5 && !flag_good)
		j_pass(j, error->ev);
	else if (error && j->rf->proxy_socks5 && is_there(j, o->flag))
		j_broken(j, error->ev, "`PROXY DONE` for the flag's value",
			 "%s", line_words(j, error));
}

REQ(cfg_ovr_px_1) = {
	.id = "CFG-OVR-PX-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-proxy` overrides `TOR_PT_PROXY`.",
	.traps = "T-NOMODE: only beside a plain proxy that was accepted, "
		 "and a malformed one that was refused, by the variable. A "
		 "client may try out whether its proxy is there.",
	.needs = OF_CLIENT,
	.profiles = IN_20,
	.judge = cfg_ovr_px_1,
};

static void cfg_ovr_px_1(struct judge *j)
{
	struct override o;
	bool flag_good, env_good;

	if (!overridden(j->v, PROXY, &o))
		return;
	flag_good = uri_classify(o.flag) == URI_ACCEPTABLE;
	env_good = uri_classify(o.env) == URI_ACCEPTABLE;
	if (flag_good && env_good)
		judge_which_is_used(j, &o);
	else if (flag_good || env_good)
		judge_which_is_answered(j, &o, flag_good);
}
