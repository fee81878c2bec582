/*
 * needs.c - what a launch needs of the target, of this machine and of the run,
 * and why it is left out where that is not there.
 */
#include "harness/case/planner.h"
#include "harness/trace/settings.h"

/* What env->speaks_*, env->flags are about is not known while probing. */
#define FROM_PROBES                                                     \
	(1u << NEED_FLAGS | 1u << NEED_SPEAKS_1 | 1u << NEED_SPEAKS_2 | \
	 1u << NEED_SOCKS | 1u << NEED_SOCKS5 | 1u << NEED_SOCKS4)
/* Not something that the target does not offer: nothing is said about it. */
#define UNDECIDED (1u << NEED_SANDBOX | 1u << NEED_SETTINGS | 1u << NEED_IDLE)
#define IDLE (1u << NEED_IDLE)
#define MODE (1u << NEED_MODE)
/* An idle time that a run can wait for. */
#define IDLE_MAX_S 10

/* --- needs --- */

static bool takes_flags(const struct planner *p,
			const struct target_transport *t)
{
	(void)t;
	return p->env->flags[p->role];
}

static bool has_two(const struct planner *p, const struct target_transport *t)
{
	(void)t;
	return p->names.n > 1;
}

static bool has_sandbox(const struct planner *p,
			const struct target_transport *t)
{
	(void)t;
	return p->env->sandbox;
}

static bool speaks_1(const struct planner *p, const struct target_transport *t)
{
	(void)t;
	return p->env->speaks_1[p->role];
}

static bool speaks_2(const struct planner *p, const struct target_transport *t)
{
	(void)t;
	return p->env->speaks_2[p->role];
}

static bool has_options(const struct planner *p,
			const struct target_transport *t)
{
	(void)p;
	return t->server_options.n;
}

static bool has_both_roles(const struct planner *p,
			   const struct target_transport *t)
{
	struct strings other;

	(void)t;
	target_names(p->env->target,
		     p->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT, p->a,
		     &other);
	return other.n;
}

static bool is_told(const struct planner *p, const struct target_transport *t)
{
	(void)t;
	return !planner_settings((struct planner *)p, NULL);
}

static bool is_pair(const struct planner *p, const struct target_transport *t)
{
	return t->role[!p->role] && !t->apart;
}

/* Another target's launches of this kind are not even planned. */
static bool is_alone(const struct planner *p, const struct target_transport *t)
{
	(void)t;
	return target_is_alone(p->env->target);
}

static bool is_clear(const struct planner *p, const struct target_transport *t)
{
	(void)p;
	return !t->conceals_payload;
}

static bool has_option_values(const struct planner *p,
			      const struct target_transport *t)
{
	(void)p;
	return t->nvalues;
}

static bool has_free_options(const struct planner *p,
			     const struct target_transport *t)
{
	(void)p;
	return t->free_options.n;
}

/* --- modes --- */

/* What the client was seen to announce; 0: it was not seen. */
static enum pt_mode announced(const struct planner *p,
			      const struct target_transport *t)
{
	struct span word = pairs_get(&p->env->announced, t->name.p);

	for (size_t i = 0; i < MODES_N; i++)
		if (span_eqs(word, words_mode.names[i]))
			return (enum pt_mode)(1 << i);
	return span_eqs(word, "socks4") ? MODE_SOCKS5 : (enum pt_mode)0;
}

static bool has_words(const struct planner *p, enum pt_mode mode)
{
	const struct strings *words =
		p->env->target->mode_args[mode_index(mode)];

	return words[ROLE_CLIENT].n || words[ROLE_SERVER].n;
}

/* The mode whose words a launch gets that is of none, */
static enum pt_mode usual_mode(const struct target_transport *t)
{
	if (!t->modes || t->modes & MODE_SOCKS5)
		return MODE_SOCKS5;
	return (enum pt_mode)(t->modes & -t->modes);
}

/* and the one that it comes to. */
static enum pt_mode plain_mode(const struct planner *p,
			       const struct target_transport *t)
{
	enum pt_mode usual = usual_mode(t), seen = announced(p, t);

	if (has_words(p, usual) || (t->modes && !(t->modes & seen)))
		return usual;
	return seen ? seen : usual;
}

enum pt_mode planner_mode(const struct planner *p,
			  const struct target_transport *t)
{
	return p->l->mode ? p->l->mode : plain_mode(p, t);
}

/* Without words for it, it is started like any other. */
static bool starts_in(const struct planner *p, const struct target_transport *t,
		      enum pt_mode mode)
{
	return mode == plain_mode(p, t) ||
	       (t->modes & mode && (has_words(p, mode) || !announced(p, t)));
}

/* The first mode of the launch in which it is not; or 0. */
static enum pt_mode lacking(const struct planner *p,
			    const struct target_transport *t)
{
	if (p->l->mode && !starts_in(p, t, p->l->mode))
		return p->l->mode;
	if (p->l->peer_mode && !starts_in(p, t, p->l->peer_mode))
		return p->l->peer_mode;
	return (enum pt_mode)0;
}

bool planner_has_mode(const struct planner *p, const struct target_transport *t)
{
	return !lacking(p, t);
}

/* Only the target can say how it is started in that mode. */
static bool is_untold(const struct planner *p, const struct target_transport *t)
{
	return !t->modes || t->modes & lacking(p, t);
}

static bool speaks_socks(const struct planner *p,
			 const struct target_transport *t)
{
	return planner_mode(p, t) == MODE_SOCKS5;
}

static bool has_idle(const struct planner *p, const struct target_transport *t)
{
	return p->env->slow || (t->udp_idle_s && t->udp_idle_s <= IDLE_MAX_S);
}

static bool may_be_slow(const struct planner *p,
			const struct target_transport *t)
{
	(void)t;
	return p->env->slow;
}

static bool speaks_socks5(const struct planner *p,
			  const struct target_transport *t)
{
	(void)t;
	return p->env->socks5 || !p->env->socks4 || p->role != ROLE_CLIENT;
}

static bool speaks_socks4(const struct planner *p,
			  const struct target_transport *t)
{
	(void)t;
	return p->env->socks4;
}

/* What a reason names. */
enum need_name {
	NAMES_NOTHING,
	NAMES_ROLE,
	NAMES_T,
	NAMES_WHY,
	NAMES_MODE,
	NAMES_LACKING,
};

/* Is it met; and if not, the end of a sentence about the target. */
static const struct {
	bool (*met)(const struct planner *p, const struct target_transport *t);
	const char *why;
	enum need_name name;
	const char *more; /* behind the name */
} need_rules[] = {
	[NEED_FLAGS] = { .met = takes_flags,
			 .why = "takes no flags (CFG-FLAG-1)" },
	[NEED_TWO] = { .met = has_two,
		       .why = "needs two transports; the target offers one as ",
		       .name = NAMES_ROLE },
	[NEED_SANDBOX] = { .met = has_sandbox,
			   .why = "needs a sandbox: ",
			   .name = NAMES_WHY },
	[NEED_SPEAKS_1] = { .met = speaks_1,
			    .why = "does not take version 1 when nothing "
				   "else is offered" },
	[NEED_SPEAKS_2] = { .met = speaks_2,
			    .why = "does not take version 2 when nothing "
				   "else is offered" },
	[NEED_OPTIONS] = { .met = has_options,
			   .why = "needs server options; the target names none for ",
			   .name = NAMES_T },
	[NEED_BOTH_ROLES] = { .met = has_both_roles,
			      .why = "needs both roles; the target offers ",
			      .name = NAMES_ROLE,
			      .more = " only" },
	[NEED_SETTINGS] = { .met = is_told },
	[NEED_PAIR] = { .met = is_pair,
			.why = "offers no transport as client and server" },
	[NEED_ALONE] = { .met = is_alone, .why = "has both sides" },
	[NEED_CLEAR] = { .met = is_clear,
			 .why = "conceals what ",
			 .name = NAMES_T,
			 .more = " carries" },
	[NEED_OPTION_VALUES] = { .met = has_option_values,
				 .why = "needs options whose values ARGS shows; "
					"the target names none for ",
				 .name = NAMES_T },
	[NEED_FREE_OPTIONS] = { .met = has_free_options,
				.why = "needs server options with free values; the "
				       "target names none for ",
				.name = NAMES_T },
	[NEED_MODE] = { .met = planner_has_mode,
			.why = "offers no transport in the mode ",
			.name = NAMES_LACKING },
	[NEED_IDLE] = { .met = has_idle,
			.why = "the target does not say how connections that "
			       "carry no datagrams end in 10 s (udp_idle_s), "
			       "and without --slow nobody waits for more" },
	[NEED_SLOW] = { .met = may_be_slow,
			.why = "takes minutes: only with --slow" },
	[NEED_SOCKS] = { .met = speaks_socks,
			 .why = "announces ",
			 .name = NAMES_MODE,
			 .more = " in place of SOCKS" },
	[NEED_SOCKS5] = { .met = speaks_socks5,
			  .why = "speaks SOCKS4, not SOCKS5" },
	[NEED_SOCKS4] = { .met = speaks_socks4,
			  .why = "does not announce socks4" },
};

#define NEEDS_N ((int)(sizeof(need_rules) / sizeof(need_rules[0])))

static struct span named(const struct planner *p,
			 const struct target_transport *t, enum need_name name)
{
	switch (name) {
	case NAMES_ROLE:
		return span_str(role_name(p->role));
	case NAMES_T:
		return p->names.v[0];
	case NAMES_WHY:
		return p->env->sandbox_why;
	case NAMES_MODE:
		return span_str(mode_word(planner_mode(p, t)));
	case NAMES_LACKING:
		return span_str(mode_word(lacking(p, t)));
	case NAMES_NOTHING:
		break;
	}
	return SPAN("");
}

/* Why a need is not met; or NULL. */
static const char *unmet(struct planner *p, enum need need)
{
	const struct target_transport *t =
		target_find(p->env->target, p->names.v[0]);
	const char *more = need_rules[need].more;
	struct span name;

	if (need_rules[need].met(p, t))
		return NULL;
	/* Which of several things is not known. */
	if (need == NEED_SETTINGS)
		return planner_settings(p, NULL);
	name = named(p, t, need_rules[need].name);
	return arena_printf(p->a, "%s%.*s%s", need_rules[need].why,
			    SPAN_ARG(name), more ? more : "");
}

/* Why the first need in @needs that is not met is not; NULL: all are. */
static const char *first_unmet(struct planner *p, unsigned needs)
{
	const char *why = NULL;

	for (int n = 0; n < NEEDS_N && !why; n++)
		if (needs & 1u << n)
			why = unmet(p, (enum need)n);
	return why;
}

/* Is it about which of a variable and a flag counts, or about variables, for a
 * target that reads none? */
static bool by_variable(const struct planner *p)
{
	const struct launch_def *l = p->l;

	if (!p->env->target->flags_only)
		return false;
	for (size_t i = 0; i < l->args.n; i++)
		for (const struct setting *s = settings; s->variable; s++)
			if (span_eqs(l->args.v[i], s->flag))
				return true;
	return l->flags.n > 0;
}

/* Why nobody can start it in the mode that the launch needs; or NULL. */
static const char *untold(const struct planner *p, unsigned needs)
{
	const struct target_transport *t =
		target_find(p->env->target, p->names.v[0]);

	if (!(needs & MODE) || planner_has_mode(p, t) || !is_untold(p, t))
		return NULL;
	return arena_printf(p->a,
			    "a plain launch does not announce the mode %s, "
			    "and no target says how it is started in it "
			    "(modes, mode_args)",
			    mode_word(lacking(p, t)));
}

/* Features first: what the target does not offer needs no sandbox. */
const char *planner_unmet(struct planner *p, bool *feature, bool *unasked)
{
	unsigned needs = p->l->needs | p->l->implied | planner_mode_needs(p);
	const char *why;

	if (p->env->probing)
		needs &= ~FROM_PROBES;
	why = untold(p, needs);
	*feature = false;
	*unasked = why != NULL;
	if (why)
		return why;
	why = by_variable(p) ? "is configured by flags only"
			     : first_unmet(p, needs & ~UNDECIDED);
	*feature = why != NULL;
	if (!why)
		why = first_unmet(p, needs & UNDECIDED & ~IDLE);
	*unasked = !why;
	return why ? why : first_unmet(p, needs & IDLE);
}
