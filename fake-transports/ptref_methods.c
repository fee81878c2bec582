/*
 * From the list of requested transports to listeners and method lines (PT 2.0
 * sections 3.3.2.2 and 3.3.2.3). Unknown names are passed over in silence, a
 * name is started once, a transport that cannot start gets its own error line
 * and does not stop the others.
 */
#include "ptref.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ptref_faults.h"
#include "ptref_misdeeds.h"
#include "ptref_state.h"

static struct sockaddr_storage loopback(uint16_t port)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ss;

	v4->sin_family = AF_INET;
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	v4->sin_port = htons(port);
	return ss;
}

static void fail(struct pt *pt, const char *name, const char *why)
{
	struct ipc *ipc = &pt->ipc;

	ipc_method_error(ipc, name, why);
	if (fault_is(pt->cfg.role == ROLE_CLIENT ? F_CMETHOD_ERROR_EXITS
						 : F_SMETHOD_ERROR_EXITS))
		ipc_exit(ipc, 1);
}

/* ---- client ---- */

/* Why there can be no client in the mode that is asked for; or NULL. */
static const char *obstacle(const struct pt *pt, const struct pt_transport *t)
{
	if (pt->cfg.mode == MODE_SOCKS4 && pt->ipc.version != 1)
		return "socks4 belongs to version 1";
	if (pt->cfg.mode != MODE_TCP)
		return NULL;
	if (pt->ipc.version == 1)
		return "version 1 has SOCKS only";
	if (!pt->cfg.has_target && !fault_is(F_TCP_WITHOUT_TARGET))
		return "no -target to connect to";
	if (transport_missing(t, &(struct option_list){ 0 }))
		return "its settings can be told by SOCKS only";
	return NULL;
}

static void client_report(struct pt *pt, const char *name,
			  const struct pt_transport *t)
{
	struct sockaddr_storage at = loopback(0);
	const char *none = obstacle(pt, t);
	char text[ADDR_TEXT_MAX];
	char why[100];
	struct listener *l = pt->listeners;

	if (none) {
		fail(pt, name, none);
		return;
	}
	if (fault_is(F_CLIENT_ANY_ADDR))
		addr_make_any(&at);
	if (!l || !fault_is(F_CMETHOD_SAME_PORT))
		l = listener_open(pt, t, &(struct option_list){ 0 }, &at);
	if (!l) {
		snprintf(why, sizeof(why), "cannot listen on 127.0.0.1: %s",
			 strerror(errno));
		fail(pt, name, why);
		return;
	}
	addr_format(&l->at, text);
	ipc_method(&pt->ipc, name, text, NULL);
}

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
}

static bool fits_args(const char *s)
{
	for (; *s; s++) {
		if (*s <= 0x20 || *s >= 0x7f)
			return false;
	}
	return true;
}

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

/*
 * What clients need to know, for ARGS: all options but a secret one. False if
 * one cannot be said there: ARGS is a single token of printable ASCII.
 */
static bool build_args(const struct pt_transport *t,
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
				fault_is(F_SMETHOD_WRONG_PORT));
	bool any = b && at.ss_family == AF_INET && addr_is_loopback(&at) &&
		   fault_is(F_BIND_ANY);
	struct listener *l;

	if (fault_is(F_BINDADDR_PRIVATE_REFUSED) && is_private(&at)) {
		errno = EACCES;
		return NULL;
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
		start_helper(&options.v[0]);
	if (options.n > 0 && fault_is(F_SECRET_FILE))
		state_copy(&pt->cfg.set[PARAM_STATE], &options.v[0]);
	missing = transport_missing(t, &options);
	if (missing) {
		snprintf(why, sizeof(why), "option %s is missing", missing);
		ipc_method_error(&pt->ipc, name, why);
		if (fault_is(F_OPTION_MISSING_EXITS))
			ipc_exit(&pt->ipc, 1);
	} else if (!build_args(t, &options, &args)) {
		fail(pt, name,
		     "an option has a blank or a character outside "
		     "of printable ASCII");
	} else if (!(l = server_listen(pt, t, &options, b, &at))) {
		describe_bind_error(why, sizeof(why), b, errno);
		fail(pt, name, why);
	} else {
		addr_format(&at, text);
		ipc_method(&pt->ipc, name, text,
			   args.len ? (const char *)args.p : NULL);
	}
	options_fini(&options);
	buf_fini(&args);
}

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

/* Bind addresses that no requested transport has asked for. */
static void misuse_other_binds(struct pt *pt)
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

static void start(struct pt *pt, const char *name, const struct pt_transport *t,
		  size_t position, bool again)
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

static void unknown_name(struct pt *pt, const char *name)
{
	bool client = pt->cfg.role == ROLE_CLIENT;

	if (fault_is(client ? F_CLIENT_UNKNOWN_FATAL : F_SERVER_UNKNOWN_FATAL))
		ipc_env_error(&pt->ipc, "unknown transport");
	if (fault_is(client ? F_CMETHOD_ERROR_UNKNOWN : F_SERVER_UNKNOWN_ERROR))
		ipc_method_error(&pt->ipc, name, "no such transport");
}

static void crash_on(const char *name)
{
	if (fault_is(F_NAME_BUFFER) && strlen(name) >= 64)
		raise(SIGSEGV);
	if (fault_is(F_CLIENT_BLANK_CRASH) && strchr(name, ' '))
		raise(SIGSEGV);
}

/* Listeners that no line tells of. */
static void listen_besides(void)
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
			start(pt, transports[i]->name, transports[i], i, false);
	}
}

static bool started_enough(const struct pt *pt, size_t known)
{
	return known > 0 &&
	       fault_is(pt->cfg.role == ROLE_CLIENT ? F_CLIENT_FIRST_ONLY
						    : F_SERVER_FIRST_ONLY);
}

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
			start(pt, l->v[i], t, known, again);
		known += t != NULL;
		if (!t && client && fault_is(F_CLIENT_STOPS_AT_UNKNOWN))
			break;
	}
	return known;
}

void methods_start(struct pt *pt)
{
	bool client = pt->cfg.role == ROLE_CLIENT;
	size_t known;

	if (client && pt->cfg.transports.n == 0 &&
	    fault_is(F_CLIENT_EMPTY_CRASH))
		raise(SIGSEGV);
	known = start_listed(pt);
	if (client)
		listen_besides();
	if (client && known > 0 && fault_is(F_CLIENT_STARTS_ALL))
		start_all(pt);
	misuse_other_binds(pt);
	ipc_done(&pt->ipc);
	if (known == 0 && pt->cfg.transports.n > 0 &&
	    fault_is(client ? F_CLIENT_EXIT_IF_NONE : F_SERVER_EXIT_IF_NONE))
		ipc_exit(&pt->ipc, 255);
}
