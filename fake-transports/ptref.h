/* What the parts of the running program share. */
#ifndef PTREF_H
#define PTREF_H

#include "fake-transports/base/loop.h"
#include "fake-transports/config/config.h"
#include "fake-transports/ipc/ipc.h"
#include "fake-transports/protocols/proxy.h"
#include "fake-transports/transports/transports.h"

struct pt {
	struct config cfg;
	struct ipc ipc;
	struct loop loop;
	bool has_proxy;
	struct proxy proxy;
	bool proxy_lost;   /* by a fault: it is not used any more */
	unsigned dialed;   /* how often */
	bool extor_failed; /* by a fault: remembered */
	struct listener *listeners;
	unsigned conns;	   /* open now */
	bool stdin_missed; /* by a fault: its end came too early */
	/* By faults, too: which client was served last (net/turns.h), where
	 * the first connection went, and what the last one was told. */
	struct conn *turn;
	struct hostport first_dest;
	struct option_list last;
};

/* A transport that was started, with the configuration it was given. */
struct listener {
	struct listener *next;
	struct pt *pt;
	enum role role; /* fixed when it was opened */
	const struct pt_transport *transport;
	struct option_list options;
	struct pt_dialer dialer;
	struct pt_binder binder;
	struct pt_client client;
	struct pt_server server;
	/* A client's own, for SOCKS; a server's from the transport. */
	struct pt_listener *from;
	struct watch *watch;
	struct watch *timer;
	struct sockaddr_storage at;
	unsigned accepted;
};

/* ipc/methods.c: starts what is asked for and prints the lines for it. */
void methods_start(struct pt *pt);

/* net/listen.c: NULL and errno if it cannot be started. Takes the content of
 * *options over if it can. */
struct listener *listener_open(struct pt *pt, const struct pt_transport *t,
			       struct option_list *options,
			       const struct sockaddr_storage *at);

/* Closes a listening socket for good. */
void listener_stop(struct listener *l);

/* A bound socket, listening unless `late`; -1 and errno. */
int listener_socket(const struct sockaddr_storage *at, bool late);

/* Replaces the address, not the port, by the unspecified one. */
void addr_make_any(struct sockaddr_storage *at);

/* net/conn.c: takes over an accepted connection. */
void conn_start(struct listener *l, struct pt_conn *near,
		const struct sockaddr_storage *peer);

#endif
