/* cmd_list.c - ptcheck list, ptcheck explain: the table, for people. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/req/core/glossary.h"
#include "harness/run/select.h"

struct list_args {
	struct selection selection;
	bool json;
	const char *id;
};

static const struct argp_option list_options[] = {
	{ "json", 'j', NULL, 0, "As JSON", 0 },
	{ "select", 's', "EXPR", 0, "As for run", 0 },
	{ 0 },
};

static error_t parse_list(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;
	struct err e = { 0 };

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case 's':
		if (select_add(&a->selection, arg, false, &e)) {
			cli_error("--select: %s", e.msg);
			exit(EXIT_USAGE);
		}
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *profiles(const struct req *r)
{
	return r->profiles == IN_BOTH ? "1.0 2.0"
	       : r->profiles == IN_10 ? "1.0"
				      : "2.0";
}

static json_t *row_json(const struct req_area *area, const struct req *r)
{
	json_t *specs = json_array();

	if (r->profiles & IN_10)
		json_array_append_new(specs, json_string("1.0"));
	if (r->profiles & IN_20)
		json_array_append_new(specs, json_string("2.0"));
	return json_pack("{ss, ss, ss, ss, ss, ss, ss, sb, so}", "id", r->id,
			 "level", level_name(r->level), "section", r->section,
			 "area", area->name, "role", r->role, "verdict",
			 verdict_name(r->dflt), "title", r->title, "covered",
			 r->judge != NULL, "specs", specs);
}

static void list_json(const struct list_args *a)
{
	json_t *all = json_array();

	for (const struct req_area *const *ar = req_areas; *ar; ar++)
		for (size_t i = 0; i < (*ar)->n; i++)
			if (select_has(&a->selection, &(*ar)->rows[i]))
				json_array_append_new(
					all, row_json(*ar, &(*ar)->rows[i]));
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
}

static void list_text(const struct list_args *a)
{
	size_t n = 0, covered = 0;

	for (const struct req_area *const *ar = req_areas; *ar; ar++)
		for (size_t i = 0; i < (*ar)->n; i++) {
			const struct req *r = &(*ar)->rows[i];

			if (!select_has(&a->selection, r))
				continue;
			n++;
			covered += r->judge != NULL;
			printf("%-18s %-8s %-4s %-11s %-7s %s  %s\n", r->id,
			       level_name(r->level), verdict_name(r->dflt),
			       (*ar)->name, profiles(r),
			       r->judge ? "covered" : "-      ", r->title);
		}
	printf("%zu requirements, %zu covered\n", n, covered);
}

int cmd_list(int argc, char **argv)
{
	static const struct argp argp = {
		list_options,
		parse_list,
		NULL,
		"List all requirements of the catalogue: id, level, verdict "
		"when violated, area, specifications, covered or not, title.",
		NULL,
		NULL,
		NULL,
	};
	struct list_args a = { 0 };
	char name[] = "ptcheck list";

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (a.json)
		list_json(&a);
	else
		list_text(&a);
	select_fini(&a.selection);
	return 0;
}

/* --- explain --- */

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

static void explain(const struct req *r)
{
	const struct req_area *area = req_area_of(r);

	printf("%s\n\n", r->id);
	paragraph("rule", r->title);
	printf("%-*s%s, section %s, PT %s\n", INDENT, "level",
	       level_name(r->level), r->section, profiles(r));
	printf("%-*s%s (%s), role %s, seen by %s\n", INDENT, "area",
	       area->title, area->name, r->role,
	       r->classes[0] ? r->classes : "-");
	printf("%-*s%s\n", INDENT, "violated",
	       r->dflt == V_NA ? "never judged: a gate for others"
			       : verdict_name(r->dflt));
	printf("%-*s%s\n", INDENT, "covered", r->judge ? "yes" : "not yet");
	if (r->observe[0])
		paragraph("provoked by", r->observe);
	if (r->fault[0])
		paragraph("a fault", r->fault);
	if (r->traps[0])
		paragraph("legal", r->traps);
	for (const struct glossary_row *g = glossary; g->code; g++)
		if (names_code(r->observe, g->code) ||
		    names_code(r->traps, g->code))
			paragraph(g->code, g->text);
}

static const struct argp_option explain_options[] = { { 0 } };

static error_t parse_explain(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;

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

int cmd_explain(int argc, char **argv)
{
	static const struct argp argp = {
		explain_options,
		parse_explain,
		"ID",
		"Say what a requirement checks, how it is provoked, and what "
		"legal behaviour must not be taken for a violation.",
		NULL,
		NULL,
		NULL,
	};
	struct list_args a = { 0 };
	char name[] = "ptcheck explain";
	const struct req *r;

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &a);
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
