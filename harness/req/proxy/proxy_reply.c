/*
 * proxy_reply.c - replies of a proxy in pieces, with data behind them, or in
 * other words.
 */
#include "harness/req/core/judges.h"
#include "harness/req/proxy/proxy.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/traffic/tunnel.h"

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

/* An answer of HTTP that says that another one follows (RFC 9110 15.2). */
static bool is_interim(struct span head)
{
	return head.n > 9 && span_starts(head, SPAN("HTTP/1.")) &&
	       head.p[9] == '1';
}

/* With the interim ones before it. */
static size_t http_length(struct span reply)
{
	struct span left = reply;
	bool more;

	do {
		const char *blank =
			left.n ? memmem(left.p, left.n, "\r\n\r\n", 4) : NULL;

		if (!blank)
			return reply.n;
		more = is_interim(left);
		left = span_sub(left, (size_t)(blank - left.p) + 4, left.n);
	} while (more);
	return reply.n - left.n;
}

/* How long a reply to the request is; its length when it is none. */
static size_t reply_length(struct span reply, const struct proxy_uri *u)
{
	if (span_eqs(u->scheme, "socks4a"))
		return 8;
	if (span_eqs(u->scheme, "http"))
		return http_length(reply);
	if (reply.n < 5)
		return reply.n;
	return reply.p[3] == 1	 ? 10
	       : reply.p[3] == 4 ? 22
				 : 7 + (size_t)(uint8_t)reply.p[4];
}

/* What stands in the same piece behind the reply. */
static struct span behind_reply(const struct proxied *p,
				const struct proxy_uri *u)
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
	if (behind_reply(p, u).n)
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
		if (ev->kind == EV_RECV &&
		    span_eq(ev->recv.conn, socks->socks.conn) &&
		    span_contains(ev->recv.data, bytes))
			return true;
	return false;
}

/* After such a reply it went on at another connection: one that is opened ahead
 * and not used yet has been given up by nobody. */
static bool went_on_elsewhere(const struct judge *j, const struct proxy_uri *u,
			      const struct proxied *p)
{
	struct proxied other;

	for (uint32_t from = 0; proxied_next(j, u, from, &other);
	     from = other.accept->n)
		if (went_on(&other) && other.dripped == p->dripped &&
		    (p->dripped ||
		     span_eq(reply_of(&other, u), reply_of(p, u))))
			return true;
	return false;
}

/* What is left of a SOCKS5 reply for one who takes all for IPv4's: so much of
 * it is no chance. */
static struct span behind_ten(const struct proxied *p,
			      const struct proxy_uri *u)
{
	struct span reply = reply_of(p, u), left;

	left = span_sub(reply, 10, reply_length(reply, u));
	return span_eqs(u->scheme, "socks5") && left.n >= 8
		       ? left
		       : (struct span){ 0 };
}

/* The caller that brought to the other end what the application said there, or
 * NULL. */
static const struct event *carried(const struct judge *j,
				   const struct proxied *p)
{
	struct span sent;

	if (!p->session || !session_ok(p->session))
		return NULL;
	sent = tunnel_sent(j->v, p->session);
	for_events (ev, j->v)
		if (sent.n && ev->kind == EV_ACCEPT &&
		    !span_eq(ev->accept.name, p->accept->accept.name) &&
		    span_contains(tunnel_got(j->v, ev), sent))
			return ev;
	return NULL;
}

/* One that was answered as usual. */
struct plain {
	bool went_on;
	bool carried; /* and brought data to the other end */
	bool clear;   /* and what the proxy sent came to the application as it
			 was: it is no code that garbage could break */
};

static void see_plain(const struct judge *j, const struct proxied *p,
		      struct plain *out)
{
	out->went_on |= went_on(p);
	out->carried |= carried(j, p) != NULL;
	out->clear |= p->tunnel.n && p->session && session_ok(p->session) &&
		      delivered(j, p->session, p->tunnel);
}

static void stopped(struct judge *j, enum verdict v, const struct proxied *p,
		    const char *expected, const char *how)
{
	const struct event *limit;

	if (!p->session)
		return;
	limit = view_event(j->v, EV_LIMIT, NULL, p->session->n);
	/* A client may give up a proxy that takes long for a reply. */
	if (j_own_late(j, event_name(p->accept), p->session->n))
		return;
	if (p->session->socks.result != SOCKS_END_TIMEOUT)
		j_say(j, v, p->session->n, expected, "\"%s\" after a reply %s",
		      socks_result_word(p->session->socks.result), how);
	else if (limit && !j_lagged(j, limit))
		j_say(j, v, limit->n, expected, "no more word after a reply %s",
		      how);
}

static void judge_behind_reply(struct judge *j, const struct proxied *p,
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

/* With a server behind the proxy that shakes hands: a word of the client alone
 * does not show that it began where the reply ended. */
static void judge_through(struct judge *j, const struct proxied *p,
			  const char *how)
{
	static const char expected[] =
		"a tunnel, as after a reply in one piece";
	const struct event *far = carried(j, p), *limit;
	struct span got;

	if (!p->session)
		return;
	if (!session_ok(p->session)) {
		stopped(j, j->req->dflt, p, expected, how);
		return;
	}
	limit = view_event(j->v, EV_LIMIT, NULL, p->session->n);
	got = tunnel_got(j->v, p->session);
	if (far && !span_starts(tunnel_sent(j->v, far), got))
		j_broken(j, p->session->n,
			 "the other end's words for the application, and no "
			 "more",
			 "\"%s\" after a reply %s", j_show(j, got), how);
	else if (far && got.n)
		j_pass(j, p->accept->n);
	else if (limit && (!far || tunnel_sent(j->v, far).n))
		j_late(j, limit, expected,
		       "no word through it after a reply %s", how);
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
	.needs = OF_CLIENT | LAUNCHED,
	.judge = px_split_1,
};

/* A reply out of the ordinary, by @how; what it made of others is @plain. */
static void judge_reply(struct judge *j, const struct proxy_uri *u,
			const struct proxied *p, const struct plain *plain,
			const char *how)
{
	struct span ten = behind_ten(p, u);

	if (has_peer(j->v)) {
		if (plain->carried)
			judge_through(j, p, how);
		return;
	}
	if (!went_on(p)) {
		if (plain->went_on && !went_on_elsewhere(j, u, p))
			stopped(j, j->req->dflt, p,
				"a connection, as after a reply in one piece",
				how);
		return;
	}
	if (p->session && ten.n && delivered(j, p->session, ten))
		j_broken(j, p->session->n,
			 "nothing of the reply for the application",
			 "\"%s\", the end of a reply %s", j_show(j, ten), how);
	else if (plain->clear && behind_reply(p, u).n)
		judge_behind_reply(j, p, behind_reply(p, u));
	else
		j_pass(j, p->accept->n);
}

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
		if (how)
			judge_reply(j, &u, &p, &plain, how);
		else
			see_plain(j, &p, &plain);
	}
}

/* --- HTTP: any 2xx, of either version, with any words and fields --- */

/* All say that to CONNECT; another code that grants is met in books. */
static bool is_200(struct span line)
{
	return span_starts(span_sub(line, SPAN("HTTP/1.1").n, line.n),
			   SPAN(" 200"));
}

/* Nobody says how much a client has to take (RFC 9110 section 5.4); so much any
 * proxy may have to say. */
#define LONG_HEAD 1024

/* The first line of a reply and its fields, without the blank line. */
static struct span head_of(const struct proxied *p, const struct proxy_uri *u)
{
	struct span reply = reply_of(p, u);
	size_t n = reply_length(reply, u);

	return span_sub(reply, 0, n < 4 ? n : n - 4);
}

/* To an older client no interim answer is sent (RFC 9110 section 15.2). */
static bool asks_by_10(const struct proxied *p)
{
	struct span line = span_sub(p->said, 0, span_find(p->said, '\r'));

	return span_contains(line, SPAN(" HTTP/1.0"));
}

/* What it sent behind its request while nothing had been granted. */
static struct span sent_ahead(const struct judge *j, const struct proxy_uri *u,
			      const struct proxied *p)
{
	return span_sub(p->said, proxied_read(j, u, p)->used, p->said.n);
}

/*
 * An interim answer, and silence: no grant.  Who sends ahead where there is no
 * answer at all sends ahead here, too.
 */
void judge_px_interim(struct judge *j, const struct proxy_uri *u)
{
	const struct event *waits = NULL;
	struct proxied p;
	bool ahead = false;

	for (uint32_t from = 0; proxied_next(j, u, from, &p);
	     from = p.accept->n) {
		if (p.granted || !p.request)
			continue;
		if (!p.told.n && p.session) {
			ahead |= sent_ahead(j, u, &p).n ||
				 session_ok(p.session);
			waits = p.session;
		} else if (is_interim(p.told) && waits && !ahead && p.session &&
			   session_ok(p.session)) {
			j_broken(j, p.session->n, "no connection after \"100\"",
				 "success for the application");
			j_also(j, waits->n);
		} else if (is_interim(p.told) && waits && !ahead &&
			   sent_ahead(j, u, &p).n) {
			j_broken(j, p.accept->n,
				 "nothing more after \"100\", as without any "
				 "answer",
				 "\"%s\"", j_show(j, sent_ahead(j, u, &p)));
			j_also(j, waits->n);
		}
	}
}

void judge_px_answers(struct judge *j, const struct proxy_uri *u)
{
	struct span usual = { 0 };
	struct proxied p;

	for (uint32_t from = 0; proxied_next(j, u, from, &p);
	     from = p.accept->n) {
		struct span head = head_of(&p, u);

		if (!p.granted || manner(&p, u) ||
		    (is_interim(head) && asks_by_10(&p)))
			continue;
		if (went_on(&p))
			j_pass(j, p.accept->n);
		if (span_absent(usual) && went_on(&p))
			usual = head;
		else if (!span_absent(usual) && !went_on(&p) &&
			 !span_eq(head, usual) && !went_on_elsewhere(j, u, &p))
			stopped(j,
				is_200(head) && head.n <= LONG_HEAD ? V_FAIL
								    : V_WARN,
				&p,
				arena_printf(j->a,
					     "a connection, as after \"%s\"",
					     j_show(j, usual)),
				head.n > LONG_HEAD
					? arena_printf(j->a, "of %zu bytes",
						       head.n)
					: arena_printf(j->a, "\"%s\"",
						       j_show(j, head)));
	}
}
