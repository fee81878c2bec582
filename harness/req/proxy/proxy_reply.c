/*
 * proxy_reply.c - replies of a proxy in pieces, with data behind them, or in
 * other words.
 */
#include "harness/req/core/judges.h"
#include "harness/req/proxy/proxy.h"
#include "harness/req/traffic/outgoing.h"

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
			stopped(j, j->req->dflt, &p,
				"a connection, as after a reply in one piece",
				how);
		else if (p.session && behind_ten(&p, &u).n &&
			 delivered(j, p.session, behind_ten(&p, &u)))
			j_broken(j, p.session->n,
				 "nothing of the reply for the application",
				 "\"%s\", the end of a reply %s",
				 j_show(j, behind_ten(&p, &u)), how);
		else if (went_on(&p) && plain.clear && behind_reply(&p, &u).n)
			judge_behind_reply(j, &p, behind_reply(&p, &u));
		else if (went_on(&p))
			j_pass(j, p.accept->n);
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

void judge_px_answers(struct judge *j, const struct proxy_uri *u)
{
	struct span usual = { 0 };
	struct proxied p;

	for (uint32_t from = 0; proxied_next(j, u, from, &p);
	     from = p.accept->n) {
		struct span head = head_of(&p, u);

		if (!p.granted || manner(&p, u))
			continue;
		if (went_on(&p))
			j_pass(j, p.accept->n);
		if (span_absent(usual) && went_on(&p))
			usual = head;
		else if (!span_absent(usual) && !went_on(&p) &&
			 !span_eq(head, usual))
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
