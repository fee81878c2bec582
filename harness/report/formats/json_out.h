/*
 * json_out.h - what the formats that are JSON share: scrubbed text, objects
 * that keep the order of their keys, and the way into a buffer.
 */
#ifndef PTCHECK_REPORT_FORMATS_JSON_OUT_H
#define PTCHECK_REPORT_FORMATS_JSON_OUT_H

#include <jansson.h>

#include "parent/base/buf.h"

/* json_string() refuses invalid UTF-8; a writer must not fail on it.  NULL
 * becomes null. */
json_t *jo_text(const char *s);
json_t *jo_textf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
json_t *jo_number(size_t n);
/* Of a NULL-terminated list, which may be NULL. */
json_t *jo_texts(const char *const *list);
/* Takes @value; returns @o. */
json_t *jo_put(json_t *o, const char *key, json_t *value);
void jo_append(json_t *list, json_t *value);
/* Indented, with a newline at the end; takes @o. */
void jo_write(json_t *o, struct buf *out);

#endif
