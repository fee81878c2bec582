/* test_paths.c - what paths mean, by tables. */
#include <check.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/req/text/paths.h"

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *path, *cwd, *want;
} absolutes[] = {
	{ "/a/b", "/c", "/a/b" },
	{ "/a/b/", "/c", "/a/b" },
	{ "//a///b//", "/c", "/a/b" },
	{ "/a/./b/.", "/c", "/a/b" },
	{ "/a/../b", "/c", "/b" },
	{ "/../..", "/c", "/" },
	{ "/", "/c", "/" },
	{ "a/b", "/c", "/c/a/b" },
	{ "../a", "/c/d/", "/c/a" },
	{ ".", "/c", "/c" },
	{ "", "/c", "/c" },
	{ "..", "/", "/" },
	{ "a b/\xc3\xbc=", "/c", "/c/a b/\xc3\xbc=" },
	{ "...", "/c", "/c/..." },
	{ "x", "", "/x" },
};

START_TEST(absolute)
{
	struct arena a = { 0 };
	struct span got = path_absolute(&a, span_str(absolutes[_i].path),
					span_str(absolutes[_i].cwd));

	ck_assert_msg(span_eqs(got, absolutes[_i].want), "%s: %.*s",
		      absolutes[_i].path, SPAN_ARG(got));
	arena_fini(&a);
}
END_TEST

static const struct {
	const char *path, *dir;
	bool below, above, beside;
} relations[] = {
	{ "/a/b", "/a/b", true, false, false },
	{ "/a/b/c", "/a/b", true, false, false },
	{ "/a/bc", "/a/b", false, false, true },
	{ "/a/b.lock", "/a/b", false, false, true },
	{ "/a", "/a/b", false, true, false },
	{ "/", "/a/b", false, true, false },
	{ "/x", "/", true, false, false },
	{ "/", "/", true, false, false },
	{ "/ab", "/a/b", false, false, false },
	{ "", "/a/b", false, false, false },
	{ "pipe:[1]", "/", false, false, false },
	{ "/a/b", "", false, false, false },
};

START_TEST(relation)
{
	struct span path = span_str(relations[_i].path);
	struct span dir = span_str(relations[_i].dir);

	ck_assert_int_eq(path_is_below(path, dir), relations[_i].below);
	ck_assert_int_eq(path_is_above(path, dir), relations[_i].above);
	ck_assert_int_eq(path_is_beside(path, dir), relations[_i].beside);
}
END_TEST

static const struct {
	const char *path;
	bool kernels, artefact;
} kinds[] = {
	{ "/dev/null", true, false },
	{ "/dev/shm/log", false, false },
	{ "/dev/shm", false, false },
	{ "/proc/3/oom_score_adj", true, false },
	{ "/sys/kernel", true, false },
	{ "/devil", false, false },
	{ "/home/dev/null", false, false },
	{ "/a/obj/x.gcda", false, true },
	{ "/a/.gcda", false, false },
	{ "/a/default.profraw", false, true },
	{ "/a/core", false, true },
	{ "/a/core.123", false, true },
	{ "/a/core.", false, false },
	{ "/a/core.log", false, false },
	{ "/a/core/log", false, false },
	{ "/a/cores", false, false },
	{ "/a/__pycache__", false, true },
	{ "/a/__pycache__/m.cpython-311.pyc.140", false, true },
	{ "/a/m.pyc", false, true },
	{ "/a/m.py", false, false },
	{ "/tmp/hsperfdata_root", false, true },
	{ "/tmp/hsperfdata_root/77", false, true },
	{ "/tmp/dotnet-diagnostic-7-8-socket", false, true },
	{ "/a/gmon.out", false, true },
	{ "/a/gmon.out.d/x", false, false },
	{ "/tmp/pt.log", false, false },
	{ "", false, false },
};

START_TEST(kind)
{
	struct span path = span_str(kinds[_i].path);

	ck_assert_msg(path_is_kernels(path) == kinds[_i].kernels, "%s",
		      kinds[_i].path);
	ck_assert_msg(path_is_artefact(path) == kinds[_i].artefact, "%s",
		      kinds[_i].path);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("paths");
	TCase *t = tcase_create("paths");

	tcase_add_loop_test(t, absolute, 0, N(absolutes));
	tcase_add_loop_test(t, relation, 0, N(relations));
	tcase_add_loop_test(t, kind, 0, N(kinds));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
