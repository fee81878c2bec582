/*
 * naming.c - Naming.
 *
 * Names in error lines are judged only as far as they can be told from the
 * words of a message; an echo of what the parent asked for is no fault of the
 * name.
 */
#include "harness/req/launch/startup.h"
#include "harness/req/launch/transport_list.h"
#include "harness/req/launch/setup.h"

/* No transport announces more; a flood of lines must not cost a square. */
#define METHODS_MAX 256
/* Longer than any buffer that a careless program has for a name. */
#define LONG_NAME 1000

/* Different, but the same to one who compares carelessly. */
static bool is_near(struct span a, struct span b)
{
	if (a.n < 2 || b.n < 2 || span_eq(a, b))
		return false;
	return span_eq_nocase(a, b) || span_starts(a, b) || span_starts(b, a);
}

static bool near_any(const struct strings *names, struct span name)
{
	for (size_t i = 0; i < names->n; i++)
		if (is_near(names->v[i], name))
			return true;
	return false;
}

/* Did the parent ask for it once, and for nothing that looks like it?  What
 * it did not ask for at all has a rule of its own. */
static bool asked_once(const struct view *v, struct span name)
{
	return name_requests(v, name) == 1 && !near_any(&v->requested, name);
}

static void naming_compare(struct judge *j, const struct method *a,
			   const struct method *b)
{
	bool same = span_eq(a->m.proto, b->m.proto);

	if (!same && policy_is(j->policy, P_MULTI_MODE, "pass"))
		return;
	/* AMB-051: one name with two protocols is only odd. */
	j_say(j, same ? j->req->dflt : V_WARN, b->line->ev, "every name once",
	      "\"%s\" twice%s", j_show(j, b->m.name),
	      same ? "" : ", with two protocols");
	j_also(j, a->line->ev);
}

REQ(name_uniq_1) = {
	.id = "NAME-UNIQ-1",
	.area = AREA_NAMING,
	.level = L_MUST,
	.section = "3.1",
	.role = "naming",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "Each transport has its own name.",
	.traps = "Two CMETHODs for one name with different protocol tokens: "
		 "WARN only (AMB-051). Global uniqueness across vendors "
		 "cannot be tested.",
	.needs = LEGAL,
	.judge = name_uniq_1,
};

static void name_uniq_1(struct judge *j)
{
	const struct view *v = j->v;
	size_t n = v->methods.n < METHODS_MAX ? v->methods.n : METHODS_MAX;

	for (size_t i = 0; i < n; i++) {
		const struct method *b = &v->methods.v[i];

		if (!is_own_method(v, b) || !asked_once(v, b->m.name))
			continue;
		j_pass(j, b->line->ev);
		for (size_t k = 0; k < i; k++)
			if (is_own_method(v, &v->methods.v[k]) &&
			    span_eq(v->methods.v[k].m.name, b->m.name))
				naming_compare(j, &v->methods.v[k], b);
	}
}

REQ(name_chars_1) = {
	.id = "NAME-CHARS-1",
	.area = AREA_NAMING,
	.level = L_MUST,
	.section = "3.1",
	.role = "naming",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "A name starts with an ASCII letter or underscore and "
		 "continues with ASCII letters, digits, underscores.",
	.traps = "Leading underscore is accepted with INFO (AMB-001). "
		 "Echoing an invalid requested name inside a CMETHOD-ERROR "
		 "is already a CM-UNK-1 violation; report that one.",
	.judge = name_chars_1,
};

static void name_chars_1(struct judge *j)
{
	for_methods (m, j->v) {
		unsigned notes = name_check(m->m.name);

		if (!is_own_method(j->v, m))
			continue;
		if (notes & NAME_INVALID)
			j_broken(j, m->line->ev,
				 "a name of ASCII letters, digits and _",
				 "\"%s\"", j_show(j, m->m.name));
		else if (notes & NAME_UNDERSCORE)
			j_say(j, V_INFO, m->line->ev, "a letter first",
			      "\"%s\"", j_show(j, m->m.name));
		else
			j_pass(j, m->line->ev);
	}
}

REQ(name_re_1) = {
	.id = "NAME-RE-1",
	.area = AREA_NAMING,
	.level = L_MUST,
	.section = "3.1",
	.role = "naming",
	.classes = "ipc",
	.dflt = V_WARN,
	.title = "Names match the printed regular expression (as printed in "
		 "this copy: letter first).",
	.traps = "AMB-001: the published PDF's expression allows the "
		 "underscore; so only WARN.",
	.judge = name_re_1,
};

/* AMB-001: the expression in the draft lost its underscore in print. */
static void name_re_1(struct judge *j)
{
	enum verdict underscore =
		policy_is(j->policy, P_NAME_REGEX, "printed") ? V_WARN : V_INFO;
	const char *expected = "a name that matches the printed expression";

	for_methods (m, j->v) {
		unsigned notes = name_check(m->m.name);

		if (!is_own_method(j->v, m))
			continue;
		if (notes & NAME_INVALID)
			j_broken(j, m->line->ev, expected, "\"%s\"",
				 j_show(j, m->m.name));
		else if (notes & NAME_UNDERSCORE && j_is20(j))
			j_say(j, underscore, m->line->ev, expected, "\"%s\"",
			      j_show(j, m->m.name));
		else
			j_pass(j, m->line->ev);
	}
}

REQ(name_cid_1) = {
	.id = "NAME-CID-1",
	.area = AREA_NAMING,
	.level = L_MUST,
	.section = "3.1",
	.role = "naming",
	.classes = "ipc",
	.dflt = V_INFO,
	.title = "Names are valid C identifiers.",
	.traps = "Keywords match both prose pattern and regex; do not fail "
		 "them (AMB-002).",
	.judge = name_cid_1,
};

/* AMB-002: only the classes of characters count, keywords are noted. */
static void name_cid_1(struct judge *j)
{
	for_methods (m, j->v) {
		unsigned notes = name_check(m->m.name);

		if (!is_own_method(j->v, m))
			continue;
		if (notes & (NAME_INVALID | NAME_KEYWORD))
			j_broken(j, m->line->ev, "an identifier of C",
				 "\"%s\"%s", j_show(j, m->m.name),
				 notes & NAME_KEYWORD ? ", a keyword of C"
						      : "");
		else
			j_pass(j, m->line->ev);
	}
}

/* A name that begins like a long one that was asked for, and stops. */
static bool is_cut_short(const struct view *v, struct span name)
{
	if (name.n == 0 || view_requested(v, name) || view_known(v, name))
		return false;
	for (size_t i = 0; i < v->requested.n; i++)
		if (v->requested.v[i].n >= LONG_NAME &&
		    span_starts(v->requested.v[i], name))
			return true;
	return false;
}

static void check_cut_names(struct judge *j, const struct lines *lines)
{
	for_lines (l, lines)
		if (is_role_line(l, j->v->head->role) && l->ipc.ntok &&
		    is_cut_short(j->v, l->ipc.tok[0]))
			j_broken(j, l->ev, "long names whole or not at all",
				 "a name cut to %zu bytes", l->ipc.tok[0].n);
}

REQ(name_len_1) = {
	.id = "NAME-LEN-1",
	.area = AREA_NAMING,
	.level = L_IMPLIED,
	.section = "3.1",
	.role = "naming",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "No length limit on names.",
	.traps = "The OS limits one environment string (128 KiB on Linux) "
		 "and flags likewise; stay below.",
	.needs = LEGAL,
	.judge = name_len_1,
};

static void name_len_1(struct judge *j)
{
	const struct view *v = j->v;
	struct list_shape s = list_shape(v);
	const char *expected =
		"a known transport launched beside very long names";
	struct span name;

	if (s.longest < LONG_NAME || !s.known)
		return;
	check_cut_names(j, &v->out);
	check_cut_names(j, &v->err);
	if (j_no_done(j, V_FAIL, expected))
		return;
	if (!list_lacks(v, &name))
		j_pass(j, v->done->ev);
	else if (!output_whole(v))
		j_unsure(j, "the output was not recorded to its end");
	else
		j_broken(j, v->done->ev, expected, "nothing for \"%s\"",
			 j_show(j, name));
}

REQ(name_match_1) = {
	.id = "NAME-MATCH-1",
	.area = AREA_NAMING,
	.level = L_IMPLIED,
	.section = "3.1, 3.3.2.2",
	.role = "naming",
	.classes = "ipc",
	.dflt = V_FAIL,
	.title = "The name in a status line is exactly the requested one "
		 "(case-sensitive, whole).",
	.traps = "A PT could really offer two names differing in case; "
		 "description file lists known names.",
	.judge = name_match_1,
};

static void name_match_1(struct judge *j)
{
	const struct view *v = j->v;
	const char *expected = "names compared whole and letter by letter";

	for_methods (m, v) {
		struct span name = m->m.name;

		if (!is_own_method(v, m))
			continue;
		if (view_requested(v, name)
			    ? !view_known(v, name) &&
				      near_any(&v->head->known, name)
			    : near_any(&v->requested, name))
			j_broken(j, m->line->ev, expected,
				 "a %s line for \"%s\" from the list \"%s\"",
				 method_word(v), j_show(j, name),
				 j_show(j, view_setting(
						   v, view_transports_var(v))));
		else if (view_requested(v, name))
			j_pass(j, m->line->ev);
	}
	for (size_t i = 0; v->done && i < v->requested.n; i++)
		if (near_any(&v->head->known, v->requested.v[i]))
			j_pass(j, v->done->ev);
}
