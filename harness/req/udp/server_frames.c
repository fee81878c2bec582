/*
 * server_frames.c - what a server makes of a stream: datagrams for its
 * destination, and frames of what that answers.  The harness writes the stream
 * itself, through a client in another mode.
 */
#include "harness/req/launch/life.h"
#include "harness/req/udp/udp.h"

#define UDP "transparent-UDP"

/* Nothing at all came out at the destination. */
static bool no_common_tongue(struct judge *j, const struct dg_flow *f)
{
	if (f->out.n)
		return false;
	dg_strangers(j, "nothing came of a client");
	return true;
}

static bool is_oversize(const struct dg *d)
{
	return d->data.n > DATAGRAM_MAX;
}

static bool has_oversize(const struct dg_flow *f)
{
	for_dgs(d, &f->in) if (is_oversize(d)) return true;
	return false;
}

static bool has_empty(const struct dg_flow *f)
{
	for_dgs(d, &f->in) if (d->data.n == 0) return true;
	return false;
}

/* Several frames in one piece, or one in several. */
static bool is_cut_up(const struct view *v, const struct dg_flow *f)
{
	const struct event *last = NULL;
	size_t sends = 0;

	for_dgs(d, &f->in)
	{
		if (last == d->ev)
			return true;
		last = d->ev;
	}
	for_events (ev, v)
		sends += ev->kind == EV_SEND && ev->send.data.n && f->in.n &&
			 span_eq(ev->send.conn, f->in.v[0].ch) &&
			 ev->n >= f->in.v[0].ev->n;
	return sends > f->in.n;
}

/* The first of what came that is @kind of wrong; NULL: none. */
static const struct dg *odd_one(const struct dg_flow *f,
				bool (*kind)(const struct dg_flow *f,
					     struct span s))
{
	for_dgs(o,
		&f->out) if (!o->pair && (!kind || kind(f, o->data))) return o;
	return NULL;
}

static bool is_of_rest(const struct dg_flow *f, struct span s)
{
	return s.n && f->in.rest.n && span_contains(f->in.rest, s);
}

/* All frames up to @until came out, each as one datagram. */
static void must_deliver(struct judge *j, const struct dg_flow *f,
			 const char *expected)
{
	const struct event *limit;
	const struct dg *odd = odd_one(f, NULL), *lost;

	lost = dg_missing(j->v, f, &limit);
	if (life_ended_unasked(j->v, f->in.n ? f->in.v[0].ev->n : 1))
		j_broken(j, end_ev(j->v), expected, "that the server %s",
			 view_how_ended(j->v));
	else if (odd && !is_of_rest(f, odd->data))
		j_broken(j, odd->ev->n, expected, "\"%s\"",
			 j_show(j, odd->data));
	else if (lost)
		j_late(j, limit, expected, "none for \"%s\"",
		       j_show(j, lost->data));
	else if (f->paired)
		j_pass(j, f->out.v[0].ev->n);
}

static bool is_plain(const struct view *v, const struct dg_flow *f)
{
	return f->in.n && !has_oversize(f) && !has_empty(f) &&
	       !is_cut_up(v, f) && !f->in.rest.n;
}

REQ(us_dec_1) = {
	.id = "US-DEC-1",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Each frame becomes one datagram to the configured "
		 "destination, without the length bytes.",
	.traps = "Loopback loss: pace.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_dec_1,
};

static void us_dec_1(struct judge *j)
{
	struct dg_flow f;

	if (dg_streamed(j, UDP, DG_UP, &f) && is_plain(j->v, &f) &&
	    !no_common_tongue(j, &f))
		must_deliver(
			j, &f,
			"a datagram with the bytes of each frame, without its length");
}

REQ(us_dec_2) = {
	.id = "US-DEC-2",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Frames split across reads or coalesced are handled.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_dec_2,
};

static void us_dec_2(struct judge *j)
{
	struct dg_flow f;

	if (dg_streamed(j, UDP, DG_UP, &f) && !has_oversize(&f) &&
	    is_cut_up(j->v, &f) && !no_common_tongue(j, &f))
		must_deliver(
			j, &f,
			"a datagram for each frame, however the stream is cut");
}

/* What follows one of a kind comes out as if that had not been there. */
static void must_go_on(struct judge *j, const struct dg_flow *f,
		       const struct dg *behind, const char *what)
{
	const struct event *limit;

	if (life_ended_unasked(j->v, behind->ev->n)) {
		j_broken(j, end_ev(j->v), "service that goes on",
			 "that the server %s, behind %s", view_how_ended(j->v),
			 what);
		return;
	}
	for_dgs(d, &f->in)
	{
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->ev->n < behind->ev->n || d == behind || is_oversize(d) ||
		    d->data.n == 0)
			continue;
		if (d->pair)
			j_pass(j, d->ev->n);
		else if (limit)
			j_late(j, limit, "the frames that follow",
			       "none behind %s", what);
	}
}

/* A piece of something that is too large. */
static bool is_piece(const struct dg_flow *f, struct span s)
{
	for_dgs(d, &f->in) if (is_oversize(d) && s.n &&
			       span_starts(d->data, s)) return true;
	return false;
}

static void judge_oversize(struct judge *j, const char *mode)
{
	const struct dg *big = NULL, *piece;
	struct dg_flow f;

	if (!dg_streamed(j, mode, DG_UP, &f) || !has_oversize(&f))
		return;
	for_dgs(d, &f.in) big = big ? big : is_oversize(d) ? d : NULL;
	piece = odd_one(&f, is_piece);
	if (piece)
		j_broken(j, piece->ev->n,
			 "no datagram for a frame that none can hold",
			 "%zu bytes of it", piece->data.n);
	must_go_on(j, &f, big, "a frame that is too large for a datagram");
}

REQ(us_dec_3) = {
	.id = "US-DEC-3",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A frame too large for UDP does not desynchronise or kill "
		 "the stream.",
	.traps = "The big one is dropped; fragmenting it into several "
		 "datagrams: FAIL.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_dec_3,
};

static void us_dec_3(struct judge *j)
{
	judge_oversize(j, UDP);
}

/* No more than what may have been made up for nothing. */
static bool is_short(const struct dg_flow *f, struct span s)
{
	(void)f;
	return s.n <= 2;
}

REQ(us_dec_4) = {
	.id = "US-DEC-4",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A zero-length frame yields an empty datagram or nothing.",
	.traps = "AMB-075.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_dec_4,
};

static void us_dec_4(struct judge *j)
{
	const struct dg *made_up;
	struct dg_flow f;

	if (!dg_streamed(j, UDP, DG_UP, &f) || !has_empty(&f))
		return;
	made_up = odd_one(&f, is_short);
	if (made_up)
		j_broken(j, made_up->ev->n,
			 "an empty datagram for an empty frame, or none",
			 "\"%s\"", j_show(j, made_up->data));
	for_dgs(d, &f.in)
	{
		if (d->data.n == 0) {
			must_go_on(j, &f, d, "an empty frame");
			return;
		}
	}
}

static void judge_partial(struct judge *j, const char *mode)
{
	const struct event *closed;
	const struct dg *part;
	struct dg_flow f;

	if (!dg_streamed(j, mode, DG_UP, &f) || !f.in.rest.n || f.in.garbage)
		return;
	closed = view_event(j->v, EV_CLOSE, NULL, f.in.rest_ev->n);
	part = odd_one(&f, is_of_rest);
	if (!closed)
		return;
	if (life_ended_unasked(j->v, f.in.rest_ev->n))
		j_broken(j, end_ev(j->v), "service that goes on",
			 "that the server %s", view_how_ended(j->v));
	else if (part)
		j_broken(
			j, part->ev->n,
			"nothing of a frame that the end of its connection cuts",
			"\"%s\"", j_show(j, part->data));
	else if (f.paired)
		j_pass(j, closed->n);
}

REQ(us_dec_5) = {
	.id = "US-DEC-5",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A frame cut off by connection close is discarded.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_dec_5,
};

static void us_dec_5(struct judge *j)
{
	judge_partial(j, UDP);
}

static void judge_destination(struct judge *j, const char *mode)
{
	const struct event *limit = dg_limit(j->v, 1, UINT32_MAX);
	struct dg_flow f;

	if (!dg_streamed(j, mode, DG_UP, &f) || !is_plain(j->v, &f))
		return;
	if (f.out.n)
		j_pass(j, f.out.v[0].ev->n);
	else if (limit && dg_call(j->v, 0) && !target_says(j, "conceals"))
		j_late(j, limit, "datagrams at the configured destination",
		       "none");
}

REQ(us_dst_1) = {
	.id = "US-DST-1",
	.area = AREA_UDP_SERVER,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "udp-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The destination is the configured one (same parameter as "
		 "for TCP).",
	.traps = "AMB-076: parameter name per description file.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = us_dst_1,
};

static void us_dst_1(struct judge *j)
{
	judge_destination(j, UDP);
}

/* --- STUN --- */

REQ(stn_s_1) = {
	.id = "STN-S-1",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The server cuts the stream at STUN message boundaries "
		 "(20-byte header + header length) and sends one datagram "
		 "each.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_1,
};

static void stn_s_1(struct judge *j)
{
	struct dg_flow f;

	if (dg_streamed(j, "STUN", DG_UP, &f) && is_plain(j->v, &f) &&
	    !no_common_tongue(j, &f))
		must_deliver(j, &f,
			     "a datagram for each message, with all its bytes");
}

REQ(stn_s_2) = {
	.id = "STN-S-2",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Header split over reads, message split, several messages "
		 "per read are handled.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_2,
};

static void stn_s_2(struct judge *j)
{
	struct dg_flow f;

	if (dg_streamed(j, "STUN", DG_UP, &f) && !has_oversize(&f) &&
	    is_cut_up(j->v, &f) && !no_common_tongue(j, &f))
		must_deliver(
			j, &f,
			"a datagram for each message, however the stream is cut");
}

REQ(stn_s_3) = {
	.id = "STN-S-3",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A zero-attribute message (length 0) is a complete 20-byte "
		 "datagram.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_3,
};

static void stn_s_3(struct judge *j)
{
	const struct event *limit;
	struct dg_flow f;

	if (!dg_streamed(j, "STUN", DG_UP, &f) || has_oversize(&f) || !f.out.n)
		return;
	for_dgs(d, &f.in)
	{
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->data.n == STUN_HEADER && d->pair)
			j_pass(j, d->ev->n);
		else if (d->data.n == STUN_HEADER && limit)
			j_late(j, limit, "a message without attributes",
			       "none");
	}
}

REQ(stn_s_4) = {
	.id = "STN-S-4",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Destination is the configured TURN server.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_4,
};

static void stn_s_4(struct judge *j)
{
	judge_destination(j, "STUN");
}

REQ(stn_s_6) = {
	.id = "STN-S-6",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "RFC 5389",
	.role = "stun",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A stream that is not STUN (top bits set, length not a "
		 "multiple of 4, wrong cookie) ends that connection rather "
		 "than being guessed.",
	.traps = "Old STUN without cookie may be accepted; ChannelData may "
		 "be supported (STN-CD-1).",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_6,
};

static void stn_s_6(struct judge *j)
{
	const struct event *limit;
	struct dg_flow f;

	if (!dg_streamed(j, "STUN", DG_UP, &f) || !f.in.garbage)
		return;
	limit = dg_limit(j->v, f.in.garbage->n, UINT32_MAX);
	if (life_ended_unasked(j->v, f.in.garbage->n))
		j_say(j, V_FAIL, end_ev(j->v),
		      "the end of that connection alone", "that the server %s",
		      view_how_ended(j->v));
	else if (limit)
		j_late(j, limit,
		       "the next connection served, after one that was no STUN",
		       "nothing of it");
	else if (f.paired)
		j_pass(j, f.in.garbage->n);
}

REQ(stn_s_7) = {
	.id = "STN-S-7",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A message cut by close is not sent.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_7,
};

static void stn_s_7(struct judge *j)
{
	judge_partial(j, "STUN");
}

REQ(stn_s_8) = {
	.id = "STN-S-8",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "RFC 5389",
	.role = "stun",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Large lengths (up to 65532) do not crash.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_s_8,
};

static void stn_s_8(struct judge *j)
{
	judge_oversize(j, "STUN");
}

REQ(stn_pass_1) = {
	.id = "STN-PASS-1",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.5",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Message contents are not altered.",
	.needs = OF_SERVER | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_pass_1,
};

static void stn_pass_1(struct judge *j)
{
	struct dg_flow f;

	if (!dg_streamed(j, "STUN", DG_UP, &f) || has_oversize(&f) ||
	    f.in.garbage)
		return;
	/* One of the right length with other bytes in it. */
	for_dgs(o, &f.out)
	{
		for_dgs(d, &f.in) if (!o->pair && !d->pair &&
				      o->data.n == d->data.n)
			j_broken(j, o->ev->n, "messages as they were sent",
				 "\"%s\"", j_show(j, o->data));
		if (o->pair && o->data.n > STUN_HEADER)
			j_pass(j, o->ev->n);
	}
}
