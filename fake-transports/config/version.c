/*
 * Version negotiation (PT 2.0 section 3.3.1.1 and 3.3.2.1): a comma-separated
 * list, of which only whole items count; "2" is preferred, "1" is spoken.
 * Malformed lists need no rule of their own, their odd items match nothing.
 */
#include "fake-transports/config/config.h"

#include <ctype.h>
#include <signal.h>
#include <string.h>

#include "fake-transports/faults/faults.h"

FAULT(VERSION_SUBSTRING, "version-substring",
      "finds version 2 inside other versions", "ENV-VER-5",
      "ENV-VER-4 ENV-VER-8 MSG-VERERR-*");
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

FAULT(VERSION_DOTTED, "version-dotted", "knows the version as 2.0 only",
      "ENV-VER-10", "*");
FAULT(VERSION_EMPTY_CRASH, "version-empty-item-crash",
      "crashes on an empty item in the version list", "ENV-VER-8",
      "HY-CRASH-1");
FAULT(VERSION_FIRST_ONLY, "version-first-only",
      "looks only at the first version of the list", "ENV-VER-2",
      VERSION_LISTS);
FAULT(VERSION_LIST_64, "version-list-64",
      "reads only the first 64 versions of the list", "ENV-VER-6", "ENV-VER-1");
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

FAULT(VERSION_DEFAULT, "version-default",
      "assumes version 2 without a version list", "ENV-VER-11", "");
FAULT(VERSION_EXACT, "version-exact", "accepts no list but the single item 2",
      "ENV-VER-1", VERSION_LISTS " MSG-VER-COMPAT-1 SK-JPB-*");
FAULT(VERSION_TOKEN_ALNUM, "version-token-alnum",
      "refuses lists with punctuation other than . _ - in a version",
      "ENV-VER-3", "ENV-VER-1 ENV-VER-5 ENV-VER-8");
FAULT(PTVERSION_SINGLE, "ptversion-single",
      "takes the value of -ptversion for one version", "ENV-VER-12",
      "CFG-FLAG-1 CFG-OVR-VER-1 CFG-FLAGNAME-1 CFG-MIX-1");
FAULT(PREFER_OLD_VERSION, "prefer-old-version",
      "takes the first version in the list that it knows", "GEN-MODE-2",
      "ENV-VER-*");
FAULT(VERSION_ALWAYS_2, "version-always-2",
      "answers VERSION 2 when only version 1 was offered", "ENV-VER-4",
      "MSG-VER-COMPAT-1");
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
