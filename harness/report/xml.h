/*
 * xml.h - elements, attributes and text into a buffer, by libxml2's writer.
 *
 * The library escapes markup but lets control bytes through, so every string
 * is scrubbed here first (see words.h).  Errors stick: a failed document is
 * empty, which only happens when memory runs out.
 */
#ifndef PTCHECK_REPORT_XML_H
#define PTCHECK_REPORT_XML_H

#include <libxml/xmlwriter.h>

#include "harness/report/words.h"

struct xml {
	xmlBufferPtr mem;
	xmlTextWriterPtr w;
	struct buf clean; /* the string at hand, scrubbed */
};

void xml_init(struct xml *x);
/* Ends the document, appends it to @out, frees everything. */
void xml_fini(struct xml *x, struct buf *out);

void xml_open(struct xml *x, const char *name);
void xml_attr(struct xml *x, const char *name, const char *value);
void xml_attr_n(struct xml *x, const char *name, size_t n);
void xml_text(struct xml *x, const char *s);
/* Our own constant markup, for line ends and style sheets. */
void xml_raw(struct xml *x, const char *s);
/* With an end tag even when it is empty, as HTML wants it. */
void xml_close(struct xml *x);
/* For elements that HTML knows as void: <meta />. */
void xml_void(struct xml *x);

/* <name class="cls">text</name>; @cls may be NULL. */
void xml_leaf(struct xml *x, const char *name, const char *cls,
	      const char *text);

#endif
