/* store.c - see store.h. */
#include "harness/run/launch/store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int store_open(struct store *s, struct err *e)
{
	*s = (struct store){ .fd = memfd_create("traces", MFD_CLOEXEC) };
	return s->fd < 0 ? err_sys(e, errno, "memfd_create") : 0;
}

void store_close(struct store *s)
{
	if (s->fd >= 0)
		close(s->fd);
	*s = STORE_NONE;
}

int store_add(struct store *s, struct span text, struct stored *out,
	      struct err *e)
{
	size_t done = 0;

	while (done < text.n) {
		ssize_t n = pwrite(s->fd, text.p + done, text.n - done,
				   s->size + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(e, n ? errno : ENOSPC,
				       "cannot keep a trace");
		done += (size_t)n;
	}
	*out = (struct stored){ s->size, text.n };
	s->size += (int64_t)text.n;
	return 0;
}

int store_read(const struct store *s, const struct stored *of,
	       struct trace *out, struct err *e)
{
	char *p = malloc(of->n + 1);
	size_t done = 0;
	int rc;

	if (!p)
		die_oom();
	while (done < of->n) {
		ssize_t n = pread(s->fd, p + done, of->n - done,
				  of->at + (int64_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	/* It is memory, after all. */
	if (done < of->n)
		die_oom();
	rc = trace_read(span_of(p, of->n), out, e);
	free(p);
	return rc;
}
