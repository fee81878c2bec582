/*
 * target.h - the description of a transport binary: which transports it
 * offers and what it needs.  Strict JSON; the format is told in
 * ptcheck-target(5), which comes from the tables of keys in target.c, as does
 * reports/target.schema.json.
 *
 * The order of transports in the file is kept: the first of a role is the one
 * that most cases use.
 */
#ifndef PTCHECK_CASE_TARGET_H
#define PTCHECK_CASE_TARGET_H

#include <jansson.h>

#include "parent/base/arena.h"
#include "parent/base/err.h"
#include "harness/trace/trace.h"

enum pt_mode {
	MODE_SOCKS5 = 1 << 0,
	MODE_TCP = 1 << 1,
	MODE_UDP = 1 << 2,
	MODE_STUN = 1 << 3,
	MODES_N = 4,
};

/* The number of its bit, and the word for it. */
size_t mode_index(enum pt_mode mode);
const char *mode_word(enum pt_mode mode);

struct option_values {
	struct span key;
	struct strings v;
};

struct target_transport {
	struct span name;
	bool role[2];	/* by enum role */
	unsigned modes; /* enum pt_mode; 0: not said */
	struct pairs server_options;
	/* Those of them that may have any value of 8 to 255 printable
	 * characters of ASCII without blanks. */
	struct strings free_options;
	struct strings secret_fields;
	/* client_settings: all of ARGS, or these, and those whose value is
	 * the name of a key of ARGS */
	bool settings_from_args;
	struct pairs settings, settings_by_arg;
	bool settings_unsaid; /* the description has none, for no transport */
	/* Values that an option of a server may have, which ARGS shows. */
	struct option_values *values;
	size_t nvalues;
	bool apart; /* its two sides need somebody in between */
	bool conceals_payload, lazy_dial;
	bool advice;	    /* settings of others than the server's may work */
	int64_t udp_idle_s; /* 0: not said */
	/* bad_settings is checked and kept in `json` for the data plane. */
};

struct target {
	struct target_transport *t;
	size_t n;
	struct strings args[2]; /* client_args, server_args */
	/* Templates; by enum role. */
	struct strings mode_args[MODES_N][2];
	struct span program[2]; /* client_program, server_program; or absent */
	bool flags_only;
	bool wrapper;
	struct pairs options; /* policies, by name */
	json_t *json;	      /* the whole description, owned */
};

/*
 * Read a description.  @name is the file's name for messages, which read
 * "FILE: /transports/x/roles/0: "sever" is none of client, server".
 * Strings come from the arena.
 */
int target_parse(struct span text, const char *name, struct arena *a,
		 struct target *out, struct err *e);
void target_fini(struct target *t);

/* The built-in description for a program of that base name ("obfs4proxy"),
 * or the absent span. */
struct span target_builtin(const char *program);

/* A description made from --transport NAME[,NAME]: both roles, socks5. */
int target_from_names(struct span names, struct arena *a, struct target *out,
		      struct err *e);

/* The transports of a role, in order. */
void target_names(const struct target *t, enum role role, struct arena *a,
		  struct strings *out);
/* Has none of its transports both sides, one that speaks to the other?  Then
 * there are no whole tunnels. */
bool target_is_alone(const struct target *t);
/* Must a client of @t be told anything that a server printed in ARGS? */
bool target_told(const struct target_transport *t);
/* Or may it be so, as nobody said? */
bool target_may_be_told(const struct target_transport *t);
/* Where nobody said, clients are told what servers were seen to print: @args,
 * by name. */
void target_learn(struct target *t, const struct pairs *args);
/* What a client of @t must be told, given what a server printed in ARGS, and
 * where it is: "${bound}". */
void target_settings(const struct target_transport *t, struct span args,
		     struct span bound, struct arena *a, struct pairs *out);
const struct target_transport *target_find(const struct target *t,
					   struct span name);

#endif
