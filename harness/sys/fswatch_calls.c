/*
 * fswatch_calls.c - the calls that are watched, and the names of what they do;
 * see watch.h.
 */
#include <string.h>

#include "harness/sys/fswatch_int.h"

#define NAME(id, name) [FSWATCH_##id] = name,
#define WAS_NAME(id, name) [FSWATCH_WAS_##id] = name,

/* Which arguments are what. */
#define ARGS(d, p, f, m) .dir = d, .path = p, .flags = f, .mode = m

const struct fswatch_call fswatch_calls[] = {
	{ "open", FSWATCH_OPEN, FSWATCH_FOLLOW | FSWATCH_FLAGS,
	  ARGS(0, 1, 2, 3) },
	{ "openat", FSWATCH_OPEN, FSWATCH_FOLLOW | FSWATCH_FLAGS,
	  ARGS(1, 2, 3, 4) },
	{ "openat2", FSWATCH_OPEN, FSWATCH_FOLLOW | FSWATCH_HOW,
	  ARGS(1, 2, 3, 0), .number = 437 },
	{ "creat", FSWATCH_OPEN, FSWATCH_FOLLOW | FSWATCH_CREAT,
	  ARGS(0, 1, 0, 2) },
	{ "mkdir", FSWATCH_MKDIR, 0, ARGS(0, 1, 0, 2) },
	{ "mkdirat", FSWATCH_MKDIR, 0, ARGS(1, 2, 0, 3) },
	{ "mknod", FSWATCH_MKNOD, 0, ARGS(0, 1, 0, 2) },
	{ "mknodat", FSWATCH_MKNOD, 0, ARGS(1, 2, 0, 3) },
	{ "rename", FSWATCH_RENAME, 0, ARGS(0, 1, 0, 0), .to_path = 2 },
	{ "renameat", FSWATCH_RENAME, 0, ARGS(1, 2, 0, 0), .to_dir = 3,
	  .to_path = 4 },
	{ "renameat2", FSWATCH_RENAME, 0, ARGS(1, 2, 5, 0), .to_dir = 3,
	  .to_path = 4 },
	{ "link", FSWATCH_LINK, 0, ARGS(0, 2, 0, 0) },
	{ "linkat", FSWATCH_LINK, 0, ARGS(3, 4, 0, 0) },
	{ "symlink", FSWATCH_SYMLINK, 0, ARGS(0, 2, 0, 0) },
	{ "symlinkat", FSWATCH_SYMLINK, 0, ARGS(2, 3, 0, 0) },
	{ "unlink", FSWATCH_UNLINK, 0, ARGS(0, 1, 0, 0) },
	{ "unlinkat", FSWATCH_UNLINK, FSWATCH_AT, ARGS(1, 2, 3, 0) },
	{ "rmdir", FSWATCH_RMDIR, 0, ARGS(0, 1, 0, 0) },
	{ "chmod", FSWATCH_CHMOD, FSWATCH_FOLLOW, ARGS(0, 1, 0, 2) },
	{ "fchmod", FSWATCH_CHMOD, FSWATCH_FD, ARGS(1, 0, 0, 2) },
	{ "fchmodat", FSWATCH_CHMOD, FSWATCH_FOLLOW, ARGS(1, 2, 0, 3) },
	{ "fchmodat2", FSWATCH_CHMOD, FSWATCH_FOLLOW | FSWATCH_AT,
	  ARGS(1, 2, 4, 3), .number = 452 },
	{ "chown", FSWATCH_CHOWN, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lchown", FSWATCH_CHOWN, 0, ARGS(0, 1, 0, 0) },
	{ "fchown", FSWATCH_CHOWN, FSWATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fchownat", FSWATCH_CHOWN, FSWATCH_FOLLOW | FSWATCH_AT,
	  ARGS(1, 2, 5, 0) },
	{ "chown32", FSWATCH_CHOWN, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lchown32", FSWATCH_CHOWN, 0, ARGS(0, 1, 0, 0) },
	{ "fchown32", FSWATCH_CHOWN, FSWATCH_FD, ARGS(1, 0, 0, 0) },
	{ "truncate", FSWATCH_TRUNCATE, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "truncate64", FSWATCH_TRUNCATE, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "utime", FSWATCH_UTIME, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "utimes", FSWATCH_UTIME, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "futimesat", FSWATCH_UTIME, FSWATCH_FOLLOW | FSWATCH_NULL,
	  ARGS(1, 2, 0, 0) },
	{ "utimensat", FSWATCH_UTIME,
	  FSWATCH_FOLLOW | FSWATCH_AT | FSWATCH_NULL, ARGS(1, 2, 4, 0) },
	{ "utimensat_time64", FSWATCH_UTIME,
	  FSWATCH_FOLLOW | FSWATCH_AT | FSWATCH_NULL, ARGS(1, 2, 4, 0) },
	{ "setxattr", FSWATCH_XATTR, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lsetxattr", FSWATCH_XATTR, 0, ARGS(0, 1, 0, 0) },
	{ "fsetxattr", FSWATCH_XATTR, FSWATCH_FD, ARGS(1, 0, 0, 0) },
	{ "setxattrat", FSWATCH_XATTR,
	  FSWATCH_FOLLOW | FSWATCH_AT | FSWATCH_NULL, ARGS(1, 2, 3, 0),
	  .number = 463 },
	{ "removexattr", FSWATCH_XATTR, FSWATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lremovexattr", FSWATCH_XATTR, 0, ARGS(0, 1, 0, 0) },
	{ "fremovexattr", FSWATCH_XATTR, FSWATCH_FD, ARGS(1, 0, 0, 0) },
	{ "removexattrat", FSWATCH_XATTR,
	  FSWATCH_FOLLOW | FSWATCH_AT | FSWATCH_NULL, ARGS(1, 2, 3, 0),
	  .number = 466 },
	{ "file_setattr", FSWATCH_XATTR,
	  FSWATCH_FOLLOW | FSWATCH_AT | FSWATCH_NULL, ARGS(1, 2, 5, 0),
	  .number = 469 },
	{ "bind", FSWATCH_BIND, FSWATCH_ADDRESS, ARGS(0, 2, 0, 3),
	  .i386 = 361 },
	{ "socketcall", FSWATCH_BIND, FSWATCH_ADDRESS, ARGS(0, 2, 0, 3),
	  .sub = 2 },
	/* From here on only for injections. */
	{ "write", FSWATCH_WRITE, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "pwrite64", FSWATCH_WRITE, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "writev", FSWATCH_WRITE, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "pwritev", FSWATCH_WRITE, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "pwritev2", FSWATCH_WRITE, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "fsync", FSWATCH_FSYNC, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "fdatasync", FSWATCH_FSYNC, FSWATCH_INJECT | FSWATCH_FD,
	  ARGS(1, 0, 0, 0) },
	{ "socket", FSWATCH_SOCKET, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .i386 = 359 },
	{ "socketcall", FSWATCH_SOCKET, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 1 },
	{ "listen", FSWATCH_LISTEN, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .i386 = 363 },
	{ "socketcall", FSWATCH_LISTEN, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 4 },
	{ "accept", FSWATCH_ACCEPT, FSWATCH_INJECT, ARGS(0, 0, 0, 0) },
	{ "socketcall", FSWATCH_ACCEPT, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 5 },
	{ "accept4", FSWATCH_ACCEPT, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .i386 = 364 },
	{ "socketcall", FSWATCH_ACCEPT, FSWATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 18 },
	{ "connect", FSWATCH_CONNECT, FSWATCH_INJECT | FSWATCH_ADDRESS,
	  ARGS(0, 2, 0, 3), .i386 = 362 },
	{ "socketcall", FSWATCH_CONNECT, FSWATCH_INJECT | FSWATCH_ADDRESS,
	  ARGS(0, 2, 0, 3), .sub = 3 },
};

const size_t fswatch_ncalls = sizeof(fswatch_calls) / sizeof(fswatch_calls[0]);
_Static_assert(sizeof(fswatch_calls) / sizeof(fswatch_calls[0]) <=
		       FSWATCH_CALLS_MAX,
	       "more calls than the filter has room for");

const char *fswatch_op_name(enum fswatch_op op)
{
	static const char *const names[] = { FSWATCH_OPS(NAME) };

	return names[op];
}

const char *fswatch_was_name(enum fswatch_was was)
{
	static const char *const names[] = { FSWATCH_WAS(WAS_NAME) };

	return names[was];
}

enum fswatch_op fswatch_op_class(enum fswatch_op op)
{
	if (op == FSWATCH_CREATE || op == FSWATCH_TMPFILE)
		return FSWATCH_OPEN;
	if (op == FSWATCH_RMDIR)
		return FSWATCH_UNLINK;
	return op == FSWATCH_RENAME_TO ? FSWATCH_RENAME : op;
}

bool fswatch_inject_known(const char *call)
{
	for (enum fswatch_op op = 0; op <= FSWATCH_CONNECT; op++)
		if (strcmp(fswatch_op_name(op), call) == 0)
			return fswatch_op_class(op) == op;
	return false;
}
