/* output.c - reports, baseline and exit status, for run and judge alike. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/cli/cli.h"
#include "harness/run/baseline.h"

/* All findings of a hostile transport at their longest. */
#define REPORT_MAX (256u << 20)

enum {
	KEY_BASELINE = 0x200,
	KEY_UPDATE,
	KEY_STRICT,
	KEY_MIN,
};

static const struct argp_option options[] = {
	{ "report", 'r', "FORMAT[=FILE]", 0,
	  "Also write a report, in one of the formats below; any number of "
	  "times. Without FILE, or with -, to standard output (and then no "
	  "text)",
	  0 },
	{ "baseline", KEY_BASELINE, "FILE", 0,
	  "Findings that are expected, each with a reason; stale entries are "
	  "errors",
	  0 },
	{ "update-baseline", KEY_UPDATE, NULL, 0,
	  "Write the findings of this run to the baseline", 0 },
	{ "strict", KEY_STRICT, NULL, 0, "A warn counts like a fail", 0 },
	{ "min-requirements", KEY_MIN, "N", 0,
	  "Exit 3 when fewer requirements were exercised", 0 },
	{ "verbose", 'v', NULL, 0, "Show every requirement", 0 },
	{ "quiet", 'q', NULL, 0, "No text but errors", 0 },
	{ 0 },
};

/* Before a run of seconds, not after it: can that file be written? */
static bool writable(const char *file)
{
	char dir[4096];
	char *slash;

	if (strcmp(file, "-") == 0)
		return true;
	if (access(file, F_OK) == 0)
		return access(file, W_OK) == 0;
	snprintf(dir, sizeof(dir), "%s", file);
	slash = strrchr(dir, '/');
	if (!slash)
		return access(".", W_OK) == 0;
	slash[slash == dir] = '\0';
	return access(dir, W_OK) == 0;
}

static void complain_format(const char *name)
{
	struct buf known = BUF_MAX(1000);

	for (const struct report_format *f = report_formats; f->name; f++)
		buf_addf(&known, "%s%s", known.n ? ", " : "", f->name);
	cli_error("--report: \"%s\" is none of the formats %s", name,
		  buf_cstr(&known));
	buf_fini(&known);
}

int output_add(struct output_opts *o, const char *arg)
{
	const char *eq = strchr(arg, '=');
	char name[32];

	if (o->n == OUTPUTS_MAX) {
		cli_error("--report: at most %d of them", OUTPUTS_MAX);
		return -1;
	}
	snprintf(name, sizeof(name), "%.*s",
		 eq ? (int)(eq - arg) : (int)strlen(arg), arg);
	o->report[o->n].format = report_find(name);
	o->report[o->n].file = eq ? eq + 1 : "-";
	if (!o->report[o->n].format) {
		complain_format(name);
		return -1;
	}
	if (!o->report[o->n].file[0]) {
		cli_error("--report %s: the file has no name", arg);
		return -1;
	}
	if (!writable(o->report[o->n].file)) {
		cli_error("--report %s: %s", arg, strerror(errno));
		return -1;
	}
	o->n++;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct output_opts *o = state->input;
	char *end;

	switch (key) {
	case 'r':
		if (output_add(o, arg))
			exit(EXIT_USAGE);
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
	case 'v':
		o->verbose = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The table of formats, behind the options; argp frees the text. */
static char *help(int key, const char *text, void *input)
{
	struct buf b = BUF_MAX(4000);
	char *all;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	buf_adds(&b, "Formats of reports:\n");
	for (const struct report_format *f = report_formats; f->name; f++)
		buf_addf(&b, "  %-6s %s\n", f->name, f->what);
	all = strdup(buf_cstr(&b));
	buf_fini(&b);
	return all;
}

const struct argp output_argp = {
	options, parse, NULL, NULL, NULL, help, NULL
};

/* All of @text, and nothing left in the buffers: a full disk may show at
 * either end.  0, or -1 with errno. */
static int write_all(FILE *f, const struct buf *text)
{
	return fwrite(text->p, 1, text->n, f) == text->n && fflush(f) == 0 ? 0
									   : -1;
}

static int write_report(const struct report_format *f, const char *file,
			const struct result *r)
{
	struct buf out = BUF_MAX(REPORT_MAX);
	bool std = strcmp(file, "-") == 0;
	FILE *to = std ? stdout : fopen(file, "we");
	int rc = 0;

	if (!to) {
		cli_error("--report %s=%s: %s", f->name, file, strerror(errno));
		return -1;
	}
	f->write(r, &out);
	if (write_all(to, &out)) {
		cli_error("--report %s=%s: %s", f->name, file, strerror(errno));
		rc = -1;
	}
	if (!std)
		fclose(to);
	buf_fini(&out);
	return rc;
}

static int write_text(const struct output_opts *o, const struct result *r)
{
	const char *no_colour = getenv("NO_COLOR");
	struct term_style st = {
		.colour = isatty(STDOUT_FILENO) && !(no_colour && no_colour[0]),
		.width = 80,
		.verbose = o->verbose,
	};
	struct buf out = BUF_MAX(REPORT_MAX);
	struct winsize ws;
	int rc = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col >= 40)
		st.width = ws.ws_col < 120 ? ws.ws_col : 120;
	report_term(r, &st, &out);
	if (write_all(stdout, &out)) {
		cli_error("standard output: %s", strerror(errno));
		rc = -1;
	}
	buf_fini(&out);
	return rc;
}

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
	bool text = !o->quiet;
	int rc = use_baseline(o, r);

	if (rc)
		return rc;
	for (size_t i = 0; i < o->n; i++) {
		if (strcmp(o->report[i].file, "-") == 0)
			text = false;
		if (write_report(o->report[i].format, o->report[i].file, r))
			return EXIT_TROUBLE;
	}
	if (text && write_text(o, r))
		return EXIT_TROUBLE;
	if (o->update_baseline)
		return EXIT_CONFORMS;
	return status(o, r);
}
