/* file_facts.c - see file_facts.h. */
#include "harness/worker/facts/file_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a trace keeps of one file; a virtual machine for Java counts what it does
 * in one of 32 KiB. */
#define CONTENT_KEEP 65536u

static void file_facts_content(struct file_facts *f, const char *at,
			       const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	char bytes[CONTENT_KEEP];
	struct stat st;
	ssize_t n;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    f->kept < EVENT_CONTENTS_KEEP) {
		n = pread(fd, bytes, sizeof(bytes), 0);
		f->kept += n > 0 ? (size_t)n : 0;
		rec(f->task, content, .at = span_str(at),
		    .path = span_str(path),
		    .bytes = span_of(bytes, n > 0 ? (size_t)n : 0),
		    .mode = st.st_mode & 07777, .size = st.st_size);
	}
	close(fd);
}

static bool file_facts_is_written(const struct file_facts *f, const char *path)
{
	for (size_t i = 0; i < f->nwritten; i++)
		if (strcmp(f->written[i], path) == 0)
			return true;
	return false;
}

static void file_facts_note(struct file_facts *f, const char *path)
{
	struct arena *a = &f->task->arena;

	if (file_facts_is_written(f, path))
		return;
	arena_grow(a, f->written, f->nwritten, f->room);
	f->written[f->nwritten++] = arena_strdup(a, path);
}

/* Is this the last chance to see what a file of the transport holds? */
static bool file_facts_is_last_look(const struct file_facts *f,
				    const struct fswatch_event *ev)
{
	switch (ev->op) {
	case FSWATCH_UNLINK:
	case FSWATCH_TRUNCATE:
	case FSWATCH_RENAME_TO:
		return file_facts_is_written(f, ev->path.p);
	case FSWATCH_OPEN:
		return (ev->flags & O_TRUNC) &&
		       file_facts_is_written(f, ev->path.p);
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

/* Written to, can this be a setting of the kernel?  They are below /proc/sys,
 * but may be mounted elsewhere, too. */
static bool file_facts_is_far_away(const struct file_facts *f,
				   const struct fswatch_event *ev)
{
	struct span work = f->task->plan->work;

	return (ev->op == FSWATCH_OPEN || ev->op == FSWATCH_CREATE) &&
	       (span_absent(ev->path) ||
		(!span_starts(ev->path, work) &&
		 !span_starts(ev->path, SPAN("/dev/"))));
}

static void file_facts_touched(void *ctx, const struct fswatch_event *ev)
{
	struct file_facts *f = ctx;
	const char *op = fswatch_op_name(ev->op);
	bool writes = ev->op == FSWATCH_CREATE || ev->op == FSWATCH_OPEN ||
		      ev->op == FSWATCH_RENAME_TO;

	if (ev->error) {
		rec(f->task, inject, .call = span_str(op),
		    .error = span_str(strerrorname_np(ev->error)),
		    .path = ev->path, .code = ev->error, .pid = ev->pid);
		return;
	}
	f->far_away |= file_facts_is_far_away(f, ev);
	if (ev->noop || f->ntouched++ >= EVENT_TOUCHES_MAX)
		return;
	if (!span_absent(ev->path) && file_facts_is_last_look(f, ev))
		file_facts_content(f, op, ev->path.p);
	rec(f->task, touch, .op = span_str(op),
	    .was = span_str(fswatch_was_name(ev->was)), .path = ev->path,
	    .mode = ev->mode, .pid = ev->pid);
	if (writes && !span_absent(ev->path))
		file_facts_note(f, ev->path.p);
}

/* --- on and off --- */

static struct fswatch_filter *file_facts_filter(struct file_facts *f)
{
	const struct plan *p = f->task->plan;

	for (size_t i = 0; i < p->ninject; i++)
		f->inject[i] = (struct fswatch_inject){
			.call = words_inject_call.names[p->inject[i].call],
			.error = p->inject[i].error,
			.prefix = p->inject[i].below.p,
			.skip = (unsigned)p->inject[i].skip,
			.times = (unsigned)p->inject[i].times,
		};
	return fswatch_filter_new(f->inject, p->ninject);
}

/* A call that a signal finds waiting for the watcher fails with EINTR, where
 * alone it could not have failed.  Behind its answer a transport has hardly
 * any files left to open; before, it would rightly report an error. */
static bool file_facts_signalled(const struct plan *p)
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

void file_facts_init(struct file_facts *f, struct task *t)
{
	struct err e = { 0 };

	*f = (struct file_facts){ .task = t };
	if (!t->job->sandbox)
		err_set(&e, 0, "needs a sandbox");
	else
		fswatch_usable(&e);
	if (e.msg[0]) {
		rec(t, fswatch, .state = FSWATCH_IS_OFF,
		    .why = span_str(e.msg));
	} else if (file_facts_signalled(t->plan)) {
		rec(t, fswatch, .state = FSWATCH_IS_SPARED);
	} else if (t->plan->ninject) {
		f->own = file_facts_filter(f);
		f->filter = f->own;
	} else {
		f->filter = t->job->filter;
	}
}

void file_facts_fini(struct file_facts *f)
{
	fswatch_filter_free(f->own);
}

const struct sock_fprog *file_facts_program(const struct file_facts *f)
{
	return f->filter ? fswatch_filter_program(f->filter) : NULL;
}

struct fswatch *file_facts_watch(struct file_facts *f, const struct spawn *s)
{
	struct task *t = f->task;

	if (!f->filter || s->listener_fd < 0)
		f->unseen = true;
	if (!f->filter)
		return NULL;
	if (s->listener_fd >= 0) {
		rec(t, fswatch, .state = FSWATCH_IS_ON);
		return fswatch_new(t->loop, s->listener_fd, f->filter,
				   file_facts_touched, f);
	}
	if (s->listener_errno)
		rec(t, fswatch, .state = FSWATCH_IS_OFF,
		    .why = span_str(strerror(s->listener_errno)));
	return NULL;
}

bool file_facts_settings_kept(const struct file_facts *f)
{
	return geteuid() != 0 || (!f->unseen && !f->far_away);
}

void file_facts_end(struct file_facts *f)
{
	for (size_t i = 0; i < f->nwritten; i++)
		file_facts_content(f, "end", f->written[i]);
}
