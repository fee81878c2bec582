/*
 * cmd_completion.c - ptcheck completion: for bash, zsh and fish, from the
 * tables of commands, options, formats and requirements.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/req/core/req.h"

struct completion_args {
	const char *shell;
};

static error_t parse_completion(int key, char *arg, struct argp_state *state)
{
	struct completion_args *a = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (a->shell)
			return ARGP_ERR_UNKNOWN;
		a->shell = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_error("completion: bash, zsh or fish?");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp completion_argp = {
	NULL,
	parse_completion,
	"bash|zsh|fish",
	"Print what completes the command line in a shell.  For bash: "
	"`. <(ptcheck completion bash)`; for zsh the same behind `autoload -U "
	"compinit bashcompinit; compinit; bashcompinit`; for fish `ptcheck "
	"completion fish | source`.",
	NULL,
	NULL,
	NULL,
};

static void put_option(void *ctx, const struct argp_option *o)
{
	(void)ctx;
	printf(" --%s%s", o->name, o->arg ? "=" : "");
}

static void put_names(void)
{
	for (const struct command *c = commands; c->name; c++)
		printf(" %s", c->name);
}

static void put_formats(const char *behind)
{
	for (const struct report_format *f = report_formats; f->name; f++)
		printf(" %s%s", f->name, behind);
}

static void put_ids(void)
{
	for_reqs (r)
		printf(" %s", r->id);
}

/* zsh understands it by bashcompinit. */
static void put_bash(void)
{
	printf("_ptcheck() {\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=\n"
	       "\tlocal before=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tif [ \"$before\" = '=' ]; then "
	       "before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	       "\tif [ \"$cur\" = '=' ]; then cur=; fi\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords='");
	put_names();
	printf("'\n\telse case $before in\n"
	       "\t-s|--select|--skip|explain|repro) words='");
	put_ids();
	printf("';;\n\t-r|--report) words='");
	put_formats("");
	printf("';;\n\t*) case ${COMP_WORDS[1]} in\n");
	for (const struct command *c = commands; c->name; c++) {
		printf("\t\t%s) words='", c->name);
		each_option(c->argp, put_option, NULL);
		printf(" --help';;\n");
	}
	printf("\t\tesac;;\n\tesac; fi\n"
	       "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	       "}\n"
	       "complete -o default -o nospace -F _ptcheck ptcheck\n");
}

/* A word in single quotes. */
static void put_quoted(const char *s)
{
	putchar('\'');
	for (; *s; s++)
		printf(strchr("'\\", *s) ? "\\%c" : "%c", *s);
	putchar('\'');
}

static void put_fish_option(void *ctx, const struct argp_option *o)
{
	const struct command *c = ctx;

	printf("complete -c ptcheck -n '__fish_seen_subcommand_from %s' -l %s",
	       c->name, o->name);
	if (o->key > ' ' && o->key < 0x7f)
		printf(" -s %c", o->key);
	if (o->arg)
		printf(" -r");
	if (strcmp(o->name, "select") == 0 || strcmp(o->name, "skip") == 0) {
		printf(" -a '");
		put_ids();
		printf("'");
	} else if (strcmp(o->name, "report") == 0) {
		printf(" -a '");
		put_formats("");
		printf("'");
	}
	printf(" -d ");
	put_quoted(o->doc ? o->doc : "");
	putchar('\n');
}

static void put_fish(void)
{
	for (const struct command *c = commands; c->name; c++) {
		printf("complete -c ptcheck -n __fish_use_subcommand -a %s -d ",
		       c->name);
		put_quoted(c->what);
		putchar('\n');
		each_option(c->argp, put_fish_option, (void *)c);
	}
	printf("complete -c ptcheck -n '__fish_seen_subcommand_from explain "
	       "repro' -a '");
	put_ids();
	printf("'\n");
}

int cmd_completion(int argc, char **argv)
{
	struct completion_args a = { 0 };
	char name[] = "ptcheck completion";

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&completion_argp, argc, argv, 0, NULL, &a);
	if (strcmp(a.shell, "bash") == 0 || strcmp(a.shell, "zsh") == 0) {
		put_bash();
	} else if (strcmp(a.shell, "fish") == 0) {
		put_fish();
	} else {
		cli_error("completion: \"%s\" is none of bash, zsh, fish",
			  a.shell);
		return EXIT_USAGE;
	}
	return EXIT_CONFORMS;
}
