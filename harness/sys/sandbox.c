/* sandbox.c - see sandbox.h. */
#include "harness/sys/sandbox.h"

#include <errno.h>
#include <limits.h>
#include <linux/securebits.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/sched.h>

#include "harness/sys/network/setting.h"

/* As a program has by default; what is not used costs nothing. */
#define STACK_BYTES (8u << 20)
#define GUARD_BYTES (64u << 10)

#define NAMESPACES                                                   \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS | \
	 CLONE_NEWIPC | CLONE_NEWUTS)

/* Same ids inside as outside.  setgroups must be denied before gid_map. */
static int map_ids(uid_t uid, gid_t gid, struct err *e)
{
	char map[64];

	if (setting_write("/proc/self/setgroups", "deny", e))
		return -1;
	snprintf(map, sizeof(map), "%u %u 1\n", gid, gid);
	if (setting_write("/proc/self/gid_map", map, e))
		return -1;
	snprintf(map, sizeof(map), "%u %u 1\n", uid, uid);
	return setting_write("/proc/self/uid_map", map, e);
}

/* What the new process is told; at the top of its stack, when it has one. */
struct start {
	bool isolate, shared;
	/* That it inherited, or NULL. */
	const struct root *root;
	const struct network *network;
	/* Inside, before the map is written, ids read as the overflow ids. */
	uid_t uid;
	gid_t gid;
	sandbox_main *fn;
	void *ctx;
};

/* What a sandbox_state points to. */
struct reasons {
	struct err trouble, no_world, no_resolver;
	struct network network;
};

/* Who inherits a root shares the user namespace that it belongs to. */
static int enter_all(const struct start *st, struct root *root,
		     struct network *network, struct err *e)
{
	if (!st->root &&
	    (map_ids(st->uid, st->gid, e) || root_make(root, false, e)))
		return -1;
	if (root_enter(e))
		return -1;
	return st->network ? 0 : network_make(network, false, e);
}

static void enter(const struct start *st, struct sandbox_state *s,
		  struct reasons *why)
{
	struct root own;
	const struct root *root = st->root ? st->root : &own;
	const struct network *network = st->network ? st->network
						    : &why->network;

	if (enter_all(st, &own, &why->network, &why->trouble)) {
		s->trouble = &why->trouble;
		return;
	}
	if (!root->resolver) {
		why->no_resolver = root->no_resolver;
		s->no_resolver = &why->no_resolver;
	}
	s->world = network->world;
	if (network->no_world.msg[0])
		s->no_world = &network->no_world;
	if (st->network && network->ring.fd >= 0)
		s->capture = &network->ring;
	/* Changing credentials clears the signal; set it again. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int run_inside(const struct start *s)
{
	struct sandbox_state state = { 0 };
	struct reasons why = { 0 };

	prctl(PR_SET_PDEATHSIG, s->isolate ? SIGKILL : SIGTERM);
	if (s->isolate) {
		enter(s, &state, &why);
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

/* --- what one launch leaves to the next --- */

static void *new_stack(void)
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

/* An own mount namespace needs an own user namespace, as we are nobody. */
static int own_namespaces(struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return err_sys(e, errno, "cannot have own namespaces");
	/* Others must not look at us now, and we ourselves not write our
	 * maps; unless we say that we do not mind. */
	prctl(PR_SET_DUMPABLE, 1);
	return map_ids(uid, gid, e);
}

/* Whether there is a root to inherit is found out by sandbox_probe(): who has
 * failed to make one cannot clone any more. */
static bool root_is_shared = true;

void sandbox_make_base(struct sandbox_base *b)
{
	*b = (struct sandbox_base){ .stack = new_stack() };
}

void sandbox_make_root(struct sandbox_base *b)
{
	struct err e;

	b->has_root = root_is_shared && own_namespaces(&e) == 0 &&
		      root_make(&b->root, true, &e) == 0;
}

void sandbox_make_network(struct sandbox_base *b)
{
	struct err e;

	if (!b->has_root || (b->has_network && network_is_new(&b->network)))
		return;
	if (b->has_network)
		network_leave(&b->network);
	b->has_network = unshare(CLONE_NEWNET) == 0 &&
			 network_make(&b->network, true, &e) == 0;
}

void sandbox_spoil_network(struct sandbox_base *b)
{
	b->network.lost = true;
}

bool sandbox_is_clean(const struct sandbox_base *b)
{
	return !b->has_root || root_is_clean(&b->root);
}

/* --- a new process --- */

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

static unsigned new_namespaces(const struct sandbox_base *base)
{
	unsigned flags = NAMESPACES;

	if (base && base->has_root)
		flags &= ~(unsigned)CLONE_NEWUSER;
	if (base && base->has_network)
		flags &= ~(unsigned)CLONE_NEWNET;
	return flags;
}

int sandbox_clone(bool isolate, const struct sandbox_base *base,
		  sandbox_main *fn, void *ctx, pid_t *pid, int *pidfd,
		  struct err *e)
{
	void *stack = base ? base->stack : NULL;
	struct start here;
	struct start *s = stack ? (struct start *)stack - 1 : &here;
	unsigned flags = CLONE_PIDFD | (isolate ? new_namespaces(base) : 0);

	*s = (struct start){
		.isolate = isolate,
		.shared = stack != NULL,
		.root = base && base->has_root ? &base->root : NULL,
		.network = base && base->has_network ? &base->network : NULL,
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

static bool ended_well(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int probe_with(const struct sandbox_base *base, struct err *e)
{
	int fds[2], pidfd;
	struct probe p;
	pid_t pid;
	ssize_t n;
	char msg[ERR_MAX];

	if (pipe2(fds, O_CLOEXEC))
		return err_sys(e, errno, "pipe");
	p.fd = fds[1];
	if (sandbox_clone(true, base, probe_main, &p, &pid, &pidfd, e)) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	close(fds[1]);
	n = read(fds[0], msg, sizeof(msg) - 1);
	msg[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	close(pidfd);
	if (ended_well(pid))
		return 0;
	return err_set(e, 0, "%s", n > 0 ? msg : "a test worker died");
}

/* In a process of its own, as what makes a base does nothing else. */
static bool base_works(void)
{
	struct sandbox_base base;
	struct err e;
	pid_t pid = fork();

	if (pid == 0) {
		sandbox_make_base(&base);
		sandbox_make_root(&base);
		sandbox_make_network(&base);
		sandbox_exit(!base.has_root || probe_with(&base, &e));
	}
	return pid > 0 && ended_well(pid);
}

int sandbox_probe(struct err *e)
{
	root_is_shared = base_works();
	return root_is_shared ? 0 : probe_with(NULL, e);
}
