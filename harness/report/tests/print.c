/*
 * print.c - print the sample result in one format, for people who work on
 * a writer: print json, print html > x.html, print term [WIDTH].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/tests/sample.h"

#define SAMPLE_MAX (4u * 1024u * 1024u)

static int usage(void)
{
	fputs("usage: print term [WIDTH]\n", stderr);
	for (const struct report_format *f = report_formats; f->name; f++)
		fprintf(stderr, "       print %s\n", f->name);
	return 2;
}

int main(int argc, char **argv)
{
	const struct report_format *f = argc > 1 ? report_find(argv[1]) : NULL;
	struct buf out = BUF_MAX(SAMPLE_MAX);
	struct result r;

	if (!f && (argc < 2 || strcmp(argv[1], "term") != 0))
		return usage();
	sample_result(&r);
	if (f) {
		f->write(&r, &out);
	} else {
		struct term_style st = {
			.colour = true,
			.verbose = true,
			.width = argc > 2 ? (unsigned)atoi(argv[2]) : 80,
		};

		report_term(&r, &st, &out);
	}
	fwrite(out.p, 1, out.n, stdout);
	buf_fini(&out);
	arena_fini(&r.arena);
	return 0;
}
