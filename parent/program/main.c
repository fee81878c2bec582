/*
 * main.c - ptparent: the parent process of a pluggable transport.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/program/app.h"

/* --- what happens --- */

static void became_ready(struct app *a)
{
	struct ptp_error err;

	if (a->o->config.role == PTP_SERVER) {
		server_ready(a);
	} else if (client_open(a, &err) < 0) {
		snprintf(a->why, sizeof(a->why), "%s", err.text);
		a->failed = true;
		ptp_stop(a->ptp);
		return;
	}
	output_notify(&a->out, "READY=1");
}

static void on_event(void *ctx, const struct ptp_event *ev)
{
	struct app *a = ctx;

	output_event(&a->out, ev);
	switch (ev->what) {
	case PTP_READY:
		became_ready(a);
		break;
	case PTP_FAILED:
		a->failed = true;
		ptp_printable(a->why, sizeof(a->why), ev->text);
		if (a->o->config.role == PTP_CLIENT)
			client_close(a);
		break;
	case PTP_EXITED:
		if (a->o->config.role == PTP_CLIENT)
			client_close(a);
		break;
	case PTP_RESTART:
		a->failed = false;
		break;
	case PTP_STOPPED:
		a->ended = true;
		break;
	case PTP_SPAWN:
	case PTP_CLOSE_STDIN:
	case PTP_SIGNAL:
	case PTP_STARTED:
	case PTP_VERSION:
	case PTP_PROXY:
	case PTP_METHOD:
	case PTP_METHOD_ERROR:
	case PTP_MISSING:
	case PTP_LOG:
	case PTP_STATUS:
	case PTP_OTHER:
	case PTP_VIOLATION:
		break;
	}
}

static void on_signal(struct poll_watch *w, uint32_t events)
{
	struct app *a = POLL_OWNER(w, struct app, signals);
	struct signalfd_siginfo si;

	(void)events;
	if (read(w->fd, &si, sizeof(si)) != sizeof(si))
		return;
	a->asked_to_stop = true;
	output_notify(&a->out, "STOPPING=1");
	ptp_stop(a->ptp);
}

static void on_process(struct poll_watch *w, uint32_t events)
{
	(void)events;
	ptp_step(POLL_OWNER(w, struct app, process)->ptp);
}

/* --- the state directory --- */

static const char *state_default(void)
{
	static char path[4096];
	const char *dir = getenv("STATE_DIRECTORY"); /* of systemd */
	const char *home = getenv("HOME");

	if (dir && *dir == '/') {
		/* Several are separated by colons. */
		snprintf(path, sizeof(path), "%.*s", (int)strcspn(dir, ":"),
			 dir);
		return path;
	}
	dir = getenv("XDG_STATE_HOME");
	if (dir && *dir == '/')
		snprintf(path, sizeof(path), "%s/ptparent", dir);
	else if (home && *home == '/')
		snprintf(path, sizeof(path), "%s/.local/state/ptparent", home);
	else
		return NULL;
	return path;
}

/* The absolute name of it, made with all above it. */
static int state_make(struct ptp_config *c, struct ptp_error *err)
{
	static char path[4096];
	const char *dir = c->state ? c->state : state_default();
	char here[2048] = "";

	if (!dir) {
		snprintf(err->text, sizeof(err->text),
			 "no --state, and neither $STATE_DIRECTORY, "
			 "$XDG_STATE_HOME nor $HOME");
		return -1;
	}
	if (*dir != '/' && !getcwd(here, sizeof(here)))
		here[0] = '\0';
	if (snprintf(path, sizeof(path), "%s%s%s", here, *here ? "/" : "",
		     dir) >= (int)sizeof(path)) {
		snprintf(err->text, sizeof(err->text),
			 "the name of the state directory is too long");
		return -1;
	}
	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	if (mkdir(path, 0700) < 0 && errno != EEXIST) {
		snprintf(err->text, sizeof(err->text), "%.300s: %s", path,
			 strerror(errno));
		return -1;
	}
	c->state = path;
	return 0;
}

/* --- running --- */

static void watch(struct app *a, struct poll_watch *w, int fd,
		  void (*ready)(struct poll_watch *, uint32_t))
{
	*w = (struct poll_watch){
		.fd = fd, .events = EPOLLIN, .deadline = -1, .ready = ready
	};
	poller_add(&a->poller, w);
}

static int prepare(struct app *a, struct ptp_error *err)
{
	struct ptp_config *c = &a->o->config;
	struct rlimit files;
	sigset_t stop;

	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	sigprocmask(SIG_BLOCK, &stop, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Two descriptors a connection. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	if (ptp_guard(err) < 0 || poller_init(&a->poller, err) < 0 ||
	    state_make(c, err) < 0)
		return -1;
	relays_init(&a->relays, &a->poller);
	if (c->role == PTP_SERVER && server_prepare(a, err) < 0)
		return -1;
	a->ptp = ptp_new(c, on_event, a, err);
	if (!a->ptp)
		return -1;
	watch(a, &a->process, ptp_fd(a->ptp), on_process);
	watch(a, &a->signals, signalfd(-1, &stop, SFD_CLOEXEC | SFD_NONBLOCK),
	      on_signal);
	return 0;
}

/* Blocks until something is due. */
static void wait_for(struct app *a)
{
	struct epoll_event ev;

	/* The descriptor of the poller is itself an epoll: level-triggered,
	 * so what is only looked at here is still there for the step. */
	if (epoll_wait(a->poller.epoll, &ev, 1, -1) >= 0)
		poller_step(&a->poller);
}

int main(int argc, char **argv)
{
	static struct app_options o;
	static struct app a = { .o = &o };
	struct ptp_error err;
	int status = options_parse_line(&o, argc, argv);

	if (status)
		return status;
	if (output_open(&a.out, o.events, o.quiet, &err) < 0 ||
	    prepare(&a, &err) < 0) {
		fprintf(stderr, "ptparent: %s\n", err.text);
		return APP_USAGE;
	}
	ptp_start(a.ptp);
	while (!a.ended)
		wait_for(&a);
	if (o.config.role == PTP_CLIENT)
		client_close(&a);
	ptp_free(a.ptp);
	server_close(&a);
	relays_fini(&a.relays);
	output_close(&a.out);
	if (a.asked_to_stop && !a.failed)
		return APP_STOPPED;
	fprintf(stderr, "ptparent: %s\n",
		*a.why ? a.why : "the transport ended");
	return APP_FAILED;
}
