/*
 * hygiene_life.c - how a transport ends, and the processes that it leaves.
 */
#include <signal.h>

#include "harness/req/launch/startup.h"
#include "harness/req/conduct/hygiene.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

bool needs_sandbox(struct judge *j)
{
	if (j->v->head->sandbox || !provoked(j))
		return false;
	j_unsure(j, "this is seen in a sandbox only: %s",
		 j_show(j, j->v->head->sandbox_why));
	return true;
}

bool calls_unwatched(struct judge *j)
{
	if (needs_sandbox(j))
		return true;
	for_events (ev, j->v)
		if (provoked(j) && ev->kind == EV_FSWATCH &&
		    ev->fswatch.state == FSWATCH_IS_OFF) {
			j_unsure(j, "its calls are not watched: %s",
				 j_show(j, ev->fswatch.why));
			return true;
		}
	return false;
}

void say_unseen(struct judge *j)
{
	const struct event *no = snapshot_skipped(j->v);

	if (no && provoked(j))
		j_unsure(j, "a look at it was left out: %s",
			 j_show(j, no->skipped.reason));
}

/* --- how it ends --- */

static void crash_of(struct judge *j)
{
	const struct view *v = j->v;
	const struct line *l = crash_line(v);

	/* Without descriptors the program in it was never given a chance. */
	if (!launched(j) || (v->head->stimuli & STIMULUS(DESCRIPTORS_FEW) &&
			     runtime_gave_up(v)))
		return;
	if (crashed(j)) {
		j_broken(j, end_ev(v), "no crash", "that it %s%s%s",
			 view_how_ended(v), l ? "; on stderr: " : "",
			 l ? j_show(j, l->raw) : "");
		j_also(j, line_ev(l));
	} else if (output_whole(v)) {
		j_pass(j, end_ev(v));
	}
}

REQ(hy_crash_1) = {
	.id = "HY-CRASH-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "It never crashes, whatever it is given.",
	.traps = "Words of a crash in the logs of a transport that lives on "
		 "do not count.",
	.judge = hy_crash_1,
};

static void hy_crash_1(struct judge *j)
{
	struct judge second = *j;
	struct view v;

	crash_of(j);
	if (!view_event(j->v, EV_SPAWN, "2:pt", 1))
		return;
	view_init_nth(&v, j->v->tr, 2, j->a);
	second.v = &v;
	crash_of(&second);
}

/* Did the harness send it, or do what the kernel answers with it? */
static bool has_cause(const struct view *v, int sig)
{
	const char *name = sigabbrev_np(sig);

	for_events (ev, v) {
		if (ev->n > v->exit->n)
			break;
		/* What it asked the kernel to send when its parent dies. */
		if (ev->kind == EV_SIGNAL &&
		    (span_eqs(ev->signal.to, "parent") ||
		     (name && span_eqs(ev->signal.signal, name))))
			return true;
		if (ev->kind == EV_CLOSE && sig == SIGPIPE &&
		    (span_eqs(ev->close.what, "stdout") ||
		     span_eqs(ev->close.what, "stderr")))
			return true;
	}
	return false;
}

REQ(hy_signal_1) = {
	.id = "HY-SIGNAL-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "It does not die of a signal that nobody sent.",
	.traps = "SIGPIPE after one of its outputs was closed is what "
		 "runtimes do. What it asked the kernel to send at the death "
		 "of its parent is the parent's doing. SIGKILL may be the "
		 "kernel's, short of memory.",
	.needs = LAUNCHED,
	.judge = hy_signal_1,
};

static void hy_signal_1(struct judge *j)
{
	const struct view *v = j->v;

	/* A crash has a row of its own. */
	if (crashed(j))
		return;
	if (!view_signalled(v) || has_cause(v, (int)v->exit->exit.code)) {
		if (view_ended(v))
			j_pass(j, v->exit->n);
	} else if (v->exit->exit.code == SIGKILL) {
		j_unsure(j, "it was killed by a SIGKILL that the harness did "
			    "not send: memory may have run out");
	} else {
		j_broken(j, v->exit->n, "no end by a signal that nobody sent",
			 "that it %s", view_how_ended(v));
	}
}

/* --- processes --- */

REQ(hy_child_1) = {
	.id = "HY-CHILD-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "No process that it started outlives it.",
	.traps = "A helper may need a moment to notice.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(PROXY_PASSWORD) | STIMULUS(IDLE),
	.judge = hy_child_1,
};

static void hy_child_1(struct judge *j)
{
	const struct view *v = j->v;

	if (needs_sandbox(j))
		return;
	if (life_hit_script(v))
		return;
	if (life_left_process(v))
		life_say_left(j, "no process that outlives it");
	else if (v->head->sandbox && v->complete && life_looked_after(v))
		j_pass(j, v->exit->n);
	else
		life_say_unlooked(j);
}

/* A zombie is none until it was given some time to be collected. */
#define ZOMBIE_US 1000000

static bool is_zombie(const struct view *v, const struct event *ev)
{
	return ev->kind == EV_PROCESS && ev->process.state.n &&
	       ev->process.state.p[0] == 'Z' &&
	       ev->process.ppid == v->spawn->spawn.pid;
}

/* The same child, a zombie a while ago already. */
static bool was_zombie(const struct view *v, const struct event *now)
{
	for_events (ev, v) {
		if (ev->t > now->t - ZOMBIE_US)
			break;
		if (is_zombie(v, ev) && ev->process.pid == now->process.pid)
			return true;
	}
	return false;
}

/* Could it hardly run in the time in which it did not collect it? */
static bool was_held(struct judge *j, const struct event *now)
{
	const struct event *window = view_window(j->v, 1);

	return window && window->n < now->n && j_lagged(j, window);
}

REQ(hy_zombie_1) = {
	.id = "HY-ZOMBIE-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "It collects the children that have ended.",
	.traps = "A zombie of a moment is how a child ends.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(IDLE) | STIMULUS(CLIENTS_MANY) |
		   STIMULUS(SESSIONS_ALONE),
	.judge = hy_zombie_1,
};

static void hy_zombie_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *first = NULL;

	if (needs_sandbox(j))
		return;
	say_unseen(j);
	for_events (ev, v) {
		if (!life_alive_at(v, ev->n))
			continue;
		if (is_zombie(v, ev) && was_zombie(v, ev) && !was_held(j, ev))
			j_broken(j, ev->n, "its dead children collected",
				 "\"%s\", process %" PRId64
				 ", still a zombie after a second",
				 j_show(j, ev->process.name), ev->process.pid);
		if (ev->kind != EV_SNAPSHOT ||
		    !span_eqs(ev->snapshot.of, "processes"))
			continue;
		if (first && ev->t - first->t >= ZOMBIE_US)
			j_pass(j, ev->n);
		first = first ? first : ev;
	}
}
