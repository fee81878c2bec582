/*
 * alone.h - one part of a worker by itself: a task whose trace goes into a
 * file in memory, and whose "something happened" is up to the test.
 */
#ifndef PTCHECK_WORKER_TESTS_ALONE_H
#define PTCHECK_WORKER_TESTS_ALONE_H

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/worker/task.h"

static struct plan plan;
static struct worker_job job;
static struct task task;
static struct trace seen; /* by seen_events() */
static int control;	  /* the other end of the job's */

static void alone_changed(void *ctx);

static inline void setup(void)
{
	struct err e = { 0 };
	int ends[2];

	plan = (struct plan){ .head.id = SPAN("alone") };
	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
	control = ends[0];
	job = (struct worker_job){
		.plan = &plan,
		.trace_fd = memfd_create("trace", MFD_CLOEXEC),
		.control_fd = ends[1],
	};
	task = (struct task){ .job = &job,
			      .plan = &plan,
			      .loop = loop_new(&e),
			      .changed = alone_changed };
	ck_assert(task.loop != NULL);
	recorder_init(&task.rec, task.loop, job.trace_fd, &plan.head);
	seen = (struct trace){ 0 };
}

static inline void teardown(void)
{
	trace_fini(&seen);
	loop_free(task.loop);
	recorder_fini(&task.rec);
	arena_fini(&task.arena);
	close(job.trace_fd);
	close(job.control_fd);
	close(control);
}

/* All that was recorded so far is in `seen`. */
static inline void seen_events(void)
{
	struct err e = { 0 };
	off_t size;
	char *map;

	recorder_flush(&task.rec);
	size = lseek(job.trace_fd, 0, SEEK_END);
	map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, job.trace_fd, 0);
	ck_assert(map != MAP_FAILED);
	trace_fini(&seen);
	ck_assert_msg(trace_read(span_of(map, (size_t)size), &seen, &e) == 0,
		      "%s", e.msg);
	munmap(map, (size_t)size);
}

/* The nth of that kind in `seen`, from 0; NULL: there are not so many. */
static inline const struct event *seen_event(enum event_kind kind, size_t nth)
{
	for (size_t i = 0; i < seen.nev; i++)
		if (seen.ev[i].kind == kind && nth-- == 0)
			return &seen.ev[i];
	return NULL;
}

static inline size_t seen_count(enum event_kind kind)
{
	size_t n = 0;

	while (seen_event(kind, n))
		n++;
	return n;
}

#endif
