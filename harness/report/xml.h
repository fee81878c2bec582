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

/* What is used of the library; see xml_init(). */
#define XML_CALLS(X)                   \
	X(xmlBufferCreate)             \
	X(xmlBufferContent)            \
	X(xmlBufferLength)             \
	X(xmlBufferFree)               \
	X(xmlNewTextWriterMemory)      \
	X(xmlFreeTextWriter)           \
	X(xmlTextWriterSetIndent)      \
	X(xmlTextWriterStartDocument)  \
	X(xmlTextWriterEndDocument)    \
	X(xmlTextWriterStartElement)   \
	X(xmlTextWriterEndElement)     \
	X(xmlTextWriterFullEndElement) \
	X(xmlTextWriterWriteAttribute) \
	X(xmlTextWriterWriteString)    \
	X(xmlTextWriterWriteRaw)

struct xml {
	void *lib;
#define X(call) __typeof__(&call) call;
	XML_CALLS(X)
#undef X
	xmlBufferPtr mem;
	xmlTextWriterPtr w;
	struct buf clean; /* the string at hand, scrubbed */
};

/*
 * Loads libxml2 now, not when the program starts: the library brings ICU and
 * the C++ runtime along, and every process that a run forks would carry their
 * mappings (a fork costs twice as much with them).  Without the library the
 * program ends with one line.
 */
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
