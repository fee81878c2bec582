/*
 * play.c - what the harness does in every part that it plays behind a
 * listener: it collects what is said, and sends its replies whole or byte by
 * byte.  What they mean is the part's own: proxy.c, extor.c.
 */
#include <stdlib.h>

#include "harness/worker/worker_int.h"

/* Between two bytes of a reply in pieces, in µs: long enough for the other
 * side to see each by itself. */
#define DRIP_US 1000

static void send_piece(struct play *p, size_t n)
{
	struct span piece = span_sub(buf_span(&p->out), 0, n);

	net_talk(p->c, piece);
	p->sent(p, piece);
	buf_eat(&p->out, n);
}

static void drip(void *ctx, unsigned what)
{
	struct play *p = ctx;

	(void)what;
	p->drip = NULL;
	send_piece(p, 1);
	if (p->out.n && !p->c->ended) {
		p->drip = loop_after(p->c->w->loop, DRIP_US, drip, p);
		return;
	}
	p->go_on(p);
	worker_check(p->c->w);
}

void play_reply(struct play *p)
{
	if (p->split)
		drip(p, 0);
	else
		send_piece(p, p->out.n);
}

bool play_waits(const struct play *p)
{
	return p->stuck || p->drip || p->c->ended;
}

void play_tunnel(struct play *p)
{
	p->c->got = p->in.n;
	p->c->talk = NULL;
	pump_join(p->c);
}

static void said(struct conn *c, struct span bytes)
{
	struct play *p = c->talker;

	buf_add(&p->in, bytes);
	p->go_on(p);
}

static void left(struct conn *c)
{
	struct play *p = c->talker;

	loop_drop(p->drip);
	p->drip = NULL;
	p->stuck = true;
}

static void fini(struct conn *c)
{
	struct play *p = c->talker;

	loop_drop(p->drip);
	buf_fini(&p->in);
	buf_fini(&p->out);
	free(p);
}

void *play_new(struct conn *c, bool split, size_t size, size_t reply_max)
{
	static const struct talk talk = { .data = said, .end = left };
	struct play *p = calloc(1, size);

	if (!p)
		die_oom();
	p->c = c;
	p->split = split;
	p->in = BUF_MAX(CONN_KEEP);
	p->out = BUF_MAX(reply_max);
	c->talk = &talk;
	c->talker = p;
	c->fini = fini;
	return p;
}
