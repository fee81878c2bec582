/* sched.c - see sched.h. */
#include "harness/run/sched.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/worker/worker.h"
#include "harness/sys/loop.h"
#include "harness/sys/sandbox.h"
#include "harness/sys/spawn.h"

/* Workers at once, parked ones included: each is a handful of processes and
 * six namespaces. */
#define ALIVE_MAX 256
/* A worker is stopped when it takes this much longer than all its waits. */
#define OVERTIME_US 60000000
/* The worker's descriptors, behind the standard ones. */
#define TRACE_FD 3
#define CONTROL_FD 4
#define PCAP_FD 5

struct slot {
	struct slot *prev, *next;
	struct run *run;
	struct launch *launch;
	pid_t pid;
	int pidfd, control;
	bool parked;
	struct watch *end_watch, *control_watch, *overtime;
};

struct run {
	const struct sched *s;
	struct loop *loop;
	struct slot *slots;
	struct launch **order;
	size_t n, next, done, parked, alive;
	bool interrupted;
	struct err *e;
	int rc;
	int signal_fd;
};

/* What the child needs, by value: the parent's memory is copied. */
struct start {
	struct worker_job job;
	int trace, control, pcap;
};

static int child(void *ctx, const struct sandbox_state *state)
{
	struct start *st = ctx;
	/* First above all targets, so that no dup2 hits the other. */
	int trace = fcntl(st->trace, F_DUPFD, 64);
	int control = fcntl(st->control, F_DUPFD, 64);
	int pcap = st->pcap < 0 ? -1 : fcntl(st->pcap, F_DUPFD, 64);

	dup2(trace, TRACE_FD);
	dup2(control, CONTROL_FD);
	if (pcap >= 0)
		dup2(pcap, PCAP_FD);
	close_range((pcap < 0 ? CONTROL_FD : PCAP_FD) + 1, ~0U, 0);
	for (int fd = TRACE_FD; fd <= PCAP_FD; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	st->job.trace_fd = TRACE_FD;
	st->job.control_fd = CONTROL_FD;
	st->job.pcap_fd = pcap < 0 ? -1 : PCAP_FD;
	return worker_main(&st->job, state);
}

static void fill(struct run *r);

static void tell(struct run *r)
{
	if (r->s->progress)
		r->s->progress(r->s->progress_ctx, r->done, r->parked, r->n);
}

static void collect(struct launch *l)
{
	struct err e = { 0 };
	struct stat st;
	void *map;

	if (fstat(l->trace_fd, &st) || st.st_size == 0) {
		snprintf(l->trouble, sizeof(l->trouble),
			 "the worker left no trace");
		return;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
		   l->trace_fd, 0);
	if (map == MAP_FAILED) {
		snprintf(l->trouble, sizeof(l->trouble), "mmap: %s",
			 strerror(errno));
		return;
	}
	l->done = trace_read(span_of(map, (size_t)st.st_size), &l->trace, &e) ==
		  0;
	munmap(map, (size_t)st.st_size);
	if (!l->done)
		snprintf(l->trouble, sizeof(l->trouble), "%.250s", e.msg);
}

static void ended(void *ctx, unsigned what)
{
	struct slot *sl = ctx;
	struct run *r = sl->run;
	struct rusage ru;
	int status;

	(void)what;
	if (wait4(sl->pid, &status, WNOHANG, &ru) != sl->pid)
		return;
	sl->launch->cpu_us = spawn_cpu_us(&ru);
	loop_drop(sl->end_watch);
	loop_drop(sl->control_watch);
	loop_drop(sl->overtime);
	close(sl->pidfd);
	close(sl->control);
	collect(sl->launch);
	close(sl->launch->trace_fd);
	sl->launch->trace_fd = -1;
	if (sl->launch->pcap_fd >= 0)
		close(sl->launch->pcap_fd);
	sl->launch->pcap_fd = -1;
	r->alive--;
	r->parked -= sl->parked;
	r->done++;
	if (sl->prev)
		sl->prev->next = sl->next;
	else
		r->slots = sl->next;
	if (sl->next)
		sl->next->prev = sl->prev;
	free(sl);
	tell(r);
	fill(r);
}

static void control(void *ctx, unsigned what)
{
	struct slot *sl = ctx;
	struct run *r = sl->run;
	char words[16];
	ssize_t n = read(sl->control, words, sizeof(words));
	bool parked;

	(void)what;
	if (n <= 0) {
		loop_drop(sl->control_watch);
		sl->control_watch = NULL;
		return;
	}
	parked = words[n - 1] == WORKER_PARKED;
	r->parked += (size_t)parked - (size_t)sl->parked;
	sl->parked = parked;
	tell(r);
	fill(r);
}

static void overtime(void *ctx, unsigned what)
{
	struct slot *sl = ctx;

	(void)what;
	sl->overtime = NULL;
	snprintf(sl->launch->trouble, sizeof(sl->launch->trouble),
		 "the worker took too long and was stopped");
	kill(sl->pid, SIGKILL);
}

static int64_t plan_us(const struct plan *p)
{
	int64_t ms = 0;

	for (size_t i = 0; i < p->nsteps; i++) {
		ms += limit_ms(&p->head.limits, p->steps[i].limit);
		if (p->steps[i].kind == STEP_PAUSE)
			ms += p->steps[i].count;
	}
	return ms * 1000 + OVERTIME_US;
}

static int start(struct run *r, struct launch *l)
{
	struct slot *sl = calloc(1, sizeof(*sl));
	struct start st = {
		.job = { .plan = l->plan,
			 .sandbox = r->s->sandbox,
			 .filter = r->s->filter,
			 .nofile = r->s->nofile },
		.trace = l->trace_fd,
		.pcap = l->pcap_fd,
	};
	int fds[2];

	if (!sl)
		die_oom();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds)) {
		free(sl);
		return err_sys(r->e, errno, "socketpair");
	}
	st.control = fds[1];
	*sl = (struct slot){ .run = r, .launch = l, .control = fds[0] };
	if (sandbox_clone(r->s->sandbox, child, &st, &sl->pid, &sl->pidfd,
			  r->e)) {
		close(fds[0]);
		close(fds[1]);
		free(sl);
		return -1;
	}
	close(fds[1]);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	sl->end_watch = loop_fd(r->loop, sl->pidfd, LOOP_READ, ended, sl);
	sl->control_watch = loop_fd(r->loop, fds[0], LOOP_READ, control, sl);
	sl->overtime = loop_after(r->loop, plan_us(l->plan), overtime, sl);
	sl->next = r->slots;
	if (r->slots)
		r->slots->prev = sl;
	r->slots = sl;
	r->alive++;
	return 0;
}

/* Start as many as there is room for; stop the loop at the end. */
static void fill(struct run *r)
{
	while (!r->interrupted && r->rc == 0 && r->next < r->n &&
	       r->alive < ALIVE_MAX && r->alive - r->parked < r->s->jobs) {
		if (start(r, r->order[r->next])) {
			r->rc = -1;
			break;
		}
		r->next++;
	}
	if (r->alive == 0 && (r->next == r->n || r->interrupted || r->rc != 0))
		loop_stop(r->loop);
}

static void signalled(void *ctx, unsigned what)
{
	struct run *r = ctx;
	struct signalfd_siginfo si;

	(void)what;
	while (read(r->signal_fd, &si, sizeof(si)) == sizeof(si))
		r->interrupted = true;
	if (!r->interrupted)
		return;
	r->rc = err_set(r->e, EINTR, "interrupted");
	/* The loop goes on until all have ended: nothing is left behind.
	 * Without namespaces a worker cleans up on SIGTERM. */
	for (struct slot *sl = r->slots; sl; sl = sl->next)
		kill(sl->pid, r->s->sandbox ? SIGKILL : SIGTERM);
}

/* Longest wait first, and what may become long before what cannot; the order
 * of the cases among equals. */
static int by_wait(const void *a, const void *b)
{
	const struct launch *x = *(struct launch *const *)a;
	const struct launch *y = *(struct launch *const *)b;
	const struct plan *p = x->plan, *q = y->plan;

	if (p->natural_ms != q->natural_ms)
		return p->natural_ms > q->natural_ms ? -1 : 1;
	if (p->patience_ms != q->patience_ms)
		return p->patience_ms > q->patience_ms ? -1 : 1;
	return x < y ? -1 : x > y;
}

int sched_run(const struct sched *s, struct launch *launches, size_t n,
	      struct err *e)
{
	struct run r = { .s = s, .n = n, .e = e };
	sigset_t set, old;

	r.loop = loop_new(e);
	if (!r.loop)
		return -1;
	r.order = calloc(n + 1, sizeof(struct launch *));
	if (!r.order)
		die_oom();
	for (size_t i = 0; i < n; i++)
		r.order[i] = &launches[i];
	qsort(r.order, n, sizeof(struct launch *), by_wait);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &old);
	r.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop_fd(r.loop, r.signal_fd, LOOP_READ, signalled, &r);
	fill(&r);
	if (r.alive > 0)
		loop_run(r.loop);
	loop_free(r.loop);
	close(r.signal_fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(r.order);
	return r.rc;
}
