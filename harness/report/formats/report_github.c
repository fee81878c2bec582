/*
 * report_github.c - annotations of a GitHub workflow.
 *
 * Ten of a kind are shown for a step and the rest is dropped in silence, so
 * there are nine, the worst first, and one that says how many more.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/report/words.h"
#include "harness/report/writers.h"

#define SHOWN_MAX 9

/* @property: before the "::", where colons and commas end things, too. */
static void put(struct buf *out, const char *s, bool property)
{
	struct buf clean = BUF_MAX(2 * SCRUB_MAX);

	words_scrub(&clean, s ? s : "");
	for (const char *p = buf_cstr(&clean); *p; p++) {
		if (*p == '%' || (property && strchr(":,", *p)))
			buf_addf(out, "%%%02X", (unsigned char)*p);
		else
			buf_addc(out, *p);
	}
	buf_fini(&clean);
}

static void put_line(struct buf *out, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	buf_addf(out, "%%0A%s: ", name);
	put(out, text, false);
}

static void put_finding(struct buf *out, const struct result *r,
			const struct result_row *row)
{
	struct buf more = BUF_MAX(SCRUB_MAX);

	buf_addf(out,
		 "::%s title=", row->verdict == V_FAIL ? "error" : "warning");
	put(out, row->req->id, true);
	buf_addf(out, " (%s %s)::", verdict_name(row->verdict),
		 level_name(row->req->level));
	put(out, row->req->title, false);
	if (row->expected) {
		put_line(out, "expected", row->expected);
		put_line(out, "saw", row->seen);
	} else {
		put_line(out, "because", words_why(row));
	}
	words_followers(&more, r, row);
	put_line(out, "so, too", buf_cstr(&more));
	put_line(out, "repeat", row->repro);
	buf_addc(out, '\n');
	buf_fini(&more);
}

void report_github(const struct result *r, struct buf *out)
{
	const struct result_row **list = words_findings(r);
	struct buf line = BUF_MAX(SCRUB_MAX);
	size_t n = 0;

	while (list[n])
		n++;
	words_headline(&line, r);
	if (n > SHOWN_MAX)
		buf_addf(&line, "; %zu of %zu findings are shown here",
			 (size_t)SHOWN_MAX, n);
	buf_addf(out, "::%s title=ptcheck::", r->trouble ? "error" : "notice");
	put(out, buf_cstr(&line), false);
	buf_addc(out, '\n');
	for (size_t i = 0; i < n && i < SHOWN_MAX; i++)
		put_finding(out, r, list[i]);
	buf_fini(&line);
	free(list);
}
