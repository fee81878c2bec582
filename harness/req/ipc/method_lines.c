/*
 * method_lines.c - see method_lines.h; the judges of the method line itself, of
 * its listener, and of whose messages they are.
 */
#include "harness/req/ipc/method_lines.h"

#include "harness/req/launch/life.h"

const struct method_words *method_words(const struct judge *j)
{
	static const struct method_words client = {
		IPC_CMETHOD, IPC_CMETHOD_ERROR, IPC_CMETHODS,
		"CMETHOD", "CMETHODS DONE",
	}, server = {
		IPC_SMETHOD, IPC_SMETHOD_ERROR, IPC_SMETHODS,
		"SMETHOD", "SMETHODS DONE",
	};

	return is_client(j) ? &client : &server;
}

bool method_is_bare_done(const struct line *l)
{
	return l->ipc.ntok == 1 && span_eqs(l->ipc.tok[0], "DONE");
}

bool status_is_own(const struct judge *j, const struct method *m)
{
	return m->line->ipc.kw == method_words(j)->method &&
	       !(m->line->ipc.anomalies & IPC_TAB) &&
	       !method_is_bare_done(m->line) &&
	       (m->line->terminated || view_ended(j->v));
}

/* --- the method line --- */

static judge_fn status_stream;

REQ_ROW(cm_stream_1) = {
	.id = "CM-STREAM-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "CMETHOD goes to stdout.",
	.needs = OF_CLIENT,
	.judge = status_stream,
};

REQ_ROW(sm_stream_1) = {
	.id = "SM-STREAM-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHOD goes to stdout.",
	.needs = OF_SERVER,
	.judge = status_stream,
};

static void status_stream(struct judge *j)
{
	const struct view *v = j->v;

	for_own_methods (m, j)
		j_pass(j, m->line->ev);
	for_lines (l, &v->err) {
		struct ipc_method m;

		if (l->ipc.kw != method_words(j)->method || l->ipc.ntok < 2)
			continue;
		ipc_parse_method(&l->ipc, &m);
		/* A copy in a log is none of our business. */
		if (!view_requested(v, m.name) || view_method(v, m.name))
			continue;
		j_broken(j, l->ev,
			 arena_printf(j->a, "%s on stdout",
				      method_words(j)->method_name),
			 "the line \"%s\" on stderr only", j_show(j, l->raw));
		return;
	}
}

static judge_fn status_addr;

REQ_ROW(cm_addr_1) = {
	.id = "CM-ADDR-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The address is a literal IPv4 or bracketed IPv6 with a "
		 "port 1–65535.",
	.traps = "T-V6; leading zeros in the expanded IPv6 form are fine.",
	.needs = OF_CLIENT,
	.judge = status_addr,
};

REQ_ROW(sm_addr_1) = {
	.id = "SM-ADDR-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Address is a literal IP with a non-zero port that clients "
		 "can use.",
	.traps = "`0.0.0.0:p`/`[::]:p` tolerated (AMB-044): connect via "
		 "loopback.",
	.needs = OF_SERVER,
	.judge = status_addr,
};

/* The unspecified address is tolerated (AMB-044). */
static void status_addr(struct judge *j)
{
	for_own_methods (m, j) {
		unsigned odd = m->m.addr_anomalies;

		if (span_absent(m->m.addr_text))
			continue;
		if (odd & ~(unsigned)ADDR_ZONE)
			j_broken(j, m->line->ev,
				 "a literal IPv4 or bracketed "
				 "IPv6 address with a port from 1 to 65535",
				 "\"%s\"", j_show(j, m->m.addr_text));
		else if (odd)
			j_say(j, V_WARN, m->line->ev,
			      "an address that others can use",
			      "the scope in \"%s\"", j_show(j, m->m.addr_text));
		else
			j_pass(j, m->line->ev);
	}
}

/* --- listeners --- */

/* Was there no attempt before that to the same address? */
static bool is_first_attempt(const struct view *v, const struct event *attempt)
{
	for_events (ev, v) {
		if (ev == attempt)
			break;
		if (ev->kind == EV_CONNECT &&
		    span_eq(ev->connect.addr, attempt->connect.addr))
			return false;
	}
	return true;
}

static judge_fn status_listen;

REQ_ROW(cm_listen_1) = {
	.id = "CM-LISTEN-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The listener is live when the line is sent.",
	.traps = "Accept-queue semantics: connect success is enough.",
	.needs = OF_CLIENT,
	.judge = status_listen,
};

REQ_ROW(sm_listen_1) = {
	.id = "SM-LISTEN-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The listener is live when reported.",
	.traps = "T-OBFS.",
	.needs = OF_SERVER,
	.judge = status_listen,
};

static void status_listen(struct judge *j)
{
	const struct view *v = j->v;
	uint32_t end = life_stimulus(v, 1);

	for_events (ev, v) {
		const struct method *m;

		if (ev->n >= end)
			break;
		if (ev->kind != EV_CONNECT || !life_alive_at(v, ev->n) ||
		    !is_first_attempt(v, ev))
			continue;
		m = life_to_method(v, ev);
		if (!m)
			continue;
		/* A series is one event: that of its last attempt. */
		if (ev->connect.result == CONNECT_OK ||
		    ev->connect.result == CONNECT_UDP || ev->connect.tries > 1)
			j_pass(j, ev->n);
		else if (ev->connect.result == CONNECT_REFUSED)
			j_broken(j, m->line->ev,
				 "a listener that is there with the line "
				 "that announces it",
				 "no listener at the "
				 "address of \"%s\"",
				 j_show(j, m->m.name));
		else
			continue;
		j_also(j, ev->n);
	}
}

/* So many connections one after the other are a test of it. */
#define LIFE_CONNECTIONS 20

/* Attempts at announced listeners before the event @end. */
static int64_t attempts(const struct view *v, uint32_t end,
			const struct event **out_last)
{
	int64_t n = 0;

	for_events (ev, v) {
		if (ev->n >= end)
			break;
		if (ev->kind != EV_CONNECT || !life_to_method(v, ev))
			continue;
		n += ev->connect.tries;
		*out_last = ev;
	}
	return n;
}

/* Refused where a connection had been accepted before, or NULL. */
static const struct event *refused_later(const struct view *v)
{
	const struct event *ev = life_refused(v, v->done->ev);

	return ev && (ev->connect.tries > 1 || !is_first_attempt(v, ev)) ? ev
									 : NULL;
}

static judge_fn status_life;

REQ_ROW(cm_life_1) = {
	.id = "CM-LIFE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Listeners stay up after DONE and accept many connections "
		 "one after another.",
	.traps = "Backlog limits under burst: retry.",
	.needs = OF_CLIENT,
	.judge = status_life,
};

REQ_ROW(sm_life_1) = {
	.id = "SM-LIFE-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The server keeps accepting after DONE, across failures of "
		 "single connections.",
	.traps = "Deliberate slow handling of bad handshakes (anti-probing) "
		 "is legal.",
	.needs = OF_SERVER,
	.judge = status_life,
};

static void status_life(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *last = NULL;
	int64_t n;

	if (!v->done || life_stimulus(v, 1) < v->done->ev)
		return;
	n = attempts(v, life_stimulus(v, 1), &last);
	if (refused_later(v))
		j_broken(j, refused_later(v)->n, "a listener that stays",
			 "a refused connection after others had been "
			 "accepted");
	else if (n < LIFE_CONNECTIONS)
		return;
	else if (life_gave_up(v))
		j_broken(j, end_ev(v),
			 "a transport that accepts connections "
			 "one after another",
			 "it %s", view_how_ended(v));
	else if (life_alive_at(v, last->n))
		j_pass(j, last->n);
}

/* --- roles --- */

static bool is_foreign(const struct judge *j, enum ipc_keyword kw)
{
	if (is_client(j))
		return kw == IPC_SMETHOD || kw == IPC_SMETHOD_ERROR ||
		       kw == IPC_SMETHODS;
	if (kw == IPC_PROXY || kw == IPC_PROXY_ERROR)
		/* With a proxy set, that is PX-SRV-1. */
		return span_absent(view_setting(j->v, "TOR_PT_PROXY"));
	return kw == IPC_CMETHOD || kw == IPC_CMETHOD_ERROR ||
	       kw == IPC_CMETHODS;
}

static judge_fn status_role;

REQ_ROW(cm_role_1) = {
	.id = "CM-ROLE-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A client prints no SMETHOD messages.",
	.needs = OF_CLIENT,
	.judge = status_role,
};

REQ_ROW(sm_role_1) = {
	.id = "SM-ROLE-1",
	.area = AREA_SMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A server prints no CMETHOD or PROXY messages.",
	.needs = OF_SERVER,
	.judge = status_role,
};

static void status_role(struct judge *j)
{
	const struct view *v = j->v;

	/* With both lists set, or none, the role is not settled. */
	if (!span_absent(view_env(v, is_client(j)
					     ? "TOR_PT_SERVER_TRANSPORTS"
					     : "TOR_PT_CLIENT_TRANSPORTS")) ||
	    span_absent(view_env(v, view_transports_var(v))))
		return;
	for_lines (l, &v->out)
		if (is_foreign(j, l->ipc.kw)) {
			j_broken(j, l->ev, "messages of the own role only",
				 "the line \"%s\" from a %s", j_show(j, l->raw),
				 is_client(j) ? "client" : "server");
			return;
		}
	if (v->done)
		j_pass(j, v->done->ev);
}
