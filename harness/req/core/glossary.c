/*
 * glossary.c - the codes that the requirements' texts use: fixtures (F-...),
 * traps (T-...) and disputed points (AMB-...).  `ptcheck explain` spells them
 * out below the requirement that names them.
 */
#include "harness/req/core/glossary.h"

const struct glossary_row glossary[] = {
	{ "F-C", "Launch as client: `TOR_PT_MANAGED_TRANSPORT_VER=2`, "
		 "`TOR_PT_STATE_LOCATION=<fresh absolute dir path, not "
		 "created>`, `TOR_PT_EXIT_ON_STDIN_CLOSE=1`, "
		 "`TOR_PT_CLIENT_TRANSPORTS=<T>`; stdin is a pipe whose "
		 "write end the harness holds (close-on-exec, so no other "
		 "child keeps it open). Environment otherwise scrubbed of "
		 "every `TOR_PT_*`." },
	{ "F-S", "Launch as server: same common set, "
		 "`TOR_PT_SERVER_TRANSPORTS=<T>`, "
		 "`TOR_PT_SERVER_BINDADDR=<T>-127.0.0.1:<port>`, "
		 "`TOR_PT_ORPORT=127.0.0.1:<p>`, "
		 "`TOR_PT_EXTENDED_SERVER_PORT=` (set, empty), no "
		 "`TOR_PT_AUTH_COOKIE_FILE`." },
	{ "F-E2E", "F-S, then F-C, joined: the harness connects through the "
		   "client front end to the server address from `SMETHOD`, "
		   "passing the `SMETHOD` ARGS pairs as per-connection "
		   "settings (mapping overridable in the target's description "
		   "file)." },
	{ "F-XC", "Cross-mode pair, the only black-box way to see "
		  "UDP/STUN framing, which otherwise lives inside the "
		  "obfuscated stream. F-XC: PT client in a UDP mode + PT "
		  "server of the same transport in a TCP mode, so the fake OR "
		  "target receives the raw framed byte stream. F-XS: PT "
		  "client in a TCP mode, harness writes raw frames; PT server "
		  "in a UDP mode forwards datagrams to a harness UDP socket. "
		  "If the pair will not interoperate because the "
		  "implementation binds its mode into its handshake, SKIP and "
		  "use same-mode pairs." },
	{ "F-XS", "Cross-mode pair, the only black-box way to see "
		  "UDP/STUN framing, which otherwise lives inside the "
		  "obfuscated stream. F-XC: PT client in a UDP mode + PT "
		  "server of the same transport in a TCP mode, so the fake OR "
		  "target receives the raw framed byte stream. F-XS: PT "
		  "client in a TCP mode, harness writes raw frames; PT server "
		  "in a UDP mode forwards datagrams to a harness UDP socket. "
		  "If the pair will not interoperate because the "
		  "implementation binds its mode into its handshake, SKIP and "
		  "use same-mode pairs." },
	{ "F-OR", "TCP listener playing the Server App; records exact bytes, "
		  "accepts scripts (delay, close, reset, half-close)." },
	{ "F-EXT", "Scriptable Extended ORPort server (catalogue part 3.4) "
		   "plus a cookie file the harness writes." },
	{ "F-PX", "Scriptable upstream proxy: SOCKS5 (0x00/0x02), SOCKS4a, "
		  "HTTP CONNECT; can refuse, stall, reset, answer a failure "
		  "code, or split replies bytewise." },
	{ "F-NS", "Unprivileged user+network namespace with loopback and a "
		  "dummy/veth link, with capture on every interface; the PT "
		  "can reach only what the harness put there." },
	{ "F-DNS", "Fake resolver inside F-NS answering/logging every query "
		   "(UDP/TCP 53), plus a catch-all listener on 853/443 if "
		   "wanted." },
	{ "F-FS", "Mount namespace or syscall trace recording "
		  "create/modify/rename/link/unlink/chmod/truncate/mkdir "
		  "outside the state directory." },
	{ "F-UDP", "UDP sockets for app side and Server-App side, each able to "
		   "use several source ports/addresses." },
	{ "F-RELAY",
	  "Byte relay between PT client and PT server that can stall, "
	  "reset (RST via zero linger), close, or count connections. "
	  "To hold a transport in \"connecting\", use a listener "
	  "whose backlog is full (SYN unanswered) for transports "
	  "without a handshake, or accept-and-stall for those with "
	  "one." },
	{ "F-PT", "Scripted fake PT used when the unit under test is a parent "
		  "application." },
	{ "T-ORDER",
	  "Status lines for different transports may come in any "
	  "order; stdout and stderr have no mutual order, so an error "
	  "line can be read after the `DONE` line that followed it. "
	  "Allow a grace period (default 1 s) after `DONE` before "
	  "judging stderr." },
	{ "T-UNKKW",
	  "Lines with unknown keywords are legal anywhere on stdout, "
	  "even before `VERSION` (`LOG`, `STATUS`, `EVENT`, or an "
	  "English word that happens to fit the keyword alphabet). "
	  "Current goptlib-based PTs print `STATUS TYPE=version ...` "
	  "before or after `VERSION`." },
	{ "T-SPLIT",
	  "One line may arrive in many reads; many lines in one read; "
	  "a SOCKS or ExtOR message likewise. Judge on reassembled "
	  "data only." },
	{ "T-V6", "A listener may be on `[::1]` or any 127/8 address; "
		  "addresses may be compressed or fully expanded, upper or "
		  "lower case. Compare parsed addresses." },
	{ "T-CR", "CR (13) is a legal ArgChar. `CMETHODS DONE\\r` is "
		  "grammatical but its argument is `DONE\\r`. See AMB-022." },
	{ "T-EXTRA", "Extra trailing options/arguments may be present on "
		     "extensible lines (`SMETHOD` options)." },
	{ "T-NOMODE",
	  "Support for a given proxy mode, transport role, upstream "
	  "proxy type or ExtORPort is optional or unstated: SKIP, not "
	  "FAIL." },
	{ "T-TIME",
	  "Slow start is legal; no timeouts are given by the spec. "
	  "Use configurable limits (defaults: init 30 s, error exit 5 "
	  "s, graceful exit 10 s, connect 30 s)." },
	{ "T-STDERR", "stderr may carry free-form log text before, after and "
		      "between error lines; match the protocol line at a line "
		      "start, not the whole stream." },
	{ "T-NEGOT",
	  "If the PT negotiated version 1 (or another offered "
	  "version) the 2.0 message rules do not apply; re-run under "
	  "that profile." },
	{ "T-RACE", "A port picked by the harness can be taken by another "
		    "process; retry before judging." },
	{ "T-OBFS", "Obfuscation may pad, split, delay, batch or send "
		    "unprompted bytes; sizes and timings on the wire between "
		    "client and server mean nothing." },
	{ "T-CLOSE", "FIN, RST and read error all count as \"closed\"." },
	{ "T-WRAP",
	  "The target may be a script wrapping the real binary: exit "
	  "status may be 128+n, signals may hit the wrapper only. Let "
	  "the target description name this; otherwise judge what a "
	  "parent would see." },
	{ "T-READ", "Reading files (resolver configuration, CA stores, "
		    "randomness, `/proc`, `/sys`) is not creating or modifying "
		    "them." },
	{ "T-FLAGSYN",
	  "The spec writes flags with one dash and a separate value. "
	  "A PT may also take `--flag` and `flag=value`; test only "
	  "the printed form, never require the others." },
	{ "T-RUNTIME",
	  "Language runtimes touch things on their own (byte-code "
	  "caches, coverage files, shared-memory semaphores, core "
	  "dumps). Run with those disabled "
	  "(`PYTHONDONTWRITEBYTECODE=1`, core limit 0, ...) before "
	  "blaming the PT." },
	{ "T-IDENT", "Some transports are identity or nearly so; plaintext on "
		     "the wire is not by itself a violation." },
	{ "AMB-001",
	  "Leading underscore in names. Policy: `_x` valid; INFO when "
	  "a PT reports one; `name.regex=prose|printed` (printed → "
	  "WARN)." },
	{ "AMB-002", "\"C identifiers\". Policy: classes only; keyword INFO." },
	{ "AMB-003", "Uniqueness scope. Policy: NAME-UNIQ-1 per run and per "
		     "protocol token." },
	{ "AMB-004", "\"All common parameters MUST be set\" against "
		     "per-parameter defaults. Policy: version and transports "
		     "required (PT may refuse); state, exit-on-close, proxy, "
		     "options, bindaddr, cookie, one of the two destinations "
		     "optional → PT must start (FAIL if not, since a MUST "
		     "default exists for state and MAY-omit for the others)." },
	{ "AMB-005", "Empty state value. Policy: either; FAIL only for writing "
		     "elsewhere." },
	{ "AMB-006",
	  "What \"store files\" covers. Policy: creating the state "
	  "path's own parents PASS; everything else outside is FAIL, "
	  "except paths the test itself handed over as outputs; "
	  "reading is never a violation; runtime artefacts are "
	  "excluded by environment (T-RUNTIME)." },
	{ "AMB-007",
	  "State default and `-state`. Policy: a `-state` flag counts "
	  "as specified. If the PT changes its own working directory, "
	  "\"current working directory\" is the one at launch." },
	{ "AMB-008",
	  "Exit-on-close values and the flag. Policy: must not exit "
	  "on EOF for any other value; ENV-ERROR for odd values INFO; "
	  "`0` and empty must be accepted (FAIL otherwise). ptadapter "
	  "really sends `0`." },
	{ "AMB-009", "`-transports` is the flag for both roles; no role flag "
		     "exists. Policy: description file has `role.client_args`, "
		     "`role.server_args` (default: none, role by the variable "
		     "being set to the same or a dummy list); flag-only tests "
		     "SKIP if role cannot be expressed." },
	{ "AMB-010",
	  "Both role variables set. Policy: ENV-ERROR/64 or one role; "
	  "both roles FAIL." },
	{ "AMB-011",
	  "Malformed version lists. Policy: accept VERSION 2 only if "
	  "`2` is a whole item after splitting on commas; else "
	  "VERSION-ERROR/78 or ENV-ERROR/64; crash/hang FAIL." },
	{ "AMB-012",
	  "Token `2` or `2.0`. Policy: offer `2`; `VERSION 2.0` in "
	  "answer to `2` FAIL (not offered). Offer `2.0` only: "
	  "VERSION-ERROR PASS, `VERSION 2.0` INFO, `VERSION 2` FAIL." },
	{ "AMB-013",
	  "Choice among several common versions; who are \"Clients\" "
	  "in the preference sentence. Policy: `VERSION 1` when `1,2` "
	  "offered and 2 supported: WARN." },
	{ "AMB-014",
	  "No version list at all. Policy: ENV-ERROR/64 or "
	  "VERSION-ERROR/78 PASS; proceeding as 2: WARN (required by "
	  "2.2+ profile)." },
	{ "AMB-015",
	  "ENV-ERROR before VERSION. Policy: PASS for those two "
	  "causes; WARN for others; FAIL if neither VERSION nor error "
	  "appears." },
	{ "AMB-016",
	  "Error messages on stderr. Policy: "
	  "`errors.stream=stderr|either|stdout`. Default under 2.0: "
	  "stderr only → PASS; both → PASS+WARN; stdout only → FAIL. "
	  "Exception: VERSION-ERROR when the offered list contained "
	  "`1` but not `2` (the parent is a 1.0 parent): either "
	  "stream PASS. Profile 1.0: stdout required." },
	{ "AMB-017",
	  "Exit statuses against practice. Policy: FAIL in 2.0+; not "
	  "checked in 1.0. Note for authors: exiting by signal is "
	  "also FAIL." },
	{ "AMB-018",
	  "Errors in flags; unknown flags; usage. Policy: malformed "
	  "value of a specified flag: ENV-ERROR/64 PASS; usage text "
	  "with 64 PASS; any other non-zero exit with a message WARN; "
	  "silent acceptance FAIL. Unknown flag: INFO." },
	{ "AMB-019", "Grammar on stderr. Policy: require the keyword at a line "
		     "start, one space, ASCII; decorated line only: WARN "
		     "(`errors.prefix=warn|fail|pass`)." },
	{ "AMB-020", "\"stdin\" in the appendices and §3.3.2/§3.3.5.2. Policy: "
		     "messages on stdout; a PT that reads stdin for "
		     "configuration is not 2.0." },
	{ "AMB-021",
	  "`VERSION 2 PROXY DONE` on one line (App. A). Policy: FAIL "
	  "with a diagnostic naming the appendix; no option to "
	  "accept." },
	{ "AMB-022",
	  "CR, trailing blanks, repeated spaces, non-ASCII. Policy: "
	  "for known messages compare after removing one trailing CR "
	  "(WARN), collapse of double spaces WARN, trailing space "
	  "WARN, NUL/≥0x80 FAIL on stdout; `platform=posix|windows` "
	  "(windows: CR INFO)." },
	{ "AMB-030", "Proxy URI bracket structure. Policy: test "
		     "`scheme://ip:port`, `scheme://user:pass@ip:port`, "
		     "`scheme://user@ip:port`; `scheme://@ip:port` either." },
	{ "AMB-031",
	  "Host part and scheme set. Policy: names → PROXY-ERROR "
	  "expected, PROXY DONE WARN (and AN-DNS applies); path/query "
	  "→ either; scheme case → either; other schemes → either, "
	  "impossible scheme accepted → FAIL." },
	{ "AMB-038", "Flag syntax. Policy: only the printed form is tested." },
	{ "AMB-039", "Override edge cases. Policy: either; non-empty flag must "
		     "win (FAIL)." },
	{ "AMB-040",
	  "\"Required environment variables\" is never enumerated. "
	  "Policy: the harness list is: both roles: version; client: "
	  "transports; server: transports, ORPORT or non-empty EXT; "
	  "cookie iff EXT. Only these may be demanded." },
	{ "AMB-041", "Time words. Policy: limits in 0.4 T-TIME, all "
		     "configurable, reported in results." },
	{ "AMB-092",
	  "Several errors at once. Policy: tests inject one error at "
	  "a time; with several, any matching message/exit pair "
	  "passes." },
	{ "AMB-095", "Dangling references and layout. Policy: documentation "
		     "only; cite by title in reports." },
	{ "AMB-096", "Wording slips with effect. Policy: none." },
	{ "AMB-027",
	  "Server iterates over the client list (§3.3.2.3). Policy: "
	  "server list; harness never sets both; a PT that reads the "
	  "client list FAILs SVT-SRC-1." },
	{ "AMB-028", "`-orport` on server, `-target` on client. Policy: client "
		     "`-target` = address the transport dials, i.e. the PT "
		     "server (`client.target_means=ptserver|serverapp`); env "
		     "form for clients not assumed; `-target` on server or "
		     "`-orport` on client INFO." },
	{ "AMB-029", "`-target` together with socks5 mode. Policy: not tested "
		     "beyond INFO." },
	{ "AMB-032", "Destination as domain name. Policy: WARN on refusal; "
		     "`orport.domain=warn|fail|skip`." },
	{ "AMB-033", "ORPORT and EXT both set. Policy: EXT preferred (WARN "
		     "otherwise)." },
	{ "AMB-034", "PT without ExtORPort support given EXT. Policy: "
		     "ENV-ERROR/64 or SMETHOD-ERROR PASS; raw forwarding to "
		     "ORPORT if set WARN; raw bytes to EXT address FAIL." },
	{ "AMB-035", "Empty against absent EXT. Policy: PT: both forms PASS "
		     "start (FAIL otherwise); parent: absent FAIL by text, "
		     "`parent.ext_absent=fail|warn`." },
	{ "AMB-036", "Escaping `=` in server options. Policy: PT must accept "
		     "`k=v` with bare separator and `\\=` inside values (FAIL "
		     "otherwise); bare `=` inside values either; parent that "
		     "leaves inner `=` bare WARN." },
	{ "AMB-037",
	  "Other option corners. Policy: empty value and second bare "
	  "colon: accept expected (WARN if refused); errors → "
	  "ENV-ERROR/64 or SMETHOD-ERROR; crash FAIL." },
	{ "AMB-042", "`-options` format. Policy: "
		     "`options.flag_format=micro|json|either`; default micro, "
		     "JSON-only WARN with hint." },
	{ "AMB-043", "Client-side global settings flag. Policy: only if the "
		     "description file names it." },
	{ "AMB-044", "Unspecified bind address. Policy: PASS with INFO; port "
		     "must be real." },
	{ "AMB-045", "Bind failure. Policy: as BA-INUSE-1." },
	{ "AMB-046", "BINDADDR absent. Policy: FAIL (BA-OMIT-1)." },
	{ "AMB-047",
	  "Key order and subsets in BINDADDR. Policy: subset allowed; "
	  "order mismatch: PT free, but never positional." },
	{ "AMB-097", "Duty on applications, reaction of PTs. Policy: parent "
		     "tests FAIL; PT tests \"either\" with orderly outcome." },
	{ "AMB-098",
	  "Cookie file: when read, relative path, permissions. "
	  "Policy: file may be missing at start: PT may start (PASS) "
	  "or ENV-ERROR (WARN); regeneration WARN." },
	{ "AMB-100", "\"Only application payload\". Policy: byte-exact." },
	{ "AMB-066", "Payload before OKAY. Policy: wait required; "
		     "`ext.early_payload=fail|warn`." },
	{ "AMB-023", "ARGS on a separate line. Policy: same line required; a "
		     "line starting `ARGS:` FAIL (IPC-KW-1) with a diagnostic "
		     "naming the example." },
	{ "AMB-024",
	  "ARGS grammar. Policy: 1..n pairs with commas PASS; literal "
	  "`,+` WARN; trailing comma WARN; empty `ARGS:` WARN." },
	{ "AMB-025",
	  "Comma or semicolon; escaping. Policy: "
	  "`smethod.args_sep=comma|either`: default `either`: a value "
	  "matching `(;key=value)+` → WARN \"semicolon style\"; other "
	  "unescaped `=`/`,` FAIL; unescaped backslash WARN; trailing "
	  "lone backslash FAIL." },
	{ "AMB-026", "SMETHOD \"signals the protocol\" but has no protocol "
		     "field. Policy: none; mode from description file." },
	{ "AMB-048",
	  "`socks4` with VERSION 2. Policy: FAIL, with hint \"drafts "
	  "1–2\"; PASS when VERSION 1." },
	{ "AMB-049", "CMETHOD address. Policy: name FAIL; non-loopback WARN; "
		     "unspecified address (0.0.0.0) WARN." },
	{ "AMB-050",
	  "Unknown names on servers. Policy: WARN on servers, FAIL on "
	  "clients." },
	{ "AMB-051", "Several CMETHOD lines for one transport. Policy: same "
		     "name+different protocol WARN; same name+same protocol "
		     "FAIL; `client.multi_mode=warn|pass`." },
	{ "AMB-052", "All transports failed. Policy: DONE required, staying "
		     "alive required (FAIL) for clients and servers alike; "
		     "all-unknown on servers WARN." },
	{ "AMB-053",
	  "Empty transport list. Policy: ENV-ERROR/64, or DONE and "
	  "alive; role-detection failure with usage text and non-zero "
	  "exit WARN." },
	{ "AMB-054", "`*`. Policy: treated as unknown expected; starting "
		     "everything WARN." },
	{ "AMB-055",
	  "Duplicates in lists. Policy: one outcome expected; a "
	  "second CMETHOD for the same name WARN (not NAME-UNIQ FAIL, "
	  "since the parent caused it)." },
	{ "AMB-056",
	  "stdout/stderr ordering. Policy: grace period; never judge "
	  "relative order across streams." },
	{ "AMB-089", "\"Any order\" only for client messages. Policy: same for "
		     "servers." },
	{ "AMB-090",
	  "Unknown keywords. Policy: never fail; 2.0 profile does not "
	  "check their syntax beyond the line grammar." },
	{ "AMB-091",
	  "Messages after DONE. Policy: FAIL for known setup messages "
	  "after DONE; unknown keywords fine." },
	{ "AMB-093", "1.0-style username/password settings under VERSION 2. "
		     "Policy: INFO; does not replace 0x09 (SK-GREET-2)." },
	{ "AMB-094", "From SMETHOD ARGS to client settings. Policy: "
		     "description-file map `pair.map`, `pair.types`." },
	{ "AMB-086", "What PROXY DONE asserts. Policy: either." },
	{ "AMB-088", "Proxy variable in server role. Policy: INFO." },
	{ "AMB-057",
	  "Form of the answer to the settings block. Policy: Where: "
	  "§3.3.4 defines codes X'10'–X'13' \"for the response\" and "
	  "nothing else." },
	{ "AMB-058", "Version byte; when the block is sent. Policy: lock-step, "
		     "no version byte; early block INFO only." },
	{ "AMB-059",
	  "JSON value types. Policy: harness sends strings unless "
	  "`pair.types` says otherwise; non-strings: success or 0x13 "
	  "(or 0x12 WARN)." },
	{ "AMB-060",
	  "JSON strictness. Policy: catalogue part 4.6 table; "
	  "trailing non-space data and invalid UTF-8: 0x12 expected, "
	  "acceptance WARN." },
	{ "AMB-061",
	  "Several methods offered. Policy: any offered supported "
	  "method; the harness offers only 0x09 when it has settings "
	  "and only 0x00 when it has none; with both offered and 0x00 "
	  "selected the settings are simply not sent." },
	{ "AMB-062", "Transport without settings offered 0x09. Policy: refusal "
		     "WARN if the description file says the transport takes "
		     "none, else FAIL." },
	{ "AMB-063",
	  "Zero count and `{}`. Policy: zero: 0x12/close PASS, "
	  "treated as empty INFO, hang FAIL; `{}`: success if nothing "
	  "is required, else 0x13; 0x12 WARN." },
	{ "AMB-064", "Size limits. Policy: ≤510 must work (FAIL), ≤4096 WARN, "
		     "more INFO; huge counts must fail in bounded time and "
		     "memory." },
	{ "AMB-065",
	  "Timeout. Policy: complete blocks within 2 s must pass; "
	  "stalled ones must end within `socks.settings_timeout_max` "
	  "(120 s) else WARN." },
	{ "AMB-067",
	  "When success is reported. Policy: WARN for early success "
	  "followed by failure; fail-closed tests treat \"success "
	  "then close with no bytes\" as failure of the connection." },
	{ "AMB-068",
	  "Strength of the four codes. Policy: bare close instead of "
	  "10/11: PASS (INFO); instead of 12/13: WARN "
	  "(`socks.codes=warn|fail`); wrong code: WARN; acceptance of "
	  "bad settings: FAIL." },
	{ "AMB-069",
	  "Draft history under the same version token. Policy: "
	  "draft-3 behaviour required; probe `05 01 80` after a 0x09 "
	  "refusal for a helpful diagnostic; little-endian count "
	  "FAIL." },
	{ "AMB-070",
	  "No mode selector, no role of CMETHOD in flag-launched UDP. "
	  "Policy: `mode.<name>.args` in the description file; IPC "
	  "messages still required in every mode." },
	{ "AMB-073",
	  "Dropping while connecting. Policy: queue-and-deliver WARN, "
	  "unlimited queue (memory growth) WARN, correct order "
	  "required." },
	{ "AMB-074", "Pool key and return path. Policy: both accepted; "
		     "misdelivery FAIL only when the PT opened separate "
		     "connections; with a shared connection: WARN \"cannot "
		     "demultiplex\"." },
	{ "AMB-075", "Zero-length datagrams. Policy: relay as empty or drop; "
		     "never close, never desync." },
	{ "AMB-076", "UDP destination parameter. Policy: yes by default, "
		     "description file overrides." },
	{ "AMB-077",
	  "Non-STUN datagrams in STUN mode. Policy: drop expected; "
	  "forwarding that desynchronises FAIL; closing the "
	  "connection WARN. Definition of STUN used: ≥20 bytes, top "
	  "two bits 00, header length multiple of 4 and equal to "
	  "datagram length − 20; cookie `2112a442` (absence: RFC 3489 "
	  "style, INFO)." },
	{ "AMB-078",
	  "ChannelData. Policy: INFO unless it desynchronises (WARN). "
	  "If relayed over the stream the sender must pad to 4 and "
	  "the receiver strip or keep padding (both legal over UDP)." },
	{ "AMB-079",
	  "\"can be used\" for the 2-byte prefix; byte order. Policy: "
	  "big-endian required (FAIL), hint if little-endian parses." },
	{ "AMB-080",
	  "Timeouts of the pools. Policy: description file; else long "
	  "wait or SKIP." },
	{ "AMB-071", "SIGTERM status. Policy: WARN if not 0; "
		     "`shutdown.sigterm_status=warn|fail`." },
	{ "AMB-072", "Parent death. Policy: SD-PARENT-1 set-up; WARN; SKIP "
		     "without the ability to make an intermediate process." },
	{ "AMB-083",
	  "\"Logging to disk\". Policy: textual forms in files the PT "
	  "opened WARN (`anon.log=warn|fail`); hashes pass." },
	{ "AMB-084", "\"DNS except when necessary\". Policy: zero queries when "
		     "all inputs are IP literals; local resolution of any name "
		     "while a proxy is set FAIL." },
	{ "AMB-085", "\"Fail closed\" is named but not defined. Policy: no "
		     "packet to anything but the proxy, ever, once a proxy is "
		     "configured, including start-up, errors and UDP." },
	{ "AMB-081", "Go signatures without errors. Policy: none for IPC." },
	{ "AMB-082", "Underlying socket access. Policy: none." },
	{ NULL, NULL },
};
