/*
 * pump.c - see pump.h.
 *
 * Every sender has a stream of its own: the first eight bytes say whose it
 * is, all others follow from that and from their offset.  So a receiver finds
 * out what to expect by itself, however connections were paired, and tells
 * lost, doubled, changed and exchanged bytes.
 */
#include "harness/worker/net/pump.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define HEAD 8
/* Of the key stream. */
#define BLOCK 64
/* Sent at once. */
#define PIECE 65536
/* What lies between the two ends is full when no more has gone in for so long. */
#define QUIET_US 500000

/* What all streams follow from: a key stream, of which any part can be had at
 * once, in blocks that are numbered. */
static void pump_blocks(int64_t seed, int64_t number, uint8_t *to, size_t n)
{
	static const unsigned char nonce[crypto_stream_chacha20_NONCEBYTES];
	unsigned char key[crypto_stream_chacha20_KEYBYTES] = { 0 };

	memcpy(key, &seed, sizeof(seed));
	memset(to, 0, n);
	crypto_stream_chacha20_xor_ic(to, to, n, nonce, (uint64_t)number, key);
}

/* The bytes of a stream from offset @at on, @n of them. */
static void pump_fill(int64_t seed, int64_t at, uint8_t *to, size_t n)
{
	size_t skip = (size_t)(at % BLOCK), done = 0;
	uint64_t head = htole64((uint64_t)seed);

	if (skip) {
		uint8_t block[BLOCK];

		done = BLOCK - skip < n ? BLOCK - skip : n;
		pump_blocks(seed, at / BLOCK, block, BLOCK);
		memcpy(to, block + skip, done);
	}
	pump_blocks(seed, (at + (int64_t)done) / BLOCK, to + done, n - done);
	if (at < HEAD)
		memcpy(to, (const uint8_t *)&head + at,
		       HEAD - (size_t)at < n ? HEAD - (size_t)at : n);
}

/* One end of a pump: what is still to be sent on a connection, and what has
 * come out of it. */
struct pump_end {
	struct pump *pump;
	struct conn *c;
	int64_t left, sent; /* bytes to send */
	struct watch *watch;
	int64_t want, got; /* bytes to come */
	int64_t wrong;	   /* offset of the first wrong one, or -1 */
	int64_t seed;	   /* which sender's; -1: not known yet */
	uint8_t head[HEAD];
	bool over;		    /* the connection ended */
	bool deaf;		    /* it is not read from any more */
	struct watch *rest;	    /* while it is not read from */
	int64_t rest_began, rested; /* since when; so long, in µs */
};

void pump_init(struct pump *p, struct task *t, struct conns *conns)
{
	*p = (struct pump){ .task = t, .conns = conns };
}

/* --- who gets it and never reads on --- */

static bool pump_nobody_reads(const struct pump *p)
{
	bool any = false;

	for (size_t i = 0; i < p->n; i++) {
		if (!conn_belongs(p->ends[i].c->name, p->st->to))
			continue;
		if (!p->ends[i].deaf)
			return false;
		any = true;
	}
	return any;
}

static void pump_filled(void *ctx, unsigned what)
{
	struct pump *p = ctx;

	(void)what;
	loop_drop(p->quiet);
	p->quiet = NULL;
	if (!pump_nobody_reads(p))
		return;
	p->full = true;
	for (size_t i = 0; i < p->n; i++) {
		loop_drop(p->ends[i].watch);
		p->ends[i].watch = NULL;
	}
	task_changed(p->task);
}

/* Something has gone in, or another has stopped reading. */
static void pump_not_full(struct pump *p)
{
	if (!p->st->fill || p->full)
		return;
	loop_drop(p->quiet);
	p->quiet = loop_after(p->task->loop, QUIET_US, pump_filled, p);
}

/* --- sending --- */

static void pump_writable(void *ctx, unsigned what)
{
	struct pump_end *e = ctx;
	int64_t seed = e->pump->seed + (e - e->pump->ends);
	uint8_t piece[PIECE];
	size_t n = e->left < PIECE ? (size_t)e->left : PIECE;
	ssize_t sent;

	(void)what;
	pump_fill(seed, e->sent, piece, n);
	sent = conn_put(e->c, piece, n);
	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* An error shows on the reading side, too. */
	if (sent > 0) {
		e->sent += sent;
		e->left -= sent;
		pump_not_full(e->pump);
	}
	if (sent < 0 || e->left == 0) {
		e->left = 0;
		loop_drop(e->watch);
		e->watch = NULL;
		task_changed(e->pump->task);
	}
}

/* The far side begins when it has got something: that it takes part at all
 * shows then. */
static void pump_begin_sending(struct pump_end *e)
{
	if (e->left && !e->watch && !e->over)
		e->watch = loop_fd(e->pump->task->loop, e->c->fd, LOOP_WRITE,
				   pump_writable, e);
}

/* --- who gets it and does not read --- */

static void pump_wake(struct pump_end *e)
{
	struct loop *l = e->pump->task->loop;

	if (!e->rest)
		return;
	loop_drop(e->rest);
	e->rest = NULL;
	e->rested = loop_now(l) - e->rest_began;
	conn_stall(e->c, false);
}

/* Whose bytes it got, or NULL. */
static struct pump_end *pump_sender(const struct pump_end *e)
{
	int64_t i = e->seed - e->pump->seed;

	return e->got >= HEAD && i >= 0 && i < (int64_t)e->pump->n
		       ? &e->pump->ends[i]
		       : NULL;
}

/* By then all is full that stands between the two.  More would show nothing
 * more, and what is as slow as a modem would take an hour for it. */
static void pump_rested(void *ctx, unsigned what)
{
	struct pump_end *e = ctx, *from = pump_sender(e);

	(void)what;
	pump_wake(e);
	if (!from)
		return;
	from->left = 0;
	loop_drop(from->watch);
	from->watch = NULL;
	e->want = from->sent;
	task_changed(e->pump->task);
}

/* At its first bytes: little is on its way then, so that the windows of TCP are
 * small, and what takes long to be taken is held up soon. */
static void pump_stop_reading(struct pump_end *e)
{
	const struct step_pump *st = e->pump->st;
	struct task *t = e->pump->task;

	if ((!st->rest && !st->fill) || e->got || e->over ||
	    !conn_belongs(e->c->name, st->to))
		return;
	conn_stall(e->c, true);
	if (st->fill) {
		e->deaf = true;
		pump_not_full(e->pump);
		return;
	}
	e->rest_began = loop_now(t->loop);
	e->rest = loop_after(t->loop, t->plan->head.limits.idle * 1000,
			     pump_rested, e);
}

/* --- receiving --- */

static void pump_learn_seed(struct pump_end *e)
{
	uint64_t seed = 0;

	for (int i = 0; i < HEAD; i++)
		seed |= (uint64_t)e->head[i] << 8 * i;
	e->seed = (int64_t)seed;
	/* Not one of ours: wrong from the very first byte. */
	if (e->seed < e->pump->seed ||
	    e->seed >= e->pump->seed + (int64_t)e->pump->n)
		e->wrong = 0;
}

/* Somewhere they differ. */
static int64_t pump_first_other(const char *got, const uint8_t *want)
{
	int64_t i = 0;

	while ((uint8_t)got[i] == want[i])
		i++;
	return i;
}

static void pump_eat(struct conn *c, struct span bytes)
{
	struct pump_end *e = c->bulk_ctx;
	uint8_t want[PIECE];
	size_t at = 0;

	e->pump->moved = true;
	pump_stop_reading(e);
	pump_begin_sending(e);
	while (e->got < HEAD && at < bytes.n) {
		e->head[e->got++] = (uint8_t)bytes.p[at++];
		if (e->got == HEAD)
			pump_learn_seed(e);
	}
	while (at < bytes.n) {
		size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;

		if (e->wrong < 0) {
			pump_fill(e->seed, e->got, want, n);
			if (memcmp(bytes.p + at, want, n) != 0)
				e->wrong = e->got +
					   pump_first_other(bytes.p + at, want);
		}
		e->got += (int64_t)n;
		at += n;
	}
}

static void pump_conn_ended(struct conn *c)
{
	struct pump_end *e = c->bulk_ctx;

	e->over = true;
	loop_drop(e->watch);
	e->watch = NULL;
}

/* --- who takes part --- */

static void pump_add(struct pump *p, struct conn *c, int64_t send, int64_t want)
{
	static const struct conn_taker taker = {
		.data = pump_eat,
		.end = pump_conn_ended,
	};
	struct pump_end *e = &p->ends[p->n++];

	*e = (struct pump_end){ .pump = p,
				.c = c,
				.left = send,
				.want = want,
				.wrong = -1,
				.seed = -1 };
	c->bulk = &taker;
	c->bulk_ctx = e;
}

void pump_join(void *ctx, struct conn *c)
{
	struct pump *p = ctx;
	int64_t back;

	if (!p->st || c->ended || c->talk || c->bulk)
		return;
	back = p->st->both ? p->st->bytes : 0;
	if (conn_belongs(c->name, p->st->on)) {
		pump_add(p, c, p->st->bytes, back);
		pump_begin_sending(c->bulk_ctx);
	} else if (conn_belongs(c->name, p->st->to)) {
		pump_add(p, c, back, p->st->bytes);
	}
}

/* --- the step --- */

static void pump_begin(void *part, const struct step *st)
{
	struct pump *p = part;
	/* Without it the same bytes come, slower. */
	int fast = sodium_init();

	p->st = &st->pump;
	p->moved = p->full = false;
	(void)fast;
	p->ends = calloc(CONN_MAX, sizeof(*p->ends));
	if (!p->ends)
		die_oom();
	p->n = 0;
	/* Another one for each step, so that late bytes are not taken. */
	p->seed += CONN_MAX;
	for (size_t i = 0; i < p->conns->n; i++)
		pump_join(p, p->conns->v[i]);
}

/* Has as much come out at those of @to as there are of @on? */
static bool pump_arrived(const struct pump *p, struct span on, struct span to)
{
	size_t in = 0, out = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct pump_end *e = &p->ends[i];

		in += conn_belongs(e->c->name, on);
		if (conn_belongs(e->c->name, to))
			out += e->over || e->got >= e->want;
		/* Begun, and not yet all there. */
		if (e->got && e->got < e->want && !e->over)
			return false;
	}
	return out >= in;
}

static bool pump_met(void *part, const struct step *st)
{
	const struct pump *p = part;

	if (p->full)
		return true;
	for (size_t i = 0; i < p->n; i++)
		if (p->ends[i].watch)
			return false;
	return pump_arrived(p, st->pump.on, st->pump.to) &&
	       (!st->pump.both || pump_arrived(p, st->pump.on, st->pump.on));
}

/* How fast a machine is says nothing; only standing still does, where the
 * harness is not the one who stands. */
static bool pump_gets_on(void *part)
{
	struct pump *p = part;
	bool moved = p->moved;

	for (size_t i = 0; i < p->n; i++)
		moved |= p->ends[i].rest != NULL;
	p->moved = false;
	return moved;
}

/* All that it goes into have ended, and it comes out nowhere. */
static bool pump_in_vain(void *part)
{
	const struct pump *p = part;

	for (size_t i = 0; i < p->conns->n; i++)
		if (conn_belongs(p->conns->v[i]->name, p->st->to))
			return false;
	return conns_ended(p->conns, p->st->on);
}

static enum pump_result pump_outcome(const struct pump_end *e)
{
	if (e->wrong >= 0)
		return PUMP_DIFFERS;
	if (e->got > e->want)
		return PUMP_SURPLUS;
	if (e->got == e->want)
		return PUMP_OK;
	if (e->deaf && e->pump->full)
		return PUMP_FULL;
	return e->got ? PUMP_SHORT : PUMP_NOTHING;
}

/* Tells the outcome of every connection. */
static void pump_over(void *part, const struct step *st, bool late)
{
	struct pump *p = part;
	bool all = pump_arrived(p, st->pump.on, st->pump.to);

	(void)late;
	for (size_t i = 0; i < p->n; i++) {
		struct pump_end *e = &p->ends[i], *from = pump_sender(e);

		loop_drop(e->watch);
		pump_wake(e);
		e->c->bulk = NULL;
		/* Some of those may be the other ends of something else. */
		if (e->want && (e->got || !all))
			rec(p->task, pump, .out = span_str(e->c->name),
			    .result = pump_outcome(e),
			    .in = span_str(from ? from->c->name : ""),
			    .bytes = e->got, .wrong = e->wrong,
			    .rested = e->rested / 1000);
	}
	loop_drop(p->quiet);
	p->quiet = NULL;
	free(p->ends);
	p->ends = NULL;
	p->st = NULL;
	p->n = 0;
}

const struct step_ops step_pump_ops = {
	.part = PART_PUMP,
	.begin = pump_begin,
	.met = pump_met,
	.end = pump_over,
	.in_vain = pump_in_vain,
	.gets_on = pump_gets_on,
};
