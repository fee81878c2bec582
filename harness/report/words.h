/*
 * words.h - what all writers say in the same way.
 *
 * Outcome of a run in one sentence, order of the verdicts, names of sections,
 * and the last defence against hostile text.
 */
#ifndef PTCHECK_REPORT_WORDS_H
#define PTCHECK_REPORT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/report/result.h"

/* The verdicts in the order in which summaries show them. */
#define SUMMARY_VERDICTS 7
extern const enum verdict summary_verdicts[SUMMARY_VERDICTS];

enum outcome {
	OUTCOME_TROUBLE, /* no verdict can be believed */
	OUTCOME_FAILS,	 /* at least one fail that nobody expected */
	OUTCOME_NOTHING, /* nothing was decided about the transport */
	OUTCOME_CONFORMS,
};

enum outcome words_outcome(const struct result *r);
/* The same as a sentence, without a full stop. */
void words_headline(struct buf *out, const struct result *r);

/* A finding that the baseline names: shown, but apart from the news. */
bool words_expected(const struct result_row *row);
/* One that follows from another finding, under which it is named. */
bool words_follows(const struct result_row *row);
bool words_follows_from(const struct result_row *row,
			const struct result_row *cause);
/* Add the ids of what follows from @row, with commas. */
void words_followers(struct buf *out, const struct result *r,
		     const struct result_row *row);
/* Findings with this verdict, the expected ones left out. */
size_t words_news(const struct result *r, enum verdict v);
/* How many findings the baseline names. */
size_t words_expected_count(const struct result *r);

/*
 * What needs somebody's eyes: fails, then what could not be decided, then
 * warnings, in each those of the strongest level first; what the baseline
 * expects, and what follows from another, is left out.  NULL-terminated,
 * malloced.
 */
const struct result_row **words_findings(const struct result *r);

/* Short name and title of the row's area. */
const char *words_area(const struct result_row *row);
const char *words_area_title(const struct result_row *row);

/* Rows of one area stand together: the index behind the last one of row
 * @i's area. */
size_t words_area_end(const struct result *r, size_t i);

/*
 * Why the row has its verdict: the reason, else what was seen; "" when there
 * is nothing to say.
 */
const char *words_why(const struct result_row *row);

/* "3.3.1.1, App. C" -> "§3.3.1.1, App. C"; "" for a rule of our own. */
void words_section(struct buf *out, const char *section);

/*
 * The heading under which a section's requirements are listed: the first
 * section of the list, without table rows: "3.3.1.1", "App. A", "Table 1",
 * "" for rules of our own.  Writes at most @size bytes, NUL included.
 */
#define SECTION_GROUP_MAX 64
void words_group(char *dst, size_t size, const char *section);
/* Order of two groups: sections, appendices, tables, other documents. */
int words_group_cmp(const char *a, const char *b);

/*
 * Length of the UTF-8 character at @s and its code point; 0 when there is no
 * valid one.  @s is NUL-terminated and not at its end.
 */
size_t words_utf8(const char *s, uint32_t *cp);

/*
 * Append @s so that JSON, XML and HTML can hold it and no reader is misled:
 * bytes that are not UTF-8, control characters, noncharacters and characters
 * that turn the direction of text become \xHH per byte.  What came from a
 * transport is plain ASCII already; this is for our own mistakes.  Cut at
 * SCRUB_MAX bytes, since CI parsers break on huge text nodes.
 */
#define SCRUB_MAX (64u * 1024u)
void words_scrub(struct buf *out, const char *s);

#endif
