/* xml.c - see xml.h. */
#include "harness/report/xml.h"

#include <stdio.h>

void xml_init(struct xml *x)
{
	/* Escaping makes the text longer, at worst 4 bytes for one. */
	*x = (struct xml){ .clean = BUF_MAX(4 * SCRUB_MAX + 16) };
	x->mem = xmlBufferCreate();
	x->w = x->mem ? xmlNewTextWriterMemory(x->mem, 0) : NULL;
	if (!x->w)
		die_oom();
}

void xml_fini(struct xml *x, struct buf *out)
{
	if (xmlTextWriterEndDocument(x->w) < 0)
		die_oom();
	/* Only freeing the writer flushes it. */
	xmlFreeTextWriter(x->w);
	buf_add(out, span_of(xmlBufferContent(x->mem),
			     (size_t)xmlBufferLength(x->mem)));
	xmlBufferFree(x->mem);
	buf_fini(&x->clean);
}

static const xmlChar *clean(struct xml *x, const char *s)
{
	buf_reset(&x->clean);
	words_scrub(&x->clean, s ? s : "");
	return BAD_CAST buf_cstr(&x->clean);
}

void xml_open(struct xml *x, const char *name)
{
	xmlTextWriterStartElement(x->w, BAD_CAST name);
}

void xml_attr(struct xml *x, const char *name, const char *value)
{
	xmlTextWriterWriteAttribute(x->w, BAD_CAST name, clean(x, value));
}

void xml_attr_n(struct xml *x, const char *name, size_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", n);
	xml_attr(x, name, text);
}

void xml_text(struct xml *x, const char *s)
{
	xmlTextWriterWriteString(x->w, clean(x, s));
}

void xml_raw(struct xml *x, const char *s)
{
	xmlTextWriterWriteRaw(x->w, BAD_CAST s);
}

void xml_close(struct xml *x)
{
	xmlTextWriterFullEndElement(x->w);
}

void xml_void(struct xml *x)
{
	xmlTextWriterEndElement(x->w);
}

void xml_leaf(struct xml *x, const char *name, const char *cls,
	      const char *text)
{
	xml_open(x, name);
	if (cls)
		xml_attr(x, "class", cls);
	xml_text(x, text);
	xml_close(x);
}
