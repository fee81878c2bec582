/*
 * gen_docs.c - print one of the files that are made from tables.
 *
 *	gen-docs case-schema | target-schema
 *	gen-docs manual FILE.in
 */
#include <string.h>

#include "harness/case/gen/gen.h"

static int print(json_t *schema)
{
	int r = json_dumpf(schema, stdout, JSON_INDENT(2));

	putchar('\n');
	json_decref(schema);
	return r ? 2 : 0;
}

static int manual(const char *path)
{
	FILE *in = fopen(path, "r");
	int r;

	if (!in) {
		perror(path);
		return 2;
	}
	r = manual_fill(in, stdout);
	fclose(in);
	return r ? 2 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "case-schema") == 0)
		return print(schema_case());
	if (argc == 2 && strcmp(argv[1], "target-schema") == 0)
		return print(schema_target());
	if (argc == 3 && strcmp(argv[1], "manual") == 0)
		return manual(argv[2]);
	fputs("usage: gen-docs case-schema | target-schema | manual FILE\n",
	      stderr);
	return 2;
}
