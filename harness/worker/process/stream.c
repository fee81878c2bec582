/* stream.c - see stream.h. */
#include "harness/worker/process/stream.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Reads per wake-up: a flood must not starve the deadlines. */
#define READS_MAX 16
/* Between two bytes of a narrow pipe, in µs. */
#define NARROW_US 1000

void stream_init(struct stream *s, struct task *t, const char *name)
{
	*s = (struct stream){ .task = t, .fd = -1 };
	snprintf(s->name, sizeof(s->name), "%s", name);
}

void stream_close(struct stream *s)
{
	if (s->fd < 0)
		return;
	loop_drop(s->watch);
	s->watch = NULL;
	close(s->fd);
	s->fd = -1;
	if (s->cut)
		rec(s->task, cut, .on = span_str(s->name), .bytes = s->cut);
	s->closed(s->ctx, s);
}

/* The part of @chunk that is still recorded: whole lines, or what fits. */
static struct span stream_within_limits(struct stream *s, struct span chunk)
{
	struct span part = span_sub(chunk, 0, STREAM_KEEP - s->kept);

	/* A gap would make a lie of the lines around it. */
	if (s->cut || s->lines == STREAM_LINES || s->pieces == STREAM_PIECES)
		return span_sub(chunk, 0, 0);
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] == '\n' && ++s->lines == STREAM_LINES)
			return span_sub(part, 0, i + 1);
	return part;
}

static void stream_keep(struct stream *s, struct span chunk)
{
	struct span part = stream_within_limits(s, chunk);

	s->kept += part.n;
	s->pieces++;
	s->cut += (int64_t)(chunk.n - part.n);
	if (part.n)
		rec(s->task, out, .on = span_str(s->name), .data = part);
	s->take(s->ctx, s, part);
}

static void stream_ended(struct stream *s)
{
	rec(s->task, eof, .on = span_str(s->name), .how = SPAN("fin"));
	stream_close(s);
}

static void stream_readable(void *ctx, unsigned what)
{
	struct stream *s = ctx;
	char bytes[65536];

	(void)what;
	for (int i = 0; i < READS_MAX && s->fd >= 0; i++) {
		ssize_t n = read(s->fd, bytes, sizeof(bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			stream_ended(s);
		else
			stream_keep(s, span_of(bytes, (size_t)n));
	}
	task_changed(s->task);
}

/* A narrow pipe is looked at by the time, not by its descriptor. */
static void stream_sip(void *ctx, unsigned what);

static void stream_watch(struct stream *s)
{
	struct loop *l = s->task->loop;

	s->watch = s->narrow ? loop_after(l, NARROW_US, stream_sip, s)
			     : loop_fd(l, s->fd, LOOP_READ, stream_readable, s);
}

static void stream_sip(void *ctx, unsigned what)
{
	struct stream *s = ctx;
	char byte;
	ssize_t n = read(s->fd, &byte, 1);

	(void)what;
	s->watch = NULL;
	if (n == 1)
		stream_keep(s, span_of(&byte, 1));
	/* The end is read the ordinary way. */
	if (n == 0)
		s->narrow = false;
	stream_watch(s);
	if (n == 1)
		task_changed(s->task);
}

void stream_stall(struct stream *s, bool on)
{
	if (s->fd < 0)
		return;
	if (on) {
		loop_drop(s->watch);
		s->watch = NULL;
	} else if (!s->watch) {
		stream_watch(s);
	}
}

void stream_drain(struct stream *s)
{
	if (s->narrow) {
		s->narrow = false;
		stream_stall(s, true);
	}
	stream_stall(s, false);
}
