#include "ptref_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ptref_buf.h"
#include "ptref_faults.h"

#define STATE_FILE "ptref.state"

static bool fragile(void)
{
	return fault_is(F_STATE_TORN);
}

static const char *state_dir(const struct setting *dir)
{
	return setting_given(dir) ? dir->text : ".";
}

/* "dir/ptref.state" and what is put behind it. */
static char *state_path(const struct setting *dir, const char *suffix)
{
	const char *d = state_dir(dir);
	const char *slash = d[strlen(d) - 1] == '/' ? "" : "/";
	char *path;

	if (fault_is(F_STATE_NO_SLASH) && setting_given(dir))
		slash = "";
	if (asprintf(&path, "%s%s" STATE_FILE "%s", d, slash, suffix) < 0)
		abort();
	return path;
}

/* mkdir -p, every new directory private. */
static int make_dirs(const char *dir)
{
	char *path = xstrndup(dir, strlen(dir));
	int r = 0;

	for (char *p = path + 1; r == 0 && *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			r = -1;
		*p = '/';
	}
	if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
		r = -1;
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

bool state_write(const struct setting *dir, enum role role, struct err *e)
{
	const char *what = role == ROLE_SERVER ? "ptref state 1\nserver\nend\n"
					       : "ptref state 1\nclient\nend\n";
	char suffix[32];
	char *path;
	char *tmp;
	bool ok = true;

	snprintf(suffix, sizeof(suffix), ".%ld.tmp", (long)getpid());
	path = state_path(dir, "");
	tmp = state_path(dir, suffix);
	if (make_dirs(state_dir(dir)) < 0)
		ok = err_set(e, "%s: \"%.100s\": %s", dir->name, state_dir(dir),
			     strerror(errno));
	else if (fragile() && is_torn(path))
		ok = err_set(e, "%s: the state is damaged", dir->name);
	else if (write_file(tmp, path, what) < 0)
		ok = err_set(e, "%s: \"%.100s\": %s", dir->name, path,
			     strerror(errno));
	free(path);
	free(tmp);
	return ok;
}

void state_close(const struct setting *dir)
{
	char *path;

	if (!fragile())
		return;
	path = state_path(dir, "");
	if (truncate(path, 8) < 0)
		perror("ptref: state");
	free(path);
}
