/*
 * socks_names.c - host names with one family of addresses, and with other
 * addresses than before.
 */
#include "parent/proto/net/dns.h"
#include "harness/req/socks/socks_judges.h"

/* The name that a session asked for is @name. */
static bool asks_for(const struct dialogue *d, const char *name)
{
	return dialogue_asked(d) && d->said.to.atyp == SOCKS_NAME &&
	       span_eqs(d->said.to.name, name);
}

/* Was the listener at address @ip called after the request of @d? */
static bool called_at(const struct judge *j, const struct dialogue *d,
		      const char *ip)
{
	struct addr want, at;

	addr_parse(span_str(arena_printf(j->a,
					 strchr(ip, ':') ? "[%s]:%u" : "%s:%u",
					 ip, d->said.to.addr.port)),
		   &want);
	for_events (ev, j->v)
		if (ev->kind == EV_LISTEN &&
		    !addr_parse(ev->listen.addr, &at) && addr_eq(&at, &want) &&
		    accepts(j, ev, dialogue_asked(d)->n))
			return true;
	return false;
}

/* Does it reach names, and IPv6 addresses that it is given as such? */
static bool knows_both(const struct judge *j, const struct dialogues *all)
{
	bool name = false, literal = false;

	for_dialogues (d, all) {
		if (!dialogue_asked(d))
			continue;
		name |= asks_for(d, DNS_MOVING) &&
			called_at(j, d, DNS_FAKE_IP4);
		literal |= d->said.to.atyp == SOCKS_IPV6 && was_called(j, d);
	}
	return name && literal;
}

void judge_six_only(struct judge *j, const struct dialogues *all)
{
	for_dialogues (d, all) {
		if (!asks_for(d, DNS_SIX))
			continue;
		if (called_at(j, d, DNS_FAKE_IP6))
			j_pass(j, dialogue_asked(d)->n);
		else if (((d->s->reply.n && d->s->rep) || d->eof) &&
			 !service_lost(j) && knows_both(j, all))
			j_broken(
				j, dialogue_asked(d)->n,
				"a call to the IPv6 address of a name that has "
				"no other",
				"none, although other names and IPv6 addresses "
				"are called: %s",
				show_answer(j, d));
	}
}

/* Since when names have other addresses; NULL: they have not. */
static const struct event *world_moved(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "move"))
			return ev;
	return NULL;
}

/* Some keep names for half a minute, whatever they are told. */
void judge_moved(struct judge *j, const struct dialogues *all)
{
	const struct event *moved = world_moved(j->v);

	for_dialogues (d, all) {
		if (!moved || !asks_for(d, DNS_MOVING) ||
		    dialogue_asked(d)->n < moved->n)
			continue;
		if (called_at(j, d, DNS_MOVED_IP4))
			j_pass(j, dialogue_asked(d)->n);
		else if (called_at(j, d, DNS_FAKE_IP4))
			j_say(j, V_INFO, dialogue_asked(d)->n,
			      "a call to the address that a name has now",
			      "one to the address that it had before, which "
			      "was not to be kept");
	}
}
