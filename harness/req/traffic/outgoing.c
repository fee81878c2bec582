/*
 * outgoing.c - see outgoing.h.  Order here is that of the events of one
 * trace: what the harness did as proxy, against the packets that followed.
 */
#include "harness/req/traffic/outgoing.h"

#include "harness/req/launch/setup.h"

#define PROXY "TOR_PT_PROXY"

/* --- the capture --- */

const struct event *captured_off(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_CAPTURE && ev->capture.state == CAPTURE_OFF)
			return ev;
	return NULL;
}

const char *unseen(struct judge *j)
{
	const struct event *off = captured_off(j->v);
	const struct event *done = NULL, *on = NULL;

	if (off)
		return arena_printf(j->a, "packets are not seen here: %s",
				    j_show(j, off->capture.why));
	for_events (ev, j->v) {
		if (ev->kind != EV_CAPTURE)
			continue;
		if (ev->capture.state == CAPTURE_ON)
			on = ev;
		if (ev->capture.state == CAPTURE_DONE)
			done = ev;
	}
	if (!on || !done)
		return "packets were not captured to the end";
	return done->capture.lost ? "the capture lost packets" : NULL;
}

/* A ring that is full is emptied too late, as on a busy machine. */
static bool ring_was_full(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_CAPTURE && ev->capture.lost)
			return true;
	return false;
}

bool open_if_unseen(struct judge *j, const char *what)
{
	const char *why = unseen(j);

	if (!why)
		return false;
	if (what)
		why = arena_printf(j->a, "%s: %s", what, why);
	if (ring_was_full(j->v))
		j_hindered(j, "%s", why);
	else
		j_unsure(j, "%s", why);
	return true;
}

void pass_if_seen(struct judge *j, const struct event *ev)
{
	if (!open_if_unseen(j, NULL))
		j_pass(j, ev->n);
}

const char *packet_words(struct judge *j, const struct event *packet)
{
	return arena_printf(
		j->a, "a packet to %s (%s, frame %" PRId64 " of the capture)",
		j_show(j, packet->packet.to),
		packet_type_word(packet->packet.what), packet->packet.frame);
}

const char *query_words(struct judge *j, const struct event *query)
{
	const char *where =
		query->query.frame
			? arena_printf(j->a, "frame %" PRId64 " of the capture",
				       query->query.frame)
			: "by TCP";

	return arena_printf(j->a, "a query for %s of \"%s\" (%s)",
			    j_show(j, query->query.type),
			    j_show(j, query->query.name), where);
}

bool session_ok(const struct event *socks)
{
	return socks->socks.result == SOCKS_END_OK;
}

/* --- a proxy that was accepted --- */

/* Packets are those of all that run: of a client and the server that it is to
 * reach, those to the server are the client's, and those whose socket it has. */
static bool is_its_own(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_SPAWN &&
		    span_contains(ev->spawn.what, SPAN(":")) && !has_peer(v))
			return false;
	return true;
}

/* Does it go where a session was to go? */
static bool to_destination(const struct view *v, const struct event *packet)
{
	struct addr to, dest;

	addr_parse(packet->packet.to, &to);
	for_events (ev, v)
		if (ev->kind == EV_SOCKS &&
		    !addr_parse(ev->socks.dest, &dest) && addr_eq(&to, &dest))
			return true;
	return false;
}

bool sent_by_itself(const struct view *v, int64_t frame)
{
	for_events (ev, v)
		if (ev->kind == EV_SENDER && ev->sender.frame == frame)
			return span_eqs(ev->sender.of, v->pt);
	return false;
}

static struct span proxy_setting(const struct view *v)
{
	struct span s = env_only(v, PROXY);

	return s.n ? s : flag_only(v, PROXY);
}

bool proxy_accepted(const struct judge *j, struct proxy_uri *u)
{
	struct span s = proxy_setting(j->v);

	if (!j->v->proxy_done || !s.n)
		return false;
	uri_parse(j->a, s, u);
	return u->addr.family &&
	       !(u->anomalies & (PROXY_MALFORMED | URI_UNKNOWN_SCHEME)) &&
	       is_its_own(j->v);
}

struct span proxy_userinfo(const struct view *v)
{
	struct span s = proxy_setting(v);
	const char *slashes = s.n ? memmem(s.p, s.n, "://", 3) : NULL;
	size_t from = slashes ? (size_t)(slashes - s.p) + 3 : s.n, to = s.n;

	while (to > from && s.p[to - 1] != '@')
		to--;
	return to > from ? span_sub(s, from, to - from - 1) : span_sub(s, 0, 0);
}

static bool is_at(struct span addr, const struct addr *a)
{
	struct addr at;

	addr_parse(addr, &at);
	return at.family && addr_eq(&at, a);
}

static bool is_direct(const struct event *ev, const struct addr *proxy)
{
	return ev->kind == EV_PACKET &&
	       !((ev->packet.what == PACKET_IS_TCP ||
		  ev->packet.what == PACKET_IS_TCP_SYN) &&
		 is_at(ev->packet.to, proxy));
}

/* Is @name that of the proxy's listener, or of a connection it accepted? */
static bool at_proxy(const struct judge *j, struct span name,
		     const struct addr *proxy)
{
	for_events (ev, j->v)
		if (ev->kind == EV_LISTEN &&
		    span_eqs(ev->listen.result, "ok") &&
		    span_eq(ev->listen.name, group_of(name)) &&
		    is_at(ev->listen.addr, proxy))
			return true;
	return false;
}

static bool is_refusal(const struct event *ev)
{
	return ev->kind == EV_UPSTREAM &&
	       (ev->upstream.stage == PROXY_DID_REFUSED ||
		ev->upstream.stage == PROXY_DID_STALL ||
		ev->upstream.stage == PROXY_DID_CLOSE ||
		ev->upstream.stage == PROXY_DID_RESET);
}

/* The proxy breaks a connection, by itself or because the case wants it. */
static bool is_drop(const struct judge *j, const struct event *ev,
		    const struct addr *proxy)
{
	if (ev->kind == EV_UPSTREAM)
		return ev->upstream.stage == PROXY_DID_DROPPED;
	return ev->kind == EV_CLOSE && ev->close.how == CLOSED_RST &&
	       span_contains(ev->close.what, SPAN("#")) &&
	       at_proxy(j, ev->close.what, proxy);
}

/* --- a whole launch --- */

struct scan {
	struct outgoing *o;
	enum trouble now;
	unsigned listening;
	bool asked;	 /* a session was begun */
	struct span app; /* the connection of the last one */
	bool fresh;	 /* and since the last trouble */
	bool back;	 /* a drop was followed by another call */
};

static void in_trouble(struct scan *s, enum trouble t, const struct event *ev)
{
	s->now = t;
	s->fresh = false;
	s->o->trouble[t] = ev;
	s->o->settled[t] = NULL;
}

static void settle(struct scan *s, const struct event *ev)
{
	for (int t = TROUBLE_DOWN; t < TROUBLES; t++)
		if (s->o->trouble[t] && !s->o->settled[t])
			s->o->settled[t] = ev;
}

static void scan_packet(const struct judge *j, struct scan *s,
			const struct event *ev)
{
	struct outgoing *o = s->o;

	if (!is_direct(ev, &o->uri.addr)) {
		o->call = ev;
		return;
	}
	if (has_peer(j->v) && !to_destination(j->v, ev) &&
	    !sent_by_itself(j->v, ev->packet.frame))
		return;
	/* A later session is one of its own, whatever became of those before
	 * it; and who came back to the proxy has not left it for the drop. */
	if (s->now == TROUBLE_DROPPED && s->fresh && !o->direct[TROUBLE_NONE])
		o->direct[TROUBLE_NONE] = ev;
	if (o->direct[s->now] || (s->now == TROUBLE_DROPPED && s->back))
		return;
	o->direct[s->now] = ev;
	if (s->now == TROUBLE_NONE)
		o->direct_first = s->asked && o->sessions == 0;
}

/* Does an application begin to speak? */
static bool is_greeting(const struct judge *j, const struct scan *s,
			const struct event *ev)
{
	return ev->kind == EV_SEND && ev->send.data.n &&
	       (ev->send.data.p[0] == 4 || ev->send.data.p[0] == 5) &&
	       !span_eq(ev->send.conn, s->app) &&
	       !at_proxy(j, ev->send.conn, &s->o->uri.addr);
}

static void scan_event(const struct judge *j, struct scan *s,
		       const struct event *ev)
{
	struct outgoing *o = s->o;

	if (ev->kind == EV_LISTEN && span_eqs(ev->listen.result, "ok") &&
	    is_at(ev->listen.addr, &o->uri.addr))
		s->listening++;
	else if (ev->kind == EV_CLOSE && s->listening &&
		 !span_contains(ev->close.what, SPAN("#")) &&
		 at_proxy(j, ev->close.what, &o->uri.addr))
		s->listening--;
	else if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "socks")) {
		s->asked = true;
		if (!s->listening)
			in_trouble(s, TROUBLE_DOWN, ev);
	} else if (is_greeting(j, s, ev)) {
		s->app = ev->send.conn;
		s->fresh = true;
	} else if (ev->kind == EV_ACCEPT &&
		   at_proxy(j, ev->accept.name, &o->uri.addr)) {
		o->call = ev;
		s->back |= s->now == TROUBLE_DROPPED && s->fresh;
	} else if (is_refusal(ev))
		in_trouble(s, TROUBLE_REFUSED, ev);
	else if (is_drop(j, ev, &o->uri.addr))
		in_trouble(s, TROUBLE_DROPPED, ev);
	else if (ev->kind == EV_SOCKS) {
		o->session = ev;
		o->sessions++;
		settle(s, ev);
	} else if (ev->kind == EV_WINDOW && ev->window.state == WINDOW_CLOSED)
		settle(s, ev);
	else if (ev->kind == EV_PACKET)
		scan_packet(j, s, ev);
}

void outgoing_scan(const struct judge *j, const struct proxy_uri *u,
		   struct outgoing *out)
{
	struct scan s = { .o = out };

	*out = (struct outgoing){ .uri = *u };
	for_events (ev, j->v)
		scan_event(j, &s, ev);
}

const struct event *outgoing_direct(const struct outgoing *o)
{
	const struct event *first = NULL;

	for (int t = TROUBLE_NONE; t < TROUBLES; t++)
		if (o->direct[t] && (!first || o->direct[t]->n < first->n))
			first = o->direct[t];
	return first;
}

/* --- connections at the proxy --- */

static void see_stage(struct proxied *p, const struct event *ev)
{
	if (ev->upstream.stage == PROXY_DID_REQUEST)
		p->request = ev;
	else if (ev->upstream.stage == PROXY_DID_GRANTED)
		p->granted = ev;
	else if (is_refusal(ev))
		p->failed = ev;
}

/* More than a trace keeps of one connection. */
#define WORDS_MAX (1u << 20)

struct words {
	struct buf said, told;
	size_t said_before, told_before; /* it was granted */
};

static void see_words(struct proxied *p, struct words *w,
		      const struct event *ev)
{
	bool said = ev->kind == EV_RECV;

	if (!said && !p->granted)
		p->dripped |= event_data(ev).n == 1;
	buf_add(said ? &w->said : &w->told, event_data(ev));
	if (!p->granted) {
		w->said_before = w->said.n;
		w->told_before = w->told.n;
	}
}

static void keep_words(struct arena *a, struct proxied *p, struct words *w)
{
	p->said = arena_span(a, buf_span(&w->said));
	p->told = arena_span(a, buf_span(&w->told));
	p->behind = span_sub(p->said, w->said_before, p->said.n);
	p->tunnel = span_sub(p->told, w->told_before, p->told.n);
	buf_fini(&w->said);
	buf_fini(&w->told);
}

bool proxied_next(const struct judge *j, const struct proxy_uri *u,
		  uint32_t from, struct proxied *out)
{
	struct words w = { .said = BUF_MAX(WORDS_MAX),
			   .told = BUF_MAX(WORDS_MAX) };

	*out = (struct proxied){ 0 };
	for_events (ev, j->v) {
		if (!out->accept) {
			if (ev->n > from && ev->kind == EV_ACCEPT &&
			    at_proxy(j, event_name(ev), &u->addr))
				out->accept = ev;
			continue;
		}
		if (ev->kind == EV_SOCKS && !out->session)
			out->session = ev;
		if (!span_eq(event_name(ev), out->accept->accept.name))
			continue;
		if (ev->kind == EV_UPSTREAM)
			see_stage(out, ev);
		else if (ev->kind == EV_RECV || ev->kind == EV_SEND)
			see_words(out, &w, ev);
	}
	keep_words(j->a, out, &w);
	return out->accept != NULL;
}

struct upstream *proxied_read(const struct judge *j, const struct proxy_uri *u,
			      const struct proxied *p)
{
	enum upstream_kind kind = span_eqs(u->scheme, "http") ? UPSTREAM_HTTP
				  : span_eqs(u->scheme, "socks4a")
					  ? UPSTREAM_SOCKS4A
					  : UPSTREAM_SOCKS5;
	struct upstream_script how = UPSTREAM_SCRIPT(kind);
	struct upstream *up = arena_alloc(j->a, sizeof(*up));

	/* How the proxy went on depends on what it chose. */
	if (kind == UPSTREAM_SOCKS5 && p->told.n > 1)
		how.method = (uint8_t)p->told.p[1];
	upstream_init(up, &how);
	upstream_read(up, p->said);
	return up;
}
