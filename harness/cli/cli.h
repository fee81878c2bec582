/*
 * cli.h - the subcommands.  Each takes its own argc/argv (argv[0] is what
 * error messages call it) and returns the exit status.
 */
#ifndef PTCHECK_CLI_CLI_H
#define PTCHECK_CLI_CLI_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "harness/report/result.h"
#include "harness/trace/trace.h"

/* Exit statuses; each has a test. */
enum {
	EXIT_CONFORMS = 0,
	EXIT_FAILS = 1,	  /* a fail (with --strict also a warn) */
	EXIT_USAGE = 2,	  /* usage, or a bad input file */
	EXIT_NOTHING = 3, /* nothing selected or exercised, or too few */
	EXIT_TROUBLE = 4, /* harness or environment */
	EXIT_STALE = 5,	  /* stale baseline */
	EXIT_INTERRUPTED = 130,
};

/* X(name, what it does): cmd_NAME() and what it takes, NAME_argp.  The usage,
 * ptcheck(1) and the completion of shells follow from this and from these. */
#define COMMANDS(X)                                              \
	X(run, "launch a transport, record, judge, report")      \
	X(judge, "judge stored evidence again, launch nothing")  \
	X(report, "write reports from a result that is kept")    \
	X(diff, "compare two results: better, worse, new, gone") \
	X(merge, "put the shards of a run together")             \
	X(matrix, "print a page with many results side by side") \
	X(repro, "print a shell script that shows a finding")    \
	X(list, "list all requirements, covered or not")         \
	X(explain, "say what a requirement checks, and how")     \
	X(completion, "print the completion of a shell")         \
	X(manual, "print ptcheck(1) or ptcheck-requirements(7)")

#define X(name, what)                          \
	int cmd_##name(int argc, char **argv); \
	extern const struct argp name##_argp;
COMMANDS(X)
#undef X

struct command {
	const char *name, *what;
	int (*run)(int argc, char **argv);
	const struct argp *argp;
};

/* Ends with a NULL name. */
extern const struct command commands[];

/* What a command takes, those of its children as well: @fn for each option
 * that is shown. */
void each_option(const struct argp *argp,
		 void (*fn)(void *ctx, const struct argp_option *o), void *ctx);

struct selection;
/* The requirements of a selection, one a line. */
void cli_list(const struct selection *sel);

/* "ptcheck: what went wrong", one line on stderr. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- what a run left: kept.c --- */

/* The result of an evidence directory or a report.json; 0, or -1 after saying
 * what is wrong.  Free with arena_fini(&r->arena). */
int cli_read_result(const char *path, struct result *r);
/* The trace of one piece of evidence in that directory; -1: it has none.  Free
 * with trace_fini(). */
int cli_read_trace(const char *dir, const struct evidence *ev, struct trace *t);

/* --- what they share: output.c, and writing.c for reports alone --- */

#define OUTPUTS_MAX 16

struct output_opts {
	struct {
		const struct report_format *format;
		const char *file; /* "-" is standard output */
	} report[OUTPUTS_MAX];
	size_t n;
	const char *baseline;
	bool update_baseline, strict, verbose, quiet;
	bool keep; /* the report.json of the run's directory is written here */
	size_t min_requirements;
};

/* "html", "html=FILE"; 0, or -1 after saying what is wrong. */
int output_add(struct output_opts *o, const char *arg);
/* Before the work is done: do the options fit together, can the baseline be
 * read, and, where @part is an option that leaves out a part of the run, is none
 * written?  EXIT_CONFORMS, or EXIT_USAGE after saying what is wrong. */
int output_check(const struct output_opts *o, const char *part);
/* Reports and text; 0, or -1 after saying what is wrong. */
int output_write(const struct output_opts *o, const struct result *r);
/* The baseline, all that, and decide the exit status. */
int output_finish(const struct output_opts *o, struct result *r);

/* Child parsers; their input is a struct output_opts.  The first has the second
 * in it. */
extern const struct argp output_argp, writing_argp;

#endif
