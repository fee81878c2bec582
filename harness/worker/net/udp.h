/*
 * udp.h - UDP sockets of the harness: applications that send datagrams to a
 * client, and the destination of a server.
 */
#ifndef PTCHECK_WORKER_NET_UDP_H
#define PTCHECK_WORKER_NET_UDP_H

#include <netinet/in.h>

#include "harness/worker/net/conn.h"
#include "harness/worker/process/inst.h"

#define UDP_MAX 24
/* What a trace keeps of what came to one, and of what it sent. */
#define UDP_KEEP (256u * 1024u)
#define UDP_KEEP_N 2000

struct udps;

struct udp_socket {
	struct udps *all;
	char name[32];
	int fd; /* -1: closed */
	struct watch *watch;
	bool fixed; /* it sends to one address only */
	bool echo;
	struct sockaddr_storage to; /* that, or who sent last */
	socklen_t to_n;		    /* 0: nobody */
	size_t kept, kept_n, kept_sent;
	int64_t got;
	int64_t due;	 /* so many, of a step that waits */
	unsigned number; /* of the latest numbered one that came; 0: none */
};

struct udps {
	struct task *task;
	const struct conns *conns;
	const struct instances *instances;
	struct udp_socket v[UDP_MAX];
	size_t n;
	unsigned number; /* of the last numbered datagram */
	/* of a step that waits */
	int64_t due; /* bytes at connections */
	struct watch *again;
	bool again_now;
	const struct step *st;
	bool let_down; /* one waited in vain */
};

void udps_init(struct udps *all, struct task *t, const struct conns *conns,
	       const struct instances *instances);
/* Close all that is left, unrecorded. */
void udps_close(struct udps *all);
/* Close that one, recording it. */
void udps_close_named(struct udps *all, struct span name);

#endif
