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

static bool take_key(struct span *s, const char *key)
{
	return take(s, SPAN(",\"")) && take(s, span_str(key)) &&
	       take(s, SPAN("\":"));
}

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
	if (line.n > LINE_MAX_BYTES || !take(&line, SPAN("{\"n\":")) ||
	    !take_int(&line, n) || !take_key(&line, "t") ||
	    !take_int(&line, &ev->t) || !take_key(&line, "k") ||
	    !take_kind(&line, &ev->kind))
		return false;
	for_event_fields (f, ev->kind)
		if (!take_field(&line, a, f, ev))
			return false;
	return span_eqs(line, "}");
}
