/*
 * socks_greet.c - which method is chosen, of which greeting (RFC 1928 section
 * 3), and what else a connection may begin with.
 */
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"

static bool greeting_offers(const struct dialogue *d, int method)
{
	return span_find(d->said.methods, (char)method) < d->said.methods.n;
}

static bool offers_only(const struct dialogue *d, int method)
{
	return d->said.methods.n == 1 && greeting_offers(d, method);
}

/* Its greeting is there, and nothing that follows before the answer. */
static bool was_greeted(const struct dialogue *d)
{
	return dialogue_greeted(d) && is_lockstep(d);
}

/*
 * A greeting without any choice: ended, or not answered for as long as it was
 * waited.  Says so; false when there is an answer, or nothing to tell.
 */
static bool no_choice(struct judge *j, const struct dialogues *all,
		      const struct dialogue *d, const char *expected)
{
	const struct event *limit;

	if (dialogue_selected(d))
		return false;
	if (d->eof && !service_lost(j)) {
		j_broken(j, d->eof->n, expected, "%s to %s", show_answer(j, d),
			 show_bytes(j, d->sent.all));
		return true;
	}
	limit = silent_until(j, all, d, dialogue_greeted(d));
	if (!limit)
		return false;
	j_late(j, limit, expected,
	       "no answer to %s on %.*s within %" PRId64 " ms",
	       show_bytes(j, d->sent.all), SPAN_ARG(d->ch),
	       (limit->t - dialogue_greeted(d)->t) / 1000);
	return true;
}

REQ(sk_greet_1) = {
	.id = "SK-GREET-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`05 01 00` is answered `05 00`.",
	.traps = "A transport that requires settings may answer `05 ff` "
		 "(nothing acceptable) only if documented; WARN.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_greet_1,
};

static void sk_greet_1(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "05 00 in answer to 05 01 00";

	for_dialogues (d, &all) {
		if (!was_greeted(d) || !offers_only(d, SOCKS_METHOD_NONE) ||
		    no_choice(j, &all, d, expected) || !dialogue_selected(d))
			continue;
		if (d->s->method == SOCKS_METHOD_NONE)
			j_pass(j, dialogue_ev(d));
		else if (d->s->method == SOCKS_METHOD_REFUSED &&
			 wants_settings(j, d))
			j_say(j, V_WARN, dialogue_ev(d), expected,
			      "05 ff: it wants to be told something");
		else
			j_broken(j, dialogue_ev(d), expected, "%s",
				 show_answer(j, d));
	}
}

/* Was the method of the first drafts taken in this launch? */
static bool speaks_draft(const struct dialogues *all)
{
	for_dialogues (d, all)
		if (d->s->method == SOCKS_METHOD_DRAFT &&
		    greeting_offers(d, SOCKS_METHOD_DRAFT))
			return true;
	return false;
}

REQ(sk_greet_2) = {
	.id = "SK-GREET-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.3.4",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`05 01 09` is answered `05 09`.",
	.traps = "A PT whose transports take no settings refusing 0x09: WARN "
		 "(AMB-062). Diagnose drafts: if `80` is accepted, say so.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_greet_2,
};

static void sk_greet_2(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "05 09 in answer to 05 01 09";

	for_dialogues (d, &all) {
		if (!was_greeted(d) || !offers_only(d, SOCKS_METHOD_JSON) ||
		    no_choice(j, &all, d, expected) || !dialogue_selected(d))
			continue;
		if (d->s->method == SOCKS_METHOD_JSON)
			j_pass(j, dialogue_ev(d));
		else
			j_say(j, wants_settings(j, d) ? V_FAIL : V_WARN,
			      dialogue_ev(d), expected, "%s%s",
			      show_answer(j, d),
			      speaks_draft(&all)
				      ? "; it takes 80, the method of the "
					"drafts 1 and 2"
				      : "");
	}
}

/* One that nothing hinders it to choose.  That it has no method 09 at all,
 * which it then says here as well, is SK-GREET-2. */
static bool offers_usable(const struct judge *j, const struct dialogue *d)
{
	if (greeting_offers(d, SOCKS_METHOD_NONE) && !wants_settings(j, d))
		return true;
	return greeting_offers(d, SOCKS_METHOD_JSON) && j_is20(j) &&
	       span_eqs(j->v->negotiated, "2") &&
	       d->s->method != SOCKS_METHOD_REFUSED;
}

REQ(sk_greet_3) = {
	.id = "SK-GREET-3",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "With several methods offered, the answer is one of them.",
	.traps = "Choice among offered is free (AMB-061).",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_greet_3,
};

static void sk_greet_3(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "one of the methods that are offered";

	for_dialogues (d, &all) {
		if (!was_greeted(d) || d->said.methods.n < 2 ||
		    !offers_usable(j, d) || no_choice(j, &all, d, expected) ||
		    !dialogue_selected(d))
			continue;
		if (greeting_offers(d, d->s->method))
			j_pass(j, dialogue_ev(d));
		else
			j_broken(j, dialogue_ev(d), expected, "%s, offered %s",
				 show_answer(j, d),
				 show_bytes(j, d->said.methods));
	}
}

/* Methods that nobody can mean: unassigned ones, and GSSAPI, which no
 * transport has a use for, but might speak. */
static bool offers_nothing(const struct dialogue *d)
{
	for (size_t i = 0; i < d->said.methods.n; i++) {
		uint8_t m = (uint8_t)d->said.methods.p[i];

		if (m != 1 && m != 4 && (m < 0x0a || m > 0x7f))
			return false;
	}
	return d->said.methods.n > 0;
}

REQ(sk_greet_4) = {
	.id = "SK-GREET-4",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "With no acceptable method the answer is `05 ff` and the "
		 "connection ends.",
	.traps = "Closing without the answer: WARN. Client side must close "
		 "by RFC; server may wait: allow 10 s.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_greet_4,
};

static void sk_greet_4(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "05 ff, and the end, as no method that is "
			       "offered can be taken";

	for_dialogues (d, &all) {
		if (!was_greeted(d) || !offers_nothing(d))
			continue;
		if (d->got.n == 0 && d->eof && !service_lost(j))
			j_say(j, V_WARN, d->eof->n, expected,
			      "the end without an answer on %.*s",
			      SPAN_ARG(d->ch));
		else if (!no_choice(j, &all, d, expected) &&
			 dialogue_selected(d) &&
			 d->s->method != SOCKS_METHOD_REFUSED &&
			 d->s->method != 1)
			j_broken(j, dialogue_ev(d), expected, "%s",
				 show_answer(j, d));
		else if (dialogue_selected(d) &&
			 open_until(j, d, dialogue_selected(d)))
			j_say(j, V_WARN, dialogue_ev(d), expected,
			      "05 ff, and the connection %.*s left open",
			      SPAN_ARG(d->ch));
		else if (dialogue_selected(d))
			j_pass(j, dialogue_ev(d));
	}
}

REQ(sk_greet_5) = {
	.id = "SK-GREET-5",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "NMETHODS 0 is refused.",
	.traps = "T-CLOSE.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_greet_5,
};

static void sk_greet_5(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "05 ff or the end in answer to 05 00, which "
			       "offers no method";

	for_dialogues (d, &all) {
		const struct event *limit;

		if (!was_greeted(d) || d->said.methods.n)
			continue;
		limit = silent_until(j, &all, d, dialogue_greeted(d));
		if (dialogue_selected(d) &&
		    d->s->method != SOCKS_METHOD_REFUSED)
			j_broken(j, dialogue_ev(d), expected, "%s",
				 show_answer(j, d));
		else if (limit && !dialogue_selected(d))
			j_late(j, limit, expected, "neither on %.*s",
			       SPAN_ARG(d->ch));
		else if (d->eof || dialogue_selected(d))
			j_pass(j, dialogue_ev(d));
	}
}

/* It was taken for SOCKS4: 00 and 5a to 5d. */
static bool answers_socks4(const struct dialogue *d)
{
	const unsigned char *p = (const unsigned char *)d->got.all.p;

	return d->sent.all.p[0] == 4 && d->got.all.n >= 2 && p[0] == 0 &&
	       p[1] >= 0x5a && p[1] <= 0x5d;
}

REQ(sk_greet_6) = {
	.id = "SK-GREET-6",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Another version byte is not served as SOCKS5.",
	.traps = "A PT may also speak SOCKS4 on the same port: a SOCKS4 "
		 "reply is INFO.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_greet_6,
};

static void sk_greet_6(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "the end, as this is no SOCKS5";

	for_dialogues (d, &all) {
		const struct event *first = piece_ev(&d->sent, 0), *limit;
		struct span got = d->got.all;

		if (!first || d->sent.all.p[0] == 5)
			continue;
		limit = open_until(j, d, first);
		if (got.n >= 2 && got.p[0] == 5 && got.p[1] != '\xff')
			j_broken(j, dialogue_ev(d), expected, "%s to %s",
				 show_answer(j, d), show_bytes(j, d->sent.all));
		else if (answers_socks4(d))
			j_say(j, V_INFO, dialogue_ev(d), expected,
			      "SOCKS4 is spoken as well: %s",
			      show_answer(j, d));
		else if (d->eof)
			j_pass(j, d->eof->n);
		else if (limit && d->sent.all.p[0] != 4 &&
			 silent_until(j, &all, d, first))
			j_late(j, limit, expected, "%s after %s",
			       show_answer(j, d), show_bytes(j, d->sent.all));
	}
}

/* Ended by the transport after a part of a greeting, and at once. */
static bool is_cut(struct judge *j, const struct dialogue *d)
{
	return d->said.greeting_end == SIZE_MAX && !d->said.odd &&
	       ended_hastily(j, d);
}

REQ(sk_greet_7) = {
	.id = "SK-GREET-7",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "RFC 1928",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The greeting may come in pieces.",
	.traps = "T-TIME: PT's own handshake timeout ≥ 5 s typical; keep "
		 "total below 2 s.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_greet_7,
};

static void sk_greet_7(struct judge *j)
{
	struct dialogues all = dialogues(j);
	const char *expected = "the answer that a greeting in one piece gets";

	for_dialogues (d, &all) {
		size_t end = d->said.greeting_end;

		if (is_cut(j, d) && !service_lost(j))
			j_broken(j, d->eof->n,
				 "the rest of a greeting to be waited for",
				 "%s to %s", show_answer(j, d),
				 show_bytes(j, d->sent.all));
		if (!was_greeted(d) || !is_split(&d->sent, 0, end) ||
		    !offers_usable(j, d))
			continue;
		if (piece_us(&d->sent, 0, end) > SLOW_US)
			j_hindered(j, "the harness took too long to send a "
				      "greeting in pieces");
		else if (!no_choice(j, &all, d, expected) &&
			 dialogue_selected(d)) {
			if (greeting_offers(d, d->s->method))
				j_pass(j, dialogue_ev(d));
			else if (d->s->method != SOCKS_METHOD_REFUSED ||
				 !offers_only(d, SOCKS_METHOD_JSON))
				j_broken(j, dialogue_ev(d), expected, "%s",
					 show_answer(j, d));
		}
	}
}

/* More in the first piece than the greeting. */
static bool is_pipelined(const struct dialogue *d)
{
	return d->said.greeting_end != SIZE_MAX &&
	       piece_count(&d->sent, 0, d->said.greeting_end) == 1 &&
	       d->sent.v[0].end > d->said.greeting_end;
}

REQ(sk_pipe_1) = {
	.id = "SK-PIPE-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "—",
	.role = "socks",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Pipelined handshakes (greeting+block+request in one "
		 "segment) are unspecified.",
	.traps = "Older reference code refuses trailing bytes: never fail.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_pipe_1,
};

static void sk_pipe_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		if (!is_pipelined(d))
			continue;
		if (d->s->reply.n)
			j_pass(j, dialogue_ev(d));
		else if (d->eof)
			j_say(j, V_INFO, d->eof->n,
			      "an answer, or a refusal, to a whole handshake "
			      "in one piece",
			      "a refusal: %s", show_answer(j, d));
	}
}

REQ(sk_leg_1) = {
	.id = "SK-LEG-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "PT 1.0",
	.role = "socks",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Method 0x02 carrying 1.0-style arguments is outside 2.0.",
	.traps = "Under VERSION 1 it is the required way.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = sk_leg_1,
};

static void sk_leg_1(struct judge *j)
{
	struct dialogues all = dialogues(j);

	for_dialogues (d, &all) {
		if (!was_greeted(d) || !offers_only(d, SOCKS_METHOD_USERPASS) ||
		    !dialogue_selected(d))
			continue;
		if (d->s->method == SOCKS_METHOD_USERPASS)
			j_say(j, V_INFO, dialogue_ev(d),
			      "nothing: settings in user name and password "
			      "belong to version 1",
			      "05 02: it takes them");
		else
			j_pass(j, dialogue_ev(d));
	}
}
