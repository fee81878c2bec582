/*
 * Decisions where the specification leaves room: a trailing separator and an
 * empty item are skipped, an empty value is one, a backslash makes the next
 * character literal whatever it is, and a colon or equals sign in a value
 * needs no escape. A bind address belongs to the transport named before its
 * first dash, whatever the order of the list.
 */
#include "fake-transports/config/lists.h"

#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/base/buf.h"
#include "fake-transports/faults/faults.h"

void names_split(const char *text, struct name_list *out)
{
	size_t cap = 0;

	*out = (struct name_list){ 0 };
	for (;;) {
		size_t n = strcspn(text, ",");

		if (out->n == cap) {
			cap = cap ? cap * 2 : 8;
			out->v = xrealloc(out->v, cap * sizeof(*out->v));
		}
		out->v[out->n++] = xstrndup(text, n);
		if (!text[n])
			break;
		text += n + 1;
	}
}

static void names_fini(struct name_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i]);
	free(l->v);
	*l = (struct name_list){ 0 };
}

bool names_has(const struct name_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], name) == 0)
			return true;
	}
	return false;
}

/* Only for the fault: looks a bind address up as no transport should. */
static bool resolve_bind(struct hostport *hp)
{
	struct addrinfo hints = { .ai_family = AF_INET,
				  .ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;

	setenv("RES_OPTIONS", "timeout:1 attempts:1", 1);
	if (getaddrinfo(hp->host, NULL, &hints, &ai) != 0)
		return false;
	memcpy(&hp->ss, ai->ai_addr, ai->ai_addrlen);
	hp->ss_len = ai->ai_addrlen;
	addr_set_port(&hp->ss, hp->port);
	hp->is_name = false;
	freeaddrinfo(ai);
	return true;
}

FAULT(BINDADDR_KEY_LETTERS, "bindaddr-key-letters",
      "refuses a bind address key with a digit or underscore in it",
      "BA-SPLIT-1", "BA-UNREQ-1 CFG-OVR-SVT-1 SVT-ALLUNK-1");
FAULT(BINDADDR_FIRST_COLON, "bindaddr-first-colon",
      "cuts a bind address at its first colon", "BA-V6-1", "");
FAULT(BINDADDR_RESOLVES, "bindaddr-resolves",
      "resolves host names in bind addresses", "BA-NAME-2",
      "BA-MALF-1 ENVERR-*");
static bool bind_parse_item(const char *what, const char *item,
			    struct bind_entry *out, struct err *e)
{
	const char *dash = strchr(item, '-');
	enum addr_result r;
	size_t key_n;

	if (!dash || dash == item)
		return err_set(e,
			       "%s: \"%.60s\" has no transport name and "
			       "dash in front",
			       what, item);
	key_n = (size_t)(dash - item);
	if (fault_is(F_BINDADDR_KEY_LETTERS) &&
	    strcspn(item, "_0123456789") < key_n)
		return err_set(e, "%s: odd name \"%.60s\"", what, item);
	r = hostport_parse(dash + 1, ADDR_PORT0_OK, &out->at);
	if (fault_is(F_BINDADDR_FIRST_COLON) && dash[1] == '[')
		r = ADDR_BAD_SHAPE;
	if (r == ADDR_IS_NAME && fault_is(F_BINDADDR_RESOLVES) &&
	    resolve_bind(&out->at))
		r = ADDR_OK;
	if (r != ADDR_OK)
		return err_set(e, "%s: \"%.60s\" %s", what, item,
			       addr_result_text(r));
	out->key = xstrndup(item, key_n);
	return true;
}

FAULT(BINDADDR_MALFORMED_OK, "bindaddr-malformed-ok",
      "ignores malformed bind addresses", "BA-MALF-1", "ENVERR-* BA-NAME-2");
FAULT(BINDADDR_DUPLICATE_CRASH, "bindaddr-duplicate-crash",
      "crashes on two bind addresses for one transport", "BA-DUP-2",
      "HY-CRASH-1");
/* Adds one item behind the others; there is room. */
static bool bind_add(const char *what, const char *item, struct bind_list *out,
		     struct err *e)
{
	struct bind_entry *b = &out->v[out->n];

	if (!bind_parse_item(what, item, b, e))
		return fault_is(F_BINDADDR_MALFORMED_OK);
	out->n++;
	for (size_t j = 0; j + 1 < out->n; j++) {
		if (strcmp(out->v[j].key, b->key) != 0)
			continue;
		if (fault_is(F_BINDADDR_DUPLICATE_CRASH))
			raise(SIGSEGV);
		return err_set(e, "%s: two addresses for \"%.60s\"", what,
			       b->key);
	}
	return true;
}

bool binds_parse(const char *what, const char *text, struct bind_list *out,
		 struct err *e)
{
	struct name_list items;
	bool ok = true;

	*out = (struct bind_list){ 0 };
	names_split(text, &items);
	out->v = xcalloc(items.n, sizeof(*out->v));
	for (size_t i = 0; ok && i < items.n; i++)
		ok = !items.v[i][0] || bind_add(what, items.v[i], out, e);
	names_fini(&items);
	return ok;
}

/*
 * Copies text up to an unescaped character of `stops`, taking escapes off.
 * Returns where it stopped, or NULL for a backslash with nothing behind.
 */
static const char *unescape(const char *s, const char *stops, struct buf *to)
{
	to->off = to->len = 0;
	for (; *s && !strchr(stops, *s); s++) {
		if (*s == '\\' && !*++s)
			return NULL;
		buf_addc(to, *s);
	}
	buf_addc(to, '\0');
	return s;
}

static char *copy_text(const struct buf *b)
{
	return xstrndup((const char *)b->p, b->len);
}

FAULT(OPTIONS_ESCAPED_SEPARATOR, "options-escaped-separator",
      "wants the equals sign after a key escaped", "OPT-EQ-1",
      NO_SERVER " " ANY_ENV_ERROR);
static const char *parse_option(const char *s, struct server_option *o,
				const char **why)
{
	struct buf word = { 0 };
	const char *stop = fault_is(F_OPTIONS_ESCAPED_SEPARATOR) ? "" : "=;";

	*why = "ends in a lone backslash";
	s = unescape(s, ":;", &word);
	if (!s)
		goto out;
	if (*s != ':' || word.len == 1) {
		*why = "has an item without a transport name and colon";
		s = NULL;
		goto out;
	}
	o->transport = copy_text(&word);
	s = unescape(s + 1, stop, &word);
	if (!s)
		goto out;
	if (*s != '=' || word.len == 1) {
		*why = "has an item without a key and equals sign";
		s = NULL;
		goto out;
	}
	o->o.key = copy_text(&word);
	s = unescape(s + 1, ";", &word);
	if (s)
		o->o.value = copy_text(&word);
out:
	buf_fini(&word);
	return s;
}

/* What a parser does that cuts at semicolons before it looks at escapes. */
static const char *without_escaped_semicolons(const char *text)
{
	char *s = xstrndup(text, strlen(text));

	for (char *p = s; (p = strstr(p, "\\;")) != NULL; p++)
		memmove(p, p + 1, strlen(p));
	return s;
}

FAULT(OPTIONS_SPLIT_ESCAPED, "options-split-escaped",
      "splits options at escaped semicolons too", "OPT-ESC-1",
      "OPT-MALF-1 OPT-PARSE-*");
FAULT(OPTIONS_MALFORMED_CRASH, "options-malformed-crash",
      "crashes on malformed options", "OPT-MALF-1", "ENVERR-VAL-1 HY-CRASH-1");
bool options_parse(const char *what, const char *text,
		   struct server_options *out, struct err *e)
{
	size_t cap = 0;
	const char *why;

	*out = (struct server_options){ 0 };
	if (fault_is(F_OPTIONS_SPLIT_ESCAPED))
		text = without_escaped_semicolons(text);
	for (const char *s = text; *s;) {
		if (*s == ';') {
			s++;
			continue;
		}
		if (out->n == cap) {
			cap = cap ? cap * 2 : 8;
			out->v = xrealloc(out->v, cap * sizeof(*out->v));
		}
		out->v[out->n] = (struct server_option){ 0 };
		s = parse_option(s, &out->v[out->n], &why);
		if (!s) {
			if (fault_is(F_OPTIONS_MALFORMED_CRASH))
				raise(SIGSEGV);
			return err_set(e, "%s: \"%.60s\" %s", what, text, why);
		}
		out->n++;
	}
	return true;
}

FAULT(SETTINGS_FLAT_RAW, "settings-flat-raw",
      "under version 1 leaves the backslashes in settings", "SM-ARGS-5",
      "GEN-E2E-* GEN-FWD-1 OR-PAY-1 SK-*");
bool options_parse_flat(const char *text, struct option_list *out)
{
	struct buf key = { 0 };
	struct buf value = { 0 };
	const char *s = text;
	const char *raw;

	while (s && *s) {
		s = unescape(s, "=;", &key);
		if (!s || *s != '=' || key.len == 1) {
			s = NULL;
			break;
		}
		raw = s + 1;
		s = unescape(raw, ";", &value);
		if (!s)
			break;
		if (fault_is(F_SETTINGS_FLAT_RAW))
			option_add(out, (const char *)key.p, key.len - 1, raw,
				   (size_t)(s - raw));
		else
			option_add(out, (const char *)key.p, key.len - 1,
				   (const char *)value.p, value.len - 1);
		if (*s == ';')
			s++;
	}
	buf_fini(&key);
	buf_fini(&value);
	return s != NULL;
}

const char *option_get(const struct option_list *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i].key, key) == 0)
			return l->v[i].value;
	}
	return NULL;
}

void option_add(struct option_list *l, const char *key, size_t key_n,
		const char *value, size_t value_n)
{
	l->v = xrealloc(l->v, (l->n + 1) * sizeof(*l->v));
	l->v[l->n].key = xstrndup(key, key_n);
	l->v[l->n].value = xstrndup(value, value_n);
	l->n++;
}

void options_fini(struct option_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].key);
		free(l->v[i].value);
	}
	free(l->v);
	*l = (struct option_list){ 0 };
}
