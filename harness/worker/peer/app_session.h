/*
 * app_session.h - one SOCKS session of the application in front of a client,
 * as the talk of a connection.
 *
 * Under version 2 settings go by method 09, under version 1 by RFC 1929; with
 * none to tell, method 00 it is.  In SOCKS4 they go into the user id of the
 * request, which is all.  The request follows a block at once: that it is
 * answered is nowhere defined (AMB-057), and the codec tells by what comes.
 */
#ifndef PTCHECK_WORKER_PEER_APP_SESSION_H
#define PTCHECK_WORKER_PEER_APP_SESSION_H

#include "parent/proto/net/socks.h"
#include "harness/worker/net/conn.h"

/* How it goes; must outlive the session. */
struct app_how {
	const struct step_socks *st;
	struct pairs settings; /* to be told */
	bool socks4;
	bool speaks_2; /* the transport chose that version */
	/* It was answered, and that was recorded; @code as in the event: -1
	 * there was no answer. */
	void (*over)(void *ctx, struct conn *c, int64_t code);
	void *ctx;
};

/* Can all settings be told?  RFC 1929 has a byte for each of its lengths. */
bool app_session_fits(const struct app_how *how);
/* Has the request gone out, all of it? */
bool app_session_asked(const struct conn *c);
void app_session_begin(struct conn *c, const struct app_how *how);
/* Give up waiting for the answer, recording @result. */
void app_session_stop(struct conn *c, enum socks_result result);

/* ADDRESS:PORT or NAME:PORT. */
bool app_parse_dest(struct span s, struct socks_addr *out);

/* Once it has, it can be left as it is, without an answer. */
void app_session_leave(struct conn *c);

#endif
