/*
 * snapshot.h - what there is at one moment: sockets, processes, files,
 * descriptors and memory of the transport.  Of what is the harness's own
 * nothing is told.
 */
#ifndef PTCHECK_WORKER_FACTS_SNAPSHOT_H
#define PTCHECK_WORKER_FACTS_SNAPSHOT_H

#include "harness/worker/facts/resolver.h"
#include "harness/worker/net/listen.h"
#include "harness/worker/process/inst.h"

/* Numbers of descriptors that are kept to compare with. */
#define SNAPSHOTS_FDS 8

struct snapshots {
	struct task *task;
	struct instances *instances;
	const struct listeners *listeners;
	const struct resolvers *resolvers;
	struct snapshot_fds {
		struct span as;
		int n;
	} fds[SNAPSHOTS_FDS];
	size_t nfds;
};

void snapshots_init(struct snapshots *s, struct task *t,
		    struct instances *instances,
		    const struct listeners *listeners,
		    const struct resolvers *resolvers);

/* Look, and tell what there is; @as: the snapshot's name, a literal or one of
 * the plan. */
void snapshots_take(struct snapshots *s, enum snapshot of, struct span as);
/* Tell each process that is left, as an orphan. */
void snapshots_orphans(struct snapshots *s);
/* Has the transport no more descriptors than in that snapshot? */
bool snapshots_fds_settled(const struct snapshots *s, struct span as);

#endif
