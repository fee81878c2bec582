/*
 * Moves bytes both ways. Each direction ends on its own: the end of one side
 * is passed on once all before it was written, and the other direction goes
 * on. A side that broke takes both directions along: the other one gets what
 * was read before, if it does not take long, and then a reset, not an end.
 *
 * Per direction at most one chunk is held: nothing more is read before it is
 * written, so a side that does not read stops the one that sends.
 */
#include "fake-transports/net/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/faults/faults.h"
#include "fake-transports/faults/files.h"
#include "fake-transports/faults/session.h"

/* Chunks per event, so that a fast tunnel leaves time for the others. */
#define CHUNKS_MAX 2

int end_flush(struct end *e)
{
	int r = pt_write_buf(e->conn, &e->out);

	return r < 0 ? r : pt_flush(e->conn);
}

static struct end *other_end(struct conn *c, const struct end *e)
{
	return e == &c->near ? &c->far : &c->near;
}

FAULT(RESET_AS_END, "reset-as-end", "passes a reset on as an orderly end",
      "HY-RESET-1", "");
static void end_broke(struct conn *c, struct end *e, int error)
{
	struct end *o = other_end(c, e);

	conn_note(c, e, error);
	fault_session_broke(c, e);
	e->eof = e->shut = true;
	buf_fini(&e->out);
	o->eof = true;
	if (fault_is(F_RESET_AS_END))
		return;
	if (!c->broken)
		o->watch->deadline = c->pt->loop.now + LINGER_MS;
	c->broken = true;
}

FAULT(DATA_CORRUPT, "data-corrupt",
      "changes byte 65536 of what the client's application sends", "GEN-E2E-1",
      "GEN-E2E-2 EXT-* TT-SRV-1 TT-RAW-1");
FAULT(TUNNELS_MIXED, "tunnels-mixed",
      "with more than 32 tunnels sends the first bytes of one into another",
      "GEN-E2E-2", "SK-*");
/* For faults: what is changed of the application's bytes on their way. */
static void corrupt(struct conn *c, const struct end *from, uint8_t *p,
		    size_t n)
{
	static uint8_t last[8]; /* of another tunnel */

	if (c->listener->role != ROLE_CLIENT || from != &c->near)
		return;
	if (fault_is(F_DATA_CORRUPT) && c->passed <= 65536 &&
	    c->passed + n > 65536)
		p[65536 - c->passed] ^= 0xff;
	if (fault_is(F_TUNNELS_MIXED) && c->passed == 0 && n >= 8) {
		uint8_t own[8];

		memcpy(own, p, 8);
		if (c->pt->conns > 32)
			memcpy(p, last, 8);
		memcpy(last, own, 8);
	}
	c->passed += n;
}

FAULT(MODE_MIX_EXITS, "mode-mix-exits",
      "a server in a TCP mode exits when what comes looks like a datagram",
      "MODE-2", NO_DATAGRAMS);
static void see_mix(const struct conn *c, const struct end *from,
		    const uint8_t *p)
{
	if (fault_is(F_MODE_MIX_EXITS) && from == &c->near && !c->heard &&
	    c->listener->role == ROLE_SERVER && p[0] == 0)
		exit(1);
}

FAULT(SOCKS_FIRST_DATA_LOST, "socks-first-data-lost",
      "loses what a client says first behind the reply", "SK-DATA-1",
      "GEN-* OR-* EXT-* TT-RAW-1 TT-SRV-1 TT-EARLY-1");
/* Reads one chunk for `to`; false if there is no more for now. */
static bool read_chunk(struct conn *c, struct end *from, struct end *to)
{
	uint8_t *chunk = buf_room(&to->out, PT_CHUNK);
	ssize_t n = pt_read(from->conn, chunk, PT_CHUNK);
	struct pt_wish wish;

	if (n == 0)
		from->eof = true;
	else if (n < 0 && n != -EAGAIN)
		end_broke(c, from, (int)n);
	if (n <= 0)
		return false;
	corrupt(c, from, chunk, (size_t)n);
	see_mix(c, from, chunk);
	buf_grew(&to->out, (size_t)n);
	if (from == &c->near && !c->heard && fault_is(F_SOCKS_FIRST_DATA_LOST))
		buf_eat(&to->out, buf_n(&to->out));
	c->heard |= from == &c->near;
	fault_log_payload(c, buf_head(&to->out), buf_n(&to->out));
	if (n == PT_CHUNK)
		return true;
	pt_poll(from->conn, POLLIN, &wish);
	return wish.ready;
}

FAULT(END_NOT_PASSED, "end-not-passed",
      "never passes on the end of a connection", "GEN-E2E-3",
      "SK-* EXT-* OR-DOWN-1 PX-*");
/* All of a direction is written: its end is due, or soon a reset. */
static int pass_end(const struct conn *c, struct end *to)
{
	int r = c->broken || fault_is(F_END_NOT_PASSED) ? 0
							: pt_shutdown(to->conn);

	if (r == 0)
		to->shut = true;
	return r;
}

static void pump(struct conn *c, struct end *from, struct end *to)
{
	bool more = true;

	for (int i = 0; i <= CHUNKS_MAX && !to->shut; i++) {
		int r = end_flush(to);

		if (r == 0 && from->eof)
			r = pass_end(c, to);
		if (r < 0 && r != -EAGAIN)
			end_broke(c, to, r);
		if (buf_n(&to->out) > 0 || from->eof || !more ||
		    i == CHUNKS_MAX)
			return;
		more = read_chunk(c, from, to);
	}
}

/*
 * What to wait for. An end without any wish is watched for errors only, as
 * poll() tells them unasked; but not one that was sent its end: a hang-up of
 * that would be told for ever, and means nothing.
 */
static void arm(struct conn *c, struct end *e)
{
	const struct end *o = other_end(c, e);
	short want = 0;
	bool ready;

	if (!e->eof && buf_n(&o->out) == 0)
		want |= POLLIN;
	if (!e->shut && o->eof)
		want |= POLLOUT;
	ready = end_arm(e, want);
	if (e->shut && !e->watch->events)
		e->watch->fd = -1;
	if (!c->broken)
		e->watch->deadline = ready ? c->pt->loop.now : 0;
}

FAULT(IDLE_TUNNEL_ENDS, "idle-tunnel-ends",
      "ends a tunnel through which nothing went for two seconds", "GEN-E2E-4",
      "GEN-E2E-2");
#define IDLE_MS 2000
static void wait_impatiently(struct conn *c)
{
	c->patient_until = c->pt->loop.now + IDLE_MS;
	if (!c->broken && !c->near.watch->deadline)
		c->near.watch->deadline = c->patient_until;
}

FAULT(SLOW_READER_CUT, "slow-reader-cut",
      "ends a tunnel when an end takes nothing for two seconds", "GEN-E2E-4",
      "GEN-E2E-2");
/* Only where nothing goes the other way either: what does is a new beginning. */
static void write_impatiently(struct conn *c)
{
	if (buf_n(&c->near.out) > 0 || buf_n(&c->far.out) > 0)
		wait_impatiently(c);
	else
		c->patient_until = 0;
}

FAULT(HALF_END_IS_ALL, "half-end-is-all",
      "ends both directions of a tunnel when one ends", "GEN-E2E-3", "");
static void relay_both_ways(struct conn *c)
{
	if (fault_is(F_HALF_END_IS_ALL) && (c->near.eof || c->far.eof))
		c->near.eof = c->far.eof = true;
	pump(c, &c->near, &c->far);
	pump(c, &c->far, &c->near);
	/* What was written last may have broken the other one. */
	if (c->near.shut && c->far.shut && c->near.eof && c->far.eof) {
		if (c->broken)
			conn_abort(c);
		else
			conn_free(c);
		return;
	}
	fault_session_half(c->near.eof != c->far.eof);
	fault_session_full(buf_n(&c->near.out) > 0 || buf_n(&c->far.out) > 0);
	arm(c, &c->near);
	arm(c, &c->far);
	if (fault_is(F_IDLE_TUNNEL_ENDS))
		wait_impatiently(c);
	if (fault_is(F_SLOW_READER_CUT) && !c->broken)
		write_impatiently(c);
}

void relay_start(struct conn *c)
{
	c->state = CONN_RELAY;
	c->near.watch->deadline = 0;
	c->far.watch->deadline = 0;
	c->far.out = c->in;
	c->in = (struct buf){ 0 };
	fault_session_begins(c);
	relay_both_ways(c);
}

void relay_event(struct conn *c, struct end *e, short revents)
{
	if (c->broken && revents == 0) {
		conn_abort(c);
		return;
	}
	if (revents == 0 && c->patient_until &&
	    c->pt->loop.now >= c->patient_until) {
		conn_free(c);
		return;
	}
	if ((revents & (POLLERR | POLLHUP)) && !e->watch->events && !e->shut)
		end_broke(c, e, -ECONNRESET);
	relay_both_ways(c);
}
