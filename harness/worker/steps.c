/*
 * steps.c - what each kind of step does, and when a waiting one is through.
 *
 * A new kind: a row in case/format/step_kinds.h, one
 * function here in `begin`, and a condition in step_met() if it waits.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/text.h"
#include "harness/worker/worker_int.h"
#include "harness/sys/observe.h"
#include "harness/sys/sandbox.h"

static const struct step *current(const struct worker *w)
{
	return &w->plan->steps[w->step];
}

static void skipped(struct worker *w, const char *reason)
{
	rec(w, skipped, .reason = span_str(reason),
	    .step = (int64_t)w->step + 1);
}

/* Is there a transport that can still do something? */
static bool running(struct worker *w)
{
	struct inst *in = inst_last(w);

	return in && !in->finished;
}

/* --- steps that are done at once --- */

static void begin_start(struct worker *w)
{
	inst_start(w, current(w)->start.role == START_PEER);
}

static void begin_snapshot(struct worker *w)
{
	char name[32];
	const struct step_snapshot *st = &current(w)->snapshot;

	text_showbuf(name, sizeof(name), st->as);
	worker_snapshot(w, st->of, name);
}

static void begin_send(struct worker *w)
{
	net_send(w, current(w)->send.on, current(w)->send.bytes);
}

static void begin_listen(struct worker *w)
{
	const struct step_listen *st = &current(w)->listen;

	net_listen(w, st->at, st->as, st->full, NULL);
}

static void begin_proxy(struct worker *w)
{
	const struct step_proxy *st = &current(w)->proxy;

	net_listen(w, st->at, st->as, false, current(w));
}

static void say_skipped(struct worker *w, const char *why)
{
	if (why)
		skipped(w, why);
}

static void begin_extor(struct worker *w)
{
	const struct step_extor *st = &current(w)->extor;

	say_skipped(w, extor_prepare(w));
	net_listen(w, st->at, st->as, false, current(w));
}

static void begin_file(struct worker *w)
{
	say_skipped(w, disk_file(w, &current(w)->file));
}

static void begin_garble(struct worker *w)
{
	say_skipped(w, disk_garble(w, &current(w)->garble));
}

static void begin_write(struct worker *w)
{
	const struct step_write *st = &current(w)->write;

	if (running(w))
		inst_write(inst_last(w), st->bytes, st->times);
}

static void begin_close(struct worker *w)
{
	struct span what = current(w)->close.what;
	struct inst *in = inst_last(w);

	if (span_eqs(what, "stdin")) {
		if (in)
			inst_close_stdin(in);
	} else if (span_eqs(what, "stdout") || span_eqs(what, "stderr")) {
		bool err = span_eqs(what, "stderr");

		if (!in || in->stream[err].fd < 0)
			return;
		rec(w, close, .what = span_str(in->stream[err].name));
		inst_close_stream(in, err);
	} else {
		net_close(w, what, current(w)->close.how);
	}
}

static void set_stall(struct worker *w, struct span what, bool on)
{
	if (!span_eqs(what, "output"))
		net_stall(w, what, on);
	else if (running(w))
		inst_stall(inst_last(w), on);
}

static void begin_stall(struct worker *w)
{
	set_stall(w, current(w)->stall.on, true);
}

static void begin_resume(struct worker *w)
{
	set_stall(w, current(w)->resume.on, false);
}

static void begin_signal(struct worker *w)
{
	static const int numbers[] = {
#define X(P, id, ...) [P##_##id] = SIG##id,
		SIGNALS(X, SIGNAL)
#undef X
	};
	const struct step_signal *st = &current(w)->signal;
	struct inst *in = inst_last(w);
	bool parent = st->to == SIGNAL_TO_PARENT;
	pid_t pid;

	if (!in || (parent ? !in->parent_alive : !in->alive))
		return;
	pid = parent ? in->spawn.parent : in->spawn.pid;
	rec(w, signal, .to = span_str(parent ? in->parent : in->pt),
	    .signal = span_str(words_signal_id.names[st->id]));
	kill(pid, numbers[st->id]);
}

static void begin_ports(struct worker *w)
{
	int64_t left = current(w)->ports.left;
	struct err e = { 0 };

	if (!w->job->sandbox) {
		skipped(w, "needs a sandbox");
		return;
	}
	if (w->scarce_fd >= 0)
		close(w->scarce_fd);
	if (sandbox_ports((int)left, &w->scarce_fd, &e))
		skipped(w, e.msg);
	else
		rec(w, ports, .left = left);
}

/* --- steps that may wait --- */

static void begin_connect(struct worker *w)
{
	net_connect(w, &current(w)->connect);
}

/* How much the transport has worked, to see what an idle one does. */
static void note_cpu(struct worker *w, struct span at)
{
	struct inst *in = inst_last(w);
	int64_t us = in && in->alive ? observe_cpu_us(in->spawn.pid) : -1;

	if (us >= 0)
		rec(w, cpu, .at = at, .us = us);
}

static void begin_socks(struct worker *w)
{
	app_start(w, &current(w)->socks);
}

static void begin_pump(struct worker *w)
{
	pump_start(w, &current(w)->pump);
}

static void begin_window(struct worker *w)
{
	note_cpu(w, SPAN("open"));
	rec(w, window, .state = SPAN("open"),
	    .ms = step_window_ms(&current(w)->window, &w->plan->head.limits));
}

/* All of them: a case may have started two ends of a tunnel. */
static void begin_stop(struct worker *w)
{
	for (size_t i = 0; i < w->ninst; i++)
		inst_close_stdin(&w->inst[i]);
}

static void begin_nothing(struct worker *w)
{
	(void)w;
}

static void (*const begin[STEP_KINDS_N])(struct worker *w) = {
	[STEP_START] = begin_start,	[STEP_EXPECT] = begin_nothing,
	[STEP_SETTLE] = begin_nothing,	[STEP_SNAPSHOT] = begin_snapshot,
	[STEP_CONNECT] = begin_connect, [STEP_SEND] = begin_send,
	[STEP_RECV] = begin_nothing,	[STEP_LISTEN] = begin_listen,
	[STEP_SOCKS] = begin_socks,	[STEP_PROXY] = begin_proxy,
	[STEP_FILE] = begin_file,	[STEP_GARBLE] = begin_garble,
	[STEP_EXTOR] = begin_extor,	[STEP_PUMP] = begin_pump,
	[STEP_WRITE] = begin_write,	[STEP_CLOSE] = begin_close,
	[STEP_STALL] = begin_stall,	[STEP_RESUME] = begin_resume,
	[STEP_SIGNAL] = begin_signal,	[STEP_PAUSE] = begin_nothing,
	[STEP_WAIT] = begin_nothing,	[STEP_WINDOW] = begin_window,
	[STEP_PORTS] = begin_ports,	[STEP_STOP] = begin_stop,
};

static bool expected(struct worker *w, enum expectation what)
{
	const struct inst *in = inst_last(w);

	if (!in)
		return true;
	switch (what) {
	case EXPECT_VERSION:
		return in->session.versioned;
	case EXPECT_METHOD:
		return in->method;
	case EXPECT_DONE:
		return in->done;
	case EXPECT_ANSWER:
		return in->done || in->session.fatal;
	}
	return true;
}

/* Nothing tells when a descriptor is closed: the loop looks again and again,
 * see look_again(). */
static bool fds_settled(struct worker *w, struct span snapshot)
{
	const struct inst *in = inst_last(w);

	for (size_t i = 0; i < w->nfds; i++)
		if (span_eq(w->plan->steps[w->fds[i].step].snapshot.as,
			    snapshot))
			return observe_fds(in->spawn.pid) <= w->fds[i].n;
	return true;
}

/* A step that says something at its end, however soon that comes. */
static bool waits_for_fds(const struct step *st)
{
	return st->kind == STEP_WAIT && st->wait.what == WAIT_FDS;
}

static bool tells_end(const struct step *st)
{
	return st->kind == STEP_WINDOW || waits_for_fds(st);
}

/* Only the conditions; the deadline is the caller's. */
bool step_met(struct worker *w)
{
	const struct step *st = current(w);
	const struct inst *in = inst_last(w);
	bool gone = !in || in->finished;

	switch (st->kind) {
	case STEP_EXPECT:
		return gone || expected(w, st->expect.what);
	case STEP_SETTLE:
		return gone || !in->session.fatal;
	case STEP_CONNECT:
		return !w->dial.busy;
	case STEP_SOCKS:
		return !w->app.busy || net_accepted(w, st->socks.until);
	case STEP_PUMP:
		return pump_done(w);
	case STEP_RECV:
		return net_received(w, st->recv.on, st->recv.count);
	case STEP_WAIT:
		if (st->wait.what == WAIT_ACCEPT)
			return gone || net_accepted(w, st->wait.on);
		if (st->wait.what == WAIT_FDS)
			return gone || fds_settled(w, st->wait.on);
		return gone;
	case STEP_WINDOW:
		return gone;
	case STEP_STOP:
		return inst_all_finished(w);
	case STEP_PAUSE:
		return w->timed_out;
	case STEP_START:
	case STEP_SNAPSHOT:
	case STEP_SEND:
	case STEP_LISTEN:
	case STEP_EXTOR:
	case STEP_PROXY:
	case STEP_FILE:
	case STEP_GARBLE:
	case STEP_WRITE:
	case STEP_CLOSE:
	case STEP_STALL:
	case STEP_RESUME:
	case STEP_SIGNAL:
	case STEP_PORTS:
	case STEP_KINDS_N:
		break;
	}
	return true;
}

/* --- going through them --- */

static int64_t deadline_us(const struct worker *w, const struct step *st)
{
	if (st->kind == STEP_STOP)
		return STOP_US;
	if (st->kind == STEP_PAUSE)
		return st->pause.ms * 1000;
	if (st->kind == STEP_WINDOW)
		return step_window_ms(&st->window, &w->plan->head.limits) *
		       1000;
	return limit_ms(&w->plan->head.limits, step_limit(st)) * 1000;
}

static void timed_out(void *ctx, unsigned what)
{
	struct worker *w = ctx;

	(void)what;
	w->deadline = NULL;
	/* How fast a machine is says nothing; only standing still does. */
	if (w->pump_moved && current(w)->kind == STEP_PUMP) {
		w->pump_moved = false;
		w->deadline = loop_after(w->loop, deadline_us(w, current(w)),
					 timed_out, w);
		return;
	}
	w->timed_out = true;
	worker_check(w);
}

static void park(void *ctx, unsigned what)
{
	struct worker *w = ctx;
	char word = WORKER_PARKED;

	(void)what;
	w->park = NULL;
	w->parked = write(w->job->control_fd, &word, 1) == 1;
}

static void look_again(void *ctx, unsigned what)
{
	struct worker *w = ctx;

	(void)what;
	w->look = loop_after(w->loop, LOOK_US, look_again, w);
	worker_check(w);
}

static void unpark(struct worker *w)
{
	char word = WORKER_BUSY;

	loop_drop(w->park);
	w->park = NULL;
	if (w->parked && write(w->job->control_fd, &word, 1) == 1)
		w->parked = false;
}

/* What the step has going on does not outlive it, however soon it is over. */
static void put_away(struct worker *w)
{
	const struct step *st = current(w);

	if (st->kind == STEP_CONNECT)
		net_connect_stop(w, "timeout");
	if (st->kind == STEP_SOCKS)
		app_stop(w, w->timed_out ? "timeout" : "left");
	if (st->kind == STEP_PUMP)
		pump_end(w);
}

/* The current step is over, one way or the other. */
static void leave(struct worker *w)
{
	const struct step *st = current(w);
	int64_t number = (int64_t)w->step + 1;

	put_away(w);
	if (st->kind == STEP_WINDOW) {
		rec(w, window, .state = SPAN("closed"),
		    .ms = step_window_ms(&st->window, &w->plan->head.limits));
		note_cpu(w, SPAN("closed"));
	} else if (st->kind == STEP_PAUSE || st->kind == STEP_STOP) {
		;
	} else if (w->timed_out) {
		rec(w, limit, .limit = span_str(limit_name(step_limit(st))),
		    .step = number,
		    .ms = limit_ms(&w->plan->head.limits, step_limit(st)));
	} else {
		rec(w, met, .step = number);
	}
	if (waits_for_fds(st))
		worker_snapshot(w, SNAPSHOT_FDS, "settled");
	loop_drop(w->look);
	w->look = NULL;
	loop_drop(w->deadline);
	w->deadline = NULL;
	w->waiting = false;
	unpark(w);
	w->step++;
}

static void wait_for_it(struct worker *w, const struct step *st)
{
	bool just_time = st->kind == STEP_WINDOW || st->kind == STEP_PAUSE;

	w->waiting = true;
	w->deadline = loop_after(w->loop, deadline_us(w, st), timed_out, w);
	if (waits_for_fds(st))
		w->look = loop_after(w->loop, LOOK_US, look_again, w);
	if (just_time && st->kind == STEP_WINDOW)
		park(w, 0);
	else
		w->park = loop_after(w->loop, PARK_US, park, w);
}

void steps_go(struct worker *w)
{
	while (w->step < w->plan->nsteps) {
		const struct step *st = current(w);

		if (!w->waiting) {
			rec(w, step, .kind = span_str(step_name(st->kind)),
			    .step = (int64_t)w->step + 1);
			w->timed_out = false;
			begin[st->kind](w);
			if (!step_met(w)) {
				wait_for_it(w, st);
				return;
			}
			if (tells_end(st)) {
				leave(w);
				continue;
			}
			put_away(w);
			w->step++;
			continue;
		}
		if (!w->timed_out && !step_met(w))
			return;
		leave(w);
	}
}
