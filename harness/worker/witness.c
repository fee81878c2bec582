/*
 * witness.c - what the transport does to the file system becomes facts: what
 * it is about to change (sys/watch.h), and what the files that it wrote hold.
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
#include "harness/sys/watch.h"

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
		rec(w, .kind = EV_CONTENT, .ch = span_str(at),
		    .text = span_str(path),
		    .data = span_of(bytes, n > 0 ? (size_t)n : 0),
		    .a = st.st_mode & 07777, .b = st.st_size);
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
static bool is_last_look(const struct worker *w, const struct watch_event *ev)
{
	switch (ev->op) {
	case WATCH_UNLINK:
	case WATCH_TRUNCATE:
	case WATCH_RENAME_TO:
		return is_written(w, ev->path.p);
	case WATCH_OPEN:
		return (ev->flags & O_TRUNC) && is_written(w, ev->path.p);
	case WATCH_CREATE:
	case WATCH_TMPFILE:
	case WATCH_MKDIR:
	case WATCH_MKNOD:
	case WATCH_RENAME:
	case WATCH_LINK:
	case WATCH_SYMLINK:
	case WATCH_RMDIR:
	case WATCH_CHMOD:
	case WATCH_CHOWN:
	case WATCH_UTIME:
	case WATCH_XATTR:
	case WATCH_BIND:
	case WATCH_WRITE:
	case WATCH_FSYNC:
	case WATCH_SOCKET:
	case WATCH_LISTEN:
	case WATCH_ACCEPT:
	case WATCH_CONNECT:
		break;
	}
	return false;
}

static void touched(void *ctx, const struct watch_event *ev)
{
	struct worker *w = ctx;
	const char *op = watch_op_name(ev->op);
	bool writes = ev->op == WATCH_CREATE || ev->op == WATCH_OPEN ||
		      ev->op == WATCH_RENAME_TO;

	if (ev->error) {
		rec(w, .kind = EV_INJECT, .ch = span_str(op),
		    .text = span_str(strerrorname_np(ev->error)),
		    .data = ev->path, .a = ev->error, .b = ev->pid);
		return;
	}
	if (ev->noop || w->ntouched++ >= EVENT_TOUCHES_MAX)
		return;
	if (!span_absent(ev->path) && is_last_look(w, ev))
		record_content(w, op, ev->path.p);
	rec(w, .kind = EV_TOUCH, .ch = span_str(op),
	    .text = span_str(watch_was_name(ev->was)), .data = ev->path,
	    .a = ev->mode, .b = ev->pid);
	if (writes && !span_absent(ev->path))
		note_written(w, ev->path.p);
}

/* --- on and off --- */

static const struct watch_filter *own_filter(struct worker *w)
{
	const struct plan *p = w->plan;

	for (size_t i = 0; i < p->ninject; i++)
		w->inject[i] = (struct watch_inject){
			.call = p->inject[i].call.p,
			.error = p->inject[i].error,
			.prefix = p->inject[i].below.p,
			.skip = (unsigned)p->inject[i].skip,
			.times = (unsigned)p->inject[i].times,
		};
	return watch_filter_new(w->inject, p->ninject);
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
		if (st->kind == STEP_EXPECT && (span_eqs(st->what, "done") ||
						span_eqs(st->what, "answer")))
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
		watch_usable(&e);
	if (e.msg[0])
		rec(w, .kind = EV_WATCH, .text = SPAN("off"),
		    .data = span_str(e.msg));
	else if (is_signalled_early(w->plan))
		rec(w, .kind = EV_WATCH, .text = SPAN("spared"));
	else
		w->filter = w->plan->ninject ? own_filter(w) : w->job->filter;
}

void witness_start(struct inst *in)
{
	struct worker *w = in->w;

	if (!w->filter)
		return;
	if (in->spawn.listener_fd >= 0) {
		in->watcher = watch_new(w->loop, in->spawn.listener_fd,
					w->filter, touched, w);
		rec(w, .kind = EV_WATCH, .text = SPAN("on"));
	} else if (in->spawn.listener_errno) {
		rec(w, .kind = EV_WATCH, .text = SPAN("off"),
		    .data = span_str(strerror(in->spawn.listener_errno)));
	}
}

void witness_end(struct worker *w)
{
	for (size_t i = 0; i < w->nwritten; i++)
		record_content(w, "end", w->written[i]);
}
