/*
 * table.c - all requirements in their order: the rows beside the judges, which
 * the build has collected, and those of uncovered.json.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/req/core/judges.h"
#include "harness/req/core/uncovered.h"

#define X(name) extern const struct req req_##name;
#include "gen/req_rows.inc"
#undef X

static const struct req *const covered[] = {
#define X(name) &req_##name,
#include "gen/req_rows.inc"
#undef X
};

#define COVERED (sizeof(covered) / sizeof(covered[0]))

static const struct {
	const char *name, *title, *why, *mend;
} areas[AREAS] = {
#define X(id, name, title, why, mend) [AREA_##id] = { name, title, why, mend },
	REQ_AREAS(X)
#undef X
};

const char *area_name(enum req_area a)
{
	return areas[a].name;
}

const char *area_title(enum req_area a)
{
	return areas[a].title;
}

const char *area_why(enum req_area a)
{
	return areas[a].why;
}

const char *area_mend(enum req_area a)
{
	return areas[a].mend;
}

const char *verdict_name(enum verdict v)
{
	switch (v) {
	case V_NONE:
		return "none";
	case V_UNTESTED:
		return "untested";
	case V_NA:
		return "na";
	case V_PASS:
		return "pass";
	case V_INFO:
		return "info";
	case V_WARN:
		return "warn";
	case V_INCONCLUSIVE:
		return "inconclusive";
	case V_FAIL:
		return "fail";
	}
	return "?";
}

const char *level_name(enum level l)
{
	switch (l) {
	case L_MUST:
		return "MUST";
	case L_MUST_NOT:
		return "MUST NOT";
	case L_SHOULD:
		return "SHOULD";
	case L_MAY:
		return "MAY";
	case L_IMPLIED:
		return "implied";
	case L_HYGIENE:
		return "hygiene";
	}
	return "?";
}

/* As strcmp(), but with the numbers in both as numbers. */
static int table_natural(const char *a, const char *b)
{
	while (*a && *b) {
		char *end_a, *end_b;
		unsigned long x, y;

		if (!isdigit((unsigned char)*a) ||
		    !isdigit((unsigned char)*b)) {
			if (*a != *b)
				return (unsigned char)*a < (unsigned char)*b
					       ? -1
					       : 1;
			a++;
			b++;
			continue;
		}
		x = strtoul(a, &end_a, 10);
		y = strtoul(b, &end_b, 10);
		if (x != y)
			return x < y ? -1 : 1;
		a = end_a;
		b = end_b;
	}
	return *a ? 1 : *b ? -1 : 0;
}

static int table_order(const void *a, const void *b)
{
	const struct req *x = *(const struct req *const *)a;
	const struct req *y = *(const struct req *const *)b;
	int c;

	if (x->area != y->area)
		return x->area < y->area ? -1 : 1;
	c = table_natural(x->section, y->section);
	return c ? c : table_natural(x->id, y->id);
}

const struct req *const *req_all(void)
{
	/* Made when first asked for, because one part of it has to be read;
	 * the same for ever after. */
	static const struct req **all;
	const struct req *uncovered;
	size_t n;

	if (all)
		return all;
	uncovered = uncovered_rows(&n);
	all = calloc(COVERED + n + 1, sizeof(struct req *));
	if (!all)
		die_oom();
	memcpy(all, covered, sizeof(covered));
	for (size_t i = 0; i < n; i++)
		all[COVERED + i] = &uncovered[i];
	qsort(all, COVERED + n, sizeof(struct req *), table_order);
	return all;
}

const struct req *req_find(const char *id)
{
	for_reqs (r)
		if (strcmp(r->id, id) == 0)
			return r;
	return NULL;
}

bool req_is_in(const struct req *r, enum profile profile)
{
	return !r->profiles ||
	       r->profiles & (profile == PROFILE_20 ? IN_20 : IN_10);
}

/* Descriptors, room, readers, or the thread of its parent that the harness took
 * away, and calls that it made to fail.  What comes of it is for the rules on hardship, and for those
 * that name it: nobody promised the others under it. */
#define HARDSHIPS                                                    \
	(STIMULUS(ACCEPT_FAILS) | STIMULUS(DISK_TROUBLE) |           \
	 STIMULUS(DESCRIPTORS_FEW) | STIMULUS(DESCRIPTORS_USED_UP) | \
	 STIMULUS(OUTPUT_UNREAD) | STIMULUS(OUTPUT_READ_LATE) |      \
	 STIMULUS(SOCKETS_FAIL) | STIMULUS(PARENT_THREAD))

static bool is_hardship(const struct judge *j)
{
	uint64_t hard = j->v->head->stimuli & HARDSHIPS;

	return hard && j->req->area != AREA_HYGIENE &&
	       !(j->req->stimuli & hard);
}

static bool table_admits(const struct judge *j)
{
	unsigned needs = j->req->needs;

	if (!req_is_in(j->req, j->v->head->profile))
		return false;
	if (is_hardship(j))
		return false;
	if (needs & (OF_CLIENT | OF_SERVER) &&
	    !(needs & (is_client(j) ? OF_CLIENT : OF_SERVER)))
		return false;
	if (needs & LEGAL && !is_legal(j))
		return false;
	if (needs & TUNNELLED && !is_tunnelled(j->v))
		return false;
	return !(needs & LAUNCHED) || launched(j);
}

/* What is seen only of a transport that serves, or answers for itself. */
static bool is_of_service(enum req_area a)
{
	static const bool of[AREAS] = {
		[AREA_GENERAL] = true,	   [AREA_NAMING] = true,
		[AREA_CONFIG] = true,	   [AREA_STATE] = true,
		[AREA_CLIENT_LIST] = true, [AREA_SERVER_LIST] = true,
		[AREA_OPTIONS] = true,	   [AREA_BINDADDR] = true,
		[AREA_DESTINATION] = true, [AREA_EXTOR] = true,
		[AREA_APPENDIX] = true,
	};

	return of[a];
}

/* Not served, as in the plain launch, in which it got an error: it lacks
 * something that nobody told it, and nothing but that can be seen. */
static bool lacks_something(const struct judge *j)
{
	const struct view *v = j->v;

	return j->rf->errs_plainly && v->head->known.n && !v->methods.n &&
	       strings_has(&v->requested, v->head->known.v[0]);
}

void req_judge(struct judge *j)
{
	if (!j->req->judge || !table_admits(j))
		return;
	j->req->judge(j);
	if ((j->out->v == V_FAIL || j->out->v == V_WARN) &&
	    is_of_service(j->req->area) && lacks_something(j)) {
		*j->out = (struct finding){ 0 };
		j_unsure(j, "it answers an error for its transport in a plain "
			    "launch, too: the target does not say what that "
			    "needs");
	}
}
