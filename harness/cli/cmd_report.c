/* cmd_report.c - ptcheck report: any format, from a result that is kept. */
#include <stdlib.h>

#include "harness/cli/cli.h"

enum { KEY_FILTER = 0x600 };

struct report_args {
	struct output_opts out;
	struct side dirs;
	const char *filter;
};

static const struct argp_option report_options[] = {
	{ "filter", KEY_FILTER, "FILTER", 0,
	  "Instead of a report list the launches whose capture has a frame "
	  "that this filter of pcap-filter(7) lets through, and those frames",
	  0 },
	{ 0 },
};

/* Several results are only ever put on one page. */
static void check(const struct report_args *a)
{
	size_t pages = 0;

	for (size_t i = 0; i < a->out.n; i++)
		pages += a->out.report[i].format == report_find("html");
	if (a->filter && a->dirs.n > 1)
		cli_error("--filter: one directory, please");
	else if (a->filter && a->out.n)
		cli_error("--filter lists frames and writes no --report");
	else if (!a->filter && a->dirs.n > 1 && (!pages || pages < a->out.n))
		cli_error("report: several results, %s and others, are put "
			  "side by side by --report html and nothing else",
			  a->dirs.path[0]);
	else
		return;
	exit(EXIT_USAGE);
}

static error_t parse_report(int key, char *arg, struct argp_state *state)
{
	struct report_args *a = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &a->out;
		return 0;
	case KEY_FILTER:
		a->filter = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (side_add(&a->dirs, "report", arg))
			exit(EXIT_USAGE);
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_error("report: no directory given; "
			  "see ptcheck report --help");
		exit(EXIT_USAGE);
	case ARGP_KEY_END:
		check(a);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child report_children[] = {
	{ &writing_argp, 0, "", 1 },
	{ 0 },
};

const struct argp report_argp = {
	report_options,
	parse_report,
	"[NAME=]DIR|REPORT.JSON...",
	"Write reports from the verdicts that a run left, and judge nothing. "
	"Without --report the text of the terminal. Of several DIRs, html is "
	"a page with them side by side, a column each, to choose among "
	"transports or versions.\v"
	"Exit status: 0 written, 2 usage or bad input file, 3 no frame that "
	"--filter wants, 4 trouble.  For "
	"the verdict as an exit status see `ptcheck judge`.",
	report_children,
	NULL,
	NULL,
};

static int write_side(const struct report_args *a)
{
	struct buf page = BUF_MAX(REPORT_MAX);
	int rc = side_page(&a->dirs, &page) ? EXIT_USAGE : EXIT_CONFORMS;

	for (size_t i = 0; i < a->out.n && rc == EXIT_CONFORMS; i++)
		if (output_put(a->out.report[i].format, a->out.report[i].file,
			       &page))
			rc = EXIT_TROUBLE;
	buf_fini(&page);
	return rc;
}

int cmd_report(int argc, char **argv)
{
	struct report_args a = { 0 };
	struct result r = { 0 };
	char name[] = "ptcheck report";
	int rc;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&report_argp, argc, argv, 0, NULL, &a);
	if (a.filter)
		return cli_frames(a.dirs.path[0], a.filter);
	if (a.dirs.n > 1)
		return write_side(&a);
	if (cli_read_result(a.dirs.path[0], &r))
		return EXIT_USAGE;
	rc = output_write(&a.out, &r) ? EXIT_TROUBLE : EXIT_CONFORMS;
	arena_fini(&r.arena);
	return rc;
}
