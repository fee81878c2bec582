/*
 * transport_list.h - the transport list of a launch and what was said of its names:
 * the rules that a client's and a server's list share.
 *
 * Which names a transport knows comes from the target description; all other
 * names in our lists are made up, so that nobody can know them.
 */
#ifndef PTCHECK_REQ_LAUNCH_TRANSPORT_LIST_H
#define PTCHECK_REQ_LAUNCH_TRANSPORT_LIST_H

#include "harness/req/core/judges.h"

struct list_shape {
	size_t n;	/* items; 0 for an absent or empty list */
	size_t known;	/* the target offers it in this role */
	size_t unknown; /* a possible name that nobody has */
	size_t invalid; /* no transport name: "9x", "*", nothing */
	size_t blank;	/* a name but for blanks around it */
	size_t longest; /* bytes of the longest item */
	bool star;	/* "*" is among them */
	bool by_flag;	/* it came as -transports */
};

struct list_shape list_shape(const struct view *v);

/* A list that mixes known and unknown names and is ordinary otherwise: a
 * variable, short, with short names and nothing malformed. */
bool list_is_mixed(const struct list_shape *s);

/* Is @m a well-cut method line of the trace's own role? */
bool is_own_method(const struct view *v, const struct method *m);

/* Is there a method line or an error line for @name? */
bool name_reported(const struct view *v, struct span name);

/* May a server choose the address, or does the list of bind addresses say
 * nothing of @name although it is set?  True for every name of a client. */
bool name_bound(const struct view *v, struct span name);

/* How often is @name requested? */
size_t name_requests(const struct view *v, struct span name);

/* The first requested, known and bound name of which nothing was said. */
bool list_lacks(const struct view *v, struct span *name);

/* "CMETHOD" or "SMETHOD" */
const char *method_word(const struct view *v);

#endif
