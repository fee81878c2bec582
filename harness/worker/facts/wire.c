/* wire.c - see wire.h. */
#include "harness/worker/facts/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "parent/proto/net/packet.h"
#include "harness/sys/network/sockets.h"

/* --- packets --- */

static bool wire_is_own_address(const struct addr *a)
{
	static const char *const own[] = {
		WORLD_IP4,
		WORLD_IP6,
	};
	char text[INET6_ADDRSTRLEN];

	inet_ntop(a->family, a->ip, text, sizeof(text));
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(text, own[i]) == 0)
			return true;
	return false;
}

static enum packet_type wire_packet_type(const struct packet *p)
{
	switch (p->protocol) {
	case IPPROTO_TCP:
		return p->tcp_flags & PACKET_SYN ? PACKET_IS_TCP_SYN
						 : PACKET_IS_TCP;
	case IPPROTO_UDP:
		return PACKET_IS_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return PACKET_IS_ICMP;
	default:
		return PACKET_IS_OTHER;
	}
}

/* The first packet of a flow tells enough: notes it, unless @max are noted. */
static bool wire_is_new_flow(struct wire_flow *flow, size_t *n, size_t max,
			     const struct packet *p)
{
	for (size_t i = 0; i < *n; i++)
		if (flow[i].protocol == p->protocol &&
		    addr_eq(&flow[i].from, &p->from) &&
		    addr_eq(&flow[i].to, &p->to))
			return false;
	if (*n == max)
		return false;
	flow[(*n)++] = (struct wire_flow){ p->from, p->to, p->protocol };
	return true;
}

/* The launch's own word in a packet: told once for each flow. */
static void wire_saw_payload(struct wire *w, const struct packet *p,
			     int64_t frame)
{
	struct span marker = pairs_get(&w->task->plan->head.vars, "marker");
	char from[ADDR_STRLEN], to[ADDR_STRLEN];

	if (!span_contains(p->payload, marker) ||
	    !wire_is_new_flow(w->marked, &w->nmarked, WIRE_FLOWS_MARKED, p))
		return;
	rec(w->task, visible, .from = span_str(addr_format(&p->from, from)),
	    .to = span_str(addr_format(&p->to, to)), .frame = frame);
}

/*
 * Somebody connects to what a server announced: the address that it has to
 * tell an Extended ORPort.  Only the packet knows it where the client is a
 * transport, too.
 */
static void wire_saw_client(struct wire *w, const struct packet *p)
{
	char text[ADDR_STRLEN];

	if (!w->tells_clients || p->protocol != IPPROTO_TCP ||
	    (p->tcp_flags & (PACKET_SYN | PACKET_ACK)) != PACKET_SYN)
		return;
	for (size_t i = 0; i < w->instances->announced.n; i++) {
		const struct announced *a = &w->instances->announced.v[i];

		if (a->socks5 || a->socks4 || !a->tcp ||
		    a->addr.port != p->to.port || w->nclients == WIRE_CLIENTS)
			continue;
		w->nclients++;
		rec(w->task, extor, .conn = span_str(a->name),
		    .what = EXTOR_DID_CLIENT,
		    .data = span_str(addr_format(&p->from, text)));
		return;
	}
}

/* --- between client and server --- */

static bool wire_is_side(const struct wire *w, const struct addr *a,
			 bool client)
{
	for (size_t i = 0; i < w->instances->announced.n; i++) {
		const struct announced *an = &w->instances->announced.v[i];
		bool front = an->socks5 || an->socks4 || an->client;

		if (front == client && an->addr.port == a->port &&
		    (addr_eq(&an->addr, a) || addr_is_any(&an->addr)))
			return true;
	}
	return false;
}

static bool wire_has_tunnel(const struct wire *w)
{
	bool side[2] = { false, false };

	for (size_t i = 0; i < w->instances->announced.n; i++) {
		const struct announced *an = &w->instances->announced.v[i];

		side[an->socks5 || an->socks4 || an->client] = true;
	}
	return side[0] && side[1];
}

static void wire_tell(struct wire *w, enum wire_type what, enum wire_side by,
		      const struct addr *at, int64_t frame)
{
	char text[ADDR_STRLEN];

	rec(w->task, wire, .what = what, .by = by,
	    .at = span_str(addr_format(at, text)), .frame = frame);
}

/* The first datagram to an address. */
static void wire_saw_datagram(struct wire *w, const struct packet *p,
			      int64_t frame)
{
	for (size_t i = 0; i < w->nflights; i++)
		if (addr_eq(&w->flight[i], &p->to))
			return;
	if (w->nflights == WIRE_FLOWS_MARKED)
		return;
	w->flight[w->nflights++] = p->to;
	wire_tell(w, WIRE_IS_UDP, WIRE_BY_CLIENT, &p->to, frame);
}

static void wire_saw_segment(struct wire *w, const struct packet *p,
			     enum wire_side by, const struct addr *at,
			     int64_t frame)
{
	unsigned flags = p->tcp_flags;

	if ((flags & (PACKET_SYN | PACKET_ACK)) == PACKET_SYN &&
	    w->ncalls < WIRE_CALLS) {
		w->ncalls++;
		wire_tell(w, WIRE_IS_TCP, by, at, frame);
	}
	if (p->payload.n && by != w->speaker && w->nturns < WIRE_TURNS) {
		w->nturns++;
		w->speaker = by;
		wire_tell(w, WIRE_IS_TURN, by, at, frame);
	}
	if (flags & (PACKET_FIN | PACKET_RST) && w->nends < WIRE_ENDS) {
		w->nends++;
		wire_tell(w, WIRE_IS_END, by, at, frame);
	}
}

static void wire_saw_loopback(struct wire *w, const struct packet *p,
			      int64_t frame)
{
	bool tunnel = wire_has_tunnel(w);

	if (p->protocol == IPPROTO_UDP &&
	    (listen_is_own(w->listeners, &p->to) ||
	     (tunnel && wire_is_side(w, &p->to, false))))
		wire_saw_datagram(w, p, frame);
	if (p->protocol != IPPROTO_TCP || !tunnel)
		return;
	if (wire_is_side(w, &p->to, false))
		wire_saw_segment(w, p, WIRE_BY_CLIENT, &p->to, frame);
	else if (wire_is_side(w, &p->from, false))
		wire_saw_segment(w, p, WIRE_BY_SERVER, &p->from, frame);
}

/* --- out of the machine --- */

/* Who calls has the socket until the call has come to something. */
static void wire_tell_sender(struct wire *w, const struct packet *p,
			     int64_t frame)
{
	const struct inst *of = NULL;

	if (w->instances->n > 1 &&
	    (p->protocol == IPPROTO_TCP || p->protocol == IPPROTO_UDP))
		of = inst_of_socket(w->instances,
				    sockets_sending(p->protocol == IPPROTO_TCP,
						    &p->from, &p->to));
	if (of)
		rec(w->task, sender, .of = span_str(of->pt), .frame = frame);
}

/* Each question for a name is told, also when it is of a known flow. */
static bool wire_is_question(const struct packet *p)
{
	return p->protocol == IPPROTO_UDP && p->to.port == RESOLVER_PORT;
}

static void wire_saw_outgoing(struct wire *w, const struct packet *p,
			      const struct capture_frame *f)
{
	char text[ADDR_STRLEN];

	if (!wire_is_new_flow(w->flow, &w->nflows, WIRE_FLOWS, p)) {
		if (wire_is_question(p))
			wire_tell_sender(w, p, (int64_t)f->number);
		return;
	}
	rec(w->task, packet, .on = f->loopback ? SPAN("lo") : SPAN(WORLD_LINK),
	    .what = wire_packet_type(p),
	    .to = span_str(addr_format(&p->to, text)),
	    .frame = (int64_t)f->number, .bytes = (int64_t)f->length);
	wire_tell_sender(w, p, (int64_t)f->number);
}

static void wire_saw_frame(void *ctx, const struct capture_frame *f)
{
	struct wire *w = ctx;
	struct packet p;

	if (!packet_parse(f->packet, &p))
		return;
	if (p.payload.n)
		wire_saw_payload(w, &p, (int64_t)f->number);
	wire_saw_client(w, &p);
	if (addr_is_loopback(&p.to))
		wire_saw_loopback(w, &p, (int64_t)f->number);
	if (addr_is_loopback(&p.to) || wire_is_own_address(&p.to) ||
	    packet_is_kernel(&p))
		return;
	wire_saw_outgoing(w, &p, f);
	if (wire_is_question(&p))
		resolvers_asked(w->resolvers, QUERY_BY_UDP, p.payload,
				(int64_t)f->number);
}

static void wire_captured(void *ctx, unsigned what)
{
	struct wire *w = ctx;

	(void)what;
	capture_read(&w->capture, wire_saw_frame, w);
}

/* --- on and off --- */

static void wire_off(struct wire *w, const char *why)
{
	rec(w->task, capture, .state = CAPTURE_OFF, .why = span_str(why));
}

void wire_init(struct wire *w, struct task *t,
	       const struct instances *instances,
	       const struct listeners *listeners, struct resolvers *resolvers)
{
	w->task = t;
	w->instances = instances;
	w->listeners = listeners;
	w->ncalls = w->nturns = w->nends = w->nflights = 0;
	w->speaker = WIRE_BY_SERVER;
	w->resolvers = resolvers;
	w->capturing = w->tells_clients = false;
	w->nflows = w->nmarked = w->nclients = 0;
	w->capture = (struct capture){ .ring = { .fd = -1 }, .file = -1 };
}

void wire_tell_clients(struct wire *w)
{
	w->tells_clients = true;
}

/* A launch that is made again may be one that lost packets. */
static int wire_capture(struct wire *w, const struct sandbox_state *s,
			struct err *e)
{
	const struct worker_job *job = w->task->job;

	if (job->alone &&
	    capture_open(&w->capture, CAPTURE_SLOTS_MANY, job->pcap_fd, e) == 0)
		return 0;
	if (!s->capture)
		return capture_open(&w->capture, CAPTURE_SLOTS, job->pcap_fd,
				    e);
	capture_begin(&w->capture, s->capture, job->pcap_fd);
	return 0;
}

void wire_start(struct wire *w, const struct sandbox_state *s)
{
	struct err e = { 0 };

	if (!w->task->job->sandbox) {
		wire_off(w, "needs a sandbox");
		return;
	}
	rec(w->task, world,
	    .link = span_str(
		    world_kind_name(s->no_world ? WORLD_NONE : s->world.kind)),
	    .why = span_str(s->no_world	     ? s->no_world->msg
			    : s->no_resolver ? s->no_resolver->msg
					     : ""),
	    .ipv6 = !s->no_world && s->world.ipv6);
	if (s->no_world) {
		wire_off(w, s->no_world->msg);
		return;
	}
	if (wire_capture(w, s, &e)) {
		wire_off(w, e.msg);
		return;
	}
	w->capturing = true;
	rec(w->task, capture, .state = CAPTURE_ON);
	loop_fd(w->task->loop, capture_fd(&w->capture), LOOP_READ,
		wire_captured, w);
	resolvers_start(w->resolvers, s->world.ipv6);
}

void wire_end(struct wire *w)
{
	struct capture_stats stats = { 0 };
	struct err e = { 0 };

	if (!w->capturing)
		return;
	if (capture_finish(&w->capture, wire_saw_frame, w, &stats, &e))
		rec(w->task, skipped, .reason = span_str(e.msg));
	rec(w->task, capture, .state = CAPTURE_DONE,
	    .frames = (int64_t)stats.frames, .lost = (int64_t)stats.dropped);
	w->capturing = false;
}
