/*
 * inst.c - starting a transport, and what its lines say.
 */
#include "harness/worker/process/inst.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/case/late.h"
#include "harness/sys/observe.h"
#include "harness/trace/settings.h"

void instances_init(struct instances *all, struct task *t,
		    struct file_facts *files)
{
	*all = (struct instances){ .task = t, .files = files };
}

void instances_fini(struct instances *all)
{
	for (size_t i = 0; i < all->n; i++) {
		fswatch_free(all->v[i].watcher);
		session_fini(&all->v[i].session);
	}
}

struct inst *inst_last(struct instances *all)
{
	return all->about;
}

struct inst *inst_own(struct instances *all)
{
	for (size_t i = all->n; i > 0; i--)
		if (!all->v[i - 1].peer)
			return &all->v[i - 1];
	return NULL;
}

struct inst *inst_running(struct instances *all)
{
	struct inst *in = inst_last(all);

	return in && !in->finished ? in : NULL;
}

/* --- what it has --- */

/* Generations between a transport and who has a socket of it. */
#define OWNER_DEPTH 8

const struct inst *inst_of_socket(const struct instances *all, uint32_t inode)
{
	pid_t pid = all->n > 1 ? observe_socket_owner(inode) : 0;

	for (int depth = 0; pid > 1 && depth < OWNER_DEPTH; depth++) {
		for (size_t i = 0; i < all->n; i++)
			if (pid == all->v[i].spawn.pid)
				return &all->v[i];
		pid = observe_parent(pid);
	}
	return NULL;
}

/* --- what it says --- */

/* A server of the transport that this is about says what its clients have to
 * be told. */
static void inst_tells(struct inst *in, const struct ipc_method *m)
{
	struct task *t = in->all->task;
	const struct target_transport *about = t->plan->transport;

	if (about && span_eq(m->name, about->name))
		task_told(t, m->args);
}

/* Odd lines count like all others: a case goes on where it can. */
static void inst_understand(void *ctx, struct stream *s, struct span chunk)
{
	struct inst *in = ctx;
	struct session_event ev;

	while (session_feed(&in->session, s - in->stream, &chunk, &ev)) {
		in->done |= ev.what == SESSION_DONE;
		in->method |= ev.what == SESSION_METHOD;
		if (ev.what != SESSION_METHOD)
			continue;
		announced_add(&in->all->announced, in, &ev);
		if (ev.server)
			inst_tells(in, &ev.method);
	}
}

static void inst_stream_closed(void *ctx, struct stream *s)
{
	struct inst *in = ctx;

	session_closed(&in->session, s - in->stream);
	inst_see_finished(in);
}

/* What it is told, by its own command line and environment. */
static void inst_offer(struct inst *in, enum role role,
		       const struct strings *argv, const struct pairs *env)
{
	const struct session_offer offer = {
		.server = role == ROLE_SERVER,
		.versions = setting_value(argv, env,
					  "TOR_PT_MANAGED_TRANSPORT_VER"),
		.transports =
			setting_value(argv, env, setting_transports(role)),
		.proxy = setting_value(argv, env, "TOR_PT_PROXY").n > 0,
	};

	session_init(&in->session, &offer);
}

/* --- our ends of its streams --- */

void inst_stall(struct inst *in, bool on)
{
	for (int i = 0; i < 2; i++)
		stream_stall(&in->stream[i], on);
}

void inst_close_stdin(struct inst *in)
{
	if (in->stdin_fd < 0)
		return;
	close(in->stdin_fd);
	in->stdin_fd = -1;
	rec(in->all->task, close, .what = span_str(in->in));
}

static int inst_open_stdin(struct inst *in, int *child, struct err *e)
{
	int pipes[2];

	switch (in->all->task->plan->stdin_kind) {
	case STDIN_NULL:
		*child = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return 0;
	case STDIN_PIPE:
		if (pipe2(pipes, O_CLOEXEC))
			return err_sys(e, errno, "pipe");
		*child = pipes[0];
		in->stdin_fd = pipes[1];
		fcntl(in->stdin_fd, F_SETFL, O_NONBLOCK);
		return 0;
	case STDIN_CLOSED:
		break;
	}
	return 0;
}

static int inst_open_stream(struct stream *s, bool narrow, int *child,
			    struct err *e)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC))
		return err_sys(e, errno, "pipe");
	fcntl(pipes[0], F_SETFL, O_NONBLOCK);
	/* The least that the kernel gives is a page. */
	if (narrow)
		fcntl(pipes[0], F_SETPIPE_SZ, 1);
	s->narrow = narrow;
	s->fd = pipes[0];
	*child = pipes[1];
	return 0;
}

/* --- starting --- */

static const char **inst_words(struct arena *a, const struct strings *l)
{
	const char **v = arena_alloc(a, (l->n + 1) * sizeof(*v));

	for (size_t i = 0; i < l->n; i++)
		v[i] = l->v[i].n ? arena_span(a, l->v[i]).p : "";
	return v;
}

static const char **inst_variables(struct arena *a, const struct pairs *l)
{
	const char **v = arena_alloc(a, (l->n + 1) * sizeof(*v));

	for (size_t i = 0; i < l->n; i++) {
		const struct pair *p = &l->v[i];
		char *s = arena_alloc(a, p->key.n + p->value.n + 2);

		memcpy(s, p->key.p, p->key.n);
		s[p->key.n] = '=';
		if (p->value.n)
			memcpy(s + p->key.n + 1, p->value.p, p->value.n);
		v[i] = s;
	}
	return v;
}

static void inst_name(struct inst *in, size_t nth)
{
	char prefix[4] = "", name[16];

	if (nth > 1)
		snprintf(prefix, sizeof(prefix), "%u:", (unsigned)nth % 10);
	snprintf(in->pt, sizeof(in->pt), "%spt", prefix);
	snprintf(in->parent, sizeof(in->parent), "%sparent", prefix);
	snprintf(in->in, sizeof(in->in), "%sstdin", prefix);
	for (int i = 0; i < 2; i++) {
		struct stream *s = &in->stream[i];

		snprintf(name, sizeof(name), "%s%s", prefix,
			 i == SESSION_STDERR ? "stderr" : "stdout");
		stream_init(s, in->all->task, name);
		s->take = inst_understand;
		s->closed = inst_stream_closed;
		s->ctx = in;
	}
}

static void inst_watch(struct inst *in)
{
	in->alive = true;
	in->parent_alive = in->spawn.parent != 0;
	if (in->spawn.report_fd >= 0)
		in->report_watch = loop_fd(in->all->task->loop,
					   in->spawn.report_fd, LOOP_READ,
					   inst_reported, in);
	inst_stall(in, false);
}

/* With pipes of its own, whose other ends only it has then. */
static void inst_spawn(struct inst *in, struct err *e)
{
	bool narrow = in->all->task->plan->narrow;
	int child[3] = { -1, -1, -1 };

	if (inst_open_stdin(in, &child[0], e) == 0 &&
	    inst_open_stream(&in->stream[0], narrow, &child[1], e) == 0 &&
	    inst_open_stream(&in->stream[1], narrow, &child[2], e) == 0) {
		in->spawn.stdin_fd = child[0];
		in->spawn.stdout_fd = child[1];
		in->spawn.stderr_fd = child[2];
		spawn_start(&in->spawn, e);
	}
	for (int i = 0; i < 3; i++)
		if (child[i] >= 0)
			close(child[i]);
}

/* Strings of the plan with NULs inside are cut there: nothing else can be
 * passed on. */
static void inst_prepare(struct inst *in, const struct strings *argv,
			 const struct pairs *env)
{
	struct task *t = in->all->task;
	const struct plan *p = t->plan;
	rlim_t nofile = (rlim_t)p->nofile;

	in->spawn = (struct spawn){
		.argv = inst_words(&t->arena, argv),
		.envp = inst_variables(&t->arena, env),
		.cwd = arena_printf(&t->arena, "%.*s/cwd", SPAN_ARG(p->work)),
		.direct = p->parent == PARENT_INIT,
		.reaped = p->parent == PARENT_REAPED,
		.thread = p->parent == PARENT_THREAD,
		.nofile = nofile ? (struct rlimit){ nofile, nofile }
				 : t->job->nofile,
		.drop_caps = t->job->sandbox,
		.filter = file_facts_program(in->all->files),
		.listener_fd = -1,
		.report_fd = -1,
	};
}

static void inst_tell_start(struct inst *in)
{
	struct task *t = in->all->task;
	int error = in->spawn.exec_errno;

	rec(t, spawn, .what = span_str(in->pt),
	    .role = in->peer ? SPAN("peer") : SPAN("own"), .pid = in->spawn.pid,
	    .ppid = in->spawn.parent ? in->spawn.parent : getpid());
	in->watcher = file_facts_watch(in->all->files, &in->spawn);
	if (error)
		rec(t, exec_failed, .what = span_str(in->pt),
		    .error = span_str(strerror(error)), .code = error);
}

/* "pt" is the first of the role that this is about, whichever was first. */
static size_t inst_number(struct instances *all, bool peer)
{
	if (!peer && !inst_own(all))
		return 1;
	return all->n ? all->n + 1 : 2;
}

/* The command line; a client's tells it what its server has said by now. */
static struct strings inst_argv(struct task *t, bool peer, bool again)
{
	const struct plan *p = t->plan;
	const struct strings *argv = peer    ? &p->peer_argv
				     : again ? &p->again_argv
					     : &p->head.argv;
	enum role role = peer ? !p->head.role : p->head.role;

	return t->told && p->late && role == ROLE_CLIENT
		       ? late_argv(p, argv, &t->settings, &t->arena)
		       : *argv;
}

void inst_start(struct instances *all, bool peer)
{
	const struct plan *p = all->task->plan;
	bool again = !peer && inst_own(all) && p->again_env.n;
	struct strings argv = inst_argv(all->task, peer, again);
	const struct pairs *env = peer	  ? &p->peer_env
				  : again ? &p->again_env
					  : &p->head.env;
	struct inst *in = &all->v[all->n];
	size_t number = inst_number(all, peer);
	struct err e = { 0 };

	if (all->n == INST_MAX) {
		task_skipped(all->task, "too many instances");
		return;
	}
	*in = (struct inst){ .all = all, .peer = peer, .stdin_fd = -1 };
	all->about = in;
	inst_name(in, number);
	all->n++;
	inst_offer(in, peer ? !p->head.role : p->head.role, &argv, env);
	inst_prepare(in, &argv, env);
	inst_spawn(in, &e);
	if (e.msg[0]) {
		rec(all->task, exec_failed, .what = span_str(in->pt),
		    .error = span_str(e.msg), .code = e.code);
		inst_finish(in);
		return;
	}
	inst_tell_start(in);
	inst_watch(in);
}
