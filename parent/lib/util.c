/*
 * util.c - errors, clock, texts.
 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "parent/base/text.h"
#include "parent/proto/ipc/args.h"
#include "parent/lib/lib.h"

int fail(struct ptp_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return -1;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return -1;
}

int64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct ptp_pairs pairs_of(struct arena *a, const struct kv_list *l)
{
	struct ptp_pair *v = arena_alloc(a, (l->n + 1) * sizeof(*v));

	for (size_t i = 0; i < l->n; i++) {
		struct span value = l->v[i].value;

		v[i].key = arena_span(a, l->v[i].key).p;
		v[i].value = span_absent(value) ? "" : arena_span(a, value).p;
	}
	return (struct ptp_pairs){ v, l->n };
}

const char *ptp_printable(char *dst, size_t size, const char *s)
{
	return text_showbuf(dst, size, span_str(s));
}

const char *ptp_what_word(enum ptp_what what)
{
	static const char *const word[] = {
#define X(id, text, meaning) text,
		PTP_EVENTS(X)
#undef X
	};

	return (size_t)what < sizeof(word) / sizeof(*word) ? word[what] : "?";
}
