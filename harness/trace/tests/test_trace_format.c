/*
 * test_trace_format.c - docs/trace-format.md says what the table of events
 * says.  With the argument "print" it prints the page: make docs.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/base/buf.h"
#include "harness/trace/event.h"

#define PAGE "docs/trace-format.md"
#define PAGE_MAX (256u * 1024u)

/* clang-format off */
static const char intro[] =
	"# The trace of a launch\n"
	"\n"
	"Written by `make docs` from `harness/trace/event_kinds.h` and\n"
	"`event_words.h` beside it.\n"
	"\n"
	"`traces/NNN.jsonl` in the directory of `--out` is the record of one launch:\n"
	"what was done to the transport and what was seen of it, without an opinion. It\n"
	"is JSON lines, plain ASCII. The first line is the head: what was launched, and\n"
	"how. Each further line is one event. A trace is whole when its last event is\n"
	"`end`.\n"
	"\n"
	"Texts may hold any bytes, so they are escaped before JSON does it once more:\n"
	"`\\n`, `\\t`, `\\r`, `\\\\`, and `\\xHH` for all that is not printable ASCII.\n"
	"\n"
	"## The head\n"
	"\n"
	"| key | what |\n"
	"|---|---|\n"
	"| `trace` | the format of the file: 1 |\n"
	"| `id` | the launch: case, section and role |\n"
	"| `probe` | the question that it answers before all others; mostly absent |\n"
	"| `role`, `profile` | \"client\" or \"server\"; \"1.0\" or \"2.0\" |\n"
	"| `config` | \"legal\": it must work; \"odd\": any orderly answer will do; \"broken\": an error may be due |\n"
	"| `aims` | requirements that its case aims at |\n"
	"| `stimuli` | what its case does to the transport on purpose |\n"
	"| `argv`, `env` | what was executed, with all variables in order |\n"
	"| `known` | transports that the target has in that role |\n"
	"| `nosuch` | names made up, which no transport has |\n"
	"| `vars` | variables of the case's templates: ports, paths |\n"
	"| `limits` | deadlines in ms |\n"
	"| `sandbox`, `sandbox_why` | had it namespaces of its own, or why not |\n"
	"| `wrapper` | is the target a script around the program |\n"
	"| `repro` | what to select to repeat it |\n"
	"\n"
	"## Every event\n"
	"\n"
	"| key | what |\n"
	"|---|---|\n"
	"| `n` | its number in the trace, from 1; reports name events by it |\n"
	"| `t` | µs since the worker began, by a clock that never jumps |\n"
	"| `k` | its kind |\n"
	"\n"
	"Order counts within one stream or connection, and between what the harness did\n"
	"and how the transport answered; not between two streams. Then come the keys of\n"
	"its kind, all of them, in this order:\n";
/* clang-format on */

static const char *type_word(enum event_type type)
{
	switch (type) {
	case EVENT_NAME:
		return "name";
	case EVENT_WORD:
	case EVENT_ENUM:
		return "word";
	case EVENT_TEXT:
		return "text";
	case EVENT_ADDR:
		return "address:port";
	case EVENT_BYTES:
		return "bytes";
	case EVENT_INT:
		return "number";
	}
	return "";
}

static void add_words(struct buf *b, const struct event_word *w)
{
	for (const char *comma = ": "; w->word; w++, comma = ", ")
		buf_addf(b, "%s\"%s\"%s%s%s", comma, w->word,
			 w->doc[0] ? " (" : "", w->doc, w->doc[0] ? ")" : "");
}

static void add_kind(struct buf *b, enum event_kind kind)
{
	const struct event_row *row = event_row(kind);

	buf_addf(b,
		 "\n## `%s`\n\n%c%s.\n\n| key | type | what |\n|---|---|---|\n",
		 row->name, row->doc[0] - 'a' + 'A', row->doc + 1);
	for_event_fields (f, kind) {
		buf_addf(b, "| `%s` | %s | %s", f->key, type_word(f->type),
			 f->doc);
		if (f->type == EVENT_ENUM)
			add_words(b, f->words);
		buf_adds(b, " |\n");
	}
}

static void add_page(struct buf *b)
{
	buf_adds(b, intro);
	for (int k = 0; k < EV_KINDS; k++)
		add_kind(b, (enum event_kind)k);
}

START_TEST(page_is_fresh)
{
	static char have[PAGE_MAX];
	struct buf want = BUF_MAX(PAGE_MAX);
	FILE *f = fopen(PAGE, "r");
	size_t n;

	ck_assert_msg(f != NULL, "no " PAGE ": run this at the top");
	n = fread(have, 1, sizeof(have) - 1, f);
	fclose(f);
	add_page(&want);
	ck_assert_msg(want.n == n && memcmp(have, want.p, n) == 0,
		      PAGE " is not what the table says: make docs");
	buf_fini(&want);
}
END_TEST

static int run_tests(void)
{
	Suite *s = suite_create("trace format");
	TCase *t = tcase_create("page");

	tcase_add_test(t, page_is_fresh);
	suite_add_tcase(s, t);
	return suite_run(s);
}

int main(int argc, char **argv)
{
	struct buf page = BUF_MAX(PAGE_MAX);

	if (argc < 2 || strcmp(argv[1], "print") != 0)
		return run_tests();
	add_page(&page);
	fwrite(page.p, 1, page.n, stdout);
	buf_fini(&page);
	return EXIT_SUCCESS;
}
