/* steps.c - see steps.h. */
#include "harness/worker/steps.h"

#include <unistd.h>

#include "harness/trace/view.h"

/* Between two looks at something that tells no event, in µs. */
#define POLL_US 20000
/* How long a worker waits before it gives its place away, in µs. */
#define IDLE_US 50000
/* How often it looks whether its transport still wants a processor. */
#define READY_US 200000
/* Up to such a deadline the processors are looked at from the beginning of the
 * wait on; with a longer one when the worker would give its place away, as most
 * waits are over by then. */
#define SHORT_US 1000000
/* How often somebody looks whether a deadline that is put off has come. */
#define AGAIN_MIN_US 20000
#define AGAIN_MAX_US 1000000
/* Whoever takes this part of the time works. */
#define WORKS_PART 8

void steps_init(struct steps *s, struct task *t, const struct step_row *rows)
{
	/* What it is at the beginning nobody needs to hear. */
	*s = (struct steps){ .task = t, .rows = rows, .said = WORKER_BUSY };
}

static const struct step *steps_current(const struct steps *s)
{
	return &s->task->steps[s->task->step];
}

static const struct step_row *steps_row(const struct steps *s)
{
	return &s->rows[steps_current(s)->kind];
}

int64_t steps_limit_us(const struct task *t, const struct step *st)
{
	return limit_ms(&t->plan->head.limits, step_limit(st)) * 1000;
}

bool steps_never(void *part, const struct step *st)
{
	(void)part;
	(void)st;
	return false;
}

/* --- what a step asks --- */

static bool steps_met(const struct steps *s)
{
	const struct step_row *row = steps_row(s);

	return !row->ops->met || row->ops->met(row->part, steps_current(s));
}

static bool steps_polls(const struct steps *s)
{
	const struct step_ops *ops = steps_row(s)->ops;

	return ops->polls && ops->polls(steps_current(s));
}

static int64_t steps_deadline_us(const struct steps *s)
{
	const struct step_row *row = steps_row(s);
	const struct step *st = steps_current(s);

	return row->ops->deadline_us ? row->ops->deadline_us(row->part, st)
				     : steps_limit_us(s->task, st);
}

/* --- what there was of the processors --- */

static void steps_look(struct steps *s)
{
	if (!s->share.look || steps_row(s)->ops->unjudged)
		return;
	s->share.look(s->share.ctx);
	s->looked = true;
}

static void steps_ask(struct steps *s)
{
	if (s->looked)
		s->had = s->share.had(s->share.ctx);
}

static void steps_tell_share(struct steps *s)
{
	if (!s->looked)
		return;
	s->had.step = (int64_t)s->task->step + 1;
	recorder_event(&s->task->rec, event_processor(s->had));
	s->looked = false;
}

/* How long the deadline, which passed, is to be put off; 0: it holds. */
static int64_t steps_put_off_us(struct steps *s)
{
	int64_t rest = s->began + s->limit_us * WORKER_STRETCH -
		       loop_now(s->task->loop);
	int64_t us = s->limit_us / 8;

	steps_ask(s);
	if (!s->looked || rest <= 0 || view_suffices(&s->had, s->limit_us) ||
	    (steps_row(s)->ops->anew &&
	     view_at_work(s->worked_us + s->had.cpu_us, s->limit_us)))
		return 0;
	us = us < AGAIN_MIN_US ? AGAIN_MIN_US : us;
	us = us > AGAIN_MAX_US ? AGAIN_MAX_US : us;
	return us < rest ? us : rest;
}

/* --- its deadline --- */

static void steps_say(struct steps *s, char word)
{
	if (word != s->said && write(s->task->job->control_fd, &word, 1) == 1)
		s->said = word;
}

static void steps_timed_out(void *ctx, unsigned what);

static void steps_set_deadline(struct steps *s)
{
	s->began = loop_now(s->task->loop);
	s->limit_us = steps_deadline_us(s);
	if (s->limit_us <= SHORT_US || s->looked)
		steps_look(s);
	s->deadline =
		loop_after(s->task->loop, s->limit_us, steps_timed_out, s);
}

/*
 * Much work in a time that was put off may be what was left from before, and
 * little of it what there was room for.  The harness's own launches are what
 * is in the way most of the time, so no further ones begin meanwhile.
 */
static bool steps_begin_anew(struct steps *s)
{
	const struct step_row *row = steps_row(s);
	const struct step *st = steps_current(s);

	if (!row->ops->anew || s->tries == WORKER_STRETCH ||
	    s->had.cpu_us < s->limit_us / WORKS_PART)
		return false;
	s->tries++;
	s->worked_us += s->had.cpu_us;
	row->ops->end(row->part, st, true);
	steps_tell_share(s);
	loop_drop(s->idle);
	s->idle = NULL;
	steps_say(s, WORKER_SHORT);
	row->ops->begin(row->part, st);
	s->looked = true;
	steps_set_deadline(s);
	return true;
}

static void steps_timed_out(void *ctx, unsigned what)
{
	struct steps *s = ctx;
	const struct step_row *row = steps_row(s);
	int64_t more;

	(void)what;
	s->deadline = NULL;
	if (row->ops->gets_on && row->ops->gets_on(row->part)) {
		steps_set_deadline(s);
		return;
	}
	more = steps_put_off_us(s);
	if (more && steps_begin_anew(s))
		return;
	if (more) {
		s->deadline =
			loop_after(s->task->loop, more, steps_timed_out, s);
		return;
	}
	s->late = true;
	task_changed(s->task);
}

/* A step that waits in vain does so for what is still under way. */
static void steps_hurry(struct steps *s)
{
	const struct step_row *row = steps_row(s);
	int64_t us = loop_now(s->task->loop) - s->began + STEP_VAIN_US;

	if (s->hurried || us >= s->limit_us || !row->ops->in_vain ||
	    !row->ops->in_vain(row->part))
		return;
	s->hurried = true;
	s->limit_us = us;
	loop_drop(s->deadline);
	s->deadline =
		loop_after(s->task->loop, STEP_VAIN_US, steps_timed_out, s);
}

static void steps_poll(void *ctx, unsigned what)
{
	struct steps *s = ctx;

	(void)what;
	s->poll = loop_after(s->task->loop, POLL_US, steps_poll, s);
	task_changed(s->task);
}

/* --- giving the place away --- */

static void steps_give_place(void *ctx, unsigned what)
{
	struct steps *s = ctx;

	(void)what;
	s->idle = NULL;
	if (!s->looked)
		steps_look(s);
	if (!s->share.wanted || !s->share.wanted(s->share.ctx)) {
		steps_say(s, WORKER_IDLE);
		return;
	}
	steps_say(s, WORKER_READY);
	s->idle = loop_after(s->task->loop, READY_US, steps_give_place, s);
}

static void steps_take_place(struct steps *s)
{
	loop_drop(s->idle);
	s->idle = NULL;
	steps_say(s, WORKER_BUSY);
}

/* --- going through them --- */

static void steps_tell_end(struct steps *s)
{
	const struct step *st = steps_current(s);
	int64_t number = (int64_t)s->task->step + 1;
	int64_t us = steps_limit_us(s->task, st);

	/* A part may have had less patience. */
	if (s->late)
		rec(s->task, limit,
		    .limit = span_str(limit_name(step_limit(st))),
		    .step = number,
		    .ms = (s->limit_us < us ? s->limit_us : us) / 1000);
	else
		rec(s->task, met, .step = number);
}

/* What the rest of the case presumes. */
static bool steps_may_come(const struct steps *s)
{
	const struct step_row *row = steps_row(s);

	return span_absent(s->task->plan->head.probe) && row->ops->coming &&
	       row->ops->coming(row->part);
}

/* Over, one way or the other.  That a step was through at once needs no
 * telling, except where somebody had to look. */
static void steps_leave(struct steps *s, bool at_once)
{
	const struct step_row *row = steps_row(s);
	const struct step *st = steps_current(s);

	/* Of a deadline it was asked when that passed. */
	if (!s->late)
		steps_ask(s);
	if (row->ops->end)
		row->ops->end(row->part, st, s->late);
	if (!row->ops->untold && (!at_once || steps_polls(s)))
		steps_tell_end(s);
	if (row->ops->after)
		row->ops->after(row->part, st);
	s->hopeless = s->late && s->looked && steps_may_come(s) &&
		      !view_suffices(&s->had, s->limit_us);
	steps_tell_share(s);
	loop_drop(s->poll);
	s->poll = NULL;
	loop_drop(s->deadline);
	s->deadline = NULL;
	s->waiting = false;
	steps_take_place(s);
	s->task->step++;
}

static void steps_wait(struct steps *s)
{
	struct loop *l = s->task->loop;

	s->waiting = true;
	steps_set_deadline(s);
	if (steps_polls(s))
		s->poll = loop_after(l, POLL_US, steps_poll, s);
	if (steps_row(s)->ops->idle)
		steps_give_place(s, 0);
	else
		s->idle = loop_after(l, IDLE_US, steps_give_place, s);
}

static void steps_begin(struct steps *s)
{
	const struct step_row *row = steps_row(s);
	const struct step *st = steps_current(s);

	rec(s->task, step, .kind = span_str(step_name(st->kind)),
	    .step = (int64_t)s->task->step + 1);
	s->late = s->hurried = false;
	s->tries = 1;
	s->worked_us = 0;
	if (row->ops->begin)
		row->ops->begin(row->part, st);
	if (steps_met(s))
		steps_leave(s, true);
	else
		steps_wait(s);
}

bool steps_go(struct steps *s)
{
	while (s->task->step < s->task->plan->nsteps && !s->hopeless) {
		if (!s->waiting) {
			steps_begin(s);
		} else if (s->late || steps_met(s)) {
			steps_leave(s, false);
		} else {
			steps_hurry(s);
			return false;
		}
	}
	return true;
}
