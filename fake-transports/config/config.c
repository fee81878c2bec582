#include "fake-transports/config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-transports/faults/faults.h"
#include "fake-transports/protocols/extor.h"

/* As NATs do it for UDP at least (RFC 4787, REQ-5). */
#define UDP_IDLE_S 120

struct param_row {
	const char *flag;
	const char *env[2]; /* as client, as server */
	enum fault env_wins[2];
	enum fault flag_ignored;
	bool bare; /* the flag takes no value and means "1" */
};

FAULT(ENV_WINS_VERSION, "env-wins-version",
      "the version variable beats -ptversion", "CFG-OVR-VER-1",
      "ENV-VER-12 CFG-FLAGNAME-1");
FAULT(ENV_WINS_STATE, "env-wins-state", "the state variable beats -state",
      "CFG-OVR-STATE-1", "ST-FLAG-1");
FAULT(STATE_FLAG_IGNORED, "state-flag-ignored", "ignores -state",
      "ST-FLAG-1 CFG-OVR-STATE-1", "");
FAULT(ENV_WINS_STDIN, "env-wins-stdin",
      "the exit-on-close variable beats -exit-on-stdin-close",
      "CFG-OVR-STDIN-1", "SD-STDIN-8");
FAULT(ENV_WINS_CLIENT_LIST, "env-wins-client-list",
      "the client list variable beats -transports", "CFG-OVR-CT-1",
      "CT-FLAG-1 CFG-MIX-1 CFG-FLAG-1");
FAULT(ENV_WINS_SERVER_LIST, "env-wins-server-list",
      "the server list variable beats -transports", "CFG-OVR-SVT-1",
      "CFG-MIX-1 CFG-FLAG-1");
FAULT(ENV_WINS_PROXY, "env-wins-proxy", "the proxy variable beats -proxy",
      "CFG-OVR-PX-1", "PX-FLAG-1");
FAULT(PROXY_FLAG_IGNORED, "proxy-flag-ignored", "ignores -proxy", "PX-FLAG-1",
      "CFG-OVR-PX-1 CFG-FLAG-1 ENVERR-FLAG-1");
FAULT(ENV_WINS_OPTIONS, "env-wins-options",
      "the options variable beats -options", "CFG-OVR-OPT-1", "OPT-FLAG-1");
FAULT(ENV_WINS_BINDADDR, "env-wins-bindaddr",
      "the bind address variable beats -bindaddr", "CFG-OVR-BIND-1",
      "BA-FLAG-1 ENVERR-FLAG-1");
FAULT(BINDADDR_FLAG_IGNORED, "bindaddr-flag-ignored", "ignores -bindaddr",
      "BA-FLAG-1", "CFG-OVR-BIND-1 CFG-FLAG-1 ENVERR-FLAG-1");
FAULT(ENV_WINS_ORPORT, "env-wins-orport", "the ORPort variable beats -orport",
      "CFG-OVR-OR-1", "OR-FLAG-1");
FAULT(ORPORT_FLAG_IGNORED, "orport-flag-ignored", "ignores -orport",
      "OR-FLAG-1", "CFG-OVR-OR-1 CFG-FLAG-1 ENVERR-FLAG-1");
FAULT(ENV_WINS_EXTORPORT, "env-wins-extorport",
      "the extended port's variable beats -extorport", "CFG-OVR-EXT-1",
      "EXT-CFG-9");
FAULT(EXTOR_FLAG_IGNORED, "extor-flag-ignored", "ignores -extorport",
      "EXT-CFG-9", "CFG-OVR-EXT-1");
FAULT(ENV_WINS_COOKIE, "env-wins-cookie",
      "the cookie file's variable beats -authcookie", "CFG-OVR-EXT-1",
      "EXT-CFG-9 EXT-AUTH-8");
static const struct param_row params[N_PARAMS] = {
	[PARAM_VERSION] = { .flag = "-ptversion",
			    .env = { "TOR_PT_MANAGED_TRANSPORT_VER",
				     "TOR_PT_MANAGED_TRANSPORT_VER" },
			    .env_wins = { F_ENV_WINS_VERSION,
					  F_ENV_WINS_VERSION } },
	[PARAM_STATE] = { .flag = "-state",
			  .env = { "TOR_PT_STATE_LOCATION",
				   "TOR_PT_STATE_LOCATION" },
			  .env_wins = { F_ENV_WINS_STATE, F_ENV_WINS_STATE },
			  .flag_ignored = F_STATE_FLAG_IGNORED },
	[PARAM_STDIN] = { .flag = "-exit-on-stdin-close",
			  .bare = true,
			  .env = { "TOR_PT_EXIT_ON_STDIN_CLOSE",
				   "TOR_PT_EXIT_ON_STDIN_CLOSE" },
			  .env_wins = { F_ENV_WINS_STDIN, F_ENV_WINS_STDIN } },
	[PARAM_TRANSPORTS] = { .flag = "-transports",
			       .env = { "TOR_PT_CLIENT_TRANSPORTS",
					"TOR_PT_SERVER_TRANSPORTS" },
			       .env_wins = { F_ENV_WINS_CLIENT_LIST,
					     F_ENV_WINS_SERVER_LIST } },
	[PARAM_PROXY] = { .flag = "-proxy",
			  .env = { "TOR_PT_PROXY", "TOR_PT_PROXY" },
			  .env_wins = { F_ENV_WINS_PROXY, F_ENV_WINS_PROXY },
			  .flag_ignored = F_PROXY_FLAG_IGNORED },
	[PARAM_OPTIONS] = { .flag = "-options",
			    .env = { NULL, "TOR_PT_SERVER_TRANSPORT_OPTIONS" },
			    .env_wins = { F_NONE, F_ENV_WINS_OPTIONS } },
	[PARAM_BINDADDR] = { .flag = "-bindaddr",
			     .env = { NULL, "TOR_PT_SERVER_BINDADDR" },
			     .env_wins = { F_NONE, F_ENV_WINS_BINDADDR },
			     .flag_ignored = F_BINDADDR_FLAG_IGNORED },
	[PARAM_ORPORT] = { .flag = "-orport",
			   .env = { NULL, "TOR_PT_ORPORT" },
			   .env_wins = { F_NONE, F_ENV_WINS_ORPORT },
			   .flag_ignored = F_ORPORT_FLAG_IGNORED },
	[PARAM_EXTORPORT] = { .flag = "-extorport",
			      .env = { NULL, "TOR_PT_EXTENDED_SERVER_PORT" },
			      .env_wins = { F_NONE, F_ENV_WINS_EXTORPORT },
			      .flag_ignored = F_EXTOR_FLAG_IGNORED },
	[PARAM_COOKIE] = { .flag = "-authcookie",
			   .env = { NULL, "TOR_PT_AUTH_COOKIE_FILE" },
			   .env_wins = { F_NONE, F_ENV_WINS_COOKIE } },
	[PARAM_TARGET] = { .flag = "-target" },
	[PARAM_MODE] = { .flag = "-mode" },
	[PARAM_UDP_IDLE] = { .flag = "-udp-idle" },
};

static const char *const modes[] = {
	[MODE_SOCKS5] = "socks5",	[MODE_SOCKS4] = "socks4",
	[MODE_TCP] = "transparent-TCP", [MODE_UDP] = "transparent-UDP",
	[MODE_STUN] = "STUN",
};

#define N_MODES (sizeof(modes) / sizeof(modes[0]))

const char *mode_name(enum mode m)
{
	return modes[m];
}

/* The default where the word is none. */
static enum mode find_mode(const char *word)
{
	for (size_t i = 0; i < N_MODES; i++) {
		if (word && strcmp(word, modes[i]) == 0)
			return (enum mode)i;
	}
	return MODE_SOCKS5;
}

struct flags {
	const char *value[N_PARAMS];
	bool any;
	bool client;
	bool server;
};

FAULT(VERSION_FLAG_NAME, "version-flag-name",
      "negotiates by -version and does not know -ptversion", "CFG-FLAGNAME-1",
      "ENV-VER-12 CFG-* *-FLAG-1 SD-STDIN-8 ENVERR-*");
static enum param find_flag(const char *arg)
{
	if (fault_is(F_VERSION_FLAG_NAME)) {
		if (strcmp(arg, "-version") == 0)
			return PARAM_VERSION;
		if (strcmp(arg, "-ptversion") == 0)
			return N_PARAMS;
	}
	for (int p = 0; p < N_PARAMS; p++) {
		if (strcmp(arg, params[p].flag) == 0)
			return (enum param)p;
	}
	return N_PARAMS;
}

FAULT(STDIN_FLAG_TAKES_VALUE, "stdin-flag-takes-value",
      "-exit-on-stdin-close eats the next argument", "SD-STDIN-8",
      "CFG-* *-FLAG-1 ENV-VER-12 EXT-CFG-9 ENVERR-*");
static bool parse_flags(struct flags *f, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		enum param p = find_flag(argv[i]);
		bool bare;

		if (strcmp(argv[i], "-client") == 0) {
			f->client = true;
			continue;
		}
		if (strcmp(argv[i], "-server") == 0) {
			f->server = true;
			continue;
		}
		if (p == N_PARAMS)
			return err_set(e, "%s: \"%.60s\"",
				       argv[i][0] == '-'
					       ? "unknown flag"
					       : "unexpected argument",
				       argv[i]);
		f->any = true;
		bare = params[p].bare;
		if (fault_is(F_STDIN_FLAG_TAKES_VALUE) && i + 1 < argc)
			bare = false;
		if (bare) {
			f->value[p] = "1";
			continue;
		}
		if (++i == argc)
			return err_set(e, "%s has no value", params[p].flag);
		f->value[p] = argv[i];
	}
	return true;
}

FAULT(FLAG_HIDES_ENV, "flag-hides-env",
      "ignores the whole environment but the role once a flag is given",
      "CFG-MIX-1",
      "CFG-* *-FLAG-1 EXT-CFG-9 ENV-VER-12 SD-STDIN-8 ENVERR-* OR-TGT-*");
FAULT(FLAGS_IGNORED, "flags-ignored",
      "drops all flags when version and state are not in the environment",
      "CFG-FLAG-1",
      "CFG-MIX-1 ENV-VER-12 ST-FLAG-1 SD-STDIN-8 CT-FLAG-1 PX-FLAG-1 "
      "OPT-FLAG-1 BA-FLAG-1 OR-FLAG-1 EXT-CFG-9 CFG-FLAGNAME-1 ENVERR-FLAG-1");
static void load_setting(struct setting *s, const struct param_row *row,
			 const struct flags *f, const char *flag, int side)
{
	const char *env = row->env[side] ? getenv(row->env[side]) : NULL;
	bool env_wins = fault_is(row->env_wins[side]) &&
			row->env_wins[side] != F_NONE;

	if (fault_is(F_FLAG_HIDES_ENV) && f->any)
		env = NULL;
	/* An empty flag counts as none, so that it overrides nothing. */
	if (flag && (!flag[0] || (env && env_wins)))
		flag = NULL;
	if (flag && row->flag_ignored != F_NONE && fault_is(row->flag_ignored))
		flag = NULL;
	if (fault_is(F_FLAGS_IGNORED) &&
	    !getenv("TOR_PT_MANAGED_TRANSPORT_VER") &&
	    !getenv("TOR_PT_STATE_LOCATION"))
		flag = NULL;
	s->is_flag = flag != NULL;
	s->text = flag ? flag : env;
	s->name = flag || !row->env[side] ? row->flag : row->env[side];
}

static enum role find_role(const struct flags *f)
{
	bool client = f->client || getenv("TOR_PT_CLIENT_TRANSPORTS");
	bool server = f->server || getenv("TOR_PT_SERVER_TRANSPORTS");

	if (client && server)
		return ROLE_BOTH;
	if (client || server)
		return client ? ROLE_CLIENT : ROLE_SERVER;
	return ROLE_NONE;
}

FAULT(SERVER_READS_CLIENT_LIST, "server-reads-client-list",
      "a server starts what the client list names", "SVT-SRC-1 SVT-INIT-1",
      NO_SERVER);
FAULT(STDIN_ANY_VALUE, "stdin-any-value",
      "takes any value of the exit-on-close variable for 1", "SD-STDIN-2", "");
bool config_load(struct config *c, enum role force, int argc, char **argv,
		 struct err *e)
{
	struct flags f = { 0 };
	int side;

	*c = (struct config){ 0 };
	if (!parse_flags(&f, argc, argv, e))
		return false;
	c->role = force != ROLE_NONE ? force : find_role(&f);
	side = c->role == ROLE_SERVER;
	for (int p = 0; p < N_PARAMS; p++)
		load_setting(&c->set[p], &params[p], &f, f.value[p], side);
	if (c->role == ROLE_SERVER && fault_is(F_SERVER_READS_CLIENT_LIST))
		c->set[PARAM_TRANSPORTS].text = "";
	/* The version depends on it; that it is a mode is checked later. */
	c->mode = find_mode(c->set[PARAM_MODE].text);
	/* Only the exact value counts (section 3.3.1.1). */
	c->exit_on_eof = c->set[PARAM_STDIN].text &&
			 strcmp(c->set[PARAM_STDIN].text, "1") == 0;
	if (fault_is(F_STDIN_ANY_VALUE) && setting_given(&c->set[PARAM_STDIN]))
		c->exit_on_eof = true;
	return true;
}

FAULT(ENV_NEEDS_FLAG, "env-needs-flag",
      "server refuses a transport list that did not come as a flag",
      "CFG-ENV-1", NO_SERVER " " ANY_ENV_ERROR);
FAULT(TRANSPORTS_FLAG_SINGLE, "transports-flag-single",
      "takes the value of -transports for one name", "CT-FLAG-1",
      "CFG-FLAG-1 CFG-MIX-1 CFG-OVR-CT-1 CFG-OVR-SVT-1");
static bool check_transports(struct config *c, struct err *e)
{
	const struct setting *s = &c->set[PARAM_TRANSPORTS];

	if (!s->text)
		return err_set(e, "no %s and no -transports",
			       c->role == ROLE_CLIENT
				       ? "TOR_PT_CLIENT_TRANSPORTS"
				       : "TOR_PT_SERVER_TRANSPORTS");
	if (fault_is(F_ENV_NEEDS_FLAG) && c->role == ROLE_SERVER && !s->is_flag)
		return err_set(e, "no -transports");
	/* An empty list is a list of nothing, not of one empty name. */
	if (!s->text[0])
		return true;
	names_split(s->text, &c->transports);
	if (fault_is(F_TRANSPORTS_FLAG_SINGLE) && s->is_flag &&
	    c->transports.n > 1) {
		c->transports.n = 1;
		c->transports.v[0] = strdup(s->text);
	}
	return true;
}

static bool check_address(const struct setting *s, unsigned flags,
			  struct hostport *out, struct err *e)
{
	enum addr_result r = hostport_parse(s->text, flags, out);

	if (r == ADDR_OK)
		return true;
	return err_set(e, "%s: \"%.60s\" %s", s->name, s->text,
		       addr_result_text(r));
}

FAULT(EXTOR_EMPTY_REFUSED, "extor-empty-refused",
      "refuses an extended port that is set to nothing", "EXT-CFG-1",
      NO_SERVER " " ANY_ENV_ERROR);
FAULT(EXTOR_ABSENT_REFUSED, "extor-absent-refused",
      "insists on the variable of the extended port", "EXT-CFG-1",
      "CFG-* EXT-CFG-* ENVERR-* *-FLAG-1 OR-NONE-1 EXT-AUTH-* OR-TGT-*");
FAULT(EXTOR_COOKIE_ALONE, "extor-cookie-alone",
      "refuses a cookie file without an extended port", "EXT-CFG-5", "");
FAULT(EXTOR_MALFORMED_CRASH, "extor-malformed-crash",
      "crashes on a malformed extended port", "EXT-CFG-10", "HY-CRASH-1");
FAULT(EXTOR_NEEDS_ORPORT, "extor-needs-orport",
      "refuses an extended port without an ORPort", "EXT-CFG-7",
      "EXT-CFG-9 ENVERR-*");
FAULT(EXTOR_COOKIE_OPTIONAL, "extor-cookie-optional",
      "starts with an extended port and no cookie file", "EXT-CFG-2",
      "ENVERR-*");
FAULT(EXTOR_COOKIE_ONCE, "extor-cookie-once",
      "reads the cookie file when it starts only", "EXT-AUTH-11", "");
static bool check_extorport(struct config *c, struct err *e)
{
	const struct setting *ext = &c->set[PARAM_EXTORPORT];
	const struct setting *cookie = &c->set[PARAM_COOKIE];

	if (!setting_given(ext)) {
		if (!ext->text && fault_is(F_EXTOR_ABSENT_REFUSED))
			return err_set(e, "no %s", ext->name);
		if (ext->text && fault_is(F_EXTOR_EMPTY_REFUSED))
			return err_set(e, "%s is empty", ext->name);
		if (setting_given(cookie) && fault_is(F_EXTOR_COOKIE_ALONE))
			return err_set(e, "%s without a port", cookie->name);
		return true;
	}
	c->has_extorport = check_address(ext, 0, &c->extorport, e);
	if (!c->has_extorport && fault_is(F_EXTOR_MALFORMED_CRASH))
		abort();
	if (!c->has_extorport)
		return false;
	if (!c->has_orport && fault_is(F_EXTOR_NEEDS_ORPORT))
		return err_set(e, "no TOR_PT_ORPORT");
	if (!setting_given(cookie) && !fault_is(F_EXTOR_COOKIE_OPTIONAL))
		return err_set(e,
			       "no TOR_PT_AUTH_COOKIE_FILE although %s is set",
			       ext->name);
	c->cookie_file = cookie->text ? cookie->text : "";
	if (fault_is(F_EXTOR_COOKIE_ONCE))
		c->has_kept_key =
			extor_read_cookie(c->cookie_file, c->kept_key);
	return true;
}

FAULT(ORPORT_DOMAIN_REFUSED, "orport-domain-refused",
      "refuses a domain name as ORPort", "OR-DOM-1", "");
FAULT(ORPORT_FIRST_COLON, "orport-first-colon",
      "cuts the ORPort at its first colon", "OR-V6-1", "");
FAULT(ORPORT_MALFORMED_CRASH, "orport-malformed-crash",
      "crashes on a malformed ORPort", "OR-MALF-1", "ENVERR-VAL-1 HY-CRASH-1");
FAULT(ORPORT_MISSING_OK, "orport-missing-ok", "starts without any destination",
      "OR-NONE-1", "ENVERR-VAL-1");
static bool check_destination(struct config *c, struct err *e)
{
	const struct setting *port = &c->set[PARAM_ORPORT];
	unsigned flags = fault_is(F_ORPORT_DOMAIN_REFUSED) ? 0 : ADDR_NAME_OK;

	if (setting_given(port)) {
		c->has_orport = check_address(port, flags, &c->orport, e);
		if (fault_is(F_ORPORT_FIRST_COLON) && port->text[0] == '[')
			return err_set(e, "%s: \"[\" is no address",
				       port->name);
		if (fault_is(F_ORPORT_MALFORMED_CRASH) && !c->has_orport)
			abort();
		if (!c->has_orport)
			return false;
	}
	if (!check_extorport(c, e))
		return false;
	if (!c->has_orport && !c->has_extorport &&
	    !fault_is(F_ORPORT_MISSING_OK))
		return err_set(e, "neither TOR_PT_ORPORT nor "
				  "TOR_PT_EXTENDED_SERVER_PORT is set");
	return true;
}

FAULT(OPTIONS_REQUIRED, "options-required",
      "refuses to start without the options variable", "OPT-OMIT-1",
      NO_SERVER " " ANY_ENV_ERROR);
FAULT(OPTIONS_FLAG_JSON, "options-flag-json",
      "wants JSON as the value of -options", "OPT-FLAG-1",
      "CFG-FLAG-1 CFG-OVR-OPT-1");
FAULT(OPTIONS_UNKNOWN_FATAL, "options-unknown-fatal",
      "refuses options for transports that are not requested", "OPT-UNKT-1",
      "CFG-OVR-SVT-1 OPT-PARSE-3");
FAULT(BINDADDR_REQUIRED, "bindaddr-required",
      "refuses to start without bind addresses", "BA-OMIT-1",
      "CFG-EMPTY-1 CFG-FLAG-1 SVT-* OPT-*");
static bool check_server_lists(struct config *c, struct err *e)
{
	const struct setting *opt = &c->set[PARAM_OPTIONS];
	const struct setting *bind = &c->set[PARAM_BINDADDR];

	if (fault_is(F_OPTIONS_REQUIRED) && !setting_given(opt))
		return err_set(e, "no TOR_PT_SERVER_TRANSPORT_OPTIONS");
	if (fault_is(F_OPTIONS_FLAG_JSON) && opt->is_flag)
		return err_set(e, "-options: \"%.60s\" is not JSON", opt->text);
	if (setting_given(opt) &&
	    !options_parse(opt->name, opt->text, &c->options, e))
		return false;
	if (fault_is(F_OPTIONS_UNKNOWN_FATAL)) {
		for (size_t i = 0; i < c->options.n; i++) {
			const char *t = c->options.v[i].transport;

			if (!names_has(&c->transports, t))
				return err_set(e, "options for %.60s", t);
		}
	}
	if (fault_is(F_BINDADDR_REQUIRED) && !setting_given(bind))
		return err_set(e, "no TOR_PT_SERVER_BINDADDR");
	return !setting_given(bind) ||
	       binds_parse(bind->name, bind->text, &c->binds, e);
}

/* Is one of the variables in the table, by the n bytes of its name? */
static bool is_known(const char *name, size_t n)
{
	for (size_t i = 0; i < 2u * N_PARAMS; i++) {
		const char *env = params[i / 2].env[i % 2];

		if (env && strlen(env) == n && memcmp(env, name, n) == 0)
			return true;
	}
	return false;
}

static bool check_names_in_environment(struct err *e)
{
	for (char **v = environ; *v; v++) {
		if (strncmp(*v, "TOR_PT_", 7) == 0 &&
		    !is_known(*v, strcspn(*v, "=")))
			return err_set(e, "unknown variable %.60s", *v);
	}
	return true;
}

FAULT(MODE_FALLS_BACK, "mode-falls-back",
      "takes any word that is no mode for socks5", "MODE-3", "");
FAULT(UDP_NEEDS_ENV, "udp-needs-env",
      "a client in a mode for datagrams does not start by flags alone",
      "UC-CFG-1", "");
static bool check_mode(const struct config *c, struct err *e)
{
	const struct setting *s = &c->set[PARAM_MODE];

	if (fault_is(F_MODE_FALLS_BACK))
		return true;
	if (mode_is_udp(c->mode) && c->role == ROLE_CLIENT &&
	    c->set[PARAM_VERSION].is_flag && fault_is(F_UDP_NEEDS_ENV))
		return err_set(e, "no TOR_PT_MANAGED_TRANSPORT_VER");

	return !setting_given(s) || strcmp(s->text, mode_name(c->mode)) == 0 ||
	       err_set(e, "%s: \"%.60s\" is no mode", s->name, s->text);
}

/* Seconds, from one to a day. */
static bool check_udp_idle(struct config *c, struct err *e)
{
	const struct setting *s = &c->set[PARAM_UDP_IDLE];
	char *end;

	c->udp_idle_s = UDP_IDLE_S;
	if (!setting_given(s))
		return true;
	c->udp_idle_s = strtol(s->text, &end, 10);
	return (!*end && s->text[0] >= '0' && s->text[0] <= '9' &&
		c->udp_idle_s >= 1 && c->udp_idle_s <= 86400) ||
	       err_set(e, "%s: \"%.60s\" is no number of seconds", s->name,
		       s->text);
}

/* What SOCKS would carry, where nobody speaks it (section 3.3.5.2): as the
 * options of servers. */
static bool check_settings(struct config *c, struct err *e)
{
	const struct setting *s = &c->set[PARAM_OPTIONS];

	return mode_is_socks(c->mode) || !setting_given(s) ||
	       options_parse(s->name, s->text, &c->options, e);
}

FAULT(TARGET_NAMES_REFUSED, "target-names-refused",
      "takes only addresses for -target", "OR-TGT-2", "");
FAULT(TARGET_IGNORED, "target-ignored",
      "connects to another port than -target says", "OR-TGT-1",
      "OR-TGT-2 TT-* UC-* STN-*");
/* Only used where no session names a destination, but a wrong one is always
 * wrong. */
static bool check_target(struct config *c, struct err *e)
{
	const struct setting *s = &c->set[PARAM_TARGET];
	unsigned flags = fault_is(F_TARGET_NAMES_REFUSED) ? 0 : ADDR_NAME_OK;

	if (!setting_given(s))
		return true;
	c->has_target = check_address(s, flags, &c->target, e);
	if (fault_is(F_TARGET_IGNORED))
		hostport_parse("127.0.0.1:9", 0, &c->target);
	return c->has_target;
}

FAULT(NEEDS_HOME, "needs-home", "refuses to start without HOME", "CFG-SCOPE-1",
      "*");
FAULT(UNKNOWN_ENV_FATAL, "unknown-env-fatal",
      "refuses TOR_PT_ variables that it does not know", "CFG-UNKENV-1", "");
bool config_validate(struct config *c, struct err *e)
{
	if (fault_is(F_NEEDS_HOME) && !getenv("HOME"))
		return err_set(e, "HOME is not set");
	if (fault_is(F_UNKNOWN_ENV_FATAL) && !check_names_in_environment(e))
		return false;
	if (!check_transports(c, e) || !check_mode(c, e) ||
	    !check_udp_idle(c, e))
		return false;
	if (c->role == ROLE_CLIENT)
		return check_target(c, e) && check_settings(c, e);
	return check_destination(c, e) && check_server_lists(c, e);
}
