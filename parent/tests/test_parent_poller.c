/* test_parent_poller.c - deadlines come in their order, whatever was done to
 * them before. */

/* The library shows only what is public; and libcheck has a fail() as well. */
#include "parent/lib/poller.c"
#include "parent/lib/util.c"

#include <check.h>
#include <poll.h>
#include <stdlib.h>

#include "parent/base/tests/limits.h"
#include "parent/base/tests/suite.h"

#define WATCHES 1000
#define SPREAD 100000

static struct {
	struct poller poller;
	struct poll_watch w[WATCHES], *dropped;
	bool gone[WATCHES];
	int64_t last;
	int rang;
} now;

static void rings(struct poll_watch *w)
{
	size_t i = (size_t)(w - now.w);

	ck_assert(!now.gone[i]);
	ck_assert_int_eq(w->deadline, -1);
	now.gone[i] = true;
	now.rang++;
}

/* What their deadlines were, which are put out before they ring. */
static int64_t told[WATCHES];

static void rings_in_order(struct poll_watch *w)
{
	int64_t at = told[w - now.w];

	rings(w);
	ck_assert_int_ge(at, now.last);
	now.last = at;
}

static void set(size_t i, int64_t at)
{
	told[i] = at;
	poller_deadline(&now.poller, &now.w[i], at);
}

static void wait_and_step(void)
{
	struct pollfd p = { .fd = now.poller.epoll, .events = POLLIN };

	ck_assert_int_eq(poll(&p, 1, limits_ms(1000)), 1);
	poller_step(&now.poller);
}

/* All in the past: they are due at once. */
static int64_t some_time(int64_t begin)
{
	return begin - 1 - random() % SPREAD;
}

START_TEST(test_order)
{
	int64_t begin = clock_now();
	int left = 0;

	ck_assert_int_eq(poller_init(&now.poller, NULL), 0);
	srandom((unsigned)_i + 1);
	for (size_t i = 0; i < WATCHES; i++) {
		now.w[i] = (struct poll_watch){ .fd = -1,
						.deadline = some_time(begin),
						.late = rings_in_order };
		told[i] = now.w[i].deadline;
		ck_assert_int_eq(poller_add(&now.poller, &now.w[i]), 0);
	}
	for (int k = 0; k < WATCHES; k++) {
		size_t i = (size_t)random() % WATCHES;

		if (k % 3 == 0)
			set(i, -1);
		else if (k % 3 == 1)
			set(i, some_time(begin));
		else
			poller_drop(&now.poller, &now.w[i]);
	}
	for (size_t i = 0; i < WATCHES; i++) {
		if (!now.w[i].added)
			now.gone[i] = true; /* it must not ring */
		else
			left += now.w[i].deadline >= 0;
	}
	wait_and_step();
	ck_assert_int_eq(now.rang, left);
	ck_assert_uint_eq(now.poller.n, 0);
	poller_fini(&now.poller);
}
END_TEST

static void drops_another(struct poll_watch *w)
{
	rings(w);
	if (now.dropped)
		poller_drop(&now.poller, now.dropped);
}

/* What one drops does not ring, also when it is due at the same time. */
START_TEST(test_dropped)
{
	int64_t begin = clock_now();

	ck_assert_int_eq(poller_init(&now.poller, NULL), 0);
	for (size_t i = 0; i < 3; i++) {
		now.w[i] = (struct poll_watch){ .fd = -1,
						.deadline =
							begin - 10 + (int64_t)i,
						.late = drops_another };
		poller_add(&now.poller, &now.w[i]);
	}
	now.dropped = &now.w[1];
	wait_and_step();
	ck_assert_int_eq(now.rang, 2);
	ck_assert(!now.gone[1]);
	poller_fini(&now.poller);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parent poller");
	TCase *c = tcase_create("deadlines");

	tcase_add_loop_test(c, test_order, 0, 20);
	tcase_add_test(c, test_dropped);
	suite_add_tcase(suite, c);
	return suite_run(suite);
}
