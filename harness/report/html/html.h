/*
 * html.h - the parts of the HTML report.
 *
 * The page is well-formed XML as well as HTML, so that a parser can prove in
 * the tests that hostile text stayed text.  It needs no script, lets only its
 * own run, and loads nothing.
 */
#ifndef PTCHECK_REPORT_HTML_H
#define PTCHECK_REPORT_HTML_H

#include "harness/report/result.h"
#include "harness/report/xml.h"

/* The style sheet; without '<' and '&', which XML would have to escape. */
extern const char html_style[];

/* <head> with the title, the policy and the style sheet. */
void html_head(struct xml *x, const char *title);
/* The sign of a verdict, and the word that goes with it. */
const char *html_sign(enum verdict v);
const char *html_word(enum verdict v);
/* Verdict as a sign and a word, never by colour alone. */
void html_badge(struct xml *x, enum verdict v);
/* The head of a table of requirements in four columns: the verdict, the id, and
 * these two, which have the widths of the ledger's level and rule. */
void html_table_head(struct xml *x, const char *third, const char *fourth);
/* Sections as people write them: "§3.3.1.1, App. C". */
void html_section(struct xml *x, const char *section);
/* Text of our tables: `code` and **strong** become elements. */
void html_prose(struct xml *x, const char *s);
/* Attribute @name = @prefix followed by @id. */
void html_ref(struct xml *x, const char *name, const char *prefix,
	      const char *id);

/* Has the row a block of its own under the findings? */
bool html_is_finding(const struct result_row *row);

/* A bar of the verdicts, by their number; for the eyes only. */
void html_bar(struct xml *x, const size_t count[V_FAIL + 1]);
/* One for each level and area. */
void html_areas(struct xml *x, const struct result *r);
/* A launch drawn; @name is what it is called.  @narrow: beside another one. */
void html_scene(struct xml *x, const struct scene *sc, const char *name,
		bool narrow);

/* Search and filter: the controls, hidden without the script; what the page's
 * policy says of it; and the script itself, for the end of the page. */
void html_find(struct xml *x);
void html_script_policy(struct buf *out);
void html_script(struct xml *x);

/* Findings, the expected ones, and what is noteworthy. */
void html_findings(struct xml *x, const struct result *r);
/* The specification's tables for datagrams, row by row, and whether there is
 * anything to tell of them. */
bool html_has_tables(const struct result *r);
void html_tables(struct xml *x, const struct result *r);
/* All selected requirements, in the order of the specification. */
void html_ledger(struct xml *x, const struct result *r);
/* What the codes mean that those requirements' texts use. */
void html_codes(struct xml *x, const struct result *r);

#endif
