/*
 * mixed_lines.c - see mixed_lines.h.
 */
#include "harness/req/text/mixed_lines.h"

/* Is there a keyword, with a space behind, in the midst of @s? */
static bool has_inner_keyword(struct span s)
{
	static const char *const words[] = {
		"VERSION ",	  "PROXY ",	    "CMETHOD ", "CMETHODS ",
		"SMETHOD ",	  "SMETHODS ",	    "LOG ",	"STATUS ",
		"CMETHOD-ERROR ", "SMETHOD-ERROR ",
	};
	struct span inner = span_sub(s, 1, s.n);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_contains(inner, span_str(words[i])))
			return true;
	return false;
}

bool method_is_mixed(const struct method *m)
{
	unsigned odd = METHOD_MISSING | METHOD_EXTRA | METHOD_UNKNOWN_OPT;

	return (m->m.anomalies & odd || m->m.addr_anomalies) &&
	       has_inner_keyword(m->line->raw);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

bool line_is_mixed(const struct view *v, const struct line *l)
{
	const char *word = v->head->role == ROLE_CLIENT ? "CMETHOD "
							: "SMETHOD ";
	const char *at = l->raw.n ? memmem(l->raw.p + 1, l->raw.n - 1, word,
					   strlen(word))
				  : NULL;
	struct span rest, name;

	/* In quotes or behind a blank it may be what a log says. */
	if (!at || !is_letter(at[-1]))
		return false;
	rest = span_sub(l->raw, (size_t)(at - l->raw.p) + strlen(word),
			l->raw.n);
	name = span_sub(rest, 0, span_find(rest, ' '));
	return view_requested(v, name) && !view_method(v, name);
}
