/*
 * end_to_end.c - what comes out of a tunnel, and what is seen between its ends.
 *
 * Wrong bytes are wrong whenever they come.  Missing ones count when the case
 * waited for them: until the deadline of a `recv` or `pump`, or until the end
 * of a connection that nobody but the transport ended.
 */
#include "harness/req/launch/life.h"
#include "harness/req/traffic/outgoing.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

/* The transport ended one of its ends while all others left both alone. */
static const struct event *either_given_up(const struct judge *j,
					   const struct tunnel *t,
					   uint32_t before)
{
	const struct event *near;
	uint32_t first = before;

	for_events (ev, j->v)
		if (ev->kind == EV_CLOSE && ev->n < first && ev->n > t->near->n)
			first = ev->n;
	near = tunnel_given_up(j->v, t->near, first);
	return near || !t->far ? near : tunnel_given_up(j->v, t->far, first);
}

/* As short a time without an answer no transport takes for the end of a
 * session; of a longer one, for want of processors, it may. */
#define PATIENCE_US 2000000

static void excuse_ends(struct judge *j)
{
	int64_t held = view_held_us(j->v, 1);

	if (held > PATIENCE_US)
		j_excuse(j,
			 "an end, but transport and harness had waited for a "
			 "processor or the disk for %lld ms, and a session "
			 "that is not answered may end",
			 (long long)held / 1000);
}

/* --- small data ----------------------------------------------------------- */

static void compare_ends(struct judge *j, const struct tunnel *t,
			 const struct event *in, const struct event *out)
{
	static const char expected[] =
		"the bytes that went in, unchanged and in order";
	struct span sent = tunnel_sent(j->v, in), got = tunnel_got(j->v, out);
	size_t wrong = tunnel_first_wrong(sent, got);
	const struct event *limit = tunnel_wait_limit(j->v, out->n);

	if (wrong != SIZE_MAX) {
		j_broken(j, out->n, expected,
			 "byte %zu of what came out of \"%s\" is \"%s\", "
			 "where \"%s\" went in%s",
			 wrong, j_show(j, event_name(out)),
			 j_show(j, span_sub(got, wrong, 8)),
			 j_show(j, span_sub(sent, wrong, 8)), either_end(j->v));
		return;
	}
	if (got.n == sent.n) {
		j_pass(j, out->n);
		return;
	}
	if (limit && !either_given_up(j, t, limit->n))
		j_late(j, limit, expected, "%zu of %zu bytes at \"%s\"%s",
		       got.n, sent.n, j_show(j, event_name(out)), whose_end(j));
	else if (either_given_up(j, t, UINT32_MAX)) {
		excuse_ends(j);
		j_broken(j, either_given_up(j, t, UINT32_MAX)->n, expected,
			 "%zu of %zu bytes at \"%s\", and an end%s", got.n,
			 sent.n, j_show(j, event_name(out)), whose_end(j));
	}
}

/* --- bulk data ------------------------------------------------------------- */

static void judge_pumps(struct judge *j)
{
	static const char expected[] =
		"the bytes that went in, unchanged and in order";

	for_events (ev, j->v) {
		if (ev->kind != EV_PUMP)
			continue;
		if (ev->pump.result == PUMP_OK)
			j_pass(j, ev->n);
		else if (ev->pump.result == PUMP_DIFFERS)
			j_broken(j, ev->n, expected,
				 "byte %" PRId64 " of what came out of \"%s\" "
				 "is another one%s",
				 ev->pump.wrong, j_show(j, ev->pump.out),
				 either_end(j->v));
		else if (ev->pump.result == PUMP_SURPLUS)
			j_broken(j, ev->n, expected,
				 "more bytes at \"%s\" than went in%s",
				 j_show(j, ev->pump.out), either_end(j->v));
	}
}

static bool is_cut_short(const struct event *ev)
{
	return ev->kind == EV_PUMP && (ev->pump.result == PUMP_SHORT ||
				       ev->pump.result == PUMP_NOTHING);
}

/* A pump that did not come to its end: its outcomes stand right before the
 * deadline, if it was that.  Where the reader had stopped for a while, that has
 * a rule of its own. */
static void judge_missing(struct judge *j)
{
	for_events (ev, j->v) {
		const struct event *limit;

		if (!is_cut_short(ev) || ev->pump.rested)
			continue;
		limit = view_limit(j->v, "connect", ev->n);
		if (limit) {
			/* Nobody sees such an end. */
			if (tunnel_has_no_ends(j->v))
				excuse_ends(j);
			j_late(j, limit, "all bytes that went in",
			       "%" PRId64 " bytes at \"%s\"%s", ev->pump.bytes,
			       j_show(j, ev->pump.out), whose_end(j));
			continue;
		}
		excuse_ends(j);
		j_broken(j, ev->n, "all bytes that went in",
			 "%" PRId64 " bytes at \"%s\", and an end%s",
			 ev->pump.bytes, j_show(j, ev->pump.out), whose_end(j));
	}
}

REQ(gen_e2e_1) = {
	.id = "GEN-E2E-1",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "1, 2, 3.3.5.1",
	.role = "pt-client+pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Bytes the client app writes come out at the server app "
		 "unchanged and in order, and the reverse.",
	.traps = "T-OBFS, T-SPLIT; slow transports need scaled volumes "
		 "(description file); some carry a small maximum rate.",
	.needs = LEGAL | TUNNELLED,
	.judge = gen_e2e_1,
};

static void gen_e2e_1(struct judge *j)
{
	struct tunnel t;

	/* What is idle meanwhile has a rule of its own. */
	if (tunnel_is_plain(j, &t) && view_window(j->v, t.near->n))
		return;
	if (tunnel_is_plain(j, &t) &&
	    !tunnel_closed(j->v, t.near, CLOSED_FULLY) &&
	    !tunnel_closed(j->v, t.far, CLOSED_FULLY) &&
	    !tunnel_closed(j->v, t.near, CLOSED_HALF) &&
	    !tunnel_closed(j->v, t.far, CLOSED_HALF)) {
		compare_ends(j, &t, t.near, t.far);
		compare_ends(j, &t, t.far, t.near);
	}
	if (tunnel_count(j->v) == 1) {
		judge_pumps(j);
		judge_missing(j);
	}
}

REQ(gen_e2e_2) = {
	.id = "GEN-E2E-2",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Several transport connections run at once without mixing "
		 "their data.",
	.traps = "Multiplexing inside one outer connection is legal if "
		 "streams stay separate. Limits on concurrency may be "
		 "configured.",
	.needs = LEGAL | TUNNELLED,
	.judge = gen_e2e_2,
};

static void gen_e2e_2(struct judge *j)
{
	if (tunnel_count(j->v) < 2 || !tunnel_has_pump(j->v))
		return;
	judge_pumps(j);
	judge_missing(j);
}

/* --- patience ------------------------------------------------------------- */

/* The last window of absence that the tunnel was in. */
static const struct event *last_window(const struct view *v,
				       const struct tunnel *t)
{
	const struct event *last = NULL;

	for (const struct event *w = view_window(v, t->near->n); w;
	     w = view_window(v, w->n))
		last = w;
	return last;
}

/* All that went in at @from has come out at @to, and some of it after event
 * @since. */
static bool came_through(const struct view *v, const struct event *from,
			 const struct event *to, uint32_t since)
{
	bool late = false;

	for (size_t i = since; i < v->tr->nev; i++)
		late |= v->tr->ev[i].kind == EV_RECV &&
			span_eq(event_name(&v->tr->ev[i]), event_name(to));
	return late && tunnel_sent(v, from).n == tunnel_got(v, to).n;
}

/* Who stopped reading for a while, and got all of it or not.  A rest that became
 * much longer than it should proves nothing: the machine stood still. */
static void judge_rests(struct judge *j)
{
	static const char expected[] =
		"all bytes that went in, as slow as they are read";

	for_events (ev, j->v) {
		const struct event *limit;

		if (ev->kind != EV_PUMP || !ev->pump.rested)
			continue;
		limit = view_limit(j->v, "connect", ev->n);
		if (ev->pump.result == PUMP_OK)
			j_pass(j, ev->n);
		else if (!is_cut_short(ev))
			continue;
		else if (ev->pump.rested > 2 * j->v->head->limits.idle)
			j_hindered(j,
				   "\"%s\" was not read from for %" PRId64
				   " s instead of %" PRId64,
				   j_show(j, ev->pump.out),
				   ev->pump.rested / 1000,
				   j->v->head->limits.idle / 1000);
		else if (limit)
			j_late(j, limit, expected,
			       "%" PRId64
			       " bytes at \"%s\", which had not been "
			       "read from for %" PRId64 " s%s",
			       ev->pump.bytes, j_show(j, ev->pump.out),
			       ev->pump.rested / 1000, whose_end(j));
		else
			j_broken(j, ev->n, expected,
				 "%" PRId64 " bytes at \"%s\", which had not "
				 "been read from for %" PRId64
				 " s, and an end%s",
				 ev->pump.bytes, j_show(j, ev->pump.out),
				 ev->pump.rested / 1000, whose_end(j));
	}
}

REQ(gen_e2e_4) = {
	.id = "GEN-E2E-4",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A tunnel that neither end closes stays, be it idle or slow.",
	.traps = "Which of the two ends gave it up cannot be told as a rule.",
	.needs = LEGAL | TUNNELLED,
	.judge = gen_e2e_4,
};

static void gen_e2e_4(struct judge *j)
{
	static const char expected[] =
		"a tunnel that stays until an application closes it";
	const struct event *window, *end, *limit;
	struct tunnel t;

	if (tunnel_count(j->v) == 1)
		judge_rests(j);
	if (!tunnel_is_plain(j, &t) || !(window = last_window(j->v, &t)))
		return;
	end = either_given_up(j, &t, UINT32_MAX);
	limit = tunnel_wait_limit(j->v, window->n);
	if (end && end->n < life_stimulus(j->v, t.near->n))
		j_broken(j, end->n, expected,
			 "an end of \"%s\" after %" PRId64 " s%s",
			 j_show(j, event_name(end)),
			 (end->t - t.near->t) / 1000000, whose_end(j));
	else if (came_through(j->v, t.near, t.far, window->n) ||
		 came_through(j->v, t.far, t.near, window->n))
		j_pass(j, window->n);
	else if (limit)
		j_late(j, limit, expected, "nothing more came through%s",
		       whose_end(j));
}

/* --- ends -------------------------------------------------------------------- */

/* One end was closed, all of it: the other gets what was sent, and the end. */
static void carry_close(struct judge *j, const struct event *from,
			const struct event *to, const struct event *closed)
{
	static const char expected[] = "all that was sent, then the end";
	struct span sent = tunnel_sent(j->v, from), got = tunnel_got(j->v, to);
	const struct event *end = tunnel_ended(j->v, to);
	const struct event *limit = tunnel_wait_limit(j->v, closed->n);

	/* What comes behind the deadline is the end of all things. */
	if (limit && end && end->n > limit->n)
		end = NULL;
	if (end && got.n >= sent.n)
		j_pass(j, end->n);
	else if (end)
		j_broken(j, end->n, expected,
			 "%zu of %zu bytes, then the end, at \"%s\"%s", got.n,
			 sent.n, j_show(j, event_name(to)), whose_end(j));
	else if (limit && got.n >= sent.n && tunnel_has_no_ends(j->v)) {
		if (!j_lagged(j, limit))
			j_say(j, V_INFO, limit->n, expected,
			      "all of it, and no end: the wire between client "
			      "and server tells of none");
	} else if (limit)
		j_late(j, limit, expected,
		       "%zu of %zu bytes, and no end, at \"%s\"%s", got.n,
		       sent.n, j_show(j, event_name(to)), either_end(j->v));
}

/* One direction was closed; the other one need not live on. */
static void by_half(struct judge *j, const struct event *half,
		    const struct event *other, const struct event *closed)
{
	static const char expected[] = "the other direction to go on when one "
				       "is closed";
	const struct event *end = tunnel_ended(j->v, half);
	struct span sent = tunnel_sent(j->v, other), got;

	if (!sent.n && end && end->n > closed->n &&
	    end->n < life_stimulus(j->v, closed->n))
		j_say(j, V_INFO, end->n, expected,
		      "the end of it, before anything was sent there");
	if (!sent.n)
		return;
	got = tunnel_got(j->v, half);
	if (got.n >= sent.n)
		j_pass(j, half->n);
	else
		j_say(j, V_INFO, half->n, expected,
		      "%zu of %zu bytes of the reply after half a close: it "
		      "closes both",
		      got.n, sent.n);
}

/* A reset is an end as good as any (T-CLOSE), but one that says that bytes may
 * be missing. */
static void by_reset(struct judge *j, const struct event *to)
{
	const struct event *end = tunnel_ended(j->v, to);

	if (end && span_eqs(end->eof.how, "fin"))
		j_broken(j, end->n, "a reset to be passed on as one",
			 "an orderly end at \"%s\": what is missing does not "
			 "show%s",
			 j_show(j, event_name(to)), either_end(j->v));
	else if (end)
		j_pass(j, end->n);
}

REQ(gen_e2e_3) = {
	.id = "GEN-E2E-3",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Closing one end of a relayed connection is carried to the "
		 "other end.",
	.traps = "Losing queued data on an orderly close is the violation; "
		 "not supporting half-close is legal (common relays close "
		 "both ways): report INFO. T-CLOSE.",
	.needs = LEGAL | TUNNELLED,
	.judge = gen_e2e_3,
};

static void gen_e2e_3(struct judge *j)
{
	const struct event *c;
	struct tunnel t;

	if (!tunnel_is_plain(j, &t))
		return;
	if ((c = tunnel_closed(j->v, t.near, CLOSED_HALF)) != NULL)
		by_half(j, t.near, t.far, c);
	else if ((c = tunnel_closed(j->v, t.far, CLOSED_HALF)) != NULL)
		by_half(j, t.far, t.near, c);
	else if ((c = tunnel_closed(j->v, t.near, CLOSED_FULLY)) != NULL)
		carry_close(j, t.near, t.far, c);
	else if ((c = tunnel_closed(j->v, t.far, CLOSED_FULLY)) != NULL)
		carry_close(j, t.far, t.near, c);
}

REQ(hy_reset_1) = {
	.id = "HY-RESET-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_INFO,
	.title = "A reset at one end of a tunnel comes out as a reset.",
	.traps = "Any end will do for the specification: a note, as a reader "
		 "cannot tell a short answer from a whole one.",
	.needs = LEGAL | TUNNELLED,
	.judge = hy_reset_1,
};

static void hy_reset_1(struct judge *j)
{
	struct tunnel t;

	if (!tunnel_is_plain(j, &t))
		return;
	if (tunnel_closed(j->v, t.near, CLOSED_RST))
		by_reset(j, t.far);
	else if (tunnel_closed(j->v, t.far, CLOSED_RST))
		by_reset(j, t.near);
}

/* --- what is between the ends --------------------------------------------------- */

/* Is @s the address that the server announced, as a packet writes it? */
static bool is_server_at(const struct view *v, struct span s)
{
	struct view server;
	struct addr a;

	if (addr_parse(s, &a))
		return false;
	tunnel_process(v, ROLE_SERVER, &server);
	for_methods (m, &server)
		if (addr_eq(&m->m.addr, &a) ||
		    (addr_is_any(&m->m.addr) && m->m.addr.port == a.port))
			return true;
	return false;
}

/* The launch's marker went through the tunnel. */
static bool carried_marker(const struct judge *j, const struct tunnel *t)
{
	struct span marker = pairs_get(&j->v->head->vars, "marker");

	return marker.n && span_contains(tunnel_got(j->v, t->far), marker);
}

/* Whose packet it is, if it is one between client and server; or NULL. */
static const char *sender(const struct view *v, const struct event *ev)
{
	if (ev->kind != EV_VISIBLE)
		return NULL;
	if (is_server_at(v, ev->visible.from))
		return "the server";
	if (!is_server_at(v, ev->visible.to))
		return NULL;
	return tunnel_has_stranger(v) ? "the client or a stranger"
				      : "the client";
}

REQ(gen_xform_1) = {
	.id = "GEN-XFORM-1",
	.area = AREA_GENERAL,
	.level = L_IMPLIED,
	.section = "2",
	.role = "pt-client",
	.classes = "pcap",
	.dflt = V_WARN,
	.title = "What leaves the client host is transformed traffic, not "
		 "the application bytes in clear.",
	.traps = "T-IDENT: only judged if the description file says the "
		 "transport conceals payload.",
	.needs = LEGAL | TUNNELLED,
	.judge = gen_xform_1,
};

static void gen_xform_1(struct judge *j)
{
	struct tunnel t;

	if (!target_says(j, "conceals") || !tunnel_get(j->v, 0, &t) || !t.far ||
	    !carried_marker(j, &t))
		return;
	for_events (ev, j->v)
		if (sender(j->v, ev)) {
			j_broken(j, ev->n, "nothing of the payload in clear",
				 "a word of it in frame %" PRId64
				 " of the capture, from %s to %s, sent by %s",
				 ev->visible.frame, j_show(j, ev->visible.from),
				 j_show(j, ev->visible.to), sender(j->v, ev));
			return;
		}
	pass_if_seen(j, t.near);
}
