/* root.c - see root.h. */
#include "harness/sys/root/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "harness/sys/world.h"

/* How far back the time of what is watched is put, in s: further than any
 * clock of a file system is coarse. */
#define PAST 3600

/* --- what must stay as it is ------------------------------------------------- */

/*
 * A change of a directory sets its time of modification, but that may come to
 * the same as before: clocks of file systems are coarse.  So it is put back.
 */
static void watch(struct root *r, int fd)
{
	struct timespec then[2];

	if (fd < 0 || r->n == ROOT_WATCHED) {
		r->lost = true;
		return;
	}
	clock_gettime(CLOCK_REALTIME, &then[0]);
	then[0].tv_sec -= PAST;
	then[1] = then[0];
	if (futimens(fd, then) || fstat(fd, &r->was[r->n]))
		r->lost = true;
	r->fd[r->n++] = fd;
}

static void watch_directory(struct root *r, const char *path)
{
	if (r->watched)
		watch(r, open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY));
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool root_is_clean(const struct root *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct stat *was = &r->was[i];
		struct stat is;

		if (fstat(r->fd[i], &is) ||
		    !same_time(&is.st_mtim, &was->st_mtim) ||
		    !same_time(&is.st_ctim, &was->st_ctim))
			return false;
	}
	return !r->lost;
}

/* --- the root ------------------------------------------------------------------ */

/* Whatever lies on top of the host's root may have any name but one: what is
 * needed while the root is made lies below that. */
#define OLD ROOT_WORK "/old"
#define LAYERS ROOT_WORK "/layers"

/* One that cannot be read is left out. */
static int copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		return 0;
	target[n] = '\0';
	return symlink(target, to);
}

/* Show one top-level entry of the old root in the new one. */
static int bind_entry(const char *name, unsigned char type, struct err *e)
{
	char from[PATH_MAX], to[PATH_MAX];

	snprintf(from, sizeof(from), OLD "/%s", name);
	snprintf(to, sizeof(to), "/%s", name);
	if (type == DT_LNK)
		return copy_link(from, to)
			       ? err_sys(e, errno, "cannot link %s", to)
			       : 0;
	if (type != DT_DIR)
		return 0;
	if (mkdir(to, 0755) && errno != EEXIST)
		return err_sys(e, errno, "cannot make %s", to);
	if (mount(from, to, NULL, MS_BIND | MS_REC, NULL))
		return err_sys(e, errno, "cannot bind %s", to);
	return 0;
}

static int bind_all(struct err *e)
{
	DIR *d = opendir(OLD);
	struct dirent *ent;
	int rc = 0;

	if (!d)
		return err_sys(e, errno, "cannot list the root directory");
	while (rc == 0 && (ent = readdir(d)) != NULL) {
		if (ent->d_name[0] == '.' &&
		    (!ent->d_name[1] || strcmp(ent->d_name, "..") == 0))
			continue;
		if (strcmp(ent->d_name, "proc") == 0 ||
		    strcmp(ent->d_name, ROOT_WORK + 1) == 0)
			continue;
		rc = bind_entry(ent->d_name, ent->d_type, e);
	}
	closedir(d);
	return rc;
}

/*
 * A new root on a tmpfs.  It is mounted on /tmp, made the root, and the host
 * stays reachable below OLD until everything is bound; pivot_root lifts the
 * tmpfs off the host's /tmp, which therefore is there again.
 */
static int new_root(struct err *e)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return err_sys(e, errno, "cannot make mounts private");
	if (mount("ptcheck", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=0755,size=256m"))
		return err_sys(e, errno, "cannot mount a tmpfs");
	if (mkdir("/tmp" ROOT_WORK, 0700) || mkdir("/tmp" OLD, 0700) ||
	    chdir("/tmp") || syscall(SYS_pivot_root, ".", "." OLD))
		return err_sys(e, errno, "cannot change the root");
	if (chdir("/") || bind_all(e))
		return -1;
	/* A launch lays its own over it.  The kernel lets it do so only where
	 * it sees one. */
	if (mkdir("/proc", 0555))
		return err_sys(e, errno, "cannot make /proc");
	if (mount(OLD "/proc", "/proc", NULL, MS_BIND | MS_REC, NULL))
		return err_sys(e, errno, "cannot mount /proc");
	if (umount2(OLD, MNT_DETACH))
		return err_sys(e, errno, "cannot let go of the old root");
	rmdir(OLD);
	return 0;
}

/*
 * Where everybody may write on a machine, a launch writes for itself alone: it
 * sees what is there, since the transport may be, and neither meets what other
 * launches left nor leaves anything to the user.  The layers are out of sight
 * once they are mounted.
 */
/* A layer over the directory @from at @to, which has @mode. */
static bool lay_over(const char *from, const char *to, size_t number,
		     mode_t mode)
{
	char upper[48], work[48], options[PATH_MAX + 160];

	snprintf(upper, sizeof(upper), LAYERS "/upper%zu", number);
	snprintf(work, sizeof(work), LAYERS "/work%zu", number);
	snprintf(options, sizeof(options),
		 "lowerdir=%s,upperdir=%s,workdir=%s,userxattr", from, upper,
		 work);
	return mkdir(upper, 0700) == 0 && chmod(upper, mode) == 0 &&
	       mkdir(work, 0700) == 0 &&
	       mount("ptcheck", to, "overlay", MS_NOSUID | MS_NODEV, options) ==
		       0;
}

/* Show an entry of @from in @to: a directory below a layer of its own, where
 * nothing is mounted in it. */
static void show_entry(const char *from_dir, const char *to_dir,
		       const struct dirent *ent, size_t number)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct stat st;
	int fd;

	snprintf(from, sizeof(from), "%s/%s", from_dir, ent->d_name);
	snprintf(to, sizeof(to), "%s/%s", to_dir, ent->d_name);
	if (ent->d_type == DT_LNK) {
		copy_link(from, to);
	} else if (ent->d_type == DT_DIR) {
		if (stat(from, &st) == 0 && mkdir(to, 0755) == 0 &&
		    !lay_over(from, to, number, st.st_mode & 07777))
			mount(from, to, NULL, MS_BIND | MS_REC, NULL);
	} else if (ent->d_type == DT_REG || ent->d_type == DT_SOCK) {
		fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0)
			return;
		close(fd);
		mount(from, to, NULL, MS_BIND, NULL);
	}
}

/*
 * The kernel lays nothing over a directory in which something is mounted (it
 * would show what that hides).  So each thing in it is shown by itself, and
 * only what has the mounts in it, and the files that lie there, are not this
 * launch's own.
 */
static void own_entries(struct root *r, const char *path, size_t number)
{
	size_t layer = (number + 1) << 20;
	char lower[48];
	struct dirent *ent;
	DIR *d;

	snprintf(lower, sizeof(lower), LAYERS "/lower%zu", number);
	if (mkdir(lower, 0700) ||
	    mount(path, lower, NULL, MS_BIND | MS_REC, NULL) ||
	    !(d = opendir(lower)))
		return;
	if (mount("ptcheck", path, "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=1777,size=256m")) {
		closedir(d);
		return;
	}
	while ((ent = readdir(d)) != NULL)
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, ".."))
			show_entry(lower, path, ent, layer++);
	closedir(d);
	/* Too much to be watched. */
	r->lost = true;
}

/* @fresh: where the kernel has no overlay for us, it is empty instead. */
static void own_directory(struct root *r, const char *path, size_t number,
			  bool fresh)
{
	char upper[48];
	struct stat st;

	if (lstat(path, &st) || !S_ISDIR(st.st_mode))
		return;
	snprintf(upper, sizeof(upper), LAYERS "/upper%zu", number);
	if (lay_over(path, path, number, 01777))
		watch_directory(r, upper);
	else if (!fresh && errno == EINVAL)
		own_entries(r, path, number);
	else if (fresh && mount("ptcheck", path, "tmpfs", MS_NOSUID | MS_NODEV,
				"mode=1777,size=256m") == 0)
		watch_directory(r, path);
}

static int own_directories(struct root *r, struct err *e)
{
	if (mkdir(LAYERS, 0700))
		return err_sys(e, errno, "cannot make " LAYERS);
	/* As large as the one of the root, which is counted apart. */
	if (mount("ptcheck", LAYERS, "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=0700,size=256m"))
		return err_sys(e, errno, "cannot mount a tmpfs");
	own_directory(r, "/tmp", 0, false);
	own_directory(r, "/var/tmp", 1, false);
	own_directory(r, "/dev/shm", 2, true);
	if (umount2(LAYERS, MNT_DETACH))
		return err_sys(e, errno, "cannot let go of " LAYERS);
	rmdir(LAYERS);
	return 0;
}

/* --- what a launch has anew -------------------------------------------------------- */

static int make_work(struct err *e)
{
	static const char *const dirs[] = {
		ROOT_WORK "/home",
		ROOT_WORK "/tmp",
		ROOT_WORK "/cwd",
	};

	if (mount("ptcheck", ROOT_WORK, "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=0700,size=256m"))
		return err_sys(e, errno, "cannot mount a tmpfs");
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(dirs[i], 0700))
			return err_sys(e, errno, "cannot make %s", dirs[i]);
	return 0;
}

int root_make(struct root *r, bool watched, struct err *e)
{
	int fd;

	*r = (struct root){ .watched = watched };
	if (new_root(e) || own_directories(r, e))
		return -1;
	fd = world_resolver(&r->no_resolver);
	r->resolver = fd >= 0;
	if (r->resolver && watched)
		watch(r, fd);
	else if (r->resolver)
		close(fd);
	watch_directory(r, "/");
	return 0;
}

int root_enter(struct err *e)
{
	/* Of the own pid namespace; where that is refused (proc is masked in a
	 * container) it is the old one, in which /proc/self still points to
	 * the right process. */
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	return make_work(e);
}
