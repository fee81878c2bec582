/*
 * network.h - the network of a launch.
 *
 * It is a network namespace with loopback, a world without anybody (world.h)
 * and a ring for all that is sent there (capture.h).  To make it and to let the
 * kernel take it apart costs more than all the rest of a sandbox, and the
 * kernel does one at a time.  So launches that come one after the other inherit
 * it - as long as none of them uses it.
 */
#ifndef PTCHECK_SYS_NETWORK_NETWORK_H
#define PTCHECK_SYS_NETWORK_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

#include "parent/base/err.h"
#include "harness/sys/capture.h"
#include "harness/sys/world.h"

/* What a change would be seen by: NETWORK_FILES in network.c. */
#define NETWORK_LOOKS 7
#define NETWORK_LOOK_BYTES 2048

struct network_look {
	int fd; /* -1: there is none on this machine */
	size_t n;
	char text[NETWORK_LOOK_BYTES];
};

struct network {
	struct world world;
	/* Why there is none; msg is empty when there is. */
	struct err no_world;
	/* Only with @watched; no descriptor when packets cannot be had. */
	struct capture_ring ring;
	struct network_look look[NETWORK_LOOKS];
	bool lost; /* a change may not be seen */
};

/*
 * Make it in the network namespace of the caller, which is fresh; @watched: to
 * be inherited, with a ring, and to ask network_is_new() later.  -1 when not
 * even loopback can be had.
 */
int network_make(struct network *n, bool watched, struct err *e);

/*
 * All of the launch are dead.  Did nobody send anything in it, be it to itself,
 * is no socket left, and is it set up as it was?  Then nothing can remind of the
 * launch: no connection that lingers, no packet on its way, nothing learnt of a
 * route.  What a launch with the right to do so writes to /proc/sys/net, beside
 * what the harness itself does, is not seen.
 */
bool network_is_new(const struct network *n);

/* It was @watched: let go of it, before the next one is made. */
void network_leave(struct network *n);

/* Leave @left ephemeral ports to this network namespace (0 or 1: all others
 * taken away; -1: the kernel's default again).  For 0 the returned *fd holds
 * the last one; close it to give it back. */
int network_ports(int left, int *fd, struct err *e);

#endif
