/* sched.c - see sched.h. */
#include "harness/run/launch/sched.h"

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
#include <unistd.h>

#include "parent/base/text.h"
#include "harness/run/launch/order.h"
#include "harness/run/launch/pool.h"
#include "harness/sys/loop.h"
#include "harness/sys/sandbox.h"
#include "harness/worker/worker.h"

/* Workers at once, idle ones included: each is a handful of processes and
 * six namespaces. */
#define ALIVE_MAX 256
/* The same where each is to have the machine for itself. */
#define ALONE_MAX 4
/* For each of those that run, so many may wait for a transport that wants a
 * processor.  More would keep each other from it, on a machine where others do
 * as well; and fewer get too little of such a machine. */
#define READY_PER_JOB 8
/* A worker is stopped when it takes this much longer than all its waits, of
 * which that for the end of what was killed is the longest. */
#define OVERTIME_US 300000000
/* Less than this of waiting for a processor makes no difference. */
#define BUSY_US 50000
/* The worker's descriptors, behind the standard ones. */
#define TRACE_FD 3
#define CONTROL_FD 4
#define PCAP_FD 5

struct slot {
	struct slot *prev, *next;
	struct run *run;
	struct launch *launch;
	struct pool_host *host;
	int control;
	bool idle, is_ready, is_short;
	struct watch *end_watch, *control_watch, *overtime;
};

struct run {
	const struct sched *s;
	struct loop *loop;
	struct pool *pool;
	struct slot *slots;
	struct launch *launches;
	struct order order;
	size_t n, done, alive;
	size_t idle, is_ready, is_short; /* of those that are alive */
	bool interrupted;
	struct err *e;
	int rc;
	int signal_fd;
};

/* In the worker, whose memory is a copy of what sched_run() started with. */
static int job(void *ctx, size_t number, const int *fds, size_t n,
	       const struct sandbox_state *state)
{
	const struct run *r = ctx;
	struct worker_job job = {
		.plan = r->launches[number].plan,
		.sandbox = r->s->sandbox,
		.alone = r->s->alone,
		.filter = r->s->filter,
		.nofile = r->s->nofile,
		.trace_fd = TRACE_FD,
		.control_fd = CONTROL_FD,
		.pcap_fd = n > 2 ? PCAP_FD : -1,
	};
	struct sandbox_state inside = *state;
	struct capture_ring ring;
	int all[POOL_FDS + 1];

	memcpy(all, fds, n * sizeof(int));
	if (state->capture) {
		ring = *state->capture;
		all[n++] = ring.fd;
		ring.fd = TRACE_FD + (int)n - 1;
		inside.capture = &ring;
	}
	/* First above all targets, so that no dup2 hits the other. */
	for (size_t i = 0; i < n; i++)
		all[i] = fcntl(all[i], F_DUPFD, 64);
	for (size_t i = 0; i < n; i++)
		dup3(all[i], TRACE_FD + (int)i, O_CLOEXEC);
	close_range(TRACE_FD + (unsigned)n, ~0U, 0);
	return worker_main(&job, &inside);
}

static void fill(struct run *r);
static void ended(void *ctx, unsigned what);

static void sched_tell(struct run *r)
{
	if (r->s->progress)
		r->s->progress(r->s->progress_ctx, r->done, r->idle, r->n);
}

static void see_held(struct launch *l, const struct event_processor *had)
{
	l->busy |= had->owed > 0 || had->waited_us > BUSY_US ||
		   had->late_us > BUSY_US || had->disk_us > BUSY_US;
	if (__builtin_add_overflow(l->held_us, had->waited_us, &l->held_us) ||
	    __builtin_add_overflow(l->held_us, had->late_us, &l->held_us) ||
	    __builtin_add_overflow(l->held_us, had->disk_us, &l->held_us))
		l->held_us = INT64_MAX;
}

static void sum_up(struct launch *l, const struct trace *t)
{
	int64_t opened = 0;

	for (size_t i = 0; i < t->nev; i++) {
		const struct event *ev = &t->ev[i];

		if (ev->kind == EV_EXIT)
			l->child_us += ev->exit.cpu_us;
		else if (ev->kind == EV_PROCESSOR)
			see_held(l, &ev->processor);
		else if (ev->kind == EV_LAG)
			l->busy |= ev->lag.us > BUSY_US;
		else if (ev->kind == EV_CAPTURE)
			l->busy |= ev->capture.lost > 0;
		else if (ev->kind == EV_LIMIT) {
			l->waited_us += ev->limit.ms * 1000;
			l->limited = true;
		} else if (ev->kind == EV_WINDOW &&
			   ev->window.state == WINDOW_OPEN)
			opened = ev->t;
		else if (ev->kind == EV_WINDOW)
			l->waited_us += ev->t - opened;
	}
}

/* A trace without its proper end is harness trouble. */
static void check_end(struct launch *l, const struct trace *t)
{
	const struct event *last = t->nev ? &t->ev[t->nev - 1] : NULL;

	if (l->trouble[0])
		return;
	if (!last || last->kind != EV_END)
		snprintf(l->trouble, sizeof(l->trouble), "the worker died");
	else if (!span_eqs(last->end.how, "complete"))
		text_showbuf(l->trouble, sizeof(l->trouble), last->end.how);
}

static int take_trace(struct run *r, struct launch *l, struct span text,
		      struct err *e)
{
	struct trace t;

	if (trace_read(text, &t, e))
		return -1;
	sum_up(l, &t);
	check_end(l, &t);
	l->lasted_us = t.nev ? t.ev[t.nev - 1].t : 0;
	order_took(&r->order, (size_t)(l - r->launches), l->lasted_us);
	trace_fini(&t);
	return store_add(r->s->store, text, &l->trace, e);
}

static void collect(struct run *r, struct launch *l)
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
	l->done = take_trace(r, l, span_of(map, (size_t)st.st_size), &e) == 0;
	munmap(map, (size_t)st.st_size);
	if (!l->done)
		snprintf(l->trouble, sizeof(l->trouble), "%.250s", e.msg);
}

static void close_files(struct launch *l)
{
	if (l->trace_fd >= 0)
		close(l->trace_fd);
	l->trace_fd = -1;
	if (l->pcap_fd >= 0)
		close(l->pcap_fd);
	l->pcap_fd = -1;
}

static void slot_free(struct slot *sl)
{
	struct run *r = sl->run;

	loop_drop(sl->end_watch);
	loop_drop(sl->control_watch);
	loop_drop(sl->overtime);
	close(sl->control);
	r->alive--;
	r->idle -= sl->idle;
	r->is_ready -= sl->is_ready;
	r->is_short -= sl->is_short;
	if (sl->prev)
		sl->prev->next = sl->next;
	else
		r->slots = sl->next;
	if (sl->next)
		sl->next->prev = sl->prev;
	free(sl);
}

static void watch_end(struct slot *sl)
{
	sl->end_watch = loop_fd(sl->run->loop, pool_host_fd(sl->host),
				LOOP_READ, ended, sl);
}

static void ended(void *ctx, unsigned what)
{
	struct slot *sl = ctx;
	struct run *r = sl->run;
	int started;

	(void)what;
	/* The watch goes before its descriptor does. */
	loop_drop(sl->end_watch);
	sl->end_watch = NULL;
	if (!pool_ended(r->pool, sl->host, &started, r->e)) {
		watch_end(sl);
		return;
	}
	if (started == 0)
		collect(r, sl->launch);
	else
		r->rc = -1;
	close_files(sl->launch);
	r->done++;
	slot_free(sl);
	sched_tell(r);
	fill(r);
}

static void count(size_t *n, bool *is, bool now)
{
	*n += (size_t)now - (size_t)*is;
	*is = now;
}

static void control(void *ctx, unsigned what)
{
	struct slot *sl = ctx;
	struct run *r = sl->run;
	char words[16];
	ssize_t n = read(sl->control, words, sizeof(words));

	(void)what;
	if (n <= 0) {
		loop_drop(sl->control_watch);
		sl->control_watch = NULL;
		return;
	}
	count(&r->idle, &sl->idle, words[n - 1] == WORKER_IDLE);
	count(&r->is_ready, &sl->is_ready, words[n - 1] == WORKER_READY);
	count(&r->is_short, &sl->is_short, words[n - 1] == WORKER_SHORT);
	sched_tell(r);
	fill(r);
}

static void overtime(void *ctx, unsigned what)
{
	struct slot *sl = ctx;

	(void)what;
	sl->overtime = NULL;
	snprintf(sl->launch->trouble, sizeof(sl->launch->trouble),
		 "the worker took too long and was stopped");
	pool_kill(sl->host, SIGKILL);
}

static int64_t plan_us(const struct plan *p)
{
	int64_t ms = 0;

	for (size_t i = 0; i < p->nsteps; i++) {
		ms += limit_ms(&p->head.limits, step_limit(&p->steps[i]));
		if (p->steps[i].kind == STEP_PAUSE)
			ms += p->steps[i].pause.ms;
	}
	return ms * 1000 * WORKER_STRETCH + OVERTIME_US;
}

static int sched_start(struct run *r, size_t number)
{
	struct launch *l = &r->launches[number];
	struct slot *sl = calloc(1, sizeof(*sl));
	int pair[2];

	if (!sl)
		die_oom();
	if (r->s->open_files(r->s->files_ctx, l, r->e)) {
		free(sl);
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		close_files(l);
		free(sl);
		return err_sys(r->e, errno, "socketpair");
	}
	*sl = (struct slot){ .run = r, .launch = l, .control = pair[0] };
	sl->host = pool_start(r->pool, number,
			      (int[]){ l->trace_fd, pair[1], l->pcap_fd },
			      l->pcap_fd < 0 ? 2 : 3, r->e);
	close(pair[1]);
	if (!sl->host) {
		close(pair[0]);
		close_files(l);
		free(sl);
		return -1;
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	watch_end(sl);
	sl->control_watch = loop_fd(r->loop, pair[0], LOOP_READ, control, sl);
	sl->overtime = loop_after(r->loop, plan_us(l->plan), overtime, sl);
	sl->next = r->slots;
	if (r->slots)
		r->slots->prev = sl;
	r->slots = sl;
	r->alive++;
	return 0;
}

static bool has_room(const struct run *r)
{
	size_t waiting = r->idle, spare = r->s->jobs * READY_PER_JOB;

	if (r->s->alone)
		return r->alive < ALONE_MAX && r->alive == r->idle;
	waiting += r->is_ready < spare ? r->is_ready : spare;
	return r->alive < ALIVE_MAX && r->is_short == 0 &&
	       r->alive - waiting < r->s->jobs;
}

/* Start as many as there is room for; stop the loop at the end. */
static void fill(struct run *r)
{
	struct order *o = &r->order;

	while (!r->interrupted && r->rc == 0 && o->next < o->n && has_room(r))
		r->rc = sched_start(r, o->v[o->next++]);
	if (r->alive == 0 && (o->next == o->n || r->interrupted || r->rc != 0))
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
		pool_kill(sl->host, r->s->sandbox ? SIGKILL : SIGTERM);
}

/* Until all have ended.  What ends a run is looked for here. */
static void run_all(struct run *r)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &old);
	r->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	loop_fd(r->loop, r->signal_fd, LOOP_READ, signalled, r);
	fill(r);
	if (r->alive > 0)
		loop_run(r->loop);
	close(r->signal_fd);
	sigprocmask(SIG_SETMASK, &old, NULL);
}

int sched_run(const struct sched *s, struct launch *launches, size_t n,
	      struct pool **pool, struct err *e)
{
	struct run r = { .s = s, .launches = launches, .n = n, .e = e };

	order_init(&r.order, launches, n);
	r.pool = pool_new(s->sandbox, job, &r, e);
	r.loop = r.pool ? loop_new(e) : NULL;
	if (r.loop)
		run_all(&r);
	else
		r.rc = -1;
	loop_free(r.loop);
	if (r.pool)
		pool_end(r.pool);
	*pool = r.pool;
	order_fini(&r.order);
	return r.rc;
}
