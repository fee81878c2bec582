/*
 * ptref: the reference pluggable transport, client and server.
 *
 * The order of things follows PT 2.0 section 3.3.2: negotiate the version,
 * say so, check the whole configuration, then the upstream proxy, then start
 * the transports, say that this is done, and serve until told to end. One
 * process, one poll(); other threads do nothing but look names up.
 *
 * All of it is a dispatcher (section 4.1) over the Transports API in
 * pt_transport.h: what a transport does to the traffic is in its own file.
 *
 *   base        bytes, addresses, errors, the loop
 *   config      what the parent wants: settings, versions, lists, the state
 *   ipc         lines to the parent, and signals from it
 *   protocols   dialogues without I/O: SOCKS, upstream proxies, the Extended
 *               ORPort
 *   net         listening, dialling, tunnels
 *   udp         datagrams in tunnels
 *   transports  what the traffic is turned into
 *   faults      which rule is broken on request, and what only that needs
 */
#include "fake-transports/ptref.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "fake-transports/config/state.h"
#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/faults/files.h"
#include "fake-transports/faults/datagrams.h"
#include "fake-transports/faults/session.h"
#include "fake-transports/ipc/signals.h"

#define PTREF_VERSION "0.1"
#define PARENT_CHECK_MS 500

static const char usage[] =
	"Usage: ptref [FLAG...]\n"
	"Pluggable transport with the transports ident and veil. Takes its\n"
	"configuration from TOR_PT_ variables; a flag overrides its variable:\n"
	"  -ptversion LIST -state DIR -exit-on-stdin-close -transports LIST\n"
	"  client: -client -proxy URI -target ADDRESS\n"
	"          -options STRING (settings, in modes without SOCKS)\n"
	"  server: -server -options STRING -bindaddr LIST -orport ADDRESS\n"
	"          -extorport ADDRESS -authcookie FILE\n"
	"  both: -mode socks5|socks4|transparent-TCP|transparent-UDP|STUN\n"
	"        (socks4: version 1 only; the others: version 2 only)\n"
	"        -udp-idle SECONDS, after which a connection for datagrams\n"
	"        that carries none is closed (120)\n"
	"Options are TRANSPORT:KEY=VALUE with semicolons between; a backslash\n"
	"stands before \":\", \";\", \"=\" and itself.\n"
	"Other:\n"
	"  --fault NAME    break one rule on purpose\n"
	"  --list-faults   print all faults as JSON and exit\n"
	"  --help, --version\n";

/* Takes --fault and its value out of argv; may exit. */
static int take_own_options(int argc, char **argv)
{
	int kept = 1;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			fputs(usage, stdout);
			exit(0);
		} else if (strcmp(argv[i], "--version") == 0) {
			puts("ptref " PTREF_VERSION);
			exit(0);
		} else if (strcmp(argv[i], "--list-faults") == 0) {
			fault_list(stdout);
			exit(0);
		} else if (strcmp(argv[i], "--fault") == 0) {
			const char *name = i + 1 < argc ? argv[++i] : "";

			if (!fault_select(name)) {
				fprintf(stderr,
					"ptref: unknown fault \"%s\"; "
					"see --list-faults\n",
					name);
				exit(2);
			}
		} else {
			argv[kept++] = argv[i];
		}
	}
	argv[kept] = NULL;
	return kept;
}

FAULT(FEW_FDS_SILENT, "few-fds-silent",
      "exits without a word when there are fewer than 16 descriptors",
      "HY-NOFILE-1", "");
static void set_limits(void)
{
	struct rlimit files;
	struct rlimit no_core = { 0, 0 };

	/* Crashes here are faults on request: nobody wants the dump. */
	setrlimit(RLIMIT_CORE, &no_core);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
		if (files.rlim_max < 16 && fault_is(F_FEW_FDS_SILENT))
			_exit(1);
	}
}

static void negotiate(struct pt *pt)
{
	struct version v;

	switch (config_negotiate(&pt->cfg, &v)) {
	case NEGO_OK:
		ipc_version(&pt->ipc, &v);
		break;
	case NEGO_MISSING:
		ipc_env_error(&pt->ipc, "no TOR_PT_MANAGED_TRANSPORT_VER and "
					"no -ptversion");
	case NEGO_NO_VERSION:
		ipc_version_error(&pt->ipc);
	}
}

static void idle(void)
{
	for (;;) {
		pause();
		if (signals_stop())
			exit(EX_OK);
	}
}

FAULT(NO_ROLE_IDLE, "no-role-idle",
      "with no role configured prints VERSION and idles", "GEN-ROLE-2", "");
FAULT(NO_VALIDATION, "no-validation", "does not check the configuration",
      "ENVERR-VAL-1", ANY_ENV_ERROR);
static void check(struct pt *pt)
{
	struct err e;

	if (pt->cfg.role == ROLE_NONE) {
		if (fault_is(F_NO_ROLE_IDLE))
			idle();
		ipc_env_error(&pt->ipc, "neither TOR_PT_CLIENT_TRANSPORTS nor "
					"TOR_PT_SERVER_TRANSPORTS is set");
	}
	if (!config_validate(&pt->cfg, &e) && !fault_is(F_NO_VALIDATION))
		ipc_env_error(&pt->ipc, e.text);
}

FAULT(SERVER_CHECKS_PROXY, "server-checks-proxy",
      "a server refuses to run with a proxy configured", "PX-SRV-1",
      "SM-ROLE-1");
FAULT(EMPTY_PROXY_ERROR, "empty-proxy-error",
      "takes an empty proxy variable for a malformed proxy", "CFG-EMPTY-1",
      "PX-NONE-1");
FAULT(PROXY_MALFORMED_DIRECT, "proxy-malformed-direct",
      "warns of a bad proxy and does without it", "AN-FC-2",
      "PX-ANS-1 PX-MALF-1 PX-SCHEME-1 PX-HOST-1 PX-AUTH-3");
static void load_proxy(struct pt *pt)
{
	const struct setting *s = &pt->cfg.set[PARAM_PROXY];
	struct err e;

	if (pt->cfg.role == ROLE_SERVER) {
		if (setting_given(s) && fault_is(F_SERVER_CHECKS_PROXY))
			ipc_proxy_error(&pt->ipc, "not for servers");
		return;
	}
	if (s->text && !s->text[0] && fault_is(F_EMPTY_PROXY_ERROR))
		ipc_proxy_error(&pt->ipc, "the proxy is empty");
	if (!setting_given(s))
		return;
	pt->has_proxy = proxy_parse(s->text, &pt->proxy, &e);
	if (!pt->has_proxy && fault_is(F_PROXY_MALFORMED_DIRECT))
		fprintf(stderr, "ptref: warning: %s\n", e.text);
	else if (!pt->has_proxy)
		ipc_proxy_error(&pt->ipc, e.text);
}

FAULT(EXTOR_FAR_SILENT, "extor-far-silent",
      "does not warn of an extended port on another host", "EXT-WARN-1", "");
/* Extended ORPort, section 4: that protocol protects nothing. */
static void warn_of_far_extorport(const struct config *c)
{
	char at[ADDR_TEXT_MAX];

	if (!c->has_extorport || addr_is_loopback(&c->extorport.ss) ||
	    fault_is(F_EXTOR_FAR_SILENT))
		return;
	addr_format(&c->extorport.ss, at);
	fprintf(stderr,
		"ptref: warning: the Extended ORPort %s is not on this host\n",
		at);
}

FAULT(HOME_NEEDED, "home-needed", "does not start without HOME", "HY-WORLD-1",
      "CFG-* ENV* CM-* SM-*");
FAULT(IPV6_NEEDED, "ipv6-needed", "does not start without IPv6", "HY-WORLD-1",
      "CM-* SM-* ENV*");
FAULT(LOCALHOST_NEEDED, "localhost-needed",
      "does not start where nobody knows localhost", "HY-WORLD-1",
      "CM-* SM-* ENV* AN-DNS-1");
FAULT(LINK_NEEDED, "link-needed", "does not start without a network",
      "HY-WORLD-1", "CM-* SM-* ENV*");
/* What it does without that the machine lacks; NULL: nothing is missing. */
static const char *missing_in_world(void)
{
	if (fault_is(F_HOME_NEEDED) && !getenv("HOME"))
		return "there is no HOME";
	if (fault_is(F_IPV6_NEEDED) && !fault_can_bind_ipv6())
		return "there is no IPv6";
	if (fault_is(F_LOCALHOST_NEEDED) && !fault_knows_localhost())
		return "nobody knows localhost";
	if (fault_is(F_LINK_NEEDED) && !fault_has_link())
		return "there is no network";
	return NULL;
}

FAULT(RESOLVES_SELF, "resolves-self", "looks its host name up at start",
      "AN-DNS-1", "PX-USE-2 AN-FC-1");
FAULT(PHONES_HOME, "phones-home", "asks a time server at start", "AN-NET-1",
      "PX-USE-2 AN-FC-1");
FAULT(KEEPS_ZOMBIE, "keeps-zombie", "does not collect a child that has ended",
      "HY-ZOMBIE-1", "");
FAULT(PROXY_PROBE, "proxy-probe", "connects to the proxy while starting",
      "PX-PROBE-1", "");
FAULT(PROXY_DONE_ALWAYS, "proxy-done-always",
      "prints PROXY DONE without a proxy", "PX-NONE-1", "CFG-EMPTY-1");
FAULT(ORPORT_DIALS_EARLY, "orport-dials-early",
      "connects to the ORPort while starting", "OR-LAZY-1",
      "OR-FWD-1 EXT-AUTH-12 EXT-FAIL-1 HY-RESET-1");
static void serve_role(struct pt *pt)
{
	struct err e;

	load_proxy(pt);
	if (missing_in_world())
		ipc_env_error(&pt->ipc, missing_in_world());
	if (fault_is(F_RESOLVES_SELF))
		fault_resolve_self();
	if (fault_is(F_PHONES_HOME))
		fault_ask_time_server();
	warn_of_far_extorport(&pt->cfg);
	if (!state_write(&pt->cfg.set[PARAM_STATE], pt->cfg.role, &e))
		ipc_env_error(&pt->ipc, e.text);
	fault_leave_files();
	if (fault_is(F_KEEPS_ZOMBIE))
		fault_leave_zombie();
	if (pt->has_proxy && fault_is(F_PROXY_PROBE))
		fault_connect(&pt->proxy.at);
	if (pt->has_proxy ||
	    (pt->cfg.role == ROLE_CLIENT && fault_is(F_PROXY_DONE_ALWAYS)))
		ipc_proxy_done(&pt->ipc);
	if (pt->cfg.has_orport && fault_is(F_ORPORT_DIALS_EARLY))
		fault_connect(&pt->cfg.orport);
	methods_start(pt);
}

FAULT(CLIENT_SLOW_START, "client-slow-start",
      "a client waits two minutes for the network before it starts",
      "CM-TIME-1", NO_CLIENT " PX-* MSG-*");
FAULT(SIGTERM_EARLY_SURVIVOR, "sigterm-early-survivor",
      "starts slowly, and SIGTERM meanwhile leaves a helper behind",
      "SD-TERM-3", "SD-STDIN-9 SD-STDIN-11 SD-CLEAN-1 MSG-VERERR-5 HY-CHILD-1");
FAULT(STDIN_EARLY_EOF_MISSED, "stdin-early-eof-missed",
      "starts slowly and misses an end of stdin before its DONE line",
      "SD-STDIN-9", "HY-STDIN-1");
/* The faults that need time between VERSION and the rest. */
static void start_slowly(struct pt *pt)
{
	if (fault_is(F_CLIENT_SLOW_START) && pt->cfg.role == ROLE_CLIENT)
		fault_sleep(120000);
	if (fault_is(F_SIGTERM_EARLY_SURVIVOR))
		fault_start_with_helper();
	if (fault_is(F_STDIN_EARLY_EOF_MISSED)) {
		fault_sleep(300);
		pt->stdin_missed = fault_stdin_at_end();
	}
}

FAULT(BOTH_ROLES, "both-roles",
      "serves both roles when both transport lists are set", "GEN-ROLE-1",
      "CM-ROLE-1 SM-ROLE-1");
FAULT(BOTH_ROLES_SERVER, "both-roles-server",
      "is a server, without a word, when both transport lists are set",
      "GEN-ROLE-1", "");
FAULT(PROXY_ERROR_NO_VERSION, "proxy-error-no-version",
      "prints PROXY-ERROR without any VERSION", "PX-AFTERVER-1",
      "MSG-VER-1 MSG-VER-3 PX-ERR-3");
FAULT(ENV_ERROR_NO_VERSION, "env-error-no-version",
      "checks the configuration before VERSION", "ENVERR-AFTERVER-1",
      "MSG-VER-1 MSG-VER-3");
FAULT(STDIN_EARLY_HANG, "stdin-early-hang",
      "hangs when stdin ends before VERSION, where that means the end",
      "HY-STDIN-1", "SD-STDIN-9");
static void start_up(struct pt *pt, int argc, char **argv)
{
	struct err e;

	if (!config_load(&pt->cfg, ROLE_NONE, argc, argv, &e))
		ipc_env_error(&pt->ipc, e.text);
	if (pt->cfg.role == ROLE_BOTH && fault_is(F_BOTH_ROLES_SERVER))
		config_load(&pt->cfg, ROLE_SERVER, argc, argv, &e);
	pt->ipc.role = pt->cfg.role;
	pt->ipc.protocol = mode_name(pt->cfg.mode);
	if (pt->cfg.role == ROLE_BOTH && !fault_is(F_BOTH_ROLES))
		ipc_env_error(&pt->ipc, "both TOR_PT_CLIENT_TRANSPORTS and "
					"TOR_PT_SERVER_TRANSPORTS are set");
	if (fault_is(F_PROXY_ERROR_NO_VERSION))
		load_proxy(pt);
	if (fault_is(F_ENV_ERROR_NO_VERSION))
		check(pt);
	if (fault_is(F_STDIN_EARLY_HANG) && pt->cfg.exit_on_eof &&
	    fault_stdin_at_end())
		fault_sleep(60000);
	negotiate(pt);
	start_slowly(pt);
	if (pt->cfg.role == ROLE_BOTH) {
		config_load(&pt->cfg, ROLE_CLIENT, argc, argv, &e);
		pt->ipc.role = ROLE_CLIENT;
		check(pt);
		serve_role(pt);
		config_load(&pt->cfg, ROLE_SERVER, argc, argv, &e);
		pt->ipc.role = ROLE_SERVER;
	}
	check(pt);
	serve_role(pt);
}

/* ---- the end ---- */

enum cause {
	CAUSE_NONE,
	CAUSE_STDIN,
	CAUSE_SIGNAL,
	CAUSE_PARENT,
};

struct life {
	struct pt *pt;
	pid_t parent;
	int64_t started, orphaned_at;
	bool stdin_ended, stdin_spoke;
};

FAULT(STDIN_DATA_EXITS, "stdin-data-exits", "takes data on stdin for its end",
      "SD-STDIN-7", "SD-STDIN-2");
FAULT(STDIN_DATA_DEAFENS, "stdin-data-deafens",
      "does not look at stdin any more once data came", "SD-STDIN-5",
      "SD-STDIN-2 HY-STDIN-1 SD-STDIN-7");
/* Whatever a parent sends is read and thrown away; only the end counts. */
static void on_stdin(struct watch *w, short revents)
{
	struct life *life = w->arg;
	char waste[65536];
	ssize_t n = read(STDIN_FILENO, waste, sizeof(waste));

	(void)revents;
	life->stdin_spoke |= n > 0;
	if (n > 0 && fault_is(F_STDIN_DATA_DEAFENS))
		loop_del(w);
	if (n > 0 && !fault_is(F_STDIN_DATA_EXITS))
		return;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* An error (a write-only descriptor, say) is no end. */
	life->stdin_ended = n >= 0;
	loop_del(w);
}

FAULT(STDIN_EOF_IGNORED, "stdin-eof-ignored",
      "never notices that stdin was closed", "SD-STDIN-5",
      "SD-STDIN-* SD-STATUS-1 SD-CLEAN-1 SD-STATE-1 CFG-OVR-STDIN-1 "
      "CT-ALLUNK-1 SVT-ALLUNK-1 SD-PARENT-1 HY-STDIN-1 SK-REP-4");
FAULT(STDIN_DATA_MEANS_END, "stdin-data-means-end",
      "ends when stdin does, without the variable, if there was data before",
      "SD-STDIN-7", "SD-STDIN-2");
FAULT(STDIN_DRAIN_FOREVER, "stdin-drain-forever",
      "after stdin closed waits until the last connection has ended",
      "SD-STDIN-10", "HY-STDIN-1");
FAULT(SIGTERM_DRAIN_FOREVER, "sigterm-drain-forever",
      "after SIGTERM waits until the last connection has ended", "SD-TERM-4",
      "");
FAULT(PARENT_PID1_EXITS, "parent-pid1-exits",
      "exits if its parent has process id 1", "SD-PARENT-2", "*");
FAULT(PARENT_DEATH_IGNORED, "parent-death-ignored",
      "lives on for a minute after its parent died", "SD-PARENT-1", "");
FAULT(PARENT_DEATH_BY_PID1, "parent-death-by-pid1",
      "notices that its parent died only where process 1 adopts it",
      "SD-PARENT-1", "");
FAULT(STDIN_LEAVES_WORKER, "stdin-leaves-worker",
      "leaves a child with the listening ports when stdin closes",
      "SD-STDIN-11", "SD-CLEAN-1 SD-STDIN-9 CFG-OVR-BIND-1 HY-CHILD-1");
FAULT(TERM_LEAVES_WORKER, "term-leaves-worker",
      "leaves a child with the listening ports after SIGTERM", "SD-CLEAN-1",
      "SD-TERM-3 SD-TERM-4 SD-STDIN-11 HY-CHILD-1 SVT-INIT-1");
FAULT(STDIN_EXIT_255, "stdin-exit-255", "exits 255 when stdin closes",
      "SD-STDIN-6 SD-STATUS-1",
      "SD-STDIN-* CFG-OVR-STDIN-1 CT-ALLUNK-1 SVT-ALLUNK-1 SD-CLEAN-1");
FAULT(SIGTERM_EXIT_143, "sigterm-exit-143", "exits 143 on SIGTERM",
      "SD-TERM-2 SD-STATUS-1", "SD-TERM-* SD-CLEAN-1 SD-INT-1");
static enum cause cause_to_end(struct life *life)
{
	struct pt *pt = life->pt;
	int64_t age = pt->loop.now - life->started;
	pid_t parent = getppid();

	if (life->stdin_ended && !fault_is(F_STDIN_EOF_IGNORED) &&
	    !fault_session_deaf(false, age) && !fault_datagrams_deaf(false) &&
	    (pt->cfg.exit_on_eof || fault_stdin_ends(&pt->cfg) ||
	     (life->stdin_spoke && fault_is(F_STDIN_DATA_MEANS_END))) &&
	    !(fault_is(F_STDIN_DRAIN_FOREVER) && pt->conns > 0))
		return CAUSE_STDIN;
	if (signals_stop() && !fault_session_deaf(true, age) &&
	    !fault_datagrams_deaf(true) &&
	    !(fault_is(F_SIGTERM_DRAIN_FOREVER) && pt->conns > 0))
		return CAUSE_SIGNAL;
	if (fault_is(F_PARENT_PID1_EXITS) && parent == 1)
		return CAUSE_PARENT;
	if (parent == life->parent || fault_session_orphaned() ||
	    (fault_is(F_PARENT_DEATH_BY_PID1) && parent != 1))
		return CAUSE_NONE;
	if (fault_is(F_PARENT_DEATH_IGNORED)) {
		if (!life->orphaned_at)
			life->orphaned_at = pt->loop.now;
		if (pt->loop.now - life->orphaned_at < 60000)
			return CAUSE_NONE;
	}
	return CAUSE_PARENT;
}

_Noreturn static void end(struct pt *pt, enum cause cause)
{
	int status = EX_OK;

	state_close(&pt->cfg.set[PARAM_STATE]);
	if (cause == CAUSE_STDIN && fault_is(F_STDIN_LEAVES_WORKER))
		fault_leave_worker();
	if (cause == CAUSE_SIGNAL && fault_is(F_TERM_LEAVES_WORKER))
		fault_leave_worker();
	if (cause == CAUSE_STDIN && fault_is(F_STDIN_EXIT_255))
		status = 255;
	if (cause == CAUSE_SIGNAL && fault_is(F_SIGTERM_EXIT_143))
		status = 143;
	ipc_exit(&pt->ipc, status);
}

FAULT(BUSY_WHEN_IDLE, "busy-when-idle",
      "client spins once its last connection has ended", "HY-IDLE-1",
      "HY-CLOSED-1");
/* How long to wait for events. */
static int poll_timeout(const struct pt *pt)
{
	bool served = pt->listeners && pt->listeners->accepted > 0;

	if (served && pt->conns == 0 && pt->cfg.role == ROLE_CLIENT &&
	    fault_is(F_BUSY_WHEN_IDLE))
		return 0;
	return fault_session_spins() || fault_datagrams_spin()
		       ? 0
		       : PARENT_CHECK_MS;
}

FAULT(STDIN_NULL_EXIT, "stdin-null-exit",
      "exits after its DONE line if stdin was at its end from the start",
      "SD-STDIN-3", "SD-STDIN-4");
FAULT(ZOMBIE_LATER, "zombie-later",
      "starts a child two seconds later, and does not collect it",
      "HY-ZOMBIE-1", "");
static void zombie_later(void)
{
	static int64_t due;

	if (!fault_is(F_ZOMBIE_LATER) || due < 0)
		return;
	due = due ? due : clock_ms() + 2000;
	if (clock_ms() < due)
		return;
	fault_leave_zombie();
	due = -1;
}

static void run(struct life *life)
{
	struct pt *pt = life->pt;
	enum cause cause;

	if (!pt->stdin_missed)
		loop_add(&pt->loop, STDIN_FILENO, POLLIN, on_stdin, life);
	if (fault_is(F_STDIN_NULL_EXIT) && !pt->cfg.exit_on_eof &&
	    fault_stdin_at_end())
		end(pt, CAUSE_NONE);
	signals_block(&pt->loop.open_mask);
	while ((cause = cause_to_end(life)) == CAUSE_NONE) {
		zombie_later();
		loop_once(&pt->loop, poll_timeout(pt));
	}
	end(pt, cause);
}

int main(int argc, char **argv)
{
	static struct pt pt;
	struct life life = { .pt = &pt };

	argc = take_own_options(argc, argv);
	std_fds_fill();
	signals_install();
	life.parent = getppid();
	set_limits();
	pt.loop.now = clock_ms();
	life.started = pt.loop.now;
	start_up(&pt, argc, argv);
	run(&life);
}
