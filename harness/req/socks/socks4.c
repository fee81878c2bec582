/*
 * socks4.c - SOCKS4 front end, which only version 1 knows (PT 1.0 sections 2
 * and 3.3.2).
 *
 * A request is all that a client says: 04 CMD PORT IP USERID 00, and for a
 * name (SOCKS4a) NAME 00 behind it.  The reply is 00, a code of 5a to 5d and
 * six bytes that mean nothing here.  One code stands for all failures, so that
 * only a server that the harness itself gets through to shows whether a
 * request was understood.
 */
#include "parent/proto/ipc/settings.h"
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"

enum {
	CODE_MIN = 0x5a,
	CODE_MAX = 0x5d,
};

/* A whole request whose outcome is the client's own doing. */
static bool is_asked(const struct judge *j, const struct dialogue *d)
{
	return dialogue_asked(d) && !by_proxy(j) && !service_lost(j);
}

static bool is_granted(const struct dialogue *d)
{
	return d->s->stage == SOCKS_TUNNEL;
}

void must_be_granted(struct judge *j, const struct dialogues *all,
		     const struct dialogue *d, const char *expected)
{
	const struct event *limit = silent_until(j, all, d, dialogue_asked(d));

	if (is_granted(d) || was_called(j, d))
		j_pass(j, dialogue_ev(d));
	else if (!dest_is_server(j, d))
		return;
	else if (d->s->reply.n || d->eof)
		j_broken(j, dialogue_ev(d), expected, "%s to %s",
			 show_answer(j, d), j_show(j, d->sent.all));
	else if (limit)
		j_late(j, limit, expected, "no reply on %.*s", SPAN_ARG(d->ch));
}

/* --- what must work --- */

REQ(sk_v4_1) = {
	.id = "SK-V4-1",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A SOCKS4 CONNECT with an IPv4 address works.",
	.traps = "5b says nothing of the reason: judged where the "
		 "harness itself gets through to the server, and "
		 "without settings.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_1,
};

static void sk_v4_1(struct judge *j)
{
	struct dialogues all = dialogues4(j);

	/* Settings are what SK-ARG-5 to SK-ARG-8 are about. */
	for_dialogues (d, &all)
		if (is_asked(j, d) && d->said.cmd == SOCKS_CONNECT &&
		    d->said.to.atyp == SOCKS_IPV4 && d->said.to.addr.port &&
		    !d->said.user.n && !wants_settings(j, d))
			must_be_granted(j, &all, d,
					"00 5a for a server that is there");
}

/* Did it ask for a name, or send anything somewhere? */
static bool socks4_tried(const struct judge *j, const struct dialogue *d)
{
	for_events (ev, j->v)
		if (ev->n > dialogue_asked(d)->n &&
		    (ev->kind == EV_QUERY || ev->kind == EV_PACKET))
			return true;
	return false;
}

REQ(sk_v4_2) = {
	.id = "SK-V4-2",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A SOCKS4a request with a name works or is refused.",
	.traps = "socks4 does not promise SOCKS4a: any reply.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_2,
};

static void sk_v4_2(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	const char *expected = "a name to be looked up, or refused with 5b";

	for_dialogues (d, &all) {
		const struct event *limit;

		if (!is_asked(j, d) || d->said.cmd != SOCKS_CONNECT ||
		    d->said.to.atyp != SOCKS_NAME || !d->said.to.name.n)
			continue;
		limit = silent_until(j, &all, d, dialogue_asked(d));
		if (d->s->reply.n)
			j_pass(j, dialogue_ev(d));
		else if (d->eof)
			j_broken(j, d->eof->n, expected, "%s",
				 show_answer(j, d));
		else if (limit && !socks4_tried(j, d))
			j_late(j, limit, expected, "no reply on %.*s",
			       SPAN_ARG(d->ch));
	}
}

/* --- in pieces --- */

/* Did the client say that it has no more to say? */
static bool is_half_closed(const struct judge *j, const struct dialogue *d)
{
	for_events (ev, j->v)
		if (ev->kind == EV_CLOSE && ev->close.how == CLOSED_HALF &&
		    (span_eq(ev->close.what, d->ch) ||
		     span_eq(ev->close.what, group_of(d->ch))))
			return true;
	return false;
}

/* Ended by the transport after a part of a request, and at once; not for its
 * command, nor for its length. */
static bool is_cut(struct judge *j, const struct dialogue *d)
{
	return !d->said.odd && d->said.request_end == SIZE_MAX &&
	       (d->said.cmd < 0 || d->said.cmd == SOCKS_CONNECT) &&
	       d->said.user.n <= SETTINGS_FLAT_MAX && !d->got.n &&
	       ended_hastily(j, d);
}

REQ(sk_v4_3) = {
	.id = "SK-V4-3",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A SOCKS4 request may be split.",
	.traps = "A refusal of what is there already is no cut.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_3,
};

static void sk_v4_3(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	const char *expected = "the reply that a request in one piece gets";

	for_dialogues (d, &all) {
		size_t end = d->said.request_end;

		if (is_cut(j, d) && !is_half_closed(j, d) && !service_lost(j))
			j_broken(j, d->eof->n,
				 "the rest of a request to be waited for",
				 "%s to %s", show_answer(j, d),
				 show_bytes(j, d->sent.all));
		if (!is_asked(j, d) || !is_split(&d->sent, 0, end))
			continue;
		judge_split_request(j, &all, d, "request", expected);
	}
}

/* --- replies --- */

static void judge_form(struct judge *j, const struct dialogue *d)
{
	const char *expected = "a reply of 00, a code of 5a to 5d and six "
			       "bytes";
	const struct event *until =
		d->s->reply.n || d->eof
			? NULL
			: open_until(j, d, d->got.v[d->got.n - 1].ev);

	if (d->s->anomalies & SOCKS_ODD_VERSION)
		j_say(j, d->s->reply.n ? V_WARN : V_FAIL, dialogue_ev(d),
		      expected, "%s", show_answer(j, d));
	if (d->s->anomalies & SOCKS_ODD_CUT ||
	    (d->s->rep >= 0 && (d->s->rep < CODE_MIN || d->s->rep > CODE_MAX)))
		j_broken(j, dialogue_ev(d), expected, "%s", show_answer(j, d));
	else if (d->s->reply.n)
		j_pass(j, dialogue_ev(d));
	else if (until)
		j_late(j, until, expected, "a part of one: %s",
		       show_answer(j, d));
}

REQ(sk_v4_4) = {
	.id = "SK-V4-4",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "SOCKS4 replies are well formed: `00 CODE` and six "
		 "bytes.",
	.traps = "04 instead of 00 is common: WARN. The six bytes may "
		 "be anything.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_4,
};

static void sk_v4_4(struct judge *j)
{
	struct dialogues all = dialogues4(j);

	for_dialogues (d, &all)
		if (d->got.n && !d->said.odd && !service_lost(j))
			judge_form(j, d);
}

REQ(sk_v4_5) = {
	.id = "SK-V4-5",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Exactly one SOCKS4 reply per request.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_5,
};

static void sk_v4_5(struct judge *j)
{
	struct dialogues all = dialogues4(j);

	replies_once(j, &all);
}

REQ(sk_v4_6) = {
	.id = "SK-V4-6",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A refused or unreachable server gives another code "
		 "than 5a.",
	.traps = "As for SK-REP-3.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_6,
};

static void sk_v4_6(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	const char *expected = "another code than 5a for a server that is not "
			       "there";

	for_dialogues (d, &all) {
		if (!is_asked(j, d) || d->said.cmd != SOCKS_CONNECT ||
		    !dest_is_closed(j, d) || !d->s->reply.n)
			continue;
		if (!is_granted(d))
			j_pass(j, dialogue_ev(d));
		else
			j_say(j, is_lazy(j) ? V_INFO : V_WARN, dialogue_ev(d),
			      expected, "success before there was a server: %s",
			      show_answer(j, d));
	}
}

REQ(sk_v4_7) = {
	.id = "SK-V4-7",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "After a SOCKS4 rejection the connection is closed.",
	.traps = "T-CLOSE.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_7,
};

static void sk_v4_7(struct judge *j)
{
	struct dialogues all = dialogues4(j);

	ends_behind_failure(j, &all);
}

/* --- what is not meant for it --- */

REQ(sk_v4_8) = {
	.id = "SK-V4-8",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Commands of SOCKS4 other than CONNECT, if not "
		 "offered, are rejected.",
	.traps = "Close without reply: WARN. BIND may be offered: "
		 "INFO. Treating as CONNECT: FAIL.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_8,
};

static void sk_v4_8(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	const char *expected = "5b for a command that is not CONNECT";

	for_dialogues (d, &all) {
		const struct event *limit;

		if (!is_asked(j, d) || d->said.cmd == SOCKS_CONNECT)
			continue;
		limit = silent_until(j, &all, d, dialogue_asked(d));
		if (was_called(j, d) ||
		    (is_granted(d) && d->said.cmd > SOCKS_BIND))
			j_say(j, V_FAIL, dialogue_ev(d), expected,
			      "command %02x taken for CONNECT: %s",
			      (unsigned)d->said.cmd, show_answer(j, d));
		else if (is_granted(d))
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "it is offered: %s", show_answer(j, d));
		else if (d->s->reply.n)
			j_pass(j, dialogue_ev(d));
		else if (d->eof)
			j_broken(j, d->eof->n, expected,
				 "the end without a reply");
		else if (limit)
			j_late(j, limit, expected, "no reply");
	}
}

REQ(sk_v4_9) = {
	.id = "SK-V4-9",
	.area = AREA_SOCKS4,
	.level = L_IMPLIED,
	.section = "PT 1.0 3.3.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Another version byte is not served as SOCKS4.",
	.traps = "SOCKS5 may be spoken on the same port: INFO.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_10,
	.judge = sk_v4_9,
};

static void sk_v4_9(struct judge *j)
{
	struct dialogues all = dialogues4(j);
	const char *expected = "the end, as this is no SOCKS4";

	for_dialogues (d, &all) {
		const struct event *first = piece_ev(&d->sent, 0);
		struct span got = d->got.all;

		if (!first || d->sent.all.p[0] == 4 || service_lost(j))
			continue;
		if (span_starts(got, SPAN("\0\x5a")) ||
		    span_starts(got, SPAN("\4\x5a")))
			j_broken(j, dialogue_ev(d), expected, "%s to %s",
				 show_answer(j, d), show_bytes(j, d->sent.all));
		else if (d->sent.all.p[0] == 5 &&
			 span_starts(got, SPAN("\5")) &&
			 !span_starts(got, SPAN("\5\xff")))
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "SOCKS5 is spoken as well: %s",
			      show_answer(j, d));
		else if (d->eof || got.n)
			j_pass(j, dialogue_ev(d));
	}
}
