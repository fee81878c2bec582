/*
 * alike.h - which launches are to be looked at side by side.
 */
#ifndef PTCHECK_RUN_ALIKE_H
#define PTCHECK_RUN_ALIKE_H

#include "parent/base/span.h"

enum alike {
	ALIKE_NOT,    /* another case of the other role */
	ALIKE_TWIN,   /* the same case of the other role */
	ALIKE_ROLE,   /* of the same role, and no more */
	ALIKE_FAMILY, /* "socks.auth/x" and "socks.late": of the same family */
	ALIKE_CASE,   /* variants of one case */
};

/* Of two ids of launches, "ver.list/first@client". */
enum alike launches_alike(struct span a, struct span b);

#endif
