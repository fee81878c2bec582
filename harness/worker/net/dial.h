/*
 * dial.h - connecting to what the transport announced, or to anybody.
 */
#ifndef PTCHECK_WORKER_NET_DIAL_H
#define PTCHECK_WORKER_NET_DIAL_H

#include "harness/worker/net/conn.h"
#include "harness/worker/process/announced.h"

/* Begin one connection, @from an address unless that is absent: 0, or an
 * errno; that is EINPROGRESS until *@fd, or -1, can be written to. */
int dial_begin(const struct addr *to, struct span from, int *fd);
/* How that went: an errno. */
int dial_result(int fd);

/* The attempts of one connect step, one after the other. */
struct dials {
	struct task *task;
	struct conns *conns;
	const struct announced_list *announced;
	/* of the step */
	bool busy;
	const struct step_connect *st;
	size_t next, n; /* which target is being tried */
	struct announced target[ANNOUNCED_MAX];
	/* Announced addresses that did not answer within the limit. */
	struct addr silent[ANNOUNCED_MAX];
	size_t nsilent;
	int64_t try, tries;
	int fd;
	struct watch *watch;
	char name[64];
};

void dials_init(struct dials *d, struct task *t, struct conns *conns,
		const struct announced_list *announced);

#endif
