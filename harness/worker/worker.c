/*
 * worker.c - a worker: which parts it has, who does which step, and what
 * happens when something happened.
 *
 * In the sandbox the worker is pid 1, so its exit ends everything below it.
 */
#include "harness/worker/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "harness/worker/disk.h"
#include "harness/worker/parts.h"
#include "harness/worker/peer/proxy.h"

/* --- who does which step --- */

static void worker_look(void *ctx)
{
	struct worker *w = ctx;

	processor_look(&w->processor);
}

static bool worker_wants(void *ctx)
{
	const struct worker *w = ctx;

	return processor_is_wanted(&w->processor);
}

static struct event_processor worker_had(void *ctx)
{
	struct worker *w = ctx;

	return processor_had(&w->processor);
}

static void worker_assign(struct worker *w)
{
	static const struct step_ops *const ops[STEP_KINDS_N] = {
#define X(ID, name, ...) [STEP_##ID] = &step_##name##_ops,
		STEP_KINDS(X)
#undef X
	};
	void *const parts[STEP_PARTS_N] = {
#define X(ID, member) [PART_##ID] = &w->member,
		STEP_PARTS(X)
#undef X
	};

	for (size_t i = 0; i < STEP_KINDS_N; i++)
		w->rows[i] = (struct step_row){ ops[i], parts[ops[i]->part] };
	steps_init(&w->steps, &w->task, w->rows);
	w->steps.share =
		(struct step_share){ worker_look, worker_wants, worker_had, w };
}

/* --- what happens when something happened --- */

static void worker_go_on(struct worker *w)
{
	if (w->ending)
		ending_go_on(w);
	else if (!steps_go(&w->steps))
		return;
	else if (w->steps.hopeless)
		ending_abort(w, "aborted: a transport had too little of the "
				"processors to start");
	else
		ending_begin(w);
}

static void worker_check(void *ctx)
{
	struct worker *w = ctx;

	/* Steps call things that call back here. */
	if (w->in_check || w->told)
		return;
	w->in_check = true;
	worker_go_on(w);
	w->in_check = false;
}

static void worker_reap(void *ctx)
{
	struct worker *w = ctx;
	struct rusage ru;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &ru)) > 0)
		inst_reaped(&w->instances, pid, status, spawn_cpu_us(&ru));
	worker_check(w);
}

static void worker_stopped(void *ctx)
{
	ending_abort(ctx, "aborted: the harness was stopped");
}

/* --- putting it together --- */

static void worker_init(struct worker *w, const struct worker_job *job,
			struct loop *loop)
{
	struct task *t = &w->task;

	*t = (struct task){
		.job = job,
		.plan = job->plan,
		.steps = job->plan->steps,
		.settings = job->plan->settings,
		.loop = loop,
		.changed = worker_check,
		.changed_ctx = w,
	};
	recorder_init(&t->rec, loop, job->trace_fd, &job->plan->head);
	w->host = (struct host_watch){
		.stopped = worker_stopped,
		.reap = worker_reap,
		.ctx = w,
	};
	instances_init(&w->instances, t, &w->files);
	processor_init(&w->processor, t, &w->instances);
	conns_init(&w->conns, t);
	w->conns.open = pump_join;
	w->conns.open_ctx = &w->pump;
	listeners_init(&w->listeners, t, &w->conns);
	dials_init(&w->dials, t, &w->conns, &w->instances.announced);
	pump_init(&w->pump, t, &w->conns);
	ports_init(&w->ports, t);
	w->relays = (struct relays){ &w->listeners, false };
	w->conns.relays = &w->relays;
	udps_init(&w->udps, t, &w->conns, &w->instances);
	resolvers_init(&w->resolvers, t);
	wire_init(&w->wire, t, &w->instances, &w->listeners, &w->resolvers);
	app_init(&w->app, t, &w->listeners, &w->instances);
	w->bridges = (struct bridges){ t, &w->listeners, &w->wire };
	snapshots_init(&w->snapshots, t, &w->instances, &w->listeners,
		       &w->resolvers);
	w->waits = (struct waits){ t, &w->instances, &w->listeners,
				   &w->snapshots };
	w->ends = (struct ends){ t, &w->instances, &w->conns, &w->listeners,
				 &w->udps };
	worker_assign(w);
}

/* The process that lends the memory has more launches to come. */
static void worker_fini(struct worker *w)
{
	conns_close(&w->conns);
	udps_close(&w->udps);
	listeners_close(&w->listeners);
	ports_fini(&w->ports);
	resolvers_fini(&w->resolvers);
	instances_fini(&w->instances);
	file_facts_fini(&w->files);
	loop_free(w->task.loop);
	recorder_fini(&w->task.rec);
	arena_fini(&w->task.arena);
}

static int worker_set_up(struct worker *w, const struct sandbox_state *state)
{
	struct err e = { 0 };
	char how[ERR_MAX + 16];

	/* Modes of files are judged, so the usual mask, not the user's. */
	umask(022);
	if (!state->trouble && setup_watch_host(&w->host, &w->task, &e) == 0 &&
	    setup_directories(&w->task, &e) == 0 &&
	    disk_mount(&w->task, &e) == 0)
		return 0;
	snprintf(how, sizeof(how), "aborted: %s",
		 state->trouble ? state->trouble->msg : e.msg);
	ending_tell(w, how);
	return -1;
}

int worker_main(void *ctx, const struct sandbox_state *state)
{
	struct worker *w = calloc(1, sizeof(*w));
	struct err e = { 0 };
	struct loop *loop;
	int rc;

	if (!w)
		die_oom();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	loop = loop_new(&e);
	if (!loop)
		return 1;
	worker_init(w, ctx, loop);
	rc = worker_set_up(w, state);
	if (rc == 0) {
		wire_start(&w->wire, state);
		file_facts_init(&w->files, &w->task);
		worker_check(w);
		loop_run(loop);
		setup_clean_up(&w->task);
	}
	if (!file_facts_settings_kept(&w->files))
		rc = 1;
	worker_fini(w);
	free(w);
	return rc ? 1 : 0;
}
