/* example STATE BRIDGE PT [ARG...]: fetches what a bridge sends. */
#include <poll.h>
#include <ptparent.h>
#include <stdio.h>
#include <unistd.h>

static struct ptp *process;
static struct ptp_bridge bridge;
static int running = 1, status = 1;

static void connected(void *ctx, int fd, const char *why)
{
	char data[4096];
	ssize_t n;

	(void)ctx;
	if (fd < 0)
		fprintf(stderr, "no connection: %s\n", why);
	while (fd >= 0 && poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, -1) > 0 &&
	       (n = read(fd, data, sizeof(data))) > 0)
		fwrite(data, 1, (size_t)n, stdout);
	status = fd < 0;
	ptp_stop(process);
}

static void happened(void *ctx, const struct ptp_event *ev)
{
	struct ptp_error err;

	(void)ctx;
	if (ev->what == PTP_FAILED)
		fputs("the transport failed\n", stderr);
	if (ev->what == PTP_STOPPED)
		running = 0;
	if (ev->what == PTP_READY &&
	    !ptp_dial(process, bridge.transport, bridge.address,
		      &bridge.settings, 0, connected, NULL, &err))
		fprintf(stderr, "%s\n", err.text);
}

int main(int argc, char **argv)
{
	struct ptp_error err = { .text = "STATE, BRIDGE or PT is missing" };
	struct ptp_config config = { .state = argv[1],
				     .transports = &bridge.transport,
				     .ntransports = 1,
				     .argv = (const char *const *)argv + 3 };

	if (argc < 4 || ptp_bridge_parse(argv[2], &bridge, &err) < 0 ||
	    !(process = ptp_new(&config, happened, NULL, &err))) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	ptp_start(process);
	while (running &&
	       poll(&(struct pollfd){ ptp_fd(process), POLLIN, 0 }, 1, -1) > 0)
		ptp_step(process);
	ptp_free(process);
	return status;
}
