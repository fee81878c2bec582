/* cmd_matrix.c - ptcheck matrix: many transports or versions side by side. */
#include <stdlib.h>

#include "harness/cli/cli.h"

static error_t parse_matrix(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_ARG:
		if (side_add(state->input, "matrix", arg))
			exit(EXIT_USAGE);
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_error("matrix: no directory given; "
			  "see ptcheck matrix --help");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp matrix_argp = {
	NULL,
	parse_matrix,
	"[NAME=]DIR|REPORT.JSON...",
	"Print an HTML page with the results of any number of runs side by "
	"side, one column for each, to choose among transports or versions: "
	"what `ptcheck report --report html` makes of several, and of one a "
	"single column.",
	NULL,
	NULL,
	NULL,
};

int cmd_matrix(int argc, char **argv)
{
	struct buf page = BUF_MAX(REPORT_MAX);
	struct side s = { 0 };
	char name[] = "ptcheck matrix";
	int rc;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&matrix_argp, argc, argv, 0, NULL, &s);
	if (side_page(&s, &page))
		rc = EXIT_USAGE;
	else
		rc = output_put(report_find("html"), "-", &page)
			     ? EXIT_TROUBLE
			     : EXIT_CONFORMS;
	buf_fini(&page);
	return rc;
}
