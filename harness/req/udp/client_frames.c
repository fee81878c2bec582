/*
 * client_frames.c - what a client makes of datagrams: its stream, seen at a
 * server in another mode, and what it gives back to applications.
 */
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/udp/udp.h"

/* Up to there nobody has a buffer that is too small for a good reason. */
#define SMALL 1000
#define FRAME                                                             \
	"for each datagram two bytes of length, the high one first, and " \
	"its bytes"

/* What goes up is seen as a stream, in @mode. */
static bool seen_stream(struct judge *j, const char *mode, struct dg_flow *f)
{
	enum framing framing;

	if (!dg_mode(j, mode, &framing) || !dg_is_cross(j->v) ||
	    dg_peer_gone(j) || !dg_passes_relay(j))
		return false;
	dg_flow(j, DG_UP, f);
	return f->in.n > 0;
}

/* Nothing at all came out of the other end, though it was called. */
static bool no_common_tongue(struct judge *j, const struct dg_flow *f)
{
	if (f->out.n || f->out.rest.n || f->paired ||
	    !dg_calls(j->v, 1, UINT32_MAX))
		return false;
	dg_strangers(j, "nothing came out of a server");
	return true;
}

static bool is_part_of(const struct dg_flow *f, struct span s, size_t least)
{
	for_dgs(d, &f->in) if (d->data.n > s.n && d->data.n > least && s.n &&
			       span_starts(d->data, s)) return true;
	return false;
}

/* One behind the other, both whole. */
static bool is_joined(const struct dg_flow *f, struct span s)
{
	for_dgs(a, &f->in)
		for_dgs(b, &f->in) if (a->data.n && b->data.n &&
				       a->data.n + b->data.n == s.n &&
				       span_starts(s, a->data) &&
				       span_eq(span_sub(s, a->data.n, s.n),
					       b->data)) return true;
	return false;
}

/* --- the framing --- */

REQ(cm_mode_udp_1) = {
	.id = "CM-MODE-UDP-1",
	.area = AREA_CMETHOD,
	.level = L_IMPLIED,
	.section = "3.3.2.2, 3.3.5",
	.role = "udp-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "UDP modes are announced by CMETHOD too, with the UDP "
		 "listen address.",
	.traps = "T-NOMODE.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = cm_mode_udp_1,
};

static void cm_mode_udp_1(struct judge *j)
{
	const struct method *m = view_method(j->v, view_first_known(j->v));
	struct span mode = pairs_get(&j->v->head->vars, "mode");
	enum framing f;

	if (!dg_mode(j, NULL, &f) || !is_legal(j) || view_has_bad_mode(j->v))
		return;
	if (m && span_eq(m->m.proto, mode))
		j_pass(j, m->line->ev);
	else if (m)
		j_broken(
			j, m->line->ev,
			arena_printf(j->a, "CMETHOD with %.*s", SPAN_ARG(mode)),
			"\"%s\"", j_show(j, m->line->raw));
	else if (has_started(j) && !any_method_error(j->v) &&
		 view_requested(j->v, view_first_known(j->v)))
		j_broken(j, outcome_ev(j),
			 "CMETHOD with the address for datagrams", "%s",
			 outcome_words(j));
}

REQ(uc_listen_1) = {
	.id = "UC-LISTEN-1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.3",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "The client receives datagrams on the announced UDP port.",
	.traps = "CM-MODE-UDP-1.",
	.needs = OF_CLIENT | LAUNCHED,
	.profiles = IN_20,
	.judge = uc_listen_1,
};

static void uc_listen_1(struct judge *j)
{
	const struct method *m = view_method(j->v, view_first_known(j->v));
	const struct event *snap = view_event(j->v, EV_SNAPSHOT, "bound", 1);
	enum framing f;
	struct addr a;

	if (!dg_mode(j, NULL, &f) || !m)
		return;
	if (!snap) {
		const struct event *no = view_event(j->v, EV_SKIPPED, NULL, 1);

		if (no && span_contains(no->skipped.reason,
					SPAN("cannot list sockets")))
			j_unsure(j, "%s", j_show(j, no->skipped.reason));
		return;
	}
	for_events (ev, j->v) {
		if (ev->kind != EV_SOCKET || ev->n > snap->n ||
		    !span_starts(ev->socket.proto, SPAN("udp")) ||
		    addr_parse(ev->socket.addr, &a))
			continue;
		if (a.port == m->m.addr.port &&
		    (addr_is_any(&a) || addr_eq(&a, &m->m.addr))) {
			j_pass(j, ev->n);
			return;
		}
	}
	j_broken(j, snap->n, "a UDP socket at the announced address",
		 "none, after \"%s\"", j_show(j, m->line->raw));
}

/* A frame that has a datagram in it, and more. */
static const struct dg *overlong(const struct dg_flow *f)
{
	for_dgs(o, &f->out)
	{
		if (o->pair || is_joined(f, o->data))
			continue;
		for_dgs(d,
			&f->in) if (d->data.n >= 4 && o->data.n > d->data.n &&
				    span_contains(o->data, d->data)) return o;
	}
	return NULL;
}

static void judge_framing(struct judge *j, const char *mode,
			  const char *expected)
{
	const char *other;
	const struct dg *odd;
	struct dg_flow f;

	if (!seen_stream(j, mode, &f) || no_common_tongue(j, &f))
		return;
	other = dg_misframed(j, &f);
	odd = overlong(&f);
	if (other)
		j_broken(j, f.out.rest_ev->n, expected, "%s", other);
	else if (odd)
		j_broken(j, odd->ev->n, expected, "a frame \"%s\"",
			 j_show(j, odd->data));
	else if (f.paired)
		j_pass(j, f.in.v[0].ev->n);
}

REQ(uc_frame_1) = {
	.id = "UC-FRAME-1",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Each datagram is written to the transport stream as a "
		 "2-byte big-endian length plus payload.",
	.traps = "Length 257/0x0101 and palindromic values hide byte order: "
		 "use 258 (`01 02`).",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_frame_1,
};

static void uc_frame_1(struct judge *j)
{
	judge_framing(j, "transparent-UDP", FRAME);
}

REQ(stn_c_1) = {
	.id = "STN-C-1",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "stun",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "STUN packets are concatenated into the stream with no "
		 "added framing.",
	.traps = "First packets dropped while connecting.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_c_1,
};

static void stn_c_1(struct judge *j)
{
	judge_framing(j, "STUN",
		      "STUN messages one behind the other, and nothing else");
}

REQ(uc_frame_2) = {
	.id = "UC-FRAME-2",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Boundaries are kept: one datagram, one frame; no merging, "
		 "splitting or reordering inside one connection.",
	.traps = "Loss is legal under load (pace it); reordering of frames "
		 "relative to socket order is WARN.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_frame_2,
};

static void uc_frame_2(struct judge *j)
{
	const struct event *last = NULL;
	struct dg_flow f;

	if (!seen_stream(j, "transparent-UDP", &f) || f.paired < 3)
		return;
	for_dgs(o, &f.out)
	{
		if (!o->pair &&
		    (is_joined(&f, o->data) ||
		     (o->data.n < SMALL && is_part_of(&f, o->data, 0) &&
		      !is_part_of(&f, o->data, SMALL))))
			j_broken(j, o->ev->n, "a frame for each datagram",
				 "\"%s\"", j_show(j, o->data));
		if (o->pair && last && o->pair->ev->n < last->n &&
		    span_eq(o->pair->ch, event_name(last)))
			j_say(j, V_WARN, o->ev->n,
			      "frames in the order of the datagrams",
			      "\"%s\" behind a later one", j_show(j, o->data));
		if (o->pair)
			last = o->pair->ev;
	}
	if (!j_said(j, V_WARN))
		j_pass(j, f.in.v[0].ev->n);
}

REQ(uc_frame_3) = {
	.id = "UC-FRAME-3",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Payload is complete up to the maximum UDP size.",
	.traps = "Truncated forwarding is FAIL; dropping oversize datagrams "
		 "is WARN.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_frame_3,
};

static void uc_frame_3(struct judge *j)
{
	const struct event *limit;
	struct dg_flow f;

	if (!seen_stream(j, "transparent-UDP", &f) || !f.paired)
		return;
	for_dgs(o, &f.out) if (!o->pair && is_part_of(&f, o->data, SMALL) &&
			       o->data.n >= SMALL / 2)
		j_broken(j, o->ev->n, "the whole datagram",
			 "its first %zu bytes", o->data.n);
	for_dgs(d, &f.in)
	{
		if (d->data.n <= SMALL)
			continue;
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->pair)
			j_pass(j, d->ev->n);
		else if (limit && !j_said(j, V_WARN) && !j_lagged(j, limit))
			j_say(j, V_WARN, limit->n, "datagrams of any size",
			      "none of %zu bytes", d->data.n);
	}
}

/* Its connection, if there was one only, ended by it after event @from. */
static const struct event *hung_up(const struct judge *j, uint32_t from)
{
	const struct event *call = dg_call(j->v, 0);
	const struct event *end = call ? dg_call_ended(j->v, call, ROLE_CLIENT)
				       : NULL;

	return end && end->n > from && end->n < life_stimulus(j->v, from)
		       ? end
		       : NULL;
}

REQ(uc_frame_4) = {
	.id = "UC-FRAME-4",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "A zero-length datagram is unspecified: frame `00 00` or "
		 "nothing.",
	.traps = "AMB-075.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_frame_4,
};

static void uc_frame_4(struct judge *j)
{
	const struct event *end, *limit;
	const struct dg *empty = NULL;
	struct dg_flow f;

	if (!seen_stream(j, "transparent-UDP", &f) || !f.paired)
		return;
	for_dgs(d, &f.in) empty =
		!empty && d->data.n == 0 && d->ev->sent.to.n ? d : empty;
	if (!empty)
		return;
	end = hung_up(j, empty->ev->n);
	if (end && dg_ended_in_use(j, end, end->t - empty->ev->t))
		j_broken(j, end->n,
			 "a connection that goes on behind an empty datagram",
			 "its end");
	for_dgs(d, &f.in)
	{
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->ev->n > empty->ev->n && limit && !d->pair)
			j_late(j, limit, "the datagram behind an empty one",
			       "none");
		else if (d->ev->n > empty->ev->n && d->pair)
			j_pass(j, d->ev->n);
	}
}

static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

REQ(uc_frame_5) = {
	.id = "UC-FRAME-5",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Bytes are not interpreted: all values pass.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_frame_5,
};

static void uc_frame_5(struct judge *j)
{
	const struct event *limit;
	bool text = false;
	struct dg_flow f;

	if (!seen_stream(j, "transparent-UDP", &f))
		return;
	for_dgs(d, &f.in) text |= d->pair && is_text(d->data);
	for_dgs(d, &f.in)
	{
		if (is_text(d->data) || d->data.n > SMALL)
			continue;
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->pair)
			j_pass(j, d->ev->n);
		else if (text && limit)
			j_late(j, limit, "datagrams with any bytes",
			       "none with \"%s\"", j_show(j, d->data));
	}
}

REQ(uc_frame_6) = {
	.id = "UC-FRAME-6",
	.area = AREA_UDP_CLIENT,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "udp-client",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "Length and payload are not torn apart when several "
		 "datagrams arrive at once.",
	.traps = "Several connections are allowed (UC-POOL-4).",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = uc_frame_6,
};

static void uc_frame_6(struct judge *j)
{
	struct span sources[8];
	const struct dg *odd;
	struct dg_flow f;
	size_t n;

	if (!seen_stream(j, "transparent-UDP", &f))
		return;
	n = dg_sources(&f, sources, 8);
	odd = dg_stranger(&f);
	if (n < 3 || f.paired < 3)
		return;
	if (odd && !is_part_of(&f, odd->data, SMALL))
		j_broken(
			j, odd->ev->n,
			"whole frames, when datagrams of several sources come at once",
			"\"%s\"", j_show(j, odd->data));
	else if (dg_misframed(j, &f))
		j_broken(
			j, f.out.rest_ev->n,
			"whole frames, when datagrams of several sources come at once",
			"%s", dg_misframed(j, &f));
	else
		j_pass(j, f.out.v[0].ev->n);
}

/* --- STUN --- */

/* What in STUN mode can be a message, and may get lost all the same. */
static bool is_alien(const struct dg *d, unsigned *an)
{
	*an = stun_check(d->data);
	return *an & (STUN_INVALID | STUN_CHANNEL);
}

/* Has the stream lost its frames?  What came last did not go in, and is none of
 * the alien ones, which may be filled up on their way: behind those a good one
 * may still come. */
static bool is_astray(const struct dg_flow *f)
{
	const struct dg *last = f->out.n ? &f->out.v[f->out.n - 1] : NULL;
	unsigned an;

	return last && !last->pair && !is_alien(last, &an);
}

/* Behind the alien ones that @channel says, good ones have to come. */
static void judge_aliens(struct judge *j, bool channel, const char *what)
{
	const struct dg *alien = NULL;
	const struct event *limit, *end;
	struct dg_flow f;
	unsigned an;

	if (!seen_stream(j, "STUN", &f) || !f.paired)
		return;
	for_dgs(d, &f.in)
	{
		if (is_alien(d, &an)) {
			if (channel == ((an & (STUN_CHANNEL | STUN_INVALID)) ==
					STUN_CHANNEL))
				alien = alien ? alien : d;
			continue;
		}
		if (!alien)
			continue;
		limit = dg_limit(j->v, d->ev->n, UINT32_MAX);
		if (d->pair)
			j_pass(j, d->ev->n);
		else if (limit || dg_misframed(j, &f) || is_astray(&f))
			j_say(j, channel ? V_WARN : V_FAIL, alien->ev->n,
			      "messages that come as before", "none behind %s",
			      what);
	}
	end = alien ? hung_up(j, alien->ev->n) : NULL;
	if (end && dg_ended_in_use(j, end, end->t - alien->ev->t))
		j_say(j, V_WARN, end->n, "a connection that goes on",
		      "its end, behind %s", what);
}

REQ(stn_c_2) = {
	.id = "STN-C-2",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "3.3.5.4",
	.role = "stun",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A non-STUN datagram must not break the stream.",
	.traps = "AMB-077: dropping is the expected reaction; forwarding raw "
		 "data makes the peer lose sync: FAIL when same-mode pair "
		 "loses later valid packets.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_c_2,
};

static void stn_c_2(struct judge *j)
{
	judge_aliens(j, false, "a datagram that is no message");
}

REQ(stn_cd_1) = {
	.id = "STN-CD-1",
	.area = AREA_STUN,
	.level = L_IMPLIED,
	.section = "RFC 5766/8656",
	.role = "stun",
	.classes = "net",
	.dflt = V_INFO,
	.title = "TURN ChannelData is not mentioned; a useful TURN relay "
		 "needs it, or clients must use Send/Data indications.",
	.traps = "AMB-078: desync WARN, other outcomes pass.",
	.needs = OF_CLIENT | LAUNCHED | TUNNELLED,
	.profiles = IN_20,
	.judge = stn_cd_1,
};

static void stn_cd_1(struct judge *j)
{
	judge_aliens(j, true, "ChannelData");
}
