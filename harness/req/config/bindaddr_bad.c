/*
 * bindaddr_bad.c - Server bind address: lists that no application should give,
 * addresses that cannot be had, malformed and odd ones.
 */
#include <signal.h>

#include "harness/req/config/bindaddr.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"

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
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_order_2,
};

static void ba_order_2(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

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
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_name_2,
};

static void ba_name_2(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

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
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_dup_2,
};

static void ba_dup_2(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

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
		bindaddr_must_serve(j, b->key, expected);
}

/* The first one ended when the second had been started, and nobody had asked
 * it to.  By SIGKILL the system may have done it, for its memory. */
static bool has_yielded(const struct view *v, const struct view *second)
{
	return life_ended_unasked(v, second->spawn->n) &&
	       !(v->exit->exit.how == EXIT_HOW_KILLED &&
		 v->exit->exit.code == SIGKILL);
}

/* A second server of the same, started beside the first: two may share a port
 * if both ask for that. */
static void judge_twin(struct judge *j, const struct bindaddr *b)
{
	const struct method *m = view_method(j->v, b->key), *again;
	const struct line *error;
	struct view v2;

	view_init_nth(&v2, j->v->tr, 2, j->a);
	if (!v2.spawn || span_eqs(v2.spawn->spawn.role, "peer") || !m ||
	    !addr_eq(&m->m.addr, &b->addr) || m->line->ev > v2.spawn->n)
		return;
	again = view_method(&v2, b->key);
	error = method_error(&v2, b->key);
	if (has_yielded(j->v, &v2))
		j_broken(j, j->v->exit->n,
			 "a server that goes on when another one is started",
			 "that the first one %s", view_how_ended(j->v));
	else if (again && life_alive_at(j->v, again->line->ev) &&
		 addr_eq(&again->m.addr, &b->addr))
		j_broken(j, again->line->ev,
			 "`SMETHOD-ERROR` where another server of it listens",
			 "`SMETHOD` for \"%s\" at the same address",
			 j_show(j, b->key));
	else if (error && life_alive_at(j->v, error->ev))
		j_pass(j, error->ev);
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
	.needs = OF_SERVER | LEGAL,
	.judge = ba_inuse_1,
};

static void ba_inuse_1(struct judge *j)
{
	struct bindaddr_list l = bindaddr_given_well(j);

	for_binds (b, l) {
		if (!view_known(j->v, b->key) || !view_requested(j->v, b->key))
			continue;
		if (listener_at(j->v, &b->addr))
			judge_unusable(j, b, "in use");
		else
			judge_twin(j, b);
	}
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
	.needs = OF_SERVER | LEGAL,
	.judge = ba_nonlocal_1,
};

static void ba_nonlocal_1(struct judge *j)
{
	struct bindaddr_list l = bindaddr_given_well(j);

	/* Outside, the host may allow to bind what it does not have. */
	for_binds (b, l)
		if (j->v->head->sandbox && bindaddr_is_due(j, b) &&
		    is_nowhere(&b->addr))
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
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_malf_1,
};

static void ba_malf_1(struct judge *j)
{
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);
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
	.needs = OF_SERVER | LAUNCHED,
	.judge = ba_port0_1,
};

static void ba_port0_1(struct judge *j)
{
	static const char expected[] = "a real port or an error";
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

	if (odd != BINDADDR_PORT_ZERO)
		return;
	for_binds (b, l) {
		const struct method *m = view_method(j->v, b->key);
		const struct event *c = method_connect(j->v, b->key);

		if (m && b->anomalies && m->m.addr.port == 0)
			j_broken(j, m->line->ev, expected, "port 0 for \"%s\"",
				 j_show(j, b->key));
		else if (m && b->anomalies && c && bindaddr_is_dead(j, m, c))
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
	.needs = OF_SERVER | LEGAL,
	.stimuli = STIMULUS(BIND_PLAIN) | STIMULUS(BIND_LOCAL),
	.judge = ba_local_1,
};

static void ba_local_1(struct judge *j)
{
	struct bindaddr_list l = bindaddr_given_well(j);

	for_binds (b, l)
		if (bindaddr_is_due(j, b) && addr_is_loopback(&b->addr) &&
		    (provoked(j) || view_method(j->v, b->key)))
			bindaddr_must_serve(j, b->key,
					    "`SMETHOD` for a local address");
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
	.needs = OF_SERVER | LAUNCHED,
	.stimuli = STIMULUS(BIND_STRANGER),
	.judge = ba_unreq_1,
};

static void ba_unreq_1(struct judge *j)
{
	static const char expected[] =
		"nothing for an address of a transport that was not requested";
	const struct event *snap = running_sockets(j->v), *socket;
	unsigned odd;
	struct bindaddr_list l = bindaddr_given(j, &odd);

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
		else if (is_legal(j) && (has_started(j) || provoked(j)))
			must_start(j, expected);
	}
}
