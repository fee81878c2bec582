/* Datagrams in streams, and the pool of those: every chunking gives the same
 * datagrams, and both tables of PT 2.0 section 3.3.5 hold row by row. */
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/base/buf.c"
#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/udp/frame.c"
#include "fake-transports/udp/pool.c"

/* Nothing is broken here. */
bool fault_is(enum fault f)
{
	(void)f;
	return false;
}

void fault_sleep(int ms)
{
	(void)ms;
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define COOKIE "\x21\x12\xa4\x42"
#define ID "0123456789ab"
#define BINDING "\x00\x01\x00\x00" COOKIE ID
#define SOFTWARE "\x00\x01\x00\x0c" COOKIE ID "\x80\x22\x00\x05ptest\0\0\0"
#define OLD                \
	"\x00\x01\x00\x00" \
	"x" ID "xyz"

struct bytes {
	const char *p;
	size_t n;
};
#define B(s)                     \
	{                        \
		s, sizeof(s) - 1 \
	}

static const struct {
	enum framing f;
	struct bytes datagram;
	struct bytes stream; /* NULL: it is not carried */
	struct bytes comes;  /* NULL: the datagram as it was */
} carried[] = {
	{ FRAMING_LENGTH, B("hello"), B("\0\5hello"), { 0 } },
	{ FRAMING_LENGTH, B(""), B("\0\0"), { 0 } },
	{ FRAMING_LENGTH, B("\0\1A"), B("\0\3\0\1A"), { 0 } },
	{ FRAMING_LENGTH, B(BINDING), B("\0\x14" BINDING), { 0 } },
	{ FRAMING_STUN, B(BINDING), B(BINDING), { 0 } },
	{ FRAMING_STUN, B(SOFTWARE), B(SOFTWARE), { 0 } },
	{ FRAMING_STUN, B(OLD), B(OLD), { 0 } },
	{ FRAMING_STUN, B("\x40\1\0\4data"), B("\x40\1\0\4data"), { 0 } },
	{ FRAMING_STUN, B("\x40\1\0\0"), B("\x40\1\0\0"), { 0 } },
	{ FRAMING_STUN,
	  B("\x40\1\0\5hello"),
	  B("\x40\1\0\5hello\0\0\0"),
	  { 0 } },
	{ FRAMING_STUN, B("\x40\1\0\5hello\0\0\0"), B("\x40\1\0\5hello\0\0\0"),
	  B("\x40\1\0\5hello") },
	{ FRAMING_STUN, B(""), { 0 }, { 0 } },
	{ FRAMING_STUN, B("hello"), { 0 }, { 0 } },
	{ FRAMING_STUN, B("\0\1\0"), { 0 }, { 0 } },
	{ FRAMING_STUN, B("\0\1\0\3" COOKIE ID "abc"), { 0 }, { 0 } },
	{ FRAMING_STUN, B("\0\1\0\4" COOKIE ID), { 0 }, { 0 } },
	{ FRAMING_STUN, B(BINDING "more"), { 0 }, { 0 } },
	{ FRAMING_STUN, B("\x40\1\0\5hell"), { 0 }, { 0 } },
	{ FRAMING_STUN, B("\x40\1\0\5hello\0\0"), { 0 }, { 0 } },
	{ FRAMING_STUN, B("\x80\1\0\0" COOKIE ID), { 0 }, { 0 } },
};

static bool equals(struct bytes b, const uint8_t *p, size_t n)
{
	return b.n == n && (n == 0 || memcmp(b.p, p, n) == 0);
}

START_TEST(test_one)
{
	struct bytes d = carried[_i].datagram, s = carried[_i].stream;
	struct bytes want = carried[_i].comes.p ? carried[_i].comes : d;
	struct buf out = { 0 };
	struct frame got;

	ck_assert_int_eq(
		frame_put(carried[_i].f, (const uint8_t *)d.p, d.n, &out),
		s.p != NULL);
	ck_assert(equals(s, buf_head(&out), buf_n(&out)));
	for (size_t n = 0; n < s.n; n++)
		ck_assert_int_eq(
			frame_take(carried[_i].f, buf_head(&out), n, &got),
			FRAME_MORE);
	if (s.p) {
		ck_assert_int_eq(
			frame_take(carried[_i].f, buf_head(&out), s.n, &got),
			FRAME_HERE);
		ck_assert(equals(want, got.p, got.n));
		ck_assert_uint_eq(got.eaten, s.n);
	}
	buf_fini(&out);
}
END_TEST

static const struct {
	enum framing f;
	struct bytes stream;
	enum frame_result then; /* behind all frames */
	unsigned frames;
} streams[] = {
	{ FRAMING_LENGTH, B("\0\1A\0\1B\0\1C"), FRAME_MORE, 3 },
	{ FRAMING_LENGTH, B("\0\0\0\1A"), FRAME_MORE, 2 },
	{ FRAMING_LENGTH, B("\0\1A\0\x64no"), FRAME_MORE, 1 },
	{ FRAMING_LENGTH, B("\0"), FRAME_MORE, 0 },
	{ FRAMING_STUN, B(BINDING SOFTWARE BINDING), FRAME_MORE, 3 },
	{ FRAMING_STUN, B("\x40\1\0\5hello\0\0\0" BINDING), FRAME_MORE, 2 },
	{ FRAMING_STUN, B(BINDING "\0\1\0\3"), FRAME_BROKEN, 1 },
	{ FRAMING_STUN, B(BINDING "\xff"), FRAME_BROKEN, 1 },
	{ FRAMING_STUN, B("\x80\1\0\0" COOKIE ID), FRAME_BROKEN, 0 },
};

START_TEST(test_stream)
{
	const uint8_t *p = (const uint8_t *)streams[_i].stream.p;
	size_t n = streams[_i].stream.n;
	unsigned frames = 0;
	enum frame_result r;
	struct frame got;

	while ((r = frame_take(streams[_i].f, p, n, &got)) == FRAME_HERE) {
		frames++;
		p += got.eaten;
		n -= got.eaten;
	}
	ck_assert_uint_eq(frames, streams[_i].frames);
	ck_assert_int_eq(r, streams[_i].then);
}
END_TEST

START_TEST(test_largest)
{
	static uint8_t all[FRAME_MAX] = { 0, 1, 0xff, 0xfc, 0x21 };
	struct buf out = { 0 };
	struct frame got;

	ck_assert(!frame_put(FRAMING_LENGTH, all, 65536, &out));
	ck_assert(frame_put(FRAMING_LENGTH, all, 65535, &out));
	ck_assert_int_eq(
		frame_take(FRAMING_LENGTH, buf_head(&out), buf_n(&out), &got),
		FRAME_HERE);
	ck_assert_uint_eq(got.n, 65535);
	buf_eat(&out, buf_n(&out));
	ck_assert(frame_put(FRAMING_STUN, all, 20 + 0xfffc, &out));
	ck_assert_int_eq(
		frame_take(FRAMING_STUN, buf_head(&out), buf_n(&out), &got),
		FRAME_HERE);
	ck_assert_uint_eq(got.n, 20 + 0xfffc);
	buf_fini(&out);
}
END_TEST

#define ANY POOL_NOTHING
static const struct {
	enum pool_side side;
	enum pool_event event;
	enum pool_state from, to;
	enum pool_effect effect;
} steps[] = {
	/* Table 1 */
	{ POOL_CLIENT, POOL_PACKET, POOL_ABSENT, POOL_WAITING, POOL_DIAL },
	{ POOL_CLIENT, POOL_PACKET, POOL_WAITING, POOL_WAITING, POOL_DROP },
	{ POOL_CLIENT, POOL_PACKET, POOL_CONNECTED, POOL_CONNECTED, POOL_SEND },
	{ POOL_CLIENT, POOL_SUCCESS, POOL_WAITING, POOL_CONNECTED, ANY },
	{ POOL_CLIENT, POOL_CLOSED, POOL_CONNECTED, POOL_ABSENT, ANY },
	{ POOL_CLIENT, POOL_FAILED, POOL_WAITING, POOL_ABSENT, ANY },
	{ POOL_CLIENT, POOL_WRITE_FAILED, POOL_CONNECTED, POOL_ABSENT,
	  POOL_DROP },
	{ POOL_CLIENT, POOL_TIMEOUT, POOL_WAITING, POOL_ABSENT, ANY },
	{ POOL_CLIENT, POOL_TIMEOUT, POOL_CONNECTED, POOL_ABSENT, ANY },
	/* Table 2 */
	{ POOL_SERVER, POOL_SUCCESS, POOL_ABSENT, POOL_CONNECTED, ANY },
	{ POOL_SERVER, POOL_PACKET, POOL_ABSENT, POOL_ABSENT, POOL_DROP },
	{ POOL_SERVER, POOL_PACKET, POOL_CONNECTED, POOL_CONNECTED, POOL_SEND },
	{ POOL_SERVER, POOL_CLOSED, POOL_CONNECTED, POOL_ABSENT, ANY },
	{ POOL_SERVER, POOL_WRITE_FAILED, POOL_CONNECTED, POOL_ABSENT,
	  POOL_DROP },
	{ POOL_SERVER, POOL_TIMEOUT, POOL_CONNECTED, POOL_ABSENT, ANY },
	/* in no row */
	{ POOL_CLIENT, POOL_CLOSED, POOL_ABSENT, POOL_ABSENT, ANY },
	{ POOL_CLIENT, POOL_SUCCESS, POOL_ABSENT, POOL_ABSENT, ANY },
	{ POOL_SERVER, POOL_FAILED, POOL_CONNECTED, POOL_CONNECTED, ANY },
};

START_TEST(test_tables)
{
	struct pool p = { .side = steps[_i].side, .idle_ms = 100 };
	struct pool_entry e = { .state = steps[_i].from, .used = 1 };
	bool was = e.state != POOL_ABSENT, is = steps[_i].to != POOL_ABSENT;

	if (was)
		insert(&p, &e);
	ck_assert_int_eq(pool_happens(&p, &e, steps[_i].event, 7),
			 steps[_i].effect);
	ck_assert_int_eq(e.state, steps[_i].to);
	ck_assert_uint_eq(p.n, is);
	ck_assert_ptr_eq(p.first, is ? &e : NULL);
	/* A packet is use, and so is that it came into the pool. */
	if (is)
		ck_assert_int_eq(
			pool_expiry(&p, &e),
			(was && steps[_i].event != POOL_PACKET ? 1 : 7) + 100);
}
END_TEST

static struct sockaddr_storage key(int family, uint16_t port)
{
	struct sockaddr_storage ss = { .ss_family = (sa_family_t)family };

	((struct sockaddr_in *)&ss)->sin_port = htons(port);
	return ss;
}

START_TEST(test_keys)
{
	struct pool p = { .side = POOL_CLIENT };
	struct pool_entry e[3] = { { .key = key(AF_INET, 1) },
				   { .key = key(AF_INET, 2) },
				   { .key = key(AF_INET6, 1) } };

	for (size_t i = 0; i < COUNT(e); i++) {
		ck_assert_ptr_null(pool_find(&p, &e[i].key));
		pool_happens(&p, &e[i], POOL_PACKET, 0);
	}
	for (size_t i = 0; i < COUNT(e); i++)
		ck_assert_ptr_eq(pool_find(&p, &e[i].key), &e[i]);
	pool_happens(&p, &e[1], POOL_TIMEOUT, 0);
	ck_assert_ptr_null(pool_find(&p, &e[1].key));
	ck_assert_ptr_eq(pool_find(&p, &e[0].key), &e[0]);
	ck_assert_uint_eq(p.n, 2);
	pool_used(&e[0], 50);
	ck_assert_int_eq(pool_expiry(&p, &e[0]), 50);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("udp");
	TCase *t = tcase_create("frames and pools");
	SRunner *r;
	int failed;

	tcase_add_loop_test(t, test_one, 0, COUNT(carried));
	tcase_add_loop_test(t, test_stream, 0, COUNT(streams));
	tcase_add_test(t, test_largest);
	tcase_add_loop_test(t, test_tables, 0, COUNT(steps));
	tcase_add_test(t, test_keys);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
