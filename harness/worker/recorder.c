/* recorder.c - see recorder.h. */
#include "harness/worker/recorder.h"

#include <errno.h>
#include <unistd.h>

/* Written out in pieces of about this size. */
#define FLUSH_AT (64u * 1024u)
/* Far more than all limits together let through. */
#define TEXT_MAX (1u << 30)

void recorder_init(struct recorder *r, struct loop *loop, int fd,
		   const struct trace_head *head)
{
	*r = (struct recorder){ .loop = loop,
				.fd = fd,
				.text = BUF_MAX(TEXT_MAX) };
	trace_write_head(&r->text, head);
}

void recorder_fini(struct recorder *r)
{
	buf_fini(&r->text);
}

void recorder_event(struct recorder *r, struct event ev)
{
	ev.n = ++r->n;
	ev.t = loop_now(r->loop);
	trace_write_event(&r->text, &ev);
	if (r->text.n >= FLUSH_AT)
		recorder_flush(r);
}

void recorder_flush(struct recorder *r)
{
	size_t at = 0;

	while (at < r->text.n) {
		ssize_t n = write(r->fd, r->text.p + at, r->text.n - at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		at += (size_t)n;
	}
	buf_reset(&r->text);
}
