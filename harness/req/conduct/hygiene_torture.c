/*
 * hygiene_torture.c - hard times: no descriptors, no room, failing calls,
 * streams that nobody reads or that end early.
 *
 * What is due is always the same: an error in the protocol's own terms, an
 * end with words, or service all the same; never a hang, a crash, or silence.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/conduct/hygiene.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"
#include "harness/req/traffic/tunnel.h"

static const char orderly[] = "an error message, an end with words, or service";

/* --- does it answer? --- */

/* The init limit, if it had said by then neither DONE nor an error, nor had
 * ended.  That it ends when the case does is no answer. */
static const struct event *torture_stuck(const struct view *v)
{
	const struct event *limit = view_limit(v, "init", 1);

	return limit && !v->done && !view_fatal(v) && life_alive_at(v, limit->n)
		       ? limit
		       : NULL;
}

/* Did it answer, or at least hang up on, a connection to one of its methods
 * after event @from?  If not, *deaf is the deadline that passed, or the
 * refusal; NULL: nobody waited. */
static bool answered(const struct view *v, uint32_t from,
		     const struct event **deaf)
{
	*deaf = life_refused(v, from);
	for (size_t i = from; i < v->tr->nev; i++) {
		const struct event *ev = &v->tr->ev[i];

		if (!life_alive_at(v, ev->n) ||
		    life_stimulus(v, from + 1) < ev->n)
			break;
		/* A listener that closes resets who waits in its queue. */
		if ((ev->kind == EV_RECV ||
		     (ev->kind == EV_EOF && span_eqs(ev->eof.how, "fin"))) &&
		    life_to_method(v, ev))
			return true;
		if (ev->kind == EV_LIMIT &&
		    span_eqs(ev->limit.limit, "connect"))
			*deaf = ev;
	}
	return false;
}

/* Had it a word for a client before event @until? */
static bool answered_before(const struct view *v, uint32_t until)
{
	for_events (ev, v)
		if (ev->n < until && ev->kind == EV_RECV &&
		    life_to_method(v, ev))
			return true;
	return false;
}

/* The judgement where nothing counts but that. */
static void must_answer(struct judge *j, uint32_t from, const char *when)
{
	const struct view *v = j->v;
	const struct event *deaf;

	if (answered(v, from, &deaf))
		j_pass(j, from);
	else if (deaf && deaf->kind == EV_LIMIT)
		j_late(j, deaf, "service", "no answer to a client %s", when);
	else if (deaf)
		j_broken(j, deaf->n, "service", "that it refuses clients %s",
			 when);
	else if (life_ended_unasked(v, from))
		j_broken(j, v->exit->n, "service", "that it %s %s",
			 view_how_ended(v), when);
}

/* --- crowds --- */

#define CROWD_MIN 1000

/* So many connections that were there at once, and the last one that came when
 * they had gone. */
static const struct event *crowd(const struct view *v,
				 const struct event **after)
{
	const struct event *many = NULL;

	*after = NULL;
	for_events (ev, v) {
		if (ev->kind != EV_CONNECT || !life_to_method(v, ev))
			continue;
		if (!many && ev->connect.tries >= CROWD_MIN)
			many = ev;
		else if (many)
			*after = ev;
	}
	return many;
}

REQ(hy_many_1) = {
	.id = "HY-MANY-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_WARN,
	.title = "A thousand connections at once do not bring it down.",
	.traps = "How many it serves at once is its choice: it has to serve "
		 "when they have gone.",
	.needs = LEGAL,
	.judge = hy_many_1,
};

static void hy_many_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *after, *many = crowd(v, &after);
	const struct event *lack = view_event(v, EV_SKIPPED, NULL, 1);

	if (!many || !v->done)
		return;
	if (crashed(j))
		j_broken(j, end_ev(v), "no crash", "that it %s",
			 view_how_ended(v));
	else if (lack)
		j_unsure(j, "a step was left out: %s",
			 j_show(j, lack->skipped.reason));
	else if (after && is_server(j) && life_alive_at(v, after->n))
		j_pass(j, after->n);
	else if (after)
		must_answer(j, after->n - 1, "after a thousand connections");
}

/* --- where it lives --- */

REQ(hy_world_1) = {
	.id = "HY-WORLD-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "It starts where there is no HOME, no IPv6, no localhost in "
		 "the hosts file, or no link and no route.",
	.traps = "One of them at a time; everything else is as usual.",
	.needs = LAUNCHED,
	.judge = hy_world_1,
};

/* What a launch misses that most machines have, in words, or NULL. */
static const char *world_lacks(const struct view *v)
{
	const struct event *lack = view_event(v, EV_LACK, NULL, 1);

	if (lack && span_eqs(lack->lack.what, "ipv6"))
		return "a start without IPv6";
	if (lack && span_eqs(lack->lack.what, "localhost"))
		return "a start without localhost in the hosts file";
	if (lack)
		return "a start without a link";
	return !span_absent(view_env(v, "PATH")) &&
			       span_absent(view_env(v, "HOME"))
		       ? "a start without HOME"
		       : NULL;
}

static void hy_world_1(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = world_lacks(v);

	if (!j->rf->works || !expected)
		return;
	if (has_started(j) && !v->methods.n && output_whole(v))
		j_broken(j, v->done->ev, expected, "no method");
	else
		must_start(j, expected);
}

/* --- streams --- */

REQ(hy_full_1) = {
	.id = "HY-FULL-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "It goes on serving when nobody reads its outputs and the "
		 "pipes are full.",
	.traps = "A transport that prints nothing shows nothing.",
	.judge = hy_full_1,
};

static void hy_full_1(struct judge *j)
{
	const struct view *v = j->v;

	/* In a tunnel a connection is stalled. */
	if (!v->done || !v->methods.n || has_peer(v))
		return;
	for_events (ev, v)
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "stall") &&
		    ev->n > v->done->ev && life_alive_at(v, ev->n)) {
			/* A refusal has other reasons, and who did not answer
			 * before either does not for the pipes. */
			if (answered_before(v, ev->n) &&
			    !life_refused(v, ev->n))
				must_answer(j, ev->n,
					    "while nobody reads its outputs");
			return;
		}
}

/* One of its outputs, closed by a step of the case; or NULL. */
static const struct event *output_closed(const struct view *v)
{
	for_events (ev, v) {
		if (ev->kind == EV_STEP && span_eqs(ev->step.kind, "stop"))
			break;
		if (ev->kind == EV_CLOSE &&
		    (span_eqs(ev->close.what, "stdout") ||
		     span_eqs(ev->close.what, "stderr")))
			return ev;
	}
	return NULL;
}

REQ(hy_closed_1) = {
	.id = "HY-CLOSED-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "With stdout or stderr closed it ends in order or goes on "
		 "in peace.",
	.traps = "Dying of SIGPIPE is orderly here. It may still be starting "
		 "in the first window: the last one counts.",
	.judge = hy_closed_1,
};

static void hy_closed_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *c = output_closed(v);
	const char *expected = "an orderly end, or that it goes on in peace";
	struct cpu_window s;

	if (!c || !life_alive_at(v, c->n))
		return;
	if (crashed(j)) {
		j_broken(j, end_ev(v), expected, "that it %s",
			 view_how_ended(v));
		j_also(j, c->n);
	} else if (cpu_window_last(v, c->n, &s) &&
		   cpu_window_busy(j, &s, BUSY_PERCENT)) {
		j_broken(j, s.closed->n, expected,
			 "%" PRId64 " %% of a processor after %s was closed",
			 s.percent, j_show(j, c->close.what));
		j_also(j, c->n);
	} else if (view_ended(v) || view_window(v, c->n)) {
		j_pass(j, c->n);
	}
}

REQ(hy_stdin_1) = {
	.id = "HY-STDIN-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "When stdin ends, so does it, at every point of the "
		 "dialogue.",
	.traps = "Only where the variable asks for it.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(STDIN_ENDS),
	.judge = hy_stdin_1,
};

/* For a client that says nothing about it: the case began with an end. */
static void hy_stdin_1(struct judge *j)
{
	const struct view *v = j->v;
	const struct event *c = life_stdin_closed(v);
	const char *expected = "an end, whatever it was about to do";
	const struct event *late;

	if (!provoked(j) || !j->rf->works || !life_exit_asked(v))
		return;
	c = c ? c : v->spawn;
	late = view_limit(v, "graceful", c->n);
	if (crashed(j))
		j_broken(j, end_ev(v), expected, "a crash: it %s",
			 view_how_ended(v));
	else if (late)
		j_late(j, late, expected,
		       "that it was still running when the limit passed");
	else if (view_ended(v) && v->exit->n > c->n)
		j_pass(j, v->exit->n);
}

REQ(hy_slow_1) = {
	.id = "HY-SLOW-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Lines come out whole when they are read slowly.",
	.traps = "The long line is not legal for each transport: an error is "
		 "fine there.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(OUTPUT_READ_LATE),
	.judge = hy_slow_1,
};

static void hy_slow_1(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "all of its lines, whole";
	struct span name;

	if (!provoked(j) || !j->rf->works)
		return;
	if (crashed(j)) {
		j_broken(j, end_ev(v), expected, "a crash: it %s",
			 view_how_ended(v));
	} else if (torture_stuck(v)) {
		j_late(j, torture_stuck(v), expected,
		       "no DONE within the limit");
	} else if (v->done && v->methods.n) {
		name = unanswered(v);
		if (span_absent(name))
			j_pass(j, v->done->ev);
		else
			j_broken(j, v->done->ev, expected,
				 "no line about \"%s\"", j_show(j, name));
	} else if (is_legal(j) && life_gave_up(v) && output_whole(v)) {
		j_broken(j, v->exit->n, expected, "that it %s",
			 view_how_ended(v));
	}
}

/* --- errors --- */

static bool has_said_why(const struct view *v)
{
	return view_fatal(v) || any_method_error(v) || has_words(&v->err) ||
	       has_words(&v->out);
}

/* It was in trouble from event @ev on; how did it endure that?  What does not
 * work without any trouble either shows nothing. */
static void must_endure(struct judge *j, uint32_t ev, const char *trouble)
{
	const struct view *v = j->v;
	const struct event *stays = view_limit(v, "exit", ev);

	if (!j->rf->works)
		return;
	if (crashed(j)) {
		j_broken(j, end_ev(v), orderly, "a crash, given %s: it %s",
			 trouble, view_how_ended(v));
		j_also(j, line_ev(crash_line(v)));
	} else if (torture_stuck(v)) {
		j_late(j, torture_stuck(v), orderly,
		       "nothing within the limit, given %s", trouble);
	} else if (stays && view_fatal(v) && life_alive_at(v, stays->n)) {
		j_late(j, stays, "an end behind the error message",
		       "none within the limit, given %s", trouble);
	} else if (life_gave_up(v) && !view_signalled(v) && output_whole(v) &&
		   !has_said_why(v)) {
		j_broken(j, v->exit->n, orderly, "no word, given %s: it %s",
			 trouble, view_how_ended(v));
	} else if (v->done || view_fatal(v) ||
		   (life_gave_up(v) && has_said_why(v))) {
		j_pass(j, v->done ? v->done->ev : end_ev(v));
	}
	if (j->out->v > V_PASS)
		j_also(j, ev);
}

REQ(hy_nofile_1) = {
	.id = "HY-NOFILE-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "With few descriptors it starts, or says in order that it "
		 "cannot.",
	.traps = "Below 10 the runtime of Go itself gives up: beside three "
		 "standard descriptors and a listener it takes up to five "
		 "for itself while it starts. That of Node takes more, and "
		 "aborts: INFO.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(DESCRIPTORS_FEW),
	.judge = hy_nofile_1,
};

static void hy_nofile_1(struct judge *j)
{
	if (provoked(j) && runtime_gave_up(j->v))
		j_say(j, V_INFO, end_ev(j->v), orderly,
		      "that its runtime gave up before it said anything, given "
		      "few descriptors");
	else if (provoked(j))
		must_endure(j, j->v->spawn->n, "few descriptors");
}

/* The first call out of @calls that was made to fail, or NULL. */
static const struct event *injected(const struct view *v,
				    const char *const *calls)
{
	for_events (ev, v)
		for (size_t i = 0; ev->kind == EV_INJECT && calls[i]; i++)
			if (span_eqs(ev->inject.call, calls[i]))
				return ev;
	return NULL;
}

static const char *trouble_words(struct judge *j, const struct event *ev)
{
	return arena_printf(
		j->a, "%s in %s%s%s", j_show(j, ev->inject.error),
		j_show(j, ev->inject.call), ev->inject.path.n ? " of " : "",
		ev->inject.path.n ? j_show(j, ev->inject.path) : "");
}

REQ(hy_disk_1) = {
	.id = "HY-DISK-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "fs",
	.dflt = V_WARN,
	.title = "A state directory without room, or with an input error, is "
		 "answered in order.",
	.traps = "One that keeps no state, or can do without, just starts.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(DISK_TROUBLE),
	.judge = hy_disk_1,
};

static void hy_disk_1(struct judge *j)
{
	static const char *const calls[] = { "open",   "create", "mkdir",
					     "rename", "write",	 "fsync",
					     "unlink", NULL };
	const struct event *ev = injected(j->v, calls);

	if (calls_unwatched(j))
		return;
	if (ev)
		must_endure(j, ev->n, trouble_words(j, ev));
	else if (provoked(j))
		must_endure(j, j->v->spawn->n,
			    "a state directory without room");
}

REQ(hy_socket_1) = {
	.id = "HY-SOCKET-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "net",
	.dflt = V_WARN,
	.title = "Failing calls of socket, bind and listen are answered in "
		 "order.",
	.traps = "A second attempt that works is fine.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(SOCKETS_FAIL),
	.judge = hy_socket_1,
};

static void hy_socket_1(struct judge *j)
{
	static const char *const calls[] = { "socket", "bind", "listen", NULL };
	const struct event *ev = injected(j->v, calls);

	if (!calls_unwatched(j) && ev)
		must_endure(j, ev->n, trouble_words(j, ev));
}

REQ(hy_accept_1) = {
	.id = "HY-ACCEPT-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-client",
	.classes = "net",
	.dflt = V_WARN,
	.title = "One failing accept is not the end of accepting.",
	.traps = "The connection that is waiting is not gone by that.",
	.needs = LAUNCHED,
	.stimuli = STIMULUS(ACCEPT_FAILS),
	.judge = hy_accept_1,
};

static void hy_accept_1(struct judge *j)
{
	static const char *const calls[] = { "accept", NULL };
	const struct event *ev = injected(j->v, calls);

	if (!calls_unwatched(j) && ev)
		must_answer(
			j, ev->n,
			arena_printf(j->a, "after %s", trouble_words(j, ev)));
}

REQ(hy_emfile_1) = {
	.id = "HY-EMFILE-1",
	.area = AREA_HYGIENE,
	.level = L_HYGIENE,
	.section = "—",
	.role = "pt-common",
	.classes = "proc",
	.dflt = V_WARN,
	.title = "Out of descriptors it waits for some in peace, and serves "
		 "again when there are.",
	.traps = "To refuse or to close what is too much is fine, and so is a "
		 "try a second with some words in a log.",
	.needs = LEGAL,
	.stimuli = STIMULUS(DESCRIPTORS_USED_UP),
	.judge = hy_emfile_1,
};

/* A hundred failing calls of accept a second, each of which is logged with all
 * that led to it, take an interpreter a tenth of a processor, and a third of one
 * that others slow down; who spins takes all. */
#define RETRY_PERCENT 50

/* The limit is not in the trace: only what the case says. */
static void hy_emfile_1(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "that it waits for descriptors in peace";
	struct cpu_window s;

	if (!provoked(j) || !v->done || disturbed_at(v) < v->done->ev)
		return;
	if (life_ended_unasked(v, v->done->ev)) {
		j_broken(j, v->exit->n, expected, "that it %s",
			 view_how_ended(v));
	} else if (cpu_window_last(v, v->done->ev, &s)) {
		if (cpu_window_busy(j, &s, RETRY_PERCENT))
			j_broken(j, s.closed->n, expected,
				 "%" PRId64 " %% of a processor", s.percent);
		else if (is_server(j))
			j_pass(j, s.closed->n);
		must_answer(j, s.closed->n,
			    "although there are descriptors again");
	}
}
