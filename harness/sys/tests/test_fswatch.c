/*
 * test_fswatch.c - what is seen of a process that changes the file system.
 */
#include "harness/sys/tests/fswatch_launch.h"
#include "harness/sys/tests/machine.h"

/* --- each call ---------------------------------------------------------------------- */

static const struct row calls[] = {
	{ "create f open f cut f create f",
	  "create missing f;open file f;"
	  "open file f;open file f;",
	  "ok ok ok ok " },
	{ "read f cloexec f look f readat2 f", "", "ok ok ok ok " },
	{ "openat2 g oldopen h creat i",
	  "create missing g;create missing h;create missing i;", "ok ok ok " },
	{ "mkdir d oldmkdir d2 mkdir32 d3 rmdir d2 unlinkdir d3",
	  "mkdir missing d;mkdir missing d2;mkdir missing d3;rmdir dir d2;"
	  "rmdir dir d3;",
	  "ok ok ok ok ok " },
	{ "mkfifo p bind s symlink f l link f hard",
	  "mknod missing p;bind missing s;symlink missing l;"
	  "link missing hard;",
	  "ok ok ok ok " },
	{ "rename g d/g rename d/g h noreplace h new",
	  "rename file g;rename-to missing d/g;rename file d/g;"
	  "rename-to file h;rename file h;rename-to missing new;",
	  "ok ok ok " },
	{ "chmod new chown new lchown l truncate new utime new lutime l "
	  "xattr new emptypath new",
	  "chmod file new;chown file new;chown symlink l;truncate file new;"
	  "utime file new;utime symlink l;xattr file new;chown file new;",
	  "ok ok ok ok ok ok ok ok " },
	{ "fd new",
	  "chmod file new;chown file new;utime file new;"
	  "xattr file new;",
	  "ok " },
	{ "unlink new unlink l unlink p unlink s unlink hard",
	  "unlink file new;unlink symlink l;unlink fifo p;unlink socket s;"
	  "unlink file hard;",
	  "ok ok ok ok ok " },
	{ "tmpfile d uring", "tmpfile dir d;", "ok 38 " },
};

/* Where a 32-bit program cannot make that call, a 64-bit one does. */
static void check_calls(void)
{
	struct row row[N(calls)];
	char why[WHY_MAX], script[200], *word;

	memcpy(row, calls, sizeof(row));
	for (size_t i = 0; i < N(row) && !runs_32bit(toucher, why); i++) {
		snprintf(script, sizeof(script), "%s", row[i].script);
		word = strstr(script, "mkdir32");
		if (!word)
			continue;
		left_out("fswatch: mkdir32", why);
		memmove(word + 5, word + 7, strlen(word + 7) + 1);
		row[i].script = script;
		break;
	}
	check(row, N(row));
}

START_TEST(every_call)
{
	check_calls();
}
END_TEST

START_TEST(every_call_without_32bit)
{
	char why[WHY_MAX];

	refuse_32bit();
	ck_assert(!runs_32bit(toucher, why));
	check_calls();
}
END_TEST

/* --- each way to say where -------------------------------------------------------------- */

static const struct row places[] = {
	{ "mkdir d mkdir d/e symlink d/e link symlink nofile dangling "
	  "symlink /ptcheck-work/cwd/d abs symlink loop loop symlink .. d/up",
	  "mkdir missing d;mkdir missing d/e;symlink missing link;"
	  "symlink missing dangling;symlink missing abs;symlink missing loop;"
	  "symlink missing d/up;",
	  "ok ok ok ok ok ok ok " },
	{ "create link/f create abs/../x create ./d/.././/d/up/y",
	  "create missing d/e/f;create missing x;create missing y;",
	  "ok ok ok " },
	{ "create dangling excl dangling unlink dangling create loop",
	  "create missing nofile;-open symlink dangling;"
	  "unlink symlink dangling;-open unknown loop;",
	  "ok 17 ok 40 " },
	{ "symlink d/e/f tofile open tofile nofollow tofile chmod tofile",
	  "symlink missing tofile;open file d/e/f;-open symlink tofile;"
	  "chmod file d/e/f;",
	  "ok ok 40 ok " },
	{ "chdir d create here chdir e create there chdir / create tmp",
	  "create missing d/here;create missing d/e/there;-open dir /tmp;",
	  "ok ok ok ok ok 21 " },
	{ "at d made moved badfd z",
	  "mkdir missing d/made;rename dir d/made;rename-to missing moved;"
	  "-mkdir unknown z;",
	  "ok 9 " },
	{ "mkdir a/b/../c/./d create none/f unlink none/f mkdir d/e/f/g",
	  "mkdir nowhere a/c/d;create nowhere none/f;-unlink nowhere none/f;"
	  "mkdir nowhere d/e/f/g;",
	  "2 2 2 20 " },
	{ "edge edgy long far endless nowhere",
	  "mkdir missing edgy;rmdir dir edgy;create missing far;"
	  "open unknown ?;",
	  "ok ok 36 14 " },
	{ "mkdir . rmdir d/ mkdir d/ mkdir new/ rmdir new/.",
	  "-mkdir dir /ptcheck-work/cwd;rmdir dir d;-mkdir dir d;"
	  "mkdir missing new;rmdir dir new;",
	  "17 39 17 ok 22 " },
};

START_TEST(every_place)
{
	check(places, N(places));
}
END_TEST

/* --- what changes nothing ---------------------------------------------------------------- */

static const struct row noops[] = {
	{ "mkdir d create f mkdir d excl f mkfifo f symlink x f link f d "
	  "bind f noreplace f d",
	  "mkdir missing d;create missing f;-mkdir dir d;-open file f;"
	  "-mknod file f;-symlink file f;-link dir d;-bind file f;"
	  "-rename file f;-rename-to dir d;",
	  "ok ok 17 17 17 17 17 98 17 " },
	{ "unlink x rmdir x rename x y chmod x chown x utime x truncate x "
	  "open x tmpfile x",
	  "-unlink missing x;-rmdir missing x;-rename missing x;"
	  "-rename-to missing y;-chmod missing x;-chown missing x;"
	  "-utime missing x;-truncate missing x;-open missing x;"
	  "-tmpfile missing x;",
	  "2 2 2 2 2 2 2 2 2 " },
	{ "unlink d rmdir f open d", "-unlink dir d;-rmdir file f;-open dir d;",
	  "21 20 21 " },
	{ "open /dev/null create /dev/null mkfifo p open p",
	  "-open device /dev/null;-open device /dev/null;mknod missing p;"
	  "-open fifo p;",
	  "ok ok ok ok " },
	{ "abstract a", "", "ok " },
	/* Refused, but not nothing: it was tried. */
	{ "create /nothing-there/a", "create nowhere /nothing-there/a;", "2 " },
};

START_TEST(what_changes_nothing)
{
	check(noops, N(noops));
}
END_TEST

static const char *own_names(void *arg)
{
	const char *argv[] = { toucher,
			       "open",
			       "/dev/stdout",
			       "open",
			       "/proc/self/oom_score_adj",
			       "create",
			       "/proc/thread-self/comm",
			       "unlink",
			       "/proc/self/cwd/x",
			       "create",
			       "/dev/fd/../cwd/f",
			       "pipe",
			       NULL };
	struct launch l = { .argv = argv };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	hide_numbers(&l);
	return only("-open fifo pipe:[];"
		    "-open file /proc//oom_score_adj;"
		    "-open file /proc//comm;"
		    "-unlink missing x;create missing f;"
		    "-chmod fifo pipe:[];",
		    l.seen);
}

/* /proc/self is not the worker. */
START_TEST(names_of_its_own)
{
	enter(true, own_names, NULL);
}
END_TEST

/* --- who does it ----------------------------------------------------------------------------- */

static const struct row hidden = { "hide mkdir hidden", "mkdir missing hidden;",
				   "ok ok " };

static const char *who(void *arg)
{
	const char *forks[] = { toucher,  "fork",  "mkdir", "a",
				"thread", "rmdir", "a",	    NULL };
	struct launch l = { .argv = forks, .stand_in = arg != NULL };
	const char *wrong = run(&l);

	if (wrong)
		return wrong;
	if (strcmp(l.seen, "mkdir missing a;rmdir dir a;") != 0)
		return strcpy(oops, l.seen);
	if (l.threads != 1)
		return "thread and process are not told apart";
	return check_row(&hidden, arg != NULL, NULL, 0);
}

START_TEST(descendants_and_threads)
{
	enter(true, who, _i ? oops : NULL);
}
END_TEST

/* A shell and its tools, dynamically linked. */
static const char *shell(void *arg)
{
	const char *argv[] = { "/bin/sh", "-c",
			       "umask 077; echo x > a; mkdir -p b/c;"
			       "mv a b/c; cp b/c/a d; rm -r b; echo done",
			       NULL };
	struct launch l = { .argv = argv };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	if (strcmp(l.text, "done\n") != 0)
		return "the shell was disturbed";
	return only("create missing a;mkdir missing b;mkdir missing b/c;"
		    "-rename file a;-rename-to dir b/c;"
		    "rename file a;rename-to missing b/c/a;create missing d;"
		    "unlink file b/c/a;rmdir dir b/c;rmdir dir b;",
		    l.seen);
}

START_TEST(a_shell)
{
	enter(true, shell, NULL);
}
END_TEST

/* --- before it happens ------------------------------------------------------------------------- */

static void read_before(void *ctx, const struct fswatch_event *ev)
{
	struct launch *l = ctx;
	char text[64] = "";
	int fd;

	if (ev->op != FSWATCH_UNLINK && !(ev->flags & O_TRUNC))
		return;
	fd = open(ev->path.p, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return;
	close(fd);
	strcat(l->seen, text);
}

static const char *before(void *arg)
{
	const char *argv[] = { toucher, "create", "f", "write",	 "f", "cut",
			       "f",	"write",  "f", "unlink", "f", NULL };
	struct launch l = { .argv = argv, .fn = read_before };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	return only("create missing f;open file f;xopen file f;"
		    "open file f;xunlink file f;",
		    l.seen);
}

START_TEST(told_before)
{
	enter(true, before, NULL);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("fswatch");
	TCase *t = tcase_create("seen");

	tcase_add_test(t, every_call);
	tcase_add_test(t, every_call_without_32bit);
	tcase_add_test(t, every_place);
	tcase_add_test(t, what_changes_nothing);
	tcase_add_test(t, names_of_its_own);
	tcase_add_loop_test(t, descendants_and_threads, 0, 2);
	tcase_add_test(t, a_shell);
	tcase_add_test(t, told_before);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	find_toucher();
	return run_suite("fswatch", suite);
}
