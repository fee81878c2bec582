/*
 * Host names to addresses without blocking: a few threads, started when there
 * is something to look up and gone when there is not, call getaddrinfo().
 */
#ifndef PTREF_LOOKUP_H
#define PTREF_LOOKUP_H

#include "fake-transports/base/addr.h"

#define LOOKUP_MAX 4 /* addresses of one name */

struct lookup;

/* 0 or a negative errno. */
int lookup_start(const struct hostport *hp, struct lookup **out);

/* Becomes readable when there is an answer. */
int lookup_fd(const struct lookup *l);

/* How many addresses there are, each with the port of the question; -EAGAIN
 * while there is no answer, -EHOSTUNREACH if there is no such name. */
int lookup_take(struct lookup *l, struct hostport out[LOOKUP_MAX]);

/* At any time; NULL is fine. */
void lookup_free(struct lookup *l);

#endif
