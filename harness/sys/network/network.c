/* network.c - see network.h. */
#include "harness/sys/network/network.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/sys/network/setting.h"

/* The last port that `ports` leaves; above the kernel's default range. */
#define SCARCE_PORT 61999
#define PORT_RANGE "/proc/sys/net/ipv4/ip_local_port_range"
#define SYN_RETRIES "/proc/sys/net/ipv4/tcp_syn_retries"
/* A call that nobody answers is given up after 7 s, not after 127: who leaves
 * that to the kernel does not hang. */
#define SYN_RETRIES_FEW "2\n"

/* --- is it as it was? -------------------------------------------------------- */

/* Sockets of all families, in the first line; the others are of the whole
 * machine. */
#define SOCKETS 0

static const char *const looks[NETWORK_LOOKS] = {
	[SOCKETS] = "/proc/self/net/sockstat",
	/* Packets that were sent, by link. */
	"/proc/self/net/dev",
	/* What else can outlive its socket: IPv6 flow labels. */
	"/proc/self/net/ip6_flowlabel",
	/* What the harness itself takes away. */
	"/proc/self/net/route",
	"/proc/self/net/if_inet6",
	"/proc/sys/net/ipv6/conf/all/disable_ipv6",
	PORT_RANGE,
};

/* How many bytes it has; NETWORK_LOOK_BYTES: too many to be compared. */
static size_t read_look(size_t i, int fd, char *text)
{
	size_t n = 0;
	ssize_t got = 1;
	const char *end;

	while (n < NETWORK_LOOK_BYTES && got > 0) {
		got = pread(fd, text + n, NETWORK_LOOK_BYTES - n, (off_t)n);
		if (got < 0)
			return NETWORK_LOOK_BYTES;
		n += (size_t)got;
	}
	end = i == SOCKETS ? memchr(text, '\n', n) : NULL;
	return end ? (size_t)(end - text) : n;
}

static void begin_looking(struct network *n)
{
	for (size_t i = 0; i < NETWORK_LOOKS; i++) {
		struct network_look *l = &n->look[i];

		l->fd = open(looks[i], O_RDONLY | O_CLOEXEC);
		if (l->fd >= 0)
			l->n = read_look(i, l->fd, l->text);
		/* Those of IPv6 may be missing. */
		if (l->fd < 0 ? errno != ENOENT : l->n == NETWORK_LOOK_BYTES)
			n->lost = true;
	}
	/* Not as it was: the socket with which the world was made may go a
	 * moment after it was closed. */
	n->look[SOCKETS].n =
		(size_t)snprintf(n->look[SOCKETS].text, NETWORK_LOOK_BYTES,
				 "sockets: used %d", n->ring.fd >= 0);
}

bool network_is_new(const struct network *n)
{
	char text[NETWORK_LOOK_BYTES];

	for (size_t i = 0; i < NETWORK_LOOKS && !n->lost; i++) {
		const struct network_look *was = &n->look[i];

		if (was->fd >= 0 && (read_look(i, was->fd, text) != was->n ||
				     memcmp(text, was->text, was->n) != 0))
			return false;
	}
	return !n->lost;
}

/* --- begin and end ----------------------------------------------------------- */

int network_make(struct network *n, bool watched, struct err *e)
{
	struct err slow, deaf;

	*n = (struct network){ .ring = { .fd = -1 } };
	if (world_set_link("lo", true, e))
		return -1;
	/* Without its world a sandbox is good for most things. */
	if (world_setup(&n->world, &n->no_world) == 0)
		n->no_world.msg[0] = '\0';
	/* Where that is refused, it only lasts longer. */
	setting_write(SYN_RETRIES, SYN_RETRIES_FEW, &slow);
	if (!watched)
		return 0;
	capture_ring_open(&n->ring, CAPTURE_SLOTS, &deaf);
	begin_looking(n);
	return 0;
}

void network_leave(struct network *n)
{
	for (size_t i = 0; i < NETWORK_LOOKS; i++)
		if (n->look[i].fd >= 0)
			close(n->look[i].fd);
	capture_ring_close(&n->ring);
}

int network_ports(int left, int *fd, struct err *e)
{
	struct sockaddr_in6 sa = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(SCARCE_PORT),
	};
	char range[32];
	int off = 0;

	*fd = -1;
	if (left < 0)
		return setting_write(PORT_RANGE, "32768 60999\n", e);
	snprintf(range, sizeof(range), "%d %d\n",
		 left > 1 ? SCARCE_PORT - left + 1 : SCARCE_PORT, SCARCE_PORT);
	if (setting_write(PORT_RANGE, range, e))
		return -1;
	if (left > 0)
		return 0;
	/* Dual-stack, so that it takes the port in both families. */
	*fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 ||
	    setsockopt(*fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    bind(*fd, (struct sockaddr *)&sa, sizeof(sa)) || listen(*fd, 1))
		return err_sys(e, errno, "cannot take the last port");
	return 0;
}
