#include "fake-transports/net/dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/net/lookup.h"
#include "fake-transports/net/tcp.h"
#include "fake-transports/protocols/extor.h"
#include "fake-transports/protocols/socks.h"

#define READ_CHUNK 16384u
/* The longest message of an Extended ORPort: a header and its body. */
#define REPLY_MAX (4u + UINT16_MAX)

enum dial_state {
	DIAL_LOOKUP,
	DIAL_CONNECT,
	DIAL_TALK,
	DIAL_DONE,
};

/* The wire is the current attempt, at last the one that worked. */
struct dial {
	struct pt_conn base;
	enum dial_state state;
	struct lookup *lookup;
	struct hostport at[LOOKUP_MAX];
	int at_n;
	int at_i;
	bool via_proxy;
	bool via_extor;
	struct pt *pt;	    /* of a client */
	struct hostport to; /* what the proxy is asked for */
	struct proxy_dialogue proxy;
	struct sockaddr_storage peer;
	struct extor extor;
	struct buf in; /* what came behind the dialogue is still to be read */
	struct buf out;
};

static struct dial *dial_of(struct pt_conn *c)
{
	return (struct dial *)c;
}

/* Tries the next address; `error` is why the one before failed. */
static int connect_next(struct dial *d, int error)
{
	d->state = DIAL_CONNECT;
	pt_close(d->base.wire);
	d->base.wire = NULL;
	while (d->at_i < d->at_n) {
		error = tcp_connect(&d->at[d->at_i++], &d->base.wire);
		if (error == 0)
			return 0;
	}
	return error;
}

/* Only for faults: tries the destination without the proxy. */
static int go_direct(struct dial *d)
{
	d->via_proxy = false;
	buf_eat(&d->in, buf_n(&d->in));
	buf_eat(&d->out, buf_n(&d->out));
	d->at[0] = d->to;
	d->at_i = 0;
	d->at_n = 1;
	return d->to.is_name ? -EHOSTUNREACH : connect_next(d, 0);
}

static int look_up(struct dial *d)
{
	int n = lookup_take(d->lookup, d->at);

	if (n < 0)
		return n;
	d->at_n = n;
	if (d->via_proxy) {
		/* By a fault it was the destination. */
		d->to = d->at[0];
		d->at[0] = d->pt->proxy.at;
		d->at_n = 1;
	}
	return connect_next(d, 0);
}

FAULT(PROXY_DOWN_DIRECT, "proxy-down-direct",
      "dials without the proxy when that cannot be reached",
      "PX-CLOSED-1 AN-FC-1", "");
FAULT(REVERSE_LOOKUP, "reverse-lookup",
      "asks for the name of each address that it connects to", "AN-DNS-3",
      "AN-DNS-1 PX-USE-* AN-FC-1");
static int try_to_connect(struct dial *d)
{
	int r = pt_establish(d->base.wire);

	if (r == -EAGAIN)
		return r;
	if (r < 0 && d->via_proxy && fault_is(F_PROXY_DOWN_DIRECT))
		return go_direct(d);
	if (r < 0)
		return connect_next(d, r);
	if (d->pt && fault_is(F_REVERSE_LOOKUP))
		fault_reverse_lookup(&d->at[d->at_i - 1]);
	d->state = d->via_proxy || d->via_extor ? DIAL_TALK : DIAL_DONE;
	return 0;
}

/* An end in the middle of the dialogue is an error. */
static int read_in(struct dial *d)
{
	ssize_t n;

	if (buf_n(&d->in) >= REPLY_MAX)
		return -EPROTO;
	n = pt_read(d->base.wire, buf_room(&d->in, READ_CHUNK), READ_CHUNK);
	if (n == 0)
		return -ECONNABORTED;
	if (n < 0)
		return (int)n;
	buf_grew(&d->in, (size_t)n);
	return 0;
}

FAULT(PROXY_METHOD_DIRECT, "proxy-method-direct",
      "dials without the proxy when that accepts none of its methods",
      "PX-CLOSED-2 AN-FC-1", "");
FAULT(PROXY_HTTP_DIRECT, "proxy-http-direct",
      "dials without the proxy when an HTTP status says no",
      "PX-CLOSED-2 AN-FC-1", "");
FAULT(PROXY_REPLY_DIRECT, "proxy-reply-direct",
      "dials without the proxy when a SOCKS reply says no",
      "PX-CLOSED-2 AN-FC-1", "");
static bool falls_back(const struct dial *d)
{
	if (!d->via_proxy)
		return false;
	if (d->proxy.state == PROXY_METHOD)
		return fault_is(F_PROXY_METHOD_DIRECT);
	return d->proxy.proxy->kind == PROXY_HTTP
		       ? fault_is(F_PROXY_HTTP_DIRECT)
		       : fault_is(F_PROXY_REPLY_DIRECT);
}

FAULT(PROXY_CLOSE_DIRECT, "proxy-close-direct",
      "dials without the proxy when that ends a dialogue",
      "PX-CLOSED-2 AN-FC-1", "PX-CLOSED-3 PX-USE-*");
static int dialogue_step(struct dial *d)
{
	enum step step = d->via_proxy ? proxy_step(&d->proxy, &d->in, &d->out)
				      : extor_step(&d->extor, &d->in, &d->out);
	int r;

	if (step == STEP_FAIL)
		return falls_back(d) ? go_direct(d)
				     : socks_errno_of_rep(d->proxy.rep);
	r = pt_write_buf(d->base.wire, &d->out);
	if (r == 0 && step == STEP_DONE)
		d->state = DIAL_DONE;
	else if (r == 0)
		r = read_in(d);
	if (r < 0 && r != -EAGAIN && d->via_proxy &&
	    fault_is(F_PROXY_CLOSE_DIRECT))
		return go_direct(d);
	return r;
}

static int one_step(struct dial *d)
{
	switch (d->state) {
	case DIAL_LOOKUP:
		return look_up(d);
	case DIAL_CONNECT:
		return try_to_connect(d);
	case DIAL_TALK:
		return dialogue_step(d);
	case DIAL_DONE:
		break;
	}
	return 0;
}

/* For a fault: the extended port has taken a client of this process. */
static bool extor_served;

FAULT(EXTOR_FALLBACK, "extor-fallback",
      "turns to the ORPort when the extended one fails", "EXT-FAIL-1",
      "EXT-AUTH-12 EXT-MSG-8 EXT-CFG-6");
FAULT(EXTOR_FALLBACK_LATER, "extor-fallback-later",
      "turns to the ORPort when the extended one, which worked, fails",
      "EXT-FAIL-1", "EXT-CFG-6");
static bool takes_orport(void)
{
	return fault_is(F_EXTOR_FALLBACK) ||
	       (extor_served && fault_is(F_EXTOR_FALLBACK_LATER));
}

FAULT(EXTOR_KEEPS_DESCRIPTOR, "extor-keeps-descriptor",
      "keeps a descriptor of each client that the extended port wants not",
      "HY-FDS-1", "");
static int dial_establish(struct pt_conn *c)
{
	struct dial *d = dial_of(c);
	int r = 0;

	while (r == 0 && d->state != DIAL_DONE)
		r = one_step(d);
	if (r == 0 && d->via_extor)
		extor_served = true;
	if (r < 0 && r != -EAGAIN && d->via_extor &&
	    fault_is(F_EXTOR_KEEPS_DESCRIPTOR))
		fault_leak_descriptor();
	if (r < 0 && r != -EAGAIN && d->via_extor && d->at_n == 1 &&
	    takes_orport()) {
		/* What was read of the other belongs to nobody. */
		buf_fini(&d->in);
		buf_fini(&d->out);
		d->via_extor = false;
		d->at[0] = d->to;
		d->at_i = 0;
		return connect_next(d, r) ? r : dial_establish(c);
	}
	return r;
}

FAULT(PROXY_DROP_DIRECT, "proxy-drop-direct",
      "does without the proxy once that has dropped a connection",
      "PX-CLOSED-3 AN-FC-1", "PX-USE-2");
static ssize_t dial_read(struct pt_conn *c, void *p, size_t n)
{
	struct dial *d = dial_of(c);
	struct buf *in = &d->in;
	ssize_t got;

	if (buf_n(in) == 0) {
		got = pt_read(c->wire, p, n);
		if (got < 0 && got != -EAGAIN && d->via_proxy &&
		    fault_is(F_PROXY_DROP_DIRECT))
			d->pt->proxy_lost = true;
		return got;
	}
	if (n > buf_n(in))
		n = buf_n(in);
	memcpy(p, buf_head(in), n);
	buf_eat(in, n);
	if (buf_n(in) == 0)
		buf_fini(in);
	return (ssize_t)n;
}

static void dial_poll(struct pt_conn *c, short want, struct pt_wish *out)
{
	const struct dial *d = dial_of(c);

	if (d->state == DIAL_LOOKUP) {
		*out = (struct pt_wish){ .fd = lookup_fd(d->lookup),
					 .events = POLLIN };
		return;
	}
	if (d->state == DIAL_TALK)
		want = POLLIN | (buf_n(&d->out) > 0 ? POLLOUT : 0);
	if (c->wire)
		pt_poll(c->wire, want, out);
	else
		*out = (struct pt_wish){ .fd = -1 };
	if (d->state == DIAL_DONE && (want & POLLIN) && buf_n(&d->in) > 0)
		out->ready = true;
}

static void dial_fini(struct pt_conn *c)
{
	struct dial *d = dial_of(c);

	lookup_free(d->lookup);
	buf_fini(&d->in);
	buf_fini(&d->out);
}

static const struct pt_conn_ops dial_ops = {
	.establish = dial_establish,
	.read = dial_read,
	.poll = dial_poll,
	.fini = dial_fini,
};

static struct dial *dial_new(void)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	d->base.ops = &dial_ops;
	return d;
}

FAULT(PUBLIC_RESOLVER, "public-resolver",
      "looks names up at a resolver of its own first", "AN-DNS-4",
      "PX-USE-* AN-FC-1");
FAULT(PUBLIC_RESOLVER_HTTPS, "public-resolver-https",
      "calls a public resolver's HTTPS for each name", "AN-DNS-4",
      "PX-USE-* AN-FC-1");
FAULT(NAMES_BY_MULTICAST, "names-by-multicast",
      "asks the local network for each name as well", "AN-DNS-4",
      "PX-USE-* AN-FC-1");
static int dial_start(struct dial *d, const struct hostport *hp,
		      struct pt_conn **out)
{
	int r;

	if (hp->is_name && fault_is(F_PUBLIC_RESOLVER))
		fault_ask_public_resolver(hp->host);
	if (hp->is_name && fault_is(F_NAMES_BY_MULTICAST))
		fault_ask_neighbours(hp->host);
	if (hp->is_name && fault_is(F_PUBLIC_RESOLVER_HTTPS))
		fault_call_public_resolver();
	if (hp->is_name) {
		r = lookup_start(hp, &d->lookup);
	} else {
		d->at[0] = *hp;
		d->at_n = 1;
		r = connect_next(d, 0);
	}
	if (r < 0)
		pt_close(&d->base);
	else
		*out = &d->base;
	return r;
}

/* 10/8, 192.168/16 (RFC 1918), fc00::/7 (RFC 4193). */
static bool is_private(const struct sockaddr_storage *ss)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)ss;
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	uint32_t ip;

	if (ss->ss_family == AF_INET6)
		return (sin6->sin6_addr.s6_addr[0] & 0xfe) == 0xfc;
	ip = ntohl(sin->sin_addr.s_addr);
	return ip >> 24 == 10 || ip >> 16 == 0xc0a8;
}

FAULT(PROXY_FIRST_ONLY, "proxy-first-only",
      "uses the proxy for its first connection only", "PX-USE-2 AN-FC-1",
      "PX-CLOSED-*");
FAULT(PROXY_DIAL_DIRECT, "proxy-dial-direct",
      "prints PROXY DONE and dials without the proxy", "PX-USE-1 AN-FC-1",
      "PX-CLOSED-1 PX-V6-1 AN-DNS-2");
FAULT(UDP_PAST_PROXY, "udp-past-proxy",
      "a client in a mode for datagrams connects without the proxy", "PX-UDP-1",
      "UC-*");
FAULT(PROXY_OWN_FAMILY, "proxy-own-family",
      "uses the proxy for addresses of the family of the proxy's own only",
      "PX-USE-2 AN-FC-1", "PX-* AN-*");
FAULT(UDP_PAST_PROXY_AGAIN, "udp-past-proxy-again",
      "a client in a mode for datagrams connects by way of the proxy once only",
      "PX-UDP-1", "UC-*");
FAULT(PROXY_NOT_NEAR, "proxy-not-near",
      "uses no proxy for addresses of private networks", "PX-USE-1 AN-FC-1",
      "PX-USE-2 PX-UDP-1");
static bool uses_proxy(struct pt *pt, const struct hostport *to)
{
	if (mode_is_udp(pt->cfg.mode) &&
	    (fault_is(F_UDP_PAST_PROXY) ||
	     (fault_is(F_UDP_PAST_PROXY_AGAIN) && pt->dialed > 0)))
		return false;
	if (fault_is(F_PROXY_NOT_NEAR) && !to->is_name && is_private(&to->ss))
		return false;
	if (fault_is(F_PROXY_OWN_FAMILY) &&
	    (to->is_name || to->ss.ss_family != pt->proxy.at.ss.ss_family))
		return false;
	if (pt->dialed++ > 0 && fault_is(F_PROXY_FIRST_ONLY))
		return false;
	return pt->has_proxy && !pt->proxy_lost &&
	       !fault_is(F_PROXY_DIAL_DIRECT);
}

FAULT(PROXY_NAMES_RESOLVED, "proxy-names-resolved",
      "looks names up and gives the proxy their addresses", "AN-DNS-2",
      "PX-USE-1 AN-FC-1");
FAULT(PROXY_LABELS_RESOLVED, "proxy-labels-resolved",
      "looks names up that have no dot", "AN-DNS-2", "PX-USE-1 AN-FC-1");
FAULT(PROXY_NAMES_CUT, "proxy-names-cut",
      "gives the proxy the first 63 bytes of a name", "AN-DNS-2",
      "PX-S4A-1 PX-HTTP-1");
static int dial_as_client(struct pt_dialer *dialer, const struct hostport *to,
			  struct pt_conn **out)
{
	struct pt *pt = dialer->host;
	struct dial *d = dial_new();

	d->pt = pt;
	d->to = *to;
	d->via_proxy = uses_proxy(pt, to);
	d->proxy.proxy = &pt->proxy;
	d->proxy.to = &d->to;
	if (to->is_name && strlen(to->host) > 63 && fault_is(F_PROXY_NAMES_CUT))
		d->to.host[63] = '\0';
	if (to->is_name &&
	    (fault_is(F_PROXY_NAMES_RESOLVED) ||
	     (fault_is(F_PROXY_LABELS_RESOLVED) && !strchr(to->host, '.'))))
		return dial_start(d, to, out);
	return dial_start(d, d->via_proxy ? &pt->proxy.at : to, out);
}

struct pt_dialer client_dialer(struct pt *pt)
{
	return (struct pt_dialer){ .dial = dial_as_client, .host = pt };
}

FAULT(EXTOR_ORPORT_FIRST, "extor-orport-first",
      "takes the ORPort where both destinations are set", "EXT-CFG-6",
      "EXT-* CFG-OVR-EXT-1");
FAULT(ORPORT_BUILTIN, "orport-builtin",
      "the server calls another port than it was told", "OR-FWD-1",
      "OR-* GEN-E2E-* GEN-FWD-1 GEN-XFORM-1 SM-ARGS-5 SM-LIFE-1 SK-* EXT-* "
      "CFG-OVR-OR-1 CFG-OVR-EXT-1 TT-SRV-1 TT-RAW-1");
FAULT(ORPORT_V4_DEAD, "orport-v4-dead", "never reaches an IPv4 ORPort",
      "OR-V4-1",
      "OR-* GEN-* SM-LIFE-1 CFG-OVR-OR-1 EXT-CFG-1 EXT-CFG-5 EXT-CFG-9 TT-SRV-1 TT-RAW-1");
FAULT(EXTOR_FIRST_ONLY, "extor-first-only",
      "takes the ORPort for all clients but the first", "EXT-CFG-6",
      "EXT-* CFG-OVR-EXT-1");
FAULT(EXTOR_GIVEN_UP, "extor-given-up",
      "takes the ORPort once the extended port has failed", "EXT-FAIL-1",
      "EXT-CFG-6 EXT-AUTH-5 EXT-AUTH-12");
FAULT(EXTOR_FIRST_NAME, "extor-first-name",
      "always tells the name of its first transport", "EXT-MSG-5", "");
FAULT(EXTOR_LAST_NAME, "extor-last-name",
      "always tells the name of its last transport", "EXT-MSG-5", "");
static const char *told_name(const struct config *cfg, const char *transport)
{
	if (fault_is(F_EXTOR_FIRST_NAME))
		return cfg->transports.v[0];
	if (fault_is(F_EXTOR_LAST_NAME))
		return cfg->transports.v[cfg->transports.n - 1];
	return transport;
}

FAULT(EXTOR_COOKIE_KEPT, "extor-cookie-kept",
      "reads the cookie file for its first client only", "EXT-AUTH-11", "");
static const uint8_t *kept_key(struct config *cfg)
{
	if (fault_is(F_EXTOR_COOKIE_KEPT) && !cfg->has_kept_key)
		cfg->has_kept_key =
			extor_read_cookie(cfg->cookie_file, cfg->kept_key);
	return cfg->has_kept_key ? cfg->kept_key : NULL;
}

/* Which of two destinations. */
static bool is_extended(const struct pt *pt)
{
	const struct config *cfg = &pt->cfg;

	if (!cfg->has_orport)
		return cfg->has_extorport;
	if (fault_is(F_EXTOR_ORPORT_FIRST) ||
	    (fault_is(F_EXTOR_FIRST_ONLY) && pt->dialed > 1) ||
	    (fault_is(F_EXTOR_GIVEN_UP) && pt->extor_failed))
		return false;
	return cfg->has_extorport;
}

FAULT(SESSION_FORGETS_NAME, "session-forgets-name",
      "a server takes a host name as destination and never calls it",
      "OR-DOM-1 OR-FWD-1", "OR-* EXT-*");
int dial_destination(struct pt *pt, const struct sockaddr_storage *peer,
		     const char *transport, struct pt_conn **out)
{
	const struct config *cfg = &pt->cfg;
	const struct hostport *to;
	bool extended;
	struct hostport elsewhere;
	struct dial *d;

	pt->dialed++;
	extended = is_extended(pt);
	to = extended ? &cfg->extorport : &cfg->orport;

	if (!cfg->has_extorport && !cfg->has_orport)
		return -EDESTADDRREQ;
	if (fault_is(F_ORPORT_BUILTIN)) {
		elsewhere = *to;
		addr_set_port(&elsewhere.ss, 9001);
		to = &elsewhere;
	}
	if (fault_is(F_SESSION_FORGETS_NAME) && to->is_name)
		return -EHOSTUNREACH;
	if (fault_is(F_ORPORT_V4_DEAD) && to->ss.ss_family == AF_INET)
		return -ENETUNREACH;
	d = dial_new();
	d->peer = *peer;
	d->via_extor = extended;
	d->to = cfg->orport;
	d->extor.cookie_file = cfg->cookie_file;
	d->extor.peer = &d->peer;
	d->extor.transport = told_name(cfg, transport);
	d->extor.kept_key = kept_key(&pt->cfg);
	return dial_start(d, to, out);
}
