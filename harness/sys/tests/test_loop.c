/*
 * test_loop.c - what the rest relies on: descriptors before timers, nothing
 * after a drop, no timer early, and how late the latest was.
 */
#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/sys/loop.h"

#define MS 1000

/* --- a loop with watches that note when they are served -------------------- */

struct actor {
	char name;
	unsigned what;
	unsigned calls;
	int64_t at;
	struct watch *watch;
	int fd;		     /* emptied when it is readable */
	struct actor *drops; /* another one, or itself */
	bool stops;
	int64_t busy_us;      /* holds the loop up for so long */
	struct actor *starts; /* a timer of START_US */
};

#define START_US (20 * MS)

static struct loop *loop;
static char order[64];
static int pipes[4][2];

static void wait_until(int64_t us)
{
	while (loop_now(loop) < us)
		;
}

static void act(void *ctx, unsigned what)
{
	struct actor *a = ctx;
	char bytes[16];

	a->what = what;
	a->calls++;
	a->at = loop_now(loop);
	if (strlen(order) + 1 < sizeof(order))
		order[strlen(order)] = a->name;
	if (what & LOOP_READ)
		ck_assert_int_gt(read(a->fd, bytes, sizeof(bytes)), 0);
	wait_until(a->at + a->busy_us);
	if (a->drops) {
		loop_drop(a->drops->watch);
		a->drops->watch = NULL;
	}
	if (a->starts) {
		a->starts->at = loop_now(loop);
		a->starts->watch = loop_after(loop, START_US, act, a->starts);
	}
	if (a->stops)
		loop_stop(loop);
}

static void setup(void)
{
	struct err e;

	loop = loop_new(&e);
	ck_assert_ptr_nonnull(loop);
	memset(order, 0, sizeof(order));
	for (int i = 0; i < 4; i++)
		ck_assert(pipe2(pipes[i], O_CLOEXEC | O_NONBLOCK) == 0);
}

static void teardown(void)
{
	loop_free(loop);
	for (int i = 0; i < 4; i++) {
		close(pipes[i][0]);
		close(pipes[i][1]);
	}
}

static void watch_pipe(struct actor *a, int i)
{
	a->fd = pipes[i][0];
	a->watch = loop_fd(loop, a->fd, LOOP_READ, act, a);
}

static void feed(int i)
{
	ck_assert_int_eq(write(pipes[i][1], "x", 1), 1);
}

static void after(struct actor *a, int64_t us)
{
	a->watch = loop_after(loop, us, act, a);
}

/* --- order ------------------------------------------------------------------ */

/* Data that was there before the deadline passed counts as in time, whoever
 * was registered first. */
START_TEST(descriptors_first)
{
	struct actor f = { .name = 'f' }, g = { .name = 'g' };
	struct actor t = { .name = 't' }, s = { .name = 's', .stops = true };

	if (_i) {
		watch_pipe(&f, 0);
		watch_pipe(&g, 1);
	}
	after(&t, 1 * MS);
	after(&s, 2 * MS);
	if (!_i) {
		watch_pipe(&f, 0);
		watch_pipe(&g, 1);
	}
	feed(0);
	feed(1);
	wait_until(5 * MS);
	loop_run(loop);
	ck_assert(strcmp(order, "fgts") == 0 || strcmp(order, "gfts") == 0);
	ck_assert_uint_eq(f.what, LOOP_READ);
	ck_assert_uint_eq(t.what, LOOP_TIME);
}
END_TEST

START_TEST(timers_in_order)
{
	struct actor t[4] = { { .name = 'd', .stops = true },
			      { .name = 'b' },
			      { .name = 'c' },
			      { .name = 'a' } };
	static const int64_t due[4] = { 4 * MS, 2 * MS, 3 * MS, 0 };

	for (int i = 0; i < 4; i++)
		after(&t[i], due[i]);
	loop_run(loop);
	ck_assert_str_eq(order, "abcd");
	for (int i = 0; i < 4; i++)
		ck_assert_int_ge(t[i].at, due[i]);
}
END_TEST

/* A descriptor is watched until dropped; one that is writable says so. */
START_TEST(until_dropped)
{
	struct actor r = { .name = 'r' }, w = { .name = 'w' };
	struct actor s = { .name = 's', .stops = true };

	w.drops = &w;
	w.watch = loop_fd(loop, pipes[0][1], LOOP_WRITE, act, &w);
	watch_pipe(&r, 1);
	for (int i = 0; i < 3; i++) {
		feed(1);
		after(&s, 1 * MS);
		loop_run(loop);
	}
	ck_assert_uint_eq(r.calls, 3);
	ck_assert_uint_eq(w.calls, 1);
	ck_assert_uint_eq(w.what, LOOP_WRITE);
	ck_assert_uint_eq(s.calls, 3);
}
END_TEST

/* The end of a stream is a reason to read. */
START_TEST(end_of_stream)
{
	struct actor r = { .name = 'r', .stops = true };
	char c;

	r.watch = loop_fd(loop, pipes[0][0], LOOP_READ, act, &r);
	r.fd = pipes[1][0]; /* something else to read from */
	feed(1);
	close(pipes[0][1]);
	loop_run(loop);
	ck_assert_int_eq(read(pipes[0][0], &c, 1), 0);
	ck_assert_uint_eq(r.calls, 1);
	pipes[0][1] = pipes[0][0];
}
END_TEST

/* --- drops ------------------------------------------------------------------ */

/* Two are ready; whichever is served drops the other. */
START_TEST(drop_the_other_descriptor)
{
	struct actor f = { .name = 'f' }, g = { .name = 'g', .drops = &f };
	struct actor s = { .name = 's', .stops = true };

	f.drops = &g;
	watch_pipe(&f, 0);
	watch_pipe(&g, 1);
	feed(0);
	feed(1);
	after(&s, 2 * MS);
	loop_run(loop);
	ck_assert_uint_eq(f.calls + g.calls, 1);
}
END_TEST

/* Both timers are due in the same wake-up. */
START_TEST(drop_the_other_timer)
{
	struct actor u = { .name = 'u' }, t = { .name = 't', .drops = &u };
	struct actor s = { .name = 's', .stops = true };

	after(&t, 1 * MS);
	after(&u, 2 * MS);
	after(&s, 3 * MS);
	wait_until(5 * MS);
	loop_run(loop);
	ck_assert_str_eq(order, "ts");
}
END_TEST

START_TEST(descriptor_drops_timer)
{
	struct actor t = { .name = 't' }, f = { .name = 'f', .drops = &t };
	struct actor s = { .name = 's', .stops = true };

	after(&t, 1 * MS);
	after(&s, 2 * MS);
	watch_pipe(&f, 0);
	feed(0);
	wait_until(5 * MS);
	loop_run(loop);
	ck_assert_str_eq(order, "fs");
}
END_TEST

START_TEST(timer_drops_descriptor)
{
	struct actor f = { .name = 'f' }, t = { .name = 't', .drops = &f };
	struct actor s = { .name = 's', .stops = true };

	watch_pipe(&f, 0);
	after(&t, 0);
	after(&s, 1 * MS);
	loop_run(loop);
	feed(0);
	after(&s, 1 * MS);
	loop_run(loop);
	ck_assert_str_eq(order, "tss");
}
END_TEST

START_TEST(drop_itself)
{
	struct actor f = { .name = 'f' }, t = { .name = 't' };
	struct actor s = { .name = 's', .stops = true };

	f.drops = &f;
	t.drops = &t;
	watch_pipe(&f, 0);
	feed(0);
	after(&t, 0);
	after(&s, 5 * MS);
	loop_run(loop);
	ck_assert_str_eq(order, "fts");
	loop_drop(NULL);
}
END_TEST

/* A dropped descriptor may be closed, and its number come back at once. */
START_TEST(number_comes_back)
{
	struct actor f = { .name = 'f' }, g = { .name = 'g', .stops = true };
	int old = pipes[0][0];

	watch_pipe(&f, 0);
	loop_drop(f.watch);
	close(old);
	ck_assert_int_eq(dup(pipes[1][0]), old);
	watch_pipe(&g, 0);
	feed(1);
	loop_run(loop);
	ck_assert_str_eq(order, "g");
}
END_TEST

/* --- time ------------------------------------------------------------------- */

START_TEST(lag_is_recorded)
{
	struct actor f = { .name = 'f', .busy_us = 30 * MS };
	struct actor t = { .name = 't' }, s = { .name = 's', .stops = true };

	ck_assert_int_eq(loop_lag(loop), 0);
	watch_pipe(&f, 0);
	feed(0);
	after(&t, 5 * MS);
	after(&s, 6 * MS);
	loop_run(loop);
	/* Served after the 30 ms, due after 5. */
	ck_assert_int_ge(loop_lag(loop), 24 * MS);
	ck_assert_int_le(loop_lag(loop), t.at);
	ck_assert_int_ge(t.at, 30 * MS);
}
END_TEST

/* The lag is that of the worst timer, not of the last. */
START_TEST(lag_stays)
{
	struct actor t = { .name = 't', .stops = true };

	after(&t, 0);
	wait_until(loop_now(loop) + 20 * MS);
	loop_run(loop);
	after(&t, 1 * MS);
	loop_run(loop);
	ck_assert_int_ge(loop_lag(loop), 19 * MS);
}
END_TEST

/* Whatever a wake-up did before: a deadline runs from when it was set. */
START_TEST(never_early)
{
	struct actor t = { .name = 't', .stops = true };
	struct actor f = { .name = 'f', .busy_us = 30 * MS, .starts = &t };
	int64_t set;

	watch_pipe(&f, 0);
	feed(0);
	loop_run(loop);
	set = f.at + f.busy_us;
	ck_assert_int_ge(t.at - set, START_US);
}
END_TEST

/* --- start and stop --------------------------------------------------------- */

/* A launch may be over before anything could wake the loop up. */
START_TEST(stopped_before_it_runs)
{
	struct actor s = { .name = 's', .stops = true };

	loop_stop(loop);
	after(&s, 50 * MS);
	loop_run(loop);
	ck_assert_str_eq(order, "");
	/* That stop is used up. */
	loop_run(loop);
	ck_assert_str_eq(order, "s");
}
END_TEST

START_TEST(time_runs)
{
	int64_t a = loop_now(loop), b;

	ck_assert_int_ge(a, 0);
	usleep(2 * MS);
	b = loop_now(loop);
	ck_assert_int_ge(b - a, 2 * MS);
}
END_TEST

/* With watches of both kinds still there: nothing leaks, nothing is called. */
START_TEST(free_with_watches)
{
	struct actor f = { .name = 'f' }, t = { .name = 't' };

	watch_pipe(&f, 0);
	watch_pipe(&f, 1);
	after(&t, 0);
	feed(0);
	ck_assert_str_eq(order, "");
	loop_free(NULL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("loop");
	TCase *t = tcase_create("loop");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, descriptors_first, 0, 2);
	tcase_add_test(t, timers_in_order);
	tcase_add_test(t, until_dropped);
	tcase_add_test(t, end_of_stream);
	tcase_add_test(t, drop_the_other_descriptor);
	tcase_add_test(t, drop_the_other_timer);
	tcase_add_test(t, descriptor_drops_timer);
	tcase_add_test(t, timer_drops_descriptor);
	tcase_add_test(t, drop_itself);
	tcase_add_test(t, number_comes_back);
	tcase_add_test(t, lag_is_recorded);
	tcase_add_test(t, lag_stays);
	tcase_add_test(t, never_early);
	tcase_add_test(t, stopped_before_it_runs);
	tcase_add_test(t, time_runs);
	tcase_add_test(t, free_with_watches);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
