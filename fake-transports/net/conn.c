#include "fake-transports/net/conn.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/faults/files.h"
#include "fake-transports/faults/session.h"
#include "fake-transports/net/dial.h"
#include "fake-transports/net/tcp.h"
#include "fake-transports/net/turns.h"
#include "fake-transports/udp/udp.h"

#define HANDSHAKE_MS 30000
/* A destination is on this host: one that does not answer is of no use. */
#define DESTINATION_MS 2500
#define SETTINGS_MS 3000
#define READ_CHUNK 16384u
/* A block of settings, a request, and as much as one read may bring along. */
#define SOCKS_IN_MAX (SOCKS_SETTINGS_MAX + 1024)

static void end_fini(struct end *e, void (*finish)(struct pt_conn *))
{
	loop_del(e->watch);
	e->watch = NULL;
	if (e->conn)
		finish(e->conn);
	e->conn = NULL;
	buf_fini(&e->out);
}

static void finish(struct conn *c, void (*how)(struct pt_conn *))
{
	if (c->state == CONN_RELAY)
		fault_session_ends(c);
	end_fini(&c->near, how);
	end_fini(&c->far, how);
	buf_fini(&c->in);
	options_fini(&c->socks.settings);
	c->pt->conns--;
	if (c->pt->turn == c)
		c->pt->turn = NULL;
	free(c);
}

void conn_free(struct conn *c)
{
	finish(c, pt_close);
}

void conn_abort(struct conn *c)
{
	finish(c, pt_abort);
}

bool end_arm(struct end *e, short want)
{
	struct pt_wish wish;

	if (buf_n(&e->out) > 0)
		want |= POLLOUT;
	pt_poll(e->conn, want, &wish);
	e->watch->fd = wish.fd;
	e->watch->events = wish.events;
	return wish.ready;
}

FAULT(SERVER_DIES_ON_RESET, "server-dies-on-reset",
      "stops listening after a client reset its connection", "SM-LIFE-1",
      "GEN-* OR-* EXT-* BA-*");
void conn_note(struct conn *c, const struct end *e, int error)
{
	if (error == -ECONNRESET && e == &c->near &&
	    c->listener->role == ROLE_SERVER &&
	    fault_is(F_SERVER_DIES_ON_RESET))
		listener_stop(c->listener);
}

static void near_broke(struct conn *c, int error)
{
	conn_note(c, &c->near, error);
	conn_free(c);
}

/* Answers, and waits for more or, with `want` 0, for the rest to be sent. */
static void near_answer(struct conn *c, short want)
{
	int r = end_flush(&c->near);

	if (r < 0 && r != -EAGAIN)
		near_broke(c, r);
	else
		end_arm(&c->near, want);
}

FAULT(SOCKS_FAILURE_STAYS_OPEN, "socks-failure-stays-open",
      "leaves the connection open after a failure", "SK-REP-4",
      "SK-JPB-ERRCLOSE-1");
FAULT_WITH(SOCKS4_ARGS, SOCKS4_FAILURE_STAYS_OPEN, "socks4-failure-stays-open",
	   "leaves the connection open after a failure", "SK-V4-7", "");
/* Lets the client read its answer: a close with unread input would reset. */
static void linger(struct conn *c)
{
	int r;

	end_fini(&c->far, pt_close);
	if (c->state != CONN_LINGER)
		c->near.watch->deadline = c->pt->loop.now + LINGER_MS;
	c->state = CONN_LINGER;
	r = end_flush(&c->near);
	if (c->socks.state == SOCKS_REQUEST &&
	    (fault_is(F_SOCKS_FAILURE_STAYS_OPEN) ||
	     fault_is(F_SOCKS4_FAILURE_STAYS_OPEN))) {
		c->near.watch->deadline = c->pt->loop.now + HANDSHAKE_MS;
		end_arm(&c->near, POLLIN);
		return;
	}
	if (r == 0)
		r = pt_shutdown(c->near.conn);
	if (r < 0 && r != -EAGAIN)
		conn_free(c);
	else
		end_arm(&c->near, POLLIN);
}

/* Does the application talk to its destination from the first byte? */
static bool is_plain(const struct conn *c)
{
	return c->listener->role == ROLE_CLIENT &&
	       !mode_is_socks(c->pt->cfg.mode);
}

FAULT(TCP_FAILURE_EXITS, "tcp-failure-exits",
      "exits when the target cannot be reached", "TT-FAIL-1", "OR-TGT-*");
FAULT(TCP_FAILURE_STAYS_OPEN, "tcp-failure-stays-open",
      "leaves an application alone whose target cannot be reached", "TT-FAIL-1",
      "OR-TGT-*");
/* Without an answer to give, there is only the end. */
static void refuse_plain(struct conn *c)
{
	if (fault_is(F_TCP_FAILURE_EXITS))
		exit(1);
	if (!fault_is(F_TCP_FAILURE_STAYS_OPEN)) {
		conn_free(c);
		return;
	}
	end_fini(&c->far, pt_close);
	c->near.watch->deadline = 0;
	end_arm(&c->near, 0);
}

FAULT(ORPORT_DOWN_EXITS, "orport-down-exits",
      "the server exits when the destination cannot be reached", "OR-DOWN-1",
      "SM-LIFE-1 SM-DONE-2 OR-* EXT-* HY-* SD-* SM-LISTEN-1 SK-*");
FAULT(SOCKS_FAILURE_IS_00, "socks-failure-is-00",
      "says success when the server cannot be reached", "SK-REP-3", "");
FAULT_WITH(SOCKS4_ARGS, SOCKS4_FAILURE_IS_5A, "socks4-failure-is-5a",
	   "says success when the server cannot be reached", "SK-V4-6", "");
FAULT(DIAL_SILENT, "dial-silent",
      "says nothing to a client whose server does not answer", "SK-REP-3",
      "SK-REQ-3");
static void conn_refuse(struct conn *c, enum socks_rep rep)
{
	fault_dial_failed();
	if (is_plain(c)) {
		refuse_plain(c);
		return;
	}
	if (c->listener->role == ROLE_SERVER) {
		if (fault_is(F_ORPORT_DOWN_EXITS))
			exit(1);
		fault_log_refused(c);
		fault_destination_fails();
		c->pt->extor_failed = true;
		conn_free(c);
		return;
	}
	if (rep == REP_HOST_UNREACHABLE && fault_is(F_DIAL_SILENT)) {
		end_fini(&c->far, pt_close);
		return;
	}
	if (fault_is(F_SOCKS_FAILURE_IS_00) || fault_is(F_SOCKS4_FAILURE_IS_5A))
		rep = REP_OK;
	socks_reply(&c->socks, rep, &c->near.out);
	linger(c);
}

/* ---- dialling ---- */

FAULT(SERVER_BANNER, "server-banner",
      "the server tells the destination of the client in a line of its own",
      "GEN-FWD-1 OR-PAY-1",
      "GEN-E2E-* SM-ARGS-5 SK-* EXT-MSG-12 TT-SRV-1 TT-RAW-1");
static void dial_go_on(struct conn *c)
{
	int r = pt_establish(c->far.conn);

	if (r == -EAGAIN) {
		end_arm(&c->far, POLLIN);
	} else if (r < 0) {
		conn_refuse(c, socks_rep_of_errno(r));
	} else {
		if (c->listener->role == ROLE_CLIENT && !is_plain(c))
			socks_reply(&c->socks, REP_OK, &c->near.out);
		else if (fault_is(F_SERVER_BANNER))
			buf_adds(&c->in, "PROXY TCP4\r\n");
		relay_start(c);
	}
}

static void on_far(struct watch *w, short revents)
{
	struct conn *c = w->arg;

	if (c->state == CONN_RELAY)
		relay_event(c, &c->far, revents);
	else
		dial_go_on(c);
}

FAULT(SOCKS_FIRST_SERVER, "socks-first-server",
      "connects to the first server that it was ever asked for", "SK-DEST-1",
      "SK-REQ-3");
FAULT(TCP_EARLY_LOST, "tcp-early-lost",
      "loses what an application says before the connection is made",
      "TT-EARLY-1", "TT-RAW-1 TT-SRV-1");
FAULT(EXTOR_WAITS_FOREVER, "extor-waits-forever",
      "waits for the extended port as long as it takes", "EXT-TIME-1", "");
static void dial(struct conn *c)
{
	struct listener *l = c->listener;
	int r;

	c->state = CONN_DIAL;
	fault_log_dial(c);
	if (fault_is(F_SOCKS_FIRST_SERVER)) {
		if (c->pt->first_dest.port)
			c->socks.dest = c->pt->first_dest;
		c->pt->first_dest = c->socks.dest;
	}
	/* Input waits until there is somewhere to send it. */
	end_arm(&c->near, fault_is(F_TCP_EARLY_LOST) || fault_is(F_LEFT_SPINS)
				  ? POLLIN
				  : 0);
	if (l->role == ROLE_SERVER)
		c->near.watch->deadline =
			fault_is(F_EXTOR_WAITS_FOREVER)
				? 0
				: c->pt->loop.now + DESTINATION_MS;
	if (l->role == ROLE_CLIENT)
		r = l->client.connect(&l->client,
				      is_plain(c) ? &l->options
						  : &c->socks.settings,
				      &c->socks.dest, &c->far.conn);
	else
		r = dial_destination(c->pt, &c->peer, l->transport->name,
				     &c->far.conn);
	if (r < 0) {
		conn_refuse(c, socks_rep_of_errno(r));
		return;
	}
	c->far.watch = loop_add(&c->pt->loop, -1, 0, on_far, c);
	dial_go_on(c);
}

/* ---- what comes before ---- */

FAULT(TCP_SERVER_SOCKS, "tcp-server-socks",
      "the server waits for SOCKS where the client speaks none", "TT-SRV-1",
      "TT-RAW-1");
/* What the connection carries is datagrams: they have a machine of their own. */
static void become_link(struct conn *c)
{
	struct pt_conn *conn = c->near.conn;

	c->near.conn = NULL;
	udp_server_serve(c->listener, conn);
	conn_free(c);
}

/* A transport is called by its server side only once it knows its peer. */
static void greet(struct conn *c)
{
	int r = pt_establish(c->near.conn);

	if (r == -EAGAIN)
		end_arm(&c->near, POLLIN);
	else if (r < 0) {
		fault_log_refused(c);
		fault_stranger_ends();
		near_broke(c, r);
	} else if (c->pt->cfg.mode == MODE_TCP &&
		   fault_is(F_TCP_SERVER_SOCKS)) {
		c->state = CONN_SOCKS;
		end_arm(&c->near, POLLIN);
	} else if (mode_is_udp(c->pt->cfg.mode)) {
		become_link(c);
	} else
		dial(c);
}

static void copy_settings(struct option_list *to,
			  const struct option_list *from)
{
	for (size_t i = 0; to != from && i < from->n; i++)
		option_add(to, from->v[i].key, strlen(from->v[i].key),
			   from->v[i].value, strlen(from->v[i].value));
}

FAULT(SETTINGS_STICK, "settings-stick",
      "uses the settings of the client before for one that tells none",
      "SK-JPB-OK-3", "SM-ARGS-5 SK-JPB-NEED-1");
FAULT(SETTINGS_SHARED, "settings-shared",
      "uses what was told last for all clients", "SK-JPB-OK-2",
      "SK-JPB-* SM-ARGS-5 SK-REQ-1 SK-REP-2 GEN-E2E-* GEN-FWD-1");
FAULT(SETTINGS_BROKEN_STICK, "settings-broken-stick",
      "uses the settings of another client for one whose own are malformed",
      "SK-JPB-OK-3", "SK-JPB-12-* SM-ARGS-5 SK-JPB-ERRCLOSE-1");
/* Settings of one connection go on to others. */
static void reuse_settings(struct conn *c)
{
	struct socks *s = &c->socks;
	bool takes = fault_is(F_SETTINGS_SHARED) ||
		     (fault_is(F_SETTINGS_STICK) && !s->has_settings) ||
		     (fault_is(F_SETTINGS_BROKEN_STICK) &&
		      s->verdict == REP_SETTINGS_MALFORMED);

	if (s->state != SOCKS_REQUEST || !takes || !c->pt->last.n)
		return;
	options_fini(&s->settings);
	copy_settings(&s->settings, &c->pt->last);
	s->verdict = REP_OK;
}

static void keep_settings(struct conn *c)
{
	bool keeps = fault_is(F_SETTINGS_SHARED) ||
		     fault_is(F_SETTINGS_STICK) ||
		     fault_is(F_SETTINGS_BROKEN_STICK);

	if (!keeps || c->socks.verdict != REP_OK || !c->socks.settings.n)
		return;
	options_fini(&c->pt->last);
	copy_settings(&c->pt->last, &c->socks.settings);
}

FAULT(SETTINGS_NO_TIMEOUT, "settings-no-timeout",
      "waits for the rest of settings for five minutes", "SK-JPB-11-1",
      "SM-ARGS-5");
FAULT(SETTINGS_HASTY, "settings-hasty",
      "waits a tenth of a second for settings", "SK-JPB-11-3",
      "SK-JPB-* SM-ARGS-5");
static int settings_ms(void)
{
	if (fault_is(F_SETTINGS_NO_TIMEOUT))
		return 10 * HANDSHAKE_MS;
	/* Or nobody would notice that others wait. */
	if (fault_is(F_SETTINGS_SERIAL))
		return HANDSHAKE_MS;
	return fault_is(F_SETTINGS_HASTY) ? 100 : SETTINGS_MS;
}

FAULT(SOCKS_NOT_SPOKEN, "socks-not-spoken",
      "announces socks5 and hangs up on the greeting", "CM-LISTEN-2",
      NO_CLIENT);
static void socks_data(struct conn *c)
{
	bool was_settings = c->socks.state == SOCKS_SETTINGS;
	int64_t now = c->pt->loop.now;
	enum socks_result r;

	if (fault_is(F_SOCKS_NOT_SPOKEN)) {
		conn_free(c);
		return;
	}
	reuse_settings(c);
	r = socks_step(&c->socks, &c->in, &c->near.out);
	if (!was_settings && c->socks.state == SOCKS_SETTINGS)
		c->near.watch->deadline = now + settings_ms();
	if (was_settings && c->socks.state != SOCKS_SETTINGS) {
		c->near.watch->deadline = now + HANDSHAKE_MS;
		keep_settings(c);
	}
	switch (r) {
	case SOCKS_CLOSE:
		fault_socks_refused();
		linger(c);
		break;
	case SOCKS_CONNECT:
		c->near.watch->deadline = now + HANDSHAKE_MS;
		dial(c);
		break;
	case SOCKS_MORE:
		near_answer(c, POLLIN);
		break;
	}
}

/* Reads a bit of `in`; false if the peer has ended or broken. */
static bool near_fill(struct conn *c)
{
	size_t n = buf_n(&c->in);
	size_t room = n < SOCKS_IN_MAX ? SOCKS_IN_MAX - n : 0;
	ssize_t got;

	if (room == 0)
		return true;
	if (room > READ_CHUNK)
		room = READ_CHUNK;
	got = pt_read(c->near.conn, buf_room(&c->in, room), room);
	if (got > 0)
		buf_grew(&c->in, (size_t)got);
	return got > 0 || got == -EAGAIN;
}

/* What comes is thrown away; the answer may be on its way still. */
static void linger_data(struct conn *c)
{
	buf_fini(&c->in);
	if (buf_n(&c->near.out) > 0)
		linger(c);
}

FAULT(HALF_OPEN_CRASH, "half-open-crash",
      "client crashes when a connection ends inside the SOCKS greeting",
      "HY-CRASH-1", "CM-LIFE-1 SK-*");
FAULT(HALF_OPEN_ALARM, "half-open-alarm",
      "client dies of SIGALRM when a connection ends inside the greeting",
      "HY-SIGNAL-1", "CM-LIFE-1 SK-*");
FAULT(SOCKS_DIES_OF_HANGUP, "socks-dies-of-hangup",
      "aborts when a client goes in the middle of a message", "SK-ROB-1",
      "CM-LIFE-1 SK-JPB-EXTRA-1 SK-JPB-10-1 SK-JPB-ERRLIVE-1 "
      "HY-CRASH-1");
/* Faults that a client's end in the middle of the greeting wakes. */
static void half_open(const struct conn *c)
{
	if (buf_n(&c->in) == 0 || c->state != CONN_SOCKS)
		return;
	if (fault_is(F_HALF_OPEN_CRASH))
		raise(SIGSEGV);
	if (fault_is(F_HALF_OPEN_ALARM))
		raise(SIGALRM);
	if (fault_is(F_SOCKS_DIES_OF_HANGUP))
		abort();
}

static void near_end(struct conn *c)
{
	half_open(c);
	conn_free(c);
}

FAULT(LEFT_SPINS, "left-spins",
      "spins when the application leaves before it has an answer", "HY-IDLE-1",
      "SK-* PX-* AN-* OR-*");
/* An end while dialling; by a fault input comes as well, and is lost. */
static void dial_event(struct conn *c, short revents)
{
	if (revents & POLLIN && fault_is(F_LEFT_SPINS))
		return;
	if (revents & (POLLERR | POLLHUP)) {
		near_broke(c, -ECONNRESET);
	} else if (fault_is(F_TCP_EARLY_LOST) && is_plain(c)) {
		near_fill(c);
		buf_fini(&c->in);
	} else {
		near_answer(c, 0);
	}
}

static void near_event(struct conn *c, short revents)
{
	switch (c->state) {
	case CONN_SOCKS:
	case CONN_LINGER:
		if (c->state == CONN_SOCKS && turn_must_wait(c))
			break;
		if ((revents & ~POLLOUT) && !near_fill(c))
			near_end(c);
		else if (c->state == CONN_SOCKS)
			socks_data(c);
		else
			linger_data(c);
		break;
	case CONN_GREET:
		greet(c);
		break;
	case CONN_DIAL:
		dial_event(c, revents);
		break;
	case CONN_RELAY:
		relay_event(c, &c->near, revents);
		break;
	}
}

static void near_timeout(struct conn *c)
{
	switch (c->state) {
	case CONN_SOCKS:
		if (socks_timeout(&c->socks, &c->in, &c->near.out))
			linger(c);
		break;
	case CONN_DIAL:
		conn_refuse(c, REP_HOST_UNREACHABLE);
		break;
	case CONN_GREET:
	case CONN_LINGER:
		conn_free(c);
		break;
	case CONN_RELAY:
		relay_event(c, &c->near, 0);
		break;
	}
}

static void on_near(struct watch *w, short revents)
{
	struct conn *c = w->arg;

	if (revents)
		near_event(c, revents);
	else
		near_timeout(c);
}

FAULT(CROWD_ABORTS, "crowd-aborts",
      "aborts at its thousandth connection, as select() does", "HY-MANY-1",
      "HY-CRASH-1 CM-LIFE-1 SM-LIFE-1");
#define CROWD 1000
FAULT(BUFFER_LOST, "buffer-lost", "loses 400 KiB with each connection",
      "HY-MEM-1", "HY-MEM-2");
static void lose_a_buffer(void)
{
	size_t n = 400 << 10;
	char *p = xcalloc(1, n);

	for (size_t i = 0; i < n; i += 4096)
		((volatile char *)p)[i] = 1;
}

FAULT(FD_LEAK, "fd-leak", "keeps a descriptor of each connection", "HY-FDS-1",
      "HY-EMFILE-1 CM-LIFE-1 SM-LIFE-1");
FAULT(TCP_AS_SOCKS, "tcp-as-socks",
      "asks for SOCKS where applications speak to their destination",
      "TT-RAW-1", "TT-* OR-TGT-*");
FAULT(SILENT_KEPT, "silent-kept", "keeps a peer that never says a word",
      "HY-SILENT-1", "");
void conn_start(struct listener *l, struct pt_conn *near,
		const struct sockaddr_storage *peer)
{
	struct conn *c = xcalloc(1, sizeof(*c));

	if (fault_is(F_FD_LEAK))
		fault_leak_descriptor();
	if (fault_is(F_BUFFER_LOST))
		lose_a_buffer();
	if (l->pt->conns > CROWD && fault_is(F_CROWD_ABORTS))
		abort();
	c->pt = l->pt;
	c->listener = l;
	c->peer = *peer;
	c->near.conn = near;
	c->near.watch = loop_add(&l->pt->loop, -1, 0, on_near, c);
	c->near.watch->deadline =
		fault_is(F_SILENT_KEPT) ? 0 : l->pt->loop.now + HANDSHAKE_MS;
	socks_init(&c->socks, l->pt->cfg.mode, l->pt->ipc.version,
		   l->transport);
	l->pt->conns++;
	fault_log_visit(c);
	if (is_plain(c) && !fault_is(F_TCP_AS_SOCKS)) {
		c->socks.dest = l->pt->cfg.target;
		dial(c);
	} else if (l->role == ROLE_CLIENT) {
		c->state = CONN_SOCKS;
		end_arm(&c->near, POLLIN);
	} else {
		c->state = CONN_GREET;
		greet(c);
	}
}
