/*
 * transparent_tcp.c - Transparent TCP.
 */
#include "harness/req/launch/life.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/traffic/socks_dialogue.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

#define MODE "transparent-TCP"
#define TARGET "-target"

/* A launch whose case asks for the mode, and a target that offers it. */
static bool in_mode(const struct judge *j)
{
	return span_eqs(pairs_get(&j->v->head->vars, "mode"), MODE);
}

/* The application: its connection, which says nothing of where to; NULL: there
 * is none, or several clients were announced, whose bytes cannot be told
 * apart. */
static const struct event *application(const struct view *v)
{
	const struct event *first = NULL;

	for_events (ev, v) {
		if (ev->kind != EV_CONNECT || ev->connect.result != CONNECT_OK)
			continue;
		if (first && span_eq(ev->connect.conn, first->connect.conn))
			return NULL;
		first = first ? first : ev;
	}
	return first;
}

/* The transport ended it while the case left it alone; or NULL. */
static const struct event *tcp_given_up(const struct view *v,
					const struct event *near)
{
	return tunnel_given_up(v, near, life_stimulus(v, near->n + 1));
}

/* The destination's end: the caller that said something, else the first. */
static const struct event *destination_end(const struct view *v)
{
	const struct event *first = NULL;

	for_events (ev, v) {
		if (ev->kind != EV_ACCEPT)
			continue;
		first = first ? first : ev;
		if (tunnel_got(v, ev).n)
			return ev;
	}
	return first;
}

/* Where the case told the client to connect to; false where the policy has
 * that for something else (AMB-028). */
static bool target_of(const struct judge *j, struct addr *a, unsigned *odd)
{
	struct span s = view_flag(j->v, TARGET);

	*odd = addr_parse(s, a);
	return s.n && !policy_is(j->policy, P_TARGET_MEANS, "serverapp");
}

/* --- whole tunnels --- */

/* Is the server where the client was sent?  One that could not have its
 * address is not. */
static bool is_in_place(const struct view *v)
{
	const struct view *server = v;
	struct view peer;

	if (v->head->role == ROLE_CLIENT) {
		view_init_nth(&peer, v->tr, 2, v->a);
		server = &peer;
	}
	for_methods (m, server) {
		const char *port = arena_printf(v->a, "%u", m->m.addr.port);

		if (span_eqs(pairs_get(&v->head->vars, "port:T"), port))
			return true;
	}
	return false;
}

/* What came out of one end is what went into the other; @all: nothing is
 * missing. */
static bool is_same(struct judge *j, const struct event *in,
		    const struct event *out, bool *all)
{
	struct span sent = tunnel_sent(j->v, in), got = tunnel_got(j->v, out);

	*all &= sent.n == got.n;
	if (span_starts(sent, got))
		return true;
	j_broken(j, out->n, "the bytes of the other end from the first one on",
		 "\"%s\" at \"%s\", after \"%s\" was sent", j_show(j, got),
		 j_show(j, event_name(out)), j_show(j, sent));
	return false;
}

static void judge_words(struct judge *j, const struct event *near)
{
	static const char expected[] = "what was sent at the other end";
	const struct event *far = destination_end(j->v);
	const struct event *limit = view_limit(j->v, "connect", near->n);
	const struct event *end = tcp_given_up(j->v, near);
	bool all = tunnel_sent(j->v, near).n > 0;

	/* Without a destination only silence is right. */
	if (!far && tunnel_got(j->v, near).n) {
		j_broken(j, near->n, "no answer before that of the destination",
			 "\"%s\"", j_show(j, tunnel_got(j->v, near)));
		return;
	}
	if (far &&
	    (!is_same(j, near, far, &all) || !is_same(j, far, near, &all)))
		return;
	/* Who calls the destination before there is a client confuses the
	 * case: nothing may have been sent back. */
	if (far && all)
		j_pass(j, far->n);
	else if (end)
		j_broken(j, end->n, expected, "the end of the connection");
	else if (limit && !target_says(j, "lazy"))
		j_late(j, limit, expected,
		       far ? "a part of it" : "no connection to it");
}

static judge_fn judge_tunnel;

REQ_ROW(tt_raw_1) = {
	.id = "TT-RAW-1",
	.area = AREA_TCP,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "tcp",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "In transparent-TCP mode app bytes are relayed from the "
		 "first byte, no handshake.",
	.traps = "T-NOMODE.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = judge_tunnel,
};

REQ_ROW(tt_srv_1) = {
	.id = "TT-SRV-1",
	.area = AREA_TCP,
	.level = L_IMPLIED,
	.section = "3.3.5.6",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The server forwards the stream to its destination just as "
		 "in socks mode.",
	.traps = "A \"SOCKS proxy\" server mode may exist; use matching "
		 "mode.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = judge_tunnel,
};

static void judge_tunnel(struct judge *j)
{
	const struct event *near = application(j->v);

	if (!in_mode(j) || !near || !is_in_place(j->v) ||
	    policy_is(j->policy, P_TARGET_MEANS, "serverapp"))
		return;
	if (!judge_bulk(j, near->n, UINT32_MAX, "all bytes as they were sent"))
		judge_words(j, near);
}

/* --- the client alone --- */

REQ(tt_early_1) = {
	.id = "TT-EARLY-1",
	.area = AREA_TCP,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "tcp",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Data written before the transport is connected is kept.",
	.traps = "T-TIME.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = tt_early_1,
};

static void tt_early_1(struct judge *j)
{
	static const char expected[] = "what was said before the connection "
				       "was made at its destination";
	const struct event *near = application(j->v), *far, *said, *limit, *end;
	struct span sent;

	if (!in_mode(j) || !near || has_peer(j->v))
		return;
	far = destination_end(j->v);
	said = view_event(j->v, EV_SEND, NULL, near->n);
	if (!far || !said || said->n > far->n)
		return;
	sent = tunnel_sent(j->v, near);
	if (!sent.n)
		return;
	limit = view_limit(j->v, "connect", far->n);
	end = tcp_given_up(j->v, near);
	if (span_contains(tunnel_got(j->v, far), sent))
		j_pass(j, far->n);
	else if (end)
		j_broken(j, end->n, expected, "the end of the connection");
	else if (limit)
		j_late(j, limit, expected, "\"%s\"",
		       j_show(j, tunnel_got(j->v, far)));
}

/* A launch in which nobody is where the client was sent. */
static bool leads_nowhere(const struct judge *j)
{
	struct addr a;
	unsigned odd;

	return target_of(j, &a, &odd) && !odd && !has_peer(j->v) &&
	       !listener_at(j->v, &a);
}

REQ(tt_fail_1) = {
	.id = "TT-FAIL-1",
	.area = AREA_TCP,
	.level = L_IMPLIED,
	.section = "—",
	.role = "tcp",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "If the transport cannot connect, the app connection is "
		 "closed and the PT lives.",
	.traps = "Retry within connect limit is fine.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = tt_fail_1,
};

static void tt_fail_1(struct judge *j)
{
	const struct event *near = application(j->v), *end, *limit, *again;

	if (!in_mode(j) || !near || !leads_nowhere(j))
		return;
	end = tcp_given_up(j->v, near);
	limit = view_limit(j->v, "connect", near->n);
	again = view_event(j->v, EV_CONNECT, NULL, near->n + 1);
	if (life_ended_unasked(j->v, near->n))
		j_broken(j, end_ev(j->v), "service that goes on",
			 "that it %s, when a target could not be reached",
			 view_how_ended(j->v));
	else if (again && again->connect.result == CONNECT_REFUSED)
		j_broken(j, again->n, "service that goes on",
			 "no listener any more, when a target could not be "
			 "reached");
	else if (end)
		j_pass(j, end->n);
	else if (limit)
		j_late(j, limit, "the end of a connection that leads nowhere",
		       "none");
}

/* One that knows its server by itself needs no target, and calls it. */
static void judge_no_target(struct judge *j, const struct method *m)
{
	static const char expected[] = "an error, as there is no target";
	const struct event *near = application(j->v), *end, *limit;

	if (!near || target_says(j, "lazy"))
		return;
	end = tcp_given_up(j->v, near);
	limit = view_limit(j->v, "exit", near->n);
	if (!end && !limit)
		return;
	if (view_event(j->v, EV_PACKET, NULL, 1))
		return;
	if (open_if_unseen(j, "it cannot be seen whether it calls a server of "
			      "its own"))
		return;
	if (end)
		j_broken(j, m->line->ev, expected,
			 "\"%s\", and a connection that ends",
			 j_show(j, m->line->raw));
	else
		j_late(j, limit, expected,
		       "\"%s\", and a connection that leads nowhere",
		       j_show(j, m->line->raw));
}

REQ(tt_tgt_1) = {
	.id = "TT-TGT-1",
	.area = AREA_TCP,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "tcp",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Without any target this mode cannot work and says so.",
	.traps = "Implicit-server transports need none.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = tt_tgt_1,
};

static void tt_tgt_1(struct judge *j)
{
	struct span t = view_first_known(j->v);
	const struct method *m = view_method(j->v, t);
	const struct line *error = view_error(j->v, IPC_CMETHOD_ERROR);

	if (!in_mode(j) || !span_absent(view_flag(j->v, TARGET)))
		return;
	error = error ? error : view_fatal(j->v);
	if (m)
		judge_no_target(j, m);
	else if (error)
		j_pass(j, error->ev);
	else if (outcome(j) == OUT_STARTED || outcome(j) == OUT_REFUSED)
		j_broken(j, outcome_ev(j), "an error, as there is no target",
			 "%s", outcome_words(j));
}

/* --- settings and lines of the mode, for their areas --- */

REQ(or_tgt_1) = {
	.id = "OR-TGT-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`-target` on a client gives the destination for modes "
		 "without a SOCKS request.",
	.traps = "AMB-028: which hop it names; in socks5 mode precedence is "
		 "unspecified (AMB-029).",
	.needs = OF_CLIENT | LEGAL,
	.profiles = IN_20,
	.stimuli = STIMULUS(TARGET_FORMS) | STIMULUS(TARGET_SPEAKS),
	.judge = or_tgt_1,
};

static void or_tgt_1(struct judge *j)
{
	static const char expected[] = "a connection to the target";
	const struct event *near = application(j->v), *l, *limit, *end;
	struct addr a;
	unsigned odd;

	if (!in_mode(j) || !target_of(j, &a, &odd) || odd || has_peer(j->v))
		return;
	l = listener_at(j->v, &a);
	if (!l || !near) {
		if (l && provoked(j) && !has_started(j))
			must_start(j, "a start with `-target`");
		return;
	}
	limit = view_limit(j->v, "connect", near->n);
	limit = limit ? limit : view_limit(j->v, "exit", near->n);
	end = tcp_given_up(j->v, near);
	if (accepted(j->v, l, l->n))
		j_pass(j, accepted(j->v, l, l->n)->n);
	else if (dest_got_datagrams(j->v, &a))
		j_pass(j, near->n);
	else if (end)
		j_broken(j, end->n, expected,
			 "none, and the end of the application's");
	else if (limit && !target_says(j, "lazy"))
		j_late(j, limit, expected, "none");
}

REQ(or_tgt_2) = {
	.id = "OR-TGT-2",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-client",
	.classes = "net,dns",
	.dflt = V_WARN,
	.title = "`-target` takes IPv4, bracketed IPv6, or a domain name "
		 "with port.",
	.traps = "Transport documentation may exclude forms.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.stimuli = STIMULUS(TARGET_FORMS),
	.judge = or_tgt_2,
};

static void or_tgt_2(struct judge *j)
{
	struct span t = view_first_known(j->v);
	const struct line *error;
	const char *what;
	struct addr a;
	unsigned odd;

	if (!in_mode(j) || !provoked(j) || !target_of(j, &a, &odd) ||
	    (odd && odd != ADDR_HOSTNAME))
		return;
	what = arena_printf(j->a, "a start with `" TARGET " %s`",
			    j_show(j, view_flag(j->v, TARGET)));
	error = method_error(j->v, t);
	if (outcome(j) == OUT_REFUSED || outcome(j) == OUT_CRASHED)
		j_broken(j, outcome_ev(j), what, "%s", outcome_words(j));
	else if (error)
		j_broken(j, error->ev, what, "%s", line_words(j, error));
	else if (view_method(j->v, t))
		j_pass(j, view_method(j->v, t)->line->ev);
}

REQ(cm_mode_tcp_1) = {
	.id = "CM-MODE-TCP-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "tcp",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Transparent TCP is announced with `transparent-TCP`.",
	.traps = "T-NOMODE.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = cm_mode_tcp_1,
};

static void cm_mode_tcp_1(struct judge *j)
{
	const struct method *m;

	if (!in_mode(j) || !life_by_20(j))
		return;
	m = view_method(j->v, view_first_known(j->v));
	if (!m || m->m.anomalies & METHOD_MISSING)
		return;
	if (span_eqs(m->m.proto, MODE))
		j_pass(j, m->line->ev);
	else
		j_broken(j, m->line->ev, "\"" MODE "\", as was asked for",
			 "\"%s\"", j_show(j, m->m.proto));
}

/* --- the rows --- */
