/* record.c - events into the trace, numbered and stamped. */
#include <errno.h>
#include <unistd.h>

#include "harness/worker/worker_int.h"

/* Written out in pieces of about this size. */
#define FLUSH_AT (64u * 1024u)

void record(struct worker *w, struct event ev)
{
	ev.n = ++w->nev;
	ev.t = loop_now(w->loop);
	trace_write_event(&w->trace, &ev);
	if (w->trace.n >= FLUSH_AT)
		record_flush(w);
}

void record_flush(struct worker *w)
{
	size_t at = 0;

	while (at < w->trace.n) {
		ssize_t n = write(w->job->trace_fd, w->trace.p + at,
				  w->trace.n - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* no disk: the reader misses the end event */
		at += (size_t)n;
	}
	buf_reset(&w->trace);
}
