/*
 * fuzz_parent.c - a transport says and does what it likes to a parent's
 * session; see parent/proto/fuzz/chunks.h.
 *
 * The first byte chooses what was asked for.  Event 0: the next bytes are of
 * the other stream; 1, 2: a stream ends; 3: the process exits; 4: it is told
 * to stop; 5: time goes on to the next deadline; 6: a second passes; 7: the
 * process could be started, 8: it could not.
 */
#include "parent/proto/fuzz/chunks.h"
#include "parent/ptparent.h"

static const char *const argv[] = { "pt", NULL };
static const char *const names[] = { "a", "b" };
static const struct ptp_server servers[] = { { .name = "a" } };

struct story {
	struct ptp_session *s;
	int64_t now;
	enum ptp_stream on;
	bool failed, running;
	struct buf *out;
};

static void put_text(struct buf *out, const char *text)
{
	buf_addf(out, " %zu:", text ? strlen(text) : 0);
	if (text)
		buf_adds(out, text);
}

static void look(struct story *t)
{
	struct ptp_event ev;

	while (ptp_session_next(t->s, &ev)) {
		buf_addf(t->out, "\n%s %d %d %llu", ptp_what_word(ev.what),
			 ev.signal, ev.on, (unsigned long long)ev.offset);
		put_text(t->out, ev.text);
		put_text(t->out, ev.reason);
		put_text(t->out, ev.name);
		if (ev.method) {
			put_text(t->out, ev.method->name);
			put_text(t->out, ev.method->address);
		}
		if (ev.what == PTP_SPAWN)
			t->failed = false;
		if (ev.what == PTP_FAILED)
			t->failed = true;
		/* Nothing makes it usable again in the same run. */
		MUST(!t->failed || ev.what != PTP_READY);
	}
	MUST(!t->failed || !ptp_session_ready(t->s));
	MUST(ptp_session_ready(t->s) || !ptp_session_method(t->s, "a"));
}

static void feed(struct story *t, struct span bytes, enum chunk_cut cut)
{
	while (bytes.n) {
		size_t n = chunk_piece(cut, bytes);

		ptp_session_bytes(t->s, t->now, t->on, bytes.p, n);
		bytes = span_sub(bytes, n, bytes.n);
	}
	look(t);
}

static void happen(struct story *t, unsigned event)
{
	switch (event) {
	case 0:
		t->on = t->on == PTP_STDOUT ? PTP_STDERR : PTP_STDOUT;
		break;
	case 1:
	case 2:
		ptp_session_closed(t->s, t->now, (enum ptp_stream)(event - 1));
		break;
	case 3:
		ptp_session_exited(t->s, t->now, (int)(t->now % 65536));
		break;
	case 4:
		ptp_session_stop(t->s, t->now);
		break;
	case 5:
		if (ptp_session_deadline(t->s) > t->now)
			t->now = ptp_session_deadline(t->s);
		ptp_session_time(t->s, t->now);
		break;
	case 6:
		t->now += 1000000;
		ptp_session_time(t->s, t->now);
		break;
	case 7:
		ptp_session_spawned(t->s, t->now);
		break;
	case 8:
		ptp_session_not_spawned(t->s, t->now, "why");
		break;
	}
	look(t);
}

static void play(struct span in, enum chunk_cut cut, struct buf *out)
{
	uint8_t how = in.n > 0 ? (uint8_t)in.p[0] : 0;
	const struct ptp_config c = {
		.role = how & 1 ? PTP_SERVER : PTP_CLIENT,
		.argv = argv,
		.state = "/s",
		.transports = names,
		.ntransports = 2,
		.servers = servers,
		.nservers = 1,
		.orport = "127.0.0.1:1",
		.restart = how & 2,
		.proxy = { .type = (how & 5) == 4 ? "http" : NULL,
			   .address = "127.0.0.1:1" },
	};
	struct story t = { .s = ptp_session_new(&c, NULL), .out = out };
	struct span bytes;
	unsigned event;

	MUST(t.s != NULL);
	ptp_session_start(t.s, 0);
	look(&t);
	ptp_session_spawned(t.s, 0);
	in = span_sub(in, 1, in.n);
	while (next_chunk(&in, &event, &bytes)) {
		if (event == CHUNK_BYTES)
			feed(&t, bytes, cut);
		else
			happen(&t, event);
	}
	ptp_session_free(t.s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	same_however_cut(fuzz_input(data, size), 16u << 20, play);
	return 0;
}
