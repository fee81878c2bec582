/* cmd_report.c - ptcheck report: any format, from a result that is kept. */
#include <stdlib.h>

#include "harness/cli/cli.h"

struct report_args {
	struct output_opts out;
	const char *path;
};

static error_t parse_report(int key, char *arg, struct argp_state *state)
{
	struct report_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		return 0;
	case ARGP_KEY_ARG:
		if (a->path) {
			cli_error("report: one directory or file, please");
			exit(EXIT_USAGE);
		}
		a->path = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_error("report: no directory given; "
			  "see ptcheck report --help");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child report_children[] = {
	{ &writing_argp, 0, "", 1 },
	{ 0 },
};

const struct argp report_argp = {
	NULL,
	parse_report,
	"DIR|REPORT.JSON",
	"Write reports from the verdicts that a run left, and judge nothing. "
	"Without --report the text of the terminal.\v"
	"Exit status: 0 written, 2 usage or bad input file, 4 trouble.  For "
	"the verdict as an exit status see `ptcheck judge`.",
	report_children,
	NULL,
	NULL,
};

int cmd_report(int argc, char **argv)
{
	struct report_args a = { 0 };
	struct result r = { 0 };
	char name[] = "ptcheck report";
	int rc;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&report_argp, argc, argv, 0, NULL, &a);
	if (cli_read_result(a.path, &r))
		return EXIT_USAGE;
	rc = output_write(&a.out, &r) ? EXIT_TROUBLE : EXIT_CONFORMS;
	arena_fini(&r.arena);
	return rc;
}
