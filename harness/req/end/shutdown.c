/*
 * shutdown.c - Shutdown.
 *
 * A transport is asked to end by SIGTERM, or by the death of its parent.
 * The statuses are rules of 2.0 only.  What is left behind after a closed
 * stdin is SD-STDIN-11; after SIGTERM it is SD-CLEAN-1.
 */
#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"
#include "harness/req/traffic/tunnel.h"

/* A transport that printed DONE a moment ago is still starting. */
#define STARTING_US 50000

/* SIGTERM came, to one that served or to one that started. */
static const struct event *termed(const struct judge *j, bool serving)
{
	const struct event *c = view_signal_sent(j->v, "TERM");
	bool started;

	if (!c || !life_alive_at(j->v, c->n))
		return NULL;
	started = life_serving(j->v, c) && c->t - j->v->done->t >= STARTING_US;
	return started == serving ? c : NULL;
}

REQ(sd_term_1) = {
	.id = "SD-TERM-1",
	.area = AREA_SHUTDOWN,
	.level = L_SHOULD,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "SIGTERM is handled with a graceful end.",
	.traps = "Ignoring entirely is the violation; death by default "
		 "action is SD-TERM-2 matter.",
	.needs = LEGAL,
	.judge = sd_term_1,
};

static void sd_term_1(struct judge *j)
{
	const struct event *c = termed(j, true);

	/* Connections that hold it up are SD-TERM-4. */
	if (c && (!life_open(j->v, c) ||
		  life_end(j->v, c, "graceful") == LIFE_ENDED))
		life_must_end(j, c, "graceful", "an end after SIGTERM");
}

static judge_fn zero_after_term;

REQ_ROW(sd_term_2) = {
	.id = "SD-TERM-2",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "A graceful exit has status 0.",
	.traps = "T-WRAP: 143 from a shell wrapper. WARN only (AMB-071).",
	.needs = LEGAL,
	.profiles = IN_20,
	.judge = zero_after_term,
};

static void zero_after_term(struct judge *j)
{
	const struct event *c = termed(j, true);

	if (!c || j->v->head->wrapper || !life_by_20(j) ||
	    life_end(j->v, c, "graceful") != LIFE_ENDED)
		return;
	if (view_exited(j->v, 0))
		j_pass(j, j->v->exit->n);
	else
		j_say(j,
		      policy_is(j->policy, P_SIGTERM_STATUS, "fail") ? V_FAIL
								     : V_WARN,
		      j->v->exit->n, "exit status 0 after SIGTERM", "it %s",
		      view_how_ended(j->v));
}

static void nothing_left(struct judge *j)
{
	const struct event *left = life_left_listener(j->v);

	if (life_hit_script(j->v))
		return;
	if (left)
		j_broken(j, left->n, "no listener after the end",
			 "a socket still listens at its address");
	life_say_left(j, "no process after the end");
}

REQ(sd_term_3) = {
	.id = "SD-TERM-3",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "SIGTERM during start-up ends it too.",
	.traps = "Any termination accepted; leftover processes FAIL→WARN.",
	.needs = LEGAL,
	.judge = sd_term_3,
};

static void sd_term_3(struct judge *j)
{
	const struct event *c = termed(j, false);

	if (!c)
		return;
	/* It has nothing to finish yet. */
	life_must_end(j, c, "exit", "an end after SIGTERM during start-up");
	if (life_end(j->v, c, "exit") == LIFE_ENDED)
		nothing_left(j);
}

REQ(sd_term_4) = {
	.id = "SD-TERM-4",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Open connections do not block it.",
	.traps = "Bounded drain is fine.",
	.needs = LEGAL,
	.stimuli = STIMULUS(SESSIONS_ALONE),
	.judge = sd_term_4,
};

static void sd_term_4(struct judge *j)
{
	const struct event *c = termed(j, true);

	if (!c || (life_end(j->v, c, "graceful") != LIFE_TOO_LATE &&
		   no_session_alone(j)))
		return;
	if (life_open(j->v, c) >= LIFE_IDLE)
		life_must_end(
			j, c, "graceful",
			"an end after SIGTERM, with idle connections open");
}

/* The harness killed the parent of a serving transport. */
static const struct event *parent_killed(const struct judge *j)
{
	const struct event *c = view_event(j->v, EV_SIGNAL, "parent", 1);

	if (!c || j->v->head->config == CONFIG_BROKEN)
		return NULL;
	return life_serving(j->v, c) ? c : NULL;
}

REQ(sd_parent_1) = {
	.id = "SD-PARENT-1",
	.area = AREA_SHUTDOWN,
	.level = L_SHOULD,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Death of the parent is noticed and ends the PT.",
	.traps = "Detection may poll; parent-death signals depend on the "
		 "launching thread; a sub-reaper may adopt the orphan (the "
		 "parent PID still changes). Separate INFO run with stdin "
		 "EOF and variable `1`.",
	.judge = sd_parent_1,
};

/* With the variable set, closing stdin is the way that was agreed upon. */
static void sd_parent_1(struct judge *j)
{
	const struct event *c = parent_killed(j);
	const struct event *limit;

	if (!c)
		return;
	if (!life_exit_asked(j->v)) {
		/* The parent of what is in a script is the script. */
		if (!j->v->head->wrapper)
			life_must_end(j, c, "orphan",
				      "an end after its parent died");
		return;
	}
	/* Not worth as long a wait. */
	limit = life_limit(j->v, c, "window");
	if (limit && life_end(j->v, c, "window") == LIFE_TOO_LATE &&
	    j_lagged(j, limit))
		return;
	if (limit && life_end(j->v, c, "window") == LIFE_TOO_LATE)
		j_say(j, V_INFO, limit->n, "an end after its parent died",
		      "it ran on, with its stdin open and the variable set");
	else if (life_end(j->v, c, "window") == LIFE_ENDED)
		j_pass(j, j->v->exit->n);
}

REQ(sd_parent_2) = {
	.id = "SD-PARENT-2",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "A living parent is not mistaken for a dead one.",
	.traps = "In containers the parent is often PID 1. A parent may start "
		 "transports by a thread that does not last.",
	.needs = LEGAL,
	.stimuli = STIMULUS(PARENT_THREAD),
	.judge = sd_parent_2,
};

/* A parent with process id 1 is alive like any other, and so is one whose
 * thread that started the transport has ended. */
static void sd_parent_2(struct judge *j)
{
	const struct view *v = j->v;
	bool idle = v->done && !v->methods.n;
	const struct event *w;

	if ((v->spawn->spawn.ppid != 1 && !provoked(j)) || !j->rf->works ||
	    view_fatal(v) || crashed(j))
		return;
	w = v->done ? life_survived(v, v->done->ev) : NULL;
	if (life_gave_up(v) && !idle)
		j_broken(j, end_ev(v),
			 provoked(j) ? "a transport that runs on while its "
				       "parent lives, and only the thread that "
				       "started it has ended"
				     : "a transport that runs on while its "
				       "parent, with process id 1, lives",
			 "it %s", view_how_ended(v));
	else if (w)
		j_pass(j, w->n);
}

static void zero_after_stdin(struct judge *j)
{
	const struct event *c = life_stdin_closed(j->v);

	if (!life_by_20(j) || !c || !life_serving(j->v, c) ||
	    !life_exit_asked(j->v) || j->v->head->wrapper ||
	    life_end(j->v, c, "graceful") != LIFE_ENDED)
		return;
	if (view_exited(j->v, 0))
		j_pass(j, j->v->exit->n);
	else
		j_broken(j, j->v->exit->n,
			 "exit status 0 after stdin was closed", "it %s",
			 view_how_ended(j->v));
}

REQ(sd_status_1) = {
	.id = "SD-STATUS-1",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "`EX_OK` (0) is the status of any graceful exit.",
	.needs = LEGAL,
	.profiles = IN_20,
	.judge = sd_status_1,
};

static void sd_status_1(struct judge *j)
{
	zero_after_stdin(j);
	zero_after_term(j);
}

/* --- a second launch after the first one ended --- */

/* It was there before the second one started, served, and ended. */
static bool relaunched(const struct judge *j, struct view *second)
{
	const struct view *v = j->v;

	view_init_nth(second, v->tr, 2, j->a);
	return second->spawn && !second->exec_failed && v->done &&
	       v->methods.n && view_ended(v) && v->exit->n < second->spawn->n;
}

/* All that the first one launched came up again. */
static bool same_methods(const struct view *v, const struct view *second)
{
	if (!second->done)
		return false;
	for (size_t i = 0; i < v->requested.n; i++)
		if (view_method(v, v->requested.v[i]) &&
		    !view_method(second, v->requested.v[i]))
			return false;
	return true;
}

REQ(sd_clean_1) = {
	.id = "SD-CLEAN-1",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc,net",
	.dflt = V_WARN,
	.title = "Graceful end includes cleaning up: connections closed, "
		 "ports freed, helper processes gone.",
	.traps = "TIME_WAIT without SO_REUSEADDR on the next bind: retry for "
		 "60 s, then WARN.",
	.needs = LEGAL,
	.judge = sd_clean_1,
};

static void sd_clean_1(struct judge *j)
{
	const struct event *c = termed(j, true);
	struct view second;

	if (c && life_end(j->v, c, "graceful") == LIFE_ENDED)
		nothing_left(j);
	if (relaunched(j, &second) && same_methods(j->v, &second))
		j_pass(j, second.done->ev);
}

REQ(sd_state_1) = {
	.id = "SD-STATE-1",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "state",
	.classes = "fs",
	.dflt = V_INFO,
	.title = "State files are whole after a graceful end.",
	.needs = LEGAL,
	.judge = sd_state_1,
};

/*
 * A second start that fails although nothing holds the old address: then the
 * state that the first one left is what is new.
 */
static void sd_state_1(struct judge *j)
{
	const struct line *l;
	struct view second;

	if (!relaunched(j, &second))
		return;
	if (same_methods(j->v, &second)) {
		j_pass(j, second.done->ev);
		return;
	}
	if (life_left_listener(j->v) || life_left_process(j->v) ||
	    life_hit_script(j->v))
		return;
	l = view_fatal(&second);
	if (!l)
		l = view_error(&second, is_client(j) ? IPC_CMETHOD_ERROR
						     : IPC_SMETHOD_ERROR);
	if (l)
		j_broken(j, l->ev,
			 "a second launch on the same state like the "
			 "first",
			 "the line \"%s\"", j_show(j, l->raw));
}

/* --- signals that mean nothing here --- */

static const char *const plain_signals[] = { "HUP", "USR1", "PIPE", "WINCH" };

REQ(sd_ign_1) = {
	.id = "SD-IGN-1",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_INFO,
	.title = "SIGHUP, SIGUSR1, SIGPIPE, SIGWINCH are not named; "
		 "surviving them is expected.",
	.traps = "SIGHUP/SIGUSR* default-kill is legal (INFO); death by "
		 "SIGPIPE due to network activity is FAIL under "
		 "CM-LIFE-1/SM-LIFE-1.",
	.needs = LEGAL,
	.judge = sd_ign_1,
};

static void sd_ign_1(struct judge *j)
{
	const struct view *v = j->v;

	for (size_t i = 0; i < 4; i++) {
		const struct event *c = view_signal_sent(v, plain_signals[i]);

		if (!c || !life_serving(v, c))
			continue;
		if (life_ended_unasked(v, c->n))
			j_broken(j, end_ev(v), "a transport that survives it",
				 "after SIG%s it %s", plain_signals[i],
				 view_how_ended(v));
		else if (life_survived(v, c->n))
			j_pass(j, c->n);
	}
}

REQ(sd_int_1) = {
	.id = "SD-INT-1",
	.area = AREA_SHUTDOWN,
	.level = L_IMPLIED,
	.section = "PT 1.0 heritage",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_INFO,
	.title = "SIGINT semantics are unspecified in 2.0 (older PTs: first "
		 "SIGINT drains, second exits).",
	.traps = "Never fail.",
	.needs = LEGAL,
	.judge = sd_int_1,
};

static void sd_int_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *c = view_signal_sent(v, "INT");

	if (!c || !life_serving(v, c))
		return;
	if (life_ended_unasked(v, c->n) && view_exited(v, 0))
		j_pass(j, v->exit->n);
	else if (life_ended_unasked(v, c->n))
		j_broken(j, v->exit->n,
			 "an end with status 0, or a drain; unspecified",
			 "after SIGINT it %s", view_how_ended(v));
	else if (life_survived(v, c->n))
		j_broken(j, c->n, "an end, or a drain first; unspecified",
			 "after one SIGINT it ran on");
}
