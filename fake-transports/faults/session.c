#include "fake-transports/faults/session.h"

#include <stdio.h>
#include <sys/socket.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/faults/files.h"

/* Of this process: now, and since it started. */
static unsigned sessions_open, sessions_ever;
static bool one_is_half, one_is_full, one_failed;

/* ---- what is told ---- */

FAULT(SESSION_LOGS_APPLICATION, "session-logs-application",
      "a client logs where an application came from once it has a session",
      "AN-LOG-1", "");
FAULT(SESSION_LOGS_CLIENT, "session-logs-client",
      "a server logs where a client came from once it has a session",
      "AN-LOG-2", "");
FAULT(SESSION_TELLS_CLIENT, "session-tells-client",
      "tells on stderr where somebody came from who has a session", "AN-LOG-3",
      "HY-FULL-1");
FAULT(SESSION_LOGS_NAME, "session-logs-name",
      "a client logs the host name of the server that it has a session with",
      "AN-CONF-1", "");
FAULT(SESSION_LOGS_TURNED, "session-logs-turned",
      "a server logs an address of the DNS for where a client came from",
      "AN-LOG-2", "");
FAULT(SESSION_LOGS_EXTOR, "session-logs-extor",
      "a server with an extended port logs where a client came from",
      "AN-LOG-2", "");
FAULT(SESSION_ASKS_LIST, "session-asks-list",
      "a server asks a list in the DNS about each client", "AN-DNS-3",
      "AN-DNS-1 AN-NET-1");
static void tell_of_client(const struct conn *c)
{
	char name[FAULT_TURNED_MAX];

	if (fault_is(F_SESSION_LOGS_EXTOR) &&
	    setting_given(&c->pt->cfg.set[PARAM_EXTORPORT]))
		fault_log_peer(c->pt, &c->peer, "a session of");
	if (c->peer.ss_family != AF_INET)
		return;
	fault_turn(&c->peer, name);
	if (fault_is(F_SESSION_LOGS_TURNED))
		fault_log_line(c->pt, name);
	if (fault_is(F_SESSION_ASKS_LIST))
		fault_look_up(name);
}

FAULT(SESSION_NAMES_SERVER, "session-names-server",
      "a client has a file named after the server that it has a session with",
      "AN-CONF-1", "");
static void tell(const struct conn *c)
{
	bool client = c->listener->role == ROLE_CLIENT;

	if (!client)
		tell_of_client(c);
	if (client && fault_is(F_SESSION_NAMES_SERVER) &&
	    !c->socks.dest.is_name)
		fault_name_file(c->pt, &c->socks.dest.ss);
	if (client ? fault_is(F_SESSION_LOGS_APPLICATION)
		   : fault_is(F_SESSION_LOGS_CLIENT))
		fault_log_peer(c->pt, &c->peer, "a session of");
	if (fault_is(F_SESSION_TELLS_CLIENT))
		fault_tell_peer(&c->peer, "a session of");
	if (client && fault_is(F_SESSION_LOGS_NAME) && c->socks.dest.is_name)
		fault_log_line(c->pt, c->socks.dest.host);
}

/* ---- what is kept ---- */

FAULT(SESSION_LISTENS, "session-listens",
      "a client opens another listener with its first session", "HY-LISTEN-1",
      "");
FAULT(SESSION_LISTENS_EVERYWHERE, "session-listens-everywhere",
      "a client listens to the world from its first session on",
      "HY-LOCAL-1 HY-LISTEN-1", "");
FAULT(SESSION_LISTENS_UDP, "session-listens-udp",
      "a client takes datagrams of anybody from its first session on",
      "HY-LOCAL-1 HY-LISTEN-1", "");
static void open_listener(const struct conn *c)
{
	bool udp = fault_is(F_SESSION_LISTENS_UDP);
	bool all = udp || fault_is(F_SESSION_LISTENS_EVERYWHERE);

	if (c->listener->role == ROLE_CLIENT && sessions_ever == 1 &&
	    (all || fault_is(F_SESSION_LISTENS)))
		fault_listen(udp ? SOCK_DGRAM : SOCK_STREAM, all);
}

FAULT(SESSION_KEEPS_DESCRIPTOR, "session-keeps-descriptor",
      "keeps a descriptor of each session that has ended", "HY-FDS-1", "");
FAULT(SESSION_KEEPS_MEMORY, "session-keeps-memory",
      "keeps a megabyte of each session that has ended", "HY-MEM-2",
      "HY-MEM-1");
FAULT(SESSION_KEEPS_ZOMBIE, "session-keeps-zombie",
      "does not collect the child that each session had", "HY-ZOMBIE-1", "");
void fault_session_ends(const struct conn *c)
{
	(void)c;
	sessions_open--;
	if (fault_is(F_SESSION_KEEPS_DESCRIPTOR))
		fault_leak_descriptor();
	if (fault_is(F_SESSION_KEEPS_ZOMBIE))
		fault_leave_zombie();
	if (fault_is(F_SESSION_KEEPS_MEMORY))
		fault_lose_memory();
}

FAULT(SESSION_CALLS_HOME, "session-calls-home",
      "a client that had a session through its proxy calls somebody else a "
      "second later, and not through it",
      "PX-USE-2 AN-FC-1", "PX-CLOSED-* AN-*");
void fault_session_begins(const struct conn *c)
{
	sessions_open++;
	sessions_ever++;
	tell(c);
	open_listener(c);
	if (fault_is(F_SESSION_CALLS_HOME) && sessions_ever == 1 &&
	    c->listener->role == ROLE_CLIENT && c->pt->has_proxy)
		fault_call_home_later();
}

/* ---- what never came to a session ---- */

static void keep(bool descriptor, bool memory)
{
	if (descriptor)
		fault_leak_descriptor();
	if (memory)
		fault_lose_memory();
}

FAULT(STRANGER_KEEPS_DESCRIPTOR, "stranger-keeps-descriptor",
      "keeps a descriptor of each stranger that it told apart", "HY-FDS-1", "");
FAULT(STRANGER_KEEPS_MEMORY, "stranger-keeps-memory",
      "keeps a megabyte of each stranger that it told apart", "HY-MEM-1", "");
void fault_stranger_ends(void)
{
	keep(fault_is(F_STRANGER_KEEPS_DESCRIPTOR),
	     fault_is(F_STRANGER_KEEPS_MEMORY));
}

FAULT(DOWN_KEEPS_DESCRIPTOR, "down-keeps-descriptor",
      "the server keeps a descriptor of each client that had no destination",
      "HY-FDS-1", "");
FAULT(DOWN_KEEPS_MEMORY, "down-keeps-memory",
      "the server keeps a megabyte of each client that had no destination",
      "HY-MEM-2", "HY-MEM-1");
void fault_destination_fails(void)
{
	keep(fault_is(F_DOWN_KEEPS_DESCRIPTOR), fault_is(F_DOWN_KEEPS_MEMORY));
}

FAULT(SETTINGS_KEEP_DESCRIPTOR, "settings-keep-descriptor",
      "keeps a descriptor of each application that it refuses", "HY-FDS-1", "");
FAULT(SETTINGS_KEEP_MEMORY, "settings-keep-memory",
      "keeps a megabyte of each application that it refuses", "HY-MEM-1", "");
void fault_socks_refused(void)
{
	keep(fault_is(F_SETTINGS_KEEP_DESCRIPTOR),
	     fault_is(F_SETTINGS_KEEP_MEMORY));
}

/* ---- what goes past the proxy ---- */

FAULT(SESSION_DIALS_AROUND, "session-dials-around",
      "a client whose session breaks calls its server past the proxy",
      "PX-CLOSED-3 AN-FC-1", "PX-USE-* AN-*");
void fault_session_broke(const struct conn *c, const struct end *e)
{
	if (fault_is(F_SESSION_DIALS_AROUND) && e == &c->far &&
	    c->listener->role == ROLE_CLIENT && c->pt->has_proxy)
		fault_connect(&c->socks.dest);
}

/* ---- the end ---- */

/* Long after a start that went well. */
#define LATER_MS 1200

FAULT(SESSION_HOLDS_UP_TERM, "session-holds-up-term",
      "after SIGTERM waits until the last session has ended", "SD-TERM-4", "");
FAULT(SESSION_HOLDS_UP_STDIN, "session-holds-up-stdin",
      "after stdin closed waits until the last session has ended",
      "SD-STDIN-10", "HY-STDIN-1");
FAULT(SESSION_LOSES_TERM, "session-loses-term",
      "never notices SIGTERM once it had a session", "SD-TERM-1", "SD-TERM-4");
FAULT(SESSION_LOSES_STDIN, "session-loses-stdin",
      "never notices that stdin was closed once it had a session", "SD-STDIN-5",
      "SD-STDIN-10 HY-STDIN-1 SK-REP-4");
FAULT(SESSION_NONE_LOSES_TERM, "session-none-loses-term",
      "never notices SIGTERM 1.2 s after its start", "SD-TERM-1", "SD-TERM-4");
FAULT(SESSION_NONE_LOSES_STDIN, "session-none-loses-stdin",
      "never notices that stdin was closed 1.2 s after its start", "SD-STDIN-5",
      "SD-* HY-STDIN-1 SK-REP-4 CFG-OVR-STDIN-1");
bool fault_session_deaf(bool term, int64_t age_ms)
{
	if (sessions_open > 0 && (term ? fault_is(F_SESSION_HOLDS_UP_TERM)
				       : fault_is(F_SESSION_HOLDS_UP_STDIN)))
		return true;
	if (sessions_ever > 0 && (term ? fault_is(F_SESSION_LOSES_TERM)
				       : fault_is(F_SESSION_LOSES_STDIN)))
		return true;
	return age_ms > LATER_MS &&
	       (term ? fault_is(F_SESSION_NONE_LOSES_TERM)
		     : fault_is(F_SESSION_NONE_LOSES_STDIN));
}

FAULT(SESSION_KEEPS_ORPHAN, "session-keeps-orphan",
      "lives on when its parent died, until the last session has ended",
      "SD-PARENT-1", "");
bool fault_session_orphaned(void)
{
	return fault_is(F_SESSION_KEEPS_ORPHAN) && sessions_open > 0;
}

/* ---- the processor ---- */

void fault_session_half(bool half)
{
	one_is_half = half;
}

void fault_dial_failed(void)
{
	one_failed = true;
}

void fault_session_full(bool full)
{
	one_is_full = full;
}

FAULT(SESSION_SPINS, "session-spins",
      "spins while one direction of a session has ended", "HY-IDLE-1", "");
FAULT(SESSION_FULL_SPINS, "session-full-spins",
      "spins while nobody takes what a session brings", "HY-IDLE-1", "");
FAULT(SESSION_OVER_SPINS, "session-over-spins",
      "spins once its last session has ended", "HY-IDLE-1", "");
FAULT(DOWN_SPINS, "down-spins", "spins once a destination could not be reached",
      "HY-IDLE-1", "HY-MANY-1");
bool fault_session_spins(void)
{
	bool open = sessions_open > 0;

	return (fault_is(F_SESSION_SPINS) && open && one_is_half) ||
	       (fault_is(F_SESSION_FULL_SPINS) && open && one_is_full) ||
	       (fault_is(F_SESSION_OVER_SPINS) && sessions_ever && !open) ||
	       (fault_is(F_DOWN_SPINS) && one_failed);
}
