/*
 * The faults of what a transport does to the world around it: its state and
 * other files, whom it calls and by which way, what it takes and leaves; a part
 * of the table in ptref_faults_list.h, which says what the rows mean.
 */
#ifndef PTREF_FAULTS_WORLD_H
#define PTREF_FAULTS_WORLD_H

/* clang-format off */

/* Files outside: each form of the state setting has a rule of its own. */
#define STRAY_FILES "ST-CHARS-1 ST-DEF-1 ST-EMPTY-1 ST-REL-1 ST-FLAG-1 " \
	"CFG-OVR-STATE-1"

#define FAULTS_STATE(X) \
X(STATE_NO_SLASH, "state-no-slash", \
  "puts its state file beside a state path without a final slash", \
  "APPX-B-2 ST-SLASH-1 ST-ONLY-1 ST-ELSE-1", \
  "ST-CHARS-1 ST-FLAG-1 CFG-OVR-STATE-1") \
X(TMP_LOG, "tmp-log", \
  "writes a log in the system's temporary directory", \
  "ST-ONLY-1 ST-ELSE-1", STRAY_FILES) \
X(TMP_SOCKET, "tmp-socket", \
  "makes a UNIX socket in the system's temporary directory", \
  "ST-ONLY-1 ST-ELSE-1", STRAY_FILES) \
X(HOME_DOT_FILE, "home-dot-file", \
  "touches a dot file in the home directory", \
  "ST-ONLY-1 ST-ELSE-1", STRAY_FILES) \
X(HOME_DOT_DIR, "home-dot-dir", \
  "makes a dot directory in the home directory", \
  "ST-ELSE-1", STRAY_FILES) \
X(CACHE_BLINK, "cache-blink", \
  "keeps a file in ~/.cache for a moment", \
  "ST-ONLY-1 ST-ELSE-1", STRAY_FILES) \
X(CWD_LOG, "cwd-log", \
  "logs to ./pt.log", \
  "ST-CWD-1 ST-ONLY-1 ST-ELSE-1", "ST-CHARS-1 ST-FLAG-1 CFG-OVR-STATE-1") \
X(STATE_MISSING_REFUSED, "state-missing-refused", \
  "a client refuses a state directory that does not exist", \
  "ST-MKDIR-1", NO_CLIENT " " ANY_ENV_ERROR) \
X(STATE_MKDIR_SINGLE, "state-mkdir-single", \
  "makes the state directory, but none above it", \
  "ST-MKDIR-2", "ST-CHARS-1") \
X(STATE_REQUIRED, "state-required", \
  "refuses to start without a state location", \
  "ST-DEF-1", "") \
X(STATE_EMPTY_ROOT, "state-empty-root", \
  "takes an empty state location for the root directory", \
  "ST-EMPTY-1", "") \
X(STATE_RELATIVE_HOME, "state-relative-home", \
  "takes a relative state location for one in the home directory", \
  "ST-REL-1", "") \
X(STATE_CUT_AT_SPACE, "state-cut-at-space", \
  "cuts the state location at its first space", \
  "ST-CHARS-1", "ST-ONLY-1 ST-ELSE-1") \
X(STATE_UNUSABLE_CRASH, "state-unusable-crash", \
  "crashes if the state location cannot be used", \
  "ST-DENY-1", "HY-CRASH-1 HY-DISK-1") \
X(STATE_FALLBACK, "state-fallback", \
  "takes another directory if the state location cannot be used", \
  "ST-ELSE-1 ST-ONLY-1", "") \
X(STATE_OLD_REFUSED, "state-old-refused", \
  "refuses to start where its own state is already", \
  "ST-PERSIST-1", "SD-STATE-1") \
X(STATE_DAMAGED_CRASH, "state-damaged-crash", \
  "crashes on damaged state", \
  "ST-CORRUPT-1", "HY-CRASH-1") \
X(STATE_FILE_OPEN, "state-file-open", \
  "lets everybody read and write its state file", \
  "ST-PERM-1", "") \
X(STATE_DIR_OPEN, "state-dir-open", \
  "makes its state directory for everybody to read", \
  "ST-PERM-1", "") \
X(STATE_FLAG_IGNORED, "state-flag-ignored", \
  "ignores -state", \
  "ST-FLAG-1 CFG-OVR-STATE-1", "")

#define FAULTS_ANON_FILES(X) \
X(CLIENT_ACCESS_LOG, "client-access-log", \
  "a client logs where applications come from, in its state directory", \
  "AN-LOG-1", "") \
X(SERVER_LOGS_REFUSED, "server-logs-refused", \
  "a server logs the address of whom it could not serve", \
  "AN-LOG-2", "") \
X(PEER_ON_STDERR, "peer-on-stderr", \
  "tells on stderr where each connection comes from", \
  "AN-LOG-3", "HY-FULL-1 SK-GREET-3") \
X(CLIENT_LOGS_SERVER, "client-logs-server", \
  "a client logs the address of its server in its state directory", \
  "AN-CONF-1", "") \
X(PAYLOAD_DUMP, "payload-dump", \
  "dumps payload in hexadecimal in its state directory", \
  "AN-CONF-2", "ST-*") \
X(PAYLOAD_ON_STDOUT, "payload-on-stdout", \
  "shows on stdout what it carries", \
  "IPC-STDOUT-1 AN-CONF-2", "IPC-* HY-*")

#define FAULTS_PROXY_USE(X) \
X(PROXY_DIAL_DIRECT, "proxy-dial-direct", \
  "prints PROXY DONE and dials without the proxy", \
  "PX-USE-1 AN-FC-1", \
  "PX-CLOSED-1 PX-V6-1 AN-DNS-2") \
X(PROXY_FIRST_ONLY, "proxy-first-only", \
  "uses the proxy for its first connection only", \
  "PX-USE-2 AN-FC-1", "PX-CLOSED-*") \
X(PROXY_DOWN_DIRECT, "proxy-down-direct", \
  "dials without the proxy when that cannot be reached", \
  "PX-CLOSED-1 AN-FC-1", "") \
X(PROXY_METHOD_DIRECT, "proxy-method-direct", \
  "dials without the proxy when that accepts none of its methods", \
  "PX-CLOSED-2 AN-FC-1", "") \
X(PROXY_REPLY_DIRECT, "proxy-reply-direct", \
  "dials without the proxy when a SOCKS reply says no", \
  "PX-CLOSED-2 AN-FC-1", "") \
X(PROXY_HTTP_DIRECT, "proxy-http-direct", \
  "dials without the proxy when an HTTP status says no", \
  "PX-CLOSED-2 AN-FC-1", "") \
X(PROXY_CLOSE_DIRECT, "proxy-close-direct", \
  "dials without the proxy when that ends a dialogue", \
  "PX-CLOSED-2 AN-FC-1", "") \
X(PROXY_DROP_DIRECT, "proxy-drop-direct", \
  "does without the proxy once that has dropped a connection", \
  "PX-CLOSED-3 AN-FC-1", "") \
X(PROXY_CREDENTIALS_DROPPED, "proxy-credentials-dropped", \
  "offers a SOCKS5 proxy no credentials", "PX-AUTH-1", "") \
X(PROXY_CREDENTIALS_RAW, "proxy-credentials-raw", \
  "does not decode proxy credentials", "PX-AUTH-2", "") \
X(PROXY_SOCKS4A_AS_5, "proxy-socks4a-as-5", \
  "speaks SOCKS5 to a SOCKS4a proxy", "PX-S4A-1", "") \
X(PROXY_HTTP_GET, "proxy-http-get", \
  "sends GET to an HTTP proxy", "PX-HTTP-1", "") \
X(PROXY_HTTP_407_OK, "proxy-http-407-ok", \
  "takes status 407 for success", "PX-HTTP-1", "") \
X(PROXY_REPLY_TEN, "proxy-reply-ten", \
  "takes the first read of a SOCKS5 reply for its 10 bytes", \
  "PX-SPLIT-1", "") \
X(PROXY_NAMES_RESOLVED, "proxy-names-resolved", \
  "looks names up and gives the proxy their addresses", \
  "AN-DNS-2", "PX-USE-1 AN-FC-1")

#define FAULTS_ANON_NET(X) \
X(RESOLVES_SELF, "resolves-self", \
  "looks its host name up at start", "AN-DNS-1", \
  "PX-USE-2 AN-FC-1") \
X(REVERSE_LOOKUP, "reverse-lookup", \
  "asks for the name of each address that it connects to", \
  "AN-DNS-3", "AN-DNS-1 PX-USE-* AN-FC-1") \
X(PHONES_HOME, "phones-home", \
  "asks a time server at start", "AN-NET-1", \
  "PX-USE-2 AN-FC-1") \
X(PROXY_MALFORMED_DIRECT, "proxy-malformed-direct", \
  "warns of a bad proxy and does without it", "AN-FC-2", \
  "PX-ANS-1 PX-MALF-1 PX-SCHEME-1 PX-HOST-1 PX-AUTH-3")

#define FAULTS_HYGIENE(X) \
X(HALF_OPEN_CRASH, "half-open-crash", \
  "client crashes when a connection ends inside the SOCKS greeting", \
  "HY-CRASH-1", "CM-LIFE-1 SK-*") \
X(HALF_OPEN_ALARM, "half-open-alarm", \
  "client dies of SIGALRM when a connection ends inside the greeting", \
  "HY-SIGNAL-1", "CM-LIFE-1 SK-*") \
X(HIDDEN_LISTENER, "hidden-listener", \
  "client has a loopback listener that it does not announce", \
  "HY-LISTEN-1", "CT-ONLY-1") \
X(DEBUG_LISTENER, "debug-listener", \
  "client has a listener for debugging at all addresses", \
  "HY-LOCAL-1 HY-LISTEN-1", "CT-ONLY-1") \
X(FD_LEAK, "fd-leak", \
  "keeps a descriptor of each connection", \
  "HY-FDS-1", "HY-EMFILE-1 CM-LIFE-1 SM-LIFE-1") \
X(ERROR_LEAVES_CHILD, "error-leaves-child", \
  "leaves a child behind after ENV-ERROR", \
  "HY-CHILD-1", "") \
X(KEEPS_ZOMBIE, "keeps-zombie", \
  "does not collect a child that has ended", "HY-ZOMBIE-1", "") \
X(BUSY_WHEN_IDLE, "busy-when-idle", \
  "client spins once its last connection has ended", \
  "HY-IDLE-1", "HY-CLOSED-1") \
X(ACCEPT_SPINS, "accept-spins", \
  "calls accept without a pause when out of descriptors", \
  "HY-EMFILE-1", "") \
X(LOGS_CONNECTIONS, "logs-connections", \
  "waits for stderr to take a line about each connection", \
  "HY-FULL-1", "SK-GREET-3") \
X(STDOUT_CLOSED_SPINS, "stdout-closed-spins", \
  "writes a line again and again when stdout is closed", \
  "HY-CLOSED-1", "") \
X(HELPER_ARGV, "helper-argv", \
  "server gives its options to a helper by the command line", \
  "HY-ARGV-1", "") \
X(SECRET_FILE, "secret-file", \
  "server copies its options into a file that all can read", \
  "HY-SECRET-1", "ST-PERM-1") \
X(FEW_FDS_SILENT, "few-fds-silent", \
  "exits without a word when there are fewer than 16 descriptors", \
  "HY-NOFILE-1", "") \
X(STATE_EIO_CRASH, "state-eio-crash", \
  "crashes on an input error while it writes its state", \
  "HY-DISK-1 HY-CRASH-1", "ST-*") \
X(STATE_FULL_WAITS, "state-full-waits", \
  "waits for room when there is none for its state", \
  "HY-DISK-1", "ST-*") \
X(BIND_DENIED_WAITS, "bind-denied-waits", \
  "waits for a permission to bind that it has not", \
  "HY-SOCKET-1", "BA-*") \
X(SOCKET_ERROR_SILENT, "socket-error-silent", \
  "exits with success and without a word when it gets no socket", \
  "HY-SOCKET-1", "HY-NOFILE-1") \
X(ACCEPT_ERROR_STOPS, "accept-error-stops", \
  "stops listening after an error in accept", \
  "HY-ACCEPT-1", "CM-LIFE-1 HY-EMFILE-1") \
X(SHORT_WRITE, "short-write", \
  "loses what a pipe does not take at once", "HY-SLOW-1", "OPT-PARSE-1 IPC-NL-1") \
X(STDIN_EARLY_HANG, "stdin-early-hang", \
  "hangs when stdin ends before VERSION, where that means the end", \
  "HY-STDIN-1", "SD-STDIN-9")

/* clang-format on */

#endif
