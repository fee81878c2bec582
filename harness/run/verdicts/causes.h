/*
 * causes.h - one cause is one finding.
 *
 * A transport that does not come to DONE breaks one rule, and there is nothing
 * more to see of it.  What others find in such a launch follows from that, as
 * long as it is about the silence alone: its evidence is nothing that the
 * transport said or did, but a start-up that went over its time, or an end.
 */
#ifndef PTCHECK_RUN_CAUSES_H
#define PTCHECK_RUN_CAUSES_H

#include "harness/req/core/req.h"

/*
 * The rule without which nothing works (struct req, `root`) that the launch
 * breaks; if it is just as silent, but not legal and so not bound by the rule,
 * @plain: what a plain launch in its role breaks, or NULL.  Of @judge, `req`
 * and `out` do not matter.
 */
const struct req *cause_of(struct judge judge, const struct req *plain);

/* In such a launch: does the finding follow from that? */
bool cause_explains(const struct view *v, const struct finding *f);

#endif
