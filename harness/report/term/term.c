/* term.c - see term.h. */
#include "harness/report/term/term.h"

#include <ctype.h>
#include <string.h>

/* What our own tables use beyond ASCII, in ASCII. */
static const char *fold(uint32_t c)
{
	static const struct {
		uint32_t c;
		const char *s;
	} table[] = {
		{ 0xa7, "§" },	  { 0x2013, "-" },  { 0x2014, "-" },
		{ 0x2212, "-" },  { 0x2192, "->" }, { 0x2026, "..." },
		{ 0x2260, "!=" }, { 0x2264, "<=" }, { 0x2265, ">=" },
		{ 0xd7, "x" },	  { 0xe9, "e" },    { 0x2018, "'" },
		{ 0x2019, "'" },  { 0x201c, "\"" }, { 0x201d, "\"" },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].c == c)
			return table[i].s;
	return "?";
}

static void add_folded(struct buf *b, const char *s)
{
	struct buf clean = BUF_MAX(PARA_MAX);

	words_scrub(&clean, s);
	for (const char *p = buf_cstr(&clean); *p;) {
		uint32_t c = 0;
		size_t n = words_utf8(p, &c);

		if (c < 0x80)
			buf_addc(b, (char)c);
		else
			buf_adds(b, fold(c));
		p += n ? n : 1;
	}
	buf_fini(&clean);
}

/* Columns that @s takes: the section sign is two bytes wide. */
static unsigned columns(struct span s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void put(struct term *t, struct span s)
{
	buf_add(t->out, s);
	t->col += columns(s);
}

void term_puts(struct term *t, const char *s)
{
	put(t, span_str(s));
}

void term_spaces(struct term *t, unsigned upto)
{
	while (t->col < upto)
		put(t, SPAN(" "));
}

void term_newline(struct term *t)
{
	/* What was to be in front of a word that moved to the next line. */
	while (t->out->n && t->out->p[t->out->n - 1] == ' ')
		t->out->n--;
	buf_addc(t->out, '\n');
	t->col = 0;
}

/* A word longer than a line is cut where the line ends. */
static void put_word(struct term *t, unsigned indent, struct span w)
{
	while (columns(w) > t->width - t->col) {
		struct span part = span_sub(w, 0, t->width - t->col);

		/* Not between the two bytes of a section sign. */
		if (part.n && part.n < w.n &&
		    ((unsigned char)w.p[part.n] & 0xc0) == 0x80)
			part.n--;
		put(t, part);
		term_newline(t);
		term_spaces(t, indent);
		w = span_sub(w, part.n, w.n);
	}
	put(t, w);
}

void term_wrap(struct term *t, unsigned indent, const char *s)
{
	struct buf b = BUF_MAX(PARA_MAX);
	struct span rest, word;
	unsigned gap = 0;

	add_folded(&b, s);
	for (rest = span_str(buf_cstr(&b)); rest.n; gap++) {
		unsigned w;

		word = span_sub(rest, 0, span_find(rest, ' '));
		rest = span_sub(rest, word.n + 1, rest.n);
		w = columns(word);
		if (w == 0)
			continue;
		if (t->col + gap + w > t->width) {
			if (t->col > indent)
				term_newline(t);
			gap = 0;
		}
		term_spaces(t, t->col < indent ? indent : t->col + gap);
		put_word(t, indent, word);
		gap = 0;
	}
	buf_fini(&b);
	term_newline(t);
}

static const char *colour_of(enum verdict v)
{
	switch (v) {
	case V_FAIL:
		return "1;31";
	case V_INCONCLUSIVE:
		return "1;35";
	case V_WARN:
		return "1;33";
	case V_INFO:
		return "1;36";
	case V_PASS:
		return "1;32";
	case V_NA:
	case V_UNTESTED:
	case V_NONE:
		break;
	}
	return "2";
}

/* Colour codes take no column. */
void term_colour(struct term *t, const char *code)
{
	if (t->st->colour)
		buf_addf(t->out, "\033[%sm", code);
}

void term_plain(struct term *t)
{
	bool ended = t->col == 0 && t->out->n &&
		     t->out->p[t->out->n - 1] == '\n';

	if (!t->st->colour)
		return;
	/* Before the end of the line: a pager starts each line uncoloured. */
	t->out->n -= ended;
	buf_adds(t->out, "\033[0m");
	if (ended)
		term_newline(t);
}

void term_tag(struct term *t, enum verdict v)
{
	char word[16];
	size_t i = 0;

	for (const char *s = verdict_name(v); *s && i + 1 < sizeof(word); s++)
		word[i++] = (char)toupper((unsigned char)*s);
	word[i] = '\0';
	term_colour(t, colour_of(v));
	term_puts(t, word);
	term_plain(t);
	term_puts(t, "  ");
}

static void label(struct term *t, const char *name)
{
	term_spaces(t, INDENT_LABEL - (unsigned)strlen(name));
	term_puts(t, name);
	term_puts(t, ": ");
}

void term_labelled(struct term *t, const char *name, const char *text)
{
	if (!text || !*text)
		return;
	label(t, name);
	term_wrap(t, INDENT_TEXT, text);
}

/* Length of the first shell word of @s: quoted blanks do not end it. */
static size_t shell_word(const char *s)
{
	char quote = '\0';
	size_t i = 0;

	for (; s[i] && (quote || s[i] != ' '); i++) {
		if (s[i] == '\\' && quote != '\'' && s[i + 1])
			i++;
		else if (quote)
			quote = s[i] == quote ? '\0' : quote;
		else if (s[i] == '\'' || s[i] == '"')
			quote = s[i];
	}
	return i;
}

void term_command(struct term *t, const char *command)
{
	struct buf b = BUF_MAX(PARA_MAX);
	const char *s;

	if (!command || !*command)
		return;
	label(t, "repeat");
	words_scrub(&b, command);
	for (s = buf_cstr(&b); *s;) {
		size_t n = shell_word(s);
		struct span word = span_of(s, n);
		bool fits = t->col + 1 + columns(word) + 2 <= t->width;

		if (t->col > INDENT_TEXT && !fits) {
			term_puts(t, " \\");
			term_newline(t);
			term_spaces(t, INDENT_TEXT);
		} else if (t->col > INDENT_TEXT) {
			term_puts(t, " ");
		}
		put(t, word);
		s += n + strspn(s + n, " ");
	}
	term_newline(t);
	buf_fini(&b);
}
