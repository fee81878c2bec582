/*
 * root.h - the file system of a launch.
 *
 * It is a root of its own in which the top directories of the host are bound,
 * with a private resolv.conf, and layers of its own over what everybody may
 * write to.  To mount all that costs as much as all namespaces together, so it
 * is made once and inherited by launches that come one after the other - as
 * long as none of them changes anything in it.  What a launch writes in
 * earnest, its work directory, is its own.
 */
#ifndef PTCHECK_SYS_ROOT_ROOT_H
#define PTCHECK_SYS_ROOT_ROOT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "parent/base/err.h"

/* The private directory of a launch. */
#define ROOT_WORK "/ptcheck-work"

/* The root itself, three layers and resolv.conf. */
#define ROOT_WATCHED 5

struct root {
	/* Is resolv.conf its own, and why not? */
	bool resolver;
	struct err no_resolver;
	/* What a change would be seen by; @lost: it would not. */
	bool watched;
	size_t n;
	int fd[ROOT_WATCHED];
	struct stat was[ROOT_WATCHED];
	bool lost;
};

/*
 * Make it the root of the caller, who has a user and a mount namespace of his
 * own; @watched: to ask root_is_clean() later.  After -1 the mount namespace is
 * good for nothing.
 */
int root_make(struct root *r, bool watched, struct err *e);

/* In a mount namespace that inherited it: what this launch has anew, the work
 * directory and /proc. */
int root_enter(struct err *e);

/* Is it as it was made?  Asked when a launch is over. */
bool root_is_clean(const struct root *r);

#endif
