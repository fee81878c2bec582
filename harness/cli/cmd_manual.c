/*
 * cmd_manual.c - ptcheck manual: ptcheck(1), from the tables of commands,
 * options and formats, and ptcheck-requirements(7), from that of requirements.
 * `make docs` writes the files in docs/man with it.
 */
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/report/words.h"
#include "harness/req/core/req.h"

static error_t parse_manual(int key, char *arg, struct argp_state *state)
{
	bool *requirements = state->input;

	if (key != ARGP_KEY_ARG || strcmp(arg, "requirements") != 0)
		return ARGP_ERR_UNKNOWN;
	*requirements = true;
	return 0;
}

const struct argp manual_argp = {
	NULL,
	parse_manual,
	"[requirements]",
	"Print the manual page ptcheck(1), or ptcheck-requirements(7), as roff.",
	NULL,
	NULL,
	NULL,
};

/* A character that is not ASCII, as roff knows it; its length. */
static size_t put_wide(const char *s)
{
	uint32_t c = '?';
	size_t n = words_utf8(s, &c);

	printf("\\[u%04X]", c);
	return n ? n : 1;
}

/* Text in roff: no escape, no request at the beginning of a line, and
 * `code` in bold. */
static void put_text(const char *s, size_t n)
{
	bool code = false;

	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\')
			fputs("\\e", stdout);
		else if (s[i] == '-')
			fputs("\\-", stdout);
		else if (s[i] == '`')
			fputs((code = !code) ? "\\fB" : "\\fR", stdout);
		else if ((s[i] == '.' || s[i] == '\'') &&
			 (i == 0 || s[i - 1] == '\n'))
			printf("\\&%c", s[i]);
		else if ((unsigned char)s[i] < 0x80)
			putchar(s[i]);
		else
			i += put_wide(s + i) - 1;
	}
}

static void put(const char *s)
{
	put_text(s, strlen(s));
}

static void put_option(void *ctx, const struct argp_option *o)
{
	(void)ctx;
	printf(".TP\n");
	if (o->key > ' ' && o->key < 0x7f)
		printf("\\fB\\-%c\\fR, ", o->key);
	printf("\\fB\\-\\-");
	put(o->name);
	printf("\\fR");
	if (o->arg) {
		putchar('=');
		printf("\\fI");
		put(o->arg);
		printf("\\fR");
	}
	putchar('\n');
	put(o->doc ? o->doc : "");
	printf(".\n");
}

/* One paragraph, or several. */
static void put_paragraphs(const char *s)
{
	while (*s) {
		const char *end = strstr(s, "\n\n");
		size_t n = end ? (size_t)(end - s) : strlen(s);

		printf(".PP\n");
		put_text(s, n);
		putchar('\n');
		s += n + (end ? 2 : 0);
	}
}

static void put_command(const struct command *c)
{
	const char *doc = c->argp->doc, *more = strchr(doc, '\v');
	const char *args = c->argp->args_doc ? c->argp->args_doc : "";

	printf(".SS ptcheck %s\n", c->name);
	while (*args) {
		size_t n = strcspn(args, "\n");

		printf(".RB \"\" \"ptcheck %s\" \" [\\fIOPTION\\fR...] ",
		       c->name);
		put_text(args, n);
		printf("\"\n.br\n");
		args += n + (args[n] == '\n');
	}
	printf(".PP\n");
	put_text(doc, more ? (size_t)(more - doc) : strlen(doc));
	putchar('\n');
	each_option(c->argp, put_option, NULL);
	if (more)
		put_paragraphs(more + 1);
}

static void put_see_also(const char *other)
{
	printf(".SH SEE ALSO\n"
	       ".BR ptcheck%s ,\n"
	       ".BR ptcheck\\-baseline (5),\n"
	       ".BR ptcheck\\-case (5),\n"
	       ".BR ptcheck\\-target (5),\n"
	       ".BR ptparent (1)\n",
	       other);
}

static void put_requirement(const struct req *r)
{
	printf(".TP\n\\fB");
	put(r->id);
	printf("\\fR (%s, ", level_name(r->level));
	if (strcmp(r->section, "\u2014") != 0) {
		put(r->section);
		printf(", ");
	}
	printf("PT%s%s%s)\n", req_is_in(r, PROFILE_10) ? " 1.0" : "",
	       req_is_in(r, PROFILE_20) ? " 2.0" : "",
	       r->judge ? "" : ", not covered");
	put(r->title);
	putchar('\n');
}

static void requirements(void)
{
	int last = -1;

	printf(".\\\" Written by `make docs` from the tables of the program.\n"
	       ".TH PTCHECK\\-REQUIREMENTS 7 \"\" \"ptcheck\"\n"
	       ".SH NAME\n"
	       "ptcheck\\-requirements \\- what ptcheck knows of pluggable "
	       "transports\n"
	       ".SH DESCRIPTION\n"
	       "Each with its level, its section, and the versions of the "
	       "specification that have it.\n"
	       ".B ptcheck explain\n"
	       "tells more of one.\n");
	for_reqs (r) {
		if ((int)r->area != last) {
			printf(".SH ");
			put(area_title(r->area));
			printf(" (%s)\n", area_name(r->area));
		}
		last = (int)r->area;
		put_requirement(r);
	}
	put_see_also(" (1)");
}

static void manual(void)
{
	printf(".\\\" Written by `make docs` from the tables of the program.\n"
	       ".TH PTCHECK 1 \"\" \"ptcheck\"\n"
	       ".SH NAME\n"
	       "ptcheck \\- conformance harness for Tor pluggable transports\n"
	       ".SH SYNOPSIS\n");
	for (const struct command *c = commands; c->name; c++)
		printf(".B ptcheck %s\n\\(em %s\n.br\n", c->name, c->what);
	printf(".SH COMMANDS\n");
	for (const struct command *c = commands; c->name; c++)
		put_command(c);
	printf(".SH FORMATS OF REPORTS\n");
	for (const struct report_format *f = report_formats; f->name; f++) {
		printf(".TP\n.B %s\n", f->name);
		put(f->what);
		if (f->ending)
			printf(" (\\fIFILE\\fR%s)", f->ending);
		printf(".\n");
	}
	put_see_also("\\-requirements (7)");
}

int cmd_manual(int argc, char **argv)
{
	char name[] = "ptcheck manual";
	bool all = false;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&manual_argp, argc, argv, 0, NULL, &all);
	if (all)
		requirements();
	else
		manual();
	return EXIT_CONFORMS;
}
