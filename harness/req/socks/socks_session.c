/*
 * socks_session.c - what a session carries and where to, and what clients do to
 * each other.
 */
#include "harness/req/traffic/settings_block.h"
#include "harness/req/socks/socks_judges.h"
#include "harness/req/traffic/tunnel.h"

/* So many bytes do not come out of a tunnel by chance. */
#define TELLING 8
/* What a client may wait for that has nothing to wait for; less than the
 * usual time limit of a handshake. */
#define AT_ONCE_US 4000000
/* A connection that was made has been accepted by then. */
#define ACCEPTED_US 300000

/* Did the harness wait in vain for bytes after @since? */
static const struct event *waited(const struct judge *j, uint32_t since)
{
	return view_event(j->v, EV_LIMIT, NULL, since + 1);
}

/* --- what is carried --- */

static bool is_accepted(const struct judge *j, struct span ch)
{
	for_events (ev, j->v)
		if (ev->kind == EV_ACCEPT && span_eq(ev->accept.name, ch))
			return true;
	return false;
}

/* Did anything come to a listener of the harness behind @since? */
static bool far_got(const struct judge *j, uint32_t since)
{
	for_events (ev, j->v)
		if (ev->kind == EV_RECV && ev->n > since &&
		    is_accepted(j, ev->recv.conn))
			return true;
	return false;
}

/* What it wrote must come out where it went. */
static void judge_upward(struct judge *j, const struct dialogue *d)
{
	const struct event *first = piece_ev(&d->sent, d->said.request_end);
	const struct event *limit;
	struct span data = tunnelled(d);

	/* Where nobody came, the server did not do its part. */
	if (data.n < TELLING || !first ||
	    !view_event(j->v, EV_ACCEPT, NULL, dialogue_asked(d)->n + 1))
		return;
	limit = waited(j, first->n);
	if (came_out(j->v, data))
		j_pass(j, first->n);
	else if (limit)
		j_late(j, limit, "what is sent behind the reply to come out",
		       "%s, of %zu bytes that begin with %s",
		       far_got(j, first->n) ? "something else" : "nothing",
		       data.n, j_show(j, span_sub(data, 0, 16)));
}

/* What its far end wrote must come to it. */
static void judge_downward(struct judge *j, const struct dialogues *all,
			   const struct event *sent)
{
	const struct event *limit = waited(j, sent->n);

	for_dialogues (d, all) {
		struct span got =
			span_sub(d->got.all, d->s->used, d->got.all.n);

		if (span_contains(got, sent->send.data)) {
			j_pass(j, sent->n);
			return;
		}
	}
	if (limit)
		j_late(j, limit, "what the server says to reach the client",
		       "no client got %s", j_show(j, sent->send.data));
}

REQ(sk_data_1) = {
	.id = "SK-DATA-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "First data bytes sent immediately after the reply are not "
		 "lost.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_data_1,
};

static void sk_data_1(struct judge *j)
{
	struct dialogues all = all_dialogues(j);
	bool any = false;

	if (by_proxy(j) || service_lost(j))
		return;
	for_dialogues (d, &all) {
		if (d->s->stage != SOCKS_TUNNEL || !dest_is_server(j, d))
			continue;
		any = true;
		judge_upward(j, d);
	}
	for_events (ev, j->v)
		if (any && ev->kind == EV_SEND && ev->send.data.n >= TELLING &&
		    is_accepted(j, ev->send.conn))
			judge_downward(j, &all, ev);
}

REQ(sk_dest_1) = {
	.id = "SK-DEST-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "3.2.1, 3.3.5.2",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "For transports with an explicit server, the CONNECT "
		 "destination is where the PT connects.",
	.traps = "Implicit-server transports (fronting) exempt by "
		 "description file.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_dest_1,
};

/* Somebody came elsewhere, to a place that no other session of that time had
 * asked for: some come with the first data. */
static bool strayed(const struct judge *j, const struct dialogues *all,
		    const struct dialogue *d, const struct event *listener)
{
	for_events (ev, j->v) {
		bool asked = false;

		if (ev->kind != EV_ACCEPT || ev->n < dialogue_asked(d)->n ||
		    span_eq(group_of(ev->accept.name), listener->listen.name))
			continue;
		for_dialogues (o, all) {
			const struct event *l = dest_listener(j, o);

			asked |= l && o != d &&
				 span_eq(group_of(ev->accept.name),
					 l->listen.name) &&
				 !(o->closed &&
				   o->closed->n < dialogue_asked(d)->n);
		}
		if (!asked)
			return true;
	}
	return false;
}

/* One that was told something, by a transport whose sessions do come to the
 * place that they ask for, or strayed.  Many may share one connection. */
static bool must_have_come(const struct judge *j, const struct dialogues *all,
			   const struct dialogue *d, const struct event *l)
{
	if (accepts(j, l, 0) || j->rf->dials_udp)
		return false;
	return strayed(j, all, d, l) ||
	       (j->rf->dials_tcp && tunnelled(d).n > 0);
}

static void sk_dest_1(struct judge *j)
{
	struct dialogues all = all_dialogues(j);

	if (by_proxy(j) || is_lazy(j) || service_lost(j))
		return;
	for_dialogues (d, &all) {
		const struct event *l = dest_listener(j, d);
		const struct event *asked = dialogue_asked(d);
		const struct event *reply = dialogue_replied(d);

		if (!l || !asked || d->said.cmd != SOCKS_CONNECT)
			continue;
		/* Before the reply too: then the harness may have left. */
		if (accepts(j, l, asked->n))
			j_pass(j, asked->n);
		else if (!reply || d->s->stage != SOCKS_TUNNEL || !j->v->end ||
			 j->v->end->t - reply->t <= ACCEPTED_US ||
			 !must_have_come(j, &all, d, l))
			continue;
		else if (j->v->end->t - reply->t -
				 view_held_us(j->v, reply->n) <=
			 ACCEPTED_US)
			j_hindered(j, "nobody came to the destination, but "
				      "transport or harness waited for a "
				      "processor");
		else
			j_broken(j, reply->n,
				 "a connection to the destination that is "
				 "asked for",
				 "success, but nobody came to %.*s",
				 SPAN_ARG(l->listen.addr));
	}
}

/* --- bad company --- */

/* No client that means well: another first byte, or gone in the middle. */
static bool is_abusive(const struct dialogue *d)
{
	char version = d->kind == SOCKS4 ? 4 : 5;

	return d->sent.n && (d->sent.all.p[0] != version || d->said.odd ||
			     (d->closed && !d->s->reply.n && !d->is_app));
}

static const struct event *unreachable(const struct judge *j, uint32_t since)
{
	for_events (ev, j->v)
		if (ev->kind == EV_SOCKS && ev->n > since &&
		    ev->socks.result == SOCKS_END_UNREACHABLE)
			return ev;
	return NULL;
}

REQ(sk_rob_1) = {
	.id = "SK-ROB-1",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "—",
	.role = "socks",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Garbage, early close and half-open clients do not stop the "
		 "service.",
	.traps = "T-TIME.",
	.needs = OF_CLIENT | LAUNCHED,
	.judge = sk_rob_1,
};

static void sk_rob_1(struct judge *j)
{
	struct dialogues all = all_dialogues(j);
	const char *expected = "clients that break off or talk nonsense to "
			       "stop nothing";
	const struct dialogue *bad = NULL;

	for_dialogues (d, &all) {
		const struct event *limit;

		if (is_abusive(d)) {
			bad = bad ? bad : d;
			continue;
		}
		if (!bad || !d->is_app)
			continue;
		limit = silent_until(j, &all, d, d->sent.v[0].ev);
		if (d->got.n)
			j_pass(j, dialogue_ev(d));
		else if (d->eof && !service_lost(j))
			j_broken(j, d->eof->n, expected,
				 "the end of the next good session");
		else if (limit)
			j_late(j, limit, expected,
			       "no answer to the next good session");
	}
	if (!bad)
		return;
	if (service_lost(j) && j->v->exit->n > bad->sent.v[0].ev->n)
		j_broken(j, j->v->exit->n, expected, "the transport %s",
			 view_how_ended(j->v));
	else if (unreachable(j, bad->sent.v[0].ev->n))
		j_broken(j, unreachable(j, bad->sent.v[0].ev->n)->n, expected,
			 "nobody to connect to for the next good session");
}

static bool replied_before(const struct dialogue *d, const struct event *ev)
{
	const struct event *reply = dialogue_replied(d);

	return reply && reply->n < ev->n;
}

/* Clients in the middle of a handshake when @d began, and at its end. */
static size_t stalled_beside(const struct dialogues *all,
			     const struct dialogue *d)
{
	const struct event *answer = d->got.n ? d->got.v[0].ev
					      : dialogue_decided(d);
	uint32_t end = answer ? answer->n : UINT32_MAX;
	size_t n = 0;

	for_dialogues (o, all)
		n += o < d && !replied_before(o, d->sent.v[0].ev) &&
		     (!o->closed || o->closed->n > end) &&
		     (!o->eof || o->eof->n > d->sent.v[0].ev->n);
	return n;
}

/* How long it took to answer, without what anybody waited for a processor. */
static int64_t answer_us(const struct judge *j, const struct dialogue *d)
{
	const struct event *first = d->sent.v[0].ev, *got = d->got.v[0].ev;

	return got->t - first->t - view_held_us(j->v, first->n);
}

/* Not waited for: one of those that the others are served beside. */
static bool was_left(const struct judge *j, const struct dialogue *d)
{
	for_events (ev, j->v)
		if (ev->kind == EV_SOCKS && span_eq(ev->socks.conn, d->ch))
			return ev->socks.result == SOCKS_END_LEFT;
	return false;
}

/* How long until it was answered, or ended; -1: for ever. */
static int64_t decided_us(const struct dialogue *d)
{
	const struct event *ev = dialogue_replied(d);

	ev = ev ? ev : d->eof;
	return ev ? ev->t - d->sent.v[0].ev->t : -1;
}

static const char beside[] = "a good client to be served beside others that "
			     "are silent";

/* The whole of it, against the same session alone: what a transport does in
 * turn may come behind the first answer. */
static void judge_beside(struct judge *j, const struct dialogue *alone,
			 const struct dialogue *d, size_t n)
{
	int64_t usual = alone ? decided_us(alone) : -1, took = decided_us(d);
	const struct event *first = d->sent.v[0].ev;
	const struct event *limit = open_until(j, d, first);
	int64_t held = view_held_us(j->v, first->n);

	if (usual < 0 || (took >= 0 && took - usual < AT_ONCE_US))
		return;
	if (took < 0 && limit && limit->t - first->t > usual + AT_ONCE_US)
		j_late(j, limit, beside,
		       "no reply to it beside %zu of them, after %" PRId64
		       " ms without",
		       n, usual / 1000);
	else if (took >= 0 && (view_lagged(j->v, AT_ONCE_US / 1000) ||
			       took - held - usual < AT_ONCE_US))
		j_hindered(j, "the reply was slow, but transport or harness "
			      "waited for a processor");
	else if (took >= 0)
		j_broken(j, dialogue_ev(d), beside,
			 "its reply after %" PRId64
			 " ms beside %zu of them, after %" PRId64 " ms without",
			 took / 1000, n, usual / 1000);
}

REQ(sk_rob_2) = {
	.id = "SK-ROB-2",
	.area = AREA_SOCKS,
	.level = L_IMPLIED,
	.section = "—",
	.role = "socks",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Stalled clients do not block others.",
	.traps = "Descriptor limits: set high.",
	.needs = OF_CLIENT | LAUNCHED,
	.stimuli = STIMULUS(SILENT_CLIENTS),
	.judge = sk_rob_2,
};

static void sk_rob_2(struct judge *j)
{
	struct dialogues all = all_dialogues(j);
	const struct dialogue *alone = NULL;

	for_dialogues (d, &all) {
		const struct event *first, *limit;
		size_t n;

		if (!d->is_app || !provoked(j) || service_lost(j))
			continue;
		n = stalled_beside(&all, d);
		first = d->sent.v[0].ev;
		limit = open_until(j, d, first);
		if (n == 0) {
			alone = alone ? alone : d;
			continue;
		}
		if (d->got.n && d->got.v[0].ev->t - first->t < AT_ONCE_US)
			j_pass(j, d->got.v[0].ev->n);
		else if (d->got.n && (view_lagged(j->v, AT_ONCE_US / 1000) ||
				      answer_us(j, d) < AT_ONCE_US))
			j_hindered(j, "the first answer was slow, but "
				      "transport or harness waited for a "
				      "processor");
		else if (d->got.n)
			j_broken(j, d->got.v[0].ev->n, beside,
				 "its first answer after %" PRId64
				 " ms beside %zu of them",
				 (d->got.v[0].ev->t - first->t) / 1000, n);
		else if (limit)
			j_late(j, limit, beside,
			       "no answer to it beside %zu of them", n);
		if (!was_left(j, d))
			judge_beside(j, alone, d, n);
	}
}
