/*
 * test_sandbox.c - the private world of a launch, seen from inside, and that
 * nothing of it outlives its first process.
 */
#include <poll.h>
#include <signal.h>

#include "parent/base/tests/limits.h"
#include "harness/sys/network/sockets.h"
#include "harness/sys/observe.h"
#include "harness/sys/spawn.h"
#include "harness/sys/tests/inside.h"
#include "harness/sys/tests/machine.h"

/* How long what must happen may take, in ms. */
#define PATIENCE limits_ms(5000)

/* Has this machine IPv6? */
static bool ipv6;

/* --- inside ------------------------------------------------------------------------ */

static const char *first_process(void *arg)
{
	const uid_t *ids = arg;
	char self[16] = "";

	NEED(getpid() == 1);
	NEED(getppid() == 0);
	NEED(getuid() == ids[0] && geteuid() == ids[0]);
	NEED(getgid() == ids[1] && getegid() == ids[1]);
	NEED(readlink("/proc/self", self, sizeof(self) - 1) > 0);
	return NULL;
}

START_TEST(is_pid_1)
{
	uid_t ids[2] = { geteuid(), getegid() };

	enter(true, first_process, ids);
}
END_TEST

static const char *talk(int family, const char *ip)
{
	int a = tcp(family), b = tcp(family);

	NEED(a >= 0 && b >= 0);
	NEED(bind_to(a, family, ip, 21000) == 0);
	NEED(listen(a, 1) == 0);
	NEED(connect_to(b, family, ip, 21000) == 0);
	close(a);
	close(b);
	return NULL;
}

static const char *loopback(void *arg)
{
	const char *wrong = talk(AF_INET, "127.0.0.1");

	(void)arg;
	if (!wrong)
		wrong = talk(AF_INET, "127.77.0.1");
	if (!wrong && ipv6)
		wrong = talk(AF_INET6, "::1");
	return wrong;
}

/* The second time as on a kernel without IPv6. */
static void second_without_ipv6(int i)
{
	if (i)
		refuse_ipv6();
	ipv6 = has_ipv6();
	ck_assert(!i || !ipv6);
	if (!ipv6)
		left_out("sandbox: what is said by IPv6", "there is none");
}

START_TEST(loopback_is_up)
{
	second_without_ipv6(_i);
	enter(true, loopback, NULL);
}
END_TEST

static const char *port_is_free(void *arg)
{
	uint16_t port = *(uint16_t *)arg;
	int a = tcp(AF_INET), b = tcp(AF_INET);

	NEED(connect_to(a, AF_INET, "127.0.0.1", port) < 0);
	NEED(errno == ECONNREFUSED);
	NEED(bind_to(b, AF_INET, "127.0.0.1", port) == 0);
	NEED(listen(b, 1) == 0);
	return NULL;
}

/* What listens outside is neither in the way nor in reach. */
START_TEST(ports_are_free)
{
	struct sockaddr_in sin;
	socklen_t n = sizeof(sin);
	uint16_t port;
	int fd = tcp(AF_INET);

	ck_assert(bind_to(fd, AF_INET, "127.0.0.1", 0) == 0);
	ck_assert(listen(fd, 1) == 0);
	ck_assert(getsockname(fd, (struct sockaddr *)&sin, &n) == 0);
	port = ntohs(sin.sin_port);
	enter(true, port_is_free, &port);
	enter(true, port_is_free, &port);
	close(fd);
}
END_TEST

/* What a program gets that is executed in here: nothing, also as uid 0. */
static const char *caps(void *arg)
{
	static const char *const argv[] = { "/bin/cat", "/proc/self/status",
					    NULL };
	static const char *const envp[] = { NULL };
	static const char *const keys[] = { "\nCapEff:\t0000000000000000\n",
					    "\nCapPrm:\t0000000000000000\n",
					    "\nCapInh:\t0000000000000000\n",
					    "\nNoNewPrivs:\t1\n" };
	struct spawn s = { .argv = argv,
			   .envp = envp,
			   .direct = true,
			   .cwd = SANDBOX_WORK "/cwd",
			   .stdin_fd = -1,
			   .nofile = { 64, 64 },
			   .drop_caps = true };
	char text[4096];
	struct err e;
	int fds[2];
	ssize_t n;

	(void)arg;
	NEED(pipe2(fds, O_CLOEXEC) == 0);
	s.stdout_fd = s.stderr_fd = fds[1];
	NEED(spawn_start(&s, &e) == 0 && s.exec_errno == 0);
	n = read(fds[0], text, sizeof(text) - 1);
	NEED(n > 0);
	text[n] = '\0';
	for (size_t i = 0; i < 4; i++)
		if (!strstr(text, keys[i]))
			return keys[i];
	return NULL;
}

START_TEST(no_capability_after_exec)
{
	enter(true, caps, NULL);
}
END_TEST

/* --- scarce ports ------------------------------------------------------------------ */

/* Ephemeral ports that can be had, up to @max of them. */
static int count_ports(int family, const char *ip, int max)
{
	int fds[8], n = 0;

	while (n < max) {
		fds[n] = tcp(family);
		if (bind_to(fds[n], family, ip, 0) || listen(fds[n], 1)) {
			close(fds[n]);
			break;
		}
		n++;
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	return n;
}

static const char *few_ports(void *arg)
{
	struct err e;
	int fd;

	(void)arg;
	NEED(count_ports(AF_INET, "127.0.0.1", 4) == 4);
	NEED(network_ports(0, &fd, &e) == 0 && fd >= 0);
	NEED(count_ports(AF_INET, "127.0.0.1", 4) == 0);
	NEED(count_ports(AF_INET, "0.0.0.0", 4) == 0);
	NEED(count_ports(AF_INET6, "::1", 4) == 0);
	close(fd);
	NEED(count_ports(AF_INET, "127.0.0.1", 4) == 1);
	NEED(network_ports(1, &fd, &e) == 0 && fd == -1);
	NEED(count_ports(AF_INET, "127.0.0.1", 4) == 1);
	NEED(network_ports(-1, &fd, &e) == 0 && fd == -1);
	NEED(count_ports(AF_INET, "127.0.0.1", 4) == 4);
	return NULL;
}

START_TEST(scarce_ports)
{
	if (!has_ipv6()) {
		left_out("sandbox: scarce ports", "no IPv6 here");
		return;
	}
	enter(true, few_ports, NULL);
	ck_assert_int_eq(count_ports(AF_INET, "127.0.0.1", 4), 4);
}
END_TEST

/* --- looking around ------------------------------------------------------------------ */

struct seen {
	char text[1000];
};

static void saw_socket(void *ctx, const char *proto, const struct addr *a,
		       uint32_t inode)
{
	struct seen *s = ctx;
	char text[ADDR_STRLEN];
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s%s %s;", inode ? "" : "?",
		 proto, addr_format(a, text));
}

static void saw_process(void *ctx, pid_t pid, pid_t ppid, char state,
			const char *name)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	(void)pid;
	snprintf(s->text + n, sizeof(s->text) - n, "%d %c %s;", ppid,
		 state == 'R' ? 'S' : state, name);
}

static void saw_file(void *ctx, const char *path, char type, unsigned mode,
		     int64_t size)
{
	struct seen *s = ctx;
	size_t n = strlen(s->text);

	snprintf(s->text + n, sizeof(s->text) - n, "%s %c %o %d;", path, type,
		 mode, type == 'f' ? (int)size : 0);
}

static const char *is_seen(const struct seen *s, const char *want)
{
	if (strcmp(s->text, want) == 0)
		return NULL;
	snprintf(oops, sizeof(oops), "saw %.200s", s->text);
	return oops;
}

/* Listeners of both families, bound datagram sockets; no connections. */
static const char *sockets(void *arg)
{
	int a = tcp(AF_INET), b = -1, c = tcp(AF_INET);
	int u = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct seen s = { "" };
	struct err e;

	(void)arg;
	NEED(bind_to(a, AF_INET, "127.0.0.2", 1001) == 0 && listen(a, 1) == 0);
	if (ipv6) {
		b = tcp(AF_INET6);
		NEED(bind_to(b, AF_INET6, "::", 1002) == 0);
		NEED(listen(b, 1) == 0);
	}
	NEED(connect_to(c, AF_INET, "127.0.0.2", 1001) == 0);
	if (ipv6)
		NEED(bind_to(u, AF_INET6, "::1", 1003) == 0);
	else
		NEED(bind_to(u, AF_INET, "127.0.0.1", 1003) == 0);
	NEED(sockets_listening(saw_socket, &s, &e) == 0);
	return is_seen(&s, ipv6 ? "tcp 127.0.0.2:1001;tcp6 [::]:1002;"
				  "udp6 [::1]:1003;"
				: "tcp 127.0.0.2:1001;udp 127.0.0.1:1003;");
}

START_TEST(sees_sockets)
{
	second_without_ipv6(_i);
	enter(true, sockets, NULL);
}
END_TEST

static const char *processes(void *arg)
{
	struct seen s = { "" };
	struct err e;
	int fds[2];
	char c;

	(void)arg;
	NEED(pipe2(fds, O_CLOEXEC) == 0);
	if (fork() == 0) {
		/* A name that a careless reader of stat takes for fields. */
		int fd = open("/proc/self/comm", O_WRONLY);

		if (write(fd, ") S 1 (", 7) == 7 && write(fds[1], "x", 1))
			pause();
		_exit(0);
	}
	NEED(read(fds[0], &c, 1) == 1);
	NEED(observe_processes(saw_process, &s, &e) == 0);
	return is_seen(&s, "1 S ) S 1 (;");
}

START_TEST(sees_processes)
{
	enter(true, processes, NULL);
}
END_TEST

static const char *files(void *arg)
{
	struct seen s = { "" };
	struct err e;

	(void)arg;
	NEED(chdir(SANDBOX_WORK "/cwd") == 0);
	umask(022);
	NEED(mkdir("b", 0750) == 0);
	NEED(symlink("/", "b/link") == 0);
	NEED(close(open("a", O_WRONLY | O_CREAT, 0640)) == 0);
	NEED(truncate("a", 5) == 0);
	NEED(mkfifo("b/f", 0600) == 0);
	NEED(observe_files(SANDBOX_WORK "/cwd", saw_file, &s, &e) == 0);
	if (is_seen(&s, "a f 640 5;b d 750 0;b/f ? 600 0;b/link ? 777 0;"))
		return oops;
	observe_remove_tree(SANDBOX_WORK "/cwd");
	NEED(access(SANDBOX_WORK "/cwd", F_OK) < 0);
	NEED(access("/bin/sh", X_OK) == 0);
	NEED(observe_files(SANDBOX_WORK "/cwd", saw_file, &s, &e) == -1);
	return NULL;
}

START_TEST(sees_files)
{
	enter(true, files, NULL);
}
END_TEST

/* --- the end ------------------------------------------------------------------------- */

/* Leaves a process that is hard to end and holds @arg, a descriptor. */
static const char *leave_child(void *arg)
{
	(void)arg;
	if (fork() == 0) {
		setsid();
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		if (fork() == 0)
			for (;;)
				pause();
		for (;;)
			pause();
	}
	return NULL;
}

static const char *leave_and_wait(void *arg)
{
	leave_child(arg);
	if (write(*(int *)arg, "x", 1) == 1)
		pause();
	return NULL;
}

/* Does nobody hold the other end of it any more? */
static void all_gone(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c;

	ck_assert_msg(poll(&p, 1, PATIENCE) == 1, "somebody lives on");
	ck_assert_int_eq(read(fd, &c, 1), 0);
}

START_TEST(exit_ends_all)
{
	int fds[2];

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	enter(true, leave_child, NULL);
	close(fds[1]);
	all_gone(fds[0]);
}
END_TEST

static pid_t start_waiting(int ready, int *pidfd)
{
	struct inside in = { .fn = leave_and_wait, .arg = &ready };
	struct err e;
	pid_t pid;

	ck_assert_msg(sandbox_clone(true, NULL, inside_main, &in, &pid, pidfd,
				    &e) == 0,
		      "%s", e.msg);
	return pid;
}

START_TEST(kill_ends_all)
{
	int fds[2], pidfd, status;
	struct pollfd p = { .events = POLLIN };
	pid_t pid;
	char c;

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	pid = start_waiting(fds[1], &pidfd);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	ck_assert_int_eq(fcntl(pidfd, F_GETFD), FD_CLOEXEC);
	p.fd = pidfd;
	ck_assert_int_eq(poll(&p, 1, 0), 0);
	kill(pid, SIGKILL);
	ck_assert_int_eq(poll(&p, 1, PATIENCE), 1);
	all_gone(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	close(pidfd);
}
END_TEST

/* Also when nobody is left to clean up. */
START_TEST(death_of_the_caller_ends_all)
{
	int fds[2], status;
	pid_t caller;
	char c;

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	caller = fork();
	if (caller == 0) {
		int pidfd;

		start_waiting(fds[1], &pidfd);
		for (;;)
			pause();
	}
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &c, 1), 1);
	kill(caller, SIGKILL);
	ck_assert_int_eq(waitpid(caller, &status, 0), caller);
	all_gone(fds[0]);
}
END_TEST

/* --- without ------------------------------------------------------------------------- */

static const char *ordinary(void *arg)
{
	NEED(getppid() == *(pid_t *)arg);
	NEED(getpid() > 1);
	NEED(access(SANDBOX_WORK, F_OK) < 0);
	return NULL;
}

START_TEST(not_isolated)
{
	pid_t self = getpid();

	enter(false, ordinary, &self);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("sandbox");
	TCase *t = tcase_create("inside"), *end = tcase_create("end");
	TCase *without = tcase_create("without");

	tcase_add_test(t, is_pid_1);
	tcase_add_loop_test(t, loopback_is_up, 0, 2);
	tcase_add_test(t, ports_are_free);
	tcase_add_test(t, no_capability_after_exec);
	tcase_add_test(t, scarce_ports);
	tcase_add_loop_test(t, sees_sockets, 0, 2);
	tcase_add_test(t, sees_processes);
	tcase_add_test(t, sees_files);
	tcase_add_test(end, exit_ends_all);
	tcase_add_test(end, kill_ends_all);
	tcase_add_test(end, death_of_the_caller_ends_all);
	tcase_add_test(without, not_isolated);
	if (isolated) {
		suite_add_tcase(s, t);
		suite_add_tcase(s, end);
	}
	suite_add_tcase(s, without);
	return s;
}

int main(void)
{
	return run_suite("sandbox", suite);
}
