/* cmd_run.c - ptcheck run, ptcheck judge. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/cli.h"
#include "harness/run/preview.h"
#include "harness/run/run.h"

enum {
	KEY_SPEC = 0x300,
	KEY_ROLE,
	KEY_CLIENT,
	KEY_SERVER,
	KEY_TRANSPORT,
	KEY_TARGET,
	KEY_SKIP,
	KEY_LAUNCH,
	KEY_OUT,
	KEY_CASES,
	KEY_SHARD,
	KEY_SEED,
	KEY_REPEAT,
	KEY_MULTIPLIER,
	KEY_REQUIRE,
	KEY_NO_SANDBOX,
	KEY_SLOW,
	KEY_OPTION,
	KEY_DRY_RUN,
};

struct args {
	struct run_opts run;
	struct output_opts out;
	bool dry_run;
	const char *dir; /* judge */
};

static const struct argp_option run_options[] = {
	{ "spec", KEY_SPEC, "VERSION", 0,
	  "auto (the version that the transport negotiates), 1.0 or 2.0", 0 },
	{ "role", KEY_ROLE, "ROLE", 0, "both (default), client or server", 0 },
	{ "client", KEY_CLIENT, "PROG", 0,
	  "What to launch as client instead of PT; words behind the name of "
	  "the program are separated by blanks",
	  0 },
	{ "server", KEY_SERVER, "PROG", 0, "The same as server", 0 },
	{ "transport", KEY_TRANSPORT, "NAME[,NAME]", 0,
	  "The transport names that it knows", 0 },
	{ "target", KEY_TARGET, "FILE", 0, "A target description (JSON)", 0 },
	{ "select", 's', "EXPR", 0,
	  "Ids or globs of ids, sections (3.3.1), areas, levels, role:WORD, "
	  "spec:VERSION, @FILE, and !TERM for what is not meant; separated by "
	  "commas",
	  0 },
	{ "skip", KEY_SKIP, "EXPR", 0, "What not to select", 0 },
	{ "launch", KEY_LAUNCH, "GLOBS", 0,
	  "Make only launches of these ids (beside the probes); separated by "
	  "commas",
	  0 },
	{ "out", KEY_OUT, "DIR", 0,
	  "Keep the evidence: traces, run.json, report.json", 0 },
	{ "cases", KEY_CASES, "DIR", 0,
	  "Case files instead of the built-in ones", 0 },
	{ "jobs", 'j', "N", 0,
	  "Launches that use the processor at a time (default: eight for each "
	  "processor); those that wait do not count",
	  0 },
	{ "shard", KEY_SHARD, "I/N", 0, "Make only every Nth launch", 0 },
	{ "seed", KEY_SEED, "N", 0, "For the random names (default 1)", 0 },
	{ "repeat", KEY_REPEAT, "N", 0, "Make every launch N times", 0 },
	{ "timeout-multiplier", KEY_MULTIPLIER, "X", 0,
	  "Longer or shorter limits", 0 },
	{ "require", KEY_REQUIRE, "LIST", 0,
	  "What must be there, or exit 4: sandbox", 0 },
	{ "no-sandbox", KEY_NO_SANDBOX, NULL, 0, "Launch without namespaces",
	  0 },
	{ "dry-run", KEY_DRY_RUN, NULL, 0,
	  "List the requirements that are selected, of that version and role, "
	  "and launch nothing",
	  0 },
	{ "slow", KEY_SLOW, NULL, 0,
	  "Make the launches that wait for minutes, too", 0 },
	{ "option", KEY_OPTION, "NAME=VALUE", 0,
	  "Decide a disputed point, or a limit in seconds (limits.init, exit, "
	  "graceful, connect, window, orphan, settings, idle)",
	  0 },
	{ 0 },
};

_Noreturn static void bad(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

_Noreturn static void bad(const char *fmt, ...)
{
	char text[1200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	cli_error("%s", text);
	exit(EXIT_USAGE);
}

static unsigned long number(const char *option, const char *text,
			    unsigned long min, unsigned long max)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (*end || !*text || *text == '-' || errno || n < min || n > max)
		bad("%s: \"%s\" is no number from %lu to %lu", option, text,
		    min, max);
	return n;
}

static void parse_shard(struct run_opts *o, const char *arg)
{
	char text[32], *slash;

	snprintf(text, sizeof(text), "%s", arg);
	slash = strchr(text, '/');
	if (!slash)
		bad("--shard: \"%s\" is not I/N", arg);
	*slash = '\0';
	o->shards = (unsigned)number("--shard", slash + 1, 1, 10000);
	o->shard = (unsigned)number("--shard", text, 1, o->shards);
}

static void parse_option(struct run_opts *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	struct span name, value;
	struct err e = { 0 };
	int rc;

	if (!eq)
		bad("--option: \"%s\" is not NAME=VALUE", arg);
	name = span_of(arg, (size_t)(eq - arg));
	value = span_str(eq + 1);
	if (span_starts(name, SPAN("limits.")))
		rc = run_set_limit(o, name, value, &e);
	else
		rc = policy_set(&o->policy, name, value, &e);
	if (rc)
		bad("--option: %s", e.msg);
	for (size_t i = 0; i < P_COUNT; i++)
		o->policy_set[i] |= span_eqs(name, policy_rows[i].name);
}

static void parse_role(struct run_opts *o, const char *arg)
{
	bool both = strcmp(arg, "both") == 0;

	o->role[ROLE_CLIENT] = both || strcmp(arg, "client") == 0;
	o->role[ROLE_SERVER] = both || strcmp(arg, "server") == 0;
	if (!o->role[ROLE_CLIENT] && !o->role[ROLE_SERVER])
		bad("--role: \"%s\" is none of both, client, server", arg);
}

static void parse_spec(struct run_opts *o, const char *arg)
{
	if (strcmp(arg, "auto") == 0)
		o->spec = RUN_AUTO;
	else if (strcmp(arg, "1.0") == 0)
		o->spec = RUN_10;
	else if (strcmp(arg, "2.0") == 0)
		o->spec = RUN_20;
	else
		bad("--spec: \"%s\" is none of auto, 1.0, 2.0", arg);
}

static void parse_multiplier(struct run_opts *o, const char *arg)
{
	char *end;

	o->multiplier = strtod(arg, &end);
	if (*end || end == arg ||
	    !(o->multiplier >= 0.01 && o->multiplier <= 1000))
		bad("--timeout-multiplier: \"%s\" is no number from 0.01 to "
		    "1000",
		    arg);
}

/* Where a word is kept as it is; NULL: that option wants more. */
static const char **word_of(struct run_opts *o, int key)
{
	switch (key) {
	case KEY_TRANSPORT:
		return &o->transports;
	case KEY_CLIENT:
		return &o->program[ROLE_CLIENT];
	case KEY_SERVER:
		return &o->program[ROLE_SERVER];
	case KEY_TARGET:
		return &o->target_file;
	case KEY_LAUNCH:
		return &o->launch;
	case KEY_OUT:
		return &o->out_dir;
	case KEY_CASES:
		return &o->cases_dir;
	default:
		return NULL;
	}
}

static void parse_require(struct run_opts *o, const char *arg)
{
	if (strcmp(arg, "sandbox") != 0)
		bad("--require: \"%s\" is not known; sandbox is", arg);
	o->require_sandbox = true;
}

static error_t parse_run_option(struct run_opts *o, int key, const char *arg)
{
	const char **word = word_of(o, key);

	if (word)
		*word = arg;
	else if (key == KEY_SPEC)
		parse_spec(o, arg);
	else if (key == KEY_ROLE)
		parse_role(o, arg);
	else if (key == 's' || key == KEY_SKIP)
		cli_select(&o->selection, arg, key == KEY_SKIP);
	else if (key == 'j')
		o->jobs = (unsigned)number("--jobs", arg, 1, 256);
	else if (key == KEY_SHARD)
		parse_shard(o, arg);
	else if (key == KEY_SEED)
		o->seed = number("--seed", arg, 0, ~0UL);
	else if (key == KEY_REPEAT)
		o->repeat = (unsigned)number("--repeat", arg, 1, 10000);
	else if (key == KEY_MULTIPLIER)
		parse_multiplier(o, arg);
	else if (key == KEY_REQUIRE)
		parse_require(o, arg);
	else if (key == KEY_SLOW)
		o->slow = true;
	else if (key == KEY_NO_SANDBOX)
		o->no_sandbox = true;
	else if (key == KEY_OPTION)
		parse_option(o, arg);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static error_t parse_run(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		return 0;
	case ARGP_KEY_ARGS:
		a->run.argv = state->argv + state->next;
		a->run.argc = state->argc - state->next;
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (a->run.program[0] || a->run.program[1] ||
		    a->run.target_file)
			return 0;
		if (a->dry_run)
			return 0;
		bad("run: no transport given; see ptcheck run --help");
	case KEY_DRY_RUN:
		a->dry_run = true;
		return 0;
	default:
		return parse_run_option(&a->run, key, arg);
	}
}

static int outcome_status(enum run_outcome o)
{
	switch (o) {
	case RUN_DONE:
		return EXIT_CONFORMS;
	case RUN_BAD_INPUT:
		return EXIT_USAGE;
	case RUN_ENVIRONMENT:
		return EXIT_TROUBLE;
	case RUN_INTERRUPTED:
		return EXIT_INTERRUPTED;
	}
	return EXIT_TROUBLE;
}

static int finish(struct args *a, enum run_outcome o, struct result *r,
		  const struct err *e)
{
	int rc = outcome_status(o);

	if (o != RUN_DONE) {
		cli_error("%s", e->msg);
	} else {
		rc = output_finish(&a->out, r);
		result_fini(r);
	}
	select_fini(&a->run.selection);
	return rc;
}

static bool in_preview(const void *ctx, const struct req *r)
{
	return preview_has(ctx, r);
}

static int put_preview(const struct preview *p)
{
	int rc = EXIT_NOTHING;

	for_reqs (r)
		if (r->judge && preview_has(p, r))
			rc = EXIT_CONFORMS;
	cli_list(in_preview, p);
	if (rc == EXIT_NOTHING)
		cli_error("nothing that is covered was selected");
	return rc;
}

/* What a run would be about; whether it would be about anything. */
static int dry_run(struct args *a)
{
	struct err e = { 0 };
	struct preview p;
	int rc = EXIT_USAGE;

	if (preview_init(&p, &a->run, &e))
		cli_error("%s", e.msg);
	else
		rc = put_preview(&p);
	preview_fini(&p);
	select_fini(&a->run.selection);
	return rc;
}

/* The option that leaves out a part of a whole run; NULL: none does. */
static const char *part_of(const struct run_opts *o)
{
	return o->shards > 1	     ? "--shard"
	       : o->selection.nterms ? "--select"
	       : o->selection.nskips ? "--skip"
				     : run_part_of_launches(o);
}

/* Before and behind run_execute(), which waits for these signals itself. */
static void interrupted(int sig)
{
	(void)sig;
	_exit(EXIT_INTERRUPTED);
}

static const struct argp_child run_children[] = {
	{ &output_argp, 0, "What comes out:", 1 },
	{ 0 },
};

const struct argp run_argp = {
	run_options,
	parse_run,
	"-- PT [ARG...]\n--client=PROG --server=PROG",
	"Launch a transport as a crafted fake Tor, record what it "
	"does, judge it, report.\v"
	"Exit status: 0 conforms, 1 at least one fail, 2 usage or bad "
	"input file, 3 nothing was selected or exercised, 4 harness "
	"or environment trouble, 5 stale baseline, 130 interrupted.",
	run_children,
	NULL,
	NULL,
};

int cmd_run(int argc, char **argv)
{
	struct args a = { 0 };
	struct result r = { 0 };
	struct err e = { 0 };
	char name[] = "ptcheck run";

	signal(SIGINT, interrupted);
	signal(SIGTERM, interrupted);
	run_opts_init(&a.run);
	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&run_argp, argc, argv, ARGP_IN_ORDER, NULL, &a);
	if (output_check(&a.out, part_of(&a.run)))
		return EXIT_USAGE;
	if (a.dry_run)
		return dry_run(&a);
	/* It is there, without what a baseline says. */
	a.out.keep = a.out.baseline != NULL;
	a.run.progress = isatty(STDERR_FILENO) && !a.out.quiet;
	return finish(&a, run_execute(&a.run, &r, &e), &r, &e);
}

static const struct argp_option judge_options[] = {
	{ "select", 's', "EXPR", 0, "As for run; default: as it was run", 0 },
	{ "skip", KEY_SKIP, "EXPR", 0, "What not to select", 0 },
	{ 0 },
};

static error_t parse_judge(int key, char *arg, struct argp_state *state)
{
	struct args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		return 0;
	case 's':
		cli_select(&a->run.selection, arg, false);
		return 0;
	case KEY_SKIP:
		cli_select(&a->run.selection, arg, true);
		return 0;
	case ARGP_KEY_ARG:
		if (a->dir)
			bad("judge: one directory, please");
		a->dir = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		bad("judge: no directory given; see ptcheck judge --help");
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child judge_children[] = {
	{ &output_argp, 0, "What comes out:", 1 },
	{ 0 },
};

const struct argp judge_argp = {
	judge_options,
	parse_judge,
	"DIR",
	"Judge the evidence that `ptcheck run --out DIR` left.  The "
	"same evidence gives the same verdicts, byte for byte.",
	judge_children,
	NULL,
	NULL,
};

int cmd_judge(int argc, char **argv)
{
	struct args a = { 0 };
	struct result r = { 0 };
	struct err e = { 0 };
	char name[] = "ptcheck judge";

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&judge_argp, argc, argv, 0, NULL, &a);
	if (output_check(&a.out, NULL))
		return EXIT_USAGE;
	return finish(&a, run_judge_dir(a.dir, &a.run.selection, &r, &e), &r,
		      &e);
}
