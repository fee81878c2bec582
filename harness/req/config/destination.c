/*
 * destination.c - Forward destination.
 *
 * Without a client of the transport only those that forward any bytes show
 * where they forward them; of the others it is seen that they take the
 * setting.
 */
#include "parent/proto/net/dns.h"
#include "harness/req/core/judges.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/traffic/tunnel.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"

#define ORPORT "TOR_PT_ORPORT"
#define EXTPORT "TOR_PT_EXTENDED_SERVER_PORT"

/* The destination that the variable alone gives a server; @odd: anomalies of
 * the address.  Returns false when there is none, or a second one. */
static bool destination_given(const struct judge *j, struct addr *a,
			      unsigned *odd)
{
	struct span s = env_only(j->v, ORPORT);

	if (!s.n || view_setting(j->v, EXTPORT).n)
		return false;
	*odd = addr_parse(s, a);
	return true;
}

/* Did a client's bytes arrive at @a?  A start is enough where it cannot be
 * known whether they should. */
static void judge_reach(struct judge *j, const struct addr *a,
			const char *expected)
{
	const struct event *l = listener_at(j->v, a), *limit = NULL;
	const struct event *c = view_event(j->v, EV_CONNECT, NULL, 1);

	if (!has_started(j)) {
		if (provoked(j))
			must_start(j, expected);
		return;
	}
	if (l && c && c->connect.result == CONNECT_OK)
		limit = view_limit(j->v, "exit", c->n);
	if (l && accepted(j->v, l, l->n))
		j_pass(j, accepted(j->v, l, l->n)->n);
	else if (limit && j->rf->forwards_raw && serves_first(j->v))
		j_late(j, limit, expected,
		       "no connection to it, as there is "
		       "to others when a client comes");
	else
		j_pass(j, j->v->done->ev);
}

REQ(or_v4_1) = {
	.id = "OR-V4-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "IPv4 destination works.",
	.traps = "Transports with a handshake call nobody for our bytes: "
		 "a start is enough there.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(DESTINATION_REACHED),
	.judge = or_v4_1,
};

static void or_v4_1(struct judge *j)
{
	struct addr a;
	unsigned odd;

	if (destination_given(j, &a, &odd) && !odd && a.family == AF_INET)
		judge_reach(j, &a, "a working IPv4 destination");
}

REQ(or_v6_1) = {
	.id = "OR-V6-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Bracketed IPv6 destination works.",
	.traps = "SKIP without IPv6; documentation of the transport may "
		 "exclude (config).",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(DESTINATION_REACHED) |
		   STIMULUS(DESTINATION_OF_TUNNEL),
	.judge = or_v6_1,
};

static void or_v6_1(struct judge *j)
{
	struct addr a;
	unsigned odd;

	/* That the harness could listen there shows that IPv6 works. */
	if (destination_given(j, &a, &odd) && !odd && a.family == AF_INET6 &&
	    listener_at(j->v, &a))
		judge_reach(j, &a, "a working IPv6 destination");
}

REQ(or_dom_1) = {
	.id = "OR-DOM-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net,dns",
	.dflt = V_WARN,
	.title = "A domain name destination works unless the transport "
		 "documents otherwise.",
	.traps = "AMB-032.",
	.needs = OF_SERVER | LAUNCHED,
	.profiles = IN_20,
	.judge = or_dom_1,
};

/* The session for which nobody came to the destination, although others are
 * served; NULL: none. */
static const struct event *never_reached(const struct judge *j)
{
	const struct event *asked = view_event(j->v, EV_SOCKS, NULL, 1);
	struct tunnel t;

	if (!j->rf->tunnels || !is_tunnelled(j->v) || !asked)
		return NULL;
	tunnel_get(j->v, 0, &t);
	return t.far || !tunnel_late(j->v, asked) ? NULL : asked;
}

/* The first connection to @ip behind event @from. */
static const struct event *came_to(const struct judge *j, const char *ip,
				   uint16_t port, uint32_t from)
{
	struct addr want, at;

	addr_parse(span_str(arena_printf(j->a, "%s:%u", ip, port)), &want);
	for_events (ev, j->v)
		if (ev->kind == EV_LISTEN &&
		    !addr_parse(ev->listen.addr, &at) && addr_eq(&at, &want))
			return accepted(j->v, ev, from);
	return NULL;
}

/* A name whose address has changed.  Some keep names for half a minute,
 * whatever they are told. */
static void judge_moved_name(struct judge *j, const struct addr *a)
{
	const struct event *moved = NULL, *old;

	for_events (ev, j->v)
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "move"))
			moved = ev;
	if (!moved || !span_eqs(a->host, DNS_MOVING))
		return;
	old = came_to(j, DNS_FAKE_IP4, a->port, moved->n);
	if (!came_to(j, DNS_MOVED_IP4, a->port, moved->n) && old)
		j_say(j, V_INFO, old->n,
		      "a connection to the address that the name has now",
		      "one to the address that it had before, which was not "
		      "to be kept");
}

/* Policy "orport.domain": documentation may exclude names (AMB-032). */
static void or_dom_1(struct judge *j)
{
	static const char expected[] = "a start with a host name as "
				       "destination";
	enum verdict v = policy_is(j->policy, P_ORPORT_DOMAIN, "fail") ? V_FAIL
								       : V_WARN;
	struct addr a;
	unsigned odd;

	if (!destination_given(j, &a, &odd) || odd != ADDR_HOSTNAME ||
	    policy_is(j->policy, P_ORPORT_DOMAIN, "skip") ||
	    tunnel_lacks_ipv6(j->v))
		return;
	judge_moved_name(j, &a);
	if (outcome(j) == OUT_REFUSED)
		j_say(j, v, outcome_ev(j), expected, "%s", outcome_words(j));
	else if (never_reached(j) && captured_off(j->v))
		j_unsure(j,
			 "no connection to a host name that nobody could "
			 "resolve: %s",
			 j_show(j, captured_off(j->v)->capture.why));
	else if (never_reached(j) && tunnel_cut_late(j, never_reached(j)))
		return;
	else if (never_reached(j) && tunnel_is_not_begun(j))
		return;
	else if (never_reached(j))
		j_say(j, v, never_reached(j)->n,
		      "a connection to the host name given as destination",
		      "none for a session%s", whose_end(j));
	else if (!is_tunnelled(j->v) || was_carried(j->v))
		j_orderly(j, "a host name as destination");
}

REQ(or_none_1) = {
	.id = "OR-NONE-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "A server with no destination at all is misconfigured.",
	.traps = "Transports with implicit destination exist (§3.2.1): "
		 "SMETHOD allowed if documented.",
	.needs = OF_SERVER,
	.judge = or_none_1,
};

static void or_none_1(struct judge *j)
{
	const struct view *v = j->v;

	if (view_setting(v, ORPORT).n || view_setting(v, EXTPORT).n)
		return;
	for (size_t i = 0; i < v->requested.n; i++)
		if (view_known(v, v->requested.v[i])) {
			env_error_due(j, "no destination", V_WARN);
			return;
		}
}

#define MALFORMED                                                           \
	(ADDR_NO_HOST | ADDR_NO_PORT | ADDR_PORT_SYNTAX | ADDR_PORT_RANGE | \
	 ADDR_PORT_ZERO | ADDR_NOT_IP)

REQ(or_malf_1) = {
	.id = "OR-MALF-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Malformed destination is an environment error.",
	.traps = "Lazy failure at connect time: INFO.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = or_malf_1,
};

static void or_malf_1(struct judge *j)
{
	const char *what;
	struct addr a;
	unsigned odd;

	if (!destination_given(j, &a, &odd) || !(odd & MALFORMED))
		return;
	what = arena_printf(j->a, "\"%s\" as destination",
			    j_show(j, env_only(j->v, ORPORT)));
	/* It may find out when the first client comes, but not by dying. */
	if (has_started(j) && crashed(j))
		j_say(j, V_FAIL, end_ev(j->v), "an orderly answer",
		      "a crash, given %s: it %s", what, view_how_ended(j->v));
	else
		env_error_due(j, what, V_INFO);
}

REQ(or_lazy_1) = {
	.id = "OR-LAZY-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_INFO,
	.title = "Connections to the destination exist because of clients.",
	.traps = "Not required by text.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = or_lazy_1,
};

static void or_lazy_1(struct judge *j)
{
	const struct event *c = first_client(j->v);
	const struct event *l, *call;
	struct addr a;
	unsigned odd;

	if (!destination_given(j, &a, &odd) || odd || !has_started(j) || !c)
		return;
	l = listener_at(j->v, &a);
	if (!l)
		return;
	call = accepted(j->v, l, l->n);
	if (!call || call->n > c->n)
		j_pass(j, c->n);
	else if (!j->v->head->sandbox)
		j_unsure(j, "one came before any client, and without a "
			    "sandbox it may be a stranger's");
	else
		j_broken(j, call->n, "connections because of clients",
			 "one before any client");
}

REQ(or_flag_1) = {
	.id = "OR-FLAG-1",
	.area = AREA_DESTINATION,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`-orport` on a server equals the variable.",
	.traps = "`-target` on a server: 2.2+ only; INFO.",
	.needs = OF_SERVER | LEGAL,
	.profiles = IN_20,
	.stimuli = STIMULUS(DESTINATION_BY_FLAG),
	.judge = or_flag_1,
};

static void or_flag_1(struct judge *j)
{
	struct span s = flag_only(j->v, ORPORT);
	struct addr a;

	if (s.n && !addr_parse(s, &a) && (has_started(j) || j->rf->flags))
		judge_reach(j, &a, "a working `-orport`");
}
