/* test_stream.c - what is kept of an output stream, and what is not. */
#include <string.h>

#include "parent/base/tests/suite.h"
#include "harness/worker/process/stream.h"
#include "harness/worker/tests/alone.h"

static struct stream stream;
static int writer;	 /* our end of it */
static struct buf taken; /* what was handed on */
static unsigned closed;

static void take(void *ctx, struct stream *s, struct span bytes)
{
	ck_assert_ptr_eq(s, &stream);
	(void)ctx;
	buf_add(&taken, bytes);
}

static void note_closed(void *ctx, struct stream *s)
{
	(void)ctx;
	(void)s;
	closed++;
	loop_stop(task.loop);
}

static void alone_changed(void *ctx)
{
	(void)ctx;
}

static void stream_setup(void)
{
	int ends[2];

	setup();
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	writer = ends[1];
	taken = BUF_MAX(1u << 20);
	closed = 0;
	stream_init(&stream, &task, "stdout");
	stream.take = take;
	stream.closed = note_closed;
	stream.fd = ends[0];
}

static void stream_teardown(void)
{
	stream_close(&stream);
	buf_fini(&taken);
	teardown();
}

/* A child writes @unit @times times and is gone; all that is drained. */
static void drain(const char *unit, size_t times)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	for (size_t i = 0; pid == 0 && i < times; i++)
		if (write(writer, unit, strlen(unit)) < 0)
			_exit(1);
	if (pid == 0)
		_exit(0);
	close(writer);
	loop_run(task.loop);
	seen_events();
}

static size_t recorded_bytes(void)
{
	size_t n = 0;

	for (size_t i = 0; i < seen_count(EV_OUT); i++)
		n += seen_event(EV_OUT, i)->out.data.n;
	return n;
}

START_TEST(all_of_a_little)
{
	stream_stall(&stream, false);
	drain("VERSION 2\n", 3);
	ck_assert(span_eqs(buf_span(&taken),
			   "VERSION 2\nVERSION 2\nVERSION 2\n"));
	ck_assert_uint_eq(recorded_bytes(), taken.n);
	ck_assert_uint_eq(seen_count(EV_EOF), 1);
	ck_assert(span_eqs(seen_event(EV_EOF, 0)->eof.on, "stdout"));
	ck_assert_uint_eq(seen_count(EV_CUT), 0);
	ck_assert_uint_eq(closed, 1);
}
END_TEST

START_TEST(so_many_bytes)
{
	char unit[1025];

	memset(unit, 'x', sizeof(unit) - 1);
	unit[sizeof(unit) - 1] = '\0';
	stream_stall(&stream, false);
	drain(unit, 500);
	ck_assert_uint_eq(recorded_bytes(), STREAM_KEEP);
	ck_assert_uint_eq(taken.n, STREAM_KEEP);
	ck_assert_int_eq(seen_event(EV_CUT, 0)->cut.bytes,
			 500 * 1024 - STREAM_KEEP);
}
END_TEST

/* Nothing behind the last whole line, so that none is half a line. */
START_TEST(so_many_lines)
{
	stream_stall(&stream, false);
	drain("a line\n", STREAM_LINES + 10);
	ck_assert_uint_eq(recorded_bytes(), STREAM_LINES * 7);
	ck_assert_int_eq(taken.p[taken.n - 1], '\n');
	ck_assert_int_eq(seen_event(EV_CUT, 0)->cut.bytes, 10 * 7);
}
END_TEST

/* Written one after the other, each with a reader in between. */
START_TEST(so_many_pieces)
{
	stream.pieces = STREAM_PIECES;
	stream_stall(&stream, false);
	drain("x", 1);
	ck_assert_uint_eq(recorded_bytes(), 0);
	ck_assert_int_eq(seen_event(EV_CUT, 0)->cut.bytes, 1);
}
END_TEST

START_TEST(a_narrow_one_byte_by_byte)
{
	stream.narrow = true;
	stream_stall(&stream, false);
	drain("VERSION 2\n", 1);
	ck_assert(span_eqs(buf_span(&taken), "VERSION 2\n"));
	ck_assert_uint_eq(seen_count(EV_OUT), 10);
	ck_assert_uint_eq(seen_count(EV_EOF), 1);
}
END_TEST

static void stop(void *ctx, unsigned what)
{
	(void)ctx;
	(void)what;
	loop_stop(task.loop);
}

START_TEST(a_stalled_one_not_at_all)
{
	stream.narrow = _i;
	stream_stall(&stream, false);
	stream_stall(&stream, true);
	loop_after(task.loop, 20000, stop, NULL);
	drain("late\n", 1);
	ck_assert_uint_eq(taken.n, 0);
	/* The transport has ended. */
	stream_drain(&stream);
	loop_run(task.loop);
	ck_assert(span_eqs(buf_span(&taken), "late\n"));
	ck_assert_uint_eq(closed, 1);
	/* At once, and no longer byte by byte. */
	seen_events();
	ck_assert_uint_eq(seen_count(EV_OUT), 1);
}
END_TEST

START_TEST(closed_by_the_case)
{
	stream_stall(&stream, false);
	stream_close(&stream);
	stream_close(&stream);
	ck_assert_uint_eq(closed, 1);
	ck_assert_int_eq(stream.fd, -1);
	seen_events();
	ck_assert_uint_eq(seen.nev, 0);
	close(writer);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("stream");
	TCase *t = tcase_create("stream");

	tcase_add_checked_fixture(t, stream_setup, stream_teardown);
	tcase_add_test(t, all_of_a_little);
	tcase_add_test(t, so_many_bytes);
	tcase_add_test(t, so_many_lines);
	tcase_add_test(t, so_many_pieces);
	tcase_add_test(t, a_narrow_one_byte_by_byte);
	tcase_add_loop_test(t, a_stalled_one_not_at_all, 0, 2);
	tcase_add_test(t, closed_by_the_case);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
