/*
 * test_fswatch_odd.c - processes that storm, die or are watched by somebody
 * else, and a watcher that is not there.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "harness/sys/tests/fswatch_launch.h"

/* --- hostile ones ------------------------------------------------------------------------------------ */

static const char *storm(void *arg)
{
	const char *argv[] = { toucher, "storm", "s", "killed", "k", NULL };
	struct launch l = { .argv = argv, .stand_in = true };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	if (strcmp(l.text, "ok ok ") != 0)
		return strcpy(oops, l.text);
	return l.events >= 2000 ? NULL : "calls were missed";
}

START_TEST(storms)
{
	enter(true, storm, NULL);
}
END_TEST

/* Its own signals do not make a call be seen twice, or fail. */
static const char *signals(void *arg)
{
	const char *argv[] = { toucher, "alarms", "a", NULL };
	struct launch l = { .argv = argv };
	const char *wrong = run(&l);

	(void)arg;
	if (wrong)
		return wrong;
	if (strcmp(l.text, "ok ") != 0)
		return strcpy(oops, l.text);
	return l.events == 2000 ? NULL : "calls were seen twice";
}

START_TEST(interrupted_calls)
{
	enter(true, signals, NULL);
}
END_TEST

/* --- off --------------------------------------------------------------------------------------------- */

/* Somebody else watches this process already. */
static int hold_listener(void)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K,
					       SECCOMP_RET_ALLOW) };
	struct sock_fprog program = { 1, code };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			    SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
}

static const char *busy(void *arg)
{
	const char *argv[] = { toucher, "mkdir", "a", NULL };
	struct launch l = { .argv = argv, .stand_in = arg != NULL };
	const char *wrong;

	if (hold_listener() < 0)
		return "no listener";
	wrong = run(&l);
	if (wrong)
		return wrong;
	if (l.listener_errno != EBUSY)
		return "not busy";
	return strcmp(l.text, "ok ") == 0 && !l.events ? NULL
						       : strcpy(oops, l.text);
}

START_TEST(another_listener)
{
	enter(true, busy, _i ? oops : NULL);
}
END_TEST

/* Nobody answers any more: calls fail, nothing hangs. */
static const char *unanswered(void *arg)
{
	const char *argv[] = { toucher, "mkdir", "a", NULL };
	struct launch l = { .argv = argv };
	const char *const envp[] = { NULL };
	struct fswatch_filter *f = fswatch_filter_new(NULL, 0);
	struct spawn s = { .argv = argv,
			   .envp = envp,
			   .cwd = CWD,
			   .direct = true,
			   .stdin_fd = -1,
			   .stderr_fd = 2,
			   .nofile = { 3, 3 },
			   .drop_caps = true,
			   .filter = fswatch_filter_program(f) };
	static struct err e;
	const char *wrong = start(&l, &s, &e);

	(void)arg;
	if (wrong)
		return wrong;
	if (s.listener_fd < 0)
		return strerror(s.listener_errno);
	if (fcntl(s.listener_fd, F_GETFD) != FD_CLOEXEC)
		return "inherited";
	close(s.listener_fd);
	loop_run(l.loop);
	return only("38 ", l.text);
}

START_TEST(nobody_answers)
{
	enter(true, unanswered, NULL);
}
END_TEST

/* No descriptor of it reaches the program. */
static const char *descriptors(void *arg)
{
	const char *argv[] = { "/bin/ls", "/proc/self/fd", NULL };
	struct launch l = { .argv = argv, .stand_in = arg != NULL };
	int before = dup(0), after;
	const char *wrong = run(&l);

	if (wrong)
		return wrong;
	/* The last is ls's own. */
	if (strcmp(l.text, "1\n2\n3\n") != 0 &&
	    strcmp(l.text, "0\n1\n2\n") != 0)
		return strcpy(oops, l.text);
	after = dup(0);
	return after == before + 1 ? NULL : "a descriptor is left";
}

START_TEST(no_descriptor_leaks)
{
	enter(true, descriptors, _i ? oops : NULL);
}
END_TEST

static const char *usable(void *arg)
{
	struct err e;

	(void)arg;
	return fswatch_usable(&e) ? strcpy(oops, e.msg) : NULL;
}

START_TEST(can_be_used)
{
	enter(true, usable, NULL);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("fswatch_odd");
	TCase *t = tcase_create("odd");

	tcase_add_test(t, storms);
	tcase_add_test(t, interrupted_calls);
	tcase_add_loop_test(t, another_listener, 0, 2);
	tcase_add_test(t, nobody_answers);
	tcase_add_loop_test(t, no_descriptor_leaks, 0, 2);
	tcase_add_test(t, can_be_used);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	find_toucher();
	return run_suite("fswatch_odd", suite);
}
