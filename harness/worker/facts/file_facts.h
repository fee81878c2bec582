/*
 * file_facts.h - what the transport does to the file system becomes facts:
 * what it is about to change (sys/fswatch.h), and what the files that it
 * wrote hold.
 *
 * A file is read twice at most: before it is removed, cut or replaced, and at
 * the end of the launch.  What is there for a moment only is thus seen, too.
 */
#ifndef PTCHECK_WORKER_FACTS_FILE_FACTS_H
#define PTCHECK_WORKER_FACTS_FILE_FACTS_H

#include "harness/sys/fswatch.h"
#include "harness/sys/spawn.h"
#include "harness/worker/task.h"

struct file_facts {
	struct task *task;
	const struct fswatch_filter *filter; /* NULL: nothing is watched */
	struct fswatch_filter *own;	     /* that, made for this launch */
	struct fswatch_inject inject[INJECT_MAX];
	const char **written; /* what the transport opened for writing */
	size_t nwritten, room, ntouched;
	size_t kept;   /* bytes of all contents */
	bool unseen;   /* an instance was not watched */
	bool far_away; /* opened where settings of the kernel could be */
};

/* Before the first start: decide whether files are watched, and tell. */
void file_facts_init(struct file_facts *f, struct task *t);
/* No watcher is left. */
void file_facts_fini(struct file_facts *f);

/* The filter for spawn_start(); NULL: none. */
const struct sock_fprog *file_facts_program(const struct file_facts *f);
/* An instance was started: its watcher, which the caller frees, or NULL. */
struct fswatch *file_facts_watch(struct file_facts *f, const struct spawn *s);

/* Has no instance changed a setting of the kernel?  Only root could; then it is
 * what was seen, and false when not all was. */
bool file_facts_settings_kept(const struct file_facts *f);

/* All instances have ended: read what they wrote. */
void file_facts_end(struct file_facts *f);

#endif
