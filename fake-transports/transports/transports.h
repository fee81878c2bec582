/*
 * The transports of ptref. To add one, write a file with a `const struct
 * pt_transport transport_NAME`, as pt_transport.h shows it, and add a line
 * here.
 */
#ifndef PTREF_TRANSPORT_H
#define PTREF_TRANSPORT_H

#include "fake-transports/pt_transport.h"

/* clang-format off */
#define PTREF_TRANSPORTS(X) \
	X(ident) \
	X(veil) \
	/* the end */
/* clang-format on */

/* All of them, ends with NULL. */
extern const struct pt_transport *const transports[];

/* The transport of exactly that name, or NULL. */
const struct pt_transport *transport_find(const char *name);

/* The first required setting that is not there, or NULL. */
const char *transport_missing(const struct pt_transport *t,
			      const struct option_list *settings);

#endif
