/*
 * read.c - see read.h.
 *
 * A file from anywhere: nothing in it is trusted but its shape, which is
 * checked where it is used.  The first mistake is kept, and what follows from
 * it is harmless: absent values read as empty ones.
 */
#include "harness/report/read.h"

#include <jansson.h>
#include <string.h>

#include "parent/base/text.h"

#define REPORT_SCHEMA 1

struct reader {
	struct arena *a;
	struct err *e;
	bool bad;
	char at[64]; /* the object at hand, as a JSON pointer */
};

static void wrong(struct reader *rd, const char *key, const char *what)
{
	if (!rd->bad)
		err_set(rd->e, 0, "%s/%s: %s", rd->at, key, what);
	rd->bad = true;
}

static const json_t *get(struct reader *rd, const json_t *o, const char *key,
			 json_type type)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "is no object", [JSON_ARRAY] = "is no array",
		[JSON_STRING] = "is no string", [JSON_INTEGER] = "is no number",
		[JSON_REAL] = "is no number",	[JSON_TRUE] = "is not true",
		[JSON_FALSE] = "is not false",	[JSON_NULL] = "is not null",
	};
	const json_t *v = json_object_get(o, key);

	if (v && json_typeof(v) == type)
		return v;
	wrong(rd, key, v ? names[type] : "is missing");
	return NULL;
}

static const char *copy(struct reader *rd, const json_t *string)
{
	const char *s = json_string_value(string);

	return arena_strdup(rd->a, s ? s : "");
}

static const char *text(struct reader *rd, const json_t *o, const char *key)
{
	return copy(rd, get(rd, o, key, JSON_STRING));
}

static const char *text_or_null(struct reader *rd, const json_t *o,
				const char *key)
{
	if (json_is_null(json_object_get(o, key)))
		return NULL;
	return text(rd, o, key);
}

static size_t number(struct reader *rd, const json_t *o, const char *key)
{
	const json_t *v = get(rd, o, key, JSON_INTEGER);
	json_int_t n = json_integer_value(v);

	if (n < 0)
		wrong(rd, key, "is negative");
	return n < 0 ? 0 : (size_t)n;
}

static double seconds(struct reader *rd, const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	if (!json_is_number(v))
		wrong(rd, key, "is no number");
	return json_number_value(v);
}

/* Of an array of strings; NULL-terminated. */
static const char *const *texts(struct reader *rd, const json_t *o,
				const char *key)
{
	const json_t *list = get(rd, o, key, JSON_ARRAY), *one;
	const char **out =
		arena_alloc(rd->a, (json_array_size(list) + 1) * sizeof(*out));
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (!json_is_string(one))
			wrong(rd, key, "has something else than strings");
		out[i] = copy(rd, one);
	}
	return out;
}

typedef const char *name_fn(unsigned i);

/* Which of the words from @first to @last is it? */
static unsigned word(struct reader *rd, const json_t *o, const char *key,
		     name_fn *name, unsigned first, unsigned last)
{
	const char *s = text(rd, o, key);
	char shown[80], what[120];

	for (unsigned i = first; i <= last; i++)
		if (strcmp(s, name(i)) == 0)
			return i;
	text_showbuf(shown, sizeof(shown), span_str(s));
	snprintf(what, sizeof(what), "\"%s\" is no word that is known", shown);
	wrong(rd, key, what);
	return first;
}

static const char *verdict_of(unsigned i)
{
	return verdict_name((enum verdict)i);
}

static const char *level_of(unsigned i)
{
	return level_name((enum level)i);
}

static const char *area_of(unsigned i)
{
	return area_name((enum req_area)i);
}

/* What the file says of it beats what this version knows. */
static const struct req *requirement(struct reader *rd, const json_t *o)
{
	struct req *req = arena_alloc(rd->a, sizeof(*req));
	const char *id = text(rd, o, "id");
	const struct req *known = req_find(id);

	*req = known ? *known : (struct req){ .classes = "", .dflt = V_FAIL };
	req->id = id;
	req->section = text(rd, o, "section");
	req->role = text(rd, o, "role");
	req->title = text(rd, o, "title");
	req->level =
		(enum level)word(rd, o, "level", level_of, L_MUST, L_HYGIENE);
	req->area = (enum req_area)word(rd, o, "area", area_of, 0, AREAS - 1);
	return req;
}

static void read_evidence(struct reader *rd, const json_t *o,
			  struct evidence *ev)
{
	const json_t *numbers = get(rd, o, "events", JSON_ARRAY), *one;
	const char *const *shown = texts(rd, o, "shown");
	size_t i;

	ev->trace = text(rd, o, "trace");
	ev->launch = text(rd, o, "launch");
	if (json_array_size(numbers) > FINDING_EVENTS)
		wrong(rd, "events", "are too many");
	json_array_foreach(numbers, i,
			   one) if (i < FINDING_EVENTS &&
				    json_integer_value(one) > 0 &&
				    json_integer_value(one) <= UINT32_MAX)
		ev->ev[ev->nev++] = (uint32_t)json_integer_value(one);
	if (ev->nev != json_array_size(numbers))
		wrong(rd, "events", "has something else than event numbers");
	if (shown[0] && json_array_size(json_object_get(o, "shown")) != ev->nev)
		wrong(rd, "shown", "and events differ in number");
	ev->shown = shown[0] ? shown : NULL;
	/* Not in those of earlier versions. */
	if (json_object_get(o, "display_filter"))
		ev->display_filter = text_or_null(rd, o, "display_filter");
}

/* Where the rule was kept; not in reports of earlier versions. */
static const struct evidence *read_kept(struct reader *rd, const json_t *o)
{
	const json_t *v = json_object_get(o, "kept");
	struct evidence *ev;

	if (!v || json_is_null(v))
		return NULL;
	ev = arena_alloc(rd->a, sizeof(*ev));
	read_evidence(rd, get(rd, o, "kept", JSON_OBJECT), ev);
	return ev;
}

static void read_row(struct reader *rd, const json_t *o, struct result_row *row)
{
	const json_t *list, *one;
	size_t i;

	row->req = requirement(rd, o);
	row->verdict = (enum verdict)word(rd, o, "verdict", verdict_of,
					  V_UNTESTED, V_FAIL);
	row->reason = text(rd, o, "reason");
	row->expected = text_or_null(rd, o, "expected");
	row->seen = text_or_null(rd, o, "seen");
	row->traces = number(rd, o, "traces");
	row->repro = text(rd, o, "repro");
	/* Reports of older versions do not say it. */
	if (json_object_get(o, "caused_by"))
		row->caused_by = text_or_null(rd, o, "caused_by");
	row->baseline_reason = text_or_null(rd, o, "baseline");
	row->expected_fail = row->baseline_reason != NULL;
	row->kept = read_kept(rd, o);
	list = get(rd, o, "evidence", JSON_ARRAY);
	row->evidence = arena_alloc(rd->a, (json_array_size(list) + 1) *
						   sizeof(*row->evidence));
	json_array_foreach(list, i, one)
		read_evidence(rd, one, &row->evidence[row->nevidence++]);
}

static void read_rows(struct reader *rd, const json_t *root, struct result *r)
{
	const json_t *list = get(rd, root, "requirements", JSON_ARRAY), *one;
	size_t i;

	r->rows = arena_alloc(rd->a,
			      (json_array_size(list) + 1) * sizeof(*r->rows));
	json_array_foreach(list, i, one)
	{
		snprintf(rd->at, sizeof(rd->at), "/requirements/%zu", i);
		read_row(rd, one, &r->rows[r->nrows++]);
		r->count[r->rows[i].verdict]++;
	}
}

/* An object of the root; until leave() it is the place of mistakes. */
static const json_t *enter(struct reader *rd, const json_t *root,
			   const char *key)
{
	const json_t *o = get(rd, root, key, JSON_OBJECT);

	snprintf(rd->at, sizeof(rd->at), "/%s", key);
	return o;
}

static void leave(struct reader *rd)
{
	rd->at[0] = '\0';
}

static void read_tool(struct reader *rd, const json_t *root, struct result *r)
{
	r->version = text(rd, enter(rd, root, "tool"), "version");
	leave(rd);
}

static void read_baseline(struct reader *rd, const json_t *root,
			  struct result *r)
{
	r->stale = number(rd, enter(rd, root, "baseline"), "stale");
	leave(rd);
}

static void read_target(struct reader *rd, const json_t *root, struct result *r)
{
	const json_t *o = enter(rd, root, "target");
	const char *const *roles;

	r->argv = texts(rd, o, "argv");
	r->sha256 = text(rd, o, "sha256");
	r->spec = text(rd, o, "spec");
	r->spec_why = text(rd, o, "spec_why");
	roles = texts(rd, o, "roles");
	for (; *roles; roles++) {
		r->role[ROLE_CLIENT] |= strcmp(*roles, "client") == 0;
		r->role[ROLE_SERVER] |= strcmp(*roles, "server") == 0;
	}
	leave(rd);
}

static void read_timing(struct reader *rd, const json_t *root, struct result *r)
{
	const json_t *o = enter(rd, root, "timing");

	r->timing = (struct result_timing){
		.wall_s = seconds(rd, o, "wall_s"),
		.child_cpu_s = seconds(rd, o, "child_cpu_s"),
		.harness_cpu_s = seconds(rd, o, "harness_cpu_s"),
		.longest_wait_s = seconds(rd, o, "longest_wait_s"),
		.launches = number(rd, o, "launches"),
	};
	/* Not in those of earlier versions. */
	if (json_object_get(o, "date"))
		r->timing.date = text_or_null(rd, o, "date");
	leave(rd);
}

static void read_root(struct reader *rd, const json_t *root, struct result *r)
{
	if (number(rd, root, "schema") != REPORT_SCHEMA)
		wrong(rd, "schema", "is not 1");
	read_tool(rd, root, r);
	read_target(rd, root, r);
	r->trouble = text_or_null(rd, root, "trouble");
	r->notes = texts(rd, root, "notes");
	read_baseline(rd, root, r);
	read_timing(rd, root, r);
	read_rows(rd, root, r);
}

int report_read(struct span bytes, struct result *r, struct err *e)
{
	struct reader rd = { .a = &r->arena, .e = e };
	json_error_t je;
	json_t *root =
		json_loadb(bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &je);
	char shown[200];

	*r = (struct result){ 0 };
	if (!root) /* it quotes the file */
		return err_set(
			e, 0, "%d:%d: %s", je.line, je.column,
			text_showbuf(shown, sizeof(shown), span_str(je.text)));
	read_root(&rd, root, r);
	json_decref(root);
	return rd.bad ? -1 : 0;
}
