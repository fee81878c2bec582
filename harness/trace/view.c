/*
 * view.c - see view.h.  Lines are cut from the chunks in which they came; a
 * line belongs to the event that completed it.
 */
#include "harness/trace/view.h"

#include <signal.h>

#include "harness/trace/settings.h"

/* --- lines --- */

static bool is_of(const struct event *ev, const char *stream)
{
	return ev->kind == EV_OUT && span_eqs(ev->out.on, stream);
}

/* All bytes of one stream, and where each event's bytes end. */
static struct span gather(const struct trace *tr, const char *stream,
			  struct arena *a)
{
	size_t n = 0;
	char *p;

	for (size_t i = 0; i < tr->nev; i++)
		if (is_of(&tr->ev[i], stream))
			n += tr->ev[i].out.data.n;
	p = arena_alloc(a, n + 1);
	n = 0;
	for (size_t i = 0; i < tr->nev; i++) {
		const struct event *ev = &tr->ev[i];

		if (!is_of(ev, stream))
			continue;
		if (ev->out.data.n)
			memcpy(p + n, ev->out.data.p, ev->out.data.n);
		n += ev->out.data.n;
	}
	return span_of(p, n);
}

/* The event that holds byte @at of the stream; *end: where its bytes end. */
static const struct event *event_at(const struct trace *tr, const char *stream,
				    size_t at, size_t *cursor, size_t *end)
{
	for (; *cursor < tr->nev; (*cursor)++) {
		const struct event *ev = &tr->ev[*cursor];

		if (!is_of(ev, stream))
			continue;
		if (at < *end + ev->out.data.n)
			return ev;
		*end += ev->out.data.n;
	}
	return NULL;
}

static void cut_lines(struct lines *out, const struct trace *tr,
		      const char *stream, bool on_stderr, struct arena *a)
{
	struct span all = gather(tr, stream, a);
	size_t cap = 0, cursor = 0, end = 0, at = 0;

	while (at < all.n) {
		size_t len = span_find(span_sub(all, at, all.n), '\n');
		bool lf = at + len < all.n;
		const struct event *ev = event_at(
			tr, stream, lf ? at + len : all.n - 1, &cursor, &end);
		struct line l = {
			.ev = ev ? ev->n : 0,
			.t = ev ? ev->t : 0,
			.on_stderr = on_stderr,
			.terminated = lf,
			.raw = span_sub(all, at, len),
		};

		ipc_parse(l.raw, &l.ipc);
		arena_grow(a, out->v, out->n, cap);
		out->v[out->n++] = l;
		at += len + 1;
	}
}

const struct line *lines_find(const struct lines *l, enum ipc_keyword kw,
			      size_t from)
{
	for (size_t i = from; i < l->n; i++)
		if (l->v[i].ipc.kw == kw)
			return &l->v[i];
	return NULL;
}

size_t lines_count(const struct lines *l, enum ipc_keyword kw)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i].ipc.kw == kw;
	return n;
}

const struct line *view_error(const struct view *v, enum ipc_keyword kw)
{
	const struct line *l = lines_find(&v->err, kw, 0);

	return l ? l : lines_find(&v->out, kw, 0);
}

const struct line *view_fatal(const struct view *v)
{
	const struct line *l = view_error(v, IPC_VERSION_ERROR);

	if (!l)
		l = view_error(v, IPC_ENV_ERROR);
	return l ? l : view_error(v, IPC_PROXY_ERROR);
}

bool view_stderr_words(const struct view *v)
{
	for (size_t i = 0; i < v->err.n; i++)
		if (v->err.v[i].ipc.kw == IPC_UNKNOWN && v->err.v[i].raw.n > 0)
			return true;
	return false;
}

/* --- settings --- */

struct span view_flag(const struct view *v, const char *flag)
{
	return setting_flag(&v->head->argv, flag);
}

bool view_has_flags(const struct view *v)
{
	for (const struct setting *s = settings; s->variable; s++)
		if (!span_absent(view_flag(v, s->flag)))
			return true;
	return !span_absent(view_flag(v, "-target"));
}

struct span view_env(const struct view *v, const char *variable)
{
	return pairs_get(&v->head->env, variable);
}

struct span view_setting(const struct view *v, const char *variable)
{
	return setting_value(&v->head->argv, &v->head->env, variable);
}

const char *view_transports_var(const struct view *v)
{
	return setting_transports(v->head->role);
}

/* --- names --- */

bool view_known(const struct view *v, struct span name)
{
	return strings_has(&v->head->known, name);
}

struct span view_first_known(const struct view *v)
{
	return v->head->known.n ? v->head->known.v[0] : span_str(NULL);
}

bool view_nosuch(const struct view *v, struct span name)
{
	return strings_has(&v->head->nosuch, name);
}

bool view_requested(const struct view *v, struct span name)
{
	return strings_has(&v->requested, name);
}

const struct method *view_method(const struct view *v, struct span name)
{
	for (size_t i = 0; i < v->methods.n; i++)
		if (span_eq(v->methods.v[i].m.name, name))
			return &v->methods.v[i];
	return NULL;
}

/* --- the end --- */

bool view_ended(const struct view *v)
{
	return v->exit && (!v->kill || v->kill->n > v->exit->n);
}

bool view_exited(const struct view *v, int status)
{
	return view_ended(v) && v->exit->exit.how == EXIT_HOW_EXITED &&
	       v->exit->exit.code == status;
}

bool view_signalled(const struct view *v)
{
	return view_ended(v) && v->exit->exit.how == EXIT_HOW_KILLED;
}

const char *view_how_ended(const struct view *v)
{
	const struct event *x = v->exit;
	const char *abbrev;

	if (!v->spawn || v->exec_failed)
		return "was never started";
	if (!view_ended(v))
		return "was still running when the case ended";
	if (x->exit.how == EXIT_HOW_EXITED)
		return arena_printf(v->a, "exited with status %lld",
				    (long long)x->exit.code);
	abbrev = sigabbrev_np((int)x->exit.code);
	return arena_printf(v->a, "was killed by SIG%s", abbrev ? abbrev : "?");
}

/* --- steps --- */

const struct event *view_event(const struct view *v, enum event_kind kind,
			       const char *name, uint32_t from)
{
	for (size_t i = from ? from - 1 : 0; i < v->tr->nev; i++)
		if (v->tr->ev[i].kind == kind &&
		    (!name || span_eqs(event_name(&v->tr->ev[i]), name)))
			return &v->tr->ev[i];
	return NULL;
}

const struct event *view_stdin_closed(const struct view *v)
{
	return view_event(v, EV_CLOSE, v->stdin_ch, 1);
}

const struct event *view_signal_sent(const struct view *v, const char *sig)
{
	const struct event *ev = view_event(v, EV_SIGNAL, v->pt, 1);

	while (ev && !span_eqs(ev->signal.signal, sig))
		ev = view_event(v, EV_SIGNAL, v->pt, ev->n + 1);
	return ev;
}

static const struct event *find_window(const struct view *v,
				       enum window_state state, uint32_t from)
{
	const struct event *ev = view_event(v, EV_WINDOW, NULL, from);

	while (ev && ev->window.state != state)
		ev = view_event(v, EV_WINDOW, NULL, ev->n + 1);
	return ev;
}

bool view_is_anew(const struct view *v, uint32_t closed)
{
	for (uint32_t i = closed; i < v->tr->nev; i++) {
		const struct event *x = &v->tr->ev[i];

		if (x->kind == EV_STEP)
			return false;
		if (x->kind == EV_WINDOW && x->window.state == WINDOW_OPEN)
			return true;
	}
	return false;
}

const struct event *view_window(const struct view *v, uint32_t from)
{
	const struct event *ev = find_window(v, WINDOW_OPEN, from);

	ev = ev ? find_window(v, WINDOW_CLOSED, ev->n) : NULL;
	while (ev && view_is_anew(v, ev->n))
		ev = find_window(v, WINDOW_CLOSED, ev->n + 1);
	return ev;
}

const struct event *view_limit(const struct view *v, const char *limit,
			       uint32_t from)
{
	const struct event *ev = view_event(v, EV_LIMIT, NULL, from);

	while (ev && !span_eqs(ev->limit.limit, limit))
		ev = view_event(v, EV_LIMIT, NULL, ev->n + 1);
	return ev;
}

bool view_lagged(const struct view *v, int64_t limit_ms)
{
	/* A quarter of the limit: what is left is still generous. */
	int64_t quarter_us;

	if (v->lag_us < 0)
		return true;
	if (__builtin_mul_overflow(limit_ms, 1000 / 4, &quarter_us))
		return limit_ms < 0;
	return v->lag_us > quarter_us;
}

/* --- what there was of the processors --- */

bool view_suffices(const struct event_processor *had, int64_t limit_us)
{
	int64_t enough = limit_us - limit_us / 4;
	int64_t held;

	if (had->owed > 0)
		return false;
	if (had->cpu_us >= enough)
		return true;
	return had->state != SHARE_HELD &&
	       !__builtin_add_overflow(had->waited_us, had->late_us, &held) &&
	       !__builtin_add_overflow(held, enough, &held) &&
	       had->took_us >= held;
}

bool view_at_work(int64_t worked_us, int64_t limit_us)
{
	return worked_us >= limit_us + limit_us / 2;
}

static int64_t step_of(const struct view *v, const struct event *ev)
{
	const struct event *step = NULL;

	if (ev->kind == EV_LIMIT)
		return ev->limit.step;
	if (ev->kind == EV_KILL)
		return 0;
	for (uint32_t i = ev->n; i > 0 && !step; i--)
		if (v->tr->ev[i - 1].kind == EV_STEP)
			step = &v->tr->ev[i - 1];
	return step ? step->step.step : -1;
}

const struct event *view_share(const struct view *v, const struct event *ev)
{
	int64_t step = step_of(v, ev);

	for (uint32_t i = ev->n; i < v->tr->nev; i++) {
		const struct event *x = &v->tr->ev[i];

		if (x->kind == EV_PROCESSOR)
			return x->processor.step == step ? x : NULL;
		if (x->kind == EV_STEP)
			return NULL;
	}
	return NULL;
}

int64_t view_held_us(const struct view *v, uint32_t from)
{
	int64_t us = 0;

	/* The trace was cut off. */
	if (v->lag_us < 0)
		return INT64_MAX;
	for (uint32_t i = from ? from - 1 : 0; i < v->tr->nev; i++) {
		const struct event *x = &v->tr->ev[i];

		if (x->kind == EV_PROCESSOR &&
		    (__builtin_add_overflow(us, x->processor.waited_us, &us) ||
		     __builtin_add_overflow(us, x->processor.late_us, &us) ||
		     __builtin_add_overflow(us, x->processor.disk_us, &us)))
			return INT64_MAX;
	}
	return us;
}

/* The next event that is about @conn, behind @x (NULL: the first) and before
 * event @until; NULL: none. */
static const struct event *next_on(const struct view *v, const struct event *x,
				   struct span conn, uint32_t until)
{
	for (uint32_t i = x ? x->n : 0; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (ev->n >= until)
			return NULL;
		if (span_eq(event_name(ev), conn))
			return ev;
	}
	return NULL;
}

int64_t view_own_us(const struct view *v, struct span conn, uint32_t until)
{
	const struct event *before = NULL, *x;
	int64_t us = 0;

	for (; (x = next_on(v, before, conn, until)); before = x)
		if (x->kind == EV_SEND && before)
			us += x->t - before->t;
	return us;
}

int64_t view_answer_us(const struct view *v, struct span conn, uint32_t until)
{
	const struct event *before = NULL, *x;
	int64_t us = 0;

	for (; (x = next_on(v, before, conn, until)); before = x)
		if (x->kind == EV_RECV && before && before->kind == EV_SEND &&
		    x->t - before->t > us)
			us = x->t - before->t;
	return us;
}

/* How late the harness was in the step of event @n, as far as anybody looked. */
static int64_t late_us(const struct view *v, uint32_t n)
{
	for (uint32_t i = n; i < v->tr->nev; i++)
		if (v->tr->ev[i].kind == EV_PROCESSOR)
			return v->tr->ev[i].processor.late_us;
	return 0;
}

int64_t view_conn_held_us(const struct view *v, struct span conn,
			  uint32_t until)
{
	const struct event *first = NULL;
	int64_t began = 0, lasted = 0, held;

	for (uint32_t i = 0; i < v->tr->nev; i++) {
		const struct event *x = &v->tr->ev[i];

		if (x->n > until)
			break;
		if (!first && span_eq(event_name(x), conn)) {
			first = x;
			began = i ? v->tr->ev[i - 1].t : x->t;
		}
		if (first)
			lasted = x->t - began;
	}
	if (!first)
		return 0;
	if (__builtin_add_overflow(lasted, late_us(v, first->n), &lasted))
		lasted = INT64_MAX;
	held = view_held_us(v, first->n);
	return held < lasted ? held : lasted;
}

bool view_hindered(const struct view *v, const struct event *ev,
		   int64_t limit_ms)
{
	const struct event *share = view_share(v, ev);
	int64_t us;

	if (!share || v->lag_us < 0)
		return view_lagged(v, limit_ms);
	return !__builtin_mul_overflow(limit_ms, 1000, &us) &&
	       !view_suffices(&share->processor, us);
}

/* --- making one --- */

static void find_messages(struct view *v)
{
	enum ipc_keyword done = v->head->role == ROLE_CLIENT ? IPC_CMETHODS
							     : IPC_SMETHODS;
	size_t cap = 0;

	for (size_t i = 0; i < v->out.n; i++) {
		const struct line *l = &v->out.v[i];
		bool is_done = l->ipc.ntok == 1 &&
			       span_eqs(l->ipc.tok[0], "DONE");

		if (l->ipc.kw == IPC_VERSION && !v->version)
			v->version = l;
		if (l->ipc.kw == done && is_done && !v->done)
			v->done = l;
		if (l->ipc.kw == IPC_PROXY && is_done && !v->proxy_done)
			v->proxy_done = l;
		if (l->ipc.kw == IPC_CMETHOD || l->ipc.kw == IPC_SMETHOD) {
			struct method m = { .line = l };

			ipc_parse_method(&l->ipc, &m.m);
			arena_grow(v->a, v->methods.v, v->methods.n, cap);
			v->methods.v[v->methods.n++] = m;
		}
	}
	if (v->version && v->version->ipc.ntok > 0)
		v->negotiated = v->version->ipc.tok[0];
}

static void find_end(struct view *v)
{
	v->spawn = view_event(v, EV_SPAWN, v->pt, 1);
	v->exec_failed = view_event(v, EV_EXEC_FAILED, v->pt, 1);
	v->exit = view_event(v, EV_EXIT, v->pt, 1);
	v->kill = view_event(v, EV_KILL, v->pt, 1);
	v->end = view_event(v, EV_END, NULL, 1);
	v->complete = v->end && span_eqs(v->end->end.how, "complete");
	v->lag_us = -1;
	for (size_t i = 0; i < v->tr->nev; i++)
		if (v->tr->ev[i].kind == EV_LAG &&
		    v->tr->ev[i].lag.us > v->lag_us)
			v->lag_us = v->tr->ev[i].lag.us;
}

static void split_requested(struct view *v)
{
	struct span list = view_setting(v, view_transports_var(v)), one;
	size_t cap = 0;

	while (span_split(&list, ',', &one)) {
		arena_grow(v->a, v->requested.v, v->requested.n, cap);
		v->requested.v[v->requested.n++] = one;
	}
}

void view_init_nth(struct view *v, const struct trace *tr, unsigned nth,
		   struct arena *a)
{
	const char *prefix = nth > 1 ? arena_printf(a, "%u:", nth) : "";

	*v = (struct view){ .tr = tr, .head = &tr->head, .a = a };
	v->pt = arena_printf(a, "%spt", prefix);
	v->stdin_ch = arena_printf(a, "%sstdin", prefix);
	v->read = arena_alloc(a, sizeof(*v->read));
	*v->read = (struct view_read){ NULL, NULL };
	cut_lines(&v->out, tr, arena_printf(a, "%sstdout", prefix), false, a);
	cut_lines(&v->err, tr, arena_printf(a, "%sstderr", prefix), true, a);
	find_messages(v);
	find_end(v);
	v->versions = view_setting(v, "TOR_PT_MANAGED_TRANSPORT_VER");
	split_requested(v);
}

void view_init(struct view *v, const struct trace *tr, struct arena *a)
{
	view_init_nth(v, tr, 1, a);
}
