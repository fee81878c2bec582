/*
 * lack.c - a world in which something is missing that most machines have.
 */
#include <stdio.h>

#include "harness/sys/world.h"
#include "harness/worker/steps.h"

/* Below the work directory, and only until it is mounted. */
#define HOSTS_ROOM "/.hosts"

static int lack_take(const struct task *t, enum world_part what, struct err *e)
{
	char room[300];

	switch (what) {
	case PART_OF_IPV6:
		return world_without_ipv6(e);
	case PART_OF_LOCALHOST:
		snprintf(room, sizeof(room), "%.*s" HOSTS_ROOM,
			 SPAN_ARG(t->plan->work));
		return world_without_localhost(room, e);
	case PART_OF_LINK:
		return world_set_link(WORLD_LINK, false, e);
	}
	return err_set(e, 0, "nothing like that");
}

static void lack_begin(void *part, const struct step *st)
{
	struct task *t = part;
	struct err e = { 0 };

	if (!t->job->sandbox)
		task_skipped(t, "needs a sandbox");
	else if (lack_take(t, st->lack.what, &e))
		task_skipped(t, e.msg);
	else
		rec(t, lack,
		    .what = span_str(words_world_part.names[st->lack.what]));
}

const struct step_ops step_lack_ops = { .part = PART_TASK,
					.begin = lack_begin };
