/*
 * verlist.h - TOR_PT_MANAGED_TRANSPORT_VER: versions separated by commas
 * (PT 2.0 §3.3.1.1).  A version is printable ASCII without blank and comma.
 */
#ifndef PTCHECK_PROTO_VERLIST_H
#define PTCHECK_PROTO_VERLIST_H

#include <stdbool.h>

#include "parent/base/span.h"

enum verlist_anomaly {
	VERLIST_EMPTY = 1 << 0,	     /* the whole list is empty */
	VERLIST_EMPTY_ITEM = 1 << 1, /* ",2" "2," "1,,2" */
	VERLIST_BAD_BYTE = 1 << 2,   /* blank, control byte, byte >= 0x7f */
	VERLIST_REPEATED = 1 << 3,   /* legal */
};
#define VERLIST_MALFORMED \
	(VERLIST_EMPTY | VERLIST_EMPTY_ITEM | VERLIST_BAD_BYTE)

unsigned verlist_check(struct span list);
/* Is @item, a version or the name of a transport, a whole item of @list (split
 * at commas, nothing trimmed)? */
bool verlist_has(struct span list, struct span item);

#endif
