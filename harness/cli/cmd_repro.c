/* cmd_repro.c - ptcheck repro: a finding as a shell script. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/report/repro.h"

/* The longest script of a trace. */
#define SCRIPT_MAX (64u << 20)

struct repro_args {
	const char *id, *dir;
};

static error_t parse_repro(int key, char *arg, struct argp_state *state)
{
	struct repro_args *a = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (a->dir)
			return ARGP_ERR_UNKNOWN;
		*(a->id ? &a->dir : &a->id) = arg;
		return 0;
	case ARGP_KEY_END:
		if (a->dir)
			return 0;
		cli_error("repro: a requirement and a directory, please");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp repro_argp = {
	NULL,
	parse_repro,
	"ID DIR",
	"Print a POSIX shell script that shows a finding again: of the "
	"transport alone where that is enough, which needs no ptcheck, and "
	"else as the one command of ptcheck.\v"
	"sh SCRIPT [TRANSPORT [ARG...]] plays it with another one.  Exit "
	"status of a script that needs no ptcheck: 1 it is as it was found, 0 "
	"it is not, 2 trouble.",
	NULL,
	NULL,
	NULL,
};

static const struct result_row *find(const struct result *r, const char *id)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (strcmp(r->rows[i].req->id, id) == 0)
			return &r->rows[i];
	return NULL;
}

/* The first launch that can be shown; else the command. */
static void put_script(const char *dir, const struct result *r,
		       const struct result_row *row, struct buf *out)
{
	for (size_t i = 0; i < row->nevidence; i++) {
		struct trace t;
		bool own;

		if (cli_read_trace(dir, &row->evidence[i], &t))
			continue;
		buf_reset(out);
		own = repro_script(r, row, &row->evidence[i], &t, out);
		trace_fini(&t);
		if (own)
			return;
	}
	buf_reset(out);
	repro_script(r, row, NULL, NULL, out);
}

static int print_script(const struct repro_args *a, const struct result *r)
{
	const struct result_row *row = find(r, a->id);
	struct buf out = BUF_MAX(SCRIPT_MAX);
	int rc = EXIT_CONFORMS;

	if (!row || !row->repro[0]) {
		cli_error("repro: nothing was found about \"%s\" in %s", a->id,
			  a->dir);
		return EXIT_USAGE;
	}
	put_script(a->dir, r, row, &out);
	if (fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout)) {
		cli_error("standard output: %s", strerror(errno));
		rc = EXIT_TROUBLE;
	}
	buf_fini(&out);
	return rc;
}

int cmd_repro(int argc, char **argv)
{
	struct repro_args a = { 0 };
	char name[] = "ptcheck repro";
	struct result r;
	int rc;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&repro_argp, argc, argv, 0, NULL, &a);
	if (cli_read_result(a.dir, &r))
		return EXIT_USAGE;
	rc = print_script(&a, &r);
	arena_fini(&r.arena);
	return rc;
}
