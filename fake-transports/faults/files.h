/*
 * What only faults do with files: leave some where none belong, and write down
 * what must not be written down. Logs of the second kind are in the state
 * directory, where files may be.
 */
#ifndef PTREF_FAULT_FILES_H
#define PTREF_FAULT_FILES_H

#include "fake-transports/net/conn.h"

/* Leaves files where none belong; once, at the start. */
void fault_leave_files(void);

/* Words in the log; the same with where it comes from behind them. */
void fault_log_line(const struct pt *pt, const char *text);
void fault_log_peer(const struct pt *pt, const struct sockaddr_storage *peer,
		    const char *what);

/* An empty file in the state directory, named after an address. */
void fault_name_file(const struct pt *pt, const struct sockaddr_storage *at);

/* The same words to whoever reads stderr. */
void fault_tell_peer(const struct sockaddr_storage *peer, const char *what);

/* A client of ours, or an application, has come. */
void fault_log_visit(const struct conn *c);

/* A server gives up a client before it was served. */
void fault_log_refused(const struct conn *c);

/* A client has been told where to connect to. */
void fault_log_dial(const struct conn *c);

/* Payload passes. */
void fault_log_payload(const struct conn *c, const uint8_t *p, size_t n);

#endif
