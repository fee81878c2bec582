/*
 * launch.c - the part of a case that a variant can override: settings,
 * flags, arguments, steps.  See case.h for the format.
 */
#include <errno.h>

#include "harness/case/defs.h"
#include "harness/case/format/step_rows.h"
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

int json_path_template(const struct json_path *at, struct arena *a,
		       struct span *out)
{
	struct dry_run d = { 0 };
	struct err why;

	if (json_path_str(at, a, out))
		return -1;
	return dry_run(&d, *out, &why) ? json_path_bad(at, "%s", why.msg) : 0;
}

/* For the kernel's strings, which end at the first NUL. */
static int get_cstr(const struct json_path *at, struct arena *a,
		    struct span *out)
{
	struct dry_run d = { 0 };

	if (json_path_template(at, a, out))
		return -1;
	dry_run(&d, *out, NULL);
	return d.nul ? json_path_bad(at, "holds a NUL byte") : 0;
}

/* What its texts need; of all, or of those alone that are raw @bytes. */
static void dry_run_step(struct dry_run *d, const struct step *st, bool bytes)
{
	struct step copy = *st;

	for (const struct step_field *f = step_row(st->kind)->fields(); f->key;
	     f++)
		if (step_field_expands(f) && (!bytes || f->type == FIELD_BYTES))
			dry_run(d, *step_span(&copy, f), NULL);
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
		dry_run_step(&d, &l->steps[i], true);
	has_members = d.needs & 1u << NEED_SETTINGS;
	for (size_t i = 0; i < l->nsteps; i++) {
		dry_run_step(&d, &l->steps[i], false);
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

static int get_args(const struct json_path *at, struct arena *a,
		    struct strings *out)
{
	if (json_path_strings(at, a, out))
		return -1;
	for (size_t i = 0; i < out->n; i++) {
		struct json_path item = json_path_item(at, i);

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
static int get_env(const struct json_path *at, struct arena *a,
		   struct pairs *out)
{
	struct pairs env;
	const char *key;
	json_t *v;
	size_t n;

	if (!json_is_object(at->v))
		return json_path_bad(at, "is no object");
	n = json_object_size(at->v) + out->n;
	env.v = arena_alloc(a, n * sizeof(*env.v));
	env.n = out->n;
	if (env.n)
		memcpy(env.v, out->v, env.n * sizeof(*env.v));
	json_object_foreach(at->v, key, v)
	{
		struct json_path item = json_path_get(at, key);
		struct pair p = { arena_span(a, span_str(key)), { NULL, 0 } };

		if (!variable_ok(p.key))
			return json_path_fail(&item,
					      "is no name of a variable");
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

static int get_flags(const struct json_path *at, struct arena *a,
		     struct launch_def *l)
{
	l->flags_all = false;
	if (json_is_string(at->v)) {
		if (strcmp(json_string_value(at->v), "all") != 0)
			return json_path_bad(at,
					     "is neither \"all\" nor a list");
		l->flags_all = true;
		return 0;
	}
	if (json_path_strings(at, a, &l->flags))
		return -1;
	for (size_t i = 0; i < l->flags.n; i++) {
		struct json_path item = json_path_item(at, i);

		if (!has_flag(l->flags.v[i]))
			return json_path_bad(&item, "has no flag");
	}
	return 0;
}

/* Index of a word; *w keeps its value when the key is absent. */
static int get_word(const struct json_path *at, const char *const *words,
		    size_t n, size_t *w)
{
	return at->v ? json_path_word(at, words, n, w) : 0;
}

static int get_words_of_launch(const struct json_path *at, struct launch_def *l)
{
	struct json_path config = json_path_get(at, "config"),
			 in = json_path_get(at, "stdin"),
			 parent = json_path_get(at, "parent");
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

static int get_number(const struct json_path *obj, const char *key, int64_t max,
		      int64_t dflt, int64_t *out)
{
	struct json_path at = json_path_get(obj, key);

	*out = dflt;
	return at.v ? json_path_int(&at, 0, max, out) : 0;
}

static int get_disk(const struct json_path *at, struct launch_def *l)
{
	static const char *const keys[] = { "bytes", "files", NULL };

	l->disk = true;
	return json_path_object(at, keys, "a disk") ||
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

static int get_inject(const struct json_path *at, struct arena *a,
		      struct inject *out)
{
	static const char *const keys[] = { "call", "error", "below",
					    "skip", "times", NULL };
	const char *names[COUNT(errors)];
	struct json_path call, error, below = json_path_get(at, "below");
	size_t c, e;

	for (size_t i = 0; i < COUNT(errors); i++)
		names[i] = errors[i].name;
	*out = (struct inject){ 0 };
	if (json_path_object(at, keys, "an injection") ||
	    json_path_need(at, "call", &call) ||
	    json_path_word(&call, call_words, COUNT(call_words), &c) ||
	    json_path_need(at, "error", &error) ||
	    json_path_word(&error, names, COUNT(errors), &e) ||
	    (below.v && get_cstr(&below, a, &out->below)) ||
	    get_number(at, "skip", INT32_MAX, 0, &out->skip) ||
	    get_number(at, "times", INT32_MAX, 0, &out->times))
		return -1;
	out->call = span_str(call_words[c]);
	out->error = errors[e].number;
	return 0;
}

static int get_injects(const struct json_path *at, struct arena *a,
		       struct launch_def *l)
{
	if (json_path_array(at))
		return -1;
	l->ninject = json_array_size(at->v);
	if (l->ninject > INJECT_MAX)
		return json_path_fail(at, "more than %d injections",
				      INJECT_MAX);
	for (size_t i = 0; i < l->ninject; i++) {
		struct json_path item = json_path_item(at, i);

		if (get_inject(&item, a, &l->inject[i]))
			return -1;
	}
	return 0;
}

static int get_hardships(const struct json_path *at, struct arena *a,
			 struct launch_def *l)
{
	struct json_path nofile = json_path_get(at, "nofile"),
			 pipes = json_path_get(at, "pipes"),
			 disk = json_path_get(at, "disk"),
			 inject = json_path_get(at, "inject");
	size_t w = l->narrow;

	if ((nofile.v && json_path_int(&nofile, 4, NOFILE_MAX, &l->nofile)) ||
	    get_word(&pipes, pipe_words, COUNT(pipe_words), &w) ||
	    (disk.v && get_disk(&disk, l)) ||
	    (inject.v && get_injects(&inject, a, l)))
		return -1;
	l->narrow = w == 1;
	return 0;
}

/* How the application is served, if not by SOCKS. */
static int get_mode(const struct json_path *at, struct arena *a,
		    struct launch_def *l)
{
	struct json_path mode = json_path_get(at, "mode"),
			 target = json_path_get(at, "target");
	size_t w;

	if (mode.v && json_path_word(&mode, mode_words, MODES_N, &w))
		return -1;
	if (mode.v)
		l->mode = (enum pt_mode)(1u << w);
	return target.v && get_cstr(&target, a, &l->target);
}

int launch_parse(const struct json_path *at, struct arena *a,
		 struct launch_def *l)
{
	struct json_path title = json_path_get(at, "title"),
			 profiles = json_path_get(at, "profiles"),
			 needs = json_path_get(at, "needs"),
			 probe = json_path_get(at, "probe"),
			 env = json_path_get(at, "env"),
			 bare = json_path_get(at, "bare_env"),
			 flags = json_path_get(at, "flags"),
			 args = json_path_get(at, "args"),
			 peer = json_path_get(at, "peer_env"),
			 each = json_path_get(at, "each"),
			 steps = json_path_get(at, "steps");
	struct span ignored;
	size_t only;

	if ((title.v && json_path_str(&title, a, &ignored)) ||
	    (profiles.v && json_path_set(&profiles, profile_words,
					 COUNT(profile_words), &l->profiles)) ||
	    (needs.v && json_path_words(&needs, need_words, COUNT(need_words),
					&l->needs)) ||
	    get_words_of_launch(at, l) || get_mode(at, a, l) ||
	    (probe.v && json_path_id(&probe, a, &l->probe)) ||
	    (env.v && get_env(&env, a, &l->env)) ||
	    (peer.v && get_env(&peer, a, &l->peer_env)) ||
	    (each.v && json_path_word(&each, each_words, 1, &only)) ||
	    (bare.v && json_path_bool(&bare, &l->bare_env)) ||
	    (flags.v && get_flags(&flags, a, l)) ||
	    (args.v && get_args(&args, a, &l->args)) ||
	    get_hardships(at, a, l) || (steps.v && steps_parse(&steps, a, l)))
		return -1;
	l->each_pair |= each.v != NULL;
	l->implied = implied_needs(l);
	return 0;
}
