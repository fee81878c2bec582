/* formats.c - the formats that --report knows. */
#include <string.h>

#include "harness/report/writers.h"

const struct report_format report_formats[] = {
#define X(n, w, e) { .name = #n, .what = w, .ending = e, .write = report_##n },
	REPORT_FORMATS(X)
#undef X
		{ .name = NULL },
};

const struct report_format *report_find(const char *name)
{
	for (const struct report_format *f = report_formats; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

const struct report_format *report_find_file(const char *file)
{
	const char *base = strrchr(file, '/');
	const char *dot = strrchr(base ? base + 1 : file, '.');

	for (const struct report_format *f = report_formats; dot && f->name;
	     f++)
		if (f->ending && strcmp(f->ending, dot) == 0)
			return f;
	return NULL;
}
