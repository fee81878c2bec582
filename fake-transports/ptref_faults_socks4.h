/*
 * The faults of SOCKS4, which ptref speaks with -mode socks4 only; a part of
 * the table in ptref_faults_list.h, which says what the rows mean.
 */
#ifndef PTREF_FAULTS_SOCKS4_H
#define PTREF_FAULTS_SOCKS4_H

/* Without these words the faults show nowhere. */
#define SOCKS4_ARGS "-mode socks4"

/* clang-format off */

#define FAULTS_SOCKS4(X) \
X(SOCKS4_PORT_SWAPPED, "socks4-port-swapped", \
  "reads the port of a request the wrong way round", \
  "SK-V4-1", "SK-ARG-* SM-ARGS-5 OR-DOWN-1") \
X(SOCKS4_NAME_HANGS, "socks4-name-hangs", \
  "never answers a request with a name", \
  "SK-V4-2", "") \
X(SOCKS4_ONE_READ, "socks4-one-read", \
  "ends a connection whose request comes in pieces", \
  "SK-V4-3", "") \
X(SOCKS4_REPLY_04, "socks4-reply-04", \
  "begins a reply with 04 instead of 00", \
  "SK-V4-4", "") \
X(SOCKS4_REPLY_TWICE, "socks4-reply-twice", \
  "sends the reply of success twice", \
  "SK-V4-5", "GEN-* OR-* EXT-* SM-ARGS-5") \
X(SOCKS4_FAILURE_IS_5A, "socks4-failure-is-5a", \
  "says success when the server cannot be reached", \
  "SK-V4-6", "") \
X(SOCKS4_FAILURE_STAYS_OPEN, "socks4-failure-stays-open", \
  "leaves the connection open after a failure", \
  "SK-V4-7", "") \
X(SOCKS4_ANY_COMMAND, "socks4-any-command", \
  "takes every command for CONNECT", \
  "SK-V4-8", "") \
X(SOCKS4_ANY_VERSION, "socks4-any-version", \
  "does not look at the first byte of a request", \
  "SK-V4-9", "") \
X(USERID_REFUSED, "userid-refused", \
  "refuses every user id that is not empty", \
  "SK-ARG-5", "SM-ARGS-5") \
X(USERID_255, "userid-255", \
  "refuses a user id of more than 255 bytes", \
  "SK-ARG-6", "SM-ARGS-5") \
X(USERID_NO_ESCAPES, "userid-no-escapes", \
  "refuses a user id with a backslash", \
  "SK-ARG-7", "SM-ARGS-5") \
X(USERID_ANYTHING, "userid-anything", \
  "accepts anything as user id", \
  "SK-ARG-8", "SM-ARGS-5") \
X(USERID_ENDLESS, "userid-endless", \
  "goes on reading a user id that does not end", \
  "SK-ARG-9", "")

/* clang-format on */

#endif
