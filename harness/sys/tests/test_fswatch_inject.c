/*
 * test_fswatch_inject.c - how calls of a watched process are made to fail.
 */
#include "harness/sys/tests/fswatch_launch.h"

/* --- injections ------------------------------------------------------------------------------------ */

static const struct fswatch_inject two_mkdirs[] = {
	{ "mkdir", ENOSPC, NULL, 1, 2 },
	{ "rename", EXDEV, CWD "/to", 0, 0 },
	{ "unlink", EACCES, CWD "/keep", 0, 0 },
	{ "open", EMFILE, CWD "/no", 0, 1 },
};
static const struct row injected[] = {
	{ "mkdir a mkdir b mkdir c mkdir d mkdir f mkdir g",
	  "mkdir missing a;mkdir missing b =28;mkdir missing c =28;"
	  "mkdir missing d;mkdir missing f;mkdir missing g;",
	  "ok 28 28 ok ok ok " },
	/* Calls that change nothing do not count. */
	{ "mkdir a mkdir a mkdir b mkdir c mkdir e",
	  "-mkdir dir a;-mkdir dir a;mkdir missing b;mkdir missing c =28;"
	  "mkdir missing e =28;",
	  "17 17 ok 28 28 " },
	{ "rename a x rename x to rename x tome",
	  "rename dir a;rename-to missing x;rename-to missing to =18;"
	  "rename-to missing tome =18;",
	  "ok 18 18 " },
	{ "create keep unlink keep rmdir b create none create none",
	  "create missing keep;unlink file keep =13;rmdir dir b;"
	  "create missing none =24;create missing none;",
	  "ok 13 ok 24 ok " },
};

START_TEST(calls_fail)
{
	check_with(injected, N(injected), two_mkdirs, N(two_mkdirs));
}
END_TEST

/* Calls that are otherwise not looked at. */
static const struct fswatch_inject rare[] = {
	{ "write", ENOSPC, CWD "/full", 1, 0 },
	{ "fsync", EIO, CWD "/full", 0, 1 },
	{ "connect", ECONNREFUSED, CWD "/s", 0, 0 },
};
static const struct row rarely[] = {
	{ "create full write full write full fsync full fsync full",
	  "create missing full;open file full;open file full;"
	  "write file full =28;fsync file full =5;",
	  "ok ok 28 5 ok " },
	{ "create free write free fsync free tcp connect s connect t",
	  "create missing free;open file free;connect missing s =111;",
	  "ok ok ok ok 111 2 " },
};

START_TEST(rare_calls_fail)
{
	check_with(rarely, N(rarely), rare, N(rare));
}
END_TEST

struct tcp_row {
	struct fswatch_inject in;
	struct row row;
};

static const struct tcp_row tcp_rows[] = {
	{ { "bind", EADDRINUSE, NULL, 0, 0 },
	  { "tcp", "bind unknown ? =98;", "98 " } },
	{ { "listen", EADDRINUSE, NULL, 0, 0 },
	  { "tcp", "listen unknown ? =98;", "98 " } },
	{ { "connect", ENETUNREACH, NULL, 0, 0 },
	  { "tcp", "connect unknown ? =101;", "101 " } },
	{ { "accept", EMFILE, NULL, 0, 0 },
	  { "tcp", "accept unknown ? =24;", "24 " } },
	{ { "socket", EMFILE, NULL, 2, 1 },
	  { "tcp socket socket", "socket unknown ? =24;", "ok 24 ok " } },
	{ { "bind", EACCES, CWD "/s", 0, 0 },
	  { "tcp bind s bind t", "bind missing s =13;bind missing t;",
	    "ok 13 ok " } },
	/* With a path a rule is not about ports. */
	{ { "connect", EIO, "/", 0, 0 }, { "tcp", "", "ok " } },
};

static const char *one_tcp(void *arg)
{
	const struct tcp_row *t = arg;

	return check_row(&t->row, false, &t->in, 1);
}

START_TEST(sockets_fail)
{
	for (size_t i = 0; i < N(tcp_rows); i++)
		enter(true, one_tcp, (void *)&tcp_rows[i]);
}
END_TEST

/* Also what it prints. */
static const char *no_output(void *arg)
{
	const struct fswatch_inject in = { "write", EPIPE, NULL, 0, 0 };
	const char *argv[] = { toucher, "uring", NULL };
	struct launch l = { .argv = argv, .in = &in, .nin = 1 };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	hide_numbers(&l);
	if (l.text[0] || strncmp(l.seen, "write fifo pipe:[] =;", 21) != 0)
		return strcpy(oops, l.seen);
	return NULL;
}

START_TEST(output_fails)
{
	enter(true, no_output, NULL);
}
END_TEST

START_TEST(names_of_calls)
{
	ck_assert(fswatch_inject_known("open"));
	ck_assert(fswatch_inject_known("unlink"));
	ck_assert(fswatch_inject_known("accept"));
	ck_assert(fswatch_inject_known("connect"));
	ck_assert(!fswatch_inject_known("rmdir"));
	ck_assert(!fswatch_inject_known("create"));
	ck_assert(!fswatch_inject_known("rename-to"));
	ck_assert(!fswatch_inject_known("read"));
	ck_assert(!fswatch_inject_known(""));
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("fswatch_inject");
	TCase *t = tcase_create("inject");

	tcase_add_test(t, calls_fail);
	tcase_add_test(t, rare_calls_fail);
	tcase_add_test(t, sockets_fail);
	tcase_add_test(t, output_fails);
	tcase_add_test(t, names_of_calls);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	find_toucher();
	return run_suite("fswatch_inject", suite);
}
