/* schema.c - the tables of keys as JSON schemas. */
#include <stdlib.h>
#include <string.h>

#include "harness/case/defs.h"
#include "harness/case/format/step_rows.h"
#include "harness/case/gen/gen.h"
#include "harness/req/core/policy.h"
#include "harness/trace/settings.h"

#define DRAFT "https://json-schema.org/draft/2020-12/schema"
#define TEMPLATE_PATTERN "^([^\\\\]|\\\\[\\\\nrt]|\\\\x[0-9A-Fa-f]{2})*$"

static json_t *must(json_t *v)
{
	if (!v)
		abort();
	return v;
}

static json_t *parse(const char *text)
{
	json_error_t e;
	json_t *v = json_loads(text, 0, &e);

	if (!v)
		fprintf(stderr, "%s: %s\n", e.text, text);
	return must(v);
}

static json_t *ref(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "#/$defs/%s", name);
	return must(json_pack("{ss}", "$ref", path));
}

static json_t *type(const char *name)
{
	return must(json_pack("{ss}", "type", name));
}

static json_t *list_of(json_t *item)
{
	return must(json_pack("{ss, so}", "type", "array", "items", item));
}

static json_t *enum_of(const char *const *names, size_t n)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, must(json_string(names[i])));
	return must(json_pack("{so}", "enum", list));
}

static json_t *integer(const struct key *k)
{
	return must(json_pack("{ss, sI, sI}", "type", "integer", "minimum",
			      (json_int_t)k->min, "maximum",
			      (json_int_t)k->max));
}

static json_t *set_of(const struct key *k)
{
	json_t *v = list_of(enum_of(k->words->names, k->words->n));

	if (k->type == KEY_SET)
		json_object_set_new(v, "minItems", json_integer(1));
	json_object_set_new(v, "uniqueItems", json_true());
	return v;
}

static json_t *object_of(const struct key *keys, const struct key *more);

static json_t *objects_of(const struct key *k)
{
	json_t *v = list_of(object_of(k->keys, NULL));

	json_object_set_new(v, "maxItems", json_integer(k->max));
	return v;
}

/* The names of settings, or of policies: tables of their own. */
static json_t *own(const struct key *k)
{
	const char *names[P_COUNT + 32];
	size_t n = 0;

	if (k->schema)
		return parse(k->schema);
	if (strcmp(k->name, "flags") == 0) {
		n = flag_variables(names, sizeof(names) / sizeof(names[0]));
		return must(json_pack("{s[{ss}, o]}", "anyOf", "const", "all",
				      list_of(enum_of(names, n))));
	}
	for (n = 0; n < P_COUNT; n++)
		names[n] = policy_rows[n].name;
	return must(json_pack("{ss, so, so}", "type", "object", "propertyNames",
			      enum_of(names, n), "additionalProperties",
			      type("string")));
}

static json_t *form(const struct key *k)
{
	switch (k->type) {
	case KEY_OWN:
		return own(k);
	case KEY_BOOL:
		return type("boolean");
	case KEY_INT:
		return integer(k);
	case KEY_ID:
		return ref("id");
	case KEY_LINE:
		return type("string");
	case KEY_TEXT:
	case KEY_CSTR:
	case KEY_BYTES:
	case KEY_NAME:
	case KEY_STREAM_OR_NAME:
	case KEY_OUTPUT_OR_NAME:
		return ref("template");
	case KEY_WORD:
		return enum_of(k->words->names, k->words->n);
	case KEY_WORDS:
	case KEY_SET:
		return set_of(k);
	case KEY_STRINGS:
		return list_of(type("string"));
	case KEY_CSTRS:
		return list_of(ref("template"));
	case KEY_PAIRS:
		return must(json_pack("{ss, so}", "type", "object",
				      "additionalProperties", type("string")));
	case KEY_OBJECT:
		return object_of(k->keys, NULL);
	case KEY_OBJECTS:
		return objects_of(k);
	case KEY_NEW_NAME:
		return ref("name");
	case KEY_LIMIT:
		/* A window has no others. */
		return k->dflt == LIMIT_WINDOW
			       ? must(json_pack("{s[ss]}", "enum", "window",
						"idle"))
			       : ref("limit");
	}
	abort();
}

static json_t *described(const struct key *k)
{
	json_t *v = form(k), *out = must(json_object());

	json_object_set_new(out, "description", must(json_string(k->doc)));
	json_object_update(out, v);
	json_decref(v);
	return out;
}

static void add_keys(const struct key *keys, json_t *properties,
		     json_t *required)
{
	for (const struct key *k = keys; k && k->name; k++) {
		json_object_set_new(properties, k->name, described(k));
		if (k->required)
			json_array_append_new(required, json_string(k->name));
	}
}

static json_t *object_of(const struct key *keys, const struct key *more)
{
	json_t *properties = must(json_object()),
	       *required = must(json_array());

	add_keys(keys, properties, required);
	add_keys(more, properties, required);
	return must(json_pack("{ss, so, sb, so}", "type", "object", "required",
			      required, "additionalProperties", 0, "properties",
			      properties));
}

/* --- steps --- */

/* What depends on two keys at once, see steps.c. */
static const char *const also[STEP_KINDS_N] = {
	[STEP_WAIT] =
		"{\"if\": {\"required\": [\"for\"],"
		" \"properties\": {\"for\": {\"enum\": [\"accept\", \"fds\", \"ended\"]}}},"
		" \"then\": {\"required\": [\"on\"]},"
		" \"else\": {\"properties\": {\"on\": false}}}",
	[STEP_CLOSE] =
		"{\"if\": {\"properties\": {\"what\":"
		" {\"enum\": [\"stdin\", \"stdout\", \"stderr\"]}}},"
		" \"then\": {\"properties\": {\"how\": {\"const\": \"fin\"}}}}",
};

static json_t *step(enum step_kind kind)
{
	const struct step_row *row = step_row(kind);
	json_t *v = object_of(row->keys(), NULL), *properties,
	       *all = must(json_object()), *more;

	json_object_set_new(all, "do",
			    must(json_pack("{ss}", "const", row->name)));
	properties = json_object_get(v, "properties");
	json_object_update(all, properties);
	json_object_set_new(v, "properties", all);
	json_array_insert_new(json_object_get(v, "required"), 0,
			      must(json_string("do")));
	json_object_set_new(v, "description", must(json_string(row->doc)));
	if (also[kind]) {
		more = parse(also[kind]);
		json_object_update(v, more);
		json_decref(more);
	}
	return v;
}

static void add_steps(json_t *defs)
{
	json_t *kinds = must(json_array());
	char name[32];

	json_object_set_new(
		defs, "steps",
		must(json_pack("{ss, so, s{s{s{ss}}}, si, si}", "type", "array",
			       "items", ref("step"), "contains", "properties",
			       "do", "const", "start", "maxContains",
			       STARTS_MAX, "maxItems", STEPS_MAX)));
	for (int k = 0; k < STEP_KINDS_N; k++) {
		snprintf(name, sizeof(name), "step-%s",
			 step_name((enum step_kind)k));
		json_array_append_new(kinds, ref(name));
	}
	json_object_set_new(defs, "step",
			    must(json_pack("{so}", "oneOf", kinds)));
	for (int k = 0; k < STEP_KINDS_N; k++) {
		snprintf(name, sizeof(name), "step-%s",
			 step_name((enum step_kind)k));
		json_object_set_new(defs, name, step((enum step_kind)k));
	}
}

/* --- files --- */

static json_t *file_of(const struct key *keys, const char *title, json_t *defs)
{
	json_t *v = object_of(keys, NULL), *out;

	out = must(json_pack("{ss, ss}", "$schema", DRAFT, "title", title));
	json_object_update(out, v);
	json_object_set_new(out, "$defs", defs);
	json_decref(v);
	return out;
}

json_t *schema_case(void)
{
	json_t *defs = must(json_object());

	json_object_set_new(defs, "case", object_of(case_keys, launch_keys));
	json_object_set_new(defs, "variant",
			    object_of(variant_keys, launch_keys));
	json_object_set_new(defs, "id",
			    parse("{\"type\": \"string\","
				  " \"pattern\": \"^[a-z0-9.-]+$\"}"));
	json_object_set_new(defs, "template",
			    must(json_pack("{ss, ss}", "type", "string",
					   "pattern", TEMPLATE_PATTERN)));
	json_object_set_new(defs, "name",
			    must(json_pack("{ss, ss, so}", "type", "string",
					   "pattern", "^[a-z0-9_-]+$", "not",
					   enum_of(words_reserved.names,
						   words_reserved.n))));
	json_object_set_new(defs, "limit",
			    enum_of(words_limit.names, words_limit.n));
	add_steps(defs);
	return file_of(case_file_keys, "Cases for ptcheck", defs);
}

json_t *schema_target(void)
{
	static const char settings_of[] =
		"{\"type\": \"object\", \"additionalProperties\": {\"anyOf\": ["
		"{\"type\": \"string\"},"
		"{\"type\": \"object\", \"required\": [\"arg\"],"
		" \"additionalProperties\": false,"
		" \"properties\": {\"arg\": {\"type\": \"string\"}}}]}}";
	json_t *defs = must(json_object());

	json_object_set_new(defs, "transport", object_of(transport_keys, NULL));
	json_object_set_new(defs, "mode",
			    enum_of(words_mode.names, words_mode.n));
	json_object_set_new(defs, "role",
			    enum_of(words_role.names, words_role.n));
	json_object_set_new(defs, "words",
			    parse("{\"type\": \"array\","
				  " \"items\": {\"type\": \"string\"}}"));
	json_object_set_new(defs, "settings", parse(settings_of));
	return file_of(target_keys,
		       "Description of a pluggable transport for ptcheck",
		       defs);
}

size_t flag_variables(const char **out, size_t max)
{
	size_t n = 0;

	out[n++] = "TOR_PT_@_TRANSPORTS";
	for (const struct setting *s = settings; s->variable && n < max; s++)
		out[n++] = s->variable;
	return n;
}
