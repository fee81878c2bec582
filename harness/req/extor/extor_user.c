/*
 * extor_user.c - judges: the client's address, as an Extended ORPort is told it.
 */
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/extor_session.h"
#include "harness/req/traffic/outgoing.h"

/* All that tells of the client came, and DONE behind it. */
static bool has_told(const struct ext_session *s)
{
	return s->at[EXTOR_ANSWER] != 0;
}

static bool is_captured(const struct view *v)
{
	const struct event *ev = view_event(v, EV_CAPTURE, NULL, 1);

	return ev && ev->capture.state == CAPTURE_ON;
}

/* The address of a client, with the port that servers behind a front tell,
 * which do not know it. */
static bool is_fronted(const struct judge *j, const struct ext_session *s)
{
	const struct addr *said = &s->x->user_addr;

	if (said->port != 1)
		return false;
	for_events (ev, j->v) {
		struct addr client;

		if (ev->kind != EV_EXTOR || ev->extor.what != EXTOR_DID_CLIENT)
			continue;
		addr_parse(ev->extor.data, &client);
		client.port = 1;
		if (addr_eq(&client, said))
			return true;
	}
	return false;
}

static void judge_user(struct judge *j, const struct ext_session *s)
{
	const struct event *client = ext_client_at(j->v, &s->x->user_addr);
	const struct event *any = ext_client_at(j->v, NULL);
	const char *said = arena_printf(j->a, "USERADDR \"%s\" on \"%s\"",
					j_show(j, s->x->user),
					j_show(j, s->name));
	struct addr plain;

	if (client) {
		j_pass(j, s->at[EXTOR_ANSWER]);
		return;
	}
	if (s->x->anomalies & EXTOR_USER_MAPPED) {
		plain = unmapped(s->x->user_addr);
		client = ext_client_at(j->v, &plain);
	}
	if (client)
		j_say(j, V_WARN, s->at[EXTOR_ANSWER], "IPv4 as it is written",
		      "%s", said);
	else if (any && is_fronted(j, s))
		j_say(j, V_INFO, s->at[EXTOR_ANSWER],
		      "the client's port, or 1 where that is not known", "%s",
		      said);
	else if (any)
		j_broken(j, s->at[EXTOR_ANSWER],
			 arena_printf(j->a, "the client's address, %s",
				      j_show(j, any->extor.data)),
			 "%s", said);
	else if (!is_captured(j->v))
		j_unsure(j, "nobody knows who the client was: %s", unseen(j));
	/* Else it came to a place that was not announced. */
}

static bool is_named(const struct ext_sessions *l, const struct addr *client)
{
	for_sessions (s, *l) {
		struct addr told = s->x->user_addr;

		if (addr_eq(&told, client))
			return true;
		told = unmapped(told);
		if (addr_eq(&told, client))
			return true;
	}
	return false;
}

/* The clients that came, and one that no session is of. */
static size_t count_clients(const struct judge *j, const struct ext_sessions *l,
			    const struct event **unnamed)
{
	size_t n = 0;

	for_events (ev, j->v) {
		struct addr client;

		if (ev->kind != EV_EXTOR || ev->extor.what != EXTOR_DID_CLIENT)
			continue;
		n++;
		addr_parse(ev->extor.data, &client);
		if (!is_named(l, &client))
			*unnamed = ev;
	}
	return n;
}

/* One client for two sessions, while another one has none.  Where several
 * sessions share a connection, there are fewer clients. */
static void judge_named_twice(struct judge *j, const struct ext_sessions *l)
{
	const struct event *unnamed = NULL;

	if (count_clients(j, l, &unnamed) < l->n || !unnamed)
		return;
	for_sessions (s, *l)
		for_sessions (o, *l)
			if (o < s && has_told(o) && has_told(s) &&
			    o->x->user_addr.family &&
			    o->x->user_addr.port != 1 &&
			    addr_eq(&o->x->user_addr, &s->x->user_addr)) {
				j_broken(
					j, s->at[EXTOR_ANSWER],
					arena_printf(
						j->a,
						"each client's own "
						"address, as %s",
						j_show(j, unnamed->extor.data)),
					"USERADDR \"%s\" on \"%s\" and "
					"\"%s\"",
					j_show(j, s->x->user),
					j_show(j, o->name), j_show(j, s->name));
				return;
			}
}

REQ(ext_msg_2) = {
	.id = "EXT-MSG-2",
	.area = AREA_EXTOR,
	.level = L_IMPLIED,
	.section = "3.3.1.3",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "USERADDR tells the real client address and port.",
	.traps = "USERADDR is optional in the protocol: missing is WARN. "
		 "Front-ended transports cannot know the port (config); "
		 "IPv4-mapped form `[::ffff:127.0.0.77]:p`: WARN.",
	.judge = ext_msg_2,
};

static void ext_msg_2(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	judge_named_twice(j, &l);
	for_sessions (s, l) {
		if (!has_told(s))
			continue;
		if (s->x->anomalies & EXTOR_NO_USER)
			j_say(j, V_WARN, s->at[EXTOR_ANSWER], "USERADDR",
			      "none on \"%s\"", j_show(j, s->name));
		else if (s->x->user_addr.family)
			judge_user(j, s);
	}
}

#define NO_FORM                                                  \
	(EXTOR_USER_SYNTAX | EXTOR_USER_NAME | EXTOR_USER_BARE | \
	 EXTOR_USER_ZONE)

REQ(ext_msg_3) = {
	.id = "EXT-MSG-3",
	.area = AREA_EXTOR,
	.level = L_MUST_NOT,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "USERADDR uses only `a.b.c.d:port` or `[v6]:port`.",
	.judge = ext_msg_3,
};

static void ext_msg_3(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		if (span_absent(s->x->user))
			continue;
		if (s->x->anomalies & NO_FORM)
			j_broken(j, s->last,
				 "USERADDR as 1.2.3.4:5678 or [1:2::3:4]:5678",
				 "\"%s\" on \"%s\"", j_show(j, s->x->user),
				 j_show(j, s->name));
		else
			j_pass(j, s->last);
	}
}

REQ(ext_msg_4) = {
	.id = "EXT-MSG-4",
	.area = AREA_EXTOR,
	.level = L_MUST_NOT,
	.section = "EXTORPORT",
	.role = "extor",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Bodies are not NUL-terminated.",
	.judge = ext_msg_4,
};

static void ext_msg_4(struct judge *j)
{
	struct ext_sessions l = ext_sessions(j->v);

	for_sessions (s, l) {
		unsigned nul = s->x->anomalies &
			       (EXTOR_USER_NUL | EXTOR_TRANSPORT_NUL);

		if (nul)
			j_broken(j, s->last, "bodies without NUL",
				 "\"%s\" on \"%s\"",
				 j_show(j, nul & EXTOR_USER_NUL
						   ? s->x->user
						   : s->x->transport),
				 j_show(j, s->name));
		else if (has_told(s))
			j_pass(j, s->at[EXTOR_ANSWER]);
	}
}
