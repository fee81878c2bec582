/*
 * machine.h - what not every machine can do, found out by trying, and how to
 * be such a machine.
 *
 * A test that needs it leaves out what hangs on it, and says so.  What is
 * refused is so for the process and all that it starts, for good: in a test
 * that has a process of its own.
 */
#ifndef PTCHECK_SYS_MACHINE_H
#define PTCHECK_SYS_MACHINE_H

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHY_MAX 100

static inline void left_out(const char *what, const char *why)
{
	printf("%s left out: %s\n", what, why);
	fflush(stdout);
}

/* --- system calls of 32-bit programs ------------------------------------------- */

/*
 * @program, that of toucher.c, makes one in a process of its own: a
 * directory that is there already.  Kernels built or booted without them kill
 * it or say ENOSYS.  @why: what happened.
 */
static inline bool runs_32bit(const char *program, char why[WHY_MAX])
{
	char said[16] = "";
	int fds[2], status;
	pid_t pid;

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		execl(program, program, "mkdir32", "/", NULL);
		_exit(127);
	}
	close(fds[1]);
	if (read(fds[0], said, sizeof(said) - 1) < 0)
		said[0] = '\0';
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		snprintf(why, WHY_MAX, "no 32-bit system calls here: %s",
			 strsignal(WTERMSIG(status)));
	else
		snprintf(why, WHY_MAX, "no 32-bit system calls here: error %s",
			 said);
	return atoi(said) == EEXIST;
}

static inline void refuse(struct sock_filter *code, unsigned short n)
{
	struct sock_fprog program = { n, code };

	ck_assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	ck_assert(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static inline void refuse_32bit(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	refuse(code, sizeof(code) / sizeof(code[0]));
}

/* --- IPv6 ------------------------------------------------------------------------ */

/* Is ::1 an address once loopback is up?  Asked in a network of its own, by
 * hand: the code under test cannot excuse itself. */
static inline bool has_ipv6(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct sockaddr_in6 sa = { .sin6_family = AF_INET6,
					   .sin6_addr = IN6ADDR_LOOPBACK_INIT };
		struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
		bool ok = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
			  ioctl(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS,
				&ifr) == 0 &&
			  bind(socket(AF_INET6, SOCK_STREAM, 0),
			       (struct sockaddr *)&sa, sizeof(sa)) == 0;

		_exit(ok ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* As a kernel without it: there are no such sockets. */
static inline void refuse_ipv6(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	refuse(code, sizeof(code) / sizeof(code[0]));
}

#endif
