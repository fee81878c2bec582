/* setup.c - see setup.h. */
#include "harness/worker/setup.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/sys/observe.h"

/* Rounds of killing children; each reaches one generation more. */
#define SWEEPS_MAX 1000
/* Attempts to make a directory that others may just remove. */
#define ROOT_TRIES 1000

/* --- signals and control --- */

static void host_signalled(void *ctx, unsigned what)
{
	struct host_watch *h = ctx;
	struct signalfd_siginfo si;

	(void)what;
	while (read(h->signal_fd, &si, sizeof(si)) == sizeof(si)) {
		if (si.ssi_signo == SIGTERM) {
			h->stopped(h->ctx);
			return;
		}
	}
	h->reap(h->ctx);
}

/* Nothing is ever sent to a worker: an event here is the end of ptcheck. */
static void host_gone(void *ctx, unsigned what)
{
	struct host_watch *h = ctx;

	(void)what;
	h->stopped(h->ctx);
}

int setup_watch_host(struct host_watch *h, const struct task *t, struct err *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* ^C is for ptcheck itself, which then stops the workers. */
	signal(SIGINT, SIG_IGN);
	h->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (h->signal_fd < 0)
		return err_sys(e, errno, "signalfd");
	loop_fd(t->loop, h->signal_fd, LOOP_READ, host_signalled, h);
	loop_fd(t->loop, t->job->control_fd, LOOP_READ, host_gone, h);
	return 0;
}

/* --- the end of a launch without a sandbox --- */

struct setup_sweep {
	pid_t self;
	bool any;
};

static void setup_kill_child(void *ctx, pid_t pid, pid_t ppid, char state,
			     const char *name)
{
	struct setup_sweep *s = ctx;

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
static void setup_kill_all(void)
{
	struct setup_sweep s = { .self = getpid(), .any = true };
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
		if (observe_processes(setup_kill_child, &s, &e))
			return;
	}
}

void setup_clean_up(const struct task *t)
{
	char work[256], *slash;

	if (t->job->sandbox)
		return;
	setup_kill_all();
	snprintf(work, sizeof(work), "%.*s", SPAN_ARG(t->plan->work));
	observe_remove_tree(work);
	/* The last one out: fails for all others. */
	slash = strrchr(work, '/');
	*slash = '\0';
	rmdir(work);
}

/* --- directories --- */

/* The directory above that of the launch: made by whoever is first, and
 * removed by whoever is last, so that none is left when ptcheck is killed. */
static int setup_make_root(const char *root, struct err *e)
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

static int setup_make_top(const char *work, struct err *e)
{
	char root[256];

	snprintf(root, sizeof(root), "%.*s", (int)(strrchr(work, '/') - work),
		 work);
	for (int i = 0; i < ROOT_TRIES; i++) {
		if (setup_make_root(root, e))
			return -1;
		if (mkdir(work, 0700) == 0)
			return 0;
		if (errno != ENOENT)
			break;
	}
	return err_sys(e, errno, "%s", work);
}

/* Without a sandbox the directories are made here. */
int setup_directories(const struct task *t, struct err *e)
{
	static const char *const dirs[] = { "/home", "/tmp", "/cwd" };
	char work[256], path[300];

	if (t->job->sandbox)
		return 0;
	snprintf(work, sizeof(work), "%.*s", SPAN_ARG(t->plan->work));
	if (setup_make_top(work, e))
		return -1;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", work, dirs[i]);
		if (mkdir(path, 0700))
			return err_sys(e, errno, "%s", path);
	}
	return 0;
}
