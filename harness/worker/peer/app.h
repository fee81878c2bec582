/*
 * app.h - the application in front of a client: SOCKS sessions as a parent
 * would open them, with the settings that the target wants to be told.  What
 * is spoken is what the transport announced.
 */
#ifndef PTCHECK_WORKER_PEER_APP_H
#define PTCHECK_WORKER_PEER_APP_H

#include "harness/worker/net/listen.h"
#include "harness/worker/peer/app_session.h"
#include "harness/worker/process/inst.h"

struct app {
	struct task *task;
	struct conns *conns;
	struct listeners *listeners;
	struct instances *instances;
	/* the sessions of one socks step, one after the other */
	bool busy;
	struct app_how how;
	const struct announced *to;
	int64_t try, tries;
	int fd; /* while it connects */
	struct watch *watch;
	struct conn *conn; /* while it waits for the answer */
	bool leaves;	   /* it is time to, if it has asked */
	struct watch *leaving;
	char name[64];
};

void app_init(struct app *a, struct task *t, struct listeners *listeners,
	      struct instances *instances);

#endif
