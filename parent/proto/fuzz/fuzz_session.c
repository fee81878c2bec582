/*
 * fuzz_session.c - a transport tells its parent how it starts; see chunks.h.
 *
 * The first byte chooses what was offered.  Event 0: the next bytes are of the
 * other stream; 1, 2: stdout or stderr ends; 3: the transport exits.
 */
#include "parent/proto/fuzz/chunks.h"
#include "parent/proto/session.h"

static void put(struct buf *out, const struct session_event *ev)
{
	buf_addf(out, "\n%d %d %x %d %x", ev->what, ev->on, ev->odd, ev->server,
		 ev->method.anomalies);
	put_span(out, ev->line);
	put_span(out, ev->word);
	put_span(out, ev->text);
	put_span(out, ev->method.name);
	put_span(out, ev->method.args);
}

static void check_event(const struct session *s, const struct session_event *ev)
{
	MUST((ev->odd & ~s->odd) == 0);
	MUST(ev->line.n <= SESSION_LINE_MAX);
	MUST(is_inside(ev->text, ev->line));
	MUST(ev->what == SESSION_METHOD || is_inside(ev->word, ev->line));
	MUST(ev->what != SESSION_FATAL || s->fatal);
	MUST(ev->on == SESSION_STDOUT || ev->what == SESSION_OTHER ||
	     ev->what == SESSION_FATAL);
}

static void feed(struct session *s, enum session_stream on, struct span bytes,
		 enum chunk_cut cut, struct buf *out)
{
	struct session_event ev;

	while (bytes.n) {
		struct span piece = span_sub(bytes, 0, chunk_piece(cut, bytes));

		bytes = span_sub(bytes, piece.n, bytes.n);
		while (session_feed(s, on, &piece, &ev)) {
			check_event(s, &ev);
			put(out, &ev);
		}
		MUST(piece.n == 0);
	}
}

static void put_end(struct buf *out, const struct session *s)
{
	buf_addf(out, "\n%d %d %d %d %d %x %d", s->versioned, s->not_offered,
		 s->proxied, s->done, s->fatal, s->odd, session_unusable(s));
	put_span(out, s->version);
	for (size_t i = 0; i < s->nmethods; i++) {
		put_span(out, s->method[i].m.name);
		put_span(out, s->method[i].m.addr_text);
	}
}

static void play(struct span in, enum chunk_cut cut, struct buf *out)
{
	uint8_t how = in.n > 0 ? (uint8_t)in.p[0] : 0;
	const struct session_offer offer = {
		.server = how & 1,
		.proxy = how & 2,
		.versions = how & 4 ? SPAN("1,2") : SPAN("2"),
		.transports = how & 8 ? SPAN("*") : SPAN("a,b"),
	};
	struct session *s = malloc(sizeof(*s));
	enum session_stream on = SESSION_STDOUT;
	struct span bytes;
	unsigned event;

	MUST(s != NULL);
	in = span_sub(in, 1, in.n);
	session_init(s, &offer);
	while (next_chunk(&in, &event, &bytes)) {
		if (event == CHUNK_BYTES)
			feed(s, on, bytes, cut, out);
		else if (event == 0)
			on = on == SESSION_STDOUT ? SESSION_STDERR
						  : SESSION_STDOUT;
		else if (event <= 2)
			session_closed(s, event - 1);
		else if (event == 3)
			session_exited(s);
		MUST(s->nmethods <= SESSION_METHODS_MAX);
	}
	put_end(out, s);
	session_fini(s);
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	same_however_cut(fuzz_input(data, size), 16u << 20, play);
	return 0;
}
