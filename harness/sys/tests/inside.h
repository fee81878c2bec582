/*
 * inside.h - pieces of test that run inside a sandbox.
 *
 * Where this machine forbids namespaces the tests are skipped, with the
 * reason; PTCHECK_NO_SKIP=1 makes that a failure.
 */
#ifndef PTCHECK_SYS_INSIDE_H
#define PTCHECK_SYS_INSIDE_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/sys/sandbox.h"

/* --- running a piece of test inside -------------------------------------------- */

/* NULL when all is well; runs as the first process of the sandbox. */
typedef const char *inside_fn(void *arg);

struct inside {
	inside_fn *fn;
	void *arg;
	int fd;
};

/* errno beside the words of a failed inside_fn. */
#define OOPS(what)                                              \
	(snprintf(oops, sizeof(oops), "%s: %s (line %d)", what, \
		  strerror(errno), __LINE__),                   \
	 oops)
#define NEED(cond)                          \
	do {                                \
		if (!(cond))                \
			return OOPS(#cond); \
	} while (0)
/* As large as what a test may have seen of a launch, and more. */
static char oops[32768];

/* For an inside_fn: what became of the sandbox that it runs in. */
static const struct sandbox_state *sandbox;

static inline int inside_main(void *ctx, const struct sandbox_state *state)
{
	struct inside *in = ctx;
	const char *wrong;

	sandbox = state;
	wrong = state->trouble ? state->trouble->msg : in->fn(in->arg);

	if (!wrong)
		return 0;
	return write(in->fd, wrong, strlen(wrong)) > 0 ? 1 : 2;
}

static inline void enter(bool isolate, inside_fn *fn, void *arg)
{
	struct inside in = { .fn = fn, .arg = arg };
	static char words[20000];
	int fds[2], pidfd, status;
	struct err e;
	ssize_t n;
	pid_t pid;

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	in.fd = fds[1];
	ck_assert_msg(sandbox_clone(isolate, NULL, inside_main, &in, &pid,
				    &pidfd, &e) == 0,
		      "%s", e.msg);
	close(fds[1]);
	n = read(fds[0], words, sizeof(words) - 1);
	if (n < 0)
		ck_abort_msg("%s", strerror(errno));
	words[n] = '\0';
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s",
		      words[0] ? words : "it died");
	close(pidfd);
	close(fds[0]);
}

/* --- sockets -------------------------------------------------------------------- */

static inline int tcp(int family)
{
	return socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static inline socklen_t address(struct sockaddr_storage *ss, int family,
				const char *ip, uint16_t port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		inet_pton(family, ip, &v4->sin_addr);
		v4->sin_port = htons(port);
		return sizeof(*v4);
	}
	inet_pton(family, ip, &v6->sin6_addr);
	v6->sin6_port = htons(port);
	return sizeof(*v6);
}

static inline int bind_to(int fd, int family, const char *ip, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t n = address(&ss, family, ip, port);

	return bind(fd, (struct sockaddr *)&ss, n);
}

static inline int connect_to(int fd, int family, const char *ip, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t n = address(&ss, family, ip, port);

	return connect(fd, (struct sockaddr *)&ss, n);
}

/*
 * Does this machine forbid them?  Asked without the code under test, which
 * would otherwise excuse itself: a child makes all namespaces by hand and
 * mounts what a sandbox mounts.
 */
static inline bool forbidden(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		bool ok = unshare(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
				  CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS) ==
				  0 &&
			  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ==
				  0 &&
			  mount("x", "/tmp", "tmpfs", 0, NULL) == 0;

		_exit(ok ? 0 : 1);
	}
	return waitpid(pid, &status, 0) != pid || status != 0;
}

/* Can one of our own be laid over a directory?  Asked in the same way. */
static inline bool has_overlay(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		bool ok = unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
			  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ==
				  0 &&
			  mount("overlay", "/tmp", "overlay", 0,
				"lowerdir=/tmp:/var/tmp,userxattr") == 0;

		_exit(ok ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* Run it, if only a sandbox is missing: without what needs one. */
static inline int run_suite(const char *name, Suite *suite(bool isolated))
{
	const char *strict = getenv("PTCHECK_NO_SKIP");
	struct err e = { 0 };
	bool isolated = sandbox_probe(&e) == 0 || !forbidden();
	int status;

	if (!isolated)
		printf("%s: skipped, no namespaces here: %s\n", name, e.msg);
	status = suite_run(suite(isolated));
	return !isolated && strict && strcmp(strict, "1") == 0 ? EXIT_FAILURE
							       : status;
}

#endif
