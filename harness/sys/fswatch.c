/*
 * fswatch.c - the supervisor: take a notification, look, tell, answer; see
 * fswatch.h.
 */
#include "harness/sys/fswatch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "parent/base/arena.h"
#include "harness/sys/fswatch_int.h"
#include "harness/sys/observe.h"

/* Calls answered in one wake-up, so that a storm of them leaves time for
 * everything else. */
#define BATCH 32
#define YAMA "/proc/sys/kernel/yama/ptrace_scope"

struct fswatch {
	struct watch *watch;
	int fd;
	const struct fswatch_filter *filter;
	fswatch_fn *fn;
	void *ctx;
	unsigned *met; /* how often each injection fitted */
	/* Of the kernel's sizes, which may be more than is known here. */
	struct seccomp_notif *req;
	struct seccomp_notif_resp *resp;
	size_t req_size;
};

/* --- injections --- */

static bool fits(const struct fswatch_inject *in,
		 const struct fswatch_event *ev)
{
	return strcmp(in->call, fswatch_op_name(fswatch_op_class(ev->op))) ==
		       0 &&
	       (!in->prefix || (!span_absent(ev->path) &&
				span_starts(ev->path, span_str(in->prefix))));
}

/* The error that this call is to fail with, or 0. */
static int injected(struct fswatch *w, const struct fswatch_event *ev)
{
	const struct fswatch_inject *rows;
	size_t n;

	rows = fswatch_filter_rows(w->filter, &n);
	for (size_t i = 0; i < n && !ev->noop; i++) {
		const struct fswatch_inject *in = &rows[i];
		unsigned nth = w->met[i];

		if (!fits(in, ev))
			continue;
		if (nth < in->skip || in->times)
			w->met[i]++;
		if (nth >= in->skip && in->times && nth - in->skip >= in->times)
			w->met[i] = nth; /* it is used up */
		else if (nth >= in->skip)
			return in->error;
	}
	return 0;
}

/* --- answering --- */

/* A thread's process; most are their only thread. */
static pid_t process_of(pid_t tid)
{
	char name[32], text[512];
	const char *at;
	ssize_t n;
	int fd, pid = tid;

	if (syscall(SYS_tgkill, tid, tid, 0) == 0 || errno != ESRCH)
		return tid;
	snprintf(name, sizeof(name), "/proc/%d/status", (int)tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tid;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "\nTgid:");
	if (at)
		sscanf(at, "\nTgid: %d", &pid);
	return pid;
}

/* The arguments of a socketcall are in memory. */
static void unpack_socketcall(struct fswatch_look *l, bool wide)
{
	uint64_t words[3] = { 0 };
	uint32_t halves[3] = { 0 };

	if (wide)
		fswatch_fetch(l->tid, l->args[1], words, sizeof(words));
	else
		fswatch_fetch(l->tid, l->args[1], halves, sizeof(halves));
	for (int i = 0; i < 3; i++)
		l->args[i] = wide ? words[i] : halves[i];
}

/* Its caller still waits, so what was read in /proc was really its own. */
static bool is_valid(const struct fswatch *w)
{
	return ioctl(w->fd, SECCOMP_IOCTL_NOTIF_ID_VALID, &w->req->id) == 0;
}

/* Tell what there is to tell; the error that the call is to fail with. */
static int fswatch_tell(struct fswatch *w, struct fswatch_look *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		l->ev[i].error = injected(w, &l->ev[i]);
		if (!l->ev[i].error)
			continue;
		/* What does not happen is told once. */
		w->fn(w->ctx, &l->ev[i]);
		return l->ev[i].error;
	}
	for (unsigned i = 0; i < l->n && !l->quiet; i++)
		w->fn(w->ctx, &l->ev[i]);
	return 0;
}

static int examine(struct fswatch *w)
{
	const struct seccomp_data *d = &w->req->data;
	struct fswatch_look l = { .tid = (pid_t)w->req->pid };
	bool wide;

	l.call = fswatch_filter_find(w->filter, d->arch, d->nr, d->args[0],
				     &wide);
	if (!l.call)
		return 0;
	l.pid = process_of(l.tid);
	for (int i = 0; i < 6; i++)
		l.args[i] = d->args[i];
	if (l.call->sub)
		unpack_socketcall(&l, wide);
	fswatch_look(&l);
	return l.n && is_valid(w) ? fswatch_tell(w, &l) : 0;
}

/* One notification.  Both fail when the caller has died meanwhile. */
static void serve(struct fswatch *w)
{
	int error;

	memset(w->req, 0, w->req_size);
	if (ioctl(w->fd, SECCOMP_IOCTL_NOTIF_RECV, w->req))
		return;
	error = examine(w);
	w->resp->id = w->req->id;
	w->resp->val = 0;
	w->resp->error = -error;
	w->resp->flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	ioctl(w->fd, SECCOMP_IOCTL_NOTIF_SEND, w->resp);
}

static void stop(struct fswatch *w)
{
	loop_drop(w->watch);
	w->watch = NULL;
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
}

/* Receiving would wait, whatever the descriptor's flags are: ask before. */
static void ready(void *ctx, unsigned what)
{
	struct fswatch *w = ctx;
	struct pollfd p = { .fd = w->fd, .events = POLLIN };

	(void)what;
	for (int i = 0; i < BATCH && poll(&p, 1, 0) == 1; i++) {
		if (p.revents & POLLIN) {
			serve(w);
		} else {
			/* Nobody is left that the filter holds for. */
			stop(w);
			return;
		}
	}
}

/* --- its life --- */

int fswatch_usable(struct err *e)
{
	const unsigned notify = SECCOMP_RET_USER_NOTIF;
	char scope = '0';
	int fd;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &notify))
		return err_sys(e, errno, "no seccomp notifications here");
	/* Continuing a call came before (5.5). */
	if (close_range(~0U, ~0U, CLOSE_RANGE_CLOEXEC))
		return err_set(e, 0, "the kernel is older than 5.11");
	if (!observe_is_ours())
		return err_set(e, 0, OBSERVE_FOREIGN);
	fd = open(YAMA, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, &scope, 1) == 1 && scope == '3')
		err_set(e, 0, "%s is 3", YAMA);
	if (fd >= 0)
		close(fd);
	return scope == '3' ? -1 : 0;
}

struct fswatch *fswatch_new(struct loop *l, int listener,
			    const struct fswatch_filter *f, fswatch_fn *fn,
			    void *ctx)
{
	struct seccomp_notif_sizes size = { 0 };
	struct fswatch *w = calloc(1, sizeof(*w));
	size_t n;

	if (!w)
		die_oom();
	syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &size);
	if (size.seccomp_notif < sizeof(*w->req))
		size.seccomp_notif = sizeof(*w->req);
	if (size.seccomp_notif_resp < sizeof(*w->resp))
		size.seccomp_notif_resp = sizeof(*w->resp);
	fswatch_filter_rows(f, &n);
	w->fd = listener;
	w->filter = f;
	w->fn = fn;
	w->ctx = ctx;
	w->req_size = size.seccomp_notif;
	w->req = calloc(1, size.seccomp_notif);
	w->resp = calloc(1, size.seccomp_notif_resp);
	w->met = calloc(n + 1, sizeof(*w->met));
	if (!w->req || !w->resp || !w->met)
		die_oom();
	w->watch = loop_fd(l, listener, LOOP_READ, ready, w);
	return w;
}

void fswatch_free(struct fswatch *w)
{
	if (!w)
		return;
	stop(w);
	free(w->req);
	free(w->resp);
	free(w->met);
	free(w);
}
