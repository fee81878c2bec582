/*
 * glossary.h - what the codes in the requirements' texts mean.
 */
#ifndef PTCHECK_REQ_CORE_GLOSSARY_H
#define PTCHECK_REQ_CORE_GLOSSARY_H

#include <stddef.h>

struct glossary_row {
	const char *code, *text;
};

extern const struct glossary_row glossary[]; /* ends with a NULL code */

#endif
