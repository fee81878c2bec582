/* formats.c - the formats that --report knows. */
#include <string.h>

#include "harness/report/writers.h"

const struct report_format report_formats[] = {
	{
		.name = "json",
		.what = "everything, for programs",
		.write = report_json,
	},
	{
		.name = "junit",
		.what = "JUnit XML, for CI systems",
		.write = report_junit,
	},
	{
		.name = "tap",
		.what = "TAP 14, for test harnesses",
		.write = report_tap,
	},
	{
		.name = "html",
		.what = "one page for people, to keep or to mail",
		.write = report_html,
	},
	{
		.name = "text",
		.what = "what the terminal shows, without colour",
		.write = report_text,
	},
	{ .name = NULL },
};

const struct report_format *report_find(const char *name)
{
	for (const struct report_format *f = report_formats; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}
