/*
 * bindaddr.c - Server bind address.
 *
 * Where a transport listens is read from the kernel's tables, not from what it
 * says: SMETHOD may name an address outside, behind some forwarding.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"

#define BINDADDR "TOR_PT_SERVER_BINDADDR"

/* Walk over the entries of a list. */
#define for_binds(b, l) for_array(bindaddr, b, (l).v, (l).n)

/*
 * The bind addresses of a server that the variable alone gives, for a list of
 * transports that nothing is disputed about.  Else the list is empty and
 * nothing is odd about it.
 */
static struct bindaddr_list given(const struct judge *j, unsigned *odd)
{
	struct span s = env_only(j->v, BINDADDR);
	struct bindaddr_list l = { 0 };
	struct override list;

	*odd = 0;
	if (is_server(j) && launched(j) && s.n &&
	    !overridden(j->v, view_transports_var(j->v), &list))
		*odd = bindaddr_parse(j->a, s, &l);
	return l;
}

/* The same for a launch that has to start, with nothing odd about them. */
static struct bindaddr_list given_well(const struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	return odd || !is_legal(j) ? (struct bindaddr_list){ 0 } : l;
}

/* An address that the transport must use: well formed, its own, free. */
static bool is_due(const struct judge *j, const struct bindaddr *b)
{
	return j->v->head->config != CONFIG_BROKEN && !b->anomalies &&
	       view_known(j->v, b->key) && view_requested(j->v, b->key) &&
	       !listener_at(j->v, &b->addr);
}

/* It must have said SMETHOD for @name, unless we stood in its way. */
static void must_serve(struct judge *j, struct span name, const char *expected)
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

static void check_use(struct judge *j, const struct method *m,
		      const struct bindaddr *b)
{
	const struct event *snap = running_sockets(j->v);
	const struct event *c = method_connect(j->v, b->key);
	bool there = snap ? socket_for(j->v, snap, &b->addr) != NULL
			  : c && span_eqs(c->text, "ok") &&
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
	.judge = ba_use_1,
};

static void ba_use_1(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);

		if (m && is_due(j, b) && !(odd & BINDADDR_DUPLICATE))
			check_use(j, m, b);
	}
}

/* Is the socket where another transport was told to be? */
static bool is_configured(const struct event *socket,
			  const struct bindaddr_list *l)
{
	struct addr at;

	addr_parse(socket->data, &at);
	for (size_t i = 0; i < l->n; i++)
		if (addr_eq(&at, &l->v[i].addr))
			return true;
	return false;
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
	.judge = ba_use_2,
};

static void ba_use_2(struct judge *j)
{
	const struct event *snap = running_sockets(j->v), *other,
			   *blind = snapshot_skipped(j->v);
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	for_binds (b, l) {
		if (blind && is_due(j, b) && !addr_is_any(&b->addr))
			j_unsure(j, "its listeners could not be seen: %s",
				 j_show(j, blind->text));
		if (!snap || !is_due(j, b) || addr_is_any(&b->addr) ||
		    !socket_for(j->v, snap, &b->addr))
			continue;
		other = socket_beside(j->v, snap, &b->addr);
		if (other && !is_configured(other, &l))
			j_broken(j, other->n,
				 "a listener at the configured address alone",
				 "one at another address with the same port, "
				 "for \"%s\"",
				 j_show(j, b->key));
		else
			j_pass(j, snap->n);
	}
}

/* Was an address of this host refused, with nothing there, not even UDP? */
static bool is_dead(const struct judge *j, const struct method *m,
		    const struct event *c)
{
	const struct event *snap = running_sockets(j->v);

	return snap && span_eqs(c->text, "refused") &&
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

		if (c && span_eqs(c->text, "ok")) {
			j_pass(j, c->n);
		} else if (c && is_dead(j, m, c)) {
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
		if (ev->kind == EV_LISTEN && span_eqs(ev->text, "ok") &&
		    span_starts(ev->data, SPAN("[")))
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
	.judge = ba_v6_1,
};

static void ba_v6_1(struct judge *j)
{
	struct bindaddr_list l = given_well(j);

	for_binds (b, l)
		if (is_due(j, b) && b->addr.family == AF_INET6 && ipv6_works(j))
			must_serve(j, b->key, "`SMETHOD` for an IPv6 address");
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
	.judge = ba_split_1,
};

static void ba_split_1(struct judge *j)
{
	struct bindaddr_list l = given_well(j);

	for_binds (b, l) {
		if (!is_odd_key(b->key))
			continue;
		if (view_method(j->v, b->key))
			must_serve(j, b->key, "");
		/* Such a key is of no transport that was asked for: refusing
		 * it means something where one of plain letters is fine. */
		else if (!view_requested(j->v, b->key) && is_aim(j) &&
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
		if (is_aim(j) && error)
			j_say(j, V_WARN, error->ev, expected, "%s",
			      line_words(j, error));
		else if (is_aim(j) || view_method(j->v, name))
			must_serve(j, name, expected);
	}
}

static bool is_bound(const struct bindaddr_list *l, struct span name)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i].key, name))
			return true;
	return false;
}

/* Under version 1 most servers start only what has an address. */
static void left_out(struct judge *j, struct span name)
{
	static const char expected[] = "`SMETHOD` for each transport, with an "
				       "address or without";
	const struct line *error = method_error(j->v, name);
	enum verdict v = j_is20(j) && !error ? V_FAIL : V_WARN;

	if (j->v->done && disturbed_at(j->v) < j->v->done->ev)
		return;
	if (error)
		j_say(j, v, error->ev, expected, "%s", line_words(j, error));
	else if (has_started(j) && output_whole(j->v))
		j_say(j, v, j->v->done->ev, expected,
		      "DONE without a word on the one that has none");
	else if (!has_started(j) && is_aim(j) && outcome(j) != OUT_UNCLEAR)
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
	.traps = "Needs two transports.",
	.judge = ba_part_1,
};

static void ba_part_1(struct judge *j)
{
	struct bindaddr_list l = given_well(j);
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

/* --- what an application must not do --- */

static size_t position(const struct strings *l, struct span name)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i], name))
			return i;
	return l->n;
}

/* Are the keys in another order than the list of transports? */
static bool is_reordered(const struct judge *j, const struct bindaddr_list *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (position(&j->v->requested, l->v[i].key) <
		    position(&j->v->requested, l->v[i - 1].key))
			return true;
	return false;
}

REQ(ba_order_2) = {
	.id = "BA-ORDER-2",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A PT given another order may accept or refuse.",
	.traps = "Swapping is FAIL (address given for T1 used by T2).",
	.judge = ba_order_2,
};

static void ba_order_2(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	if (odd || !is_reordered(j, &l))
		return;
	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);

		for_binds (other, l)
			if (m && addr_eq(&m->m.addr, &other->addr) &&
			    !addr_eq(&m->m.addr, &b->addr))
				j_broken(j, m->line->ev, "addresses by name",
					 "\"%s\" at the address of \"%s\"",
					 j_show(j, b->key),
					 j_show(j, other->key));
	}
	j_orderly(j, "bind addresses in another order");
}

REQ(ba_name_2) = {
	.id = "BA-NAME-2",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc,dns",
	.dflt = V_WARN,
	.title = "A PT does not resolve host names there.",
	.traps = "Accepting is WARN since the duty is on the application.",
	.judge = ba_name_2,
};

static void ba_name_2(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	if (odd != BINDADDR_HOSTNAME)
		return;
	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);

		if (m && b->anomalies)
			j_broken(j, m->line->ev,
				 "`ENV-ERROR` or `SMETHOD-ERROR` for a host "
				 "name",
				 "`SMETHOD` for \"%s\"", j_show(j, b->key));
	}
	j_orderly(j, "a host name as bind address");
}

static size_t count_methods(const struct judge *j, struct span name)
{
	size_t n = 0;

	for_methods (m, j->v)
		n += span_eq(m->m.name, name);
	return n;
}

REQ(ba_dup_2) = {
	.id = "BA-DUP-2",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A PT given two for one name stays orderly.",
	.traps = "Two SMETHOD lines for T: WARN.",
	.judge = ba_dup_2,
};

static void ba_dup_2(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	if (odd != BINDADDR_DUPLICATE)
		return;
	for_binds (b, l)
		if (b->anomalies && count_methods(j, b->key) > 1)
			j_say(j, V_WARN, view_method(j->v, b->key)->line->ev,
			      "one answer for a transport",
			      "two `SMETHOD` lines for \"%s\"",
			      j_show(j, b->key));
	j_orderly(j, "two addresses for one transport");
}

/* --- addresses that cannot be had --- */

static void judge_unusable(struct judge *j, const struct bindaddr *b,
			   const char *what)
{
	const char *expected =
		arena_printf(j->a, "`SMETHOD-ERROR` for an address %s", what);
	const struct method *m = view_method(j->v, b->key);
	const struct line *error = method_error(j->v, b->key);
	const struct line *env = error_line(j->v, IPC_ENV_ERROR);

	if (m)
		j_broken(j, m->line->ev, expected, "`SMETHOD` for \"%s\"",
			 j_show(j, b->key));
	else if (error)
		j_pass(j, error->ev);
	else if (env)
		j_say(j, V_WARN, env->ev, expected, "%s", line_words(j, env));
	else
		must_serve(j, b->key, expected);
}

REQ(ba_inuse_1) = {
	.id = "BA-INUSE-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.2.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "An unavailable address gives SMETHOD-ERROR, not another "
		 "address.",
	.traps = "`SO_REUSEPORT` tricks: occupy with plain listen.",
	.judge = ba_inuse_1,
};

static void ba_inuse_1(struct judge *j)
{
	struct bindaddr_list l = given_well(j);

	for_binds (b, l)
		if (view_known(j->v, b->key) && view_requested(j->v, b->key) &&
		    listener_at(j->v, &b->addr))
			judge_unusable(j, b, "in use");
}

/* RFC 5737 and RFC 3849: addresses for documentation, which nobody has. */
static bool is_nowhere(const struct addr *a)
{
	static const uint8_t v4[][3] = {
		{ 192, 0, 2 },
		{ 198, 51, 100 },
		{ 203, 0, 113 },
	};

	if (a->family == AF_INET6)
		return memcmp(a->ip, "\x20\x01\x0d\xb8", 4) == 0;
	for (size_t i = 0; i < 3; i++)
		if (a->family == AF_INET && memcmp(a->ip, v4[i], 3) == 0)
			return true;
	return false;
}

REQ(ba_nonlocal_1) = {
	.id = "BA-NONLOCAL-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "An address not on the host gives SMETHOD-ERROR.",
	.traps = "Non-local bind enabled on host: use F-NS. ENV-ERROR/64: "
		 "WARN.",
	.judge = ba_nonlocal_1,
};

static void ba_nonlocal_1(struct judge *j)
{
	struct bindaddr_list l = given_well(j);

	/* Outside, the host may allow to bind what it does not have. */
	for_binds (b, l)
		if (j->v->head->sandbox && is_due(j, b) && is_nowhere(&b->addr))
			judge_unusable(j, b, "of another host");
}

/* --- malformed and odd --- */

/* Either reading is fine (vectors/bind-addresses.json). */
#define DISPUTED (BINDADDR_EMPTY_ITEM | BINDADDR_UNBRACKETED | BINDADDR_ZONE)

/* The first malformed address, or key without one. */
static struct span bad_part(const struct bindaddr_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].anomalies & BINDADDR_MALFORMED)
			return l->v[i].value.n ? l->v[i].value : l->v[i].key;
	return SPAN("");
}

REQ(ba_malf_1) = {
	.id = "BA-MALF-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.2.1",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Unparsable entries are an environment error.",
	.traps = "SMETHOD-ERROR: INFO; proceeding on a default: WARN.",
	.judge = ba_malf_1,
};

static void ba_malf_1(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);
	const char *what = arena_printf(j->a, "\"%s\" as bind address",
					j_show(j, bad_part(&l)));

	if (odd & BINDADDR_MALFORMED)
		env_error_due(j, what, V_WARN);
	else if (odd && !(odd & ~DISPUTED))
		j_orderly(j, "a bind address in a disputed form");
}

REQ(ba_port0_1) = {
	.id = "BA-PORT0-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Port 0 is unspecified.",
	.traps = "Reporting port 0 is FAIL under SM-ADDR-1.",
	.judge = ba_port0_1,
};

static void ba_port0_1(struct judge *j)
{
	static const char expected[] = "a real port or an error";
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	if (odd != BINDADDR_PORT_ZERO)
		return;
	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);
		const struct event *c = method_connect(j->v, b->key);

		if (m && b->anomalies && m->m.addr.port == 0)
			j_broken(j, m->line->ev, expected, "port 0 for \"%s\"",
				 j_show(j, b->key));
		else if (m && b->anomalies && c && is_dead(j, m, c))
			j_broken(j, c->n, expected,
				 "a port where nobody is, for \"%s\"",
				 j_show(j, b->key));
	}
	j_orderly(j, "port 0 as bind address");
}

REQ(ba_local_1) = {
	.id = "BA-LOCAL-1",
	.area = AREA_BINDADDR,
	.level = L_MAY,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Locally scoped addresses are acceptable.",
	.traps = "Zone identifiers: INFO only.",
	.judge = ba_local_1,
};

static void ba_local_1(struct judge *j)
{
	struct bindaddr_list l = given_well(j);

	for_binds (b, l)
		if (is_due(j, b) && addr_is_loopback(&b->addr) &&
		    (is_aim(j) || view_method(j->v, b->key)))
			must_serve(j, b->key, "`SMETHOD` for a local address");
}

REQ(ba_unreq_1) = {
	.id = "BA-UNREQ-1",
	.area = AREA_BINDADDR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Entries for unrequested names are ignored.",
	.judge = ba_unreq_1,
};

static void ba_unreq_1(struct judge *j)
{
	static const char expected[] =
		"nothing for an address of a transport that was not requested";
	const struct event *snap = running_sockets(j->v), *socket;
	unsigned odd;
	struct bindaddr_list l = given(j, &odd);

	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);

		if (odd || view_requested(j->v, b->key))
			continue;
		socket = snap ? socket_for(j->v, snap, &b->addr) : NULL;
		if (m)
			j_broken(j, m->line->ev, expected, "%s",
				 line_words(j, m->line));
		else if (socket)
			j_broken(j, socket->n, expected, "a listener there");
		else if (is_legal(j) && (has_started(j) || is_aim(j)))
			must_start(j, expected);
	}
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
	.judge = ba_flag_1,
};

static void ba_flag_1(struct judge *j)
{
	static const char expected[] = "a socket at the flag's address";
	const struct event *snap = running_sockets(j->v);
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
		else if (!m && is_aim(j) && j->rf->flags)
			must_serve(j, b->key, expected);
	}
}
