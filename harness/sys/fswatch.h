/*
 * fswatch.h - see what a transport is about to change in the file system, and
 * make its system calls fail.
 *
 * A seccomp filter, installed by spawn.h right before exec, stops every call
 * that can change the file system until this process, the supervisor, has
 * looked at it.  It holds for the transport and all its descendants, also for
 * static programs (Go); calls that change nothing are not slowed down.  The
 * order of use:
 *
 *	fswatch_usable(&e)		once a worker
 *	f = fswatch_filter_new(NULL, 0)	once a process, or a launch with
 *					injections
 *	spawn.filter = fswatch_filter_program(f)
 *	spawn_start(&spawn, &e)
 *	if (spawn.listener_fd >= 0)
 *		w = fswatch_new(loop, spawn.listener_fd, f, fn, ctx)
 *	else				off; spawn.listener_errno says why
 *	...				the transport and all below it are dead
 *	fswatch_free(w)
 *
 * From fswatch_new() on nothing may block on what a transport does: while the
 * loop does not run, watched calls wait.  When the supervisor dies they fail
 * with ENOSYS.
 *
 * An event is what somebody is about to do or to try: whether the call then
 * succeeds is not known.  Paths are absolute, with symbolic links followed as
 * the call does, "." and ".." gone.
 *
 * What is not seen:
 *  - writing as such: a file is seen when it is opened for writing, not when
 *    it is written to, cut (ftruncate), mapped, or written through a
 *    descriptor that was inherited or sent;
 *  - what another thread or process changes between the look and the call:
 *    a path in memory, a descriptor, a symbolic link.  A hostile transport
 *    can hide that way; the call is then seen with another path;
 *  - where a path leads that reaches /proc/self by a detour (a directory's
 *    link to it): that is another process here.  The plain names /proc/self,
 *    /proc/thread-self, /dev/fd and /dev/stdout are told apart;
 *  - paths of a process that changed its root directory or made a mount
 *    namespace of its own (both need a user namespace of its own): they are
 *    looked up as if it had not;
 *  - file attributes by ioctl (FS_IOC_SETFLAGS), System V and POSIX queues,
 *    opening by handle (needs a capability);
 *  - calls of other architectures than the native one and those that run on
 *    it (x86: i386 and x32; arm64: arm).
 * Nothing hides in io_uring: its set-up fails with ENOSYS, as on a kernel
 * without it.
 *
 * What the transport may notice beside the time: a signal that comes before
 * the supervisor has taken the call up makes it begin again or, where the
 * handler was set without SA_RESTART, fail with EINTR.  From then on (Linux
 * 5.19) only SIGKILL interrupts it, so a call is told once; on older kernels
 * it may be told again.
 */
#ifndef PTCHECK_SYS_FSWATCH_H
#define PTCHECK_SYS_FSWATCH_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "parent/base/err.h"
#include "parent/base/span.h"
#include "harness/sys/loop.h"

/*
 * What it is about to do: X(id, name).  "create" is opening for writing where
 * nothing was, "open" where something was or O_CREAT is not given; "tmpfile"
 * a file without a name in the directory of the path.  A rename is two events,
 * the second with the new path.  A link's path is the new one.  "rmdir" is
 * also unlinkat with AT_REMOVEDIR.  From "write" on they are told only when
 * an injection made them fail.
 */
#define FSWATCH_OPS(X)               \
	X(CREATE, "create")          \
	X(OPEN, "open")              \
	X(TMPFILE, "tmpfile")        \
	X(MKDIR, "mkdir")            \
	X(MKNOD, "mknod")            \
	X(RENAME, "rename")          \
	X(RENAME_TO, "rename-to")    \
	X(LINK, "link")              \
	X(SYMLINK, "symlink")        \
	X(UNLINK, "unlink")          \
	X(RMDIR, "rmdir")            \
	X(CHMOD, "chmod")            \
	X(CHOWN, "chown")            \
	X(TRUNCATE, "truncate")      \
	X(UTIME, "utime")            \
	X(XATTR, "xattr")            \
	X(BIND, "bind") /* a path */ \
	X(WRITE, "write")            \
	X(FSYNC, "fsync")            \
	X(SOCKET, "socket")          \
	X(LISTEN, "listen")          \
	X(ACCEPT, "accept")          \
	X(CONNECT, "connect")

#define X(id, name) FSWATCH_##id,
enum fswatch_op { FSWATCH_OPS(X) };
#undef X

/*
 * What was at the path: X(id, name).  "nowhere": not even its directory, so
 * the call fails.  "unknown": the path could not be read or looked up.
 */
#define FSWATCH_WAS(X)        \
	X(MISSING, "missing") \
	X(FILE, "file")       \
	X(DIR, "dir")         \
	X(DEVICE, "device")   \
	X(FIFO, "fifo")       \
	X(SOCK, "socket")     \
	X(SYMLINK, "symlink") \
	X(NOWHERE, "nowhere") \
	X(UNKNOWN, "unknown")

#define X(id, name) FSWATCH_WAS_##id,
enum fswatch_was { FSWATCH_WAS(X) };
#undef X

const char *fswatch_op_name(enum fswatch_op op);
const char *fswatch_was_name(enum fswatch_was was);

struct fswatch_event {
	enum fswatch_op op;
	/* Absent when it cannot be read (memory or process out of reach).
	 * Has a NUL behind it and none inside; any other byte may be there.
	 * What was never in the file system has the kernel's word for it,
	 * as in "pipe:[1]", and a relative path under a descriptor that is
	 * not open is told as given. */
	struct span path;
	enum fswatch_was was;
	/*
	 * The call changes nothing in the file system: it makes what is
	 * there (mkdir -p), removes or changes what is not there, opens a
	 * device, pipe, socket, directory or something in /proc or /sys for
	 * writing, or uses a file without a name.  A call that is refused for
	 * want of permission is not one of these.
	 */
	bool noop;
	unsigned mode;	/* as asked, before umask; 0 where there is none */
	int flags;	/* of open */
	int error;	/* not 0: an injection makes the call fail with it */
	pid_t pid, tid; /* in the supervisor's pid namespace */
};

/*
 * Called before the call is carried out: what a file holds that is about to
 * be removed or cut can still be read.  The path may be a fifo or a device
 * (see was): open with O_NONBLOCK.  Must not call fswatch_free().
 */
typedef void fswatch_fn(void *ctx, const struct fswatch_event *ev);

/*
 * Let a call fail.  Calls of one name: "open" (for writing), "mkdir",
 * "rename", "unlink" (also of directories), "write" (all of write, pwrite,
 * writev, pwritev), "fsync" (also fdatasync), "bind", "listen", "socket",
 * "accept", "connect"; and the others of FSWATCH_OPS that are not a kind of
 * these.  The first row that fits wins.  A call that
 * changes nothing (see noop) is left alone, because the kernel would give its
 * own answer first.
 */
struct fswatch_inject {
	const char *call;
	int error;
	/* Only paths that begin with it; NULL: any, and calls without a path.
	 * For write and fsync it is the path of the open file; for bind and
	 * connect that of an AF_UNIX socket; a rename fits with either. */
	const char *prefix;
	unsigned skip;	/* so many that fit go through first */
	unsigned times; /* then so many fail; 0: all */
};

/* Is this the name of a call that can be made to fail? */
bool fswatch_inject_known(const char *call);

/*
 * The program for the kernel, with the calls that the @n rows of @in need.
 * The rows and their strings must outlive it.
 */
struct fswatch_filter;
struct fswatch_filter *fswatch_filter_new(const struct fswatch_inject *in,
					  size_t n);
void fswatch_filter_free(struct fswatch_filter *f);
/* For spawn.h; belongs to @f. */
const struct sock_fprog *fswatch_filter_program(const struct fswatch_filter *f);

/* Can this process look at others the way that is needed?  0, or -1 with the
 * reason: do not watch then. */
int fswatch_usable(struct err *e);

/*
 * Answer what comes from @listener, which is closed by fswatch_free() or when
 * no watched process is left; @f must outlive it.
 */
struct fswatch;
struct fswatch *fswatch_new(struct loop *l, int listener,
			    const struct fswatch_filter *f, fswatch_fn *fn,
			    void *ctx);
/* NULL is legal.  Calls of processes that still live fail with ENOSYS from
 * here on. */
void fswatch_free(struct fswatch *w);

#endif
