/* settings.c - see settings.h. */
#include "harness/trace/settings.h"

const struct setting settings[] = {
	{ "TOR_PT_MANAGED_TRANSPORT_VER", "-ptversion", false },
	{ "TOR_PT_STATE_LOCATION", "-state", false },
	{ "TOR_PT_EXIT_ON_STDIN_CLOSE", "-exit-on-stdin-close", true },
	{ "TOR_PT_CLIENT_TRANSPORTS", "-transports", false },
	{ "TOR_PT_SERVER_TRANSPORTS", "-transports", false },
	{ "TOR_PT_PROXY", "-proxy", false },
	{ "TOR_PT_SERVER_TRANSPORT_OPTIONS", "-options", false },
	{ "TOR_PT_SERVER_BINDADDR", "-bindaddr", false },
	{ "TOR_PT_ORPORT", "-orport", false },
	{ "TOR_PT_EXTENDED_SERVER_PORT", "-extorport", false },
	{ "TOR_PT_AUTH_COOKIE_FILE", "-authcookie", false },
	{ NULL, NULL, false },
};

const struct setting *setting_find(struct span variable)
{
	for (const struct setting *s = settings; s->variable; s++)
		if (span_eqs(variable, s->variable))
			return s;
	return NULL;
}
