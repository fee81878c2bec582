/* main.c - ptcheck: which subcommand. */
#include <malloc.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"

const struct command commands[] = {
#define X(n, w) { #n, w, cmd_##n, &n##_argp },
	COMMANDS(X)
#undef X
		{ NULL, NULL, NULL, NULL },
};

/* Room for a trace of some MiB; and what is taken from the kernel at once. */
#define KEPT_BYTES (32 << 20)
#define PIECE_BYTES (1 << 20)

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

void each_option(const struct argp *argp,
		 void (*fn)(void *ctx, const struct argp_option *o), void *ctx)
{
	for (const struct argp_option *o = argp->options;
	     o && (o->name || o->key || o->doc); o++)
		if (o->name && !(o->flags & OPTION_HIDDEN))
			fn(ctx, o);
	for (const struct argp_child *c = argp->children; c && c->argp; c++)
		each_option(c->argp, fn, ctx);
}

static void usage(FILE *f)
{
	fputs("Usage: ptcheck COMMAND [OPTION...]\n"
	      "Conformance harness for Tor pluggable transports.\n\n",
	      f);
	for (const struct command *c = commands; c->name; c++)
		fprintf(f, "  %-11s%s\n", c->name, c->what);
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
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(word, c->name) == 0)
			return c->run(argc - 1, argv + 1);
	if (word[0])
		cli_error("\"%s\" is no command; see ptcheck --help", word);
	else
		usage(stderr);
	return EXIT_USAGE;
}
