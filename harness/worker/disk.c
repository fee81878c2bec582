/* disk.c - see disk.h. */
#include "harness/worker/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/sys/observe.h"

/* Larger files of a transport are changed at their beginning only. */
#define GARBLE_MAX 65536
#define NOT_BELOW "not below the work directory"
/* What a trace keeps of a file that the harness made. */
#define PLACE_KEEP 256

/* The path as a C string, when it lies below the work directory. */
static bool disk_below_work(const struct task *t, struct span path, char *out,
			    size_t size)
{
	struct span work = t->plan->work;

	if (path.n + 1 > size || path.n <= work.n || !span_starts(path, work) ||
	    path.p[work.n] != '/' || span_contains(path, SPAN("/../")))
		return false;
	snprintf(out, size, "%.*s", SPAN_ARG(path));
	return true;
}

static void disk_make_dirs(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

static const char *disk_write_all(const char *path, struct span bytes)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool ok = fd >= 0 && write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n;
	const char *why = ok ? NULL : strerror(errno);

	if (fd >= 0)
		close(fd);
	return why;
}

const char *disk_place(struct task *t, const char *path, struct span bytes)
{
	const char *why = disk_write_all(path, bytes);

	if (!why)
		rec(t, place, .path = span_str(path),
		    .bytes = span_sub(bytes, 0, PLACE_KEEP),
		    .size = (int64_t)bytes.n);
	return why;
}

static void file_begin(void *part, const struct step *st)
{
	struct task *t = part;
	char path[4096];

	if (!disk_below_work(t, st->file.at, path, sizeof(path))) {
		task_skipped(t, NOT_BELOW);
		return;
	}
	disk_make_dirs(path);
	task_skipped(t, disk_place(t, path, st->file.bytes));
}

const struct step_ops step_file_ops = { .part = PART_TASK,
					.begin = file_begin };

struct disk_garbler {
	struct task *t;
	const char *root;
	enum garble how;
};

static void disk_garble_one(void *ctx, const char *name, char type,
			    unsigned mode, int64_t size)
{
	struct disk_garbler *g = ctx;
	char path[8192], bytes[GARBLE_MAX];
	ssize_t n;
	int fd;

	if (type != 'f')
		return;
	snprintf(path, sizeof(path), "%s/%s", g->root, name);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return;
	n = pread(fd, bytes, sizeof(bytes), 0);
	for (ssize_t i = 0; i < n; i++)
		bytes[i] = (char)~bytes[i];
	if (g->how == GARBLE_FLIP)
		n = pwrite(fd, bytes, n > 0 ? (size_t)n : 0, 0);
	else if (ftruncate(fd, g->how == GARBLE_CUT ? size / 2 : 0))
		n = -1;
	close(fd);
	if (n >= 0)
		rec(g->t, file, .in = SPAN("garbled"), .type = FILE_IS_FILE,
		    .path = span_str(path), .mode = mode, .size = size);
}

static void garble_begin(void *part, const struct step *st)
{
	struct task *t = part;
	char root[4096];
	struct disk_garbler g = { .t = t, .root = root, .how = st->garble.how };
	struct err e = { 0 };

	if (!disk_below_work(t, st->garble.below, root, sizeof(root))) {
		task_skipped(t, NOT_BELOW);
		return;
	}
	/* A transport that keeps no state has nothing to be spoiled. */
	observe_files(root, disk_garble_one, &g, &e);
}

const struct step_ops step_garble_ops = { .part = PART_TASK,
					  .begin = garble_begin };

int disk_mount(const struct task *t, struct err *e)
{
	const struct plan *p = t->plan;
	char path[4096], options[100];
	int n = snprintf(options, sizeof(options), "mode=0700");

	if (!p->disk.own)
		return 0;
	snprintf(path, sizeof(path), "%.*s", SPAN_ARG(p->state));
	/* The kernel counts in pages, and the directory itself is a file. */
	if (p->disk.bytes > 0)
		n += snprintf(options + n, sizeof(options) - (size_t)n,
			      ",size=%lld", (long long)p->disk.bytes);
	if (p->disk.files > 0)
		snprintf(options + n, sizeof(options) - (size_t)n,
			 ",nr_inodes=%lld", (long long)p->disk.files + 1);
	if (mkdir(path, 0700) ||
	    mount("ptcheck", path, "tmpfs", MS_NOSUID | MS_NODEV, options))
		return err_sys(e, errno, "cannot mount a disk of its own");
	return 0;
}
