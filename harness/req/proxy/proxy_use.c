/*
 * proxy_use.c - what a client does with the proxy that it accepted.
 *
 * Two kinds of evidence: packets to anything else than the proxy, and what
 * the proxy of the harness was told, which is read again here.  A transport
 * that never came to dial proves nothing, so a pass needs a call.
 */
#include "harness/req/proxy/proxy.h"

#include "harness/req/traffic/outgoing.h"
#include "harness/req/launch/setup.h"

/* --- the ways that packets take --- */

static const char nothing_else[] = "nothing but connections to the proxy";

static bool scanned(const struct judge *j, struct outgoing *o)
{
	struct proxy_uri u;

	if (!proxy_accepted(j, &u))
		return false;
	outgoing_scan(j, &u, o);
	return true;
}

static void went_astray(struct judge *j, const struct event *packet,
			const char *expected)
{
	j_broken(j, packet->n, expected, "%s, in spite of `PROXY DONE`",
		 packet_words(j, packet));
	j_also(j, j->v->proxy_done->ev);
}

/* One that calls its proxy in other launches has its reasons here: some dial
 * only when there is something to send. */
static void no_call(struct judge *j)
{
	if (!j->rf->calls_proxy)
		j_unsure(j, "it called nobody for the session, not even the "
			    "proxy");
}

REQ(px_use_1) = {
	.id = "PX-USE-1",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net,pcap",
	.dflt = V_FAIL,
	.title = "All outgoing network connections go through the accepted "
		 "proxy.",
	.traps = "Loopback traffic with the harness's client app is not "
		 "outgoing. Local IPC is not network.",
	.judge = px_use_1,
};

static void px_use_1(struct judge *j)
{
	struct outgoing o;

	if (!scanned(j, &o))
		return;
	if (o.direct[TROUBLE_NONE] && o.direct_first)
		went_astray(j, o.direct[TROUBLE_NONE], nothing_else);
	else if (!o.sessions || outgoing_direct(&o))
		return;
	else if (o.call)
		pass_if_seen(j, o.call);
	else if (!o.trouble[TROUBLE_DOWN])
		no_call(j);
}

REQ(px_use_2) = {
	.id = "PX-USE-2",
	.area = AREA_PROXY,
	.level = L_MUST,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "This holds for every connection, including later ones, "
		 "retries and helper traffic (broker, TLS front, update "
		 "checks).",
	.judge = px_use_2,
};

static void px_use_2(struct judge *j)
{
	struct outgoing o;

	if (!scanned(j, &o))
		return;
	if (o.direct[TROUBLE_NONE] && !o.direct_first)
		went_astray(j, o.direct[TROUBLE_NONE], nothing_else);
	else if (o.call && o.sessions > 1 && !outgoing_direct(&o))
		pass_if_seen(j, o.call);
}

/* @called: there is no such trouble without a call at the proxy.  Else one is
 * needed, and a session that came to nothing: some say yes before they dial. */
static void judge_closed(struct judge *j, enum trouble t, bool called)
{
	struct outgoing o;

	if (!scanned(j, &o) || !o.trouble[t])
		return;
	if (o.direct[t]) {
		went_astray(j, o.direct[t], nothing_else);
		j_also(j, o.trouble[t]->n);
	} else if (!outgoing_direct(&o) && o.settled[t] &&
		   (called ||
		    (o.call && o.session && !session_ok(o.session)))) {
		pass_if_seen(j, o.settled[t]);
	}
}

REQ(px_closed_1) = {
	.id = "PX-CLOSED-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "If the proxy is unreachable the connection fails; no "
		 "direct attempt (\"fail closed\").",
	.traps = "PROXY-ERROR at start because the proxy is down is also "
		 "fail-closed.",
	.judge = px_closed_1,
};

static void px_closed_1(struct judge *j)
{
	judge_closed(j, TROUBLE_DOWN, false);
}

REQ(px_closed_2) = {
	.id = "PX-CLOSED-2",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "Same when the proxy refuses: authentication failure, no "
		 "acceptable method (0xFF), non-zero REP, HTTP 4xx/5xx, "
		 "garbage, early close, stall.",
	.traps = "Stall: outcome within connect limit, or still pending; "
		 "just no direct packet.",
	.judge = px_closed_2,
};

static void px_closed_2(struct judge *j)
{
	judge_closed(j, TROUBLE_REFUSED, true);
}

REQ(px_closed_3) = {
	.id = "PX-CLOSED-3",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "5",
	.role = "proxy",
	.classes = "pcap",
	.dflt = V_FAIL,
	.title = "If the proxy drops an established connection, nothing is "
		 "re-sent directly.",
	.judge = px_closed_3,
};

static void px_closed_3(struct judge *j)
{
	judge_closed(j, TROUBLE_DROPPED, true);
}

bool judge_px_called(struct judge *j)
{
	struct outgoing o;

	if (!scanned(j, &o) || !o.sessions)
		return false;
	if (o.call)
		j_pass(j, o.call->n);
	else if (outgoing_direct(&o))
		went_astray(j, outgoing_direct(&o), "a connection to it");
	else
		no_call(j);
	return true;
}

/* --- the flag and the variable --- */

#define PROXY "TOR_PT_PROXY"

/* A connection at the proxy of that setting, or NULL. */
static const struct event *call_at(const struct judge *j, struct span setting)
{
	const struct event *listener;
	struct proxy_uri u;

	uri_parse(j->a, setting, &u);
	listener = u.addr.family ? listener_at(j->v, &u.addr) : NULL;
	return listener ? accepted(j->v, listener, listener->n) : NULL;
}

/* Both can be used: the calls tell them apart. */
static void judge_which_is_used(struct judge *j, const struct override *o)
{
	const struct event *env = call_at(j, o->env);
	const struct event *flag = call_at(j, o->flag);

	if (env)
		j_broken(j, env->n, "connections to the proxy of the flag",
			 "one to the proxy of the variable");
	else if (flag)
		j_pass(j, flag->n);
}

/* One of the two is malformed, so the answer tells them apart. */
static void judge_which_is_answered(struct judge *j, bool flag_good)
{
	const struct line *error = error_line(j->v, IPC_PROXY_ERROR);
	const struct line *done = j->v->proxy_done;

	if (done && flag_good)
		j_pass(j, done->ev);
	else if (done && j->rf->refuses_bad_proxy && !j->rf->takes_bad_proxy)
		j_broken(j, done->ev, "`PROXY-ERROR` for the flag's value",
			 "%s", line_words(j, done));
	else if (error && j->rf->proxy_socks5 && flag_good)
		j_broken(j, error->ev, "`PROXY DONE` for the flag's value",
			 "%s", line_words(j, error));
	else if (error && j->rf->proxy_socks5)
		j_pass(j, error->ev);
}

REQ(cfg_ovr_px_1) = {
	.id = "CFG-OVR-PX-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "proxy",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-proxy` overrides `TOR_PT_PROXY`.",
	.traps = "T-NOMODE: only beside a plain proxy that was accepted, "
		 "and a malformed one that was refused, by the variable.",
	.needs = OF_CLIENT,
	.profiles = IN_20,
	.judge = cfg_ovr_px_1,
};

static void cfg_ovr_px_1(struct judge *j)
{
	struct override o;
	bool flag_good, env_good;

	if (!overridden(j->v, PROXY, &o))
		return;
	flag_good = uri_classify(o.flag) == URI_ACCEPTABLE;
	env_good = uri_classify(o.env) == URI_ACCEPTABLE;
	if (flag_good && env_good)
		judge_which_is_used(j, &o);
	else if (flag_good || env_good)
		judge_which_is_answered(j, flag_good);
}

/* --- credentials --- */

/* The code that the proxy sent, or 0. */
static int code_of(const struct proxied *p)
{
	int code = 0;

	if (p->told.n < 12 || !span_starts(p->told, SPAN("HTTP/1.")))
		return 0;
	for (size_t i = 9; i < 12; i++)
		code = 10 * code + (p->told.p[i] - '0');
	return code;
}

/* What was presented, of all connections the best. */
struct presented {
	const struct event
		*demanded; /* the first connection where it was due */
	const struct event *right, *wrong;
	struct span user, password; /* the wrong ones */
	bool offered;		    /* method 02, though never asked for */
};

static void see_credentials(const struct proxy_uri *u, const struct proxied *p,
			    const struct upstream *up, struct presented *out)
{
	bool due = up->script.kind == UPSTREAM_HTTP ? code_of(p) == 407
						    : up->method != 0;

	if (up->script.kind == UPSTREAM_SOCKS5 && !up->end[UPSTREAM_GREETING])
		return;
	if (up->script.kind == UPSTREAM_SOCKS5 &&
	    span_find(up->methods, 2) < up->methods.n)
		out->offered = true;
	if (!span_absent(up->user)) {
		bool right = span_eq(up->user, u->user) &&
			     span_eq(up->password, u->password);

		if (right) {
			out->right = p->accept;
		} else if (!out->wrong) {
			out->wrong = p->accept;
			out->user = up->user;
			out->password = up->password;
		}
	}
	/* Until the session is over they may still come. */
	if (due && !out->demanded && p->told.n && p->session)
		out->demanded = p->accept;
}

static void all_credentials(const struct judge *j, const struct proxy_uri *u,
			    struct presented *out)
{
	struct proxied p;
	uint32_t from = 0;

	*out = (struct presented){ 0 };
	while (proxied_next(j, u, from, &p)) {
		see_credentials(u, &p, proxied_read(j, u, &p), out);
		from = p.accept->n;
	}
}

/* The proxy of a scheme, with a user and a password that it has room for. */
static bool has_credentials(const struct judge *j, struct proxy_uri *u)
{
	return proxy_accepted(j, u) && u->user.n &&
	       !(u->anomalies &
		 (URI_CRED_TOO_LONG | URI_BAD_PERCENT | URI_BLANK));
}

static bool is_encoded(const struct judge *j)
{
	struct span s = proxy_userinfo(j->v);

	return span_find(s, '%') < s.n;
}

static const char *pair_words(struct judge *j, struct span user,
			      struct span password)
{
	if (span_absent(password))
		return arena_printf(j->a, "\"%s\" without a password",
				    j_show(j, user));
	return arena_printf(j->a, "\"%s\" and \"%s\"", j_show(j, user),
			    j_show(j, password));
}

REQ(px_auth_1) = {
	.id = "PX-AUTH-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "User name and password of the URI are presented to a "
		 "SOCKS5 proxy.",
	.traps = "Offering both 0x00 and 0x02 is fine.",
	.judge = px_auth_1,
};

static void px_auth_1(struct judge *j)
{
	struct presented c;
	struct proxy_uri u;

	if (!has_credentials(j, &u) || !span_eqs(u.scheme, "socks5") ||
	    !u.password.n)
		return;
	all_credentials(j, &u, &c);
	if (c.right)
		j_pass(j, c.right->n);
	else if (c.wrong && !is_encoded(j))
		j_broken(j, c.wrong->n, pair_words(j, u.user, u.password),
			 "%s at the proxy", pair_words(j, c.user, c.password));
	else if (c.demanded && !c.wrong && !c.offered)
		j_broken(j, c.demanded->n, pair_words(j, u.user, u.password),
			 "no offer of method 02 at the proxy");
}

REQ(px_auth_2) = {
	.id = "PX-AUTH-2",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "RFC 3986",
	.role = "proxy",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Percent-encoded octets in credentials are decoded.",
	.traps = "Tor itself does not encode: accept refusal via "
		 "PROXY-ERROR.",
	.judge = px_auth_2,
};

static void px_auth_2(struct judge *j)
{
	struct presented c;
	struct proxy_uri u;

	if (!has_credentials(j, &u) || !is_encoded(j))
		return;
	all_credentials(j, &u, &c);
	if (c.right)
		j_pass(j, c.right->n);
	else if (c.wrong)
		j_broken(j, c.wrong->n, pair_words(j, u.user, u.password),
			 "%s at the proxy", pair_words(j, c.user, c.password));
}

bool judge_px_userid(struct judge *j)
{
	struct proxied p;
	struct proxy_uri u;
	uint32_t from = 0;
	bool any = false;

	if (!has_credentials(j, &u) || is_encoded(j))
		return false;
	for (; proxied_next(j, &u, from, &p); from = p.accept->n) {
		const struct upstream *up = proxied_read(j, &u, &p);

		if (!up->end[UPSTREAM_REQUEST])
			continue;
		any = true;
		if (span_eq(up->user, u.user))
			j_pass(j, p.accept->n);
		else
			j_broken(j, p.accept->n,
				 arena_printf(j->a, "the user id \"%s\"",
					      j_show(j, u.user)),
				 "\"%s\" at the proxy", j_show(j, up->user));
	}
	return any;
}

/* --- what a proxy is asked for --- */

/* The first anomaly of the set, in words; NULL: none of it. */
static const char *oddity(const struct upstream *up, unsigned set)
{
	for (unsigned bit = 1; bit && bit <= set; bit <<= 1)
		if (up->anomalies & set & bit)
			return upstream_anomaly_text(
				(enum upstream_anomaly)bit);
	return NULL;
}

static bool same_place(const struct socks_addr *a, const struct addr *to)
{
	if (a->addr.port != to->port)
		return false;
	if (!span_absent(a->name))
		return span_eq(a->name, to->host);
	return to->family && addr_eq(&a->addr, to);
}

static const char *place_words(struct judge *j, const struct socks_addr *a)
{
	char text[ADDR_STRLEN];

	if (!span_absent(a->name))
		return arena_printf(j->a, "%s:%u", j_show(j, a->name),
				    a->addr.port);
	return arena_strdup(j->a, addr_format(&a->addr, text));
}

/*
 * A request in order is for the place that the application named.  There are
 * transports that go elsewhere by nature, so one for another place counts only
 * for such as have asked for that very place before.
 */
static void judge_place(struct judge *j, const struct proxied *p,
			const struct upstream *up)
{
	struct addr to;

	if (!p->session)
		return;
	addr_parse(p->session->data, &to);
	if (same_place(&up->dest, &to))
		j_pass(j, p->accept->n);
	else if (j->rf->asks_as_told)
		j_broken(j, p->accept->n,
			 arena_printf(j->a, "a request for %s",
				      j_show(j, p->session->data)),
			 "one for %s", place_words(j, &up->dest));
}

#define NOT_SOCKS4A                                              \
	(UPSTREAM_VERSION | UPSTREAM_CMD | UPSTREAM_EMPTY_NAME | \
	 UPSTREAM_TOO_LONG)

static void judge_request(struct judge *j, const struct proxied *p,
			  const struct proxy_uri *u, unsigned set,
			  const char *expected)
{
	const struct upstream *up = proxied_read(j, u, p);
	const char *odd = oddity(up, set);

	if (odd)
		j_broken(j, p->accept->n, expected, "%s: \"%s\"", odd,
			 j_show(j, span_sub(p->said, 0, 60)));
	else if (up->end[UPSTREAM_REQUEST])
		judge_place(j, p, up);
}

REQ(px_s4a_1) = {
	.id = "PX-S4A-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`socks4a` proxies get a SOCKS4/4a CONNECT with the right "
		 "destination.",
	.traps = "T-NOMODE via PROXY-ERROR.",
	.judge = px_s4a_1,
};

static void px_s4a_1(struct judge *j)
{
	struct proxied p;
	struct proxy_uri u;

	if (!proxy_accepted(j, &u) || !span_eqs(u.scheme, "socks4a"))
		return;
	for (uint32_t from = 0; proxied_next(j, &u, from, &p);
	     from = p.accept->n)
		judge_request(j, &p, &u, NOT_SOCKS4A,
			      "a SOCKS4a CONNECT request");
}

/* --- HTTP --- */

#define NOT_CONNECT                                                     \
	(UPSTREAM_VERSION | UPSTREAM_HTTP_METHOD | UPSTREAM_HTTP_LINE | \
	 UPSTREAM_HTTP_TARGET | UPSTREAM_HTTP_VERSION | UPSTREAM_TOO_LONG)

/*
 * Does a session end well although the proxy never granted it?  Some
 * transports say yes before they dial; those do it for a proxy that hangs up,
 * too, and are told by that.
 */
static void judge_refused_ok(struct judge *j, const struct proxy_uri *u)
{
	const struct event *waits = NULL, *yes = NULL;
	struct proxied p;
	struct outgoing o;
	int code = 0;

	outgoing_scan(j, u, &o);
	if (outgoing_direct(&o))
		return; /* it went on without the proxy */
	for (uint32_t from = 0; proxied_next(j, u, from, &p);
	     from = p.accept->n) {
		if (!p.failed || !p.session || p.session->n < p.failed->n)
			continue;
		if (!session_ok(p.session))
			waits = p.session;
		else if (code_of(&p) && !yes) {
			yes = p.session;
			code = code_of(&p);
		}
	}
	if (yes && waits) {
		j_broken(j, yes->n, "no connection after that answer",
			 "success for the application after the proxy had "
			 "answered %d",
			 code);
		j_also(j, waits->n);
	}
}

/* A proxy that answers 407 to whoever has been given credentials for it. */
static void judge_basic(struct judge *j, const struct proxy_uri *u)
{
	struct presented c;
	struct proxy_uri same_uri = *u;

	if (!has_credentials(j, &same_uri))
		return;
	all_credentials(j, u, &c);
	if (c.demanded && !c.right && !c.wrong)
		j_say(j, V_WARN, c.demanded->n,
		      "`Proxy-Authorization: Basic` with the credentials",
		      "a request without any");
}

REQ(px_http_1) = {
	.id = "PX-HTTP-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2",
	.role = "proxy",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`http` proxies get a CONNECT request; 2xx means go on.",
	.traps = "Extra headers, HTTP/1.0 or 1.1, any 2xx; reply split or "
		 "with extra bytes after the blank line.",
	.judge = px_http_1,
};

static void px_http_1(struct judge *j)
{
	struct proxied p;
	struct proxy_uri u;

	if (!proxy_accepted(j, &u) || !span_eqs(u.scheme, "http"))
		return;
	for (uint32_t from = 0; proxied_next(j, &u, from, &p);
	     from = p.accept->n)
		judge_request(j, &p, &u, NOT_CONNECT,
			      "an HTTP CONNECT request");
	judge_refused_ok(j, &u);
	judge_basic(j, &u);
}

/* --- replies in pieces --- */

/* The transport understood the reply: it sent something through the tunnel,
 * or told the application. */
static bool went_on(const struct proxied *p)
{
	return p->behind.n || (p->session && session_ok(p->session));
}

/* What the proxy said until it had granted; of SOCKS5, from its reply to the
 * request on. */
static struct span reply_of(const struct proxied *p, const struct proxy_uri *u)
{
	struct span all = span_sub(p->told, 0, p->told.n - p->tunnel.n);
	bool asked = all.n > 1 && all.p[1] == 2;

	return span_eqs(u->scheme, "socks5")
		       ? span_sub(all, asked ? 4 : 2, all.n)
		       : all;
}

/* How long a reply to the request is; its length when it is none. */
static size_t reply_length(struct span reply, const struct proxy_uri *u)
{
	const char *blank;

	if (span_eqs(u->scheme, "socks4a"))
		return 8;
	if (span_eqs(u->scheme, "http")) {
		blank = reply.n ? memmem(reply.p, reply.n, "\r\n\r\n", 4)
				: NULL;
		return blank ? (size_t)(blank - reply.p) + 4 : reply.n;
	}
	if (reply.n < 5)
		return reply.n;
	return reply.p[3] == 1	 ? 10
	       : reply.p[3] == 4 ? 22
				 : 7 + (size_t)(uint8_t)reply.p[4];
}

/* What stands in the same piece behind the reply. */
static struct span glued(const struct proxied *p, const struct proxy_uri *u)
{
	struct span reply = reply_of(p, u);

	return span_sub(reply, reply_length(reply, u), reply.n);
}

/* What is special about how it was granted; NULL: nothing. */
static const char *manner(const struct proxied *p, const struct proxy_uri *u)
{
	struct span reply = reply_of(p, u);

	if (p->dripped)
		return "byte by byte";
	if (glued(p, u).n)
		return "with data right behind it";
	if (!span_eqs(u->scheme, "socks5") || reply.n < 5)
		return NULL;
	return reply.p[3] == 3	 ? "with a name as bound address"
	       : reply.p[3] == 4 ? "with an IPv6 bound address"
				 : NULL;
}

/* Did the application get these bytes, of session @socks? */
static bool delivered(const struct judge *j, const struct event *socks,
		      struct span bytes)
{
	for_events (ev, j->v)
		if (ev->kind == EV_RECV && span_eq(ev->ch, socks->ch) &&
		    span_contains(ev->data, bytes))
			return true;
	return false;
}

/* One that was answered as usual. */
struct plain {
	bool went_on;
	bool clear; /* and what the proxy sent came to the application as it
			 was: it is no code that garbage could break */
};

static void see_plain(const struct judge *j, const struct proxied *p,
		      struct plain *out)
{
	out->went_on |= went_on(p);
	out->clear |= p->tunnel.n && p->session && session_ok(p->session) &&
		      delivered(j, p->session, p->tunnel);
}

static void stopped(struct judge *j, const struct proxied *p, const char *how)
{
	static const char expected[] =
		"a connection, as after a reply in one piece";
	const struct event *limit;

	if (!p->session)
		return;
	limit = view_event(j->v, EV_LIMIT, NULL, p->session->n);
	if (!span_eqs(p->session->text, "timeout"))
		j_broken(j, p->session->n, expected, "\"%s\" after a reply %s",
			 j_show(j, p->session->text), how);
	else if (limit)
		j_late(j, limit, expected, "no more word after a reply %s",
		       how);
}

static void judge_glue(struct judge *j, const struct proxied *p,
		       struct span bytes)
{
	const struct event *limit =
		view_event(j->v, EV_LIMIT, NULL, p->session->n);

	if (delivered(j, p->session, bytes))
		j_pass(j, p->accept->n);
	else if (limit)
		j_late(j, limit, "the data behind the reply",
		       "nothing of \"%s\"", j_show(j, bytes));
}

REQ(px_split_1) = {
	.id = "PX-SPLIT-1",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "proxy",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Proxy replies in pieces or with data right behind them are "
		 "handled.",
	.judge = px_split_1,
};

static void px_split_1(struct judge *j)
{
	struct plain plain = { 0 };
	struct proxied p;
	struct proxy_uri u;

	if (!proxy_accepted(j, &u))
		return;
	for (uint32_t from = 0; proxied_next(j, &u, from, &p);
	     from = p.accept->n) {
		const char *how = manner(&p, &u);

		/* Whoever gives up amidst a reply never has it granted. */
		if (!p.granted && !(p.dripped && !p.failed))
			continue;
		if (!how)
			see_plain(j, &p, &plain);
		else if (!went_on(&p) && plain.went_on)
			stopped(j, &p, how);
		else if (went_on(&p) && plain.clear && glued(&p, &u).n)
			judge_glue(j, &p, glued(&p, &u));
		else if (went_on(&p))
			j_pass(j, p.accept->n);
	}
}
