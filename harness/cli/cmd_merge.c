/* cmd_merge.c - ptcheck merge: all shards of a run as one. */
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/run/merge/merge.h"
#include "harness/run/run.h"

enum { KEY_OUT = 0x500 };

struct merge_args {
	struct output_opts out;
	const char *to;
	const char *dir[SHARDS_MAX];
	size_t n;
};

static const struct argp_option merge_options[] = {
	{ "out", KEY_OUT, "DIR", 0,
	  "Where the evidence of the whole run goes: traces, run.json, "
	  "report.json; needed",
	  0 },
	{ 0 },
};

static error_t parse_merge(int key, char *arg, struct argp_state *state)
{
	struct merge_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		return 0;
	case KEY_OUT:
		a->to = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (a->n == SHARDS_MAX) {
			cli_error("merge: at most %d shards", SHARDS_MAX);
			exit(EXIT_USAGE);
		}
		a->dir[a->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->n && a->to)
			return 0;
		cli_error("merge: %s",
			  a->n ? "--out DIR is needed" : "no directory given");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child merge_children[] = {
	{ &output_argp, 0, "What comes out:", 1 },
	{ 0 },
};

const struct argp merge_argp = {
	merge_options,
	parse_merge,
	"--out=DIR SHARD...",
	"Put together what `ptcheck run --shard I/N --out SHARD` left, all N of "
	"it, and judge it as one run.\v"
	"Exit status as that of run.",
	merge_children,
	NULL,
	NULL,
};

int cmd_merge(int argc, char **argv)
{
	struct selection as_it_was = { 0 };
	struct merge_args a = { 0 };
	struct result r = { 0 };
	struct err e = { 0 };
	char name[] = "ptcheck merge";
	int rc = EXIT_USAGE;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&merge_argp, argc, argv, 0, NULL, &a);
	if (output_check(&a.out, NULL))
		return EXIT_USAGE;
	if (merge_shards(a.dir, a.n, a.to, &e) ||
	    run_judge_dir(a.to, &as_it_was, &r, &e) != RUN_DONE) {
		cli_error("%s", e.msg);
		return EXIT_USAGE;
	}
	a.out.keep = true;
	rc = output_finish(&a.out, &r);
	result_fini(&r);
	return rc;
}
