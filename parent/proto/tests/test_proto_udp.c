/* test_proto_udp.c - streams of datagrams by vectors/udp-frames.json and
 * vectors/stun-messages.json, and what is put into them. */
#include "parent/base/tests/suite.h"
#include "parent/proto/tests/vectors.h"
#include "parent/proto/udp/frame.h"

static const struct word anomalies[] = {
	{ "short", STUN_SHORT },	 { "top_bits", STUN_TOP_BITS },
	{ "unaligned", STUN_UNALIGNED }, { "length", STUN_LENGTH },
	{ "no_cookie", STUN_NO_COOKIE }, { "channel", STUN_CHANNEL },
	{ "padded", STUN_PADDED },	 END,
};

static const char *const results[] = {
	[FRAME_NONE] = "whole",
	[FRAME_WHOLE] = "(goes on)",
	[FRAME_PART] = "part",
	[FRAME_GARBAGE] = "garbage",
};

static void check_stream(struct row *r, enum framing f)
{
	json_t *want = json_object_get(r->json, "decoded");
	struct span rest = row_bytes(r, "input"), got;
	enum frame_result end;
	size_t n = 0;

	while ((end = frame_take(f, &rest, &got)) == FRAME_WHOLE) {
		same_span(r, "datagram",
			  bytes_of(r->a, json_array_get(want, n)), got);
		n++;
	}
	same_size(r, "datagrams", json_array_size(want), n);
	if (strcmp(results[end], row_text(r, "expect")) != 0)
		complain(r, "end", row_text(r, "expect"), results[end]);
}

static void check_udp(struct row *r)
{
	check_stream(r, FRAMING_LENGTH);
}

static void check_stun(struct row *r)
{
	unsigned an;

	if (r->id[0] != 'M') {
		check_stream(r, FRAMING_STUN);
		return;
	}
	an = stun_check(row_bytes(r, "input"));
	same_set(r, r->json, "anomalies", anomalies, an);
	same_bool(r, "carried", strcmp(row_text(r, "expect"), "carry") == 0,
		  !(an & STUN_INVALID));
}

START_TEST(udp_frames)
{
	each_row("udp-frames", check_udp);
}
END_TEST

START_TEST(stun_messages)
{
	each_row("stun-messages", check_stun);
}
END_TEST

START_TEST(put)
{
	struct buf b = BUF_MAX(1000);

	frame_put(FRAMING_LENGTH, &b, SPAN("hello"));
	frame_put(FRAMING_LITTLE_ENDIAN, &b, SPAN("hello"));
	frame_put(FRAMING_STUN, &b, SPAN("\x40\1\0\5hello"));
	ck_assert(span_eq(buf_span(&b), SPAN("\0\5hello\5\0hello"
					     "\x40\1\0\5hello\0\0\0")));
	buf_fini(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("udp");
	TCase *t = tcase_create("udp");

	tcase_add_test(t, udp_frames);
	tcase_add_test(t, stun_messages);
	tcase_add_test(t, put);
	suite_add_tcase(s, t);
	return suite_run(s);
}
