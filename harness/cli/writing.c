/* writing.c - reports and the text of the terminal, to files and streams. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/cli/cli.h"

static const struct argp_option options[] = {
	{ "report", 'r', "FORMAT[=FILE]|FILE", 0,
	  "Write a report, in one of the formats below; any number of "
	  "times. Without FILE, or with -, to standard output (and then no "
	  "text). FILE alone says its format by how its name ends",
	  0 },
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
	const struct report_format *by_end = report_find_file(arg);
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
	if (!eq && !o->report[o->n].format && by_end) {
		o->report[o->n].format = by_end;
		o->report[o->n].file = arg;
	}
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

	switch (key) {
	case 'r':
		if (output_add(o, arg))
			exit(EXIT_USAGE);
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
		buf_addf(&b, f->ending ? "  %-8s %s (FILE%s)\n" : "  %-8s %s\n",
			 f->name, f->what, f->ending);
	all = strdup(buf_cstr(&b));
	buf_fini(&b);
	return all;
}

const struct argp writing_argp = {
	options, parse, NULL, NULL, NULL, help, NULL
};

/* All of @text, and nothing left in the buffers: a full disk may show at
 * either end.  0, or -1 with errno. */
static int write_all(FILE *f, const struct buf *text)
{
	return fwrite(text->p, 1, text->n, f) == text->n && fflush(f) == 0 ? 0
									   : -1;
}

int output_put(const struct report_format *f, const char *file,
	       const struct buf *text)
{
	bool std = strcmp(file, "-") == 0;
	FILE *to = std ? stdout : fopen(file, "we");
	int rc = 0;

	if (!to) {
		cli_error("--report %s=%s: %s", f->name, file, strerror(errno));
		return -1;
	}
	if (write_all(to, text)) {
		cli_error("--report %s=%s: %s", f->name, file, strerror(errno));
		rc = -1;
	}
	if (!std)
		fclose(to);
	return rc;
}

static int write_report(const struct report_format *f, const char *file,
			const struct result *r)
{
	struct buf out = BUF_MAX(REPORT_MAX);
	int rc;

	f->write(r, &out);
	rc = output_put(f, file, &out);
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

int output_write(const struct output_opts *o, const struct result *r)
{
	bool said = o->quiet;

	for (size_t i = 0; i < o->n; i++) {
		said |= strcmp(o->report[i].file, "-") == 0;
		if (write_report(o->report[i].format, o->report[i].file, r))
			return -1;
	}
	return said ? 0 : write_text(o, r);
}
