/*
 * The fault table as an X-macro: X(ID, "name", "what", "must", "may").
 * ptref_faults.h says how to add a row; the sections follow the requirement
 * catalogue. Requirement lists are separated by blanks; in "may" a star stands
 * for any characters.
 *
 * NO_CLIENT and NO_SERVER are for faults after which a parent gets no usable
 * transport out of that role, so that whatever is judged on such a session
 * suffers too.
 */
#ifndef PTREF_FAULTS_LIST_H
#define PTREF_FAULTS_LIST_H

#include "ptref_faults_socks.h"
#include "ptref_faults_socks4.h"
#include "ptref_faults_tunnel.h"
#include "ptref_faults_world.h"

/* One row per fault is easier to read than what clang-format makes of it. */
/* clang-format off */

#define NO_CLIENT \
	"CT-* CM-* PX-* SK-* GEN-* NAME-* CFG-* SD-* IPC-* ST-* AN-* " \
	"ENV-VER-* MSG-VER-* APPX-A-1 APPX-B-2 SM-ARGS-5 OR-* EXT-*"
#define NO_SERVER \
	"SVT-* SM-* OPT-* BA-* OR-* EXT-* GEN-* NAME-* CFG-* SD-* IPC-* " \
	"ST-* AN-* ENV-VER-* MSG-VER-* PX-SRV-1 APPX-B-1 APPX-B-2 SK-JPB-*"
#define ANY_ENV_ERROR "ENVERR-* EXT-CFG-2 OR-NONE-1 OR-MALF-1 BA-MALF-1 " \
	"OPT-MALF-1 BA-NAME-2 GEN-ROLE-2 GEN-ROLE-1 EXT-CFG-10 ENV-VER-11"
#define ANY_PROXY_ERROR "PX-ERR-* PX-MALF-1 PX-SCHEME-1 PX-HOST-1 " \
	"PX-AUTH-3 PX-ANS-1 ENVERR-ONLY-1"
#define ANY_VERSION_ERROR "MSG-VERERR-* MSG-VER-1 ENV-VER-4 ENV-VER-5 " \
	"ENV-VER-8 CFG-OVR-VER-1 ENVERR-ONLY-1"
#define VERSION_LISTS "ENV-VER-* GEN-MODE-2 CFG-OVR-VER-1 MSG-VER-1"

#define FAULTS_GENERAL(X) \
X(BOTH_ROLES, "both-roles", \
  "serves both roles when both transport lists are set", \
  "GEN-ROLE-1", "CM-ROLE-1 SM-ROLE-1") \
X(NO_ROLE_IDLE, "no-role-idle", \
  "with no role configured prints VERSION and idles", \
  "GEN-ROLE-2", "") \
X(PREFER_OLD_VERSION, "prefer-old-version", \
  "takes the first version in the list that it knows", \
  "GEN-MODE-2", "ENV-VER-*") \
X(CLIENT_ANY_ADDR, "client-any-addr", \
  "client listens on all addresses and says so", \
  "GEN-LOCAL-1", "CM-ADDR-1 HY-LOCAL-1") \
X(NAME_TWICE, "name-twice", \
  "client reports each transport twice, with two listeners", \
  "NAME-UNIQ-1", "CT-ONLY-1 CT-DUP-1 CT-INIT-1 CT-ORDER-1 APPX-A-1 CM-ONCE-1") \
X(NAME_DASH, "name-dash", \
  "client reports a further transport called id-ent", \
  "NAME-CHARS-1", \
  "NAME-RE-1 NAME-CID-1 NAME-MATCH-1 CT-ONLY-1 CT-INIT-1 APPX-A-1 " \
  "CM-ERR-FMT-1") \
X(NAME_UNDERSCORE, "name-underscore", \
  "client reports a further transport called _hidden", \
  "NAME-RE-1", \
  "NAME-CHARS-1 NAME-CID-1 NAME-MATCH-1 CT-ONLY-1 CT-INIT-1 APPX-A-1 " \
  "CM-ERR-FMT-1") \
X(NAME_DIGIT, "name-digit", \
  "client reports a further transport called 9ident", \
  "NAME-CID-1", \
  "NAME-CHARS-1 NAME-RE-1 NAME-MATCH-1 CT-ONLY-1 CT-INIT-1 APPX-A-1 " \
  "CM-ERR-FMT-1") \
X(NAME_BUFFER, "name-buffer", \
  "crashes on a transport name of 64 characters or more", \
  "NAME-LEN-1", "CT-* SVT-* CM-DONE-* SM-DONE-* HY-CRASH-1") \
X(NAME_NOCASE, "name-nocase", \
  "matches transport names without regard to case", \
  "NAME-MATCH-1", "CT-ONLY-1 SVT-ONLY-1 CT-BADNAME-1 CM-DIST-1")

#define FAULTS_CONFIG(X) \
X(ENV_NEEDS_FLAG, "env-needs-flag", \
  "server refuses a transport list that did not come as a flag", \
  "CFG-ENV-1", NO_SERVER " " ANY_ENV_ERROR) \
X(FLAGS_IGNORED, "flags-ignored", \
  "drops all flags when version and state are not in the environment", \
  "CFG-FLAG-1", \
  "CFG-MIX-1 ENV-VER-12 ST-FLAG-1 SD-STDIN-8 CT-FLAG-1 PX-FLAG-1 " \
  "OPT-FLAG-1 BA-FLAG-1 OR-FLAG-1 EXT-CFG-9 CFG-FLAGNAME-1 ENVERR-FLAG-1") \
X(FLAG_HIDES_ENV, "flag-hides-env", \
  "ignores the whole environment but the role once a flag is given", \
  "CFG-MIX-1", "CFG-* *-FLAG-1 EXT-CFG-9 ENV-VER-12 SD-STDIN-8 ENVERR-* OR-TGT-*") \
X(ENV_WINS_VERSION, "env-wins-version", \
  "the version variable beats -ptversion", "CFG-OVR-VER-1", \
  "ENV-VER-12 CFG-FLAGNAME-1") \
X(ENV_WINS_STATE, "env-wins-state", \
  "the state variable beats -state", "CFG-OVR-STATE-1", "ST-FLAG-1") \
X(ENV_WINS_STDIN, "env-wins-stdin", \
  "the exit-on-close variable beats -exit-on-stdin-close", \
  "CFG-OVR-STDIN-1", "SD-STDIN-8") \
X(ENV_WINS_CLIENT_LIST, "env-wins-client-list", \
  "the client list variable beats -transports", "CFG-OVR-CT-1", \
  "CT-FLAG-1 CFG-MIX-1 CFG-FLAG-1") \
X(ENV_WINS_SERVER_LIST, "env-wins-server-list", \
  "the server list variable beats -transports", "CFG-OVR-SVT-1", \
  "CFG-MIX-1 CFG-FLAG-1") \
X(ENV_WINS_PROXY, "env-wins-proxy", \
  "the proxy variable beats -proxy", "CFG-OVR-PX-1", "PX-FLAG-1") \
X(ENV_WINS_OPTIONS, "env-wins-options", \
  "the options variable beats -options", "CFG-OVR-OPT-1", "OPT-FLAG-1") \
X(ENV_WINS_BINDADDR, "env-wins-bindaddr", \
  "the bind address variable beats -bindaddr", "CFG-OVR-BIND-1", \
  "BA-FLAG-1 ENVERR-FLAG-1") \
X(ENV_WINS_ORPORT, "env-wins-orport", \
  "the ORPort variable beats -orport", "CFG-OVR-OR-1", "OR-FLAG-1") \
X(ENV_WINS_EXTORPORT, "env-wins-extorport", \
  "the extended port's variable beats -extorport", "CFG-OVR-EXT-1", \
  "EXT-CFG-9") \
X(NEEDS_HOME, "needs-home", \
  "refuses to start without HOME", "CFG-SCOPE-1", "*") \
X(UNKNOWN_ENV_FATAL, "unknown-env-fatal", \
  "refuses TOR_PT_ variables that it does not know", \
  "CFG-UNKENV-1", "") \
X(EMPTY_PROXY_ERROR, "empty-proxy-error", \
  "takes an empty proxy variable for a malformed proxy", \
  "CFG-EMPTY-1", "PX-NONE-1") \
X(VERSION_FLAG_NAME, "version-flag-name", \
  "negotiates by -version and does not know -ptversion", \
  "CFG-FLAGNAME-1", "ENV-VER-12 CFG-* *-FLAG-1 SD-STDIN-8 ENVERR-*")

#define FAULTS_VERSION(X) \
X(VERSION_EXACT, "version-exact", \
  "accepts no list but the single item 2", "ENV-VER-1", \
  VERSION_LISTS " MSG-VER-COMPAT-1 SK-JPB-*") \
X(VERSION_FIRST_ONLY, "version-first-only", \
  "looks only at the first version of the list", "ENV-VER-2", \
  VERSION_LISTS) \
X(VERSION_TOKEN_ALNUM, "version-token-alnum", \
  "refuses lists with punctuation other than . _ - in a version", \
  "ENV-VER-3", "ENV-VER-1 ENV-VER-5 ENV-VER-8") \
X(VERSION_ALWAYS_2, "version-always-2", \
  "answers VERSION 2 when only version 1 was offered", \
  "ENV-VER-4", "MSG-VER-COMPAT-1") \
X(VERSION_SUBSTRING, "version-substring", \
  "finds version 2 inside other versions", "ENV-VER-5", \
  "ENV-VER-4 ENV-VER-8 MSG-VERERR-*") \
X(VERSION_LIST_64, "version-list-64", \
  "reads only the first 64 versions of the list", "ENV-VER-6", \
  "ENV-VER-1") \
X(VERSION_PER_MATCH, "version-per-match", \
  "prints VERSION once per matching item", "ENV-VER-7", \
  "ENV-VER-1 MSG-VER-1 MSG-VER-5") \
X(VERSION_EMPTY_CRASH, "version-empty-item-crash", \
  "crashes on an empty item in the version list", "ENV-VER-8", "HY-CRASH-1") \
X(VERSION_DOTTED, "version-dotted", \
  "knows the version as 2.0 only", "ENV-VER-10", "*") \
X(VERSION_DEFAULT, "version-default", \
  "assumes version 2 without a version list", "ENV-VER-11", "") \
X(PTVERSION_SINGLE, "ptversion-single", \
  "takes the value of -ptversion for one version", "ENV-VER-12", \
  "CFG-FLAG-1 CFG-OVR-VER-1 CFG-FLAGNAME-1 CFG-MIX-1") \
X(VERSION_AND_ERROR, "version-and-error", \
  "prints VERSION-ERROR after VERSION if one version was unknown", \
  "MSG-VER-1", "MSG-VERERR-4 MSG-VERERR-5 MSG-VERERR-6 ENV-VER-*") \
X(VERSION_ON_STDERR, "version-on-stderr", \
  "prints VERSION on stderr", "MSG-VER-2", "*") \
X(VERSION_LATE, "version-late", \
  "prints VERSION after the first method line", "MSG-VER-3", \
  "APPX-A-1 APPX-B-1 PX-AFTERVER-1") \
X(VERSION_EXTRA_ARG, "version-extra-arg", \
  "prints VERSION 2 beta", "MSG-VER-4", "ENV-VER-* APPX-* CFG-*") \
X(VERSION_PER_TRANSPORT, "version-per-transport", \
  "repeats VERSION before each method line", "MSG-VER-5", \
  "MSG-VER-1 ENV-VER-7 ENV-VER-1 APPX-A-1 APPX-B-1") \
X(VERSION_ERROR_SILENT, "version-error-silent", \
  "exits 78 without VERSION-ERROR", "MSG-VERERR-1", ANY_VERSION_ERROR) \
X(VERSION_ERROR_BARE, "version-error-bare", \
  "prints VERSION-ERROR without a message", "MSG-VERERR-2", "") \
X(VERSION_ERROR_STDOUT, "version-error-stdout", \
  "prints VERSION-ERROR on stdout", "MSG-VERERR-3", ANY_VERSION_ERROR) \
X(VERSION_ERROR_EXIT_1, "version-error-exit-1", \
  "exits 1 after VERSION-ERROR", "MSG-VERERR-4", \
  "CFG-OVR-VER-1 ENV-VER-5 ENV-VER-8") \
X(VERSION_ERROR_LINGERS, "version-error-lingers", \
  "waits for stdin to close after VERSION-ERROR", "MSG-VERERR-5", \
  "MSG-VERERR-4 CFG-OVR-VER-1 ENV-VER-5 ENV-VER-8") \
X(VERSION_ERROR_DONE, "version-error-done", \
  "prints its DONE line after VERSION-ERROR", "MSG-VERERR-6", "")

#define FAULTS_STDIN(X) \
X(STDIN_EOF_ALWAYS, "stdin-eof-always", \
  "exits when a piped stdin closes although nothing asked for it", \
  "SD-STDIN-1", "SD-STDIN-3 SD-STDIN-4 SD-PARENT-2") \
X(STDIN_ANY_VALUE, "stdin-any-value", \
  "takes any value of the exit-on-close variable for 1", \
  "SD-STDIN-2", "") \
X(STDIN_NULL_EXIT, "stdin-null-exit", \
  "exits after its DONE line if stdin was at its end from the start", \
  "SD-STDIN-3", "SD-STDIN-4") \
X(STDIN_CLOSED_DIES, "stdin-closed-dies", \
  "dies at start if descriptor 0 is not open", "SD-STDIN-4", "") \
X(STDIN_EOF_IGNORED, "stdin-eof-ignored", \
  "never notices that stdin was closed", "SD-STDIN-5", \
  "SD-STDIN-* SD-STATUS-1 SD-CLEAN-1 SD-STATE-1 CFG-OVR-STDIN-1 " \
  "CT-ALLUNK-1 SVT-ALLUNK-1 SD-PARENT-1 HY-STDIN-1 SK-REP-4") \
X(STDIN_EXIT_255, "stdin-exit-255", \
  "exits 255 when stdin closes", "SD-STDIN-6 SD-STATUS-1", \
  "SD-STDIN-* CFG-OVR-STDIN-1 CT-ALLUNK-1 SVT-ALLUNK-1 SD-CLEAN-1") \
X(STDIN_DATA_EXITS, "stdin-data-exits", \
  "takes data on stdin for its end", "SD-STDIN-7", "SD-STDIN-2") \
X(STDIN_FLAG_TAKES_VALUE, "stdin-flag-takes-value", \
  "-exit-on-stdin-close eats the next argument", "SD-STDIN-8", \
  "CFG-* *-FLAG-1 ENV-VER-12 EXT-CFG-9 ENVERR-*") \
X(STDIN_EARLY_EOF_MISSED, "stdin-early-eof-missed", \
  "starts slowly and misses an end of stdin before its DONE line", \
  "SD-STDIN-9", "HY-STDIN-1") \
X(STDIN_DRAIN_FOREVER, "stdin-drain-forever", \
  "after stdin closed waits until the last connection has ended", \
  "SD-STDIN-10", "HY-STDIN-1") \
X(STDIN_LEAVES_WORKER, "stdin-leaves-worker", \
  "leaves a child with the listening ports when stdin closes", \
  "SD-STDIN-11", "SD-CLEAN-1 SD-STDIN-9 CFG-OVR-BIND-1 HY-CHILD-1")

#define FAULTS_CLIENT_LIST(X) \
X(CLIENT_FIRST_ONLY, "client-first-only", \
  "starts only the first known transport of the list", "CT-INIT-1", \
  "CM-DIST-1 CM-ERR-* APPX-A-1 CT-WS-1 CT-FLAG-1") \
X(CLIENT_STARTS_ALL, "client-starts-all", \
  "starts all it knows once one of them is requested", "CT-ONLY-1", \
  "NAME-MATCH-1 CFG-OVR-CT-1 CM-ERR-* CT-*") \
X(CLIENT_UNKNOWN_FATAL, "client-unknown-fatal", \
  "refuses a list with an unknown transport", "CT-IGN-1", \
  "CT-* NAME-LEN-1 NAME-MATCH-1 CM-ALIVE-1 CM-UNK-1 CM-DONE-1 " \
  "CFG-OVR-CT-1 ENVERR-NODONE-1") \
X(CLIENT_STOPS_AT_UNKNOWN, "client-stops-at-unknown", \
  "ignores all that follows an unknown transport", "CT-ORDER-1", \
  "CT-* NAME-* CM-UNK-1") \
X(CLIENT_EXIT_IF_NONE, "client-exit-if-none", \
  "exits 255 after DONE if every listed transport was unknown", \
  "CT-ALLUNK-1 CM-ALIVE-1", "CT-EMPTY-1 CT-BADNAME-1 CT-WS-1") \
X(CLIENT_EMPTY_CRASH, "client-empty-crash", \
  "crashes on an empty transport list", "CT-EMPTY-1", "HY-CRASH-1") \
X(CLIENT_DUPLICATE_TWICE, "client-duplicate-twice", \
  "starts a transport once for each time it is listed", "CT-DUP-1", \
  "NAME-UNIQ-1") \
X(CLIENT_STAR_ALL, "client-star-all", \
  "takes * for all transports", "CT-BADNAME-1", "CT-ONLY-1") \
X(CLIENT_BLANK_CRASH, "client-blank-crash", \
  "crashes on a blank in the transport list", "CT-WS-1", \
  "CT-BADNAME-1 HY-CRASH-1") \
X(CLIENT_LIST_32, "client-list-32", \
  "reads only the first 32 transports of the list", "CT-LONG-1", "") \
X(TRANSPORTS_FLAG_SINGLE, "transports-flag-single", \
  "takes the value of -transports for one name", "CT-FLAG-1", \
  "CFG-FLAG-1 CFG-MIX-1 CFG-OVR-CT-1 CFG-OVR-SVT-1")

#define FAULTS_PROXY(X) \
X(PROXY_SILENT, "proxy-silent", \
  "uses a valid proxy without saying so", "PX-ANS-1", \
  "PX-* APPX-A-1 CFG-OVR-PX-1") \
X(PROXY_DONE_LATE, "proxy-done-late", \
  "prints PROXY DONE after the method lines", "PX-FIRST-1 APPX-A-1", \
  "") \
X(PROXY_ERROR_NO_VERSION, "proxy-error-no-version", \
  "prints PROXY-ERROR without any VERSION", "PX-AFTERVER-1", \
  "MSG-VER-1 MSG-VER-3 PX-ERR-3") \
X(PROXY_DONE_DASH, "proxy-done-dash", \
  "prints PROXY-DONE", "PX-DONE-1", "PX-* APPX-A-1 CFG-OVR-PX-1") \
X(PROXY_DONE_ALWAYS, "proxy-done-always", \
  "prints PROXY DONE without a proxy", "PX-NONE-1", "CFG-EMPTY-1") \
X(PROXY_ERROR_STDOUT, "proxy-error-stdout", \
  "prints PROXY-ERROR on stdout", "PX-ERR-1", ANY_PROXY_ERROR) \
X(PROXY_ERROR_EXIT_1, "proxy-error-exit-1", \
  "exits 1 after PROXY-ERROR", "PX-ERR-2", ANY_PROXY_ERROR) \
X(PROXY_ERROR_DONE, "proxy-error-done", \
  "prints CMETHODS DONE after PROXY-ERROR", "PX-ERR-3", \
  "PX-MALF-1 PX-SCHEME-1 PX-HOST-1 PX-AUTH-3 CM-DONE-1 PX-FIRST-1") \
X(PROXY_ERROR_BARE, "proxy-error-bare", \
  "prints PROXY-ERROR without a message", "PX-ERR-4", "PX-ERR-1") \
X(PROXY_MALFORMED_OK, "proxy-malformed-ok", \
  "accepts a malformed proxy URI", "PX-MALF-1", ANY_PROXY_ERROR) \
X(PROXY_SCHEME_OK, "proxy-scheme-ok", \
  "accepts an unknown proxy type", "PX-SCHEME-1", ANY_PROXY_ERROR) \
X(PROXY_CREDENTIALS_CUT, "proxy-credentials-cut", \
  "cuts proxy credentials to 255 bytes", "PX-AUTH-3", "PX-ERR-1") \
X(PROXY_USER_ONLY_REFUSED, "proxy-user-only-refused", \
  "refuses a proxy user name without a password", "PX-AUTH-4", "") \
X(PROXY_FIRST_COLON, "proxy-first-colon", \
  "cuts the proxy address at its first colon", "PX-V6-1", "") \
X(PROXY_RESOLVES, "proxy-resolves", \
  "accepts a host name in the proxy URI and resolves it", \
  "PX-HOST-1", "AN-DNS-1 AN-DNS-2 PX-ERR-1 PX-MALF-1") \
X(PROXY_PROBE, "proxy-probe", \
  "connects to the proxy while starting", "PX-PROBE-1", "") \
X(PROXY_FLAG_IGNORED, "proxy-flag-ignored", \
  "ignores -proxy", "PX-FLAG-1", "CFG-OVR-PX-1 CFG-FLAG-1 ENVERR-FLAG-1") \
X(SERVER_CHECKS_PROXY, "server-checks-proxy", \
  "a server refuses to run with a proxy configured", "PX-SRV-1", \
  "SM-ROLE-1")

#define FAULTS_SERVER_LIST(X) \
X(SERVER_FIRST_ONLY, "server-first-only", \
  "starts only the first known transport of the list", "SVT-INIT-1", \
  "APPX-B-1 BA-* OPT-* SM-ERR-* SM-ARGS-*") \
X(SERVER_READS_CLIENT_LIST, "server-reads-client-list", \
  "a server starts what the client list names", "SVT-SRC-1 SVT-INIT-1", \
  NO_SERVER) \
X(SERVER_STARTS_BOUND, "server-starts-bound", \
  "starts every known transport that has a bind address", \
  "SVT-ONLY-1", "CFG-OVR-SVT-1 BA-UNREQ-1 NAME-MATCH-1") \
X(SERVER_UNKNOWN_FATAL, "server-unknown-fatal", \
  "refuses a list with an unknown transport", "SVT-IGN-1", \
  "SVT-* NAME-LEN-1 NAME-MATCH-1 CFG-OVR-SVT-1 SM-DONE-1") \
X(SERVER_UNKNOWN_ERROR, "server-unknown-error", \
  "prints SMETHOD-ERROR for an unknown transport", "SVT-IGN-1", \
  "SVT-* NAME-* SM-ERR-*") \
X(SERVER_EXIT_IF_NONE, "server-exit-if-none", \
  "exits 255 after DONE if every listed transport was unknown", \
  "SVT-ALLUNK-1", "SVT-IGN-1 NAME-*") \
X(SERVER_DUPLICATE_TWICE, "server-duplicate-twice", \
  "starts a transport once for each time it is listed", "SVT-DUP-1", \
  "NAME-UNIQ-1")

#define FAULTS_OPTIONS(X) \
X(OPTIONS_IGNORED, "options-ignored", \
  "hands no option but key to any transport", "OPT-PARSE-1", \
  "OPT-* SM-ARGS-* CFG-OVR-OPT-1") \
X(OPTIONS_LAST_WINS, "options-last-wins", \
  "keeps only the last option of a transport", "OPT-PARSE-2", \
  "OPT-PARSE-3 OPT-ESC-1 SM-ARGS-*") \
X(OPTIONS_GLOBAL_BAG, "options-global-bag", \
  "hands the options of one requested transport to all", \
  "OPT-PARSE-3", "OPT-NEED-1 OPT-UNKT-1 SM-ARGS-6") \
X(OPTIONS_SPLIT_ESCAPED, "options-split-escaped", \
  "splits options at escaped semicolons too", "OPT-ESC-1", \
  "OPT-MALF-1 OPT-PARSE-*") \
X(OPTIONS_ESCAPED_SEPARATOR, "options-escaped-separator", \
  "wants the equals sign after a key escaped", "OPT-EQ-1", \
  NO_SERVER " " ANY_ENV_ERROR) \
X(OPTIONS_UNKNOWN_FATAL, "options-unknown-fatal", \
  "refuses options for transports that are not requested", \
  "OPT-UNKT-1", "CFG-OVR-SVT-1 OPT-PARSE-3") \
X(OPTIONS_MALFORMED_CRASH, "options-malformed-crash", \
  "crashes on malformed options", "OPT-MALF-1", "ENVERR-VAL-1 HY-CRASH-1") \
X(OPTIONS_REQUIRED, "options-required", \
  "refuses to start without the options variable", "OPT-OMIT-1", \
  NO_SERVER " " ANY_ENV_ERROR) \
X(OPTION_MISSING_EXITS, "option-missing-exits", \
  "exits when a transport lacks a required option", "OPT-NEED-1", \
  "OPT-OMIT-1 SM-ERR-LIVE-1 SM-DONE-1 SVT-INIT-1 BA-* APPX-B-1") \
X(OPTIONS_FLAG_JSON, "options-flag-json", \
  "wants JSON as the value of -options", "OPT-FLAG-1", \
  "CFG-FLAG-1 CFG-OVR-OPT-1")

#define FAULTS_BINDADDR(X) \
X(BINDADDR_IGNORED, "bindaddr-ignored", \
  "ignores the port of a bind address", "BA-USE-1", \
  "BA-* CFG-OVR-BIND-1 SM-ERR-* SD-CLEAN-1 SD-STDIN-11 APPX-B-1 " \
  "OR-DOWN-1 SM-ARGS-5") \
X(BIND_ANY, "bind-any", \
  "listens on all addresses when told a loopback one", "BA-USE-2", \
  "BA-REP-1 BA-INUSE-1") \
X(SMETHOD_WRONG_PORT, "smethod-wrong-port", \
  "reports the configured port but listens on another", "BA-REP-1", \
  NO_SERVER " TT-SRV-1 TT-RAW-1") \
X(BINDADDR_FIRST_COLON, "bindaddr-first-colon", \
  "cuts a bind address at its first colon", "BA-V6-1", "") \
X(BINDADDR_KEY_LETTERS, "bindaddr-key-letters", \
  "refuses a bind address key with a digit or underscore in it", \
  "BA-SPLIT-1", "BA-UNREQ-1 CFG-OVR-SVT-1 SVT-ALLUNK-1") \
X(BINDADDR_REQUIRED, "bindaddr-required", \
  "refuses to start without bind addresses", "BA-OMIT-1", \
  "CFG-EMPTY-1 CFG-FLAG-1 SVT-* OPT-*") \
X(BINDADDR_ONLY_LISTED, "bindaddr-only-listed", \
  "starts only transports that have a bind address, if any has", \
  "BA-PART-1 APPX-B-1", "SVT-* BA-* OPT-* NAME-* SM-*") \
X(BINDADDR_BY_POSITION, "bindaddr-by-position", \
  "gives bind addresses to transports in the order of both lists", \
  "BA-ORDER-2", "BA-PART-1 BA-UNREQ-1 SVT-* CFG-OVR-SVT-1 NAME-*") \
X(BINDADDR_RESOLVES, "bindaddr-resolves", \
  "resolves host names in bind addresses", "BA-NAME-2", \
  "BA-MALF-1 ENVERR-*") \
X(BINDADDR_DUPLICATE_CRASH, "bindaddr-duplicate-crash", \
  "crashes on two bind addresses for one transport", "BA-DUP-2", "HY-CRASH-1") \
X(BIND_FALLBACK_PORT, "bind-fallback-port", \
  "takes another port when the configured one is in use", \
  "BA-INUSE-1", "SM-ERR-* BA-USE-1 SD-CLEAN-1") \
X(BIND_FALLBACK_ANY, "bind-fallback-any", \
  "listens on all addresses when the configured one is not local", \
  "BA-NONLOCAL-1", "SM-ERR-* BA-USE-1 BA-USE-2") \
X(BINDADDR_MALFORMED_OK, "bindaddr-malformed-ok", \
  "ignores malformed bind addresses", "BA-MALF-1", \
  "ENVERR-* BA-NAME-2") \
X(BINDADDR_PORT0_REPORTED, "bindaddr-port0-reported", \
  "reports port 0 when told port 0", "BA-PORT0-1", \
  "SM-ADDR-1 SVT-ONLY-1") \
X(BINDADDR_PRIVATE_REFUSED, "bindaddr-private-refused", \
  "refuses private addresses and all of 127/8 but 127.0.0.1", \
  "BA-LOCAL-1", "BA-USE-1 BA-USE-2") \
X(BINDADDR_UNREQUESTED, "bindaddr-unrequested", \
  "listens on the bind addresses of unknown transports", \
  "BA-UNREQ-1", "SVT-ONLY-1") \
X(BINDADDR_FLAG_IGNORED, "bindaddr-flag-ignored", \
  "ignores -bindaddr", "BA-FLAG-1", \
  "CFG-OVR-BIND-1 CFG-FLAG-1 ENVERR-FLAG-1")

#define FAULTS_ORPORT(X) \
X(ORPORT_DOMAIN_REFUSED, "orport-domain-refused", \
  "refuses a domain name as ORPort", "OR-DOM-1", "") \
X(ORPORT_V4_DEAD, "orport-v4-dead", \
  "never reaches an IPv4 ORPort", "OR-V4-1", \
  "OR-* GEN-* SM-LIFE-1 CFG-OVR-OR-1 EXT-CFG-1 EXT-CFG-5 EXT-CFG-9 TT-SRV-1 TT-RAW-1") \
X(ORPORT_FIRST_COLON, "orport-first-colon", \
  "cuts the ORPort at its first colon", "OR-V6-1", "") \
X(ORPORT_MISSING_OK, "orport-missing-ok", \
  "starts without any destination", "OR-NONE-1", "ENVERR-VAL-1") \
X(ORPORT_MALFORMED_CRASH, "orport-malformed-crash", \
  "crashes on a malformed ORPort", "OR-MALF-1", "ENVERR-VAL-1 HY-CRASH-1") \
X(ORPORT_DIALS_EARLY, "orport-dials-early", \
  "connects to the ORPort while starting", "OR-LAZY-1", \
  "OR-FWD-1 EXT-AUTH-12 EXT-FAIL-1 HY-RESET-1") \
X(ORPORT_FLAG_IGNORED, "orport-flag-ignored", \
  "ignores -orport", "OR-FLAG-1", \
  "CFG-OVR-OR-1 CFG-FLAG-1 ENVERR-FLAG-1")

#define FAULTS_LINES(X) \
X(NO_FINAL_NEWLINE, "no-final-newline", \
  "prints STATUS idle without a line feed after DONE", "IPC-NL-1", "") \
X(KEYWORD_AT_SIGNS, "keyword-at-signs", \
  "prints a line that starts with @@@", "IPC-KW-1", "") \
X(TAB_SEPARATORS, "tab-separators", \
  "prints each method line a second time, with tabs for spaces", \
  "IPC-SP-1", "IPC-KW-1 CM-FMT-1 SM-FMT-1 NAME-* APPX-A-1 APPX-B-1") \
X(BLANK_LINES, "blank-lines", \
  "prints a blank line before each line", "IPC-LEAD-1", "IPC-KW-1") \
X(NON_ASCII_LOG, "non-ascii-log", \
  "prints a LOG line in UTF-8", "IPC-ASCII-1", "") \
X(TRAILING_SPACE, "trailing-space", \
  "ends each line with a space", "IPC-TRAIL-1", \
  "MSG-VER-4 ENV-VER-4 *-DONE-* *-FMT-* *-ADDR-1 *-ARGS-* APPX-*") \
X(CRLF, "crlf", \
  "ends lines with CR LF", "IPC-CR-1", \
  "MSG-VER-4 ENV-VER-4 *-DONE-* *-FMT-* *-ADDR-1 *-ARGS-* APPX-*") \
X(LOWER_CASE_PROXY, "lower-case-proxy", \
  "prints proxy done in lower case", "IPC-CASE-1", \
  "PX-* APPX-A-1 CFG-OVR-PX-1") \
X(STDOUT_BUFFERED, "stdout-buffered", \
  "holds all output back until it exits", "IPC-FLUSH-1", "*") \
X(TORN_LINES, "torn-lines", \
  "lets a log line cut the method lines after the first in two", \
  "IPC-ATOM-1", \
  "CM-* SM-* CT-* SVT-* NAME-* BA-* OPT-* APPX-A-1 APPX-B-1 IPC-* " \
  "GEN-MODE-1") \
X(LOG_BAD_SEVERITY, "log-bad-severity", \
  "under version 1 logs with a severity that there is not", \
  "LOG-FMT-1", "") \
X(STATUS_NO_PAIR, "status-no-pair", \
  "under version 1 prints a STATUS line that says nothing", \
  "STATUS-FMT-1", "") \
X(PROXY_DONE_STDERR, "proxy-done-stderr", \
  "prints PROXY DONE on stderr", "IPC-CHAN-1", \
  "PX-* APPX-A-1 CFG-OVR-PX-1") \
X(DIES_ON_CLOSED_STDOUT, "dies-on-closed-stdout", \
  "prints a line per connection, blocking, and dies if it cannot", \
  "IPC-BLOCK-1", "CM-DONE-2 SM-DONE-2 HY-FULL-1 SK-GREET-3")

#define FAULTS_ENV_ERROR(X) \
X(NO_VALIDATION, "no-validation", \
  "does not check the configuration", "ENVERR-VAL-1", ANY_ENV_ERROR) \
X(ENV_ERROR_STDOUT, "env-error-stdout", \
  "prints ENV-ERROR on stdout", "ENVERR-STREAM-1", ANY_ENV_ERROR) \
X(ENV_ERROR_EXIT_1, "env-error-exit-1", \
  "exits 1 after ENV-ERROR", "ENVERR-EXIT-1", ANY_ENV_ERROR) \
X(ENV_ERROR_BARE, "env-error-bare", \
  "prints ENV-ERROR without a message", "ENVERR-MSG-1", "") \
X(ENV_ERROR_DONE, "env-error-done", \
  "prints its DONE line after ENV-ERROR", "ENVERR-NODONE-1", \
  "ENVERR-VAL-1 CM-DONE-1 SM-DONE-1") \
X(ENV_ERROR_NO_VERSION, "env-error-no-version", \
  "checks the configuration before VERSION", "ENVERR-AFTERVER-1", \
  "MSG-VER-1 MSG-VER-3") \
X(FLAG_ERROR_PANIC, "flag-error-panic", \
  "prints a trace and exits 2 on a malformed flag value", \
  "ENVERR-FLAG-1", "ENVERR-* CFG-FLAG-1 HY-CRASH-1") \
X(ENV_ERROR_EXIT_78, "env-error-exit-78", \
  "exits 78 after ENV-ERROR", "ENVERR-ONLY-1 ENVERR-EXIT-1", \
  ANY_ENV_ERROR)

#define FAULTS_CMETHOD(X) \
X(CMETHOD_NO_PROTOCOL, "cmethod-no-protocol", \
  "leaves the protocol out of CMETHOD", "CM-FMT-1", NO_CLIENT) \
X(CMETHOD_PROTOCOL_CASE, "cmethod-protocol-case", \
  "spells the protocol SOCKS5", "CM-PROTO-1", NO_CLIENT) \
X(CMETHOD_STDERR, "cmethod-stderr", \
  "prints CMETHOD on stderr", "CM-STREAM-1", NO_CLIENT) \
X(CMETHOD_LOCALHOST, "cmethod-localhost", \
  "reports its address as localhost", "CM-ADDR-1", NO_CLIENT) \
X(CMETHOD_LATE_LISTEN, "cmethod-late-listen", \
  "listens one second after it said so", "CM-LISTEN-1", NO_CLIENT) \
X(SOCKS_NOT_SPOKEN, "socks-not-spoken", \
  "announces socks5 and hangs up on the greeting", "CM-LISTEN-2", \
  NO_CLIENT) \
X(CMETHOD_SAME_PORT, "cmethod-same-port", \
  "announces the first listener for all transports", "CM-DIST-1", \
  "GEN-* SK-* SM-ARGS-5") \
X(CLIENT_ACCEPTS_20, "client-accepts-20", \
  "stops listening after 20 connections", "CM-LIFE-1", \
  "GEN-* SK-* PX-* SD-* HY-EMFILE-1") \
X(CMETHOD_AND_ERROR, "cmethod-and-error", \
  "prints CMETHOD-ERROR beside each CMETHOD", "CM-ONCE-1", \
  "CT-INIT-1 CT-DUP-1 CM-ERR-* APPX-A-1 OR-TGT-2") \
X(CMETHOD_ERROR_STDOUT, "cmethod-error-stdout", \
  "prints CMETHOD-ERROR on stdout", "CM-ERR-STREAM-1", \
  "CT-INIT-1 CM-ERR-FMT-1") \
X(CMETHOD_ERROR_NO_NAME, "cmethod-error-no-name", \
  "prints CMETHOD-ERROR failed", "CM-ERR-FMT-1", \
  "CT-INIT-1 CM-ERR-STREAM-1 NAME-*") \
X(CMETHOD_ERROR_EXITS, "cmethod-error-exits", \
  "exits when a client transport fails", "CM-ERR-LIVE-1", \
  "CM-DONE-1 CT-INIT-1") \
X(CMETHOD_ERROR_UNKNOWN, "cmethod-error-unknown", \
  "prints CMETHOD-ERROR for an unknown transport", "CM-UNK-1", \
  "CT-* NAME-* CM-ERR-*") \
X(CMETHODS_NO_DONE, "cmethods-no-done", \
  "never prints CMETHODS DONE", "CM-DONE-1", NO_CLIENT) \
X(CMETHOD_AFTER_DONE, "cmethod-after-done", \
  "prints CMETHODS DONE before its CMETHOD lines", "CM-DONE-2", \
  NO_CLIENT) \
X(CMETHODS_DONE_SPELLING, "cmethods-done-spelling", \
  "prints CMETHOD DONE", "CM-DONE-3", NO_CLIENT) \
X(CLIENT_SMETHODS_DONE, "client-smethods-done", \
  "a client prints SMETHODS DONE as well", "CM-ROLE-1", \
  "GEN-ROLE-1 APPX-A-1") \
X(CLIENT_SLOW_START, "client-slow-start", \
  "a client waits two minutes for the network before it starts", \
  "CM-TIME-1", NO_CLIENT " PX-* MSG-*")

#define FAULTS_SMETHOD(X) \
X(SMETHOD_NO_ADDRESS, "smethod-no-address", \
  "leaves the address out of SMETHOD", "SM-FMT-1", NO_SERVER) \
X(SMETHOD_ARGS_LINE, "smethod-args-line", \
  "prints ARGS on a line of its own", "IPC-KW-1", \
  "SM-* OPT-* CFG-OVR-OPT-1 SVT-* GEN-* APPX-B-1 SK-JPB-* " \
  "SK-REP-2 SK-REQ-1 SK-REQ-2") \
X(SMETHOD_STDERR, "smethod-stderr", \
  "prints SMETHOD on stderr", "SM-STREAM-1", NO_SERVER) \
X(SMETHOD_LOCALHOST, "smethod-localhost", \
  "reports its address as localhost", "SM-ADDR-1", NO_SERVER) \
X(SMETHOD_LATE_LISTEN, "smethod-late-listen", \
  "listens one second after it said so", "SM-LISTEN-1", \
  NO_SERVER " TT-SRV-1 TT-RAW-1") \
X(ARGS_BARE_KEY, "args-bare-key", \
  "puts a key without a value into ARGS", "SM-ARGS-1", \
  "OPT-* SM-ARGS-* SM-FMT-1 GEN-* EXT-* OR-*") \
X(ARGS_NO_ESCAPE, "args-no-escape", \
  "does not escape equals signs and commas in ARGS", "SM-ARGS-2", \
  "OPT-* SM-ARGS-1 SM-ARGS-5 GEN-E2E-* GEN-FWD-1 OR-PAY-1") \
X(ARGS_BACKSLASH_RAW, "args-backslash-raw", \
  "does not escape backslashes in ARGS", "SM-ARGS-3", \
  "OPT-* SM-ARGS-1 SM-ARGS-2 SM-ARGS-5 GEN-E2E-* GEN-FWD-1 OR-PAY-1") \
X(ARGS_SPACES, "args-spaces", \
  "puts a space behind each comma in ARGS", "SM-ARGS-4", \
  "OPT-* SM-ARGS-1 SM-FMT-1") \
X(ARGS_SECRET, "args-secret", \
  "puts the secret option of ident into ARGS", "SM-ARGS-6", \
  "AN-CONF-*") \
X(SMETHOD_AND_ERROR, "smethod-and-error", \
  "prints SMETHOD-ERROR beside each SMETHOD", "SM-ONCE-1", \
  "SVT-INIT-1 SVT-DUP-1 SM-ERR-* APPX-B-1 BA-*") \
X(SMETHOD_ERROR_STDOUT, "smethod-error-stdout", \
  "prints SMETHOD-ERROR on stdout", "SM-ERR-STREAM-1", \
  "SVT-INIT-1 SM-ERR-FMT-1 BA-* OPT-NEED-1 OPT-OMIT-1") \
X(SMETHOD_ERROR_NO_NAME, "smethod-error-no-name", \
  "prints SMETHOD-ERROR failed", "SM-ERR-FMT-1", \
  "SVT-INIT-1 SM-ERR-STREAM-1 BA-* OPT-NEED-1 OPT-OMIT-1 NAME-*") \
X(SMETHOD_ERROR_EXITS, "smethod-error-exits", \
  "exits when a bind address cannot be used", "SM-ERR-LIVE-1", \
  "SM-DONE-1 SVT-INIT-1 BA-*") \
X(SMETHODS_NO_DONE, "smethods-no-done", \
  "never prints SMETHODS DONE", "SM-DONE-1", NO_SERVER) \
X(SMETHOD_AFTER_DONE, "smethod-after-done", \
  "prints SMETHODS DONE before its SMETHOD lines", "SM-DONE-2", \
  NO_SERVER) \
X(SMETHODS_DONE_SPELLING, "smethods-done-spelling", \
  "prints SMETHOD DONE", "SM-DONE-3", NO_SERVER) \
X(SERVER_CMETHODS_DONE, "server-cmethods-done", \
  "a server prints CMETHODS DONE as well", "SM-ROLE-1", \
  "GEN-ROLE-1 APPX-B-1") \
X(SERVER_DIES_ON_RESET, "server-dies-on-reset", \
  "stops listening after a client reset its connection", \
  "SM-LIFE-1", "GEN-* OR-* EXT-* BA-*")

#define FAULTS_SHUTDOWN(X) \
X(SIGTERM_IGNORED, "sigterm-ignored", \
  "ignores SIGTERM", "SD-TERM-1", \
  "SD-TERM-* SD-STATUS-1 SD-CLEAN-1 SD-STATE-1") \
X(SIGTERM_EXIT_143, "sigterm-exit-143", \
  "exits 143 on SIGTERM", "SD-TERM-2 SD-STATUS-1", \
  "SD-TERM-* SD-CLEAN-1 SD-INT-1") \
X(SIGTERM_EARLY_SURVIVOR, "sigterm-early-survivor", \
  "starts slowly, and SIGTERM meanwhile leaves a helper behind", \
  "SD-TERM-3", "SD-STDIN-9 SD-STDIN-11 SD-CLEAN-1 MSG-VERERR-5 HY-CHILD-1") \
X(SIGTERM_DRAIN_FOREVER, "sigterm-drain-forever", \
  "after SIGTERM waits until the last connection has ended", \
  "SD-TERM-4", "") \
X(PARENT_DEATH_IGNORED, "parent-death-ignored", \
  "lives on for a minute after its parent died", "SD-PARENT-1", "") \
X(PARENT_PID1_EXITS, "parent-pid1-exits", \
  "exits if its parent has process id 1", "SD-PARENT-2", "*") \
X(TERM_LEAVES_WORKER, "term-leaves-worker", \
  "leaves a child with the listening ports after SIGTERM", \
  "SD-CLEAN-1", "SD-TERM-3 SD-TERM-4 SD-STDIN-11 HY-CHILD-1") \
X(STATE_TORN, "state-torn", \
  "cuts its state file on exit and refuses it at the next start", \
  "SD-STATE-1", "ST-PERSIST-1 ST-CORRUPT-1 ST-SLASH-1 APPX-B-2 SD-*") \
X(DIES_OF_SIGPIPE, "dies-of-sigpipe", \
  "does not ignore SIGPIPE", "SD-IGN-1", \
  "CM-LIFE-1 SM-LIFE-1 IPC-BLOCK-1 GEN-* SK-ROB-1")

/* Those of the default mode; each other mode has a table of its own. */
#define PTREF_FAULTS(X) \
	FAULTS_GENERAL(X) \
	FAULTS_CONFIG(X) \
	FAULTS_VERSION(X) \
	FAULTS_STDIN(X) \
	FAULTS_CLIENT_LIST(X) \
	FAULTS_PROXY(X) \
	FAULTS_SERVER_LIST(X) \
	FAULTS_OPTIONS(X) \
	FAULTS_BINDADDR(X) \
	FAULTS_ORPORT(X) \
	FAULTS_EXTOR(X) \
	FAULTS_LINES(X) \
	FAULTS_ENV_ERROR(X) \
	FAULTS_CMETHOD(X) \
	FAULTS_SMETHOD(X) \
	FAULTS_SHUTDOWN(X) \
	FAULTS_STATE(X) \
	FAULTS_TUNNEL(X) \
	FAULTS_TCP(X) \
	FAULTS_PROXY_USE(X) \
	FAULTS_ANON_NET(X) \
	FAULTS_ANON_FILES(X) \
	FAULTS_HYGIENE(X) \
	FAULTS_ROUND_TRIP(X) \
	FAULTS_SOCKS(X) \
	FAULTS_SETTINGS(X)

#define PTREF_ALL_FAULTS(X) \
	PTREF_FAULTS(X) \
	FAULTS_SOCKS4(X)

/* clang-format on */

#endif
