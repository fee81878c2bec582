/* socks_dialogue_dest.c - see socks_dialogue.h: where a dialogue leads. */
#include "harness/req/traffic/socks_dialogue.h"

static bool open_at(const struct judge *j, const struct event *listener,
		    uint32_t n)
{
	for_events (ev, j->v)
		if (ev->kind == EV_CLOSE && ev->n > listener->n && ev->n < n &&
		    span_eq(ev->close.what, listener->listen.name))
			return false;
	return listener->n < n;
}

const struct event *dest_listener(const struct judge *j,
				  const struct dialogue *d)
{
	const struct event *when = dialogue_asked(d);
	struct addr a;

	if (!when || d->said.to.atyp == SOCKS_NAME)
		return NULL;
	for_events (ev, j->v) {
		if (ev->kind != EV_LISTEN || !span_eqs(ev->listen.result, "ok"))
			continue;
		addr_parse(ev->listen.addr, &a);
		if (addr_eq(&a, &d->said.to.addr) && open_at(j, ev, when->n))
			return ev;
	}
	return NULL;
}

/* Did the harness itself get through to the destination of @d? */
static bool was_reached(const struct judge *j, const struct dialogue *d)
{
	struct addr a;

	for_events (ev, j->v) {
		if (ev->kind != EV_CONNECT || ev->connect.result != CONNECT_OK)
			continue;
		addr_parse(ev->connect.addr, &a);
		if (addr_eq(&a, &d->said.to.addr))
			return true;
	}
	return false;
}

/* Is the address @a one of those at which @announced listens? */
static bool is_at(const struct addr *announced, const struct addr *a)
{
	return addr_eq(announced, a) ||
	       (addr_is_any(announced) && announced->port == a->port);
}

/* Was a destination of that kind called? */
static bool is_called_kind(const struct role_facts *f, const struct addr *to)
{
	return f->calls_here || (!addr_is_loopback(to) && f->calls_far);
}

bool dest_is_shunned(const struct judge *j, const struct addr *to)
{
	const struct role_facts *f = j->facts ? &j->facts->role[ROLE_CLIENT]
					      : NULL;

	return f && !is_called_kind(f, to) && (f->calls_far || f->calls_names);
}

bool dest_is_forbidden(const struct judge *j, const struct dialogue *d)
{
	const struct role_facts *f = j->facts ? &j->facts->role[ROLE_CLIENT]
					      : NULL;

	return f && d->s->rep == REP_FORBIDDEN &&
	       !is_called_kind(f, &d->said.to.addr);
}

static bool was_shunned(const struct judge *j, const struct dialogue *d)
{
	return d->s->rep > 0 && d->s->stage != SOCKS_TUNNEL &&
	       (dest_is_forbidden(j, d) ||
		dest_is_shunned(j, &d->said.to.addr));
}

bool dest_got_datagrams(const struct view *v, const struct addr *to)
{
	struct addr at;

	for_events (ev, v) {
		bool packet = ev->kind == EV_PACKET &&
			      ev->packet.what == PACKET_IS_UDP;
		bool wire = ev->kind == EV_WIRE && ev->wire.what == WIRE_IS_UDP;

		if ((packet || wire) &&
		    !addr_parse(packet ? ev->packet.to : ev->wire.at, &at) &&
		    addr_eq(&at, to))
			return true;
	}
	return false;
}

/* Who listens at all addresses of a machine of several may answer datagrams
 * from another one than they came to, and is not understood. */
static bool answers_from(const struct judge *j, const struct addr *announced,
			 const struct addr *a)
{
	return addr_eq(announced, a) || addr_is_loopback(a) ||
	       !dest_got_datagrams(j->v, a);
}

/* Does the launch's server of the same transport listen there? */
static bool is_servers(const struct judge *j, const struct dialogue *d)
{
	struct view peer;

	view_init_nth(&peer, j->v->tr, 2, j->a);
	if (peer.exit && peer.exit->n < dialogue_asked(d)->n)
		return false;
	for_methods (m, &peer)
		if (m->line->ipc.kw == IPC_SMETHOD &&
		    span_eq(m->m.name, d->m->m.name) &&
		    is_at(&m->m.addr, &d->said.to.addr) &&
		    answers_from(j, &m->m.addr, &d->said.to.addr))
			return true;
	return false;
}

static bool knows_no_ipv6(const struct dialogue *d)
{
	return d->said.to.atyp == SOCKS_IPV6 && d->s->rep == REP_ADDRESS;
}

bool dest_is_beyond(const struct judge *j, const struct dialogue *d)
{
	return dialogue_asked(d) && knows_no_ipv6(d) && !was_called(j, d) &&
	       (is_servers(j, d) || dest_listener(j, d));
}

/* Is there anybody whom the server could reach?  One that cannot may say so to
 * its client, who knows it before it answers then. */
static bool has_far_end(const struct judge *j, const struct dialogue *d)
{
	for_events (ev, j->v)
		if (ev->kind == EV_LISTEN && ev->n < dialogue_asked(d)->n &&
		    !span_eqs(ev->listen.name, "relay"))
			return true;
	return false;
}

bool dest_is_server(const struct judge *j, const struct dialogue *d)
{
	if (!dialogue_asked(d) || d->said.to.atyp == SOCKS_NAME ||
	    d->s->rep == REP_REFUSED || knows_no_ipv6(d) || was_shunned(j, d))
		return false;
	/* SOCKS4 has one word for all failures. */
	if (d->kind == SOCKS4 && d->s->rep > 0 && d->s->stage != SOCKS_TUNNEL &&
	    !was_reached(j, d))
		return false;
	return is_servers(j, d) && (d->s->rep == 0 || has_far_end(j, d));
}

/* The world, when there is no way from it to the destination; or NULL. */
static const struct event *dest_no_way(const struct judge *j,
				       const struct dialogue *d)
{
	const struct event *world = view_event(j->v, EV_WORLD, NULL, 1);

	if (!world || addr_is_loopback(&d->said.to.addr))
		return NULL;
	return span_eqs(world->world.link, "none") ||
			       span_eqs(world->world.link, "local")
		       ? world
		       : NULL;
}

bool j_no_way(struct judge *j, const struct dialogue *d, const char *where)
{
	const struct event *world = dest_no_way(j, d);

	if (world)
		j_unsure(j, "there is no way to the %s: %s", where,
			 j_show(j, world->world.why));
	return world != NULL;
}

size_t accepts(const struct judge *j, const struct event *listener,
	       uint32_t since)
{
	size_t n = 0;

	for_events (ev, j->v)
		n += ev->kind == EV_ACCEPT && ev->n > since &&
		     span_eq(group_of(ev->accept.name), listener->listen.name);
	return n;
}

bool was_called(const struct judge *j, const struct dialogue *d)
{
	const struct event *l = dest_listener(j, d);

	return l && accepts(j, l, dialogue_asked(d)->n) > 0;
}

static bool lines_hold(const struct lines *lines, struct span words)
{
	for_lines (l, lines)
		if (span_contains(l->raw, words))
			return true;
	return false;
}

/* Did one of the launch's processes write that?  A line counts, however it was
 * cut. */
static bool was_written(const struct judge *j, struct span words)
{
	struct view peer;

	if (lines_hold(&j->v->out, words))
		return true;
	if (!has_peer(j->v))
		return false;
	view_init_nth(&peer, j->v->tr, 2, j->a);
	return lines_hold(&peer.out, words);
}

bool dest_has_datagrams(const struct judge *j, const struct dialogue *d)
{
	struct addr at;

	for_events (ev, j->v)
		if (ev->kind == EV_WIRE && ev->wire.what == WIRE_IS_UDP &&
		    !addr_parse(ev->wire.at, &at) &&
		    addr_eq(&at, &d->said.to.addr))
			return true;
	return false;
}

bool dest_is_foreign(const struct judge *j, const struct dialogue *d)
{
	return was_shunned(j, d) ||
	       (j->rf->dials_udp && !was_called(j, d) && !dest_is_server(j, d));
}

bool dest_is_closed(const struct judge *j, const struct dialogue *d)
{
	struct addr a;

	if (d->said.to.atyp == SOCKS_NAME || !d->said.to.addr.port ||
	    !addr_is_loopback(&d->said.to.addr) || dest_listener(j, d))
		return false;
	/* Opened at some time, or announced by anybody. */
	for_events (ev, j->v) {
		if (ev->kind != EV_LISTEN)
			continue;
		addr_parse(ev->listen.addr, &a);
		if (addr_eq(&a, &d->said.to.addr))
			return false;
	}
	return !was_written(
		j, span_str(arena_printf(j->a, ":%u", d->said.to.addr.port)));
}

struct span tunnelled(const struct dialogue *d)
{
	if (d->s->stage != SOCKS_TUNNEL || d->said.request_end == SIZE_MAX)
		return span_of("", 0);
	return span_sub(d->sent.all, d->said.request_end, d->sent.all.n);
}

bool by_proxy(const struct judge *j)
{
	return view_setting(j->v, "TOR_PT_PROXY").n > 0;
}

bool is_lazy(const struct judge *j)
{
	return target_says(j, "lazy") || j->rf->dials_late;
}
