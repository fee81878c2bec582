/*
 * case.h - cases: what to launch and what to do with it, as strict JSON, and
 * the plan that comes out of a case for one target and role.
 *
 * A case file is {"schema": 1, "cases": [CASE, ...]}; the schema for editors
 * is cases/schema.json.  Unknown keys and wrong types are errors that name
 * file, JSON pointer and value.  A CASE:
 *
 *	"id"        "ver.position": unique, [a-z0-9.-]+
 *	"title"     one line
 *	"aims"      requirement ids that it exercises (must exist)
 *	"roles"     ["client", "server"]           default both
 *	"profiles"  ["1.0", "2.0"]                 default both
 *	"config"    "legal" | "odd" | "broken"     default "legal", see trace.h
 *	"needs"     features without which it is not launched: "flags", "two"
 *	            (two transports in the role), "sandbox", "speaks-1",
 *	            "speaks-2" (offered alone), "options" (the target names
 *	            server options for the transport), "both-roles", "settings"
 *	            (what a client of T must be told is known), "clear" (T does not
 *	            conceal what it carries), "free-options" (the target names
 *	            server options of T that may have any value), "mode" (the
 *	            target lists the launch's "mode" for a transport, from which
 *	            it follows), "socks5" (as client it does not announce socks4
 *	            alone), "socks4" (it announces that).  "two" follows
 *	            from ${T2}, "free-options" from ${options:TEXT}, "pair" (T
 *	            has both roles) from a start of the other role, "settings"
 *	            from a step "socks", "sandbox" from a step "ports",
 *	            "parent": "init", "disk", "inject", ${far}, ${far6} and
 *	            ${hole}.  What probes find out ("flags", "speaks-*",
 *	            "socks*") stops no probe
 *	"probe"     name of the fact that it finds out (see req/facts.c).
 *	            "args" is what servers print for their clients; a run of
 *	            clients alone makes that launch, too, as a helper
 *	"env"       overrides of the fixture; null removes a variable.  A '@'
 *	            in a key stands for CLIENT or SERVER, by role
 *	"bare_env"  true: none but TOR_PT_ variables
 *	"flags"     settings given as flags instead of variables: "all" or a
 *	            list of variable names.  The transport list stays in the
 *	            environment as well, because it selects the role; so does
 *	            a variable that is empty or that its flag cannot express
 *	"args"      further words for the command line, behind the flags
 *	"stdin"     "pipe" (default; the harness keeps the write end open),
 *	            "null" (/dev/null), "closed" (no descriptor 0)
 *	"parent"    "stand-in" (default: an ordinary parent process that the
 *	            harness can kill) or "init" (the parent has pid 1)
 *	"nofile"    descriptor limit of the PT (default: that of ptcheck)
 *	"pipes"     "plain" (default) or "narrow": stdout and stderr hold one
 *	            page and are read byte by byte, a millisecond between two
 *	"disk"      {"bytes": N, "files": N}: the state directory is a file
 *	            system of its own with room for so much; 0: no limit
 *	"inject"    [{"call": C, "error": E, "below": PATH, "skip": N,
 *	            "times": N}]: system calls of the PT that fail.  C is
 *	            "open", "mkdir", "rename", "unlink", "write", "fsync",
 *	            "socket", "bind", "listen", "accept" or "connect"; E is the
 *	            errno's name; "below" (templates) keeps it to paths there;
 *	            the first "skip" are let through (0), at most "times" fail
 *	            (0: all)
 *	"each"      "pair": one launch for each transport that has both roles;
 *	            ${T} is that transport, and the id ends in "+NAME"
 *	"peer_env"  like "env", for the start of the other role
 *	"mode"      "transparent-TCP", ...: how the client serves applications
 *	            (§3.3.2.2); T is a transport for which the target lists
 *	            that mode, and both ends are given the target's words for
 *	            it.  Without it they are given those for "socks5"
 *	"target"    what the client, be it the peer, is given as `-target`
 *	"steps"     see below; default is the session
 *	"variants"  [{"id": "first", ...}]: one launch each; every key of the
 *	            case but aims, roles and variants may stand here and
 *	            overrides it ("env" is merged)
 *
 * Fixture (before "env"): TOR_PT_MANAGED_TRANSPORT_VER=${ver},
 * TOR_PT_STATE_LOCATION=${state}, TOR_PT_EXIT_ON_STDIN_CLOSE=1,
 * TOR_PT_@_TRANSPORTS=${T}; for a server also TOR_PT_SERVER_BINDADDR=
 * ${T}-127.0.0.1:${port:T}, TOR_PT_ORPORT=127.0.0.1:${port:or},
 * TOR_PT_EXTENDED_SERVER_PORT= (set, empty) and, when the target has options
 * for the transports, TOR_PT_SERVER_TRANSPORT_OPTIONS=${options}; and PATH,
 * HOME=${work}/home, TMPDIR=${work}/tmp, LANG=C, LC_ALL=C,
 * PYTHONDONTWRITEBYTECODE=1 (what a runtime writes by itself is not to be
 * taken for a file of the transport).
 *
 * Values of "env" and "args", "bytes", addresses and names of connections
 * are escaped text (base/text.h) with templates; a literal "${" is \x24{.
 * In "env" and "args" they hold no NUL byte.  Templates:
 *	${T} ${T2} ${all}  first, second, all transports of the role (commas)
 *	${T^} ${T-}        in upper case; without its last letter
 *	${ver}             what to offer under this profile: "2", "1", or "2,1"
 *	                   when 2.0 is forced on a transport that speaks 1
 *	${nosuch} ${nosuch2}  random names that no transport has
 *	${work} ${state} ${cwd}  directories: all of the launch, state (not
 *	                   created), working directory
 *	${port:NAME}       a free port, the same for the same NAME in a launch
 *	${options} ${options;}  server options of the target for T (and T2
 *	                   with "two"), as the variable wants them; the second
 *	                   form with a ';' behind it unless empty
 *	${options:TEXT}    the same with TEXT as value of the options that the
 *	                   target calls free: 8 to 255 printable characters
 *	                   without blanks; may hold templates, '}' is \x7d
 *	${repeat:TEXT:N}   TEXT N times; TEXT may hold templates
 *	${far} ${far6}     addresses of servers that exist in the sandbox only
 *	${hole}            an address there that never answers
 *	${hello}           what a client that announces socks5 answers, whatever
 *	                   it wants to be told: a greeting with methods 00 and
 *	                   02; where it announces socks4, a request for port 9
 *	                   of 127.0.0.1
 *	${marker}          a word that occurs nowhere else
 *	${cookie}          a file with the cookie of an Extended ORPort; the
 *	                   worker makes it
 *	${json}            what a client of T must be told, as a JSON object
 *	${members}         its members alone, each with a comma behind it;
 *	${mistyped}        and with numbers instead of their values
 *	${wrong}           the object with other values
 *	${block:N}         a block of settings: the object, with blanks behind it
 *	                   up to N bytes, behind its length in four bytes
 *	${counted:TEXT}    any TEXT behind its length.  It may hold templates; a
 *	                   '}' of its own is \x7d
 *
 * A STEP is {"do": KIND, ...}.  Steps run in order; a step whose process has
 * ended does nothing, except where it waits for that.  Kinds:
 *
 *	start     launch the PT.  A second one in a case is a second instance,
 *	          whose events carry the prefix "2:" ("2:pt", "2:stdout"); the
 *	          steps that follow are about it.  "role": "peer" starts the
 *	          other end: the other role of T with the fixture of that role,
 *	          its own state ${work}/peer, and the same ports
 *	expect    wait for "what": "version", "method" (CMETHOD or SMETHOD),
 *	          "done", or "answer" (DONE or a fatal *-ERROR line on either
 *	          stream); ends early when the PT exits.  "limit": "init"
 *	settle    after a fatal *-ERROR line wait for the exit, limit "exit"
 *	snapshot  "of": "sockets" | "processes" | "files" | "fds" (how many
 *	          descriptors the PT has) | "memory" (how much of it the PT has
 *	          had at most), "as": name
 *	connect   "to": "methods" (every announced address, 0.0.0.0 and [::]
 *	          by loopback), "clients" (those of CMETHOD lines alone) or an
 *	          address; "as": name; "count": times, one
 *	          after the other, each closed again (default 1); "hold": true
 *	          leaves them open; "from": the address to come from (noted
 *	          among the variables of the launch, for the judges).
 *	          Connections are called NAME:TRANSPORT for "methods", NAME else,
 *	          and NAME#I when held with a count
 *	socks     be the application: connect to the announced method of T,
 *	          speak SOCKS5 or SOCKS4 as it says, tell it the settings of
 *	          the target (in SOCKS4: by the user id), ask for "dest"
 *	          (ADDRESS:PORT or NAME:PORT), and wait for the answer; "as":
 *	          name, "count": times, one after the other, each closed again
 *	          (default 1, which stays open), or "hold": true: all stay;
 *	          "from" as above.  "limit": "connect".  Behind the answer the
 *	          connection carries what is meant for the destination.  When a
 *	          server was started too, it is told what that one printed.
 *	          "extra": further settings, "k=v;k2=v2", told before those;
 *	          "request": bytes instead of the request; "send": "bytewise"
 *	          lets 10 ms pass between any two bytes, and 300 ms between a
 *	          block and the request; "slow" spreads a block over 1.5 s;
 *	          "until": the listener whose first caller ends the session,
 *	          answered or not (a transport that shakes hands never is).  A
 *	          connection that was refused stays, so that one sees when the
 *	          transport closes it.
 *	          Skipped when SOCKS4 cannot ask for an IPv6 "dest", and when
 *	          no parent would use the transport: it has no such method,
 *	          printed a fatal line, chose a version that was
 *	          not offered, or did not say PROXY DONE to a proxy
 *	pump      send "bytes" (how many) of a known pattern on every connection
 *	          "on", and check what comes out at those "to", which are
 *	          matched by what they get; "both": true: the other way, too.
 *	          Waits for all of it, or an end, or until nothing came for the
 *	          "limit" ("connect").  The trace has the outcome, not the bytes
 *	send      "on": name (all connections of a NAME), "bytes"
 *	recv      "on": name, "count": bytes; waits until each has so many or
 *	          ended.  "limit": "connect"
 *	listen    "at": address, "as": name; accepts and records.  "full": true
 *	          lets callers wait: the queue of the listener is full, and
 *	          the kernel leaves them unanswered until "resume" on the name;
 *	          they try again after a second
 *	proxy     be an upstream proxy "at" an address, "as": name, "kind":
 *	          "socks5" | "socks4a" | "http".  With "user" (and "password",
 *	          may be absent) it demands them.  What is granted it plays
 *	          itself: the connection NAME#I then carries what was meant for
 *	          the destination.  "split": true sends each byte of a reply by
 *	          itself.  "does": "serve" (default), "fail" ("code": the REP,
 *	          CD or HTTP status), "no-method", "bad-auth", "garbage",
 *	          "stall-greeting", "stall-request", "close-greeting",
 *	          "close-request", "reset-greeting", "reset-request" (once that
 *	          message is there), "drop" (grants, resets at the first byte),
 *	          "bound-v6", "bound-name" (grants with such an address),
 *	          "glue" (data right behind the reply)
 *	extor     be an Extended ORPort "at" an address, "as": name, with the
 *	          cookie "cookie" (32 bytes; default: of ${cookie}); NAME#I then
 *	          carries what was tunnelled.  "does": "serve" (default),
 *	          "some-types" (others beside SAFE_COOKIE), "all-types" (all 255),
 *	          "deny", "no-type", "wrong-hash", "refuse-hash", "unknown"
 *	          (commands that nobody knows before OKAY), "body" (one of
 *	          OKAY), "glue" (data right behind OKAY), "never" (no answer to
 *	          DONE), or "stall-STAGE", "close-STAGE", "reset-STAGE" with
 *	          STAGE one of types, nonce, hash, command, done.  Every second
 *	          connection gets another "no-type" (an empty list, not type
 *	          2), "wrong-hash" (the last bit, not the first) and
 *	          "refuse-hash" (status 2, not 0).  "split": true as above.  The
 *	          file ${cookie} is made here when the launch names it and it is
 *	          not there; its key is ${marker}-cookie-key-
 *	file      make a file "at" a path below ${work}, with its directories,
 *	          "bytes" in it
 *	garble    change every file "below" a path: "how": "empty", "cut"
 *	          (to half), "flip" (each byte)
 *	write     "bytes" to stdin, "times": repetitions; never blocks
 *	close     "what": "stdin", "stdout", "stderr" (our ends), a connection
 *	          or listener name.  "how": "fin", or for a connection "rst" (it
 *	          ends with a reset) or "half" (nothing more is sent; and from
 *	          then on what the transport ends stays open for sending, in
 *	          all connections)
 *	stall     stop reading "on" a name: "output" (stdout and stderr, the
 *	          default) or connections;   resume   read again
 *	signal    "signal": "TERM", ..., "to": "pt" (default) or "parent"
 *	pause     "ms": a stimulus at a point in time; not for waiting
 *	wait      until the PT exits ("limit": "exit"), or until "for":
 *	          "accept" on "on" ("limit": "connect"), or "fds": the PT has
 *	          not more descriptors than in the snapshot "on" (in the limit
 *	          "window")
 *	window    a window of absence, "limit": "window", or of "ms" (not 0) where it
 *	          only has to tell work from rest; ends when the PT does
 *	ports     "left": how many ephemeral ports the namespace still has;
 *	          -1: all again (needs the sandbox)
 *	stop      end of the case, not judged: close stdin, give it half a
 *	          second
 *
 * A waiting step may name another "limit": "init" | "exit" | "graceful" |
 * "connect" | "orphan"; those said here are the defaults.  A name ("as") is
 * of [a-z0-9_-]+ and given once; "on" and "close" take names of earlier steps.
 *
 * Default steps, "the session": start, expect answer, settle, snapshot
 * sockets as "running", connect to methods as "probe", close stdin, wait for
 * the exit with limit "graceful".
 *
 * Whatever the steps, every launch ends with: stdin closed, SIGTERM and
 * SIGKILL to what is left, each 200 ms behind the one before, both
 * streams drained to their end, a snapshot "after" of sockets and processes,
 * and an orphan event for each process that was still there after the PT had
 * exited by itself (given 250 ms to follow).
 */
#ifndef PTCHECK_CASE_CASE_H
#define PTCHECK_CASE_CASE_H

#include "harness/base/arena.h"
#include "harness/base/err.h"
#include "harness/case/format/step.h"
#include "harness/case/target.h"
#include "harness/trace/trace.h"

/* System calls of the PT that are to fail, see above. */
#define INJECT_MAX 4
struct inject {
	enum inject_call call;
	struct span below; /* absent: anywhere */
	int error;
	int64_t skip, times;
};

/* The state directory as a file system of its own. */
struct disk {
	bool own;
	int64_t bytes, files; /* room for so much; 0: no limit */
};

/* One launch, complete: the worker needs nothing else. */
struct plan {
	struct trace_head head; /* all values expanded */
	/* T, and how its other role is started; without a peer: empty */
	const struct target_transport *transport;
	struct strings peer_argv;
	struct pairs peer_env;
	bool has_peer;
	bool helper; /* of a role that nobody asked for: it is a means to
				fill server_args, and is not judged */
	enum stdin_kind stdin_kind;
	bool parent_init;
	struct step *steps;
	size_t nsteps;
	struct span work;    /* ${work} */
	struct span state;   /* ${state} */
	int64_t natural_ms;  /* the windows that it needs by nature */
	int64_t patience_ms; /* what it waits at most besides for things that
				a working transport may leave out: the limits
				but "init" and "connect" */
	int64_t nofile;	     /* 0: that of ptcheck */
	bool narrow;	     /* pipes */
	struct disk disk;
	struct inject inject[INJECT_MAX];
	size_t ninject;
	struct pairs settings; /* what a client of T must be told */
};

/* Why a case was not launched; requirements without any trace take their
 * verdict from it: `feature` gives na, else inconclusive. */
struct skip {
	struct span id; /* as that of the launch; without variant when
				   the target has no transport in the role */
	struct strings aims;
	bool feature; /* something the target does not offer */
	struct span reason;
};

/* What planning has to know; all of it is decided before. */
struct plan_env {
	const struct target *target;
	struct strings argv; /* the target's command line */
	enum profile profile;
	struct limits limits;
	uint64_t seed;
	bool sandbox;
	struct span sandbox_why;
	bool probing; /* only cases with "probe", else others */
	bool speaks_1[2], speaks_2[2]; /* by role, from the probes */
	bool flags[2];
	/* What the client announces, as far as probes know. */
	bool socks5, socks4;
	/* Which roles to launch.  For clients alone the probe "args" is
	 * launched as well where they must be told what it finds out. */
	bool role[2];
	/* ARGS that a server printed in a probe, by transport; for clients
	 * whose settings come from there. */
	struct pairs server_args;
	struct span work_root; /* ${work} in the sandbox; without it
					   ${work} is WORK_ROOT/N */
	size_t first;	       /* the first N, less one */
	const char *(*port)(void *ctx, struct span name, struct arena *a);
	void *port_ctx; /* one fresh ctx per launch: see below */
	void (*port_reset)(
		void *ctx); /* called before each launch's planning */
	/* Does the selection want this case?  NULL: all. */
	bool (*wanted)(void *ctx, const struct strings *aims);
	void *wanted_ctx;
};

struct cases {
	struct arena arena;
	struct case_def **v;
	size_t n, cap;
};

/*
 * Parse one file's text into @c (appending).  Ids must be unique over all.
 * After an error @c may hold some of the file's cases.
 */
int cases_parse(struct cases *c, struct span text, const char *name,
		struct err *e);
/* The case files built into the program. */
int cases_builtin(struct cases *c, struct err *e);
void cases_fini(struct cases *c);
/* Tell of each case that aims at the requirement, in the order of the files. */
void cases_aiming(const struct cases *c, const char *req,
		  void (*tell)(void *ctx, struct span id, struct span title),
		  void *ctx);

struct plans {
	struct plan *v;
	size_t n, cap;
	struct skip *skips;
	size_t nskips, skips_cap;
};

/*
 * Expand all cases, in the order of the files, client before server; fails
 * only on a template that cannot be expanded.  The plans live in @a and point
 * into target and env as well, but not into @c.
 *
 * A case that is not for the profile, for no wanted role, not wanted() or of
 * the other kind (probe or not) leaves no trace at all.
 */
int cases_plan(const struct cases *c, const struct plan_env *env,
	       struct arena *a, struct plans *out, struct err *e);

#endif
