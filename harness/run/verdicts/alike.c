/* alike.c - see alike.h. */
#include "harness/run/verdicts/alike.h"

/* What stands before the first of these characters. */
static struct span before(struct span s, const char *marks)
{
	size_t n = s.n;

	for (; *marks; marks++) {
		size_t at = span_find(s, *marks);

		n = at < n ? at : n;
	}
	return span_sub(s, 0, n);
}

/* Without the mark of a repetition. */
static struct span role_of(struct span id)
{
	size_t at = span_find(id, '@');

	return before(span_sub(id, at, id.n), "~");
}

enum alike launches_alike(struct span a, struct span b)
{
	bool same = span_eq(before(a, "/@+~"), before(b, "/@+~"));

	if (!span_eq(role_of(a), role_of(b)))
		return same ? ALIKE_TWIN : ALIKE_NOT;
	if (same)
		return ALIKE_CASE;
	if (span_eq(before(a, ".@"), before(b, ".@")))
		return ALIKE_FAMILY;
	return ALIKE_ROLE;
}
