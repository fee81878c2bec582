/*
 * test_net.c - connections and the pump: who takes what comes, and what is
 * told of it.
 */
#include <poll.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/worker/net/pump.h"
#include "harness/worker/tests/alone.h"

static struct conns *conns;
static struct pump pump;

static void alone_changed(void *ctx)
{
	(void)ctx;
}

static void net_setup(void)
{
	setup();
	conns = calloc(1, sizeof(*conns));
	ck_assert(conns != NULL);
	conns_init(conns, &task);
	pump_init(&pump, &task, conns);
	conns->open = pump_join;
	conns->open_ctx = &pump;
}

static void net_teardown(void)
{
	conns_close(conns);
	free(conns);
	teardown();
}

/* A connection of that name, and the other end of it. */
static struct conn *connection(const char *name, int *other)
{
	struct conn *c;
	int ends[2];

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	*other = ends[1];
	c = conn_add(conns, ends[0], name);
	ck_assert(c != NULL);
	return c;
}

static void stop(void *ctx, unsigned what)
{
	(void)ctx;
	(void)what;
	loop_stop(task.loop);
}

/* Serve what is there. */
static void serve(void)
{
	loop_after(task.loop, 10000, stop, NULL);
	loop_run(task.loop);
}

START_TEST(names_and_groups)
{
	ck_assert(conn_belongs("c", SPAN("c")));
	ck_assert(conn_belongs("c:obfs4", SPAN("c")));
	ck_assert(conn_belongs("c#3", SPAN("c")));
	ck_assert(!conn_belongs("cc", SPAN("c")));
	ck_assert(!conn_belongs("c", (struct span){ 0 }));
	ck_assert(!conn_belongs("c", SPAN("cc")));
	ck_assert(!conn_belongs("c#31", SPAN("c#3")));
}
END_TEST

static char heard[32];

static void talk_data(struct conn *c, struct span bytes)
{
	ck_assert_uint_eq(bytes.n, 4);
	memcpy(heard, bytes.p, bytes.n);
	conn_talk_over(c, 1);
}

static void talk_end(struct conn *c)
{
	(void)c;
	strcpy(heard, "end");
}

static void talk_fini(struct conn *c)
{
	strcpy(c->talker, "freed");
}

static const struct conn_taker talk = { .data = talk_data,
					.end = talk_end,
					.fini = talk_fini };

/* The talk comes first, and what it leaves is the case's. */
START_TEST(a_talk_first)
{
	int other;
	struct conn *c = connection("c", &other);
	static char talker[8];
	bool any;

	conn_talk(c, &talk, talker);
	ck_assert_int_eq(write(other, "helo", 4), 4);
	serve();
	ck_assert_str_eq(heard, "helo");
	ck_assert(!c->talk);
	ck_assert(!conns_received(conns, SPAN("c"), 5, &any) && any);
	ck_assert_int_eq(write(other, "data", 4), 4);
	serve();
	ck_assert(conns_received(conns, SPAN("c"), 5, &any) && any);
	ck_assert(conns_received(conns, SPAN("d"), 5, &any) && !any);
	close(other);
	serve();
	ck_assert_str_eq(heard, "helo");
	conns_close(conns);
	ck_assert_str_eq(talker, "freed");
	seen_events();
	ck_assert_uint_eq(seen_count(EV_RECV), 2);
	ck_assert(span_eqs(seen_event(EV_EOF, 0)->eof.how, "fin"));
}
END_TEST

START_TEST(a_talk_hears_of_the_end)
{
	int other;
	struct conn *c = connection("c", &other);
	static char talker[8];

	conn_talk(c, &talk, talker);
	close(other);
	serve();
	ck_assert_str_eq(heard, "end");
	ck_assert(c->ended);
}
END_TEST

/* The end of one direction is the end of both, until the case wants it. */
START_TEST(half_of_it)
{
	int other[2];
	struct conn *c = connection("c", &other[0]);
	struct conn *d = connection("d", &other[1]);

	conns_close_named(conns, SPAN("d"), CLOSE_HALF);
	ck_assert(d->half && !d->ended);
	shutdown(other[0], SHUT_WR);
	serve();
	ck_assert(c->eof && !c->ended);
	shutdown(other[1], SHUT_WR);
	serve();
	ck_assert(d->ended);
	close(other[0]);
	close(other[1]);
}
END_TEST

START_TEST(so_many_are_kept)
{
	static char bytes[CONN_KEEP + 100];
	int other;
	struct conn *c = connection("c", &other);
	size_t at = 0;

	while (at < sizeof(bytes)) {
		ssize_t n = write(other, bytes + at, sizeof(bytes) - at);

		at += n > 0 ? (size_t)n : 0;
		serve();
	}
	ck_assert_uint_eq(c->got, sizeof(bytes));
	seen_events();
	at = 0;
	for (size_t i = 0; i < seen_count(EV_RECV); i++)
		at += seen_event(EV_RECV, i)->recv.data.n;
	ck_assert_uint_eq(at, CONN_KEEP);
	close(other);
}
END_TEST

/* --- the pump --- */

#define PUMPED 3000
/* Between two sockets. */
#define MORE_THAN_FITS (64 << 20)

static struct step pumping;

static void begin_pump(int64_t bytes)
{
	pumping = (struct step){
		.kind = STEP_PUMP,
		.pump = { .on = SPAN("in"), .to = SPAN("out"), .bytes = bytes },
	};
	step_pump_ops.begin(&pump, &pumping);
}

static const struct event_pump *end_pump(void)
{
	step_pump_ops.end(&pump, &pumping, false);
	seen_events();
	ck_assert_uint_eq(seen_count(EV_PUMP), 1);
	return &seen_event(EV_PUMP, 0)->pump;
}

/* What a tunnel does: takes @n bytes out, breaks the one at @broken, and puts
 * them in again. */
static void tunnel(int from, int to, size_t n, size_t broken)
{
	char bytes[2 * PUMPED];
	ssize_t got = read(from, bytes, n);

	ck_assert_int_gt(got, 0);
	if (broken < (size_t)got)
		bytes[broken] ^= 1;
	ck_assert_int_eq(write(to, bytes, (size_t)got), got);
}

static const struct {
	size_t n, broken;
	enum pump_result result;
	int64_t bytes, wrong;
} pumps[] = {
	{ PUMPED, PUMPED, PUMP_OK, PUMPED, -1 },
	{ PUMPED - 1, PUMPED, PUMP_SHORT, PUMPED - 1, -1 },
	{ PUMPED, 2000, PUMP_DIFFERS, PUMPED, 2000 },
	/* Whose they are is wrong. */
	{ PUMPED, 7, PUMP_DIFFERS, PUMPED, 0 },
};

START_TEST(what_comes_out)
{
	int in, out;
	const struct event_pump *ev;

	connection("in", &in);
	connection("out", &out);
	begin_pump(PUMPED);
	ck_assert(!step_pump_ops.met(&pump, &pumping));
	serve();
	tunnel(in, out, pumps[_i].n, pumps[_i].broken);
	serve();
	ck_assert(step_pump_ops.gets_on(&pump) &&
		  !step_pump_ops.gets_on(&pump));
	ck_assert(step_pump_ops.met(&pump, &pumping) ==
		  (pumps[_i].n == PUMPED));
	ev = end_pump();
	ck_assert(span_eqs(ev->out, "out"));
	ck_assert_int_eq(ev->result, pumps[_i].result);
	ck_assert_int_eq(ev->bytes, pumps[_i].bytes);
	ck_assert_int_eq(ev->wrong, pumps[_i].wrong);
	ck_assert(span_eqs(ev->in, pumps[_i].wrong == 0 ? "" : "in"));
	ck_assert_uint_eq(seen_count(EV_RECV), 0);
	close(in);
	close(out);
}
END_TEST

/* Where there is nobody to put it in or to get it from, that is known. */
START_TEST(ended_before)
{
	int in, out;

	connection("in", &in);
	begin_pump(PUMPED);
	ck_assert(!step_pump_ops.in_vain(&pump));
	close(in);
	serve();
	ck_assert(step_pump_ops.in_vain(&pump));
	connection("out", &out);
	ck_assert(!step_pump_ops.in_vain(&pump));
	step_pump_ops.end(&pump, &pumping, true);
	close(out);
}
END_TEST

/* One that comes while the step is on takes part, and its end is an end. */
START_TEST(one_that_comes_late)
{
	int in, out;
	const struct event_pump *ev;

	connection("in", &in);
	begin_pump(PUMPED);
	conn_open(connection("out#1", &out));
	serve();
	ck_assert(!step_pump_ops.met(&pump, &pumping));
	tunnel(in, out, 100, PUMPED);
	close(out);
	serve();
	ck_assert(step_pump_ops.met(&pump, &pumping));
	ev = end_pump();
	ck_assert(span_eqs(ev->out, "out#1"));
	ck_assert_int_eq(ev->result, PUMP_SHORT);
	ck_assert_int_eq(ev->bytes, 100);
	close(in);
}
END_TEST

/* The first bytes have come out, and nobody reads on: for a while, or ever. */
static struct conn *begin_unread(int64_t bytes, bool ever, int *in, int *out)
{
	struct conn *c;

	connection("in", in);
	c = connection("out", out);
	plan.head.limits.idle = 100;
	begin_pump(bytes);
	pumping.pump.rest = !ever;
	pumping.pump.fill = ever;
	serve();
	tunnel(*in, *out, 100, PUMPED);
	serve();
	return c;
}

/* Who rests reads nothing until its time is over. */
START_TEST(one_that_rests)
{
	int in, out;
	struct conn *c = begin_unread(PUMPED, false, &in, &out);
	const struct event_pump *ev;

	ck_assert(!c->watch && step_pump_ops.gets_on(&pump));
	tunnel(in, out, PUMPED - 100, PUMPED);
	while (!c->watch)
		serve();
	while (!step_pump_ops.met(&pump, &pumping))
		serve();
	ev = end_pump();
	ck_assert_int_eq(ev->result, PUMP_OK);
	ck_assert_int_ge(ev->rested, 1);
	close(in);
	close(out);
}
END_TEST

/* What was not sent while it rested is not sent any more. */
START_TEST(more_than_fits_in_between)
{
	int in, out;
	struct conn *c = begin_unread(MORE_THAN_FITS, false, &in, &out);
	struct pollfd ready;
	const struct event_pump *ev;

	while (!c->watch)
		serve();
	ready = (struct pollfd){ .fd = in, .events = POLLIN };
	while (poll(&ready, 1, 0) == 1) {
		tunnel(in, out, 2 * PUMPED, 2 * PUMPED);
		serve();
	}
	while (!step_pump_ops.met(&pump, &pumping))
		serve();
	ev = end_pump();
	ck_assert_int_eq(ev->result, PUMP_OK);
	ck_assert_int_lt(ev->bytes, MORE_THAN_FITS);
	close(in);
	close(out);
}
END_TEST

/* It is over when no more goes in, and is not read from after that either. */
START_TEST(nobody_reads_any_more)
{
	int in, out;
	struct conn *c = begin_unread(MORE_THAN_FITS, true, &in, &out);
	const struct event_pump *ev;

	ck_assert(!step_pump_ops.met(&pump, &pumping));
	while (!step_pump_ops.met(&pump, &pumping))
		serve();
	ck_assert(!c->watch);
	ev = end_pump();
	ck_assert_int_eq(ev->result, PUMP_FULL);
	ck_assert_int_eq(ev->bytes, 100);
	ck_assert(!c->watch);
	close(in);
	close(out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("net");
	TCase *t = tcase_create("net");

	tcase_add_checked_fixture(t, net_setup, net_teardown);
	tcase_add_test(t, names_and_groups);
	tcase_add_test(t, a_talk_first);
	tcase_add_test(t, a_talk_hears_of_the_end);
	tcase_add_test(t, half_of_it);
	tcase_add_test(t, so_many_are_kept);
	tcase_add_loop_test(t, what_comes_out, 0,
			    sizeof(pumps) / sizeof(*pumps));
	tcase_add_test(t, ended_before);
	tcase_add_test(t, one_that_comes_late);
	tcase_add_test(t, one_that_rests);
	tcase_add_test(t, more_than_fits_in_between);
	tcase_add_test(t, nobody_reads_any_more);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
