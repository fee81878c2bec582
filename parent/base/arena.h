/*
 * arena.h - memory that is freed all at once with the stage it belongs to.
 *
 * A plan, a trace and a result each own one arena.  Nothing in an arena is
 * freed singly.  Running out of memory ends the program (see die_oom()): the
 * sizes are bounded before they get here, so it is our bug or a machine that
 * cannot run the harness at all.
 */
#ifndef PTCHECK_BASE_ARENA_H
#define PTCHECK_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "parent/base/span.h"

struct arena {
	struct arena_block *head;
};

/* A zeroed struct arena is a valid, empty one. */
void arena_fini(struct arena *a);

/* @n zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *a, size_t n);

/* A copy of @s with a NUL behind it (not counted); absent stays absent. */
struct span arena_span(struct arena *a, struct span s);
char *arena_strdup(struct arena *a, const char *s);

char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/*
 * Grow an arena array by doubling: room for one more element at arr[n].
 * The old copy stays in the arena until the end.
 */
#define arena_grow(a, arr, n, cap)                                            \
	do {                                                                  \
		if ((n) >= (cap)) {                                           \
			size_t arena_nc_ = (cap) ? (cap)*2 : 8;               \
			void *arena_np_ =                                     \
				arena_alloc((a), arena_nc_ * sizeof(*(arr))); \
			if (n)                                                \
				memcpy(arena_np_, (arr),                      \
				       (n) * sizeof(*(arr)));                 \
			(arr) = arena_np_;                                    \
			(cap) = arena_nc_;                                    \
		}                                                             \
	} while (0)

/* Prints one line to stderr and aborts. */
_Noreturn void die_oom(void);

#endif
