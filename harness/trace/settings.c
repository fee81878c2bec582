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

struct span setting_flag(const struct strings *argv, const char *flag)
{
	for (size_t i = 1; i < argv->n; i++) {
		if (!span_eqs(argv->v[i], flag))
			continue;
		if (strcmp(flag, "-exit-on-stdin-close") == 0)
			return SPAN("");
		return i + 1 < argv->n ? argv->v[i + 1] : SPAN("");
	}
	return (struct span){ NULL, 0 };
}

struct span setting_value(const struct strings *argv, const struct pairs *env,
			  const char *variable)
{
	const struct setting *s = setting_find(span_str(variable));
	struct span f;

	if (s) {
		f = setting_flag(argv, s->flag);
		if (s->bare && !span_absent(f))
			return SPAN("1");
		if (f.n)
			return f;
	}
	return pairs_get(env, variable);
}

const char *setting_transports(enum role role)
{
	return role == ROLE_CLIENT ? "TOR_PT_CLIENT_TRANSPORTS"
				   : "TOR_PT_SERVER_TRANSPORTS";
}
