/*
 * One tunnel through ptref: the accepted end and the dialled one, both of them
 * connections of the Transports API.
 *
 *   client: SOCKS -> DIAL -> RELAY     near is plain, far the transport's
 *   server: GREET -> DIAL -> RELAY     near is the transport's, far plain
 *
 * A client that is refused gets its reply and LINGERs until it has read it.
 * net/conn.c leads up to RELAY, net/relay.c does that.
 */
#ifndef PTREF_CONN_H
#define PTREF_CONN_H

#include "fake-transports/protocols/socks.h"
#include "fake-transports/ptref.h"

struct end {
	struct pt_conn *conn; /* NULL: not dialled yet, or given up */
	struct watch *watch;
	struct buf out; /* to be written */
	bool eof;	/* nothing more will be read */
	bool shut;	/* nothing more will be written */
};

enum conn_state {
	CONN_SOCKS,
	CONN_GREET, /* the handshake of the transport */
	CONN_DIAL,
	CONN_RELAY,
	CONN_LINGER,
};

struct conn {
	struct pt *pt;
	struct listener *listener;
	enum conn_state state;
	struct end near; /* accepted */
	struct end far;	 /* dialled */
	struct buf in;	 /* from near before RELAY, not yet understood */
	struct sockaddr_storage peer;
	struct socks socks;
	uint64_t passed; /* by a client, for faults */
	bool heard;	 /* near has said something behind its handshake */
	int64_t patient_until; /* by a fault; 0: for ever */
	bool broken; /* in RELAY: what is left is for one end, then a reset */
};

/* How long an end may take to read what it gets last. */
#define LINGER_MS 2000

/* Closes both ends, or resets what is open of them, and frees it; the caller
 * must return at once. */
void conn_free(struct conn *c);
void conn_abort(struct conn *c);

/* Writes what can be written: 0 if that was all, -EAGAIN, or an error. */
int end_flush(struct end *e);

/* Lets the loop wait for `want` and, if there is something, to write. True if
 * bytes to be read are there already. */
bool end_arm(struct end *e, short want);

/* Takes note of why an end broke. */
void conn_note(struct conn *c, const struct end *e, int error);

/* Passes on what was read too much, and all that follows. */
void relay_start(struct conn *c);
/* Serves an event on one of the ends; may free the connection. */
void relay_event(struct conn *c, struct end *e, short revents);

#endif
