/*
 * options.c - the command line.
 *
 * One table a command feeds the reading and --help; ptparent(1) is compared
 * with it by a test.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "parent/program/app.h"

enum {
	KEY_PROXY = 256,
	KEY_STATE,
	KEY_SPEC,
	KEY_FLAGS,
	KEY_TIMEOUT,
	KEY_RESTART,
	KEY_EVENTS,
	KEY_TRANSPORT,
	KEY_BIND,
	KEY_OPTION,
	KEY_APP,
	KEY_EXTOR,
	KEY_PROXY_PROTOCOL,
	KEY_LINES,
	KEY_PUBLIC,
};

#define COMMON                                                              \
	{ "state",                                                          \
	  KEY_STATE,                                                        \
	  "DIR",                                                            \
	  0,                                                                \
	  "What the transport may keep (default: $STATE_DIRECTORY, else "   \
	  "ptparent below $XDG_STATE_HOME)",                                \
	  0 },                                                              \
		{ "spec",                                                   \
		  KEY_SPEC,                                                 \
		  "auto|1.0|2.0",                                           \
		  0,                                                        \
		  "The versions to offer (default: auto, both)",            \
		  0 },                                                      \
		{ "tell",                                                   \
		  KEY_FLAGS,                                                \
		  "env|flags|both",                                         \
		  0,                                                        \
		  "How the transport is told (default: env)",               \
		  0 },                                                      \
		{ "start-timeout",                                          \
		  KEY_TIMEOUT,                                              \
		  "SECONDS",                                                \
		  0,                                                        \
		  "Give up a transport that is not ready (default: 30)",    \
		  0 },                                                      \
		{ "restart",                                                \
		  KEY_RESTART,                                              \
		  "never|on-failure",                                       \
		  0,                                                        \
		  "Start it again, ever more slowly (default: never)",      \
		  0 },                                                      \
		{ "events",                                                 \
		  KEY_EVENTS,                                               \
		  "FILE",                                                   \
		  0,                                                        \
		  "Append one JSON object a line for what happens",         \
		  0 },                                                      \
	{                                                                   \
		"quiet", 'q', NULL, 0, "Say nothing on the error stream", 0 \
	}

static const struct argp_option client_table[] = {
	{ "bridge", 'B', "LINE", 0,
	  "Where to go: \"NAME ADDRESS:PORT [FINGERPRINT] [KEY=VALUE ...]\"; "
	  "any number",
	  0 },
	{ "listen", 'L', "ADDRESS:PORT", 0,
	  "Where the first bridge is offered, then the second ... (default: "
	  "a free port of 127.0.0.1)",
	  0 },
	{ "proxy", KEY_PROXY, "URI", 0,
	  "socks5|socks4a|http://[USER:PASSWORD@]ADDRESS:PORT", 0 },
	COMMON,
	{ 0 },
};

static const struct argp_option server_table[] = {
	{ "transport", KEY_TRANSPORT, "NAME", 0, "What to serve; any number",
	  0 },
	{ "bind", KEY_BIND, "NAME=ADDRESS:PORT", 0,
	  "Where it listens (default: 0.0.0.0:0, any port)", 0 },
	{ "option", KEY_OPTION, "NAME:KEY=VALUE", 0,
	  "An option of the transport; any number", 0 },
	{ "app", KEY_APP, "ADDRESS:PORT", 0, "The application", 0 },
	{ "extor", KEY_EXTOR, NULL, 0,
	  "Be the transport's Extended ORPort, and relay", 0 },
	{ "proxy-protocol", KEY_PROXY_PROTOCOL, NULL, 0,
	  "Tell the application each client's address (PROXY protocol 2); "
	  "needs --extor",
	  0 },
	{ "bridge-lines", KEY_LINES, "FILE", 0,
	  "Write the lines that clients need", 0 },
	{ "public", KEY_PUBLIC, "ADDRESS", 0,
	  "The address in these lines (default: the one that is bound)", 0 },
	COMMON,
	{ 0 },
};

/* --- values --- */

static int one_of(struct argp_state *s, const char *arg, const char *what,
		  const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(arg, words[i]) == 0)
			return i;
	argp_error(s, "%s: \"%s\" is none of its values", what, arg);
	return 0;
}

static int64_t seconds(struct argp_state *s, const char *arg)
{
	char *end;
	double n = strtod(arg, &end);

	if (end == arg || *end || !(n > 0) || n > 1e6)
		argp_error(s, "start-timeout: \"%s\" is no number of seconds",
			   arg);
	return (int64_t)(n * 1e6);
}

static void add_bridge(struct argp_state *s, struct app_options *o,
		       const char *arg)
{
	struct ptp_error err;
	struct app_bridge *b = &o->bridge[o->nbridges];

	if (o->nbridges == APP_BRIDGES_MAX)
		argp_error(s, "more than %d bridges", APP_BRIDGES_MAX);
	if (ptp_bridge_parse(arg, &b->bridge, &err) < 0)
		argp_error(s, "%s", err.text);
	o->nbridges++;
	for (size_t i = 0; i < o->config.ntransports; i++)
		if (strcmp(o->transport[i], b->bridge.transport) == 0)
			return;
	o->transport[o->config.ntransports++] = b->bridge.transport;
}

static void check_address(struct argp_state *s, const char *what,
			  const char *arg)
{
	struct sockaddr_storage at;
	socklen_t n;

	if (address_parse(arg, &at, &n) < 0)
		argp_error(s, "%s: \"%s\" is not a literal ADDRESS:PORT", what,
			   arg);
}

static struct ptp_server *server_named(struct argp_state *s,
				       struct app_options *o, const char *arg,
				       char end, const char **rest)
{
	const char *at = strchr(arg, end);

	for (size_t i = 0; at && i < o->config.nservers; i++) {
		const char *name = o->server[i].name;

		if (strlen(name) == (size_t)(at - arg) &&
		    strncmp(name, arg, strlen(name)) == 0) {
			*rest = at + 1;
			return &o->server[i];
		}
	}
	argp_error(s,
		   "\"%s\" does not begin with the name of a --transport "
		   "before it and \"%c\"",
		   arg, end);
	return &o->server[0];
}

static void add_option(struct argp_state *s, struct app_options *o,
		       const char *arg)
{
	const char *rest = arg;
	struct ptp_server *to = server_named(s, o, arg, ':', &rest);
	struct ptp_pair *v = (struct ptp_pair *)(uintptr_t)to->options.v;
	char *key = strdup(rest);
	char *equals = key ? strchr(key, '=') : NULL;

	if (!equals || equals == key)
		argp_error(s, "option: \"%s\" is not NAME:KEY=VALUE", arg);
	v = reallocarray(v, to->options.n + 1, sizeof(*v));
	if (!v)
		abort();
	*equals = '\0';
	v[to->options.n] = (struct ptp_pair){ key, equals + 1 };
	to->options.v = v;
	to->options.n++;
}

/* --- reading --- */

static error_t parse_common(int key, char *arg, struct argp_state *s)
{
	static const char *const specs[] = { "auto", "1.0", "2.0", NULL };
	static const char *const tells[] = { "env", "flags", "both", NULL };
	static const char *const restarts[] = { "never", "on-failure", NULL };
	struct app_options *o = s->input;

	switch (key) {
	case KEY_STATE:
		o->config.state = arg;
		return 0;
	case KEY_SPEC:
		o->config.spec = (enum ptp_spec)one_of(s, arg, "spec", specs);
		return 0;
	case KEY_FLAGS:
		o->config.tell =
			(enum ptp_tell)(one_of(s, arg, "tell", tells) + 1);
		return 0;
	case KEY_TIMEOUT:
		o->config.start_timeout = seconds(s, arg);
		return 0;
	case KEY_RESTART:
		o->config.restart = one_of(s, arg, "restart", restarts);
		return 0;
	case KEY_EVENTS:
		o->events = arg;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case ARGP_KEY_ARGS:
		o->config.argv = (const char *const *)(s->argv + s->next);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(s, "no transport: put its program and words behind "
			      "--");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse_client(int key, char *arg, struct argp_state *s)
{
	struct app_options *o = s->input;
	static char *memory;
	struct ptp_error err;

	switch (key) {
	case 'B':
		add_bridge(s, o, arg);
		return 0;
	case 'L':
		check_address(s, "listen", arg);
		if (o->nlisten == APP_BRIDGES_MAX)
			argp_error(s, "more than %d listeners",
				   APP_BRIDGES_MAX);
		o->bridge[o->nlisten++].listen = arg;
		return 0;
	case KEY_PROXY:
		if (ptp_proxy_parse(arg, &o->config.proxy, &memory, &err) < 0)
			argp_error(s, "%s", err.text);
		return 0;
	case ARGP_KEY_END:
		if (o->nbridges == 0)
			argp_error(s, "no --bridge");
		if (o->nlisten > o->nbridges)
			argp_error(s, "more --listen than --bridge");
		return 0;
	}
	return parse_common(key, arg, s);
}

static error_t parse_server(int key, char *arg, struct argp_state *s)
{
	struct app_options *o = s->input;
	const char *rest = arg;
	struct ptp_server *to;

	switch (key) {
	case KEY_TRANSPORT:
		if (o->config.nservers == APP_BRIDGES_MAX)
			argp_error(s, "more than %d transports",
				   APP_BRIDGES_MAX);
		o->server[o->config.nservers++].name = arg;
		return 0;
	case KEY_BIND:
		to = server_named(s, o, arg, '=', &rest);
		check_address(s, "bind", rest);
		to->bind = rest;
		return 0;
	case KEY_OPTION:
		add_option(s, o, arg);
		return 0;
	case KEY_APP:
		check_address(s, "app", arg);
		o->app = arg;
		return 0;
	case KEY_EXTOR:
		o->extor = true;
		return 0;
	case KEY_PROXY_PROTOCOL:
		o->proxy_protocol = true;
		return 0;
	case KEY_LINES:
		o->bridge_lines = arg;
		return 0;
	case KEY_PUBLIC:
		o->public = arg;
		return 0;
	case ARGP_KEY_END:
		if (o->config.nservers == 0)
			argp_error(s, "no --transport");
		if (!o->app)
			argp_error(s, "no --app");
		if (o->proxy_protocol && !o->extor)
			argp_error(s, "--proxy-protocol needs --extor: only "
				      "so a client's address is known");
		return 0;
	}
	return parse_common(key, arg, s);
}

static const char client_doc[] =
	"Run a PT client.  Each bridge is offered at a local address; what "
	"connects there goes through the transport to it.\v"
	"Prints \"ADDRESS:PORT NAME BRIDGE\" for each when it is ready.  Ends "
	"with 0 when it was stopped as asked (SIGTERM, SIGINT), with 1 when "
	"the transport failed or refused, with 2 when the command line is "
	"wrong.";
static const char server_doc[] =
	"Run a PT server in front of an application.\v"
	"Prints the bridge line for clients when it is ready.  Ends with 0 "
	"when it was stopped as asked (SIGTERM, SIGINT), with 1 when the "
	"transport failed or refused, with 2 when the command line is wrong.";

static const char usage[] =
	"Usage: ptparent client [OPTION...] -- PT [ARG...]\n"
	"       ptparent server [OPTION...] -- PT [ARG...]\n"
	"       ptparent --help | --version\n"
	"\n"
	"The parent process of a pluggable transport: runs one, and carries "
	"the streams of\napplications through it.  Both commands explain "
	"themselves: ptparent client --help.\n";

int options_parse_line(struct app_options *o, int argc, char **argv)
{
	static const struct argp client = {
		client_table, parse_client, "-- PT [ARG...]", client_doc, NULL,
		NULL,	      NULL
	};
	static const struct argp server = {
		server_table, parse_server, "-- PT [ARG...]", server_doc, NULL,
		NULL,	      NULL
	};
	static char name[64];
	const char *word = argc > 1 ? argv[1] : "";
	bool is_client = strcmp(word, "client") == 0;

	argp_err_exit_status = APP_USAGE;
	o->config.transports = o->transport;
	o->config.servers = o->server;
	if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0) {
		fputs(usage, stdout);
		exit(APP_STOPPED);
	}
	if (strcmp(word, "--version") == 0) {
		puts("ptparent " PTCHECK_VERSION);
		exit(APP_STOPPED);
	}
	if (!is_client && strcmp(word, "server") != 0) {
		fprintf(stderr, "ptparent: %s%s%s\n%s",
			*word ? "\"" : "no command", word,
			*word ? "\" is no command" : "", usage);
		return APP_USAGE;
	}
	o->config.role = is_client ? PTP_CLIENT : PTP_SERVER;
	snprintf(name, sizeof(name), "ptparent %s", word);
	argv[1] = name;
	if (argp_parse(is_client ? &client : &server, argc - 1, argv + 1,
		       ARGP_IN_ORDER, NULL, o))
		return APP_USAGE;
	return 0;
}
