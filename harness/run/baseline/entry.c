/* entry.c - see entry.h. */
#include "harness/run/baseline/entry.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/text.h"
#include "harness/case/format/json_path.h"
#include "harness/run/evidence/evidence.h"

#define BASELINE_MAX (4u << 20)
#define N(a) (sizeof(a) / sizeof((a)[0]))

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

static bool is_any(const char *s)
{
	return s != NULL;
}

struct key {
	const char *name;
	bool needed;
	const char **out;
	bool (*is)(const char *s);
	const char *what; /* it is, when it is not that */
};

static int read_key(const struct json_path *at, const struct key *k)
{
	struct json_path p = json_path_get(at, k->name);

	if (!p.v && !k->needed)
		return 0;
	if (json_path_need(at, k->name, &p))
		return -1;
	*k->out = json_string_value(p.v);
	if (!*k->out)
		return json_path_bad(&p, "is no string");
	return k->is(*k->out) ? 0 : json_path_bad(&p, "%s", k->what);
}

/* The first of them that is wrong is told. */
int entry_read(const json_t *o, size_t i, const char *path, bool final,
	       struct entry *out, struct err *e)
{
	const struct key keys[] = {
		{ "id", true, &out->id, is_requirement, "is no requirement" },
		{ "verdict", true, &out->verdict, is_verdict,
		  "is neither fail nor warn" },
		{ "reason", true, &out->reason, final ? is_reason : is_any,
		  "is no reason" },
		{ "link", false, &out->link, is_link,
		  "is no http or https URL" },
		{ "launch", false, &out->launch, is_text, "is no launch" },
		{ "message", false, &out->message, is_text, "says nothing" },
		{ "profile", false, &out->profile, is_profile,
		  "is neither 1.0 nor 2.0" },
		{ "expires", false, &out->expires, is_date,
		  "is no date YYYY-MM-DD" },
	};
	const char *names[N(keys) + 1] = { NULL };
	struct json_path root = json_path_root(NULL, path, e);
	struct json_path list = json_path_get(&root, "expected");
	struct json_path at = json_path_item(&list, i);
	int rc;

	at.v = (json_t *)o;
	*out = (struct entry){ 0 };
	for (size_t k = 0; k < N(keys); k++)
		names[k] = keys[k].name;
	rc = json_path_object(&at, names, "an entry");
	for (size_t k = 0; k < N(keys) && rc == 0; k++)
		rc = read_key(&at, &keys[k]);
	return rc;
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
