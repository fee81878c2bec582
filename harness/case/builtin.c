/*
 * builtin.c - the JSON files of cases/ and cases/targets/ inside the program.
 *
 * The build writes gen/builtin_files.inc, one line X(KIND, "path") per file
 * with KIND CASE or TARGET, sorted; the assembler copies each file behind a
 * small head: kind, path with NUL, length.  Paths are relative to the
 * directory that the compiler runs in, the root of the repository.
 */
#include <stdint.h>

#include "harness/case/case.h"
#include "harness/case/target.h"

#define KIND_CASE "C"
#define KIND_TARGET "T"

#define X(kind, path)                                       \
	".ascii \"" KIND_##kind "\"\n"                      \
				".asciz \"" path "\"\n"     \
				".quad 2f - 1f\n"           \
				"1: .incbin \"" path "\"\n" \
				"2:\n"

/* One statement: the order of several is not the compiler's promise. */
__asm__(".pushsection .rodata\n"
	".globl ptcheck_builtin\n"
	".hidden ptcheck_builtin\n"
	"ptcheck_builtin:\n"
#include "gen/builtin_files.inc"
	".byte 0\n"
	".popsection\n");

#undef X

extern const char ptcheck_builtin[] __attribute__((visibility("hidden")));

struct builtin {
	char kind;
	const char *path;
	struct span text;
};

/* Take one entry off the front of *p; false at the end. */
static bool next(const char **p, struct builtin *out)
{
	uint64_t n;

	if (!**p)
		return false;
	out->kind = *(*p)++;
	out->path = *p;
	*p += strlen(*p) + 1;
	memcpy(&n, *p, sizeof(n));
	*p += sizeof(n);
	out->text = span_of(*p, n);
	*p += n;
	return true;
}

int cases_builtin(struct cases *c, struct err *e)
{
	const char *p = ptcheck_builtin;
	struct builtin b;

	while (next(&p, &b))
		if (b.kind == *KIND_CASE && cases_parse(c, b.text, b.path, e))
			return -1;
	return 0;
}

struct span target_builtin(const char *program)
{
	const char *p = ptcheck_builtin;
	struct span want = span_str(program), name;
	struct builtin b;

	while (next(&p, &b)) {
		const char *slash = strrchr(b.path, '/');

		/* "cases/targets/NAME.json" */
		name = span_str(slash ? slash + 1 : b.path);
		name.n -= strlen(".json");
		if (b.kind == *KIND_TARGET && span_eq(name, want))
			return b.text;
	}
	return span_of(NULL, 0);
}
