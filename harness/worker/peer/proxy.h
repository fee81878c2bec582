/*
 * proxy.h - the upstream proxy that the harness plays, as a step of the case
 * says.
 */
#ifndef PTCHECK_WORKER_PEER_PROXY_H
#define PTCHECK_WORKER_PEER_PROXY_H

#include "harness/worker/net/listen.h"

#endif
