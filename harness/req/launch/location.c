/* location.c - see location.h. */
#include "harness/req/launch/location.h"

#include "harness/req/text/paths.h"
#include "harness/req/launch/setup.h"
#include "harness/trace/settings.h"

#define STATE "TOR_PT_STATE_LOCATION"

/* --- where --- */

void location_of(const struct judge *j, struct location *out)
{
	struct span flag = view_flag(j->v, "-state");
	struct span env = view_env(j->v, STATE);

	out->cwd = pairs_get(&j->v->head->vars, "cwd");
	if (flag.n)
		out->kind = env.n ? LOC_BOTH : LOC_FLAG;
	else if (env.n)
		out->kind = env.p[0] == '/' ? LOC_VARIABLE : LOC_RELATIVE;
	else
		out->kind = span_absent(env) ? LOC_UNSET : LOC_EMPTY;
	out->dir = path_absolute(j->a, flag.n ? flag : env, out->cwd);
}

/* --- touches --- */

static bool was(const struct event *touch, const char *what)
{
	return span_eqs(touch->touch.was, what);
}

static bool does(const struct event *touch, const char *op)
{
	return span_eqs(touch->touch.op, op);
}

/* Did it make that directory itself? */
static bool made(const struct view *v, struct span dir)
{
	for_events (ev, v)
		if (ev->kind == EV_TOUCH && does(ev, "mkdir") &&
		    span_eq(ev->touch.path, dir))
			return true;
	return false;
}

/* The missing directories on the way, and their modes: see AMB-006. */
static bool is_on_the_way(const struct judge *j, const struct event *touch,
			  struct span dir)
{
	if (!path_is_above(touch->touch.path, dir))
		return false;
	return does(touch, "mkdir") ||
	       ((does(touch, "chmod") || does(touch, "rmdir")) &&
		made(j->v, touch->touch.path));
}

static bool is_flag_value(const struct trace_head *h, size_t i)
{
	for (const struct setting *s = settings; s->variable; s++)
		if (!s->bare && i > 1 && span_eqs(h->argv.v[i - 1], s->flag))
			return true;
	return false;
}

/* Whoever names a log file on the command line wants it. */
static bool is_handed_over(const struct judge *j, struct span path)
{
	const struct trace_head *h = j->v->head;
	struct span cwd = pairs_get(&h->vars, "cwd");

	for (size_t i = 1; i < h->argv.n; i++) {
		struct span word = h->argv.v[i];
		size_t eq = span_find(word, '=');

		if (eq < word.n)
			word = span_sub(word, eq + 1, word.n);
		if (!span_contains(word, SPAN("/")) || is_flag_value(h, i))
			continue;
		if (path_is_below(path, path_absolute(j->a, word, cwd)))
			return true;
	}
	return false;
}

/* Cannot be told apart from something harmless. */
static bool is_unknown(const struct event *touch)
{
	return !touch->touch.path.n || touch->touch.path.p[0] != '/' ||
	       was(touch, "unknown");
}

bool path_is_peers(const struct judge *j, struct span path)
{
	struct span dir = pairs_get(&j->v->head->vars, "peer-state");

	return dir.n && path_is_below(path, dir);
}

/* Memory that has a name for a while, or a semaphore: /dev/shm holds files as
 * well, and only what is left there is one. */
static bool is_memory(const struct judge *j, const struct event *touch)
{
	struct span path = touch->touch.path;

	if (!path_is_below(path, SPAN("/dev/shm")))
		return false;
	/* What became of it is not known where the trace was cut off. */
	if (span_starts(path, SPAN("/dev/shm/sem.")) || !j->v->complete)
		return true;
	for (size_t i = touch->n; i < j->v->tr->nev; i++) {
		const struct event *ev = &j->v->tr->ev[i];

		if (ev->kind == EV_TOUCH && span_eqs(ev->touch.op, "unlink") &&
		    span_eq(ev->touch.path, path))
			return true;
	}
	return span_eqs(touch->touch.op, "unlink");
}

bool touch_is_outside(const struct judge *j, const struct event *touch,
		      struct span dir)
{
	return touch->kind == EV_TOUCH &&
	       !path_is_below(touch->touch.path, dir) &&
	       !path_is_kernels(touch->touch.path) && !is_memory(j, touch) &&
	       !path_is_peers(j, touch->touch.path) &&
	       !path_is_artefact(touch->touch.path) &&
	       !is_on_the_way(j, touch, dir) &&
	       !is_handed_over(j, touch->touch.path);
}

struct op {
	const char *name, *words;
	bool stores;
};

static const struct op ops[] = {
	{ "create", "create", true },
	{ "open", "open for writing", true },
	{ "tmpfile", "make a file without a name in", true },
	{ "mkdir", "make the directory", false },
	{ "mknod", "make", true },
	{ "rename", "rename", false },
	{ "rename-to", "rename something to", true },
	{ "link", "make a link at", true },
	{ "symlink", "make a symbolic link at", true },
	{ "unlink", "remove", false },
	{ "rmdir", "remove the directory", false },
	{ "chmod", "change the mode of", false },
	{ "chown", "change the owner of", false },
	{ "truncate", "cut", false },
	{ "utime", "change the times of", false },
	{ "xattr", "change an attribute of", false },
	{ "bind", "bind a socket to", true },
};

static const struct op *find_op(const struct event *touch)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (does(touch, ops[i].name))
			return &ops[i];
	return NULL;
}

bool touch_cannot_succeed(const struct event *touch)
{
	return was(touch, "nowhere");
}

bool touch_stores(const struct event *touch)
{
	const struct op *op = find_op(touch);

	return op && op->stores && !touch_cannot_succeed(touch);
}

const char *touch_words(struct judge *j, const struct event *touch)
{
	const struct op *op = find_op(touch);

	return arena_printf(
		j->a, "it set out to %s \"%s\"%s", op ? op->words : "change",
		j_show(j, touch->touch.path),
		touch_cannot_succeed(touch) ? ", whose directory is missing"
					    : "");
}

const struct event *touch_inside(const struct view *v, struct span dir)
{
	for_events (ev, v)
		if (ev->kind == EV_TOUCH && path_is_below(ev->touch.path, dir))
			return ev;
	return NULL;
}

/* --- the whole life --- */

bool life_watched(struct judge *j, const char **why)
{
	const struct event *on = NULL;
	size_t touches = 0;

	*why = NULL;
	for_events (ev, j->v) {
		touches += ev->kind == EV_TOUCH;
		if (ev->kind != EV_FSWATCH)
			continue;
		if (ev->fswatch.state == FSWATCH_IS_ON)
			on = ev;
		if (ev->fswatch.state != FSWATCH_IS_OFF)
			continue;
		*why = arena_printf(j->a, "its files were not watched: %s",
				    j_show(j, ev->fswatch.why));
		return false;
	}
	if (touches >= EVENT_TOUCHES_MAX)
		*why = arena_printf(j->a,
				    "it changed more in the file system than "
				    "the %d calls that are recorded",
				    EVENT_TOUCHES_MAX);
	return on && j->v->complete && !*why;
}

void pass_if_watched(struct judge *j)
{
	const char *why;

	if (life_watched(j, &why) && j->v->done)
		j_pass(j, j->v->done->ev);
	else if (why)
		j_unsure(j, "%s", why);
}

void j_inside(struct judge *j, struct span dir,
	      bool (*counts)(const struct event *), const char *expected)
{
	const struct event *unknown = NULL;

	for_events (ev, j->v) {
		if (ev->kind != EV_TOUCH || (counts && !counts(ev)) ||
		    !touch_is_outside(j, ev, dir))
			continue;
		if (is_unknown(ev))
			unknown = ev;
		else if (touch_cannot_succeed(ev))
			j_say(j, j->req->dflt < V_WARN ? j->req->dflt : V_WARN,
			      ev->n, expected, "%s", touch_words(j, ev));
		else
			j_broken(j, ev->n, expected, "%s", touch_words(j, ev));
	}
	if (unknown) {
		j_unsure(j, "where it wanted to %.*s could not be seen",
			 SPAN_ARG(unknown->touch.op));
		j_also(j, unknown->n);
	}
	pass_if_watched(j);
}
