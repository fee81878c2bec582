/*
 * fswatch_path.c - what a path in another process's memory means to it; see
 * fswatch.h.
 *
 * The kernel follows directories; the last name is followed here, link by
 * link, because it need not exist and because a link may lead through
 * /proc/self, which is another process here.  Nothing is opened but with
 * O_PATH, so that no fifo or device notices.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "harness/sys/fswatch_int.h"

/* As many links in a row as the kernel follows. */
#define LINKS_MAX 40
#define PAGE 4096u
#define O_LOOK (O_PATH | O_CLOEXEC)
#define DELETED " (deleted)"

/* --- memory --- */

/* For kernels without process_vm_readv. */
static ssize_t fetch_by_file(pid_t tid, uint64_t at, void *buf, size_t n)
{
	char name[32];
	ssize_t got;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/mem", (int)tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = pread(fd, buf, n, (off_t)at);
	close(fd);
	return got;
}

ssize_t fswatch_fetch(pid_t tid, uint64_t at, void *buf, size_t n)
{
	struct iovec to = { buf, n };
	struct iovec from = { (void *)(uintptr_t)at, n };
	ssize_t got = process_vm_readv(tid, &to, 1, &from, 1, 0);

	return got < 0 && errno == ENOSYS ? fetch_by_file(tid, at, buf, n)
					  : got;
}

/* Page by page: what is behind the end of a string may not be readable. */
int fswatch_fetch_path(pid_t tid, uint64_t at, char buf[PATH_MAX])
{
	size_t n = 0;

	while (n < PATH_MAX) {
		size_t want = PAGE - (size_t)((at + n) % PAGE);
		ssize_t got;

		if (want > PATH_MAX - n)
			want = PATH_MAX - n;
		got = fswatch_fetch(tid, at + n, buf + n, want);
		if (got <= 0)
			return -1;
		if (memchr(buf + n, '\0', (size_t)got))
			return 0;
		n += (size_t)got;
	}
	errno = ENAMETOOLONG;
	return -1;
}

/* --- what a descriptor is --- */

static enum fswatch_was was_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return FSWATCH_WAS_FILE;
	case S_IFDIR:
		return FSWATCH_WAS_DIR;
	case S_IFCHR:
	case S_IFBLK:
		return FSWATCH_WAS_DEVICE;
	case S_IFIFO:
		return FSWATCH_WAS_FIFO;
	case S_IFSOCK:
		return FSWATCH_WAS_SOCK;
	case S_IFLNK:
		return FSWATCH_WAS_SYMLINK;
	default: /* epoll and the like */
		return FSWATCH_WAS_UNKNOWN;
	}
}

/* The path of one of our descriptors; false, and empty: it is too long. */
static bool path_of(int fd, char buf[PATH_MAX])
{
	char name[32];
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	n = readlink(name, buf, PATH_MAX - 1);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* What @fd leads to; closes it. */
static void place_of(int fd, struct fswatch_place *out)
{
	struct stat st;
	size_t n;

	path_of(fd, out->path);
	if (fstat(fd, &st) == 0) {
		out->was = was_of(st.st_mode);
		out->nameless = st.st_nlink == 0 ||
				(out->path[0] && out->path[0] != '/');
		n = strlen(out->path);
		if (st.st_nlink == 0 && n > strlen(DELETED) &&
		    strcmp(out->path + n - strlen(DELETED), DELETED) == 0)
			out->path[n - strlen(DELETED)] = '\0';
	}
	close(fd);
}

/* A thread's descriptor, or its working directory for AT_FDCWD. */
static int open_theirs(pid_t tid, int fd)
{
	char name[48];

	if (fd == AT_FDCWD)
		snprintf(name, sizeof(name), "/proc/%d/cwd", (int)tid);
	else
		snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)tid, fd);
	return open(name, O_LOOK);
}

static void place_clear(struct fswatch_place *out)
{
	out->path[0] = '\0';
	out->was = FSWATCH_WAS_UNKNOWN;
	out->nameless = out->doomed = false;
}

void fswatch_resolve_fd(pid_t tid, int fd, struct fswatch_place *out)
{
	int ours = open_theirs(tid, fd);

	place_clear(out);
	if (ours >= 0)
		place_of(ours, out);
	else
		out->doomed = errno == ENOENT;
}

/* --- what a path is --- */

struct walk {
	pid_t pid, tid;
	int base; /* owned; AT_FDCWD for an absolute path */
	bool follow;
	char text[2 * PATH_MAX]; /* what is still to go */
};

/*
 * Names that mean another thing to everybody, in their words instead.  Only
 * where a path begins with one: nobody reaches them in another way by
 * accident.
 */
static void own_names(struct walk *w)
{
	/* A thread is found in /proc by its own number, too. */
	const struct {
		const char *name, *below;
		pid_t id;
	} names[] = {
		{ "/proc/self", "", w->pid },
		{ "/proc/thread-self", "", w->tid },
		{ "/dev/fd", "/fd", w->pid },
	};
	char rest[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i].name);

		if (strncmp(w->text, names[i].name, n) != 0 ||
		    (w->text[n] && w->text[n] != '/'))
			continue;
		/* What is still to go was one path, or one link's text. */
		snprintf(rest, sizeof(rest), "%.*s", PATH_MAX - 1, w->text + n);
		snprintf(w->text, sizeof(w->text), "/proc/%d%s%s",
			 (int)names[i].id, names[i].below, rest);
		return;
	}
}

/* Put @name behind the path, as much of it as there is room. */
static void append(struct fswatch_place *out, const char *name, size_t n)
{
	size_t len = strlen(out->path);

	if (len && out->path[len - 1] != '/')
		out->path[len++] = '/';
	if (len + n >= sizeof(out->path))
		n = sizeof(out->path) - len - 1;
	memcpy(out->path + len, name, n);
	out->path[len + n] = '\0';
}

/* Words of a path that does not exist: only letters are left to go by. */
static void append_words(struct fswatch_place *out, const char *rest)
{
	size_t root = strlen(out->path);

	while (*rest) {
		size_t n = strcspn(rest, "/");

		if (n == 2 && memcmp(rest, "..", 2) == 0) {
			char *slash = strrchr(out->path, '/');

			if (slash && (size_t)(slash - out->path) >= root)
				*slash = '\0';
		} else if (n && !(n == 1 && *rest == '.')) {
			append(out, rest, n);
		}
		rest += n;
		rest += strspn(rest, "/");
	}
}

static int open_dir(const struct walk *w, const char *text, size_t n)
{
	char dir[sizeof(w->text)];

	memcpy(dir, text, n);
	dir[n] = '\0';
	return openat(w->base, n ? dir : ".", O_LOOK | O_DIRECTORY);
}

/* The @n bytes of an absolute path with each slash once and none at the end;
 * false: it has names that are not taken as they are. */
static bool plain_path(const char *text, size_t n, char out[PATH_MAX])
{
	size_t len = 0;

	if (n == 0 || n >= PATH_MAX || text[0] != '/')
		return false;
	for (size_t i = 0; i < n;) {
		size_t word = strcspn(text + i, "/");

		if (word > n - i)
			word = n - i;
		if (word == 0) {
			i++;
			continue;
		}
		if (text[i] == '.' &&
		    (word == 1 || (word == 2 && text[i + 1] == '.')))
			return false;
		out[len++] = '/';
		memcpy(out + len, text + i, word);
		len += word;
		i += word;
	}
	if (len == 0)
		out[len++] = '/';
	out[len] = '\0';
	return true;
}

/* The same where its name is its path, as no link leads there: the kernel need
 * not be asked for that.  -1: it may still be there. */
static int open_plain_dir(const char *text, size_t n, char path[PATH_MAX])
{
	struct open_how how = { .flags = O_LOOK | O_DIRECTORY,
				.resolve = RESOLVE_NO_SYMLINKS };

	if (!plain_path(text, n, path))
		return -1;
	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

/* Opens it, and says where it is; *path is empty when that cannot be told. */
static int open_parent(const struct walk *w, const char *text, size_t n,
		       char path[PATH_MAX])
{
	int fd = open_plain_dir(text, n, path);

	if (fd < 0) {
		path[0] = '\0';
		fd = open_dir(w, text, n);
		if (fd >= 0)
			path_of(fd, path);
	}
	return fd;
}

/* The directory of the last name cannot be opened: go up to one that can. */
static void nowhere(const struct walk *w, int error, struct fswatch_place *out)
{
	size_t n = strlen(w->text);
	bool named = true;
	int fd = -1;

	out->was = error == ENOENT || error == ENOTDIR ? FSWATCH_WAS_NOWHERE
						       : FSWATCH_WAS_UNKNOWN;
	out->doomed = error == ELOOP || error == ENAMETOOLONG;
	while (fd < 0 && n > 0) {
		while (n > 0 && w->text[n - 1] != '/')
			n--;
		while (n > 1 && w->text[n - 1] == '/')
			n--;
		fd = open_dir(w, w->text, n);
		if (n == 1 && w->text[0] == '/')
			break;
	}
	if (fd >= 0) {
		named = path_of(fd, out->path);
		close(fd);
	}
	if (named)
		append_words(out, w->text + n);
}

/* The last name is a link: to be followed by hand, or by the kernel where its
 * text is not its target. */
static bool follow_link(struct walk *w, int parent, const char *name,
			struct fswatch_place *out)
{
	char target[PATH_MAX];
	struct statfs fs;
	ssize_t n;
	int fd;

	if (fstatfs(parent, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC) {
		fd = openat(parent, name, O_LOOK);
		if (fd >= 0)
			place_of(fd, out);
		else
			out->doomed = errno == ENOENT;
		return false;
	}
	n = readlinkat(parent, name, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	if (w->base >= 0)
		close(w->base);
	w->base = target[0] == '/' ? AT_FDCWD
				   : fcntl(parent, F_DUPFD_CLOEXEC, 3);
	strcpy(w->text, target);
	return w->base >= 0 || w->base == AT_FDCWD;
}

/* Where the last name begins; the end when it is not a name of its own. */
static const char *last_name(const char *text)
{
	const char *slash = strrchr(text, '/');
	const char *name = slash ? slash + 1 : text;

	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0
		       ? text + strlen(text)
		       : name;
}

/* One round; true: a link leads on. */
static bool step(struct walk *w, struct fswatch_place *out)
{
	size_t n = strlen(w->text);
	const char *name;
	struct stat st;
	int parent;
	bool on = false;

	while (n > 1 && w->text[n - 1] == '/')
		w->text[--n] = '\0';
	own_names(w);
	name = last_name(w->text);
	parent = open_parent(w, w->text, (size_t)(name - w->text), out->path);
	if (parent < 0) {
		nowhere(w, errno, out);
		return false;
	}
	if (!*name) {
		place_of(parent, out);
		return false;
	}
	if (out->path[0])
		append(out, name, strlen(name));
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW)) {
		out->was = errno == ENOENT ? FSWATCH_WAS_MISSING
					   : FSWATCH_WAS_UNKNOWN;
		out->doomed = errno == ENAMETOOLONG;
	} else if (S_ISLNK(st.st_mode) && w->follow) {
		on = follow_link(w, parent, name, out);
	} else {
		out->was = was_of(st.st_mode);
	}
	close(parent);
	return on;
}

void fswatch_resolve(pid_t pid, pid_t tid, int dirfd, const char *path,
		     bool follow, struct fswatch_place *out)
{
	struct walk w = { pid, tid, AT_FDCWD, follow, "" };
	int links = 0;

	place_clear(out);
	strcpy(w.text, path);
	if (path[0] != '/')
		w.base = open_theirs(tid, dirfd);
	if (!path[0] || w.base == -1) {
		/* An empty path, or a descriptor that is not there. */
		out->doomed = !path[0] || errno == ENOENT;
		strcpy(out->path, path);
	} else {
		while (step(&w, out))
			if (++links > LINKS_MAX) {
				out->doomed = true;
				break;
			}
	}
	if (w.base >= 0)
		close(w.base);
}
