/* socks_dialogue.c - see socks_dialogue.h. */
#include "harness/req/traffic/socks_dialogue.h"

#include <string.h>

#include "harness/req/launch/life.h"

/* A client waits so long for an answer to a block that may have none; the
 * harness's cases wait longer. */
#define QUIET_US 200000
/* What one that serves its clients in turn needs, once it is theirs. */
#define TURN_US 1000000
/* Below, two pieces may arrive as one. */
#define PIECE_US 2000
#define SHOWN_MAX 24

/* --- which connections --- */

static bool is_socks(const struct method *m)
{
	return span_eqs(m->m.proto, "socks5") || span_eqs(m->m.proto, "socks4");
}

static enum socks_kind kind_of(const struct method *m)
{
	return span_eqs(m->m.proto, "socks4") ? SOCKS4 : SOCKS5;
}

static const struct method *method_at(const struct view *v, struct span addr)
{
	struct addr a;

	addr_parse(addr, &a);
	for_methods (m, v)
		if (m->line->ipc.kw == IPC_CMETHOD && is_socks(m) &&
		    addr_eq(&a, &m->m.addr))
			return m;
	return NULL;
}

/* One connection has that name: a transport that announces a name twice gives
 * it to two, whose bytes cannot be told apart. */
static const struct method *method_of(const struct view *v, struct span ch,
				      bool *is_app)
{
	const struct method *m = NULL;
	size_t n = 0;

	for_events (ev, v) {
		if (ev->kind == EV_CONNECT &&
		    ev->connect.result == CONNECT_OK &&
		    span_eq(ev->connect.conn, group_of(ch))) {
			m = method_at(v, ev->connect.addr);
			n++;
		} else if (ev->kind == EV_SOCKS &&
			   span_eq(ev->socks.conn, ch) && v->head->known.n) {
			*is_app = true;
			m = view_method(v, v->head->known.v[0]);
			n++;
		}
	}
	return n == 1 && m && is_socks(m) && view_requested(v, m->m.name)
		       ? m
		       : NULL;
}

static struct dialogue *find(struct dialogues *ds, struct span ch)
{
	for (size_t i = 0; i < ds->n; i++)
		if (span_eq(ds->v[i].ch, ch))
			return &ds->v[i];
	return NULL;
}

/* --- what went over them --- */

static void add_piece(struct arena *a, struct pieces *p, const struct event *ev)
{
	if (!event_data(ev).n)
		return;
	arena_grow(a, p->v, p->n, p->cap);
	p->v[p->n++] =
		(struct piece){ ev, p->all.n, p->all.n + event_data(ev).n };
	p->all.n += event_data(ev).n;
}

static void dialogue_join(struct arena *a, struct pieces *p)
{
	char *to = arena_alloc(a, p->all.n + 1);

	for (size_t i = 0; i < p->n; i++)
		memcpy(to + p->v[i].at, event_data(p->v[i].ev).p,
		       event_data(p->v[i].ev).n);
	p->all.p = to;
}

/* Messages of the client that have begun when @n of its bytes were sent. */
static void note_sent(struct dialogue *d, size_t n)
{
	struct span sent = span_sub(d->sent.all, 0, n);
	struct socks_said *said = &d->said;

	if (d->kind == SOCKS4) {
		socks4_said(sent, said);
		if (n)
			socks_sent(d->s, SOCKS_REQUEST);
		return;
	}
	socks_said(sent, d->s->method, said);
	if (said->greeting_end != SIZE_MAX && !d->s->methods.p)
		socks_offer(d->s, said->methods);
	if (said->auth_at < n)
		socks_sent(d->s, d->s->method == SOCKS_METHOD_USERPASS
					 ? SOCKS_AUTH
					 : SOCKS_BLOCK);
	if (said->request_at < n)
		socks_sent(d->s, SOCKS_REQUEST);
}

/* @kept: what was not taken so far. */
static void note_got(struct dialogue *d, size_t sent, size_t from, size_t to)
{
	size_t used = from;

	/* What a message is depends on the method. */
	while (used < to && d->kind == SOCKS5 && d->s->method < 0 &&
	       d->s->stage != SOCKS_FAILED) {
		used += socks_feed(d->s, span_sub(d->got.all, used, 1));
		if (d->s->method >= 0)
			note_sent(d, sent);
	}
	if (used < to)
		socks_feed(d->s, span_sub(d->got.all, used, to - used));
}

static void dialogue_follow(struct dialogue *d)
{
	size_t i = 0, k = 0, sent = 0;

	while (i < d->sent.n || k < d->got.n) {
		const struct piece *s = &d->sent.v[i], *g = &d->got.v[k];

		if (k == d->got.n || (i < d->sent.n && s->ev->n < g->ev->n)) {
			sent = s->end;
			note_sent(d, sent);
			i++;
		} else {
			/* Behind a failure, or in a tunnel, it takes none. */
			note_got(d, sent, g->at, g->end);
			k++;
		}
	}
	if (d->eof)
		socks_end(d->s);
}

/* Had the transport been asked to end? */
static bool is_over(const struct view *v, const struct event *ev)
{
	const struct event *asked_to[] = {
		view_stdin_closed(v),
		view_signal_sent(v, "TERM"),
		v->kill,
	};

	for (size_t i = 0; i < sizeof(asked_to) / sizeof(*asked_to); i++)
		if (asked_to[i] && asked_to[i]->n < ev->n)
			return true;
	return false;
}

static void dialogue_collect(struct judge const *j, struct dialogues *ds,
			     size_t *cap)
{
	for_events (ev, j->v) {
		struct dialogue *d;
		bool is_app = false;

		if (ev->kind != EV_SEND && ev->kind != EV_RECV &&
		    ev->kind != EV_EOF && ev->kind != EV_CLOSE)
			continue;
		d = find(ds, event_name(ev));
		/* It begins with a byte: none goes to one that is gone. */
		if (!d && ev->kind == EV_SEND && event_data(ev).n) {
			const struct method *m =
				method_of(j->v, event_name(ev), &is_app);

			if (!m)
				continue;
			arena_grow(j->a, ds->v, ds->n, *cap);
			d = &ds->v[ds->n++];
			*d = (struct dialogue){ .ch = event_name(ev),
						.m = m,
						.kind = kind_of(m),
						.is_app = is_app };
		}
		if (!d)
			continue;
		if (ev->kind == EV_SEND)
			add_piece(j->a, &d->sent, ev);
		else if (ev->kind == EV_RECV)
			add_piece(j->a, &d->got, ev);
		else if (ev->kind == EV_EOF) {
			d->gone = ev;
			if (!is_over(j->v, ev))
				d->eof = ev;
		} else if (ev->kind == EV_CLOSE && ev->close.how != CLOSED_HALF)
			d->closed = ev;
	}
}

/* Whoever says nothing for so long may be hung up on: it may be as long as the
 * other side of a transport takes to start. */
#define MUTE_US 2000000

/* Is it of that name, or one of the series of that name? */
static bool is_or_of(struct span name, struct span series)
{
	return span_starts(name, series) &&
	       (name.n == series.n || name.p[series.n] == '#');
}

/* Had the transport ended it before its first word, after a long silence? */
static bool was_mute(const struct view *v, const struct dialogue *d)
{
	const struct event *first = d->sent.v[0].ev;

	if (d->got.n || !d->gone)
		return false;
	for_events (ev, v)
		if (ev->kind == EV_CONNECT && ev->n < first->n &&
		    is_or_of(d->ch, ev->connect.conn))
			return first->t - ev->t >= MUTE_US;
	return false;
}

static void leave_out_mute(const struct view *v, struct dialogues *ds)
{
	size_t n = 0;

	for (size_t i = 0; i < ds->n; i++)
		if (!was_mute(v, &ds->v[i]))
			ds->v[n++] = ds->v[i];
	ds->n = n;
}

static struct dialogues dialogues_read(const struct judge *j)
{
	struct dialogues ds = { 0 };
	size_t cap = 0;

	if (!j->v->methods.n)
		return ds;
	dialogue_collect(j, &ds, &cap);
	leave_out_mute(j->v, &ds);
	for (size_t i = 0; i < ds.n; i++) {
		struct dialogue *d = &ds.v[i];

		dialogue_join(j->a, &d->sent);
		dialogue_join(j->a, &d->got);
		d->s = arena_alloc(j->a, sizeof(*d->s));
		socks_init(d->s, d->kind, SOCKS_ANSWER_AUTO);
		socks_said(span_of("", 0), -1, &d->said);
		dialogue_follow(d);
	}
	return ds;
}

static struct dialogues of_kind(const struct judge *j,
				const struct dialogues *all,
				enum socks_kind kind)
{
	struct dialogues ds = {
		.v = arena_alloc(j->a, (all->n + 1) * sizeof(*ds.v)),
	};

	for_dialogues (d, all)
		if (d->kind == kind)
			ds.v[ds.n++] = *d;
	return ds;
}

struct view_dialogues {
	struct dialogues all, socks4, socks5;
};

/* Dozens of judges ask for them: they are read once. */
static const struct view_dialogues *dialogues_of(const struct judge *j)
{
	struct view_dialogues *kept = j->v->read->dialogues;
	struct judge reader = { .v = j->v, .a = j->v->a };

	if (kept)
		return kept;
	kept = arena_alloc(reader.a, sizeof(*kept));
	kept->all = dialogues_read(&reader);
	kept->socks4 = of_kind(&reader, &kept->all, SOCKS4);
	kept->socks5 = of_kind(&reader, &kept->all, SOCKS5);
	j->v->read->dialogues = kept;
	return kept;
}

struct dialogues all_dialogues(const struct judge *j)
{
	return dialogues_of(j)->all;
}

struct dialogues dialogues(const struct judge *j)
{
	return dialogues_of(j)->socks5;
}

struct dialogues dialogues4(const struct judge *j)
{
	return dialogues_of(j)->socks4;
}

/* --- pieces --- */

const struct event *piece_ev(const struct pieces *p, size_t at)
{
	for (size_t i = 0; i < p->n; i++)
		if (at < p->v[i].end)
			return p->v[i].ev;
	return NULL;
}

size_t piece_count(const struct pieces *p, size_t at, size_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		n += p->v[i].end > at && p->v[i].at < end;
	return n;
}

int64_t piece_us(const struct pieces *p, size_t at, size_t end)
{
	const struct event *from = piece_ev(p, at);
	const struct event *to = end ? piece_ev(p, end - 1) : NULL;

	return from && to ? to->t - from->t : 0;
}

bool is_split(const struct pieces *p, size_t at, size_t end)
{
	return piece_count(p, at, end) > 1 && piece_us(p, at, end) >= PIECE_US;
}

bool ended_hastily(struct judge *j, const struct dialogue *d)
{
	const struct event *first, *last;
	int64_t all, held;

	if (!d->sent.n || !d->eof)
		return false;
	first = d->sent.v[0].ev;
	last = d->sent.v[d->sent.n - 1].ev;
	all = d->eof->t - first->t;
	held = view_held_us(j->v, first->n);
	if (d->eof->t - last->t >= HASTY_END_US)
		return false;
	if (all <= SLOW_US || all - held > SLOW_US)
		return true;
	j_hindered(j, "the harness took too long to send what a connection was "
		      "ended at");
	return false;
}

uint32_t dialogue_ev(const struct dialogue *d)
{
	if (d->got.n)
		return d->got.v[d->got.n - 1].ev->n;
	if (d->eof)
		return d->eof->n;
	return d->sent.n ? d->sent.v[d->sent.n - 1].ev->n : 0;
}

static const struct event *last_of(const struct pieces *p, size_t end)
{
	return end == SIZE_MAX || !end ? NULL : piece_ev(p, end - 1);
}

const struct event *dialogue_greeted(const struct dialogue *d)
{
	return last_of(&d->sent, d->said.greeting_end);
}

const struct event *dialogue_told(const struct dialogue *d)
{
	return last_of(&d->sent, d->said.auth_end);
}

const struct event *dialogue_asked(const struct dialogue *d)
{
	return last_of(&d->sent, d->said.request_end);
}

const struct event *dialogue_selected(const struct dialogue *d)
{
	return d->s->method >= 0 ? piece_ev(&d->got, 1) : NULL;
}

const struct event *dialogue_replied(const struct dialogue *d)
{
	return d->s->reply.n ? piece_ev(&d->got, d->s->used - 1) : NULL;
}

const struct event *dialogue_decided(const struct dialogue *d)
{
	const struct event *reply = dialogue_replied(d);

	return reply ? reply : d->eof ? d->eof : d->closed;
}

static bool sent_before(const struct dialogue *d, size_t at,
			const struct event *answer)
{
	const struct event *ev = piece_ev(&d->sent, at);

	return ev && (!answer || ev->n < answer->n);
}

bool is_lockstep(const struct dialogue *d)
{
	const struct socks_said *said = &d->said;
	const struct event *block = dialogue_told(d), *request;

	if (said->greeting_end != SIZE_MAX &&
	    sent_before(d, said->greeting_end, dialogue_selected(d)))
		return false;
	if (said->request_at == SIZE_MAX || !block)
		return true;
	request = piece_ev(&d->sent, said->request_at);
	if (d->s->method == SOCKS_METHOD_USERPASS)
		return !sent_before(d, said->request_at, piece_ev(&d->got, 3));
	return !request || request->t - block->t >= QUIET_US;
}

/* --- absence --- */

/* Had an earlier one got no further shortly before @until? */
static bool is_behind(const struct dialogues *all, const struct dialogue *d,
		      const struct event *until)
{
	for_dialogues (o, all) {
		const struct event *ev = dialogue_decided(o);

		if (o < d && o->m == d->m &&
		    (!ev || ev->t > until->t - TURN_US))
			return true;
	}
	return false;
}

/* What was asked for may have to be connected to, or given up, before there is
 * an answer (@asked). */
static bool is_waiting_over(const struct event *ev, bool asked)
{
	return ev->kind == EV_LIMIT &&
	       (span_eqs(ev->limit.limit, "connect") ||
		span_eqs(ev->limit.limit, "settings") ||
		(!asked && span_eqs(ev->limit.limit, "graceful")));
}

/* A limit is for all sessions of a step, one after the other: did others have
 * most of it? */
static bool had_the_rest(const struct view *v, const struct event *since,
			 const struct event *limit)
{
	bool of_step = false, others = false;

	if ((limit->t - since->t) / 500 >= limit->limit.ms)
		return false;
	for_events (ev, v) {
		if (ev->n > since->n)
			break;
		if (ev->kind == EV_STEP)
			of_step = ev->step.step == limit->limit.step;
		others |= of_step && ev->kind == EV_SOCKS;
	}
	return others;
}

const struct event *open_until(const struct judge *j, const struct dialogue *d,
			       const struct event *since)
{
	const struct event *last = NULL;
	bool asked = since == dialogue_asked(d) && !d->s->reply.n;

	/* A session of the application is closed when its time is over, and
	 * the limit is told behind that. */
	for_events (ev, j->v) {
		if (d->gone && ev->n > d->gone->n)
			break;
		if (d->closed && ev->n > d->closed->n + d->is_app * 3)
			break;
		if (ev->n > since->n && is_waiting_over(ev, asked))
			last = ev;
	}
	return last && !had_the_rest(j->v, since, last) ? last : NULL;
}

const struct event *silent_until(const struct judge *j,
				 const struct dialogues *all,
				 const struct dialogue *d,
				 const struct event *since)
{
	const struct event *last = d->got.n ? d->got.v[d->got.n - 1].ev : since;
	const struct event *until = open_until(j, d, since);

	if (!until || last->n > since->n || is_behind(all, d, until))
		return NULL;
	return until;
}

/* Was there nobody any more at an address that it had announced? */
static bool is_refused(const struct judge *j, uint32_t before)
{
	for_events (ev, j->v) {
		if (ev->n > before)
			break;
		if ((ev->kind == EV_SOCKS &&
		     ev->socks.result == SOCKS_END_UNREACHABLE) ||
		    (ev->kind == EV_CONNECT &&
		     ev->connect.result == CONNECT_REFUSED &&
		     method_at(j->v, ev->connect.addr)))
			return true;
	}
	return false;
}

/* Was it asked to go by anything but the end of stdin? */
static bool was_sent_away(const struct view *v)
{
	const struct event *stdin_closed = view_stdin_closed(v);
	uint32_t n = life_stimulus(v, 1);

	if (stdin_closed && n == stdin_closed->n)
		n = life_stimulus(v, n + 1);
	return n < v->exit->n;
}

bool service_lost(const struct judge *j)
{
	const struct view *v = j->v;
	const struct event *stdin_closed = view_stdin_closed(v);

	if (!v->exit || v->kill || was_sent_away(v))
		return false;
	/* A process that is gone is reaped some time later, perhaps when the
	 * case is already over.  A closed stdin makes nobody crash. */
	return !stdin_closed || v->exit->n < stdin_closed->n ||
	       (v->exit->exit.how == EXIT_HOW_KILLED && crashed(j)) ||
	       is_refused(j, stdin_closed->n);
}

/* --- in words --- */

const char *show_bytes(const struct judge *j, struct span s)
{
	struct buf b = BUF_MAX(256);
	const char *text;

	for (size_t i = 0; i < s.n && i < SHOWN_MAX; i++)
		buf_addf(&b, "%s%02x", i ? " " : "", (unsigned char)s.p[i]);
	if (s.n > SHOWN_MAX)
		buf_addf(&b, " ... (%zu bytes)", s.n);
	text = s.n ? arena_span(j->a, buf_span(&b)).p : "nothing";
	buf_fini(&b);
	return text;
}

const char *show_answer(const struct judge *j, const struct dialogue *d)
{
	const char *end = d->eof      ? ", then the end"
			  : d->closed ? ""
				      : ", and no end";

	return arena_printf(j->a, "%s%s on %.*s", show_bytes(j, d->got.all),
			    end, SPAN_ARG(d->ch));
}
