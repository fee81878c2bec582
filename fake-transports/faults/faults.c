/*
 * The fault table and the one piece of global state in ptref: which fault is
 * on. It is written once, before anything else runs.
 */
#include "fake-transports/faults/faults.h"

#include <string.h>

#include "fake-transports/faults/trips.h"

struct fault_row {
	enum fault id;
	const char *name;
	const char *what;
	const char *must;
	const char *may;
	const char *args;
};

static const struct fault_row rows[] = {
#define X(i, n, w, mu, ma, ar) \
	{ .id = F_##i,         \
	  .name = n,           \
	  .what = w,           \
	  .must = mu,          \
	  .may = ma,           \
	  .args = ar },
#include "gen/ptref_faults.inc"
#undef X
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static enum fault selected = F_NONE;

bool fault_is(enum fault f)
{
	return f == selected;
}

bool fault_select(const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (strcmp(rows[i].name, name) == 0) {
			selected = rows[i].id;
			return true;
		}
	}
	return false;
}

/* Rows hold plain ASCII; only quotes and backslashes need care. */
static void put_string(FILE *to, const char *s, size_t n)
{
	fputc('"', to);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '"' || s[i] == '\\')
			fputc('\\', to);
		fputc(s[i], to);
	}
	fputc('"', to);
}

static void put_words(FILE *to, const char *s)
{
	bool first = true;

	fputc('[', to);
	for (;;) {
		s += strspn(s, " ");
		size_t n = strcspn(s, " ");
		if (n == 0)
			break;
		if (!first)
			fputs(", ", to);
		put_string(to, s, n);
		first = false;
		s += n;
	}
	fputc(']', to);
}

void fault_list(FILE *to)
{
	fputs("[\n", to);
	for (size_t i = 0; i < N_ROWS; i++) {
		fputs("  {\"name\": ", to);
		put_string(to, rows[i].name, strlen(rows[i].name));
		fputs(", \"what\": ", to);
		put_string(to, rows[i].what, strlen(rows[i].what));
		fputs(",\n   \"must\": ", to);
		put_words(to, rows[i].must);
		fputs(", \"may\": ", to);
		put_words(to, rows[i].may);
		fputs(", \"args\": ", to);
		put_words(to, rows[i].args);
		fputs(i + 1 < N_ROWS ? "},\n" : "}\n", to);
	}
	fputs("]\n", to);
}
