/* waits.c - see waits.h. */
#include "harness/worker/waits.h"

static bool wait_met(void *part, const struct step *st)
{
	const struct waits *w = part;

	if (!inst_running(w->instances))
		return true;
	switch (st->wait.what) {
	case WAIT_EXIT:
		return false;
	case WAIT_ACCEPT:
		return listen_accepted(w->listeners, st->wait.on);
	case WAIT_FDS:
		return snapshots_fds_settled(w->snapshots, st->wait.on);
	case WAIT_ENDED:
		return conns_ended(w->listeners->conns, st->wait.on);
	}
	return true;
}

/* Nothing tells when a descriptor is closed. */
static bool wait_polls(const struct step *st)
{
	return st->wait.what == WAIT_FDS;
}

/* What is idle may stay so. */
static int64_t wait_deadline_us(void *part, const struct step *st)
{
	const struct waits *w = part;

	return steps_limit_us(w->task, st) +
	       (st->wait.what == WAIT_ENDED ? plan_idle_ms(w->task->plan) * 1000
					    : 0);
}

static void wait_after(void *part, const struct step *st)
{
	const struct waits *w = part;

	if (wait_polls(st))
		snapshots_take(w->snapshots, SNAPSHOT_FDS, SPAN("settled"));
}

const struct step_ops step_wait_ops = {
	.part = PART_WAITS,
	.met = wait_met,
	.after = wait_after,
	.polls = wait_polls,
	.deadline_us = wait_deadline_us,
};

static int64_t pause_us(void *part, const struct step *st)
{
	const struct waits *w = part;

	return st->pause.ms * 1000 +
	       plan_idle_ms(w->task->plan) * st->pause.idle * 10;
}

const struct step_ops step_pause_ops = {
	.part = PART_WAITS,
	.met = steps_never,
	.deadline_us = pause_us,
	.untold = true,
};
