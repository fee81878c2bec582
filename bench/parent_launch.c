/*
 * parent_launch.c - launches by libptparent, for bench/parent.
 *
 *	parent-launch PROCESSES LAUNCHES STATE NAME PROGRAM [ARG...]
 *
 * Does what bare.c does, with a parent's session: start a PT client, wait until
 * it is ready, stop it, wait for its end.  Prints the seconds that all took.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "parent/ptparent.h"

static struct ptp *process;
static bool running, good;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void happened(void *ctx, const struct ptp_event *ev)
{
	(void)ctx;
	if (ev->what == PTP_READY) {
		good = true;
		ptp_stop(process);
	}
	if (ev->what == PTP_STOPPED)
		running = false;
}

static bool launch(const struct ptp_config *c)
{
	struct ptp_error err;

	process = ptp_new(c, happened, NULL, &err);
	if (!process) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	running = true;
	good = false;
	ptp_start(process);
	while (running) {
		struct pollfd p = { ptp_fd(process), POLLIN, 0 };

		if (poll(&p, 1, -1) > 0)
			ptp_step(process);
	}
	ptp_free(process);
	return good;
}

int main(int argc, char **argv)
{
	struct ptp_config c = { 0 };
	int processes, launches, status, bad = 0;
	double begin = seconds();

	if (argc < 6)
		return 2;
	processes = atoi(argv[1]);
	launches = atoi(argv[2]);
	c.state = argv[3];
	c.transports = (const char *const *)argv + 4;
	c.ntransports = 1;
	c.argv = (const char *const *)argv + 5;
	for (int i = 0; i < processes; i++) {
		if (fork() != 0)
			continue;
		for (int k = i; k < launches; k += processes)
			if (!launch(&c))
				_exit(1);
		_exit(0);
	}
	while (wait(&status) > 0)
		bad |= status;
	printf("%.6f\n", seconds() - begin);
	return bad != 0;
}
