/* app_session.c - see app_session.h. */
#include "harness/worker/peer/app_session.h"

#include <stdlib.h>
#include <string.h>

#include "parent/proto/ipc/settings.h"

#define MESSAGE_MAX (128u * 1024u)

struct app_session {
	struct conn *c;
	const struct app_how *how;
	struct socks s;
	struct buf in;
	enum socks_stage sent;
	/* What goes out byte by byte, and when the next one does; more at once
	 * where timers are late. */
	int64_t gap_us;
	struct buf slow;
	int64_t slow_since, slow_sent;
	struct watch *timer;
};

/* --- what is said --- */

bool app_parse_dest(struct span s, struct socks_addr *out)
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

static void app_kv_of(const struct pairs *p, struct kv_list *l, struct kv *room,
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

bool app_session_fits(const struct app_how *how)
{
	struct kv room[SETTINGS_N];
	struct buf text = BUF_MAX(MESSAGE_MAX);
	struct span user, password;
	struct kv_list l;
	bool fits = true;

	app_kv_of(&how->settings, &l, room, SETTINGS_N);
	settings_flat(&text, &l);
	if (how->settings.n && !how->speaks_2 && !how->socks4)
		fits = settings_split(buf_span(&text), &user, &password);
	buf_fini(&text);
	return fits;
}

static void app_say(struct app_session *x);

/* Nothing came for a block: the request is due. */
static void app_quiet_over(void *ctx, unsigned what)
{
	struct app_session *x = ctx;

	(void)what;
	x->timer = NULL;
	if (x->c->ended || !x->c->talk || x->sent != SOCKS_BLOCK)
		return;
	socks_quiet(&x->s);
	app_say(x);
}

/* How much is due now: a byte, and what the clock says. */
static size_t app_due(const struct app_session *x)
{
	int64_t now = loop_now(x->c->all->task->loop), n;

	if (!x->gap_us)
		return x->slow.n;
	n = (now - x->slow_since) / x->gap_us + 1 - x->slow_sent;
	if (n < 1)
		return 1;
	return (size_t)n < x->slow.n ? (size_t)n : x->slow.n;
}

static void app_owe(struct app_session *x, int64_t bytes)
{
	x->c->all->task->owed += bytes;
}

static void app_next_byte(void *ctx, unsigned what)
{
	struct app_session *x = ctx;
	struct loop *loop = x->c->all->task->loop;
	size_t n;

	(void)what;
	x->timer = NULL;
	if (x->c->ended || !x->c->talk) {
		app_owe(x, -(int64_t)x->slow.n);
		buf_reset(&x->slow);
		return;
	}
	n = app_due(x);
	conn_send(x->c, span_sub(buf_span(&x->slow), 0, n));
	buf_eat(&x->slow, n);
	app_owe(x, -(int64_t)n);
	x->slow_sent += (int64_t)n;
	if (x->slow.n)
		x->timer = loop_after(loop, x->gap_us, app_next_byte, x);
	else if (x->sent == SOCKS_BLOCK)
		x->timer = loop_after(loop, QUIET_US, app_quiet_over, x);
}

static void app_talk(struct app_session *x, struct span bytes)
{
	if (!x->gap_us) {
		conn_send(x->c, bytes);
		return;
	}
	app_owe(x, -(int64_t)x->slow.n);
	buf_add(&x->slow, bytes);
	app_owe(x, (int64_t)x->slow.n);
	if (x->timer)
		return;
	x->slow_since = loop_now(x->c->all->task->loop);
	x->slow_sent = 0;
	app_next_byte(x, 0);
}

static void app_put_settings(struct app_session *x, struct buf *out)
{
	struct kv room[SETTINGS_N];
	struct buf text = BUF_MAX(MESSAGE_MAX);
	struct span user, password;
	struct kv_list l;

	app_kv_of(&x->how->settings, &l, room, SETTINGS_N);
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
static bool app_is_first_of_two(const struct app_session *x)
{
	return x->how->st->pace != PACE_WHOLE && x->s.stage == SOCKS_BLOCK &&
	       x->sent < SOCKS_BLOCK;
}

static void app_put_request(struct app_session *x, struct buf *out)
{
	struct socks_addr to;

	if (!app_parse_dest(x->how->st->dest, &to))
		return;
	if (span_absent(x->how->st->request))
		socks_put_request(out, SOCKS_CONNECT, &to);
	else
		buf_add(out, x->how->st->request);
	socks_sent(&x->s, SOCKS_REQUEST);
}

static void app_say(struct app_session *x)
{
	struct buf out = BUF_MAX(MESSAGE_MAX);
	bool alone = app_is_first_of_two(x);

	if (x->sent < x->s.stage &&
	    (x->s.stage == SOCKS_BLOCK || x->s.stage == SOCKS_AUTH)) {
		app_put_settings(x, &out);
		socks_sent(&x->s, x->s.stage);
	}
	if (!alone && x->s.stage != SOCKS_AUTH)
		app_put_request(x, &out);
	x->sent = x->s.stage == SOCKS_AUTH ? SOCKS_AUTH
		  : alone		   ? SOCKS_BLOCK
					   : SOCKS_REQUEST;
	if (x->how->st->pace == PACE_SLOW)
		x->gap_us = alone ? SLOW_US / (int64_t)out.n : 0;
	app_talk(x, buf_span(&out));
	buf_fini(&out);
}

static void app_put_socks4(struct app_session *x, struct buf *out)
{
	struct kv room[SETTINGS_N];
	struct buf userid = BUF_MAX(MESSAGE_MAX);
	struct socks_addr to;
	struct kv_list l;

	app_kv_of(&x->how->settings, &l, room, SETTINGS_N);
	settings_flat(&userid, &l);
	if (!span_absent(x->how->st->request))
		buf_add(out, x->how->st->request);
	else if (app_parse_dest(x->how->st->dest, &to))
		socks_put_socks4(out, buf_span(&userid), &to);
	buf_fini(&userid);
}

/* All that the application says in SOCKS4. */
static void app_ask_socks4(struct app_session *x)
{
	struct buf out = BUF_MAX(MESSAGE_MAX);

	app_put_socks4(x, &out);
	socks_sent(&x->s, SOCKS_REQUEST);
	x->sent = SOCKS_REQUEST;
	app_talk(x, buf_span(&out));
	buf_fini(&out);
}

static void app_greet(struct app_session *x)
{
	struct buf out = BUF_MAX(64);
	struct span methods = SPAN("\0");

	if (x->how->settings.n)
		methods = x->how->speaks_2 ? SPAN("\x09") : SPAN("\x02");
	socks_put_greeting(&out, methods);
	socks_offer(&x->s, methods);
	app_talk(x, buf_span(&out));
	buf_fini(&out);
}

/* --- what is answered --- */

static enum socks_result app_result_of(const struct socks *s, int64_t *code)
{
	*code = s->rep >= 0 ? s->rep : s->code >= 0 ? s->code : s->method;
	if (s->stage == SOCKS_TUNNEL)
		return SOCKS_END_OK;
	if (s->rep > 0)
		return SOCKS_END_REFUSED;
	if (s->method == SOCKS_METHOD_REFUSED)
		return SOCKS_END_METHOD;
	if (s->code > 0)
		return SOCKS_END_SETTINGS;
	if (s->ended)
		return SOCKS_END_CLOSED;
	return SOCKS_END_GARBAGE;
}

static void app_conclude(struct app_session *x, enum socks_result result,
			 int64_t code)
{
	struct conn *c = x->c;

	rec(c->all->task, socks, .conn = span_str(c->name), .result = result,
	    .dest = x->how->st->dest, .code = code, .got_data = x->in.n > 0);
	c->refused = result != SOCKS_END_OK;
	conn_talk_over(c, x->in.n);
	x->how->over(x->how->ctx, c, code);
}

static void app_go_on(struct app_session *x)
{
	enum socks_result result;
	int64_t code;

	for (;;) {
		buf_eat(&x->in, socks_feed(&x->s, buf_span(&x->in)));
		if (x->s.stage == SOCKS_TUNNEL || x->s.stage == SOCKS_FAILED) {
			result = app_result_of(&x->s, &code);
			app_conclude(x, result, code);
			return;
		}
		if (x->s.stage == SOCKS_GREETING || x->s.stage <= x->sent)
			return;
		app_say(x);
	}
}

static void app_answered(struct conn *c, struct span bytes)
{
	struct app_session *x = c->talker;

	buf_add(&x->in, bytes);
	app_go_on(x);
}

static void app_closed(struct conn *c)
{
	struct app_session *x = c->talker;

	socks_end(&x->s);
	app_go_on(x);
}

static void app_fini(struct conn *c)
{
	struct app_session *x = c->talker;

	loop_drop(x->timer);
	app_owe(x, -(int64_t)x->slow.n);
	buf_fini(&x->slow);
	buf_fini(&x->in);
	free(x);
}

/* --- sessions --- */

void app_session_begin(struct conn *c, const struct app_how *how)
{
	static const struct conn_taker talk = {
		.data = app_answered,
		.end = app_closed,
		.fini = app_fini,
	};
	struct app_session *x = calloc(1, sizeof(*x));

	if (!x)
		die_oom();
	x->c = c;
	x->how = how;
	x->gap_us = how->st->pace == PACE_BYTEWISE ? BYTE_US : 0;
	x->slow = BUF_MAX(MESSAGE_MAX);
	x->in = BUF_MAX(MESSAGE_MAX);
	x->sent = SOCKS_GREETING;
	socks_init(&x->s, how->socks4 ? SOCKS4 : SOCKS5, SOCKS_ANSWER_AUTO);
	conn_talk(c, &talk, x);
	if (how->socks4)
		app_ask_socks4(x);
	else
		app_greet(x);
}

bool app_session_asked(const struct conn *c)
{
	const struct app_session *x = c->talker;

	return c->talk && x->sent == SOCKS_REQUEST && !x->slow.n;
}

void app_session_leave(struct conn *c)
{
	struct app_session *x = c->talker;

	rec(c->all->task, socks, .conn = span_str(c->name),
	    .result = SOCKS_END_LEFT, .dest = x->how->st->dest, .code = -1);
	conn_talk_over(c, x->in.n);
}

void app_session_stop(struct conn *c, enum socks_result result)
{
	app_conclude(c->talker, result, -1);
}
