/*
 * dry_run.h - values with templates while a file is read: they are checked
 * here, and expanded when planning.
 */
#ifndef PTCHECK_CASE_FORMAT_DRY_RUN_H
#define PTCHECK_CASE_FORMAT_DRY_RUN_H

#include "harness/case/format/json_path.h"
#include "harness/case/format/words.h"

struct dry_run {
	unsigned needs; /* 1 << enum need: what the templates need */
	bool nul;	/* a value holds a NUL byte */
};

/* See what @text needs; -1 with a predicate of it. */
int dry_run(struct dry_run *d, struct span text, struct err *e);

/* A value with templates. */
int json_path_template(const struct json_path *at, struct arena *a,
		       struct span *out);
/* The same for the kernel's strings, which end at the first NUL. */
int json_path_cstr(const struct json_path *at, struct arena *a,
		   struct span *out);

#endif
