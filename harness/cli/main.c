/* main.c - ptcheck: which subcommand. */
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *what;
} commands[] = {
	{ "run", cmd_run, "launch a transport, record, judge, report" },
	{ "judge", cmd_judge, "judge stored evidence again, launch nothing" },
	{ "report", cmd_report, "write reports from a result that is kept" },
	{ "diff", cmd_diff, "compare two results: better, worse, new, gone" },
	{ "repro", cmd_repro, "print a shell script that shows a finding" },
	{ "list", cmd_list, "list all requirements, covered or not" },
	{ "explain", cmd_explain, "say what a requirement checks, and how" },
};

/* Room for a trace of some MiB; and what is taken from the kernel at once. */
#define KEPT_BYTES (32 << 20)
#define PIECE_BYTES (1 << 20)

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

void cli_error(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fputs("ptcheck: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void usage(FILE *f)
{
	fputs("Usage: ptcheck COMMAND [OPTION...]\n"
	      "Conformance harness for Tor pluggable transports.\n\n",
	      f);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(f, "  %-9s %s\n", commands[i].name, commands[i].what);
	fputs("\nCheck your transport: ptcheck run --transport NAME -- "
	      "./your-transport\n"
	      "`ptcheck COMMAND --help` tells more.\n",
	      f);
}

/*
 * One trace after the other takes some memory and gives it back.  What went
 * back to the kernel each time would come again page by page, which costs a
 * fifth of all judging.
 */
static void keep_memory(void)
{
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, KEPT_BYTES);
	mallopt(M_TOP_PAD, PIECE_BYTES);
}

int main(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : "";

	keep_memory();
	argp_program_version = "ptcheck " PTCHECK_VERSION;
	if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0) {
		usage(stdout);
		return 0;
	}
	if (strcmp(word, "--version") == 0) {
		puts("ptcheck " PTCHECK_VERSION);
		return 0;
	}
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(word, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (word[0])
		cli_error("\"%s\" is no command; see ptcheck --help", word);
	else
		usage(stderr);
	return EXIT_USAGE;
}
