#include "fake-transports/faults/datagrams.h"

#include <stdio.h>
#include <sys/socket.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/faults/files.h"

/* Since this process started. */
static unsigned connections_ever;

/* ---- what is told ---- */

FAULT(UDP_LOGS_APPLICATION, "udp-logs-application",
      "a client logs where datagrams come from", "AN-LOG-1", "");
FAULT(UDP_LOGS_CLIENT, "udp-logs-client",
      "a server logs where a connection with datagrams comes from", "AN-LOG-2",
      "");
FAULT(UDP_TELLS_SOURCE, "udp-tells-source",
      "tells on stderr where datagrams come from", "AN-LOG-3", "");
FAULT(UDP_LOGS_SERVER, "udp-logs-server",
      "a client logs the address of the server that gets its datagrams",
      "AN-CONF-1", "");
static void tell(const struct pt *pt, const struct sockaddr_storage *from)
{
	bool client = pt->cfg.role == ROLE_CLIENT;

	if (client ? fault_is(F_UDP_LOGS_APPLICATION)
		   : fault_is(F_UDP_LOGS_CLIENT))
		fault_log_peer(pt, from, "datagrams of");
	if (client && fault_is(F_UDP_LOGS_SERVER))
		fault_log_peer(pt, &pt->cfg.target.ss, "datagrams for");
	if (fault_is(F_UDP_TELLS_SOURCE))
		fault_tell_peer(from, "datagrams of");
}

FAULT(UDP_ON_STDOUT, "udp-on-stdout", "shows on stdout what datagrams carry",
      "IPC-STDOUT-1 AN-CONF-2", "IPC-* HY-*");
FAULT(UDP_ON_STDERR, "udp-on-stderr", "shows on stderr what datagrams carry",
      "AN-CONF-2", "HY-*");
void fault_datagram(const uint8_t *p, size_t n)
{
	FILE *to = fault_is(F_UDP_ON_STDOUT)   ? stdout
		   : fault_is(F_UDP_ON_STDERR) ? stderr
					       : NULL;

	if (!to)
		return;
	fwrite(p, 1, n < 256 ? n : 256, to);
	fputc('\n', to);
	fflush(to);
}

/* ---- what is kept ---- */

FAULT(UDP_LISTENS, "udp-listens",
      "a client opens a listener with its first datagram", "HY-LISTEN-1", "");
FAULT(UDP_LISTENS_EVERYWHERE, "udp-listens-everywhere",
      "a client takes datagrams of anybody behind its first one",
      "HY-LOCAL-1 HY-LISTEN-1", "");
void fault_datagrams_begin(const struct pt *pt,
			   const struct sockaddr_storage *from)
{
	bool all = fault_is(F_UDP_LISTENS_EVERYWHERE);

	tell(pt, from);
	if (connections_ever++ == 0 && pt->cfg.role == ROLE_CLIENT &&
	    (all || fault_is(F_UDP_LISTENS)))
		fault_listen(all ? SOCK_DGRAM : SOCK_STREAM, all);
}

FAULT(UDP_KEEPS_DESCRIPTOR, "udp-keeps-descriptor",
      "keeps a descriptor of each connection with datagrams that has ended",
      "HY-FDS-1", "US-T2-R3");
FAULT(UDP_KEEPS_MEMORY, "udp-keeps-memory",
      "keeps a megabyte of each connection with datagrams that has ended",
      "HY-MEM-2", "UC-T1-R2");
FAULT(UDP_KEEPS_ZOMBIE, "udp-keeps-zombie",
      "does not collect the child that each connection with datagrams had",
      "HY-ZOMBIE-1", "");
void fault_datagrams_end(void)
{
	if (fault_is(F_UDP_KEEPS_DESCRIPTOR))
		fault_leak_descriptor();
	if (fault_is(F_UDP_KEEPS_MEMORY))
		fault_lose_memory();
	if (fault_is(F_UDP_KEEPS_ZOMBIE))
		fault_leave_zombie();
}

/* ---- the end ---- */

FAULT(UDP_LOSES_TERM, "udp-loses-term",
      "never notices SIGTERM once datagrams have come", "SD-TERM-1",
      "SD-TERM-4");
FAULT(UDP_LOSES_STDIN, "udp-loses-stdin",
      "never notices that stdin was closed once datagrams have come",
      "SD-STDIN-5", "SD-STDIN-10 HY-STDIN-1 CFG-OVR-STDIN-1");
bool fault_datagrams_deaf(bool term)
{
	return connections_ever > 0 && (term ? fault_is(F_UDP_LOSES_TERM)
					     : fault_is(F_UDP_LOSES_STDIN));
}

/* ---- the processor ---- */

FAULT(UDP_SPINS, "udp-spins", "spins once datagrams have come", "HY-IDLE-1",
      "UC-* US-* STN-*");
bool fault_datagrams_spin(void)
{
	return connections_ever > 0 && fault_is(F_UDP_SPINS);
}
