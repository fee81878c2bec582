/*
 * story.h - small traces by hand, for the tests of the judges.
 *
 * A story is a launch of a transport that knows "ident" and "veil", in the
 * ordinary configuration of its role; `set` changes that, a word each,
 * separated by '|':
 *
 *	server             the other role
 *	1.0                the other profile
 *	odd, broken        another kind of configuration
 *	wrapper, no-sandbox
 *	bare               no variable but those of PT
 *	probe:NAME, 
 *	KEY=VALUE          a variable; TOR_PT_ is put in front
 *	!KEY               without it
 *	var:KEY:VALUE      a variable of the templates
 *	-anything          a word of the command line
 */
#ifndef PTCHECK_REQ_STORY_H
#define PTCHECK_REQ_STORY_H

#include <stdlib.h>

#include "parent/base/text.h"
#include "harness/trace/trace.h"

#define FACTS_MAX 192
/* Between two facts: nobody is still starting when the next one comes. */
#define STORY_US 100000

struct fact {
	struct event ev;
	bool escaped; /* its bytes, as a C string cannot hold all of them well */
	const char *word; /* of the one field that has a set of them */
};

struct story {
	const char *name, *set;
	struct fact facts[FACTS_MAX]; /* up to one that is nothing at all */
};

/* --- facts ------------------------------------------------------------------ */

enum {
#define EVENT_KIND(id, name, ...) FACT_##name = EV_##id,
#include "harness/trace/event_kinds.h"
};

/* FACT(exit, .what = SPAN("pt"), .code = 1); what is not said is empty or 0. */
#define FACT(name_, ...)                                      \
	{                                                     \
		.ev = {.kind = (enum event_kind)FACT_##name_, \
		       .name_ = { __VA_ARGS__ } }             \
	}
#define ESCAPED(name_, ...)                                    \
	{                                                      \
		.ev = { .kind = (enum event_kind)FACT_##name_, \
			.name_ = { __VA_ARGS__ } },            \
		.escaped = true                                \
	}

/* WORDED("killed", exit, .what = SPAN("pt"), .code = 9) */
#define WORDED(word_, name_, ...)                              \
	{                                                      \
		.ev = { .kind = (enum event_kind)FACT_##name_, \
			.name_ = { __VA_ARGS__ } },            \
		.word = word_                                  \
	}

/* clang-format off */
#define SPAWN_(what_) FACT(spawn, .what = SPAN(what_), .pid = 3, .ppid = 2)
#define STEP(kind_) FACT(step, .kind = SPAN(kind_), .step = 1)
#define MET FACT(met, .step = 1)
#define LIMIT(name, ms_) FACT(limit, .limit = SPAN(name), .step = 1, .ms = ms_)
/* Of the step, or 0 at the end: it took so long, and the transport waited. */
#define SHARE(step_, took_, waited_) \
	FACT(processor, \
	     .step = step_, .took_us = took_, .waited_us = waited_)
#define OUT(bytes) FACT(out, .on = SPAN("stdout"), .data = SPAN(bytes))
#define ERR(bytes) FACT(out, .on = SPAN("stderr"), .data = SPAN(bytes))
#define CUT(on_) FACT(cut, .on = SPAN(on_), .bytes = 500000)
#define FIN(on_) FACT(eof, .on = SPAN(on_), .how = SPAN("fin"))
#define WRITE(n) FACT(write, .on = SPAN("stdin"), .taken = n)
#define CLOSE(what_) FACT(close, .what = SPAN(what_))
#define SIGNAL(to_, name) FACT(signal, .to = SPAN(to_), .signal = SPAN(name))
#define EXIT(status) \
	WORDED("exited", exit, .what = SPAN("pt"), .code = status, \
	     .cpu_us = 100)
#define KILLED(sig) \
	WORDED("killed", exit, .what = SPAN("pt"), .code = sig, \
	     .cpu_us = 100)
#define ORPHANED \
	WORDED("killed", exit, .what = SPAN("parent"), .code = 9)
#define KILL FACT(kill, .what = SPAN("pt"))
#define WINDOW(state_) WORDED(state_, window, .ms = 5000)
#define SOCKET(in_, proto_, addr_) \
	FACT(socket, .in = SPAN(in_), .proto = SPAN(proto_), \
	     .addr = SPAN(addr_))
#define SNAP(in_, of_, count_) \
	FACT(snapshot, .in = SPAN(in_), .of = SPAN(of_), .count = count_)
#define CONNECT(conn_, result_, addr_) \
	WORDED(result_, connect, .conn = SPAN(conn_), \
	     .addr = SPAN(addr_), .tries = 1)
#define LISTEN(name_, addr_) \
	FACT(listen, .name = SPAN(name_), .result = SPAN("ok"), \
	     .addr = SPAN(addr_))
#define TELLS(settings_) FACT(told, .settings = SPAN(settings_))
#define SKIPPED(why) FACT(skipped, .reason = SPAN(why), .step = 1)
#define PEER \
	FACT(spawn, .what = SPAN("2:pt"), .role = SPAN("peer"), .pid = 5, \
	     .ppid = 4)
#define ACCEPT_(name_) \
	FACT(accept, .name = SPAN(name_), .peer = SPAN("127.0.0.1:40000"))
#define RECV(conn_, bytes) FACT(recv, .conn = SPAN(conn_), .data = SPAN(bytes))
#define CLOSED(conn, how_) WORDED(how_, close, .what = SPAN(conn))
#define EOF_(conn, how_) FACT(eof, .on = SPAN(conn), .how = SPAN(how_))
#define PUMP(conn, result_, n, at) \
	WORDED(result_, pump, .out = SPAN(conn), \
	     .in = SPAN("app"), .bytes = n, .wrong = at)
#define PUMP_RESTED(conn, result_, n, ms) \
	WORDED(result_, pump, .out = SPAN(conn), \
	     .in = SPAN("app"), .bytes = n, .wrong = -1, .rested = ms)
#define VISIBLE(from_, to_, frame_) \
	FACT(visible, .from = SPAN(from_), .to = SPAN(to_), .frame = frame_)
#define CAPTURE(state_, frames_, lost_) \
	WORDED(state_, capture, .frames = frames_, .lost = lost_)
#define WORLD(link_, why_) FACT(world, .link = SPAN(link_), .why = SPAN(why_))
#define WATCHED WORDED("on", fswatch, .why = SPAN(""))
#define UNWATCHED(why_) WORDED("off", fswatch, .why = SPAN(why_))
#define TOUCH(op_, was_, path_) \
	FACT(touch, .op = SPAN(op_), .was = SPAN(was_), .path = SPAN(path_), \
	     .mode = 0600, .pid = 3)
#define CONTENT(path_, mode_, bytes_) \
	FACT(content, .at = SPAN("end"), .path = SPAN(path_), \
	     .bytes = SPAN(bytes_), .mode = mode_, .size = sizeof(bytes_) - 1)
#define CONTENT_OF(path_, size_, bytes_) \
	FACT(content, .at = SPAN("end"), .path = SPAN(path_), \
	     .bytes = SPAN(bytes_), .mode = 0600, .size = size_)
#define DIR_(in_, path_, mode_) \
	WORDED("dir", file, .in = SPAN(in_), .path = SPAN(path_), \
	     .mode = mode_)
#define FILE_(in_, path_, mode_) \
	WORDED("file", file, .in = SPAN(in_), .path = SPAN(path_), \
	     .mode = mode_, .size = 20)
#define SOCKS(conn_, result_, dest_) \
	WORDED(result_, socks, .conn = SPAN(conn_), \
	     .dest = SPAN(dest_))
#define SEND(conn_, bytes) FACT(send, .conn = SPAN(conn_), .data = SPAN(bytes))
/* Of the second instance. */
#define OUT_2(bytes) FACT(out, .on = SPAN("2:stdout"), .data = SPAN(bytes))
#define ERR_2(bytes) FACT(out, .on = SPAN("2:stderr"), .data = SPAN(bytes))
#define EXIT_2(status) \
	WORDED("exited", exit, .what = SPAN("2:pt"), \
	     .code = status, .cpu_us = 100)
#define KILLED_2(sig) \
	WORDED("killed", exit, .what = SPAN("2:pt"), .code = sig, \
	     .cpu_us = 100)
/* Bytes of a connection, escaped. */
#define BYTES_IN(conn_, text) \
	ESCAPED(recv, .conn = SPAN(conn_), .data = SPAN(text))
#define BYTES_OUT(conn_, text) \
	ESCAPED(send, .conn = SPAN(conn_), .data = SPAN(text))
#define LAG(us_) FACT(lag, .us = us_)
#define END_(how_) \
	FACT(end, .how = SPAN(how_), .children_cpu_us = 100, \
	     .worker_cpu_us = 100)
/* clang-format on */

#define START STEP("start"), SPAWN_("pt"), STEP("expect")
/* Closing stdin is how a case ends that is not about the end. */
#define SECOND                                                      \
	STEP("pause"), MET, STEP("pause"), MET, STEP("pause"), MET, \
		STEP("pause"), MET, STEP("pause"), MET
#define TEN_SECONDS                                                     \
	SECOND, SECOND, SECOND, SECOND, SECOND, SECOND, SECOND, SECOND, \
		SECOND, SECOND
#define STOP STEP("stop"), CLOSE("stdin")
/* More than a second. */
#define PAUSES                                                              \
	STEP("pause"), STEP("pause"), STEP("pause"), STEP("pause"),         \
		STEP("pause"), STEP("pause"), STEP("pause"), STEP("pause"), \
		STEP("pause"), STEP("pause"), STEP("pause")
#define GONE FIN("stderr"), FIN("stdout")
#define AFTER SNAP("after", "sockets", 0), SNAP("after", "processes", 0)
#define END LAG(300), END_("complete")
/* It went when stdin was closed. */
#define WENT STOP, GONE, EXIT(0), AFTER, END
/* It did not, so the harness ended it. */
#define ENDED STOP, KILL, GONE, KILLED(9), AFTER, END
/* It went, and another one was started. */
#define AGAIN                                                              \
	CLOSE("stdin"), GONE, EXIT(0), MET, STEP("start"), SPAWN_("2:pt"), \
		STEP("expect")
#define GONE_2 FIN("2:stderr"), FIN("2:stdout")
/* By itself, nobody had asked. */
#define QUIT(status) GONE, EXIT(status), MET, AFTER, END

#define C_IDENT "CMETHOD ident socks5 127.0.0.1:4001\n"
#define C_VEIL "CMETHOD veil socks5 127.0.0.1:4002\n"
#define S_IDENT "SMETHOD ident 127.0.0.1:21000\n"
#define C_DONE "CMETHODS DONE\n"
#define S_DONE "SMETHODS DONE\n"
#define C_TALK "VERSION 2\n" C_IDENT C_DONE
#define S_TALK "VERSION 2\n" S_IDENT S_DONE

/* --- from a story to a trace -------------------------------------------------- */

static inline void story_env(struct trace *t, const char *key,
			     const char *value)
{
	struct pairs *env = &t->head.env;
	size_t i = 0;

	while (i < env->n && !span_eqs(env->v[i].key, key))
		i++;
	if (value) {
		env->v[i] = (struct pair){
			span_str(arena_strdup(&t->arena, key)),
			span_str(arena_strdup(&t->arena, value)),
		};
		env->n += i == env->n;
	} else if (i < env->n) {
		env->n--;
		memmove(&env->v[i], &env->v[i + 1],
			(env->n - i) * sizeof(*env->v));
	}
}

static inline void story_var(struct trace *t, const char *key,
			     const char *value)
{
	struct pairs *vars = &t->head.vars;

	vars->v[vars->n++] = (struct pair){
		span_str(arena_strdup(&t->arena, key)),
		span_str(arena_strdup(&t->arena, value)),
	};
}

static inline void story_plain(struct trace *t)
{
	static struct span known[] = { SPAN("ident"), SPAN("veil") };
	static struct span nosuch[] = { SPAN("nosuch_1"), SPAN("nosuch_2") };
	struct trace_head *h = &t->head;

	*h = (struct trace_head){
		.id = SPAN("story"),
		.profile = PROFILE_20,
		.sandbox = true,
		.sandbox_why = SPAN(""),
		.repro = SPAN(""),
		.known = { known, 2 },
		.nosuch = { nosuch, 2 },
		.limits = { 30000, 5000, 10000, 30000, 5000, 15000, 120000,
			    12000 },
	};
	h->env.v = arena_alloc(&t->arena, 32 * sizeof(struct pair));
	h->argv.v = arena_alloc(&t->arena, 16 * sizeof(struct span));
	h->vars.v = arena_alloc(&t->arena, 16 * sizeof(struct pair));
	h->argv.v[h->argv.n++] = SPAN("/bin/pt");
	story_var(t, "work", "/ptcheck-work");
	story_var(t, "state", "/ptcheck-work/state");
	story_var(t, "cwd", "/ptcheck-work/cwd");
	story_var(t, "marker", "mark0123456789abcdef");
	story_env(t, "PATH", "/usr/bin:/bin");
	story_env(t, "HOME", "/ptcheck-work/home");
	story_env(t, "TMPDIR", "/ptcheck-work/tmp");
	story_env(t, "LANG", "C");
	story_env(t, "TOR_PT_MANAGED_TRANSPORT_VER", "2");
	story_env(t, "TOR_PT_STATE_LOCATION", "/ptcheck-work/state");
	story_env(t, "TOR_PT_EXIT_ON_STDIN_CLOSE", "1");
	story_env(t, "TOR_PT_CLIENT_TRANSPORTS", "ident");
}

static inline void story_server(struct trace *t)
{
	t->head.role = ROLE_SERVER;
	story_env(t, "TOR_PT_CLIENT_TRANSPORTS", NULL);
	story_env(t, "TOR_PT_SERVER_TRANSPORTS", "ident");
	story_env(t, "TOR_PT_SERVER_BINDADDR", "ident-127.0.0.1:21000");
	story_env(t, "TOR_PT_ORPORT", "127.0.0.1:21001");
	story_env(t, "TOR_PT_EXTENDED_SERVER_PORT", "");
}

static inline void story_does(struct trace_head *h, struct span word)
{
	int i = 0;

	while (i < STIMULI_N &&
	       !span_eqs(word, stimulus_name((enum stimulus)i)))
		i++;
	if (i == STIMULI_N)
		ck_abort_msg("no stimulus: %.*s", SPAN_ARG(word));
	h->stimuli |= UINT64_C(1) << i;
}

static inline void story_word(struct trace *t, struct span word)
{
	struct trace_head *h = &t->head;
	struct span w = arena_span(&t->arena, word);
	size_t eq = span_find(w, '='), colon;

	if (span_eqs(w, "server")) {
		story_server(t);
	} else if (span_eqs(w, "1.0")) {
		h->profile = PROFILE_10;
		story_env(t, "TOR_PT_MANAGED_TRANSPORT_VER", "1");
	} else if (span_eqs(w, "odd")) {
		h->config = CONFIG_ODD;
	} else if (span_eqs(w, "broken")) {
		h->config = CONFIG_BROKEN;
	} else if (span_eqs(w, "bare")) {
		story_env(t, "PATH", NULL);
		story_env(t, "HOME", NULL);
		story_env(t, "TMPDIR", NULL);
		story_env(t, "LANG", NULL);
	} else if (span_eqs(w, "wrapper")) {
		h->wrapper = true;
	} else if (span_eqs(w, "no-sandbox")) {
		h->sandbox = false;
	} else if (span_starts(w, SPAN("probe:"))) {
		h->probe = span_sub(w, 6, w.n);
	} else if (span_starts(w, SPAN("does:"))) {
		story_does(h, span_sub(w, 5, w.n));
	} else if (span_starts(w, SPAN("var:"))) {
		w = span_sub(w, 4, w.n);
		/* "port:T" is one key, and so is "again:NAME". */
		colon = span_find(w, ':');
		if (span_starts(w, SPAN("port:")) ||
		    span_starts(w, SPAN("again:")))
			colon +=
				1 + span_find(span_sub(w, colon + 1, w.n), ':');
		story_var(t, arena_printf(&t->arena, "%.*s", (int)colon, w.p),
			  w.p + colon + 1);
	} else if (w.n && w.p[0] == '!') {
		story_env(t, arena_printf(&t->arena, "TOR_PT_%s", w.p + 1),
			  NULL);
	} else if (eq < w.n && w.p[0] != '-') {
		story_env(t,
			  arena_printf(&t->arena, "TOR_PT_%.*s", (int)eq, w.p),
			  w.p + eq + 1);
	} else if (w.n) {
		h->argv.v[h->argv.n++] = w;
	}
}

static inline struct span story_bytes(struct trace *t, struct span escaped)
{
	struct buf b = BUF_MAX(65536);
	struct span s;

	if (!text_unescape(&b, escaped, NULL))
		abort();
	s = arena_span(&t->arena, buf_span(&b));
	buf_fini(&b);
	return s;
}

/* The first kind of all is 0, but is always about something. */
static inline bool story_goes_on(const struct fact *f)
{
	return f->ev.kind != EV_SPAWN || f->ev.spawn.what.p;
}

/* As it would be read from a file: no text is absent. */
static inline struct event story_event(struct trace *t, const struct fact *f)
{
	const struct event *last = t->nev ? &t->ev[t->nev - 1] : NULL;
	struct event ev = f->ev;

	for_event_fields (g, ev.kind) {
		struct span s;

		if (g->type == EVENT_INT)
			continue;
		if (g->type == EVENT_ENUM) {
			if (f->word &&
			    !event_set_word(&ev, g, span_str(f->word)))
				ck_abort_msg("no word: %s", f->word);
			continue;
		}
		s = event_span(&ev, g);
		if (span_absent(s))
			event_set_span(&ev, g, SPAN(""));
		else if (f->escaped && g->type == EVENT_BYTES)
			event_set_span(&ev, g, story_bytes(t, s));
	}
	ev.n = (uint32_t)t->nev + 1;
	ev.t = last ? last->t + STORY_US : 0;
	/* A limit has been waited for. */
	if (ev.kind == EV_LIMIT)
		ev.t += ev.limit.ms * 1000;
	return ev;
}

static inline void story_build(const struct story *s, struct trace *t)
{
	struct span rest = span_str(s->set), word;

	*t = (struct trace){ 0 };
	story_plain(t);
	while (span_split(&rest, '|', &word))
		story_word(t, word);
	for (const struct fact *f = s->facts; story_goes_on(f); f++) {
		arena_grow(&t->arena, t->ev, t->nev, t->cap);
		t->ev[t->nev] = story_event(t, f);
		t->nev++;
	}
}

#endif
