/*
 * inst_steps.c - the steps about the transport's process: start, expect,
 * settle, write, signal, window, stop.  They are about the latest instance,
 * and over when that has finished.
 */
#include <signal.h>
#include <unistd.h>

#include "harness/sys/observe.h"
#include "harness/worker/process/inst.h"

/* How long `stop` waits for the exit that nobody judges, in µs. */
#define STOP_US 500000

/* --- start --- */

static void start_begin(void *part, const struct step *st)
{
	inst_start(part, st->start.role == START_PEER);
}

const struct step_ops step_start_ops = { .part = PART_INSTANCES,
					 .begin = start_begin };

/* --- turn --- */

static void turn_begin(void *part, const struct step *st)
{
	struct instances *all = part;

	/* The first one that is of that role. */
	for (size_t i = all->n; i-- > 0;)
		if (all->v[i].peer == (st->turn.to == START_PEER))
			all->about = &all->v[i];
}

const struct step_ops step_turn_ops = { .part = PART_INSTANCES,
					.begin = turn_begin };

/* --- expect, settle --- */

static bool expect_met(void *part, const struct step *st)
{
	const struct inst *in = inst_running(part);

	if (!in)
		return true;
	switch (st->expect.what) {
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

static bool expect_coming(void *part)
{
	const struct inst *in = inst_running(part);

	return in && in->alive && in->parent_alive;
}

const struct step_ops step_expect_ops = { .part = PART_INSTANCES,
					  .met = expect_met,
					  .coming = expect_coming };

static bool settle_met(void *part, const struct step *st)
{
	const struct inst *in = inst_running(part);

	(void)st;
	return !in || !in->session.fatal;
}

const struct step_ops step_settle_ops = { .part = PART_INSTANCES,
					  .met = settle_met };

/* --- write --- */

static void write_begin(void *part, const struct step *st)
{
	struct inst *in = inst_running(part);
	struct span bytes = st->write.bytes;
	int64_t taken = 0, refused = 0;

	if (!in)
		return;
	for (int64_t i = 0; i < st->write.times; i++) {
		ssize_t n = in->stdin_fd < 0
				    ? -1
				    : write(in->stdin_fd, bytes.p, bytes.n);

		taken += n > 0 ? n : 0;
		refused += (int64_t)bytes.n - (n > 0 ? n : 0);
	}
	rec(in->all->task, write, .on = span_str(in->in), .taken = taken,
	    .refused = refused);
}

const struct step_ops step_write_ops = { .part = PART_INSTANCES,
					 .begin = write_begin };

/* --- signal --- */

static void signal_begin(void *part, const struct step *st)
{
	static const int numbers[] = {
#define X(P, id, ...) [P##_##id] = SIG##id,
		SIGNALS(X, SIGNAL)
#undef X
	};
	struct inst *in = inst_last(part);
	bool parent = st->signal.to == SIGNAL_TO_PARENT;

	if (!in || (parent ? !in->parent_alive : !in->alive))
		return;
	rec(in->all->task, signal, .to = span_str(parent ? in->parent : in->pt),
	    .signal = span_str(words_signal_id.names[st->signal.id]));
	kill(parent ? in->spawn.parent : in->spawn.pid, numbers[st->signal.id]);
}

const struct step_ops step_signal_ops = { .part = PART_INSTANCES,
					  .begin = signal_begin };

/* --- window --- */

/* How much the transport has worked, to see what an idle one does. */
static void window_note_cpu(struct instances *all, struct span at)
{
	struct inst *in = inst_last(all);
	int64_t us = in && in->alive ? observe_cpu_us(in->spawn.pid) : -1;

	if (us >= 0)
		rec(all->task, cpu, .at = at, .of = span_str(in->pt), .us = us);
}

static int64_t window_ms(const struct instances *all, const struct step *st)
{
	return step_window_ms(&st->window, &all->task->plan->head.limits);
}

static void window_begin(void *part, const struct step *st)
{
	struct instances *all = part;

	window_note_cpu(all, SPAN("open"));
	rec(all->task, window, .state = WINDOW_OPEN, .ms = window_ms(all, st));
}

static bool window_met(void *part, const struct step *st)
{
	(void)st;
	return !inst_running(part);
}

static void window_end(void *part, const struct step *st, bool late)
{
	struct instances *all = part;

	(void)late;
	rec(all->task, window, .state = WINDOW_CLOSED,
	    .ms = window_ms(all, st));
	window_note_cpu(all, SPAN("closed"));
}

static int64_t window_us(void *part, const struct step *st)
{
	return window_ms(part, st) * 1000;
}

const struct step_ops step_window_ops = {
	.part = PART_INSTANCES,
	.begin = window_begin,
	.met = window_met,
	.end = window_end,
	.deadline_us = window_us,
	.untold = true,
	.idle = true,
	.anew = true,
};

/* --- stop --- */

/* All of them: a case may have started two ends of a tunnel. */
static void stop_begin(void *part, const struct step *st)
{
	struct instances *all = part;

	(void)st;
	for (size_t i = 0; i < all->n; i++)
		inst_close_stdin(&all->v[i]);
}

static bool stop_met(void *part, const struct step *st)
{
	(void)st;
	return inst_all_finished(part);
}

static int64_t stop_us(void *part, const struct step *st)
{
	(void)part;
	(void)st;
	return STOP_US;
}

const struct step_ops step_stop_ops = {
	.part = PART_INSTANCES,
	.begin = stop_begin,
	.met = stop_met,
	.deadline_us = stop_us,
	.untold = true,
	.unjudged = true,
};
