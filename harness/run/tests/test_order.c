/* test_order.c - which launch of a run begins next. */
#include <check.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/run/launch/order.h"
#include "harness/run/launch/sched.h"

/* Longer than its windows by what variants may wait too, and by less. */
#define LONG 2500000
#define SHORT 1500000

static const struct {
	const char *id;
	enum role role;
	int64_t natural_ms, patience_ms;
	uint64_t stimuli;
} said[] = {
	{ "a.one/1@client", ROLE_CLIENT, 0, 9000, 0 },
	{ "a.one/1@server", ROLE_SERVER, 0, 9000, 0 },
	{ "a.one/2@client", ROLE_CLIENT, 0, 9000, 0 },
	{ "a.one/3@client+other", ROLE_CLIENT, 0, 9000, 0 },
	{ "a.one/2@server", ROLE_SERVER, 0, 9500, 0 },
	{ "a.ones@client", ROLE_CLIENT, 900, 8000, 0 },
	{ "b@client", ROLE_CLIENT, 0, 30000, 0 },
	{ "c@client", ROLE_CLIENT, 1500, 0, 0 },
	{ "d@client", ROLE_CLIENT, 3000, 0, STIMULUS(DESCRIPTORS_USED_UP) },
};
#define N (sizeof(said) / sizeof(said[0]))

static struct plan plans[N];
static struct launch launches[N];
static struct order o;

static void setup(void)
{
	for (size_t i = 0; i < N; i++) {
		plans[i] = (struct plan){
			.head = { .id = span_str(said[i].id),
				  .role = said[i].role,
				  .stimuli = said[i].stimuli },
			.natural_ms = said[i].natural_ms,
			.patience_ms = said[i].patience_ms,
		};
		launches[i] = (struct launch){ .plan = &plans[i] };
	}
	order_init(&o, launches, N);
}

static void teardown(void)
{
	order_fini(&o);
}

static void must_be(const size_t want[N])
{
	for (size_t i = 0; i < N; i++)
		ck_assert_msg(o.v[i] == want[i], "place %zu: %s", i,
			      said[o.v[i]].id);
}

/* The longest, if it is long; then of each case and side that has more the most
 * patient, then those that have none, the most patient first; what takes the
 * processors in the end. */
START_TEST(each_case_once)
{
	must_be((size_t[N]){ 7, 4, 0, 6, 5, 1, 2, 3, 8 });
}
END_TEST

/* Those of its case and side that are left, and of these only. */
START_TEST(variants_of_what_is_long)
{
	o.next = 3;
	order_took(&o, 0, LONG);
	must_be((size_t[N]){ 7, 4, 0, 2, 3, 6, 5, 1, 8 });
	order_took(&o, 4, LONG);
	must_be((size_t[N]){ 7, 4, 0, 1, 2, 3, 6, 5, 8 });
}
END_TEST

/* Its windows are known. */
START_TEST(not_long)
{
	o.next = 3;
	order_took(&o, 0, SHORT);
	order_took(&o, 7, LONG);
	must_be((size_t[N]){ 7, 4, 0, 6, 5, 1, 2, 3, 8 });
}
END_TEST

/* None is left. */
START_TEST(at_the_end)
{
	o.next = N;
	order_took(&o, 0, LONG);
	must_be((size_t[N]){ 7, 4, 0, 6, 5, 1, 2, 3, 8 });
}
END_TEST

int main(void)
{
	Suite *s = suite_create("order");
	TCase *t = tcase_create("order");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, each_case_once);
	tcase_add_test(t, variants_of_what_is_long);
	tcase_add_test(t, not_long);
	tcase_add_test(t, at_the_end);
	suite_add_tcase(s, t);
	return suite_run(s);
}
