/*
 * cmd_completion.c - ptcheck completion: for bash, zsh and fish, from the
 * tables of commands, options, formats and requirements.  What an option takes
 * is told by the word for it in --help.
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
	"compinit; compinit`, or as the file _ptcheck in fpath; for fish "
	"`ptcheck completion fish | source`.",
	NULL,
	NULL,
	NULL,
};

/* --- what can stand in a place --- */

enum kind { ANYTHING, FILES, TERMS, FORMATS, ROLES, SPECS };

static enum kind kind_of(const struct argp_option *o)
{
	static const struct {
		const char *arg;
		enum kind kind;
	} words[] = {
		{ "EXPR", TERMS }, { "FORMAT[=FILE]|FILE", FORMATS },
		{ "ROLE", ROLES }, { "VERSION", SPECS },
		{ "FILE", FILES }, { "DIR", FILES },
		{ "PROG", FILES },
	};

	for (size_t i = 0; o->arg && i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(o->arg, words[i].arg) == 0)
			return words[i].kind;
	return ANYTHING;
}

static bool takes_id(const struct command *c)
{
	return strcmp(c->name, "explain") == 0 || strcmp(c->name, "repro") == 0;
}

static bool is_short(const struct argp_option *o)
{
	return o->key > ' ' && o->key < 0x7f;
}

static void put_names(void)
{
	for (const struct command *c = commands; c->name; c++)
		printf(" %s", c->name);
}

static void put_ids(void)
{
	for_reqs (r)
		printf(" %s", r->id);
}

/* The words of a kind, each behind a blank. */
static void put_words(enum kind kind)
{
	switch (kind) {
	case TERMS:
		put_ids();
		break;
	case FORMATS:
		for (const struct report_format *f = report_formats; f->name;
		     f++)
			printf(" %s", f->name);
		break;
	case ROLES:
		printf(" both client server");
		break;
	case SPECS:
		printf(" auto 1.0 2.0");
		break;
	case ANYTHING:
	case FILES:
		break;
	}
}

/* A text in single quotes, with a backslash before each of @special. */
static void put_quoted(const char *s, const char *special)
{
	putchar('\'');
	for (; s && *s; s++)
		if (strchr(special, *s))
			printf("\\%c", *s);
		else
			printf(*s == '\'' ? "'\\''" : "%c", *s);
	putchar('\'');
}

/* --- bash --- */

static void put_bash_option(void *ctx, const struct argp_option *o)
{
	(void)ctx;
	printf(" --%s%s", o->name, o->arg ? "=" : "");
}

static void put_bash_value(void *ctx, const struct argp_option *o)
{
	(void)ctx;
	if (kind_of(o) <= TERMS) /* those of all commands are told before */
		return;
	if (is_short(o))
		printf("\t-%c|--%s) words='", o->key, o->name);
	else
		printf("\t--%s) words='", o->name);
	put_words(kind_of(o));
	printf("';;\n");
}

/* Selections go on behind a comma and a "!". */
static void put_bash(void)
{
	printf("_ptcheck() {\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words= first=\n"
	       "\tlocal before=${COMP_WORDS[COMP_CWORD-1]}\n"
	       "\tif [ \"$before\" = '=' ]; then "
	       "before=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	       "\tif [ \"$cur\" = '=' ]; then cur=; fi\n"
	       "\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\twords='");
	put_names();
	printf("'\n\telse case $before in\n"
	       "\t-s|--select|--skip|explain|repro) words='");
	put_ids();
	printf("'\n\t\tfirst=${cur%%\"${cur##*[,!]}\"} cur=${cur##*[,!]};;\n");
	each_option(&run_argp, put_bash_value, NULL);
	printf("\tcompletion) words='bash zsh fish';;\n"
	       "\t*) case ${COMP_WORDS[1]} in\n");
	for (const struct command *c = commands; c->name; c++) {
		printf("\t\t%s) words='", c->name);
		each_option(c->argp, put_bash_option, NULL);
		printf(" --help';;\n");
	}
	printf("\t\tesac;;\n\tesac; fi\n"
	       "\tCOMPREPLY=($(compgen -P \"$first\" -W \"$words\" -- "
	       "\"$cur\"))\n"
	       "}\n"
	       "complete -o default -o nospace -F _ptcheck ptcheck\n");
}

/* --- zsh --- */

/* What `_arguments` is told of the value of an option. */
static void put_zsh_value(const struct argp_option *o)
{
	enum kind kind = kind_of(o);

	printf("':%s:", o->arg);
	if (kind == FILES)
		printf("_files");
	else if (kind == TERMS)
		printf("_ptcheck_ids");
	else if (kind == FORMATS)
		printf("_ptcheck_formats");
	else if (kind != ANYTHING) {
		printf("(");
		put_words(kind);
		printf(")");
	} else
		printf(" ");
	printf("'");
}

static void put_zsh_option(void *ctx, const struct argp_option *o)
{
	(void)ctx;
	for (int is_long = !is_short(o); is_long <= 1; is_long++) {
		if (is_long)
			printf(" \\\n\t\t\t'*--%s%s['", o->name,
			       o->arg ? "=" : "");
		else
			printf(" \\\n\t\t\t'*-%c%s['", o->key,
			       o->arg ? "+" : "");
		put_quoted(o->doc, "[]:\\");
		printf("']'");
		if (o->arg)
			put_zsh_value(o);
	}
}

static void put_zsh(void)
{
	printf("#compdef ptcheck\n"
	       "compdef _ptcheck ptcheck 2>/dev/null\n\n"
	       "_ptcheck_ids() {\n"
	       "\tcompset -P '*[,!]'\n"
	       "\tcompadd -qS , --");
	put_ids();
	printf("\n}\n\n_ptcheck_formats() {\n"
	       "\tif compset -P '*='; then _files; else compadd -qS = --");
	put_words(FORMATS);
	printf("; fi\n}\n\n_ptcheck() {\n"
	       "\tlocal curcontext=$curcontext state line\n"
	       "\t_arguments -C '1:command:->command' '*::argument:->rest'\n"
	       "\tif [[ $state = command ]]; then\n"
	       "\t\tlocal -a commands=(");
	for (const struct command *c = commands; c->name; c++) {
		printf("\n\t\t\t'%s:'", c->name);
		put_quoted(c->what, ":\\");
	}
	printf(")\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	       "\tcase $words[1] in\n");
	for (const struct command *c = commands; c->name; c++) {
		printf("\t%s) _arguments -s '--help[Give this help list]'",
		       c->name);
		each_option(c->argp, put_zsh_option, NULL);
		if (takes_id(c))
			printf(" \\\n\t\t\t'1:id:_ptcheck_ids'");
		if (c->argp == &completion_argp)
			printf(" \\\n\t\t\t'1:shell:(bash zsh fish)'");
		printf(" \\\n\t\t\t'*:file:_files';;\n");
	}
	printf("\tesac\n}\n\n"
	       "if [[ $funcstack[1] = _ptcheck ]]; then _ptcheck \"$@\"; fi\n");
}

/* --- fish --- */

static void put_fish_option(void *ctx, const struct argp_option *o)
{
	const struct command *c = ctx;
	enum kind kind = kind_of(o);

	printf("complete -c ptcheck -n '__fish_seen_subcommand_from %s' -l %s",
	       c->name, o->name);
	if (is_short(o))
		printf(" -s %c", o->key);
	if (o->arg)
		printf(kind == FILES || kind == FORMATS ? " -r" : " -x");
	if (kind == TERMS) {
		printf(" -a '(__fish_complete_list , __ptcheck_ids)'");
	} else if (kind > TERMS) {
		printf(" -a '");
		put_words(kind);
		printf("'");
	}
	printf(" -d ");
	put_quoted(o->doc, "\\");
	putchar('\n');
}

static void put_fish(void)
{
	printf("function __ptcheck_ids\n"
	       "\tset -l not (string match -r '(?<=^|[,=])!(?=[^,]*$)' -- "
	       "(commandline -ct))\n"
	       "\tprintf \"$not%%s\\n\"");
	put_ids();
	printf("\nend\n");
	for (const struct command *c = commands; c->name; c++) {
		printf("complete -c ptcheck -n __fish_use_subcommand -a %s -d ",
		       c->name);
		put_quoted(c->what, "\\");
		putchar('\n');
		each_option(c->argp, put_fish_option, (void *)c);
		if (takes_id(c))
			printf("complete -c ptcheck -n "
			       "'__fish_seen_subcommand_from %s' "
			       "-a '(__ptcheck_ids)'\n",
			       c->name);
	}
	printf("complete -c ptcheck -f -n '__fish_seen_subcommand_from "
	       "completion' -a 'bash zsh fish'\n");
}

int cmd_completion(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*put)(void);
	} shells[] = { { "bash", put_bash },
		       { "zsh", put_zsh },
		       { "fish", put_fish } };
	struct completion_args a = { 0 };
	char name[] = "ptcheck completion";

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&completion_argp, argc, argv, 0, NULL, &a);
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (strcmp(a.shell, shells[i].name) == 0) {
			shells[i].put();
			return EXIT_CONFORMS;
		}
	cli_error("completion: \"%s\" is none of bash, zsh, fish", a.shell);
	return EXIT_USAGE;
}
