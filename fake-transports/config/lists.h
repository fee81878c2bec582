/*
 * The list-valued settings: transport names, bind addresses and options of
 * server transports (PT 2.0 section 3.3.1.3). Everything here is pure text
 * work; the lists own their strings and live as long as the process.
 */
#ifndef PTREF_LISTS_H
#define PTREF_LISTS_H

#include <stddef.h>

#include "fake-transports/base/addr.h"
#include "fake-transports/base/err.h"

struct name_list {
	char **v;
	size_t n;
};

/* Cuts at every comma; blanks and empty items are kept as they are. */
void names_split(const char *text, struct name_list *out);
bool names_has(const struct name_list *l, const char *name);

struct bind_list {
	struct bind_entry {
		char *key;
		struct hostport at;
	} * v;
	size_t n;
};

/* `what` is the name of the setting, for the message. */
bool binds_parse(const char *what, const char *text, struct bind_list *out,
		 struct err *e);

struct option {
	char *key;
	char *value;
};

struct option_list {
	struct option *v;
	size_t n;
};

struct server_options {
	struct server_option {
		char *transport;
		struct option o;
	} * v;
	size_t n;
};

bool options_parse(const char *what, const char *text,
		   struct server_options *out, struct err *e);

/* The value of the first option of that name, or NULL. */
const char *option_get(const struct option_list *l, const char *key);
void option_add(struct option_list *l, const char *key, size_t key_n,
		const char *value, size_t value_n);
void options_fini(struct option_list *l);

/* Reads "k=v;k=v" with backslash escapes: the settings of PT 1.0 clients. */
bool options_parse_flat(const char *text, struct option_list *out);

#endif
