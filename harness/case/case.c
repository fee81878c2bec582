/*
 * case.c - case files: JSON to struct case_def, each variant merged with its
 * case.  Settings are in launch.c, the steps in steps.c.
 */
#include "harness/case/case.h"

#include "harness/case/defs.h"
#include "harness/req/core/req.h"

#define SCHEMA 1

#define ALL_ROLES (1u << ROLE_CLIENT | 1u << ROLE_SERVER)
#define ALL_PROFILES (1u << PROFILE_10 | 1u << PROFILE_20)

static int get_aims(const struct json_path *at, struct arena *a, void *def)
{
	struct strings *out = &((struct case_def *)def)->aims;

	if (json_path_strings(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct json_path item = json_path_item(at, i);

		if (!req_find(out->v[i].p))
			return json_path_bad(&item, "is no requirement");
	}
	return 0;
}

/* They are too many for the bits of KEY_WORDS. */
static int get_stimuli(const struct json_path *at, struct arena *a, void *def)
{
	struct case_def *c = def;
	size_t n = json_array_size(at->v), w;

	(void)a;
	if (json_path_array(at))
		return -1;
	for (size_t i = 0; i < n; i++) {
		struct json_path item = json_path_item(at, i);

		if (json_path_word(&item, words_stimulus.names,
				   words_stimulus.n, &w))
			return -1;
		if (c->stimuli >> w & 1)
			return json_path_bad(&item, "is there twice");
		c->stimuli |= UINT64_C(1) << w;
	}
	return 0;
}

static int get_variants(const struct json_path *at, struct arena *a,
			const struct launch_def *base, struct case_def *c)
{
	size_t n = json_array_size(at->v);

	if (json_path_array(at))
		return -1;
	if (n == 0)
		return json_path_fail(at, "names none");
	c->launches = arena_alloc(a, n * sizeof(*c->launches));
	for (size_t i = 0; i < n; i++) {
		struct json_path item = json_path_item(at, i);
		struct json_path id = json_path_get(&item, "id");
		struct launch_def *l = &c->launches[i];

		*l = *base;
		if (keys_known(&item, variant_keys, launch_keys, "a variant") ||
		    keys_read(&item, a, variant_keys, l))
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

static int nothing(const struct json_path *at, struct arena *a, void *out)
{
	(void)at;
	(void)a;
	(void)out;
	return 0;
}

#define AT(member) .offset = offsetof(struct case_def, member)

const struct key case_keys[] = {
	{ "id", "AREA.NAME: unique", KEY_ID, true, AT(id) },
	{ "title", "one line", KEY_LINE, true, AT(title) },
	{ "aims",
	  "ids of requirements that it was written for; every other "
	  "one judges it as well",
	  KEY_STRINGS, true, .get = get_aims },
	{ "stimuli",
	  "what it does to the transport on purpose, where no event of "
	  "the trace shows that: that the transport does not start is then "
	  "held against the rule about it",
	  KEY_WORDS, .words = &words_stimulus, .get = get_stimuli },
	{ "roles", "default both", KEY_SET, AT(roles), .words = &words_role },
	{ "variants",
	  "one launch each; every key of the case but aims, stimuli, "
	  "roles and variants may stand in one and overrides it (env is merged)",
	  KEY_OWN, .get = nothing, .form = "list of variants",
	  .schema = "{\"type\": \"array\", \"minItems\": 1,"
		    " \"items\": {\"$ref\": \"#/$defs/variant\"}}" },
	{ .name = NULL },
};

#undef AT
#define AT(member) .offset = offsetof(struct launch_def, member)

const struct key variant_keys[] = {
	{ "id", "NAME: the launch is called CASE/NAME", KEY_ID, true,
	  AT(variant) },
	{ "title", "one line", KEY_LINE, AT(title) },
	{ .name = NULL },
};

#undef AT

static int parse_case(const struct json_path *at, struct cases *all,
		      struct case_def *c)
{
	struct launch_def base = { .profiles = ALL_PROFILES };
	struct arena *a = &all->arena;
	struct json_path id = json_path_get(at, "id"),
			 variants = json_path_get(at, "variants");

	c->roles = ALL_ROLES;
	steps_default(&base);
	if (keys_known(at, case_keys, launch_keys, "a case") ||
	    keys_read(at, a, case_keys, c) || check_unique(all, &id, c) ||
	    launch_parse(at, a, &base))
		return -1;
	if (variants.v)
		return get_variants(&variants, a, &base, c);
	c->launches = arena_alloc(a, sizeof(base));
	*c->launches = base;
	c->n = 1;
	return 0;
}

const struct key case_file_keys[] = {
	{ "$schema", "where the schema is, for editors", KEY_OWN,
	  .get = nothing, .schema = "{\"type\": \"string\"}", .form = "text" },
	{ "schema", "of this format", KEY_INT, true, .get = nothing,
	  .min = SCHEMA, .max = SCHEMA },
	{ "cases", "the cases", KEY_OWN, true, .get = nothing,
	  .form = "list of cases",
	  .schema = "{\"type\": \"array\","
		    " \"items\": {\"$ref\": \"#/$defs/case\"}}" },
	{ .name = NULL },
};

static int parse_file(const struct json_path *root, struct cases *c)
{
	struct json_path schema = json_path_get(root, "schema"),
			 list = json_path_get(root, "cases");
	const char *file = arena_strdup(&c->arena, root->file);
	int64_t version;
	size_t n;

	if (keys_known(root, case_file_keys, NULL, "a case file") ||
	    keys_read(root, &c->arena, case_file_keys, NULL) ||
	    json_path_int(&schema, SCHEMA, SCHEMA, &version) ||
	    json_path_array(&list))
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

void cases_aiming(const struct cases *c, const char *req,
		  void (*tell)(void *ctx, struct span id, struct span title),
		  void *ctx)
{
	for (size_t i = 0; i < c->n; i++)
		if (strings_has(&c->v[i]->aims, span_str(req)))
			tell(ctx, c->v[i]->id, c->v[i]->title);
}

static bool has_launch(const struct case_def *c, unsigned profiles)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->launches[i].profiles & profiles)
			return true;
	return false;
}

bool cases_reach(const struct cases *c, const char *req, unsigned profiles,
		 unsigned roles)
{
	for (size_t i = 0; i < c->n; i++)
		if ((c->v[i]->roles & roles) &&
		    strings_has(&c->v[i]->aims, span_str(req)) &&
		    has_launch(c->v[i], profiles))
			return true;
	return false;
}

void cases_launches(const struct cases *c, unsigned profiles, unsigned roles,
		    const char *t, void (*tell)(void *ctx, const char *id),
		    void *ctx)
{
	struct buf id = BUF_MAX(4096);

	for (size_t i = 0; i < c->n; i++)
		for (size_t k = 0; k < c->v[i]->n; k++) {
			const struct launch_def *l = &c->v[i]->launches[k];

			for (int role = 0; role < 2; role++) {
				if (!(l->profiles & profiles) ||
				    !(c->v[i]->roles & roles & 1u << role))
					continue;
				buf_reset(&id);
				launch_id(&id, c->v[i], l,
					  l->each_pair ? t : "",
					  (enum role)role);
				tell(ctx, buf_cstr(&id));
			}
		}
	buf_fini(&id);
}

void cases_fini(struct cases *c)
{
	arena_fini(&c->arena);
	*c = (struct cases){ 0 };
}
