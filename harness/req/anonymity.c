/*
 * anonymity.c - Anonymity.
 */
#include "harness/req/judges.h"
#include "harness/req/leaks.h"

static const struct req rows[] = {
	{
		.id = "AN-LOG-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "A PT client does not write client addresses to disk.",
		.observe =
			"F-E2E from app address 127.77.13.9; afterwards search "
			"every file written by the PT (state dir included) and its "
			"redirected stdout/stderr for the address in text forms.",
		.fault = "Access log with peer address.",
		.traps =
			"Use an address that occurs nowhere else; do not enable "
			"unsafe-logging options; config raises to FAIL.",
		.profiles = IN_BOTH,
	},
	{
		.id = "AN-LOG-2",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "fs",
		.dflt = V_WARN,
		.title =
			"A PT server does not write its clients' addresses to disk.",
		.observe =
			"Clients connect from 127.88.14.7, `[::1]` alias and dummy "
			"addresses, with successful and failed handshakes, at "
			"default and most verbose documented *safe* log level; "
			"search IPv4 text, IPv6 compressed/expanded, hex.",
		.fault = "Logs failed handshake with address.",
		.traps =
			"stderr/stdout is not disk unless the PT opened the file "
			"itself: report separately (AN-LOG-3).",
		.profiles = IN_BOTH,
	},
	{
		.id = "AN-LOG-3",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "ipc",
		.dflt = V_INFO,
		.title =
			"Addresses on stdout/stderr may end on the parent's disk.",
		.observe = "Search stdout/stderr.",
		.fault = "LOG lines with client addresses.",
		.traps = "INFO only; USERADDR to the ExtORPort is intended.",
		.profiles = IN_BOTH,
	},
	{
		.id = "AN-LOG-4",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "fs",
		.dflt = V_WARN,
		.title = "Debug logging must scrub too unless explicitly told "
			 "otherwise.",
		.observe = "Documented debug level.",
		.fault = "Debug shows addresses.",
		.traps = "An explicit \"unsafe\" switch is consent: skip it.",
		.profiles = IN_BOTH,
	},
	{
		.id = "AN-DNS-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "dns",
		.dflt = V_WARN,
		.title = "No DNS queries except where needed.",
		.observe = "F-NS+F-DNS: client start, idle, connections to IP "
			   "destinations: zero queries.",
		.fault = "Resolves `localhost` or its own host name; reverse "
			 "lookups.",
		.traps =
			"Names configured by the user (target, fronting URL, "
			"CONNECT domain) are \"necessary\" without a proxy. Static "
			"nsswitch lookups in files are not queries.",
		.profiles = IN_BOTH,
		.judge = judge_an_dns_1,
	},
	{
		.id = "AN-DNS-2",
		.level = L_IMPLIED,
		.section = "5, 3.3.1.2",
		.role = "anon",
		.classes = "dns",
		.dflt = V_FAIL,
		.title =
			"With an upstream proxy, names are resolved by the proxy, "
			"not locally.",
		.observe =
			"PX accepted, CONNECT domain `secret-<rnd>.test`: no query "
			"at F-DNS; F-PX gets the name.",
		.fault = "Local lookup, then IP to the proxy.",
		.traps = "SOCKS5 with ATYP 1 after local lookup is the leak; "
			 "refusing domain names is fine.",
		.profiles = IN_BOTH,
		.judge = judge_an_dns_2,
	},
	{
		.id = "AN-DNS-3",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "dns",
		.dflt = V_WARN,
		.title = "No reverse DNS of clients or destinations.",
		.observe = "PTR queries count 0.",
		.fault = "`getnameinfo` for logs.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_an_dns_3,
	},
	{
		.id = "AN-FC-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title = "The upstream proxy setting fails closed.",
		.observe = "PX-CLOSED-1..3, PX-USE-1..2 combined.",
		.fault = "as there.",
		.traps = "as there.",
		.profiles = IN_BOTH,
		.judge = judge_an_fc_1,
	},
	{
		.id = "AN-FC-2",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title =
			"A malformed or refused proxy setting never results in "
			"direct service.",
		.observe =
			"Invalid URI: process gone (69), no listener, no packet.",
		.fault = "Warns and goes direct.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_an_fc_2,
	},
	{
		.id = "AN-CONF-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "fs,ipc",
		.dflt = V_WARN,
		.title =
			"A client keeps server details (address, port, secrets) "
			"confidential where the transport depends on it.",
		.observe =
			"Search client's files and stdout for the PT server address "
			"and per-connection secret values.",
		.fault =
			"Logs \"connecting to 203.0.113.5:443 with password\".",
		.traps =
			"Caching in the state directory can be a feature: WARN; "
			"process arguments visible to others if passed by flag are "
			"the parent's choice.",
		.profiles = IN_BOTH,
	},
	{
		.id = "AN-CONF-2",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "ipc,fs",
		.dflt = V_WARN,
		.title = "Payload is not logged.",
		.observe = "Payload marker absent from all outputs/files.",
		.fault = "Hex dump at debug.",
		.traps = "none.",
		.profiles = IN_BOTH,
	},
	{
		.id = "AN-NET-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "anon",
		.classes = "pcap",
		.dflt = V_WARN,
		.title =
			"No unexpected traffic (update checks, telemetry, NTP, "
			"mDNS, multicast).",
		.observe = "F-NS capture idle 60 s and under load.",
		.fault = "Phones home.",
		.traps = "IPv6 neighbour discovery, ARP are kernel traffic; "
			 "transports needing a broker declare it.",
		.profiles = IN_BOTH,
		.judge = judge_an_net_1,
	},
};

const struct req_area req_area_anonymity = {
	.name = "anonymity",
	.title = "Anonymity",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
