/* observe.c - see observe.h. */
#include "harness/sys/observe.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Enough for any transport's state; a runaway one is cut off. */
#define FILES_MAX 1000
#define DEPTH_MAX 16

/* States of net/tcp_states.h as the files print them. */
#define ST_LISTEN 0x0a
#define ST_UDP_BOUND 0x07

/* An address as /proc/net prints it: 32-bit words in host order. */
static int parse_hex_addr(const char *hex, unsigned port, struct addr *out)
{
	size_t words = strlen(hex) / 8;

	*out = (struct addr){ .family = words == 4 ? AF_INET6 : AF_INET,
			      .port = (uint16_t)port };
	if (words != 1 && words != 4)
		return -1;
	for (size_t i = 0; i < words; i++) {
		char w[9];
		uint32_t v;

		memcpy(w, hex + i * 8, 8);
		w[8] = '\0';
		v = (uint32_t)strtoul(w, NULL, 16);
		memcpy(out->ip + i * 4, &v, 4);
	}
	return 0;
}

static int read_sockets(const char *proto, unsigned want,
			observe_socket_fn *fn, void *ctx, struct err *e)
{
	char path[64], line[512];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/net/%s", proto);
	f = fopen(path, "re");
	if (!f)	/* no IPv6 in this kernel */
		return errno == ENOENT ? 0 : err_sys(e, errno, "%s", path);
	while (fgets(line, sizeof(line), f)) {
		unsigned port, state;
		char hex[33];
		struct addr a;

		if (sscanf(line, " %*d: %32[0-9A-Fa-f]:%x %*[^ ] %x", hex,
			   &port, &state) == 3 &&
		    state == want && parse_hex_addr(hex, port, &a) == 0)
			fn(ctx, proto, &a);
	}
	fclose(f);
	return 0;
}

int observe_sockets(observe_socket_fn *fn, void *ctx, struct err *e)
{
	if (read_sockets("tcp", ST_LISTEN, fn, ctx, e) ||
	    read_sockets("tcp6", ST_LISTEN, fn, ctx, e) ||
	    read_sockets("udp", ST_UDP_BOUND, fn, ctx, e) ||
	    read_sockets("udp6", ST_UDP_BOUND, fn, ctx, e))
		return -1;
	return 0;
}

static void read_process(const char *pid, observe_process_fn *fn, void *ctx)
{
	char path[64], text[512], *from, *to;
	ssize_t n;
	char state;
	int fd, ppid;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	/* pid (name) state ppid ...; the name may hold anything */
	from = strchr(text, '(');
	to = strrchr(text, ')');
	if (!from || !to || to < from ||
	    sscanf(to + 1, " %c %d", &state, &ppid) != 2)
		return;
	*to = '\0';
	fn(ctx, (pid_t)atoi(pid), ppid, state, from + 1);
}

int observe_processes(observe_process_fn *fn, void *ctx, struct err *e)
{
	DIR *d = opendir("/proc");
	struct dirent *ent;

	if (!d)
		return err_sys(e, errno, "/proc");
	while ((ent = readdir(d)) != NULL)
		if (isdigit((unsigned char)ent->d_name[0]) &&
		    atoi(ent->d_name) != getpid())
			read_process(ent->d_name, fn, ctx);
	closedir(d);
	return 0;
}

struct walk {
	observe_file_fn *fn;
	void *ctx;
	size_t left;
};

static void walk_dir(struct walk *w, int dirfd, const char *prefix, int depth)
{
	struct dirent **list;
	int n = scandirat(dirfd, ".", &list, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		char path[PATH_MAX];
		struct stat st;
		int fd;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    w->left > 0 &&
		    fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    (size_t)snprintf(path, sizeof(path), "%s%s", prefix,
				     name) + 2 < sizeof(path)) {
			w->left--;
			w->fn(w->ctx, path,
			      S_ISDIR(st.st_mode) ? 'd' :
			      S_ISREG(st.st_mode) ? 'f' : '?',
			      st.st_mode & 07777, st.st_size);
			fd = S_ISDIR(st.st_mode) && depth < DEPTH_MAX ?
				     openat(dirfd, name, O_RDONLY |
					    O_DIRECTORY | O_CLOEXEC |
					    O_NOFOLLOW) : -1;
			if (fd >= 0) {
				strcat(path, "/");
				walk_dir(w, fd, path, depth + 1);
				close(fd);
			}
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
}

int observe_files(const char *root, observe_file_fn *fn, void *ctx,
		  struct err *e)
{
	struct walk w = { .fn = fn, .ctx = ctx, .left = FILES_MAX };
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno, "%s", root);
	walk_dir(&w, fd, "", 0);
	close(fd);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag,
		      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	remove(path);
	return 0;
}

void observe_remove_tree(const char *root)
{
	nftw(root, remove_one, DEPTH_MAX, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
