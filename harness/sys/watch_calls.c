/*
 * watch_calls.c - the calls that are watched, and the names of what they do;
 * see watch.h.
 */
#include <string.h>

#include "harness/sys/watch_int.h"

#define NAME(id, name) [WATCH_##id] = name,
#define WAS_NAME(id, name) [WATCH_WAS_##id] = name,

/* Which arguments are what. */
#define ARGS(d, p, f, m) .dir = d, .path = p, .flags = f, .mode = m

const struct watch_call watch_calls[] = {
	{ "open", WATCH_OPEN, WATCH_FOLLOW | WATCH_FLAGS, ARGS(0, 1, 2, 3) },
	{ "openat", WATCH_OPEN, WATCH_FOLLOW | WATCH_FLAGS, ARGS(1, 2, 3, 4) },
	{ "openat2", WATCH_OPEN, WATCH_FOLLOW | WATCH_HOW, ARGS(1, 2, 3, 0),
	  .number = 437 },
	{ "creat", WATCH_OPEN, WATCH_FOLLOW | WATCH_CREAT, ARGS(0, 1, 0, 2) },
	{ "mkdir", WATCH_MKDIR, 0, ARGS(0, 1, 0, 2) },
	{ "mkdirat", WATCH_MKDIR, 0, ARGS(1, 2, 0, 3) },
	{ "mknod", WATCH_MKNOD, 0, ARGS(0, 1, 0, 2) },
	{ "mknodat", WATCH_MKNOD, 0, ARGS(1, 2, 0, 3) },
	{ "rename", WATCH_RENAME, 0, ARGS(0, 1, 0, 0), .to_path = 2 },
	{ "renameat", WATCH_RENAME, 0, ARGS(1, 2, 0, 0), .to_dir = 3,
	  .to_path = 4 },
	{ "renameat2", WATCH_RENAME, 0, ARGS(1, 2, 5, 0), .to_dir = 3,
	  .to_path = 4 },
	{ "link", WATCH_LINK, 0, ARGS(0, 2, 0, 0) },
	{ "linkat", WATCH_LINK, 0, ARGS(3, 4, 0, 0) },
	{ "symlink", WATCH_SYMLINK, 0, ARGS(0, 2, 0, 0) },
	{ "symlinkat", WATCH_SYMLINK, 0, ARGS(2, 3, 0, 0) },
	{ "unlink", WATCH_UNLINK, 0, ARGS(0, 1, 0, 0) },
	{ "unlinkat", WATCH_UNLINK, WATCH_AT, ARGS(1, 2, 3, 0) },
	{ "rmdir", WATCH_RMDIR, 0, ARGS(0, 1, 0, 0) },
	{ "chmod", WATCH_CHMOD, WATCH_FOLLOW, ARGS(0, 1, 0, 2) },
	{ "fchmod", WATCH_CHMOD, WATCH_FD, ARGS(1, 0, 0, 2) },
	{ "fchmodat", WATCH_CHMOD, WATCH_FOLLOW, ARGS(1, 2, 0, 3) },
	{ "fchmodat2", WATCH_CHMOD, WATCH_FOLLOW | WATCH_AT, ARGS(1, 2, 4, 3),
	  .number = 452 },
	{ "chown", WATCH_CHOWN, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lchown", WATCH_CHOWN, 0, ARGS(0, 1, 0, 0) },
	{ "fchown", WATCH_CHOWN, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fchownat", WATCH_CHOWN, WATCH_FOLLOW | WATCH_AT, ARGS(1, 2, 5, 0) },
	{ "chown32", WATCH_CHOWN, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lchown32", WATCH_CHOWN, 0, ARGS(0, 1, 0, 0) },
	{ "fchown32", WATCH_CHOWN, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "truncate", WATCH_TRUNCATE, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "truncate64", WATCH_TRUNCATE, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "utime", WATCH_UTIME, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "utimes", WATCH_UTIME, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "futimesat", WATCH_UTIME, WATCH_FOLLOW | WATCH_NULL,
	  ARGS(1, 2, 0, 0) },
	{ "utimensat", WATCH_UTIME, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 4, 0) },
	{ "utimensat_time64", WATCH_UTIME, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 4, 0) },
	{ "setxattr", WATCH_XATTR, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lsetxattr", WATCH_XATTR, 0, ARGS(0, 1, 0, 0) },
	{ "fsetxattr", WATCH_XATTR, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "setxattrat", WATCH_XATTR, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 3, 0), .number = 463 },
	{ "removexattr", WATCH_XATTR, WATCH_FOLLOW, ARGS(0, 1, 0, 0) },
	{ "lremovexattr", WATCH_XATTR, 0, ARGS(0, 1, 0, 0) },
	{ "fremovexattr", WATCH_XATTR, WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "removexattrat", WATCH_XATTR, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 3, 0), .number = 466 },
	{ "file_setattr", WATCH_XATTR, WATCH_FOLLOW | WATCH_AT | WATCH_NULL,
	  ARGS(1, 2, 5, 0), .number = 469 },
	{ "bind", WATCH_BIND, WATCH_ADDRESS, ARGS(0, 2, 0, 3), .i386 = 361 },
	{ "socketcall", WATCH_BIND, WATCH_ADDRESS, ARGS(0, 2, 0, 3), .sub = 2 },
	/* From here on only for injections. */
	{ "write", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "pwrite64", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "writev", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "pwritev", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "pwritev2", WATCH_WRITE, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fsync", WATCH_FSYNC, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "fdatasync", WATCH_FSYNC, WATCH_INJECT | WATCH_FD, ARGS(1, 0, 0, 0) },
	{ "socket", WATCH_SOCKET, WATCH_INJECT, ARGS(0, 0, 0, 0), .i386 = 359 },
	{ "socketcall", WATCH_SOCKET, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 1 },
	{ "listen", WATCH_LISTEN, WATCH_INJECT, ARGS(0, 0, 0, 0), .i386 = 363 },
	{ "socketcall", WATCH_LISTEN, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 4 },
	{ "accept", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0) },
	{ "socketcall", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 5 },
	{ "accept4", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .i386 = 364 },
	{ "socketcall", WATCH_ACCEPT, WATCH_INJECT, ARGS(0, 0, 0, 0),
	  .sub = 18 },
	{ "connect", WATCH_CONNECT, WATCH_INJECT | WATCH_ADDRESS,
	  ARGS(0, 2, 0, 3), .i386 = 362 },
	{ "socketcall", WATCH_CONNECT, WATCH_INJECT | WATCH_ADDRESS,
	  ARGS(0, 2, 0, 3), .sub = 3 },
};

const size_t watch_ncalls = sizeof(watch_calls) / sizeof(watch_calls[0]);
_Static_assert(sizeof(watch_calls) / sizeof(watch_calls[0]) <= WATCH_CALLS_MAX,
	       "more calls than the filter has room for");

const char *watch_op_name(enum watch_op op)
{
	static const char *const names[] = { WATCH_OPS(NAME) };

	return names[op];
}

const char *watch_was_name(enum watch_was was)
{
	static const char *const names[] = { WATCH_WAS(WAS_NAME) };

	return names[was];
}

enum watch_op watch_op_class(enum watch_op op)
{
	if (op == WATCH_CREATE || op == WATCH_TMPFILE)
		return WATCH_OPEN;
	if (op == WATCH_RMDIR)
		return WATCH_UNLINK;
	return op == WATCH_RENAME_TO ? WATCH_RENAME : op;
}

bool watch_inject_known(const char *call)
{
	for (enum watch_op op = 0; op <= WATCH_CONNECT; op++)
		if (strcmp(watch_op_name(op), call) == 0)
			return watch_op_class(op) == op;
	return false;
}
