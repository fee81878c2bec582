/*
 * From the list of requested transports to listeners and method lines (PT 2.0
 * sections 3.3.2.2 and 3.3.2.3). Unknown names are passed over in silence, a
 * name is started once, a transport that cannot start gets its own error line
 * and does not stop the others.
 */
#include "fake-transports/ptref.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fake-transports/config/state.h"
#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"

static struct sockaddr_storage loopback(uint16_t port)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ss;

	v4->sin_family = AF_INET;
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v4->sin_port = htons(port);
	return ss;
}

FAULT(CMETHOD_ERROR_EXITS, "cmethod-error-exits",
      "exits when a client transport fails", "CM-ERR-LIVE-1",
      "CM-DONE-1 CT-INIT-1");
FAULT(SMETHOD_ERROR_EXITS, "smethod-error-exits",
      "exits when a bind address cannot be used", "SM-ERR-LIVE-1",
      "SM-DONE-1 SVT-INIT-1 BA-*");
static void fail(struct pt *pt, const char *name, const char *why)
{
	struct ipc *ipc = &pt->ipc;

	ipc_method_error(ipc, name, why);
	if (fault_is(pt->cfg.role == ROLE_CLIENT ? F_CMETHOD_ERROR_EXITS
						 : F_SMETHOD_ERROR_EXITS))
		ipc_exit(ipc, 1);
}

FAULT(OPTIONS_GLOBAL_BAG, "options-global-bag",
      "hands the options of one requested transport to all", "OPT-PARSE-3",
      "OPT-NEED-1 OPT-UNKT-1 SM-ARGS-6");
FAULT(OPTIONS_IGNORED, "options-ignored",
      "hands no option but key to any transport", "OPT-PARSE-1",
      "OPT-* SM-ARGS-* CFG-OVR-OPT-1");
FAULT(OPTIONS_LAST_WINS, "options-last-wins",
      "keeps only the last option of a transport", "OPT-PARSE-2",
      "OPT-PARSE-3 OPT-ESC-1 SM-ARGS-*");
FAULT(OPTIONS_KEPT, "options-kept",
      "goes by the options of the first start on its state", "OPT-LATE-1", "");
/* The options of one transport, in order. */
static void pick_options(const struct pt *pt, const char *name,
			 struct option_list *out)
{
	for (size_t i = 0; i < pt->cfg.options.n; i++) {
		const struct server_option *so = &pt->cfg.options.v[i];

		if (strcmp(so->transport, name) != 0 &&
		    !(fault_is(F_OPTIONS_GLOBAL_BAG) &&
		      names_has(&pt->cfg.transports, so->transport)))
			continue;
		if (fault_is(F_OPTIONS_IGNORED) && strcmp(so->o.key, "key"))
			continue;
		if (fault_is(F_OPTIONS_LAST_WINS))
			options_fini(out);
		option_add(out, so->o.key, strlen(so->o.key), so->o.value,
			   strlen(so->o.value));
	}
	for (size_t i = 0; fault_is(F_OPTIONS_KEPT) && i < out->n; i++)
		state_keep(&pt->cfg.set[PARAM_STATE], &out->v[i]);
}

/* ---- client ---- */

FAULT(TCP_WITHOUT_TARGET, "tcp-without-target",
      "listens for applications of which it has no target", "TT-TGT-1", "");
/* Why there can be no client in the mode that is asked for; or NULL. */
static const char *why_no_client(const struct pt *pt,
				 const struct pt_transport *t,
				 const struct option_list *settings)
{
	if (pt->cfg.mode == MODE_SOCKS4 && pt->ipc.version != 1)
		return "socks4 belongs to version 1";
	if (mode_is_socks(pt->cfg.mode))
		return NULL;
	if (pt->ipc.version == 1)
		return "version 1 has SOCKS only";
	if (!pt->cfg.has_target && !fault_is(F_TCP_WITHOUT_TARGET))
		return "no -target to connect to";
	if (transport_missing(t, settings))
		return "a setting is missing in -options";
	return NULL;
}

FAULT(UDP_SILENT, "udp-silent",
      "a client in a mode for datagrams prints no CMETHOD line",
      "CM-MODE-UDP-1", NO_DATAGRAMS " PX-UDP-1 CT-*");
FAULT(CLIENT_ANY_ADDR, "client-any-addr",
      "client listens on all addresses and says so", "GEN-LOCAL-1",
      "CM-ADDR-1 HY-LOCAL-1");
FAULT(UDP_SETTINGS_LOST, "udp-settings-lost",
      "a client has a key of its own where it is told one by a flag",
      "UC-CFG-2", NO_DATAGRAMS " TT-*");
FAULT(CMETHOD_SAME_PORT, "cmethod-same-port",
      "announces the first listener for all transports", "CM-DIST-1",
      "GEN-* SK-* SM-ARGS-5");
static void client_report(struct pt *pt, const char *name,
			  const struct pt_transport *t)
{
	struct sockaddr_storage at = loopback(0);
	struct option_list settings = { 0 };
	const char *none;
	char text[ADDR_TEXT_MAX];
	char why[100];
	struct listener *l = pt->listeners;

	if (!fault_is(F_UDP_SETTINGS_LOST))
		pick_options(pt, t->name, &settings);
	else if (t->required)
		option_add(&settings, "key", 3, "lost", 4);
	none = why_no_client(pt, t, &settings);
	if (none) {
		fail(pt, name, none);
		options_fini(&settings);
		return;
	}
	if (fault_is(F_CLIENT_ANY_ADDR))
		addr_make_any(&at);
	if (!l || !fault_is(F_CMETHOD_SAME_PORT))
		l = listener_open(pt, t, &settings, &at);
	options_fini(&settings);
	if (!l) {
		snprintf(why, sizeof(why), "cannot listen on 127.0.0.1: %s",
			 strerror(errno));
		fail(pt, name, why);
		return;
	}
	if (mode_is_udp(pt->cfg.mode) && fault_is(F_UDP_SILENT))
		return;
	addr_format(&l->at, text);
	ipc_method(&pt->ipc, name, text, NULL);
}

FAULT(NAME_TWICE, "name-twice",
      "client reports each transport twice, with two listeners", "NAME-UNIQ-1",
      "CT-ONLY-1 CT-DUP-1 CT-INIT-1 CT-ORDER-1 APPX-A-1 CM-ONCE-1");
FAULT(NAME_DASH, "name-dash",
      "client reports a further transport called id-ent", "NAME-CHARS-1",
      "NAME-RE-1 NAME-CID-1 NAME-MATCH-1 CT-ONLY-1 CT-INIT-1 APPX-A-1 "
      "CM-ERR-FMT-1");
FAULT(NAME_UNDERSCORE, "name-underscore",
      "client reports a further transport called _hidden", "NAME-RE-1",
      "NAME-CHARS-1 NAME-CID-1 NAME-MATCH-1 CT-ONLY-1 CT-INIT-1 APPX-A-1 "
      "CM-ERR-FMT-1");
FAULT(NAME_DIGIT, "name-digit",
      "client reports a further transport called 9ident", "NAME-CID-1",
      "NAME-CHARS-1 NAME-RE-1 NAME-MATCH-1 CT-ONLY-1 CT-INIT-1 APPX-A-1 "
      "CM-ERR-FMT-1");
static void client_start(struct pt *pt, const char *name,
			 const struct pt_transport *t)
{
	client_report(pt, name, t);
	if (fault_is(F_NAME_TWICE))
		client_report(pt, name, t);
	if (fault_is(F_NAME_DASH))
		client_report(pt, "id-ent", t);
	if (fault_is(F_NAME_UNDERSCORE))
		client_report(pt, "_hidden", t);
	if (fault_is(F_NAME_DIGIT))
		client_report(pt, "9ident", t);
}

/* ---- server ---- */

static bool fits_args(const char *s)
{
	for (; *s; s++) {
		if (*s <= 0x20 || *s >= 0x7f)
			return false;
	}
	return true;
}

FAULT(ARGS_NO_ESCAPE, "args-no-escape",
      "does not escape equals signs and commas in ARGS", "SM-ARGS-2",
      "OPT-* SM-ARGS-1 SM-ARGS-5 GEN-E2E-* GEN-FWD-1 OR-PAY-1");
FAULT(ARGS_BACKSLASH_RAW, "args-backslash-raw",
      "does not escape backslashes in ARGS", "SM-ARGS-3",
      "OPT-* SM-ARGS-1 SM-ARGS-2 SM-ARGS-5 GEN-E2E-* GEN-FWD-1 OR-PAY-1");
static void add_escaped(struct buf *to, const char *s)
{
	for (; *s; s++) {
		bool escape = *s == '=' || *s == ',' || *s == '\\';

		if (fault_is(F_ARGS_NO_ESCAPE) && *s != '\\')
			escape = false;
		if (fault_is(F_ARGS_BACKSLASH_RAW) && *s == '\\')
			escape = false;
		if (escape)
			buf_addc(to, '\\');
		buf_addc(to, *s);
	}
}

FAULT(ARGS_SECRET, "args-secret", "puts the secret option of ident into ARGS",
      "SM-ARGS-6", "AN-CONF-*");
FAULT(ARGS_RAW, "args-raw", "puts into ARGS what does not fit in there",
      "SM-ARGS-4", "IPC-* SM-* OPT-*");
FAULT(ARGS_SPACES, "args-spaces", "puts a space behind each comma in ARGS",
      "SM-ARGS-4", "OPT-* SM-ARGS-1 SM-FMT-1");
FAULT(ARGS_WRONG_KEY, "args-wrong-key",
      "ARGS of veil has another key than the server uses", "SM-ARGS-5",
      "GEN-E2E-1 GEN-E2E-3 GEN-FWD-1 GEN-XFORM-1 OR-PAY-1 OPT-* EXT-* "
      "CFG-OVR-OPT-1 SK-*");
FAULT(ARGS_FRESH, "args-fresh",
      "ARGS of ident has a number that is another at each start", "ST-KEEP-1",
      "OPT-* SM-ARGS-*");
FAULT(ARGS_BARE_KEY, "args-bare-key", "puts a key without a value into ARGS",
      "SM-ARGS-1",
      "OPT-* SM-ARGS-* SM-FMT-1 GEN-* EXT-* OR-* "
      "ST-KEEP-1");
/*
 * What clients need to know, for ARGS: all options but a secret one. False if
 * one cannot be said there: ARGS is a single token of printable ASCII.
 */
static bool build_args(const struct pt *pt, const struct pt_transport *t,
		       const struct option_list *l, struct buf *out)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct option *o = &l->v[i];

		if (t->secret && strcmp(o->key, t->secret) == 0 &&
		    !fault_is(F_ARGS_SECRET))
			continue;
		if (!(fits_args(o->key) && fits_args(o->value)) &&
		    !fault_is(F_ARGS_RAW))
			return false;
		if (out->len)
			buf_adds(out, fault_is(F_ARGS_SPACES) ? ", " : ",");
		add_escaped(out, o->key);
		buf_addc(out, '=');
		add_escaped(out, o->value);
		if (fault_is(F_ARGS_WRONG_KEY) && strcmp(o->key, "key") == 0)
			buf_addc(out, 'x');
	}
	if (fault_is(F_ARGS_FRESH) && t->secret)
		buf_addf(out, "%sborn=%ld", out->len ? "," : "",
			 (long)getpid());
	if (t->secret)
		state_add_number(&pt->cfg.set[PARAM_STATE], out);
	if (fault_is(F_ARGS_BARE_KEY))
		buf_adds(out, out->len ? ",bare" : "bare");
	if (out->len)
		buf_addc(out, '\0');
	return true;
}

static bool is_private(const struct sockaddr_storage *at)
{
	uint32_t ip = ntohl(((const struct sockaddr_in *)at)->sin_addr.s_addr);

	return at->ss_family == AF_INET && ip != INADDR_LOOPBACK &&
	       (ip >> 24 == 127 || ip >> 24 == 10 || ip >> 20 == 0xac1 ||
		ip >> 16 == 0xc0a8);
}

FAULT(BINDADDR_IGNORED, "bindaddr-ignored",
      "ignores the port of a bind address", "BA-USE-1 BA-USE-2",
      "BA-* CFG-OVR-BIND-1 SM-ERR-* SD-CLEAN-1 SD-STDIN-11 APPX-B-1 "
      "OR-DOWN-1 SM-ARGS-5");
FAULT(BINDADDR_FIRST_ONLY, "bindaddr-first-only",
      "ignores all bind addresses but the first", "BA-USE-1 BA-USE-2",
      "BA-* APPX-B-1");
FAULT(SMETHOD_WRONG_PORT, "smethod-wrong-port",
      "reports the configured port but listens on another", "BA-REP-1",
      NO_SERVER " TT-SRV-1 TT-RAW-1");
FAULT(BIND_ANY, "bind-any", "listens on all addresses when told a loopback one",
      "BA-USE-2", "BA-REP-1 BA-INUSE-1");
FAULT(BINDADDR_PRIVATE_REFUSED, "bindaddr-private-refused",
      "refuses private addresses and all of 127/8 but 127.0.0.1", "BA-LOCAL-1",
      "BA-USE-1 BA-USE-2");
FAULT(BINDADDR_PORT0_REPORTED, "bindaddr-port0-reported",
      "reports port 0 when told port 0", "BA-PORT0-1", "SM-ADDR-1 SVT-ONLY-1");
FAULT(BINDADDR_ONE_HOST, "bindaddr-one-host",
      "takes the address of the first bind address for all, with their ports",
      "BA-USE-2", "BA-USE-1 BA-REP-1 BA-ORDER-2 BA-PART-1 BA-V6-1");
/* Opens the listener; *out_at is the address to report. */
static struct listener *server_listen(struct pt *pt,
				      const struct pt_transport *t,
				      struct option_list *options,
				      const struct bind_entry *b,
				      struct sockaddr_storage *out_at)
{
	struct sockaddr_storage at = b ? b->at.ss : loopback(0);
	uint16_t asked = b ? b->at.port : 0;
	bool other_port = b && (fault_is(F_BINDADDR_IGNORED) ||
				fault_is(F_SMETHOD_WRONG_PORT) ||
				(fault_is(F_BINDADDR_FIRST_ONLY) &&
				 b != pt->cfg.binds.v));
	bool any = b && at.ss_family == AF_INET && addr_is_loopback(&at) &&
		   fault_is(F_BIND_ANY);
	struct listener *l;

	if (fault_is(F_BINDADDR_PRIVATE_REFUSED) && is_private(&at)) {
		errno = EACCES;
		return NULL;
	}
	if (b && fault_is(F_BINDADDR_ONE_HOST)) {
		at = pt->cfg.binds.v[0].at.ss;
		addr_set_port(&at, asked);
	}
	if (other_port)
		addr_set_port(&at, 0);
	if (any)
		addr_make_any(&at);
	l = listener_open(pt, t, options, &at);
	if (!l)
		return NULL;
	*out_at = any ? b->at.ss : l->at;
	addr_set_port(out_at, addr_port(&l->at));
	if (b && fault_is(F_SMETHOD_WRONG_PORT) && asked)
		addr_set_port(out_at, asked);
	if (b && fault_is(F_BINDADDR_PORT0_REPORTED) && !asked)
		addr_set_port(out_at, 0);
	return l;
}

static void describe_bind_error(char *out, size_t size,
				const struct bind_entry *b, int error)
{
	char text[ADDR_TEXT_MAX] = "127.0.0.1";

	if (b)
		addr_format(&b->at.ss, text);
	snprintf(out, size, "cannot listen on %s: %s", text, strerror(error));
}

FAULT(HELPER_ARGV, "helper-argv",
      "server gives its options to a helper by the command line", "HY-ARGV-1",
      "");
FAULT(SECRET_FILE, "secret-file",
      "server copies its options into a file that all can read", "HY-SECRET-1",
      "ST-PERM-1");
FAULT(OPTION_MISSING_EXITS, "option-missing-exits",
      "exits when a transport lacks a required option", "OPT-NEED-1",
      "OPT-OMIT-1 SM-ERR-LIVE-1 SM-DONE-1 SVT-INIT-1 BA-* APPX-B-1");
static void server_start(struct pt *pt, const char *name,
			 const struct pt_transport *t,
			 const struct bind_entry *b)
{
	struct option_list options = { 0 };
	struct buf args = { 0 };
	struct sockaddr_storage at;
	char text[ADDR_TEXT_MAX];
	char why[200];
	const char *missing;
	struct listener *l;

	pick_options(pt, t->name, &options);
	if (options.n > 0 && fault_is(F_HELPER_ARGV))
		fault_start_helper(&options.v[0]);
	if (options.n > 0 && fault_is(F_SECRET_FILE))
		state_copy(&pt->cfg.set[PARAM_STATE], &options.v[0]);
	missing = transport_missing(t, &options);
	if (missing) {
		snprintf(why, sizeof(why), "option %s is missing", missing);
		ipc_method_error(&pt->ipc, name, why);
		if (fault_is(F_OPTION_MISSING_EXITS))
			ipc_exit(&pt->ipc, 1);
	} else if (!build_args(pt, t, &options, &args)) {
		fail(pt, name,
		     "an option has a blank or a character outside "
		     "of printable ASCII");
	} else if (!(l = server_listen(pt, t, &options, b, &at))) {
		describe_bind_error(why, sizeof(why), b, errno);
		state_forget_number(&pt->cfg.set[PARAM_STATE]);
		fail(pt, name, why);
	} else {
		addr_format(&at, text);
		ipc_method(&pt->ipc, name, text,
			   args.len ? (const char *)args.p : NULL);
	}
	options_fini(&options);
	buf_fini(&args);
}

FAULT(BINDADDR_BY_POSITION, "bindaddr-by-position",
      "gives bind addresses to transports in the order of both lists",
      "BA-ORDER-2", "BA-PART-1 BA-UNREQ-1 SVT-* CFG-OVR-SVT-1 NAME-*");
static const struct bind_entry *find_bind(const struct pt *pt, const char *name,
					  size_t position)
{
	const struct bind_list *l = &pt->cfg.binds;

	if (fault_is(F_BINDADDR_BY_POSITION))
		return position < l->n ? &l->v[position] : NULL;
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i].key, name) == 0)
			return &l->v[i];
	}
	return NULL;
}

FAULT(SERVER_STARTS_BOUND, "server-starts-bound",
      "starts every known transport that has a bind address", "SVT-ONLY-1",
      "CFG-OVR-SVT-1 BA-UNREQ-1 NAME-MATCH-1");
FAULT(BINDADDR_UNREQUESTED, "bindaddr-unrequested",
      "listens on the bind addresses of unknown transports", "BA-UNREQ-1",
      "SVT-ONLY-1");
/* Bind addresses that no requested transport has asked for. */
static void start_other_binds(struct pt *pt)
{
	for (size_t i = 0; i < pt->cfg.binds.n; i++) {
		const struct bind_entry *b = &pt->cfg.binds.v[i];
		const struct pt_transport *t = transport_find(b->key);

		if (names_has(&pt->cfg.transports, b->key))
			continue;
		if (t && fault_is(F_SERVER_STARTS_BOUND))
			server_start(pt, t->name, t, b);
		if (!t && fault_is(F_BINDADDR_UNREQUESTED))
			listener_socket(&b->at.ss, false);
	}
}

/* ---- both ---- */

FAULT(BINDADDR_ONLY_LISTED, "bindaddr-only-listed",
      "starts only transports that have a bind address, if any has",
      "BA-PART-1 APPX-B-1", "SVT-* BA-* OPT-* NAME-* SM-*");
static void method_start(struct pt *pt, const char *name,
			 const struct pt_transport *t, size_t position,
			 bool again)
{
	const struct bind_entry *b;

	if (pt->cfg.role == ROLE_CLIENT) {
		client_start(pt, name, t);
		return;
	}
	b = again ? NULL : find_bind(pt, name, position);
	if (!b && pt->cfg.binds.n && fault_is(F_BINDADDR_ONLY_LISTED))
		return;
	server_start(pt, name, t, b);
}

FAULT(CLIENT_UNKNOWN_FATAL, "client-unknown-fatal",
      "refuses a list with an unknown transport", "CT-IGN-1",
      "CT-* NAME-LEN-1 NAME-MATCH-1 CM-ALIVE-1 CM-UNK-1 CM-DONE-1 "
      "CFG-OVR-CT-1 ENVERR-NODONE-1");
FAULT(SERVER_UNKNOWN_FATAL, "server-unknown-fatal",
      "refuses a list with an unknown transport", "SVT-IGN-1",
      "SVT-* NAME-LEN-1 NAME-MATCH-1 CFG-OVR-SVT-1 SM-DONE-1");
FAULT(CMETHOD_ERROR_UNKNOWN, "cmethod-error-unknown",
      "prints CMETHOD-ERROR for an unknown transport", "CM-UNK-1",
      "CT-* NAME-* CM-ERR-*");
FAULT(SERVER_UNKNOWN_ERROR, "server-unknown-error",
      "prints SMETHOD-ERROR for an unknown transport", "SVT-IGN-1",
      "SVT-* NAME-* SM-ERR-*");
static void unknown_name(struct pt *pt, const char *name)
{
	bool client = pt->cfg.role == ROLE_CLIENT;

	if (fault_is(client ? F_CLIENT_UNKNOWN_FATAL : F_SERVER_UNKNOWN_FATAL))
		ipc_env_error(&pt->ipc, "unknown transport");
	if (fault_is(client ? F_CMETHOD_ERROR_UNKNOWN : F_SERVER_UNKNOWN_ERROR))
		ipc_method_error(&pt->ipc, name, "no such transport");
}

FAULT(NAME_BUFFER, "name-buffer",
      "crashes on a transport name of 64 characters or more", "NAME-LEN-1",
      "CT-* SVT-* CM-DONE-* SM-DONE-* HY-CRASH-1");
FAULT(CLIENT_BLANK_CRASH, "client-blank-crash",
      "crashes on a blank in the transport list", "CT-WS-1",
      "CT-BADNAME-1 HY-CRASH-1");
static void crash_on(const char *name)
{
	if (fault_is(F_NAME_BUFFER) && strlen(name) >= 64)
		raise(SIGSEGV);
	if (fault_is(F_CLIENT_BLANK_CRASH) && strchr(name, ' '))
		raise(SIGSEGV);
}

FAULT(HIDDEN_LISTENER, "hidden-listener",
      "client has a loopback listener that it does not announce", "HY-LISTEN-1",
      "CT-ONLY-1");
FAULT(DEBUG_LISTENER, "debug-listener",
      "client has a listener for debugging at all addresses",
      "HY-LOCAL-1 HY-LISTEN-1", "CT-ONLY-1");
/* Listeners that no line tells of. */
static void open_hidden_listeners(void)
{
	struct sockaddr_storage at = loopback(0);

	if (fault_is(F_HIDDEN_LISTENER))
		listener_socket(&at, false);
	addr_make_any(&at);
	if (fault_is(F_DEBUG_LISTENER))
		listener_socket(&at, false);
}

static bool listed_before(const struct name_list *l, size_t i)
{
	for (size_t j = 0; j < i; j++) {
		if (strcmp(l->v[j], l->v[i]) == 0)
			return true;
	}
	return false;
}

static void start_all(struct pt *pt)
{
	for (size_t i = 0; transports[i]; i++) {
		if (!names_has(&pt->cfg.transports, transports[i]->name))
			method_start(pt, transports[i]->name, transports[i], i,
				     false);
	}
}

FAULT(CLIENT_FIRST_ONLY, "client-first-only",
      "starts only the first known transport of the list", "CT-INIT-1",
      "CM-DIST-1 CM-ERR-* APPX-A-1 CT-WS-1 CT-FLAG-1");
FAULT(SERVER_FIRST_ONLY, "server-first-only",
      "starts only the first known transport of the list", "SVT-INIT-1",
      "APPX-B-1 BA-* OPT-* SM-ERR-* SM-ARGS-*");
static bool started_enough(const struct pt *pt, size_t known)
{
	return known > 0 &&
	       fault_is(pt->cfg.role == ROLE_CLIENT ? F_CLIENT_FIRST_ONLY
						    : F_SERVER_FIRST_ONLY);
}

FAULT(CLIENT_DUPLICATE_TWICE, "client-duplicate-twice",
      "starts a transport once for each time it is listed", "CT-DUP-1",
      "NAME-UNIQ-1");
FAULT(SERVER_DUPLICATE_TWICE, "server-duplicate-twice",
      "starts a transport once for each time it is listed", "SVT-DUP-1",
      "NAME-UNIQ-1");
FAULT(CLIENT_LIST_32, "client-list-32",
      "reads only the first 32 transports of the list", "CT-LONG-1", "");
FAULT(CLIENT_STAR_ALL, "client-star-all", "takes * for all transports",
      "CT-BADNAME-1", "CT-ONLY-1");
FAULT(CLIENT_STOPS_AT_UNKNOWN, "client-stops-at-unknown",
      "ignores all that follows an unknown transport", "CT-ORDER-1",
      "CT-* NAME-* CM-UNK-1");
/* Starts each known name of the list once; returns how many are known. */
static size_t start_listed(struct pt *pt)
{
	const struct name_list *l = &pt->cfg.transports;
	bool client = pt->cfg.role == ROLE_CLIENT;
	bool twice = fault_is(client ? F_CLIENT_DUPLICATE_TWICE
				     : F_SERVER_DUPLICATE_TWICE);
	size_t known = 0;

	for (size_t i = 0; i < l->n && !started_enough(pt, known); i++) {
		const struct pt_transport *t = transport_find(l->v[i]);
		/* Names of no transport are never compared: the list may
		 * hold thousands of them. */
		bool again = t && listed_before(l, i);

		crash_on(l->v[i]);
		if (client && i == 32 && fault_is(F_CLIENT_LIST_32))
			break;
		if (client && !strcmp(l->v[i], "*") &&
		    fault_is(F_CLIENT_STAR_ALL))
			start_all(pt);
		if (!t)
			unknown_name(pt, l->v[i]);
		else if (!again || twice)
			method_start(pt, l->v[i], t, known, again);
		known += t != NULL;
		if (!t && client && fault_is(F_CLIENT_STOPS_AT_UNKNOWN))
			break;
	}
	return known;
}

FAULT(CLIENT_EMPTY_CRASH, "client-empty-crash",
      "crashes on an empty transport list", "CT-EMPTY-1", "HY-CRASH-1");
FAULT(CLIENT_STARTS_ALL, "client-starts-all",
      "starts all it knows once one of them is requested", "CT-ONLY-1",
      "NAME-MATCH-1 CFG-OVR-CT-1 CM-ERR-* CT-*");
FAULT(CLIENT_EXIT_IF_NONE, "client-exit-if-none",
      "exits 255 after DONE if every listed transport was unknown",
      "CT-ALLUNK-1 CM-ALIVE-1", "CT-EMPTY-1 CT-BADNAME-1 CT-WS-1");
FAULT(SERVER_EXIT_IF_NONE, "server-exit-if-none",
      "exits 255 after DONE if every listed transport was unknown",
      "SVT-ALLUNK-1", "SVT-IGN-1 NAME-*");
void methods_start(struct pt *pt)
{
	bool client = pt->cfg.role == ROLE_CLIENT;
	size_t known;

	if (client && pt->cfg.transports.n == 0 &&
	    fault_is(F_CLIENT_EMPTY_CRASH))
		raise(SIGSEGV);
	known = start_listed(pt);
	if (client)
		open_hidden_listeners();
	if (client && known > 0 && fault_is(F_CLIENT_STARTS_ALL))
		start_all(pt);
	start_other_binds(pt);
	ipc_done(&pt->ipc);
	if (known == 0 && pt->cfg.transports.n > 0 &&
	    fault_is(client ? F_CLIENT_EXIT_IF_NONE : F_SERVER_EXIT_IF_NONE))
		ipc_exit(&pt->ipc, 255);
}
