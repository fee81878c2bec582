/*
 * launch.c - the part of a case that a variant can override: settings,
 * flags, arguments, steps.  See case.h for the format.
 */
#include "harness/case/defs.h"
#include "harness/case/template.h"
#include "harness/trace/settings.h"

#define COUNT(arr) (sizeof(arr) / sizeof((arr)[0]))

static const char *const profile_words[] = { "1.0", "2.0" };
static const char *const config_words[] = { "legal", "odd", "broken" };
static const char *const stdin_words[] = { "pipe", "null", "closed" };
static const char *const parent_words[] = { "stand-in", "init" };
static const char *const need_words[] = {
#define X(id, word) word,
	NEEDS(X)
#undef X
};

/* --- values with templates --- */

/* Stands in for the planner: any value will do, the needs are noted. */
static int dry_get(void *ctx, enum template_var var, struct span name,
		   struct buf *out, struct err *e)
{
	unsigned *needs = ctx;

	(void)name;
	(void)e;
	if (var == TV_T2)
		*needs |= 1u << NEED_TWO;
	buf_addc(out, 'x');
	return 0;
}

struct dry_run {
	unsigned needs;
	bool nul; /* a value holds a NUL byte */
};

static int dry_run(struct dry_run *d, struct span text, struct err *e)
{
	struct template_vars vars = { dry_get, &d->needs };
	struct buf b = BUF_MAX(TEMPLATE_MAX);
	int r;

	if (span_absent(text))
		return 0;
	r = template_expand(&b, text, &vars, e);
	if (span_find(buf_span(&b), '\0') < b.n)
		d->nul = true;
	buf_fini(&b);
	return r;
}

int jat_template(const struct jat *at, struct arena *a, struct span *out)
{
	struct dry_run d = { 0 };
	struct err why;

	if (jat_str(at, a, out))
		return -1;
	return dry_run(&d, *out, &why) ? jat_bad(at, "%s", why.msg) : 0;
}

/* For the kernel's strings, which end at the first NUL. */
static int get_cstr(const struct jat *at, struct arena *a, struct span *out)
{
	struct dry_run d = { 0 };

	if (jat_template(at, a, out))
		return -1;
	dry_run(&d, *out, NULL);
	return d.nul ? jat_bad(at, "holds a NUL byte") : 0;
}

/* What the settings and steps of a launch need by themselves.  All values
 * have been checked. */
static unsigned implied_needs(const struct launch_def *l)
{
	struct dry_run d = { 0 };

	for (size_t i = 0; i < l->env.n; i++)
		dry_run(&d, l->env.v[i].value, NULL);
	for (size_t i = 0; i < l->args.n; i++)
		dry_run(&d, l->args.v[i], NULL);
	for (size_t i = 0; i < l->nsteps; i++) {
		dry_run(&d, l->steps[i].what, NULL);
		dry_run(&d, l->steps[i].as, NULL);
		dry_run(&d, l->steps[i].bytes, NULL);
		if (l->steps[i].kind == STEP_PORTS)
			d.needs |= 1u << NEED_SANDBOX;
	}
	/* Only a namespace has a pid 1 to give away. */
	if (l->parent_init)
		d.needs |= 1u << NEED_SANDBOX;
	return d.needs;
}

static int get_args(const struct jat *at, struct arena *a, struct strings *out)
{
	if (jat_strings(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct jat item = jat_item(at, i);

		if (get_cstr(&item, a, &out->v[i]))
			return -1;
	}
	return 0;
}

/* --- keys --- */

/* A name of a variable in which '@' may stand for the role. */
static bool variable_ok(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '=' || s.p[i] <= ' ' || s.p[i] >= 0x7f)
			return false;
	return s.n > 0;
}

static void env_put(struct pairs *env, struct pair p)
{
	for (size_t i = 0; i < env->n; i++) {
		if (span_eq(env->v[i].key, p.key)) {
			env->v[i].value = p.value;
			return;
		}
	}
	env->v[env->n++] = p;
}

/* The case's own overrides first, those of the variant over them. */
static int get_env(const struct jat *at, struct arena *a, struct launch_def *l)
{
	struct pairs env;
	const char *key;
	json_t *v;
	size_t n;

	if (!json_is_object(at->v))
		return jat_bad(at, "is no object");
	n = json_object_size(at->v) + l->env.n;
	env.v = arena_alloc(a, n * sizeof(*env.v));
	env.n = l->env.n;
	if (env.n)
		memcpy(env.v, l->env.v, env.n * sizeof(*env.v));
	json_object_foreach(at->v, key, v)
	{
		struct jat item = jat_get(at, key);
		struct pair p = { arena_span(a, span_str(key)), { NULL, 0 } };

		if (!variable_ok(p.key))
			return jat_fail(&item, "is no name of a variable");
		if (!json_is_null(v) && get_cstr(&item, a, &p.value))
			return -1;
		env_put(&env, p);
	}
	l->env = env;
	return 0;
}

/* Does a variable, perhaps with '@' for the role, have a flag? */
static bool has_flag(struct span name)
{
	if (span_eqs(name, "TOR_PT_@_TRANSPORTS"))
		return true;
	return setting_find(name) != NULL;
}

static int get_flags(const struct jat *at, struct arena *a,
		     struct launch_def *l)
{
	l->flags_all = false;
	if (json_is_string(at->v)) {
		if (strcmp(json_string_value(at->v), "all") != 0)
			return jat_bad(at, "is neither \"all\" nor a list");
		l->flags_all = true;
		return 0;
	}
	if (jat_strings(at, a, &l->flags))
		return -1;
	for (size_t i = 0; i < l->flags.n; i++) {
		struct jat item = jat_item(at, i);

		if (!has_flag(l->flags.v[i]))
			return jat_bad(&item, "has no flag");
	}
	return 0;
}

/* Index of a word; *w keeps its value when the key is absent. */
static int get_word(const struct jat *at, const char *const *words, size_t n,
		    size_t *w)
{
	return at->v ? jat_word(at, words, n, w) : 0;
}

static int get_words_of_launch(const struct jat *at, struct launch_def *l)
{
	struct jat config = jat_get(at, "config"), in = jat_get(at, "stdin"),
		   parent = jat_get(at, "parent");
	size_t c = l->config, s = l->stdin_kind, p = l->parent_init;

	if (get_word(&config, config_words, COUNT(config_words), &c) ||
	    get_word(&in, stdin_words, COUNT(stdin_words), &s) ||
	    get_word(&parent, parent_words, COUNT(parent_words), &p))
		return -1;
	l->config = (enum config)c;
	l->stdin_kind = (enum stdin_kind)s;
	l->parent_init = p == 1;
	return 0;
}

int launch_parse(const struct jat *at, struct arena *a, struct launch_def *l)
{
	struct jat title = jat_get(at, "title"),
		   profiles = jat_get(at, "profiles"),
		   needs = jat_get(at, "needs"), probe = jat_get(at, "probe"),
		   env = jat_get(at, "env"), bare = jat_get(at, "bare_env"),
		   flags = jat_get(at, "flags"), args = jat_get(at, "args"),
		   steps = jat_get(at, "steps");
	struct span ignored;

	if ((title.v && jat_str(&title, a, &ignored)) ||
	    (profiles.v && jat_set(&profiles, profile_words,
				   COUNT(profile_words), &l->profiles)) ||
	    (needs.v &&
	     jat_words(&needs, need_words, COUNT(need_words), &l->needs)) ||
	    get_words_of_launch(at, l) ||
	    (probe.v && jat_id(&probe, a, &l->probe)) ||
	    (env.v && get_env(&env, a, l)) ||
	    (bare.v && jat_bool(&bare, &l->bare_env)) ||
	    (flags.v && get_flags(&flags, a, l)) ||
	    (args.v && get_args(&args, a, &l->args)) ||
	    (steps.v && steps_parse(&steps, a, l)))
		return -1;
	l->implied = implied_needs(l);
	return 0;
}
