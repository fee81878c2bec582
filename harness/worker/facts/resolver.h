/*
 * resolver.h - the fake name servers of the sandbox: they know nobody, and
 * each question to them becomes a fact.
 */
#ifndef PTCHECK_WORKER_FACTS_RESOLVER_H
#define PTCHECK_WORKER_FACTS_RESOLVER_H

#include "parent/proto/net/addr.h"
#include "harness/worker/task.h"

#define RESOLVER_PORT 53
/* Questions that a trace tells of. */
#define RESOLVER_QUERIES 200
/* Who may ask by TCP at one time. */
#define RESOLVER_ASKERS 16

struct resolvers;

/* One, at one address. */
struct resolver {
	struct resolvers *all;
	struct addr at;
	int udp, tcp;
};

/* One who asks by TCP. */
struct resolver_asker {
	struct resolvers *all;
	int fd;
	struct watch *watch; /* NULL: this place is free */
	struct buf in;
};

struct resolvers {
	struct task *task;
	struct resolver v[2];
	size_t n, nqueries;
	bool moved; /* names have other addresses from now on */
	struct resolver_asker asker[RESOLVER_ASKERS];
};

void resolvers_init(struct resolvers *all, struct task *t);
void resolvers_fini(struct resolvers *all);

/* Answer at the addresses that the world has for it. */
void resolvers_start(struct resolvers *all, bool ipv6);
/* Record a question; @by: "udp" or "tcp"; @frame: that it came in, or 0.
 * Those by UDP are seen on the wire, also when nobody answers. */
void resolvers_asked(struct resolvers *all, enum query_way by, struct span msg,
		     int64_t frame);
bool resolvers_have(const struct resolvers *all, const struct addr *a);

#endif
