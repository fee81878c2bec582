/*
 * cmethod.c - Client status messages.
 *
 * What servers do alike is judged in method_lines.c.
 */
#include "harness/req/traffic/socks_dialogue.h"
#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"
#include "harness/req/ipc/method_lines.h"

/* --- the form of CMETHOD --- */

REQ(cm_fmt_1) = {
	.id = "CM-FMT-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "CMETHOD has exactly transport, protocol, address:port.",
	.traps = "Extra trailing tokens: WARN (T-EXTRA is granted for "
		 "SMETHOD only).",
	.needs = OF_CLIENT,
	.judge = cm_fmt_1,
};

static void cm_fmt_1(struct judge *j)
{
	for_own_methods (m, j) {
		if (m->m.anomalies & METHOD_MISSING)
			j_broken(j, m->line->ev,
				 "`CMETHOD` with transport, "
				 "protocol and address",
				 "the line \"%s\"", j_show(j, m->line->raw));
		else if (m->m.anomalies & METHOD_EXTRA)
			j_say(j, V_WARN, m->line->ev,
			      "nothing behind the address", "the line \"%s\"",
			      j_show(j, m->line->raw));
		else
			j_pass(j, m->line->ev);
	}
}

/* 1.0 has its own two tokens; socks4 stays legal where version 1 was chosen
 * (AMB-048). */
static bool is_protocol(const struct judge *j, struct span s)
{
	if (span_eqs(s, "socks5"))
		return true;
	if (span_eqs(s, "socks4"))
		return !j_is20(j) || span_eqs(j->v->negotiated, "1");
	return life_by_20(j) &&
	       (span_eqs(s, "transparent-TCP") ||
		span_eqs(s, "transparent-UDP") || span_eqs(s, "STUN"));
}

REQ(cm_proto_1) = {
	.id = "CM-PROTO-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Protocol is one of `socks5`, `transparent-TCP`, "
		 "`transparent-UDP`, `STUN` (exact case).",
	.traps = "`socks4` after VERSION 2: FAIL by the list, but drafts 1–2 "
		 "of 2.0 allowed it (AMB-048); `socks4` is fine when VERSION "
		 "1 was negotiated.",
	.needs = OF_CLIENT,
	.judge = cm_proto_1,
};

static void cm_proto_1(struct judge *j)
{
	for_own_methods (m, j) {
		if (m->m.anomalies & METHOD_MISSING)
			continue;
		if (is_protocol(j, m->m.proto))
			j_pass(j, m->line->ev);
		else
			j_broken(j, m->line->ev,
				 life_by_20(j) ? "socks5, transparent-TCP, "
						 "transparent-UDP or STUN"
					       : "socks4 or socks5",
				 "\"%s\"%s", j_show(j, m->m.proto),
				 span_eqs(m->m.proto, "socks4")
					 ? ", as drafts 1 and 2 had it"
					 : "");
	}
}

/* --- listeners --- */

/* The first bytes that came on a connection, at most @max. */
static size_t received(const struct view *v, const struct event *send,
		       char *out, size_t max)
{
	size_t n = 0;

	for (size_t i = send->n; i < v->tr->nev && n < max; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind != EV_RECV ||
		    !span_eq(ev->recv.conn, send->send.conn))
			continue;
		for (size_t k = 0; k < ev->recv.data.n && n < max; k++)
			out[n++] = ev->recv.data.p[k];
	}
	return n;
}

/* Hung up by the other side, while the transport lived? */
static const struct event *hung_up(const struct view *v,
				   const struct event *send)
{
	for (size_t i = send->n; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (!span_eq(event_name(ev), send->send.conn))
			continue;
		if (ev->kind == EV_CLOSE)
			return NULL;
		if (ev->kind == EV_EOF)
			return life_alive_at(v, ev->n) &&
					       life_stimulus(v, send->n) > ev->n
				       ? ev
				       : NULL;
	}
	return NULL;
}

static const struct dialogue *dialogue_of(const struct dialogues *all,
					  const struct event *send)
{
	for_dialogues (d, all)
		if (span_eq(d->ch, send->send.conn))
			return d;
	return NULL;
}

/* Behind a client that has not got further, which SK-ROB-2 is about. */
static bool is_in_turn(struct judge *j, const struct event *send)
{
	struct dialogues all = all_dialogues(j);
	const struct dialogue *d = dialogue_of(&all, send);

	return d && !silent_until(j, &all, d, send);
}

/* Was it silent for too long before that? */
static bool was_mute(struct judge *j, const struct event *send)
{
	struct dialogues all = all_dialogues(j);

	return !dialogue_of(&all, send);
}

static void greeted(struct judge *j, const struct event *send)
{
	const char *expected = "a SOCKS5 answer to a SOCKS5 greeting";
	const struct view *v = j->v;
	const struct event *limit = view_limit(v, "connect", send->n);
	char got[2];
	size_t n = received(v, send, got, sizeof(got));

	if (n && got[0] != 5)
		j_broken(j, send->n, expected, "version %d in the answer",
			 (unsigned char)got[0]);
	else if (n == 2)
		j_pass(j, send->n);
	else if (hung_up(v, send) && !was_mute(j, send))
		j_broken(j, hung_up(v, send)->n, expected, "it hung up");
	else if (limit && limit->n < life_stimulus(v, send->n) &&
		 life_alive_at(v, limit->n) && !is_in_turn(j, send))
		j_late(j, limit, expected, "none within the limit");
}

/* Whether it is granted, and when, is up to the destination as well. */
static void asked(struct judge *j, const struct event *send)
{
	const char *expected = "a SOCKS4 reply to a SOCKS4 request";
	char got[1];

	if (!received(j->v, send, got, sizeof(got)))
		return;
	/* Some servers say 04, which SK-V4-4 is about. */
	if (got[0] == 0 || got[0] == 4)
		j_pass(j, send->n);
	else
		j_broken(j, send->n, expected, "%02x as its first byte",
			 (unsigned char)got[0]);
}

/* A greeting that anybody can take, alone or with RFC 1929. */
static bool is_greeting(struct span s)
{
	return span_eq(s, SPAN("\x05\x01\x00")) ||
	       span_eq(s, SPAN("\x05\x02\x00\x02"));
}

/* What is asked of a transport that is in trouble is up to hygiene. */
#define TROUBLE                                                   \
	(STIMULUS(DESCRIPTORS_USED_UP) | STIMULUS(ACCEPT_FAILS) | \
	 STIMULUS(OUTPUT_UNREAD) | STIMULUS(CLIENTS_MANY))

REQ(cm_listen_2) = {
	.id = "CM-LISTEN-2",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The listener speaks the announced protocol.",
	.traps = "Transparent TCP sends nothing by itself.",
	.needs = OF_CLIENT,
	.judge = cm_listen_2,
};

static void cm_listen_2(struct judge *j)
{
	const struct method *m;

	if (j->v->head->stimuli & TROUBLE)
		return;
	for_events (ev, j->v) {
		if (ev->kind != EV_SEND)
			continue;
		m = life_to_method(j->v, ev);
		if (m && span_eqs(m->m.proto, "socks5") &&
		    is_greeting(ev->send.data))
			greeted(j, ev);
		else if (m && span_eqs(m->m.proto, "socks4") &&
			 span_starts(ev->send.data, SPAN("\x04\x01")))
			asked(j, ev);
	}
}

static bool is_udp(const struct method *m)
{
	return span_eqs(m->m.proto, "transparent-UDP") ||
	       span_eqs(m->m.proto, "STUN");
}

REQ(cm_dist_1) = {
	.id = "CM-DIST-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Different transports have different listeners.",
	.traps = "Same port number on different addresses, or TCP versus "
		 "UDP, is fine.",
	.needs = OF_CLIENT,
	.judge = cm_dist_1,
};

static void cm_dist_1(struct judge *j)
{
	for_own_methods (m, j)
		for (const struct method *o = j->v->methods.v; o < m; o++) {
			if (!m->m.addr.family || !o->m.addr.family ||
			    span_eq(m->m.name, o->m.name))
				continue;
			if (!addr_eq(&m->m.addr, &o->m.addr) ||
			    is_udp(m) != is_udp(o)) {
				j_pass(j, m->line->ev);
				continue;
			}
			j_broken(j, m->line->ev,
				 "a listener of its own for each transport",
				 "one address for \"%s\" and \"%s\"",
				 j_show(j, o->m.name), j_show(j, m->m.name));
			j_also(j, o->line->ev);
		}
}

/* --- outcomes --- */

/* A name that no transport can have: random, or against the rules. */
static bool is_unknown(const struct judge *j, struct span name)
{
	return view_nosuch(j->v, name) ||
	       (view_requested(j->v, name) && name_check(name) & NAME_INVALID);
}

static bool unknown_error(struct judge *j, const struct lines *lines)
{
	for_lines (l, lines) {
		if (l->ipc.kw != IPC_CMETHOD_ERROR || !l->ipc.ntok ||
		    !is_unknown(j, l->ipc.tok[0]))
			continue;
		j_broken(j, l->ev,
			 "no word about a transport that it does "
			 "not know",
			 "the line \"%s\"", j_show(j, l->raw));
		return true;
	}
	return false;
}

static size_t count_nosuch(const struct view *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->requested.n; i++)
		n += view_nosuch(v, v->requested.v[i]);
	return n;
}

REQ(cm_unk_1) = {
	.id = "CM-UNK-1",
	.area = AREA_CMETHOD,
	.level = L_MUST_NOT,
	.section = "3.3.2.2.1",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Unknown names never produce CMETHOD-ERROR.",
	.traps = "Choose random names; check both streams.",
	.needs = OF_CLIENT,
	.judge = cm_unk_1,
};

static void cm_unk_1(struct judge *j)
{
	const struct view *v = j->v;

	if (!unknown_error(j, &v->out) && !unknown_error(j, &v->err) &&
	    v->done && count_nosuch(v))
		j_pass(j, v->done->ev);
}

/* --- DONE --- */

REQ(cm_alive_1) = {
	.id = "CM-ALIVE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2.1",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The process does not end because nothing was launched.",
	.needs = OF_CLIENT,
	.profiles = IN_20,
	.judge = cm_alive_1,
};

static void cm_alive_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *w;

	if (!life_by_20(j) || !v->done || !v->requested.n ||
	    count_nosuch(v) != v->requested.n)
		return;
	w = life_survived(v, v->done->ev);
	if (life_gave_up(v))
		j_broken(j, end_ev(v),
			 "a process that stays although it "
			 "launched nothing",
			 "it %s", view_how_ended(v));
	else if (w)
		j_pass(j, w->n);
}

REQ(cm_time_1) = {
	.id = "CM-TIME-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Initialisation completes in reasonable time without "
		 "network help.",
	.traps = "T-TIME.",
	.needs = OF_CLIENT | LEGAL,
	.judge = cm_time_1,
};

/* Only a sandbox has no network that could help. */
static void cm_time_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *limit = view_limit(v, "init", 1);

	if (v->done && !(limit && limit->n < v->done->ev)) {
		if (v->head->sandbox)
			j_pass(j, v->done->ev);
		else
			j_unsure(j,
				 "a network may have helped, which only a "
				 "sandbox does not have: %s",
				 j_show(j, v->head->sandbox_why));
	} else if (limit && life_alive_at(v, limit->n) && !view_fatal(v) &&
		   !left_unread(v)) {
		j_late(j, limit, "`CMETHODS DONE` without any network",
		       "none within the limit");
	}
}
