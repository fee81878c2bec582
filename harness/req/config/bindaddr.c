/*
 * bindaddr.c - Server bind address.
 *
 * Where a transport listens is read from the kernel's tables, not from what it
 * says: SMETHOD may name an address outside, behind some forwarding.
 */
#include "harness/req/config/bindaddr.h"

#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"

struct bindaddr_list bindaddr_given(const struct judge *j, unsigned *odd)
{
	struct span s = env_only(j->v, BINDADDR);
	struct bindaddr_list l = { 0 };
	struct override list;

	*odd = 0;
	if (s.n && !overridden(j->v, view_transports_var(j->v), &list))
		*odd = bindaddr_parse(j->a, s, &l);
	return l;
}

struct bindaddr_list bindaddr_given_well(const struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

	return odd ? (struct bindaddr_list){ 0 } : l;
}

bool bindaddr_is_due(const struct judge *j, const struct bindaddr *b)
{
	return j->v->head->config != CONFIG_BROKEN && !b->anomalies &&
	       view_known(j->v, b->key) && view_requested(j->v, b->key) &&
	       !listener_at(j->v, &b->addr);
}

void bindaddr_must_serve(struct judge *j, struct span name,
			 const char *expected)
{
	const struct method *m = view_method(j->v, name);
	const struct line *error = method_error(j->v, name);

	if (m)
		j_pass(j, m->line->ev);
	else if (!has_started(j))
		must_start(j, expected);
	else if (disturbed_at(j->v) < j->v->done->ev)
		return;
	else if (error)
		j_broken(j, error->ev, expected, "%s", line_words(j, error));
	else if (output_whole(j->v))
		j_broken(j, j->v->done->ev, expected,
			 "DONE without a word on \"%s\"", j_show(j, name));
}

/* --- listening there, and nowhere else --- */

const struct event *bindaddr_sockets(const struct view *v)
{
	const struct event *snap = running_sockets(v);

	return snap && v->done && v->done->ev < snap->n ? snap : NULL;
}

static void check_use(struct judge *j, const struct method *m,
		      const struct bindaddr *b)
{
	const struct event *snap = bindaddr_sockets(j->v);
	const struct event *c = method_connect(j->v, b->key);
	bool there = snap ? socket_for(j->v, snap, &b->addr) != NULL
			  : c && c->connect.result == CONNECT_OK &&
				     addr_eq(&m->m.addr, &b->addr);

	if (there)
		j_pass(j, m->line->ev);
	else if (snap)
		j_broken(j, m->line->ev, "a socket at the configured address",
			 "`SMETHOD` for \"%s\" and no socket there",
			 j_show(j, b->key));
}

REQ(ba_use_1) = {
	.id = "BA-USE-1",
	.area = AREA_BINDADDR,
	.level = L_MUST,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A transport with a configured address listens exactly "
		 "there.",
	.traps = "T-RACE, T-V6.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_use_1,
};

static void ba_use_1(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);

		if (m && bindaddr_is_due(j, b) && !(odd & BINDADDR_DUPLICATE))
			check_use(j, m, b);
	}
}

/* Is the socket where another transport was told to be? */
static bool is_configured(const struct event *socket,
			  const struct bindaddr_list *l)
{
	struct addr at;

	addr_parse(socket->socket.addr, &at);
	for (size_t i = 0; i < l->n; i++)
		if (addr_eq(&at, &l->v[i].addr))
			return true;
	return false;
}

/* Where it says that it listens, when it does not where it was told to. */
static const struct event *socket_instead(const struct judge *j,
					  const struct event *snap,
					  const struct bindaddr *b)
{
	const struct method *m = view_method(j->v, b->key);

	return m && !socket_for(j->v, snap, &b->addr)
		       ? socket_for(j->v, snap, &m->m.addr)
		       : NULL;
}

REQ(ba_use_2) = {
	.id = "BA-USE-2",
	.area = AREA_BINDADDR,
	.level = L_MUST,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "It does not listen elsewhere instead or in addition on "
		 "other interfaces.",
	.traps = "Transports not using a plain TCP listener (front-ended, "
		 "UDP-based) per description file.",
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_use_2,
};

static void ba_use_2(struct judge *j)
{
	const struct event *snap = bindaddr_sockets(j->v), *other,
			   *skipped = snapshot_skipped(j->v);
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

	for_binds (b, l) {
		if (skipped && bindaddr_is_due(j, b) && !addr_is_any(&b->addr))
			j_unsure(j, "its listeners could not be seen: %s",
				 j_show(j, skipped->skipped.reason));
		if (!snap || !bindaddr_is_due(j, b) || addr_is_any(&b->addr))
			continue;
		other = socket_instead(j, snap, b);
		if (other && !(odd & BINDADDR_DUPLICATE)) {
			j_broken(
				j, other->n,
				"a listener at the configured address, and there alone",
				"one at another address instead, for \"%s\"",
				j_show(j, b->key));
			continue;
		}
		other = socket_beside(j->v, snap, &b->addr);
		if (other && !is_configured(other, &l))
			j_broken(
				j, other->n,
				"a listener at the configured address, and there alone",
				"one at another address with the same port, "
				"for \"%s\"",
				j_show(j, b->key));
		else if (socket_for(j->v, snap, &b->addr))
			j_pass(j, snap->n);
	}
}

bool bindaddr_is_dead(const struct judge *j, const struct method *m,
		      const struct event *c)
{
	const struct event *snap = bindaddr_sockets(j->v);

	return snap && c->connect.result == CONNECT_REFUSED &&
	       life_alive_at(j->v, c->n) && disturbed_at(j->v) > c->n &&
	       (addr_is_loopback(&m->m.addr) || addr_is_any(&m->m.addr)) &&
	       !socket_for(j->v, snap, &m->m.addr);
}

REQ(ba_rep_1) = {
	.id = "BA-REP-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "SMETHOD reports the real address and port.",
	.traps = "AMB-044 for unspecified address 0.0.0.0/`[::]`.",
	.needs = OF_SERVER,
	.judge = ba_rep_1,
};

static void ba_rep_1(struct judge *j)
{
	for_methods (m, j->v) {
		const struct event *c = method_connect(j->v, m->m.name);

		if (c && (c->connect.result == CONNECT_OK ||
			  c->connect.result == CONNECT_UDP)) {
			j_pass(j, c->n);
		} else if (c && bindaddr_is_dead(j, m, c)) {
			j_broken(j, c->n, "a listener at the reported address",
				 "nobody there, for \"%s\"",
				 j_show(j, m->m.name));
			j_also(j, m->line->ev);
		}
	}
}

/* --- forms of addresses --- */

static bool ipv6_works(const struct judge *j)
{
	for_events (ev, j->v)
		if (ev->kind == EV_LISTEN &&
		    span_eqs(ev->listen.result, "ok") &&
		    span_starts(ev->listen.addr, SPAN("[")))
			return true;
	return false;
}

REQ(ba_v6_1) = {
	.id = "BA-V6-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Bracketed IPv6 addresses are accepted.",
	.traps = "SKIP without IPv6. Unbracketed old form: unspecified.",
	.needs = OF_SERVER | LEGAL,
	.judge = ba_v6_1,
};

static void ba_v6_1(struct judge *j)
{
	struct bindaddr_list l = bindaddr_given_well(j);

	for_binds (b, l)
		if (bindaddr_is_due(j, b) && b->addr.family == AF_INET6 &&
		    ipv6_works(j))
			bindaddr_must_serve(j, b->key,
					    "`SMETHOD` for an IPv6 address");
}

/* A key that is more than letters. */
static bool is_odd_key(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '_' || (s.p[i] >= '0' && s.p[i] <= '9'))
			return true;
	return false;
}

REQ(ba_split_1) = {
	.id = "BA-SPLIT-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The key ends at the first dash.",
	.traps = "Names cannot contain a dash. A key that was not "
		 "requested counts only where one of plain letters is "
		 "ignored.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(BIND_STRANGER) | STIMULUS(BIND_ODD_NAME),
	.judge = ba_split_1,
};

static void ba_split_1(struct judge *j)
{
	struct bindaddr_list l = bindaddr_given_well(j);

	for_binds (b, l) {
		if (!is_odd_key(b->key))
			continue;
		if (view_method(j->v, b->key))
			bindaddr_must_serve(j, b->key, "");
		/* Such a key is of no transport that was asked for: refusing
		 * it means something where one of plain letters is fine. */
		else if (!view_requested(j->v, b->key) && provoked(j) &&
			 j->rf->extra_bind_ok)
			must_start(j, "a start with an underscore and a digit "
				      "in a key");
	}
}

/* --- some or none --- */

REQ(ba_omit_1) = {
	.id = "BA-OMIT-1",
	.area = AREA_BINDADDR,
	.level = L_MAY,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The variable can be left out; the PT chooses and reports a "
		 "usable address.",
	.traps = "A server that cannot choose may give SMETHOD-ERROR: WARN.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(BIND_OMITTED),
	.judge = ba_omit_1,
};

static void ba_omit_1(struct judge *j)
{
	static const char expected[] = "`SMETHOD` with an address of its own "
				       "choice";

	if (!setting_unset(j->v, BINDADDR))
		return;
	for (size_t i = 0; i < j->v->requested.n; i++) {
		struct span name = j->v->requested.v[i];
		const struct line *error = method_error(j->v, name);

		if (!view_known(j->v, name))
			continue;
		if (provoked(j) && error)
			j_say(j, V_WARN, error->ev, expected, "%s",
			      line_words(j, error));
		else if (provoked(j) || view_method(j->v, name))
			bindaddr_must_serve(j, name, expected);
	}
}

static bool is_bound(const struct bindaddr_list *l, struct span name)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i].key, name))
			return true;
	return false;
}

/* Under version 1 most servers start only what has an address.  Who serves one
 * transport at a time, whatever the addresses, says an error for the rest. */
static void left_out(struct judge *j, struct span name)
{
	static const char expected[] = "`SMETHOD` for each transport, with an "
				       "address or without";
	const struct line *error = method_error(j->v, name);
	enum verdict v = !error		     ? (j_is20(j) ? V_FAIL : V_WARN)
			 : j->rf->starts_two ? V_WARN
					     : V_INFO;

	if (j->v->done && disturbed_at(j->v) < j->v->done->ev)
		return;
	if (error)
		j_say(j, v, error->ev, expected, "%s", line_words(j, error));
	else if (has_started(j) && output_whole(j->v))
		j_say(j, v, j->v->done->ev, expected,
		      "DONE without a word on the one that has none");
	else if (!has_started(j) && provoked(j) && outcome(j) != OUT_UNCLEAR)
		j_say(j, v, outcome_ev(j), expected, "%s", outcome_words(j));
}

REQ(ba_part_1) = {
	.id = "BA-PART-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "App. B",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Only some transports may have an address; the rest get one "
		 "chosen.",
	.traps = "Needs two transports, and a server that was seen to start "
		 "two at once.",
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(BIND_PARTIAL),
	.judge = ba_part_1,
};

static void ba_part_1(struct judge *j)
{
	struct bindaddr_list l = bindaddr_given_well(j);
	struct span name = { NULL, 0 };
	size_t bound = 0, open = 0;

	for (size_t i = 0; i < j->v->requested.n; i++) {
		if (!view_known(j->v, j->v->requested.v[i]))
			continue;
		if (is_bound(&l, j->v->requested.v[i])) {
			bound++;
			continue;
		}
		name = j->v->requested.v[i];
		open++;
	}
	if (!bound || !open)
		return;
	if (view_method(j->v, name))
		j_pass(j, view_method(j->v, name)->line->ev);
	else
		left_out(j, name);
}

REQ(ba_flag_1) = {
	.id = "BA-FLAG-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-bindaddr` equals the variable.",
	.traps = "T-FLAGSYN.",
	.needs = OF_SERVER | LEGAL,
	.profiles = IN_20,
	.stimuli = STIMULUS(BIND_BY_FLAG),
	.judge = ba_flag_1,
};

static void ba_flag_1(struct judge *j)
{
	static const char expected[] = "a socket at the flag's address";
	const struct event *snap = bindaddr_sockets(j->v);
	struct bindaddr_list l;

	if (!flag_only(j->v, BINDADDR).n ||
	    bindaddr_parse(j->a, flag_only(j->v, BINDADDR), &l))
		return;
	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);

		if (m && (addr_eq(&m->m.addr, &b->addr) ||
			  (snap && socket_for(j->v, snap, &b->addr))))
			j_pass(j, m->line->ev);
		else if (m && snap)
			j_broken(j, m->line->ev, expected,
				 "`SMETHOD` for \"%s\" and no socket there",
				 j_show(j, b->key));
		else if (!m && provoked(j) && j->rf->flags)
			bindaddr_must_serve(j, b->key, expected);
	}
}
