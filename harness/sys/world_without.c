/* world_without.c - see world.h: a world in which something is missing. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/sys/network/setting.h"
#include "harness/sys/world.h"

#define NO_IPV6 "/proc/sys/net/ipv6/conf/all/disable_ipv6"
#define HOSTS "/etc/hosts"
#define LINE_MAX_BYTES 1024

int world_without_ipv6(struct err *e)
{
	/* Without the file there is none anyway. */
	return setting_write(NO_IPV6, "1", e) && e->code != ENOENT ? -1 : 0;
}

int world_set_link(const char *link, bool up, struct err *e)
{
	struct ifreq ifr = { .ifr_flags = up ? IFF_UP : 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", link);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		rc = err_sys(e, errno, "cannot set %s %s", link,
			     up ? "up" : "down");
	if (fd >= 0)
		close(fd);
	return rc;
}

/* All lines of @in but those that have the word. */
static bool copy_without(FILE *in, FILE *out)
{
	char line[LINE_MAX_BYTES];

	while (fgets(line, sizeof(line), in))
		if (!strcasestr(line, "localhost") && fputs(line, out) < 0)
			return false;
	return !ferror(in);
}

int world_without_localhost(const char *room, struct err *e)
{
	FILE *in = fopen(HOSTS, "re"), *out;
	int rc = 0;

	if (!in && errno == ENOENT)
		return 0;
	if (!in)
		return err_sys(e, errno, "cannot read " HOSTS);
	out = fopen(room, "wxe");
	if (!out || !copy_without(in, out) || fflush(out) ||
	    fchmod(fileno(out), 0644))
		rc = err_sys(e, errno, "cannot make an own " HOSTS);
	else if (mount(room, HOSTS, NULL, MS_BIND, NULL))
		rc = err_sys(e, errno, "cannot put an own " HOSTS);
	fclose(in);
	if (out)
		fclose(out);
	/* The mount keeps it. */
	unlink(room);
	return rc;
}
