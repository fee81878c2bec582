/* suite.c - see suite.h. */
#include "parent/base/tests/suite.h"

#include <stdlib.h>

static int run(Suite *s, enum fork_status forks)
{
	SRunner *r = srunner_create(s);
	int failed;

	/* How it is by default, CK_FORK may say. */
	if (forks != CK_FORK_GETENV)
		srunner_set_fork_status(r, forks);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int suite_run(Suite *s)
{
	return run(s, CK_FORK_GETENV);
}

int suite_run_here(Suite *s)
{
	return run(s, CK_NOFORK);
}
