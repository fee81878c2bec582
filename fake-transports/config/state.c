#include "fake-transports/config/state.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake-transports/base/buf.h"
#include "fake-transports/faults/actions.h"
#include "fake-transports/faults/faults.h"

#define STATE_FILE "ptref.state"

FAULT(STATE_TORN, "state-torn",
      "cuts its state file on exit and refuses it at the next start",
      "SD-STATE-1",
      "ST-PERSIST-1 ST-CORRUPT-1 ST-SLASH-1 APPX-B-2 SD-* CT-INIT-1 "
      "SVT-INIT-1");
static bool tears_state(void)
{
	return fault_is(F_STATE_TORN);
}

FAULT(STATE_EMPTY_ROOT, "state-empty-root",
      "takes an empty state location for the root directory", "ST-EMPTY-1", "");
FAULT(STATE_CUT_AT_SPACE, "state-cut-at-space",
      "cuts the state location at its first space", "ST-CHARS-1",
      "ST-ONLY-1 ST-ELSE-1");
FAULT(STATE_RELATIVE_HOME, "state-relative-home",
      "takes a relative state location for one in the home directory",
      "ST-REL-1", "");
/* The directory, to be freed. */
static char *state_dir(const struct setting *dir)
{
	const char *text = setting_given(dir) ? dir->text : ".";
	char *home = getenv("HOME");
	char *path;

	if (fault_is(F_STATE_EMPTY_ROOT) && dir->text && !dir->text[0])
		text = "/";
	if (fault_is(F_STATE_CUT_AT_SPACE))
		return xstrndup(text, strcspn(text, " "));
	if (fault_is(F_STATE_RELATIVE_HOME) && home && setting_given(dir) &&
	    text[0] != '/') {
		if (asprintf(&path, "%s/%s", home, text) < 0)
			abort();
		return path;
	}
	return xstrndup(text, strlen(text));
}

FAULT(STATE_NO_SLASH, "state-no-slash",
      "puts its state file beside a state path without a final slash",
      "APPX-B-2 ST-SLASH-1 ST-ONLY-1 ST-ELSE-1",
      "ST-CHARS-1 ST-FLAG-1 CFG-OVR-STATE-1");
/* "dir/NAME" and what is put behind it. */
static char *path_in(const struct setting *dir, const char *name,
		     const char *suffix)
{
	char *d = state_dir(dir);
	const char *slash = *d && d[strlen(d) - 1] == '/' ? "" : "/";
	char *path;

	if (fault_is(F_STATE_NO_SLASH) && setting_given(dir))
		slash = "";
	if (asprintf(&path, "%s%s%s%s", d, slash, name, suffix) < 0)
		abort();
	free(d);
	return path;
}

char *state_file(const struct setting *dir, const char *name)
{
	return path_in(dir, name, "");
}

FAULT(STATE_DIR_OPEN, "state-dir-open",
      "makes its state directory for everybody to read", "ST-PERM-1", "");
static int make_dir(const char *path)
{
	mode_t mode = fault_is(F_STATE_DIR_OPEN) ? 0755 : 0700;

	return mkdir(path, mode) < 0 && errno != EEXIST ? -1 : 0;
}

FAULT(STATE_MKDIR_SINGLE, "state-mkdir-single",
      "makes the state directory, but none above it", "ST-MKDIR-2",
      "ST-CHARS-1");
/* mkdir -p, every new directory private. */
static int make_dirs(const char *dir)
{
	char *path = xstrndup(dir, strlen(dir));
	int r = 0;

	for (char *p = path + 1; r == 0 && *path && *p; p++) {
		if (*p != '/' || fault_is(F_STATE_MKDIR_SINGLE))
			continue;
		*p = '\0';
		r = make_dir(path);
		*p = '/';
	}
	if (r == 0)
		r = make_dir(path);
	free(path);
	return r;
}

static int write_file(const char *tmp, const char *path, const char *text)
{
	size_t n = strlen(text);
	int fd;

	unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		  0600);
	if (fd < 0)
		return -1;
	/* No fsync: the file is whole after a kill, and costs no time. */
	if (write(fd, text, n) != (ssize_t)n || rename(tmp, path) < 0) {
		int saved = errno;

		close(fd);
		unlink(tmp);
		errno = saved;
		return -1;
	}
	return close(fd);
}

/* Our own file from an earlier run, cut short. */
static bool is_torn(const char *path)
{
	char text[64] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	return n >= 0 && !strstr(text, "end\n");
}

FAULT(STATE_OLD_REFUSED, "state-old-refused",
      "refuses to start where its own state is already", "ST-PERSIST-1",
      "SD-STATE-1 CT-INIT-1 SVT-INIT-1");
FAULT(STATE_DAMAGED_CRASH, "state-damaged-crash", "crashes on damaged state",
      "ST-CORRUPT-1", "HY-CRASH-1");
/* What an earlier run left is no good, for a fault. */
static bool refuses_old_state(const char *path)
{
	if (fault_is(F_STATE_OLD_REFUSED) && access(path, F_OK) == 0)
		return true;
	if (fault_is(F_STATE_DAMAGED_CRASH) && is_torn(path))
		raise(SIGSEGV);
	return tears_state() && is_torn(path);
}

FAULT(STATE_EIO_CRASH, "state-eio-crash",
      "crashes on an input error while it writes its state",
      "HY-DISK-1 HY-CRASH-1", "ST-*");
FAULT(STATE_FULL_WAITS, "state-full-waits",
      "waits for room when there is none for its state", "HY-DISK-1", "ST-*");
/* Writes it, or does what faults do when that fails. */
static int write_state(const char *tmp, const char *path, const char *text)
{
	int r = write_file(tmp, path, text);

	if (r < 0 && errno == EIO && fault_is(F_STATE_EIO_CRASH))
		raise(SIGABRT);
	while (r < 0 && errno == ENOSPC && fault_is(F_STATE_FULL_WAITS)) {
		fault_sleep(100);
		r = write_file(tmp, path, text);
	}
	return r;
}

FAULT(STATE_LOCKED, "state-locked",
      "takes the lock file of a life that was killed for one that is held",
      "CT-INIT-1 SVT-INIT-1", "ST-PERSIST-1 SD-STATE-1");
/* By a fault there is a lock, which only a good end takes away. */
static bool lock_state(const struct setting *dir)
{
	char *path = path_in(dir, STATE_FILE, ".lock");
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	free(path);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

FAULT(STATE_TAKEN_OVER, "state-taken-over",
      "a server ends the one that works with the same state", "BA-INUSE-1", "");
/* By a fault the state says whose it is. */
static void take_over(const struct setting *dir)
{
	char *path = path_in(dir, STATE_FILE, ".pid");
	FILE *f = fopen(path, "r");
	int pid = 0;

	if (f && fscanf(f, "%d", &pid) == 1 && pid > 1 && pid != getpid())
		kill(pid, SIGTERM);
	if (f)
		fclose(f);
	f = fopen(path, "w");
	if (f) {
		fprintf(f, "%d\n", (int)getpid());
		fclose(f);
	}
	free(path);
}

FAULT(STATE_FILE_OPEN, "state-file-open",
      "lets everybody read and write its state file", "ST-PERM-1", "");
static bool write_in(const struct setting *dir, enum role role, struct err *e)
{
	const char *what = role == ROLE_SERVER ? "ptref state 1\nserver\nend\n"
					       : "ptref state 1\nclient\nend\n";
	char suffix[32];
	char *d = state_dir(dir);
	char *path = path_in(dir, STATE_FILE, "");
	char *tmp;
	bool ok = true;

	snprintf(suffix, sizeof(suffix), ".%ld.tmp", (long)getpid());
	tmp = path_in(dir, STATE_FILE, suffix);
	if (make_dirs(d) < 0)
		ok = err_set(e, "%s: \"%.100s\": %s", dir->name, d,
			     strerror(errno));
	else if (refuses_old_state(path))
		ok = err_set(e, "%s: the state is damaged", dir->name);
	else if (fault_is(F_STATE_LOCKED) && !lock_state(dir))
		ok = err_set(e, "%s: the state is locked", dir->name);
	else if (write_state(tmp, path, what) < 0)
		ok = err_set(e, "%s: \"%.100s\": %s", dir->name, path,
			     strerror(errno));
	if (ok && role == ROLE_SERVER && fault_is(F_STATE_TAKEN_OVER))
		take_over(dir);
	if (ok && fault_is(F_STATE_FILE_OPEN) && chmod(path, 0666) < 0)
		perror("ptref: state");
	free(d);
	free(path);
	free(tmp);
	return ok;
}

/* A directory that nobody has asked for. */
static bool write_fallback(const struct setting *dir, enum role role,
			   struct err *e)
{
	const char *tmp = getenv("TMPDIR");
	char path[300];
	struct setting other = *dir;

	snprintf(path, sizeof(path), "%s/ptref-state", tmp ? tmp : "/tmp");
	other.text = path;
	return write_in(&other, role, e);
}

FAULT(STATE_REQUIRED, "state-required",
      "refuses to start without a state location", "ST-DEF-1", "");
FAULT(STATE_MISSING_REFUSED, "state-missing-refused",
      "a client refuses a state directory that does not exist", "ST-MKDIR-1",
      NO_CLIENT " " ANY_ENV_ERROR);
/* What faults do not want to start with. */
static bool refuses(const struct setting *dir, enum role role, struct err *e)
{
	if (fault_is(F_STATE_REQUIRED) && !dir->text)
		return !err_set(e, "no %s", dir->name);
	if (fault_is(F_STATE_MISSING_REFUSED) && role == ROLE_CLIENT &&
	    setting_given(dir) && access(dir->text, F_OK) < 0)
		return !err_set(e, "%s: \"%.100s\" is missing", dir->name,
				dir->text);
	return false;
}

FAULT(STATE_UNUSABLE_CRASH, "state-unusable-crash",
      "crashes if the state location cannot be used", "ST-DENY-1",
      "HY-CRASH-1 HY-DISK-1");
FAULT(STATE_UNUSABLE_DEAD, "state-unusable-dead",
      "ends without a word if the state location cannot be used", "ST-DENY-1",
      "HY-DISK-1");
FAULT(STATE_UNUSABLE_LOGGED, "state-unusable-logged",
      "ends with words on stderr, and no error line, if the state location "
      "cannot be used",
      "ST-DENY-1", "HY-DISK-1");
/* What parents do not understand. */
static void end_without_state(void)
{
	if (fault_is(F_STATE_UNUSABLE_CRASH))
		raise(SIGSEGV);
	if (fault_is(F_STATE_UNUSABLE_DEAD))
		exit(1);
	if (!fault_is(F_STATE_UNUSABLE_LOGGED))
		return;
	fputs("ptref: no place for my state\n", stderr);
	exit(1);
}

FAULT(STATE_FALLBACK, "state-fallback",
      "takes another directory if the state location cannot be used",
      "ST-ELSE-1 ST-ONLY-1", "");
bool state_write(const struct setting *dir, enum role role, struct err *e)
{
	bool ok;

	if (refuses(dir, role, e))
		return false;
	ok = write_in(dir, role, e);
	if (!ok)
		end_without_state();
	if (!ok && fault_is(F_STATE_FALLBACK))
		return write_fallback(dir, role, e);
	return ok;
}

void state_copy(const struct setting *dir, const struct option *o)
{
	char *d = state_dir(dir);
	char *path = path_in(dir, STATE_FILE, ".options");
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	chmod(d, 0755);
	if (fd >= 0) {
		dprintf(fd, "%s=%s\n", o->key, o->value);
		close(fd);
	}
	free(path);
	free(d);
}

void state_keep(const struct setting *dir, struct option *o)
{
	char text[512] = "", suffix[64];
	char *path;
	FILE *f;

	if (strspn(o->key, "abcdefghijklmnopqrstuvwxyz") != strlen(o->key) ||
	    strlen(o->key) > 32)
		return;
	snprintf(suffix, sizeof(suffix), ".%s", o->key);
	path = path_in(dir, STATE_FILE, suffix);
	f = fopen(path, "re");
	if (f && fgets(text, sizeof(text), f)) {
		free(o->value);
		o->value = xstrndup(text, strlen(text));
	} else if (!f && (f = fopen(path, "we"))) {
		fchmod(fileno(f), 0600);
		fputs(o->value, f);
	}
	if (f)
		fclose(f);
	free(path);
}

FAULT(STATE_CLEARED, "state-cleared",
      "ARGS of ident has a number of its state, which a server that cannot "
      "listen takes away",
      "ST-KEEP-1", "OPT-* SM-ARGS-*");
void state_add_number(const struct setting *dir, struct buf *args)
{
	char text[32] = "";
	char *path;
	FILE *f;

	if (!fault_is(F_STATE_CLEARED))
		return;
	path = path_in(dir, STATE_FILE, ".number");
	f = fopen(path, "re");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (!f && (f = fopen(path, "we"))) {
		fchmod(fileno(f), 0600);
		snprintf(text, sizeof(text), "%ld", (long)getpid());
		fputs(text, f);
	}
	if (f)
		fclose(f);
	buf_addf(args, "%snumber=%s", args->len ? "," : "", text);
	free(path);
}

void state_forget_number(const struct setting *dir)
{
	char *path;

	if (!fault_is(F_STATE_CLEARED))
		return;
	path = path_in(dir, STATE_FILE, ".number");
	unlink(path);
	free(path);
}

void state_close(const struct setting *dir)
{
	char *path;

	if (fault_is(F_STATE_LOCKED)) {
		path = path_in(dir, STATE_FILE, ".lock");
		unlink(path);
		free(path);
	}
	if (!tears_state())
		return;
	path = path_in(dir, STATE_FILE, "");
	if (truncate(path, 8) < 0)
		perror("ptref: state");
	free(path);
}
