/* app.c - see app.h. */
#include "harness/worker/peer/app.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "parent/proto/ipc/settings.h"
#include "harness/worker/net/dial.h"

void app_init(struct app *a, struct task *t, struct listeners *listeners,
	      struct instances *instances)
{
	*a = (struct app){
		.task = t,
		.conns = listeners->conns,
		.listeners = listeners,
		.instances = instances,
		.fd = -1,
	};
}

/* --- what it is to tell --- */

/* @extra, "k=v;k2=v2", and @known behind it. */
static struct pairs app_join_settings(struct arena *a, struct span extra,
				      struct pairs known)
{
	struct pairs all = { 0 };
	struct kv_list l;

	settings_parse(a, extra, &l);
	all.v = arena_alloc(a, (l.n + known.n) * sizeof(*all.v));
	for (size_t i = 0; i < l.n; i++)
		all.v[all.n++] = (struct pair){ l.v[i].key, l.v[i].value };
	for (size_t i = 0; i < known.n; i++)
		all.v[all.n++] = known.v[i];
	return all;
}

/* What this session tells. */
static struct pairs app_settings(const struct app *a)
{
	struct pairs settings = a->task->settings;

	return span_absent(a->how.st->extra)
		       ? settings
		       : app_join_settings(&a->task->arena, a->how.st->extra,
					   settings);
}

/* --- sessions --- */

static void app_next(struct app *a);

static void app_failed(struct app *a, enum socks_result result)
{
	rec(a->task, socks, .conn = span_str(a->name), .result = result,
	    .dest = a->how.st->dest, .code = -1);
}

static void app_over(void *ctx, struct conn *c, int64_t code)
{
	struct app *a = ctx;

	a->conn = NULL;
	/* One of many, or there is no answer to be followed by an end. */
	if ((a->tries > 1 && !a->how.st->hold) || code < 0)
		conn_end(c, false);
	app_next(a);
}

/* How long after it was connected an application leaves that is to leave: so
 * that the transport has begun to connect. */
#define LEAVE_US 200000

static void app_leave(void *ctx, unsigned what)
{
	struct app *a = ctx;

	(void)what;
	a->leaving = NULL;
	a->leaves = true;
	task_changed(a->task);
}

static void app_connected(void *ctx, unsigned what)
{
	struct app *a = ctx;
	int fd = a->fd, error = dial_result(fd);
	struct conn *c;

	(void)what;
	loop_drop(a->watch);
	a->watch = NULL;
	a->fd = -1;
	c = error ? NULL : conn_add(a->conns, fd, a->name);
	if (c) {
		a->conn = c;
		if (a->how.st->leave && !a->leaving)
			a->leaving = loop_after(a->task->loop, LEAVE_US,
						app_leave, a);
		app_session_begin(c, &a->how);
	} else {
		if (error)
			close(fd);
		app_failed(a, SOCKS_END_UNREACHABLE);
		app_next(a);
	}
	task_changed(a->task);
}

static void app_name(struct app *a)
{
	struct span as = span_sub(a->how.st->as, 0, 40);

	if (a->tries > 1)
		snprintf(a->name, sizeof(a->name), "%.*s#%u", SPAN_ARG(as),
			 (unsigned)a->try);
	else
		snprintf(a->name, sizeof(a->name), "%.*s", SPAN_ARG(as));
}

static void app_next(struct app *a)
{
	int error;

	if (a->try == a->tries) {
		a->busy = false;
		return;
	}
	a->try++;
	app_name(a);
	error = dial_begin(&a->to->addr, a->how.st->from, &a->fd);
	if (error && error != EINPROGRESS) {
		if (a->fd >= 0)
			close(a->fd);
		a->fd = -1;
		app_failed(a, SOCKS_END_UNREACHABLE);
		a->busy = false;
		return;
	}
	a->watch = loop_fd(a->task->loop, a->fd, LOOP_WRITE, app_connected, a);
}

/* --- may it be used? --- */

/* Where the transport that the plan's settings are of can be told them; an
 * instance before this one may have announced it, too. */
static const struct announced *app_find_method(const struct app *a,
					       const struct inst *in)
{
	const struct announced_list *l = &a->instances->announced;
	struct span name = a->task->plan->head.known.v[0];

	for (size_t i = 0; i < l->n; i++) {
		const struct announced *an = &l->v[i];

		if (an->of == in && (an->socks5 || an->socks4) &&
		    announced_is(an, name))
			return an;
	}
	return NULL;
}

/* The latest of them; a case may have started a server behind it. */
static const struct inst *app_latest_client(const struct app *a)
{
	const struct instances *all = a->instances;
	bool own = a->task->plan->head.role == ROLE_CLIENT;

	for (size_t i = all->n; i > 0; i--)
		if (own != all->v[i - 1].peer)
			return &all->v[i - 1];
	return NULL;
}

/* Why no parent would use it; NULL: one may.  Whether it is complete, or still
 * there, is for the session to find out. */
static const char *app_unusable(const struct inst *in)
{
	if (!in)
		return "no transport was started";
	switch (session_unusable(&in->session)) {
	case SESSION_IS_FATAL:
		return "the transport said that it cannot go on";
	case SESSION_OTHER_VERSION:
		return "the transport chose a version that was not offered";
	case SESSION_NO_PROXY:
		return "a proxy is set, and no PROXY DONE came";
	case SESSION_USABLE:
	case SESSION_GONE:
	case SESSION_NO_VERSION:
	case SESSION_NOT_DONE:
		break;
	}
	return NULL;
}

/* SOCKS4 has four bytes for an address. */
static bool app_is_too_long(const struct app *a)
{
	const struct step_socks *st = a->how.st;
	struct socks_addr to;

	return a->to->socks4 && span_absent(st->request) &&
	       app_parse_dest(st->dest, &to) && to.atyp == SOCKS_IPV6;
}

/* An address to come from is of one family. */
static bool app_cannot_come(const struct app *a)
{
	struct addr from;

	if (span_absent(a->how.st->from))
		return false;
	addr_parse(a->how.st->from, &from);
	return from.family != a->to->addr.family;
}

/* --- the step --- */

static void app_prepare(struct app *a, const struct step_socks *st,
			const struct inst *in)
{
	a->busy = true;
	a->try = 0;
	a->leaves = false;
	a->tries = st->count;
	a->fd = -1;
	a->conn = NULL;
	a->to = app_find_method(a, in);
	a->how = (struct app_how){
		.st = st,
		.socks4 = a->to && a->to->socks4,
		.speaks_2 = in && span_eqs(in->session.version, "2"),
		.over = app_over,
		.ctx = a,
	};
	if (!span_absent(st->extra))
		a->how.settings = app_join_settings(&a->task->arena, st->extra,
						    a->how.settings);
}

static void app_begin(void *part, const struct step *st)
{
	struct app *a = part;
	const struct inst *in = app_latest_client(a);
	const char *why = app_unusable(in);

	app_prepare(a, &st->socks, in);
	if (!why && !a->to)
		why = "no SOCKS method of its transport was announced";
	if (!why && app_is_too_long(a))
		why = "SOCKS4 has no IPv6 addresses";
	if (!why && app_cannot_come(a))
		why = "what listens there has no address of the family that "
		      "the application is to come from";
	if (!why)
		a->how.settings = app_settings(a);
	if (!why && !app_session_fits(&a->how))
		why = "the settings do not fit into user name and password "
		      "(RFC 1929), which is all that PT 1.0 has for them";
	if (!why) {
		app_next(a);
		return;
	}
	task_skipped(a->task, why);
	a->busy = false;
}

static bool app_has_asked(const struct app *a)
{
	return a->how.st->ask && a->conn && app_session_asked(a->conn);
}

static bool app_met(void *part, const struct step *st)
{
	const struct app *a = part;

	return !a->busy || app_has_asked(a) ||
	       listen_accepted(a->listeners, st->socks.until) ||
	       (a->leaves && a->conn && app_session_asked(a->conn));
}

static void app_end(void *part, const struct step *st, bool late)
{
	enum socks_result result = late ? SOCKS_END_TIMEOUT : SOCKS_END_LEFT;
	struct app *a = part;

	(void)st;
	loop_drop(a->leaving);
	a->leaving = NULL;
	if (!a->busy)
		return;
	loop_drop(a->watch);
	a->watch = NULL;
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
	a->tries = a->try;
	if (!late && app_has_asked(a))
		app_session_leave(a->conn);
	else if (a->conn)
		app_session_stop(a->conn, result);
	else
		app_failed(a, result);
	a->busy = false;
}

const struct step_ops step_socks_ops = {
	.part = PART_APP,
	.begin = app_begin,
	.met = app_met,
	.end = app_end,
};
