/* observe.c - see observe.h. */
#include "harness/sys/observe.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Enough for any transport's state; a runaway one is cut off. */
#define FILES_MAX 1000
#define DEPTH_MAX 16

bool observe_is_ours(void)
{
	char self[16] = "";

	return readlink("/proc/self", self, sizeof(self) - 1) > 0 &&
	       atoi(self) == getpid();
}

static DIR *open_ours(const char *path)
{
	return observe_is_ours() ? opendir(path) : NULL;
}

/* Is it among the descriptors of a process? */
static bool holds(const char *pid, const char *socket)
{
	char path[64], to[64];
	bool found = false;
	struct dirent *ent;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	d = opendir(path);
	while (d && !found && (ent = readdir(d)) != NULL) {
		ssize_t n =
			readlinkat(dirfd(d), ent->d_name, to, sizeof(to) - 1);

		to[n > 0 ? n : 0] = '\0';
		found = strcmp(to, socket) == 0;
	}
	if (d)
		closedir(d);
	return found;
}

pid_t observe_socket_owner(uint32_t inode)
{
	DIR *d = open_ours("/proc");
	struct dirent *ent;
	char socket[32];
	pid_t pid = 0;

	snprintf(socket, sizeof(socket), "socket:[%u]", inode);
	while (d && !pid && (ent = readdir(d)) != NULL)
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    atoi(ent->d_name) != getpid() && holds(ent->d_name, socket))
			pid = (pid_t)atoi(ent->d_name);
	if (d)
		closedir(d);
	return pid;
}

static void read_process(const char *pid, observe_process_fn *fn, void *ctx)
{
	char path[64], text[512], *from, *to;
	ssize_t n;
	char state;
	int fd, ppid;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* pid (name) state ppid ...; the name may hold anything */
	from = strchr(text, '(');
	to = strrchr(text, ')');
	if (!from || !to || to < from ||
	    sscanf(to + 1, " %c %d", &state, &ppid) != 2)
		return;
	*to = '\0';
	fn(ctx, (pid_t)atoi(pid), ppid, state, from + 1);
}

static void saw_parent(void *ctx, pid_t pid, pid_t ppid, char state,
		       const char *name)
{
	(void)pid;
	(void)state;
	(void)name;
	*(pid_t *)ctx = ppid;
}

pid_t observe_parent(pid_t pid)
{
	char text[16];
	pid_t parent = 0;

	snprintf(text, sizeof(text), "%d", (int)pid);
	read_process(text, saw_parent, &parent);
	return parent;
}

int observe_processes(observe_process_fn *fn, void *ctx, struct err *e)
{
	struct dirent *ent;
	DIR *d;

	if (!observe_is_ours())
		return err_set(e, 0, OBSERVE_FOREIGN);
	d = opendir("/proc");
	if (!d)
		return err_sys(e, errno, "/proc");
	while ((ent = readdir(d)) != NULL)
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    atoi(ent->d_name) != getpid())
			read_process(ent->d_name, fn, ctx);
	closedir(d);
	return 0;
}

size_t observe_command(pid_t pid, char *words, size_t size)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, words, size);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

int observe_fds(pid_t pid)
{
	struct dirent *ent;
	char path[64];
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	d = open_ours(path);
	if (!d)
		return -1;
	while ((ent = readdir(d)) != NULL)
		n += ent->d_name[0] != '.';
	closedir(d);
	return n;
}

int64_t observe_memory_kib(pid_t pid)
{
	char path[64], line[256];
	long long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = observe_is_ours() ? fopen(path, "re") : NULL;
	if (!f)
		return -1;
	while (kib < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %lld kB", &kib) != 1)
			kib = -1;
	fclose(f);
	return kib;
}

int64_t observe_cpu_us(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		return -1;
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* --- waiting for a processor --- */

/* The start of a small file; false: there is none. */
static bool read_start(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* What @dir says of a thread; or of a process, and then of its first. */
struct thread_stat {
	char state;
	long threads; /* that the process has */
};

static bool read_stat(const char *dir, struct thread_stat *st)
{
	char path[80], text[512];
	const char *from;

	snprintf(path, sizeof(path), "%.64s/stat", dir);
	if (!read_start(path, text, sizeof(text)))
		return false;
	/* The name in front may hold anything. */
	from = strrchr(text, ')');
	return from && sscanf(from + 1,
			      " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
			      "%*s %*s %*s %*s %*s %ld",
			      &st->state, &st->threads) == 2;
}

static void read_times(const char *dir, struct observe_thread *t)
{
	char path[80], text[96];
	long long ran, waited;

	snprintf(path, sizeof(path), "%.64s/schedstat", dir);
	if (read_start(path, text, sizeof(text)) &&
	    sscanf(text, "%lld %lld", &ran, &waited) == 2) {
		t->ran_us = ran / 1000;
		t->waited_us = waited / 1000;
	}
}

/* Threads that are looked at. */
struct looking {
	bool states_only;
	observe_thread_fn *fn;
	void *ctx;
};

static void tell_thread(const struct looking *l, const char *dir,
			const char *tid, char state)
{
	struct observe_thread t = {
		.tid = (pid_t)atoi(tid),
		.ready = state == 'R',
		.blocked = state == 'D',
	};

	if (!l->states_only)
		read_times(dir, &t);
	l->fn(l->ctx, &t);
}

static void look_at_threads(const struct looking *l, const char *process)
{
	struct thread_stat st;
	struct dirent *ent;
	char task[64], one[72];
	DIR *d;

	snprintf(task, sizeof(task), "%.32s/task", process);
	d = opendir(task);
	if (!d)
		return;
	while ((ent = readdir(d)) != NULL) {
		snprintf(one, sizeof(one), "%.38s/%.20s", task, ent->d_name);
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    read_stat(one, &st))
			tell_thread(l, one, ent->d_name, st.state);
	}
	closedir(d);
}

/* Most have one thread, and what is said of the process is said of that. */
static void look_at_process(const struct looking *l, const char *pid)
{
	struct thread_stat st;
	char dir[32];

	snprintf(dir, sizeof(dir), "/proc/%.20s", pid);
	if (!read_stat(dir, &st))
		return;
	if (st.threads == 1)
		tell_thread(l, dir, pid, st.state);
	else
		look_at_threads(l, dir);
}

static bool is_among(pid_t one, const pid_t *all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i] == one)
			return true;
	return n == 0;
}

void observe_threads(const pid_t *sessions, size_t nsessions, bool states_only,
		     observe_thread_fn *fn, void *ctx)
{
	const struct looking l = { states_only, fn, ctx };
	DIR *d = open_ours("/proc");
	pid_t self = getpid(), pid;
	struct dirent *ent;

	if (!d)
		return;
	while ((ent = readdir(d)) != NULL) {
		if (!isdigit((unsigned char)ent->d_name[0]) ||
		    (pid = (pid_t)atoi(ent->d_name)) == self)
			continue;
		/* The processes of a whole machine may be to be passed over: a
		 * system call each, and not a file. */
		if (!nsessions || is_among(getsid(pid), sessions, nsessions))
			look_at_process(&l, ent->d_name);
	}
	closedir(d);
}

int64_t observe_made(void)
{
	char text[128], *last;

	if (!read_start("/proc/loadavg", text, sizeof(text)) ||
	    (last = strrchr(text, ' ')) == NULL)
		return -1;
	return strtoll(last + 1, NULL, 10);
}

int64_t observe_waited_us(void)
{
	long long ran, waited;
	char text[96];

	/* Whoever asks has run: without counting all of it is 0. */
	if (!read_start("/proc/self/schedstat", text, sizeof(text)) ||
	    sscanf(text, "%lld %lld", &ran, &waited) != 2 || ran == 0)
		return -1;
	return waited / 1000;
}

/* While one processor is idle, nobody has to wait: so much of the time as all
 * of them have been idle, shared out, was without waiting. */
static int64_t never_idle_us(void)
{
	long long user, nice, system, idle;
	long hz = sysconf(_SC_CLK_TCK), cpus = sysconf(_SC_NPROCESSORS_ONLN);
	struct timespec now;
	char text[256];

	if (!read_start("/proc/stat", text, sizeof(text)) ||
	    sscanf(text, "cpu %lld %lld %lld %lld", &user, &nice, &system,
		   &idle) != 4 ||
	    hz <= 0 || cpus <= 0)
		return -1;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 -
	       idle * 1000000 / hz / cpus;
}

/* Of pressure stall information: the time in which some waited for it. */
static bool pressure_us(const char *path, int64_t *us)
{
	const char *total;
	char text[256];

	if (!read_start(path, text, sizeof(text)) ||
	    !(total = strstr(text, "total=")))
		return false;
	*us = strtoll(total + 6, NULL, 10);
	return true;
}

int64_t observe_machine_waited_us(bool *pressure)
{
	int64_t us;

	*pressure = pressure_us("/proc/pressure/cpu", &us);
	return *pressure ? us : never_idle_us();
}

int64_t observe_disk_waited_us(void)
{
	int64_t us;

	return pressure_us("/proc/pressure/io", &us) ? us : 0;
}

/* --- files --- */

struct walk {
	observe_file_fn *fn;
	void *ctx;
	size_t left;
};

static void walk_dir(struct walk *w, int dirfd, const char *prefix, int depth)
{
	struct dirent **list;
	int n = scandirat(dirfd, ".", &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		char path[PATH_MAX];
		struct stat st;
		int fd;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    w->left > 0 &&
		    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (size_t)snprintf(path, sizeof(path), "%s%s", prefix, name) +
				    2 <
			    sizeof(path)) {
			w->left--;
			w->fn(w->ctx, path,
			      S_ISDIR(st.st_mode)   ? 'd'
			      : S_ISREG(st.st_mode) ? 'f'
						    : '?',
			      st.st_mode & 07777, st.st_size);
			fd = S_ISDIR(st.st_mode) && depth < DEPTH_MAX
				     ? openat(dirfd, name,
					      O_RDONLY | O_DIRECTORY |
						      O_CLOEXEC | O_NOFOLLOW)
				     : -1;
			if (fd >= 0) {
				strcat(path, "/");
				walk_dir(w, fd, path, depth + 1);
				close(fd);
			}
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

int observe_files(const char *root, observe_file_fn *fn, void *ctx,
		  struct err *e)
{
	struct walk w = { .fn = fn, .ctx = ctx, .left = FILES_MAX };
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno, "%s", root);
	walk_dir(&w, fd, "", 0);
	close(fd);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	remove(path);
	return 0;
}

void observe_remove_tree(const char *root)
{
	nftw(root, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
