/* paths.c - see paths.h. */
#include "harness/req/text/paths.h"

/* Go on from @out (of length @n, a normal path) along @rest; the new length.
 * There is room. */
static size_t walk(char *out, size_t n, struct span rest)
{
	struct span word;

	while (span_split(&rest, '/', &word)) {
		if (word.n == 0 || span_eqs(word, "."))
			continue;
		if (span_eqs(word, "..")) {
			while (n > 0 && out[n - 1] != '/')
				n--;
			n -= n > 0;
			continue;
		}
		out[n++] = '/';
		memcpy(out + n, word.p, word.n);
		n += word.n;
	}
	return n;
}

struct span path_absolute(struct arena *a, struct span path, struct span cwd)
{
	char *out = arena_alloc(a, cwd.n + path.n + 3);
	size_t n = 0;

	/* Here "" stands for the root, so that each word brings its slash. */
	if (!path.n || path.p[0] != '/')
		n = walk(out, n, cwd);
	if (path.n)
		n = walk(out, n, path);
	if (n == 0)
		out[n++] = '/';
	return span_of(out, n);
}

bool path_is_below(struct span path, struct span dir)
{
	if (span_eqs(dir, "/"))
		return path.n && path.p[0] == '/';
	return dir.n && span_starts(path, dir) &&
	       (path.n == dir.n || path.p[dir.n] == '/');
}

bool path_is_above(struct span path, struct span dir)
{
	return path_is_below(dir, path) && !span_eq(path, dir);
}

bool path_is_beside(struct span path, struct span dir)
{
	return dir.n > 1 && path.n > dir.n && span_starts(path, dir) &&
	       path.p[dir.n] != '/';
}

bool path_is_kernels(struct span path)
{
	return (path_is_below(path, SPAN("/dev")) &&
		!path_is_below(path, SPAN("/dev/shm"))) ||
	       path_is_below(path, SPAN("/proc")) ||
	       path_is_below(path, SPAN("/sys"));
}

/* --- what nobody asked for --- */

static bool ends_with(struct span s, const char *end)
{
	size_t n = strlen(end);

	return s.n > n && memcmp(s.p + s.n - n, end, n) == 0;
}

/* "core", or "core.123" */
static bool is_core(struct span word)
{
	if (!span_starts(word, SPAN("core")))
		return false;
	if (word.n > 4 && (word.p[4] != '.' || word.n == 5))
		return false;
	for (size_t i = 5; i < word.n; i++)
		if (word.p[i] < '0' || word.p[i] > '9')
			return false;
	return true;
}

static bool is_odd_word(struct span word)
{
	static const char *const whole[] = { "__pycache__", "gmon.out" };
	static const char *const starts[] = {
		"hsperfdata_",	  "hs_err_pid", "covcounters.",
		"covmeta.",	  "vgcore.",	"dotnet-diagnostic-",
		"clr-debug-pipe-"
	};
	static const char *const ends[] = { ".gcda", ".profraw", ".pyc",
					    ".pyo" };

	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (span_eqs(word, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (span_starts(word, span_str(starts[i])))
			return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ends_with(word, ends[i]))
			return true;
	return is_core(word);
}

bool path_is_artefact(struct span path)
{
	struct span rest = path, word;
	bool last;

	while (span_split(&rest, '/', &word)) {
		last = span_absent(rest);
		/* Directories count for what is in them; a file's ending or
		 * "core" says nothing of a directory. */
		if (last || span_eqs(word, "__pycache__") ||
		    span_starts(word, SPAN("hsperfdata_")))
			if (is_odd_word(word))
				return true;
	}
	return false;
}
