/*
 * fswatch_launch.h - a launch that is watched: what the tests of fswatch.h
 * share.
 *
 * A static program (toucher.c) does one step after the other inside a sandbox,
 * below the working directory of a launch.  Not every test uses all of it.
 */
#ifndef PTCHECK_SYS_FSWATCH_LAUNCH_H
#define PTCHECK_SYS_FSWATCH_LAUNCH_H

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/tests/limits.h"
#include "harness/sys/fswatch.h"
#include "harness/sys/spawn.h"
#include "harness/sys/tests/inside.h"

#define CWD SANDBOX_WORK "/cwd"
#define N(a) (sizeof(a) / sizeof((a)[0]))
/* How long a program may take, in ms. */
#define PATIENCE 20000
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

static inline void note(void *ctx, const struct fswatch_event *ev)
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

static inline void read_out(void *ctx, unsigned what)
{
	struct launch *l = ctx;
	size_t n = strlen(l->text);
	ssize_t got;

	(void)what;
	got = read(l->out, l->text + n, sizeof(l->text) - 1 - n);
	if (got <= 0)
		loop_stop(l->loop);
}

static inline void too_late(void *ctx, unsigned what)
{
	struct launch *l = ctx;

	(void)what;
	l->late = true;
	kill(l->pid, SIGKILL);
	loop_stop(l->loop);
}

static inline void end(struct launch *l, struct spawn *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->parent ? s->parent : s->pid, NULL, 0);
	if (s->parent)
		close(s->report_fd);
	close(l->out);
	loop_free(l->loop);
}

static inline const char *start(struct launch *l, struct spawn *s,
				struct err *e)
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
	loop_after(l->loop, limits_ms(PATIENCE) * INT64_C(1000), too_late, l);
	return NULL;
}

/* Until its output has ended; NULL, or what went wrong. */
static inline const char *run(struct launch *l)
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
static inline const char *only(const char *wanted, const char *seen)
{
	return strcmp(seen, wanted) == 0 ? NULL : strcpy(oops, seen);
}

static inline const char *check_row(const struct row *r, bool stand_in,
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
static inline const char *check_rows(const struct rows *rows)
{
	const char *wrong = NULL;

	for (size_t i = 0; i < rows->n && !wrong; i++)
		wrong = check_row(&rows->row[i], i % 2, rows->in, rows->nin);
	return wrong;
}

static inline const char *rows_inside(void *arg)
{
	return check_rows(arg);
}

static inline void check(const struct row *row, size_t n)
{
	struct rows rows = { row, n, NULL, 0 };

	enter(true, rows_inside, &rows);
}

static inline void check_with(const struct row *row, size_t n,
			      const struct fswatch_inject *in, size_t nin)
{
	struct rows rows = { row, n, in, nin };

	enter(true, rows_inside, &rows);
}

/* A pipe has no path but what the kernel calls it, in numbers. */
static inline void hide_numbers(struct launch *l)
{
	char *to = l->seen;

	for (const char *c = l->seen; *c; c++)
		if (*c < '0' || *c > '9')
			*to++ = *c;
	*to = '\0';
}

/* The program is where the test is. */
static inline void find_toucher(void)
{
	char *slash;
	ssize_t n;

	n = readlink("/proc/self/exe", toucher, sizeof(toucher) - 16);
	toucher[n > 0 ? n : 0] = '\0';
	slash = strrchr(toucher, '/');
	strcpy(slash ? slash + 1 : toucher, "toucher");
}

#endif
