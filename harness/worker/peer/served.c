/* served.c - see served.h. */
#include "harness/worker/peer/served.h"

#include <stdlib.h>

/* Between two bytes of a reply in pieces, in µs: long enough for the other
 * side to see each by itself. */
#define DRIP_US 1000

static void served_send_piece(struct served *p, size_t n)
{
	struct span piece = span_sub(buf_span(&p->out), 0, n);

	conn_send(p->c, piece);
	p->sent(p, piece);
	buf_eat(&p->out, n);
}

static void served_stop_drip(struct served *p)
{
	struct task *t = p->c->all->task;

	if (p->drip)
		t->owed -= (int64_t)p->out.n;
	loop_drop(p->drip);
	p->drip = NULL;
}

static void served_drip(void *ctx, unsigned what)
{
	struct served *p = ctx;

	(void)what;
	served_stop_drip(p);
	served_send_piece(p, 1);
	if (p->out.n && !p->c->ended) {
		p->c->all->task->owed += (int64_t)p->out.n;
		p->drip = loop_after(p->c->all->task->loop, DRIP_US,
				     served_drip, p);
		return;
	}
	p->go_on(p);
	task_changed(p->c->all->task);
}

void served_reply(struct served *p)
{
	if (p->split)
		served_drip(p, 0);
	else
		served_send_piece(p, p->out.n);
}

bool served_waits(const struct served *p)
{
	return p->stuck || p->drip || p->c->ended;
}

void served_tunnel(struct served *p)
{
	conn_talk_over(p->c, p->in.n);
}

static void served_said(struct conn *c, struct span bytes)
{
	struct served *p = c->talker;

	buf_add(&p->in, bytes);
	p->go_on(p);
}

static void served_left(struct conn *c)
{
	struct served *p = c->talker;

	served_stop_drip(p);
	p->stuck = true;
}

static void served_fini(struct conn *c)
{
	struct served *p = c->talker;

	served_stop_drip(p);
	buf_fini(&p->in);
	buf_fini(&p->out);
	free(p);
}

void *served_new(struct conn *c, bool split, size_t size, size_t reply_max)
{
	static const struct conn_taker talk = { .data = served_said,
						.end = served_left,
						.fini = served_fini };
	struct served *p = calloc(1, size);

	if (!p)
		die_oom();
	p->c = c;
	p->split = split;
	p->in = BUF_MAX(CONN_KEEP);
	p->out = BUF_MAX(reply_max);
	conn_talk(c, &talk, p);
	return p;
}
