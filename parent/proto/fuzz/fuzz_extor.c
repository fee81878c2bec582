/*
 * fuzz_extor.c - what a transport says to an Extended ORPort; see chunks.h.
 *
 * The first byte chooses what the bridge does, the second is a value for it.
 * Event 0: the reply that is due goes out; event 1: the next bytes of the
 * transport come from the bridge instead.
 */
#include "parent/proto/net/extor.h"
#include "parent/proto/fuzz/chunks.h"

#define KEY SPAN("Gliding wrapt in a brown mantle,")
#define NONCE SPAN("te road There is always another ")

static struct extor_script script(uint8_t how, uint8_t value)
{
	struct extor_script s = EXTOR_SCRIPT(KEY, NONCE);

	if (how & 1)
		s.types = SPAN("\2\376\1\7");
	if (how & 2)
		s.flip = value;
	if (how & 4)
		s.status = value;
	if (how & 8)
		s.answer = EXTOR_OKAY + value % 4;
	if (how & 16)
		s.body = SPAN("BODY!");
	if (how & 32)
		s.behind = SPAN("behind");
	if (how & 64)
		s.before = SPAN("\x1f\xff\0\3abc");
	return s;
}

static void put(struct buf *out, const struct extor *x)
{
	buf_addf(out, "%d %x %x %zu %d %d %d %u %zu %zu %zu %d %d %d %u %zu",
		 x->stage, x->anomalies, x->early, x->used, x->choice,
		 x->has_nonce, x->has_hash, x->commands, x->partial, x->sent,
		 x->ntypes, x->offers, x->status, x->answer, x->unknown,
		 x->answer_body);
	put_span(out, x->user);
	put_span(out, x->transport);
	put_span(out, span_of(x->nonce, EXTOR_HASH_SIZE));
	put_span(out, span_of(x->hash, EXTOR_HASH_SIZE));
	put_span(out, span_of(x->server_hash, EXTOR_HASH_SIZE));
	put_span(out, span_of(x->user_addr.ip, 16));
}

static void check(const struct extor *x)
{
	struct span user = span_of(x->user_body, EXTOR_BODY_KEEP);

	MUST(x->stage < EXTOR_STAGES);
	MUST(is_inside(x->user, user));
	MUST(is_inside(x->user_addr.host, user));
	MUST(is_inside(x->transport,
		       span_of(x->transport_body, EXTOR_BODY_KEEP)));
	MUST(!(x->anomalies & EXTOR_EARLY) == !x->early);
	MUST((x->stage == EXTOR_TUNNEL) == (x->answer == EXTOR_OKAY));
	MUST(!x->has_hash || x->challenged);
	MUST(!x->challenged || x->has_nonce);
	MUST(x->stage < EXTOR_COMMANDS || x->stage >= EXTOR_FAILED ||
	     x->status == 1);
	MUST(!x->has_hash ||
	     !(x->anomalies & EXTOR_HASH_WRONG) == extor_client_knows(x, KEY));
}

static void feed(struct extor *x, struct buf *pending)
{
	size_t n = extor_feed(x, buf_span(pending));

	MUST(n <= pending->n);
	MUST(n == pending->n || extor_due(x) || x->stage >= EXTOR_TUNNEL);
	buf_eat(pending, n);
}

static void say(struct extor *x, struct span in, enum chunk_cut cut,
		struct buf *pending)
{
	while (in.n) {
		size_t n = chunk_piece(cut, in);

		buf_add(pending, span_sub(in, 0, n));
		in = span_sub(in, n, in.n);
		feed(x, pending);
	}
}

static void hear(struct extor *x, struct span out, enum chunk_cut cut)
{
	while (out.n) {
		size_t n = chunk_piece(cut, out);

		MUST(extor_sent(x, span_sub(out, 0, n)) <= n);
		out = span_sub(out, n, out.n);
	}
}

static void answer(struct extor *x, enum chunk_cut cut, struct buf *replies,
		   struct buf *pending)
{
	size_t before = replies->n;
	bool due = extor_due(x);

	extor_reply(x, replies);
	MUST((replies->n > before) == due);
	MUST(replies->n - before <= EXTOR_REPLY_MAX);
	hear(x, span_sub(buf_span(replies), before, replies->n), cut);
	feed(x, pending);
}

static void play(struct span in, enum chunk_cut cut, struct buf *out)
{
	uint8_t how = in.n > 0 ? (uint8_t)in.p[0] : 0;
	uint8_t value = in.n > 1 ? (uint8_t)in.p[1] : 0;
	struct extor_script s = script(how, value);
	struct buf pending = BUF_MAX(1u << 20), replies = BUF_MAX(1u << 20);
	struct extor *x = malloc(sizeof(*x));
	struct span bytes, key;
	bool of_bridge = false;
	unsigned event, odd;

	MUST(x != NULL);
	odd = extor_cookie_parse(in, &key);
	MUST(span_absent(key) == !!(odd & EXTOR_COOKIE_SHORT));
	MUST(is_inside(key, in));
	in = span_sub(in, 2, in.n);
	extor_init(x, &s);
	while (next_chunk(&in, &event, &bytes)) {
		if (event == CHUNK_BYTES && of_bridge)
			hear(x, bytes, cut);
		else if (event == CHUNK_BYTES)
			say(x, bytes, cut, &pending);
		else if (event == 0)
			answer(x, cut, &replies, &pending);
		of_bridge = event == 1;
		feed(x, &pending);
		check(x);
	}
	put(out, x);
	put_span(out, buf_span(&pending));
	put_span(out, buf_span(&replies));
	buf_fini(&pending);
	buf_fini(&replies);
	free(x);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);

	same_however_cut(in, 16u << 20, play);
	return 0;
}
