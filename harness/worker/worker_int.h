/*
 * worker_int.h - the state of a worker, shared by its files:
 * worker.c (life cycle), record.c (events), inst.c (the transport's process
 * and streams), net.c (connections and listeners), steps.c (the steps).
 */
#ifndef PTCHECK_WORKER_WORKER_INT_H
#define PTCHECK_WORKER_WORKER_INT_H

#include "harness/base/buf.h"
#include "harness/proto/net/addr.h"
#include "harness/proto/session.h"
#include "harness/worker/worker.h"
#include "harness/sys/capture.h"
#include "harness/sys/loop.h"
#include "harness/sys/sandbox.h"
#include "harness/sys/spawn.h"
#include "harness/sys/fswatch.h"

/* What a trace keeps of one stream: bytes, lines and pieces (a transport may
 * write single bytes).  Twice of what the longest answer to our longest list
 * takes; a run keeps some hundred traces in memory. */
#define STREAM_KEEP (320u * 1024u)
#define STREAM_LINES 8192
#define STREAM_PIECES 8192
/* Bytes of one connection that a trace keeps. */
#define CONN_KEEP (64u * 1024u)
/* Connections to one listener that a trace tells of. */
#define ACCEPT_KEEP 200
/* Bytes of a transport's name in the names of connections. */
#define NAME_KEEP 40
/* Instances, connections and listeners of one case. */
#define INST_MAX 2
#define CONN_MAX 300
#define LISTEN_MAX 16
#define METHOD_MAX 32
#define FDS_MAX 8
#define WRITTEN_MAX 64
#define FLOW_MAX 200
#define ASKER_MAX 16
#define VISIBLE_MAX 32
#define CLIENTS_KEEP 64
/* Between two looks at something that tells no event, in µs; and between two
 * bytes of a narrow pipe. */
#define LOOK_US 20000
#define NARROW_US 1000

/* How long streams may stay open behind an exit, and orphans may take to
 * follow their parent, in µs. */
#define LINGER_US 250000
/* How long a worker waits before it calls itself parked, in µs. */
#define PARK_US 50000
/* How long `stop` waits for the exit that nobody judges, in µs; and the end of
 * a launch between closing stdin, SIGTERM and SIGKILL. */
#define STOP_US 500000
#define PRESS_US 200000

struct worker;
struct inst;

/* One of the transport's output streams. */
struct stream {
	struct inst *inst;
	char name[16]; /* "stdout", "2:stderr" */
	bool is_err;
	int fd;			    /* -1: closed */
	struct watch *watch;	    /* NULL: stalled or closed */
	bool narrow;		    /* one byte at a time */
	size_t kept, lines, pieces; /* recorded: bytes, LFs, events */
	int64_t cut;		    /* bytes beyond */
};

/* A launched transport. */
struct inst {
	struct worker *w;
	char pt[8], parent[12], in[12]; /* "pt", "2:pt", ... */
	struct spawn spawn;
	struct watch *report_watch;
	struct spawn_report report;
	bool has_report;
	int stdin_fd; /* our write end; -1: closed or none */
	struct stream stream[2];
	bool peer;  /* the other role */
	bool alive; /* not known to have ended */
	bool parent_alive;
	bool finished; /* ended, and its streams drained */
	bool killed;   /* the harness ends it, at the end */
	bool asked;    /* by SIGTERM, then */
	struct watch *linger;
	struct fswatch *watcher; /* of its file-system calls, or NULL */
	/* What its lines have said so far; and of whichever role: */
	struct session session;
	bool done, method; /* DONE, a method line */
};

struct conn;

/* What a connection first has to say, before it carries what a case sends
 * and awaits.  Called after the bytes were recorded. */
struct talk {
	/* When it is over, c->talk is NULL and c->got counts what was read
	 * behind it. */
	void (*data)(struct conn *c, struct span bytes);
	void (*end)(struct conn *c); /* the peer closed it */
};

struct conn {
	struct worker *w;
	char name[64];
	int fd;
	struct watch *watch;
	size_t kept, got; /* recorded; received behind the talk */
	bool ended;
	bool half, eof; /* one direction: we ended ours, they theirs */
	bool reset;	/* a send has taken the news */
	bool refused;	/* as an application: nothing may be sent any more */
	const struct talk *talk; /* NULL: over, or there is none */
	void *talker;		 /* freed by its fini when the case ends */
	void (*fini)(struct conn *c);
	struct pumped *in; /* it takes part in a pump; or NULL */
};

struct listener {
	struct worker *w;
	const struct step *how; /* to play: a proxy or extor step, or NULL */
	char name[32];
	int fd;
	struct addr addr;
	struct watch *watch;
	unsigned accepted;
	int filler; /* what fills the queue until "resume", or -1 */
};

/* An address that a transport announced. */
struct announced {
	char name[64];
	const struct inst *of;
	struct addr addr;
	bool tcp;	 /* one can connect to it */
	bool client;	 /* as an application, */
	bool socks5;	 /* this way, */
	bool socks4;	 /* or that */
	struct buf args; /* raw */
};

/* The attempts of one connect step, one after the other. */
struct dial {
	bool busy;
	size_t next, n; /* which target is being tried */
	struct announced target[METHOD_MAX];
	const struct step_connect *how;
	int64_t try, tries;
	int fd;
	struct watch *watch;
	char name[64];
};

/* One conversation of the transport with somebody outside. */
struct flow {
	struct addr from, to;
	uint8_t protocol;
};

/* The fake resolver at one address, and those who ask it by TCP. */
struct resolver {
	struct worker *w;
	struct addr at;
	int udp, tcp;
};

struct asker {
	struct worker *w;
	int fd;
	struct watch *watch; /* NULL: this place is free */
	struct buf in;
};

/* The sessions of one socks step, one after the other. */
struct app {
	bool busy;
	const struct step_socks *how;
	int64_t try, tries;
	int fd; /* while it connects */
	struct watch *watch;
	struct announced *to;
	struct conn *conn;
	char name[64];
};

/* One end of a pump: what is still to be sent on a connection, and what has
 * come out of it. */
struct pumped {
	struct conn *c;
	int64_t left, sent; /* bytes to send */
	struct watch *watch;
	int64_t want, got; /* bytes to come */
	int64_t wrong;	   /* offset of the first wrong one, or -1 */
	int64_t seed;	   /* which sender's; -1: not known yet */
	uint8_t head[8];
	bool over; /* the connection ended */
};

struct worker {
	const struct worker_job *job;
	const struct plan *plan;
	struct loop *loop;
	struct watch *signal_watch, *control_watch;
	int signal_fd;
	struct arena arena;
	/* the trace */
	struct buf trace;
	uint32_t nev;
	int64_t children_cpu;
	/* processes */
	struct inst inst[INST_MAX];
	size_t ninst;
	/* network */
	struct conn conn[CONN_MAX];
	size_t nconn;
	struct listener listener[LISTEN_MAX];
	size_t nlistener;
	struct announced announced[METHOD_MAX];
	size_t nannounced;
	struct dial dial;
	struct app app;
	struct pumped *pumped; /* while a pump step is on */
	size_t npumped;
	const struct step_pump *pump;
	int64_t pump_seed; /* of the first of them */
	bool pump_moved;   /* since its deadline was set */
	bool by_half;	   /* the case ends directions one by one */
	int scarce_fd;	   /* holds the last port, or -1 */
	/* snapshots of descriptors, to compare with */
	struct fds_seen {
		size_t step;
		int n;
	} fds[FDS_MAX];
	size_t nfds;
	struct capture capture;
	bool capturing;
	struct flow flow[FLOW_MAX];
	bool bridges; /* it plays an Extended ORPort */
	size_t nflows, nqueries, nclients;
	struct flow visible[VISIBLE_MAX];
	size_t nvisible;
	struct resolver resolver[2];
	size_t nresolvers;
	struct asker asker[ASKER_MAX];
	/* file system */
	const struct fswatch_filter *filter; /* NULL: not watched */
	struct fswatch_inject inject[INJECT_MAX];
	char *written[WRITTEN_MAX]; /* paths that it opened for writing */
	size_t nwritten, ncontents, ntouched;
	/* steps */
	size_t step; /* index of the current one */
	bool waiting, in_check;
	struct watch *deadline, *park, *look, *press;
	bool parked, timed_out;
	bool ending;	/* all steps are done */
	unsigned polls; /* for orphans, that are left */
};

/* --- record.c --- */

void record(struct worker *w, struct event ev);
void record_flush(struct worker *w);
/* rec(w, exit, .what = SPAN("pt"), .code = 1) */
#define rec(w, ...) record((w), EVENT(__VA_ARGS__))

/* --- inst.c --- */

/* Start another instance; records spawn or exec_failed. */
void inst_start(struct worker *w, bool peer);
/* The latest instance, or NULL. */
struct inst *inst_last(struct worker *w);
bool inst_all_finished(const struct worker *w);
void inst_close_stdin(struct inst *in);
void inst_close_stream(struct inst *in, bool err);
void inst_stall(struct inst *in, bool on);
void inst_write(struct inst *in, struct span bytes, int64_t times);
/* A child of the worker was reaped. */
void inst_reaped(struct worker *w, pid_t pid, int status, int64_t cpu_us);
/* End it, one step harsher with each call: stdin is closed, SIGTERM, SIGKILL.
 * The first leaves a kill event.  False: there is nothing more to do. */
bool inst_end(struct inst *in);

/* --- net.c --- */

/* Begin the attempts of a connect step; busy until worker_check() sees it
 * finished. */
void net_connect(struct worker *w, const struct step_connect *st);
void net_connect_stop(struct worker *w, const char *why);
/* Begin one connection, @from an address unless that is absent: 0, or an
 * errno; that is EINPROGRESS until *@fd, or -1, can be written to. */
int net_dial(const struct addr *to, struct span from, int *fd);
/* How that went: an errno. */
int net_dialled(int fd);
void net_send(struct worker *w, struct span on, struct span bytes);
/* Have all connections of that name got @count bytes, or ended? */
bool net_received(const struct worker *w, struct span on, int64_t count);
/* Listen @at an address; @full: callers wait; @how: the proxy or extor step
 * that says what is played, or NULL. */
void net_listen(struct worker *w, struct span at, struct span as, bool full,
		const struct step *how);
bool net_accepted(const struct worker *w, struct span name);
/* Close connections or a listener of that name; @how for the former.  False:
 * there is none. */
bool net_close(struct worker *w, struct span name, enum close_how how);
/* Stop or go on reading connections of that name. */
void net_stall(struct worker *w, struct span name, bool on);
/* Is it, or is it one of, @group: "c" names "c", "c:obfs4" and "c#3"? */
bool net_belongs(const char *name, struct span group);
void net_close_all(struct worker *w);
bool net_is_own(const struct worker *w, const struct addr *a);
/* Take over a connected descriptor; NULL: there are too many. */
struct conn *net_add(struct worker *w, int fd, const char *name);
/* End one, recording it. */
void net_end(struct conn *c, bool reset);
/* Send no more on it, recording that. */
void net_half(struct conn *c);
/* Send what can be sent at once, unrecorded: as send(). */
ssize_t net_put(struct conn *c, const void *bytes, size_t n);
/* Send bytes of the talk, and record them. */
void net_talk(struct conn *c, struct span bytes);

/* --- pump.c --- */

/* Begin a pump step; pump_end() tells the outcome of every connection. */
void pump_start(struct worker *w, const struct step_pump *st);
bool pump_done(const struct worker *w);
void pump_end(struct worker *w);
/* A connection came, or its talk is over: does it take part? */
void pump_join(struct conn *c);
/* Bytes for a connection that takes part in a pump. */
void pump_eat(struct conn *c, struct span bytes);

/* --- play.c --- */

/* A part that the harness plays on an accepted connection. */
struct play {
	struct conn *c;
	bool split;	/* each byte of a reply goes by itself */
	struct buf in;	/* read, and not taken yet */
	struct buf out; /* of the reply that goes out */
	struct watch *drip;
	bool stuck; /* it says no more word */
	/* As far as what was read allows. */
	void (*go_on)(struct play *p);
	/* Some of the reply, or all that was left of it, went out. */
	void (*sent)(struct play *p, struct span piece);
};

/* Begin one, with @size bytes of which the first are a struct play; freed
 * with the connection.  The two functions are still to be set. */
void *play_new(struct conn *c, bool split, size_t size, size_t reply_max);
/* Send what is in @out, in the way of the step. */
void play_reply(struct play *p);
/* Can it not go on now, or never more? */
bool play_waits(const struct play *p);
/* The tunnel is there: the rest is the case's. */
void play_tunnel(struct play *p);

/* --- proxy.c --- */

/* Somebody connected to a listener that plays a proxy. */
void proxy_attach(struct conn *c, const struct step_proxy *how);

/* --- extor.c --- */

/* Before the first of them listens: the file ${cookie}, where it is named;
 * NULL, or why not. */
const char *extor_prepare(struct worker *w);
/* Somebody connected to a listener that plays an Extended ORPort. */
void extor_attach(struct conn *c, const struct step_extor *how);

/* --- app.c --- */

/* Begin the sessions of a socks step; busy until worker_check() sees the
 * last one answered. */
void app_start(struct worker *w, const struct step_socks *st);
void app_stop(struct worker *w, const char *result);

/* --- disk.c: NULL, or why not --- */

/* Make a file, recording it. */
const char *disk_place(struct worker *w, const char *path, struct span bytes);
const char *disk_file(struct worker *w, const struct step_file *st);
const char *disk_garble(struct worker *w, const struct step_garble *st);
/* The state directory as a file system of its own, when the plan says so. */
int disk_mount(struct worker *w, struct err *e);

/* --- wire.c --- */

/* Capture from now on, and be the resolver; or say why not. */
void wire_start(struct worker *w, const struct sandbox_state *s);
void wire_end(struct worker *w);
bool wire_is_resolver(const struct worker *w, const struct addr *a);

/* --- witness.c --- */

/* Before the first start: decide whether the file system is watched. */
void witness_prepare(struct worker *w);
/* An instance was started. */
void witness_start(struct inst *in);
/* All have ended: read what they wrote. */
void witness_end(struct worker *w);

/* --- steps.c --- */

/* Begin steps until one waits or all are done. */
void steps_go(struct worker *w);
/* Does the condition of the current step hold? */
bool step_met(struct worker *w);

/* --- worker.c --- */

/* Something happened: see whether the current step is through. */
void worker_check(struct worker *w);
/* Snapshots, also used by steps. */
void worker_snapshot(struct worker *w, enum snapshot of, const char *as);

#endif
