/* uncovered.c - see uncovered.h. */
#include "harness/req/core/uncovered.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The assembler copies the file; its path is relative to the root of the
 * repository, where the compiler runs. */
__asm__(".pushsection .rodata\n"
	".globl ptcheck_uncovered\n"
	".hidden ptcheck_uncovered\n"
	"ptcheck_uncovered:\n"
	".incbin \"harness/req/core/uncovered.json\"\n"
	".byte 0\n"
	".popsection\n");

extern const char ptcheck_uncovered[] __attribute__((visibility("hidden")));

static _Noreturn void uncovered_bad(size_t row, const char *why)
{
	fprintf(stderr, "uncovered.json: row %zu: %s\n", row, why);
	abort();
}

/* The index of @word among @words. */
static int uncovered_word(size_t row, const char *word,
			  const char *(*name)(unsigned), unsigned n)
{
	for (unsigned i = 0; word && i < n; i++)
		if (strcmp(word, name(i)) == 0)
			return (int)i;
	uncovered_bad(row, word ? word : "a key is missing");
}

static const char *name_of_area(unsigned i)
{
	return area_name((enum req_area)i);
}

static const char *name_of_level(unsigned i)
{
	return level_name((enum level)i);
}

static const char *name_of_verdict(unsigned i)
{
	return verdict_name((enum verdict)i);
}

static unsigned uncovered_profiles(const json_t *v)
{
	const char *first = json_string_value(json_array_get(v, 0));

	if (json_array_size(v) != 1)
		return 0;
	return strcmp(first, "1.0") == 0 ? IN_10 : IN_20;
}

/* @v keeps the strings. */
static void uncovered_row(size_t i, json_t *v, struct req *out)
{
	const char *level, *area, *verdict;
	json_t *profiles;
	json_error_t e;

	*out = (struct req){ .classes = "" };
	if (json_unpack_ex(v, &e, JSON_STRICT,
			   "{ss, ss, ss, ss, ss, ss, so, ss, s?s, s?s}", "id",
			   &out->id, "area", &area, "level", &level, "section",
			   &out->section, "role", &out->role, "verdict",
			   &verdict, "profiles", &profiles, "title",
			   &out->title, "classes", &out->classes, "legal",
			   &out->traps))
		uncovered_bad(i, e.text);
	out->area = (enum req_area)uncovered_word(i, area, name_of_area, AREAS);
	out->level = (enum level)uncovered_word(i, level, name_of_level,
						L_HYGIENE + 1);
	out->dflt = (enum verdict)uncovered_word(i, verdict, name_of_verdict,
						 V_FAIL + 1);
	out->profiles = uncovered_profiles(profiles);
}

const struct req *uncovered_rows(size_t *n)
{
	static struct req *rows;
	static json_t *file;
	json_error_t e;

	if (!file) {
		file = json_loads(ptcheck_uncovered, JSON_REJECT_DUPLICATES,
				  &e);
		if (!file)
			uncovered_bad(0, e.text);
		rows = calloc(json_array_size(file) + 1, sizeof(*rows));
		if (!rows)
			die_oom();
		for (size_t i = 0; i < json_array_size(file); i++)
			uncovered_row(i, json_array_get(file, i), &rows[i]);
	}
	*n = json_array_size(file);
	return rows;
}
