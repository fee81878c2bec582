/*
 * config.c - what a transport is told at its start (PT 2.0 section 3.3.1, PT
 * 1.0 section 3.3), and whether that can be told at all.
 */
#include <stdio.h>
#include <stdlib.h>

#include "parent/proto/ipc/name.h"
#include "parent/proto/ipc/options.h"
#include "parent/proto/net/addr.h"
#include "parent/lib/lib.h"

const char *role_word(const struct ptp_config *c)
{
	return c->role == PTP_SERVER ? "SERVER" : "CLIENT";
}

size_t config_count(const struct ptp_config *c)
{
	return c->role == PTP_SERVER ? c->nservers : c->ntransports;
}

const char *config_name(const struct ptp_config *c, size_t i)
{
	return c->role == PTP_SERVER ? c->servers[i].name : c->transports[i];
}

const char *config_versions(const struct ptp_config *c)
{
	switch (c->spec) {
	case PTP_SPEC_10:
		return "1";
	case PTP_SPEC_20:
		return "2";
	case PTP_SPEC_AUTO:
		break;
	}
	return "1,2";
}

/* --- is it sound? --- */

/* @zero: port 0 will do, which asks for any. */
static int check_address(const char *what, const char *text, bool zero,
			 struct ptp_error *err)
{
	struct addr a;
	unsigned odd = addr_parse(span_str(text), &a);
	char shown[128];

	if (zero)
		odd &= ~(unsigned)ADDR_PORT_ZERO;
	if (odd == 0)
		return 0;
	return fail(err, "%s: \"%s\" is not a literal ADDRESS:PORT%s", what,
		    ptp_printable(shown, sizeof(shown), text),
		    odd == ADDR_PORT_ZERO ? ": a port of its own is needed"
					  : "");
}

static int check_names(const struct ptp_config *c, struct ptp_error *err)
{
	char shown[128];

	if (config_count(c) == 0)
		return fail(err, "no transport is asked for");
	for (size_t i = 0; i < config_count(c); i++) {
		const char *name = config_name(c, i);

		if (!name || name_check(span_str(name)) & NAME_INVALID)
			return fail(err, "\"%s\" is no name of a transport",
				    ptp_printable(shown, sizeof(shown),
						  name ? name : ""));
		for (size_t k = 0; k < i; k++)
			if (strcmp(config_name(c, k), name) == 0)
				return fail(err, "%s is asked for twice", name);
	}
	return 0;
}

int check_proxy(const struct ptp_proxy *p, struct ptp_error *err)
{
	bool socks5, http;

	if (!p->type)
		return 0;
	socks5 = strcmp(p->type, "socks5") == 0;
	http = strcmp(p->type, "http") == 0;
	if (!socks5 && !http && strcmp(p->type, "socks4a") != 0)
		return fail(err, "proxy: neither socks5, socks4a nor http");
	if (!p->address)
		return fail(err, "proxy: no address");
	if (check_address("proxy", p->address, false, err) < 0)
		return -1;
	if (p->password && !p->user)
		return fail(err, "proxy: a password without a user");
	if (p->password && !socks5 && !http)
		return fail(err, "proxy: SOCKS4 has no password");
	if (socks5 && !p->password != !p->user)
		return fail(err, "proxy: SOCKS5 needs user and password");
	if (socks5 && p->user &&
	    (strlen(p->user) > 255 || strlen(p->password) > 255 || !*p->user ||
	     !*p->password))
		return fail(err, "proxy: user and password of SOCKS5 have 1 to "
				 "255 bytes");
	if (http && p->user && strchr(p->user, ':'))
		return fail(err, "proxy: a colon in the user name");
	return 0;
}

static int check_servers(const struct ptp_config *c, struct ptp_error *err)
{
	for (size_t i = 0; i < c->nservers; i++) {
		const struct ptp_server *s = &c->servers[i];

		if (s->bind && check_address(s->name, s->bind, true, err) < 0)
			return -1;
		for (size_t k = 0; k < s->options.n; k++)
			if (!*s->options.v[k].key)
				return fail(err, "%s: an option without a key",
					    s->name);
	}
	if (!c->orport && !c->extorport)
		return fail(err, "neither ORPort nor Extended ORPort");
	if (c->orport && check_address("ORPort", c->orport, false, err) < 0)
		return -1;
	if (!c->extorport)
		return 0;
	if (!c->cookie)
		return fail(err, "an Extended ORPort needs a cookie file");
	return check_address("Extended ORPort", c->extorport, false, err);
}

int ptp_config_check(const struct ptp_config *c, struct ptp_error *err)
{
	if (!c->argv || !c->argv[0] || !*c->argv[0])
		return fail(err, "no program");
	if (!c->state || c->state[0] != '/')
		return fail(err, "the state directory must be absolute");
	if (c->spec == PTP_SPEC_10 && c->tell & PTP_TELL_FLAGS)
		return fail(err, "PT 1.0 has no flags");
	if (check_names(c, err) < 0)
		return -1;
	if (c->role == PTP_CLIENT)
		return check_proxy(&c->proxy, err);
	if (c->proxy.type)
		return fail(err, "a server uses no proxy");
	return check_servers(c, err);
}

/* --- the values --- */

/* Everything but the unreserved characters of RFC 3986 section 2.3. */
static void add_encoded(struct buf *b, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || strchr("-._~", c))
			buf_addc(b, *s);
		else
			buf_addf(b, "%%%02X", c);
	}
}

static void add_proxy(struct buf *b, const struct ptp_proxy *p)
{
	buf_addf(b, "%s://", p->type);
	if (p->user) {
		add_encoded(b, p->user);
		if (p->password) {
			buf_addc(b, ':');
			add_encoded(b, p->password);
		}
		buf_addc(b, '@');
	}
	buf_adds(b, p->address);
}

char *ptp_proxy_uri(const struct ptp_proxy *p)
{
	struct buf b = BUF_MAX(4096);
	char *out;

	if (!p->type)
		return NULL;
	add_proxy(&b, p);
	out = strdup(buf_cstr(&b));
	buf_fini(&b);
	if (!out)
		die_oom();
	return out;
}

static void add_names(struct buf *b, const struct ptp_config *c)
{
	for (size_t i = 0; i < config_count(c); i++)
		buf_addf(b, "%s%s", i ? "," : "", config_name(c, i));
}

/* All of them: goptlib's servers do not start without (and PT 2.0 lets them
 * be told). */
static void add_binds(struct buf *b, const struct ptp_config *c)
{
	for (size_t i = 0; i < c->nservers; i++)
		buf_addf(b, "%s%s-%s", i ? "," : "", c->servers[i].name,
			 c->servers[i].bind ? c->servers[i].bind : "0.0.0.0:0");
}

static void add_options(struct buf *b, const struct ptp_config *c)
{
	for (size_t i = 0; i < c->nservers; i++) {
		const struct ptp_pairs *l = &c->servers[i].options;

		for (size_t k = 0; k < l->n; k++) {
			buf_addf(b, "%s%s:", b->n ? ";" : "",
				 c->servers[i].name);
			options_escape(b, span_str(l->v[k].key));
			buf_addc(b, '=');
			options_escape(b, span_str(l->v[k].value));
		}
	}
}

/* One thing to tell: what carries it, and how to write it. */
struct item {
	const char *flag, *env; /* '@' in env: the role */
	enum { BOTH, ONLY_CLIENT, ONLY_SERVER } of;
	enum {
		VERSIONS,
		STATE,
		STDIN,
		NAMES,
		PROXY,
		BINDS,
		OPTIONS,
		ORPORT,
		EXTORPORT,
		COOKIE,
	} what;
};

static const struct item items[] = {
	{ "-ptversion", "MANAGED_TRANSPORT_VER", BOTH, VERSIONS },
	{ "-state", "STATE_LOCATION", BOTH, STATE },
	{ "-exit-on-stdin-close", "EXIT_ON_STDIN_CLOSE", BOTH, STDIN },
	{ "-transports", "@_TRANSPORTS", BOTH, NAMES },
	{ "-proxy", "PROXY", ONLY_CLIENT, PROXY },
	{ "-bindaddr", "SERVER_BINDADDR", ONLY_SERVER, BINDS },
	{ "-options", "SERVER_TRANSPORT_OPTIONS", ONLY_SERVER, OPTIONS },
	{ "-orport", "ORPORT", ONLY_SERVER, ORPORT },
	{ "-extorport", "EXTENDED_SERVER_PORT", ONLY_SERVER, EXTORPORT },
	{ "-authcookie", "AUTH_COOKIE_FILE", ONLY_SERVER, COOKIE },
};

#define ITEMS (sizeof(items) / sizeof(items[0]))

/* False: there is nothing to tell. */
static bool add_value(struct buf *b, const struct item *it,
		      const struct ptp_config *c)
{
	const char *text = NULL;

	if ((it->of == ONLY_CLIENT && c->role != PTP_CLIENT) ||
	    (it->of == ONLY_SERVER && c->role != PTP_SERVER))
		return false;
	switch (it->what) {
	case VERSIONS:
		text = config_versions(c);
		break;
	case STATE:
		text = c->state;
		break;
	case STDIN:
		text = "1";
		break;
	case NAMES:
		add_names(b, c);
		break;
	case PROXY:
		if (c->proxy.type)
			add_proxy(b, &c->proxy);
		break;
	case BINDS:
		add_binds(b, c);
		break;
	case OPTIONS:
		add_options(b, c);
		break;
	case ORPORT:
		text = c->orport;
		break;
	case EXTORPORT:
		text = c->extorport;
		break;
	case COOKIE:
		text = c->cookie;
		break;
	}
	if (text)
		buf_adds(b, text);
	return b->n > 0;
}

/* --- as the system wants them --- */

/* Texts, each with a NUL behind it, as one block that free() frees. */
struct vector {
	struct buf text;
	size_t n;
};

static void vector_end(struct vector *v)
{
	buf_addc(&v->text, '\0');
	v->n++;
}

static char **vector_done(struct vector *v)
{
	size_t head = (v->n + 1) * sizeof(char *);
	char **out = malloc(head + v->text.n);
	char *p;

	if (!out || v->text.full)
		die_oom();
	p = (char *)out + head;
	if (v->text.n)
		memcpy(p, v->text.p, v->text.n);
	for (size_t i = 0; i < v->n; i++) {
		out[i] = p;
		p += strlen(p) + 1;
	}
	out[v->n] = NULL;
	buf_fini(&v->text);
	return out;
}

static const char *const usual[] = { "PATH", "HOME", "TMPDIR",
				     "LANG", "TZ",   NULL };

static bool is_kept(const char *entry, const char *const *keep)
{
	size_t n = strcspn(entry, "=");

	if (strncmp(entry, "TOR_PT_", 7) == 0)
		return false;
	for (; *keep; keep++)
		if (strlen(*keep) == n && strncmp(*keep, entry, n) == 0)
			return true;
	return false;
}

static unsigned told_by(const struct ptp_config *c)
{
	return c->tell ? c->tell : PTP_TELL_ENV;
}

char **ptp_environment(const struct ptp_config *c, char *const *inherited)
{
	struct vector v = { BUF_MAX(1 << 20), 0 };
	struct buf value = BUF_MAX(1 << 20);

	for (; inherited && *inherited; inherited++) {
		if (!is_kept(*inherited, c->keep ? c->keep : usual))
			continue;
		buf_adds(&v.text, *inherited);
		vector_end(&v);
	}
	for (size_t i = 0; i < ITEMS; i++) {
		const char *name = items[i].env;

		/* The name of the list is all that tells the role. */
		if (!(told_by(c) & PTP_TELL_ENV) && items[i].what != NAMES)
			continue;
		buf_reset(&value);
		if (!add_value(&value, &items[i], c))
			continue;
		buf_adds(&v.text, "TOR_PT_");
		if (*name == '@')
			buf_adds(&v.text, role_word(c));
		buf_addf(&v.text, "%s=", *name == '@' ? name + 1 : name);
		buf_add(&v.text, buf_span(&value));
		vector_end(&v);
	}
	buf_fini(&value);
	return vector_done(&v);
}

char **ptp_arguments(const struct ptp_config *c)
{
	struct vector v = { BUF_MAX(1 << 20), 0 };
	struct buf value = BUF_MAX(1 << 20);

	for (size_t i = 0; c->argv[i]; i++) {
		buf_adds(&v.text, c->argv[i]);
		vector_end(&v);
	}
	for (size_t i = 0; told_by(c) & PTP_TELL_FLAGS && i < ITEMS; i++) {
		buf_reset(&value);
		if (!add_value(&value, &items[i], c))
			continue;
		buf_adds(&v.text, items[i].flag);
		vector_end(&v);
		if (items[i].what == STDIN)
			continue; /* a word that stands alone */
		buf_add(&v.text, buf_span(&value));
		vector_end(&v);
	}
	buf_fini(&value);
	return vector_done(&v);
}
