/*
 * The faults of tunnels: the Extended ORPort, what is carried, and settings on
 * their way from one end to the other; a part of the table in
 * ptref_faults_list.h, which says what the rows mean.
 */
#ifndef PTREF_FAULTS_TUNNEL_H
#define PTREF_FAULTS_TUNNEL_H

/* clang-format off */

/* What goes wrong as well when no session comes to its tunnel; and when one
 * carries other bytes than it should. */
#define NO_EXTOR_TUNNEL "EXT-MSG-* EXT-FAIL-1"
#define NO_EXTOR_HASH "EXT-AUTH-* EXT-CFG-9 CFG-OVR-EXT-1 " NO_EXTOR_TUNNEL

#define FAULTS_EXTOR(X) \
X(EXTOR_EMPTY_REFUSED, "extor-empty-refused", \
  "refuses an extended port that is set to nothing", "EXT-CFG-1", \
  NO_SERVER " " ANY_ENV_ERROR) \
X(EXTOR_COOKIE_OPTIONAL, "extor-cookie-optional", \
  "starts with an extended port and no cookie file", "EXT-CFG-2", \
  "ENVERR-*") \
X(EXTOR_COOKIE_ALONE, "extor-cookie-alone", \
  "refuses a cookie file without an extended port", "EXT-CFG-5", "") \
X(EXTOR_ORPORT_FIRST, "extor-orport-first", \
  "takes the ORPort where both destinations are set", "EXT-CFG-6", \
  "EXT-* CFG-OVR-EXT-1") \
X(EXTOR_NEEDS_ORPORT, "extor-needs-orport", \
  "refuses an extended port without an ORPort", "EXT-CFG-7", \
  "EXT-CFG-9 ENVERR-*") \
X(EXTOR_FLAG_IGNORED, "extor-flag-ignored", \
  "ignores -extorport", "EXT-CFG-9", "CFG-OVR-EXT-1") \
X(EXTOR_MALFORMED_CRASH, "extor-malformed-crash", \
  "crashes on a malformed extended port", "EXT-CFG-10", "HY-CRASH-1") \
X(ENV_WINS_COOKIE, "env-wins-cookie", \
  "the cookie file's variable beats -authcookie", "CFG-OVR-EXT-1", \
  "EXT-CFG-9 EXT-AUTH-8") \
X(EXTOR_TYPES_UNREAD, "extor-types-unread", \
  "sends type and nonce before it knows what is offered", "EXT-AUTH-1", \
  "EXT-AUTH-* EXT-FAIL-1") \
X(EXTOR_TYPE_FIRST, "extor-type-first", \
  "looks at the first of the types only", "EXT-AUTH-2", "EXT-AUTH-4") \
X(EXTOR_TYPE_ANYWAY, "extor-type-anyway", \
  "takes type 1 though it is not offered", "EXT-AUTH-3", "") \
X(EXTOR_TYPES_ONE_READ, "extor-types-one-read", \
  "expects the whole list of types at once", "EXT-AUTH-4", \
  "EXT-AUTH-10 EXT-MSG-*") \
X(EXTOR_HEADER_UNCHECKED, "extor-header-unchecked", \
  "takes any 64 bytes for a cookie file", "EXT-AUTH-5", "") \
X(EXTOR_NONCE_CONSTANT, "extor-nonce-constant", \
  "sends the same nonce each time", "EXT-AUTH-6", "") \
X(EXTOR_HASH_UNCHECKED, "extor-hash-unchecked", \
  "does not look at the hash of the bridge", "EXT-AUTH-7", "") \
X(EXTOR_HASH_SWAPPED, "extor-hash-swapped", \
  "hashes the nonces in the wrong order", "EXT-AUTH-8", \
  NO_EXTOR_HASH) \
X(EXTOR_STATUS_IGNORED, "extor-status-ignored", \
  "goes on whatever the status is", "EXT-AUTH-9", "") \
X(EXTOR_HASH_ONE_READ, "extor-hash-one-read", \
  "expects hash and nonce of the bridge at once", "EXT-AUTH-10", \
  "EXT-MSG-*") \
X(EXTOR_COOKIE_ONCE, "extor-cookie-once", \
  "reads the cookie file when it starts only", "EXT-AUTH-11", "") \
X(EXTOR_COOKIE_LOST_RAW, "extor-cookie-lost-raw", \
  "forwards to the extended port as it is without a cookie file", \
  "EXT-AUTH-12 EXT-FAIL-1", "EXT-AUTH-1 EXT-AUTH-5") \
X(EXTOR_LITTLE_ENDIAN, "extor-little-endian", \
  "sends lengths in little-endian order", "EXT-MSG-1", \
  NO_EXTOR_TUNNEL) \
X(EXTOR_PORT_ZERO, "extor-port-zero", \
  "tells port 0 of the client", "EXT-MSG-2", "") \
X(EXTOR_UNBRACKETED, "extor-unbracketed", \
  "writes IPv6 without brackets", "EXT-MSG-3", "EXT-MSG-2") \
X(EXTOR_NUL, "extor-nul", \
  "sends a NUL behind the client's address", "EXT-MSG-4", "") \
X(EXTOR_FIRST_NAME, "extor-first-name", \
  "always tells the name of its first transport", "EXT-MSG-5", "") \
X(EXTOR_NO_DONE, "extor-no-done", \
  "never sends DONE", "EXT-MSG-6", NO_EXTOR_TUNNEL) \
X(EXTOR_EARLY_PAYLOAD, "extor-early-payload", \
  "sends payload right behind DONE", "EXT-MSG-7", \
  NO_EXTOR_TUNNEL " EXT-TIME-1") \
X(EXTOR_DENY_IGNORED, "extor-deny-ignored", \
  "takes DENY for OKAY", "EXT-MSG-8", "EXT-FAIL-1") \
X(EXTOR_UNKNOWN_FATAL, "extor-unknown-fatal", \
  "closes on an unknown answer", "EXT-MSG-9", "") \
X(EXTOR_OKAY_BODY, "extor-okay-body", \
  "forwards the body of OKAY", "EXT-MSG-10", "") \
X(EXTOR_BEHIND_LOST, "extor-behind-lost", \
  "drops what came together with OKAY", "EXT-MSG-11", "") \
X(EXTOR_DONE_AGAIN, "extor-done-again", \
  "sends DONE once more behind OKAY", "EXT-MSG-12", "") \
X(EXTOR_TRANSPORT_FIRST, "extor-transport-first", \
  "tells the transport before the address", "EXT-MSG-13", "") \
X(EXTOR_FALLBACK, "extor-fallback", \
  "turns to the ORPort when the extended one fails", "EXT-FAIL-1", \
  "EXT-AUTH-12 EXT-MSG-8 EXT-CFG-6") \
X(EXTOR_FAR_SILENT, "extor-far-silent", \
  "does not warn of an extended port on another host", "EXT-WARN-1", "") \
X(EXTOR_WAITS_FOREVER, "extor-waits-forever", \
  "waits for the extended port as long as it takes", "EXT-TIME-1", "")

#define FAULTS_TUNNEL(X) \
X(DATA_CORRUPT, "data-corrupt", \
  "changes byte 65536 of what the client's application sends", \
  "GEN-E2E-1", "GEN-E2E-2 EXT-* TT-SRV-1 TT-RAW-1") \
X(TUNNELS_MIXED, "tunnels-mixed", \
  "with more than 32 tunnels sends the first bytes of one into another", \
  "GEN-E2E-2", "SK-*") \
X(END_NOT_PASSED, "end-not-passed", \
  "never passes on the end of a connection", "GEN-E2E-3", \
  "SK-* EXT-* OR-DOWN-1 PX-*") \
X(HALF_END_IS_ALL, "half-end-is-all", \
  "ends both directions of a tunnel when one ends", "GEN-E2E-3", "") \
X(RESET_AS_END, "reset-as-end", \
  "passes a reset on as an orderly end", "HY-RESET-1", "") \
X(VEIL_PLAIN, "veil-plain", \
  "veil sends the payload as it is", "GEN-XFORM-1", "SK-JPB-OK-2") \
X(SERVER_BANNER, "server-banner", \
  "the server tells the destination of the client in a line of its own", \
  "GEN-FWD-1 OR-PAY-1", "GEN-E2E-* SM-ARGS-5 SK-* EXT-MSG-12 TT-SRV-1 TT-RAW-1") \
X(ORPORT_BUILTIN, "orport-builtin", \
  "the server calls another port than it was told", "OR-FWD-1", \
  "OR-* GEN-E2E-* GEN-FWD-1 GEN-XFORM-1 SM-ARGS-5 SM-LIFE-1 SK-* EXT-* " \
  "CFG-OVR-OR-1 CFG-OVR-EXT-1 TT-SRV-1 TT-RAW-1") \
X(ORPORT_DOWN_EXITS, "orport-down-exits", \
  "the server exits when the destination cannot be reached", "OR-DOWN-1", \
  "SM-LIFE-1 SM-DONE-2 OR-* EXT-* HY-* SD-* SM-LISTEN-1 SK-*") \
X(VEIL_PASSES_STRANGERS, "veil-passes-strangers", \
  "veil hands on what does not come from a client of its own", \
  "OR-PROBE-1", "") \
X(ARGS_WRONG_KEY, "args-wrong-key", \
  "ARGS of veil has another key than the server uses", "SM-ARGS-5", \
  "GEN-E2E-1 GEN-E2E-3 GEN-FWD-1 GEN-XFORM-1 OR-PAY-1 OPT-* EXT-* " \
  "CFG-OVR-OPT-1 SK-*")

#define FAULTS_TCP(X) \
X(TCP_AS_SOCKS, "tcp-as-socks", \
  "asks for SOCKS where applications speak to their destination", \
  "TT-RAW-1", "TT-* OR-TGT-*") \
X(TCP_EARLY_LOST, "tcp-early-lost", \
  "loses what an application says before the connection is made", \
  "TT-EARLY-1", "TT-RAW-1 TT-SRV-1") \
X(TCP_FAILURE_STAYS_OPEN, "tcp-failure-stays-open", \
  "leaves an application alone whose target cannot be reached", \
  "TT-FAIL-1", "OR-TGT-*") \
X(TCP_FAILURE_EXITS, "tcp-failure-exits", \
  "exits when the target cannot be reached", "TT-FAIL-1", "OR-TGT-*") \
X(TCP_WITHOUT_TARGET, "tcp-without-target", \
  "listens for applications of which it has no target", "TT-TGT-1", "") \
X(TCP_SERVER_SOCKS, "tcp-server-socks", \
  "the server waits for SOCKS where the client speaks none", "TT-SRV-1", \
  "TT-RAW-1") \
X(CMETHOD_OTHER_MODE, "cmethod-other-mode", \
  "says socks5 where it speaks none", "CM-MODE-TCP-1", "TT-*") \
X(TARGET_IGNORED, "target-ignored", \
  "connects to another port than -target says", "OR-TGT-1", \
  "OR-TGT-2 TT-*") \
X(TARGET_NAMES_REFUSED, "target-names-refused", \
  "takes only addresses for -target", "OR-TGT-2", "")

#define FAULTS_ROUND_TRIP(X) \
X(SETTINGS_FLAT_RAW, "settings-flat-raw", \
  "under version 1 leaves the backslashes in settings", "SM-ARGS-5", \
  "GEN-E2E-* GEN-FWD-1 OR-PAY-1 SK-*") \
X(SETTINGS_CUT, "settings-cut", \
  "under version 1 does not look for settings in the password", \
  "SM-ARGS-5", "GEN-E2E-* GEN-FWD-1 OR-PAY-1 SK-*") \
X(SETTINGS_JSON_RAW, "settings-json-raw", \
  "does not decode what is escaped in settings", "SM-ARGS-5", \
  "GEN-E2E-* GEN-FWD-1 OR-PAY-1 SK-*") \
X(OPTION_CUT, "option-cut", \
  "the server of veil takes its key up to the first semicolon only", \
  "SM-ARGS-5", "GEN-E2E-* GEN-FWD-1 OR-PAY-1") \
X(ARGS_RAW, "args-raw", \
  "puts into ARGS what does not fit in there", "SM-ARGS-4", \
  "IPC-* SM-* OPT-*")

/* clang-format on */

#endif
