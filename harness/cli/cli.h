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
/* Add an expression to a selection, or say what is wrong and exit: with 3 where
 * it names nothing, else with 2. */
void cli_select(struct selection *sel, const char *arg, bool skip);
/* Of those requirements that @wanted has, one a line. */
typedef bool req_filter(const void *ctx, const struct req *r);
void cli_list(req_filter *wanted, const void *ctx);

/* "ptcheck: what went wrong", one line on stderr. */
void cli_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- what a run left: kept.c --- */

/* The result of an evidence directory or a report.json; 0, or -1 after saying
 * what is wrong.  Free with arena_fini(&r->arena). */
int cli_read_result(const char *path, struct result *r);
/* The trace of one piece of evidence in that directory; -1: it has none.  Free
 * with trace_fini(). */
int cli_read_trace(const char *dir, const struct evidence *ev, struct trace *t);

/* The launches of that directory with a frame that a filter of pcap-filter(7)
 * lets through, and those frames, to standard output; an exit status. */
int cli_frames(const char *dir, const char *filter);

/* --- results side by side: side.c --- */

#define SIDE_MAX 100

/* Of each "NAME=DIR", or DIR alone.  Starts as all zeros. */
struct side {
	const char *name[SIDE_MAX], *path[SIDE_MAX];
	size_t n;
};

/* "NAME=DIR" or what is there under that very name, kept and cut in two; 0, or
 * -1 after saying what is wrong. */
int side_add(struct side *s, const char *command, char *arg);
/* The page with all of them; 0, or -1 after saying which cannot be read. */
int side_page(const struct side *s, struct buf *out);

/* --- what they share: output.c, and writing.c for reports alone --- */

/* All findings of a hostile transport at their longest. */
#define REPORT_MAX (256u << 20)

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

/* "html", "html=FILE", "FILE.html"; 0, or -1 after saying what is wrong. */
int output_add(struct output_opts *o, const char *arg);
/* Before the work is done: do the options fit together, can the baseline be
 * read, and, where @part is an option that leaves out a part of the run, is none
 * written?  EXIT_CONFORMS, or EXIT_USAGE after saying what is wrong. */
int output_check(const struct output_opts *o, const char *part);
/* A report to its file, or standard output for "-"; 0, or -1 after saying what
 * is wrong. */
int output_put(const struct report_format *f, const char *file,
	       const struct buf *text);
/* Reports and text; 0, or -1 after saying what is wrong. */
int output_write(const struct output_opts *o, const struct result *r);
/* The baseline, all that, and decide the exit status. */
int output_finish(const struct output_opts *o, struct result *r);

/* Child parsers; their input is a struct output_opts.  The first has the second
 * in it. */
extern const struct argp output_argp, writing_argp;

#endif
