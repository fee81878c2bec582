/* test_observe.c - whose a socket is, and who is above a process. */
#include <check.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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

int main(void)
{
	Suite *s = suite_create("observe");
	TCase *t = tcase_create("observe");
	SRunner *sr = srunner_create(s);
	int failed;

	tcase_add_test(t, whose_socket);
	suite_add_tcase(s, t);
	/* A child of the runner would hold the socket, too. */
	srunner_set_fork_status(sr, CK_NOFORK);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
