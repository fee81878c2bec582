/*
 * bare.c - the least that a launch can cost: start a transport, read to the
 * end of its greeting, close its stdin, wait for it.
 *
 *	bare PROCESSES LAUNCHES PROGRAM [ARG...]
 *
 * makes so many launches, in so many processes at a time, each with the
 * environment that this program was given, and prints the seconds that they
 * took.  The exit status is 1 when a transport did not say DONE.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static bool launch_many(int processes, int launches, char **argv)
{
	bool good = true;
	int status;

	for (int i = 0; i < processes; i++) {
		int n = launches / processes + (i < launches % processes);
		pid_t pid = fork();

		good &= pid >= 0;
		if (pid)
			continue;
		while (n > 0 && launch(argv))
			n--;
		_exit(n > 0);
	}
	while (wait(&status) > 0)
		good &= status == 0;
	return good;
}

int main(int argc, char **argv)
{
	double began = seconds();

	if (argc < 4 || atoi(argv[1]) < 1) {
		fprintf(stderr, "usage: bare PROCESSES LAUNCHES PROGRAM...\n");
		return 2;
	}
	if (!launch_many(atoi(argv[1]), atoi(argv[2]), argv + 3)) {
		fprintf(stderr, "bare: %s does not work\n", argv[3]);
		return 1;
	}
	printf("%.4f\n", seconds() - began);
	return 0;
}
