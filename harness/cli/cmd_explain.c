/*
 * cmd_explain.c - ptcheck explain: what a requirement says, what provokes it
 * in this program, and which faults of the bundled transport violate it.
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/faults/trips.h"
#include "harness/case/case.h"
#include "harness/cli/cli.h"
#include "harness/req/core/advice.h"
#include "harness/req/core/glossary.h"

#define WIDTH 78
#define INDENT 12

/* A labelled paragraph, wrapped. */
static void paragraph(const char *label, const char *text)
{
	int col = printf("%-*s", INDENT, label);

	while (*text) {
		size_t word = strcspn(text, " ");

		if (col > INDENT && col + 1 + (int)word > WIDTH)
			col = printf("\n%*s", INDENT, "") - 1;
		if (col > INDENT)
			col += printf(" ");
		col += printf("%.*s", (int)word, text);
		text += word + strspn(text + word, " ");
	}
	putchar('\n');
}

/* "T-CR" must not be found in "T-CRX". */
static bool names_code(const char *text, const char *code)
{
	size_t n = strlen(code);

	for (const char *p = text; (p = strstr(p, code)) != NULL; p++) {
		char before = p == text ? ' ' : p[-1], after = p[n];

		if (!strchr("-ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", before) &&
		    (after == '\0' ||
		     !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", after)))
			return true;
	}
	return false;
}

/* A line of a list, of which the first has the label. */
static void item(const char **label, const char *name, const char *text)
{
	char head[400];

	snprintf(head, sizeof(head), "%s: %s", name, text);
	paragraph(*label, head);
	*label = "";
}

/* --- what runs --- */

struct aimed {
	const struct req *req;
	const char *label;
};

static void put_case(void *ctx, struct span id, struct span title)
{
	struct aimed *a = ctx;
	char name[100], text[280];

	snprintf(name, sizeof(name), "%.*s", SPAN_ARG(id));
	snprintf(text, sizeof(text), "%.*s", SPAN_ARG(title));
	item(&a->label, name, text);
}

static void put_cases(const struct req *r)
{
	struct aimed a = { .req = r, .label = "cases" };
	struct cases cases = { 0 };
	struct err e = { 0 };

	if (cases_builtin(&cases, &e))
		cli_error("%s", e.msg);
	else
		cases_aiming(&cases, r->id, put_case, &a);
	if (r->judge && *a.label)
		paragraph(a.label, "none aims at it; it is judged wherever it "
				   "shows");
	cases_fini(&cases);
}

/* Is @id one of the words of @list? */
static bool has_word(const char *list, const char *id)
{
	size_t n = strlen(id);

	for (const char *p = list; (p = strstr(p, id)) != NULL; p += n)
		if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ' '))
			return true;
	return false;
}

static void put_faults(const struct req *r)
{
	static const struct {
		const char *name, *what, *must;
	} faults[] = {
#define X(id, name, what, must, may, args) { name, what, must },
#include "gen/ptref_faults.inc"
#undef X
	};
	const char *label = "faults";

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (has_word(faults[i].must, r->id))
			item(&label, faults[i].name, faults[i].what);
}

static void explain(const struct req *r)
{
	printf("%s\n\n", r->id);
	paragraph("rule", r->title);
	printf("%-*s%s, section %s, PT %s\n", INDENT, "level",
	       level_name(r->level), r->section,
	       req_is_in(r, PROFILE_10) && req_is_in(r, PROFILE_20) ? "1.0 2.0"
	       : req_is_in(r, PROFILE_10)			    ? "1.0"
								    : "2.0");
	printf("%-*s%s (%s), role %s, seen by %s\n", INDENT, "area",
	       area_title(r->area), area_name(r->area), r->role,
	       r->classes[0] ? r->classes : "-");
	printf("%-*s%s\n", INDENT, "violated",
	       r->dflt == V_NA ? "never judged: a gate for others"
			       : verdict_name(r->dflt));
	printf("%-*s%s\n", INDENT, "covered", r->judge ? "yes" : "not yet");
	if (*req_why(r)) {
		paragraph("why", req_why(r));
		paragraph("to mend", req_mend(r));
	}
	put_cases(r);
	put_faults(r);
	if (!r->traps)
		return;
	paragraph("legal", r->traps);
	for (const struct glossary_row *g = glossary; g->code; g++)
		if (names_code(r->traps, g->code))
			paragraph(g->code, g->text);
}

struct explain_args {
	const char *id;
};

static const struct argp_option explain_options[] = { { 0 } };

static error_t parse_explain(int key, char *arg, struct argp_state *state)
{
	struct explain_args *a = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (a->id) {
			cli_error("explain: one requirement, please");
			exit(EXIT_USAGE);
		}
		a->id = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		cli_error("explain: no requirement given; "
			  "see ptcheck list");
		exit(EXIT_USAGE);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp explain_argp = {
	explain_options,
	parse_explain,
	"ID",
	"Say what a requirement checks, which cases aim at it, which "
	"faults of ptref violate it, and what legal behaviour must "
	"not be taken for a violation.",
	NULL,
	NULL,
	NULL,
};

int cmd_explain(int argc, char **argv)
{
	struct explain_args a = { 0 };
	char name[] = "ptcheck explain";
	const struct req *r;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&explain_argp, argc, argv, 0, NULL, &a);
	r = req_find(a.id);
	if (!r) {
		cli_error("explain: \"%s\" is no requirement; "
			  "see ptcheck list",
			  a.id);
		return EXIT_USAGE;
	}
	explain(r);
	return 0;
}
