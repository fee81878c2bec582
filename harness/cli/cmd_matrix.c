/* cmd_matrix.c - ptcheck matrix: many transports or versions side by side. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/report/html/matrix.h"

#define COLUMNS_MAX 100
#define PAGE_MAX (256u << 20)

struct matrix_args {
	/* Of each "NAME=DIR", or DIR alone. */
	const char *name[COLUMNS_MAX], *path[COLUMNS_MAX];
	size_t n;
};

static error_t parse_matrix(int key, char *arg, struct argp_state *state)
{
	struct matrix_args *a = state->input;
	char *eq;

	switch (key) {
	case ARGP_KEY_ARG:
		if (a->n == COLUMNS_MAX) {
			cli_error("matrix: at most %d results", COLUMNS_MAX);
			exit(EXIT_USAGE);
		}
		eq = strchr(arg, '=');
		if (eq)
			*eq = '\0';
		a->name[a->n] = arg;
		a->path[a->n++] = eq ? eq + 1 : arg;
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
	"side, one column for each, to choose among transports or versions.",
	NULL,
	NULL,
	NULL,
};

int cmd_matrix(int argc, char **argv)
{
	struct buf out = BUF_MAX(PAGE_MAX);
	struct result r[COLUMNS_MAX];
	struct matrix_args a = { 0 };
	char name[] = "ptcheck matrix";
	int rc = EXIT_CONFORMS;
	size_t n = 0;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&matrix_argp, argc, argv, 0, NULL, &a);
	for (; n < a.n; n++)
		if (cli_read_result(a.path[n], &r[n]))
			break;
	if (n < a.n) {
		rc = EXIT_USAGE;
	} else {
		html_matrix(r, a.name, n, &out);
		if (fwrite(out.p, 1, out.n, stdout) != out.n ||
		    fflush(stdout)) {
			cli_error("standard output: %s", strerror(errno));
			rc = EXIT_TROUBLE;
		}
	}
	for (size_t i = 0; i < n; i++)
		arena_fini(&r[i].arena);
	buf_fini(&out);
	return rc;
}
