/*
 * fswatch_int.h - what the parts of the watch share: the table of calls
 * (fswatch_calls.c), the kernel's program (fswatch_filter.c), looking up paths
 * (fswatch_path.c) and calls (fswatch_look.c), the supervisor (fswatch.c).
 */
#ifndef PTCHECK_SYS_FSWATCH_INT_H
#define PTCHECK_SYS_FSWATCH_INT_H

#include <limits.h>
#include <stdint.h>

#include "harness/sys/fswatch.h"

/* --- the table of calls --- */

/* How a call names what it works on. */
enum fswatch_how {
	FSWATCH_FOLLOW = 1, /* a symbolic link at the end is followed */
	FSWATCH_FLAGS = 2,  /* `flags` are of open; reading is not told */
	FSWATCH_AT = 4,	    /* `flags` are AT_* */
	FSWATCH_HOW = 8,    /* `flags` points to a struct open_how */
	FSWATCH_CREAT = 16, /* creat: flags of open are implied */
	FSWATCH_FD = 32,    /* `dir` is the thing itself, no path */
	FSWATCH_ADDRESS =
		64, /* `path` is a socket address, `mode` its length */
	FSWATCH_INJECT = 128, /* only when an injection asks for it */
	FSWATCH_NULL = 256,   /* without a path it works on `dir` */
};

/* Numbers of arguments count from 1; 0: there is none. */
struct fswatch_call {
	const char *name;
	enum fswatch_op op;
	unsigned how; /* enum fswatch_how */
	uint8_t dir, path, flags, mode;
	uint8_t to_dir, to_path; /* of renames, the new name */
	/* A number that libseccomp may not know yet, the same on all
	 * architectures; or 0. */
	uint16_t number;
	uint16_t i386; /* likewise, of i386 only */
	uint8_t sub;   /* of socketcall: its first argument */
};

/* An upper bound, for tables of them. */
#define FSWATCH_CALLS_MAX 80
extern const struct fswatch_call fswatch_calls[];
extern const size_t fswatch_ncalls;

/* The call that a notification is about, or NULL; *wide: arguments in memory
 * are of 64 bits. */
const struct fswatch_call *fswatch_filter_find(const struct fswatch_filter *f,
					       uint32_t arch, int nr,
					       uint64_t arg, bool *wide);
/* The rows that fswatch_filter_new() was given. */
const struct fswatch_inject *fswatch_filter_rows(const struct fswatch_filter *f,
						 size_t *n);
/* The op that stands for @op in an injection. */
enum fswatch_op fswatch_op_class(enum fswatch_op op);

/* --- looking up --- */

struct fswatch_place {
	/* Of a directory and what is below it; empty: not known. */
	char path[3 * PATH_MAX];
	enum fswatch_was was;
	bool nameless; /* no path in the file system leads there */
	bool doomed;   /* the call fails: too many links, no such descriptor */
};

/* Bytes up to @n, or less at the end of what is readable; -1: none (errno). */
ssize_t fswatch_fetch(pid_t tid, uint64_t at, void *buf, size_t n);
/* A C string of less than PATH_MAX bytes.  -1: errno; ENAMETOOLONG when it
 * has no end. */
int fswatch_fetch_path(pid_t tid, uint64_t at, char buf[PATH_MAX]);

/* Where @path leads a thread that uses it with @dirfd (or AT_FDCWD). */
void fswatch_resolve(pid_t pid, pid_t tid, int dirfd, const char *path,
		     bool follow, struct fswatch_place *out);
/* What its descriptor @fd is. */
void fswatch_resolve_fd(pid_t tid, int fd, struct fswatch_place *out);

/* --- what a call is about to do (fswatch_look.c) --- */

struct fswatch_look {
	const struct fswatch_call *call;
	uint64_t args[6];
	pid_t pid, tid;
	enum fswatch_op op;
	unsigned mode;
	int flags;
	bool follow;
	bool empty; /* an empty path means the descriptor */
	bool keep;  /* a rename does not replace */
	bool none;  /* it changes nothing whatever is there */
	bool quiet; /* told only when an injection makes it fail */
	struct fswatch_place at[2];
	/* What comes of it; paths point to @at. */
	struct fswatch_event ev[2];
	unsigned n;
};

/* Fill @l, of which call, args, pid and tid are set, the rest is zero. */
void fswatch_look(struct fswatch_look *l);

#endif
