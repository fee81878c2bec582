/*
 * fuzz.h - what the fuzz entry points of parent/proto share.
 *
 * Each fuzz_*.c is one libFuzzer target; with replay.c instead of libFuzzer it
 * becomes a program that runs over saved inputs, which any compiler can build.
 */
#ifndef PTCHECK_PROTO_FUZZ_H
#define PTCHECK_PROTO_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* assert() that no build switches off. */
#define MUST(cond)                                                       \
	do {                                                             \
		if (!(cond)) {                                           \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, \
				__LINE__, #cond);                        \
			abort();                                         \
		}                                                        \
	} while (0)

/* Is @s absent, or a part of @outer? */
static inline bool is_inside(struct span s, struct span outer)
{
	uintptr_t p = (uintptr_t)s.p, o = (uintptr_t)outer.p;

	return span_absent(s) ||
	       (p >= o && s.n <= outer.n && p - o <= outer.n - s.n);
}

/* The input as a span; never absent. */
static inline struct span fuzz_input(const uint8_t *data, size_t size)
{
	return size ? span_of(data, size) : SPAN("");
}

#endif
