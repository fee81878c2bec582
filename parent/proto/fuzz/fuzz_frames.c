/* fuzz_frames.c - any bytes as a stream of datagrams, and as a datagram. */
#include "parent/proto/udp/frame.h"
#include "parent/proto/fuzz/fuzz.h"

/* What was taken is what is put, but for the bytes of padding. */
static void check_stream(enum framing f, struct span in)
{
	struct buf out = BUF_MAX(1u << 24);
	struct span rest = in, got, taken;
	enum frame_result r;

	while ((r = frame_take(f, &rest, &got)) == FRAME_WHOLE) {
		MUST(is_inside(got, in));
		MUST(f != FRAMING_STUN || !(stun_check(got) & STUN_INVALID));
		frame_put(f, &out, got);
		taken = span_sub(in, 0, in.n - rest.n);
		MUST(out.n == taken.n);
		MUST(f == FRAMING_STUN || span_eq(buf_span(&out), taken));
	}
	MUST((r == FRAME_NONE) == (rest.n == 0));
	MUST(r != FRAME_GARBAGE || f == FRAMING_STUN);
	buf_fini(&out);
}

static void check_datagram(struct span in)
{
	struct buf out = BUF_MAX(1u << 24);
	unsigned an = stun_check(in);
	struct span rest, got;

	frame_put(FRAMING_STUN, &out, in);
	rest = buf_span(&out);
	if (!(an & STUN_INVALID)) {
		MUST(frame_take(FRAMING_STUN, &rest, &got) == FRAME_WHOLE);
		MUST(rest.n == 0 && span_starts(in, got));
	}
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);

	check_stream(FRAMING_LENGTH, in);
	check_stream(FRAMING_LITTLE_ENDIAN, in);
	check_stream(FRAMING_STUN, in);
	check_datagram(in);
	return 0;
}
