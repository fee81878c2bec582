/*
 * fuzz_socks.c - dialogues with a SOCKS server; see chunks.h.
 *
 * The first byte chooses what the client knows and offers; events: a message
 * of the client goes out, quiet, end.
 */
#include "parent/base/text.h"
#include "parent/proto/fuzz/chunks.h"
#include "parent/proto/net/socks.h"

static void call(struct socks *s, unsigned event)
{
	switch (event) {
	case 0:
		socks_sent(s, SOCKS_AUTH);
		break;
	case 1:
		socks_sent(s, SOCKS_BLOCK);
		break;
	case 2:
		socks_sent(s, SOCKS_REQUEST);
		break;
	case 3:
		socks_quiet(s);
		break;
	case 4:
		socks_end(s);
		break;
	default:
		break;
	}
}

static void feed(struct socks *s, struct span in, enum chunk_cut cut)
{
	while (in.n) {
		size_t n = chunk_piece(cut, in);
		size_t took = socks_feed(s, span_sub(in, 0, n));

		MUST(took <= n);
		MUST(took == n || s->stage >= SOCKS_TUNNEL);
		in = span_sub(in, n, in.n);
	}
}

static void put(struct buf *out, const struct socks *s)
{
	buf_addf(out, "%d %x %zu %d %d %d %d %d %d %d %zu %d ", s->stage,
		 s->anomalies, s->used, s->ended, s->method, s->form, s->status,
		 s->code, s->rep, s->early, s->n, s->bound.atyp);
	text_escape(out, span_of(s->bound.addr.ip, 16));
	buf_addf(out, " %u ", s->bound.addr.port);
	text_escape(out, s->bound.name);
	text_escape(out, s->reply);
}

static void check(const struct socks *s)
{
	struct span raw = span_of(s->raw, sizeof(s->raw));

	MUST(is_inside(s->reply, raw));
	MUST(is_inside(s->bound.name, raw));
	MUST(s->n <= sizeof(s->raw));
	MUST(s->stage != SOCKS_TUNNEL || s->reply.n);
	MUST(!s->ended || s->stage >= SOCKS_TUNNEL);
	MUST(s->code < 0 || s->method == SOCKS_METHOD_JSON ||
	     s->method == SOCKS_METHOD_DRAFT);
	MUST(!(s->anomalies & SOCKS_ODD_CUT) || s->ended);
}

static void play(struct span in, enum chunk_cut cut, struct buf *out)
{
	static const struct {
		const char *p;
		size_t n;
	} offers[] = {
		{ "\x09", 1 }, { "\0", 1 }, { "\2", 1 }, { "\0\2\x09\x80", 4 }
	};
	uint8_t how = in.n ? (uint8_t)in.p[0] : 0;
	struct span bytes;
	unsigned event;
	struct socks s;

	in = span_sub(in, 1, in.n);
	socks_init(&s, how & 16 ? SOCKS4 : SOCKS5,
		   (enum socks_answer)(how >> 2 & 3));
	socks_offer(&s, span_of(offers[how & 3].p, offers[how & 3].n));
	while (next_chunk(&in, &event, &bytes)) {
		if (event < CHUNK_BYTES)
			call(&s, event);
		else
			feed(&s, bytes, cut);
		check(&s);
	}
	put(out, &s);
}

/* The other direction: any bytes as what a client says. */
static void read_client(struct span in)
{
	static const int methods[] = { -1, 0, 2, 9, 0x80, 0xff };

	for (size_t i = 0; i < 6; i++) {
		struct socks_said said;

		socks_said(in, methods[i], &said);
		MUST(is_inside(said.methods, in));
		MUST(is_inside(said.user, in));
		MUST(is_inside(said.password, in));
		MUST(is_inside(said.block, in));
		MUST(is_inside(said.to.name, in));
		MUST(said.block.n <= said.count);
		MUST(said.request_end == SIZE_MAX || said.request_end <= in.n);
		MUST(said.request_at == SIZE_MAX || said.request_at <= in.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);

	same_however_cut(in, 8192, play);
	read_client(in);
	return 0;
}
