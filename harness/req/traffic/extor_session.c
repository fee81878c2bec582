/*
 * extor_session.c - see extor_session.h.
 */
#include "harness/req/traffic/extor_session.h"

#include "harness/req/launch/life.h"
#include "harness/req/traffic/tunnel.h"

/* The longest stream of one session that a trace keeps, twice. */
#define STREAM_MAX (128u * 1024u)

/* --- the cookie file --- */

struct ext_cookie ext_cookie_at(const struct view *v, uint32_t n)
{
	struct span path = view_setting(v, EXT_COOKIE);
	struct ext_cookie c = { .named = path.n > 0 };

	for_events (ev, v) {
		if (ev->n >= n)
			break;
		if (ev->kind != EV_PLACE || !span_eq(ev->place.path, path))
			continue;
		c.changed = c.placed && v->spawn && ev->n > v->spawn->n;
		c.placed = ev;
		c.odd = extor_cookie_parse(ev->place.bytes, &c.key);
	}
	return c;
}

bool ext_cookie_good(const struct ext_cookie *c)
{
	return c->placed && c->odd == 0;
}

/* --- one session --- */

/* One that is being read. */
struct reader {
	const struct view *v;
	struct ext_session *s;
	struct buf in;	/* not taken yet */
	struct buf out; /* sent into the tunnel */
	struct span marker;
};

static void note_stage(struct reader *r, const struct event *ev)
{
	if (!r->s->at[r->s->x->stage])
		r->s->at[r->s->x->stage] = ev->n;
}

static void read_recv(struct reader *r, const struct event *ev)
{
	struct ext_session *s = r->s;
	struct extor *x = s->x;

	if (x->stage == EXTOR_TUNNEL) {
		s->tunnelled += ev->recv.data.n;
		return;
	}
	if (r->marker.n && !s->raw && !x->has_hash &&
	    span_contains(ev->recv.data, r->marker))
		s->raw = ev;
	buf_add(&r->in, ev->recv.data);
	buf_eat(&r->in, extor_feed(x, buf_span(&r->in)));
	note_stage(r, ev);
	if (extor_due(x) && r->in.n && !s->early[x->stage])
		s->early[x->stage] = ev->n;
	if (x->stage == EXTOR_FAILED && r->in.n && !s->surplus)
		s->surplus = ev;
}

/* The answer was complete with the first @taken bytes of @ev. */
static void note_answer(struct ext_session *s, const struct event *ev,
			size_t taken)
{
	size_t body = s->x->answer_body;

	if (taken >= body)
		s->body = span_sub(ev->send.data, taken - body, body);
	if (s->x->stage == EXTOR_TUNNEL)
		s->behind = span_sub(ev->send.data, taken, ev->send.data.n);
}

static void read_send(struct reader *r, const struct event *ev)
{
	struct ext_session *s = r->s;
	struct extor *x = s->x;
	enum extor_stage before = x->stage;
	size_t n = extor_sent(x, ev->send.data);

	if (before == EXTOR_TYPES && x->stage == EXTOR_TYPES)
		s->types_split = true;
	if (before == EXTOR_CHALLENGE && x->stage == EXTOR_CHALLENGE)
		s->challenge_split = true;
	if (before == EXTOR_ANSWER && x->answer >= 0)
		note_answer(s, ev, n);
	if (before == EXTOR_TUNNEL || x->stage == EXTOR_TUNNEL)
		buf_add(&r->out, span_sub(ev->send.data, n, ev->send.data.n));
	if (n == 0)
		return;
	note_stage(r, ev);
	/* What came early is read now, and is early for ever. */
	buf_eat(&r->in, extor_feed(x, buf_span(&r->in)));
	note_stage(r, ev);
	if (x->stage == EXTOR_FAILED && r->in.n && !s->surplus)
		s->surplus = ev;
	if (x->stage == EXTOR_TUNNEL) {
		s->tunnelled += r->in.n;
		buf_reset(&r->in);
	}
}

static bool is_misdeed(const struct event *ev)
{
	return ev->kind == EV_EXTOR && (ev->extor.what == EXTOR_DID_STALLED ||
					ev->extor.what == EXTOR_DID_CLOSED ||
					ev->extor.what == EXTOR_DID_RESET);
}

static void read_event(struct reader *r, const struct event *ev)
{
	struct ext_session *s = r->s;

	if (ev->n >= s->until || !span_eq(event_name(ev), s->name))
		return;
	if (ev->kind == EV_ACCEPT)
		s->accept = ev;
	else if (ev->kind == EV_RECV)
		read_recv(r, ev);
	else if (ev->kind == EV_SEND && ev->send.data.n)
		read_send(r, ev);
	else if (ev->kind == EV_EOF)
		s->eof = ev;
	else if (is_misdeed(ev) && !s->misdeed)
		s->misdeed = ev;
	s->last = ev->n;
}

static bool is_session(const struct view *v, struct span name)
{
	for_events (ev, v)
		if (ev->kind == EV_EXTOR &&
		    ev->extor.what == EXTOR_DID_COOKIE &&
		    span_eq(ev->extor.conn, name))
			return true;
	return false;
}

static bool is_stream(struct span s)
{
	return span_eqs(s, "stdin") || span_eqs(s, "stdout") ||
	       span_eqs(s, "stderr");
}

static bool is_listener(const struct view *v, struct span name)
{
	for_events (ev, v)
		if (ev->kind == EV_LISTEN && span_eq(ev->listen.name, name))
			return true;
	return false;
}

/* The harness ended one of its own clients: a session may miss it. */
static bool clients_stay(const struct view *v, uint32_t until)
{
	for_events (ev, v)
		if (ev->kind == EV_CLOSE && ev->n < until &&
		    !is_stream(ev->close.what) &&
		    !is_session(v, ev->close.what) &&
		    !is_listener(v, ev->close.what))
			return false;
	return true;
}

static void read_session(const struct view *v, const struct event *begin,
			 struct ext_session *s)
{
	struct extor_script how = EXTOR_SCRIPT(begin->extor.data, SPAN(""));
	struct reader r = {
		.v = v,
		.s = s,
		.in = BUF_MAX(STREAM_MAX),
		.out = BUF_MAX(STREAM_MAX),
		.marker = pairs_get(&v->head->vars, "marker"),
	};

	*s = (struct ext_session){ .name = begin->extor.conn,
				   .until = life_stimulus(v, 1) };
	s->x = arena_alloc(v->a, sizeof(*s->x));
	s->cookie = ext_cookie_at(v, begin->n);
	extor_init(s->x, &how);
	for_events (ev, v)
		read_event(&r, ev);
	s->certain = clients_stay(v, s->eof ? s->eof->n : s->until);
	s->sent = arena_span(v->a, buf_span(&r.out));
	buf_fini(&r.out);
	buf_fini(&r.in);
}

static struct ext_sessions read_sessions(const struct view *v)
{
	struct ext_sessions l = { NULL, 0 };
	size_t n = 0;

	for_events (ev, v)
		n += ev->kind == EV_EXTOR && ev->extor.what == EXTOR_DID_COOKIE;
	if (n == 0)
		return l;
	l.v = arena_alloc(v->a, n * sizeof(*l.v));
	for_events (ev, v)
		if (ev->kind == EV_EXTOR && ev->extor.what == EXTOR_DID_COOKIE)
			read_session(v, ev, &l.v[l.n++]);
	return l;
}

struct ext_sessions ext_sessions(const struct view *v)
{
	if (!v->read->extor) {
		v->read->extor = arena_alloc(v->a, sizeof(*v->read->extor));
		*v->read->extor = read_sessions(v);
	}
	return *v->read->extor;
}

/* --- what to make of it --- */

bool ext_is_right(const struct ext_session *s)
{
	return ext_cookie_good(&s->cookie) &&
	       extor_server_knows(s->x, s->cookie.key);
}

bool ext_gave_up(const struct ext_session *s)
{
	return s->eof && s->certain && !s->misdeed;
}

const struct event *ext_silent(const struct view *v,
			       const struct ext_session *s)
{
	if (s->eof || !s->certain || s->misdeed)
		return NULL;
	for_events (ev, v)
		if (ev->kind == EV_LIMIT && ev->n > s->last && ev->n < s->until)
			return ev;
	return NULL;
}

void ext_must_go_on(struct judge *j, const struct ext_session *s,
		    const char *expected)
{
	const struct event *limit = ext_silent(j->v, s);

	if (ext_gave_up(s)) {
		/* Many a transport gives its bridge five seconds for all. */
		if (!j_own_late(j, s->name, s->eof->n))
			j_broken(j, s->eof->n, expected,
				 "the end of the connection \"%s\"",
				 j_show(j, s->name));
	} else if (limit)
		j_late(j, limit, expected, "nothing on \"%s\" in time",
		       j_show(j, s->name));
}

void ext_must_know(struct judge *j, const struct ext_session *s,
		   const char *expected)
{
	if (extor_client_knows(s->x, s->cookie.key))
		j_pass(j, s->at[EXTOR_STATUS]);
	else if (s->x->has_hash)
		j_broken(j, s->at[EXTOR_STATUS], expected, "another one");
	else
		ext_must_go_on(j, s, expected);
}

bool ext_given(const struct judge *j, struct addr *out)
{
	struct span s = view_setting(j->v, EXT_PORT);

	return s.n && !addr_parse(s, out);
}

static bool is_ours(const struct view *v, struct span name)
{
	for_events (ev, v)
		if (ev->kind == EV_LISTEN &&
		    span_eq(ev->listen.name, group_of(name)))
			return false;
	return !is_stream(name);
}

const struct event *ext_client_dropped(const struct view *v)
{
	uint32_t until = life_stimulus(v, 1);

	for_events (ev, v)
		if (ev->n < until &&
		    ((ev->kind == EV_EOF &&
		      !span_starts(event_name(ev), SPAN("2:"))) ||
		     (ev->kind == EV_SOCKS &&
		      ev->socks.result != SOCKS_END_OK)) &&
		    is_ours(v, event_name(ev)))
			return ev;
	return NULL;
}

const struct event *ext_fallback(const struct view *v)
{
	struct span s = view_setting(v, EXT_ORPORT);
	const struct event *l;
	struct addr a;

	if (!s.n || addr_parse(s, &a))
		return NULL;
	l = listener_at(v, &a);
	return l ? accepted(v, l, l->n) : NULL;
}

/* A connection without a SOCKS session. */
static bool is_plain(const struct view *v, struct span conn)
{
	for_events (ev, v)
		if (ev->kind == EV_CONNECT &&
		    span_eq(ev->connect.conn, group_of(conn)))
			return true;
	return false;
}

struct span ext_client_got(const struct view *v, struct arena *a)
{
	struct buf all = BUF_MAX(STREAM_MAX);
	struct span got;

	for_events (ev, v) {
		if (!is_ours(v, event_name(ev)))
			continue;
		if (ev->kind == EV_SOCKS)
			buf_add(&all, tunnel_got(v, ev));
		else if (ev->kind == EV_RECV && is_plain(v, event_name(ev)))
			buf_add(&all, ev->recv.data);
	}
	got = arena_span(a, buf_span(&all));
	buf_fini(&all);
	return got;
}

const struct event *ext_client_at(const struct view *v, const struct addr *a)
{
	for_events (ev, v) {
		struct addr client;

		if (ev->kind != EV_EXTOR || ev->extor.what != EXTOR_DID_CLIENT)
			continue;
		addr_parse(ev->extor.data, &client);
		if (!a || addr_eq(&client, a))
			return ev;
	}
	return NULL;
}
