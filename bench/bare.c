/*
 * bare.c - the least that a launch can cost: start a transport, read to the
 * end of its greeting, close its stdin, wait for it.
 *
 *	bare [-n|-N] PROCESSES LAUNCHES PROGRAM [ARG...]
 *
 * makes so many launches, in so many processes at a time, each with the
 * environment that this program was given, and prints the seconds that they
 * took.  The exit status is 1 when a transport did not say DONE.
 *
 * -n: each launch in namespaces of its own that a sandbox cannot do without
 * (pid, mount, ipc, uts), with an own $HOME and else as they are, below a user
 * and a network namespace that a process makes once.  -N: with a network
 * namespace of its own as well.  So this is what the kernel asks for a sandbox,
 * whoever makes it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 4096

extern char **environ;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Its pid, our ends of its stdin and stdout; or -1. */
static pid_t start(char **argv, int *in, FILE **out)
{
	posix_spawn_file_actions_t actions;
	int to[2], from[2], rc;
	pid_t pid;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC))
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, to[0], 0);
	posix_spawn_file_actions_adddup2(&actions, from[1], 1);
	rc = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = fdopen(from[0], "r");
	return rc || !*out ? -1 : pid;
}

static bool launch(char **argv)
{
	char line[LINE_BYTES];
	bool done = false;
	int in, status;
	FILE *out;
	pid_t pid = start(argv, &in, &out);

	if (pid < 0)
		return false;
	while (!done && fgets(line, sizeof(line), out))
		done = strstr(line, "METHODS DONE") != NULL;
	close(in);
	while (fgets(line, sizeof(line), out))
		;
	fclose(out);
	return waitpid(pid, &status, 0) == pid && done;
}

/* --- in namespaces ------------------------------------------------------------ */

#define EACH (CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS)

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;

	close(fd);
	return done;
}

/* Ids as they are. */
static bool have_namespaces(void)
{
	char uids[40], gids[40];

	snprintf(uids, sizeof(uids), "%u %u 1", geteuid(), geteuid());
	snprintf(gids, sizeof(gids), "%u %u 1", getegid(), getegid());
	return unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 &&
	       put("/proc/self/setgroups", "deny") &&
	       put("/proc/self/gid_map", gids) &&
	       put("/proc/self/uid_map", uids);
}

static bool launch_in(unsigned long long namespaces, char **argv)
{
	struct clone_args how = { .flags = namespaces, .exit_signal = SIGCHLD };
	int status;
	long pid;

	if (!namespaces)
		return launch(argv);
	pid = syscall(SYS_clone3, &how, sizeof(how));
	if (pid == 0)
		_exit(mount("bare", getenv("HOME"), "tmpfs", 0, NULL) ||
		      !launch(argv));
	return pid > 0 && waitpid((pid_t)pid, &status, 0) == pid && status == 0;
}

static bool launch_many(unsigned long long namespaces, int processes,
			int launches, char **argv)
{
	bool good = true;
	int status;

	for (int i = 0; i < processes; i++) {
		int n = launches / processes + (i < launches % processes);
		pid_t pid = fork();

		good &= pid >= 0;
		if (pid)
			continue;
		if (namespaces && !have_namespaces())
			_exit(1);
		while (n > 0 && launch_in(namespaces, argv))
			n--;
		_exit(n > 0);
	}
	while (wait(&status) > 0)
		good &= status == 0;
	return good;
}

int main(int argc, char **argv)
{
	unsigned long long namespaces = 0;
	double began = seconds();
	int opt;

	while ((opt = getopt(argc, argv, "+nN")) != -1)
		namespaces = opt == 'N' ? EACH | CLONE_NEWNET : EACH;
	argc -= optind;
	argv += optind;
	if (argc < 3 || atoi(argv[0]) < 1) {
		fprintf(stderr,
			"usage: bare [-n|-N] PROCESSES LAUNCHES PROGRAM...\n");
		return 2;
	}
	if (!launch_many(namespaces, atoi(argv[0]), atoi(argv[1]), argv + 2)) {
		fprintf(stderr, "bare: %s does not work\n", argv[2]);
		return 1;
	}
	printf("%.4f\n", seconds() - began);
	return 0;
}
