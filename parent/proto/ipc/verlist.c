/* verlist.c - see verlist.h. */
#include "parent/proto/ipc/verlist.h"

#include "parent/base/arena.h"
#include "parent/proto/ipc/repeat.h"

static bool has_bad_byte(struct span item)
{
	for (size_t i = 0; i < item.n; i++) {
		unsigned char c = (unsigned char)item.p[i];

		if (c <= 0x20 || c >= 0x7f)
			return true;
	}
	return false;
}

unsigned verlist_check(struct span list)
{
	struct arena tmp = { 0 };
	struct repeat *v = NULL;
	size_t n = 0, cap = 0;
	unsigned anomalies = 0;
	struct span item;

	if (list.n == 0)
		return VERLIST_EMPTY;
	while (span_split(&list, ',', &item)) {
		if (item.n == 0) {
			anomalies |= VERLIST_EMPTY_ITEM;
			continue;
		}
		if (has_bad_byte(item))
			anomalies |= VERLIST_BAD_BYTE;
		arena_grow(&tmp, v, n, cap);
		v[n] = (struct repeat){ .key = item, .at = n };
		n++;
	}
	if (repeat_any(v, n))
		anomalies |= VERLIST_REPEATED;
	arena_fini(&tmp);
	return anomalies;
}

bool verlist_has(struct span list, struct span item)
{
	struct span one;

	if (item.n == 0)
		return false;
	while (span_split(&list, ',', &one))
		if (span_eq(one, item))
			return true;
	return false;
}
