/* sandbox.c - see sandbox.h. */
#include "harness/sys/sandbox.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sched.h>

/* As a program has by default; what is not used costs nothing. */
#define STACK_BYTES (8u << 20)
#define GUARD_BYTES (64u << 10)

#define NAMESPACES                                                   \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | \
	 CLONE_NEWIPC | CLONE_NEWUTS)

/* The one port that `ports` leaves; above the kernel's default range. */
#define SCARCE_PORT 61999
#define PORT_RANGE "/proc/sys/net/ipv4/ip_local_port_range"

static int write_file(const char *path, const char *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);

	if (fd < 0 || write(fd, text, n) != (ssize_t)n) {
		err_sys(e, errno, "cannot write %s", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* Same ids inside as outside.  setgroups must be denied before gid_map. */
static int map_ids(uid_t uid, gid_t gid, struct err *e)
{
	char map[64];

	if (write_file("/proc/self/setgroups", "deny", e))
		return -1;
	snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
	if (write_file("/proc/self/gid_map", map, e))
		return -1;
	snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
	return write_file("/proc/self/uid_map", map, e);
}

static int loopback_up(struct err *e)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0) {
		err_sys(e, errno, "cannot bring loopback up");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

/* Show one top-level entry of the old root in the new one. */
static int bind_entry(const char *name, unsigned char type, struct err *e)
{
	char from[PATH_MAX], to[PATH_MAX], target[PATH_MAX];
	ssize_t n;

	snprintf(from, sizeof(from), "/old/%s", name);
	snprintf(to, sizeof(to), "/%s", name);
	if (type == DT_LNK) {
		n = readlink(from, target, sizeof(target) - 1);
		if (n < 0)
			return 0;
		target[n] = '\0';
		return symlink(target, to)
			       ? err_sys(e, errno, "cannot link %s", to)
			       : 0;
	}
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
	DIR *d = opendir("/old");
	struct dirent *ent;
	int rc = 0;

	if (!d)
		return err_sys(e, errno, "cannot list the root directory");
	while (rc == 0 && (ent = readdir(d)) != NULL) {
		if (ent->d_name[0] == '.' &&
		    (!ent->d_name[1] || strcmp(ent->d_name, "..") == 0))
			continue;
		if (strcmp(ent->d_name, "proc") == 0)
			continue;
		rc = bind_entry(ent->d_name, ent->d_type, e);
	}
	closedir(d);
	return rc;
}

/*
 * A new root on a tmpfs.  It is mounted on /tmp, made the root, and the host
 * stays reachable below /old until everything is bound; pivot_root lifts the
 * tmpfs off the host's /tmp, which therefore is there again.
 */
static int new_root(struct err *e)
{
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		return err_sys(e, errno, "cannot make mounts private");
	if (mount("ptcheck", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=0755,size=256m"))
		return err_sys(e, errno, "cannot mount a tmpfs");
	if (mkdir("/tmp/old", 0700) || chdir("/tmp") ||
	    syscall(SYS_pivot_root, ".", "old"))
		return err_sys(e, errno, "cannot change the root");
	if (chdir("/") || bind_all(e))
		return -1;
	/* A proc of the own pid namespace; where that is refused (proc is
	 * masked in a container) the old one, in which /proc/self still
	 * points to the right process. */
	if (mkdir("/proc", 0555))
		return err_sys(e, errno, "cannot make /proc");
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC,
		  NULL) &&
	    mount("/old/proc", "/proc", NULL, MS_BIND | MS_REC, NULL))
		return err_sys(e, errno, "cannot mount /proc");
	if (umount2("/old", MNT_DETACH))
		return err_sys(e, errno, "cannot let go of the old root");
	rmdir("/old");
	return 0;
}

/*
 * Where everybody may write on a machine, a launch writes for itself alone: it
 * sees what is there, since the transport may be, and neither meets what other
 * launches left nor leaves anything to the user.  The layers are out of sight
 * once they are mounted.
 */
#define LAYERS "/layers"

/* @fresh: where the kernel has no overlay for us, it is empty instead. */
static void own_directory(const char *path, size_t number, bool fresh)
{
	char upper[32], work[32], options[160];
	struct stat st;

	if (lstat(path, &st) || !S_ISDIR(st.st_mode))
		return;
	snprintf(upper, sizeof(upper), LAYERS "/upper%zu", number);
	snprintf(work, sizeof(work), LAYERS "/work%zu", number);
	snprintf(options, sizeof(options),
		 "lowerdir=%s,upperdir=%s,workdir=%s,userxattr", path, upper,
		 work);
	if (mkdir(upper, 0700) || chmod(upper, 01777) || mkdir(work, 0700))
		return;
	if (mount("ptcheck", path, "overlay", MS_NOSUID | MS_NODEV, options) &&
	    fresh)
		mount("ptcheck", path, "tmpfs", MS_NOSUID | MS_NODEV,
		      "mode=1777,size=256m");
}

static int own_directories(struct err *e)
{
	if (mkdir(LAYERS, 0700))
		return err_sys(e, errno, "cannot make " LAYERS);
	/* As large as the one of the root, which is counted apart. */
	if (mount("ptcheck", LAYERS, "tmpfs", MS_NOSUID | MS_NODEV,
		  "mode=0700,size=256m"))
		return err_sys(e, errno, "cannot mount a tmpfs");
	own_directory("/tmp", 0, false);
	own_directory("/var/tmp", 1, false);
	own_directory("/dev/shm", 2, true);
	if (umount2(LAYERS, MNT_DETACH))
		return err_sys(e, errno, "cannot let go of " LAYERS);
	rmdir(LAYERS);
	return 0;
}

static int make_work(struct err *e)
{
	static const char *const dirs[] = {
		SANDBOX_WORK,
		SANDBOX_WORK "/home",
		SANDBOX_WORK "/tmp",
		SANDBOX_WORK "/cwd",
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (mkdir(dirs[i], 0700))
			return err_sys(e, errno, "cannot make %s", dirs[i]);
	return 0;
}

/* What a sandbox_state points to. */
struct reasons {
	struct err trouble, no_world, no_resolver;
};

/* Without its world a sandbox is good for most things, so that is told, and
 * no trouble. */
static void enter(uid_t uid, gid_t gid, struct sandbox_state *s,
		  struct reasons *why)
{
	if (map_ids(uid, gid, &why->trouble) || loopback_up(&why->trouble) ||
	    new_root(&why->trouble) || own_directories(&why->trouble) ||
	    make_work(&why->trouble)) {
		s->trouble = &why->trouble;
		return;
	}
	if (world_setup(&s->world, &why->no_world))
		s->no_world = &why->no_world;
	if (world_resolver(&why->no_resolver))
		s->no_resolver = &why->no_resolver;
	/* Changing credentials clears the signal; set it again. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* What the new process is told; at the top of its stack, when it has one. */
struct start {
	bool isolate, shared;
	/* Inside, before the map is written, ids read as the overflow ids. */
	uid_t uid;
	gid_t gid;
	sandbox_main *fn;
	void *ctx;
};

static int run_inside(const struct start *s)
{
	struct sandbox_state state = { 0 };
	struct reasons why = { 0 };

	prctl(PR_SET_PDEATHSIG, s->isolate ? SIGKILL : SIGTERM);
	if (s->isolate) {
		enter(s->uid, s->gid, &state, &why);
	} else {
		err_set(&why.no_world, 0, "no sandbox");
		state.no_world = state.no_resolver = &why.no_world;
	}
	return s->fn(s->ctx, &state);
}

/* In coverage builds _exit() alone would lose the counters. */
#ifdef PTCHECK_COVERAGE
extern void __gcov_dump(void);
#define save_counters() __gcov_dump()
#else
#define save_counters() ((void)0)
#endif

void sandbox_exit(int status)
{
	save_counters();
	_exit(status);
}

static int begin(void *arg)
{
	const struct start *s = arg;
	int status = run_inside(s);

	/* What is shared the caller saves. */
	if (s->shared)
		_exit(status);
	sandbox_exit(status);
}

void *sandbox_stack(void)
{
	char *low;

	if (!SANDBOX_SHARES)
		return NULL;
	low = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1,
		   0);
	if (low == MAP_FAILED)
		return NULL;
	/* Whoever needs more meets this. */
	mprotect(low, GUARD_BYTES, PROT_NONE);
	return low + STACK_BYTES;
}

static pid_t clone_copy(unsigned flags, struct start *s, int *pidfd)
{
	struct clone_args args = {
		.flags = flags,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid == 0)
		begin(s);
	return (pid_t)pid;
}

int sandbox_clone(bool isolate, void *stack, sandbox_main *fn, void *ctx,
		  pid_t *pid, int *pidfd, struct err *e)
{
	struct start here;
	struct start *s = stack ? (struct start *)stack - 1 : &here;
	unsigned flags = CLONE_PIDFD | (isolate ? NAMESPACES : 0);

	*s = (struct start){
		.isolate = isolate,
		.shared = stack != NULL,
		.uid = geteuid(),
		.gid = getegid(),
		.fn = fn,
		.ctx = ctx,
	};
	if (stack)
		*pid = clone(begin, s, (int)(flags | CLONE_VM | SIGCHLD), s,
			     pidfd);
	else
		*pid = clone_copy(flags, s, pidfd);
	if (*pid >= 0)
		return 0;
	/* ENOSPC alone would send people looking for a full disk. */
	return err_sys(e, errno, "cannot clone a worker%s%s",
		       isolate ? " into new namespaces" : "",
		       isolate && errno == ENOSPC
			       ? " (a limit in /proc/sys/user)"
			       : "");
}

void sandbox_drop_caps(void)
{
	/* uid 0 is nothing special any more; fails harmlessly without
	 * CAP_SETPCAP, where there is nothing to drop either. */
	prctl(PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_NOROOT_LOCKED);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

struct probe {
	int fd;
};

static int probe_main(void *ctx, const struct sandbox_state *state)
{
	struct probe *p = ctx;
	const struct err *why = state->trouble;

	if (!why)
		return 0;
	return write(p->fd, why->msg, strlen(why->msg)) < 0 ? 2 : 1;
}

int sandbox_probe(struct err *e)
{
	int fds[2], pidfd, status;
	struct probe p;
	pid_t pid;
	ssize_t n;
	char msg[ERR_MAX];

	if (pipe2(fds, O_CLOEXEC))
		return err_sys(e, errno, "pipe");
	p.fd = fds[1];
	if (sandbox_clone(true, NULL, probe_main, &p, &pid, &pidfd, e)) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	close(fds[1]);
	n = read(fds[0], msg, sizeof(msg) - 1);
	msg[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(pidfd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(e, 0, "%s", n > 0 ? msg : "a test worker died");
}

int sandbox_ports(int left, int *fd, struct err *e)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(SCARCE_PORT),
	};
	char range[32];
	int off = 0;

	*fd = -1;
	if (left < 0)
		return write_file(PORT_RANGE, "32768 60999\n", e);
	snprintf(range, sizeof(range), "%d %d\n", SCARCE_PORT, SCARCE_PORT);
	if (write_file(PORT_RANGE, range, e))
		return -1;
	if (left > 0)
		return 0;
	/* Dual-stack, so that it takes the port in both families. */
	*fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 ||
	    setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    bind(*fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(*fd, 1))
		return err_sys(e, errno, "cannot take the last port");
	return 0;
}
