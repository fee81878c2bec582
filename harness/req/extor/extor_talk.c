/*
 * extor_talk.c - judges: what is said to an Extended ORPort once it trusts
 * the transport, and what becomes of its answer.
 */
#include "harness/req/traffic/extor_session.h"
#include "harness/req/launch/life.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/traffic/tunnel.h"

/* All that tells of the client came, and DONE behind it. */
static bool has_told(const struct ext_session *s)
{
	return s->at[EXTOR_ANSWER] != 0;
}

/* Something of it is there, and the bridge did nothing wrong. */
static bool may_talk(const struct ext_session *s)
{
	return s->at[EXTOR_COMMANDS] != 0;
}

REQ(ext_msg_1) = {
	.id = "EXT-MSG-1",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "After authentication commands are sent as 2-byte type, "
		 "2-byte length, body, big-endian.",
	.traps = "T-SPLIT.",
	.judge = ext_msg_1,
};

static void ext_msg_1(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	static const char expected[] = "commands in big-endian order, and "
				       "whole";

	for_sessions (s, l) {
		unsigned odd = s->x->anomalies;

		if (!may_talk(s))
			continue;
		if (odd & (EXTOR_CMD_SWAPPED | EXTOR_TOO_LONG))
			j_broken(j, s->last, expected, "%s on \"%s\"",
				 extor_anomaly_text(odd & EXTOR_CMD_SWAPPED
							    ? EXTOR_CMD_SWAPPED
							    : EXTOR_TOO_LONG),
				 j_show(j, s->name));
		else if (s->x->stage == EXTOR_COMMANDS && s->x->partial)
			ext_must_go_on(j, s, expected);
		else if (odd & EXTOR_CMD_UNKNOWN)
			j_say(j, V_INFO, s->last, "commands that are known",
			      "%s on \"%s\"",
			      extor_anomaly_text(EXTOR_CMD_UNKNOWN),
			      j_show(j, s->name));
		else if (has_told(s))
			j_pass(j, s->at[EXTOR_ANSWER]);
	}
}

/* --- TRANSPORT --- */

/* The transport that the client came by; absent: it is not known. */
static struct span transport_of(const struct view *v,
				const struct ext_session *s)
{
	const struct event *client = ext_client_at(v, &s->x->user_addr);

	if (client)
		return client->extor.conn;
	if (v->methods.n == 1)
		return v->methods.v[0].m.name;
	return (struct span){ NULL, 0 };
}

REQ(ext_msg_5) = {
	.id = "EXT-MSG-5",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_WARN,
	.title = "TRANSPORT names the transport of this connection.",
	.traps = "Missing TRANSPORT: WARN; wrong name: FAIL.",
	.judge = ext_msg_5,
};

static void ext_msg_5(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		struct span name = s->x->transport, want;

		if (!has_told(s))
			continue;
		if (span_absent(name)) {
			j_broken(j, s->at[EXTOR_ANSWER], "TRANSPORT",
				 "none on \"%s\"", j_show(j, s->name));
			continue;
		}
		/* A NUL behind it is a fault of another kind. */
		name = span_sub(name, 0, span_find(name, '\0'));
		want = transport_of(j->v, s);
		if (span_absent(want) ? view_requested(j->v, name)
				      : span_eq(name, want))
			j_pass(j, s->at[EXTOR_ANSWER]);
		else
			j_say(j, V_FAIL, s->at[EXTOR_ANSWER],
			      "the name of the client's transport",
			      "TRANSPORT \"%s\" on \"%s\"", j_show(j, name),
			      j_show(j, s->name));
	}
}

/* --- DONE, and what may follow --- */

REQ(ext_msg_6) = {
	.id = "EXT-MSG-6",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "DONE (type 0) ends the metadata.",
	.traps = "DONE with a non-empty body is tolerated (body ignored): "
		 "WARN.",
	.judge = ext_msg_6,
};

static void ext_msg_6(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		if (s->x->anomalies & EXTOR_DONE_BODY)
			j_say(j, V_WARN, s->at[EXTOR_ANSWER],
			      "DONE without a body", "a body on \"%s\"",
			      j_show(j, s->name));
		else if (has_told(s))
			j_pass(j, s->at[EXTOR_ANSWER]);
		else if (may_talk(s) && !s->x->partial)
			ext_must_go_on(j, s, "DONE behind the other commands");
	}
}

REQ(ext_msg_7) = {
	.id = "EXT-MSG-7",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Tunnelled bytes are not sent before OKAY was received.",
	.traps = "The DONE text says the next bytes are tunnelled ones; Tor "
		 "insists on an empty buffer (AMB-066). Default FAIL, config "
		 "`ext.early_payload=warn`.",
	.judge = ext_msg_7,
};

static void ext_msg_7(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	enum verdict v = policy_is(j->policy, P_EXT_EARLY, "warn") ? V_WARN
								   : V_FAIL;

	for_sessions (s, l) {
		if (s->early[EXTOR_ANSWER])
			j_say(j, v, s->early[EXTOR_ANSWER],
			      "nothing between DONE and OKAY",
			      "bytes on \"%s\"", j_show(j, s->name));
		else if (has_told(s))
			j_pass(j, s->at[EXTOR_ANSWER]);
	}
}

REQ(ext_msg_8) = {
	.id = "EXT-MSG-8",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "DENY ends the client connection without payload.",
	.traps = "T-CLOSE.",
	.judge = ext_msg_8,
};

static void ext_msg_8(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		const struct event *limit = ext_silent(j->v, s);

		if (s->x->answer != EXTOR_DENY)
			continue;
		if (s->surplus)
			j_broken(j, s->surplus->n, "no payload after DENY",
				 "bytes on \"%s\"", j_show(j, s->name));
		else if (s->eof)
			j_pass(j, s->eof->n);
		else if (ext_client_dropped(j->v))
			j_pass(j, ext_client_dropped(j->v)->n);
		else if (limit)
			j_late(j, limit, "the end of the client's connection",
			       "none after DENY on \"%s\"", j_show(j, s->name));
	}
}

REQ(ext_msg_9) = {
	.id = "EXT-MSG-9",
	.area = AREA_EXTOR,
	.level = L_MUST,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Unknown reply codes are ignored.",
	.traps = "Level is MUST in the ExtORPort document but common "
		 "libraries violate it; default WARN, strict FAIL.",
	.judge = ext_msg_9,
};

static void ext_msg_9(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	enum verdict v = policy_is(j->policy, P_EXT_UNKNOWN, "fail") ? V_FAIL
								     : V_WARN;
	static const char expected[] = "payload: unknown answers are ignored";

	for_sessions (s, l) {
		const struct event *limit = ext_silent(j->v, s);

		if (!s->x->unknown || s->x->stage != EXTOR_TUNNEL)
			continue;
		if (s->tunnelled)
			j_pass(j, s->last);
		else if (ext_gave_up(s))
			j_say(j, v, s->eof->n, expected,
			      "the end of the connection \"%s\"",
			      j_show(j, s->name));
		/* A client that was turned away had nothing to say. */
		else if (limit && !ext_client_dropped(j->v) &&
			 !j_lagged(j, limit))
			j_say(j, v, limit->n, expected, "none on \"%s\"",
			      j_show(j, s->name));
	}
}

/* --- the tunnel --- */

/* The only session of the trace, when it got OKAY; or NULL. */
static const struct ext_session *tunnel(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	return l.n == 1 && l.v[0].x->stage == EXTOR_TUNNEL ? &l.v[0] : NULL;
}

REQ(ext_msg_10) = {
	.id = "EXT-MSG-10",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A body on OKAY is skipped.",
	.judge = ext_msg_10,
};

static void ext_msg_10(struct judge *j)
{
	const struct ext_session *s = tunnel(j);
	struct span got;

	if (!s || s->body.n == 0)
		return;
	got = ext_client_got(j->v, j->a);
	if (span_contains(got, s->body))
		j_broken(j, s->at[EXTOR_TUNNEL],
			 "that the body of OKAY is skipped",
			 "it at the client, which got \"%s\"", j_show(j, got));
	else if (got.n && span_starts(s->sent, got))
		j_pass(j, s->at[EXTOR_TUNNEL]);
	else
		ext_must_go_on(j, s, "payload behind an OKAY with a body");
}

REQ(ext_msg_11) = {
	.id = "EXT-MSG-11",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Payload right behind OKAY in the same segment is kept.",
	.judge = ext_msg_11,
};

static void ext_msg_11(struct judge *j)
{
	const struct ext_session *s = tunnel(j);
	const struct event *limit;
	struct span got;

	if (!s || s->behind.n == 0)
		return;
	got = ext_client_got(j->v, j->a);
	limit = view_limit(j->v, "connect", s->at[EXTOR_TUNNEL]);
	if (span_starts(got, s->behind))
		j_pass(j, s->at[EXTOR_TUNNEL]);
	else if (got.n >= s->behind.n)
		j_broken(j, s->at[EXTOR_TUNNEL],
			 "what was sent right behind OKAY at the client",
			 "\"%s\"%s", j_show(j, got), either_end(j->v));
	else if (ext_gave_up(s))
		ext_must_go_on(j, s, "what was sent right behind OKAY");
	/* A client may sit on early bytes until others follow, which is no
	 * fault of the server. */
	else if (limit && limit->n < s->until && s->sent.n > s->behind.n)
		j_late(j, limit, "what was sent right behind OKAY",
		       "\"%s\" at the client", j_show(j, got));
}

REQ(ext_msg_12) = {
	.id = "EXT-MSG-12",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "After OKAY the stream is transparent both ways.",
	.judge = ext_msg_12,
};

static void ext_msg_12(struct judge *j)
{
	const struct ext_session *s = tunnel(j);

	if (s)
		judge_bulk(j, s->at[EXTOR_TUNNEL], s->until,
			   "all bytes behind OKAY as they were sent");
}

REQ(ext_msg_13) = {
	.id = "EXT-MSG-13",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Order of USERADDR and TRANSPORT is free; repeating is "
		 "allowed.",
	.traps = "Do not fail.",
	.judge = ext_msg_13,
};

static void ext_msg_13(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);
	static const enum extor_anomaly notes[] = {
		EXTOR_TRANSPORT_FIRST,
		EXTOR_TRANSPORT_AGAIN,
		EXTOR_USER_AGAIN,
	};

	for_sessions (s, l) {
		if (!has_told(s))
			continue;
		j_pass(j, s->at[EXTOR_ANSWER]);
		for (size_t i = 0; i < 3; i++)
			if (s->x->anomalies & notes[i])
				j_broken(j, s->at[EXTOR_ANSWER],
					 "each once, in any order",
					 "%s on \"%s\"",
					 extor_anomaly_text(notes[i]),
					 j_show(j, s->name));
	}
}
