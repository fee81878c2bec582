/*
 * anonymity_proxy.c - a proxy setting that fails open: packets past a proxy that
 * was accepted, and service without one that was not.
 */
#include "harness/req/conduct/anonymity.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/outgoing.h"

#define PROXY "TOR_PT_PROXY"

REQ(an_fc_1) = {
	.id = "AN-FC-1",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "The upstream proxy setting fails closed.",
	.traps = "as there.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = an_fc_1,
};

static void an_fc_1(struct judge *j)
{
	const struct event *packet;
	struct proxy_uri u;
	struct outgoing o;

	if (!proxy_accepted(j, &u))
		return;
	outgoing_scan(j, &u, &o);
	packet = outgoing_direct(&o);
	if (packet)
		j_broken(j, packet->n, "nothing but connections to the proxy",
			 "%s, in spite of `PROXY DONE`",
			 packet_words(j, packet));
	else if (o.sessions && o.call)
		pass_if_seen(j, o.call);
}

/* The setting is malformed, or was refused with a word. */
static bool is_unusable(const struct judge *j)
{
	struct span s = env_only(j->v, PROXY);
	struct proxy_uri u;

	if (!s.n)
		return false;
	uri_parse(j->a, s, &u);
	return error_line(j->v, IPC_PROXY_ERROR) ||
	       u.anomalies & (PROXY_MALFORMED | URI_UNKNOWN_SCHEME);
}

/* The first packet that goes past the proxy of the setting, if that names one:
 * who tries out whether it is there before it answers leaks nothing. */
static const struct event *past_the_proxy(const struct judge *j)
{
	struct proxy_uri u;
	struct addr to;

	uri_parse(j->a, env_only(j->v, PROXY), &u);
	for_events (ev, j->v)
		if (ev->kind == EV_PACKET &&
		    (!u.addr.family || addr_parse(ev->packet.to, &to) ||
		     !addr_eq(&to, &u.addr)))
			return ev;
	return NULL;
}

/* A listener that it announced, or has. */
static void judge_listener(struct judge *j, const char *expected)
{
	const struct event *snap = running_sockets(j->v);

	for_methods (m, j->v)
		j_broken(j, m->line->ev, expected, "%s",
			 line_words(j, m->line));
	for_events (ev, j->v)
		if (snap && ev->kind == EV_SOCKET &&
		    span_eq(ev->socket.in, event_name(snap)) &&
		    span_starts(ev->socket.proto, SPAN("tcp")))
			j_broken(j, ev->n, expected, "a listener at %s",
				 j_show(j, ev->socket.addr));
}

REQ(an_fc_2) = {
	.id = "AN-FC-2",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "A malformed or refused proxy setting never results in "
		 "direct service.",
	.traps = "Trying out whether the proxy is there, before it is refused.",
	.needs = OF_CLIENT | LAUNCHED,
	.stimuli = STIMULUS(PROXY_REFUSABLE),
	.judge = an_fc_2,
};

static void an_fc_2(struct judge *j)
{
	static const char expected[] =
		"neither packets nor a listener without the proxy";
	const struct event *packet;

	if (!is_unusable(j))
		return;
	packet = past_the_proxy(j);
	if (packet)
		j_broken(j, packet->n, expected, "%s", packet_words(j, packet));
	/* That such a proxy was accepted is the business of other rules. */
	if (j->v->proxy_done)
		return;
	judge_listener(j, expected);
	if (view_ended(j->v))
		pass_quietly(j, j->v->exit);
}
