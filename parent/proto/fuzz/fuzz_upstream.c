/*
 * fuzz_upstream.c - what a client says to its proxy; see chunks.h.
 *
 * The first byte chooses the proxy, the second what it answers; event 0: the
 * reply that was due is out.
 */
#include "parent/proto/fuzz/chunks.h"
#include "parent/proto/net/upstream.h"

static struct upstream_script script(uint8_t how, uint8_t answer)
{
	struct upstream_script s =
		UPSTREAM_SCRIPT((enum upstream_kind)(how & 3));

	s.demand = how & 4;
	if (how & 8)
		s.user = s.password = SPAN("u");
	if (how & 16)
		s.method = answer;
	if (how & 32)
		s.status = answer;
	if (how & 64)
		s.reply = s.kind == UPSTREAM_HTTP ? 100 + answer : answer;
	if (how & 128)
		s.instead[answer % UPSTREAM_STAGES] = SPAN("instead");
	return s;
}

static void put(struct buf *out, const struct upstream *u)
{
	const struct span spans[] = { u->methods,  u->user, u->password,
				      u->line,	   u->verb, u->target,
				      u->version,  u->host, u->credentials,
				      u->dest.name };

	buf_addf(out, "%d %d %x %x %zu %zu %d %d %d %d %d %u", u->stage, u->due,
		 u->anomalies, u->early, u->used, u->start, u->method,
		 u->status, u->cmd, u->code, u->dest.atyp, u->dest.addr.port);
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		put_span(out, spans[i]);
	put_span(out, span_of(u->dest.addr.ip, 16));
}

static void check(const struct upstream *u)
{
	struct span raw = span_of(u->raw, u->used);
	struct span cred = span_of(u->cred, sizeof(u->cred));

	MUST(u->used <= UPSTREAM_HEAD_MAX && u->start <= u->used);
	MUST(is_inside(u->methods, raw) && is_inside(u->line, raw));
	MUST(is_inside(u->verb, u->line) && is_inside(u->target, u->line));
	MUST(is_inside(u->version, u->line));
	MUST(is_inside(u->host, raw) && is_inside(u->credentials, raw));
	MUST(is_inside(u->dest.name, raw));
	MUST(is_inside(u->user, raw) || is_inside(u->user, cred));
	MUST(is_inside(u->password, raw) || is_inside(u->password, cred));
	MUST(!u->due || u->stage < UPSTREAM_TUNNEL);
	MUST(!(u->anomalies & UPSTREAM_PIPELINED) == !u->early);
	MUST(u->stage != UPSTREAM_TUNNEL ||
	     upstream_grants(u->script.kind, u->code));
}

static void feed(struct upstream *u, struct buf *pending)
{
	size_t n = upstream_feed(u, buf_span(pending));

	MUST(n <= pending->n);
	MUST(n == pending->n || u->due || u->stage >= UPSTREAM_TUNNEL);
	buf_eat(pending, n);
}

static void say(struct upstream *u, struct span in, enum chunk_cut cut,
		struct buf *pending)
{
	while (in.n) {
		size_t n = chunk_piece(cut, in);

		buf_add(pending, span_sub(in, 0, n));
		in = span_sub(in, n, in.n);
		feed(u, pending);
	}
}

static void answer(struct upstream *u, struct buf *replies, struct buf *pending)
{
	size_t before = replies->n;

	upstream_reply(u, replies);
	MUST((replies->n > before) == u->due);
	MUST(replies->n - before <= UPSTREAM_REPLY_MAX);
	upstream_answered(u);
	feed(u, pending);
}

static void play(struct span in, enum chunk_cut cut, struct buf *out)
{
	uint8_t how = in.n > 0 ? (uint8_t)in.p[0] : 0;
	uint8_t code = in.n > 1 ? (uint8_t)in.p[1] : 0;
	struct upstream_script s = script(how, code);
	struct buf pending = BUF_MAX(1u << 20), replies = BUF_MAX(8192);
	struct upstream *u = malloc(sizeof(*u));
	struct span bytes;
	unsigned event;

	MUST(u != NULL);
	in = span_sub(in, 2, in.n);
	upstream_init(u, &s);
	while (next_chunk(&in, &event, &bytes)) {
		if (event == CHUNK_BYTES)
			say(u, bytes, cut, &pending);
		else
			answer(u, &replies, &pending);
		check(u);
	}
	put(out, u);
	put_span(out, buf_span(&pending));
	put_span(out, buf_span(&replies));
	buf_fini(&pending);
	buf_fini(&replies);
	free(u);
}

/* Without times; whatever was early, the rest is the same. */
static void read_all(struct span in)
{
	for (int kind = 0; kind < 4; kind++) {
		struct upstream_script s =
			UPSTREAM_SCRIPT((enum upstream_kind)kind);
		struct upstream *u = malloc(sizeof(*u));

		MUST(u != NULL);
		upstream_init(u, &s);
		MUST(upstream_read(u, in) == u->used);
		MUST(!u->due && !u->early);
		check(u);
		free(u);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);

	same_however_cut(in, 16u << 20, play);
	read_all(in);
	return 0;
}
