/*
 * report_badge.c - one line for a README: how many of the MUSTs that were
 * decided are kept, as JSON for a shields.io endpoint and as a picture.
 */
#include <stdio.h>
#include <string.h>

#include "harness/report/formats/json_out.h"
#include "harness/report/words.h"
#include "harness/report/writers.h"
#include "harness/report/xml.h"

/* Pixels of an average character at 11 px, and beside a text. */
#define CHAR_PX 7
#define PAD_PX 6

struct badge {
	char label[64], message[64];
	const char *colour, *hex; /* as shields names it */
	bool error;
};

static bool is_must(const struct result_row *row)
{
	return row->req->level == L_MUST || row->req->level == L_MUST_NOT;
}

static struct badge badge(const struct result *r)
{
	size_t kept = 0, decided = 0;
	struct badge b = { .colour = "brightgreen", .hex = "#2a7d1f" };

	for (size_t i = 0; i < r->nrows; i++) {
		enum verdict v = r->rows[i].verdict;

		if (!is_must(&r->rows[i]))
			continue;
		decided += v == V_FAIL || v == V_WARN || v == V_INFO ||
			   v == V_PASS;
		kept += v == V_WARN || v == V_INFO || v == V_PASS;
	}
	snprintf(b.label, sizeof(b.label), "PT %.8s", r->spec);
	snprintf(b.message, sizeof(b.message), "%zu/%zu MUST", kept, decided);
	switch (words_outcome(r)) {
	case OUTCOME_TROUBLE:
	case OUTCOME_NOTHING:
		snprintf(b.message, sizeof(b.message), "no verdict");
		b.colour = "lightgrey";
		b.hex = "#6b6b6b";
		b.error = true;
		break;
	case OUTCOME_FAILS:
		b.colour = "red";
		b.hex = "#b3261e";
		break;
	case OUTCOME_CONFORMS:
		if (!words_news(r, V_WARN) && !words_expected_count(r))
			break;
		b.colour = "yellow";
		b.hex = "#7a5c00";
		break;
	}
	return b;
}

void report_shields(const struct result *r, struct buf *out)
{
	struct badge b = badge(r);
	json_t *o = json_object();

	jo_put(o, "schemaVersion", json_integer(1));
	jo_put(o, "label", jo_text(b.label));
	jo_put(o, "message", jo_text(b.message));
	jo_put(o, "color", json_string(b.colour));
	jo_put(o, "isError", json_boolean(b.error));
	jo_write(o, out);
}

static void put_box(struct xml *x, size_t at, size_t width, const char *fill)
{
	xml_open(x, "rect");
	xml_attr_n(x, "x", at);
	xml_attr_n(x, "width", width);
	xml_attr(x, "height", "20");
	xml_attr(x, "fill", fill);
	xml_void(x);
}

static void put_words(struct xml *x, size_t at, size_t width, const char *text)
{
	xml_open(x, "text");
	xml_attr_n(x, "x", at + PAD_PX);
	xml_attr(x, "y", "14");
	/* Whatever font there is, it stays in its box. */
	xml_attr_n(x, "textLength", width - 2 * PAD_PX);
	xml_text(x, text);
	xml_close(x);
}

void report_badge(const struct result *r, struct buf *out)
{
	struct badge b = badge(r);
	size_t left, right;
	char line[160];
	struct xml x;

	xml_init(&x);
	/* Scrubbed, it may be longer. */
	left = strlen(b.label) * CHAR_PX + 2 * PAD_PX;
	right = strlen(b.message) * CHAR_PX + 2 * PAD_PX;
	snprintf(line, sizeof(line), "%s: %s", b.label, b.message);
	xml_open(&x, "svg");
	xml_attr(&x, "xmlns", "http://www.w3.org/2000/svg");
	xml_attr_n(&x, "width", left + right);
	xml_attr(&x, "height", "20");
	xml_attr(&x, "role", "img");
	xml_attr(&x, "aria-label", line);
	xml_leaf(&x, "title", NULL, line);
	put_box(&x, 0, left, "#3d3d3d");
	put_box(&x, left, right, b.hex);
	xml_open(&x, "g");
	xml_attr(&x, "fill", "#fff");
	xml_attr(&x, "font-family", "Verdana,DejaVu Sans,sans-serif");
	xml_attr(&x, "font-size", "11");
	put_words(&x, 0, left, b.label);
	put_words(&x, left, right, b.message);
	xml_close(&x);
	xml_close(&x);
	xml_raw(&x, "\n");
	xml_fini(&x, out);
}
