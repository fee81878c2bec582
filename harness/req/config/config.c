/*
 * config.c - Configuration mechanics.
 *
 * Two forms of each setting, and which of them counts.  A transport without
 * flags breaks one rule, CFG-FLAG-1; the others are silent then.
 */
#include "harness/req/config/config.h"

#include "harness/req/launch/setup.h"
#include "harness/trace/settings.h"

#define PROXY "TOR_PT_PROXY"

static const char a_start[] = "a start up to the DONE line";

bool config_has_flag(const struct judge *j, const char *flag)
{
	return !span_absent(view_flag(j->v, flag));
}

void config_start_shows(struct judge *j, bool decisive)
{
	if (has_started(j) ||
	    (decisive && !error_line(j->v, IPC_VERSION_ERROR)))
		must_start(j, a_start);
}

REQ(cfg_env_1) = {
	.id = "CFG-ENV-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A PT can be configured by environment variables alone.",
	.traps = "A target description may require fixed argv words "
		 "(sub-command); those are not configuration.",
	.needs = LEGAL,
	.stimuli = STIMULUS(VARIABLES_ONLY),
	.judge = cfg_env_1,
};

static void cfg_env_1(struct judge *j)
{
	if (!view_has_flags(j->v))
		config_start_shows(j, is_probe(j, "control") || provoked(j));
}

REQ(cfg_flag_1) = {
	.id = "CFG-FLAG-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1, 3.3.1.4",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Every parameter can be given as a flag instead.",
	.traps = "T-FLAGSYN. No 2.0 flag says client or server: supply role "
		 "arguments from the description file. PT 1.0-only binaries "
		 "have no such flags; under the 1.0 profile SKIP.",
	.profiles = IN_20,
	.stimuli = STIMULUS(FLAGS_ONLY) | STIMULUS(FLAGS_AND_VARIABLES),
	.judge = cfg_flag_1,
};

static void cfg_flag_1(struct judge *j)
{
	if (flag_only(j->v, VER).n)
		config_start_shows(j, is_probe(j, "flags") ||
					      (provoked(j) && !j->rf->flags));
}

REQ(cfg_mix_1) = {
	.id = "CFG-MIX-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1, 3.3.1.4",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Some parameters by environment and others by flag may be "
		 "combined.",
	.traps = "PT 2.2+ forbids the application to set both forms of the "
		 "*same* parameter; mixing different ones stays legal.",
	.needs = LEGAL,
	.profiles = IN_20,
	.stimuli = STIMULUS(FLAGS_AND_VARIABLES),
	.judge = cfg_mix_1,
};

static void cfg_mix_1(struct judge *j)
{
	const struct view *v = j->v;
	bool list = config_has_flag(j, "-transports") && env_only(v, VER).n;
	bool version = flag_only(v, VER).n && env_only(v, STATE).n;

	if ((list || version))
		config_start_shows(j, provoked(j) && j->rf->flags);
}

/* --- the environment --- */

REQ(cfg_scope_1) = {
	.id = "CFG-SCOPE-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Only variables with the `TOR_PT_` prefix carry PT "
		 "configuration.",
	.traps = "Interpreters may need `PATH`; restore the minimum named by "
		 "the description file.",
	.needs = LEGAL,
	.judge = cfg_scope_1,
};

static void cfg_scope_1(struct judge *j)
{
	const struct pairs *env = &j->v->head->env;

	for (size_t i = 0; i < env->n; i++)
		if (!span_starts(env->v[i].key, SPAN("TOR_PT_")))
			return;
	/* A script cannot do without PATH. */
	if (!j->v->head->wrapper)
		must_start(j, a_start);
}

/* Neither version 2 nor version 1 has a name for it. */
static bool is_unknown(struct span variable)
{
	return span_starts(variable, SPAN("TOR_PT_")) &&
	       !setting_find(variable) &&
	       !span_starts(variable, SPAN("TOR_PT_OUTBOUND_BIND_ADDRESS_"));
}

REQ(cfg_unkenv_1) = {
	.id = "CFG-UNKENV-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Unknown `TOR_PT_*` variables do not disturb a PT.",
	.traps = "A PT also implementing 1.0's outbound-bind variables may "
		 "act on them; use harmless values.",
	.needs = LEGAL,
	.judge = cfg_unkenv_1,
};

static void cfg_unkenv_1(struct judge *j)
{
	const struct pairs *env = &j->v->head->env;

	for (size_t i = 0; i < env->n; i++)
		if (is_unknown(env->v[i].key)) {
			must_start(j, a_start);
			return;
		}
}

/* Set to nothing, and no flag beside it. */
static bool is_empty(const struct judge *j, const char *variable)
{
	struct span s = env_only(j->v, variable);

	return !span_absent(s) && s.n == 0;
}

REQ(cfg_empty_1) = {
	.id = "CFG-EMPTY-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.2, 3.3.1.3",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "An optional variable set to the empty string behaves as "
		 "unset.",
	.traps = "Only the ExtORPort empty string is normative (EXT-CFG-1, "
		 "FAIL there); the rest are WARN.",
	.judge = cfg_empty_1,
};

static void cfg_empty_1(struct judge *j)
{
	const struct line *l = error_line(j->v, IPC_PROXY_ERROR);
	bool proxy = is_client(j) && is_empty(j, PROXY);

	if (j->v->head->config == CONFIG_BROKEN)
		return;
	if (!l)
		l = j->v->proxy_done;
	if (proxy && l)
		j_broken(j, l->ev, "no PROXY message", "%s", line_words(j, l));
	else if (proxy || (is_server(j) &&
			   (is_empty(j, OPTIONS) || is_empty(j, BINDADDR) ||
			    is_empty(j, "TOR_PT_AUTH_COOKIE_FILE"))))
		must_start(j, a_start);
}

/* All other flags work, as a method of the flag's list shows. */
static bool other_flags_work(const struct judge *j)
{
	struct override o;

	if (!overridden(j->v, view_transports_var(j->v), &o) ||
	    !config_has_flag(j, "-state") ||
	    !config_has_flag(j, "-exit-on-stdin-close"))
		return false;
	for_methods (m, j->v)
		if (view_requested(j->v, m->m.name) &&
		    !verlist_has(o.env, m->m.name))
			return has_started(j);
	return false;
}

REQ(cfg_flagname_1) = {
	.id = "CFG-FLAGNAME-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.1, App. C",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The negotiation flag is spelled `-ptversion` (renamed from "
		 "`-version` in draft 2).",
	.traps = "Never require or forbid `-version`.",
	.profiles = IN_20,
	.judge = cfg_flagname_1,
};

/* Without -ptversion all flags work, with it none. */
static void cfg_flagname_1(struct judge *j)
{
	if (flag_only(j->v, VER).n && j->v->version)
		j_pass(j, j->v->version->ev);
	else if (!j->rf->flags && !j->rf->starts_by_flags &&
		 env_only(j->v, VER).n && other_flags_work(j))
		j_broken(j, j->v->done->ev, "`-ptversion` beside other flags",
			 "that it starts only without `-ptversion`");
}
