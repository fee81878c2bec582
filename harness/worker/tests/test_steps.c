/* test_steps.c - going through steps that do what the test says. */
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/worker/steps.h"
#include "harness/worker/tests/alone.h"

/* A part that is there for the test alone: it writes down what it is asked. */
static struct part {
	char said[64];
	bool learns;	/* through from the first end on */
	bool through;	/* what `met` answers */
	int getting_on; /* how often `gets_on` says yes */
	int64_t us;
} part;

static struct step steps[8];
static struct step_share share;
static struct steps going;
static bool done;

static void say(char c)
{
	size_t n = strlen(part.said);

	ck_assert_uint_lt(n + 1, sizeof(part.said));
	part.said[n] = c;
}

static void part_begin(void *ctx, const struct step *st)
{
	ck_assert_ptr_eq(ctx, &part);
	ck_assert_ptr_eq(st, &steps[task.step]);
	say('b');
}

static bool part_met(void *ctx, const struct step *st)
{
	(void)ctx;
	(void)st;
	return part.through;
}

static void part_end(void *ctx, const struct step *st, bool late)
{
	(void)ctx;
	(void)st;
	say(late ? 'l' : 'e');
	part.through |= part.learns;
}

static void part_after(void *ctx, const struct step *st)
{
	(void)ctx;
	(void)st;
	/* The end was told. */
	seen_events();
	ck_assert_uint_eq(seen_count(EV_MET) + seen_count(EV_LIMIT), 1);
	say('a');
}

static int64_t part_us(void *ctx, const struct step *st)
{
	(void)ctx;
	(void)st;
	return part.us;
}

static bool part_gets_on(void *ctx)
{
	(void)ctx;
	say('g');
	return part.getting_on-- > 0;
}

static bool part_polls(const struct step *st)
{
	(void)st;
	return true;
}

static void alone_changed(void *ctx)
{
	(void)ctx;
	done = steps_go(&going);
	if (done)
		loop_stop(task.loop);
}

/* @n steps, which are `pause` by name, done by @ops. */
static void go(const struct step_ops *ops, size_t n)
{
	const struct step_row rows[STEP_KINDS_N] = {
		[STEP_PAUSE] = { ops, &part },
	};

	for (size_t i = 0; i < n; i++)
		steps[i] = (struct step){ .kind = STEP_PAUSE };
	plan.steps = steps;
	plan.nsteps = n;
	task.steps = steps;
	done = false;
	steps_init(&going, &task, rows);
	going.share = share;
	task_changed(&task);
	if (!done)
		loop_run(task.loop);
	seen_events();
}

static void part_setup(void)
{
	setup();
	part = (struct part){ .us = 1000 };
	share = (struct step_share){ 0 };
}

START_TEST(through_at_once)
{
	static const struct step_ops ops = { .begin = part_begin,
					     .end = part_end };

	go(&ops, 3);
	ck_assert(done);
	ck_assert_str_eq(part.said, "bebebe");
	ck_assert_uint_eq(task.step, 3);
	ck_assert_uint_eq(seen_count(EV_STEP), 3);
	ck_assert_int_eq(seen_event(EV_STEP, 2)->step.step, 3);
	ck_assert(span_eqs(seen_event(EV_STEP, 2)->step.kind, "pause"));
	ck_assert_uint_eq(seen_count(EV_MET), 0);
}
END_TEST

START_TEST(nothing_to_do)
{
	static const struct step_ops ops = { .begin = NULL };

	go(&ops, 2);
	ck_assert(done);
	ck_assert_uint_eq(seen.nev, 2);
}
END_TEST

static void make_through(void *ctx, unsigned what)
{
	(void)ctx;
	(void)what;
	part.through = true;
	task_changed(&task);
}

START_TEST(met_in_time)
{
	static const struct step_ops ops = {
		.begin = part_begin,
		.met = part_met,
		.end = part_end,
		.deadline_us = part_us,
	};

	part.us = 60 * 1000 * 1000;
	loop_after(task.loop, 1000, make_through, NULL);
	go(&ops, 1);
	ck_assert_str_eq(part.said, "be");
	ck_assert_uint_eq(seen_count(EV_MET), 1);
	ck_assert_int_eq(seen_event(EV_MET, 0)->met.step, 1);
	ck_assert_uint_eq(seen_count(EV_LIMIT), 0);
}
END_TEST

START_TEST(too_late)
{
	static const struct step_ops ops = {
		.begin = part_begin,
		.met = part_met,
		.end = part_end,
		.deadline_us = part_us,
	};

	go(&ops, 2);
	ck_assert_str_eq(part.said, "blbl");
	ck_assert_uint_eq(seen_count(EV_LIMIT), 2);
	ck_assert_int_eq(seen_event(EV_LIMIT, 1)->limit.step, 2);
	ck_assert_uint_eq(seen_count(EV_MET), 0);
}
END_TEST

START_TEST(late_once_is_not_late_for_ever)
{
	static const struct step_ops ops = {
		.met = part_met,
		.end = part_end,
		.deadline_us = part_us,
	};

	part.learns = true;
	go(&ops, 2);
	ck_assert_str_eq(part.said, "le");
	ck_assert_uint_eq(seen_count(EV_LIMIT), 1);
}
END_TEST

START_TEST(untold)
{
	static const struct step_ops ops = {
		.met = steps_never,
		.deadline_us = part_us,
		.untold = true,
	};

	go(&ops, 1);
	ck_assert_uint_eq(seen.nev, 1);
}
END_TEST

START_TEST(getting_on_gives_time)
{
	static const struct step_ops ops = {
		.met = part_met,
		.end = part_end,
		.deadline_us = part_us,
		.gets_on = part_gets_on,
	};

	part.getting_on = 2;
	go(&ops, 1);
	ck_assert_str_eq(part.said, "gggl");
}
END_TEST

/* --- deadlines that are put off ------------------------------------------- */

/* What the test says that there was, from one look to the next. */
static struct event_processor had;
static int asked;
static bool starved; /* it never can */

static void share_look(void *ctx)
{
	ck_assert_ptr_eq(ctx, &part);
	asked = 0;
}

static struct event_processor share_had(void *ctx)
{
	struct event_processor now = had;

	ck_assert_ptr_eq(ctx, &part);
	/* It can run at last. */
	if (++asked == 3 && !starved)
		now.waited_us = now.owed = 0;
	return now;
}

static void go_shared(int64_t waited_us, int64_t owed)
{
	static const struct step_ops ops = {
		.met = part_met,
		.end = part_end,
		.deadline_us = part_us,
	};

	part.us = 500000;
	had = (struct event_processor){ .took_us = 500000,
					.waited_us = waited_us,
					.owed = owed };
	share = (struct step_share){ share_look, NULL, share_had, &part };
	go(&ops, 1);
	ck_assert_str_eq(part.said, "l");
	ck_assert_uint_eq(seen_count(EV_LIMIT), 1);
	ck_assert_uint_eq(seen_count(EV_PROCESSOR), 1);
	ck_assert_int_eq(seen_event(EV_PROCESSOR, 0)->processor.step, 1);
	ck_assert_uint_eq(seen_event(EV_PROCESSOR, 0)->n,
			  seen_event(EV_LIMIT, 0)->n + 1);
}

START_TEST(enough_of_the_time)
{
	go_shared(50000, 0);
	ck_assert_int_eq(asked, 1);
	ck_assert_int_eq(seen_event(EV_PROCESSOR, 0)->processor.waited_us,
			 50000);
}
END_TEST

/* Once at least; a busy machine may ask too late to hear it all. */
static void put_off(void)
{
	const struct event *ev = seen_event(EV_PROCESSOR, 0);

	ck_assert_int_gt(asked, 1);
	if (asked == 3)
		ck_assert_int_eq(ev->processor.waited_us + ev->processor.owed,
				 0);
}

START_TEST(until_it_could_run)
{
	go_shared(490000, 0);
	put_off();
}
END_TEST

START_TEST(until_the_harness_is_through)
{
	go_shared(0, 7);
	put_off();
}
END_TEST

static bool part_coming(void *ctx)
{
	ck_assert_ptr_eq(ctx, &part);
	return !part.learns;
}

/* What cannot start for want of processors is not gone on with; what had them
 * all the time is, or will not come any more. */
static void go_presuming(int64_t waited_us, bool never, bool hopeless)
{
	static const struct step_ops ops = {
		.met = part_met,
		.end = part_end,
		.deadline_us = part_us,
		.coming = part_coming,
	};

	part.us = 50000;
	part.learns = never;
	had = (struct event_processor){ .took_us = 50000,
					.waited_us = waited_us };
	starved = true;
	share = (struct step_share){ share_look, NULL, share_had, &part };
	go(&ops, 2);
	starved = false;
	ck_assert(done);
	ck_assert(going.hopeless == hopeless);
	ck_assert_int_eq(task.step, hopeless ? 1 : 2);
}

START_TEST(starved_at_the_start)
{
	go_presuming(50000, false, true);
}
END_TEST

START_TEST(late_by_itself)
{
	go_presuming(0, false, false);
}
END_TEST

START_TEST(starved_and_gone)
{
	go_presuming(50000, true, false);
}
END_TEST

START_TEST(a_starved_probe)
{
	plan.head.probe = SPAN("control");
	go_presuming(50000, false, false);
	plan.head.probe = (struct span){ 0 };
}
END_TEST

static bool third_time(void *ctx, const struct step *st)
{
	(void)ctx;
	(void)st;
	say('m');
	return strlen(part.said) >= 3;
}

/* Nobody says that something happened. */
START_TEST(asked_again_and_again)
{
	static const struct step_ops ops = {
		.met = third_time,
		.deadline_us = part_us,
		.polls = part_polls,
		.after = part_after,
	};

	part.us = 60 * 1000 * 1000;
	go(&ops, 1);
	ck_assert_int_eq(part.said[strlen(part.said) - 1], 'a');
	ck_assert_uint_eq(seen_count(EV_MET), 1);
}
END_TEST

/* Somebody had to look: that is told however soon it is through. */
START_TEST(polled_and_through_at_once)
{
	static const struct step_ops ops = {
		.polls = part_polls,
		.after = part_after,
	};

	go(&ops, 1);
	ck_assert_str_eq(part.said, "a");
	ck_assert_uint_eq(seen_count(EV_MET), 1);
}
END_TEST

/* What was said on the control descriptor. */
static const char *said_to_ptcheck(void)
{
	static char words[8];
	ssize_t n = read(control, words, sizeof(words) - 1);

	words[n > 0 ? n : 0] = '\0';
	return words;
}

START_TEST(only_time_gives_the_place_away)
{
	static const struct step_ops idle = {
		.met = steps_never,
		.deadline_us = part_us,
		.idle = true,
	};
	static const struct step_ops short_one = {
		.met = steps_never,
		.deadline_us = part_us,
	};

	go(_i ? &idle : &short_one, 1);
	ck_assert_str_eq(said_to_ptcheck(), _i ? "pb" : "");
}
END_TEST

START_TEST(long_waiting_gives_the_place_away)
{
	static const struct step_ops ops = {
		.met = steps_never,
		.deadline_us = part_us,
	};

	part.us = 300 * 1000;
	go(&ops, 1);
	ck_assert_str_eq(said_to_ptcheck(), "pb");
}
END_TEST

static bool share_wanted(void *ctx)
{
	ck_assert_ptr_eq(ctx, &part);
	return ++asked <= 2;
}

/* Who waits for a transport that wants a processor is told apart from those
 * that wait for time to pass; and that is said once. */
START_TEST(a_processor_is_wanted)
{
	static const struct step_ops ops = {
		.met = steps_never,
		.end = part_end,
		.deadline_us = part_us,
	};

	part.us = 700 * 1000;
	share = (struct step_share){ share_look, share_wanted, share_had,
				     &part };
	had = (struct event_processor){ .took_us = part.us };
	go(&ops, 1);
	ck_assert_str_eq(said_to_ptcheck(), "rpb");
}
END_TEST

/* It works, and had too little to show how much: not with so little of the
 * processors, and as often as a deadline may be put off, or until it has shown
 * it in spite of that. */
START_TEST(begun_anew)
{
	static const struct step_ops ops = {
		.begin = part_begin,
		.met = steps_never,
		.end = part_end,
		.deadline_us = part_us,
		.untold = true,
		.anew = true,
	};
	static const struct {
		int64_t cpu_us;
		const char *said;
	} rows[] = { { 5000, "bl" },
		     { 20000, "blblblbl" },
		     { 60000, "blblbl" } };
	const char *words;

	part.us = 100000;
	had = (struct event_processor){ .took_us = 100000,
					.cpu_us = rows[_i].cpu_us,
					.waited_us = 95000 };
	share = (struct step_share){ share_look, NULL, share_had, &part };
	go(&ops, 1);
	words = said_to_ptcheck();
	ck_assert_str_eq(part.said, rows[_i].said);
	ck_assert_uint_eq(seen_count(EV_PROCESSOR), strlen(rows[_i].said) / 2);
	ck_assert_uint_eq(seen_count(EV_STEP), 1);
	ck_assert((_i > 0) == (strchr(words, WORKER_SHORT) != NULL));
	/* Others may begin again. */
	ck_assert_int_eq(words[strlen(words) - 1], WORKER_BUSY);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("steps");
	TCase *t = tcase_create("steps");

	tcase_add_checked_fixture(t, part_setup, teardown);
	tcase_add_test(t, through_at_once);
	tcase_add_test(t, nothing_to_do);
	tcase_add_test(t, met_in_time);
	tcase_add_test(t, too_late);
	tcase_add_test(t, late_once_is_not_late_for_ever);
	tcase_add_test(t, untold);
	tcase_add_test(t, getting_on_gives_time);
	tcase_add_test(t, enough_of_the_time);
	tcase_add_test(t, until_it_could_run);
	tcase_add_test(t, until_the_harness_is_through);
	tcase_add_test(t, a_processor_is_wanted);
	tcase_add_test(t, starved_at_the_start);
	tcase_add_test(t, late_by_itself);
	tcase_add_test(t, starved_and_gone);
	tcase_add_test(t, a_starved_probe);
	tcase_add_test(t, asked_again_and_again);
	tcase_add_test(t, polled_and_through_at_once);
	tcase_add_loop_test(t, only_time_gives_the_place_away, 0, 2);
	tcase_add_test(t, long_waiting_gives_the_place_away);
	tcase_add_loop_test(t, begun_anew, 0, 3);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
