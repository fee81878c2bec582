/* output.c - baseline and exit status, for run and judge alike. */
#include <stdlib.h>

#include "harness/cli/cli.h"
#include "harness/run/baseline.h"

enum {
	KEY_BASELINE = 0x200,
	KEY_UPDATE,
	KEY_STRICT,
	KEY_MIN,
};

static const struct argp_option options[] = {
	{ "baseline", KEY_BASELINE, "FILE", 0,
	  "Findings that are expected, each with a reason; stale entries are "
	  "errors",
	  0 },
	{ "update-baseline", KEY_UPDATE, NULL, 0,
	  "Write the findings of this run to the baseline", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "A warn counts like a fail", 0 },
	{ "min-requirements", KEY_MIN, "N", 0,
	  "Exit 3 when fewer requirements were exercised", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct output_opts *o = state->input;
	char *end;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = o;
		return 0;
	case KEY_BASELINE:
		o->baseline = arg;
		return 0;
	case KEY_UPDATE:
		o->update_baseline = true;
		return 0;
	case KEY_STRICT:
		o->strict = true;
		return 0;
	case KEY_MIN:
		o->min_requirements = strtoul(arg, &end, 10);
		if (*end || !*arg || *arg == '-') {
			cli_error("--min-requirements: \"%s\" is no number",
				  arg);
			exit(EXIT_USAGE);
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &writing_argp, 0, "", 1 },
	{ 0 },
};

const struct argp output_argp = { options,  parse, NULL, NULL,
				  children, NULL,  NULL };

/* Rows that something was launched for. */
static size_t exercised(const struct result *r)
{
	return r->count[V_PASS] + r->count[V_INFO] + r->count[V_WARN] +
	       r->count[V_FAIL] + r->count[V_INCONCLUSIVE];
}

static bool has(const struct result *r, enum verdict v)
{
	for (size_t i = 0; i < r->nrows; i++)
		if (r->rows[i].verdict == v && !r->rows[i].expected_fail)
			return true;
	return false;
}

static int status(const struct output_opts *o, const struct result *r)
{
	if (r->stale)
		return EXIT_STALE;
	if (has(r, V_FAIL) || (o->strict && has(r, V_WARN)))
		return EXIT_FAILS;
	if (exercised(r) == 0) {
		cli_error(r->nrows ? "nothing that was selected was exercised"
				   : "nothing was selected");
		return EXIT_NOTHING;
	}
	if (exercised(r) < o->min_requirements) {
		cli_error("%zu requirements were exercised, "
			  "--min-requirements wants %zu",
			  exercised(r), o->min_requirements);
		return EXIT_NOTHING;
	}
	return EXIT_CONFORMS;
}

int output_check(const struct output_opts *o)
{
	struct err e = { 0 };

	if (!o->baseline && o->update_baseline) {
		cli_error("--update-baseline needs --baseline FILE");
		return EXIT_USAGE;
	}
	if (o->baseline && !o->update_baseline &&
	    baseline_check(o->baseline, &e)) {
		cli_error("%s", e.msg);
		return EXIT_USAGE;
	}
	return EXIT_CONFORMS;
}

/* 0, or an exit status. */
static int use_baseline(const struct output_opts *o, struct result *r)
{
	struct buf stale = BUF_MAX(1u << 20);
	struct err e = { 0 };
	int rc = 0;

	if (!o->baseline)
		return 0;
	if (o->update_baseline)
		rc = baseline_write(o->baseline, r, &e);
	else
		rc = baseline_apply(o->baseline, r, &stale, &e);
	if (rc)
		cli_error("%s", e.msg);
	if (stale.n)
		fprintf(stderr, "%s", buf_cstr(&stale));
	buf_fini(&stale);
	return rc ? EXIT_USAGE : 0;
}

int output_finish(const struct output_opts *o, struct result *r)
{
	int rc = use_baseline(o, r);

	if (rc)
		return rc;
	if (output_write(o, r))
		return EXIT_TROUBLE;
	return o->update_baseline ? EXIT_CONFORMS : status(o, r);
}
