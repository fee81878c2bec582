/*
 * socks_request.c - requests of SOCKS5 (RFC 1928 section 4).
 *
 * Whether a destination can be reached is not for the harness to know: a
 * transport may want a handshake of its own there.  That it was called shows
 * that the request was understood.
 */
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"
#include "harness/req/traffic/tunnel.h"

/* Longer ones fit into a request, but nobody can look them up (RFC 1035). */
#define DNS_NAME_MAX 253

/* A request, and settings that are not in its way. */
static bool is_plain(const struct judge *j, const struct dialogue *d)
{
	struct block b = block_of(j, d);
	int code;

	if (!dialogue_asked(d) || !is_lockstep(d) || by_proxy(j))
		return false;
	if (d->s->status > 0 || (d->s->method == 0 && wants_settings(j, d)))
		return false;
	/* Looked for in all of the trace, so behind the rest. */
	if (service_lost(j))
		return false;
	/* One that was wrong, or that nobody knows to be right. */
	return b.kind == BLOCK_NONE ||
	       (block_is_good(&b) && fate_of(d, &code) != FATE_CODE);
}

/* Did the harness take ports away before it asked? */
static bool has_few_ports(const struct judge *j, const struct dialogue *d)
{
	const struct event *ports = view_event(j->v, EV_PORTS, NULL, 1);

	return ports && dialogue_asked(d) && ports->n < dialogue_asked(d)->n;
}

bool request_is_simple(const struct judge *j, const struct dialogue *d)
{
	struct block b = block_of(j, d);

	if (has_few_ports(j, d))
		return false;
	return is_plain(j, d) ||
	       (dialogue_asked(d) && d->is_app && block_is_good(&b) &&
		!by_proxy(j) && d->s->reply.n && !service_lost(j));
}

bool request_rsv_is_zero(const struct dialogue *d)
{
	return d->sent.all.p[d->said.request_at + 2] == 0;
}

static bool is_connect(const struct dialogue *d, int atyp)
{
	return d->said.cmd == SOCKS_CONNECT && d->said.to.atyp == atyp &&
	       d->said.to.addr.port && request_rsv_is_zero(d);
}

/* --- what must work --- */

/* A destination that is there, with an address of one kind. */
static void must_connect(struct judge *j, int atyp, const char *expected)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		const struct event *limit;
		bool server = dest_is_server(j, d);

		if (!request_is_simple(j, d) || !is_connect(d, atyp))
			continue;
		if (dest_is_beyond(j, d)) {
			j_say(j, V_WARN, dialogue_ev(d), expected,
			      "08: it cannot");
			continue;
		}
		if (dest_is_forbidden(j, d) &&
		    !dest_is_shunned(j, &d->said.to.addr))
			j_unsure(j, "its rules forbid the destination (02), "
				    "and it was never seen to call one of "
				    "that kind");
		if ((!server && !dest_listener(j, d)) || dest_is_foreign(j, d))
			continue;
		limit = silent_until(j, &all, d, dialogue_asked(d));
		if (d->s->rep == 0 || was_called(j, d))
			j_pass(j, dialogue_ev(d));
		else if ((!server && settings_lead(j, d)) ||
			 j_no_way(j, d, "destination"))
			continue;
		else if (!d->s->reply.n && !d->eof && limit)
			j_late(j, limit, expected, "no reply on %.*s",
			       SPAN_ARG(d->ch));
		else if (d->s->reply.n || d->eof)
			j_broken(j, dialogue_ev(d), expected, "%s to %s%s",
				 show_answer(j, d),
				 show_bytes(j, span_sub(d->sent.all,
							d->said.request_at,
							d->sent.all.n)),
				 server ? whose_end(j) : "");
	}
}

REQ(sk_req_1) = {
	.id = "SK-REQ-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "CONNECT with IPv4 destination works.",
	.traps = "Transports with implicit server ignore the destination "
		 "(T-NOMODE).",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_1,
};

static void sk_req_1(struct judge *j)
{
	must_connect(j, SOCKS_IPV4, "a connection to an IPv4 address");
}

REQ(sk_req_2) = {
	.id = "SK-REQ-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "CONNECT with IPv6 destination works.",
	.traps = "Reply 0x08 if the transport cannot: WARN; SKIP without "
		 "IPv6.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_2,
};

static void sk_req_2(struct judge *j)
{
	must_connect(j, SOCKS_IPV6, "a connection to an IPv6 address");
}

/* Did it ask for a name, or send anything somewhere? */
static bool request_tried(const struct judge *j, const struct dialogue *d)
{
	for_events (ev, j->v)
		if (ev->n > dialogue_asked(d)->n &&
		    (ev->kind == EV_QUERY || ev->kind == EV_PACKET))
			return true;
	return false;
}

REQ(sk_req_3) = {
	.id = "SK-REQ-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "CONNECT with a domain name works or is refused with 0x08 "
		 "(or 0x04).",
	.traps = "AN-DNS rules with a proxy.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_3,
};

static void sk_req_3(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "a name to be looked up, or refused with 08 or "
			       "04";

	if (!by_proxy(j)) {
		judge_six_only(j, &all);
		judge_moved(j, &all);
	}
	for_dialogues (d, &all) {
		const struct event *limit;
		int rep = d->s->rep;

		if (!dialogue_asked(d) || !is_connect(d, SOCKS_NAME) ||
		    !d->said.to.name.n)
			continue;
		if (service_lost(j) && d->eof && !d->s->reply.n) {
			j_broken(j, d->eof->n, expected, "the transport %s",
				 view_how_ended(j->v));
			continue;
		}
		if (!request_is_simple(j, d) || (rep && settings_lead(j, d)))
			continue;
		limit = silent_until(j, &all, d, dialogue_asked(d));
		if (d->s->reply.n &&
		    (rep == 0 || rep == 4 || rep == 8 || request_tried(j, d)))
			j_pass(j, dialogue_ev(d));
		else if (d->said.to.name.n > DNS_NAME_MAX &&
			 dialogue_decided(d))
			j_pass(j, dialogue_ev(d));
		else if (d->s->reply.n || d->eof)
			j_broken(j, dialogue_ev(d), expected, "%s",
				 show_answer(j, d));
		else if (limit && !request_tried(j, d))
			j_late(j, limit, expected, "no reply on %.*s",
			       SPAN_ARG(d->ch));
	}
}

/* --- what need not --- */

REQ(sk_req_4) = {
	.id = "SK-REQ-4",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "BIND and UDP ASSOCIATE, if not offered, get reply 0x07.",
	.traps = "Close without reply: WARN; REP 0x01: INFO. Treating as "
		 "CONNECT: FAIL.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_4,
};

static void sk_req_4(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "07 for a command that is not CONNECT";

	for_dialogues (d, &all) {
		const struct event *limit;

		if (!request_is_simple(j, d) || d->said.cmd == SOCKS_CONNECT)
			continue;
		limit = silent_until(j, &all, d, dialogue_asked(d));
		if (d->s->rep == REP_COMMAND)
			j_pass(j, dialogue_ev(d));
		else if (was_called(j, d) ||
			 (d->s->rep == 0 && d->said.cmd > SOCKS_UDP))
			j_say(j, V_FAIL, dialogue_ev(d), expected,
			      "command %02x taken for CONNECT: %s",
			      (unsigned)d->said.cmd, show_answer(j, d));
		else if (d->s->rep == 0)
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "it is offered: %s", show_answer(j, d));
		else if (d->s->reply.n)
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "another reply: %s", show_answer(j, d));
		else if (d->eof)
			j_broken(j, d->eof->n, expected,
				 "the end without a reply");
		else if (limit)
			j_late(j, limit, expected, "no reply");
	}
}

/* Four bytes of a request with an address type that there is none of. */
static bool has_odd_atyp(const struct dialogue *d)
{
	return d->said.odd && d->said.request_at != SIZE_MAX &&
	       d->sent.all.n >= d->said.request_at + 4 &&
	       d->sent.all.p[d->said.request_at] == 5;
}

REQ(sk_req_5) = {
	.id = "SK-REQ-5",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Unknown address types get 0x08.",
	.traps = "Any failure or close.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_5,
};

static void sk_req_5(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "08, or another refusal, for an address type "
			       "that there is not";

	for_dialogues (d, &all) {
		const struct event *sent, *limit;

		if (!has_odd_atyp(d) || service_lost(j))
			continue;
		sent = piece_ev(&d->sent, d->said.request_at + 3);
		limit = silent_until(j, &all, d, sent);
		if (d->s->stage == SOCKS_TUNNEL)
			j_say(j, V_FAIL, dialogue_ev(d), expected, "%s",
			      show_answer(j, d));
		else if (d->s->reply.n || d->eof)
			j_pass(j, dialogue_ev(d));
		else if (limit)
			j_late(j, limit, expected, "nothing on %.*s",
			       SPAN_ARG(d->ch));
	}
}

REQ(sk_req_6) = {
	.id = "SK-REQ-6",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Zero-length name, port 0, RSV≠0 give an orderly failure or "
		 "are tolerated.",
	.traps = "Either.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_6,
};

static void sk_req_6(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "an orderly answer, whichever, to a request "
			       "that is odd";

	for_dialogues (d, &all) {
		const struct event *limit;

		if (!dialogue_asked(d) || d->said.cmd != SOCKS_CONNECT ||
		    (d->said.to.addr.port && request_rsv_is_zero(d) &&
		     (d->said.to.atyp != SOCKS_NAME || d->said.to.name.n)))
			continue;
		limit = silent_until(j, &all, d, dialogue_asked(d));
		if (service_lost(j) && !d->s->reply.n)
			j_broken(j, end_ev(j->v), expected, "the transport %s",
				 view_how_ended(j->v));
		else if (d->s->reply.n || d->eof)
			j_pass(j, dialogue_ev(d));
		else if (limit && is_plain(j, d))
			j_late(j, limit, expected, "nothing on %.*s",
			       SPAN_ARG(d->ch));
	}
}

/* --- in pieces --- */

/* Ended by the transport after a part of a request, and at once. */
static bool is_cut(struct judge *j, const struct dialogue *d)
{
	return d->said.request_at < d->sent.all.n &&
	       d->said.request_end == SIZE_MAX && !d->said.odd &&
	       d->s->code < 0 && !d->s->reply.n && ended_hastily(j, d);
}

void judge_split_request(struct judge *j, const struct dialogues *all,
			 const struct dialogue *d, const char *what,
			 const char *expected)
{
	const struct event *limit = silent_until(j, all, d, dialogue_asked(d));

	if (piece_us(&d->sent, 0, d->said.request_end) > SLOW_US)
		j_hindered(j,
			   "the harness took too long to send a %s in pieces",
			   what);
	/* Any reply: what was asked for is known by then. */
	else if (d->s->reply.n || was_called(j, d))
		j_pass(j, dialogue_ev(d));
	else if (d->eof)
		j_broken(j, d->eof->n, expected, "%s", show_answer(j, d));
	else if (limit)
		j_late(j, limit, expected, "no reply on %.*s", SPAN_ARG(d->ch));
}

REQ(sk_req_7) = {
	.id = "SK-REQ-7",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The request may be split.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_req_7,
};

static void sk_req_7(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "the answer that a request in one piece gets";

	for_dialogues (d, &all) {
		size_t at = d->said.request_at, end = d->said.request_end;

		if (is_cut(j, d) && !service_lost(j))
			j_broken(j, d->eof->n,
				 "the rest of a request to be waited for",
				 "%s to the first %zu bytes of it",
				 show_answer(j, d), d->sent.all.n - at);
		if (!dialogue_asked(d) || by_proxy(j) || service_lost(j) ||
		    !is_split(&d->sent, at, end))
			continue;
		judge_split_request(j, &all, d, "handshake", expected);
	}
}
