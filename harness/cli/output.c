/* output.c - baseline and exit status, for run and judge alike. */
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/run/baseline/baseline.h"
#include "harness/run/evidence/evidence.h"

enum {
	KEY_BASELINE = 0x200,
	KEY_UPDATE,
	KEY_STRICT,
	KEY_MIN,
};

static const struct argp_option options[] = {
	{ "baseline", KEY_BASELINE, "FILE", 0,
	  "Findings that are expected, each with a reason; entries that are "
	  "stale, expired or unmatched are errors: ptcheck-baseline(5)",
	  0 },
	{ "update-baseline", KEY_UPDATE, NULL, 0,
	  "Write the findings of this run to the baseline, or without "
	  "--baseline to standard output; not those of a part of a run",
	  0 },
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

static int refuse_part(const struct output_opts *o, const char *part)
{
	if (!o->update_baseline || !part)
		return EXIT_CONFORMS;
	cli_error("--update-baseline: not with %s: what is left out may have "
		  "findings, too",
		  part);
	return EXIT_USAGE;
}

/* Standard output has one use. */
static int check_stdout(const struct output_opts *o)
{
	if (!o->update_baseline || o->baseline)
		return EXIT_CONFORMS;
	for (size_t i = 0; i < o->n; i++)
		if (strcmp(o->report[i].file, "-") == 0) {
			cli_error("--update-baseline without --baseline FILE "
				  "prints to standard output, and so does "
				  "--report %s",
				  o->report[i].format->name);
			return EXIT_USAGE;
		}
	return EXIT_CONFORMS;
}

int output_check(const struct output_opts *o, const char *part)
{
	struct err e = { 0 };

	if (refuse_part(o, part) || check_stdout(o))
		return EXIT_USAGE;
	if (o->baseline && !o->update_baseline &&
	    baseline_check(o->baseline, &e)) {
		cli_error("%s", e.msg);
		return EXIT_USAGE;
	}
	return EXIT_CONFORMS;
}

/* What later reports of this run, and comparisons with it, go by. */
static int keep_report(const struct result *r, struct err *e)
{
	struct buf json = BUF_MAX(64u << 20);
	int rc;

	report_find("json")->write(r, &json);
	rc = evidence_write(r->out_dir, "report.json", buf_span(&json), e);
	buf_fini(&json);
	return rc;
}

static int apply(const struct output_opts *o, struct result *r)
{
	struct buf told = BUF_MAX(1u << 20);
	struct err e = { 0 };
	int rc = baseline_apply(o->baseline, r, &told, &e) ? EXIT_USAGE : 0;

	if (told.n)
		fprintf(stderr, "%s", buf_cstr(&told));
	if (rc)
		cli_error("%s", e.msg);
	buf_fini(&told);
	return rc;
}

static int update(const struct output_opts *o, struct result *r)
{
	struct buf text = BUF_MAX(16u << 20);
	struct err e = { 0 };
	int rc;

	if (refuse_part(o, r->part))
		return EXIT_USAGE;
	if (o->baseline)
		rc = baseline_write(o->baseline, r, &e);
	else
		rc = baseline_text(NULL, r, &text, &e);
	if (rc)
		cli_error("%s", e.msg);
	else if (!o->baseline)
		fputs(buf_cstr(&text), stdout);
	buf_fini(&text);
	return rc ? EXIT_USAGE : 0;
}

int output_finish(const struct output_opts *o, struct result *r)
{
	struct output_opts with = *o;
	struct err e = { 0 };
	int rc = o->update_baseline ? update(o, r)
		 : o->baseline	    ? apply(o, r)
				    : 0;

	if (rc)
		return rc;
	if (o->keep && r->out_dir && keep_report(r, &e)) {
		cli_error("%s", e.msg);
		return EXIT_TROUBLE;
	}
	with.quiet |= o->update_baseline && !o->baseline;
	if (output_write(&with, r))
		return EXIT_TROUBLE;
	return o->update_baseline ? EXIT_CONFORMS : status(o, r);
}
