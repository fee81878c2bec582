/*
 * datagrams.h - datagrams of local applications carried to a PT client in a
 * UDP mode (PT 2.0 section 3.3.5.2) and its answers back to who asked.
 *
 * The transport tells applications apart by their address, so each of them
 * gets a socket of its own here; it is closed after five minutes of silence.
 */
#ifndef PTPARENT_DATAGRAMS_H
#define PTPARENT_DATAGRAMS_H

#include <sys/socket.h>

#include "parent/lib/poller.h"

struct datagrams;

/* @fd: the local socket, bound and non-blocking, owned from now on; @to: where
 * the transport listens. */
struct datagrams *datagrams_new(struct poller *p, int fd,
				const struct sockaddr_storage *to, socklen_t n);
void datagrams_free(struct datagrams *d);

#endif
