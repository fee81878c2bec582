/*
 * disk.h - what a case does to the file system before or between starts.
 *
 * Only below the work directory of the launch: a case that names another path
 * does nothing there, and the trace says so.
 */
#ifndef PTCHECK_WORKER_DISK_H
#define PTCHECK_WORKER_DISK_H

#include "harness/worker/steps.h"

/* Make a file, recording it: NULL, or why not. */
const char *disk_place(struct task *t, const char *path, struct span bytes);
/* The state directory as a file system of its own, when the plan says so. */
int disk_mount(const struct task *t, struct err *e);

#endif
