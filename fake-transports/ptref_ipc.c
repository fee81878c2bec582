#include "ptref_ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ptref_faults.h"
#include "ptref_misdeeds.h"
#include "ptref_signals.h"

/* Errors are dropped: a parent that went away is noticed elsewhere. */
static void write_all(int fd, const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done >= 0) {
			p += done;
			n -= (size_t)done;
		} else if (errno == EINTR) {
			if (signals_stop())
				exit(EX_OK);
		} else if (errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			poll(&pfd, 1, 100);
			if (signals_stop())
				exit(EX_OK);
		} else if (errno == EPIPE && fd == STDOUT_FILENO &&
			   fault_is(F_STDOUT_CLOSED_SPINS)) {
			end_some_time();
			if (signals_stop())
				exit(EX_OK);
		} else {
			return;
		}
	}
}

/* What does not fit into the pipe is gone. */
static void write_some(int fd, const struct buf *line)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (write(fd, line->p, line->len) < 0)
		return;
}

static void put_line(struct ipc *i, int fd, const char *text)
{
	struct buf line = { 0 };

	if (fault_is(F_BLANK_LINES) && fd == STDOUT_FILENO)
		buf_addc(&line, '\n');
	buf_adds(&line, text);
	if (fault_is(F_TRAILING_SPACE))
		buf_addc(&line, ' ');
	if (fault_is(F_CRLF))
		buf_addc(&line, '\r');
	buf_addc(&line, '\n');
	if (fault_is(F_STDOUT_BUFFERED) && fd == STDOUT_FILENO)
		buf_add(&i->held, line.p, line.len);
	else if (fault_is(F_SHORT_WRITE))
		write_some(fd, &line);
	else
		write_all(fd, line.p, line.len);
	buf_fini(&line);
}

void ipc_exit(struct ipc *i, int status)
{
	write_all(STDOUT_FILENO, buf_head(&i->held), buf_n(&i->held));
	exit(status);
}

/* Messages quote what the parent sent: keep them to one ASCII line. */
static void put_error(struct ipc *i, const char *keyword, const char *name,
		      const char *why, bool wrong_stream)
{
	struct buf line = { 0 };
	bool to_stdout = (i->version == 1) != wrong_stream;

	buf_adds(&line, keyword);
	if (name)
		buf_addf(&line, " %s", name);
	if (why)
		buf_addc(&line, ' ');
	for (; why && *why; why++)
		buf_addc(&line, *why >= 0x20 && *why < 0x7f ? *why : '?');
	buf_addc(&line, '\0');
	put_line(i, to_stdout ? STDOUT_FILENO : STDERR_FILENO,
		 (const char *)line.p);
	buf_fini(&line);
}

static void flush_version(struct ipc *i)
{
	if (i->pending_version[0])
		put_line(i, STDOUT_FILENO, i->pending_version);
	i->pending_version[0] = '\0';
}

static void put_version(struct ipc *i, const char *token)
{
	char line[32];

	snprintf(line, sizeof(line), "VERSION %s%s", token,
		 fault_is(F_VERSION_EXTRA_ARG) ? " beta" : "");
	if (fault_is(F_VERSION_LATE))
		memcpy(i->pending_version, line, sizeof(line));
	else
		put_line(i,
			 fault_is(F_VERSION_ON_STDERR) ? STDERR_FILENO
						       : STDOUT_FILENO,
			 line);
}

void ipc_version(struct ipc *i, const struct version *v)
{
	unsigned times = fault_is(F_VERSION_PER_MATCH) ? v->times : 1;

	i->version = v->number;
	while (times-- > 0)
		put_version(i, v->token);
	if (fault_is(F_VERSION_AND_ERROR) && v->unknown_too)
		put_error(i, "VERSION-ERROR", NULL, "no-version", false);
	if (fault_is(F_KEYWORD_AT_SIGNS))
		put_line(i, STDOUT_FILENO, "@@@ handling configuration");
	if (fault_is(F_NON_ASCII_LOG))
		put_line(i, STDOUT_FILENO,
			 "LOG SEVERITY=debug MESSAGE=gr\xc3\xbc\xc3\x9f"
			 "e");
	if (i->version == 1 && fault_is(F_LOG_BAD_SEVERITY))
		put_line(i, STDOUT_FILENO, "LOG SEVERITY=loud MESSAGE=hello");
	if (i->version == 1 && fault_is(F_STATUS_NO_PAIR))
		put_line(i, STDOUT_FILENO, "STATUS TRANSPORT=ident");
}

static int error_status(const struct ipc *i, int status)
{
	return i->version == 1 ? 1 : status;
}

static const char *done_line(const struct ipc *i)
{
	return i->role == ROLE_SERVER ? "SMETHODS DONE" : "CMETHODS DONE";
}

/* Waits for the end of stdin, but for no longer than a minute. */
static void linger(void)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	char waste[4096];

	alarm(60);
	while (poll(&pfd, 1, -1) > 0 &&
	       read(STDIN_FILENO, waste, sizeof(waste)) > 0 && !signals_stop())
		;
}

void ipc_version_error(struct ipc *i)
{
	const char *why = fault_is(F_VERSION_ERROR_BARE) ? NULL : "no-version";

	if (!fault_is(F_VERSION_ERROR_SILENT))
		put_error(i, "VERSION-ERROR", NULL, why,
			  fault_is(F_VERSION_ERROR_STDOUT));
	if (fault_is(F_VERSION_ERROR_DONE))
		put_line(i, STDOUT_FILENO, done_line(i));
	if (fault_is(F_VERSION_ERROR_LINGERS))
		linger();
	ipc_exit(i, fault_is(F_VERSION_ERROR_EXIT_1) ? 1 : EX_CONFIG);
}

void ipc_env_error(struct ipc *i, const char *why)
{
	int status = EX_USAGE;

	flush_version(i);
	/* A message about a flag starts with its name. */
	if (fault_is(F_FLAG_ERROR_PANIC) && why[0] == '-') {
		fprintf(stderr, "panic: %s\n\ngoroutine 1 [running]:\n", why);
		ipc_exit(i, 2);
	}
	put_error(i, "ENV-ERROR", NULL, fault_is(F_ENV_ERROR_BARE) ? NULL : why,
		  fault_is(F_ENV_ERROR_STDOUT));
	if (fault_is(F_ENV_ERROR_DONE))
		put_line(i, STDOUT_FILENO, done_line(i));
	if (fault_is(F_ERROR_LEAVES_CHILD))
		leave_worker();
	if (fault_is(F_ENV_ERROR_EXIT_1))
		status = 1;
	if (fault_is(F_ENV_ERROR_EXIT_78))
		status = EX_CONFIG;
	ipc_exit(i, error_status(i, status));
}

void ipc_proxy_error(struct ipc *i, const char *why)
{
	flush_version(i);
	put_error(i, "PROXY-ERROR", NULL,
		  fault_is(F_PROXY_ERROR_BARE) ? NULL : why,
		  fault_is(F_PROXY_ERROR_STDOUT));
	if (fault_is(F_PROXY_ERROR_DONE))
		put_line(i, STDOUT_FILENO, done_line(i));
	ipc_exit(i, error_status(i, fault_is(F_PROXY_ERROR_EXIT_1)
					    ? 1
					    : EX_UNAVAILABLE));
}

static void put_proxy_done(struct ipc *i)
{
	const char *line = "PROXY DONE";

	flush_version(i);
	if (fault_is(F_PROXY_SILENT))
		return;
	if (fault_is(F_PROXY_DONE_DASH))
		line = "PROXY-DONE";
	if (fault_is(F_LOWER_CASE_PROXY))
		line = "proxy done";
	put_line(i,
		 fault_is(F_PROXY_DONE_STDERR) ? STDERR_FILENO : STDOUT_FILENO,
		 line);
}

void ipc_proxy_done(struct ipc *i)
{
	if (fault_is(F_PROXY_DONE_LATE))
		i->proxy_pending = true;
	else
		put_proxy_done(i);
}

static void client_line(const struct ipc *i, struct buf *line, const char *name,
			const char *addr)
{
	const char *protocol = i->protocol;

	if (fault_is(F_CMETHOD_OTHER_MODE))
		protocol = mode_name(MODE_SOCKS5);
	if (fault_is(F_CMETHOD_PROTOCOL_CASE))
		protocol = "SOCKS5";
	buf_addf(line, "CMETHOD %s", name);
	if (!fault_is(F_CMETHOD_NO_PROTOCOL))
		buf_addf(line, " %s", protocol);
	if (fault_is(F_CMETHOD_LOCALHOST))
		buf_addf(line, " localhost%s", strrchr(addr, ':'));
	else
		buf_addf(line, " %s", addr);
}

static void server_line(struct buf *line, const char *name, const char *addr,
			const char *args)
{
	buf_addf(line, "SMETHOD %s", name);
	if (fault_is(F_SMETHOD_LOCALHOST))
		buf_addf(line, " localhost%s", strrchr(addr, ':'));
	else if (!fault_is(F_SMETHOD_NO_ADDRESS))
		buf_addf(line, " %s", addr);
	if (!args)
		return;
	buf_addc(line, fault_is(F_SMETHOD_ARGS_LINE) ? '\n' : ' ');
	buf_addf(line, "ARGS:%s", args);
}

/* Two writers that do not know of each other. */
static void put_torn(struct ipc *i, const char *line)
{
	struct buf torn = { 0 };
	size_t half = strlen(line) / 2;

	buf_add(&torn, line, half);
	buf_adds(&torn, "LOG SEVERITY=debug MESSAGE=busy\n");
	buf_adds(&torn, line + half);
	buf_addc(&torn, '\0');
	put_line(i, STDOUT_FILENO, (const char *)torn.p);
	buf_fini(&torn);
}

static void put_method(struct ipc *i, struct buf *line)
{
	bool client = i->role == ROLE_CLIENT;
	const char *text;
	int fd = STDOUT_FILENO;

	buf_addc(line, '\0');
	text = (const char *)line->p;
	if (fault_is(client ? F_CMETHOD_STDERR : F_SMETHOD_STDERR))
		fd = STDERR_FILENO;
	if (fault_is(client ? F_CMETHOD_AFTER_DONE : F_SMETHOD_AFTER_DONE)) {
		buf_addf(&i->late, "%s\n", text);
		return;
	}
	if (fault_is(F_TORN_LINES) && i->methods > 0)
		put_torn(i, text);
	else
		put_line(i, fd, text);
	if (fault_is(F_TAB_SEPARATORS)) {
		for (char *p = (char *)line->p; *p; p++)
			*p = *p == ' ' ? '\t' : *p;
		put_line(i, fd, text);
	}
}

void ipc_method(struct ipc *i, const char *name, const char *addr,
		const char *args)
{
	struct buf line = { 0 };

	if (fault_is(F_VERSION_PER_TRANSPORT))
		put_version(i, i->version == 1 ? "1" : "2");
	if (i->role == ROLE_CLIENT)
		client_line(i, &line, name, addr);
	else
		server_line(&line, name, addr, args);
	put_method(i, &line);
	buf_fini(&line);
	i->methods++;
	flush_version(i);
	if (fault_is(i->role == ROLE_CLIENT ? F_CMETHOD_AND_ERROR
					    : F_SMETHOD_AND_ERROR))
		ipc_method_error(i, name, "changed its mind");
}

void ipc_method_error(struct ipc *i, const char *name, const char *why)
{
	bool client = i->role == ROLE_CLIENT;

	if (fault_is(client ? F_CMETHOD_ERROR_NO_NAME
			    : F_SMETHOD_ERROR_NO_NAME)) {
		name = NULL;
		why = "failed";
	}
	put_error(i, client ? "CMETHOD-ERROR" : "SMETHOD-ERROR", name, why,
		  fault_is(client ? F_CMETHOD_ERROR_STDOUT
				  : F_SMETHOD_ERROR_STDOUT));
}

void ipc_done(struct ipc *i)
{
	bool client = i->role == ROLE_CLIENT;
	const char *line = done_line(i);

	flush_version(i);
	if (i->proxy_pending)
		put_proxy_done(i);
	if (client && fault_is(F_CLIENT_SMETHODS_DONE))
		put_line(i, STDOUT_FILENO, "SMETHODS DONE");
	if (!client && fault_is(F_SERVER_CMETHODS_DONE))
		put_line(i, STDOUT_FILENO, "CMETHODS DONE");
	if (client && fault_is(F_CMETHODS_DONE_SPELLING))
		line = "CMETHOD DONE";
	if (!client && fault_is(F_SMETHODS_DONE_SPELLING))
		line = "SMETHOD DONE";
	if (!fault_is(client ? F_CMETHODS_NO_DONE : F_SMETHODS_NO_DONE))
		put_line(i, STDOUT_FILENO, line);
	write_all(STDOUT_FILENO, buf_head(&i->late), buf_n(&i->late));
	buf_fini(&i->late);
	if (fault_is(F_NO_FINAL_NEWLINE))
		write_all(STDOUT_FILENO, (const uint8_t *)"STATUS idle", 11);
}
