/*
 * ptparent.h - libptparent: the parent process of pluggable transports.
 *
 * A parent starts a transport, learns from it where its methods listen, uses
 * them and ends it (PT 2.0 section 3.3, PT 1.0).  Three layers, each usable
 * without the one above it:
 *
 *   session   what a parent knows and does, without I/O and without a clock
 *   process   a session with a process under it, for any event loop
 *   streams   SOCKS to a PT client, the Extended ORPort for a PT server
 *
 * All of it fails closed: while anything forbids to use the transport there
 * is no method to be had.
 *
 * Common rules.  Nothing here blocks, but where it says so.  Nothing is
 * thread-safe: one object belongs to one thread, and a process belongs to the
 * thread that made it, which must live as long (the kernel ends the transport
 * with the thread).  Texts are UTF-8 or bytes as they came; what came from a
 * transport can be anything, so show it with ptp_printable().  Functions
 * return 0, or -1 with @err filled in; @err may be NULL.  When there is no
 * memory the program is aborted.  Times are microseconds of CLOCK_MONOTONIC.
 *
 * cc app.c $(pkg-config --cflags --libs ptparent)
 */
#ifndef PTPARENT_H
#define PTPARENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong, in one line without line end. */
struct ptp_error {
	char text[512];
};

/* ------------------------------------------------------------ settings -- */

/* A list of keys and values: options of a server, settings of a bridge. */
struct ptp_pair {
	const char *key, *value;
};

struct ptp_pairs {
	const struct ptp_pair *v;
	size_t n;
};

enum ptp_role { PTP_CLIENT, PTP_SERVER };

/* Which specifications are offered.  With PTP_SPEC_AUTO the transport chooses,
 * and what the session does next follows its VERSION line. */
enum ptp_spec { PTP_SPEC_AUTO, PTP_SPEC_10, PTP_SPEC_20 };

/* How the transport is told: PT 2.0 knows both (section 3.3.1), PT 1.0 the
 * environment only. */
enum ptp_tell { PTP_TELL_ENV = 1, PTP_TELL_FLAGS = 2, PTP_TELL_BOTH = 3 };

/* The upstream proxy of a client, in plain text: the library encodes it
 * (PT 2.0 section 3.3.1.2, RFC 3986 section 2.1). */
struct ptp_proxy {
	const char *type; /* "socks5", "socks4a" or "http"; NULL: no proxy */
	const char *user, *password; /* NULL: none */
	const char *address;	     /* "127.0.0.1:1080", "[::1]:1080" */
};

/* One transport of a server. */
struct ptp_server {
	const char *name;
	const char *bind; /* "0.0.0.0:443"; NULL: "0.0.0.0:0", a port that
			    the transport chooses */
	struct ptp_pairs options;
};

/*
 * Everything that is pointed at must live as long as what was made of it.
 * Zero is a good value for every field but argv and the transports.
 */
struct ptp_config {
	enum ptp_role role;
	enum ptp_spec spec;
	enum ptp_tell tell; /* 0: PTP_TELL_ENV */

	const char *const *argv; /* NULL behind the last; argv[0] is looked
				    up in $PATH when it has no slash */
	const char *state;	 /* directory, absolute */
	/* Names of variables that the transport may inherit, NULL behind the
	 * last; NULL: PATH, HOME, TMPDIR, LANG, TZ.  TOR_PT_* never are. */
	const char *const *keep;

	/* PTP_CLIENT: the names, at least one. */
	const char *const *transports;
	size_t ntransports;
	struct ptp_proxy proxy;

	/* PTP_SERVER: at least one.  Of orport and extorport one is needed;
	 * extorport needs cookie, the file of its secret. */
	const struct ptp_server *servers;
	size_t nservers;
	const char *orport, *extorport, *cookie;

	/* Microseconds; 0 stands for what is said here. */
	int64_t start_timeout; /* until DONE: 30 s; negative: none */
	int64_t stop_wait;     /* between the rungs of an end: 5 s */
	/* Restarts after an end that was not asked for. */
	bool restart;
	int64_t restart_first; /* 1 s, then twice as long each time ... */
	int64_t restart_cap;   /* ... up to 5 min */
	int64_t restart_calm;  /* a run that was ready for so long begins at
				  restart_first again: 1 min */
};

/* Is that what a parent may tell a transport?  Every name an identifier
 * (PT 2.0 section 3.1), addresses literal, the proxy one that can be told. */
int ptp_config_check(const struct ptp_config *c, struct ptp_error *err);

/*
 * The environment and the words of the command line that tell a transport
 * what @c says: arrays with NULL behind the last, in one block each that
 * free() frees.  @inherited is the environment to take `keep` from.
 */
char **ptp_environment(const struct ptp_config *c, char *const *inherited);
char **ptp_arguments(const struct ptp_config *c);

/* TOR_PT_PROXY for @p, to be freed; NULL without a proxy. */
char *ptp_proxy_uri(const struct ptp_proxy *p);
/*
 * Read a URI as people type it.  The texts of *@out live in *@memory, which
 * free() frees.
 */
int ptp_proxy_parse(const char *uri, struct ptp_proxy *out, char **memory,
		    struct ptp_error *err);

/* ------------------------------------------------------------- session -- */

/* The spelling of each is its name in the JSON of `ptparent --events`.
 * X(enum suffix, "word", what it means) */
#define PTP_EVENTS(X)                                                     \
	/* Things to do, for who drives a session. */                     \
	X(SPAWN, "spawn", "start the process")                            \
	X(CLOSE_STDIN, "close-stdin", "close its standard input")         \
	X(SIGNAL, "signal", "send a signal to the process and its group") \
	/* Things to know. */                                             \
	X(STARTED, "started", "the process runs")                         \
	X(VERSION, "version", "it chose a version")                       \
	X(PROXY, "proxy", "it will use the upstream proxy")               \
	X(METHOD, "method", "a method listens")                           \
	X(METHOD_ERROR, "method-error", "a method could not be made")     \
	X(MISSING, "missing", "it said nothing about a transport")        \
	X(READY, "ready", "the methods may be used from now on")          \
	X(LOG, "log", "a LOG line")                                       \
	X(STATUS, "status", "a STATUS line")                              \
	X(OTHER, "other", "a line that means nothing to a parent")        \
	X(VIOLATION, "violation", "what the specification forbids")       \
	X(FAILED, "failed", "it cannot be used, and is being ended")      \
	X(EXITED, "exited", "the process is no more")                     \
	X(RESTART, "restart", "it will be started again")                 \
	X(STOPPED, "stopped", "nothing more will come")

enum ptp_what {
#define X(id, word, text) PTP_##id,
	PTP_EVENTS(X)
#undef X
};

const char *ptp_what_word(enum ptp_what what);

enum ptp_stream { PTP_STDOUT, PTP_STDERR };

/*
 * One method of a transport (CMETHOD or SMETHOD).  It lives until the process
 * exits or the session is freed.
 */
struct ptp_method {
	const char *name;
	/* "socks5", "socks4", "transparent-TCP", "transparent-UDP", "STUN";
	 * of a server "". */
	const char *protocol;
	const char *address; /* as it was announced */
	struct sockaddr_storage at;
	socklen_t at_len;
	struct ptp_pairs args; /* of a server, decoded */
};

/* Which fields are set depends on `what`; the others are NULL or 0.  Texts
 * hold until the next call with the session. */
struct ptp_event {
	enum ptp_what what;
	int64_t at;	     /* when it became known, as told */
	const char *name;    /* METHOD_ERROR, MISSING: the transport */
	const char *keyword; /* VERSION: the version; FAILED: the keyword of
				the error message, where that was the cause */
	/* METHOD_ERROR, FAILED: what it says, in its own words where it has
	 * any; LOG, STATUS, OTHER, VIOLATION: the whole line, VIOLATION: or
	 * NULL; EXITED: "exited with status 64". */
	const char *text;
	const char *reason; /* VIOLATION: which rule is broken */
	enum ptp_stream on; /* of a line */
	/* Of a line: the offset of its first byte in its stream since the
	 * start of the process. */
	uint64_t offset;
	const struct ptp_method *method; /* METHOD */
	int signal;			 /* SIGNAL */
	int status;			 /* EXITED: as from waitpid(2) */
	int64_t wait;			 /* RESTART: until then */
	unsigned attempt;		 /* STARTED, RESTART: 1 for the first */
};

struct ptp_session;

/* NULL when ptp_config_check() does not hold. */
struct ptp_session *ptp_session_new(const struct ptp_config *c,
				    struct ptp_error *err);
void ptp_session_free(struct ptp_session *s);

/*
 * What happened.  Each call may make events; take them by ptp_session_next().
 * @now never goes back.
 */
void ptp_session_start(struct ptp_session *s, int64_t now);
void ptp_session_spawned(struct ptp_session *s, int64_t now);
/* It could not be: @why is told as FAILED. */
void ptp_session_not_spawned(struct ptp_session *s, int64_t now,
			     const char *why);
void ptp_session_bytes(struct ptp_session *s, int64_t now, enum ptp_stream on,
		       const void *p, size_t n);
void ptp_session_closed(struct ptp_session *s, int64_t now, enum ptp_stream on);
/* Tell the ends of both streams before this, if they can be known. */
void ptp_session_exited(struct ptp_session *s, int64_t now, int status);
/* The time of ptp_session_deadline() has come. */
void ptp_session_time(struct ptp_session *s, int64_t now);
/* It is no longer wanted: the rungs are to close its standard input, SIGTERM,
 * SIGKILL, each when it has not ended stop_wait after the one before
 * (PT 2.0 section 3.3.3). */
void ptp_session_stop(struct ptp_session *s, int64_t now);

/* The next event, in order; false: none.  CLOSE_STDIN, SIGNAL and SPAWN ask
 * for something to be done, and need not be shown. */
bool ptp_session_next(struct ptp_session *s, struct ptp_event *ev);
/* When to call ptp_session_time(), or -1. */
int64_t ptp_session_deadline(const struct ptp_session *s);

bool ptp_session_ready(const struct ptp_session *s);
/* Until READY, after FAILED and after STOPPED there is none: NULL. */
const struct ptp_method *ptp_session_method(const struct ptp_session *s,
					    const char *name);
/* 1 or 2: what settings are told by; 0: not known. */
int ptp_session_version(const struct ptp_session *s);

/* ------------------------------------------------------------- process -- */

struct ptp;

/* Events as they come; what is to be done is done when it is called.  It may
 * call everything but ptp_free(). */
typedef void ptp_event_fn(void *ctx, const struct ptp_event *ev);

/*
 * A session and its process, which is not started yet.  The process is a
 * session leader of its own, gets default signal dispositions, three pipes
 * and nothing else, and dies with the thread that called ptp_start().
 */
struct ptp *ptp_new(const struct ptp_config *c, ptp_event_fn *fn, void *ctx,
		    struct ptp_error *err);
/* Kills what is left of it, and waits for that.  Its dials must have ended or
 * been cancelled before. */
void ptp_free(struct ptp *p);

/* Becomes readable when ptp_step() has something to do, deadlines included. */
int ptp_fd(const struct ptp *p);
/* Do what is due.  Never blocks. */
void ptp_step(struct ptp *p);

void ptp_start(struct ptp *p);
/* STOPPED is told when it has ended. */
void ptp_stop(struct ptp *p);

const struct ptp_session *ptp_session_of(const struct ptp *p);
/* The process id; 0: none runs. */
int ptp_pid(const struct ptp *p);

/*
 * For programs that may be killed: a small process that outlives this one
 * for a moment, to kill the process groups of all transports that it started.
 * Once, early; @err as usual.  Without it only the transport itself is killed
 * by the kernel, not the helpers it may have.
 */
int ptp_guard(struct ptp_error *err);

/* ------------------------------------------------------------- streams -- */

/* A bridge line: TRANSPORT ADDRESS:PORT [FINGERPRINT] [KEY=VALUE ...], with or
 * without "Bridge" in front (tor's manual).  The texts live in `memory`. */
struct ptp_bridge {
	const char *transport;
	const char *address;	 /* literal, brackets for IPv6 */
	const char *fingerprint; /* NULL: none */
	struct ptp_pairs settings;
	void *memory; /* free() frees all of it */
};

int ptp_bridge_parse(const char *line, struct ptp_bridge *out,
		     struct ptp_error *err);
/* The line for clients of a server's @method that can be reached at @address,
 * as people write it; to be freed. */
char *ptp_bridge_line(const struct ptp_method *method, const char *address);

struct ptp_dial;

/* @fd: connected through the transport, the application's bytes come next,
 * non-blocking, the caller's from now on.  -1: it failed, and @why says how.
 * The dial is gone after that. */
typedef void ptp_dial_fn(void *ctx, int fd, const char *why);

/*
 * Open a connection to @address ("192.0.2.3:443", "[2001:db8::1]:443" or
 * "name.example:443") through @method, telling it @settings for this
 * connection.  Settings travel as JSON by method 09 for a transport that
 * chose version 2 (PT 2.0 section 3.3.4), as user name and password for one
 * that chose 1 (PT 1.0 section 3.5); with SOCKS4 as user id.  No byte of the
 * application goes out before the reply of success.  @timeout in
 * microseconds.  NULL: it cannot be told so, or there is no ready method.
 */
struct ptp_dial *ptp_dial(struct ptp *p, const char *transport,
			  const char *address, const struct ptp_pairs *settings,
			  int64_t timeout, ptp_dial_fn *fn, void *ctx,
			  struct ptp_error *err);
/* Give up; @fn is not called. */
void ptp_dial_cancel(struct ptp_dial *d);

struct ptp_extor;

/* One client of a server: @fd is the transport's connection, the client's
 * bytes come next; the caller's from now on.  @address: "192.0.2.7:4141", or
 * "" when the transport did not say; @transport likewise. */
typedef void ptp_extor_fn(void *ctx, int fd, const char *address,
			  const char *transport);

/*
 * Listen as an Extended ORPort (ext-orport-spec) on a free port of
 * 127.0.0.1, with a fresh secret in the file @cookie (mode 0600, replaced).
 */
struct ptp_extor *ptp_extor_new(const char *cookie, ptp_extor_fn *fn, void *ctx,
				struct ptp_error *err);
void ptp_extor_free(struct ptp_extor *x);		  /* removes the file */
const char *ptp_extor_address(const struct ptp_extor *x); /* for extorport */
/* As with a process. */
int ptp_extor_fd(const struct ptp_extor *x);
void ptp_extor_step(struct ptp_extor *x);

/* --------------------------------------------------------------- texts -- */

/* @s as printable ASCII on one line, for a terminal or a log, everything else
 * escaped by a backslash; cut to @size bytes with the NUL.  Returns @dst. */
const char *ptp_printable(char *dst, size_t size, const char *s);

#ifdef __cplusplus
}
#endif

#endif
