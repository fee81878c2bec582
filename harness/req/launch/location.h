/*
 * location.h - where a launch may keep its files, and what it touched.
 *
 * Each way to say where has requirements of its own, so that each touch is
 * judged once: a state location by variable by ST-ONLY-1, ST-ELSE-1 and
 * ST-CWD-1, the others by the rule that is about them.
 *
 * A touch is what somebody is about to do (sys/fswatch.h).  Not counted are the
 * kernel's own places, what runtimes write by themselves, the missing
 * directories on the way to the state location, and files that the command
 * line of the target names.
 */
#ifndef PTCHECK_REQ_LAUNCH_LOCATION_H
#define PTCHECK_REQ_LAUNCH_LOCATION_H

#include "harness/req/core/judges.h"

enum location_kind {
	LOC_VARIABLE, /* an absolute path in the variable */
	LOC_RELATIVE, /* another one */
	LOC_EMPTY,    /* the variable is empty */
	LOC_UNSET,    /* neither variable nor flag */
	LOC_FLAG,     /* by flag alone */
	LOC_BOTH,     /* both, and the flag counts */
};

struct location {
	enum location_kind kind;
	struct span dir; /* absolute and normal; for LOC_EMPTY and LOC_UNSET
			    the working directory */
	struct span cwd; /* at launch */
};

void location_of(const struct judge *j, struct location *out);

/* The other end of a tunnel keeps its state there. */
bool path_is_peers(const struct judge *j, struct span path);

/* Does it count, and is it out of @dir? */
bool touch_is_outside(const struct judge *j, const struct event *touch,
		      struct span dir);
/* Does it put something into a file system (and not just change it)? */
bool touch_stores(const struct event *touch);
/* Cannot succeed: its directory is missing. */
bool touch_cannot_succeed(const struct event *touch);
/* "it set out to create "/tmp/x"" */
const char *touch_words(struct judge *j, const struct event *touch);
/* First touch that is @dir or below it; or NULL. */
const struct event *touch_inside(const struct view *v, struct span dir);

/* The whole life was watched.  If not, *why says why, unless the launch shows
 * nothing of that kind anyhow. */
bool life_watched(struct judge *j, const char **why);

/* The judge found nothing: passes at DONE when the whole life was watched, and
 * is undecided where it was not. */
void pass_if_watched(struct judge *j);

/*
 * Nothing out of @dir, or the row's default for what @counts (NULL: all); a
 * call that cannot succeed, as the directory is missing, is not worth more
 * than a warning.  Passes where the transport started and was watched.
 */
void j_inside(struct judge *j, struct span dir,
	      bool (*counts)(const struct event *), const char *expected);

#endif
