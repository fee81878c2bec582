/*
 * recorder.h - the trace of a launch while it is written: events are numbered,
 * stamped with the time of the loop, and go out in large pieces.
 */
#ifndef PTCHECK_WORKER_RECORDER_H
#define PTCHECK_WORKER_RECORDER_H

#include "harness/sys/loop.h"
#include "harness/trace/trace.h"

struct recorder {
	struct loop *loop;
	int fd;		 /* belongs to somebody else */
	struct buf text; /* not written yet */
	uint32_t n;	 /* events so far */
};

/* Begins with @head. */
void recorder_init(struct recorder *r, struct loop *loop, int fd,
		   const struct trace_head *head);
void recorder_fini(struct recorder *r);

/* Number, stamp and keep an event. */
void recorder_event(struct recorder *r, struct event ev);
/* Write out what is kept.  Where that fails the reader misses the end. */
void recorder_flush(struct recorder *r);

#endif
