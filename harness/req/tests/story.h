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

#include "harness/base/text.h"
#include "harness/trace/trace.h"

#define FACTS_MAX 160
/* Between two facts: nobody is still starting when the next one comes. */
#define STORY_US 100000

struct fact {
	enum event_kind kind;
	const char *ch, *text, *data;
	int64_t a, b;
};

struct story {
	const char *name, *set;
	struct fact facts[FACTS_MAX]; /* up to one of kind SPAWN, no ch */
};

/* --- facts; the first of all has the value 0, so it cannot end a list ------ */

/* clang-format off */
#define SPAWN_(what) { EV_SPAWN, what, NULL, NULL, 3, 2 }
#define STEP(kind) { EV_STEP, NULL, kind, NULL, 1, 0 }
#define MET { EV_MET, NULL, NULL, NULL, 1, 0 }
#define LIMIT(name, ms) { EV_LIMIT, NULL, name, NULL, 1, ms }
#define OUT(bytes) { EV_OUT, "stdout", NULL, bytes, 0, 0 }
#define ERR(bytes) { EV_OUT, "stderr", NULL, bytes, 0, 0 }
#define CUT(on) { EV_CUT, on, NULL, NULL, 500000, 0 }
#define FIN(on) { EV_EOF, on, "fin", NULL, 0, 0 }
#define WRITE(n) { EV_WRITE, "stdin", NULL, NULL, n, 0 }
#define CLOSE(what) { EV_CLOSE, what, NULL, NULL, 0, 0 }
#define SIGNAL(to, name) { EV_SIGNAL, to, name, NULL, 0, 0 }
#define EXIT(status) { EV_EXIT, "pt", "exited", NULL, status, 100 }
#define KILLED(sig) { EV_EXIT, "pt", "killed", NULL, sig, 100 }
#define ORPHANED { EV_EXIT, "parent", "killed", NULL, 9, 0 }
#define KILL { EV_KILL, "pt", NULL, NULL, 0, 0 }
#define WINDOW(state) { EV_WINDOW, NULL, state, NULL, 5000, 0 }
#define SOCKET(in, proto, addr) { EV_SOCKET, in, proto, addr, 0, 0 }
#define SNAP(in, of, count) { EV_SNAPSHOT, in, of, NULL, count, 0 }
#define CONNECT(conn, result, addr) { EV_CONNECT, conn, result, addr, 0, 1 }
#define LISTEN(name, addr) { EV_LISTEN, name, "ok", addr, 0, 0 }
#define SKIPPED(why) { EV_SKIPPED, NULL, why, NULL, 1, 0 }
#define PEER { EV_SPAWN, "2:pt", "peer", NULL, 5, 4 }
#define ACCEPT_(name) { EV_ACCEPT, name, NULL, "127.0.0.1:40000", 0, 0 }
#define RECV(conn, bytes) { EV_RECV, conn, NULL, bytes, 0, 0 }
#define CLOSED(conn, how) { EV_CLOSE, conn, how, NULL, 0, 0 }
#define EOF_(conn, how) { EV_EOF, conn, how, NULL, 0, 0 }
#define PUMP(conn, result, n, at) { EV_PUMP, conn, result, "app", n, at }
#define VISIBLE(from, to, frame) { EV_VISIBLE, from, to, NULL, frame, 0 }
#define CAPTURE(state, frames, lost) { EV_CAPTURE, NULL, state, NULL, frames, lost }
#define WORLD(link, why) { EV_WORLD, NULL, link, why, 0, 0 }
#define WATCHED { EV_FSWATCH, NULL, "on", "", 0, 0 }
#define UNWATCHED(why) { EV_FSWATCH, NULL, "off", why, 0, 0 }
#define TOUCH(op, was, path) { EV_TOUCH, op, was, path, 0600, 3 }
#define CONTENT(path, mode, bytes) \
	{ EV_CONTENT, "end", path, bytes, mode, sizeof(bytes) - 1 }
#define CONTENT_OF(path, size, bytes) \
	{ EV_CONTENT, "end", path, bytes, 0600, size }
#define DIR_(in, path, mode) { EV_FILE, in, "dir", path, mode, 0 }
#define FILE_(in, path, mode) { EV_FILE, in, "file", path, mode, 20 }
#define SOCKS(conn, result, dest) { EV_SOCKS, conn, result, dest, 0, 0 }
#define SEND(conn, bytes) { EV_SEND, conn, NULL, bytes, 0, 0 }
/* Of the second instance. */
#define OUT_2(bytes) { EV_OUT, "2:stdout", NULL, bytes, 0, 0 }
#define ERR_2(bytes) { EV_OUT, "2:stderr", NULL, bytes, 0, 0 }
#define EXIT_2(status) { EV_EXIT, "2:pt", "exited", NULL, status, 100 }
#define KILLED_2(sig) { EV_EXIT, "2:pt", "killed", NULL, sig, 100 }
/* Bytes of a connection, escaped: a C string cannot hold NUL. */
#define STORY_ESCAPED (-77)
#define BYTES_IN(conn, text) { EV_RECV, conn, NULL, text, 0, STORY_ESCAPED }
#define BYTES_OUT(conn, text) { EV_SEND, conn, NULL, text, 0, STORY_ESCAPED }
#define LAG(us) { EV_LAG, NULL, NULL, NULL, us, 0 }
#define END_(how) { EV_END, NULL, how, NULL, 100, 100 }
/* clang-format on */

#define START STEP("start"), SPAWN_("pt"), STEP("expect")
/* Closing stdin is how a case ends that is not about the end. */
#define STOP STEP("stop"), CLOSE("stdin")
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
		.limits = { 30000, 5000, 10000, 30000, 5000, 15000 },
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
		/* "port:T" is one key. */
		colon = span_starts(w, SPAN("port:"))
				? 5 + span_find(span_sub(w, 5, w.n), ':')
				: span_find(w, ':');
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

/* What a connection carried may hold NUL bytes: then `b` is their number, or
 * it is escaped. */
static inline struct span story_data(struct trace *t, const struct fact *f)
{
	struct buf b = BUF_MAX(65536);
	struct span s = span_str(f->data ? f->data : "");

	if (f->b != STORY_ESCAPED && f->b &&
	    (f->kind == EV_RECV || f->kind == EV_SEND))
		return span_of(f->data, (size_t)f->b);
	if (f->b != STORY_ESCAPED)
		return s;
	if (!text_unescape(&b, s, NULL))
		abort();
	s = arena_span(&t->arena, buf_span(&b));
	buf_fini(&b);
	return s;
}

static inline void story_build(const struct story *s, struct trace *t)
{
	struct span rest = span_str(s->set), word;

	*t = (struct trace){ 0 };
	story_plain(t);
	while (span_split(&rest, '|', &word))
		story_word(t, word);
	for (const struct fact *f = s->facts; f->kind != EV_SPAWN || f->ch;
	     f++) {
		arena_grow(&t->arena, t->ev, t->nev, t->cap);
		t->ev[t->nev] = (struct event){
			.n = (uint32_t)t->nev + 1,
			.t = (int64_t)t->nev * STORY_US,
			.kind = f->kind,
			.ch = span_str(f->ch ? f->ch : ""),
			.text = span_str(f->text ? f->text : ""),
			.data = story_data(t, f),
			.a = f->a,
			.b = f->b == STORY_ESCAPED ? 0 : f->b,
		};
		t->nev++;
	}
}

#endif
