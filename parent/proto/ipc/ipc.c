/*
 * ipc.c - see ipc.h.
 *
 * One pass for the bytes that may not occur anywhere, one to cut the keyword
 * off, one over the arguments.  Nothing is decided here: a line with a wrong
 * keyword is cut like any other.
 */
#include "parent/proto/ipc/ipc.h"

static const char *const keyword_names[] = { [IPC_UNKNOWN] = "?",
#define X(id, text) [IPC_##id] = text,
					     IPC_KEYWORDS(X)
#undef X
};
#define KEYWORDS (sizeof(keyword_names) / sizeof(*keyword_names))

const char *ipc_keyword_name(enum ipc_keyword kw)
{
	return (size_t)kw < KEYWORDS ? keyword_names[kw] : "?";
}

/* <KeywordChar> of the grammar in §3.3.2. */
static bool is_keyword_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static enum ipc_keyword find_keyword(struct span s)
{
	for (size_t i = IPC_UNKNOWN + 1; i < KEYWORDS; i++)
		if (span_eqs(s, keyword_names[i]))
			return (enum ipc_keyword)i;
	return IPC_UNKNOWN;
}

static bool is_keyword_in_wrong_case(struct span s)
{
	for (size_t i = IPC_UNKNOWN + 1; i < KEYWORDS; i++)
		if (span_eq_nocase(s, span_str(keyword_names[i])))
			return true;
	return false;
}

static bool is_error(enum ipc_keyword kw)
{
	return kw == IPC_VERSION_ERROR || kw == IPC_ENV_ERROR ||
	       kw == IPC_PROXY_ERROR || kw == IPC_CMETHOD_ERROR ||
	       kw == IPC_SMETHOD_ERROR;
}

/*
 * Take the next word off the front of *s, which is NULL at the end; *gap is
 * the number of spaces before it.
 */
static bool next_token(struct span *s, struct span *tok, size_t *gap)
{
	size_t at = 0;

	while (at < s->n && s->p[at] == ' ')
		at++;
	*gap = at;
	if (at == s->n)
		return false;
	*s = span_sub(*s, at, s->n);
	*tok = span_sub(*s, 0, span_find(*s, ' '));
	*s = span_sub(*s, tok->n, s->n);
	return true;
}

static unsigned check_bytes(struct span s)
{
	unsigned an = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\0')
			an |= IPC_NUL;
		if ((unsigned char)s.p[i] >= 0x80)
			an |= IPC_NONASCII;
	}
	return an;
}

/* Cut @s (CR removed) into keyword and args; judge the keyword. */
static void cut_keyword(struct span s, struct ipc_line *out)
{
	size_t end = 0;
	bool bad = false;

	while (end < s.n && s.p[end] != ' ' && s.p[end] != '\t')
		bad |= !is_keyword_byte(s.p[end++]);
	out->keyword = span_sub(s, 0, end);
	out->kw = find_keyword(out->keyword);
	if (out->kw == IPC_UNKNOWN && is_keyword_in_wrong_case(out->keyword))
		out->anomalies |= IPC_CASE;
	if (end < s.n) {
		out->args = span_sub(s, end + 1, s.n);
		if (out->args.n == 0 && end > 0)
			out->anomalies |= IPC_BARE_KEYWORD_SPACE;
	}
	if (end > 0 && end < s.n && s.p[end] == '\t') {
		if (out->kw != IPC_UNKNOWN)
			out->anomalies |= IPC_TAB;
		else
			bad = true;
	}
	if (bad)
		out->anomalies |= IPC_BAD_KEYWORD;
}

static void cut_args(struct ipc_line *out)
{
	struct span rest = out->args, tok;
	size_t gap, limit = 0;

	/*
	 * One space is already gone before the first word; before the second
	 * one a single space is due.
	 */
	while (next_token(&rest, &tok, &gap)) {
		if (gap > limit && (out->keyword.n || limit))
			out->anomalies |= IPC_DOUBLE_SPACE;
		limit = 1;
		if (out->ntok < IPC_TOK_MAX)
			out->tok[out->ntok] = tok;
		out->ntok++;
	}
}

/* Look for an error keyword behind the prefix of a logger. */
static void find_decorated(struct span s, struct ipc_line *out)
{
	for (size_t i = 0, from; i < s.n; i++) {
		enum ipc_keyword kw;

		from = i;
		while (i < s.n && is_keyword_byte(s.p[i]))
			i++;
		if (from == 0 || i == from)
			continue;
		kw = find_keyword(span_sub(s, from, i - from));
		if (!is_error(kw))
			continue;
		out->anomalies |= IPC_DECORATED;
		out->decorated = kw;
		if (i < s.n)
			out->decorated_args =
				span_sub(s, i + (s.p[i] == ' '), s.n);
		return;
	}
}

void ipc_parse(struct span raw, struct ipc_line *out)
{
	struct span s = span_absent(raw) ? SPAN("") : raw;

	*out = (struct ipc_line){ .anomalies = check_bytes(s) };
	if (s.n && s.p[s.n - 1] == '\r') {
		out->anomalies |= IPC_CR;
		s.n--;
	}
	if (s.n == 0)
		out->anomalies |= IPC_EMPTY;
	else if (s.p[0] == ' ' || s.p[0] == '\t')
		out->anomalies |= IPC_LEADING_SPACE;
	if (s.n && s.p[s.n - 1] == ' ')
		out->anomalies |= IPC_TRAILING_SPACE;
	cut_keyword(s, out);
	cut_args(out);
	if (out->kw == IPC_UNKNOWN)
		find_decorated(s, out);
}

/* k=v, but not FOO:k=v. */
static bool looks_like_pair(struct span s)
{
	size_t eq = span_find(s, '=');

	return eq > 0 && eq < s.n && span_find(s, ':') > eq;
}

static void take_option(struct span opt, struct ipc_method *out)
{
	const struct span prefix = SPAN("ARGS:");

	if (span_starts(opt, prefix)) {
		if (span_absent(out->args))
			out->args = span_sub(opt, prefix.n, opt.n);
		else
			out->anomalies |= METHOD_ARGS_TWICE;
		return;
	}
	out->anomalies |= METHOD_UNKNOWN_OPT;
	if (looks_like_pair(opt))
		out->anomalies |= METHOD_OPT_PAIR;
}

void ipc_parse_method(const struct ipc_line *line, struct ipc_method *out)
{
	bool client = line->kw == IPC_CMETHOD;
	struct span rest = line->args, tok;
	size_t gap;

	*out = (struct ipc_method){ 0 };
	if (line->ntok < (client ? 3 : 2))
		out->anomalies |= METHOD_MISSING;
	for (size_t i = 0; next_token(&rest, &tok, &gap); i++) {
		if (i == 0)
			out->name = tok;
		else if (client && i == 1)
			out->proto = tok;
		else if (span_absent(out->addr_text))
			out->addr_text = tok;
		else if (client)
			out->anomalies |= METHOD_EXTRA;
		else
			take_option(tok, out);
	}
	if (!span_absent(out->addr_text))
		out->addr_anomalies = addr_parse(out->addr_text, &out->addr);
}
