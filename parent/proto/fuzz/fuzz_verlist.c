/* fuzz_verlist.c - version lists against a slow and simple twin. */
#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/ipc/verlist.h"

/* The twin is quadratic. */
#define ITEMS_MAX 64

static void check_items(struct span list, unsigned an)
{
	struct span v[ITEMS_MAX], whole = list;
	bool empty = false, repeated = false;
	size_t n = 0;

	while (n < ITEMS_MAX && span_split(&list, ',', &v[n])) {
		empty |= v[n].n == 0;
		MUST(verlist_has(whole, v[n]) == (v[n].n > 0));
		for (size_t i = 0; i < n; i++)
			repeated |= v[n].n && span_eq(v[i], v[n]);
		n++;
	}
	if (n == ITEMS_MAX)
		return;
	MUST(empty == !!(an & VERLIST_EMPTY_ITEM));
	MUST(repeated == !!(an & VERLIST_REPEATED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	unsigned an = verlist_check(in);

	MUST((in.n == 0) == !!(an & VERLIST_EMPTY));
	MUST(!verlist_has(in, SPAN("a,b")));
	if (in.n)
		check_items(in, an);
	return 0;
}
