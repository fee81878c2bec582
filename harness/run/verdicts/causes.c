/* causes.c - see causes.h. */
#include "harness/run/verdicts/causes.h"

#include "harness/req/core/judges.h"
#include "harness/req/launch/life.h"

static bool is_silent(const struct judge *j)
{
	/* A crash is a cause of its own, and an error is an answer. */
	return launched(j) && !j->v->done && !crashed(j) && !view_fatal(j->v);
}

const struct req *cause_of(struct judge judge, const struct req *plain)
{
	if (!is_silent(&judge))
		return NULL;
	for_reqs (req) {
		struct finding f = { 0 };

		if (!req->root)
			continue;
		judge.req = req;
		judge.out = &f;
		req_judge(&judge);
		if (f.v == V_FAIL)
			return req;
	}
	return plain;
}

/* How it ended is a matter of its own where it was asked to and did so badly,
 * or not at all. */
static bool is_silence(const struct view *v, const struct event *ev)
{
	if (ev->kind == EV_LIMIT)
		return span_eqs(ev->limit.limit, "init");
	return ev->kind == EV_EXIT && (view_exited(v, 0) || life_gave_up(v));
}

bool cause_explains(const struct view *v, const struct finding *f)
{
	if (f->v != V_FAIL && f->v != V_WARN)
		return false;
	for (size_t i = 0; i < f->nev; i++)
		if (f->ev[i] < 1 || f->ev[i] > v->tr->nev ||
		    !is_silence(v, &v->tr->ev[f->ev[i] - 1]))
			return false;
	return f->nev > 0;
}
