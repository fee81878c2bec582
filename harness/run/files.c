/* files.c - see files.h. */
#include "harness/run/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/base/text.h"
#include "harness/run/evidence/evidence.h"
#include "harness/sys/observe.h"
#include "harness/sys/sandbox.h"
#include "harness/sys/fswatch.h"

#define TARGET_MAX (1u << 20)
#define CASES_MAX (16u << 20)

/* --- the program --- */

static enum run_outcome bad_program(const char *path, int error, struct err *e)
{
	err_sys(e, error, "%s", path);
	return RUN_BAD_INPUT;
}

/* Like execvp: a name without a slash is looked for along PATH. */
static bool along_path(const char *name, char out[PATH_MAX])
{
	struct span path = span_str(getenv("PATH")), dir;

	while (span_split(&path, ':', &dir)) {
		struct stat st;

		snprintf(out, PATH_MAX, "%.*s/%s", SPAN_ARG(dir), name);
		if (stat(out, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(out, X_OK) == 0)
			return true;
	}
	return false;
}

static enum run_outcome find_program(const char *name, char out[PATH_MAX],
				     struct err *e)
{
	char cwd[PATH_MAX];
	struct stat st;

	if (!strchr(name, '/')) {
		if (!along_path(name, out))
			return bad_program(name, ENOENT, e);
		return RUN_DONE;
	}
	if (name[0] == '/')
		snprintf(out, PATH_MAX, "%s", name);
	else if (getcwd(cwd, sizeof(cwd)))
		snprintf(out, PATH_MAX, "%.*s/%s", PATH_MAX / 2, cwd, name);
	if (stat(out, &st))
		return bad_program(name, errno, e);
	if (S_ISDIR(st.st_mode))
		return bad_program(name, EISDIR, e);
	if (access(out, X_OK))
		return bad_program(name, errno, e);
	return RUN_DONE;
}

/*
 * The transport runs in a directory of its own, so a word that names an
 * existing file by a relative path is made absolute, as in
 * `ptcheck run -- python3 pt.py`.
 */
static struct span absolute(struct running *r, const char *word)
{
	char cwd[PATH_MAX];

	if (word[0] == '/' || word[0] == '-' || access(word, F_OK) ||
	    !getcwd(cwd, sizeof(cwd)))
		return span_str(arena_strdup(&r->arena, word));
	return span_str(arena_printf(&r->arena, "%s/%s", cwd, word));
}

static const char *hash_file(struct running *r, const char *path)
{
	unsigned char hash[crypto_hash_sha256_BYTES], piece[65536];
	char hex[2 * sizeof(hash) + 1];
	crypto_hash_sha256_state st;
	FILE *f = fopen(path, "re");
	size_t n;

	if (!f)
		return "";
	crypto_hash_sha256_init(&st);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		crypto_hash_sha256_update(&st, piece, n);
	fclose(f);
	crypto_hash_sha256_final(&st, hash);
	sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
	return arena_strdup(&r->arena, hex);
}

/* The words of a command line, the first of them found; @shown: as they were
 * said, behind what is there. */
static enum run_outcome take_words(struct running *r, char *const *words,
				   size_t n, struct strings *out, struct err *e)
{
	char path[PATH_MAX];
	enum run_outcome rc = find_program(words[0], path, e);

	if (rc != RUN_DONE)
		return rc;
	out->v = arena_alloc(&r->arena, n * sizeof(*out->v));
	for (size_t i = 0; i < n; i++)
		out->v[i] = i ? absolute(r, words[i])
			      : span_str(arena_strdup(&r->arena, path));
	out->n = n;
	if (!r->sha256)
		r->sha256 = hash_file(r, path);
	return RUN_DONE;
}

/* "PROG [ARG...]" */
static enum run_outcome take_own(struct running *r, enum role role,
				 struct span text, struct err *e)
{
	struct span rest = text, word;
	char **words = arena_alloc(&r->arena, (text.n + 1) * sizeof(*words));
	size_t n = 0;

	while (span_split(&rest, ' ', &word))
		if (word.n)
			words[n++] =
				arena_printf(&r->arena, "%.*s", SPAN_ARG(word));
	if (n == 0) {
		err_set(e, 0, "--%s: no program", role_name(role));
		return RUN_BAD_INPUT;
	}
	return take_words(r, words, n, &r->own_argv[role], e);
}

/* What reports show: the command line, or those of the roles. */
static void show_argv(struct running *r)
{
	const struct run_opts *o = r->o;
	size_t n = (size_t)o->argc, k = 0;
	const char **shown;

	for (int role = 0; role < 2; role++)
		n += r->own_argv[role].n;
	shown = arena_alloc(&r->arena, (n + 1) * sizeof(*shown));
	for (int i = 0; i < o->argc; i++)
		shown[k++] = text_show(&r->arena, span_str(o->argv[i]), 1000);
	for (int role = 0; role < 2 && !o->argc; role++)
		for (size_t i = 0; i < r->own_argv[role].n; i++)
			shown[k++] = text_show(&r->arena,
					       r->own_argv[role].v[i], 1000);
	shown[k] = NULL;
	r->shown_argv = shown;
}

static enum run_outcome take_program(struct running *r, struct err *e)
{
	return r->o->argc ? take_words(r, r->o->argv, (size_t)r->o->argc,
				       &r->argv, e)
			  : RUN_DONE;
}

static enum run_outcome take_own_programs(struct running *r, struct err *e)
{
	enum run_outcome rc = RUN_DONE;

	for (int role = 0; role < 2 && rc == RUN_DONE; role++) {
		struct span own = r->o->program[role]
					  ? span_str(r->o->program[role])
					  : r->target.program[role];

		if (!span_absent(own))
			rc = take_own(r, (enum role)role, own, e);
	}
	if (rc == RUN_DONE && !r->argv.n && !r->own_argv[0].n &&
	    !r->own_argv[1].n) {
		err_set(e, 0, "run: no transport given");
		rc = RUN_BAD_INPUT;
	}
	if (rc == RUN_DONE)
		show_argv(r);
	return rc;
}

/* --- its description --- */

/* Those that are named, as @text, the description of a known program, says,
 * and by their names alone where it does not know them. */
static int known_by_name(struct running *r, struct span text, struct err *e)
{
	struct target *t = &r->target;
	struct target named;

	if (target_from_names(span_str(r->o->transports), &r->arena, &named, e))
		return -1;
	if (target_parse(text, "built-in target", &r->arena, t, e)) {
		target_fini(&named);
		return -1;
	}
	for (size_t i = 0; i < named.n; i++) {
		const struct target_transport *one =
			target_find(t, named.t[i].name);

		if (one)
			named.t[i] = *one;
	}
	t->t = named.t;
	t->n = named.n;
	target_fini(&named);
	return 0;
}

/* That of the program's name; of "x-client" and "x-server" also what is said
 * of x, where those are two programs. */
static struct span known_target(const struct running *r)
{
	static const char *const ends[] = { "-client", "-server" };
	struct span name = span_str(r->o->argc ? r->o->argv[0] : NULL);
	struct span text;
	char base[256];

	/* These two have their words behind them. */
	for (size_t i = 0; i < 2 && span_absent(name); i++) {
		name = span_str(r->o->program[i]);
		name = span_sub(name, 0, span_find(name, ' '));
	}
	for (size_t i = name.n; i > 0; i--)
		if (name.p[i - 1] == '/') {
			name = span_sub(name, i, name.n);
			break;
		}
	snprintf(base, sizeof(base), "%.*s", SPAN_ARG(name));
	text = target_builtin(base);
	for (size_t i = 0; i < 2 && span_absent(text); i++)
		if (name.n > 7 && name.n < sizeof(base) &&
		    strcmp(base + name.n - 7, ends[i]) == 0) {
			base[name.n - 7] = '\0';
			text = target_builtin(base);
		}
	return text;
}

static int parse_target(struct running *r, struct err *e)
{
	struct span text = known_target(r);
	int rc;

	if (r->o->target_file) {
		if (evidence_read_file(r->o->target_file, TARGET_MAX, &text, e))
			return -1;
		rc = target_parse(text, r->o->target_file, &r->arena,
				  &r->target, e);
		free((void *)text.p);
		return rc;
	}
	if (r->o->transports && !span_absent(text))
		return known_by_name(r, text, e);
	if (r->o->transports)
		return target_from_names(span_str(r->o->transports), &r->arena,
					 &r->target, e);
	if (!span_absent(text))
		return target_parse(text, "built-in target", &r->arena,
				    &r->target, e);
	/* Enough to see whether it is a transport at all. */
	r->unnamed = true;
	return target_from_names(SPAN("unnamed"), &r->arena, &r->target, e);
}

/* --target and --transport together: those of the file that are named. */
static int only_named(struct running *r, struct err *e)
{
	struct span rest = span_str(r->o->transports), name;
	struct target *t = &r->target;
	struct target_transport *v;
	size_t n = 0, cap = 0;

	if (!r->o->transports || !r->o->target_file)
		return 0;
	v = NULL;
	while (span_split(&rest, ',', &name)) {
		const struct target_transport *one = target_find(t, name);
		char shown[80];

		if (!one)
			return err_set(e, 0,
				       "--transport: \"%s\" is not in "
				       "%s",
				       text_showbuf(shown, sizeof(shown), name),
				       r->o->target_file);
		arena_grow(&r->arena, v, n, cap);
		v[n++] = *one;
	}
	t->t = v;
	t->n = n;
	return 0;
}

static int take_policies(struct running *r, struct err *e)
{
	r->policy = r->o->policy;
	for (size_t i = 0; i < r->target.options.n; i++) {
		const struct pair *p = &r->target.options.v[i];
		struct policy one = r->policy;

		if (policy_set(&one, p->key, p->value, e))
			return err_wrap(e, "%s: /options",
					r->o->target_file ? r->o->target_file
							  : "built-in target");
		for (size_t k = 0; k < P_COUNT; k++)
			if (!r->o->policy_set[k])
				r->policy.value[k] = one.value[k];
	}
	return 0;
}

void files_drop_role(struct running *r, enum role role)
{
	for (size_t i = 0; i < r->target.n; i++)
		r->target.t[i].role[role] = false;
	r->role[role] = false;
}

static int take_roles(struct running *r, struct err *e)
{
	for (int role = 0; role < 2; role++) {
		struct strings names;

		if (!r->argv.n && !r->own_argv[role].n)
			files_drop_role(r, (enum role)role);

		target_names(&r->target, (enum role)role, &r->arena, &names);
		r->role[role] = r->o->role[role] && names.n > 0;
	}
	if (r->role[0] || r->role[1])
		return 0;
	return err_set(e, 0, "the target offers no transport as %s",
		       r->o->role[0] ? "client" : "server");
}

/* --- cases, sandbox, evidence --- */

/* Where launches without a sandbox have their directories.  It is not made
 * here, lest it stays when ptcheck is killed: the workers make it when they need
 * it, and leave none behind. */
static int take_work_root(struct running *r, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	const char *tmp = getenv("TMPDIR");
	char root[200], name[] = "XXXXXX";

	/* Long paths make trouble: ${work} goes into addresses and limits. */
	if (!tmp || tmp[0] != '/' || strlen(tmp) > sizeof(root) - 20)
		tmp = "/tmp";
	snprintf(root, sizeof(root), "%s/.", tmp);
	if (faccessat(AT_FDCWD, root, W_OK | X_OK, AT_EACCESS))
		return err_sys(e, errno, "%s", tmp);
	do {
		for (char *c = name; *c; c++)
			*c = letters[randombytes_uniform(sizeof(letters) - 1)];
		snprintf(root, sizeof(root), "%s/ptcheck.%s", tmp, name);
	} while (access(root, F_OK) == 0);
	r->work_root = arena_strdup(&r->arena, root);
	return 0;
}

static int take_sandbox(struct running *r, struct err *e)
{
	struct err why = { 0 };

	getrlimit(RLIMIT_NOFILE, &r->nofile);
	if (r->o->no_sandbox)
		err_set(&why, 0, "switched off by --no-sandbox");
	else
		r->sandbox = sandbox_probe(&why) == 0;
	r->sandbox_why = arena_strdup(&r->arena, why.msg);
	if (r->sandbox) {
		r->work_root = SANDBOX_WORK;
		r->filter = fswatch_filter_new(NULL, 0);
		return 0;
	}
	if (r->o->require_sandbox)
		return err_set(e, 0, "no sandbox: %s", why.msg);
	return take_work_root(r, e);
}

/* Every launch in flight needs a handful of descriptors here. */
static void more_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
		l.rlim_cur = l.rlim_max < 65536 ? l.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &l);
	}
}

/* All *.json of a directory, in the order of their names. */
static int read_cases(const char *dir, struct cases *out, struct err *e)
{
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), rc = 0;

	if (n < 0)
		return err_sys(e, errno, "--cases %s", dir);
	for (int i = 0; i < n; i++) {
		const char *dot = strrchr(list[i]->d_name, '.');
		char path[PATH_MAX];
		struct span text;

		if (rc == 0 && dot && strcmp(dot, ".json") == 0 &&
		    strcmp(list[i]->d_name, "schema.json") != 0) {
			snprintf(path, sizeof(path), "%.3000s/%s", dir,
				 list[i]->d_name);
			rc = evidence_read_file(path, CASES_MAX, &text, e);
			if (rc == 0) {
				rc = cases_parse(out, text, path, e);
				free((void *)text.p);
			}
		}
		free(list[i]);
	}
	free(list);
	return rc;
}

int files_cases(const char *dir, struct cases *out, struct err *e)
{
	return dir ? read_cases(dir, out, e) : cases_builtin(out, e);
}

enum run_outcome files_prepare(struct running *r, struct err *e)
{
	enum run_outcome rc = take_program(r, e);

	if (rc != RUN_DONE)
		return rc;
	if (parse_target(r, e) || only_named(r, e) || take_policies(r, e))
		return RUN_BAD_INPUT;
	rc = take_own_programs(r, e);
	if (rc != RUN_DONE)
		return rc;
	if (take_roles(r, e))
		return RUN_BAD_INPUT;
	if (files_cases(r->o->cases_dir, &r->cases, e))
		return RUN_BAD_INPUT;
	if (r->o->out_dir && evidence_open(r->o->out_dir, e))
		return RUN_BAD_INPUT;
	if (take_sandbox(r, e))
		return RUN_ENVIRONMENT;
	more_descriptors();
	return RUN_DONE;
}

void files_finish(struct running *r)
{
	if (!r->sandbox && r->work_root)
		observe_remove_tree(r->work_root);
	fswatch_filter_free(r->filter);
	cases_fini(&r->cases);
	target_fini(&r->target);
	arena_fini(&r->arena);
}

/* --- the command that repeats --- */

/* For a POSIX shell, in printable ASCII whatever the bytes are. */
static void add_quoted(struct buf *b, const char *word)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789_-./:=,+@%";

	buf_addc(b, ' ');
	if (word[0] && strspn(word, plain) == strlen(word)) {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (c == '\'')
			buf_adds(b, "'\"'\"'");
		else if (c < 0x20 || c >= 0x7f)
			buf_addf(b, "'\"$(printf '\\%03o')\"'", c);
		else
			buf_addc(b, *word);
	}
	buf_addc(b, '\'');
}

static void add_policies(struct running *r, struct buf *b)
{
	for (size_t i = 0; i < P_COUNT; i++) {
		struct span word = policy_value(&r->policy, (enum policy_id)i);

		if (r->o->policy_set[i])
			buf_addf(b, " --option %s=%.*s", policy_rows[i].name,
				 SPAN_ARG(word));
	}
}

/* What the user changed about time: a finding may hang on it. */
static void add_limits(const struct run_opts *o, const struct run_opts *usual,
		       struct buf *b)
{
	for (enum limit_id id = LIMIT_INIT; id <= LIMITS_N; id++) {
		int64_t ms = limit_ms(&o->limits, id);

		if (ms != limit_ms(&usual->limits, id))
			buf_addf(b, " --option limits.%s=%g", limit_name(id),
				 (double)ms / 1000);
	}
	if (o->multiplier != 1)
		buf_addf(b, " --timeout-multiplier %g", o->multiplier);
}

const char *files_repro_head(struct running *r)
{
	struct buf b = BUF_MAX(8192);
	struct run_opts usual;
	const char *s;

	buf_addf(&b, "ptcheck run --spec %s", profile_name(r->profile));
	for (int role = 0; role < 2; role++)
		if (r->o->program[role]) {
			buf_addf(&b, " --%s", role_name((enum role)role));
			add_quoted(&b, r->o->program[role]);
		}
	if (r->o->target_file) {
		buf_adds(&b, " --target");
		add_quoted(&b, r->o->target_file);
	}
	if (r->o->transports) {
		buf_adds(&b, " --transport");
		add_quoted(&b, r->o->transports);
	}
	if (r->o->cases_dir) {
		buf_adds(&b, " --cases");
		add_quoted(&b, r->o->cases_dir);
	}
	if (r->o->no_sandbox)
		buf_adds(&b, " --no-sandbox");
	if (r->o->slow)
		buf_adds(&b, " --slow");
	if (r->o->seed != 1)
		buf_addf(&b, " --seed %llu", (unsigned long long)r->o->seed);
	add_policies(r, &b);
	run_opts_init(&usual);
	add_limits(r->o, &usual, &b);
	s = arena_strdup(&r->arena, buf_cstr(&b));
	buf_fini(&b);
	return s;
}

const char *files_repro_tail(struct running *r)
{
	struct buf b = BUF_MAX(8192);
	const char *s;

	if (r->o->argc)
		buf_adds(&b, " --");
	for (int i = 0; i < r->o->argc; i++)
		add_quoted(&b, r->o->argv[i]);
	s = arena_strdup(&r->arena, buf_cstr(&b));
	buf_fini(&b);
	return s;
}
