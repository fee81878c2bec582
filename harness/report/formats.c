/* formats.c - the formats that --report knows. */
#include <string.h>

#include "harness/report/writers.h"

const struct report_format report_formats[] = {
#define X(n, w) { .name = #n, .what = w, .write = report_##n },
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
