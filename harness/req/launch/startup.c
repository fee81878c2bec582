/* startup.c - see startup.h. */
#include "harness/req/launch/startup.h"

#include "harness/req/launch/life.h"
#include "harness/req/launch/setup.h"

bool output_whole(const struct view *v)
{
	return v->complete && !view_event(v, EV_CUT, NULL, 1);
}

bool ended_unasked(const struct view *v)
{
	return life_ended_unasked(v, 1);
}

const struct line *any_line(const struct view *v, enum ipc_keyword kw)
{
	const struct line *l = lines_find(&v->out, kw, 0);

	return l ? l : lines_find(&v->err, kw, 0);
}

bool is_role_line(const struct line *l, enum role role)
{
	enum ipc_keyword kw = l->ipc.kw;

	if (role == ROLE_CLIENT)
		return kw == IPC_CMETHOD || kw == IPC_CMETHOD_ERROR ||
		       kw == IPC_CMETHODS;
	return kw == IPC_SMETHOD || kw == IPC_SMETHOD_ERROR ||
	       kw == IPC_SMETHODS;
}

bool j_no_done(struct judge *j, enum verdict v, const char *expected)
{
	switch (outcome(j)) {
	case OUT_STARTED:
		return false;
	case OUT_REFUSED:
		if (view_error(j->v, IPC_VERSION_ERROR))
			break;
		j_say(j, v, outcome_ev(j), expected, "%s", outcome_words(j));
		break;
	case OUT_CRASHED:
		j_say(j, v, end_ev(j->v), expected, "a crash: it %s",
		      view_how_ended(j->v));
		if (j->v->err.n)
			j_also(j, j->v->err.v[0].ev);
		break;
	case OUT_STUCK:
		j_late(j, view_limit(j->v, "init", 1), expected,
		       "nothing within the limit");
		break;
	case OUT_UNCLEAR:
		break;
	}
	return true;
}

bool second_start(const struct judge *j, struct view *v2, struct judge *j2)
{
	const struct view *v = j->v;

	view_init_nth(v2, v->tr, 2, j->a);
	*j2 = *j;
	j2->v = v2;
	return v2->spawn && !v2->exec_failed && v->spawn && view_ended(v) &&
	       v->exit->n < v2->spawn->n && !life_hit_script(v);
}

bool hung(const struct judge *j)
{
	const struct view *v = j->v;
	const struct event *limit = view_limit(v, "init", 1);

	if (v->done || !limit)
		return false;
	/* What ends when it is told to has answered nothing either. */
	return !view_ended(v) || (v->exit->n > limit->n && !view_fatal(v) &&
				  life_stimulus(v, 1) > limit->n);
}

void j_orderly(struct judge *j, const char *stimulus)
{
	const struct view *v = j->v;

	if (crashed(j))
		j_say(j, V_FAIL, end_ev(v), "an orderly answer",
		      "after %s it %s", stimulus, view_how_ended(v));
	else if (hung(j))
		j_late(j, view_limit(v, "init", 1),
		       "an orderly answer: an error and exit, or DONE",
		       "after %s it answered nothing within the limit",
		       stimulus);
	else
		j_pass(j, v->done ? v->done->ev : end_ev(v));
}
