/*
 * The faults of the SOCKS front end and of settings; a part of the table in
 * ptref_faults_list.h, which says what the rows mean.
 */
#ifndef PTREF_FAULTS_SOCKS_H
#define PTREF_FAULTS_SOCKS_H

/* clang-format off */

#define FAULTS_SOCKS(X) \
X(SOCKS_NONE_IS_USERPASS, "socks-none-is-userpass", \
  "answers 05 02 when method 00 alone is offered", \
  "SK-GREET-1", "SK-GREET-7 PX-USE-1 PX-V6-1 OR-DOWN-1") \
X(SOCKS_DRAFT_METHOD, "socks-draft-method", \
  "knows the settings method of the drafts, 80, instead of 09", \
  "SK-GREET-2", "SK-GREET-3 SK-JPB-* SM-ARGS-5") \
X(SOCKS_METHOD_NOT_OFFERED, "socks-method-not-offered", \
  "answers 05 03 when several methods are offered", \
  "SK-GREET-3", "") \
X(SOCKS_NO_MATCH_IS_NONE, "socks-no-match-is-none", \
  "answers 05 00 when it knows no method that is offered", \
  "SK-GREET-4", "") \
X(SOCKS_NO_METHODS_IS_NONE, "socks-no-methods-is-none", \
  "answers 05 00 when no method is offered", \
  "SK-GREET-5", "") \
X(SOCKS_ANY_VERSION, "socks-any-version", \
  "does not look at the first byte of a greeting", \
  "SK-GREET-6", "") \
X(SOCKS_GREETING_ONE_READ, "socks-greeting-one-read", \
  "ends a connection whose greeting comes in pieces", \
  "SK-GREET-7", "") \
X(SOCKS_PORT_SWAPPED, "socks-port-swapped", \
  "reads the port of a request the wrong way round", \
  "SK-REQ-1", \
  "SK-JPB-OK-1 SK-JPB-ERRLIVE-1 SK-REQ-2 SK-REP-2 OR-DOWN-1 SM-ARGS-5") \
X(SOCKS_NO_IPV6, "socks-no-ipv6", \
  "fails for every IPv6 destination", \
  "SK-REQ-2", "SK-JPB-OK-1 SK-REP-2 SM-ARGS-5") \
X(SOCKS_LONG_NAME_ABORTS, "socks-long-name-aborts", \
  "aborts at a name of 255 bytes", \
  "SK-REQ-3", "SK-ROB-1 CM-LIFE-1 HY-CRASH-1") \
X(SOCKS_ANY_COMMAND, "socks-any-command", \
  "takes every command for CONNECT", \
  "SK-REQ-4", "") \
X(SOCKS_ATYP_HANGS, "socks-atyp-hangs", \
  "never answers an unknown address type", \
  "SK-REQ-5", "") \
X(SOCKS_PORT_0_ABORTS, "socks-port-0-aborts", \
  "aborts at port 0", \
  "SK-REQ-6", "SK-ROB-1 CM-LIFE-1 HY-CRASH-1") \
X(SOCKS_REQUEST_ONE_READ, "socks-request-one-read", \
  "ends a connection whose request comes in pieces", \
  "SK-REQ-7", "SK-JPB-FRAME-2") \
X(SOCKS_SHORT_REPLY, "socks-short-reply", \
  "leaves out the port of a reply of failure", \
  "SK-REP-1", "SK-REQ-3 SK-PIPE-1") \
X(SOCKS_REP_5A, "socks-rep-5a", \
  "says 5a for success, as SOCKS4 does", \
  "SK-REP-2", "SK-JPB-OK-1 SK-JPB-ERRLIVE-1 SK-REQ-1 SK-REQ-2 SM-ARGS-5 " \
  "OR-DOWN-1") \
X(SOCKS_FAILURE_IS_00, "socks-failure-is-00", \
  "says success when the server cannot be reached", \
  "SK-REP-3", "") \
X(SOCKS_FAILURE_STAYS_OPEN, "socks-failure-stays-open", \
  "leaves the connection open after a failure", \
  "SK-REP-4", "SK-JPB-ERRCLOSE-1") \
X(SOCKS_REPLY_TWICE, "socks-reply-twice", \
  "sends the reply of success twice", \
  "SK-REP-5", "GEN-* OR-* SM-ARGS-5 EXT-MSG-11") \
X(SOCKS_FIRST_DATA_LOST, "socks-first-data-lost", \
  "loses what a client says first behind the reply", \
  "SK-DATA-1", "GEN-* OR-* EXT-* TT-RAW-1 TT-SRV-1 TT-EARLY-1") \
X(SOCKS_DIES_OF_HANGUP, "socks-dies-of-hangup", \
  "aborts when a client goes in the middle of a message", \
  "SK-ROB-1", "CM-LIFE-1 SK-JPB-EXTRA-1 SK-JPB-10-1 SK-JPB-ERRLIVE-1 " \
  "HY-CRASH-1") \
X(SOCKS_SERIAL, "socks-serial", \
  "serves no client while another one is in its handshake", \
  "SK-ROB-2", "") \
X(SOCKS_FIRST_SERVER, "socks-first-server", \
  "connects to the first server that it was ever asked for", \
  "SK-DEST-1", "SK-REQ-3") \
X(USER_NO_NUL, "user-no-nul", \
  "refuses the password of one NUL", \
  "SK-ARG-1", "SM-ARGS-5") \
X(USER_ONLY, "user-only", \
  "reads settings from the user name alone", \
  "SK-ARG-2", "SK-REQ-1 SK-REP-2 SM-ARGS-5") \
X(USER_NO_ESCAPES, "user-no-escapes", \
  "refuses settings with a backslash", \
  "SK-ARG-3", "SM-ARGS-5") \
X(USER_ANYTHING, "user-anything", \
  "accepts anything as user name and password", \
  "SK-ARG-4", "SM-ARGS-5")

#define FAULTS_SETTINGS(X) \
X(SETTINGS_COUNT_LITTLE, "settings-count-little", \
  "reads the length of settings little-endian", \
  "SK-JPB-FRAME-1", "SK-JPB-* SK-REQ-1 SK-REQ-2 SK-REP-2 SM-ARGS-5") \
X(SETTINGS_ONE_READ, "settings-one-read", \
  "ends a connection whose settings come in pieces", \
  "SK-JPB-FRAME-2", "SM-ARGS-5") \
X(SETTINGS_COUNT_ONE_BYTE, "settings-count-one-byte", \
  "looks at the last byte of the length of settings only", \
  "SK-JPB-FRAME-3", "SM-ARGS-5") \
X(SETTINGS_ONE_BYTE_ANSWER, "settings-one-byte-answer", \
  "answers good settings with a single 00", \
  "SK-JPB-OK-1", \
  "SK-JPB-FRAME-* SK-JPB-UTF-1 SK-JPB-WS-1 SK-JPB-EXTRA-1 SK-JPB-11-3 " \
  "SK-REQ-1 SK-REQ-2 SK-REP-2 SM-ARGS-5 SK-JPB-*") \
X(SETTINGS_IGNORED, "settings-ignored", \
  "uses settings of its own instead of those it is told", \
  "SK-JPB-OK-2", "SK-JPB-12-* SK-JPB-13-1 GEN-* OR-* SM-ARGS-5") \
X(SETTINGS_STICK, "settings-stick", \
  "uses the settings of the client before for one that tells none", \
  "SK-JPB-OK-3", "SM-ARGS-5") \
X(SETTINGS_ASCII_ONLY, "settings-ascii-only", \
  "calls settings with other than ASCII characters malformed", \
  "SK-JPB-UTF-1", "SK-JPB-FRAME-2 SM-ARGS-5") \
X(SETTINGS_ONE_LINE, "settings-one-line", \
  "reads settings up to the end of the line only", \
  "SK-JPB-WS-1", "SK-JPB-FRAME-1 SM-ARGS-5") \
X(SETTINGS_UNKNOWN_KEY_ABORTS, "settings-unknown-key-aborts", \
  "aborts at a setting that it does not know", \
  "SK-JPB-EXTRA-1", "CM-LIFE-1 SK-JPB-ERRLIVE-1 SK-ROB-1 HY-CRASH-1 SK-JPB-* " \
  "SM-ARGS-5") \
X(SETTINGS_HUGE_ALLOC, "settings-huge-alloc", \
  "makes room for as many settings as a client announces", \
  "SK-JPB-10-1", "SM-ARGS-5") \
X(SETTINGS_64_BYTES, "settings-64-bytes", \
  "refuses settings of more than 64 bytes", \
  "SK-JPB-10-2", "SM-ARGS-5") \
X(SETTINGS_NO_TIMEOUT, "settings-no-timeout", \
  "waits for the rest of settings for five minutes", \
  "SK-JPB-11-1", "SM-ARGS-5") \
X(SETTINGS_TIMEOUT_12, "settings-timeout-12", \
  "says 12 when settings do not come in time", \
  "SK-JPB-11-2", "SM-ARGS-5") \
X(SETTINGS_HASTY, "settings-hasty", \
  "waits a tenth of a second for settings", \
  "SK-JPB-11-3", "SK-JPB-* SM-ARGS-5") \
X(SETTINGS_ERRORS_IGNORED, "settings-errors-ignored", \
  "takes malformed settings for none", \
  "SK-JPB-12-1", "SK-JPB-12-* SM-ARGS-5") \
X(SETTINGS_UTF8_REPLACED, "settings-utf8-replaced", \
  "takes a question mark for every byte that is not ASCII", \
  "SK-JPB-12-2", "SM-ARGS-5") \
X(SETTINGS_EMPTY_WAITS, "settings-empty-waits", \
  "goes on waiting after a length of 0", \
  "SK-JPB-12-3", "SM-ARGS-5") \
X(SETTINGS_ARRAY_TAKEN, "settings-array-taken", \
  "takes an array for settings that are empty", \
  "SK-JPB-12-4", "SM-ARGS-5") \
X(SETTINGS_INVALID_IS_01, "settings-invalid-is-01", \
  "says 01 for settings that do not suit the transport", \
  "SK-JPB-13-1", "SM-ARGS-5") \
X(SETTINGS_ERROR_GOES_ON, "settings-error-goes-on", \
  "leaves the connection open after code 12", \
  "SK-JPB-ERRCLOSE-1", "SK-REP-4 SK-REP-5 SM-ARGS-5") \
X(SETTINGS_ERROR_EXITS, "settings-error-exits", \
  "exits when settings are malformed", \
  "SK-JPB-ERRLIVE-1", "CM-LIFE-1 SK-JPB-EXTRA-1 SK-ROB-1 SM-ARGS-5") \
X(SETTINGS_NOT_NEEDED, "settings-not-needed", \
  "says success to a client that tells nothing, then ends", \
  "SK-JPB-NEED-1", "SK-JPB-OK-3 SM-ARGS-5")

/* clang-format on */

#endif
