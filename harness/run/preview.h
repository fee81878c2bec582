/*
 * preview.h - what a run would be about, from its options alone: nothing is
 * launched, and no transport need be there.
 */
#ifndef PTCHECK_RUN_PREVIEW_H
#define PTCHECK_RUN_PREVIEW_H

#include "harness/case/case.h"
#include "harness/run/run.h"

struct preview {
	const struct run_opts *o;
	struct cases cases;
};

/* 0, or -1 with one line in @e: the cases cannot be read, or no glob of --launch
 * is of any launch that they give.  Free with preview_fini() either way. */
int preview_init(struct preview *p, const struct run_opts *o, struct err *e);
void preview_fini(struct preview *p);
/* Is it selected, in the version asked for, and of a role asked for? */
bool preview_has(const struct preview *p, const struct req *r);

#endif
