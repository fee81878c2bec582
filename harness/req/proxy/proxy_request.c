/*
 * proxy_request.c - what a client tells its proxy: credentials, and whom it asks
 * for.  The proxy of the harness has written it down; it is read again here.
 */
#include "harness/req/core/judges.h"
#include "harness/req/proxy/proxy.h"
#include "harness/req/traffic/outgoing.h"

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
	bool granted;		    /* to the right ones */
	/* After that: for want of them a session came to nothing, and no other
	 * connection had them.  Some try without them first. */
	const struct event *lapse;
};

/* Nothing but the right ones would have done there, and they did not come. */
static bool is_lapse(const struct proxied *p, const struct upstream *up)
{
	return p->told.n && p->session && !session_ok(p->session) &&
	       (!span_absent(up->user) || up->script.kind != UPSTREAM_SOCKS5 ||
		span_find(up->methods, 2) == up->methods.n);
}

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
			out->granted |= p->granted != NULL;
			out->lapse = NULL;
			return;
		} else if (!out->wrong) {
			out->wrong = p->accept;
			out->user = up->user;
			out->password = up->password;
		}
	}
	/* Until the session is over they may still come. */
	if (due && !out->demanded && p->told.n && p->session)
		out->demanded = p->accept;
	if (due && out->granted && !out->lapse && is_lapse(p, up))
		out->lapse = p->accept;
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
	.needs = OF_CLIENT | LAUNCHED,
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
	if (c.lapse) {
		j_broken(j, c.lapse->n,
			 "the credentials on every connection to the proxy",
			 "none that are right, after they had been granted");
		j_also(j, c.right->n);
	} else if (c.right)
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
	.needs = OF_CLIENT | LAUNCHED,
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

REQ(px_auth_5) = {
	.id = "PX-AUTH-5",
	.area = AREA_PROXY,
	.level = L_IMPLIED,
	.section = "3.3.1.2, RFC 1928",
	.role = "proxy",
	.classes = "net",
	.dflt = V_WARN,
	.title = "With a user name and a password a client gets along with a "
		 "SOCKS5 proxy that wants none.",
	.traps = "T-NOMODE via PROXY-ERROR.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_auth_5,
};

/* What it made of a proxy that takes nothing but method 00. */
static void judge_open(struct judge *j, const struct proxied *p,
		       const struct upstream *up)
{
	static const char expected[] =
		"methods 00 and 02 offered, and the request after 00";

	if (up->method == 0xff && span_find(up->methods, 2) < up->methods.n &&
	    span_find(up->methods, 0) == up->methods.n)
		j_broken(j, p->accept->n, expected,
			 "no offer of method 00 at the proxy");
	if (up->method != 0)
		return;
	/* What it was not asked for is no request of SOCKS5 either. */
	if (up->anomalies & UPSTREAM_AUTH_UNASKED)
		j_say(j, V_FAIL, p->accept->n, expected,
		      "the password, after 00 was chosen");
	else if (up->end[UPSTREAM_REQUEST])
		j_pass(j, p->accept->n);
	else if (p->told.n && p->session && !session_ok(p->session))
		j_broken(j, p->accept->n, expected,
			 "\"%s\", after 00 was chosen",
			 socks_result_word(p->session->socks.result));
}

static void px_auth_5(struct judge *j)
{
	struct proxied p;
	struct proxy_uri u;

	if (!has_credentials(j, &u) || !span_eqs(u.scheme, "socks5") ||
	    !u.password.n)
		return;
	for (uint32_t from = 0; proxied_next(j, &u, from, &p);
	     from = p.accept->n)
		judge_open(j, &p, proxied_read(j, &u, &p));
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
static const char *proxy_oddity(const struct upstream *up, unsigned set)
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

/* A client that says yes before it dials may come for an earlier session: one
 * for each that had that place. */
static bool is_of_earlier(const struct judge *j, const struct proxy_uri *u,
			  const struct proxied *p, const struct upstream *up)
{
	struct addr to;
	struct proxied o;
	int owed = 0;

	for_events (ev, j->v)
		if (ev->n < p->accept->n && ev->kind == EV_SOCKS &&
		    session_ok(ev) && !addr_parse(ev->socks.dest, &to))
			owed += same_place(&up->dest, &to);
	for (uint32_t from = 0; owed > 0 && proxied_next(j, u, from, &o) &&
				o.accept->n < p->accept->n;
	     from = o.accept->n) {
		const struct upstream *had = proxied_read(j, u, &o);

		owed -= had->end[UPSTREAM_REQUEST] &&
			span_eq(had->dest.name, up->dest.name) &&
			addr_eq(&had->dest.addr, &up->dest.addr);
	}
	return owed > 0;
}

/*
 * A request in order is for the place that the application named.  There are
 * transports that go elsewhere by nature, so one for another place counts only
 * for such as have asked for that very place before.
 */
static void judge_place(struct judge *j, const struct proxy_uri *u,
			const struct proxied *p, const struct upstream *up)
{
	struct addr to;

	if (!p->session)
		return;
	addr_parse(p->session->socks.dest, &to);
	if (same_place(&up->dest, &to))
		j_pass(j, p->accept->n);
	else if (j->rf->asks_as_told && !is_of_earlier(j, u, p, up))
		j_broken(j, p->accept->n,
			 arena_printf(j->a, "a request for %s",
				      j_show(j, p->session->socks.dest)),
			 "one for %s", place_words(j, &up->dest));
}

#define NOT_SOCKS4A                                              \
	(UPSTREAM_VERSION | UPSTREAM_CMD | UPSTREAM_EMPTY_NAME | \
	 UPSTREAM_TOO_LONG)

/* So long the rest of a request may be on its way. */
#define REST_US 1000000

/* A request that was begun and never got to its end: the proxy waits for it,
 * and the application in vain. */
static void judge_unfinished(struct judge *j, const struct proxied *p,
			     const char *expected)
{
	const struct event *limit = view_limit(j->v, "window", p->accept->n);

	for_events (ev, j->v)
		if (ev->kind == EV_EOF &&
		    span_eq(ev->eof.on, p->accept->accept.name))
			return;
	if (limit && p->session && p->said.n && !p->told.n &&
	    p->session->socks.result == SOCKS_END_TIMEOUT &&
	    limit->t - p->accept->t >= REST_US)
		j_late(j, limit, expected, "no more than \"%s\" until a limit",
		       j_show(j, span_sub(p->said, 0, 60)));
}

static void judge_request(struct judge *j, const struct proxied *p,
			  const struct proxy_uri *u, unsigned set,
			  const char *expected)
{
	const struct upstream *up = proxied_read(j, u, p);
	const char *odd = proxy_oddity(up, set);

	if (odd)
		j_broken(j, p->accept->n, expected, "%s: \"%s\"", odd,
			 j_show(j, span_sub(p->said, 0, 60)));
	else if (up->end[UPSTREAM_REQUEST])
		judge_place(j, u, p, up);
	else
		judge_unfinished(j, p, expected);
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
	.needs = OF_CLIENT | LAUNCHED,
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
	if (c.lapse || (c.demanded && !c.right && !c.wrong))
		j_say(j, V_WARN, (c.lapse ? c.lapse : c.demanded)->n,
		      "`Proxy-Authorization: Basic` with the credentials",
		      "a request without any");
}

/* A transport whose own protocol is HTTP may let the proxy forward its
 * requests (RFC 9112 section 3.2.2): a tunnel is not the only way. */
static bool is_forwarded(const struct upstream *up)
{
	return up->anomalies & UPSTREAM_HTTP_METHOD &&
	       !(up->anomalies & UPSTREAM_HTTP_LINE) &&
	       span_starts(up->target, SPAN("http://"));
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
		 "with extra bytes after the blank line. Who takes 200 and "
		 "no other 2xx is warned of it, and who takes short answers "
		 "only, or none with 100 before it.",
	.needs = OF_CLIENT | LAUNCHED,
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
		if (is_forwarded(proxied_read(j, &u, &p)))
			j_unsure(j, "it lets the proxy forward requests of "
				    "its own, which this proxy does not do");
		else
			judge_request(j, &p, &u, NOT_CONNECT,
				      "an HTTP CONNECT request");
	judge_px_answers(j, &u);
	judge_px_interim(j, &u);
	judge_refused_ok(j, &u);
	judge_basic(j, &u);
}
