/* bare.c - see bare.h. */
#include "parent/proto/ipc/bare.h"

size_t bare_find(struct span s, char c)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == c)
			return i;
	}
	return s.n;
}

bool bare_split(struct span *s, char sep, struct span *piece)
{
	size_t at;

	if (!s->p)
		return false;
	at = bare_find(*s, sep);
	*piece = span_sub(*s, 0, at);
	*s = at == s->n ? (struct span){ 0 } : span_sub(*s, at + 1, s->n);
	return true;
}
