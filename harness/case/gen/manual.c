/* manual.c - the tables of the formats as parts of manuals, in roff. */
#include <ctype.h>
#include <string.h>

#include "harness/case/format/step_rows.h"
#include "harness/case/format/template.h"
#include "harness/case/gen/gen.h"

#define LINE_MAX_BYTES 4096

/* Text as it is to be seen; a capital at the beginning, if it is a sentence. */
static void put(FILE *out, const char *text, bool sentence)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", out);
	for (const char *p = text; *p; p++) {
		char c = sentence && p == text ? (char)toupper(*p) : *p;

		if (c == '\\')
			fputs("\\e", out);
		else if (c == '-')
			fputs("\\-", out);
		else if (c == '"')
			fputs("\\(dq", out);
		else if (c == '^')
			fputs("\\(ha", out);
		else if (c != '`')
			fputc(c, out);
	}
}

/* A line of its own: "Such a thing." */
static void put_doc(FILE *out, const char *doc)
{
	size_t n = strlen(doc);

	put(out, doc, true);
	fputs(n && doc[n - 1] != '.' ? ".\n" : "\n", out);
}

static bool has_docs(const struct words *w)
{
	return w->docs[0][0] != '\0';
}

static void put_words(FILE *out, const struct words *w)
{
	if (!has_docs(w)) {
		for (size_t i = 0; i < w->n; i++) {
			fputs(i ? ",\n" : "One of\n", out);
			put(out, w->names[i], false);
		}
		fputs(".\n", out);
		return;
	}
	fputs(".RS\n", out);
	for (size_t i = 0; i < w->n; i++) {
		fputs(".TP\n.B \"", out);
		put(out, w->names[i], false);
		fputs("\"\n", out);
		put_doc(out, w->docs[i]);
	}
	fputs(".RE\n", out);
}

static void put_form(FILE *out, const struct key *k)
{
	static const char *const forms[] = {
		[KEY_BOOL] = "true or false",
		[KEY_ID] = "id",
		[KEY_LINE] = "text",
		[KEY_TEXT] = "template",
		[KEY_CSTR] = "template, without NUL bytes",
		[KEY_BYTES] = "template, of bytes",
		[KEY_WORD] = "word",
		[KEY_WORDS] = "list of words",
		[KEY_SET] = "list of words, not empty",
		[KEY_STRINGS] = "list of text",
		[KEY_CSTRS] = "list of templates, without NUL bytes",
		[KEY_PAIRS] = "object of text",
		[KEY_OBJECT] = "object",
		[KEY_NEW_NAME] = "new name",
		[KEY_NAME] = "name of an earlier step",
		[KEY_STREAM_OR_NAME] = "stream, or name of an earlier step",
		[KEY_OUTPUT_OR_NAME] = "output, or name of an earlier step",
		[KEY_LIMIT] = "limit",
	};

	if (k->type == KEY_INT && k->min == k->max)
		fprintf(out, "%lld", (long long)k->min);
	else if (k->type == KEY_INT)
		fprintf(out, "number from %s%lld to %lld",
			k->min < 0 ? "\\" : "", (long long)k->min,
			(long long)k->max);
	else if (k->type == KEY_OBJECTS)
		fprintf(out, "list of at most %lld objects", (long long)k->max);
	else
		put(out, k->type == KEY_OWN ? k->form : forms[k->type], false);
}

/* What holds when it is not said, where the table knows. */
static void put_default(FILE *out, const struct key *k)
{
	if (k->required) {
		fputs("; required", out);
	} else if (k->type == KEY_WORD && !k->get) {
		fputs("; default ", out);
		put(out, k->words->names[k->dflt], false);
	} else if (k->type == KEY_INT && k->dflt >= k->min && !k->get) {
		fprintf(out, "; default %lld", (long long)k->dflt);
	} else if (k->type == KEY_LIMIT) {
		fprintf(out, "; default %s",
			limit_name((enum limit_id)k->dflt));
	} else if (k->type == KEY_OUTPUT_OR_NAME) {
		fputs("; default output", out);
	}
}

static void put_keys(FILE *out, const struct key *keys)
{
	for (const struct key *k = keys; k->name; k++) {
		fputs(".TP\n.BR \"", out);
		put(out, k->name, false);
		fputs("\" \" (", out);
		put_form(out, k);
		put_default(out, k);
		fputs(")\"\n", out);
		put_doc(out, k->doc);
		if (k->words)
			put_words(out, k->words);
		if (k->keys) {
			fputs(".RS\n", out);
			put_keys(out, k->keys);
			fputs(".RE\n", out);
		}
	}
}

/* --- the parts --- */

static void put_case_file(FILE *out)
{
	put_keys(out, case_file_keys);
}

static void put_case(FILE *out)
{
	put_keys(out, case_keys);
}

static void put_variant(FILE *out)
{
	put_keys(out, variant_keys);
}

static void put_launch(FILE *out)
{
	put_keys(out, launch_keys);
}

static void put_target(FILE *out)
{
	put_keys(out, target_keys);
}

static void put_transport(FILE *out)
{
	put_keys(out, transport_keys);
}

static void put_limits(FILE *out)
{
	put_words(out, &words_limit);
}

static void put_steps(FILE *out)
{
	for (int k = 0; k < STEP_KINDS_N; k++) {
		const struct step_row *row = step_row((enum step_kind)k);

		fprintf(out, ".SS %s\n", row->name);
		put_doc(out, row->doc);
		if (!row->before_start)
			fputs("Not before the first start.\n", out);
		put_keys(out, row->keys());
	}
}

static void put_template(FILE *out, const char *name, const char *doc)
{
	fputs(".TP\n.B \"${", out);
	put(out, name, false);
	fputs("}\"\n", out);
	put_doc(out, doc);
}

static void put_templates(FILE *out)
{
#define X(id, name, doc) put_template(out, name, doc);
	TEMPLATE_VARS(X)
#undef X
#define X(id, prefix, form, doc) put_template(out, form, doc);
	TEMPLATE_FORMS(X)
#undef X
}

static void put_flags(FILE *out)
{
	const char *names[32];
	size_t n = flag_variables(names, sizeof(names) / sizeof(names[0]));

	for (size_t i = 0; i < n; i++) {
		put(out, names[i], false);
		fputs(i + 1 < n ? ",\n" : ".\n", out);
	}
}

static const struct {
	const char *name;
	void (*put)(FILE *out);
} parts[] = {
	{ "@case-file@", put_case_file }, { "@case@", put_case },
	{ "@variant@", put_variant },	  { "@launch@", put_launch },
	{ "@flags@", put_flags },	  { "@steps@", put_steps },
	{ "@limits@", put_limits },	  { "@templates@", put_templates },
	{ "@target@", put_target },	  { "@transport@", put_transport },
};

static int put_part(FILE *out, const char *line)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(line, parts[i].name) == 0) {
			parts[i].put(out);
			return 0;
		}
	}
	fprintf(stderr, "%s: there is no such part\n", line);
	return -1;
}

int manual_fill(FILE *in, FILE *out)
{
	char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), in)) {
		if (line[0] != '@') {
			fputs(line, out);
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		if (put_part(out, line))
			return -1;
	}
	return 0;
}
