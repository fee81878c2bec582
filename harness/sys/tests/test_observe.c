/*
 * test_observe.c - whose a socket is, who is above a process, and what a
 * process had of the processors.
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/sys/observe.h"

START_TEST(whose_socket)
{
	int a = socket(AF_INET, SOCK_STREAM, 0), ends[2];
	struct stat st;
	uint32_t inode;
	pid_t pid;
	char c;

	ck_assert_int_eq(fstat(a, &st), 0);
	inode = (uint32_t)st.st_ino;
	/* The caller does not look at itself. */
	ck_assert_int_eq(observe_socket_owner(inode), 0);
	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		_exit(read(ends[0], &c, 1) < 0);
	}
	close(ends[0]);
	ck_assert_int_eq(observe_socket_owner(inode), pid);
	ck_assert_int_eq(observe_parent(pid), getpid());
	close(ends[1]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_int_eq(observe_socket_owner(inode), 0);
	ck_assert_int_eq(observe_parent(pid), 0);
	close(a);
}
END_TEST

/* --- processors --- */

/* All on one processor: a child that spins or sleeps, in a session of its
 * own when it is told so. */
static pid_t child_on(const cpu_set_t *one, bool spins, bool own_session)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (own_session)
		setsid();
	sched_setaffinity(0, sizeof(*one), one);
	while (spins)
		;
	for (;;)
		pause();
}

static void end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void first_processor(cpu_set_t *one)
{
	cpu_set_t all;
	int cpu = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu++;
	CPU_ZERO(one);
	CPU_SET(cpu, one);
}

struct sum {
	size_t n;
	struct observe_thread last;
};

static void add_thread(void *ctx, const struct observe_thread *t)
{
	struct sum *s = ctx;

	s->n++;
	s->last = *t;
}

static struct sum states_of(pid_t session, bool states_only)
{
	struct sum s = { 0 };

	observe_threads(&session, 1, states_only, add_thread, &s);
	return s;
}

static struct sum threads_of(pid_t session)
{
	return states_of(session, false);
}

/* Two that want the same processor: one waits while the other runs. */
START_TEST(waiting)
{
	cpu_set_t one;
	pid_t watched, other;
	struct sum s;

	if (observe_waited_us() < 0)
		return;
	first_processor(&one);
	watched = child_on(&one, true, true);
	other = child_on(&one, true, false);
	do
		s = threads_of(watched);
	while (s.n == 0 || s.last.waited_us == 0 || s.last.ran_us == 0);
	ck_assert_uint_eq(s.n, 1);
	ck_assert_int_eq(s.last.tid, watched);
	ck_assert(s.last.ready);
	end_child(other);
	end_child(watched);
	ck_assert_uint_eq(threads_of(watched).n, 0);
}
END_TEST

START_TEST(asleep)
{
	cpu_set_t one;
	pid_t pid;
	struct sum s;

	first_processor(&one);
	pid = child_on(&one, false, true);
	do
		s = threads_of(pid);
	while (s.n == 0 || s.last.ready);
	ck_assert_uint_eq(s.n, 1);
	end_child(pid);
}
END_TEST

static void *sleep_on(void *unused)
{
	(void)unused;
	while (pause())
		;
	return NULL;
}

/* A process of several threads, and one whose name looks like a state. */
START_TEST(several)
{
	pthread_t id;
	pid_t pid = fork();
	struct sum s;

	if (pid == 0) {
		setsid();
		prctl(PR_SET_NAME, "a) D 1 (b");
		pthread_create(&id, NULL, sleep_on, NULL);
		pthread_create(&id, NULL, sleep_on, NULL);
		sleep_on(NULL);
	}
	do
		s = threads_of(pid);
	while (s.n < 3 || s.last.ready);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_int_ne(s.last.tid, pid);
	ck_assert(!s.last.blocked);
	s = states_of(pid, true);
	ck_assert_uint_eq(s.n, 3);
	ck_assert_int_eq(s.last.ran_us, 0);
	end_child(pid);
}
END_TEST

/* What bounds it where nobody counts it does not shrink. */
START_TEST(of_the_machine)
{
	bool pressure, again;
	int64_t us = observe_machine_waited_us(&pressure);

	ck_assert_int_ge(observe_machine_waited_us(&again), us);
	ck_assert_int_eq(pressure, again);
	us = observe_disk_waited_us();
	ck_assert_int_ge(us, 0);
	ck_assert_int_ge(observe_disk_waited_us(), us);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("observe");
	TCase *t = tcase_create("observe");

	tcase_add_test(t, whose_socket);
	tcase_add_test(t, waiting);
	tcase_add_test(t, asleep);
	tcase_add_test(t, several);
	tcase_add_test(t, of_the_machine);
	suite_add_tcase(s, t);
	/* A child of the runner would hold the socket, too. */
	return suite_run_here(s);
}
