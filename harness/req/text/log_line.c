/*
 * log_line.c - see log_line.h.
 */
#include "harness/req/text/log_line.h"

/* Take a value off the front: "a \"quoted\" one" or one without blanks. */
static bool take_value(struct span *s)
{
	size_t i = 1;

	if (!s->n || s->p[0] != '"') {
		size_t end = span_find(*s, ' ');
		bool ok = end > 0 &&
			  span_find(span_sub(*s, 0, end), '"') == end;

		*s = span_sub(*s, end, s->n);
		return ok;
	}
	while (i < s->n && s->p[i] != '"')
		i += s->p[i] == '\\' ? 2 : 1;
	if (i >= s->n)
		return false;
	*s = span_sub(*s, i + 1, s->n);
	return true;
}

/* Take KEY=VALUE and the space behind it off the front. */
static bool take_pair(struct span *s, struct span *key, struct span *value)
{
	size_t eq = span_find(*s, '=');
	struct span rest = span_sub(*s, eq + 1, s->n), from = rest;

	*key = span_sub(*s, 0, eq);
	if (!eq || eq == s->n || span_find(*key, ' ') < eq ||
	    !take_value(&rest))
		return false;
	*value = span_sub(from, 0, (size_t)(rest.p - from.p));
	if (rest.n && rest.p[0] != ' ')
		return false;
	*s = span_sub(rest, 1, rest.n);
	return true;
}

static bool is_severity(struct span s)
{
	static const char *const words[] = {
		"error", "warning", "notice", "info", "debug",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_eqs(s, words[i]))
			return true;
	return false;
}

const char *logline_trouble(struct span args)
{
	struct span key, value;

	if (!take_pair(&args, &key, &value) || !span_eqs(key, "SEVERITY"))
		return "no SEVERITY first";
	if (!is_severity(value))
		return "an unknown severity";
	if (!take_pair(&args, &key, &value) || !span_eqs(key, "MESSAGE"))
		return "no well-formed MESSAGE behind the severity";
	return args.n ? "more behind the message" : NULL;
}

const char *logline_status_trouble(struct span args, bool *no_transport)
{
	struct span key = SPAN(""), value, rest = args;
	size_t n = 0;

	while (rest.n && take_pair(&rest, &key, &value)) {
		if (n++ == 0)
			*no_transport = !span_eqs(key, "TRANSPORT");
	}
	if (rest.n || !n)
		return "something that is no KEY=VALUE";
	return n == 1 && !*no_transport ? "nothing but TRANSPORT" : NULL;
}
