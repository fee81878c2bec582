/*
 * app.c - the application in front of a client: SOCKS sessions as a parent
 * would open them, with the settings that the target wants to be told.
 *
 * What is spoken is what the transport announced.  Under version 2 settings go
 * by method 09, under version 1 by RFC 1929; with none to tell, method 00 it
 * is.  In SOCKS4 they go into the user id of the request, which is all.  The request follows a block at once: that
 * it is answered is nowhere defined (AMB-057), and the codec tells by what
 * comes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/proto/ipc/settings.h"
#include "harness/proto/net/socks.h"
#include "harness/worker/worker_int.h"

#define MESSAGE_MAX (128u * 1024u)

struct app_session {
	struct conn *c;
	struct app *app;
	struct span dest, extra, request;
	struct pairs settings;
	struct socks s;
	struct buf in;
	enum socks_stage sent;
	/* What goes out byte by byte, and when the next one does. */
	bool bytewise, crawl;
	int64_t gap_us;
	struct buf slow;
	struct watch *timer;
};

static void next_session(struct worker *w);

/* --- what is said --- */

static bool parse_dest(struct span s, struct socks_addr *out)
{
	struct addr a;
	unsigned odd = addr_parse(s, &a);

	if (a.family) {
		*out = socks_addr_of(&a);
		return true;
	}
	if (!(odd & ADDR_HOSTNAME))
		return false;
	*out = socks_addr_name(a.host, a.port);
	return true;
}

static void kv_of(const struct pairs *p, struct kv_list *l, struct kv *room,
		  size_t max)
{
	l->v = room;
	l->n = 0;
	for (size_t i = 0; i < p->n && i < max; i++)
		room[l->n++] = (struct kv){ p->v[i].key, p->v[i].value };
}

#define SETTINGS_N 64
/* Between two bytes of a session that goes bytewise; how long a slow block
 * takes; and how long a block may go without an answer (AMB-057). */
#define BYTE_US 10000
#define SLOW_US 1500000
#define QUIET_US 300000

static void say(struct app_session *x);

/* Nothing came for a block: the request is due. */
static void quiet_over(void *ctx, unsigned what)
{
	struct app_session *x = ctx;

	(void)what;
	x->timer = NULL;
	if (x->c->ended || !x->c->talk || x->sent != SOCKS_BLOCK)
		return;
	socks_quiet(&x->s);
	say(x);
}

static void next_byte(void *ctx, unsigned what)
{
	struct app_session *x = ctx;
	struct loop *loop = x->c->w->loop;

	(void)what;
	x->timer = NULL;
	if (x->c->ended || !x->c->talk)
		return;
	net_talk(x->c, span_sub(buf_span(&x->slow), 0, 1));
	buf_eat(&x->slow, 1);
	if (x->slow.n)
		x->timer = loop_after(loop, x->gap_us, next_byte, x);
	else if (x->sent == SOCKS_BLOCK)
		x->timer = loop_after(loop, QUIET_US, quiet_over, x);
}

static void talk(struct app_session *x, struct span bytes)
{
	if (!x->gap_us) {
		net_talk(x->c, bytes);
		return;
	}
	buf_add(&x->slow, bytes);
	if (!x->timer)
		next_byte(x, 0);
}

static void put_settings(struct app_session *x, struct buf *out)
{
	struct kv room[SETTINGS_N];
	struct buf text = BUF_MAX(MESSAGE_MAX);
	struct span user, password;
	struct kv_list l;

	kv_of(&x->settings, &l, room, SETTINGS_N);
	if (x->s.stage == SOCKS_BLOCK) {
		settings_json(&text, &l);
		settings_block(out, buf_span(&text));
	} else {
		settings_flat(&text, &l);
		if (settings_split(buf_span(&text), &user, &password))
			socks_put_userpass(out, user, password);
	}
	buf_fini(&text);
}

/* Is there a block to be told whose answer is waited for? */
static bool is_first_of_two(const struct app_session *x)
{
	return (x->bytewise || x->crawl) && x->s.stage == SOCKS_BLOCK &&
	       x->sent < SOCKS_BLOCK;
}

static void put_request(struct app_session *x, struct buf *out)
{
	struct socks_addr to;

	if (!parse_dest(x->dest, &to))
		return;
	if (span_absent(x->request))
		socks_put_request(out, SOCKS_CONNECT, &to);
	else
		buf_add(out, x->request);
	socks_sent(&x->s, SOCKS_REQUEST);
}

static void say(struct app_session *x)
{
	struct buf out = BUF_MAX(MESSAGE_MAX);
	bool alone = is_first_of_two(x);

	if (x->sent < x->s.stage &&
	    (x->s.stage == SOCKS_BLOCK || x->s.stage == SOCKS_AUTH)) {
		put_settings(x, &out);
		socks_sent(&x->s, x->s.stage);
	}
	if (!alone && x->s.stage != SOCKS_AUTH)
		put_request(x, &out);
	x->sent = x->s.stage == SOCKS_AUTH ? SOCKS_AUTH
		  : alone		   ? SOCKS_BLOCK
					   : SOCKS_REQUEST;
	if (x->crawl)
		x->gap_us = alone ? SLOW_US / (int64_t)out.n : 0;
	talk(x, buf_span(&out));
	buf_fini(&out);
}

/* What a server printed in this launch beats what was known before. */
static void find_settings(struct app_session *x)
{
	struct worker *w = x->c->w;
	const struct target_transport *t = w->plan->transport;

	x->settings = w->plan->settings;
	for (size_t i = 0; i < w->nannounced; i++)
		if (!w->announced[i].client &&
		    span_eqs(t->name, w->announced[i].name))
			target_settings(t, buf_span(&w->announced[i].args),
					&w->arena, &x->settings);
}

static void add_extra(struct app_session *x)
{
	struct arena *a = &x->c->w->arena;
	struct pairs all = { 0 };
	struct kv_list l;

	settings_parse(a, x->extra, &l);
	all.v = arena_alloc(a, (l.n + x->settings.n) * sizeof(*all.v));
	for (size_t i = 0; i < l.n; i++)
		all.v[all.n++] = (struct pair){ l.v[i].key, l.v[i].value };
	for (size_t i = 0; i < x->settings.n; i++)
		all.v[all.n++] = x->settings.v[i];
	x->settings = all;
}

static void put_socks4(struct app_session *x, struct buf *out)
{
	struct kv room[SETTINGS_N];
	struct buf userid = BUF_MAX(MESSAGE_MAX);
	struct socks_addr to;
	struct kv_list l;

	kv_of(&x->settings, &l, room, SETTINGS_N);
	settings_flat(&userid, &l);
	if (!span_absent(x->request))
		buf_add(out, x->request);
	else if (parse_dest(x->dest, &to))
		socks_put_socks4(out, buf_span(&userid), &to);
	buf_fini(&userid);
}

/* All that the application says in SOCKS4. */
static void ask_socks4(struct app_session *x)
{
	struct buf out = BUF_MAX(MESSAGE_MAX);

	put_socks4(x, &out);
	socks_sent(&x->s, SOCKS_REQUEST);
	x->sent = SOCKS_REQUEST;
	talk(x, buf_span(&out));
	buf_fini(&out);
}

static bool speaks_2(const struct inst *in)
{
	return span_eqs(in->session.version, "2");
}

static void greet(struct app_session *x)
{
	struct buf out = BUF_MAX(64);
	struct span methods = SPAN("\0");

	if (x->settings.n)
		methods = speaks_2(x->app->to->of) ? SPAN("\x09")
						   : SPAN("\x02");
	socks_put_greeting(&out, methods);
	socks_offer(&x->s, methods);
	talk(x, buf_span(&out));
	buf_fini(&out);
}

/* --- what is answered --- */

static const char *result_of(const struct socks *s, int64_t *code)
{
	*code = s->rep >= 0 ? s->rep : s->code >= 0 ? s->code : s->method;
	if (s->stage == SOCKS_TUNNEL)
		return "ok";
	if (s->rep > 0)
		return "refused";
	if (s->method == SOCKS_METHOD_REFUSED)
		return "method";
	if (s->code > 0)
		return "settings";
	if (s->ended)
		return "closed";
	return "garbage";
}

static void conclude(struct app_session *x, const char *result, int64_t code)
{
	struct worker *w = x->c->w;
	struct conn *c = x->c;

	rec(w, socks, .conn = span_str(c->name), .result = span_str(result),
	    .dest = x->dest, .code = code, .got_data = x->in.n > 0);
	c->got = x->in.n;
	c->talk = NULL;
	c->refused = strcmp(result, "ok") != 0;
	w->app.conn = NULL;
	/* One of many, or there is no answer to be followed by an end. */
	if ((w->app.tries > 1 && !w->app.how->hold) || code < 0)
		net_end(c, false);
	next_session(w);
}

static void go_on(struct app_session *x)
{
	int64_t code;
	const char *result;

	for (;;) {
		buf_eat(&x->in, socks_feed(&x->s, buf_span(&x->in)));
		if (x->s.stage == SOCKS_TUNNEL || x->s.stage == SOCKS_FAILED) {
			result = result_of(&x->s, &code);
			conclude(x, result, code);
			return;
		}
		if (x->s.stage == SOCKS_GREETING || x->s.stage <= x->sent)
			return;
		say(x);
	}
}

static void answered(struct conn *c, struct span bytes)
{
	struct app_session *x = c->talker;

	buf_add(&x->in, bytes);
	go_on(x);
}

static void closed(struct conn *c)
{
	struct app_session *x = c->talker;

	socks_end(&x->s);
	go_on(x);
}

static void fini(struct conn *c)
{
	struct app_session *x = c->talker;

	loop_drop(x->timer);
	buf_fini(&x->slow);
	buf_fini(&x->in);
	free(x);
}

/* --- sessions --- */

static void begin_session(struct worker *w, struct conn *c)
{
	static const struct talk how = { .data = answered, .end = closed };
	const struct step_socks *st = w->app.how;
	struct app_session *x = calloc(1, sizeof(*x));

	if (!x)
		die_oom();
	x->c = c;
	x->app = &w->app;
	x->dest = st->dest;
	x->request = st->request;
	x->extra = st->extra;
	x->bytewise = st->pace == PACE_BYTEWISE;
	x->crawl = st->pace == PACE_SLOW;
	x->gap_us = x->bytewise ? BYTE_US : 0;
	x->slow = BUF_MAX(MESSAGE_MAX);
	x->in = BUF_MAX(MESSAGE_MAX);
	x->sent = SOCKS_GREETING;
	socks_init(&x->s, w->app.to->socks4 ? SOCKS4 : SOCKS5,
		   SOCKS_ANSWER_AUTO);
	c->talk = &how;
	c->talker = x;
	c->fini = fini;
	w->app.conn = c;
	find_settings(x);
	if (!span_absent(x->extra))
		add_extra(x);
	if (x->s.kind == SOCKS4)
		ask_socks4(x);
	else
		greet(x);
}

static void failed(struct worker *w, const char *result)
{
	rec(w, socks, .conn = span_str(w->app.name), .result = span_str(result),
	    .dest = w->app.how->dest, .code = -1);
}

static void connected(void *ctx, unsigned what)
{
	struct worker *w = ctx;
	struct app *a = &w->app;
	int fd = a->fd, error = net_dialled(fd);
	struct conn *c;

	(void)what;
	loop_drop(a->watch);
	a->watch = NULL;
	a->fd = -1;
	c = error ? NULL : net_add(w, fd, a->name);
	if (c) {
		begin_session(w, c);
	} else {
		if (error)
			close(fd);
		failed(w, "unreachable");
		next_session(w);
	}
	worker_check(w);
}

static void name_session(struct app *a)
{
	struct span as = a->how->as;

	if (a->tries > 1)
		snprintf(a->name, sizeof(a->name), "%.*s#%u",
			 (int)(as.n < 40 ? as.n : 40), as.p, (unsigned)a->try);
	else
		snprintf(a->name, sizeof(a->name), "%.*s",
			 (int)(as.n < 40 ? as.n : 40), as.p);
}

static void next_session(struct worker *w)
{
	struct app *a = &w->app;
	int error;

	if (a->try == a->tries) {
		a->busy = false;
		return;
	}
	a->try++;
	name_session(a);
	error = net_dial(&a->to->addr, a->how->from, &a->fd);
	if (error && error != EINPROGRESS) {
		if (a->fd >= 0)
			close(a->fd);
		a->fd = -1;
		failed(w, "unreachable");
		a->busy = false;
		return;
	}
	a->watch = loop_fd(w->loop, a->fd, LOOP_WRITE, connected, w);
}

/* Where the transport that the plan's settings are of can be told them; an
 * instance before this one may have announced it, too. */
static struct announced *find_method(struct worker *w, const struct inst *in)
{
	/* A long one is cut where it is announced. */
	struct span name = span_sub(w->plan->head.known.v[0], 0, NAME_KEEP);

	for (size_t i = 0; i < w->nannounced; i++) {
		struct announced *an = &w->announced[i];

		if (an->of == in && (an->socks5 || an->socks4) &&
		    span_eqs(name, an->name))
			return an;
	}
	return NULL;
}

/* The latest of them; a case may have started a server behind it. */
static const struct inst *latest_client(const struct worker *w)
{
	for (size_t i = w->ninst; i > 0; i--)
		if ((w->plan->head.role == ROLE_CLIENT) != w->inst[i - 1].peer)
			return &w->inst[i - 1];
	return NULL;
}

/* Why no parent would use it; NULL: one may.  Whether it is complete, or still
 * there, is for the session to find out. */
static const char *unusable(const struct inst *in)
{
	if (!in)
		return "no transport was started";
	switch (session_unusable(&in->session)) {
	case SESSION_IS_FATAL:
		return "the transport said that it cannot go on";
	case SESSION_OTHER_VERSION:
		return "the transport chose a version that was not offered";
	case SESSION_NO_PROXY:
		return "a proxy is set, and no PROXY DONE came";
	case SESSION_USABLE:
	case SESSION_GONE:
	case SESSION_NO_VERSION:
	case SESSION_NOT_DONE:
		break;
	}
	return NULL;
}

/* SOCKS4 has four bytes for an address. */
static bool is_too_long(const struct app *a, const struct step_socks *st)
{
	struct socks_addr to;

	return a->to->socks4 && span_absent(st->request) &&
	       parse_dest(st->dest, &to) && to.atyp == SOCKS_IPV6;
}

void app_start(struct worker *w, const struct step_socks *st)
{
	struct app *a = &w->app;
	const struct inst *in = latest_client(w);
	const char *why = unusable(in);

	*a = (struct app){
		.busy = true, .how = st, .fd = -1, .tries = st->count
	};
	a->to = find_method(w, in);
	if (!why && !a->to)
		why = "no SOCKS method of its transport was announced";
	if (!why && is_too_long(a, st))
		why = "SOCKS4 has no IPv6 addresses";
	if (!why) {
		next_session(w);
		return;
	}
	rec(w, skipped, .reason = span_str(why), .step = (int64_t)w->step + 1);
	a->busy = false;
}

void app_stop(struct worker *w, const char *result)
{
	struct app *a = &w->app;

	if (!a->busy)
		return;
	loop_drop(a->watch);
	a->watch = NULL;
	if (a->fd >= 0)
		close(a->fd);
	a->tries = a->try;
	if (a->conn)
		conclude(a->conn->talker, result, -1);
	else
		failed(w, result);
	a->busy = false;
}
