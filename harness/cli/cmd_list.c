/* cmd_list.c - ptcheck list: the table of requirements. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/run/select.h"

struct list_args {
	struct selection selection;
	bool json;
};

static const struct argp_option list_options[] = {
	{ "json", 'j', NULL, 0, "As JSON", 0 },
	{ "select", 's', "EXPR", 0, "As for run", 0 },
	{ 0 },
};

void cli_select(struct selection *sel, const char *arg, bool skip)
{
	struct err e = { 0 };
	int rc = select_add(sel, arg, skip, &e);

	if (!rc)
		return;
	cli_error("%s: %s", skip ? "--skip" : "--select", e.msg);
	exit(rc == SELECT_EMPTY ? EXIT_NOTHING : EXIT_USAGE);
}

static error_t parse_list(int key, char *arg, struct argp_state *state)
{
	struct list_args *a = state->input;

	switch (key) {
	case 'j':
		a->json = true;
		return 0;
	case 's':
		cli_select(&a->selection, arg, false);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char *profiles(const struct req *r)
{
	return r->profiles == IN_10   ? "1.0"
	       : r->profiles == IN_20 ? "2.0"
				      : "1.0 2.0";
}

static json_t *row_json(const struct req *r)
{
	json_t *specs = json_array();

	if (req_is_in(r, PROFILE_10))
		json_array_append_new(specs, json_string("1.0"));
	if (req_is_in(r, PROFILE_20))
		json_array_append_new(specs, json_string("2.0"));
	return json_pack("{ss, ss, ss, ss, ss, ss, ss, sb, so}", "id", r->id,
			 "level", level_name(r->level), "section", r->section,
			 "area", area_name(r->area), "role", r->role, "verdict",
			 verdict_name(r->dflt), "title", r->title, "covered",
			 r->judge != NULL, "specs", specs);
}

static void list_json(const struct list_args *a)
{
	json_t *all = json_array();

	for_reqs (r)
		if (select_has(&a->selection, r))
			json_array_append_new(all, row_json(r));
	json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
}

void cli_list(req_filter *wanted, const void *ctx)
{
	size_t n = 0, covered = 0;

	for_reqs (r) {
		if (!wanted(ctx, r))
			continue;
		n++;
		covered += r->judge != NULL;
		printf("%-18s %-8s %-4s %-11s %-7s %s  %s\n", r->id,
		       level_name(r->level), verdict_name(r->dflt),
		       area_name(r->area), profiles(r),
		       r->judge ? "covered" : "-      ", r->title);
	}
	printf("%zu requirements, %zu covered\n", n, covered);
}

static bool selected(const void *ctx, const struct req *r)
{
	return select_has(ctx, r);
}

const struct argp list_argp = {
	list_options,
	parse_list,
	NULL,
	"List all requirements of the catalogue: id, level, verdict "
	"when violated, area, specifications, covered or not, title.",
	NULL,
	NULL,
	NULL,
};

int cmd_list(int argc, char **argv)
{
	struct list_args a = { 0 };
	char name[] = "ptcheck list";

	argv[0] = name;
	argp_err_exit_status = EXIT_USAGE;
	argp_parse(&list_argp, argc, argv, 0, NULL, &a);
	if (a.json)
		list_json(&a);
	else
		cli_list(selected, &a.selection);
	select_fini(&a.selection);
	return 0;
}
