/*
 * test_root.c - the file system of a launch, as the launch finds it: a work
 * directory, what the host shows, what everybody may write to.
 */
#include <sys/stat.h>

#include "parent/base/tests/limits.h"
#include "harness/sys/tests/inside.h"
#include "harness/sys/tests/machine.h"

static bool is_dir(const char *path, unsigned mode)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) &&
	       (st.st_mode & 07777) == mode && st.st_uid == geteuid();
}

static const char *work_dir(void *arg)
{
	const char *outer = arg;
	int fd;

	NEED(is_dir(SANDBOX_WORK, 0700));
	NEED(is_dir(SANDBOX_WORK "/home", 0700));
	NEED(is_dir(SANDBOX_WORK "/tmp", 0700));
	NEED(is_dir(SANDBOX_WORK "/cwd", 0700));
	/* Not the one of an earlier launch. */
	fd = open(SANDBOX_WORK "/cwd/mine", O_WRONLY | O_CREAT | O_EXCL, 0600);
	NEED(fd >= 0);
	NEED(write(fd, "x", 1) == 1);
	/* The host's files are where they were. */
	NEED(access(outer, R_OK) == 0);
	NEED(access("/bin/sh", X_OK) == 0);
	NEED(access("/dev/null", W_OK) == 0);
	/* What was needed to make the root is gone. */
	NEED(access(SANDBOX_WORK "/old", F_OK) < 0);
	NEED(access(SANDBOX_WORK "/layers", F_OK) < 0);
	return NULL;
}

START_TEST(has_a_work_directory)
{
	char path[] = "/tmp/ptcheck-sandbox-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	enter(true, work_dir, path);
	enter(true, work_dir, path);
	ck_assert_int_lt(access(SANDBOX_WORK, F_OK), 0);
	close(fd);
	unlink(path);
}
END_TEST

/* What the making of a root might take for its own. */
static const char *const odd_dirs[] = { "/old", "/layers", SANDBOX_WORK "x" };
#define ODD_DIRS (sizeof(odd_dirs) / sizeof(odd_dirs[0]))
/* Those that this machine has, which are not for us to write to. */
static bool is_hosts[ODD_DIRS];

static const char *odd_dirs_shown(void *arg)
{
	char path[64];

	(void)arg;
	for (size_t i = 0; i < ODD_DIRS; i++) {
		NEED(access(odd_dirs[i], F_OK) == 0);
		snprintf(path, sizeof(path), "%s/here", odd_dirs[i]);
		NEED(is_hosts[i] || access(path, F_OK) == 0);
	}
	NEED(access("/proc/self/status", R_OK) == 0);
	NEED(is_dir(SANDBOX_WORK "/cwd", 0700));
	NEED(access(SANDBOX_WORK "/here", F_OK) < 0);
	return NULL;
}

/* The root of a launch is ours, so it is the host's for another one. */
static const char *odd_host(void *arg)
{
	char path[64];

	(void)arg;
	NEED(mkdir(SANDBOX_WORK "/here", 0700) == 0);
	for (size_t i = 0; i < ODD_DIRS; i++) {
		snprintf(path, sizeof(path), "%s/here", odd_dirs[i]);
		is_hosts[i] = access(odd_dirs[i], F_OK) == 0;
		NEED(is_hosts[i] || mkdir(odd_dirs[i], 0755) == 0);
		NEED(is_hosts[i] || mkdir(path, 0755) == 0);
	}
	enter(true, odd_dirs_shown, NULL);
	return NULL;
}

START_TEST(shows_all_of_an_odd_host)
{
	enter(true, odd_host, NULL);
}
END_TEST

static const char *const common_dirs[] = { "/tmp", "/var/tmp", "/dev/shm" };

/* What an earlier launch wrote is gone, what the user has is there. */
static const char *own_dirs(void *arg)
{
	const char *outer = arg, *name = strrchr(outer, '/');
	char path[64];
	int fd;

	for (size_t i = 0; i < 3; i++) {
		if (access(common_dirs[i], F_OK))
			continue;
		snprintf(path, sizeof(path), "%s%s.inside", common_dirs[i],
			 name);
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
		NEED(fd >= 0);
		NEED(write(fd, "x", 1) == 1);
		close(fd);
	}
	fd = open(outer, O_RDWR);
	NEED(fd >= 0);
	NEED(write(fd, "x", 1) == 1);
	NEED(unlink(outer) == 0);
	return NULL;
}

START_TEST(leaves_common_directories_alone)
{
	char path[] = "/tmp/ptcheck-sandbox-XXXXXX", inside[64];
	int fd = mkstemp(path);
	struct stat st;

	ck_assert_int_ge(fd, 0);
	if (!has_overlay()) {
		left_out("sandbox: common directories", "no overlay here");
	} else {
		enter(true, own_dirs, path);
		enter(true, own_dirs, path);
		ck_assert_int_eq(lstat(path, &st), 0);
		ck_assert_int_eq(st.st_size, 0);
		for (size_t i = 0; i < 3; i++) {
			snprintf(inside, sizeof(inside), "%s%s.inside",
				 common_dirs[i], strrchr(path, '/'));
			ck_assert_int_lt(access(inside, F_OK), 0);
		}
	}
	close(fd);
	unlink(path);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("root");
	TCase *t = tcase_create("inside");

	tcase_add_test(t, has_a_work_directory);
	tcase_add_test(t, shows_all_of_an_odd_host);
	tcase_add_test(t, leaves_common_directories_alone);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite("root", suite);
}
