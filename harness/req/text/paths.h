/*
 * paths.h - what a path means: text only, no file system.
 *
 * Where two paths are compared, both are absolute and normal: as the watch
 * tells them (sys/fswatch.h), or as path_absolute() makes them.  The watch has
 * followed all links; a path out of a setting has not been, but in the
 * sandbox's own directories there are none.
 */
#ifndef PTCHECK_REQ_TEXT_PATHS_H
#define PTCHECK_REQ_TEXT_PATHS_H

#include "parent/base/arena.h"

/* @path as seen from the directory @cwd: without "." and "..", doubled
 * slashes and slashes at its end.  An empty one is @cwd. */
struct span path_absolute(struct arena *a, struct span path, struct span cwd);

/* @dir itself, or something in it. */
bool path_is_below(struct span path, struct span dir);
/* A directory on the way to @dir, but not @dir itself. */
bool path_is_above(struct span path, struct span dir);
/* Put together from @dir and a name without a slash in between. */
bool path_is_beside(struct span path, struct span dir);

/*
 * Where nothing is stored: devices, and the kernel's switches in /proc and
 * /sys.  /dev/shm holds files like any other directory.
 */
bool path_is_kernels(struct span path);

/*
 * What language runtimes, profilers and the kernel write by themselves (trap
 * T-RUNTIME): coverage counters, profiles, core dumps, byte code, the JVM's
 * and .NET's doors for debuggers.
 */
bool path_is_artefact(struct span path);

#endif
