/* datagrams.c - see datagrams.h. */
#include "harness/req/traffic/datagrams.h"

#include <stdlib.h>

#include "harness/req/traffic/socks_dialogue.h"
#include "harness/req/traffic/tunnel.h"

#define FAR_END "or"
#define RELAY "relay"

/* Does that socket send to one address only, as applications do? */
static bool is_app(const struct view *v, struct span name)
{
	for_events (ev, v)
		if (ev->kind == EV_UDP && span_eq(ev->udp.name, name))
			return ev->udp.to.n > 0;
	return false;
}

/* So much was sent that not all of it was written down? */
static bool is_flooded(const struct view *v)
{
	for_events (ev, v)
		if (ev->kind == EV_CUT && is_app(v, ev->cut.on))
			return true;
	return false;
}

static bool is_mode(const struct judge *j, const char *mode, enum framing *f)
{
	struct span is = pairs_get(&j->v->head->vars, "mode");

	*f = span_eqs(is, "STUN") ? FRAMING_STUN : FRAMING_LENGTH;
	if (*f == FRAMING_LENGTH && !span_eqs(is, "transparent-UDP"))
		return false;
	return (!mode || span_eqs(is, mode)) && !is_flooded(j->v);
}

/* Where nobody says after how much time a connection is idle. */
#define IDLE_US 2000000

/* The first connection that a transport ended before it was told to end
 * itself, and not by ending all the same; or NULL. */
static const struct event *given_up(const struct view *v)
{
	const struct event *told = view_stdin_closed(v), *end = NULL;

	for_events (ev, v) {
		if (told && ev->n > told->n)
			break;
		if (ev->kind == EV_EXIT)
			return NULL;
		if (!end && ev->kind == EV_EOF &&
		    span_eqs(group_of(ev->eof.on), RELAY))
			end = ev;
	}
	return end;
}

/* The harness writes and reads late on a busy machine, and so do transports:
 * what is used all the time may have been idle for too long. */
static void excuse_idleness(struct judge *j)
{
	const struct event *end = given_up(j->v);
	int64_t idle = dg_idle_us(j->v), held = end ? view_held_us(j->v, 1) : 0;

	if (end && held > (idle ? idle : IDLE_US) / 4)
		j_excuse(j,
			 "the end of \"%s\", but transport and harness had "
			 "waited for a processor or the disk for %lld ms, and "
			 "what is idle "
			 "may end",
			 j_show(j, end->eof.on), (long long)held / 1000);
}

bool dg_mode(struct judge *j, const char *mode, enum framing *f)
{
	if (!is_mode(j, mode, f))
		return false;
	excuse_idleness(j);
	return true;
}

bool dg_misses_relay(const struct view *v)
{
	struct addr at;

	for_events (ev, v)
		if (ev->kind == EV_LISTEN && span_eqs(ev->listen.name, RELAY) &&
		    addr_parse(ev->listen.addr, &at) == 0 &&
		    dest_got_datagrams(v, &at))
			return true;
	return false;
}

bool dg_passes_relay(struct judge *j)
{
	if (!dg_misses_relay(j->v))
		return true;
	j_beyond(j,
		 "the transport sends datagrams to its server, and the relay "
		 "of the harness takes connections only");
	return false;
}

bool dg_is_cross(const struct view *v)
{
	return !span_absent(pairs_get(&v->head->vars, "peer_mode"));
}

int64_t dg_idle_us(const struct view *v)
{
	struct span s = pairs_get(&v->head->vars, "udp_idle");
	int64_t us = 0;

	/* A trace may say anything. */
	if (!span_absent(s) &&
	    __builtin_mul_overflow(strtoll(s.p, NULL, 10), 1000000, &us))
		return 0;
	return us;
}

/* Nearly all of the time after which a connection is idle. */
static int64_t nearly_idle_us(const struct view *v)
{
	return dg_idle_us(v) / 4 * 3;
}

static bool is_use(const struct event *ev)
{
	return ev->kind == EV_SENT || ev->kind == EV_GOT || ev->kind == EV_RECV;
}

int64_t dg_unused_us(const struct view *v, const struct event *end)
{
	int64_t t = 0;

	for_events (ev, v)
		if (ev->n < end->n && is_use(ev))
			t = ev->t;
	return end->t - t;
}

bool dg_ended_in_use(struct judge *j, const struct event *end, int64_t us)
{
	int64_t nearly = nearly_idle_us(j->v), last = -1;

	if (!end || us >= nearly)
		return false;
	for_events (ev, j->v) {
		if (ev->n >= end->n)
			break;
		if (!is_use(ev))
			continue;
		if (last >= 0 && ev->t - last >= nearly &&
		    end->t - ev->t < nearly) {
			j_hindered(j,
				   "the end of \"%s\", but nothing was sent "
				   "there for %lld ms shortly before, and what "
				   "is idle may end",
				   j_show(j, end->eof.on),
				   (long long)(ev->t - last) / 1000);
			return false;
		}
		last = ev->t;
	}
	return true;
}

/* --- datagrams --- */

static void add(const struct view *v, struct dgs *l, struct dg d)
{
	arena_grow(v->a, l->v, l->n, l->cap);
	l->v[l->n++] = d;
}

static void add_datagrams(const struct view *v, bool sent, bool app,
			  struct dgs *l)
{
	for_events (ev, v) {
		if (ev->kind != (sent ? EV_SENT : EV_GOT) ||
		    is_app(v, event_name(ev)) != app)
			continue;
		if (sent && ev->sent.code)
			continue;
		add(v, l,
		    (struct dg){ .ev = ev,
				 .data = event_data(ev),
				 .ch = event_name(ev),
				 .again = sent && ev->sent.again });
	}
}

/* --- streams --- */

struct stream {
	struct buf bytes;
	const struct event *last;
};

/* The event that brought the byte before @at. */
static const struct event *brought(const struct view *v,
				   const struct event *end, enum event_kind k,
				   size_t skip, size_t at)
{
	const struct event *last = end;
	size_t n = 0;

	for (size_t i = end->n; i < v->tr->nev && n < at + skip; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->kind != k || !span_eq(event_name(ev), event_name(end)))
			continue;
		n += event_data(ev).n;
		last = ev;
	}
	return last;
}

static void add_frames(const struct view *v, const struct event *end, bool sent,
		       enum framing f, struct dgs *l)
{
	struct span all = sent ? tunnel_sent(v, end) : tunnel_got(v, end);
	struct span rest = all, got;
	enum event_kind k = sent ? EV_SEND : EV_RECV;
	enum frame_result r;

	while ((r = frame_take(f, &rest, &got)) == FRAME_WHOLE)
		add(v, l,
		    (struct dg){
			    .ev = brought(v, end, k, 0, all.n - rest.n),
			    .data = got,
			    .ch = event_name(end),
		    });
	if (r == FRAME_NONE)
		return;
	l->rest = rest;
	l->rest_ev = brought(v, end, k, 0, all.n);
	if (r == FRAME_GARBAGE)
		l->garbage = l->rest_ev;
}

/* The connections at that end which carry the stream. */
static bool add_streams(const struct view *v, bool sent, bool app,
			enum framing f, struct dgs *l)
{
	bool any = false;

	for_events (ev, v) {
		if (app ? ev->kind != EV_SOCKS ||
				    ev->socks.result != SOCKS_END_OK
			: ev->kind != EV_ACCEPT ||
				    !span_eqs(group_of(ev->accept.name),
					      FAR_END))
			continue;
		any = true;
		add_frames(v, ev, sent, f, l);
	}
	return any;
}

/* --- both together --- */

/* The same bytes, and not yet paired. */
static struct dg *find(struct dgs *l, struct span data, size_t from)
{
	for (size_t i = from; i < l->n; i++)
		if (!l->v[i].pair && span_eq(l->v[i].data, data))
			return &l->v[i];
	return NULL;
}

static void pair_up(struct dg_flow *f)
{
	for (size_t i = 0; i < f->out.n; i++) {
		struct dg *in = find(&f->in, f->out.v[i].data, 0);

		if (!in)
			continue;
		in->pair = &f->out.v[i];
		f->out.v[i].pair = in;
		f->paired++;
	}
}

void dg_flow(const struct judge *j, enum dg_way way, struct dg_flow *out)
{
	const struct view *v = j->v;
	bool cross = dg_is_cross(v), client = v->head->role == ROLE_CLIENT;
	/* Where a stream can be seen: the end of the other role. */
	bool app_streams = cross && !client, far_streams = cross && client;
	bool in_app = way == DG_UP;
	enum framing f;

	*out = (struct dg_flow){ 0 };
	is_mode(j, NULL, &f);
	out->stream_in = in_app ? app_streams : far_streams;
	out->stream_out = in_app ? far_streams : app_streams;
	if (out->stream_in)
		add_streams(v, true, in_app, f, &out->in);
	else
		add_datagrams(v, true, in_app, &out->in);
	if (out->stream_out)
		add_streams(v, false, !in_app, f, &out->out);
	else
		add_datagrams(v, false, !in_app, &out->out);
	pair_up(out);
}

/* --- questions --- */

const struct event *dg_limit(const struct view *v, uint32_t from,
			     uint32_t until)
{
	bool waits = false;

	for_events (ev, v) {
		if (ev->n > until)
			break;
		if (ev->kind == EV_STEP)
			waits = span_eqs(ev->step.kind, "datagram") ||
				span_eqs(ev->step.kind, "gather") ||
				span_eqs(ev->step.kind, "recv");
		if (ev->kind == EV_LIMIT && ev->n >= from && waits)
			return ev;
	}
	return NULL;
}

const struct dg *dg_stranger(const struct dg_flow *f)
{
	for_dgs(d, &f->out) if (!d->pair) return d;
	return NULL;
}

/* Is all of it frames with the bytes of the length the other way round? */
static bool is_little_endian(const struct dg_flow *f)
{
	struct span rest = f->out.rest, got;
	size_t n = 0;

	while (frame_take(FRAMING_LITTLE_ENDIAN, &rest, &got) == FRAME_WHOLE) {
		struct dgs in = f->in;

		if (got.n < 2 || !find(&in, got, 0))
			return false;
		n++;
	}
	return n > 0;
}

const char *dg_misframed(const struct judge *j, const struct dg_flow *f)
{
	if (!f->stream_out)
		return NULL;
	if (is_little_endian(f))
		return "lengths with their low byte first";
	for_dgs(d, &f->in) if (
		!d->pair && d->data.n >= 4 &&
		span_contains(
			f->out.rest,
			d->data)) return arena_printf(j->a,
						      "\"%s\", which has one in it",
						      text_show(j->a,
								f->out.rest,
								60));
	return NULL;
}

/* One that is sent again is missing when none of its kind came. */
static bool is_missing(const struct dg_flow *f, const struct dg *d)
{
	if (d->pair)
		return false;
	for_dgs(o, &f->in) if (d->again && o->pair && span_eq(o->ch, d->ch) &&
			       o->ev->n >= d->ev->n) return false;
	return true;
}

const struct dg *dg_missing(const struct view *v, const struct dg_flow *f,
			    const struct event **limit)
{
	for_dgs(d, &f->in)
	{
		*limit = dg_limit(v, d->ev->n, UINT32_MAX);
		if (*limit && is_missing(f, d) && d->data.n > 0 &&
		    d->data.n <= DATAGRAM_MAX)
			return d;
	}
	return NULL;
}

static bool is_step_between(const struct view *v, const struct event *a,
			    const struct event *b)
{
	for_events (ev, v)
		if (ev->kind == EV_STEP && ev->n > a->n && ev->n < b->n)
			return true;
	return false;
}

/* The ends of one connection, or of one socket. */
static bool is_one_way(const struct dg *a, const struct dg *b)
{
	return a->ev->kind == b->ev->kind && span_eq(a->ch, b->ch) &&
	       (a->ev->kind != EV_SENT ||
		span_eq(a->ev->sent.to, b->ev->sent.to));
}

const struct dg *dg_passed_over(const struct view *v, const struct dg_flow *f)
{
	for_dgs(d, &f->in)
	{
		const struct dg *next = d + 1;

		if (next < f->in.v + f->in.n && !d->pair && next->pair &&
		    !d->again && d->data.n > 0 && d->data.n <= DATAGRAM_MAX &&
		    is_one_way(d, next) && is_step_between(v, d->ev, next->ev))
			return d;
	}
	return NULL;
}

void dg_say_passed_over(struct judge *j, const struct dg *lost,
			const char *expected)
{
	j_say(j, lost->data.n > DG_PACKET ? V_WARN : V_FAIL, lost->ev->n,
	      expected, "the next one behind \"%s\", of %zu bytes",
	      j_show(j, span_sub(lost->data, 0, 8)), lost->data.n);
}

/* --- connections --- */

static bool is_call(const struct event *ev)
{
	return ev->kind == EV_ACCEPT &&
	       span_eqs(group_of(ev->accept.name), RELAY);
}

const struct event *dg_call(const struct view *v, size_t n)
{
	for_events (ev, v)
		if (is_call(ev) && n-- == 0)
			return ev;
	return NULL;
}

size_t dg_calls(const struct view *v, uint32_t from, uint32_t until)
{
	size_t n = 0;

	for_events (ev, v)
		n += is_call(ev) && ev->n >= from && ev->n < until;
	return n;
}

static const char *half_of(const struct view *v, const struct event *call,
			   enum role role)
{
	return arena_printf(v->a, "%.*s%s", SPAN_ARG(call->accept.name),
			    role == ROLE_SERVER ? ":out" : "");
}

const struct event *dg_call_ended(const struct view *v,
				  const struct event *call, enum role role)
{
	return view_event(v, EV_EOF, half_of(v, call, role), call->n);
}

const struct event *dg_call_cut(const struct view *v, const struct event *call)
{
	if (dg_call_ended(v, call, ROLE_CLIENT) ||
	    dg_call_ended(v, call, ROLE_SERVER))
		return NULL;
	return view_event(v, EV_CLOSE, half_of(v, call, ROLE_CLIENT), call->n);
}
