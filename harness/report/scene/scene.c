/* scene.c - see scene.h. */
#include "harness/report/scene/scene.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/text.h"

/* How much of an event's bytes a report shows; and as hex. */
#define SHOWN_BYTES 200
#define HEX_BYTES 24
/* Steps of a drawing: the first, and around each that is marked. */
#define FIRST_STEPS 12
#define AROUND 5
#define STEPS_MAX 80
/* Connections that a scene tells apart. */
#define CONNS_MAX 256

const char *const scene_lane_names[LANES] = {
#define X(id, name) [LANE_##id] = name,
	SCENE_LANES(X)
#undef X
};

/* --- an event in words --- */

static bool is_key(const struct event_field *f, const char *key)
{
	return strcmp(f->key, key) == 0;
}

static void add_value(struct buf *b, const char *key, struct span s)
{
	char shown[SHOWN_BYTES * 2];

	buf_addf(b, " %s=\"%s\"", key, text_showbuf(shown, sizeof(shown), s));
}

static void show_field(struct arena *a, struct buf *b, const struct event *ev,
		       const struct event_field *f)
{
	struct span s;

	switch (f->type) {
	case EVENT_INT:
		buf_addf(b, " %s=%" PRId64, f->key, event_int(ev, f));
		break;
	case EVENT_ENUM:
		if (event_word(ev, f)[0])
			buf_addf(b, " %s", event_word(ev, f));
		break;
	case EVENT_NAME:
	case EVENT_WORD:
	case EVENT_TEXT:
		s = event_span(ev, f);
		if (s.n)
			buf_addf(b, " %s", text_show(a, s, 120));
		break;
	case EVENT_ADDR:
	case EVENT_BYTES:
		s = event_span(ev, f);
		if (s.n)
			add_value(b, f->key, s);
		break;
	}
}

/* Behind what the event says of it. */
static void show_frame(struct arena *a, struct buf *b, int64_t number,
		       const struct frame_source *frames)
{
	const char *words =
		frames && frames->words
			? frames->words(frames->ctx, frames->trace, number, a)
			: NULL;

	buf_addf(b, ": frame %" PRId64 "%s%s", number, words ? ", " : "",
		 words ? words : "");
}

static int64_t frame_of(const struct event *ev)
{
	for_event_fields (f, ev->kind)
		if (is_key(f, "frame"))
			return event_int(ev, f);
	return 0;
}

const char *scene_words(struct arena *a, const struct event *ev,
			const struct frame_source *frames)
{
	int64_t frame = frame_of(ev);
	struct buf b = BUF_MAX(4096);
	const char *s;

	if (ev->kind == EV_OUT) {
		buf_addf(&b, "%.*s: %s", SPAN_ARG(ev->out.on),
			 text_show(a, ev->out.data, SHOWN_BYTES));
	} else {
		buf_adds(&b, event_row(ev->kind)->name);
		/* What an exit cost helps nobody. */
		for_event_fields (f, ev->kind)
			if (!is_key(f, "cpu_us") && !is_key(f, "frame"))
				show_field(a, &b, ev, f);
	}
	if (frame > 0)
		show_frame(a, &b, frame, frames);
	s = arena_strdup(a, buf_cstr(&b));
	buf_fini(&b);
	return s;
}

/* --- who is it about? --- */

/* Where the harness stands at a connection, and which side it talks to. */
struct conn {
	struct span name;
	enum scene_lane at, pt;
};

struct stage {
	const struct trace *t;
	enum scene_lane own, peer;
	bool tunnel; /* both sides run */
	struct conn conn[CONNS_MAX];
	size_t nconn;
};

static void add_conn(struct stage *st, struct span name, enum scene_lane at,
		     enum scene_lane pt)
{
	for (size_t i = 0; i < st->nconn; i++)
		if (span_eq(st->conn[i].name, name)) {
			st->conn[i].at = at;
			return;
		}
	if (st->nconn < CONNS_MAX)
		st->conn[st->nconn++] = (struct conn){ name, at, pt };
}

/* Who connects is the application, or to a lonely server anybody; who is
 * connected to is behind the tunnel, or the proxy when it acts as one. */
static void meet(struct stage *st, const struct event *ev)
{
	enum scene_lane far = st->tunnel ? LANE_SERVER : st->own;

	switch ((int)ev->kind) {
	case EV_SPAWN:
		st->tunnel |= !span_eqs(ev->spawn.what, "pt");
		break;
	case EV_CONNECT:
		if (st->tunnel || st->own == LANE_CLIENT)
			add_conn(st, ev->connect.conn, LANE_APPLICATION,
				 LANE_CLIENT);
		else
			add_conn(st, ev->connect.conn, LANE_WORLD, st->own);
		break;
	case EV_ACCEPT:
		add_conn(st, ev->accept.name,
			 far == LANE_SERVER ? LANE_APPLICATION : LANE_WORLD,
			 far);
		break;
	case EV_UDP:
		add_conn(st, ev->udp.name,
			 st->own == LANE_CLIENT ? LANE_APPLICATION : LANE_WORLD,
			 st->own);
		break;
	case EV_SOCKS:
		add_conn(st, ev->socks.conn, LANE_APPLICATION, LANE_CLIENT);
		break;
	case EV_UPSTREAM:
		add_conn(st, ev->upstream.conn, LANE_PROXY, st->own);
		break;
	default:
		break;
	}
}

static const struct conn *conn_of(const struct stage *st, struct span name)
{
	for (size_t i = 0; i < st->nconn; i++)
		if (span_eq(st->conn[i].name, name))
			return &st->conn[i];
	return NULL;
}

/* "pt" and "stdout" are the launch's own, "2:pt" the other side's. */
static enum scene_lane side_of(const struct stage *st, struct span name)
{
	return span_starts(name, SPAN("2:")) ? st->peer : st->own;
}

static bool is_stream(struct span name)
{
	if (span_starts(name, SPAN("2:")) || span_starts(name, SPAN("3:")))
		name = span_sub(name, 2, name.n);
	return span_eqs(name, "stdin") || span_eqs(name, "stdout") ||
	       span_eqs(name, "stderr");
}

/* Along a connection or a stream, towards the transport or away from it. */
static void along(const struct stage *st, struct span name, bool to_pt,
		  struct scene_step *s)
{
	const struct conn *c = conn_of(st, name);
	enum scene_lane at = LANE_PARENT, pt = side_of(st, name);

	if (c) {
		at = c->at;
		pt = c->pt;
	} else if (!is_stream(name)) {
		at = LANE_WORLD;
	}
	s->from = to_pt ? at : pt;
	s->to = to_pt ? pt : at;
}

/* False: nothing that is drawn unless it is evidence; then it happened at the
 * transport. */
static bool place(const struct stage *st, const struct event *ev,
		  struct scene_step *s)
{
	s->from = s->to = st->own;
	switch ((int)ev->kind) {
	case EV_SPAWN:
		s->from = LANE_PARENT;
		s->to = side_of(st, ev->spawn.what);
		return true;
	case EV_EXIT:
	case EV_KILL:
	case EV_SIGNAL:
		s->from = s->to = side_of(st, event_name(ev));
		*(ev->kind == EV_EXIT ? &s->to : &s->from) = LANE_PARENT;
		return true;
	case EV_OUT:
	case EV_RECV:
	case EV_EOF:
	case EV_ACCEPT:
	case EV_GOT:
		along(st, event_name(ev), false, s);
		return true;
	case EV_WRITE:
	case EV_CLOSE:
	case EV_SEND:
	case EV_SENT:
	case EV_CONNECT:
	case EV_UPSTREAM:
		along(st, event_name(ev), true, s);
		return true;
	case EV_LIMIT:
	case EV_WINDOW:
		s->from = s->to = LANE_PARENT;
		return true;
	case EV_PACKET:
	case EV_QUERY:
		s->to = LANE_WORLD;
		return true;
	case EV_WIRE:
		s->to = st->tunnel ? st->peer : LANE_WORLD;
		return true;
	case EV_INJECT:
	case EV_ORPHAN:
	case EV_EXEC_FAILED:
		return true;
	default:
		return false;
	}
}

/* --- what is said about it --- */

static bool is_text(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!isprint((unsigned char)s.p[i]) &&
		    (s.p[i] == '\0' || !strchr("\r\n\t", s.p[i])))
			return false;
	return true;
}

/* Bytes as hex where they are no text. */
static const char *bytes_words(struct arena *a, struct span name, struct span s)
{
	struct buf b = BUF_MAX(2048);
	const char *out;

	buf_addf(&b, "%s: ", text_show(a, name, 60));
	if (is_text(s)) {
		buf_adds(&b, text_show(a, s, SHOWN_BYTES));
	} else {
		for (size_t i = 0; i < s.n && i < HEX_BYTES; i++)
			buf_addf(&b, "%02x ", (unsigned char)s.p[i]);
		buf_addf(&b, "%s(%zu bytes)", s.n > HEX_BYTES ? "... " : "",
			 s.n);
	}
	out = arena_strdup(a, buf_cstr(&b));
	buf_fini(&b);
	return out;
}

static const char *step_words(struct arena *a, const struct event *ev,
			      const struct frame_source *frames)
{
	struct span data = event_data(ev);

	if (ev->kind == EV_SENT)
		data = ev->sent.data;
	if (ev->kind == EV_GOT)
		data = ev->got.data;
	return data.n && ev->kind != EV_OUT
		       ? bytes_words(a, event_name(ev), data)
		       : scene_words(a, ev, frames);
}

/* --- the whole --- */

static bool is_marked(uint32_t n, const uint32_t *marked, size_t nmarked)
{
	for (size_t i = 0; i < nmarked; i++)
		if (marked[i] == n)
			return true;
	return false;
}

/* Of all steps leave the first ones, and those around what is marked. */
static void thin_out(struct scene *sc)
{
	size_t kept = 0, gap = 0;

	for (size_t i = 0; i < sc->n; i++) {
		size_t from = i > AROUND ? i - AROUND : 0;
		bool keep = i < FIRST_STEPS;

		for (size_t k = from; k < sc->n && k <= i + AROUND; k++)
			keep |= sc->steps[k].marked;
		if (!keep || kept == STEPS_MAX) {
			gap++;
			continue;
		}
		sc->steps[kept] = sc->steps[i];
		sc->steps[kept++].left_out = gap;
		gap = 0;
	}
	sc->n = kept;
}

const struct scene *scene_make(struct arena *a, const struct trace *t,
			       const struct frame_source *frames,
			       const uint32_t *marked, size_t nmarked)
{
	struct scene *sc = arena_alloc(a, sizeof(*sc));
	struct stage *st = calloc(1, sizeof(*st));
	struct scene_step *all;
	int64_t began = -1;

	if (!st)
		die_oom();
	st->own = t->head.role == ROLE_CLIENT ? LANE_CLIENT : LANE_SERVER;
	st->peer = t->head.role == ROLE_CLIENT ? LANE_SERVER : LANE_CLIENT;
	sc->steps = all = calloc(t->nev + 1, sizeof(*all));
	if (!all)
		die_oom();
	/* What a connection is for may show late. */
	for (size_t i = 0; i < t->nev; i++)
		meet(st, &t->ev[i]);
	for (size_t i = 0; i < t->nev; i++) {
		const struct event *ev = &t->ev[i];
		struct scene_step s = { .ev = ev->n };

		if (ev->kind == EV_SPAWN && began < 0)
			began = ev->t;
		s.marked = is_marked(ev->n, marked, nmarked);
		if (!place(st, ev, &s) && !s.marked)
			continue;
		s.ms = began < 0 ? 0 : (ev->t - began) / 1000;
		sc->steps[sc->n++] = s;
	}
	thin_out(sc);
	sc->steps = arena_alloc(a, (sc->n + 1) * sizeof(*all));
	memcpy(sc->steps, all, sc->n * sizeof(*all));
	free(all);
	for (size_t i = 0; i < sc->n; i++) {
		struct scene_step *s = &sc->steps[i];

		s->text = step_words(a, &t->ev[s->ev - 1], frames);
		sc->lane[s->from] = sc->lane[s->to] = true;
	}
	free(st);
	return sc;
}
