/*
 * The lines that ptref prints (PT 2.0 section 3.3.2). Each is one write().
 *
 * Status lines go to standard output. Error lines go to standard error with
 * the statuses of 2.0; once version 1 is negotiated they go to standard output
 * and the status is 1, as PT 1.0 wants it.
 */
#ifndef PTREF_IPC_H
#define PTREF_IPC_H

#include "fake-transports/base/buf.h"
#include "fake-transports/config/config.h"

struct ipc {
	enum role role;
	const char *protocol; /* of method lines, as client */
	int version;	      /* 0 until negotiated */
	unsigned methods;     /* method lines so far */
	/* The rest serves faults. */
	struct buf held; /* all output, until exit */
	struct buf late; /* method lines that follow DONE */
	char pending_version[32];
	bool proxy_pending;
};

void ipc_version(struct ipc *i, const struct version *v);
void ipc_proxy_done(struct ipc *i);

/* The name, the address in text, and for servers the text behind ARGS: or
 * NULL. */
void ipc_method(struct ipc *i, const char *name, const char *addr,
		const char *args);
void ipc_method_error(struct ipc *i, const char *name, const char *why);
void ipc_done(struct ipc *i);

_Noreturn void ipc_version_error(struct ipc *i);
_Noreturn void ipc_env_error(struct ipc *i, const char *why);
_Noreturn void ipc_proxy_error(struct ipc *i, const char *why);

/* Any exit goes through here. */
_Noreturn void ipc_exit(struct ipc *i, int status);

#endif
