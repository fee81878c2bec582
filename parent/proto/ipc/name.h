/*
 * name.h - transport names: C identifiers in ASCII (PT 2.0 §3.1).
 */
#ifndef PTCHECK_PROTO_NAME_H
#define PTCHECK_PROTO_NAME_H

#include "parent/base/span.h"

enum name_note {
	NAME_EMPTY = 1 << 0,
	NAME_BAD_FIRST = 1 << 1,  /* digit or other byte first */
	NAME_BAD_BYTE = 1 << 2,	  /* later byte outside [A-Za-z0-9_] */
	NAME_UNDERSCORE = 1 << 3, /* legal; the printed expression of 2.0
					   draft 3 excludes it */
	NAME_KEYWORD = 1 << 4,	  /* legal; a C keyword */
};
#define NAME_INVALID (NAME_EMPTY | NAME_BAD_FIRST | NAME_BAD_BYTE)

unsigned name_check(struct span s);

#endif
