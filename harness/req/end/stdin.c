/*
 * stdin.c - Closing stdin.
 *
 * The stimulus is a close by a step of the case; what the clean-up of a case
 * closes is not judged.  Whether the flag asks for the end like the variable
 * does is SD-STDIN-8 alone: the others look at the variable.
 */
#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"
#include "harness/req/traffic/tunnel.h"

static struct span exit_value(const struct judge *j)
{
	return view_setting(j->v, "TOR_PT_EXIT_ON_STDIN_CLOSE");
}

/* stdin was closed under a transport that served; or NULL. */
static const struct event *closed_while_serving(const struct judge *j)
{
	const struct event *c = life_stdin_closed(j->v);

	if (j->v->head->config == CONFIG_BROKEN || !c)
		return NULL;
	return life_serving(j->v, c) ? c : NULL;
}

/* It has to live through a window after event @from, and to serve then. */
static void must_live_on(struct judge *j, uint32_t from, const char *expected,
			 const char *stimulus)
{
	const struct view *v = j->v;
	const struct event *w = life_survived(v, from);
	const struct event *refused;

	if (life_ended_unasked(v, from)) {
		j_broken(j, end_ev(v), expected, "%s it %s", stimulus,
			 view_how_ended(v));
		return;
	}
	if (!w)
		return;
	refused = life_refused(v, w->n);
	if (refused)
		j_broken(j, refused->n, expected, "%s its listener was gone",
			 stimulus);
	else
		j_pass(j, w->n);
}

/* Bytes on stdin that the transport may have read, or NULL. */
static const struct event *written_while_serving(const struct view *v)
{
	const struct event *ev = view_event(v, EV_WRITE, v->stdin_ch, 1);

	while (ev && ev->write.taken == 0)
		ev = view_event(v, EV_WRITE, v->stdin_ch, ev->n + 1);
	return ev && life_serving(v, ev) ? ev : NULL;
}

REQ(sd_stdin_1) = {
	.id = "SD-STDIN-1",
	.area = AREA_STDIN,
	.level = L_MUST_NOT,
	.section = "3.3.1.1",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "Without the variable, a closed stdin is not a reason to "
		 "exit.",
	.traps = "The observation window must exceed any polling; parent "
		 "stays alive.",
	.judge = sd_stdin_1,
};

static void sd_stdin_1(struct judge *j)
{
	const struct event *c = closed_while_serving(j);

	/* Behind data it is SD-STDIN-7. */
	if (c && span_absent(exit_value(j)) && !written_while_serving(j->v))
		must_live_on(j, c->n, "a transport that runs on and serves",
			     "after stdin was closed, without the variable,");
}

/* Only the values 0 and "" have to be accepted (AMB-008). */
static void refused_value(struct judge *j, struct span value)
{
	const struct line *l = view_error(j->v, IPC_ENV_ERROR);

	if (!l)
		return;
	if (value.n == 0 || span_eqs(value, "0"))
		j_broken(j, l->ev, "the same as without the variable",
			 "the value \"%s\" was answered by \"%s\"",
			 j_show(j, value), j_show(j, l->raw));
	else
		j_say(j, V_INFO, l->ev, "the same as without the variable",
		      "the value \"%s\" was answered by ENV-ERROR, which is "
		      "tolerated",
		      j_show(j, value));
}

REQ(sd_stdin_2) = {
	.id = "SD-STDIN-2",
	.area = AREA_STDIN,
	.level = L_MUST_NOT,
	.section = "3.3.1.1",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "Any value other than `1` means the same as unset.",
	.traps = "ENV-ERROR for `true`-like values is tolerated (AMB-008).",
	.stimuli = STIMULUS(STDIN_VALUE),
	.judge = sd_stdin_2,
};

static void sd_stdin_2(struct judge *j)
{
	struct span value = exit_value(j);
	const struct event *c = closed_while_serving(j);

	if (span_absent(value) || span_eqs(value, "1"))
		return;
	if (provoked(j))
		refused_value(j, value);
	if (c)
		must_live_on(j, c->n, "the same as without the variable",
			     arena_printf(j->a,
					  "after stdin was closed, with "
					  "the value \"%s\",",
					  j_show(j, value)));
}

/* What kind of stdin the case gave cannot be seen in the trace. */
static void started_without_pipe(struct judge *j, const char *expected,
				 const char *stimulus)
{
	const struct view *v = j->v;
	const struct event *limit = view_limit(v, "init", 1);

	if (!provoked(j) || !j->rf->works)
		return;
	if (v->done)
		must_live_on(j, v->spawn->n, expected, stimulus);
	else if (view_ended(v))
		j_broken(j, end_ev(v), expected, "%s it %s before DONE",
			 stimulus, view_how_ended(v));
	else if (limit)
		j_late(j, limit, expected, "%s it never reached DONE",
		       stimulus);
}

REQ(sd_stdin_3) = {
	.id = "SD-STDIN-3",
	.area = AREA_STDIN,
	.level = L_MUST_NOT,
	.section = "3.3.1.1",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "Starting with stdin already at EOF (null device) without "
		 "the variable is fine.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(STDIN_NULL),
	.judge = sd_stdin_3,
};

static void sd_stdin_3(struct judge *j)
{
	started_without_pipe(j, "a transport that starts and runs on",
			     "with the null device as stdin, without the "
			     "variable,");
}

REQ(sd_stdin_4) = {
	.id = "SD-STDIN-4",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Starting with fd 0 not open at all is survived when the "
		 "variable is unset.",
	.traps = "Some runtimes reopen fd 0 themselves.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(STDIN_NONE),
	.judge = sd_stdin_4,
};

static void sd_stdin_4(struct judge *j)
{
	started_without_pipe(j, "a transport that starts and runs on",
			     "without a descriptor 0, without the variable,");
}

/* A closed stdin has to end it: the plain case, nothing else going on. */
static const struct event *asked_to_end(const struct judge *j)
{
	const struct event *c = closed_while_serving(j);

	return c && life_exit_asked(j->v) ? c : NULL;
}

static void too_late(struct judge *j, const struct event *c)
{
	const struct event *limit = life_limit(j->v, c, "graceful");

	if (j_lagged(j, limit))
		return;
	if (policy_is(j->policy, P_STDIN_LEVEL, "fail"))
		j_say(j, V_FAIL, limit->n, "an end after stdin was closed",
		      "it was still running when the limit passed");
	else
		j_late(j, limit, "an end after stdin was closed",
		       "it was still running when the limit passed");
}

REQ(sd_stdin_5) = {
	.id = "SD-STDIN-5",
	.area = AREA_STDIN,
	.level = L_SHOULD,
	.section = "3.3.1.1, 3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "With value `1`, closing stdin makes the PT shut down "
		 "gracefully.",
	.traps = "Harness must be the only holder of the write end. Config "
		 "can raise this to FAIL.",
	.needs = LEGAL,
	.judge = sd_stdin_5,
};

static void sd_stdin_5(struct judge *j)
{
	const struct event *c = asked_to_end(j);

	if (!c)
		return;
	switch (life_end(j->v, c, "graceful")) {
	case LIFE_TOO_LATE:
		/* Connections that hold it up are SD-STDIN-10. */
		if (!life_open(j->v, c))
			too_late(j, c);
		break;
	case LIFE_ENDED:
		if (crashed(j))
			j_broken(j, end_ev(j->v),
				 "a graceful end after stdin was closed",
				 "it %s", view_how_ended(j->v));
		else
			j_pass(j, j->v->exit->n);
		break;
	case LIFE_UNKNOWN:
		break;
	}
}

REQ(sd_stdin_6) = {
	.id = "SD-STDIN-6",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Such an exit has status 0.",
	.traps = "T-WRAP.",
	.needs = LEGAL,
	.profiles = IN_20,
	.judge = sd_stdin_6,
};

static void sd_stdin_6(struct judge *j)
{
	const struct event *c = asked_to_end(j);

	if (!c || j->v->head->wrapper || !life_by_20(j) ||
	    life_end(j->v, c, "graceful") != LIFE_ENDED)
		return;
	if (view_exited(j->v, 0))
		j_pass(j, j->v->exit->n);
	else
		j_broken(j, j->v->exit->n,
			 "exit status 0 after stdin was closed", "it %s",
			 view_how_ended(j->v));
}

REQ(sd_stdin_7) = {
	.id = "SD-STDIN-7",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "Data on stdin is not a close.",
	.traps = "A PT may leave the pipe unread so the writer blocks: use "
		 "non-blocking writes; INFO.",
	.needs = LAUNCHED,
	.judge = sd_stdin_7,
};

static void sd_stdin_7(struct judge *j)
{
	const struct event *w = written_while_serving(j->v);
	const struct event *c = closed_while_serving(j);

	if (!w)
		return;
	if (is_legal(j))
		must_live_on(j, w->n, "a transport that runs on and serves",
			     "after data came on stdin");
	if (c && c->n > w->n && span_absent(exit_value(j)))
		must_live_on(j, c->n, "a transport that runs on and serves",
			     "after data on stdin and its end, without the "
			     "variable,");
}

/* The flag alone asks for the end. */
static bool flag_alone(const struct judge *j)
{
	return j->rf->flags &&
	       !span_absent(view_flag(j->v, "-exit-on-stdin-close")) &&
	       span_absent(view_env(j->v, "TOR_PT_EXIT_ON_STDIN_CLOSE"));
}

REQ(sd_stdin_8) = {
	.id = "SD-STDIN-8",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.1.1",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_FAIL,
	.title = "The bare flag `-exit-on-stdin-close` equals value `1`.",
	.traps = "Place the flag both last and before another flag.",
	.profiles = IN_20,
	.needs = LEGAL,
	.stimuli = STIMULUS(STDIN_FLAG),
	.judge = sd_stdin_8,
};

static void sd_stdin_8(struct judge *j)
{
	const struct event *c = closed_while_serving(j);
	enum life_end end = c ? life_end(j->v, c, "graceful") : LIFE_UNKNOWN;

	if (!flag_alone(j))
		return;
	if (end == LIFE_ENDED)
		j_pass(j, j->v->exit->n);
	else if (end == LIFE_TOO_LATE)
		j_late(j, life_limit(j->v, c, "graceful"),
		       "an end, as -exit-on-stdin-close asks for",
		       "it was still running when the limit passed");
	else if (provoked(j) && !j->v->done && view_ended(j->v))
		j_broken(j, end_ev(j->v),
			 "-exit-on-stdin-close to be taken without a value",
			 "it %s before DONE", view_how_ended(j->v));
}

REQ(sd_stdin_9) = {
	.id = "SD-STDIN-9",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Closing stdin during start-up also leads to exit.",
	.traps = "It may finish initialising first.",
	.needs = LEGAL,
	.judge = sd_stdin_9,
};

static void sd_stdin_9(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *c = life_stdin_closed(v);

	if (!life_exit_asked(v) || !c || (v->done && v->done->ev < c->n) ||
	    !life_alive_at(v, c->n))
		return;
	life_must_end(j, c, "graceful",
		      "an end when stdin is closed during start-up");
}

REQ(sd_stdin_10) = {
	.id = "SD-STDIN-10",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Open connections do not prevent exit on close.",
	.traps = "A bounded drain time is legal (T-TIME).",
	.needs = LEGAL,
	.stimuli = STIMULUS(SESSIONS_ALONE),
	.judge = sd_stdin_10,
};

static void sd_stdin_10(struct judge *j)
{
	const struct event *c = asked_to_end(j);

	if (!c || (life_end(j->v, c, "graceful") != LIFE_TOO_LATE &&
		   no_session_alone(j)))
		return;
	if (life_open(j->v, c) >= LIFE_IDLE)
		life_must_end(j, c, "graceful",
			      "an end after stdin was closed, with idle "
			      "connections open");
}

REQ(sd_stdin_11) = {
	.id = "SD-STDIN-11",
	.area = AREA_STDIN,
	.level = L_IMPLIED,
	.section = "3.3.3",
	.role = "shutdown",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "After exit nothing is left: no listening port, no child "
		 "processes.",
	.traps = "TIME_WAIT sockets are not listeners.",
	.needs = LEGAL,
	.judge = sd_stdin_11,
};

static void sd_stdin_11(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *c = asked_to_end(j), *left;

	if (!c || life_end(v, c, "graceful") != LIFE_ENDED)
		return;
	left = life_left_listener(v);
	if (left)
		j_broken(j, left->n, "no listener after the end",
			 "a socket still listens at its address");
	life_say_left(j, "no process after the end");
	if (!v->head->sandbox)
		j_unsure(j,
			 "what is left after the end is seen in a sandbox "
			 "only: %s",
			 j_show(j, v->head->sandbox_why));
	else if (life_looked_after(v))
		j_pass(j, v->exit->n);
	else
		life_say_unlooked(j);
}
