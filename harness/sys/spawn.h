/*
 * spawn.h - start a transport the way a parent process does.
 *
 * Normally a stand-in parent is forked that does nothing but start the
 * transport, wait for it and report its end; the worker can kill it to see
 * what an orphan does.  A transport that must see pid 1 as its parent is
 * started by the worker itself.  Between the stand-in and the worker there may
 * be a sub-reaper: then an orphan is adopted by that, not by the worker, and it
 * is that which tells its end.
 *
 * The new process has default signal dispositions and an empty mask (an
 * inherited ignored SIGINT makes Go transports look broken), no core dumps,
 * the caller's original descriptor limit, no capability, its own session, and
 * only descriptors 0, 1 and 2.
 */
#ifndef PTCHECK_SYS_SPAWN_H
#define PTCHECK_SYS_SPAWN_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "parent/base/err.h"

/* Time for a transport to say what it wants to be told of that thread. */
#define SPAWN_THREAD_MS 500

struct spawn {
	/* in */
	const char *const *argv; /* argv[0] is an absolute path */
	const char *const *envp;
	const char *cwd;
	bool direct;  /* no stand-in parent */
	bool reaped;  /* one below a sub-reaper */
	bool thread;  /* one whose thread that starts the transport ends
				   SPAWN_THREAD_MS later */
	int stdin_fd; /* -1: descriptor 0 is not open */
	int stdout_fd, stderr_fd; /* given to the child */
	struct rlimit nofile;
	bool drop_caps;
	/* A seccomp program with notifications (watch.h), NULL: none.  Needs
	 * drop_caps or another cause of no_new_privs. */
	const struct sock_fprog *filter;
	/* out */
	pid_t pid;	/* the transport */
	pid_t parent;	/* the stand-in; 0 when direct */
	pid_t reaper;	/* the sub-reaper, or 0 */
	int report_fd;	/* see struct spawn_report; -1 direct */
	int exec_errno; /* 0, or why exec failed */
	/* The listener of @filter, -1 when there is none: then the transport
	 * runs without the filter, and listener_errno says why.  0 there:
	 * none was asked for, or exec failed. */
	int listener_fd;
	int listener_errno;
};

/* What the stand-in says when the transport has ended.  It reaps it then, and
 * its end of report_fd closes when it has. */
struct spawn_report {
	int32_t status; /* as from waitpid */
	int64_t cpu_us; /* of the transport and its children
					   that it waited for */
};

/*
 * 0 also when exec failed: see exec_errno; pid is then a process that ends
 * with status 127, told like any other end.  -1: no process could be made, and
 * the fields under "out" are as they were.
 */
int spawn_start(struct spawn *s, struct err *e);

/* Processor time of a finished process in µs. */
int64_t spawn_cpu_us(const struct rusage *ru);

#endif
