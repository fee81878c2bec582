/*
 * One connection through ptref: the accepted end and the dialled one.
 *
 *   client: SOCKS -> CONNECTING -> [UPSTREAM: the proxy] -> RELAY
 *   server: PREAMBLE -> CONNECTING -> [UPSTREAM: ExtORPort] -> RELAY
 *
 * A client that is refused gets its reply and LINGERs until it has read it.
 * ptref_conn.c leads up to RELAY, ptref_relay.c does that.
 */
#ifndef PTREF_CONN_H
#define PTREF_CONN_H

#include "ptref.h"
#include "ptref_extor.h"
#include "ptref_socks.h"

/* Unsent bytes at which an end is no longer read for the other. */
#define RELAY_MAX (256u << 10)
#define READ_CHUNK 16384u

struct end {
	int fd;
	struct watch *watch;
	struct buf in;	/* read before RELAY, not yet understood */
	struct buf out; /* to be written */
	bool eof;	/* nothing more will be read */
	bool shut;	/* nothing more will be written */
};

enum conn_state {
	CONN_SOCKS,
	CONN_PREAMBLE,
	CONN_CONNECTING,
	CONN_UPSTREAM,
	CONN_RELAY,
	CONN_LINGER,
};

#define DIAL_MAX 4 /* addresses tried for one name */

struct conn {
	struct pt *pt;
	struct listener *listener;
	enum conn_state state;
	struct end near; /* accepted */
	struct end far;	 /* dialled */
	void *session;	 /* of the transport, from RELAY */
	bool has_session;
	struct sockaddr_storage peer;
	struct socks socks;
	struct proxy_dialogue proxy;
	struct extor extor;
	struct hostport dial[DIAL_MAX];
	unsigned dial_n;
	unsigned dial_i;
};

/* Closes both ends and frees it; the caller must return at once. */
void conn_free(struct conn *c);

/* Writes what can be written; false if the peer is gone. */
bool end_flush(struct end *e);

/* Opens the session and passes on what was read too much. */
void relay_start(struct conn *c);
/* Serves an event on one of the ends; may free the connection. */
void relay_event(struct conn *c, struct end *e, short revents);

#endif
