/*
 * observe.h - what /proc says about the world of a launch.
 */
#ifndef PTCHECK_SYS_OBSERVE_H
#define PTCHECK_SYS_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "parent/base/err.h"

/* Is /proc that of this pid namespace?  A container may refuse a launch one of
 * its own: then the numbers there are those of others, and of what follows here
 * nothing is to be seen that goes by them. */
bool observe_is_ours(void);
#define OBSERVE_FOREIGN "/proc shows another pid namespace"

/* The process that holds the socket of that inode, be it with others; 0: none
 * that is to be seen. */
pid_t observe_socket_owner(uint32_t inode);
/* The process above another; 0: not to be seen. */
pid_t observe_parent(pid_t pid);

/* One process; @name is what the kernel calls it (15 bytes). */
typedef void observe_process_fn(void *ctx, pid_t pid, pid_t ppid, char state,
				const char *name);
/* Every process of this pid namespace but the caller. */
int observe_processes(observe_process_fn *fn, void *ctx, struct err *e);

/* The command line of a process: its words, each with a NUL byte behind it, at
 * most @size bytes of them; their number, 0 when there is nothing to see. */
size_t observe_command(pid_t pid, char *words, size_t size);

/* How many descriptors a process has open; -1: it is not to be seen. */
int observe_fds(pid_t pid);
/* The most that a process had in memory so far, in KiB; -1: not to be seen. */
int64_t observe_memory_kib(pid_t pid);
/* Processor time of a living process in µs, all its threads; -1: gone. */
int64_t observe_cpu_us(pid_t pid);

/* What a thread had of the processors so far, in µs. */
struct observe_thread {
	pid_t tid;
	int64_t ran_us, waited_us;
	bool ready;   /* it could run now, or runs (state R) */
	bool blocked; /* by the disk or a lock of the kernel (state D) */
};
typedef void observe_thread_fn(void *ctx, const struct observe_thread *t);
/* Every thread of this pid namespace but those of the caller; with @nsessions
 * only those of the sessions.  @states_only: not what they had, which costs as
 * much again. */
void observe_threads(const pid_t *sessions, size_t nsessions, bool states_only,
		     observe_thread_fn *fn, void *ctx);
/* A number that grows by one with each process and thread that is made in this
 * pid namespace, and may begin again; -1: not to be seen. */
int64_t observe_made(void);
/* How long the first thread of this process waited for a processor so far, in
 * µs; -1: the kernel does not count that. */
int64_t observe_waited_us(void);
/* A number of µs that grows, in any time, by no less than a process waited in
 * it, for where it is not counted: by the pressure of the machine, or by how
 * idle it is.  -1: nothing. */
int64_t observe_machine_waited_us(bool *pressure);
/* For how long anything on this machine waited for a disk so far, in µs; 0 where
 * nobody counts it.  Who waits for a page of a program to be read is not ready to
 * run, and of a process nobody counts that. */
int64_t observe_disk_waited_us(void);

/* One path below @root, relative to it; type 'd', 'f' or '?'. */
typedef void observe_file_fn(void *ctx, const char *path, char type,
			     unsigned mode, int64_t size);
/* All paths below @root, in the order of their names, at most 1000. */
int observe_files(const char *root, observe_file_fn *fn, void *ctx,
		  struct err *e);

/* Remove a directory and all that is in it; stays on one file system. */
void observe_remove_tree(const char *root);

#endif
