/*
 * anonymity_network.c - names that are looked up, and packets that nobody asked
 * for.
 *
 * Necessary is what follows from the configuration: names and addresses in it
 * or on the command line, and what the application asked for.
 */

#include <strings.h>

#include "parent/proto/net/dns.h"
#include "harness/req/conduct/anonymity.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/launch/setup.h"

/* --- what is configured or asked for --- */

static bool query_holds(struct span text, struct span part)
{
	if (!part.n || part.n > text.n)
		return false;
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (strncasecmp(text.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

static bool in_a_name(struct span text, size_t at)
{
	char c = at < text.n ? text.p[at] : ' ';

	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '_';
}

/* Not as a piece of a longer word. */
static bool holds_word(struct span text, struct span word)
{
	for (size_t i = 0; word.n && i + word.n <= text.n; i++)
		if (strncasecmp(text.p + i, word.p, word.n) == 0 &&
		    !(i && in_a_name(text, i - 1)) &&
		    !in_a_name(text, i + word.n))
			return true;
	return false;
}

/* Does what clients are told hold it? */
static bool is_told(const struct view *v, struct span word)
{
	if (holds_word(pairs_get(&v->head->vars, "settings"), word))
		return true;
	for_events (ev, v)
		if (ev->kind == EV_TOLD && holds_word(ev->told.settings, word))
			return true;
	return false;
}

/* Does a setting or a word of the command line hold it? */
static bool is_configured(const struct view *v, struct span word)
{
	if (is_told(v, word))
		return true;
	for (size_t i = 1; i < v->head->argv.n; i++)
		if (holds_word(v->head->argv.v[i], word))
			return true;
	for (size_t i = 0; i < v->head->env.n; i++)
		if (span_starts(v->head->env.v[i].key, SPAN("TOR_PT_")) &&
		    !span_eqs(v->head->env.v[i].key, "TOR_PT_STATE_LOCATION") &&
		    holds_word(v->head->env.v[i].value, word))
			return true;
	return false;
}

/* Is one that begins @tail, of whole labels, configured?  A single label counts
 * only at the beginning of a name. */
static bool has_configured_head(const struct view *v, struct span tail,
				bool first)
{
	struct span head = tail;

	while (head.n) {
		bool bare = span_find(head, '.') == head.n;

		if ((first || !bare) && is_configured(v, head))
			return true;
		while (head.n && head.p[--head.n] != '.')
			;
	}
	return false;
}

/* The same of a name that is looked up, or of one that it was made of: a
 * service puts its labels in front, the system's resolver its own domain
 * behind. */
static bool is_configured_name(const struct view *v, struct span name)
{
	struct span tail = name, label;

	while (!span_absent(tail)) {
		if (has_configured_head(v, tail, tail.p == name.p))
			return true;
		span_split(&tail, '.', &label);
	}
	return false;
}

/* The name in a destination; absent when it is an address. */
static struct span asked_name(const struct event *socks)
{
	struct addr to;

	addr_parse(socks->socks.dest, &to);
	return to.family ? (struct span){ NULL, 0 } : to.host;
}

/* What a session is for is recorded when it ends: is there one without? */
static bool has_open_session(const struct view *v)
{
	bool open = false;

	for_events (ev, v) {
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "socks"))
			open = true;
		else if (ev->kind == EV_SOCKS || ev->kind == EV_SKIPPED)
			open = false;
	}
	return open;
}

/* Is it the name that an application asked for, or made of that, or may it
 * be? */
static bool is_asked(const struct view *v, struct span name)
{
	for_events (ev, v)
		if (ev->kind == EV_SOCKS && query_holds(name, asked_name(ev)))
			return true;
	return has_open_session(v);
}

static bool is_reverse(const struct event *query)
{
	return span_eqs(query->query.type, "PTR") ||
	       query_holds(query->query.name, SPAN(".arpa"));
}

static bool is_necessary(const struct judge *j, const struct event *query)
{
	return !is_reverse(query) &&
	       (is_configured_name(j->v, query->query.name) ||
		is_asked(j->v, query->query.name));
}

/* What gave the transport an occasion: a session, a connection, a window. */
static const struct event *occasion(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_SOCKS ||
		    (ev->kind == EV_CONNECT &&
		     ev->connect.result == CONNECT_OK) ||
		    (ev->kind == EV_WINDOW &&
		     ev->window.state == WINDOW_CLOSED))
			return ev;
	return NULL;
}

void pass_quietly(struct judge *j, const struct event *ev)
{
	if (provoked(j) || !unseen(j))
		pass_if_seen(j, ev);
}

/* --- names --- */

REQ(an_dns_1) = {
	.id = "AN-DNS-1",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "dns",
	.dflt = V_WARN,
	.title = "No DNS queries except where needed.",
	.traps = "Names configured by the user (target, fronting URL, "
		 "settings, CONNECT domain) are \"necessary\" without a proxy; "
		 "of one that is written into the program, as a broker's may "
		 "be, it cannot be told: INFO. Static nsswitch lookups in "
		 "files are not queries.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(PROXY_USED) | STIMULUS(NOBODY_ASKS) |
		   STIMULUS(SESSIONS_UNPROXIED) | STIMULUS(CLIENTS_SERVED),
	.judge = an_dns_1,
};

/* A name that is written into the program: that of a broker is needed, that of
 * a place for reports is not, and nobody can tell.  A client with a proxy looks
 * up neither here; its server has none. */
static bool may_be_built_in(const struct judge *j, const struct event *query)
{
	bool proxied =
		j->v->proxy_done &&
		!(has_peer(j->v) && !sent_by_itself(j->v, query->query.frame));

	return !proxied && !is_reverse(query) &&
	       span_contains(query->query.name, SPAN("."));
}

static void an_dns_1(struct judge *j)
{
	const struct event *on = occasion(j->v);
	const char *expected = "no query that is not needed";

	for_events (ev, j->v) {
		if (ev->kind != EV_QUERY || is_necessary(j, ev))
			continue;
		if (!may_be_built_in(j, ev)) {
			j_broken(j, ev->n, expected, "%s", query_words(j, ev));
			return;
		}
		j_say(j, V_INFO, ev->n, expected,
		      "%s, which nothing in its configuration names",
		      query_words(j, ev));
	}
	if (on)
		pass_quietly(j, on);
}

REQ(an_dns_3) = {
	.id = "AN-DNS-3",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "dns",
	.dflt = V_WARN,
	.title = "No reverse DNS of clients or destinations.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(PROXY_USED) | STIMULUS(SESSIONS_UNPROXIED) |
		   STIMULUS(CLIENTS_SERVED) | STIMULUS(CLIENT_CARRIED),
	.judge = an_dns_3,
};

static void an_dns_3(struct judge *j)
{
	const struct event *on = occasion(j->v);

	for_events (ev, j->v)
		if (ev->kind == EV_QUERY &&
		    (is_reverse(ev) || holds_client(j, ev->query.name))) {
			j_broken(j, ev->n, "no name asked for an address", "%s",
				 query_words(j, ev));
			return;
		}
	if (on && on->kind != EV_WINDOW)
		pass_quietly(j, on);
}

/* Hosts that answer questions for names and do nothing else that a transport
 * could want: what goes there is one, even inside HTTPS. */
static bool is_public_resolver(struct span host)
{
	static const char *const known[] = {
		/* Google, Cloudflare, Quad9, OpenDNS, AdGuard */
		"8.8.8.8",
		"8.8.4.4",
		"2001:4860:4860::8888",
		"2001:4860:4860::8844",
		"1.1.1.1",
		"1.0.0.1",
		"2606:4700:4700::1111",
		"2606:4700:4700::1001",
		"9.9.9.9",
		"149.112.112.112",
		"2620:fe::fe",
		"2620:fe::9",
		"208.67.222.222",
		"208.67.220.220",
		"94.140.14.14",
		"94.140.15.15",
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_eqs(host, known[i]))
			return true;
	return false;
}

/* Where everybody nearby is asked for a name: multicast DNS (RFC 6762 section 3)
 * and LLMNR (RFC 4795 section 2). */
static bool asks_the_neighbours(const struct addr *to)
{
	return (to->port == DNS_MULTICAST_PORT &&
		(span_eqs(to->host, "224.0.0.251") ||
		 span_eqs(to->host, "ff02::fb"))) ||
	       (to->port == DNS_LLMNR_PORT &&
		(span_eqs(to->host, "224.0.0.252") ||
		 span_eqs(to->host, "ff02::1:3")));
}

/* It goes where names are asked for, and that is not the resolver of the
 * system. */
static bool asks_another(const struct view *v, const struct event *packet)
{
	struct addr to;

	return !addr_parse(packet->packet.to, &to) &&
	       (to.port == DNS_PORT || to.port == DNS_TLS_PORT ||
		is_public_resolver(to.host) || asks_the_neighbours(&to)) &&
	       !span_eqs(to.host, DNS_RESOLVER4) &&
	       !span_eqs(to.host, DNS_RESOLVER6) && !is_configured(v, to.host);
}

/* What an application asked for may have that port. */
static bool is_a_destination(const struct view *v, const struct event *packet)
{
	for_events (ev, v)
		if (ev->kind == EV_SOCKS &&
		    span_eq(ev->socks.dest, packet->packet.to))
			return true;
	return has_open_session(v);
}

REQ(an_dns_4) = {
	.id = "AN-DNS-4",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "pcap",
	.dflt = V_WARN,
	.title = "Names are asked for at the system's resolver, at no other.",
	.traps = "A resolver that the configuration names. Queries inside "
		 "HTTPS are told from other traffic by the addresses of "
		 "public resolvers alone. Multicast DNS and LLMNR ask "
		 "everybody nearby.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(PROXY_USED) | STIMULUS(NOBODY_ASKS) |
		   STIMULUS(SESSIONS_UNPROXIED) | STIMULUS(CLIENTS_SERVED),
	.judge = an_dns_4,
};

static void an_dns_4(struct judge *j)
{
	const struct event *on = occasion(j->v);

	for_events (ev, j->v)
		if (ev->kind == EV_PACKET && asks_another(j->v, ev) &&
		    !is_a_destination(j->v, ev)) {
			j_broken(j, ev->n,
				 "no question to another resolver than the "
				 "system's",
				 "%s", packet_words(j, ev));
			return;
		}
	if (on)
		pass_quietly(j, on);
}

/* The proxy was asked for @name, or for what the fake resolver says of it. */
static const struct event *asked_at_proxy(const struct view *v,
					  struct span name, bool resolved)
{
	for_events (ev, v) {
		if (ev->kind != EV_UPSTREAM ||
		    ev->upstream.stage != PROXY_DID_REQUEST)
			continue;
		if (resolved ? query_holds(ev->upstream.what,
					   SPAN(DNS_FAKE_IP4 ":")) ||
				       query_holds(ev->upstream.what,
						   SPAN(DNS_FAKE_IP6 "]"))
			     : query_holds(ev->upstream.what, name))
			return ev;
	}
	return NULL;
}

/* A beginning that nobody but this launch's application can have named. */
#define CUT_MIN 32

/* The proxy was asked for a beginning of @name: it had no room for it. */
static const struct event *cut_at_proxy(const struct view *v, struct span name)
{
	for_events (ev, v) {
		struct span host;

		if (ev->kind != EV_UPSTREAM ||
		    ev->upstream.stage != PROXY_DID_REQUEST)
			continue;
		host = span_sub(ev->upstream.what, 0,
				span_find(ev->upstream.what, ':'));
		if (host.n >= CUT_MIN && host.n < name.n &&
		    span_starts(name, host))
			return ev;
	}
	return NULL;
}

static void judge_name(struct judge *j, struct span name)
{
	static const char expected[] =
		"the name at the proxy, and no query for it";
	const struct event *whole = asked_at_proxy(j->v, name, false);
	const struct event *resolved = asked_at_proxy(j->v, name, true);
	const struct event *cut = whole ? NULL : cut_at_proxy(j->v, name);

	for_events (ev, j->v)
		if (ev->kind == EV_QUERY && query_holds(ev->query.name, name)) {
			j_broken(j, ev->n, expected,
				 "%s, in spite of `PROXY DONE`",
				 query_words(j, ev));
			return;
		}
	/* However it came to know that. */
	if (resolved)
		j_broken(j, resolved->n, expected,
			 "a request for %s, which is its address",
			 j_show(j, resolved->upstream.what));
	else if (cut)
		j_broken(j, cut->n, expected, "the first %zu bytes of it",
			 span_find(cut->upstream.what, ':'));
	else if (whole)
		pass_if_seen(j, whole);
}

REQ(an_dns_2) = {
	.id = "AN-DNS-2",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5, 3.3.1.2",
	.role = "anon",
	.classes = "dns",
	.dflt = V_FAIL,
	.title = "With an upstream proxy, names are resolved by the proxy, "
		 "not locally.",
	.traps = "SOCKS5 with ATYP 1 after local lookup is the leak; "
		 "refusing domain names is fine.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = an_dns_2,
};

static void an_dns_2(struct judge *j)
{
	struct proxy_uri u;

	if (!proxy_accepted(j, &u))
		return;
	for_events (ev, j->v)
		if (ev->kind == EV_SOCKS && asked_name(ev).n)
			judge_name(j, asked_name(ev));
}

/* --- packets that nobody asked for --- */

/* Does it go to a place that the configuration names, or to what the fake
 * resolver says of a name in it?  Queries have a rule of their own. */
static bool is_declared(const struct judge *j, const struct event *packet)
{
	struct addr to;

	addr_parse(packet->packet.to, &to);
	if (to.port == 53 || is_configured(j->v, to.host))
		return true;
	if (!span_eqs(to.host, DNS_FAKE_IP4) &&
	    !span_eqs(to.host, DNS_FAKE_IP6))
		return false;
	for_events (ev, j->v)
		if (ev->kind == EV_QUERY && is_necessary(j, ev))
			return true;
	return false;
}

REQ(an_net_1) = {
	.id = "AN-NET-1",
	.area = AREA_ANONYMITY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "anon",
	.classes = "pcap",
	.dflt = V_WARN,
	.title = "No unexpected traffic (update checks, telemetry, NTP, "
		 "mDNS, multicast).",
	.traps = "IPv6 neighbour discovery, ARP are kernel traffic; "
		 "transports needing a broker declare it.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(NOBODY_ASKS),
	.judge = an_net_1,
};

static void an_net_1(struct judge *j)
{
	const struct event *client = first_client(j->v);
	uint32_t until = client ? client->n : UINT32_MAX;
	const struct event *window = view_window(j->v, 1);

	for_events (ev, j->v)
		if (ev->kind == EV_PACKET && ev->n < until &&
		    !is_declared(j, ev)) {
			j_broken(j, ev->n, "no packets that nobody asked for",
				 "%s", packet_words(j, ev));
			return;
		}
	if (window && window->n < until)
		pass_quietly(j, window);
}
