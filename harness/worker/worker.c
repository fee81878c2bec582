/*
 * worker.c - the life of a worker: set up, steps, the end.
 *
 * Whatever the steps did, a launch ends the same way: what is left is killed,
 * streams are drained, a look around shows what stayed behind.  In the
 * sandbox the worker is pid 1, so its exit ends everything below it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/worker/worker_int.h"
#include "harness/sys/observe.h"

/* How long a killed process may take to go. */
#define KILL_US 5000000
/* How often the end looks for descendants that are still there. */
#define ORPHAN_POLL_US 10000
/* What a trace keeps of a command line. */
#define COMMAND_KEEP 4096
/* Rounds of killing children; each reaches one generation more. */
#define SWEEPS_MAX 1000
/* Attempts to make a directory that others may just remove. */
#define ROOT_TRIES 1000

/* --- snapshots --- */

struct look {
	struct worker *w;
	const char *as;
	int64_t count;
	bool orphans;
};

static bool is_ours(const struct worker *w, pid_t pid)
{
	for (size_t i = 0; i < w->ninst; i++)
		if (pid == w->inst[i].spawn.parent)
			return true;
	return false;
}

static void saw_socket(void *ctx, const char *proto, const struct addr *a)
{
	struct look *l = ctx;
	char text[ADDR_STRLEN];

	if (net_is_own(l->w, a) || wire_is_resolver(l->w, a))
		return;
	l->count++;
	rec(l->w, socket, .in = span_str(l->as), .proto = span_str(proto),
	    .addr = span_str(addr_format(a, text)));
}

/* The words that a descendant was started with; those of the transport itself
 * are the harness's own. */
static void saw_command(struct look *l, pid_t pid)
{
	char words[COMMAND_KEEP];
	size_t n;

	for (size_t i = 0; i < l->w->ninst; i++)
		if (pid == l->w->inst[i].spawn.pid)
			return;
	n = observe_command(pid, words, sizeof(words));
	if (n)
		rec(l->w, command, .in = span_str(l->as),
		    .argv = span_of(words, n), .pid = pid);
}

static void saw_process(void *ctx, pid_t pid, pid_t ppid, char state,
			const char *name)
{
	struct look *l = ctx;

	if (is_ours(l->w, pid))
		return;
	l->count++;
	if (l->orphans) {
		rec(l->w, orphan, .name = span_str(name), .pid = pid);
		return;
	}
	rec(l->w, process, .in = span_str(l->as), .name = span_str(name),
	    .state = span_of(&state, 1), .pid = pid, .ppid = ppid);
	saw_command(l, pid);
}

static void saw_fds(struct worker *w, const char *as)
{
	struct inst *in = inst_last(w);
	int n = in && in->alive ? observe_fds(in->spawn.pid) : -1;

	if (n < 0)
		return;
	rec(w, fds, .as = span_str(as), .count = n);
	if (w->nfds < FDS_MAX)
		w->fds[w->nfds++] = (struct fds_seen){ w->step, n };
}

static void saw_memory(struct worker *w, const char *as)
{
	struct inst *in = inst_last(w);
	int64_t kib = in && in->alive ? observe_memory_kib(in->spawn.pid) : -1;

	if (kib >= 0)
		rec(w, memory, .as = span_str(as), .kib = kib);
}

static void saw_file(void *ctx, const char *path, char type, unsigned mode,
		     int64_t size)
{
	struct look *l = ctx;

	l->count++;
	rec(l->w, file, .in = span_str(l->as),
	    .type = type == 'd'	  ? SPAN("dir")
		    : type == 'f' ? SPAN("file")
				  : SPAN("other"),
	    .path = span_str(path), .mode = mode, .size = size);
}

void worker_snapshot(struct worker *w, enum snapshot of, const char *as)
{
	struct look l = { .w = w, .as = as };
	struct err e = { 0 };
	char work[256];
	int rc;

	snprintf(work, sizeof(work), "%.*s", SPAN_ARG(w->plan->work));
	if (of == SNAPSHOT_FDS) {
		saw_fds(w, as);
		return;
	}
	if (of == SNAPSHOT_MEMORY) {
		saw_memory(w, as);
		return;
	}
	if (of == SNAPSHOT_FILES)
		rc = observe_files(work, saw_file, &l, &e);
	else if (!w->job->sandbox)
		rc = err_set(&e, 0, "needs a sandbox");
	else if (of == SNAPSHOT_SOCKETS)
		rc = observe_sockets(saw_socket, &l, &e);
	else
		rc = observe_processes(saw_process, &l, &e);
	if (rc)
		rec(w, skipped, .reason = span_str(e.msg),
		    .step = (int64_t)w->step + 1);
	else
		rec(w, snapshot, .in = span_str(as),
		    .of = span_str(words_snapshot.names[of]), .count = l.count);
}

/* --- the end --- */

static void finish_trace(struct worker *w, const char *how)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	rec(w, lag, .us = loop_lag(w->loop));
	rec(w, end, .how = span_str(how), .children_cpu_us = w->children_cpu,
	    .worker_cpu_us = spawn_cpu_us(&ru));
	record_flush(w);
}

static void abort_run(struct worker *w, const char *why)
{
	finish_trace(w, why);
	loop_stop(w->loop);
}

static void kill_took_too_long(void *ctx, unsigned what)
{
	(void)what;
	abort_run(ctx, "aborted: a killed process does not go away");
}

/* Nothing of the transport is left, as far as this worker can see. */
static bool nothing_left(const struct worker *w)
{
	/* As pid 1 this reaches every process but the caller. */
	return !w->job->sandbox || (kill(-1, 0) && errno == ESRCH);
}

static void last_look(struct worker *w)
{
	if (w->job->sandbox && nothing_left(w)) {
		/* Without a process there is no socket either: no need to
		 * ask the kernel for both. */
		rec(w, snapshot, .in = SPAN("after"), .of = SPAN("sockets"));
		rec(w, snapshot, .in = SPAN("after"), .of = SPAN("processes"));
	} else {
		worker_snapshot(w, SNAPSHOT_SOCKETS, "after");
		worker_snapshot(w, SNAPSHOT_PROCESSES, "after");
	}
	witness_end(w);
	wire_end(w);
	finish_trace(w, "complete");
	loop_stop(w->loop);
}

static bool ended_by_itself(const struct worker *w)
{
	for (size_t i = 0; i < w->ninst; i++)
		if (w->inst[i].killed || w->inst[i].alive)
			return false;
	return w->ninst > 0;
}

/* Descendants get LINGER_US to follow their parent. */
static void look_around(void *ctx, unsigned what)
{
	struct worker *w = ctx;

	(void)what;
	w->park = NULL;
	if (!nothing_left(w) && ended_by_itself(w) && w->polls > 0) {
		w->polls--;
		w->park = loop_after(w->loop, ORPHAN_POLL_US, look_around, w);
		return;
	}
	if (!nothing_left(w) && ended_by_itself(w)) {
		struct look l = { .w = w, .orphans = true };
		struct err e = { 0 };

		observe_processes(saw_process, &l, &e);
	}
	last_look(w);
}

/* A parent closes stdin, asks, and kills (PT 2.0 3.3.3), with some time in
 * between. */
static void press(void *ctx, unsigned what)
{
	struct worker *w = ctx;
	bool more = false;

	(void)what;
	w->press = NULL;
	for (size_t i = 0; i < w->ninst; i++)
		more |= inst_end(&w->inst[i]);
	if (more)
		w->press = loop_after(w->loop, PRESS_US, press, w);
}

static void begin_end(struct worker *w)
{
	w->ending = true;
	net_close_all(w);
	press(w, 0);
	w->deadline = loop_after(w->loop, KILL_US, kill_took_too_long, w);
}

static void go_on_ending(struct worker *w)
{
	if (!inst_all_finished(w))
		return;
	loop_drop(w->press);
	w->press = NULL;
	loop_drop(w->deadline);
	w->deadline = NULL;
	w->polls = LINGER_US / ORPHAN_POLL_US;
	look_around(w, 0);
}

void worker_check(struct worker *w)
{
	/* Steps call things that call back here. */
	if (w->in_check)
		return;
	w->in_check = true;
	if (!w->ending) {
		steps_go(w);
		if (w->step >= w->plan->nsteps) {
			begin_end(w);
			go_on_ending(w);
		}
	} else if (w->deadline) {
		go_on_ending(w);
	}
	w->in_check = false;
}

/* --- signals and control --- */

static void reap(struct worker *w)
{
	struct rusage ru;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &ru)) > 0)
		inst_reaped(w, pid, status, spawn_cpu_us(&ru));
}

struct sweep {
	pid_t self;
	bool any;
};

static void kill_child(void *ctx, pid_t pid, pid_t ppid, char state,
		       const char *name)
{
	struct sweep *s = ctx;

	(void)state;
	(void)name;
	if (ppid != s->self)
		return;
	s->any = true;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/*
 * Without namespaces nothing dies with the worker by itself.  What a dead
 * process leaves becomes a child of this one, in whatever session it is, so
 * killing children until there are none reaches all; a transport that forks
 * faster than that is given up.
 */
static void kill_all(void)
{
	struct sweep s = { .self = getpid(), .any = true };
	struct err e = { 0 };
	pid_t pid;

	for (int i = 0; i < SWEEPS_MAX && s.any; i++) {
		/* The dead first: mostly none are left, and the processes of
		 * the whole machine need not be looked through. */
		do
			pid = waitpid(-1, NULL, WNOHANG);
		while (pid > 0);
		if (pid < 0)
			return;
		s.any = false;
		if (observe_processes(kill_child, &s, &e))
			return;
	}
}

static void clean_up(struct worker *w)
{
	char work[256], *slash;

	if (w->job->sandbox)
		return;
	kill_all();
	snprintf(work, sizeof(work), "%.*s", SPAN_ARG(w->plan->work));
	observe_remove_tree(work);
	/* The last one out: fails for all others. */
	slash = strrchr(work, '/');
	*slash = '\0';
	rmdir(work);
}

static void signalled(void *ctx, unsigned what)
{
	struct worker *w = ctx;
	struct signalfd_siginfo si;

	(void)what;
	while (read(w->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGTERM) {
			abort_run(w, "aborted: the harness was stopped");
			return;
		}
	}
	reap(w);
	worker_check(w);
}

/* Nothing is ever sent to a worker: an event here is the end of ptcheck. */
static void control_gone(void *ctx, unsigned what)
{
	(void)what;
	abort_run(ctx, "aborted: the harness was stopped");
}

static int watch_signals(struct worker *w, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* ^C is for ptcheck itself, which then stops the workers. */
	signal(SIGINT, SIG_IGN);
	w->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (w->signal_fd < 0)
		return err_sys(e, errno, "signalfd");
	w->signal_watch =
		loop_fd(w->loop, w->signal_fd, LOOP_READ, signalled, w);
	w->control_watch = loop_fd(w->loop, w->job->control_fd, LOOP_READ,
				   control_gone, w);
	return 0;
}

/* The directory above that of the launch: made by whoever is first, and
 * removed by whoever is last, so that none is left when ptcheck is killed. */
static int make_root(const char *root, struct err *e)
{
	struct stat st;

	if (mkdir(root, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return err_sys(e, errno, "%s", root);
	if (lstat(root, &st))
		return 0; /* just removed: the caller tries again */
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return err_set(e, 0, "%s: belongs to somebody else", root);
	return 0;
}

static int make_top(const char *work, struct err *e)
{
	char root[256];

	snprintf(root, sizeof(root), "%.*s", (int)(strrchr(work, '/') - work),
		 work);
	for (int i = 0; i < ROOT_TRIES; i++) {
		if (make_root(root, e))
			return -1;
		if (mkdir(work, 0700) == 0)
			return 0;
		if (errno != ENOENT)
			break;
	}
	return err_sys(e, errno, "%s", work);
}

/* Without a sandbox the directories are made here. */
static int make_work(const struct worker *w, struct err *e)
{
	static const char *const dirs[] = { "/home", "/tmp", "/cwd" };
	char work[256], path[300];

	if (w->job->sandbox)
		return 0;
	snprintf(work, sizeof(work), "%.*s", SPAN_ARG(w->plan->work));
	if (make_top(work, e))
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", work, dirs[i]);
		if (mkdir(path, 0700))
			return err_sys(e, errno, "%s", path);
	}
	return 0;
}

int worker_main(void *ctx, const struct sandbox_state *state)
{
	const struct worker_job *job = ctx;
	struct worker *w = calloc(1, sizeof(*w));
	struct err e = { 0 };

	if (!w)
		die_oom();
	*w = (struct worker){ .job = job,
			      .plan = job->plan,
			      .scarce_fd = -1,
			      .trace = BUF_MAX(1u << 30) };
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	w->loop = loop_new(&e);
	if (!w->loop)
		return 1;
	trace_write_head(&w->trace, &job->plan->head);
	/* Modes of files are judged, so the usual mask, not the user's. */
	umask(022);
	if (state->trouble || watch_signals(w, &e) || make_work(w, &e) ||
	    disk_mount(w, &e)) {
		char how[ERR_MAX + 16];

		snprintf(how, sizeof(how), "aborted: %s",
			 state->trouble ? state->trouble->msg : e.msg);
		finish_trace(w, how);
		return 1;
	}
	wire_start(w, state);
	witness_prepare(w);
	worker_check(w);
	loop_run(w->loop);
	clean_up(w);
	/* The process that lends the memory has more launches to come. */
	loop_free(w->loop);
	buf_fini(&w->trace);
	free(w);
	return 0;
}
