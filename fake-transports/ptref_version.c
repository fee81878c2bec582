/*
 * Version negotiation (PT 2.0 section 3.3.1.1 and 3.3.2.1): a comma-separated
 * list, of which only whole items count; "2" is preferred, "1" is spoken.
 * Malformed lists need no rule of their own, their odd items match nothing.
 */
#include "ptref_config.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

#include "ptref_faults.h"

static bool item_is(const char *item, size_t n, const char *token)
{
	if (fault_is(F_VERSION_SUBSTRING))
		return memmem(item, n, token, strlen(token)) != NULL;
	return n == strlen(token) && memcmp(item, token, n) == 0;
}

/* What a parser does that thinks a version looks like a file name. */
static bool has_odd_punctuation(const char *list)
{
	for (; *list; list++) {
		unsigned char c = (unsigned char)*list;

		if (c < 0x80 && ispunct(c) && !strchr(",._-", c))
			return true;
	}
	return false;
}

struct tally {
	unsigned ones;
	unsigned twos;
	bool unknown;
	bool one_first;
};

static void count_versions(const char *list, bool one_item, struct tally *t)
{
	const char *two = fault_is(F_VERSION_DOTTED) ? "2.0" : "2";
	unsigned seen = 0;

	for (const char *s = list;; s++) {
		size_t n = one_item ? strlen(s) : strcspn(s, ",");

		if (n == 0 && fault_is(F_VERSION_EMPTY_CRASH))
			raise(SIGSEGV);
		if (item_is(s, n, two)) {
			t->twos++;
		} else if (item_is(s, n, "1") && !fault_is(F_VERSION_DOTTED)) {
			t->ones++;
			t->one_first |= t->twos == 0;
		} else {
			t->unknown = true;
		}
		s += n;
		if (!*s || fault_is(F_VERSION_FIRST_ONLY))
			break;
		if (++seen == 64 && fault_is(F_VERSION_LIST_64))
			break;
	}
}

/* A client of SOCKS4 has no transport to offer under version 2. */
static bool takes_old(const struct config *c, const struct tally *t)
{
	if (c->role == ROLE_CLIENT && c->mode == MODE_SOCKS4 && t->ones)
		return true;
	return t->twos == 0;
}

enum negotiation config_negotiate(const struct config *c, struct version *v)
{
	const struct setting *s = &c->set[PARAM_VERSION];
	struct tally t = { 0 };

	*v = (struct version){ .number = 2, .token = "2", .times = 1 };
	if (!setting_given(s))
		return fault_is(F_VERSION_DEFAULT) ? NEGO_OK : NEGO_MISSING;
	if (fault_is(F_VERSION_EXACT) && strcmp(s->text, "2") != 0)
		return NEGO_NO_VERSION;
	if (fault_is(F_VERSION_TOKEN_ALNUM) && has_odd_punctuation(s->text))
		return NEGO_NO_VERSION;
	count_versions(s->text, fault_is(F_PTVERSION_SINGLE) && s->is_flag, &t);
	if (t.twos == 0 && t.ones == 0)
		return NEGO_NO_VERSION;
	v->unknown_too = t.unknown;
	v->times = t.twos;
	if (fault_is(F_VERSION_DOTTED))
		v->token = "2.0";
	if (fault_is(F_PREFER_OLD_VERSION) ? t.one_first : takes_old(c, &t)) {
		v->times = t.ones;
		if (fault_is(F_VERSION_ALWAYS_2))
			return NEGO_OK;
		v->number = 1;
		v->token = "1";
	}
	return NEGO_OK;
}
