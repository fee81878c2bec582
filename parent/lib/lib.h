/*
 * lib.h - what the files of libptparent share and nobody else sees.
 */
#ifndef PTPARENT_LIB_H
#define PTPARENT_LIB_H

#include "parent/base/arena.h"
#include "parent/base/buf.h"
#include "parent/base/span.h"
#include "parent/lib/poller.h"
#include "parent/ptparent.h"

/* -1, with the text in @err, which may be NULL. */
int fail(struct ptp_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A list in @a as the public one. */
struct kv_list;
struct ptp_pairs pairs_of(struct arena *a, const struct kv_list *l);

/* What a list takes to tell, names split at commas. */
const char *role_word(const struct ptp_config *c); /* "CLIENT", "SERVER" */
size_t config_count(const struct ptp_config *c);
const char *config_name(const struct ptp_config *c, size_t i);
const char *config_versions(const struct ptp_config *c);
int check_proxy(const struct ptp_proxy *p, struct ptp_error *err);

/* Start the process of @c with pipes for its streams; 0 or -1 with @err. */
struct child {
	int pid, pidfd;
	int in, out, err; /* our ends */
};

int child_start(const struct ptp_config *c, struct child *out,
		struct ptp_error *err);
/* To the process and what is left of its group. */
void child_signal(const struct child *c, int sig);

/* The guard is told of a new group by the child, with its process id, and by
 * the parent, with the negative of it, that the group is no more. */
int guard_fd(void); /* -1: there is none */
void guard_forget(int pid);

/* What a dial needs of the process. */
struct poller *process_poller(struct ptp *p);
/* Does it answer a block of settings before the request?  Known from an
 * earlier dial of this run; as long as it is not known: no. */
bool process_block_silent(const struct ptp *p);
void process_block_was_silent(struct ptp *p);
void process_block_answered(struct ptp *p);

#endif
