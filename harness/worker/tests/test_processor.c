/* test_processor.c - who had a processor, and who may be waiting for one. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/worker/processor.h"
#include "harness/worker/tests/alone.h"

static struct instances instances;
static struct processor processor;
static struct file_facts files;

static void alone_changed(void *ctx)
{
	(void)ctx;
}

/* The first program of a session of its own, which never rests. */
static void processor_setup(void)
{
	pid_t pid;

	setup();
	instances_init(&instances, &task, &files);
	processor_init(&processor, &task, &instances);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setsid();
		for (volatile unsigned i = 0;; i++)
			;
	}
	while (getsid(pid) != pid)
		;
	instances.v[0].spawn.pid = pid;
	instances.n = 1;
}

static void processor_teardown(void)
{
	pid_t pid = instances.v[0].spawn.pid;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	instances.n = 0;
	instances_fini(&instances);
	teardown();
}

/* It has run between the last two times that it was asked, and there were two;
 * @before: the first of them. */
static struct event_processor had_after_a_run(struct event_processor *before)
{
	struct event_processor had;

	*before = processor_had(&processor);
	while ((had = processor_had(&processor)).cpu_us == before->cpu_us)
		*before = had;
	return had;
}

/* It is ready whenever somebody looks, and yet does not wait. */
START_TEST(who_never_rests)
{
	struct event_processor before, had;

	if (observe_waited_us() < 0)
		return;
	processor_look(&processor);
	had = had_after_a_run(&before);
	ck_assert_int_eq(before.state, SHARE_HELD);
	ck_assert_int_eq(had.state, SHARE_FREE);
}
END_TEST

/* What it waited since it was asked last may not be counted yet. */
START_TEST(uncounted)
{
	struct event_processor before, had;

	if (observe_waited_us() < 0)
		return;
	processor_look(&processor);
	had = had_after_a_run(&before);
	ck_assert_int_ge(had.waited_us, had.took_us - before.took_us);
}
END_TEST

/* Asked for the first time it may be in a wait of any length. */
START_TEST(first_ask)
{
	struct event_processor had;

	processor_look(&processor);
	had = processor_had(&processor);
	ck_assert_int_eq(had.state, SHARE_HELD);
}
END_TEST

START_TEST(stopped)
{
	struct event_processor had;
	pid_t pid = instances.v[0].spawn.pid;
	siginfo_t si;

	kill(pid, SIGSTOP);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &si, WSTOPPED), 0);
	processor_look(&processor);
	had = processor_had(&processor);
	ck_assert_int_eq(had.state, SHARE_FREE);
	ck_assert_int_eq(had.cpu_us, 0);
}
END_TEST

/* Two that want one processor, in a session that nobody looks at. */
static pid_t crowd(void)
{
	cpu_set_t one;
	pid_t pid;

	sched_getaffinity(0, sizeof(one), &one);
	for (int i = 0, n = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &one) && n++)
			CPU_CLR(i, &one);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	setpgid(pid, pid);
	if (pid)
		return pid;
	sched_setaffinity(0, sizeof(one), &one);
	fork();
	for (volatile unsigned i = 0;; i++)
		;
}

/* What came and went between two looks may have waited all the time; what is
 * there has not. */
START_TEST(came_and_went)
{
	struct event_processor had;
	pid_t pid = instances.v[0].spawn.pid, others, gone;
	siginfo_t si;
	bool pressure;
	int64_t machine;

	machine = observe_machine_waited_us(&pressure);
	if (observe_waited_us() < 0 || machine < 0 || observe_made() < 0)
		return;
	kill(pid, SIGSTOP);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &si, WSTOPPED), 0);
	others = crowd();
	processor_look(&processor);
	machine = observe_machine_waited_us(&pressure);
	gone = fork();
	if (gone == 0)
		_exit(0);
	waitpid(gone, NULL, 0);
	while (observe_machine_waited_us(&pressure) - machine < 10000)
		;
	had = processor_had(&processor);
	kill(-others, SIGKILL);
	waitpid(others, NULL, 0);
	ck_assert_int_ge(had.waited_us, 10000);
}
END_TEST

/* In the kernel as long as its child uses its memory, which is for ever. */
static void wait_in_the_kernel(void)
{
	pid_t pid = instances.v[0].spawn.pid;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setsid();
		if (vfork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		_exit(0);
	}
	while (getsid(pid) != pid)
		;
	instances.v[0].spawn.pid = pid;
}

static void stop(void *ctx, unsigned what)
{
	(void)ctx;
	(void)what;
	loop_stop(task.loop);
}

/* What there was in a second. */
static struct event_processor had_in_a_second(void)
{
	processor_look(&processor);
	loop_after(task.loop, 1000000, stop, NULL);
	loop_run(task.loop);
	return processor_had(&processor);
}

/* Nobody counts that, and it is seen now and then. */
START_TEST(waits_in_the_kernel)
{
	struct event_processor had;

	wait_in_the_kernel();
	had = had_in_a_second();
	ck_assert_int_ge(had.waited_us, had.took_us / 2);
	ck_assert_int_eq(had.state, SHARE_HELD);
}
END_TEST

START_TEST(waits_for_nothing_of_the_kernel)
{
	struct event_processor had;
	siginfo_t si;

	kill(instances.v[0].spawn.pid, SIGSTOP);
	ck_assert_int_eq(
		waitid(P_PID, (id_t)instances.v[0].spawn.pid, &si, WSTOPPED),
		0);
	had = had_in_a_second();
	ck_assert_int_eq(processor.blocked, 0);
	ck_assert_int_eq(had.state, SHARE_FREE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("processor");
	TCase *t = tcase_create("processor");

	tcase_add_checked_fixture(t, processor_setup, processor_teardown);
	tcase_add_test(t, who_never_rests);
	tcase_add_test(t, uncounted);
	tcase_add_test(t, first_ask);
	tcase_add_test(t, stopped);
	tcase_add_test(t, came_and_went);
	tcase_add_test(t, waits_in_the_kernel);
	tcase_add_test(t, waits_for_nothing_of_the_kernel);
	suite_add_tcase(s, t);
	return suite_run(s);
}
