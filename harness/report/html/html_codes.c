/*
 * html_codes.c - fixtures, traps and disputed points, spelled out.
 *
 * The catalogue's texts name them by codes ("F-C", "T-SPLIT"); a reader of
 * the page has nothing else at hand.
 */
#include <ctype.h>
#include <string.h>

#include "harness/report/html/html.h"
#include "harness/req/core/glossary.h"

static bool is_code_char(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

/* @code as a whole word: "F-C" does not occur in "F-CS". */
static bool mentions(const char *text, const char *code)
{
	const size_t n = strlen(code);
	const char *at = text;

	while (text && (at = strstr(at, code)) != NULL) {
		if ((at == text || !is_code_char(at[-1])) &&
		    !is_code_char(at[n]))
			return true;
		at += n;
	}
	return false;
}

static bool used(const struct result *r, const char *code)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].req->traps &&
		    mentions(r->rows[i].req->traps, code))
			return true;
	return false;
}

void html_codes(struct xml *x, const struct result *r)
{
	bool any = false;

	for (const struct glossary_row *g = glossary; g->code; g++) {
		if (!used(r, g->code))
			continue;
		if (!any) {
			xml_open(x, "section");
			xml_attr(x, "id", "codes");
			xml_leaf(x, "h2", NULL, "Codes in the texts above");
			xml_open(x, "dl");
			any = true;
		}
		xml_leaf(x, "dt", NULL, g->code);
		xml_open(x, "dd");
		html_prose(x, g->text);
		xml_close(x);
		xml_raw(x, "\n");
	}
	if (any) {
		xml_close(x);
		xml_close(x);
		xml_raw(x, "\n");
	}
}
