/*
 * pump.c - bulk data through tunnels, checked by offset.
 *
 * Every sender has a stream of its own: the first eight bytes say whose it
 * is, all others follow from that and from their offset.  So a receiver finds
 * out what to expect by itself, however connections were paired, and tells
 * lost, doubled, changed and exchanged bytes.  Nothing of it goes into the
 * trace but the outcome.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/worker/worker_int.h"

#define HEAD 8
/* Sent at once. */
#define PIECE 65536

/* Sebastiano Vigna's splitmix64 of a counter: any offset at once. */
static uint64_t word_at(int64_t seed, int64_t index)
{
	uint64_t z = (uint64_t)seed * 0x9e3779b97f4a7c15u + (uint64_t)index;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t word_of(int64_t seed, int64_t index)
{
	return index * 8 < HEAD ? (uint64_t)seed : word_at(seed, index);
}

/* Little-endian words; whole ones at a time where that is possible. */
static void fill(int64_t seed, int64_t at, uint8_t *to, size_t n)
{
	size_t i = 0;

	while (i < n) {
		int64_t offset = at + (int64_t)i;
		uint64_t word = htole64(word_of(seed, offset / 8));
		size_t skip = (size_t)(offset % 8);
		size_t part = 8 - skip < n - i ? 8 - skip : n - i;

		memcpy(to + i, (const uint8_t *)&word + skip, part);
		i += part;
	}
}

/* --- sending --- */

static void writable(void *ctx, unsigned what)
{
	struct pumped *p = ctx;
	int64_t seed = p->c->w->pump_seed + (p - p->c->w->pumped);
	uint8_t piece[PIECE];
	size_t n = p->left < PIECE ? (size_t)p->left : PIECE;
	ssize_t sent;

	(void)what;
	fill(seed, p->sent, piece, n);
	sent = net_put(p->c, piece, n);
	if (sent < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* An error shows on the reading side, too. */
	if (sent > 0) {
		p->sent += sent;
		p->left -= sent;
	}
	if (sent < 0 || p->left == 0) {
		p->left = 0;
		loop_drop(p->watch);
		p->watch = NULL;
		worker_check(p->c->w);
	}
}

/* The far side begins when it has got something: that it takes part at all
 * shows then. */
static void begin_sending(struct pumped *p)
{
	if (p->left && !p->watch && !p->over)
		p->watch = loop_fd(p->c->w->loop, p->c->fd, LOOP_WRITE,
				   writable, p);
}

/* --- receiving --- */

static void learn_seed(struct pumped *p)
{
	uint64_t seed = 0;

	for (int i = 0; i < HEAD; i++)
		seed |= (uint64_t)p->head[i] << 8 * i;
	p->seed = (int64_t)seed;
	/* Not one of ours: wrong from the very first byte. */
	if (p->seed < p->c->w->pump_seed ||
	    p->seed >= p->c->w->pump_seed + (int64_t)p->c->w->npumped)
		p->wrong = 0;
}

/* Somewhere they differ. */
static int64_t first_other(const char *got, const uint8_t *want)
{
	int64_t i = 0;

	while ((uint8_t)got[i] == want[i])
		i++;
	return i;
}

void pump_eat(struct conn *c, struct span bytes)
{
	struct pumped *p = c->in;
	uint8_t want[PIECE];
	size_t at = 0;

	c->w->pump_moved = true;
	begin_sending(p);
	while (p->got < HEAD && at < bytes.n) {
		p->head[p->got++] = (uint8_t)bytes.p[at++];
		if (p->got == HEAD)
			learn_seed(p);
	}
	while (at < bytes.n) {
		size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;

		if (p->wrong < 0) {
			fill(p->seed, p->got, want, n);
			if (memcmp(bytes.p + at, want, n) != 0)
				p->wrong = p->got +
					   first_other(bytes.p + at, want);
		}
		p->got += (int64_t)n;
		at += n;
	}
}

/* --- the step --- */

static void add(struct conn *c, int64_t send, int64_t want)
{
	struct worker *w = c->w;
	struct pumped *p = &w->pumped[w->npumped++];

	*p = (struct pumped){
		.c = c, .left = send, .want = want, .wrong = -1, .seed = -1
	};
	c->in = p;
}

void pump_join(struct conn *c)
{
	const struct step_pump *st = c->w->pump;
	int64_t back;

	if (!c->w->pumped || c->ended || c->talk || c->in)
		return;
	back = st->both ? st->bytes : 0;
	if (net_belongs(c->name, st->on)) {
		add(c, st->bytes, back);
		begin_sending(c->in);
	} else if (net_belongs(c->name, st->to)) {
		add(c, back, st->bytes);
	}
}

void pump_start(struct worker *w, const struct step_pump *st)
{
	w->pump = st;
	w->pumped = calloc(CONN_MAX, sizeof(*w->pumped));
	if (!w->pumped)
		die_oom();
	w->npumped = 0;
	/* Another one for each step, so that late bytes are not taken. */
	w->pump_seed += CONN_MAX;
	for (size_t i = 0; i < w->nconn; i++)
		pump_join(&w->conn[i]);
}

/* Has as much come out at those of @to as there are of @on? */
static bool arrived(const struct worker *w, struct span on, struct span to)
{
	size_t in = 0, out = 0;

	for (size_t i = 0; i < w->npumped; i++) {
		const struct pumped *p = &w->pumped[i];

		in += net_belongs(p->c->name, on);
		if (net_belongs(p->c->name, to))
			out += p->over || p->got >= p->want;
		/* Begun, and not yet all there. */
		if (p->got && p->got < p->want && !p->over)
			return false;
	}
	return out >= in;
}

bool pump_done(const struct worker *w)
{
	const struct step_pump *st = w->pump;

	for (size_t i = 0; i < w->npumped; i++)
		if (w->pumped[i].watch)
			return false;
	return arrived(w, st->on, st->to) &&
	       (!st->both || arrived(w, st->on, st->on));
}

static const char *outcome(const struct pumped *p)
{
	if (p->wrong >= 0)
		return "differs";
	if (p->got > p->want)
		return "surplus";
	if (p->got == p->want)
		return "ok";
	return p->got ? "short" : "nothing";
}

static const char *sender(const struct worker *w, const struct pumped *p)
{
	int64_t i = p->seed - w->pump_seed;

	return p->got >= HEAD && i >= 0 && i < (int64_t)w->npumped
		       ? w->pumped[i].c->name
		       : "";
}

void pump_end(struct worker *w)
{
	const struct step_pump *st = w->pump;
	bool all = arrived(w, st->on, st->to);

	for (size_t i = 0; i < w->npumped; i++) {
		struct pumped *p = &w->pumped[i];

		loop_drop(p->watch);
		p->c->in = NULL;
		/* Some of those may be the other ends of something else. */
		if (p->want && (p->got || !all))
			rec(w, pump, .out = span_str(p->c->name),
			    .result = span_str(outcome(p)),
			    .in = span_str(sender(w, p)), .bytes = p->got,
			    .wrong = p->wrong);
	}
	free(w->pumped);
	w->pumped = NULL;
	w->npumped = 0;
}
