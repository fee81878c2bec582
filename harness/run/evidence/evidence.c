/* evidence.c - see evidence.h. */
#include "harness/run/evidence/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/base/text.h"

/* Beside the traces; the last two when it was killed while writing. */
static const char *const ours[] = { "run.json", "report.json", "run.json.new",
				    "report.json.new" };

/* Only what an earlier run left may be in the way. */
static int check_dir(const char *dir, struct err *e)
{
	DIR *d = opendir(dir);
	struct dirent *ent;
	char shown[80];
	int rc = 0;

	if (!d)
		return err_sys(e, errno, "--out %s", dir);
	while (rc == 0 && (ent = readdir(d)) != NULL) {
		bool ok = strcmp(ent->d_name, ".") == 0 ||
			  strcmp(ent->d_name, "..") == 0 ||
			  strcmp(ent->d_name, "traces") == 0;

		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			ok |= strcmp(ent->d_name, ours[i]) == 0;
		if (!ok)
			rc = err_set(e, 0,
				     "--out %s: holds %s, which is no earlier "
				     "run's; give an empty directory",
				     dir,
				     text_showbuf(shown, sizeof(shown),
						  span_str(ent->d_name)));
	}
	closedir(d);
	return rc;
}

/* "017.jsonl", "017.pcap": somebody's own files are left alone. */
static bool is_trace(const char *name)
{
	size_t digits = strspn(name, "0123456789");

	return digits && (strcmp(name + digits, ".jsonl") == 0 ||
			  strcmp(name + digits, ".pcap") == 0);
}

static void remove_old(const char *dir)
{
	char path[4096];
	struct dirent *ent;
	DIR *d;

	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, ours[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/traces", dir);
	d = opendir(path);
	while (d && (ent = readdir(d)) != NULL)
		if (is_trace(ent->d_name))
			unlinkat(dirfd(d), ent->d_name, 0);
	if (d)
		closedir(d);
}

int evidence_open(const char *dir, struct err *e)
{
	char path[4096];

	if (mkdir(dir, 0777) && errno != EEXIST)
		return err_sys(e, errno, "--out %s", dir);
	if (check_dir(dir, e))
		return -1;
	remove_old(dir);
	snprintf(path, sizeof(path), "%s/traces", dir);
	if (mkdir(path, 0777) && errno != EEXIST)
		return err_sys(e, errno, "--out %s", path);
	return 0;
}

int evidence_trace(const char *dir, size_t number, char name[64], struct err *e)
{
	char path[4096];
	int fd;

	snprintf(name, 64, "traces/%03zu.jsonl", number);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? err_sys(e, errno, "%s", path) : fd;
}

int evidence_capture(const char *dir, size_t number, struct err *e)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/traces/%03zu.pcap", dir, number);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? err_sys(e, errno, "%s", path) : fd;
}

int evidence_write(const char *dir, const char *name, struct span text,
		   struct err *e)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return evidence_write_file(path, text, e);
}

int evidence_write_file(const char *path, struct span text, struct err *e)
{
	char aside[4100];
	FILE *f;

	snprintf(aside, sizeof(aside), "%s.new", path);
	f = fopen(aside, "we");
	if (!f)
		return err_sys(e, errno, "%s", path);
	/* A full disk may show in any of the three. */
	if (fwrite(text.p, 1, text.n, f) != text.n || fflush(f) ||
	    rename(aside, path)) {
		err_sys(e, errno, "%s", path);
		fclose(f);
		unlink(aside);
		return -1;
	}
	fclose(f);
	return 0;
}

int evidence_json(const json_t *o, struct buf *out)
{
	char *text = json_dumps(o, JSON_INDENT(1));

	if (!text)
		return -1;
	buf_adds(out, text);
	buf_addc(out, '\n');
	free(text);
	return 0;
}

int evidence_read_file(const char *path, size_t max, struct span *text,
		       struct err *e)
{
	struct buf b = BUF_MAX(max);
	char piece[65536];
	size_t n;
	FILE *f = fopen(path, "re");

	if (!f)
		return err_sys(e, errno, "%s", path);
	while (!b.full && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&b, span_of(piece, n));
	if (ferror(f)) {
		err_sys(e, errno, "%s", path);
	} else if (b.full) {
		err_set(e, 0, "%s: larger than %zu bytes", path, max);
	} else {
		fclose(f);
		buf_cstr(&b);
		*text = buf_span(&b); /* the caller frees it */
		return 0;
	}
	fclose(f);
	buf_fini(&b);
	return -1;
}
