/* wireshark.c - see wireshark.h. */
#include "harness/report/scene/wireshark.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "parent/proto/net/addr.h"

/* Of one event: two addresses and some words. */
#define TERM_MAX 512
/* Of all that a finding names. */
#define FILTER_MAX 4096

bool capture_file(char *dst, size_t size, const char *trace)
{
	size_t n = strlen(trace);

	if (n < 6 || strcmp(trace + n - 6, ".jsonl") != 0 ||
	    strncmp(trace, "traces/", 7) != 0 || strstr(trace, ".."))
		return false;
	return snprintf(dst, size, "%.*s.pcap", (int)n - 6, trace) < (int)size;
}

static bool is_captured(const struct trace *t)
{
	for (size_t i = 0; i < t->nev; i++)
		if (t->ev[i].kind == EV_CAPTURE &&
		    t->ev[i].capture.state == CAPTURE_ON)
			return true;
	return false;
}

/* --- what a name stands for --- */

struct place {
	const char *protocol; /* "tcp" or "udp" */
	struct span addr;     /* of the end that only it has */
};

static bool meets(const struct event *ev, struct span name, struct place *p)
{
	switch ((int)ev->kind) {
	case EV_CONNECT:
		*p = (struct place){ "tcp", ev->connect.addr };
		break;
	case EV_ACCEPT:
		*p = (struct place){ "tcp", ev->accept.peer };
		break;
	case EV_UDP:
		*p = (struct place){ "udp", ev->udp.addr };
		break;
	default:
		return false;
	}
	return span_eq(event_name(ev), name) && p->addr.n;
}

/* The connection or socket that @name is; false: it is none. */
static bool find_place(const struct trace *t, struct span name, struct place *p)
{
	for (size_t i = 0; i < t->nev && name.n; i++)
		if (meets(&t->ev[i], name, p))
			return true;
	return false;
}

/* --- terms --- */

static void put_port(struct buf *b, const char *protocol, struct span addr)
{
	struct addr at;

	addr_parse(addr, &at);
	if (at.family && at.port)
		buf_addf(b, "%s.port == %u", protocol, at.port);
}

static void put_packet(struct buf *b, const struct event *ev)
{
	static const char *const protocol[] = {
		[PACKET_IS_TCP_SYN] = "tcp", [PACKET_IS_TCP] = "tcp",
		[PACKET_IS_UDP] = "udp",     [PACKET_IS_ICMP] = NULL,
		[PACKET_IS_OTHER] = NULL,
	};
	const char *what = protocol[ev->packet.what];
	char ip[INET6_ADDRSTRLEN];
	struct addr to;

	addr_parse(ev->packet.to, &to);
	if (!to.family || !inet_ntop(to.family, to.ip, ip, sizeof(ip)))
		return;
	buf_addf(b, "%s.dst == %s", to.family == AF_INET ? "ip" : "ipv6", ip);
	if (what && to.port)
		buf_addf(b, " && %s.dstport == %u", what, to.port);
}

/* A name that needs no quoting, as most do. */
static bool is_plain(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) &&
		    (name.p[i] == '\0' || !strchr(".-_", name.p[i])))
			return false;
	return name.n > 0;
}

static void put_frame(struct buf *b, int64_t frame)
{
	if (frame > 0)
		buf_addf(b, "frame.number == %" PRId64, frame);
}

static void put_query(struct buf *b, const struct event *ev)
{
	if (is_plain(ev->query.name))
		buf_addf(b, "dns.qry.name == \"%.*s\"",
			 SPAN_ARG(ev->query.name));
	else
		put_frame(b, ev->query.frame);
}

static void put_term(struct buf *b, const struct trace *t,
		     const struct event *ev)
{
	struct place p;

	switch ((int)ev->kind) {
	case EV_PACKET:
		put_packet(b, ev);
		break;
	case EV_QUERY:
		put_query(b, ev);
		break;
	case EV_VISIBLE:
		put_frame(b, ev->visible.frame);
		break;
	case EV_WIRE:
		put_port(b, ev->wire.what == WIRE_IS_UDP ? "udp" : "tcp",
			 ev->wire.at);
		break;
	default:
		if (find_place(t, event_name(ev), &p))
			put_port(b, p.protocol, p.addr);
		break;
	}
}

/* --- the whole --- */

/* "(a) || (b)", each once; one alone needs no brackets. */
static void add_term(struct buf *all, struct buf *term)
{
	struct buf one = BUF_MAX(TERM_MAX);

	buf_addf(&one, "(%s)", buf_cstr(term));
	if (!span_contains(buf_span(all), buf_span(&one)))
		buf_addf(all, "%s%s", all->n ? " || " : "", buf_cstr(&one));
	buf_fini(&one);
}

static const char *without_brackets(struct arena *a, struct span all)
{
	if (span_contains(all, SPAN(") || (")))
		return arena_span(a, all).p;
	return arena_span(a, span_sub(all, 1, all.n - 2)).p;
}

const char *wireshark_filter(struct arena *a, const struct trace *t,
			     const uint32_t *events, size_t n)
{
	struct buf all = BUF_MAX(FILTER_MAX), term = BUF_MAX(TERM_MAX);
	const char *out = NULL;

	if (!is_captured(t))
		n = 0;
	for (size_t i = 0; i < n; i++) {
		if (events[i] < 1 || events[i] > t->nev)
			continue;
		buf_reset(&term);
		put_term(&term, t, &t->ev[events[i] - 1]);
		if (term.n)
			add_term(&all, &term);
	}
	if (all.n)
		out = without_brackets(a, buf_span(&all));
	buf_fini(&term);
	buf_fini(&all);
	return out;
}
