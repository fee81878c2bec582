/*
 * witness.c - what the transport does to the file system becomes facts: what
 * it is about to change (sys/fswatch.h), and what the files that it wrote hold.
 *
 * A file is read twice at most: before it is removed, cut or replaced, and at
 * the end of the launch.  What is there for a moment only is thus seen, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/worker/worker_int.h"
#include "harness/sys/fswatch.h"

/* What a trace keeps of one file. */
#define CONTENT_KEEP 16384u

static void record_content(struct worker *w, const char *at, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char bytes[CONTENT_KEEP];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    w->ncontents < EVENT_CONTENTS_MAX) {
		n = pread(fd, bytes, sizeof(bytes), 0);
		w->ncontents++;
		rec(w, content, .at = span_str(at), .path = span_str(path),
		    .bytes = span_of(bytes, n > 0 ? (size_t)n : 0),
		    .mode = st.st_mode & 07777, .size = st.st_size);
	}
	close(fd);
}

static bool is_written(const struct worker *w, const char *path)
{
	for (size_t i = 0; i < w->nwritten; i++)
		if (strcmp(w->written[i], path) == 0)
			return true;
	return false;
}

static void note_written(struct worker *w, const char *path)
{
	if (w->nwritten < WRITTEN_MAX && !is_written(w, path))
		w->written[w->nwritten++] = strdup(path);
}

/* Is this the last chance to see what a file of the transport holds? */
static bool is_last_look(const struct worker *w, const struct fswatch_event *ev)
{
	switch (ev->op) {
	case FSWATCH_UNLINK:
	case FSWATCH_TRUNCATE:
	case FSWATCH_RENAME_TO:
		return is_written(w, ev->path.p);
	case FSWATCH_OPEN:
		return (ev->flags & O_TRUNC) && is_written(w, ev->path.p);
	case FSWATCH_CREATE:
	case FSWATCH_TMPFILE:
	case FSWATCH_MKDIR:
	case FSWATCH_MKNOD:
	case FSWATCH_RENAME:
	case FSWATCH_LINK:
	case FSWATCH_SYMLINK:
	case FSWATCH_RMDIR:
	case FSWATCH_CHMOD:
	case FSWATCH_CHOWN:
	case FSWATCH_UTIME:
	case FSWATCH_XATTR:
	case FSWATCH_BIND:
	case FSWATCH_WRITE:
	case FSWATCH_FSYNC:
	case FSWATCH_SOCKET:
	case FSWATCH_LISTEN:
	case FSWATCH_ACCEPT:
	case FSWATCH_CONNECT:
		break;
	}
	return false;
}

static void touched(void *ctx, const struct fswatch_event *ev)
{
	struct worker *w = ctx;
	const char *op = fswatch_op_name(ev->op);
	bool writes = ev->op == FSWATCH_CREATE || ev->op == FSWATCH_OPEN ||
		      ev->op == FSWATCH_RENAME_TO;

	if (ev->error) {
		rec(w, inject, .call = span_str(op),
		    .error = span_str(strerrorname_np(ev->error)),
		    .path = ev->path, .code = ev->error, .pid = ev->pid);
		return;
	}
	if (ev->noop || w->ntouched++ >= EVENT_TOUCHES_MAX)
		return;
	if (!span_absent(ev->path) && is_last_look(w, ev))
		record_content(w, op, ev->path.p);
	rec(w, touch, .op = span_str(op),
	    .was = span_str(fswatch_was_name(ev->was)), .path = ev->path,
	    .mode = ev->mode, .pid = ev->pid);
	if (writes && !span_absent(ev->path))
		note_written(w, ev->path.p);
}

/* --- on and off --- */

static const struct fswatch_filter *own_filter(struct worker *w)
{
	const struct plan *p = w->plan;

	for (size_t i = 0; i < p->ninject; i++)
		w->inject[i] = (struct fswatch_inject){
			.call = words_inject_call.names[p->inject[i].call],
			.error = p->inject[i].error,
			.prefix = p->inject[i].below.p,
			.skip = (unsigned)p->inject[i].skip,
			.times = (unsigned)p->inject[i].times,
		};
	return fswatch_filter_new(w->inject, p->ninject);
}

/* A call that a signal finds waiting for the watcher fails with EINTR, where
 * alone it could not have failed.  Behind its answer a transport has hardly
 * any files left to open; before, it would rightly report an error. */
static bool is_signalled_early(const struct plan *p)
{
	for (size_t i = 0; i < p->nsteps; i++) {
		const struct step *st = &p->steps[i];

		if (st->kind == STEP_SIGNAL)
			return true;
		if (st->kind == STEP_EXPECT &&
		    (st->expect.what == EXPECT_DONE ||
		     st->expect.what == EXPECT_ANSWER))
			return false;
	}
	return false;
}

void witness_prepare(struct worker *w)
{
	struct err e = { 0 };

	if (!w->job->sandbox)
		err_set(&e, 0, "needs a sandbox");
	else
		fswatch_usable(&e);
	if (e.msg[0])
		rec(w, fswatch, .state = SPAN("off"), .why = span_str(e.msg));
	else if (is_signalled_early(w->plan))
		rec(w, fswatch, .state = SPAN("spared"));
	else
		w->filter = w->plan->ninject ? own_filter(w) : w->job->filter;
}

void witness_start(struct inst *in)
{
	struct worker *w = in->w;

	if (!w->filter)
		return;
	if (in->spawn.listener_fd >= 0) {
		in->watcher = fswatch_new(w->loop, in->spawn.listener_fd,
					  w->filter, touched, w);
		rec(w, fswatch, .state = SPAN("on"));
	} else if (in->spawn.listener_errno) {
		rec(w, fswatch, .state = SPAN("off"),
		    .why = span_str(strerror(in->spawn.listener_errno)));
	}
}

void witness_end(struct worker *w)
{
	for (size_t i = 0; i < w->nwritten; i++)
		record_content(w, "end", w->written[i]);
}
