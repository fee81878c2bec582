/*
 * req.h - requirements: one row each, directly above the function that judges
 * it.
 *
 * A judge is a pure function from one trace (its view), the facts of the run
 * and the policies to a finding.  It is asked about every trace that its row
 * admits; where its trigger does not occur it leaves the finding at V_NONE.
 * Where it is unsure it says inconclusive.  It reads no clock, no file and no
 * other trace.
 *
 * A new requirement is a row and a judge in the file of its area:
 *
 *	REQ(cm_unk_1) = {
 *		.id = "CM-UNK-1",
 *		.area = AREA_CMETHOD,
 *		...
 *		.judge = cm_unk_1,
 *	};
 *
 *	static void cm_unk_1(struct judge *j)
 *	{
 *		...
 *	}
 *
 * The build collects the rows (gen/req_rows.inc); nothing else lists them.
 * Requirements without a judge are data, core/uncovered.json.
 */
#ifndef PTCHECK_REQ_CORE_REQ_H
#define PTCHECK_REQ_CORE_REQ_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/arena.h"
#include "harness/req/core/areas.h"
#include "harness/trace/view.h"

/* Ascending weight; see req_merge() in results.h. */
enum verdict {
	V_NONE, /* not triggered */
	V_UNTESTED,
	V_NA,
	V_PASS,
	V_INFO,
	V_WARN,
	V_INCONCLUSIVE,
	V_FAIL,
};

const char *verdict_name(enum verdict v);

#define FINDING_EVENTS 4

struct finding {
	enum verdict v;
	const char *expected, *seen; /* in the run's arena; NULL for pass */
	uint32_t ev[FINDING_EVENTS]; /* evidence in the trace */
	size_t nev;
	bool hindered; /* inconclusive, and a less busy machine may tell */
	bool lasting;  /* inconclusive, and no repetition tells more */
};

/* What the run found out by probes before anything is judged. */
struct role_facts {
	bool tested;		 /* the role was launched at all */
	bool recognised;	 /* printed at least one PT line */
	bool works;		 /* the control reached DONE with a method */
	bool speaks_1, speaks_2; /* offered alone */
	bool flags;		 /* flags of §3.3.1.4 configure it */
	bool starts_by_flags;	 /* with -ptversion among them, be it without
				    a VERSION line */
	bool answers_any_name;	 /* method line for a random name */
	bool errs_plainly;	 /* the control got an error for the transport
				    that most launches are about */
	bool stdin_exit;	 /* exits when stdin closes, variable 1 */
	bool options_echo;	 /* ARGS shows server options */
	/* What its methods announce, by the version less one that it chose. */
	bool socks5[2], socks4[2];
	/* Learned from ordinary traces, see facts_learned.h. */
	bool proxy_socks5, proxy_socks4a; /* accepted a plain one */
	bool calls_proxy;		  /* and spoke to one */
	/* Where sessions without a proxy lead. */
	bool dials_tcp, dials_udp; /* to the place that was asked for */
	bool dials_late;	   /* success first, and then dials */
	/* And that they led at all: to an address of this machine, to one of
	 * another, to a name. */
	bool calls_here, calls_far, calls_names;
	bool asks_as_told;  /* a proxy was asked for what the application
				  had named */
	bool forwards_raw;  /* bytes to the port of the first transport reach
				   the destination without any handshake */
	bool tunnels;	    /* as server, with a client of its own, it carried
				   bytes to its destination */
	bool starts_two;    /* printed methods of two transports */
	bool speaks_extor;  /* chose a type at an Extended ORPort */
	bool extra_bind_ok; /* ignores bind addresses of other names */
	/* Malformed variables: some refused, some taken. */
	bool refuses_bad_proxy, takes_bad_proxy;
	bool refuses_bad_bind, takes_bad_bind;
	bool echoes_any; /* ARGS shows options that nobody knows */
	/* A tunnel of a client that was told nothing, when nobody had told
	 * anything: it worked, it did not; neither: that is not known. */
	bool works_untold, fails_untold;
};

struct facts {
	struct role_facts role[2]; /* by enum role */
};

/* Disputed points; names and values in policy.h, set by --option. */
struct policy;

struct judge {
	const struct view *v;
	const struct facts *facts;
	const struct role_facts *rf; /* of the trace's role */
	const struct policy *policy;
	const struct req *req;
	struct arena *a;
	struct finding *out;
	const char *excuse; /* see j_excuse(); NULL: there is none */
};

typedef void judge_fn(struct judge *j);

enum level {
	L_MUST,
	L_MUST_NOT,
	L_SHOULD,
	L_MAY,
	L_IMPLIED,
	L_HYGIENE,
};

const char *level_name(enum level l);

/* In which profiles a requirement exists. */
#define IN_10 1u
#define IN_20 2u

/* What a row demands of a launch before its judge is asked. */
enum req_needs {
	OF_CLIENT = 1,	/* the launch is of a client, */
	OF_SERVER = 2,	/* or of a server; neither bit: of any */
	LAUNCHED = 4,	/* the transport could be executed */
	LEGAL = 8,	/* that, and its configuration is one that it must
			  work with */
	TUNNELLED = 16, /* the case has started the other end, too, and both
			   printed DONE: bytes may go all the way */
};

struct req {
	const char *id;
	enum req_area area;
	enum level level;
	const char *section; /* "3.3.1.1", "3.3.1.1, App. C", ... */
	const char *role; /* whom the rule binds: "pt-server", "proxy", ... */
	const char *classes; /* how it is seen: "ipc", "net", "proc", ... */
	enum verdict dflt;   /* V_FAIL, V_WARN, V_INFO; V_NA: a gate that
				   is never judged */
	const char *title;   /* the rule in one sentence */
	const char *traps;   /* legal behaviour that must not be failed; or
				   NULL */
	unsigned profiles;   /* IN_10, IN_20; 0: both */
	unsigned needs;	     /* of enum req_needs */
	bool root;	     /* nothing works without it: that nothing did is no
				finding of its own then */
	uint64_t stimuli;    /* set of STIMULUS(): see provoked() */
	judge_fn *judge;     /* NULL: not covered yet */
};

/* Define a row; REQ() also declares its judge, of the same name.  Several
 * rows above one judge are REQ_ROW()s behind one `static judge_fn NAME;`. */
#define REQ_ROW(name)                       \
	extern const struct req req_##name; \
	const struct req req_##name
#define REQ(name)             \
	static judge_fn name; \
	REQ_ROW(name)

/*
 * All requirements: the areas in the order of the catalogue, in each the
 * sections in that of the specification, in each the ids with their numbers
 * as numbers.
 */
const struct req *const *req_all(void); /* ends with NULL */
#define for_reqs(r)                                         \
	for (const struct req *const *r##_ = req_all(), *r; \
	     (r = *r##_) != NULL; r##_++)
/* NULL: there is none of that id. */
const struct req *req_find(const char *id);
/* Is it a rule of that version of the specification? */
bool req_is_in(const struct req *r, enum profile profile);

/* Ask the judge of j->req about j->v, which may be none of its business. */
void req_judge(struct judge *j);

/* --- what judges say; the reason is worded here and nowhere else --- */

/* Fine; @ev is the event that shows it (0: none). */
void j_pass(struct judge *j, uint32_t ev);
/* Violated: the verdict is the row's default. */
void j_broken(struct judge *j, uint32_t ev, const char *expected,
	      const char *seen, ...) __attribute__((format(printf, 4, 5)));
/* Another verdict than the row's default: V_FAIL, V_WARN, V_INFO, ... */
void j_say(struct judge *j, enum verdict v, uint32_t ev, const char *expected,
	   const char *seen, ...) __attribute__((format(printf, 5, 6)));
/* Cannot be decided; @why is a whole clause. */
void j_unsure(struct judge *j, const char *why, ...)
	__attribute__((format(printf, 2, 3)));
/* The same, of what the target or the harness does not have. */
void j_beyond(struct judge *j, const char *why, ...)
	__attribute__((format(printf, 2, 3)));
/* One more event as evidence for what was said last. */
void j_also(struct judge *j, uint32_t ev);

/*
 * Several of these may be called in one judge: the heaviest finding stays
 * (V_FAIL > V_INCONCLUSIVE > V_WARN > V_INFO > V_PASS), the first of equals.
 */

/* Was something as bad said already?  A hostile transport has no end of bad
 * lines, and each shown one takes memory. */
static inline bool j_said(const struct judge *j, enum verdict v)
{
	return j->out->v >= v;
}

/* A raw line or value, escaped and shortened, for use in %s. */
const char *j_show(struct judge *j, struct span s);

/* Cannot be decided because the machine was busy: the same launch, alone, may
 * tell.  @why is a whole clause. */
void j_hindered(struct judge *j, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* Whatever this judge finds broken from now on may come of a busy machine, and is
 * undecided with @why; what is kept is kept. */
void j_excuse(struct judge *j, const char *why, ...)
	__attribute__((format(printf, 2, 3)));

/* Violated because a deadline passed: inconclusive when transport or harness
 * were held up until then, else like j_broken(). */
void j_late(struct judge *j, const struct event *limit, const char *expected,
	    const char *seen, ...) __attribute__((format(printf, 4, 5)));

/* The first half of it, for another verdict: were they?  Then that was said.
 * Also of a window that closed. */
bool j_lagged(struct judge *j, const struct event *limit);

/* Did the harness take so long for its own words on @conn, up to event @until,
 * or did it last so long for want of a processor or for an answer that something
 * kept, that giving it up then is no fault of the transport?  Then that was
 * said. */
bool j_own_late(struct judge *j, struct span conn, uint32_t until);

/* Does the run judge by the 2.0 rules? */
static inline bool j_is20(const struct judge *j)
{
	return j->v->head->profile == PROFILE_20;
}

#endif
