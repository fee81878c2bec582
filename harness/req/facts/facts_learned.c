/*
 * facts_learned.c - see facts_learned.h.
 */
#include "harness/req/facts/facts_learned.h"

#include <string.h>

#include "harness/req/traffic/extor_session.h"
#include "harness/req/traffic/settings_block.h"
#include "harness/req/traffic/socks_dialogue.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

/* A plain proxy, by IPv4 address and without credentials, was accepted; a
 * malformed one was not. */
static void learn_proxy(struct role_facts *f, const struct view *v)
{
	struct span s = env_only(v, "TOR_PT_PROXY");
	struct proxy_uri u;

	if (!s.n)
		return;
	uri_parse(v->a, s, &u);
	if (u.anomalies & PROXY_MALFORMED) {
		f->refuses_bad_proxy |= error_line(v, IPC_PROXY_ERROR) != NULL;
		f->takes_bad_proxy |= v->proxy_done || v->done;
	}
	if (!v->proxy_done || u.anomalies || !span_absent(u.user) ||
	    u.addr.family != AF_INET)
		return;
	if (span_eqs(u.scheme, "socks5"))
		f->proxy_socks5 = true;
	if (span_eqs(u.scheme, "socks4a"))
		f->proxy_socks4a = true;
}

/* A proxy was called, and asked for the very place of a session. */
static void learn_calls(struct role_facts *f, const struct view *v)
{
	struct span asked = { NULL, 0 };

	for_events (ev, v) {
		if (ev->kind == EV_UPSTREAM)
			f->calls_proxy = true;
		if (ev->kind == EV_UPSTREAM &&
		    ev->upstream.stage == PROXY_DID_REQUEST)
			asked = ev->upstream.what;
		if (ev->kind == EV_SOCKS && asked.n &&
		    span_eq(ev->socks.dest, asked))
			f->asks_as_told = true;
	}
}

/* The first packet of that kind to the place that @d asked for, or NULL. */
static const struct event *packet_to(const struct view *v,
				     const struct dialogue *d,
				     enum packet_type kind)
{
	struct addr to;

	for_events (ev, v)
		if (ev->kind == EV_PACKET && ev->packet.what == kind &&
		    !addr_parse(ev->packet.to, &to) &&
		    to.family == d->said.to.addr.family &&
		    memcmp(to.ip, d->said.to.addr.ip, sizeof(to.ip)) == 0)
			return ev;
	return NULL;
}

/* The frame in which the application's own bytes went to the client, or 0. */
static int64_t data_frame(const struct view *v)
{
	struct addr to;

	for_events (ev, v)
		if (ev->kind == EV_VISIBLE && !addr_parse(ev->visible.to, &to))
			for_methods (m, v)
				if (addr_eq(&m->m.addr, &to))
					return ev->visible.frame;
	return 0;
}

/* Did somebody come to a listener of the harness's that is another host? */
static bool came_far(const struct judge *j, uint32_t since)
{
	struct addr a;

	for_events (ev, j->v)
		if (ev->kind == EV_LISTEN && !addr_parse(ev->listen.addr, &a) &&
		    !addr_is_loopback(&a) && accepts(j, ev, since))
			return true;
	return false;
}

static bool has_names(const struct dialogues *all)
{
	for_dialogues (d, all)
		if (dialogue_asked(d) && d->said.to.atyp == SOCKS_NAME)
			return true;
	return false;
}

/* What kinds of destinations it has a use for.  Beside names a packet may be
 * for one of these. */
static void learn_kinds(struct role_facts *f, const struct judge *j,
			const struct dialogues *all, const struct dialogue *d)
{
	bool tunnel = d->s->stage == SOCKS_TUNNEL;

	if (d->said.to.atyp == SOCKS_NAME)
		f->calls_names |= tunnel || came_far(j, dialogue_asked(d)->n);
	else if (addr_is_loopback(&d->said.to.addr))
		f->calls_here |= tunnel || was_called(j, d) ||
				 dest_has_datagrams(j, d);
	else
		f->calls_far |= tunnel || was_called(j, d) ||
				(!has_names(all) &&
				 (packet_to(j->v, d, PACKET_IS_TCP_SYN) ||
				  packet_to(j->v, d, PACKET_IS_UDP)));
}

/*
 * How a session leads on: frames have the order in which they were sent, so
 * one that dials behind the first data, and had said success before that,
 * dials late.
 */
static void learn_dials(struct role_facts *f, const struct view *v)
{
	struct judge j = { .v = v, .a = v->a };
	struct dialogues all;
	int64_t data = data_frame(v);

	if (by_proxy(&j))
		return;
	all = all_dialogues(&j);
	for_dialogues (d, &all) {
		const struct event *syn, *udp;

		if (!dialogue_asked(d))
			continue;
		learn_kinds(f, &j, &all, d);
		if (d->said.to.atyp == SOCKS_NAME)
			continue;
		syn = packet_to(v, d, PACKET_IS_TCP_SYN);
		udp = packet_to(v, d, PACKET_IS_UDP);
		f->dials_tcp |= syn || was_called(&j, d);
		f->dials_udp |= udp || dest_has_datagrams(&j, d);
		syn = syn ? syn : udp;
		if (all.n == 1 && d->s->stage == SOCKS_TUNNEL && data && syn)
			f->dials_late |= syn->packet.frame > data;
	}
}

/* A decision, and no silence of one that had no time. */
static bool was_turned_away(const struct judge *j, const struct dialogue *d)
{
	const struct event *limit;
	int code;

	switch (fate_of(d, &code)) {
	case FATE_CODE:
	case FATE_REFUSED:
	case FATE_CLOSED:
		return true;
	case FATE_TAKEN:
		return use_of(j, d, &limit) == USELESS || code > 0;
	case FATE_OPEN:
	case FATE_GARBAGE:
		break;
	}
	return false;
}

/* Does a tunnel work for a client that was told nothing? */
static void learn_untold(struct role_facts *f, const struct view *v)
{
	struct judge j = { .v = v, .a = v->a };
	struct dialogues all = all_dialogues(&j);
	const struct event *limit;

	for_dialogues (d, &all) {
		if (!wants_settings(&j, d) || !is_untold(&j, &all, d))
			continue;
		if (use_of(&j, d, &limit) == USEFUL)
			f->works_untold = true;
		else if (was_turned_away(&j, d))
			f->fails_untold = true;
	}
}

/* The destination was called after a client had come, and not before, and
 * got that one's very bytes.  A call by itself says little: another may need
 * some bytes more to take them for a handshake. */
static void learn_forwarding(struct role_facts *f, const struct view *v)
{
	const struct event *client = first_client(v), *listener, *call;
	const struct event *sent = view_event(v, EV_SEND, NULL, 1);
	struct addr a;

	if (!v->done || !client || !serves_first(v) ||
	    addr_parse(view_setting(v, "TOR_PT_ORPORT"), &a))
		return;
	listener = listener_at(v, &a);
	call = listener ? accepted(v, listener, listener->n) : NULL;
	if (call && call->n > client->n && sent && sent->send.data.n &&
	    span_starts(tunnel_got(v, call), sent->send.data))
		f->forwards_raw = true;
}

static bool all_letters(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] | 0x20) < 'a' || (s.p[i] | 0x20) > 'z')
			return false;
	return s.n > 0;
}

static void learn_bind(struct role_facts *f, const struct view *v)
{
	struct bindaddr_list l;
	unsigned odd =
		bindaddr_parse(v->a, env_only(v, "TOR_PT_SERVER_BINDADDR"), &l);

	if (odd & BINDADDR_MALFORMED) {
		f->refuses_bad_bind |= error_line(v, IPC_ENV_ERROR) != NULL;
		f->takes_bad_bind |= v->done != NULL;
	}
	if (!v->done || view_fatal(v) || odd)
		return;
	for (size_t i = 0; i < l.n; i++)
		if (all_letters(l.v[i].key) && !view_requested(v, l.v[i].key))
			f->extra_bind_ok = true;
}

/* One of the harness's own options came back in ARGS. */
static void learn_options(struct role_facts *f, const struct view *v)
{
	struct judge j = { .v = v, .a = v->a };
	struct option_list l;

	options_parse(v->a, view_setting(v, "TOR_PT_SERVER_TRANSPORT_OPTIONS"),
		      &l);
	for (size_t i = 0; i < l.n; i++)
		if (span_starts(l.v[i].key, SPAN(OWN_OPTION)) &&
		    span_eq(args_value(&j, l.v[i].transport, l.v[i].key),
			    l.v[i].value))
			f->echoes_any = true;
}

static void learn_extor(struct role_facts *f, const struct view *v)
{
	struct ext_sessions l = ext_sessions(v);

	for_sessions (s, l)
		f->speaks_extor |= s->x->choice == EXTOR_SAFE_COOKIE;
}

static void learn_many(struct role_facts *f, const struct view *v)
{
	for_methods (m, v)
		f->starts_two |= !span_eq(m->m.name, v->methods.v[0].m.name);
}

void learn(struct role_facts *f, const struct view *v)
{
	learn_many(f, v);
	if (v->head->role == ROLE_CLIENT) {
		learn_proxy(f, v);
		learn_calls(f, v);
		learn_dials(f, v);
		learn_untold(f, v);
		return;
	}
	learn_forwarding(f, v);
	f->tunnels |= v->head->config == CONFIG_LEGAL && is_tunnelled(v) &&
		      was_carried(v);
	learn_bind(f, v);
	learn_options(f, v);
	learn_extor(f, v);
}
