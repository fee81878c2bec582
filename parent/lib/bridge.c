/*
 * bridge.c - lines that people write: bridges (as in tor's configuration) and
 * the URI of a proxy.
 */
#include <stdio.h>
#include <stdlib.h>

#include "parent/proto/ipc/name.h"
#include "parent/proto/net/addr.h"
#include "parent/proto/net/uri.h"
#include "parent/lib/lib.h"

static char *next_word(char **rest)
{
	char *p = *rest + strspn(*rest, " \t\r\n");
	char *end = p + strcspn(p, " \t\r\n");

	if (!*p)
		return NULL;
	*rest = *end ? end + 1 : end;
	*end = '\0';
	return p;
}

/* 40 hexadecimal digits, perhaps with '$' in front. */
static const char *fingerprint(const char *word)
{
	const char *hex = word + (*word == '$');

	return strlen(hex) == 40 && strspn(hex, "0123456789abcdefABCDEF") == 40
		       ? hex
		       : NULL;
}

static int bridge_address(const char *word, struct ptp_error *err)
{
	char shown[128];
	struct addr a;

	if (word && addr_parse(span_str(word), &a) == 0)
		return 0;
	return fail(err, "bridge: \"%s\" is not a literal ADDRESS:PORT",
		    ptp_printable(shown, sizeof(shown), word ? word : ""));
}

static int bridge_words(char *rest, struct ptp_bridge *out,
			struct ptp_pair *pair, struct ptp_error *err)
{
	char *word = next_word(&rest);
	char shown[128];

	if (word && strcasecmp(word, "Bridge") == 0)
		word = next_word(&rest);
	if (!word || name_check(span_str(word)) & NAME_INVALID)
		return fail(
			err, "bridge: \"%s\" is no name of a transport",
			ptp_printable(shown, sizeof(shown), word ? word : ""));
	out->transport = word;
	out->address = word = next_word(&rest);
	if (bridge_address(word, err) < 0)
		return -1;
	while ((word = next_word(&rest))) {
		char *equals = strchr(word, '=');

		if (!out->settings.n && !out->fingerprint &&
		    (out->fingerprint = fingerprint(word)))
			continue;
		if (!equals || equals == word)
			return fail(err, "bridge: \"%s\" is not KEY=VALUE",
				    ptp_printable(shown, sizeof(shown), word));
		*equals = '\0';
		pair[out->settings.n++] = (struct ptp_pair){ word, equals + 1 };
	}
	return 0;
}

int ptp_bridge_parse(const char *line, struct ptp_bridge *out,
		     struct ptp_error *err)
{
	size_t n = strlen(line);
	/* A pair takes two bytes of the line at least. */
	size_t head = (n / 2 + 1) * sizeof(struct ptp_pair);
	char *memory = malloc(head + n + 1);

	if (!memory)
		die_oom();
	memcpy(memory + head, line, n + 1);
	*out = (struct ptp_bridge){
		.settings.v = (struct ptp_pair *)(void *)memory,
		.memory = memory,
	};
	if (bridge_words(memory + head, out, (struct ptp_pair *)(void *)memory,
			 err) == 0)
		return 0;
	free(memory);
	*out = (struct ptp_bridge){ 0 };
	return -1;
}

char *ptp_bridge_line(const struct ptp_method *m, const char *address)
{
	struct buf b = BUF_MAX(1 << 20);
	char *out;

	buf_addf(&b, "Bridge %s %s", m->name, address);
	for (size_t i = 0; i < m->args.n; i++)
		buf_addf(&b, " %s=%s", m->args.v[i].key, m->args.v[i].value);
	out = strdup(buf_cstr(&b));
	buf_fini(&b);
	if (!out)
		die_oom();
	return out;
}

/* --- the proxy --- */

#define URI_FINE (URI_PATH | URI_NO_PASSWORD | URI_EMPTY_USERINFO)

static const struct {
	unsigned anomaly;
	const char *text;
} uri_faults[] = {
	{ URI_NO_SCHEME, "no type in front: socks5://, socks4a:// or http://" },
	{ URI_NO_AUTHORITY, "no address" },
	{ URI_UNKNOWN_SCHEME | URI_OTHER_SCHEME | URI_SCHEME_CASE,
	  "the types are socks5, socks4a and http" },
	{ URI_HOSTNAME, "a transport is told a literal address, no name" },
	{ URI_PORT_ZERO, "port 0" },
	{ URI_BAD_PERCENT, "a percent sign that is none: write it as %25" },
	{ URI_BAD_ADDR | URI_ZONE, "not a literal ADDRESS:PORT; in user and "
				   "password write @ as %40, : as %3A, / as "
				   "%2F" },
	{ URI_BLANK, "a blank or a control byte" },
};

static char *copied(char **p, struct span s)
{
	char *at = *p;

	if (span_absent(s))
		return NULL;
	memcpy(at, s.p, s.n);
	at[s.n] = '\0';
	*p += s.n + 1;
	return at;
}

/* Behind the last '@', and before the slash. */
static struct span authority(const char *uri)
{
	const char *at = strrchr(uri, '@');
	const char *from = at ? at + 1 : strstr(uri, "://") + 3;

	return span_of(from, strcspn(from, "/"));
}

static void proxy_fill(const struct proxy_uri *u, const char *uri,
		       struct ptp_proxy *out, char *p)
{
	out->type = copied(&p, u->scheme);
	out->address = copied(&p, authority(uri));
	if (u->anomalies & URI_EMPTY_USERINFO)
		return;
	out->user = copied(&p, u->user);
	out->password = copied(&p, u->password);
}

int ptp_proxy_parse(const char *uri, struct ptp_proxy *out, char **memory,
		    struct ptp_error *err)
{
	struct arena a = { 0 };
	struct proxy_uri u;
	const char *why = "not TYPE://[USER:PASSWORD@]ADDRESS:PORT";
	int r = 0;

	*out = (struct ptp_proxy){ 0 };
	*memory = NULL;
	uri_parse(&a, span_str(uri), &u);
	if (u.anomalies & ~(unsigned)URI_FINE) {
		for (size_t i = 0;
		     i < sizeof(uri_faults) / sizeof(uri_faults[0]); i++) {
			if (!(u.anomalies & uri_faults[i].anomaly))
				continue;
			why = uri_faults[i].text;
			break;
		}
		r = fail(err, "proxy: %s", why);
	} else {
		*memory = malloc(strlen(uri) + 8);
		if (!*memory)
			die_oom();
		proxy_fill(&u, uri, out, *memory);
		r = check_proxy(out, err);
	}
	if (r < 0) {
		free(*memory);
		*memory = NULL;
		*out = (struct ptp_proxy){ 0 };
	}
	arena_fini(&a);
	return r;
}
