/*
 * stream.h - one output stream of a transport: a pipe that is drained for the
 * transport's whole life, and recorded within limits.
 *
 * What is not recorded is not handed on either: a flood of short lines would
 * cost more than all the rest.
 */
#ifndef PTCHECK_WORKER_PROCESS_STREAM_H
#define PTCHECK_WORKER_PROCESS_STREAM_H

#include "harness/worker/task.h"

/* What a trace keeps of one stream: bytes, lines and pieces (a transport may
 * write single bytes).  Twice of what the longest answer to our longest list
 * takes; a run keeps some hundred traces in memory. */
#define STREAM_KEEP (320u * 1024u)
#define STREAM_LINES 8192
#define STREAM_PIECES 8192

struct stream {
	struct task *task;
	char name[16];		    /* "stdout", "2:stderr" */
	int fd;			    /* -1: closed */
	bool narrow;		    /* read one byte at a time */
	struct watch *watch;	    /* NULL: stalled or closed */
	size_t kept, lines, pieces; /* recorded: bytes, LFs, events */
	int64_t cut;		    /* bytes beyond */
	/* Bytes that were recorded. */
	void (*take)(void *ctx, struct stream *s, struct span bytes);
	/* It was closed, by either side. */
	void (*closed)(void *ctx, struct stream *s);
	void *ctx;
};

/* Closed, and its functions still to be set. */
void stream_init(struct stream *s, struct task *t, const char *name);

/* Read it, or leave it alone. */
void stream_stall(struct stream *s, bool on);
/* From now on as fast as it goes, and it is read. */
void stream_drain(struct stream *s);
void stream_close(struct stream *s);

#endif
