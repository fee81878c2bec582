/*
 * launch.c - the part of a case that a variant can override: settings,
 * flags, arguments, steps.  See case.h for the format.
 */
#include <errno.h>

#include "harness/case/defs.h"
#include "harness/case/template.h"
#include "harness/trace/settings.h"

#define NOFILE_MAX 1048576
#define DISK_MAX (64 << 20)

#define COUNT(arr) (sizeof(arr) / sizeof((arr)[0]))

static const char *const profile_words[] = { "1.0", "2.0" };
static const char *const config_words[] = { "legal", "odd", "broken" };
static const char *const stdin_words[] = { "pipe", "null", "closed" };
static const char *const parent_words[] = { "stand-in", "init" };
static const char *const each_words[] = { "pair" };
static const char *const pipe_words[] = { "plain", "narrow" };
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
	if (var == TV_FREE_OPTIONS)
		*needs |= 1u << NEED_FREE_OPTIONS;
	if (var == TV_FAR || var == TV_FAR6 || var == TV_HOLE)
		*needs |= 1u << NEED_SANDBOX;
	if (var == TV_JSON || var == TV_MEMBERS || var == TV_WRONG ||
	    var == TV_MISTYPED || var == TV_BLOCK)
		*needs |= 1u << NEED_SETTINGS;
	/* It holds a NUL byte, which is not for everywhere. */
	buf_addc(out, var == TV_HELLO ? '\0' : 'x');
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
	bool has_members;

	for (size_t i = 0; i < l->env.n; i++)
		dry_run(&d, l->env.v[i].value, NULL);
	for (size_t i = 0; i < l->args.n; i++)
		dry_run(&d, l->args.v[i], NULL);
	dry_run(&d, l->target, NULL);
	for (size_t i = 0; i < l->nsteps; i++)
		dry_run(&d, l->steps[i].bytes, NULL);
	has_members = d.needs & 1u << NEED_SETTINGS;
	for (size_t i = 0; i < l->nsteps; i++) {
		dry_run(&d, l->steps[i].what, NULL);
		dry_run(&d, l->steps[i].as, NULL);
		for (size_t k = 0; k < MORE_N; k++)
			dry_run(&d, l->steps[i].more[k], NULL);
		if (l->steps[i].kind == STEP_PORTS)
			d.needs |= 1u << NEED_SANDBOX;
		if (l->steps[i].kind == STEP_SOCKS)
			d.needs |= 1u << NEED_SETTINGS;
		if (is_peer_start(&l->steps[i]))
			d.needs |= 1u << NEED_PAIR;
	}
	for (size_t i = 0; i < l->peer_env.n; i++)
		dry_run(&d, l->peer_env.v[i].value, NULL);
	if (l->each_pair)
		d.needs |= 1u << NEED_PAIR;
	if (l->mode)
		d.needs |= 1u << NEED_MODE;
	/* What is to be told comes from the server that is started, too; but
	 * not what stands in the steps. */
	if (d.needs & 1u << NEED_PAIR && !has_members)
		d.needs &= ~(1u << NEED_SETTINGS);
	/* Only a namespace has a pid 1 to give away, and mounts. */
	if (l->parent_init || l->disk || l->ninject)
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
static int get_env(const struct jat *at, struct arena *a, struct pairs *out)
{
	struct pairs env;
	const char *key;
	json_t *v;
	size_t n;

	if (!json_is_object(at->v))
		return jat_bad(at, "is no object");
	n = json_object_size(at->v) + out->n;
	env.v = arena_alloc(a, n * sizeof(*env.v));
	env.n = out->n;
	if (env.n)
		memcpy(env.v, out->v, env.n * sizeof(*env.v));
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
	*out = env;
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

/* --- an environment that lets the transport down --- */

static int get_number(const struct jat *obj, const char *key, int64_t max,
		      int64_t dflt, int64_t *out)
{
	struct jat at = jat_get(obj, key);

	*out = dflt;
	return at.v ? jat_int(&at, 0, max, out) : 0;
}

static int get_disk(const struct jat *at, struct launch_def *l)
{
	static const char *const keys[] = { "bytes", "files", NULL };

	l->disk = true;
	return jat_object(at, keys, "a disk") ||
			       get_number(at, "bytes", DISK_MAX, 0,
					  &l->disk_bytes) ||
			       get_number(at, "files", DISK_MAX, 0,
					  &l->disk_files)
		       ? -1
		       : 0;
}

static const char *const call_words[] = {
	"open",	  "mkdir", "rename", "unlink", "write",	  "fsync",
	"socket", "bind",  "listen", "accept", "connect",
};

static const struct {
	const char *name;
	int number;
} errors[] = {
	{ "EACCES", EACCES },
	{ "EADDRINUSE", EADDRINUSE },
	{ "EDQUOT", EDQUOT },
	{ "EIO", EIO },
	{ "EMFILE", EMFILE },
	{ "ENFILE", ENFILE },
	{ "ENOBUFS", ENOBUFS },
	{ "ENOMEM", ENOMEM },
	{ "ENOSPC", ENOSPC },
	{ "EPERM", EPERM },
	{ "EROFS", EROFS },
	{ "EAFNOSUPPORT", EAFNOSUPPORT },
	{ "EINTR", EINTR },
	{ "EADDRNOTAVAIL", EADDRNOTAVAIL },
	{ "ENETUNREACH", ENETUNREACH },
	{ "ECONNABORTED", ECONNABORTED },
};

static int get_inject(const struct jat *at, struct arena *a, struct inject *out)
{
	static const char *const keys[] = { "call", "error", "below",
					    "skip", "times", NULL };
	const char *names[COUNT(errors)];
	struct jat call, error, below = jat_get(at, "below");
	size_t c, e;

	for (size_t i = 0; i < COUNT(errors); i++)
		names[i] = errors[i].name;
	*out = (struct inject){ 0 };
	if (jat_object(at, keys, "an injection") ||
	    jat_need(at, "call", &call) ||
	    jat_word(&call, call_words, COUNT(call_words), &c) ||
	    jat_need(at, "error", &error) ||
	    jat_word(&error, names, COUNT(errors), &e) ||
	    (below.v && get_cstr(&below, a, &out->below)) ||
	    get_number(at, "skip", INT32_MAX, 0, &out->skip) ||
	    get_number(at, "times", INT32_MAX, 0, &out->times))
		return -1;
	out->call = span_str(call_words[c]);
	out->error = errors[e].number;
	return 0;
}

static int get_injects(const struct jat *at, struct arena *a,
		       struct launch_def *l)
{
	if (jat_array(at))
		return -1;
	l->ninject = json_array_size(at->v);
	if (l->ninject > INJECT_MAX)
		return jat_fail(at, "more than %d injections", INJECT_MAX);
	for (size_t i = 0; i < l->ninject; i++) {
		struct jat item = jat_item(at, i);

		if (get_inject(&item, a, &l->inject[i]))
			return -1;
	}
	return 0;
}

static int get_hardships(const struct jat *at, struct arena *a,
			 struct launch_def *l)
{
	struct jat nofile = jat_get(at, "nofile"), pipes = jat_get(at, "pipes"),
		   disk = jat_get(at, "disk"), inject = jat_get(at, "inject");
	size_t w = l->narrow;

	if ((nofile.v && jat_int(&nofile, 4, NOFILE_MAX, &l->nofile)) ||
	    get_word(&pipes, pipe_words, COUNT(pipe_words), &w) ||
	    (disk.v && get_disk(&disk, l)) ||
	    (inject.v && get_injects(&inject, a, l)))
		return -1;
	l->narrow = w == 1;
	return 0;
}

/* How the application is served, if not by SOCKS. */
static int get_mode(const struct jat *at, struct arena *a, struct launch_def *l)
{
	struct jat mode = jat_get(at, "mode"), target = jat_get(at, "target");
	size_t w;

	if (mode.v && jat_word(&mode, mode_words, MODES_N, &w))
		return -1;
	if (mode.v)
		l->mode = (enum pt_mode)(1u << w);
	return target.v && get_cstr(&target, a, &l->target);
}

int launch_parse(const struct jat *at, struct arena *a, struct launch_def *l)
{
	struct jat title = jat_get(at, "title"),
		   profiles = jat_get(at, "profiles"),
		   needs = jat_get(at, "needs"), probe = jat_get(at, "probe"),
		   env = jat_get(at, "env"), bare = jat_get(at, "bare_env"),
		   flags = jat_get(at, "flags"), args = jat_get(at, "args"),
		   peer = jat_get(at, "peer_env"), each = jat_get(at, "each"),
		   steps = jat_get(at, "steps");
	struct span ignored;
	size_t only;

	if ((title.v && jat_str(&title, a, &ignored)) ||
	    (profiles.v && jat_set(&profiles, profile_words,
				   COUNT(profile_words), &l->profiles)) ||
	    (needs.v &&
	     jat_words(&needs, need_words, COUNT(need_words), &l->needs)) ||
	    get_words_of_launch(at, l) || get_mode(at, a, l) ||
	    (probe.v && jat_id(&probe, a, &l->probe)) ||
	    (env.v && get_env(&env, a, &l->env)) ||
	    (peer.v && get_env(&peer, a, &l->peer_env)) ||
	    (each.v && jat_word(&each, each_words, 1, &only)) ||
	    (bare.v && jat_bool(&bare, &l->bare_env)) ||
	    (flags.v && get_flags(&flags, a, l)) ||
	    (args.v && get_args(&args, a, &l->args)) ||
	    get_hardships(at, a, l) || (steps.v && steps_parse(&steps, a, l)))
		return -1;
	l->each_pair |= each.v != NULL;
	l->implied = implied_needs(l);
	return 0;
}
