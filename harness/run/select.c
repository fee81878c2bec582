/* select.c - see select.h. */
#include "harness/run/select.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/text.h"

/* "MUST NOT" is written must-not on a command line. */
static bool is_level(const char *term, enum level l)
{
	const char *name = level_name(l);

	for (; *term && *name; term++, name++) {
		char n = *name == ' ' ? '-' : *name;

		if (tolower((unsigned char)*term) != tolower((unsigned char)n))
			return false;
	}
	return !*term && !*name;
}

/* "3.3.1" covers "3.3.1", "3.3.1.4" and "2, 3.3.1.2", not "3.3.11". */
static bool in_section(const char *term, const char *sections)
{
	size_t n = strlen(term);

	for (const char *s = sections; n && (s = strstr(s, term)) != NULL;
	     s++) {
		char before = s == sections ? ' ' : s[-1];

		if ((before == ' ' || before == ',') &&
		    (s[n] == '\0' || s[n] == ',' || s[n] == '.'))
			return true;
	}
	return false;
}

/* One of "pt-client+pt-server". */
static bool in_role(const char *term, const char *roles)
{
	struct span rest = span_str(roles), word;

	while (span_split(&rest, '+', &word))
		if (span_eqs(word, term))
			return true;
	return false;
}

static bool fits(const char *term, const struct req *r)
{
	if (strncmp(term, "role:", 5) == 0)
		return in_role(term + 5, r->role);
	if (strncmp(term, "spec:", 5) == 0)
		return (strcmp(term + 5, "1.0") == 0 &&
			req_is_in(r, PROFILE_10)) ||
		       (strcmp(term + 5, "2.0") == 0 &&
			req_is_in(r, PROFILE_20));
	/* "§" is two bytes in UTF-8. */
	if (strncmp(term, "\xc2\xa7", 2) == 0)
		return in_section(term + 2, r->section);
	if (isdigit((unsigned char)term[0]))
		return in_section(term, r->section);
	return fnmatch(term, r->id, 0) == 0 ||
	       strcmp(term, area_name(r->area)) == 0 ||
	       is_level(term, r->level);
}

static bool fits_any(const char *term)
{
	for_reqs (r)
		if (fits(term, r))
			return true;
	return false;
}

static int add_term(struct selection *s, struct span term, bool skip,
		    struct err *e)
{
	char shown[80], *t;

	if (term.n && term.p[0] == '!') {
		if (skip)
			return err_set(
				e, 0,
				"\"%s\": what is to be skipped "
				"takes no \"!\"",
				text_showbuf(shown, sizeof(shown), term));
		term = span_sub(term, 1, term.n);
		skip = true;
	}
	t = arena_strdup(&s->arena, arena_span(&s->arena, term).p);
	if (*t == '@')
		return err_set(e, 0, "\"%s\": a list names no other list",
			       text_showbuf(shown, sizeof(shown), term));
	if (strlen(t) != term.n || !fits_any(t))
		return err_set(e, 0,
			       "\"%s\" selects no requirement; "
			       "see `ptcheck list`",
			       text_showbuf(shown, sizeof(shown), term));
	if (skip) {
		arena_grow(&s->arena, s->skips, s->nskips, s->skips_cap);
		s->skips[s->nskips++] = t;
	} else {
		arena_grow(&s->arena, s->terms, s->nterms, s->terms_cap);
		s->terms[s->nterms++] = t;
	}
	return 0;
}

static struct span trimmed(struct span s)
{
	while (s.n && isspace((unsigned char)s.p[0]))
		s = span_sub(s, 1, s.n);
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

static int add_file(struct selection *s, const char *path, bool skip,
		    struct err *e)
{
	FILE *f = *path ? fopen(path, "re") : NULL;
	char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;
	int rc = 0;

	if (!*path)
		return err_set(e, 0, "\"@\" names no file");
	if (!f)
		return err_sys(e, errno, "%s", path);
	while (rc == 0 && (n = getline(&line, &cap, f)) > 0) {
		struct span t = { line, (size_t)n };

		number++;
		t = trimmed(span_sub(t, 0, span_find(t, '#')));
		if (t.n == 0)
			continue;
		rc = add_term(s, t, skip, e);
		if (rc)
			err_wrap(e, "%s:%zu", path, number);
	}
	if (rc == 0 && ferror(f))
		rc = err_sys(e, errno, "%s", path);
	free(line);
	fclose(f);
	return rc;
}

/* A term without its first characters, as a string. */
static const char *after(struct selection *s, struct span term, size_t n)
{
	return arena_span(&s->arena, span_sub(term, n, term.n)).p;
}

int select_add(struct selection *s, const char *expr, bool skip, struct err *e)
{
	struct span rest = span_str(expr), term;
	size_t before = s->nterms + s->nskips;
	char shown[80];

	while (span_split(&rest, ',', &term)) {
		int rc;

		term = trimmed(term);
		if (term.n == 0)
			continue;
		if (term.p[0] == '@')
			rc = add_file(s, after(s, term, 1), skip, e);
		else if (!skip && term.n > 1 && term.p[0] == '!' &&
			 term.p[1] == '@')
			rc = add_file(s, after(s, term, 2), true, e);
		else
			rc = add_term(s, term, skip, e);
		if (rc)
			return -1;
	}
	/* An empty variable in a script must not mean everything. */
	if (skip || s->nterms + s->nskips > before)
		return 0;
	err_set(e, 0, "\"%s\" selects no requirement",
		text_showbuf(shown, sizeof(shown), span_str(expr)));
	return SELECT_EMPTY;
}

bool select_has(const struct selection *s, const struct req *r)
{
	bool in = s->nterms == 0;

	for (size_t i = 0; i < s->nterms; i++)
		in |= fits(s->terms[i], r);
	return in && !select_skips(s, r);
}

bool select_skips(const struct selection *s, const struct req *r)
{
	for (size_t i = 0; i < s->nskips; i++)
		if (fits(s->skips[i], r))
			return true;
	return false;
}

void select_fini(struct selection *s)
{
	arena_fini(&s->arena);
	*s = (struct selection){ 0 };
}
