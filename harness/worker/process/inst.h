/*
 * inst.h - the transports of a launch: their processes, their three streams,
 * what they say, their end.
 *
 * An instance has finished when its end is known and both streams are
 * drained: what it wrote before it died counts.  A descendant that keeps a
 * stream open holds that up for a quarter of a second only.
 *
 * inst.c starts them, inst_end.c sees them end, inst_steps.c has the steps
 * about them.
 */
#ifndef PTCHECK_WORKER_PROCESS_INST_H
#define PTCHECK_WORKER_PROCESS_INST_H

#include "parent/proto/session.h"
#include "harness/sys/fswatch.h"
#include "harness/sys/spawn.h"
#include "harness/worker/facts/file_facts.h"
#include "harness/worker/process/announced.h"
#include "harness/worker/process/stream.h"
#include "harness/worker/steps.h"

#define INST_MAX STARTS_MAX
/* How long streams may stay open behind an exit, and orphans may take to
 * follow their parent, in µs. */
#define INST_LINGER_US 250000

struct instances;

/* A launched transport. */
struct inst {
	struct instances *all;
	char pt[8], parent[12], in[12]; /* its names: "pt", "2:pt", ... */
	struct spawn spawn;
	struct watch *report_watch;
	struct spawn_report report;
	bool has_report;
	int stdin_fd;		 /* our write end; -1: closed or none */
	struct stream stream[2]; /* by enum session_stream */
	struct session session;	 /* what its lines have said so far */
	bool done, method;	 /* also those of the other role */
	bool peer;		 /* it is the other role's */
	bool alive;		 /* not known to have ended */
	bool parent_alive;
	bool finished; /* ended, and its streams drained */
	bool killed;   /* the harness ends it, at the end */
	bool asked;    /* by SIGTERM, then */
	struct watch *linger;
	struct fswatch *watcher; /* of its file-system calls, or NULL */
};

struct instances {
	struct task *task;
	struct file_facts *files;
	struct inst v[INST_MAX];
	size_t n;
	struct inst *about; /* whom steps are about: the latest, or by "turn" */
	struct announced_list announced; /* by all of them */
	int64_t cpu_us;			 /* of those that have ended */
};

void instances_init(struct instances *all, struct task *t,
		    struct file_facts *files);
/* All processes have ended, or nobody looks any more. */
void instances_fini(struct instances *all);

/* Start another one, @peer: of the other role; records spawn or
 * exec_failed. */
void inst_start(struct instances *all, bool peer);

/* Whom the steps are about, or NULL. */
struct inst *inst_last(struct instances *all);
/* The latest that is of the launch's own role, or NULL. */
struct inst *inst_own(struct instances *all);
/* Whom the steps are about, when it can still do something; or NULL. */
struct inst *inst_running(struct instances *all);
bool inst_all_finished(const struct instances *all);
/* Have all ended, and not because the harness ended them? */
bool inst_all_ended_themselves(const struct instances *all);
/* Has the latest of a role done so? */
bool inst_any_ended_itself(const struct instances *all);

/* Whose process, or descendant, has the socket of that inode?  NULL: none that
 * is to be seen; or only one runs, and there is no question. */
const struct inst *inst_of_socket(const struct instances *all, uint32_t inode);

void inst_close_stdin(struct inst *in);
/* Read its streams, or leave them alone. */
void inst_stall(struct inst *in, bool on);
/* Its streams are drained or closed: has it finished? */
void inst_see_finished(struct inst *in);

/* A child of the worker was reaped. */
void inst_reaped(struct instances *all, pid_t pid, int status, int64_t cpu_us);
/* Something came from the stand-in parent. */
void inst_reported(void *ctx, unsigned what);
/* It could not be started. */
void inst_finish(struct inst *in);
/* End it, one step harder with each call: stdin is closed, SIGTERM, SIGKILL.
 * The first leaves a kill event.  False: there is nothing more to do. */
bool inst_end(struct inst *in);

#endif
