/* preview.c - see preview.h. */
#include "harness/run/preview.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "harness/run/files.h"
#include "parent/base/text.h"

static unsigned profiles_of(const struct run_opts *o)
{
	return o->spec == RUN_10   ? 1u << PROFILE_10
	       : o->spec == RUN_20 ? 1u << PROFILE_20
				   : 1u << PROFILE_10 | 1u << PROFILE_20;
}

static unsigned roles_of(const struct run_opts *o)
{
	return (unsigned)o->role[ROLE_CLIENT] << ROLE_CLIENT |
	       (unsigned)o->role[ROLE_SERVER] << ROLE_SERVER;
}

struct named {
	char glob[512];
	bool found;
};

static void see_launch(void *ctx, const char *id)
{
	struct named *n = ctx;

	n->found |= fnmatch(n->glob, id, 0) == 0;
}

/* Whatever comes behind '+' may be a transport of the target. */
static bool is_launch(const struct preview *p, struct span glob)
{
	struct named n = { 0 };
	char t[512] = "T";
	char *plus, *at;

	snprintf(n.glob, sizeof(n.glob), "%.*s", SPAN_ARG(glob));
	plus = strchr(n.glob, '+');
	at = strrchr(n.glob, '@');
	if (plus && at > plus)
		snprintf(t, sizeof(t), "%.*s", (int)(at - plus - 1), plus + 1);
	cases_launches(&p->cases, profiles_of(p->o), roles_of(p->o), t,
		       see_launch, &n);
	return n.found;
}

/* As a run has it: one that is there will do. */
static int check_launches(const struct preview *p, struct err *e)
{
	struct span rest = span_str(p->o->launch), glob;
	char shown[800];

	while (span_split(&rest, ',', &glob))
		if (is_launch(p, glob))
			return 0;
	return err_set(
		e, 0, "--launch: \"%s\" is no launch of this run",
		text_showbuf(shown, sizeof(shown), span_str(p->o->launch)));
}

int preview_init(struct preview *p, const struct run_opts *o, struct err *e)
{
	*p = (struct preview){ .o = o };
	if (files_cases(o->cases_dir, &p->cases, e))
		return -1;
	return o->launch ? check_launches(p, e) : 0;
}

void preview_fini(struct preview *p)
{
	cases_fini(&p->cases);
}

/* What no case aims at goes by whom the rule binds. */
static bool in_roles(const struct preview *p, const struct req *r)
{
	const bool *role = p->o->role;
	enum role other = role[ROLE_CLIENT] ? ROLE_SERVER : ROLE_CLIENT;

	if (role[ROLE_CLIENT] && role[ROLE_SERVER])
		return true;
	if (cases_reach(&p->cases, r->id, profiles_of(p->o), ~0u))
		return cases_reach(&p->cases, r->id, profiles_of(p->o),
				   roles_of(p->o));
	return !strstr(r->role, role_name(other)) ||
	       strstr(r->role, role_name(!other));
}

bool preview_has(const struct preview *p, const struct req *r)
{
	return select_has(&p->o->selection, r) &&
	       (p->o->spec != RUN_10 || req_is_in(r, PROFILE_10)) &&
	       (p->o->spec != RUN_20 || req_is_in(r, PROFILE_20)) &&
	       in_roles(p, r);
}
