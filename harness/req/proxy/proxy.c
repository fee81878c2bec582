/*
 * proxy.c - Upstream proxy: the rows.  What a transport says of one is judged
 * in proxy_talk.c, what it does with it in proxy_use.c.
 */
#include "harness/req/proxy/proxy.h"

static const struct req rows[] = {
	{
		.id = "PX-ANS-1",
		.level = L_MUST,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "If a proxy is configured the client answers with "
			 "acceptance or failure.",
		.observe =
			"Valid `socks5://127.0.0.1:<F-PX>`: exactly one of `PROXY "
			"DONE` (stdout) / `PROXY-ERROR` (stderr).",
		.fault = "Says nothing and goes on.",
		.traps = "PROXY-ERROR is legal for any scheme (T-NOMODE).",
		.profiles = IN_BOTH,
		.judge = judge_px_ans_1,
	},
	{
		.id = "PX-FIRST-1",
		.level = L_MUST,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"The proxy setting is validated before any transport is "
			"initialised.",
		.observe =
			"PROXY DONE precedes every CMETHOD on stdout; with tracing, "
			"no SOCKS listener is bound earlier; with an invalid URI no "
			"CMETHOD ever appears.",
		.fault = "CMETHOD lines, then PROXY DONE.",
		.traps = "T-UNKKW between lines.",
		.profiles = IN_BOTH,
		.judge = judge_px_first_1,
	},
	{
		.id = "PX-AFTERVER-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "The proxy answer follows VERSION.",
		.observe =
			"Order on stdout for PROXY DONE; for PROXY-ERROR, VERSION "
			"is on stdout.",
		.fault = "PROXY-ERROR without any VERSION.",
		.traps =
			"Streams have no mutual order: only presence of VERSION is "
			"checkable for PROXY-ERROR.",
		.profiles = IN_BOTH,
		.judge = judge_px_afterver_1,
	},
	{
		.id = "PX-DONE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Acceptance is the line `PROXY DONE` on stdout, once.",
		.observe = "Exact line; count 1.",
		.fault = "`PROXY-DONE`, or on stderr.",
		.traps = "T-CR.",
		.profiles = IN_BOTH,
		.judge = judge_px_done_1,
	},
	{
		.id = "PX-NONE-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Without a proxy configured there is no PROXY line.",
		.observe = "F-C without the variable.",
		.fault = "Always prints PROXY DONE.",
		.traps = "Existing parents merely log it; still, it claims "
			 "acceptance of a proxy nobody configured.",
		.profiles = IN_BOTH,
		.judge = judge_px_none_1,
	},
	{
		.id = "PX-ERR-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Malformed, unsupported or unusable proxies give "
			 "`PROXY-ERROR <message>` on stderr.",
		.observe = "vectors/proxy-uris.json invalid rows.",
		.fault =
			"Writes it on stdout only (as the implementations examined "
			"do).",
		.traps = "AMB-016, T-STDERR.",
		.profiles = IN_BOTH,
		.judge = judge_px_err_1,
	},
	{
		.id = "PX-ERR-2",
		.level = L_MUST,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"PROXY-ERROR is followed by immediate exit with status 69.",
		.observe =
			"Exited 69 within the error limit, stdin still open.",
		.fault = "Exit 1; or stays alive.",
		.traps = "T-WRAP.",
		.profiles = IN_BOTH,
		.judge = judge_px_err_2,
	},
	{
		.id = "PX-ERR-3",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"No CMETHOD or CMETHODS DONE after PROXY-ERROR, and no "
			"listener.",
		.observe = "stdout has only VERSION (plus unknown keywords).",
		.fault = "Prints PROXY-ERROR, then serves without the proxy.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_px_err_3,
	},
	{
		.id = "PX-ERR-4",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_WARN,
		.title = "PROXY-ERROR has a message.",
		.observe = "Non-empty argument.",
		.fault = "Bare keyword.",
		.traps = "Content is free text.",
		.profiles = IN_BOTH,
		.judge = judge_px_err_4,
	},
	{
		.id = "PX-MALF-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2, 3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title =
			"A string that is not a URI of the given form is refused.",
		.observe = "`garbage`, `socks5://`, `socks5://127.0.0.1`, "
			   "`socks5://127.0.0.1:99999`, `://127.0.0.1:1`, "
			   "`socks5://127.0.0.1:port`.",
		.fault = "Accepts and ignores it.",
		.traps =
			"Some implementations answer ENV-ERROR/64 for unparsable "
			"values: WARN (the keyword should be PROXY-ERROR).",
		.profiles = IN_BOTH,
		.judge = judge_px_malf_1,
	},
	{
		.id = "PX-SCHEME-1",
		.level = L_IMPLIED,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "Unknown proxy types are refused.",
		.observe = "`gopher://127.0.0.1:70`, `socks9://...`.",
		.fault = "Treats unknown scheme as direct.",
		.traps =
			"`https`, `socks4`, `socks5h` may be supported by some: "
			"only use impossible schemes for FAIL.",
		.profiles = IN_BOTH,
		.judge = judge_px_scheme_1,
	},
	{
		.id = "PX-USE-1",
		.level = L_MUST,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "net,pcap",
		.dflt = V_FAIL,
		.title =
			"All outgoing network connections go through the accepted "
			"proxy.",
		.observe =
			"F-NS where only the proxy is reachable and capture is on; "
			"after PROXY DONE make connections; every TCP SYN/UDP "
			"packet leaving the PT goes to the proxy; target receives "
			"data via proxy.",
		.fault =
			"Prints PROXY DONE but dials directly (the reference "
			"dispatcher v2.2 behaves so: the proxy dialer is built "
			"after the transport got a direct one).",
		.traps =
			"Loopback traffic with the harness's client app is not "
			"outgoing. Local IPC is not network.",
		.profiles = IN_BOTH,
		.judge = judge_px_use_1,
	},
	{
		.id = "PX-USE-2",
		.level = L_MUST,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title =
			"This holds for every connection, including later ones, "
			"retries and helper traffic (broker, TLS front, update "
			"checks).",
		.observe =
			"20 connections over time, forced reconnects via F-RELAY; "
			"zero direct packets.",
		.fault = "Uses the proxy for the first connection only.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_px_use_2,
	},
	{
		.id = "PX-CLOSED-1",
		.level = L_IMPLIED,
		.section = "5",
		.role = "proxy",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title = "If the proxy is unreachable the connection fails; no "
			 "direct attempt (\"fail closed\").",
		.observe =
			"After PROXY DONE stop F-PX; SOCKS request gets a non-zero "
			"REP or close; capture shows no packet to the target "
			"although it is reachable.",
		.fault = "Falls back to direct dial.",
		.traps =
			"PROXY-ERROR at start because the proxy is down is also "
			"fail-closed.",
		.profiles = IN_BOTH,
		.judge = judge_px_closed_1,
	},
	{
		.id = "PX-CLOSED-2",
		.level = L_IMPLIED,
		.section = "5",
		.role = "proxy",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title =
			"Same when the proxy refuses: authentication failure, no "
			"acceptable method (0xFF), non-zero REP, HTTP 4xx/5xx, "
			"garbage, early close, stall.",
		.observe = "One F-PX script per case.",
		.fault = "Falls back on 0xFF.",
		.traps =
			"Stall: outcome within connect limit, or still pending; "
			"just no direct packet.",
		.profiles = IN_BOTH,
		.judge = judge_px_closed_2,
	},
	{
		.id = "PX-CLOSED-3",
		.level = L_IMPLIED,
		.section = "5",
		.role = "proxy",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title =
			"If the proxy drops an established connection, nothing is "
			"re-sent directly.",
		.observe =
			"F-PX resets mid-stream; next app connection retried via "
			"proxy only.",
		.fault = "Switches to direct after a failure.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_px_closed_3,
	},
	{
		.id = "PX-AUTH-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "net",
		.dflt = V_FAIL,
		.title = "User name and password of the URI are presented to a "
			 "SOCKS5 proxy.",
		.observe =
			"`socks5://tor:test1234@...`: F-PX requires 0x02 and sees "
			"exactly `tor`/`test1234`.",
		.fault = "Drops credentials.",
		.traps = "Offering both 0x00 and 0x02 is fine.",
		.profiles = IN_BOTH,
		.judge = judge_px_auth_1,
	},
	{
		.id = "PX-AUTH-2",
		.level = L_IMPLIED,
		.section = "RFC 3986",
		.role = "proxy",
		.classes = "net",
		.dflt = V_WARN,
		.title = "Percent-encoded octets in credentials are decoded.",
		.observe = "`p%40ss%3Aword` → `p@ss:word` at the proxy.",
		.fault = "Sends the encoded text.",
		.traps = "Tor itself does not encode: accept refusal via "
			 "PROXY-ERROR.",
		.profiles = IN_BOTH,
		.judge = judge_px_auth_2,
	},
	{
		.id = "PX-AUTH-3",
		.level = L_IMPLIED,
		.section = "RFC 1929",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_WARN,
		.title =
			"Credentials longer than 255 bytes cannot be used with "
			"SOCKS5.",
		.observe = "256-byte password → PROXY-ERROR.",
		.fault = "Truncates silently.",
		.traps = "Failing only at connect time: INFO.",
		.profiles = IN_BOTH,
		.judge = judge_px_auth_3,
	},
	{
		.id = "PX-AUTH-4",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "net",
		.dflt = V_WARN,
		.title =
			"A user name without password is acceptable syntax (SOCKS4a "
			"user id, HTTP Basic with empty password).",
		.observe = "`socks4a://bob@...`: USERID `bob` seen.",
		.fault = "Parse failure for missing colon.",
		.traps = "For socks5 many PTs refuse (RFC 1929 wants 1..255): "
			 "PROXY-ERROR is fine.",
		.profiles = IN_BOTH,
		.judge = judge_px_auth_4,
	},
	{
		.id = "PX-S4A-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"`socks4a` proxies get a SOCKS4/4a CONNECT with the right "
			"destination.",
		.observe =
			"F-PX SOCKS4a: VN 4, CD 1, port, IP, USERID NUL, host NUL "
			"when a name is used.",
		.fault = "Speaks SOCKS5 to it.",
		.traps = "T-NOMODE via PROXY-ERROR.",
		.profiles = IN_BOTH,
		.judge = judge_px_s4a_1,
	},
	{
		.id = "PX-HTTP-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"`http` proxies get a CONNECT request; 2xx means go on.",
		.observe = "F-PX HTTP: `CONNECT host:port HTTP/1.x`, optional "
			   "`Proxy-Authorization: Basic`.",
		.fault = "Sends GET; treats 407 as success.",
		.traps =
			"Extra headers, HTTP/1.0 or 1.1, any 2xx; reply split or "
			"with extra bytes after the blank line.",
		.profiles = IN_BOTH,
		.judge = judge_px_http_1,
	},
	{
		.id = "PX-V6-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "net",
		.dflt = V_WARN,
		.title = "A bracketed IPv6 proxy address works.",
		.observe = "`socks5://[::1]:<p>`.",
		.fault = "Splits at the first colon.",
		.traps = "SKIP if the host has no IPv6.",
		.profiles = IN_BOTH,
		.judge = judge_px_v6_1,
	},
	{
		.id = "PX-HOST-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "ipc,dns",
		.dflt = V_WARN,
		.title = "The host part is an IP address, not a name.",
		.observe =
			"`socks5://proxy.test:1080`: expect PROXY-ERROR; if PROXY "
			"DONE, note DNS queries at F-DNS.",
		.fault = "Resolves it with the local resolver.",
		.traps = "AMB-031.",
		.profiles = IN_BOTH,
		.judge = judge_px_host_1,
	},
	{
		.id = "PX-PROBE-1",
		.level = L_MAY,
		.section = "3.3.2.2",
		.role = "proxy",
		.classes = "net",
		.dflt = V_INFO,
		.title =
			"Whether the proxy is contacted during start-up is free.",
		.observe = "Count connections at F-PX before any app traffic.",
		.fault = "none.",
		.traps =
			"A probe connection must not be failed, nor its absence; "
			"F-PX must tolerate connect-and-close.",
		.profiles = IN_BOTH,
		.judge = judge_px_probe_1,
	},
	{
		.id = "PX-SPLIT-1",
		.level = L_IMPLIED,
		.section = "RFC 1928",
		.role = "proxy",
		.classes = "net",
		.dflt = V_FAIL,
		.title =
			"Proxy replies in pieces or with data right behind them are "
			"handled.",
		.observe =
			"F-PX sends its replies one byte per segment; then a "
			"domain-type BND address (ATYP 3) and IPv6 BND.",
		.fault = "Assumes a 10-byte reply in one read.",
		.traps = "none.",
		.profiles = IN_BOTH,
		.judge = judge_px_split_1,
	},
	{
		.id = "PX-OMIT-1",
		.level = L_MUST,
		.section = "3.3.1.2",
		.role = "parent",
		.classes = "parent",
		.dflt = V_WARN,
		.title = "The variable is absent when no proxy is wanted.",
		.observe = "F-PT.",
		.fault = "Parent sets it empty.",
		.traps = "Empty is widely harmless (CFG-EMPTY-1), hence WARN.",
		.profiles = IN_BOTH,
	},
	{
		.id = "PX-FLAG-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "proxy",
		.classes = "ipc",
		.dflt = V_FAIL,
		.title = "`-proxy` equals the variable.",
		.observe = "PX-ANS-1 by flag.",
		.fault = "Flag ignored.",
		.traps = "T-FLAGSYN.",
		.profiles = IN_20,
		.judge = judge_px_flag_1,
	},
	{
		.id = "PX-SRV-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2",
		.role = "pt-server",
		.classes = "ipc",
		.dflt = V_INFO,
		.title = "The proxy setting belongs to clients.",
		.observe = "F-S with TOR_PT_PROXY set: should start normally.",
		.fault = "Server prints PROXY-ERROR and exits.",
		.traps = "Unspecified; INFO.",
		.profiles = IN_BOTH,
		.judge = judge_px_srv_1,
	},
	{
		.id = "PX-UDP-1",
		.level = L_IMPLIED,
		.section = "3.3.1.2, 3.3.5.3",
		.role = "udp-client",
		.classes = "pcap",
		.dflt = V_FAIL,
		.title =
			"In UDP modes the transport's outgoing connections also use "
			"the proxy.",
		.observe = "UDP mode with F-PX; TCP to proxy only.",
		.fault = "UDP mode dials directly.",
		.traps = "T-NOMODE; PROXY-ERROR in that mode is fine.",
		.profiles = IN_BOTH,
	},
};

const struct req_area req_area_proxy = {
	.name = "proxy",
	.title = "Upstream proxy",
	.rows = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
