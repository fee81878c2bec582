/*
 * announced.h - the addresses that transports announced by their method
 * lines, in the order in which they came.
 */
#ifndef PTCHECK_WORKER_PROCESS_ANNOUNCED_H
#define PTCHECK_WORKER_PROCESS_ANNOUNCED_H

#include "parent/base/buf.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/session.h"

/* Further ones are not used. */
#define ANNOUNCED_MAX 32
/* Bytes of a transport's name in the names of connections. */
#define ANNOUNCED_NAME 40

struct inst;

struct announced {
	/* Our word for it in the trace: a strange name is cut, not used. */
	char name[ANNOUNCED_NAME + 1];
	const struct inst *of;
	struct addr addr; /* with a port */
	bool tcp;	  /* one can connect to it */
	bool client;	  /* as an application, */
	bool socks5;	  /* this way, */
	bool socks4;	  /* or that, */
	bool udp;	  /* or by datagrams */
};

struct announced_list {
	struct announced v[ANNOUNCED_MAX];
	size_t n;
};

/* @ev is the method line of @of; without an address and a port it announces
 * nothing. */
void announced_add(struct announced_list *l, const struct inst *of,
		   const struct session_event *ev);

/* Would @name be called so? */
bool announced_is(const struct announced *an, struct span name);

#endif
