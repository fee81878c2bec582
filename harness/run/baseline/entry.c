/* entry.c - see entry.h. */
#include "harness/run/baseline/entry.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/text.h"
#include "harness/run/evidence/evidence.h"

#define BASELINE_MAX (4u << 20)

/* --- the file --- */

/* {"baseline": 1, "expected": [...]}, for editors with "$schema". */
static bool has_shape(const json_t *root)
{
	const json_t *schema = json_object_get(root, "$schema");

	return json_integer_value(json_object_get(root, "baseline")) == 1 &&
	       json_is_array(json_object_get(root, "expected")) &&
	       (!schema || json_is_string(schema)) &&
	       json_object_size(root) == (schema ? 3 : 2);
}

json_t *entries_load(const char *path, struct err *e)
{
	json_error_t je;
	struct span text;
	char shown[200];
	json_t *root;

	if (evidence_read_file(path, BASELINE_MAX, &text, e))
		return NULL;
	root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &je);
	free((void *)text.p);
	if (!root) {
		/* It quotes the file. */
		err_set(e, 0, "%s:%d:%d: %s", path, je.line, je.column,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
		return NULL;
	}
	if (has_shape(root))
		return root;
	err_set(e, 0, "%s: /: must be {\"baseline\": 1, \"expected\": [...]}",
		path);
	json_decref(root);
	return NULL;
}

/* --- an entry --- */

static bool is_verdict(const char *s)
{
	return strcmp(s, "fail") == 0 || strcmp(s, "warn") == 0;
}

static bool is_link(const char *s)
{
	size_t n = strncmp(s, "https://", 8) == 0  ? 8
		   : strncmp(s, "http://", 7) == 0 ? 7
						   : 0;

	for (const char *p = s; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return n && s[n];
}

static bool is_text(const char *s)
{
	return *s;
}

static bool is_profile(const char *s)
{
	enum profile p;

	return profile_parse(span_str(s), &p);
}

static bool is_date(const char *s)
{
	static const int days[] = { 31, 29, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	int y, m, d;
	size_t n = strlen(s);

	if (n != 10 || strspn(s, "0123456789-") != n ||
	    sscanf(s, "%4d-%2d-%2d", &y, &m, &d) != 3 || s[4] != '-' ||
	    s[7] != '-' || m < 1 || m > 12 || d < 1 || d > days[m - 1])
		return false;
	return m != 2 || d < 29 ||
	       (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
}

static bool is_requirement(const char *s)
{
	return req_find(s) != NULL;
}

static bool is_reason(const char *s)
{
	return *s && strcmp(s, NO_REASON) != 0;
}

/* The first of them that is wrong is told. */
static int check(const struct entry *en, size_t i, const char *path, bool final,
		 struct err *e)
{
	const struct {
		const char *key, *value;
		bool (*is)(const char *s);
		const char *what;
	} all[] = {
		{ "id", en->id, is_requirement, "is no requirement" },
		{ "verdict", en->verdict, is_verdict,
		  "is neither fail nor warn" },
		{ "reason", final ? en->reason : NULL, is_reason,
		  "is no reason" },
		{ "link", en->link, is_link, "is no http or https URL" },
		{ "launch", en->launch, is_text, "is no launch" },
		{ "message", en->message, is_text, "says nothing" },
		{ "profile", en->profile, is_profile,
		  "is neither 1.0 nor 2.0" },
		{ "expires", en->expires, is_date, "is no date YYYY-MM-DD" },
	};
	char shown[80];

	for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
		if (all[k].value && !all[k].is(all[k].value))
			return err_set(e, 0, "%s: /expected/%zu/%s: \"%s\" %s",
				       path, i, all[k].key,
				       text_showbuf(shown, sizeof(shown),
						    span_str(all[k].value)),
				       all[k].what);
	return 0;
}

int entry_read(const json_t *o, size_t i, const char *path, bool final,
	       struct entry *out, struct err *e)
{
	json_error_t je;
	char shown[200];

	*out = (struct entry){ 0 };
	if (json_unpack_ex((json_t *)o, &je, JSON_STRICT,
			   "{ss, ss, ss, s?s, s?s, s?s, s?s, s?s}", "id",
			   &out->id, "verdict", &out->verdict, "reason",
			   &out->reason, "link", &out->link, "launch",
			   &out->launch, "message", &out->message, "profile",
			   &out->profile, "expires", &out->expires))
		return err_set(
			e, 0, "%s: /expected/%zu: %s", path, i,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
	return check(out, i, path, final, e);
}

/* --- what it is about --- */

struct result_row *entry_row(const struct result *r, const struct entry *en)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (strcmp(r->rows[i].req->id, en->id) == 0)
			return &r->rows[i];
	return NULL;
}

/* The day that it names is the last. */
bool entry_expired(const struct entry *en, const struct result *r)
{
	return en->expires && r->timing.date &&
	       strcmp(r->timing.date, en->expires) > 0;
}

bool entry_elsewhere(const struct entry *en, const struct result *r)
{
	const struct result_row *row = entry_row(r, en);

	if (en->profile && strcmp(en->profile, r->spec) != 0)
		return true;
	return !row || row->verdict == V_INCONCLUSIVE;
}

bool entry_fits_launch(const struct entry *en, const struct found *f)
{
	return !en->launch || fnmatch(en->launch, f->launch, 0) == 0;
}

size_t entry_accept(const struct entry *en, struct result_row *row)
{
	size_t n = 0;

	if (strcmp(verdict_name(row->verdict), en->verdict) != 0)
		return 0;
	for (size_t i = 0; i < row->nfound; i++) {
		struct found *f = &row->found[i];

		if (!entry_fits_launch(en, f) ||
		    (en->message && !strstr(f->what, en->message)))
			continue;
		f->accepted = true;
		n++;
	}
	return n;
}
