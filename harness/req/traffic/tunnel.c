/*
 * tunnel.c - see tunnel.h: which connections make a tunnel, and what went
 * into its ends and came out of them.
 */
#include "harness/req/traffic/tunnel.h"

#include "harness/req/launch/setup.h"

#include "parent/proto/net/dns.h"
#include "parent/proto/net/socks.h"
#include "harness/req/launch/life.h"

#define DESTINATION "TOR_PT_ORPORT"

void tunnel_process(const struct view *v, enum role role, struct view *out)
{
	if (role == v->head->role)
		*out = *v;
	else
		view_init_nth(out, v->tr, 2, v->a);
}

const char *either_end(const struct view *v)
{
	return has_peer(v) ? " (client or server)" : "";
}

const char *whose_end(const struct judge *j)
{
	const char *gone[2] = { NULL, NULL };

	if (!has_peer(j->v))
		return "";
	for (int r = ROLE_CLIENT; r <= ROLE_SERVER; r++) {
		struct view end;

		tunnel_process(j->v, (enum role)r, &end);
		if (life_gave_up(&end))
			gone[r] = arena_printf(j->a, " (the %s %s)",
					       role_name((enum role)r),
					       view_how_ended(&end));
	}
	if (gone[ROLE_CLIENT] && gone[ROLE_SERVER])
		return " (client and server have ended)";
	if (gone[ROLE_CLIENT] || gone[ROLE_SERVER])
		return gone[ROLE_CLIENT] ? gone[ROLE_CLIENT]
					 : gone[ROLE_SERVER];
	return either_end(j->v);
}

/* The listener that plays the destination: the one of the configuration, or
 * the one whose name says so where that is a host name. */
static const struct event *destination(const struct view *v)
{
	struct addr want, at;
	unsigned odd = addr_parse(view_setting(v, DESTINATION), &want);

	for_events (ev, v) {
		if (ev->kind != EV_LISTEN || !span_eqs(ev->listen.result, "ok"))
			continue;
		if (odd & ADDR_HOSTNAME ? span_eqs(ev->listen.name, "or")
					: !addr_parse(ev->listen.addr, &at) &&
						  addr_eq(&at, &want))
			return ev;
	}
	return NULL;
}

bool tunnel_lacks_ipv6(const struct view *v)
{
	const struct event *world = view_event(v, EV_WORLD, NULL, 1);
	struct addr a;

	addr_parse(view_setting(v, DESTINATION), &a);
	return span_eqs(a.host, DNS_SIX) && world && !world->world.ipv6;
}

bool tunnel_get(const struct view *v, size_t n, struct tunnel *out)
{
	const struct event *to = destination(v);
	size_t near = 0, far = 0;
	bool asked = false; /* who came before belongs to no session */

	*out = (struct tunnel){ 0 };
	for_events (ev, v) {
		asked |= ev->kind == EV_STEP &&
			 span_eqs(ev->step.kind, "socks");
		if (!asked)
			continue;
		if (ev->kind == EV_SOCKS && ev->socks.result == SOCKS_END_OK &&
		    near++ == n)
			out->near = ev;
		if (to && ev->kind == EV_ACCEPT &&
		    span_eq(group_of(ev->accept.name), to->listen.name) &&
		    far++ == n)
			out->far = ev;
	}
	return out->near != NULL;
}

/* All bytes of one kind on a connection. */
static struct span gather(const struct view *v, struct span conn,
			  enum event_kind kind, uint32_t from)
{
	struct buf b = BUF_MAX(1u << 20);
	struct span all;

	for (size_t i = from; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind == kind && span_eq(event_name(ev), conn))
			buf_add(&b, event_data(ev));
	}
	all = arena_span(v->a, buf_span(&b));
	buf_fini(&b);
	return all;
}

struct span tunnel_sent(const struct view *v, const struct event *end)
{
	/* The session's own messages went out before it was answered. */
	return gather(v, event_name(end), EV_SEND, end->n);
}

/* Behind the answers of the session, which may come in one piece with the
 * first bytes of the tunnel. */
static struct span behind_answers(const struct view *v, struct span conn)
{
	struct span said = gather(v, conn, EV_SEND, 0), all;
	struct socks s;

	all = gather(v, conn, EV_RECV, 0);
	/* A session begins with its version. */
	socks_init(&s, span_starts(said, SPAN("\x04")) ? SOCKS4 : SOCKS5,
		   SOCKS_ANSWER_AUTO);
	socks_offer(&s, span_sub(said, 2, said.n > 1 ? (uint8_t)said.p[1] : 0));
	socks_sent(&s, SOCKS_AUTH);
	socks_sent(&s, SOCKS_BLOCK);
	socks_sent(&s, SOCKS_REQUEST);
	socks_feed(&s, all);
	return span_sub(all, s.used, all.n);
}

struct span tunnel_got(const struct view *v, const struct event *end)
{
	if (end->kind == EV_SOCKS && end->socks.got_data)
		return behind_answers(v, event_name(end));
	return gather(v, event_name(end), EV_RECV, end->n);
}

const struct event *came_out(const struct view *v, struct span bytes)
{
	for_events (ev, v)
		if (ev->kind == EV_ACCEPT &&
		    span_contains(tunnel_got(v, ev), bytes))
			return ev;
	return NULL;
}

/* So much is no chance, and less than any case sends to be recognised. */
#define WORD_MIN 8

bool sent_with(const struct event *ev, struct span word)
{
	return (ev->kind == EV_SEND || ev->kind == EV_SENT) &&
	       span_contains(event_data(ev), word);
}

/* The same in a datagram, at another socket than it was sent from. */
static bool came_as_datagram(const struct view *v, const struct event *sent,
			     struct span word)
{
	for_events (ev, v)
		if (ev->kind == EV_GOT && span_contains(ev->got.data, word) &&
		    !span_eq(ev->got.on, event_name(sent)))
			return true;
	return false;
}

bool was_carried(const struct view *v)
{
	struct span marker = pairs_get(&v->head->vars, "marker");

	for_events (ev, v) {
		if (ev->kind == EV_PUMP && ev->pump.result == PUMP_OK)
			return true;
		if (marker.n >= WORD_MIN && sent_with(ev, marker))
			return came_out(v, marker) ||
			       came_as_datagram(v, ev, marker);
	}
	return false;
}

static void say_no_session(struct judge *j)
{
	j_beyond(j, "what comes behind its handshake was not seen: the "
		    "target has no transport with both sides, and the "
		    "harness cannot take the part of the other one");
}

bool no_session(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *socks = view_event(v, EV_SOCKS, NULL, 1);
	const struct event *here = view_event(v, EV_LISTEN, NULL, 1);
	const struct event *world = view_event(v, EV_WORLD, NULL, 1);

	if (was_carried(v))
		return false;
	/* Not where a case takes the link away: there is no reason then. */
	if (socks && world && world->world.why.n)
		j_unsure(j, "there was no way to the server: %s",
			 j_show(j, world->world.why));
	if (target_says(j, "alone") && here &&
	    (is_client(j) ? socks != NULL
			  : view_event(v, EV_CONNECT, NULL, 1) != NULL))
		say_no_session(j);
	return true;
}

bool no_session_alone(struct judge *j)
{
	if (!target_says(j, "alone") || was_carried(j->v))
		return false;
	if (provoked(j) && j->v->done)
		say_no_session(j);
	return true;
}

const struct event *tunnel_closed(const struct view *v, const struct event *end,
				  enum closed_how how)
{
	for (size_t i = end->n; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind == EV_CLOSE &&
		    span_eq(ev->close.what, event_name(end)) &&
		    ev->close.how == how)
			return ev;
	}
	return NULL;
}

const struct event *tunnel_ended(const struct view *v, const struct event *end)
{
	for (size_t i = end->n; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind == EV_EOF && span_eq(ev->eof.on, event_name(end)))
			return ev;
	}
	return NULL;
}

const struct event *tunnel_given_up(const struct view *v,
				    const struct event *end, uint32_t until)
{
	const struct event *ended = tunnel_ended(v, end);

	return ended && ended->n < until ? ended : NULL;
}

bool judge_bulk(struct judge *j, uint32_t from, uint32_t until,
		const char *expected)
{
	const struct event *limit = view_limit(j->v, "connect", from);
	bool any = false;

	for_events (ev, j->v) {
		if (ev->kind != EV_PUMP || ev->n > until ||
		    ev->pump.result == PUMP_FULL)
			continue;
		any = true;
		if (ev->pump.result == PUMP_OK)
			j_pass(j, ev->n);
		else if (!limit || ev->pump.result == PUMP_DIFFERS ||
			 !j_lagged(j, limit))
			j_broken(j, ev->n, expected,
				 "\"%s\" at \"%s\" after %" PRId64 " bytes",
				 pump_result_word(ev->pump.result),
				 j_show(j, ev->pump.out), ev->pump.bytes);
	}
	return any;
}

size_t tunnel_first_wrong(struct span sent, struct span got)
{
	for (size_t i = 0; i < got.n; i++)
		if (i >= sent.n || got.p[i] != sent.p[i])
			return i;
	return SIZE_MAX;
}

const struct event *tunnel_wait_limit(const struct view *v, uint32_t from)
{
	bool bytes = false;

	for (size_t i = from; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind == EV_STEP)
			bytes = span_eqs(ev->step.kind, "recv") ||
				span_eqs(ev->step.kind, "pump");
		if (ev->kind == EV_LIMIT && bytes)
			return ev;
	}
	return NULL;
}

bool tunnel_late(const struct view *v, const struct event *asked)
{
	const struct event *limit = tunnel_wait_limit(v, asked->n);
	const struct event *ended = tunnel_ended(v, asked);

	/* That a session was not answered in time says little. */
	return asked->socks.result == SOCKS_END_REFUSED ||
	       asked->socks.result == SOCKS_END_CLOSED ||
	       (limit && !view_hindered(v, limit, limit->limit.ms)) ||
	       (ended && ended->n < life_stimulus(v, asked->n));
}

bool tunnel_cut_late(struct judge *j, const struct event *asked)
{
	const struct event *ended = tunnel_ended(j->v, asked);

	return j_own_late(j, event_name(asked), ended ? ended->n : asked->n);
}

/* What a client and a server still have to say when they are silent. */
#define IDLE_TURNS 3

static size_t idle_turns(const struct view *v)
{
	bool idle = false;
	size_t n = 0;

	for_events (ev, v) {
		if (ev->kind == EV_WINDOW)
			idle = ev->window.state == WINDOW_OPEN;
		n += idle && ev->kind == EV_WIRE &&
		     ev->wire.what == WIRE_IS_TURN;
	}
	return n;
}

bool tunnel_has_no_ends(const struct view *v)
{
	size_t calls = 0, sessions = 0;
	bool ended = false, anew = false;

	for_events (ev, v) {
		if (ev->kind == EV_WIRE && ev->wire.what == WIRE_IS_UDP)
			return true;
		if (ev->kind == EV_WIRE && ev->wire.what == WIRE_IS_TCP) {
			calls++;
			anew |= ended;
		}
		ended |= ev->kind == EV_WIRE && ev->wire.what == WIRE_IS_END;
		sessions += ev->kind == EV_SOCKS || ev->kind == EV_CONNECT;
	}
	/* More than one connection may be in store; but one behind the end of
	 * another is for the same session. */
	return calls > sessions + 1 || (anew && sessions == 1) ||
	       idle_turns(v) >= IDLE_TURNS;
}

bool tunnel_is_not_begun(struct judge *j)
{
	bool captured = false;

	for_events (ev, j->v) {
		if (ev->kind == EV_WIRE)
			return false;
		captured |= ev->kind == EV_CAPTURE &&
			    ev->capture.state == CAPTURE_ON;
	}
	if (!captured)
		return false;
	j_beyond(j,
		 "the client did not call its server, so nothing came to it");
	return true;
}

const struct event *tunnel_server_ended(const struct view *v, uint32_t from)
{
	uint32_t until = life_stimulus(v, 1);

	for_events (ev, v)
		if (ev->kind == EV_WIRE && ev->n > from && ev->n < until &&
		    ev->wire.what == WIRE_IS_END &&
		    ev->wire.by == WIRE_BY_SERVER)
			return ev;
	return NULL;
}

bool tunnel_has_pump(const struct view *v)
{
	return view_event(v, EV_PUMP, NULL, 1) != NULL;
}

size_t tunnel_count(const struct view *v)
{
	struct tunnel t;
	size_t n = 0;

	while (tunnel_get(v, n, &t))
		n++;
	return n;
}

bool tunnel_has_stranger(const struct view *v)
{
	return view_event(v, EV_CONNECT, NULL, 1) != NULL;
}

bool tunnel_is_plain(const struct judge *j, struct tunnel *t)
{
	return !tunnel_has_stranger(j->v) && tunnel_count(j->v) == 1 &&
	       tunnel_get(j->v, 0, t) && t->far && !tunnel_has_pump(j->v);
}
