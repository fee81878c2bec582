/*
 * test_scene.c - what people are shown of a trace: events in words, and what
 * to type into Wireshark.
 */
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/report/scene/scene.h"
#include "harness/report/scene/wireshark.h"
#include "harness/trace/tests/by_hand.h"

/* --- frames in words --- */

static const char *frame(void *ctx, const char *trace, int64_t number,
			 struct arena *a)
{
	(void)ctx;
	if (number > 20)
		return NULL;
	return arena_printf(a, "udp of %s", trace);
}

static const struct frame_source frames = {
	.words = frame,
	.trace = "traces/001.jsonl",
};

static void says(struct event ev, const struct frame_source *source,
		 const char *want)
{
	put(ev);
	ck_assert_str_eq(scene_words(&tr.arena, &tr.ev[tr.nev - 1], source),
			 want);
}

START_TEST(frames_in_words)
{
	struct event ev =
		EVENT(packet, .on = SPAN("far0"), .what = PACKET_IS_UDP,
		      .to = SPAN("192.0.2.1:53"), .frame = 14, .bytes = 33);

	says(ev, &frames,
	     "packet far0 udp to=\"192.0.2.1:53\" bytes=33: frame 14, udp of "
	     "traces/001.jsonl");
	says(ev, NULL,
	     "packet far0 udp to=\"192.0.2.1:53\" bytes=33: frame 14");
	ev.packet.frame = 21;
	says(ev, &frames,
	     "packet far0 udp to=\"192.0.2.1:53\" bytes=33: frame 21");
	/* A question by TCP is in none. */
	says(EVENT(query, .by = QUERY_BY_TCP, .type = SPAN("A"),
		   .name = SPAN("x")),
	     &frames, "query tcp A name=\"x\"");
}
END_TEST

/* --- Wireshark --- */

/* SPAN() for a table. */
#define S(lit)                          \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}

static void capture(void)
{
	put(EVENT(capture, .state = CAPTURE_ON));
	put(EVENT(connect, .conn = SPAN("c1"), .result = CONNECT_OK,
		  .addr = SPAN("127.0.0.1:4000")));
	put(EVENT(accept, .name = SPAN("a1"), .peer = SPAN("[::1]:5000")));
	put(EVENT(udp, .name = SPAN("u1"), .result = SPAN("ok"),
		  .addr = SPAN("127.0.0.1:6000")));
}

static const struct row {
	struct event ev;
	const char *filter;
} rows[] = {
	{ { .kind = EV_PACKET,
	    .packet = { .what = PACKET_IS_TCP_SYN,
			.to = S("192.0.2.1:443"),
			.frame = 3 } },
	  "ip.dst == 192.0.2.1 && tcp.dstport == 443" },
	{ { .kind = EV_PACKET,
	    .packet = { .what = PACKET_IS_UDP,
			.to = S("[2001:db8::1]:53"),
			.frame = 3 } },
	  "ipv6.dst == 2001:db8::1 && udp.dstport == 53" },
	{ { .kind = EV_PACKET,
	    .packet = { .what = PACKET_IS_ICMP,
			.to = S("192.0.2.1:0"),
			.frame = 3 } },
	  "ip.dst == 192.0.2.1" },
	{ { .kind = EV_PACKET, .packet = { .to = S("nonsense") } }, NULL },
	{ { .kind = EV_QUERY,
	    .query = { .name = S("a-b.example"), .frame = 7 } },
	  "dns.qry.name == \"a-b.example\"" },
	/* What would end the text of a filter is not put into one. */
	{ { .kind = EV_QUERY, .query = { .name = S("x\" || \""), .frame = 7 } },
	  "frame.number == 7" },
	{ { .kind = EV_QUERY, .query = { .name = S("\n") } }, NULL },
	{ { .kind = EV_VISIBLE, .visible = { .frame = 9 } },
	  "frame.number == 9" },
	{ { .kind = EV_WIRE,
	    .wire = { .what = WIRE_IS_UDP, .at = S("127.0.0.1:700") } },
	  "udp.port == 700" },
	{ { .kind = EV_WIRE,
	    .wire = { .what = WIRE_IS_END, .at = S("127.0.0.1:700") } },
	  "tcp.port == 700" },
	{ { .kind = EV_RECV, .recv = { .conn = S("c1") } },
	  "tcp.port == 4000" },
	{ { .kind = EV_EOF, .eof = { .on = S("a1") } }, "tcp.port == 5000" },
	{ { .kind = EV_GOT, .got = { .on = S("u1") } }, "udp.port == 6000" },
	{ { .kind = EV_OUT, .out = { .on = S("stdout") } }, NULL },
	{ { .kind = EV_EXIT, .exit = { .what = S("pt") } }, NULL },
};

static void filter_is(const uint32_t *ev, size_t n, const char *want)
{
	const char *got = wireshark_filter(&tr.arena, &tr, ev, n);

	if (want)
		ck_assert_str_eq(got, want);
	else
		ck_assert_ptr_null(got);
}

START_TEST(one_event)
{
	capture();
	put(rows[_i].ev);
	filter_is((uint32_t[]){ 5 }, 1, rows[_i].filter);
}
END_TEST

START_TEST(many_events)
{
	capture();
	put(EVENT(recv, .conn = SPAN("c1")));
	put(EVENT(recv, .conn = SPAN("a1")));
	put(EVENT(out, .on = SPAN("stdout")));
	put(EVENT(accept, .name = SPAN("a2"), .peer = SPAN("1.2.3.4:500")));
	filter_is((uint32_t[]){ 5, 7, 6, 5 }, 4,
		  "(tcp.port == 4000) || (tcp.port == 5000)");
	/* One that another begins with. */
	filter_is((uint32_t[]){ 6, 8 }, 2,
		  "(tcp.port == 5000) || (tcp.port == 500)");
	/* Events that the trace has not. */
	filter_is((uint32_t[]){ 0, 99, 5 }, 3, "tcp.port == 4000");
	filter_is(NULL, 0, NULL);
}
END_TEST

START_TEST(nothing_captured)
{
	put(EVENT(capture, .state = CAPTURE_OFF));
	put(EVENT(connect, .conn = SPAN("c1"), .addr = SPAN("127.0.0.1:1")));
	filter_is((uint32_t[]){ 2 }, 1, NULL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("scene");
	TCase *t = tcase_create("scene");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, frames_in_words);
	tcase_add_loop_test(t, one_event, 0, (int)N(rows));
	tcase_add_test(t, many_events);
	tcase_add_test(t, nothing_captured);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
