/*
 * matrix.h - any number of results on one page.
 */
#ifndef PTCHECK_REPORT_HTML_MATRIX_H
#define PTCHECK_REPORT_HTML_MATRIX_H

#include "harness/report/result.h"

/* @name: what each of the @n results is called above its column. */
void html_matrix(const struct result *r, const char *const *name, size_t n,
		 struct buf *out);

#endif
