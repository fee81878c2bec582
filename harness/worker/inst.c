/*
 * inst.c - one launched transport: its process, its three streams, its end.
 *
 * An instance has finished when its end is known and both streams are
 * drained: what it wrote before it died counts.  A descendant that keeps a
 * stream open holds that up for LINGER_US only.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/trace/settings.h"
#include "harness/worker/worker_int.h"

/* Reads per wake-up: a flood must not starve the deadlines. */
#define READS_MAX 16

struct inst *inst_last(struct worker *w)
{
	return w->ninst ? &w->inst[w->ninst - 1] : NULL;
}

bool inst_all_finished(const struct worker *w)
{
	for (size_t i = 0; i < w->ninst; i++)
		if (!w->inst[i].finished)
			return false;
	return true;
}

/* --- the end --- */

static void finish(struct inst *in)
{
	if (in->finished)
		return;
	in->finished = true;
	loop_drop(in->linger);
	in->linger = NULL;
	inst_close_stream(in, false);
	inst_close_stream(in, true);
	worker_check(in->w);
}

static void lingered(void *ctx, unsigned what)
{
	struct inst *in = ctx;

	(void)what;
	in->linger = NULL;
	finish(in);
}

static void see_finished(struct inst *in)
{
	if (in->alive || in->finished)
		return;
	if (in->stream[0].fd < 0 && in->stream[1].fd < 0)
		finish(in);
	else if (!in->linger)
		in->linger = loop_after(in->w->loop, LINGER_US, lingered, in);
}

static void ended(struct inst *in, int status, int64_t cpu_us)
{
	bool sig = WIFSIGNALED(status);

	if (!in->alive)
		return;
	in->alive = false;
	session_exited(&in->session);
	in->w->children_cpu += cpu_us;
	rec(in->w, exit, .what = span_str(in->pt),
	    .how = sig ? SPAN("killed") : SPAN("exited"),
	    .code = sig ? WTERMSIG(status) : WEXITSTATUS(status),
	    .cpu_us = cpu_us);
	/* Stalled streams must be drained now. */
	inst_stall(in, false);
	/* What is ended with it. */
	if (in->killed)
		kill(-in->spawn.pid, SIGKILL);
	see_finished(in);
	worker_check(in->w);
}

static void reported(void *ctx, unsigned what)
{
	struct inst *in = ctx;
	struct spawn_report end;
	ssize_t n = read(in->spawn.report_fd, &end, sizeof(end));

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == sizeof(end)) {
		in->report = end;
		in->has_report = true;
		return; /* until it is reaped, too: the end of file tells */
	}
	loop_drop(in->report_watch);
	in->report_watch = NULL;
	close(in->spawn.report_fd);
	in->spawn.report_fd = -1;
	/* Without a report the stand-in was killed; the transport is now a
	 * child of this process and SIGCHLD will tell. */
	if (in->has_report)
		ended(in, in->report.status, in->report.cpu_us);
}

void inst_reaped(struct worker *w, pid_t pid, int status, int64_t cpu_us)
{
	for (size_t i = 0; i < w->ninst; i++) {
		struct inst *in = &w->inst[i];

		if (pid == in->spawn.pid) {
			ended(in, status, cpu_us);
			return;
		}
		if (pid == in->spawn.parent) {
			in->parent_alive = false;
			if (WIFSIGNALED(status))
				rec(w, exit, .what = span_str(in->parent),
				    .how = SPAN("killed"),
				    .code = WTERMSIG(status));
			return;
		}
	}
}

bool inst_end(struct inst *in)
{
	if (!in->alive)
		return false;
	if (!in->killed) {
		rec(in->w, kill, .what = span_str(in->pt));
		in->killed = true;
		if (in->stdin_fd >= 0) {
			close(in->stdin_fd);
			in->stdin_fd = -1;
			return true;
		}
	}
	if (!in->asked) {
		in->asked = true;
		kill(in->spawn.pid, SIGTERM);
		return true;
	}
	/* Its whole session: what it forked goes with it, except what made a
	 * session of its own; the pid namespace ends that. */
	kill(-in->spawn.pid, SIGKILL);
	kill(in->spawn.pid, SIGKILL);
	return false;
}

/* --- lines --- */

static void announce(struct inst *in, const struct session_event *ev)
{
	struct worker *w = in->w;
	struct announced *an = &w->announced[w->nannounced];
	const struct ipc_method *m = &ev->method;

	if (w->nannounced == METHOD_MAX || !m->addr.family || !m->addr.port)
		return;
	/* Our word for it in the trace; a strange name is cut, not used. */
	snprintf(an->name, sizeof(an->name), "%.*s",
		 (int)(m->name.n < NAME_KEEP ? m->name.n : NAME_KEEP),
		 m->name.p);
	an->of = in;
	an->addr = m->addr;
	an->client = !ev->server;
	an->socks5 = an->client && span_eqs(m->proto, "socks5");
	an->socks4 = an->client && span_eqs(m->proto, "socks4");
	an->args = BUF_MAX(SESSION_LINE_MAX);
	buf_add(&an->args, m->args);
	an->tcp = !an->client || span_eqs(m->proto, "socks5") ||
		  span_eqs(m->proto, "socks4") ||
		  span_eqs(m->proto, "transparent-TCP");
	w->nannounced++;
}

/* Odd lines count like all others: a case goes on where it can. */
static void understand(struct stream *s, struct span chunk)
{
	struct inst *in = s->inst;
	struct session_event ev;

	while (session_feed(&in->session, s->is_err, &chunk, &ev)) {
		in->done |= ev.what == SESSION_DONE;
		in->method |= ev.what == SESSION_METHOD;
		if (ev.what == SESSION_METHOD)
			announce(in, &ev);
	}
}

/* What it is told, by its own command line and environment. */
static void begin_session(struct inst *in, enum role role,
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

/* --- streams --- */

static void stream_closed(struct stream *s)
{
	session_closed(&s->inst->session, s->is_err);
	loop_drop(s->watch);
	s->watch = NULL;
	close(s->fd);
	s->fd = -1;
	if (s->cut)
		rec(s->inst->w, cut, .on = span_str(s->name), .bytes = s->cut);
}

/* The part of @chunk that is still recorded: whole lines, or what fits. */
static struct span within_limits(struct stream *s, struct span chunk)
{
	struct span part = span_sub(chunk, 0, STREAM_KEEP - s->kept);

	/* A gap would make a lie of the lines around it. */
	if (s->cut || s->lines == STREAM_LINES || s->pieces == STREAM_PIECES)
		return span_sub(chunk, 0, 0);
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] == '\n' && ++s->lines == STREAM_LINES)
			return span_sub(part, 0, i + 1);
	return part;
}

/* What is not recorded is not understood either: a flood of short lines would
 * cost more than all the rest. */
static void keep(struct stream *s, struct span chunk)
{
	struct span part = within_limits(s, chunk);

	s->kept += part.n;
	s->pieces++;
	s->cut += (int64_t)(chunk.n - part.n);
	if (part.n)
		rec(s->inst->w, out, .on = span_str(s->name), .data = part);
	understand(s, part);
}

static void readable(void *ctx, unsigned what)
{
	struct stream *s = ctx;
	struct inst *in = s->inst;
	char bytes[65536];

	(void)what;
	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(s->fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			rec(in->w, eof, .on = span_str(s->name),
			    .how = SPAN("fin"));
			stream_closed(s);
			see_finished(in);
			break;
		}
		keep(s, span_of(bytes, (size_t)n));
	}
	worker_check(in->w);
}

/* A narrow pipe is looked at by the time, not by its descriptor. */
static void sip(void *ctx, unsigned what);

static struct watch *watch_stream(struct stream *s)
{
	struct loop *l = s->inst->w->loop;

	return s->narrow ? loop_after(l, NARROW_US, sip, s)
			 : loop_fd(l, s->fd, LOOP_READ, readable, s);
}

static void sip(void *ctx, unsigned what)
{
	struct stream *s = ctx;
	struct inst *in = s->inst;
	char byte;
	ssize_t n = read(s->fd, &byte, 1);

	(void)what;
	s->watch = NULL;
	if (n == 1)
		keep(s, span_of(&byte, 1));
	/* The end, and whatever a dead process left, the ordinary way. */
	if (n == 0 || !in->alive)
		s->narrow = false;
	s->watch = watch_stream(s);
	if (n == 1)
		worker_check(in->w);
}

void inst_close_stream(struct inst *in, bool err)
{
	struct stream *s = &in->stream[err];

	if (s->fd >= 0)
		stream_closed(s);
}

void inst_stall(struct inst *in, bool on)
{
	for (int i = 0; i < 2; i++) {
		struct stream *s = &in->stream[i];

		if (s->fd < 0)
			continue;
		if (on) {
			loop_drop(s->watch);
			s->watch = NULL;
		} else if (!s->watch) {
			s->watch = watch_stream(s);
		}
	}
}

void inst_close_stdin(struct inst *in)
{
	if (in->stdin_fd < 0)
		return;
	close(in->stdin_fd);
	in->stdin_fd = -1;
	rec(in->w, close, .what = span_str(in->in));
}

void inst_write(struct inst *in, struct span bytes, int64_t times)
{
	int64_t taken = 0, refused = 0;

	for (int64_t i = 0; i < times; i++) {
		ssize_t n = in->stdin_fd < 0
				    ? -1
				    : write(in->stdin_fd, bytes.p, bytes.n);

		taken += n > 0 ? n : 0;
		refused += (int64_t)bytes.n - (n > 0 ? n : 0);
	}
	rec(in->w, write, .on = span_str(in->in), .taken = taken,
	    .refused = refused);
}

/* --- starting --- */

static int open_pipes(struct inst *in, int child[3], struct err *e)
{
	enum stdin_kind kind = in->w->plan->stdin_kind;
	int in_pipe[2], pipes[2];

	child[0] = -1;
	in->stdin_fd = -1;
	if (kind == STDIN_NULL)
		child[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (kind == STDIN_PIPE) {
		if (pipe2(in_pipe, O_CLOEXEC))
			return err_sys(e, errno, "pipe");
		child[0] = in_pipe[0];
		in->stdin_fd = in_pipe[1];
		fcntl(in->stdin_fd, F_SETFL, O_NONBLOCK);
	}
	for (int i = 0; i < 2; i++) {
		if (pipe2(pipes, O_CLOEXEC))
			return err_sys(e, errno, "pipe");
		fcntl(pipes[0], F_SETFL, O_NONBLOCK);
		/* The least that the kernel gives is a page. */
		if (in->w->plan->narrow)
			fcntl(pipes[0], F_SETPIPE_SZ, 1);
		in->stream[i].narrow = in->w->plan->narrow;
		in->stream[i].fd = pipes[0];
		child[i + 1] = pipes[1];
	}
	return 0;
}

static const char **c_strings(const struct strings *l)
{
	const char **v = calloc(l->n + 1, sizeof(*v));

	if (!v)
		die_oom();
	for (size_t i = 0; i < l->n; i++)
		v[i] = strndup(l->v[i].p, l->v[i].n);
	return v;
}

static const char **c_pairs(const struct pairs *l)
{
	const char **v = calloc(l->n + 1, sizeof(*v));

	if (!v)
		die_oom();
	for (size_t i = 0; i < l->n; i++) {
		const struct pair *p = &l->v[i];
		char *s = malloc(p->key.n + p->value.n + 2);

		if (!s)
			die_oom();
		memcpy(s, p->key.p, p->key.n);
		s[p->key.n] = '=';
		if (p->value.n)
			memcpy(s + p->key.n + 1, p->value.p, p->value.n);
		s[p->key.n + 1 + p->value.n] = '\0';
		v[i] = s;
	}
	return v;
}

static void name_inst(struct inst *in, size_t nth)
{
	char prefix[4] = "";

	if (nth > 1)
		snprintf(prefix, sizeof(prefix), "%u:", (unsigned)nth % 10);
	snprintf(in->pt, sizeof(in->pt), "%spt", prefix);
	snprintf(in->parent, sizeof(in->parent), "%sparent", prefix);
	snprintf(in->in, sizeof(in->in), "%sstdin", prefix);
	for (int i = 0; i < 2; i++) {
		struct stream *s = &in->stream[i];

		*s = (struct stream){
			.inst = in,
			.is_err = i,
			.fd = -1,
		};
		snprintf(s->name, sizeof(s->name), "%s%s", prefix,
			 i ? "stderr" : "stdout");
	}
}

static void watch_inst(struct inst *in)
{
	struct worker *w = in->w;

	in->alive = true;
	in->parent_alive = in->spawn.parent != 0;
	if (in->spawn.report_fd >= 0)
		in->report_watch = loop_fd(w->loop, in->spawn.report_fd,
					   LOOP_READ, reported, in);
	inst_stall(in, false);
}

/* argv, envp: strings of the plan with NULs inside cannot be passed on. */
void inst_start(struct worker *w, bool peer)
{
	const struct plan *p = w->plan;
	const struct strings *argv = peer ? &p->peer_argv : &p->head.argv;
	const struct pairs *env = peer ? &p->peer_env : &p->head.env;
	struct inst *in = &w->inst[w->ninst];
	struct err e = { 0 };
	char cwd[256];
	int child[3] = { -1, -1, -1 };

	if (w->ninst == INST_MAX) {
		rec(w, skipped, .reason = SPAN("too many instances"),
		    .step = (int64_t)w->step + 1);
		return;
	}
	*in = (struct inst){ .w = w, .peer = peer };
	begin_session(in, peer ? !p->head.role : p->head.role, argv, env);
	name_inst(in, ++w->ninst);
	snprintf(cwd, sizeof(cwd), "%.*s/cwd", SPAN_ARG(p->work));
	in->spawn = (struct spawn){
		.argv = c_strings(argv),
		.envp = c_pairs(env),
		.cwd = cwd,
		.direct = p->parent_init,
		.nofile = p->nofile ? (struct rlimit){ (rlim_t)p->nofile,
						       (rlim_t)p->nofile }
				    : w->job->nofile,
		.drop_caps = w->job->sandbox,
		.filter = w->filter ? fswatch_filter_program(w->filter) : NULL,
		.listener_fd = -1,
		.report_fd = -1,
	};
	if (open_pipes(in, child, &e) == 0) {
		in->spawn.stdin_fd = child[0];
		in->spawn.stdout_fd = child[1];
		in->spawn.stderr_fd = child[2];
		spawn_start(&in->spawn, &e);
		for (int i = 0; i < 3; i++)
			if (child[i] >= 0)
				close(child[i]);
	}
	if (e.msg[0]) {
		rec(w, exec_failed, .what = span_str(in->pt),
		    .error = span_str(e.msg), .code = e.code);
		finish(in);
		return;
	}
	in->spawn.cwd = NULL;
	rec(w, spawn, .what = span_str(in->pt),
	    .role = peer ? SPAN("peer") : SPAN("own"), .pid = in->spawn.pid,
	    .ppid = in->spawn.parent ? in->spawn.parent : getpid());
	witness_start(in);
	if (in->spawn.exec_errno)
		rec(w, exec_failed, .what = span_str(in->pt),
		    .error = span_str(strerror(in->spawn.exec_errno)),
		    .code = in->spawn.exec_errno);
	watch_inst(in);
}
