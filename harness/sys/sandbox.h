/*
 * sandbox.h - the private world of one launch, without root.
 *
 * A worker is cloned into fresh user, pid, network, mount, ipc and uts
 * namespaces and is pid 1 there.  Its file system is a new root (a tmpfs) in
 * which the top directories of the host are bound, plus a private work
 * directory that exists nowhere else: when the worker dies, everything below
 * it dies with it - processes, ports, files.  Root and network it may inherit
 * from workers before it that left them as new (root.h, network.h); then it is
 * in the user namespace that these belong to.
 */
#ifndef PTCHECK_SYS_SANDBOX_H
#define PTCHECK_SYS_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "parent/base/err.h"
#include "harness/sys/network/network.h"
#include "harness/sys/root/root.h"

/* The private directory inside the sandbox. */
#define SANDBOX_WORK ROOT_WORK

/* What became of the sandbox; lives as long as the function it is given to. */
struct sandbox_state {
	/* NULL, or why it could not be set up; then the rest says nothing. */
	const struct err *trouble;
	/* Its network beside loopback, and why there is none (or NULL). */
	struct world world;
	const struct err *no_world;
	/* Why resolv.conf is still the system's (or NULL). */
	const struct err *no_resolver;
	/* Takes the packets already (or NULL). */
	const struct capture_ring *capture;
};

/* Can processes share memory here?  The address sanitizer's vfork knows only
 * the stack that a thread began with. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANDBOX_SHARES false
#else
#define SANDBOX_SHARES true
#endif

/* Runs in the new process; what it returns becomes the exit status. */
typedef int sandbox_main(void *ctx, const struct sandbox_state *state);

/* What one launch leaves to the next. */
struct sandbox_base {
	/* For processes that share the caller's memory; NULL where that cannot
	 * be. */
	void *stack;
	/* Has the caller a root that they inherit? */
	bool has_root;
	struct root root;
	/* And a network? */
	bool has_network;
	struct network network;
};

/* For a process that does nothing but to clone others, one after the other; it
 * lasts until that exits. */
void sandbox_make_base(struct sandbox_base *b);

/* With the root, in namespaces of the caller's own.  It costs as much as three
 * launches save by it. */
void sandbox_make_root(struct sandbox_base *b);

/* Before each process that is to inherit the root: with a network as well,
 * that of the last process where it can be had again. */
void sandbox_make_network(struct sandbox_base *b);

/* The last process may have changed what is not looked at: it cannot. */
void sandbox_spoil_network(struct sandbox_base *b);

/* Can there be another one, or has the last one left something behind? */
bool sandbox_is_clean(const struct sandbox_base *b);

/*
 * Start @fn in a new process; with @isolate in its own namespaces, with an
 * identity map of ids, loopback up, a network without anybody (world.h), an
 * own root with /proc, a private resolv.conf and the work directory.  The
 * process gets SIGKILL (isolated) or SIGTERM (not) when the caller dies.  Its
 * pid and a pidfd (CLOEXEC) are stored.  Returns -1 when namespaces are
 * refused.
 *
 * @base: NULL, or what sandbox_make_base() made.  Then the process inherits
 * what that has, and is one like after vfork(): it shares the caller's memory,
 * and nothing else.  That spares the copy of the page tables and the
 * faults behind it, most of what a process costs.  Until it has ended the
 * caller must neither change memory nor make a system call that may fail,
 * which would change errno.  NULL: the process gets copies.
 */
int sandbox_clone(bool isolate, const struct sandbox_base *base,
		  sandbox_main *fn, void *ctx, pid_t *pid, int *pidfd,
		  struct err *e);

/* _exit() that keeps the counters of a coverage build. */
_Noreturn void sandbox_exit(int status);

/* Before exec: no capability survives, also not for uid 0. */
void sandbox_drop_caps(void);

/* Can this machine do all that?  0, or -1 with the reason.  Tries it. */
int sandbox_probe(struct err *e);

#endif
