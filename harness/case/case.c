/*
 * case.c - case files: JSON to struct case_def, each variant merged with its
 * case.  The format is documented in case.h; settings are in launch.c, the
 * steps in steps.c.
 */
#include "harness/case/case.h"

#include "harness/case/defs.h"
#include "harness/req/core/req.h"

#define SCHEMA 1

static const char *const role_words[] = { "client", "server" };

#define ALL_ROLES (1u << ROLE_CLIENT | 1u << ROLE_SERVER)
#define ALL_PROFILES (1u << PROFILE_10 | 1u << PROFILE_20)

/* The keys that a case and a variant share. */
#define LAUNCH_KEYS                                                            \
	"title", "profiles", "config", "needs", "probe", "env", "bare_env",    \
		"flags", "args", "stdin", "parent", "nofile", "pipes", "disk", \
		"inject", "each", "peer_env", "mode", "target", "steps"

static int get_aims(const struct json_path *at, struct arena *a,
		    struct strings *out)
{
	if (json_path_strings(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct json_path item = json_path_item(at, i);

		if (!req_find(out->v[i].p))
			return json_path_bad(&item, "is no requirement");
	}
	return 0;
}

static int get_variants(const struct json_path *at, struct arena *a,
			const struct launch_def *base, struct case_def *c)
{
	static const char *const keys[] = { "id", LAUNCH_KEYS, NULL };
	size_t n = json_array_size(at->v);

	if (json_path_array(at))
		return -1;
	if (n == 0)
		return json_path_fail(at, "names none");
	c->launches = arena_alloc(a, n * sizeof(*c->launches));
	for (size_t i = 0; i < n; i++) {
		struct json_path item = json_path_item(at, i), id;
		struct launch_def *l = &c->launches[i];

		*l = *base;
		if (json_path_object(&item, keys, "a variant") ||
		    json_path_need(&item, "id", &id) ||
		    json_path_id(&id, a, &l->variant))
			return -1;
		for (size_t k = 0; k < i; k++)
			if (span_eq(c->launches[k].variant, l->variant))
				return json_path_bad(&id, "is there twice");
		if (launch_parse(&item, a, l))
			return -1;
		c->n++;
	}
	return 0;
}

static int check_unique(const struct cases *all, const struct json_path *id,
			const struct case_def *c)
{
	for (size_t i = 0; i < all->n; i++)
		if (span_eq(all->v[i]->id, c->id))
			return json_path_bad(id, "is in %s already",
					     all->v[i]->file);
	return 0;
}

static int parse_case(const struct json_path *at, struct cases *all,
		      struct case_def *c)
{
	static const char *const keys[] = {
		"id", "aims", "roles", "variants", LAUNCH_KEYS, NULL,
	};
	struct launch_def base = { .profiles = ALL_PROFILES };
	struct arena *a = &all->arena;
	struct json_path id, title, aims,
		roles = json_path_get(at, "roles"),
		variants = json_path_get(at, "variants");

	c->roles = ALL_ROLES;
	steps_default(&base);
	if (json_path_object(at, keys, "a case") ||
	    json_path_need(at, "id", &id) ||
	    json_path_need(at, "title", &title) ||
	    json_path_need(at, "aims", &aims) || json_path_id(&id, a, &c->id) ||
	    check_unique(all, &id, c) || get_aims(&aims, a, &c->aims) ||
	    (roles.v && json_path_set(&roles, role_words, 2, &c->roles)) ||
	    launch_parse(at, a, &base))
		return -1;
	if (variants.v)
		return get_variants(&variants, a, &base, c);
	c->launches = arena_alloc(a, sizeof(base));
	*c->launches = base;
	c->n = 1;
	return 0;
}

static int parse_file(const struct json_path *root, struct cases *c)
{
	static const char *const keys[] = {
		"$schema",
		"schema",
		"cases",
		NULL,
	};
	struct json_path schema, list;
	const char *file = arena_strdup(&c->arena, root->file);
	int64_t version;
	size_t n;

	if (json_path_object(root, keys, "a case file") ||
	    json_path_need(root, "schema", &schema) ||
	    json_path_int(&schema, SCHEMA, SCHEMA, &version) ||
	    json_path_need(root, "cases", &list) || json_path_array(&list))
		return -1;
	n = json_array_size(list.v);
	for (size_t i = 0; i < n; i++) {
		struct json_path item = json_path_item(&list, i);
		struct case_def *def = arena_alloc(&c->arena, sizeof(*def));

		def->file = file;
		if (parse_case(&item, c, def))
			return -1;
		arena_grow(&c->arena, c->v, c->n, c->cap);
		c->v[c->n++] = def;
	}
	return 0;
}

int cases_parse(struct cases *c, struct span text, const char *name,
		struct err *e)
{
	json_t *v = json_path_load(text, name, e);
	struct json_path root = json_path_root(v, name, e);
	int r;

	if (!v)
		return -1;
	r = parse_file(&root, c);
	json_decref(v);
	return r;
}

void cases_fini(struct cases *c)
{
	arena_fini(&c->arena);
	*c = (struct cases){ 0 };
}
