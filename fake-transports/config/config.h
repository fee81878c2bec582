/*
 * Where the configuration comes from: flags and environment (PT 2.0 section
 * 3.3.1), the role, and the version both sides agree on. Three steps, each
 * usable only after the one before: config_load, config_negotiate,
 * config_validate. Nothing here prints; the caller turns errors into lines.
 */
#ifndef PTREF_CONFIG_H
#define PTREF_CONFIG_H

#include <stdbool.h>

#include "fake-transports/base/addr.h"
#include "fake-transports/base/err.h"
#include "fake-transports/config/lists.h"

enum role {
	ROLE_NONE,
	ROLE_CLIENT,
	ROLE_SERVER,
	ROLE_BOTH,
};

enum param {
	PARAM_VERSION,
	PARAM_STATE,
	PARAM_STDIN,
	PARAM_TRANSPORTS,
	PARAM_PROXY,
	PARAM_OPTIONS,
	PARAM_BINDADDR,
	PARAM_ORPORT,
	PARAM_EXTORPORT,
	PARAM_COOKIE,
	PARAM_TARGET,
	PARAM_MODE,
	PARAM_UDP_IDLE,
	N_PARAMS,
};

/* What an application speaks to a client (PT 2.0 section 3.3.2.2), and in which
 * of them datagrams are in what a server gets (section 3.3.5.6). */
enum mode {
	MODE_SOCKS5,
	MODE_SOCKS4, /* version 1 only */
	MODE_TCP,    /* its own words, to the one target; version 2 only */
	MODE_UDP,    /* its own datagrams, the same */
	MODE_STUN,   /* STUN messages, the same */
};

/* The word of a mode, in a method line and behind -mode. */
const char *mode_name(enum mode m);

/* Does the application say where to, and its settings? */
static inline bool mode_is_socks(enum mode m)
{
	return m == MODE_SOCKS5 || m == MODE_SOCKS4;
}

static inline bool mode_is_udp(enum mode m)
{
	return m == MODE_UDP || m == MODE_STUN;
}

/* One parameter as configured; text is NULL if it is not. */
struct setting {
	const char *text;
	const char *name; /* of the variable or flag it came from */
	bool is_flag;
};

struct config {
	enum role role;
	struct setting set[N_PARAMS];
	bool exit_on_eof;
	enum mode mode;
	struct name_list transports;
	struct bind_list binds;
	struct server_options options; /* a client's: settings without SOCKS */
	int64_t udp_idle_s; /* when connections for datagrams are closed */
	bool has_target;
	struct hostport target;
	bool has_orport;
	struct hostport orport;
	bool has_extorport;
	struct hostport extorport;
	const char *cookie_file;
	bool has_kept_key; /* by a fault: it was read at the start */
	uint8_t kept_key[32];
};

/* Reads argv (without --fault and its value) and the environment. The role is
 * found out unless `force` names one. */
bool config_load(struct config *c, enum role force, int argc, char **argv,
		 struct err *e);

enum negotiation {
	NEGO_OK,
	NEGO_MISSING, /* no list: an environment error */
	NEGO_NO_VERSION,
};

struct version {
	int number;	   /* 1 or 2 */
	const char *token; /* as it is to be printed */
	unsigned times;	   /* how often it was found: for a fault */
	bool unknown_too;  /* the list held unknown versions as well */
};

enum negotiation config_negotiate(const struct config *c, struct version *v);

/* Checks everything but the upstream proxy, which has its own error. */
bool config_validate(struct config *c, struct err *e);

/* A parameter that is set to something. */
static inline bool setting_given(const struct setting *s)
{
	return s->text && s->text[0];
}

#endif
