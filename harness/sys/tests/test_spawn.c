/*
 * test_spawn.c - what a transport finds when it starts: signals, descriptors,
 * limits, session; and what is told of its start and its end.
 *
 * Every test runs twice, with the stand-in parent and directly.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/sys/spawn.h"

#define DIRECT (_i == 1)
#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const some_env[] = { "PATH=/usr/bin:/bin", "A=b c", NULL };

/* --- a launch with a pipe on each stream ------------------------------------ */

struct run {
	struct spawn s;
	int in, out, err; /* our ends */
	struct err e;
	char text[8192]; /* what came on stdout */
};

static void open_pipe(int *ours, int *theirs, bool reading)
{
	int fds[2];

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	*ours = fds[!reading];
	*theirs = fds[reading];
}

static void prepare(struct run *r, bool direct, const char *const *argv)
{
	*r = (struct run){
		.s = { .argv = argv,
		       .envp = some_env,
		       .cwd = "/",
		       .direct = direct,
		       .nofile = { 100, 200 } },
	};
	open_pipe(&r->in, &r->s.stdin_fd, false);
	open_pipe(&r->out, &r->s.stdout_fd, true);
	open_pipe(&r->err, &r->s.stderr_fd, true);
}

/* As a worker does it: the child's ends are closed at once. */
static void start(struct run *r)
{
	ck_assert_msg(spawn_start(&r->s, &r->e) == 0, "%s", r->e.msg);
	if (r->s.stdin_fd >= 0)
		close(r->s.stdin_fd);
	close(r->s.stdout_fd);
	close(r->s.stderr_fd);
	ck_assert_int_gt(r->s.pid, 0);
	ck_assert_int_eq(r->s.parent == 0, r->s.direct);
	ck_assert_int_eq(r->s.report_fd == -1, r->s.direct);
}

/* Until the end of the stream. */
static void read_text(struct run *r, int fd)
{
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, r->text + n, sizeof(r->text) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	ck_assert_int_eq(got, 0);
	r->text[n] = '\0';
}

static void report(struct run *r, struct spawn_report *end)
{
	int fd = r->s.report_fd, status;
	ssize_t n;

	if (r->s.direct) {
		ck_assert_int_eq(waitpid(r->s.pid, &status, 0), r->s.pid);
		end->status = status;
		end->cpu_us = 0;
		return;
	}
	fcntl(fd, F_SETFL, 0);
	n = read(fd, end, sizeof(*end));
	ck_assert_int_eq(n, sizeof(*end));
	ck_assert_int_eq(read(fd, &status, 1), 0);
	close(fd);
	ck_assert_int_eq(waitpid(r->s.parent, &status, 0), r->s.parent);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void finish(struct run *r, int exit_status)
{
	struct spawn_report end;

	report(r, &end);
	ck_assert(WIFEXITED(end.status));
	ck_assert_int_eq(WEXITSTATUS(end.status), exit_status);
	ck_assert_int_ge(end.cpu_us, 0);
	close(r->in);
	close(r->out);
	close(r->err);
}

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define SH(script) ARGV("/bin/sh", "-c", script)

/* Run it and hold its words against what is expected. */
static void run(bool direct, const char *const *argv, const char *want)
{
	struct run r;

	prepare(&r, direct, argv);
	start(&r);
	close(r.in);
	r.in = -1;
	read_text(&r, r.out);
	ck_assert_str_eq(r.text, want);
	finish(&r, 0);
}

/* --- what it finds ------------------------------------------------------------ */

/* Everything that a careless parent leaves to its children. */
static void be_careless(void)
{
	sigset_t set;

	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGRTMIN, SIG_IGN);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int fd = 20; fd < 60; fd += 7)
		ck_assert_int_eq(dup2(0, fd), fd);
}

/* Ours; a container may have set it for all that run in it. */
static const char *no_new_privs(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "1" : "0";
}

static const char *field(const char *status, const char *key, char *value)
{
	const char *at = strstr(status, key);

	ck_assert_msg(at != NULL, "no %s in %s", key, status);
	ck_assert_int_eq(sscanf(at + strlen(key), " %63s", value), 1);
	return value;
}

START_TEST(signals_are_default)
{
	char value[64];
	sigset_t mask;
	struct run r;

	be_careless();
	prepare(&r, DIRECT, ARGV("/bin/cat", "/proc/self/status"));
	start(&r);
	read_text(&r, r.out);
	ck_assert_str_eq(field(r.text, "SigBlk:", value), "0000000000000000");
	ck_assert_str_eq(field(r.text, "SigIgn:", value), "0000000000000000");
	ck_assert_str_eq(field(r.text, "SigCgt:", value), "0000000000000000");
	ck_assert_str_eq(field(r.text, "NoNewPrivs:", value), no_new_privs());
	/* Our own are as they were. */
	ck_assert_ptr_eq(signal(SIGINT, SIG_DFL), SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	ck_assert_int_eq(sigismember(&mask, SIGTERM), 1);
	finish(&r, 0);
}
END_TEST

#define SHOW_FDS                         \
	"i=0; while [ $i -lt 100 ]; do " \
	"[ -e /proc/self/fd/$i ] && printf '%s ' $i; i=$((i+1)); done"

START_TEST(three_descriptors)
{
	be_careless();
	run(DIRECT, SH(SHOW_FDS), "0 1 2 ");
}
END_TEST

START_TEST(no_stdin)
{
	struct run r;

	be_careless();
	prepare(&r, DIRECT, SH(SHOW_FDS));
	close(r.s.stdin_fd);
	r.s.stdin_fd = -1;
	start(&r);
	read_text(&r, r.out);
	ck_assert_str_eq(r.text, "1 2 ");
	finish(&r, 0);
}
END_TEST

/* The numbers of our ends are among 0, 1 and 2, the wrong way round. */
START_TEST(low_descriptors)
{
	struct run r;

	prepare(&r, DIRECT, SH("read x; echo out $x; echo err $x >&2"));
	dup2(r.s.stdout_fd, 0);
	dup2(r.s.stdin_fd, 1);
	close(r.s.stdout_fd);
	close(r.s.stdin_fd);
	r.s.stdout_fd = 0;
	r.s.stdin_fd = 1;
	start(&r);
	ck_assert_int_eq(write(r.in, "1\n", 2), 2);
	read_text(&r, r.out);
	ck_assert_str_eq(r.text, "out 1\n");
	read_text(&r, r.err);
	ck_assert_str_eq(r.text, "err 1\n");
	finish(&r, 0);
}
END_TEST

START_TEST(words_and_variables)
{
	run(DIRECT,
	    ARGV("/bin/sh", "-c", "printf '%s|' \"$@\"", "x", "", "a b",
		 "\xff\\n"),
	    "|a b|\xff\\n|");
	run(DIRECT, ARGV("/usr/bin/env"), "PATH=/usr/bin:/bin\nA=b c\n");
}
END_TEST

START_TEST(limits_and_place)
{
	run(DIRECT, SH("ulimit -Sn; ulimit -Hn; ulimit -c; pwd"),
	    "100\n200\n0\n/\n");
}
END_TEST

/* A session of its own, and the parent that we were told. */
START_TEST(session)
{
	int pid, ppid, group, sid;
	struct run r;

	prepare(&r, DIRECT, ARGV("/bin/cat", "/proc/self/stat"));
	start(&r);
	read_text(&r, r.out);
	ck_assert_int_eq(sscanf(r.text, "%d (cat) %*c %d %d %d", &pid, &ppid,
				&group, &sid),
			 4);
	ck_assert_int_eq(pid, r.s.pid);
	ck_assert_int_eq(ppid, DIRECT ? getpid() : r.s.parent);
	ck_assert_int_eq(group, pid);
	ck_assert_int_eq(sid, pid);
	finish(&r, 0);
}
END_TEST

START_TEST(no_capability)
{
	char value[64];
	struct run r;

	prepare(&r, DIRECT, ARGV("/bin/cat", "/proc/self/status"));
	r.s.drop_caps = true;
	start(&r);
	read_text(&r, r.out);
	ck_assert_str_eq(field(r.text, "CapEff:", value), "0000000000000000");
	ck_assert_str_eq(field(r.text, "CapPrm:", value), "0000000000000000");
	ck_assert_str_eq(field(r.text, "NoNewPrivs:", value), "1");
	finish(&r, 0);
}
END_TEST

/* --- who holds its streams ------------------------------------------------------ */

/* Closing our end of stdin is seen: nobody else holds one. */
START_TEST(stdin_ends)
{
	struct run r;

	prepare(&r, DIRECT, SH("cat >/dev/null; echo ended"));
	start(&r);
	close(r.in);
	r.in = -1;
	read_text(&r, r.out);
	ck_assert_str_eq(r.text, "ended\n");
	finish(&r, 0);
}
END_TEST

/* A transport that closes its streams and lives on: we see the end. */
START_TEST(streams_end)
{
	struct run r;

	prepare(&r, DIRECT, SH("exec >&- 2>&-; read x; exit 4"));
	start(&r);
	read_text(&r, r.out);
	read_text(&r, r.err);
	ck_assert_str_eq(r.text, "");
	ck_assert_int_eq(kill(r.s.pid, 0), 0);
	ck_assert_int_eq(write(r.in, "\n", 1), 1);
	finish(&r, 4);
}
END_TEST

/* --- how it ends ---------------------------------------------------------------- */

START_TEST(exit_statuses)
{
	static const int codes[] = { 0, 1, 78, 255 };

	for (size_t i = 0; i < N(codes); i++) {
		char script[32];
		struct run r;

		snprintf(script, sizeof(script), "exit %d", codes[i]);
		prepare(&r, DIRECT, SH(script));
		start(&r);
		ck_assert_int_eq(r.s.exec_errno, 0);
		finish(&r, codes[i]);
	}
}
END_TEST

START_TEST(ended_by_signals)
{
	static const int signals[] = { SIGTERM, SIGKILL, SIGSEGV, SIGINT };

	be_careless();
	for (size_t i = 0; i < N(signals); i++) {
		struct spawn_report end;
		struct run r;

		prepare(&r, DIRECT, SH("read x"));
		start(&r);
		kill(r.s.pid, signals[i]);
		report(&r, &end);
		ck_assert(WIFSIGNALED(end.status));
		ck_assert_int_eq(WTERMSIG(end.status), signals[i]);
		ck_assert(!WCOREDUMP(end.status));
		close(r.in);
		close(r.out);
		close(r.err);
	}
}
END_TEST

/* Half a second of processor time is not lost on the way. */
START_TEST(processor_time)
{
	struct spawn_report end;
	struct run r;

	prepare(&r, false,
		SH("i=0; while [ $i -lt 40000 ]; do "
		   "i=$((i+1)); done"));
	start(&r);
	report(&r, &end);
	ck_assert_int_gt(end.cpu_us, 1000);
	ck_assert_int_lt(end.cpu_us, 60 * 1000000);
}
END_TEST

/* Without its parent it lives on, with us; there is no report then. */
START_TEST(orphan)
{
	struct run r;
	int status;
	char c;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prepare(&r, false, SH("read x; exit 9"));
	start(&r);
	kill(r.s.parent, SIGKILL);
	ck_assert_int_eq(waitpid(r.s.parent, &status, 0), r.s.parent);
	fcntl(r.s.report_fd, F_SETFL, 0);
	ck_assert_int_eq(read(r.s.report_fd, &c, 1), 0);
	ck_assert_int_eq(kill(r.s.pid, 0), 0);
	close(r.in);
	ck_assert_int_eq(waitpid(r.s.pid, &status, 0), r.s.pid);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 9);
}
END_TEST

/* The same below a sub-reaper, which adopts it, and which reports its end. */
START_TEST(adopted)
{
	struct spawn_report end;
	struct run r;
	int status;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prepare(&r, false, SH("read x; cut -d' ' -f4 /proc/$$/stat; exit 9"));
	r.s.reaped = true;
	start(&r);
	ck_assert_int_ne(r.s.parent, r.s.reaper);
	kill(r.s.parent, SIGKILL);
	/* Gone when it is adopted, as its parent reaps it before. */
	while (kill(r.s.parent, 0) == 0)
		usleep(1000);
	close(r.in);
	read_text(&r, r.out);
	ck_assert_int_eq(atoi(r.text), r.s.reaper);
	fcntl(r.s.report_fd, F_SETFL, 0);
	ck_assert_int_eq(read(r.s.report_fd, &end, sizeof(end)), sizeof(end));
	ck_assert(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 9);
	ck_assert_int_eq(waitpid(r.s.reaper, &status, 0), r.s.reaper);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(waitpid(-1, &status, 0), -1);
}
END_TEST

/* A sub-reaper whose stand-in lives until the end tells the same. */
START_TEST(not_adopted)
{
	struct spawn_report end;
	struct run r;
	int status;

	prepare(&r, false, SH("exit 9"));
	r.s.reaped = true;
	start(&r);
	fcntl(r.s.report_fd, F_SETFL, 0);
	ck_assert_int_eq(read(r.s.report_fd, &end, sizeof(end)), sizeof(end));
	ck_assert(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 9);
	ck_assert_int_eq(read(r.s.report_fd, &status, 1), 0);
	ck_assert_int_eq(waitpid(r.s.reaper, &status, 0), r.s.reaper);
}
END_TEST

/* The thread that started it ends before its parent does: who asks for a
 * signal at the death of its parent gets it then. */
START_TEST(thread_ends)
{
	struct spawn_report end;
	struct run r;
	int status;

	prepare(&r, false,
		ARGV("/usr/bin/setpriv", "--pdeathsig", "TERM", "/bin/sleep",
		     "60"));
	r.s.thread = true;
	start(&r);
	fcntl(r.s.report_fd, F_SETFL, 0);
	ck_assert_int_eq(read(r.s.report_fd, &end, sizeof(end)), sizeof(end));
	ck_assert(WIFSIGNALED(end.status) && WTERMSIG(end.status) == SIGTERM);
	ck_assert_int_eq(waitpid(r.s.parent, &status, 0), r.s.parent);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
END_TEST

/* --- nothing to execute ----------------------------------------------------------- */
struct exec_row {
	const char *program, *cwd;
	int error;
};

static char no_program[] = "/tmp/ptcheck-spawn-XXXXXX";

static const struct exec_row exec_rows[] = {
	{ "/nonexistent/pt", "/", ENOENT },
	{ "/etc/passwd/pt", "/", ENOTDIR },
	{ "/etc", "/", EACCES },
	{ "/etc/passwd", "/", EACCES },
	{ no_program, "/", ENOEXEC },
	{ "/bin/sh", "/nonexistent", ENOENT },
	{ "/bin/sh", "/etc/passwd", ENOTDIR },
	{ "", "/", ENOENT },
};

START_TEST(exec_fails)
{
	int fd = mkstemp(no_program);

	ck_assert(fd >= 0 && write(fd, "no program\n", 11) == 11 &&
		  fchmod(fd, 0755) == 0);
	close(fd);
	for (size_t i = 0; i < N(exec_rows); i++) {
		struct run r;

		prepare(&r, DIRECT, ARGV(exec_rows[i].program));
		r.s.cwd = exec_rows[i].cwd;
		start(&r);
		ck_assert_msg(r.s.exec_errno == exec_rows[i].error,
			      "%s in %s: %s", exec_rows[i].program,
			      exec_rows[i].cwd, strerror(r.s.exec_errno));
		read_text(&r, r.out);
		ck_assert_str_eq(r.text, "");
		finish(&r, 127);
	}
	unlink(no_program);
}
END_TEST

/* No descriptor is left behind, whatever happened. */
START_TEST(nothing_leaks)
{
	int before = dup(0), after;

	for (int i = 0; i < 3; i++) {
		struct run r;

		prepare(&r, DIRECT, i ? SH("exit 0") : ARGV("/nonexistent"));
		start(&r);
		finish(&r, i ? 0 : 127);
	}
	after = dup(0);
	ck_assert_int_eq(after, before + 1);
}
END_TEST

/* Room for no more descriptors: an error, and all is as before. */
START_TEST(no_descriptors)
{
	struct rlimit few = { 0, 0 };
	int free_fd;
	struct run r;

	prepare(&r, DIRECT, SH("exit 0"));
	free_fd = dup(0);
	close(free_fd);
	for (rlim_t room = 0; room < (DIRECT ? 3 : 5); room++) {
		few.rlim_cur = (rlim_t)free_fd + room;
		few.rlim_max = (rlim_t)free_fd + 10;
		ck_assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
		ck_assert_int_eq(spawn_start(&r.s, &r.e), -1);
		ck_assert_int_eq(r.e.code, EMFILE);
		few.rlim_cur = (rlim_t)free_fd + 10;
		setrlimit(RLIMIT_NOFILE, &few);
		ck_assert_int_eq(dup(0), free_fd);
		close(free_fd);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("spawn");
	TCase *t = tcase_create("spawn");

	tcase_add_loop_test(t, signals_are_default, 0, 2);
	tcase_add_loop_test(t, three_descriptors, 0, 2);
	tcase_add_loop_test(t, no_stdin, 0, 2);
	tcase_add_loop_test(t, low_descriptors, 0, 2);
	tcase_add_loop_test(t, words_and_variables, 0, 2);
	tcase_add_loop_test(t, limits_and_place, 0, 2);
	tcase_add_loop_test(t, session, 0, 2);
	tcase_add_loop_test(t, no_capability, 0, 2);
	tcase_add_loop_test(t, stdin_ends, 0, 2);
	tcase_add_loop_test(t, streams_end, 0, 2);
	tcase_add_loop_test(t, exit_statuses, 0, 2);
	tcase_add_loop_test(t, ended_by_signals, 0, 2);
	tcase_add_test(t, processor_time);
	tcase_add_test(t, orphan);
	tcase_add_test(t, adopted);
	tcase_add_test(t, not_adopted);
#ifdef __SANITIZE_ADDRESS__ /* it wants each thread to be one of libc's */
	printf("%s is left out\n", thread_ends->name);
#else
	tcase_add_test(t, thread_ends);
#endif
	tcase_add_loop_test(t, exec_fails, 0, 2);
	tcase_add_loop_test(t, nothing_leaks, 0, 2);
	tcase_add_loop_test(t, no_descriptors, 0, 2);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	/* Whoever started this may have closed them. */
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", O_RDWR);
	return suite_run(suite());
}
