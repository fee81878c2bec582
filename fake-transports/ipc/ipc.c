#include "fake-transports/ipc/ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"
#include "fake-transports/ipc/signals.h"

FAULT(STDOUT_CLOSED_SPINS, "stdout-closed-spins",
      "writes a line again and again when stdout is closed", "HY-CLOSED-1", "");
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
			fault_end_behind_a_minute();
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

FAULT(BLANK_LINES, "blank-lines", "prints a blank line before each line",
      "IPC-LEAD-1", "IPC-KW-1");
FAULT(TRAILING_SPACE, "trailing-space", "ends each line with a space",
      "IPC-TRAIL-1",
      "MSG-VER-4 ENV-VER-4 *-DONE-* *-FMT-* *-ADDR-1 *-ARGS-* APPX-*");
FAULT(CRLF, "crlf", "ends lines with CR LF", "IPC-CR-1",
      "MSG-VER-4 ENV-VER-4 *-DONE-* *-FMT-* *-ADDR-1 *-ARGS-* APPX-*");
FAULT(STDOUT_BUFFERED, "stdout-buffered",
      "holds all output back until it exits", "IPC-FLUSH-1", "*");
FAULT(SHORT_WRITE, "short-write", "loses what a pipe does not take at once",
      "HY-SLOW-1", "OPT-PARSE-1 IPC-NL-1 IPC-ATOM-1");
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

FAULT(VERSION_EXTRA_ARG, "version-extra-arg", "prints VERSION 2 beta",
      "MSG-VER-4", "ENV-VER-* APPX-* CFG-*");
FAULT(VERSION_LATE, "version-late",
      "prints VERSION after the first method line", "MSG-VER-3",
      "APPX-A-1 APPX-B-1 PX-AFTERVER-1");
FAULT(VERSION_ON_STDERR, "version-on-stderr", "prints VERSION on stderr",
      "MSG-VER-2", "*");
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

FAULT(VERSION_PER_MATCH, "version-per-match",
      "prints VERSION once per matching item", "ENV-VER-7",
      "ENV-VER-1 MSG-VER-1 MSG-VER-5");
FAULT(VERSION_AND_ERROR, "version-and-error",
      "prints VERSION-ERROR after VERSION if one version was unknown",
      "MSG-VER-1", "MSG-VERERR-4 MSG-VERERR-5 MSG-VERERR-6 ENV-VER-*");
FAULT(KEYWORD_AT_SIGNS, "keyword-at-signs",
      "prints a line that starts with @@@", "IPC-KW-1", "");
FAULT(NON_ASCII_LOG, "non-ascii-log", "prints a LOG line in UTF-8",
      "IPC-ASCII-1", "");
FAULT(LOG_BAD_SEVERITY, "log-bad-severity",
      "under version 1 logs with a severity that there is not", "LOG-FMT-1",
      "");
FAULT(STATUS_NO_PAIR, "status-no-pair",
      "under version 1 prints a STATUS line that says nothing", "STATUS-FMT-1",
      "");
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

FAULT(VERSION_ERROR_BARE, "version-error-bare",
      "prints VERSION-ERROR without a message", "MSG-VERERR-2", "");
FAULT(VERSION_ERROR_SILENT, "version-error-silent",
      "exits 78 without VERSION-ERROR", "MSG-VERERR-1", ANY_VERSION_ERROR);
FAULT(VERSION_ERROR_STDOUT, "version-error-stdout",
      "prints VERSION-ERROR on stdout", "MSG-VERERR-3", ANY_VERSION_ERROR);
FAULT(VERSION_ERROR_DONE, "version-error-done",
      "prints its DONE line after VERSION-ERROR", "MSG-VERERR-6", "");
FAULT(VERSION_ERROR_LINGERS, "version-error-lingers",
      "waits for stdin to close after VERSION-ERROR", "MSG-VERERR-5",
      "MSG-VERERR-4 CFG-OVR-VER-1 ENV-VER-5 ENV-VER-8");
FAULT(VERSION_ERROR_EXIT_1, "version-error-exit-1",
      "exits 1 after VERSION-ERROR", "MSG-VERERR-4",
      "CFG-OVR-VER-1 ENV-VER-5 ENV-VER-8");
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

FAULT(FLAG_ERROR_PANIC, "flag-error-panic",
      "prints a trace and exits 2 on a malformed flag value", "ENVERR-FLAG-1",
      "ENVERR-* CFG-FLAG-1 HY-CRASH-1");
FAULT(ENV_ERROR_BARE, "env-error-bare", "prints ENV-ERROR without a message",
      "ENVERR-MSG-1", "");
FAULT(ENV_ERROR_STDOUT, "env-error-stdout", "prints ENV-ERROR on stdout",
      "ENVERR-STREAM-1", ANY_ENV_ERROR);
FAULT(ENV_ERROR_DONE, "env-error-done", "prints its DONE line after ENV-ERROR",
      "ENVERR-NODONE-1", "ENVERR-VAL-1 CM-DONE-1 SM-DONE-1");
FAULT(ERROR_LEAVES_CHILD, "error-leaves-child",
      "leaves a child behind after ENV-ERROR", "HY-CHILD-1", "");
FAULT(ENV_ERROR_EXIT_1, "env-error-exit-1", "exits 1 after ENV-ERROR",
      "ENVERR-EXIT-1", ANY_ENV_ERROR);
FAULT(ENV_ERROR_EXIT_78, "env-error-exit-78", "exits 78 after ENV-ERROR",
      "ENVERR-ONLY-1 ENVERR-EXIT-1", ANY_ENV_ERROR);
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
		fault_leave_worker();
	if (fault_is(F_ENV_ERROR_EXIT_1))
		status = 1;
	if (fault_is(F_ENV_ERROR_EXIT_78))
		status = EX_CONFIG;
	ipc_exit(i, error_status(i, status));
}

FAULT(PROXY_ERROR_BARE, "proxy-error-bare",
      "prints PROXY-ERROR without a message", "PX-ERR-4", "PX-ERR-1");
FAULT(PROXY_ERROR_STDOUT, "proxy-error-stdout", "prints PROXY-ERROR on stdout",
      "PX-ERR-1", ANY_PROXY_ERROR);
FAULT(PROXY_ERROR_DONE, "proxy-error-done",
      "prints CMETHODS DONE after PROXY-ERROR", "PX-ERR-3",
      "PX-MALF-1 PX-SCHEME-1 PX-HOST-1 PX-AUTH-3 CM-DONE-1 PX-FIRST-1");
FAULT(PROXY_ERROR_EXIT_1, "proxy-error-exit-1", "exits 1 after PROXY-ERROR",
      "PX-ERR-2", ANY_PROXY_ERROR);
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

FAULT(PROXY_SILENT, "proxy-silent", "uses a valid proxy without saying so",
      "PX-ANS-1", "PX-* APPX-A-1 CFG-OVR-PX-1");
FAULT(PROXY_DONE_DASH, "proxy-done-dash", "prints PROXY-DONE", "PX-DONE-1",
      "PX-* APPX-A-1 CFG-OVR-PX-1");
FAULT(LOWER_CASE_PROXY, "lower-case-proxy", "prints proxy done in lower case",
      "IPC-CASE-1", "PX-* APPX-A-1 CFG-OVR-PX-1");
FAULT(PROXY_DONE_STDERR, "proxy-done-stderr", "prints PROXY DONE on stderr",
      "IPC-CHAN-1", "PX-* APPX-A-1 CFG-OVR-PX-1");
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

FAULT(PROXY_DONE_LATE, "proxy-done-late",
      "prints PROXY DONE after the method lines", "PX-FIRST-1 APPX-A-1", "");
void ipc_proxy_done(struct ipc *i)
{
	if (fault_is(F_PROXY_DONE_LATE))
		i->proxy_pending = true;
	else
		put_proxy_done(i);
}

FAULT(CMETHOD_OTHER_MODE, "cmethod-other-mode",
      "says socks5 where it speaks none", "CM-MODE-TCP-1",
      "TT-* CM-MODE-UDP-1 UC-* STN-*");
FAULT(CMETHOD_PROTOCOL_CASE, "cmethod-protocol-case",
      "spells the protocol SOCKS5", "CM-PROTO-1", NO_CLIENT);
FAULT(CMETHOD_NO_PROTOCOL, "cmethod-no-protocol",
      "leaves the protocol out of CMETHOD", "CM-FMT-1", NO_CLIENT);
FAULT(CMETHOD_LOCALHOST, "cmethod-localhost",
      "reports its address as localhost", "CM-ADDR-1", NO_CLIENT);
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

FAULT(SMETHOD_LOCALHOST, "smethod-localhost",
      "reports its address as localhost", "SM-ADDR-1", NO_SERVER);
FAULT(SMETHOD_NO_ADDRESS, "smethod-no-address",
      "leaves the address out of SMETHOD", "SM-FMT-1", NO_SERVER);
FAULT(SMETHOD_ARGS_LINE, "smethod-args-line",
      "prints ARGS on a line of its own", "IPC-KW-1",
      "SM-* OPT-* CFG-OVR-OPT-1 SVT-* GEN-* APPX-B-1 SK-JPB-* "
      "SK-REP-2 SK-REQ-1 SK-REQ-2");
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

FAULT(CMETHOD_STDERR, "cmethod-stderr", "prints CMETHOD on stderr",
      "CM-STREAM-1", NO_CLIENT);
FAULT(SMETHOD_STDERR, "smethod-stderr", "prints SMETHOD on stderr",
      "SM-STREAM-1", NO_SERVER);
FAULT(CMETHOD_AFTER_DONE, "cmethod-after-done",
      "prints CMETHODS DONE before its CMETHOD lines", "CM-DONE-2", NO_CLIENT);
FAULT(SMETHOD_AFTER_DONE, "smethod-after-done",
      "prints SMETHODS DONE before its SMETHOD lines", "SM-DONE-2", NO_SERVER);
FAULT(TORN_LINES, "torn-lines",
      "lets a log line cut the method lines after the first in two",
      "IPC-ATOM-1",
      "CM-* SM-* CT-* SVT-* NAME-* BA-* OPT-* APPX-A-1 APPX-B-1 IPC-* "
      "GEN-MODE-1");
FAULT(TAB_SEPARATORS, "tab-separators",
      "prints each method line a second time, with tabs for spaces", "IPC-SP-1",
      "IPC-KW-1 CM-FMT-1 SM-FMT-1 NAME-* APPX-A-1 APPX-B-1");
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

FAULT(VERSION_PER_TRANSPORT, "version-per-transport",
      "repeats VERSION before each method line", "MSG-VER-5",
      "MSG-VER-1 ENV-VER-7 ENV-VER-1 APPX-A-1 APPX-B-1");
FAULT(CMETHOD_AND_ERROR, "cmethod-and-error",
      "prints CMETHOD-ERROR beside each CMETHOD", "CM-ONCE-1",
      "CT-INIT-1 CT-DUP-1 CM-ERR-* APPX-A-1 OR-TGT-2");
FAULT(SMETHOD_AND_ERROR, "smethod-and-error",
      "prints SMETHOD-ERROR beside each SMETHOD", "SM-ONCE-1",
      "SVT-INIT-1 SVT-DUP-1 SM-ERR-* APPX-B-1 BA-*");
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

FAULT(CMETHOD_ERROR_NO_NAME, "cmethod-error-no-name",
      "prints CMETHOD-ERROR failed", "CM-ERR-FMT-1",
      "CT-INIT-1 CM-ERR-STREAM-1 NAME-*");
FAULT(SMETHOD_ERROR_NO_NAME, "smethod-error-no-name",
      "prints SMETHOD-ERROR failed", "SM-ERR-FMT-1",
      "SVT-INIT-1 SM-ERR-STREAM-1 BA-* OPT-NEED-1 OPT-OMIT-1 NAME-*");
FAULT(CMETHOD_ERROR_STDOUT, "cmethod-error-stdout",
      "prints CMETHOD-ERROR on stdout", "CM-ERR-STREAM-1",
      "CT-INIT-1 CM-ERR-FMT-1");
FAULT(SMETHOD_ERROR_STDOUT, "smethod-error-stdout",
      "prints SMETHOD-ERROR on stdout", "SM-ERR-STREAM-1",
      "SVT-INIT-1 SM-ERR-FMT-1 BA-* OPT-NEED-1 OPT-OMIT-1");
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

FAULT(CLIENT_SMETHODS_DONE, "client-smethods-done",
      "a client prints SMETHODS DONE as well", "CM-ROLE-1",
      "GEN-ROLE-1 APPX-A-1");
FAULT(SERVER_CMETHODS_DONE, "server-cmethods-done",
      "a server prints CMETHODS DONE as well", "SM-ROLE-1",
      "GEN-ROLE-1 APPX-B-1");
FAULT(CMETHODS_DONE_SPELLING, "cmethods-done-spelling", "prints CMETHOD DONE",
      "CM-DONE-3", NO_CLIENT);
FAULT(SMETHODS_DONE_SPELLING, "smethods-done-spelling", "prints SMETHOD DONE",
      "SM-DONE-3", NO_SERVER);
FAULT(CMETHODS_NO_DONE, "cmethods-no-done", "never prints CMETHODS DONE",
      "CM-DONE-1", NO_CLIENT);
FAULT(SMETHODS_NO_DONE, "smethods-no-done", "never prints SMETHODS DONE",
      "SM-DONE-1", NO_SERVER);
FAULT(NO_FINAL_NEWLINE, "no-final-newline",
      "prints STATUS idle without a line feed after DONE", "IPC-NL-1", "");
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
