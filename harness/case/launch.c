/*
 * launch.c - the part of a case that a variant can override: settings,
 * flags, arguments, steps.
 */
#include <errno.h>

#include "harness/case/defs.h"
#include "harness/case/format/step_rows.h"
#include "harness/case/format/dry_run.h"
#include "harness/trace/settings.h"

#define NOFILE_MAX 1048576
#define DISK_MAX (64 << 20)

/* What its texts need; of all, or of those alone that are raw @bytes. */
static void dry_run_step(struct dry_run *d, const struct step *st, bool bytes)
{
	struct step copy = *st;

	for (const struct key *k = step_row(st->kind)->keys(); k->name; k++)
		if (step_key_expands(k) && (!bytes || k->type == KEY_BYTES))
			dry_run(d, *step_span(&copy, k), NULL);
}

/* What the settings and steps of a launch need by themselves.  All values
 * have been checked. */
static unsigned implied_needs(const struct launch_def *l)
{
	struct dry_run d = { 0 };
	bool has_members;

	for (size_t i = 0; i < l->env.n; i++)
		dry_run(&d, l->env.v[i].value, NULL);
	for (size_t i = 0; i < l->again_env.n; i++)
		dry_run(&d, l->again_env.v[i].value, NULL);
	for (size_t i = 0; i < l->args.n; i++)
		dry_run(&d, l->args.v[i], NULL);
	dry_run(&d, l->target, NULL);
	for (size_t i = 0; i < l->nsteps; i++)
		dry_run_step(&d, &l->steps[i], true);
	has_members = d.needs & 1u << NEED_SETTINGS;
	for (size_t i = 0; i < l->nsteps; i++) {
		dry_run_step(&d, &l->steps[i], false);
		if (l->steps[i].kind == STEP_PORTS ||
		    l->steps[i].kind == STEP_LACK)
			d.needs |= 1u << NEED_SANDBOX;
		if (l->steps[i].kind == STEP_SOCKS)
			d.needs |= 1u << NEED_SETTINGS |
				   (l->mode ? 0 : 1u << NEED_SOCKS);
		if (is_peer_start(&l->steps[i], ROLE_CLIENT) ||
		    is_peer_start(&l->steps[i], ROLE_SERVER))
			d.needs |= 1u << NEED_PAIR;
	}
	for (size_t i = 0; i < l->peer_env.n; i++)
		dry_run(&d, l->peer_env.v[i].value, NULL);
	if (l->each_pair)
		d.needs |= 1u << NEED_PAIR;
	if (l->mode)
		d.needs |= 1u << NEED_MODE;
	if (l->needs & (1u << NEED_SOCKS5 | 1u << NEED_SOCKS4))
		d.needs |= 1u << NEED_SOCKS;
	/* What is to be told comes from the server that is started, too; but
	 * not what stands in the steps. */
	if (d.needs & 1u << NEED_PAIR && !has_members)
		d.needs &= ~(1u << NEED_SETTINGS);
	/* Only a namespace has a pid 1 to give away, and mounts. */
	if (l->parent == PARENT_INIT || l->disk.own || l->ninject)
		d.needs |= 1u << NEED_SANDBOX;
	return d.needs;
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
static int read_env(const struct json_path *at, struct arena *a,
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
		if (!json_is_null(v) && json_path_cstr(&item, a, &p.value))
			return -1;
		env_put(&env, p);
	}
	*out = env;
	return 0;
}

static int get_env(const struct json_path *at, struct arena *a, void *out)
{
	return read_env(at, a, &((struct launch_def *)out)->env);
}

static int get_again_env(const struct json_path *at, struct arena *a, void *out)
{
	return read_env(at, a, &((struct launch_def *)out)->again_env);
}

static int get_peer_env(const struct json_path *at, struct arena *a, void *out)
{
	return read_env(at, a, &((struct launch_def *)out)->peer_env);
}

/* Does a variable, perhaps with '@' for the role, have a flag? */
static bool has_flag(struct span name)
{
	if (span_eqs(name, "TOR_PT_@_TRANSPORTS"))
		return true;
	return setting_find(name) != NULL;
}

static int get_flags(const struct json_path *at, struct arena *a, void *out)
{
	struct launch_def *l = out;

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

static int get_each(const struct json_path *at, struct arena *a, void *out)
{
	size_t only;

	(void)a;
	if (json_path_word(at, words_each.names, words_each.n, &only))
		return -1;
	((struct launch_def *)out)->each_pair = true;
	return 0;
}

/* How the application is served, if not by SOCKS. */
static int read_mode(const struct json_path *at, enum pt_mode *out)
{
	size_t w;

	if (json_path_word(at, words_mode.names, words_mode.n, &w))
		return -1;
	*out = (enum pt_mode)(1u << w);
	return 0;
}

static int get_mode(const struct json_path *at, struct arena *a, void *out)
{
	(void)a;
	return read_mode(at, &((struct launch_def *)out)->mode);
}

static int get_peer_mode(const struct json_path *at, struct arena *a, void *out)
{
	(void)a;
	return read_mode(at, &((struct launch_def *)out)->peer_mode);
}

static int get_steps(const struct json_path *at, struct arena *a, void *out)
{
	return steps_parse(at, a, out);
}

/* --- a disk of its own, and calls that fail --- */

static int get_disk(const struct json_path *at, struct arena *a, void *out)
{
	struct launch_def *l = out;

	l->disk = (struct disk){ .own = true };
	return keys_known(at, disk_keys, NULL, "a disk") ||
			       keys_read(at, a, disk_keys, &l->disk)
		       ? -1
		       : 0;
}

static int get_error(const struct json_path *at, struct arena *a, void *out)
{
	static const int numbers[] = {
#define X(P, id, ...) id,
		INJECT_ERRORS(X, )
#undef X
	};
	size_t w;

	(void)a;
	if (json_path_word(at, words_inject_error.names, words_inject_error.n,
			   &w))
		return -1;
	((struct inject *)out)->error = numbers[w];
	return 0;
}

static int get_injects(const struct json_path *at, struct arena *a, void *out)
{
	struct launch_def *l = out;

	if (json_path_array(at))
		return -1;
	l->ninject = json_array_size(at->v);
	if (l->ninject > INJECT_MAX)
		return json_path_fail(at, "more than %d injections",
				      INJECT_MAX);
	for (size_t i = 0; i < l->ninject; i++) {
		struct json_path item = json_path_item(at, i);

		l->inject[i] = (struct inject){ 0 };
		if (keys_known(&item, inject_keys, NULL, "an injection") ||
		    keys_read(&item, a, inject_keys, &l->inject[i]))
			return -1;
	}
	return 0;
}

#define AT(member) .offset = offsetof(struct disk, member)

const struct key disk_keys[] = {
	{ "bytes", "room for so many bytes; 0: no limit", KEY_INT, AT(bytes),
	  .max = DISK_MAX },
	{ "files", "room for so many files; 0: no limit", KEY_INT, AT(files),
	  .max = DISK_MAX },
	{ .name = NULL },
};

#undef AT
#define AT(member) .offset = offsetof(struct inject, member)

const struct key inject_keys[] = {
	{ "call", "which call", KEY_WORD, true, AT(call),
	  .words = &words_inject_call },
	{ "error", "with which error", KEY_WORD, true,
	  .words = &words_inject_error, .get = get_error },
	{ "below", "only those to paths there; default: all", KEY_CSTR,
	  AT(below) },
	{ "skip", "the first of them are let through", KEY_INT, AT(skip),
	  .max = INT32_MAX },
	{ "times", "so many fail at most; 0: all", KEY_INT, AT(times),
	  .max = INT32_MAX },
	{ .name = NULL },
};

#undef AT
#define AT(member) .offset = offsetof(struct launch_def, member)

#define ENV_SCHEMA                                                      \
	"{\"type\": \"object\","                                        \
	" \"propertyNames\": {\"pattern\": \"^[!-<>-~]+$\"},"           \
	" \"additionalProperties\": {\"anyOf\": [{\"type\": \"null\"}," \
	" {\"$ref\": \"#/$defs/template\"}]}}"

const struct key launch_keys[] = {
	{ "profiles",
	  "the versions of the specification that it is for; "
	  "default both",
	  KEY_SET, AT(profiles), .words = &words_profile },
	{ "config", "what kind of configuration it is", KEY_WORD, AT(config),
	  .words = &words_config },
	{ "needs",
	  "features without which it is not launched; what probes "
	  "find out (flags, speaks-1, speaks-2, socks5, socks4) stops no "
	  "probe",
	  KEY_WORDS, AT(needs), .words = &words_need },
	{ "probe",
	  "name of the fact that it finds out.  \"args\" is what "
	  "servers print for their clients; a run of clients alone makes that "
	  "launch, too, as a helper",
	  KEY_ID, AT(probe) },
	{ "env",
	  "variables over those of the fixture; null removes one.  A "
	  "'@' in a name stands for CLIENT or SERVER, by role",
	  KEY_OWN, .get = get_env, .schema = ENV_SCHEMA,
	  .form = "object of templates" },
	{ "peer_env", "the same for the start of the other role", KEY_OWN,
	  .get = get_peer_env, .schema = ENV_SCHEMA,
	  .form = "object of templates" },
	{ "again_env",
	  "the same for a second start of the own role, over those of the "
	  "first",
	  KEY_OWN, .get = get_again_env, .schema = ENV_SCHEMA,
	  .form = "object of templates" },
	{ "bare_env",
	  "no variables but those that begin with TOR_PT_, and "
	  "the case's own",
	  KEY_BOOL, AT(bare_env) },
	{ "flags",
	  "settings given as flags instead of variables.  The list "
	  "of transports stays in the environment as well, because it selects "
	  "the role; so does a variable that is empty or that its flag cannot "
	  "express",
	  KEY_OWN, .get = get_flags,
	  .form = "\"all\", or a list of names of variables" },
	{ "args", "further words for the command line, behind the flags",
	  KEY_CSTRS, AT(args) },
	{ "stdin", "what descriptor 0 is", KEY_WORD, AT(stdin_kind),
	  .words = &words_stdin_kind },
	{ "parent", "what the parent process is", KEY_WORD, AT(parent),
	  .words = &words_parent_kind },
	{ "nofile",
	  "limit of descriptors of the transport; default: that of "
	  "ptcheck",
	  KEY_INT, AT(nofile), .min = 4, .max = NOFILE_MAX },
	{ "pipes", "what stdout and stderr are", KEY_WORD, AT(pipes),
	  .words = &words_pipe_kind },
	{ "disk", "the state directory is a file system of its own", KEY_OBJECT,
	  .keys = disk_keys, .get = get_disk },
	{ "inject", "system calls of the transport that fail", KEY_OBJECTS,
	  .keys = inject_keys, .max = INJECT_MAX, .get = get_injects },
	{ "each",
	  "how many launches; default one.  With \"pair\", ${T} is "
	  "that transport, and the id ends in +NAME",
	  KEY_WORD, .words = &words_each, .get = get_each },
	{ "mode",
	  "how the client serves applications.  T is a transport for "
	  "which the target lists that mode, and both ends are given the "
	  "target's words for it; without it they are given those for socks5",
	  KEY_WORD, .words = &words_mode, .get = get_mode },
	{ "peer_mode", "the same for the start of the other role", KEY_WORD,
	  .words = &words_mode, .get = get_peer_mode },
	{ "bad_mode",
	  "where the target's words for the mode have its name, "
	  "ptcheck-no-such-mode is given instead",
	  KEY_BOOL, AT(bad_mode) },
	{ "target", "what the client, be it the peer, is given as -target",
	  KEY_CSTR, AT(target) },
	{ "steps", "what is done; default: the session", KEY_OWN,
	  .get = get_steps, .schema = "{\"$ref\": \"#/$defs/steps\"}",
	  .form = "list of steps" },
	{ .name = NULL },
};

int launch_parse(const struct json_path *at, struct arena *a,
		 struct launch_def *l)
{
	if (keys_read(at, a, launch_keys, l))
		return -1;
	l->implied = implied_needs(l);
	return 0;
}
