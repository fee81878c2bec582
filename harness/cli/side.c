/* side.c - any number of kept results on one page, side by side. */
#include <string.h>
#include <unistd.h>

#include "harness/cli/cli.h"
#include "harness/report/html/matrix.h"

/* A file may have a '=' in its name. */
int side_add(struct side *s, const char *command, char *arg)
{
	char *eq = access(arg, F_OK) == 0 ? NULL : strchr(arg, '=');

	if (s->n == SIDE_MAX) {
		cli_error("%s: at most %d results", command, SIDE_MAX);
		return -1;
	}
	if (eq)
		*eq = '\0';
	s->name[s->n] = arg;
	s->path[s->n++] = eq ? eq + 1 : arg;
	return 0;
}

int side_page(const struct side *s, struct buf *out)
{
	struct result r[SIDE_MAX] = { 0 };
	size_t n = 0;

	while (n < s->n && cli_read_result(s->path[n], &r[n]) == 0)
		n++;
	if (n == s->n)
		html_matrix(r, s->name, n, out);
	for (size_t i = 0; i < n; i++)
		arena_fini(&r[i].arena);
	return n == s->n ? 0 : -1;
}
