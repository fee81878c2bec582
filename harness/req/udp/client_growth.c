/*
 * client_growth.c - what becomes of datagrams that a client cannot send yet: it
 * may drop them, or keep some; but not all that ever come.
 *
 * A case sends the same amount in rounds, and looks at the memory behind each.
 * Snapshots of one phase have one name and a number: "waiting-0", "waiting-1".
 * A runtime that collects its garbage when it likes grows in all phases alike.
 */
#include "harness/req/udp/udp.h"

#include <string.h>

#define WAITING "waiting"
/* Fewer rounds, and smaller ones, say nothing. */
#define WAITING_MIN 3
#define OTHER_MIN 3
#define ROUND_BYTES (2 << 20)

/* How much an application sent there, in bytes. */
static int64_t sent_bytes(const struct event *ev)
{
	if (ev->kind == EV_SENT && !ev->sent.code)
		return (int64_t)ev->sent.data.n;
	return ev->kind == EV_CUT && span_eqs(ev->cut.on, "app") ? ev->cut.bytes
								 : 0;
}

/* The name without its number. */
static struct span phase_of(const struct event *snapshot)
{
	struct span as = snapshot->memory.as;
	const char *dash = as.n ? memchr(as.p, '-', as.n) : NULL;

	return dash ? span_sub(as, 0, (size_t)(dash - as.p)) : as;
}

struct growth {
	size_t waiting, kept; /* rounds, and those that kept half of it */
	size_t other, steady; /* rounds, and those that kept no quarter */
	int64_t sent, kib;    /* while waiting */
	const struct event *last;
};

static void add_round(struct growth *g, const struct event *from,
		      const struct event *to, int64_t sent)
{
	int64_t kib = to->memory.kib - from->memory.kib;
	bool waiting = span_eqs(phase_of(to), WAITING);

	if (!span_eq(phase_of(from), phase_of(to)) || sent < ROUND_BYTES)
		return;
	if (!waiting) {
		g->other++;
		g->steady += kib * 1024 < sent / 4;
		return;
	}
	g->waiting++;
	g->kept += kib * 1024 >= sent / 2;
	g->sent += sent;
	g->kib += kib;
	g->last = to;
}

static struct growth all_rounds(const struct view *v)
{
	const struct event *before = NULL;
	struct growth g = { 0 };
	int64_t sent = 0;

	for_events (ev, v) {
		sent += sent_bytes(ev);
		if (ev->kind != EV_MEMORY || !view_is_of(v, ev->memory.of))
			continue;
		if (before)
			add_round(&g, before, ev, sent);
		before = ev;
		sent = 0;
	}
	return g;
}

void judge_growth(struct judge *j)
{
	struct growth g = all_rounds(j->v);

	if (g.waiting < WAITING_MIN || g.other < OTHER_MIN)
		return;
	/* While it waits nobody lets it in. */
	for_events (ev, j->v)
		if (ev->kind == EV_ACCEPT && ev->n < g.last->n &&
		    span_eqs(group_of(ev->accept.name), "hold"))
			return;
	if (g.kept < g.waiting)
		j_pass(j, g.last->n);
	else if (g.steady == g.other)
		j_say(j, V_WARN, g.last->n,
		      "datagrams that are dropped, or a queue that has an end",
		      "%lld KiB more memory for %lld KiB of datagrams, and as "
		      "much in each of %zu rounds",
		      (long long)g.kib, (long long)g.sent / 1024, g.waiting);
}
