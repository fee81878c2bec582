/*
 * relay.c - see relay.h.
 *
 * A caller and the connection that is made for it are two halves; each keeps
 * what the other one cannot take yet.  An end of one is the end of the other
 * as soon as that has got all.
 */
#include "harness/worker/net/relay.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "harness/worker/net/dial.h"

/* More than that is not read before it is written. */
#define HELD_MAX (256u * 1024u)
/* Between two bytes of a stream in pieces, in µs. */
#define DRIP_US 1000

/* One direction. */
struct half {
	struct relays *all;
	struct relayed *both;
	struct conn *from, *to;
	struct buf held;
	struct watch *write, *drip;
	bool split;
	bool over; /* nothing more will come */
};

struct relayed {
	struct half half[2];
};

static void half_go_on(struct half *h);

static void half_writable(void *ctx, unsigned what)
{
	struct half *h = ctx;

	(void)what;
	half_go_on(h);
	task_changed(h->to->all->task);
}

static void half_drip(void *ctx, unsigned what)
{
	struct half *h = ctx;

	h->drip = NULL;
	half_writable(h, what);
}

static void half_put(struct half *h, size_t n)
{
	ssize_t put = conn_put(h->to, h->held.p, n);

	if (put > 0)
		buf_eat(&h->held, (size_t)put);
	else if (put < 0 && errno != EAGAIN && errno != EINTR)
		buf_reset(&h->held); /* its end will be read */
}

static void half_wait(struct half *h)
{
	struct loop *l = h->to->all->task->loop;

	loop_drop(h->write);
	h->write = NULL;
	if (h->held.n == 0 || h->to->ended)
		return;
	if (h->split && !h->drip)
		h->drip = loop_after(l, DRIP_US, half_drip, h);
	else if (!h->split)
		h->write = loop_fd(l, h->to->fd, LOOP_WRITE, half_writable, h);
}

static void half_go_on(struct half *h)
{
	if (h->held.n && !h->to->ended && !(h->split && h->drip))
		half_put(h, h->split ? 1 : h->held.n);
	half_wait(h);
	if (h->over && (h->held.n == 0 || h->all->resets))
		conn_end(h->to, h->all->resets);
}

static struct half *half_of(struct conn *c)
{
	return c->bulk_ctx;
}

static void relay_data(struct conn *c, struct span bytes)
{
	struct half *h = half_of(c);

	buf_add(&h->held, bytes);
	half_go_on(h);
}

/* Its descriptor is still open. */
static void relay_end(struct conn *c)
{
	struct half *h = half_of(c), *back = half_of(h->to);

	h->over = true;
	loop_drop(back->write);
	loop_drop(back->drip);
	back->write = back->drip = NULL;
	half_go_on(h);
}

static void relay_fini(struct conn *c)
{
	struct relayed *p = half_of(c)->both;

	for (int i = 0; i < 2; i++) {
		loop_drop(p->half[i].write);
		loop_drop(p->half[i].drip);
		buf_fini(&p->half[i].held);
		p->half[i].from->bulk = NULL;
	}
	free(p);
}

/* --- a caller --- */

static void relay_join(struct relayed *p, struct relays *all, struct conn *in,
		       struct conn *out, bool split)
{
	static const struct conn_taker taker = { .data = relay_data,
						 .end = relay_end,
						 .fini = relay_fini };

	for (int i = 0; i < 2; i++) {
		struct half *h = &p->half[i];

		*h = (struct half){
			.all = all,
			.both = p,
			.from = i ? out : in,
			.to = i ? in : out,
			.held = BUF_MAX(64 * HELD_MAX),
			.split = split,
		};
		h->from->bulk = &taker;
		h->from->bulk_ctx = h;
	}
}

void relay_pass(struct conn *c, struct span to_text, struct span from,
		bool split, struct span first)
{
	struct relays *all = c->all->relays;
	struct relayed *p;
	struct conn *out;
	struct addr to;
	char name[64];
	int fd, error;

	addr_parse(to_text, &to);
	snprintf(name, sizeof(name), "%.50s:out", c->name);
	error = dial_begin(&to, from, &fd);
	if (error && error != EINPROGRESS) {
		if (fd >= 0)
			close(fd);
		conn_end(c, true);
		return;
	}
	out = conn_add(c->all, fd, name);
	if (!out) {
		conn_end(c, true);
		return;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		die_oom();
	relay_join(p, all, c, out, split);
	if (first.n)
		relay_data(c, first);
}

static void relay_attach(struct conn *c, const struct step *st)
{
	relay_pass(c, st->relay.to, st->relay.from, st->relay.split, SPAN(""));
}

/* --- the steps --- */

static void relay_begin(void *part, const struct step *st)
{
	struct relays *all = part;

	listen_open(all->listeners, st->relay.at, st->relay.as, st->relay.full,
		    relay_attach, st);
}

const struct step_ops step_relay_ops = { .part = PART_RELAYS,
					 .begin = relay_begin };

static void cut_begin(void *part, const struct step *st)
{
	struct relays *all = part;

	all->resets = st->cut.how == CLOSE_RST;
	conns_close_named(all->listeners->conns, st->cut.on, st->cut.how);
	all->resets = false;
}

const struct step_ops step_cut_ops = { .part = PART_RELAYS,
				       .begin = cut_begin };
