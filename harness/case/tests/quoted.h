/*
 * quoted.h - JSON in C strings that can be read: ' stands for ".
 */
#ifndef PTCHECK_CASE_TESTS_QUOTED_H
#define PTCHECK_CASE_TESTS_QUOTED_H

#include "parent/base/arena.h"

static inline struct span quoted(struct arena *a, const char *text)
{
	char *p = arena_strdup(a, text);

	for (char *q = p; *q; q++)
		if (*q == '\'')
			*q = '"';
	return span_str(p);
}

/* A file with one case that says no more than it must, and @more. */
#define ONE_CASE(more)                                                      \
	"{'schema': 1, 'cases': [{'id': 'a', 'title': 't', 'aims': []" more \
	"}]}"

#endif
