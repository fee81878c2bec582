/* cmd_diff.c - ptcheck diff: what became better or worse between two runs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/report/diff.h"

#define DIFF_MAX (256u << 20)

enum { KEY_FAIL_ON = 0x400, KEY_JSON };

struct diff_args {
	const char *path[2];
	size_t n;
	bool json, fail_on[DIFF_COUNT];
};

static const struct argp_option diff_options[] = {
	{ "fail-on", KEY_FAIL_ON, "KINDS", 0,
	  "Exit 1 when there is one of these, separated by commas: worse, new, "
	  "open, better, gone, kept; or none. Default: worse,new",
	  0 },
	{ "json", KEY_JSON, NULL, 0, "As JSON", 0 },
	{ 0 },
};

static int parse_kinds(struct diff_args *a, const char *arg)
{
	struct span rest = span_str(arg), word;

	memset(a->fail_on, 0, sizeof(a->fail_on));
	while (span_split(&rest, ',', &word)) {
		size_t k = 0;

		while (k < DIFF_COUNT && !span_eqs(word, diff_names[k]))
			k++;
		if (k < DIFF_COUNT)
			a->fail_on[k] = true;
		else if (!span_eqs(word, "none"))
			return -1;
	}
	return 0;
}

static error_t parse_diff(int key, char *arg, struct argp_state *state)
{
	struct diff_args *a = state->input;

	switch (key) {
	case KEY_FAIL_ON:
		if (parse_kinds(a, arg)) {
			cli_error("--fail-on: \"%s\" has something else than "
				  "worse, new, open, better, gone, kept, none",
				  arg);
			exit(EXIT_USAGE);
		}
		return 0;
	case KEY_JSON:
		a->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (a->n < 2)
			a->path[a->n] = arg;
		a->n++;
		return 0;
	case ARGP_KEY_END:
		if (a->n == 2)
			return 0;
		cli_error("diff: two directories or files, please: what was, "
			  "and what is");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int compare(const struct diff_args *a, const struct result *was,
		   const struct result *is)
{
	struct buf out = BUF_MAX(DIFF_MAX);
	int rc = EXIT_CONFORMS;
	struct diff d;

	diff_make(was, is, &d);
	(a->json ? diff_json : diff_text)(&d, was, is, &out);
	for (size_t k = 0; k < DIFF_COUNT; k++)
		if (a->fail_on[k] && d.count[k])
			rc = EXIT_FAILS;
	/* What nobody can believe is not compared. */
	if (was->trouble || is->trouble)
		rc = EXIT_TROUBLE;
	if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout)) {
		cli_error("standard output: %s", strerror(errno));
		rc = EXIT_TROUBLE;
	}
	diff_fini(&d);
	buf_fini(&out);
	return rc;
}

const struct argp diff_argp = {
	diff_options,
	parse_diff,
	"WAS IS",
	"Compare two results, each the directory of `ptcheck run --out` or a "
	"report.json.\v"
	"worse: good or a warning before, more than that now.  new: a finding "
	"that was not decided before.  open: good before, not decided now.  "
	"better: a finding that is mended, or less.  gone: a finding that is "
	"not decided now.  kept: not decided before, good now.  What the "
	"baseline of a run expects is good.\n\n"
	"Exit status: 0 nothing of --fail-on, 1 something, 2 usage or bad "
	"input file, 4 one of the runs cannot be believed.",
	NULL,
	NULL,
	NULL,
};

int cmd_diff(int argc, char **argv)
{
	struct diff_args a = {
		.fail_on = { [DIFF_worse] = true, [DIFF_new] = true },
	};
	struct result was, is;
	char name[] = "ptcheck diff";
	int rc = EXIT_USAGE;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&diff_argp, argc, argv, 0, NULL, &a);
	if (cli_read_result(a.path[0], &was))
		return EXIT_USAGE;
	if (cli_read_result(a.path[1], &is) == 0) {
		rc = compare(&a, &was, &is);
		arena_fini(&is.arena);
	}
	arena_fini(&was.arena);
	return rc;
}
