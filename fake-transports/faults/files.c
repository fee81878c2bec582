#include "fake-transports/faults/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake-transports/config/state.h"
#include "fake-transports/faults/faults.h"

/* ---- where nothing belongs ---- */

static void append(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		perror("ptref: log");
	close(fd);
}

/* "DIR/NAME", DIR from the environment; false if that has none. */
static bool path_in(char *out, size_t size, const char *variable,
		    const char *otherwise, const char *name)
{
	const char *dir = getenv(variable);

	if (!dir || !*dir)
		dir = otherwise;
	return dir && snprintf(out, size, "%s/%s", dir, name) < (int)size;
}

static void tmp_log(void)
{
	char path[300];

	if (path_in(path, sizeof(path), "TMPDIR", "/tmp", "ptref.log"))
		append(path, "started\n");
}

static void tmp_socket(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 &&
	    path_in(sun.sun_path, sizeof(sun.sun_path), "TMPDIR", "/tmp",
		    "ptref.sock") &&
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		close(fd);
}

static void home_dot_file(void)
{
	char path[300];

	if (path_in(path, sizeof(path), "HOME", NULL, ".ptref"))
		append(path, "");
}

static void home_dot_dir(void)
{
	char path[300];

	if (path_in(path, sizeof(path), "HOME", NULL, ".ptref.d"))
		mkdir(path, 0700);
}

static void cache_blink(void)
{
	char dir[300], path[320];

	if (!path_in(dir, sizeof(dir), "HOME", NULL, ".cache"))
		return;
	snprintf(path, sizeof(path), "%s/ptref", dir);
	mkdir(dir, 0700);
	append(path, "x");
	unlink(path);
	rmdir(dir);
}

FAULT(TMP_LOG, "tmp-log", "writes a log in the system's temporary directory",
      "ST-ONLY-1 ST-ELSE-1", STRAY_FILES);
FAULT(TMP_SOCKET, "tmp-socket",
      "makes a UNIX socket in the system's temporary directory",
      "ST-ONLY-1 ST-ELSE-1", STRAY_FILES);
FAULT(HOME_DOT_FILE, "home-dot-file",
      "touches a dot file in the home directory", "ST-ONLY-1 ST-ELSE-1",
      STRAY_FILES);
FAULT(HOME_DOT_DIR, "home-dot-dir",
      "makes a dot directory in the home directory", "ST-ELSE-1", STRAY_FILES);
FAULT(CACHE_BLINK, "cache-blink", "keeps a file in ~/.cache for a moment",
      "ST-ONLY-1 ST-ELSE-1", STRAY_FILES);
FAULT(SHM_LOG, "shm-log", "writes a log in /dev/shm", "ST-ONLY-1 ST-ELSE-1",
      STRAY_FILES);
FAULT(CWD_LOG, "cwd-log", "logs to ./pt.log", "ST-CWD-1 ST-ONLY-1 ST-ELSE-1",
      "ST-CHARS-1 ST-FLAG-1 CFG-OVR-STATE-1");
void fault_leave_files(void)
{
	if (fault_is(F_TMP_LOG))
		tmp_log();
	if (fault_is(F_TMP_SOCKET))
		tmp_socket();
	if (fault_is(F_HOME_DOT_FILE))
		home_dot_file();
	if (fault_is(F_HOME_DOT_DIR))
		home_dot_dir();
	if (fault_is(F_CACHE_BLINK))
		cache_blink();
	if (fault_is(F_SHM_LOG))
		append("/dev/shm/ptref.log", "started\n");
	if (fault_is(F_CWD_LOG))
		append("pt.log", "started\n");
}

/* ---- what must not be written down ---- */

void fault_log_line(const struct pt *pt, const char *text)
{
	char *path = state_file(&pt->cfg.set[PARAM_STATE], "ptref.log");

	append(path, text);
	free(path);
}

void fault_log_peer(const struct pt *pt, const struct sockaddr_storage *peer,
		    const char *what)
{
	char addr[ADDR_TEXT_MAX], line[ADDR_TEXT_MAX + 40];

	addr_format(peer, addr);
	snprintf(line, sizeof(line), "%s %s\n", what, addr);
	fault_log_line(pt, line);
}

void fault_name_file(const struct pt *pt, const struct sockaddr_storage *at)
{
	char addr[ADDR_TEXT_MAX];
	char *path;

	addr_format(at, addr);
	path = state_file(&pt->cfg.set[PARAM_STATE], addr);
	append(path, "");
	free(path);
}

void fault_tell_peer(const struct sockaddr_storage *peer, const char *what)
{
	char addr[ADDR_TEXT_MAX];

	addr_format(peer, addr);
	fprintf(stderr, "ptref: %s %s\n", what, addr);
}

FAULT(CLIENT_ACCESS_LOG, "client-access-log",
      "a client logs where applications come from, in its state directory",
      "AN-LOG-1", "");
FAULT(PEER_ON_STDERR, "peer-on-stderr",
      "tells on stderr where each connection comes from", "AN-LOG-3",
      "HY-FULL-1 SK-GREET-3");
void fault_log_visit(const struct conn *c)
{
	if (fault_is(F_CLIENT_ACCESS_LOG) && c->listener->role == ROLE_CLIENT)
		fault_log_peer(c->pt, &c->peer, "session from");
	if (fault_is(F_PEER_ON_STDERR))
		fault_tell_peer(&c->peer, "a visit from");
}

FAULT(SERVER_LOGS_REFUSED, "server-logs-refused",
      "a server logs the address of whom it could not serve", "AN-LOG-2", "");
void fault_log_refused(const struct conn *c)
{
	if (fault_is(F_SERVER_LOGS_REFUSED))
		fault_log_peer(c->pt, &c->peer, "no service for");
}

FAULT(CLIENT_LOGS_SERVER, "client-logs-server",
      "a client logs the address of its server in its state directory",
      "AN-CONF-1", "");
void fault_log_dial(const struct conn *c)
{
	const struct hostport *to = &c->socks.dest;
	char addr[ADDR_TEXT_MAX], line[ADDR_TEXT_MAX + 40];

	if (!fault_is(F_CLIENT_LOGS_SERVER) ||
	    c->listener->role != ROLE_CLIENT || to->is_name)
		return;
	addr_format(&to->ss, addr);
	snprintf(line, sizeof(line), "connecting to %s\n", addr);
	fault_log_line(c->pt, line);
}

static void log_base64(const struct conn *c, const uint8_t *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	char line[256 / 3 * 4 + 2], *out = line;

	for (size_t i = 0; i + 3 <= n && i + 3 <= 255; i += 3) {
		unsigned three = (unsigned)p[i] << 16 | p[i + 1] << 8 |
				 p[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			*out++ = digits[three >> shift & 63];
	}
	strcpy(out, "\n");
	fault_log_line(c->pt, line);
}

FAULT(PAYLOAD_BASE64, "payload-base64",
      "logs payload in base64 in its state directory", "AN-CONF-2", "ST-*");
FAULT(PAYLOAD_ON_STDOUT, "payload-on-stdout", "shows on stdout what it carries",
      "IPC-STDOUT-1 AN-CONF-2", "IPC-* HY-*");
FAULT(PAYLOAD_DUMP, "payload-dump",
      "dumps payload in hexadecimal in its state directory", "AN-CONF-2",
      "ST-*");
void fault_log_payload(const struct conn *c, const uint8_t *p, size_t n)
{
	char line[3 * 16 + 2];

	if (fault_is(F_PAYLOAD_ON_STDOUT)) {
		fwrite(p, 1, n < 256 ? n : 256, stdout);
		putchar('\n');
		fflush(stdout);
	}
	if (fault_is(F_PAYLOAD_BASE64))
		log_base64(c, p, n);
	if (!fault_is(F_PAYLOAD_DUMP))
		return;
	for (size_t i = 0; i < n && i < 256; i += 16) {
		size_t k = 0;

		for (; k < 16 && i + k < n; k++)
			snprintf(line + 3 * k, 4, "%02x ", p[i + k]);
		strcpy(line + 3 * k, "\n");
		fault_log_line(c->pt, line);
	}
}
