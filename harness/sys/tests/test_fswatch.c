/*
 * test_fswatch.c - what is seen of a process that changes the file system, and
 * how its calls are made to fail.
 *
 * A static program (toucher.c) does one step after the other inside a sandbox,
 * below the working directory of a launch.  Where this machine forbids
 * namespaces the tests are skipped, with the reason; PTCHECK_NO_SKIP=1 makes
 * that a failure.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/sys/spawn.h"
#include "harness/sys/tests/inside.h"
#include "harness/sys/fswatch.h"

#define CWD SANDBOX_WORK "/cwd"
#define N(a) (sizeof(a) / sizeof((a)[0]))
/* How long a program may take, in us. */
#define PATIENCE 20000000
#define WORDS_MAX 128

static char toucher[PATH_MAX];

/* --- a launch that is watched ------------------------------------------------ */

struct launch {
	const char *const *argv;
	bool stand_in;
	const struct fswatch_inject *in;
	size_t nin;
	fswatch_fn *fn; /* beside writing down */
	/* what came of it */
	int listener_errno;
	char text[4096]; /* on stdout */
	char seen[16384];
	unsigned events, threads;
	/* while it runs */
	struct loop *loop;
	pid_t pid;
	int out;
	bool late;
};

static void note(void *ctx, const struct fswatch_event *ev)
{
	struct launch *l = ctx;
	struct span path = ev->path;
	size_t n;
	char error[16] = "";

	l->events++;
	l->threads += ev->tid != ev->pid;
	if (l->fn)
		l->fn(ctx, ev);
	if (span_starts(path, SPAN(CWD "/")))
		path = span_sub(path, sizeof(CWD), path.n);
	if (ev->error)
		snprintf(error, sizeof(error), " =%d", ev->error);
	n = strlen(l->seen);
	snprintf(l->seen + n, sizeof(l->seen) - n, "%s%s %s %.*s%s;",
		 ev->noop ? "-" : "", fswatch_op_name(ev->op),
		 fswatch_was_name(ev->was), span_absent(path) ? 1 : (int)path.n,
		 span_absent(path) ? "?" : path.p, error);
}

static void read_out(void *ctx, unsigned what)
{
	struct launch *l = ctx;
	size_t n = strlen(l->text);
	ssize_t got;

	(void)what;
	got = read(l->out, l->text + n, sizeof(l->text) - 1 - n);
	if (got <= 0)
		loop_stop(l->loop);
}

static void too_late(void *ctx, unsigned what)
{
	struct launch *l = ctx;

	(void)what;
	l->late = true;
	kill(l->pid, SIGKILL);
	loop_stop(l->loop);
}

static void end(struct launch *l, struct spawn *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->parent ? s->parent : s->pid, NULL, 0);
	if (s->parent)
		close(s->report_fd);
	close(l->out);
	loop_free(l->loop);
}

static const char *start(struct launch *l, struct spawn *s, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return "pipe";
	l->out = fds[0];
	s->stdout_fd = fds[1];
	if (spawn_start(s, e))
		return e->msg;
	close(fds[1]);
	if (s->exec_errno)
		return "exec";
	l->pid = s->pid;
	l->listener_errno = s->listener_errno;
	l->loop = loop_new(e);
	loop_fd(l->loop, l->out, LOOP_READ, read_out, l);
	loop_after(l->loop, PATIENCE, too_late, l);
	return NULL;
}

/* Until its output has ended; NULL, or what went wrong. */
static const char *run(struct launch *l)
{
	static const char *const envp[] = { "PATH=/bin:/usr/bin", NULL };
	static struct err e;
	struct fswatch_filter *f = fswatch_filter_new(l->in, l->nin);
	struct fswatch *w = NULL;
	struct spawn s = { .argv = l->argv,
			   .envp = envp,
			   .cwd = CWD,
			   .direct = !l->stand_in,
			   .stdin_fd = -1,
			   .stderr_fd = 2,
			   .nofile = { 64, 64 },
			   .drop_caps = true,
			   .filter = fswatch_filter_program(f) };
	const char *wrong = start(l, &s, &e);

	if (wrong)
		return wrong;
	if (s.listener_fd >= 0)
		w = fswatch_new(l->loop, s.listener_fd, f, note, l);
	loop_run(l->loop);
	/* What is left has nobody to ask from here on. */
	fswatch_free(w);
	end(l, &s);
	fswatch_filter_free(f);
	return l->late ? "it hangs" : NULL;
}

/* --- rows of steps -------------------------------------------------------------- */

struct row {
	const char *script; /* words for the toucher */
	const char *seen;   /* "-" in front: it changes nothing */
	const char *results;
};

/* For what is no row: NULL, or what was seen instead. */
static const char *only(const char *wanted, const char *seen)
{
	return strcmp(seen, wanted) == 0 ? NULL : strcpy(oops, seen);
}

static const char *check_row(const struct row *r, bool stand_in,
			     const struct fswatch_inject *in, size_t nin)
{
	const char *argv[WORDS_MAX] = { toucher };
	struct launch l = {
		.argv = argv, .in = in, .nin = nin, .stand_in = stand_in
	};
	char *script = strdup(r->script), *save = NULL;
	size_t n = 1;
	const char *wrong;

	for (char *w = strtok_r(script, " ", &save); w && n < WORDS_MAX - 1;
	     w = strtok_r(NULL, " ", &save))
		argv[n++] = w;
	wrong = run(&l);
	if (!wrong && l.listener_errno)
		wrong = strerror(l.listener_errno);
	if (!wrong && strcmp(l.seen, r->seen) != 0)
		wrong = "seen";
	if (!wrong && strcmp(l.text, r->results) != 0)
		wrong = "results";
	free(script);
	if (!wrong)
		return NULL;
	snprintf(oops, sizeof(oops),
		 "%s: %s\n  saw    %s\n  wanted %s\n"
		 "  it had %s, wanted %s",
		 r->script, wrong, l.seen, r->seen, l.text, r->results);
	return oops;
}

struct rows {
	const struct row *row;
	size_t n;
	const struct fswatch_inject *in;
	size_t nin;
};

/* One after the other in one world; later rows find what earlier ones left.
 * Every other one has a stand-in parent. */
static const char *check_rows(const struct rows *rows)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < rows->n && !wrong; i++)
		wrong = check_row(&rows->row[i], i % 2, rows->in, rows->nin);
	return wrong;
}

static const char *rows_inside(void *arg)
{
	return check_rows(arg);
}

static void check(const struct row *row, size_t n)
{
	struct rows rows = { row, n, NULL, 0 };

	enter(true, rows_inside, &rows);
}

static void check_with(const struct row *row, size_t n,
		       const struct fswatch_inject *in, size_t nin)
{
	struct rows rows = { row, n, in, nin };

	enter(true, rows_inside, &rows);
}

/* --- each call ---------------------------------------------------------------------- */

static const struct row calls[] = {
	{ "create f open f cut f create f",
	  "create missing f;open file f;"
	  "open file f;open file f;",
	  "ok ok ok ok " },
	{ "read f cloexec f look f readat2 f", "", "ok ok ok ok " },
	{ "openat2 g oldopen h creat i",
	  "create missing g;create missing h;create missing i;", "ok ok ok " },
	{ "mkdir d oldmkdir d2 mkdir32 d3 rmdir d2 unlinkdir d3",
	  "mkdir missing d;mkdir missing d2;mkdir missing d3;rmdir dir d2;"
	  "rmdir dir d3;",
	  "ok ok ok ok ok " },
	{ "mkfifo p bind s symlink f l link f hard",
	  "mknod missing p;bind missing s;symlink missing l;"
	  "link missing hard;",
	  "ok ok ok ok " },
	{ "rename g d/g rename d/g h noreplace h new",
	  "rename file g;rename-to missing d/g;rename file d/g;"
	  "rename-to file h;rename file h;rename-to missing new;",
	  "ok ok ok " },
	{ "chmod new chown new lchown l truncate new utime new lutime l "
	  "xattr new emptypath new",
	  "chmod file new;chown file new;chown symlink l;truncate file new;"
	  "utime file new;utime symlink l;xattr file new;chown file new;",
	  "ok ok ok ok ok ok ok ok " },
	{ "fd new",
	  "chmod file new;chown file new;utime file new;"
	  "xattr file new;",
	  "ok " },
	{ "unlink new unlink l unlink p unlink s unlink hard",
	  "unlink file new;unlink symlink l;unlink fifo p;unlink socket s;"
	  "unlink file hard;",
	  "ok ok ok ok ok " },
	{ "tmpfile d uring", "tmpfile dir d;", "ok 38 " },
};

START_TEST(every_call)
{
	check(calls, N(calls));
}
END_TEST

/* --- each way to say where -------------------------------------------------------------- */

static const struct row places[] = {
	{ "mkdir d mkdir d/e symlink d/e link symlink nofile dangling "
	  "symlink /ptcheck-work/cwd/d abs symlink loop loop symlink .. d/up",
	  "mkdir missing d;mkdir missing d/e;symlink missing link;"
	  "symlink missing dangling;symlink missing abs;symlink missing loop;"
	  "symlink missing d/up;",
	  "ok ok ok ok ok ok ok " },
	{ "create link/f create abs/../x create ./d/.././/d/up/y",
	  "create missing d/e/f;create missing x;create missing y;",
	  "ok ok ok " },
	{ "create dangling excl dangling unlink dangling create loop",
	  "create missing nofile;-open symlink dangling;"
	  "unlink symlink dangling;-open unknown loop;",
	  "ok 17 ok 40 " },
	{ "symlink d/e/f tofile open tofile nofollow tofile chmod tofile",
	  "symlink missing tofile;open file d/e/f;-open symlink tofile;"
	  "chmod file d/e/f;",
	  "ok ok 40 ok " },
	{ "chdir d create here chdir e create there chdir / create tmp",
	  "create missing d/here;create missing d/e/there;-open dir /tmp;",
	  "ok ok ok ok ok 21 " },
	{ "at d made moved badfd z",
	  "mkdir missing d/made;rename dir d/made;rename-to missing moved;"
	  "-mkdir unknown z;",
	  "ok 9 " },
	{ "mkdir a/b/../c/./d create none/f unlink none/f mkdir d/e/f/g",
	  "mkdir nowhere a/c/d;create nowhere none/f;-unlink nowhere none/f;"
	  "mkdir nowhere d/e/f/g;",
	  "2 2 2 20 " },
	{ "edge edgy long far endless nowhere",
	  "mkdir missing edgy;rmdir dir edgy;create missing far;"
	  "open unknown ?;",
	  "ok ok 36 14 " },
	{ "mkdir . rmdir d/ mkdir d/ mkdir new/ rmdir new/.",
	  "-mkdir dir /ptcheck-work/cwd;rmdir dir d;-mkdir dir d;"
	  "mkdir missing new;rmdir dir new;",
	  "17 39 17 ok 22 " },
};

START_TEST(every_place)
{
	check(places, N(places));
}
END_TEST

/* --- what changes nothing ---------------------------------------------------------------- */

static const struct row noops[] = {
	{ "mkdir d create f mkdir d excl f mkfifo f symlink x f link f d "
	  "bind f noreplace f d",
	  "mkdir missing d;create missing f;-mkdir dir d;-open file f;"
	  "-mknod file f;-symlink file f;-link dir d;-bind file f;"
	  "-rename file f;-rename-to dir d;",
	  "ok ok 17 17 17 17 17 98 17 " },
	{ "unlink x rmdir x rename x y chmod x chown x utime x truncate x "
	  "open x tmpfile x",
	  "-unlink missing x;-rmdir missing x;-rename missing x;"
	  "-rename-to missing y;-chmod missing x;-chown missing x;"
	  "-utime missing x;-truncate missing x;-open missing x;"
	  "-tmpfile missing x;",
	  "2 2 2 2 2 2 2 2 2 " },
	{ "unlink d rmdir f open d", "-unlink dir d;-rmdir file f;-open dir d;",
	  "21 20 21 " },
	{ "open /dev/null create /dev/null mkfifo p open p",
	  "-open device /dev/null;-open device /dev/null;mknod missing p;"
	  "-open fifo p;",
	  "ok ok ok ok " },
	{ "abstract a", "", "ok " },
	/* Refused, but not nothing: it was tried. */
	{ "create /nothing-there/a", "create nowhere /nothing-there/a;", "2 " },
};

START_TEST(what_changes_nothing)
{
	check(noops, N(noops));
}
END_TEST

/* A pipe has no path but what the kernel calls it, in numbers. */
static void hide_numbers(struct launch *l)
{
	char *to = l->seen;

	for (const char *c = l->seen; *c; c++)
		if (*c < '0' || *c > '9')
			*to++ = *c;
	*to = '\0';
}

static const char *own_names(void *arg)
{
	const char *argv[] = { toucher,
			       "open",
			       "/dev/stdout",
			       "open",
			       "/proc/self/oom_score_adj",
			       "create",
			       "/proc/thread-self/comm",
			       "unlink",
			       "/proc/self/cwd/x",
			       "create",
			       "/dev/fd/../cwd/f",
			       "pipe",
			       NULL };
	struct launch l = { .argv = argv };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	hide_numbers(&l);
	return only("-open fifo pipe:[];"
		    "-open file /proc//oom_score_adj;"
		    "-open file /proc//comm;"
		    "-unlink missing x;create missing f;"
		    "-chmod fifo pipe:[];",
		    l.seen);
}

/* /proc/self is not the worker. */
START_TEST(names_of_its_own)
{
	enter(true, own_names, NULL);
}
END_TEST

/* --- who does it ----------------------------------------------------------------------------- */

static const struct row hidden = { "hide mkdir hidden", "mkdir missing hidden;",
				   "ok ok " };

static const char *who(void *arg)
{
	const char *forks[] = { toucher,  "fork",  "mkdir", "a",
				"thread", "rmdir", "a",	    NULL };
	struct launch l = { .argv = forks, .stand_in = arg != NULL };
	const char *wrong = run(&l);

	if (wrong)
		return wrong;
	if (strcmp(l.seen, "mkdir missing a;rmdir dir a;") != 0)
		return strcpy(oops, l.seen);
	if (l.threads != 1)
		return "thread and process are not told apart";
	return check_row(&hidden, arg != NULL, NULL, 0);
}

START_TEST(descendants_and_threads)
{
	enter(true, who, _i ? oops : NULL);
}
END_TEST

/* A shell and its tools, dynamically linked. */
static const char *shell(void *arg)
{
	const char *argv[] = { "/bin/sh", "-c",
			       "umask 077; echo x > a; mkdir -p b/c;"
			       "mv a b/c; cp b/c/a d; rm -r b; echo done",
			       NULL };
	struct launch l = { .argv = argv };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	if (strcmp(l.text, "done\n") != 0)
		return "the shell was disturbed";
	return only("create missing a;mkdir missing b;mkdir missing b/c;"
		    "-rename file a;-rename-to dir b/c;"
		    "rename file a;rename-to missing b/c/a;create missing d;"
		    "unlink file b/c/a;rmdir dir b/c;rmdir dir b;",
		    l.seen);
}

START_TEST(a_shell)
{
	enter(true, shell, NULL);
}
END_TEST

/* --- before it happens ------------------------------------------------------------------------- */

static void read_before(void *ctx, const struct fswatch_event *ev)
{
	struct launch *l = ctx;
	char text[64] = "";
	int fd;

	if (ev->op != FSWATCH_UNLINK && !(ev->flags & O_TRUNC))
		return;
	fd = open(ev->path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return;
	close(fd);
	strcat(l->seen, text);
}

static const char *before(void *arg)
{
	const char *argv[] = { toucher, "create", "f", "write",	 "f", "cut",
			       "f",	"write",  "f", "unlink", "f", NULL };
	struct launch l = { .argv = argv, .fn = read_before };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	return only("create missing f;open file f;xopen file f;"
		    "open file f;xunlink file f;",
		    l.seen);
}

START_TEST(told_before)
{
	enter(true, before, NULL);
}
END_TEST

/* --- injections ------------------------------------------------------------------------------------ */

static const struct fswatch_inject two_mkdirs[] = {
	{ "mkdir", ENOSPC, NULL, 1, 2 },
	{ "rename", EXDEV, CWD "/to", 0, 0 },
	{ "unlink", EACCES, CWD "/keep", 0, 0 },
	{ "open", EMFILE, CWD "/no", 0, 1 },
};
static const struct row injected[] = {
	{ "mkdir a mkdir b mkdir c mkdir d mkdir f mkdir g",
	  "mkdir missing a;mkdir missing b =28;mkdir missing c =28;"
	  "mkdir missing d;mkdir missing f;mkdir missing g;",
	  "ok 28 28 ok ok ok " },
	/* Calls that change nothing do not count. */
	{ "mkdir a mkdir a mkdir b mkdir c mkdir e",
	  "-mkdir dir a;-mkdir dir a;mkdir missing b;mkdir missing c =28;"
	  "mkdir missing e =28;",
	  "17 17 ok 28 28 " },
	{ "rename a x rename x to rename x tome",
	  "rename dir a;rename-to missing x;rename-to missing to =18;"
	  "rename-to missing tome =18;",
	  "ok 18 18 " },
	{ "create keep unlink keep rmdir b create none create none",
	  "create missing keep;unlink file keep =13;rmdir dir b;"
	  "create missing none =24;create missing none;",
	  "ok 13 ok 24 ok " },
};

START_TEST(calls_fail)
{
	check_with(injected, N(injected), two_mkdirs, N(two_mkdirs));
}
END_TEST

/* Calls that are otherwise not looked at. */
static const struct fswatch_inject rare[] = {
	{ "write", ENOSPC, CWD "/full", 1, 0 },
	{ "fsync", EIO, CWD "/full", 0, 1 },
	{ "connect", ECONNREFUSED, CWD "/s", 0, 0 },
};
static const struct row rarely[] = {
	{ "create full write full write full fsync full fsync full",
	  "create missing full;open file full;open file full;"
	  "write file full =28;fsync file full =5;",
	  "ok ok 28 5 ok " },
	{ "create free write free fsync free tcp connect s connect t",
	  "create missing free;open file free;connect missing s =111;",
	  "ok ok ok ok 111 2 " },
};

START_TEST(rare_calls_fail)
{
	check_with(rarely, N(rarely), rare, N(rare));
}
END_TEST

struct tcp_row {
	struct fswatch_inject in;
	struct row row;
};

static const struct tcp_row tcp_rows[] = {
	{ { "bind", EADDRINUSE, NULL, 0, 0 },
	  { "tcp", "bind unknown ? =98;", "98 " } },
	{ { "listen", EADDRINUSE, NULL, 0, 0 },
	  { "tcp", "listen unknown ? =98;", "98 " } },
	{ { "connect", ENETUNREACH, NULL, 0, 0 },
	  { "tcp", "connect unknown ? =101;", "101 " } },
	{ { "accept", EMFILE, NULL, 0, 0 },
	  { "tcp", "accept unknown ? =24;", "24 " } },
	{ { "socket", EMFILE, NULL, 2, 1 },
	  { "tcp socket socket", "socket unknown ? =24;", "ok 24 ok " } },
	{ { "bind", EACCES, CWD "/s", 0, 0 },
	  { "tcp bind s bind t", "bind missing s =13;bind missing t;",
	    "ok 13 ok " } },
	/* With a path a rule is not about ports. */
	{ { "connect", EIO, "/", 0, 0 }, { "tcp", "", "ok " } },
};

static const char *one_tcp(void *arg)
{
	const struct tcp_row *t = arg;

	return check_row(&t->row, false, &t->in, 1);
}

START_TEST(sockets_fail)
{
	for (size_t i = 0; i < N(tcp_rows); i++)
		enter(true, one_tcp, (void *)&tcp_rows[i]);
}
END_TEST

/* Also what it prints. */
static const char *no_output(void *arg)
{
	const struct fswatch_inject in = { "write", EPIPE, NULL, 0, 0 };
	const char *argv[] = { toucher, "uring", NULL };
	struct launch l = { .argv = argv, .in = &in, .nin = 1 };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	hide_numbers(&l);
	if (l.text[0] || strncmp(l.seen, "write fifo pipe:[] =;", 21) != 0)
		return strcpy(oops, l.seen);
	return NULL;
}

START_TEST(output_fails)
{
	enter(true, no_output, NULL);
}
END_TEST

START_TEST(names_of_calls)
{
	ck_assert(fswatch_inject_known("open"));
	ck_assert(fswatch_inject_known("unlink"));
	ck_assert(fswatch_inject_known("accept"));
	ck_assert(fswatch_inject_known("connect"));
	ck_assert(!fswatch_inject_known("rmdir"));
	ck_assert(!fswatch_inject_known("create"));
	ck_assert(!fswatch_inject_known("rename-to"));
	ck_assert(!fswatch_inject_known("read"));
	ck_assert(!fswatch_inject_known(""));
}
END_TEST

/* --- hostile ones ------------------------------------------------------------------------------------ */

static const char *storm(void *arg)
{
	const char *argv[] = { toucher, "storm", "s", "killed", "k", NULL };
	struct launch l = { .argv = argv, .stand_in = true };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	if (strcmp(l.text, "ok ok ") != 0)
		return strcpy(oops, l.text);
	return l.events >= 2000 ? NULL : "calls were missed";
}

START_TEST(storms)
{
	enter(true, storm, NULL);
}
END_TEST

/* Its own signals do not make a call be seen twice, or fail. */
static const char *signals(void *arg)
{
	const char *argv[] = { toucher, "alarms", "a", NULL };
	struct launch l = { .argv = argv };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	if (strcmp(l.text, "ok ") != 0)
		return strcpy(oops, l.text);
	return l.events == 2000 ? NULL : "calls were seen twice";
}

START_TEST(interrupted_calls)
{
	enter(true, signals, NULL);
}
END_TEST

/* --- off --------------------------------------------------------------------------------------------- */

/* Somebody else watches this process already. */
static int hold_listener(void)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K,
					       SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { 1, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static const char *busy(void *arg)
{
	const char *argv[] = { toucher, "mkdir", "a", NULL };
	struct launch l = { .argv = argv, .stand_in = arg != NULL };
	const char *wrong;

	if (hold_listener() < 0)
		return "no listener";
	wrong = run(&l);
	if (wrong)
		return wrong;
	if (l.listener_errno != EBUSY)
		return "not busy";
	return strcmp(l.text, "ok ") == 0 && !l.events ? NULL
						       : strcpy(oops, l.text);
}

START_TEST(another_listener)
{
	enter(true, busy, _i ? oops : NULL);
}
END_TEST

/* Nobody answers any more: calls fail, nothing hangs. */
static const char *unanswered(void *arg)
{
	const char *argv[] = { toucher, "mkdir", "a", NULL };
	struct launch l = { .argv = argv };
	const char *const envp[] = { NULL };
	struct fswatch_filter *f = fswatch_filter_new(NULL, 0);
	struct spawn s = { .argv = argv,
			   .envp = envp,
			   .cwd = CWD,
			   .direct = true,
			   .stdin_fd = -1,
			   .stderr_fd = 2,
			   .nofile = { 3, 3 },
			   .drop_caps = true,
			   .filter = fswatch_filter_program(f) };
	struct err e;
	const char *wrong = start(&l, &s, &e);

	(void)arg;
	if (wrong)
		return wrong;
	if (s.listener_fd < 0)
		return strerror(s.listener_errno);
	if (fcntl(s.listener_fd, F_GETFD) != FD_CLOEXEC)
		return "inherited";
	close(s.listener_fd);
	loop_run(l.loop);
	return only("38 ", l.text);
}

START_TEST(nobody_answers)
{
	enter(true, unanswered, NULL);
}
END_TEST

/* No descriptor of it reaches the program. */
static const char *descriptors(void *arg)
{
	const char *argv[] = { "/bin/ls", "/proc/self/fd", NULL };
	struct launch l = { .argv = argv, .stand_in = arg != NULL };
	int before = dup(0), after;
	const char *wrong = run(&l);

	if (wrong)
		return wrong;
	/* The last is ls's own. */
	if (strcmp(l.text, "1\n2\n3\n") != 0 &&
	    strcmp(l.text, "0\n1\n2\n") != 0)
		return strcpy(oops, l.text);
	after = dup(0);
	return after == before + 1 ? NULL : "a descriptor is left";
}

START_TEST(no_descriptor_leaks)
{
	enter(true, descriptors, _i ? oops : NULL);
}
END_TEST

static const char *usable(void *arg)
{
	struct err e;

	(void)arg;
	return fswatch_usable(&e) ? strcpy(oops, e.msg) : NULL;
}

START_TEST(can_be_used)
{
	enter(true, usable, NULL);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("fswatch");
	TCase *t = tcase_create("seen"), *inject = tcase_create("inject");
	TCase *odd = tcase_create("odd");

	tcase_add_test(t, every_call);
	tcase_add_test(t, every_place);
	tcase_add_test(t, what_changes_nothing);
	tcase_add_test(t, names_of_its_own);
	tcase_add_loop_test(t, descendants_and_threads, 0, 2);
	tcase_add_test(t, a_shell);
	tcase_add_test(t, told_before);
	tcase_add_test(inject, calls_fail);
	tcase_add_test(inject, rare_calls_fail);
	tcase_add_test(inject, sockets_fail);
	tcase_add_test(inject, output_fails);
	tcase_add_test(inject, names_of_calls);
	tcase_add_test(odd, storms);
	tcase_add_test(odd, interrupted_calls);
	tcase_add_loop_test(odd, another_listener, 0, 2);
	tcase_add_test(odd, nobody_answers);
	tcase_add_loop_test(odd, no_descriptor_leaks, 0, 2);
	tcase_add_test(odd, can_be_used);
	tcase_set_timeout(odd, 30);
	if (isolated) {
		suite_add_tcase(s, t);
		suite_add_tcase(s, inject);
		suite_add_tcase(s, odd);
	}
	return s;
}

int main(void)
{
	char *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", toucher, sizeof(toucher) - 16);
	toucher[n > 0 ? n : 0] = '\0';
	slash = strrchr(toucher, '/');
	strcpy(slash ? slash + 1 : toucher, "toucher");
	return run_suite("fswatch", suite);
}
