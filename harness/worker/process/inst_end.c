/*
 * inst_end.c - how a transport ends: told by the stand-in parent or by the
 * kernel, and finished when its streams are drained as well.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/worker/process/inst.h"

void inst_finish(struct inst *in)
{
	if (in->finished)
		return;
	in->finished = true;
	loop_drop(in->linger);
	in->linger = NULL;
	for (int i = 0; i < 2; i++)
		stream_close(&in->stream[i]);
	task_changed(in->all->task);
}

static void inst_lingered(void *ctx, unsigned what)
{
	struct inst *in = ctx;

	(void)what;
	in->linger = NULL;
	inst_finish(in);
}

void inst_see_finished(struct inst *in)
{
	if (in->alive || in->finished)
		return;
	if (in->stream[0].fd < 0 && in->stream[1].fd < 0)
		inst_finish(in);
	else if (!in->linger)
		in->linger = loop_after(in->all->task->loop, INST_LINGER_US,
					inst_lingered, in);
}

static void inst_ended(struct inst *in, int status, int64_t cpu_us)
{
	bool sig = WIFSIGNALED(status);

	if (!in->alive)
		return;
	in->alive = false;
	session_exited(&in->session);
	in->all->cpu_us += cpu_us;
	rec(in->all->task, exit, .what = span_str(in->pt),
	    .how = sig ? EXIT_HOW_KILLED : EXIT_HOW_EXITED,
	    .code = sig ? WTERMSIG(status) : WEXITSTATUS(status),
	    .cpu_us = cpu_us);
	/* Stalled streams must be drained now. */
	for (int i = 0; i < 2; i++)
		stream_drain(&in->stream[i]);
	/* What is ended with it. */
	if (in->killed)
		kill(-in->spawn.pid, SIGKILL);
	inst_see_finished(in);
	task_changed(in->all->task);
}

void inst_reported(void *ctx, unsigned what)
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
		inst_ended(in, in->report.status, in->report.cpu_us);
}

static void inst_parent_reaped(struct inst *in, int status)
{
	in->parent_alive = false;
	if (WIFSIGNALED(status))
		rec(in->all->task, exit, .what = span_str(in->parent),
		    .how = EXIT_HOW_KILLED, .code = WTERMSIG(status));
}

void inst_reaped(struct instances *all, pid_t pid, int status, int64_t cpu_us)
{
	for (size_t i = 0; i < all->n; i++) {
		struct inst *in = &all->v[i];

		if (pid == in->spawn.pid) {
			inst_ended(in, status, cpu_us);
			return;
		}
		if (pid == in->spawn.parent) {
			inst_parent_reaped(in, status);
			return;
		}
	}
}

bool inst_end(struct inst *in)
{
	if (!in->alive)
		return false;
	if (!in->killed) {
		rec(in->all->task, kill, .what = span_str(in->pt));
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

bool inst_all_finished(const struct instances *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (!all->v[i].finished)
			return false;
	return true;
}

bool inst_all_ended_themselves(const struct instances *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].killed || all->v[i].alive)
			return false;
	return all->n > 0;
}

bool inst_any_ended_itself(const struct instances *all)
{
	const struct inst *latest[2] = { NULL, NULL };

	for (size_t i = 0; i < all->n; i++)
		latest[all->v[i].peer] = &all->v[i];
	for (size_t i = 0; i < 2; i++)
		if (latest[i] && latest[i]->finished && !latest[i]->killed)
			return true;
	return false;
}
