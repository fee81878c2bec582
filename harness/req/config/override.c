/*
 * override.c - one rule per flag that overrides a variable (PT 2.0 section
 * 3.3.1.4).
 */
#include "harness/req/config/bindaddr.h"
#include "harness/req/config/config.h"
#include "harness/req/launch/life.h"
#include "harness/req/launch/location.h"
#include "harness/req/launch/setup.h"
#include "harness/req/launch/startup.h"
#include "harness/req/text/paths.h"

#define STDIN_CLOSE "TOR_PT_EXIT_ON_STDIN_CLOSE"

/* Does the list offer a version that the transport speaks? */
static bool override_offers(const struct judge *j, struct span list)
{
	return (j->rf->speaks_2 && verlist_has(list, SPAN("2"))) ||
	       (j->rf->speaks_1 && verlist_has(list, SPAN("1")));
}

REQ(cfg_ovr_ver_1) = {
	.id = "CFG-OVR-VER-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "pt-common",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-ptversion` overrides the variable.",
	.traps = "T-FLAGSYN.",
	.profiles = IN_20,
	.judge = cfg_ovr_ver_1,
};

static void cfg_ovr_ver_1(struct judge *j)
{
	const struct line *version = j->v->version;
	const struct line *error = error_line(j->v, IPC_VERSION_ERROR);
	const struct line *seen = version ? version : error;
	struct override o;
	bool flag;

	if (!overridden(j->v, VER, &o) || !j->rf->flags || !seen)
		return;
	flag = override_offers(j, o.flag);
	if (flag == override_offers(j, o.env))
		return;
	if (flag == (version != NULL))
		j_pass(j, seen->ev);
	else
		j_broken(j, seen->ev,
			 flag ? "`VERSION` by the flag's list"
			      : "`VERSION-ERROR` by the flag's list",
			 "%s", line_words(j, seen));
}

REQ(cfg_ovr_state_1) = {
	.id = "CFG-OVR-STATE-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "state",
	.classes = "fs",
	.dflt = V_FAIL,
	.title = "`-state` overrides the variable.",
	.traps = "A PT that keeps no state writes to neither: PASS as "
		 "vacuous (INFO).",
	.profiles = IN_20,
	.judge = cfg_ovr_state_1,
};

static void cfg_ovr_state_1(struct judge *j)
{
	struct span work = pairs_get(&j->v->head->vars, "work"), env, path;
	const struct event *seen = NULL, *look = NULL;
	struct location l;
	struct override o;
	const char *why;

	if (!overridden(j->v, STATE, &o) || !has_started(j))
		return;
	location_of(j, &l);
	env = path_absolute(j->a, o.env, l.cwd);
	for_events (ev, j->v) {
		if (ev->kind == EV_SNAPSHOT &&
		    span_eqs(ev->snapshot.of, "files"))
			look = ev;
		if (ev->kind != EV_FILE)
			continue;
		path = path_absolute(j->a, ev->file.path, work);
		if (path_is_below(path, env)) {
			j_broken(j, ev->n,
				 "nothing in the variable's directory",
				 "\"%s\"", j_show(j, ev->file.path));
			return;
		}
		if (path_is_below(path, l.dir))
			seen = ev;
	}
	/* Also what was there for a moment only. */
	if (life_watched(j, &why))
		j_inside(j, l.dir, NULL,
			 "all files under the flag's directory");
	if (seen)
		j_pass(j, seen->n);
	else if (look)
		j_say(j, V_INFO, look->n, "state in the flag's directory",
		      "no state at all");
}

/* Does the flag contradict the variable, or leave it alone among others? */
static bool stdin_flag_counts(const struct judge *j)
{
	struct span env = view_env(j->v, STDIN_CLOSE);

	if (config_has_flag(j, "-exit-on-stdin-close"))
		return !span_absent(env) && !span_eqs(env, "1");
	return view_has_flags(j->v) && span_eqs(env, "1");
}

REQ(cfg_ovr_stdin_1) = {
	.id = "CFG-OVR-STDIN-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "shutdown",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-exit-on-stdin-close` overrides a variable that says "
		 "otherwise.",
	.traps = "Exit on close is SHOULD level; if the PT never does it, "
		 "report SD-STDIN-5 only.",
	.profiles = IN_20,
	.judge = cfg_ovr_stdin_1,
};

static void cfg_ovr_stdin_1(struct judge *j)
{
	const struct event *c = life_stdin_closed(j->v);

	if (!c || !has_started(j) || !stdin_flag_counts(j))
		return;
	switch (life_end(j->v, c, "graceful")) {
	case LIFE_ENDED:
		j_pass(j, j->v->exit->n);
		break;
	case LIFE_TOO_LATE:
		/* One that never leaves breaks SD-STDIN-5 instead. */
		if (j->rf->stdin_exit)
			j_late(j, life_limit(j->v, c, "graceful"),
			       "an end after stdin was closed",
			       "no end within the limit");
		break;
	case LIFE_UNKNOWN:
		break;
	}
}

/* A method or an error for a name that only the variable has. */
static const struct line *from_variable(const struct judge *j, struct span list)
{
	const struct line *l;
	struct span one;

	for_methods (m, j->v)
		if (verlist_has(list, m->m.name) &&
		    !view_requested(j->v, m->m.name))
			return m->line;
	while (span_split(&list, ',', &one)) {
		l = view_requested(j->v, one) ? NULL : method_error(j->v, one);
		if (l)
			return l;
	}
	return NULL;
}

static judge_fn judge_override_list;

REQ_ROW(cfg_ovr_ct_1) = {
	.id = "CFG-OVR-CT-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "pt-client",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-transports` overrides `TOR_PT_CLIENT_TRANSPORTS` for a "
		 "client.",
	.traps = "Role comes from the variable's presence; keep it set.",
	.needs = OF_CLIENT,
	.profiles = IN_20,
	.stimuli = STIMULUS(LIST_OVERRIDDEN),
	.judge = judge_override_list,
};

REQ_ROW(cfg_ovr_svt_1) = {
	.id = "CFG-OVR-SVT-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-transports` overrides `TOR_PT_SERVER_TRANSPORTS` for a "
		 "server.",
	.traps = "Bind addresses keyed to unlisted names must just be "
		 "ignored.",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.stimuli = STIMULUS(LIST_OVERRIDDEN),
	.judge = judge_override_list,
};

static void judge_override_list(struct judge *j)
{
	const struct line *wrong;
	struct override o;

	if (!overridden(j->v, view_transports_var(j->v), &o))
		return;
	wrong = from_variable(j, o.env);
	if (wrong)
		j_broken(j, wrong->ev, "methods of the flag's list only", "%s",
			 line_words(j, wrong));
	else if (has_started(j) && unanswered(j->v).n && !output_whole(j->v))
		return;
	else if (has_started(j) && unanswered(j->v).n)
		j_broken(j, j->v->done->ev,
			 "a method line for each transport of the flag's list",
			 "none for \"%s\"", j_show(j, unanswered(j->v)));
	else if (is_legal(j) || has_started(j))
		config_start_shows(j, provoked(j) && j->rf->flags);
}

static const struct option *find_option(const struct option_list *l,
					const struct option *like)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i].transport, like->transport) &&
		    span_eq(l->v[i].key, like->key))
			return &l->v[i];
	return NULL;
}

/* What ARGS says of the option @f, which the variable has as @e. */
static void compare_option(struct judge *j, const struct option *f,
			   const struct option *e)
{
	const struct method *m = view_method(j->v, f->transport);
	struct span shown = args_value(j, f->transport, f->key);

	if (!m || !span_starts(f->key, SPAN(OWN_OPTION)))
		return;
	if (span_eq(shown, f->value))
		j_pass(j, m->line->ev);
	else if ((e && span_eq(shown, e->value) && !span_absent(shown)) ||
		 echoes(j))
		j_broken(j, m->line->ev, "the flag's option in ARGS", "%s",
			 line_words(j, m->line));
}

REQ(cfg_ovr_opt_1) = {
	.id = "CFG-OVR-OPT-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "pt-server",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "`-options` overrides `TOR_PT_SERVER_TRANSPORT_OPTIONS`.",
	.traps = "Some implementations read `-options` as JSON (AMB-042).",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.judge = cfg_ovr_opt_1,
};

static void cfg_ovr_opt_1(struct judge *j)
{
	struct option_list flag, env;
	struct override o;

	if (!overridden(j->v, OPTIONS, &o))
		return;
	options_parse(j->a, o.flag, &flag);
	options_parse(j->a, o.env, &env);
	for (size_t i = 0; i < flag.n; i++)
		compare_option(j, &flag.v[i], find_option(&env, &flag.v[i]));
	for (size_t i = 0; i < env.n; i++) {
		const struct option *e = &env.v[i];
		const struct method *m = view_method(j->v, e->transport);

		if (m && !find_option(&flag, e) &&
		    span_starts(e->key, SPAN(OWN_OPTION)) &&
		    !span_absent(args_value(j, e->transport, e->key)))
			j_broken(j, m->line->ev, "the flag's options only",
				 "%s", line_words(j, m->line));
	}
}

static const struct bindaddr *find_bind(const struct bindaddr_list *l,
					struct span key)
{
	for (size_t i = 0; i < l->n; i++)
		if (span_eq(l->v[i].key, key) && !l->v[i].anomalies)
			return &l->v[i];
	return NULL;
}

/* Where does the transport of @m listen: by the flag or the variable? */
static void compare_bind(struct judge *j, const struct method *m,
			 const struct addr *flag, const struct addr *env)
{
	const struct event *snap = bindaddr_sockets(j->v);
	bool at_flag = addr_eq(&m->m.addr, flag) ||
		       (snap && socket_for(j->v, snap, flag));
	bool at_env = addr_eq(&m->m.addr, env) ||
		      (snap && socket_for(j->v, snap, env));

	if (at_flag && !at_env)
		j_pass(j, m->line->ev);
	else if (at_env || snap)
		j_broken(j, m->line->ev, "a listener at the flag's address",
			 "%s%s", line_words(j, m->line),
			 at_env ? " and one at the variable's" : "");
}

REQ(cfg_ovr_bind_1) = {
	.id = "CFG-OVR-BIND-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`-bindaddr` overrides `TOR_PT_SERVER_BINDADDR`.",
	.traps = "T-RACE.",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.judge = cfg_ovr_bind_1,
};

static void cfg_ovr_bind_1(struct judge *j)
{
	struct bindaddr_list flag, env;
	struct override o;

	if (!overridden(j->v, BINDADDR, &o))
		return;
	bindaddr_parse(j->a, o.flag, &flag);
	bindaddr_parse(j->a, o.env, &env);
	for (size_t i = 0; i < flag.n; i++) {
		const struct method *m = view_method(j->v, flag.v[i].key);
		const struct bindaddr *e = find_bind(&env, flag.v[i].key);

		if (m && e && !flag.v[i].anomalies)
			compare_bind(j, m, &flag.v[i].addr, &e->addr);
	}
}

REQ(cfg_ovr_or_1) = {
	.id = "CFG-OVR-OR-1",
	.area = AREA_CONFIG,
	.level = L_IMPLIED,
	.section = "3.3.1.4",
	.role = "pt-server",
	.classes = "net",
	.dflt = V_FAIL,
	.title = "`-orport` overrides `TOR_PT_ORPORT`.",
	.traps = "none special.",
	.needs = OF_SERVER,
	.profiles = IN_20,
	.judge = cfg_ovr_or_1,
};

static void cfg_ovr_or_1(struct judge *j)
{
	judge_override_destination(j, "TOR_PT_ORPORT");
}
