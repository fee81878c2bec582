/*
 * fswatch_look.c - from the numbers of a system call to what it is about to do;
 * see watch.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "harness/sys/fswatch_int.h"

static uint64_t arg(const struct fswatch_look *l, unsigned nth)
{
	return nth ? l->args[nth - 1] : 0;
}

/* --- flags --- */

static void read_open_flags(struct fswatch_look *l, uint64_t flags)
{
	const uint64_t write = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;

	l->flags = (int)flags;
	if (!(flags & write) || (flags & O_PATH))
		l->none = true;
	if ((flags & O_TMPFILE) == O_TMPFILE)
		l->op = FSWATCH_TMPFILE;
	if ((flags & O_NOFOLLOW) ||
	    (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		l->follow = false;
}

static void read_open_how(struct fswatch_look *l)
{
	struct open_how how = { 0 };

	if (fswatch_fetch(l->tid, arg(l, l->call->flags), &how, sizeof(how)) !=
	    sizeof(how))
		return;
	l->mode = (unsigned)how.mode;
	read_open_flags(l, how.flags);
}

static void read_at_flags(struct fswatch_look *l, uint64_t flags)
{
	l->empty = flags & AT_EMPTY_PATH;
	if (flags & AT_SYMLINK_NOFOLLOW)
		l->follow = false;
	if (l->op == FSWATCH_UNLINK && (flags & AT_REMOVEDIR))
		l->op = FSWATCH_RMDIR;
}

static void read_flags(struct fswatch_look *l)
{
	const struct fswatch_call *c = l->call;
	uint64_t flags = arg(l, c->flags);

	l->op = c->op;
	l->follow = c->how & FSWATCH_FOLLOW;
	if (!(c->how & FSWATCH_ADDRESS))
		l->mode = (unsigned)arg(l, c->mode);
	if (c->how & FSWATCH_FLAGS)
		read_open_flags(l, flags);
	else if (c->how & FSWATCH_CREAT)
		read_open_flags(l, O_CREAT | O_WRONLY | O_TRUNC);
	else if (c->how & FSWATCH_HOW)
		read_open_how(l);
	else if (c->how & FSWATCH_AT)
		read_at_flags(l, flags);
	else if (c->op == FSWATCH_RENAME)
		l->keep = flags & RENAME_NOREPLACE;
	/* The argument is only looked at when there is something to make. */
	if (c->op == FSWATCH_OPEN && !(l->flags & (O_CREAT | O_TMPFILE)))
		l->mode = 0;
}

/* --- places --- */

/* A path that cannot be read is told as one that is not known; one without an
 * end is refused by the kernel, too. */
static void look_up(struct fswatch_look *l, unsigned dir, unsigned path,
		    struct fswatch_place *out)
{
	int fd = dir ? (int)arg(l, dir) : AT_FDCWD;
	char text[PATH_MAX];

	if ((l->call->how & FSWATCH_NULL) && !arg(l, path)) {
		fswatch_resolve_fd(l->tid, fd, out);
	} else if (fswatch_fetch_path(l->tid, arg(l, path), text)) {
		l->none |= errno == ENAMETOOLONG;
		out->was = FSWATCH_WAS_UNKNOWN;
	} else if (!text[0] && l->empty) {
		fswatch_resolve_fd(l->tid, fd, out);
	} else {
		fswatch_resolve(l->pid, l->tid, fd, text, l->follow, out);
	}
}

/* The path of a socket in the file system, if it has one: ports are seen
 * elsewhere. */
static void look_up_address(struct fswatch_look *l)
{
	struct sockaddr_un sun = { 0 };
	const size_t head = offsetof(struct sockaddr_un, sun_path);
	char text[sizeof(sun.sun_path) + 1] = "";
	uint64_t len = arg(l, l->call->mode);
	ssize_t n;

	if (len > sizeof(sun))
		len = sizeof(sun);
	n = fswatch_fetch(l->tid, arg(l, l->call->path), &sun, (size_t)len);
	l->at[0].was = FSWATCH_WAS_UNKNOWN;
	l->quiet = true;
	if (n <= (ssize_t)head || sun.sun_family != AF_UNIX || !sun.sun_path[0])
		return;
	memcpy(text, sun.sun_path, (size_t)n - head);
	fswatch_resolve(l->pid, l->tid, AT_FDCWD, text,
			l->op == FSWATCH_CONNECT, &l->at[0]);
	l->quiet = l->op == FSWATCH_CONNECT;
}

static void look_at_places(struct fswatch_look *l)
{
	const struct fswatch_call *c = l->call;

	if (c->how & FSWATCH_FD)
		fswatch_resolve_fd(l->tid, (int)arg(l, c->dir), &l->at[0]);
	else if (c->how & FSWATCH_ADDRESS)
		look_up_address(l);
	else if (c->path)
		look_up(l, c->dir, c->path, &l->at[0]);
	else
		l->at[0].was = FSWATCH_WAS_UNKNOWN;
	if (c->to_path)
		look_up(l, c->to_dir, c->to_path, &l->at[1]);
}

/* --- what it means --- */

static bool is_gone(enum fswatch_was was)
{
	return was == FSWATCH_WAS_MISSING || was == FSWATCH_WAS_NOWHERE;
}

static bool is_there(enum fswatch_was was)
{
	return !is_gone(was) && was != FSWATCH_WAS_UNKNOWN;
}

static bool may_be(enum fswatch_was was, enum fswatch_was wanted)
{
	return was == wanted || was == FSWATCH_WAS_UNKNOWN;
}

/* Files that are switches of the kernel. */
static bool is_switch(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 ||
	       strncmp(path, "/sys/", 5) == 0;
}

/* See `noop` in watch.h. */
static bool changes_nothing(const struct fswatch_look *l, enum fswatch_op op,
			    const struct fswatch_place *p)
{
	const int excl = O_CREAT | O_EXCL;

	if (p->doomed || p->nameless)
		return true;
	switch (op) {
	case FSWATCH_OPEN:
		return !may_be(p->was, FSWATCH_WAS_FILE) ||
		       is_switch(p->path) ||
		       (is_there(p->was) && (l->flags & excl) == excl);
	case FSWATCH_TRUNCATE:
		return !may_be(p->was, FSWATCH_WAS_FILE) || is_switch(p->path);
	case FSWATCH_TMPFILE:
	case FSWATCH_RMDIR:
		return !may_be(p->was, FSWATCH_WAS_DIR);
	case FSWATCH_MKDIR:
	case FSWATCH_MKNOD:
	case FSWATCH_LINK:
	case FSWATCH_SYMLINK:
	case FSWATCH_BIND:
		return is_there(p->was);
	case FSWATCH_UNLINK:
		return is_gone(p->was) || p->was == FSWATCH_WAS_DIR;
	case FSWATCH_RENAME:
	case FSWATCH_CHMOD:
	case FSWATCH_CHOWN:
	case FSWATCH_UTIME:
	case FSWATCH_XATTR:
		return is_gone(p->was);
	case FSWATCH_RENAME_TO:
		return l->keep && is_there(p->was);
	case FSWATCH_CREATE:
		return false;
	case FSWATCH_WRITE:
	case FSWATCH_FSYNC:
	case FSWATCH_SOCKET:
	case FSWATCH_LISTEN:
	case FSWATCH_ACCEPT:
	case FSWATCH_CONNECT:
		break;
	}
	return false;
}

static void look_add(struct fswatch_look *l, enum fswatch_op op,
		     const struct fswatch_place *p)
{
	l->ev[l->n++] = (struct fswatch_event){
		.op = op,
		.path = p->path[0] ? span_str(p->path) : (struct span){ 0 },
		.was = p->was,
		/* A write to a pipe does what it should. */
		.noop = op < FSWATCH_WRITE && changes_nothing(l, op, p),
		.mode = l->mode,
		.flags = l->flags,
		.pid = l->pid,
		.tid = l->tid,
	};
}

void fswatch_look(struct fswatch_look *l)
{
	read_flags(l);
	if (l->none)
		return;
	look_at_places(l);
	if (l->none)
		return;
	if (l->call->how & FSWATCH_INJECT)
		l->quiet = true;
	if (l->op == FSWATCH_OPEN && (l->flags & O_CREAT) &&
	    is_gone(l->at[0].was))
		l->op = FSWATCH_CREATE;
	look_add(l, l->op, &l->at[0]);
	if (l->op == FSWATCH_RENAME) {
		look_add(l, FSWATCH_RENAME_TO, &l->at[1]);
		l->ev[0].noop = l->ev[1].noop = l->ev[0].noop || l->ev[1].noop;
	}
}
