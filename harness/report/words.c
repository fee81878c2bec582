/* words.c - see words.h. */
#include "harness/report/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const enum verdict summary_verdicts[SUMMARY_VERDICTS] = {
	V_PASS, V_FAIL, V_WARN, V_INFO, V_NA, V_UNTESTED, V_INCONCLUSIVE,
};

bool words_expected(const struct result_row *row)
{
	return row->expected_fail &&
	       (row->verdict == V_FAIL || row->verdict == V_WARN);
}

bool words_follows(const struct result_row *row)
{
	return row->caused_by && !words_expected(row);
}

bool words_follows_from(const struct result_row *row,
			const struct result_row *cause)
{
	return words_follows(row) &&
	       strcmp(row->caused_by, cause->req->id) == 0;
}

void words_followers(struct buf *out, const struct result *r,
		     const struct result_row *row)
{
	const char *sep = "";

	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *f = &r->rows[i];

		if (!words_follows_from(f, row))
			continue;
		buf_addf(out, "%s%s", sep, f->req->id);
		sep = ", ";
	}
}

size_t words_news(const struct result *r, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nrows; i++)
		n += r->rows[i].verdict == v && !words_expected(&r->rows[i]);
	return n;
}

size_t words_expected_count(const struct result *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->nrows; i++)
		n += words_expected(&r->rows[i]);
	return n;
}

static int urgency(const struct result_row *row)
{
	const int weight = row->verdict == V_FAIL	    ? 0
			   : row->verdict == V_INCONCLUSIVE ? 1
							    : 2;
	/* MUST NOT is as strong as MUST. */
	const int level = row->req->level == L_MUST_NOT ? L_MUST
							: (int)row->req->level;

	return weight * 100 + level;
}

static int more_urgent(const void *pa, const void *pb)
{
	const struct result_row *a = *(const struct result_row *const *)pa;
	const struct result_row *b = *(const struct result_row *const *)pb;
	int d = urgency(a) - urgency(b);

	return d ? d : a < b ? -1 : a > b;
}

const struct result_row **words_findings(const struct result *r)
{
	const struct result_row **out = calloc(r->nrows + 1, sizeof(*out));
	size_t n = 0;

	if (!out)
		die_oom();
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].verdict >= V_WARN &&
		    !words_expected(&r->rows[i]) && !words_follows(&r->rows[i]))
			out[n++] = &r->rows[i];
	qsort(out, n, sizeof(*out), more_urgent);
	return out;
}

enum outcome words_outcome(const struct result *r)
{
	size_t decided = r->count[V_PASS] + r->count[V_INFO] +
			 r->count[V_WARN] + r->count[V_FAIL];

	if (r->trouble)
		return OUTCOME_TROUBLE;
	if (words_news(r, V_FAIL))
		return OUTCOME_FAILS;
	return decided ? OUTCOME_CONFORMS : OUTCOME_NOTHING;
}

static void conforms(struct buf *out, const struct result *r)
{
	size_t expected = words_expected_count(r);
	size_t warns = words_news(r, V_WARN);
	size_t unsure = r->count[V_INCONCLUSIVE];

	if (expected)
		buf_addf(out, "No unexpected failure, %zu expected", expected);
	else
		buf_adds(out, "Conforms");
	if (warns)
		buf_addf(out, ", %zu warning%s", warns, warns == 1 ? "" : "s");
	if (unsure)
		buf_addf(out, ", %zu inconclusive", unsure);
	/* Who reads only this line must not take silence for a test. */
	if (r->count[V_UNTESTED])
		buf_addf(out, ", %zu untested", r->count[V_UNTESTED]);
}

static void fails(struct buf *out, const struct result *r)
{
	size_t all = words_news(r, V_FAIL), follow = 0;

	for (size_t i = 0; i < r->nrows; i++)
		follow += r->rows[i].verdict == V_FAIL &&
			  words_follows(&r->rows[i]);
	buf_addf(out, "Does not conform: %zu requirement%s failed",
		 all - follow, all - follow == 1 ? "" : "s");
	if (follow)
		buf_addf(out, ", from which %zu more follow%s", follow,
			 follow == 1 ? "s" : "");
}

void words_headline(struct buf *out, const struct result *r)
{
	switch (words_outcome(r)) {
	case OUTCOME_TROUBLE:
		buf_addf(out, "No verdict: %s", r->trouble);
		break;
	case OUTCOME_FAILS:
		fails(out, r);
		break;
	case OUTCOME_NOTHING:
		buf_adds(out, "No verdict: nothing was exercised");
		break;
	case OUTCOME_CONFORMS:
		conforms(out, r);
		break;
	}
}

const char *words_area(const struct result_row *row)
{
	return area_name(row->req->area);
}

const char *words_area_title(const struct result_row *row)
{
	return area_title(row->req->area);
}

size_t words_area_end(const struct result *r, size_t i)
{
	const char *area = words_area(&r->rows[i]);

	while (i < r->nrows && strcmp(words_area(&r->rows[i]), area) == 0)
		i++;
	return i;
}

const char *words_why(const struct result_row *row)
{
	if (row->reason && *row->reason)
		return row->reason;
	return row->seen ? row->seen : "";
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The catalogue's mark for "no section": a rule of good behaviour of ours. */
static bool no_section(const char *section)
{
	return !*section || strcmp(section, "—") == 0;
}

void words_section(struct buf *out, const char *section)
{
	bool start = true;

	if (no_section(section))
		return;
	for (const char *s = section; *s; s++) {
		if (start && is_digit(*s))
			buf_adds(out, "§");
		if (*s != ' ')
			start = *s == ',';
		buf_addc(out, *s);
	}
}

void words_group(char *dst, size_t size, const char *section)
{
	const char *row = strstr(section, " row ");
	size_t n = strcspn(section, ",");

	if (no_section(section))
		n = 0;
	else if (is_digit(*section))
		n = strspn(section, "0123456789.");
	if (row && (size_t)(row - section) < n)
		n = (size_t)(row - section);
	snprintf(dst, size, "%.*s", (int)n, section);
}

static int group_rank(const char *group)
{
	static const char *const order[] = {
		"App.", "Table", "PT 1.0", "EXTORPORT", "RFC",
	};
	const int n = sizeof(order) / sizeof(order[0]);

	if (is_digit(*group))
		return 0;
	for (int i = 0; i < n; i++)
		if (strncmp(group, order[i], strlen(order[i])) == 0)
			return i + 1;
	return *group ? n + 1 : n + 2;
}

int words_group_cmp(const char *a, const char *b)
{
	int ra = group_rank(a), rb = group_rank(b);

	/* Numbers inside compare as numbers: 3.3.2 before 3.3.10. */
	return ra != rb ? ra - rb : strverscmp(a, b);
}

size_t words_utf8(const char *s, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s;
	size_t n = p[0] < 0x80	 ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;
	uint32_t c = n < 2 ? p[0] : p[0] & (0x7fu >> n);

	/* A NUL is no continuation byte, so this stays inside the string. */
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (n == 0 || c < least[n] || c > 0x10ffff ||
	    (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

static bool misleads(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || /* C0, DEL, C1 */
	       c == 0x061c || c == 0x200e || c == 0x200f ||
	       (c >= 0x2028 && c <= 0x202e) || /* lines, bidi */
	       (c >= 0x2066 && c <= 0x2069) || /* bidi isolates */
	       c == 0xfeff || (c >= 0xfdd0 && c <= 0xfdef) ||
	       (c & 0xfffe) == 0xfffe; /* noncharacters */
}

void words_scrub(struct buf *out, const char *s)
{
	for (size_t at = 0; s[at];) {
		uint32_t c = 0;
		size_t n = words_utf8(s + at, &c);

		if (at >= SCRUB_MAX) {
			buf_adds(out, "...");
			return;
		}
		if (n && !misleads(c)) {
			buf_add(out, span_of(s + at, n));
			at += n;
			continue;
		}
		for (size_t i = 0; i < (n ? n : 1); i++, at++)
			buf_addf(out, "\\x%02x", (unsigned char)s[at]);
	}
}
