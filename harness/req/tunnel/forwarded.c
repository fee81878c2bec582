/*
 * forwarded.c - what a server does at the destination of its tunnels.
 */
#include "harness/req/launch/life.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/traffic/settings_block.h"
#include "harness/req/traffic/tunnel.h"

/* Somebody was there to be called before the first session was asked for. */
static bool listener_at_destination(const struct judge *j)
{
	const struct event *asked = view_event(j->v, EV_SOCKS, NULL, 1);
	const struct event *l = view_event(j->v, EV_LISTEN, NULL, 1);

	return asked && l && l->n < asked->n &&
	       span_eqs(l->listen.result, "ok");
}

static judge_fn only_payload;

REQ_ROW(gen_fwd_1) = {
	.id = "GEN-FWD-1",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "By default the PT server hands the recovered stream "
		 "straight to the Server App.",
	.traps = "ExtORPort mode adds its own prologue by design.",
	.needs = LEGAL | TUNNELLED,
	.judge = only_payload,
};

REQ_ROW(or_pay_1) = {
	.id = "OR-PAY-1",
	.area = AREA_DESTINATION,
	.level = L_MUST,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Those connections carry application payload only.",
	.traps = "Must not be applied to the ExtORPort.",
	.needs = LEGAL | TUNNELLED,
	.judge = only_payload,
};

static void only_payload(struct judge *j)
{
	static const char expected[] = "the application's bytes and no others";
	struct tunnel t;
	struct span got;
	size_t wrong;

	if (!tunnel_is_plain(j, &t))
		return;
	got = tunnel_got(j->v, t.far);
	wrong = tunnel_first_wrong(tunnel_sent(j->v, t.near), got);
	if (wrong == SIZE_MAX)
		j_pass(j, t.far->n);
	else
		j_broken(j, t.far->n, expected, "\"%s\" at byte %zu%s",
			 j_show(j, span_sub(got, wrong, 40)), wrong,
			 either_end(j->v));
}

REQ(or_fwd_1) = {
	.id = "OR-FWD-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Recovered traffic goes to the configured destination.",
	.traps = "Extra probe connections: INFO. A destination by name: WARN, "
		 "see OR-DOM-1.",
	.needs = LAUNCHED | TUNNELLED,
	.judge = or_fwd_1,
};

/* A destination by name, which the server took.  The name servers of the
 * harness answer where packets are seen. */
static void name_not_called(struct judge *j, const struct tunnel *t)
{
	struct addr a;

	if (addr_parse(view_setting(j->v, "TOR_PT_ORPORT"), &a) ==
		    ADDR_HOSTNAME &&
	    !tunnel_lacks_ipv6(j->v) && j->facts->role[ROLE_SERVER].tunnels &&
	    !captured_off(j->v) && tunnel_late(j->v, t->near) &&
	    !tunnel_cut_late(j, t->near))
		j_say(j, V_WARN, t->near->n, "a connection to the destination",
		      "none to the host name, behind a session that was "
		      "answered with success%s",
		      whose_end(j));
}

static void or_fwd_1(struct judge *j)
{
	const struct event *limit;
	struct span sent;
	struct tunnel t;

	if (!tunnel_get(j->v, 0, &t))
		return;
	limit = tunnel_wait_limit(j->v, t.near->n);
	sent = tunnel_sent(j->v, t.near);
	/* Where a client is judged nothing names the destination. */
	if (!t.far && sent.n)
		t.far = came_out(j->v, sent);
	if (t.far)
		j_pass(j, t.far->n);
	else if (!is_legal(j))
		name_not_called(j, &t);
	/* Some say their first word with the first data. */
	else if (limit && listener_at_destination(j) && sent.n)
		j_late(j, limit, "a connection to the destination",
		       "none behind a session that was answered with "
		       "success%s",
		       whose_end(j));
}

/* Must a client be told what stands in SMETHOD, and nothing does? */
static bool tells_nothing(const struct judge *j)
{
	struct view server;

	tunnel_process(j->v, ROLE_SERVER, &server);
	for_methods (m, &server)
		if (!span_absent(m->m.args))
			return false;
	return target_says(j, "told");
}

/* Whose doing is it that a session came to nothing?  What the client alone
 * decides needs no server. */
static const char *whose_refusal(const struct judge *j,
				 const struct event *session)
{
	enum socks_result result = session->socks.result;

	if (result == SOCKS_END_UNREACHABLE || result == SOCKS_END_GARBAGE ||
	    result == SOCKS_END_METHOD)
		return " (the client's part)";
	if (tells_nothing(j))
		return " (the server printed no ARGS)";
	return whose_end(j);
}

/* The session that was asked for while nobody was at the destination. */
static const struct event *down_session(const struct view *v,
					const struct event **up)
{
	const struct event *first = view_event(v, EV_SOCKS, NULL, 1);
	const struct event *l = view_event(v, EV_LISTEN, NULL, 1);

	*up = l;
	return first && l && first->n < l->n ? first : NULL;
}

REQ(or_down_1) = {
	.id = "OR-DOWN-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "An unreachable destination ends that client connection, "
		 "not the PT.",
	.traps = "T-TIME.",
	.needs = LEGAL | TUNNELLED,
	.judge = or_down_1,
};

static void or_down_1(struct judge *j)
{
	static const char expected[] =
		"an end of that connection, and a server that goes on";
	const struct event *up, *down, *limit, *again, *ended;
	struct view server;

	tunnel_process(j->v, ROLE_SERVER, &server);
	down = down_session(j->v, &up);
	if (!down)
		return;
	limit = view_limit(j->v, "connect", down->n);
	ended = tunnel_ended(j->v, down);
	/* What all connections get at last is none of this one's own. */
	if (ended && ended->n > life_stimulus(j->v, 1))
		ended = NULL;
	again = view_event(j->v, EV_SOCKS, NULL, up->n);
	if (life_ended_unasked(&server, down->n))
		j_broken(j, server.exit->n, expected, "that the server %s",
			 view_how_ended(&server));
	else if (down->socks.result == SOCKS_END_OK && !ended && limit &&
		 limit->n < up->n && !tunnel_server_ended(j->v, 1) &&
		 !tunnel_has_no_ends(j->v))
		j_late(j, limit, expected, "no end of \"%s\"%s",
		       j_show(j, down->socks.conn), either_end(j->v));
	else if (again && again->socks.result == SOCKS_END_OK &&
		 view_event(j->v, EV_ACCEPT, NULL, up->n))
		j_pass(j, again->n);
	else if (again && again->socks.result != SOCKS_END_OK &&
		 !tunnel_is_not_begun(j))
		j_broken(j, again->n, expected,
			 "a next session that ended as \"%s\"%s",
			 socks_result_word(again->socks.result),
			 whose_refusal(j, again));
}

REQ(or_probe_1) = {
	.id = "OR-PROBE-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "2, 5",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Unauthenticated garbage from a prober is not forwarded to "
		 "the Server App by a transport with a handshake.",
	.traps = "T-IDENT.",
	.needs = LEGAL | TUNNELLED,
	.judge = or_probe_1,
};

/* Bytes of a stranger, sent to the server's own port. */
static void or_probe_1(struct judge *j)
{
	const struct event *far;
	struct tunnel t;

	if (!target_says(j, "conceals") || !tunnel_get(j->v, 0, &t))
		return;
	for_events (ev, j->v) {
		struct span garbage;

		if (ev->kind != EV_CONNECT || ev->connect.result != CONNECT_OK)
			continue;
		garbage = tunnel_sent(j->v, ev);
		if (garbage.n < 8)
			continue;
		far = came_out(j->v, span_sub(garbage, 0, 8));
		if (far) {
			j_broken(j, far->n, "no bytes of a stranger",
				 "\"%s\" at the destination",
				 j_show(j, span_sub(tunnel_got(j->v, far), 0,
						    40)));
			return;
		}
		j_pass(j, ev->n);
	}
}

REQ(sm_args_5) = {
	.id = "SM-ARGS-5",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The given pairs are enough for a client to connect.",
	.traps = "Key spelling may differ between sides (description-file "
		 "map).",
	.needs = LEGAL | TUNNELLED,
	.judge = sm_args_5,
};

/* No server of this launch could be reached: it has no address, as where the
 * world has none of another host. */
static bool is_offered_nothing(const struct judge *j)
{
	for (unsigned nth = 1; nth <= 2; nth++) {
		struct view v;

		view_init_nth(&v, j->v->tr, nth, j->a);
		for_methods (m, &v)
			if (m->line->ipc.kw == IPC_SMETHOD)
				return false;
	}
	return true;
}

/* Had the client another reason to refuse that session: settings that ARGS did
 * not give, which it does not know, or where it was to go, which it may not know
 * how to name? */
static bool has_its_reason(const struct judge *j, const struct event *asked)
{
	struct dialogues all = all_dialogues(j);
	struct addr to;

	for_dialogues (d, &all)
		if (span_eq(d->ch, asked->socks.conn) &&
		    (block_of(j, d).extra || dest_is_beyond(j, d)))
			return true;
	return !(addr_parse(asked->socks.dest, &to) & ADDR_HOSTNAME) &&
	       dest_is_shunned(j, &to);
}

static bool is_printed(const struct judge *j, const struct addr *to)
{
	struct view server;

	tunnel_process(j->v, ROLE_SERVER, &server);
	for_methods (m, &server)
		if (m->line->ipc.kw == IPC_SMETHOD && addr_eq(&m->m.addr, to))
			return true;
	return false;
}

/* Did datagrams of that session go where ARGS have no part in what comes of
 * them?  A relay of a case carries TCP alone, and a server that listens at all
 * addresses of a machine of several may answer them from another one. */
static bool went_astray(const struct judge *j, const struct event *asked)
{
	struct addr to;

	return !(addr_parse(asked->socks.dest, &to) & ADDR_HOSTNAME) &&
	       !is_printed(j, &to) && dest_got_datagrams(j->v, &to);
}

static void sm_args_5(struct judge *j)
{
	static const char expected[] =
		"a session with the settings that ARGS gave";
	const struct event *asked = view_event(j->v, EV_SOCKS, NULL, 1);
	struct span sent, got;
	struct tunnel t;

	if (!target_says(j, "told") || !asked || !listener_at_destination(j) ||
	    is_offered_nothing(j))
		return;
	if (asked->socks.result != SOCKS_END_OK) {
		if (!has_its_reason(j, asked) && !went_astray(j, asked))
			j_broken(j, asked->n, expected,
				 "one that ended as \"%s\"%s",
				 socks_result_word(asked->socks.result),
				 whose_refusal(j, asked));
		return;
	}
	if (!tunnel_is_plain(j, &t))
		return;
	sent = tunnel_sent(j->v, t.near);
	got = tunnel_got(j->v, t.far);
	if (sent.n && tunnel_first_wrong(sent, got) != SIZE_MAX)
		j_broken(j, t.far->n, expected,
			 "other bytes at the destination than went in%s",
			 either_end(j->v));
	else if (got.n)
		j_pass(j, t.far->n);
}
