/* setting.c - see setting.h. */
#include "harness/sys/network/setting.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int setting_write(const char *path, const char *text, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t n = strlen(text);
	int rc = 0;

	if (fd < 0 || write(fd, text, n) != (ssize_t)n)
		rc = err_sys(e, errno, "cannot write %s", path);
	if (fd >= 0)
		close(fd);
	return rc;
}
