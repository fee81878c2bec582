/*
 * wire.c - what goes over the network of the sandbox becomes facts: the first
 * packet of each flow that leaves the machine, and the questions to the
 * resolver, which this file answers.
 *
 * Loopback addresses are the harness's own business and that of IPC; of them
 * nothing is recorded here, though the capture file has it.  Everything else
 * that somebody sent counts, be it answered or not: only the transport sends
 * there, and what the harness answers goes to its own address.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/proto/net/dns.h"
#include "harness/proto/net/packet.h"
#include "harness/worker/worker_int.h"
#include "harness/sys/capture.h"

#define DNS_PORT 53
/* Questions that a trace tells of. */
#define QUERY_KEEP 200
/* One TCP connection to the resolver. */
#define DNS_TCP_MAX 4096u

/* --- packets --- */

static bool is_own_address(const struct addr *a)
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

static const char *packet_word(const struct packet *p)
{
	switch (p->protocol) {
	case IPPROTO_TCP:
		return p->tcp_flags & PACKET_SYN ? "tcp-syn" : "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return "icmp";
	default:
		return "other";
	}
}

/* The first packet of a flow tells enough: notes it, unless @max are noted. */
static bool is_new_flow(struct flow *flow, size_t *n, size_t max,
			const struct packet *p)
{
	for (size_t i = 0; i < *n; i++)
		if (flow[i].protocol == p->protocol &&
		    addr_eq(&flow[i].from, &p->from) &&
		    addr_eq(&flow[i].to, &p->to))
			return false;
	if (*n == max)
		return false;
	flow[(*n)++] = (struct flow){ p->from, p->to, p->protocol };
	return true;
}

static void saw_query(struct worker *w, const char *by, struct span msg,
		      int64_t frame)
{
	char type[DNS_TYPE_MAX];
	struct dns_query q;

	if (dns_parse(msg, &q) & (DNS_MALFORMED | DNS_RESPONSE) ||
	    w->nqueries++ >= QUERY_KEEP)
		return;
	rec(w, query, .by = span_str(by),
	    .type = span_str(dns_type_name(q.type, type)),
	    .name = span_str(q.name), .frame = frame);
}

/* The launch's own word in a packet: told once for each flow. */
static void saw_payload(struct worker *w, const struct packet *p, int64_t frame)
{
	struct span marker = pairs_get(&w->plan->head.vars, "marker");
	char from[ADDR_STRLEN], to[ADDR_STRLEN];

	if (!span_contains(p->payload, marker) ||
	    !is_new_flow(w->visible, &w->nvisible, VISIBLE_MAX, p))
		return;
	rec(w, visible, .from = span_str(addr_format(&p->from, from)),
	    .to = span_str(addr_format(&p->to, to)), .frame = frame);
}

/*
 * Somebody connects to what a server announced: the address that it has to
 * tell an Extended ORPort.  Only the packet knows it where the client is a
 * transport, too.
 */
static void saw_client(struct worker *w, const struct packet *p)
{
	char text[ADDR_STRLEN];

	if (!w->bridges || p->protocol != IPPROTO_TCP ||
	    (p->tcp_flags & (PACKET_SYN | PACKET_ACK)) != PACKET_SYN)
		return;
	for (size_t i = 0; i < w->nannounced; i++) {
		const struct announced *a = &w->announced[i];

		if (a->socks5 || a->socks4 || !a->tcp ||
		    a->addr.port != p->to.port || w->nclients == CLIENTS_KEEP)
			continue;
		w->nclients++;
		rec(w, extor, .conn = span_str(a->name), .what = SPAN("client"),
		    .data = span_str(addr_format(&p->from, text)));
		return;
	}
}

static void saw_frame(void *ctx, const struct capture_frame *f)
{
	struct worker *w = ctx;
	char text[ADDR_STRLEN];
	struct packet p;

	if (!packet_parse(f->packet, &p))
		return;
	if (p.payload.n)
		saw_payload(w, &p, (int64_t)f->number);
	saw_client(w, &p);
	if (addr_is_loopback(&p.to) || is_own_address(&p.to) ||
	    packet_is_kernel(&p))
		return;
	if (is_new_flow(w->flow, &w->nflows, FLOW_MAX, &p))
		rec(w, packet,
		    .on = f->loopback ? SPAN("lo") : SPAN(WORLD_LINK),
		    .what = span_str(packet_word(&p)),
		    .to = span_str(addr_format(&p.to, text)),
		    .frame = (int64_t)f->number, .bytes = (int64_t)f->length);
	if (p.protocol == IPPROTO_UDP && p.to.port == DNS_PORT)
		saw_query(w, "udp", p.payload, (int64_t)f->number);
}

static void captured(void *ctx, unsigned what)
{
	struct worker *w = ctx;

	(void)what;
	capture_read(&w->capture, saw_frame, w);
}

/* --- the resolver --- */

static void asked_udp(void *ctx, unsigned what)
{
	struct resolver *r = ctx;
	struct sockaddr_storage from;
	socklen_t len = sizeof(from);
	char bytes[4096];
	ssize_t n = recvfrom(r->udp, bytes, sizeof(bytes), 0,
			     (struct sockaddr *)&from, &len);
	struct buf out = BUF_MAX(DNS_ANSWER_MAX);

	(void)what;
	if (n < 0)
		return;
	dns_answer(&out, span_of(bytes, (size_t)n));
	if (out.n)
		sendto(r->udp, out.p, out.n, MSG_DONTWAIT,
		       (struct sockaddr *)&from, len);
	buf_fini(&out);
}

static void drop_asker(struct asker *a)
{
	loop_drop(a->watch);
	a->watch = NULL;
	close(a->fd);
	a->fd = -1;
	buf_fini(&a->in);
}

static void asked_tcp(void *ctx, unsigned what)
{
	struct asker *a = ctx;
	char bytes[1024];
	ssize_t n = read(a->fd, bytes, sizeof(bytes));
	struct buf answer = BUF_MAX(DNS_ANSWER_MAX), out = BUF_MAX(1024);
	struct span rest, msg;

	(void)what;
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			drop_asker(a);
		return;
	}
	buf_add(&a->in, span_of(bytes, (size_t)n));
	rest = buf_span(&a->in);
	while (dns_take(&rest, &msg)) {
		saw_query(a->w, "tcp", msg, 0);
		buf_reset(&answer);
		buf_reset(&out);
		dns_answer(&answer, msg);
		dns_put(&out, buf_span(&answer));
		if (answer.n &&
		    send(a->fd, out.p, out.n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			rest.n = 0;
	}
	buf_eat(&a->in, a->in.n - rest.n);
	buf_fini(&answer);
	buf_fini(&out);
}

static void asker_came(void *ctx, unsigned what)
{
	struct resolver *r = ctx;
	struct worker *w = r->w;
	int fd = accept4(r->tcp, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)what;
	if (fd < 0)
		return;
	for (size_t i = 0; i < ASKER_MAX; i++) {
		struct asker *a = &w->asker[i];

		if (a->watch)
			continue;
		*a = (struct asker){ .w = w,
				     .fd = fd,
				     .in = BUF_MAX(DNS_TCP_MAX) };
		a->watch = loop_fd(w->loop, fd, LOOP_READ, asked_tcp, a);
		return;
	}
	close(fd);
}

static int bound(int type, const struct sockaddr_storage *ss, socklen_t len)
{
	int fd = socket(ss->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct err e;

	if (fd >= 0 && (world_bindable(fd, ss->ss_family, &e) ||
			bind(fd, (const struct sockaddr *)ss, len))) {
		close(fd);
		return -1;
	}
	return fd;
}

static void resolve_at(struct worker *w, const char *address)
{
	struct resolver *r = &w->resolver[w->nresolvers];
	struct sockaddr_storage ss;
	char text[ADDR_STRLEN];
	struct addr a;
	socklen_t len;

	snprintf(text, sizeof(text), strchr(address, ':') ? "[%s]:%d" : "%s:%d",
		 address, DNS_PORT);
	addr_parse(span_str(text), &a);
	len = addr_to_sockaddr(&a, &ss);
	*r = (struct resolver){ .w = w, .at = a, .udp = -1, .tcp = -1 };
	r->udp = bound(SOCK_DGRAM, &ss, len);
	r->tcp = bound(SOCK_STREAM, &ss, len);
	if (r->udp >= 0)
		loop_fd(w->loop, r->udp, LOOP_READ, asked_udp, r);
	if (r->tcp >= 0 && listen(r->tcp, 16) == 0)
		loop_fd(w->loop, r->tcp, LOOP_READ, asker_came, r);
	w->nresolvers++;
}

bool wire_is_resolver(const struct worker *w, const struct addr *a)
{
	for (size_t i = 0; i < w->nresolvers; i++)
		if (addr_eq(a, &w->resolver[i].at))
			return true;
	return false;
}

/* --- on and off --- */

static void off(struct worker *w, const char *why)
{
	rec(w, capture, .state = SPAN("off"), .why = span_str(why));
}

void wire_start(struct worker *w, const struct sandbox_state *s)
{
	struct err e = { 0 };

	w->capture.fd = w->capture.file = -1;
	if (!w->job->sandbox) {
		off(w, "needs a sandbox");
		return;
	}
	rec(w, world,
	    .link = span_str(
		    world_kind_name(s->no_world ? WORLD_NONE : s->world.kind)),
	    .why = span_str(s->no_world	     ? s->no_world->msg
			    : s->no_resolver ? s->no_resolver->msg
					     : ""),
	    .ipv6 = !s->no_world && s->world.ipv6);
	if (s->no_world) {
		off(w, s->no_world->msg);
		return;
	}
	if (capture_open(&w->capture, w->job->pcap_fd, &e)) {
		off(w, e.msg);
		return;
	}
	w->capturing = true;
	rec(w, capture, .state = SPAN("on"));
	loop_fd(w->loop, capture_fd(&w->capture), LOOP_READ, captured, w);
	resolve_at(w, WORLD_RESOLVER4);
	if (s->world.ipv6)
		resolve_at(w, WORLD_RESOLVER6);
}

void wire_end(struct worker *w)
{
	struct capture_stats stats = { 0 };
	struct err e = { 0 };

	if (!w->capturing)
		return;
	if (capture_finish(&w->capture, saw_frame, w, &stats, &e))
		rec(w, skipped, .reason = span_str(e.msg));
	rec(w, capture, .state = SPAN("done"), .frames = (int64_t)stats.frames,
	    .lost = (int64_t)stats.dropped);
	w->capturing = false;
}
