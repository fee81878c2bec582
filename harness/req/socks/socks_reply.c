/*
 * socks_reply.c - replies of SOCKS5 (RFC 1928 section 6).
 */
#include "harness/req/socks/socks_judges.h"
#include "harness/req/traffic/tunnel.h"

#define BAD_REPLY                                             \
	(SOCKS_ODD_VERSION | SOCKS_ODD_RSV | SOCKS_ODD_ATYP | \
	 SOCKS_ODD_EMPTY_NAME | SOCKS_ODD_CUT)

/* The first of them, in words. */
static const char *why_bad(unsigned anomalies)
{
	for (unsigned bit = 1; bit; bit <<= 1)
		if (anomalies & BAD_REPLY & bit)
			return socks_anomaly_text((enum socks_anomaly)bit);
	return "";
}

/* Bytes behind the answers to greeting and settings. */
static bool is_replying(const struct dialogue *d)
{
	return d->s->reply.n || (d->s->rep >= 0 && dialogue_asked(d));
}

REQ(sk_rep_1) = {
	.id = "SK-REP-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Replies are well formed: `05 REP 00 ATYP addr port`.",
	.traps = "BND may be all zero; ATYP 3 and 4 legal.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_rep_1,
};

static void sk_rep_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "a reply of 05 REP 00 ATYP, an address and a "
			       "port";

	for_dialogues (d, &all) {
		const struct event *until;

		if (!is_replying(d) || service_lost(j))
			continue;
		until = d->s->reply.n || d->eof
				? NULL
				: open_until(j, d, d->got.v[d->got.n - 1].ev);
		if (d->s->anomalies & BAD_REPLY)
			j_broken(j, dialogue_ev(d), expected, "%s: %s",
				 show_answer(j, d), why_bad(d->s->anomalies));
		else if (d->s->reply.n)
			j_pass(j, dialogue_ev(d));
		else if (until)
			j_late(j, until, expected, "a part of one: %s",
			       show_answer(j, d));
	}
}

REQ(sk_rep_2) = {
	.id = "SK-REP-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Success is REP 0x00, then data flows.",
	.traps = "Server data may follow the reply in the same segment.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_rep_2,
};

static void sk_rep_2(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "REP 00 once the server is reached";

	for_dialogues (d, &all) {
		bool known = d->s->rep <= REP_ADDRESS ||
			     (d->s->rep >= 0x10 && d->s->rep <= 0x13);

		if (!request_is_simple(j, d) || d->said.cmd != SOCKS_CONNECT ||
		    !d->s->reply.n)
			continue;
		if (d->s->rep == 0)
			j_pass(j, dialogue_ev(d));
		else if (dest_is_server(j, d) && j_no_way(j, d, "server"))
			continue;
		else if (dest_is_server(j, d) || (was_called(j, d) && !known))
			j_broken(j, dialogue_ev(d), expected, "%s%s",
				 show_answer(j, d),
				 dest_is_server(j, d) ? whose_end(j) : "");
	}
}

/* Called somebody far by TCP, where nobody is and no answer comes. */
static bool called_nobody(const struct judge *j, const struct dialogue *d)
{
	const struct event *asked = dialogue_asked(d);
	struct addr to;

	if (!asked || d->said.to.atyp == SOCKS_NAME ||
	    addr_is_loopback(&d->said.to.addr) || dest_listener(j, d) ||
	    dest_is_server(j, d))
		return false;
	for_events (ev, j->v) {
		if (ev->kind != EV_PACKET || ev->n < asked->n ||
		    ev->packet.what != PACKET_IS_TCP_SYN)
			continue;
		addr_parse(ev->packet.to, &to);
		if (addr_eq(&to, &d->said.to.addr))
			return true;
	}
	return false;
}

/* The kernel of the sandbox gives up after a few seconds. */
static void must_give_up(struct judge *j, const struct dialogue *d,
			 const char *expected)
{
	const struct event *asked = dialogue_asked(d);
	const struct event *limit = open_until(j, d, asked);

	if (limit && !d->s->reply.n && !d->eof)
		j_late(j, limit, expected,
		       "no reply %" PRId64 " ms after a request for one that "
		       "does not answer",
		       (limit->t - asked->t) / 1000);
}

REQ(sk_rep_3) = {
	.id = "SK-REP-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A refused or unreachable server gives a failure REP.",
	.traps = "Transports that connect lazily may legitimately report "
		 "success first (AMB-067): WARN.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_rep_3,
};

static void sk_rep_3(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "a failure for a server that is not there";

	for_dialogues (d, &all) {
		if (!request_is_simple(j, d) || d->said.cmd != SOCKS_CONNECT ||
		    !request_rsv_is_zero(d) ||
		    (!dest_is_closed(j, d) && !called_nobody(j, d)))
			continue;
		if (!d->s->reply.n)
			must_give_up(j, d, expected);
		else if (d->s->rep)
			j_pass(j, dialogue_ev(d));
		else
			j_say(j, is_lazy(j) ? V_INFO : V_WARN, dialogue_ev(d),
			      expected, "success before there was a server: %s",
			      show_answer(j, d));
	}
}

void ends_behind_failure(struct judge *j, const struct dialogues *all)
{
	for_dialogues (d, all) {
		const struct event *reply = dialogue_replied(d), *until;
		int64_t limit = j->v->head->limits.graceful;

		if (!reply || d->s->stage == SOCKS_TUNNEL || service_lost(j))
			continue;
		until = open_until(j, d, reply);
		if (d->eof && d->eof->t - reply->t <= limit * 1000 &&
		    d->eof->n > reply->n)
			j_pass(j, d->eof->n);
		else if (until && until->t - reply->t >= limit * 1000)
			j_late(j, until,
			       "the end of the connection behind a failure",
			       "%.*s open %" PRId64 " ms after %s",
			       SPAN_ARG(d->ch), (until->t - reply->t) / 1000,
			       show_bytes(j, d->s->reply));
	}
}

REQ(sk_rep_4) = {
	.id = "SK-REP-4",
	.area = AREA_SOCKS,
	.level = L_MUST,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "After a failure reply the server closes within 10 s.",
	.traps = "T-CLOSE.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_rep_4,
};

static void sk_rep_4(struct judge *j)
{
	struct dialogues all = dialogues(j);

	ends_behind_failure(j, &all);
}

/* Did anybody else than the transport say something to its far end? */
static bool far_end_spoke(const struct judge *j, const struct dialogues *all)
{
	for_events (ev, j->v) {
		bool own = false;

		if (ev->kind == EV_PUMP || ev->kind == EV_UPSTREAM)
			return true;
		if (ev->kind != EV_SEND || !ev->send.data.n)
			continue;
		for_dialogues (d, all)
			own |= span_eq(ev->send.conn, d->ch);
		if (!own)
			return true;
	}
	return false;
}

void replies_once(struct judge *j, const struct dialogues *all)
{
	bool spoke = far_end_spoke(j, all);

	for_dialogues (d, all) {
		struct span rest =
			span_sub(d->got.all, d->s->used, d->got.all.n);

		if (!d->s->reply.n)
			continue;
		if (span_starts(rest, d->s->reply) &&
		    (!spoke || rest.n > d->s->reply.n ||
		     d->s->stage != SOCKS_TUNNEL))
			j_broken(j, dialogue_ev(d), "one reply", "two: %s",
				 show_answer(j, d));
		else
			j_pass(j, dialogue_ev(d));
	}
}

REQ(sk_rep_5) = {
	.id = "SK-REP-5",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Exactly one reply per request.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_rep_5,
};

static void sk_rep_5(struct judge *j)
{
	struct dialogues all = dialogues(j);

	replies_once(j, &all);
}
