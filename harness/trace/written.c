/* written.c - see written.h. */
#include "harness/trace/written.h"

#include "parent/base/text.h"

/* No text in such a line is longer than what the reader of any JSON takes. */
#define LINE_MAX_BYTES (512u * 1024u)
/* So many digits fit, whatever they are. */
#define DIGITS 18

static bool take(struct span *s, struct span word)
{
	if (!span_starts(*s, word))
		return false;
	*s = span_sub(*s, word.n, s->n);
	return true;
}

static bool take_int(struct span *s, int64_t *out)
{
	bool minus = take(s, SPAN("-"));
	int64_t number = 0;
	size_t n = 0;

	while (n < s->n && n < DIGITS && s->p[n] >= '0' && s->p[n] <= '9')
		number = number * 10 + (s->p[n++] - '0');
	if (n == 0 || (n > 1 && s->p[0] == '0'))
		return false;
	*out = minus ? -number : number;
	*s = span_sub(*s, n, s->n);
	return true;
}

/* What is between the quotes; only those two are escaped in what we write. */
static bool take_quoted(struct span *s, struct span *text, bool *escaped)
{
	size_t i;

	*escaped = false;
	if (!take(s, SPAN("\"")))
		return false;
	for (i = 0; i < s->n && s->p[i] != '"'; i++) {
		if (s->p[i] < ' ' || s->p[i] >= 0x7f)
			return false;
		if (s->p[i] != '\\')
			continue;
		*escaped = true;
		if (++i == s->n || (s->p[i] != '\\' && s->p[i] != '"'))
			return false;
	}
	*text = span_sub(*s, 0, i);
	*s = span_sub(*s, i, s->n);
	return take(s, SPAN("\""));
}

static void unquote(struct buf *out, struct span text)
{
	while (text.n) {
		size_t run = span_find(text, '\\');

		buf_add(out, span_sub(text, 0, run));
		/* The one behind it, whatever it is. */
		buf_add(out, span_sub(text, run + 1, 1));
		text = span_sub(text, run + 2, text.n);
	}
}

static bool take_text(struct span *s, struct arena *a, struct span *out)
{
	struct buf plain = BUF_MAX(LINE_MAX_BYTES);
	struct buf raw = BUF_MAX(LINE_MAX_BYTES);
	struct span text;
	bool escaped, ok = true;

	if (!take_quoted(s, &text, &escaped))
		return false;
	if (escaped) {
		unquote(&plain, text);
		ok = text_unescape(&raw, buf_span(&plain), NULL);
		text = buf_span(&raw);
	}
	*out = arena_span(a, text);
	buf_fini(&plain);
	buf_fini(&raw);
	return ok;
}

/* A key and what stands before it, "{" or ",".  Where it is another one,
 * nothing is taken. */
static bool take_name(struct span *s, const char *before, const char *key)
{
	struct span rest = *s;

	if (!take(&rest, span_str(before)) || !take(&rest, SPAN("\"")) ||
	    !take(&rest, span_str(key)) || !take(&rest, SPAN("\":")))
		return false;
	*s = rest;
	return true;
}

static bool take_key(struct span *s, const char *key)
{
	return take_name(s, ",", key);
}

/* --- events --- */

static bool take_kind(struct span *s, enum event_kind *out)
{
	struct span name;
	bool escaped;

	if (!take_quoted(s, &name, &escaped) || name.n == 0)
		return false;
	for (int k = 0; k < EV_KINDS; k++) {
		const char *row = event_row((enum event_kind)k)->name;

		*out = (enum event_kind)k;
		if (row[0] == name.p[0] && span_eqs(name, row))
			return true;
	}
	return false;
}

static bool take_field(struct span *s, struct arena *a,
		       const struct event_field *f, struct event *ev)
{
	struct span text;
	bool escaped;
	int64_t n;

	if (!take_key(s, f->key))
		return false;
	if (f->type == EVENT_INT) {
		if (!take_int(s, &n))
			return false;
		event_set_int(ev, f, n);
		return true;
	}
	if (f->type == EVENT_ENUM)
		return take_quoted(s, &text, &escaped) &&
		       event_set_word(ev, f, text);
	if (!take_text(s, a, &text))
		return false;
	event_set_span(ev, f, text);
	return true;
}

bool written_event(struct span line, struct arena *a, struct event *ev,
		   int64_t *n)
{
	if (line.n > LINE_MAX_BYTES || !take_name(&line, "{", "n") ||
	    !take_int(&line, n) || !take_key(&line, "t") ||
	    !take_int(&line, &ev->t) || !take_key(&line, "k") ||
	    !take_kind(&line, &ev->kind))
		return false;
	for_event_fields (f, ev->kind)
		if (!take_field(&line, a, f, ev))
			return false;
	return span_eqs(line, "}");
}

/* --- heads --- */

static bool take_strings(struct span *s, struct arena *a, struct strings *out)
{
	size_t cap = 0;

	*out = (struct strings){ 0 };
	if (!take(s, SPAN("[")))
		return false;
	while (!take(s, SPAN("]"))) {
		if (out->n && !take(s, SPAN(",")))
			return false;
		arena_grow(a, out->v, out->n, cap);
		if (!take_text(s, a, &out->v[out->n++]))
			return false;
	}
	return true;
}

static bool take_pairs(struct span *s, struct arena *a, struct pairs *out)
{
	size_t cap = 0;

	*out = (struct pairs){ 0 };
	if (!take(s, SPAN("[")))
		return false;
	while (!take(s, SPAN("]"))) {
		struct pair one;

		if (out->n && !take(s, SPAN(",")))
			return false;
		if (!take(s, SPAN("[")) || !take_text(s, a, &one.key) ||
		    !take(s, SPAN(",")) || !take_text(s, a, &one.value) ||
		    !take(s, SPAN("]")))
			return false;
		arena_grow(a, out->v, out->n, cap);
		out->v[out->n++] = one;
	}
	return true;
}

static bool take_limits(struct span *s, struct limits *l)
{
	const char *before = "{";

#define X(name)                                                     \
	if (!take_name(s, before, #name) || !take_int(s, &l->name)) \
		return false;                                       \
	before = ",";
	TRACE_LIMITS(X)
#undef X
	return take(s, SPAN("}"));
}

static bool take_bool(struct span *s, bool *out)
{
	*out = take(s, SPAN("true"));
	return *out || take(s, SPAN("false"));
}

static bool take_word(struct span *s, const char *key, struct span *out)
{
	bool escaped;

	return take_key(s, key) && take_quoted(s, out, &escaped);
}

static bool take_words(struct span *s, struct trace_head *h)
{
	struct span role, profile, config;

	return take_word(s, "role", &role) &&
	       take_word(s, "profile", &profile) &&
	       take_word(s, "config", &config) && role_parse(role, &h->role) &&
	       profile_parse(profile, &h->profile) &&
	       config_parse(config, &h->config);
}

static bool take_lists(struct span *s, struct arena *a, struct trace_head *h)
{
	struct strings stimuli;

	return take_key(s, "aims") && take_strings(s, a, &h->aims) &&
	       take_key(s, "stimuli") && take_strings(s, a, &stimuli) &&
	       stimuli_parse(&stimuli, &h->stimuli) && take_key(s, "argv") &&
	       take_strings(s, a, &h->argv) && take_key(s, "env") &&
	       take_pairs(s, a, &h->env) && take_key(s, "known") &&
	       take_strings(s, a, &h->known) && take_key(s, "nosuch") &&
	       take_strings(s, a, &h->nosuch) && take_key(s, "vars") &&
	       take_pairs(s, a, &h->vars);
}

bool written_head(struct span line, struct arena *a, struct trace_head *h)
{
	int64_t format;

	*h = (struct trace_head){ 0 };
	return line.n <= LINE_MAX_BYTES && take_name(&line, "{", "trace") &&
	       take_int(&line, &format) && format == TRACE_FORMAT &&
	       take_key(&line, "id") && take_text(&line, a, &h->id) &&
	       (!take_key(&line, "probe") || take_text(&line, a, &h->probe)) &&
	       take_words(&line, h) && take_lists(&line, a, h) &&
	       take_key(&line, "limits") && take_limits(&line, &h->limits) &&
	       take_key(&line, "sandbox") && take_bool(&line, &h->sandbox) &&
	       take_key(&line, "sandbox_why") &&
	       take_text(&line, a, &h->sandbox_why) &&
	       take_key(&line, "wrapper") && take_bool(&line, &h->wrapper) &&
	       take_key(&line, "repro") && take_text(&line, a, &h->repro) &&
	       span_eqs(line, "}");
}
