/*
 * replay.c - run a fuzz entry point over saved inputs, without libFuzzer.
 *
 * Usage: replay FILE|DIRECTORY...
 * Fails when an input cannot be read or when there is none at all, so that a
 * wrong path does not pass for success.
 */
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>

#include "parent/proto/fuzz/fuzz.h"

/* A seed is small; what is longer has no business in a corpus. */
#define FILE_LIMIT (16u << 20)

static unsigned long replayed;

static int run_file(const char *path, size_t size)
{
	/* Exactly as large as the input: reading on is then seen. */
	uint8_t *data = malloc(size ? size : 1);
	FILE *f = fopen(path, "rb");
	int ret = -1;

	if (data && f && fread(data, 1, size, f) == size) {
		LLVMFuzzerTestOneInput(data, size);
		replayed++;
		ret = 0;
	} else {
		perror(path);
	}
	if (f)
		fclose(f);
	free(data);
	return ret;
}

static int run_path(const char *path);

static int run_dir(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, NULL, alphasort), ret = 0;

	if (n < 0) {
		perror(path);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char sub[PATH_MAX];

		snprintf(sub, sizeof(sub), "%s/%s", path, list[i]->d_name);
		if (list[i]->d_name[0] != '.' && run_path(sub) < 0)
			ret = -1;
		free(list[i]);
	}
	free(list);
	return ret;
}

static int run_path(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		perror(path);
		return -1;
	}
	if (S_ISDIR(st.st_mode))
		return run_dir(path);
	if (!S_ISREG(st.st_mode) || st.st_size > FILE_LIMIT) {
		fprintf(stderr, "%s: not a seed\n", path);
		return -1;
	}
	return run_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	int ret = EXIT_SUCCESS;

	for (int i = 1; i < argc; i++)
		if (run_path(argv[i]) < 0)
			ret = EXIT_FAILURE;
	if (replayed == 0) {
		fprintf(stderr, "replay: no inputs\n");
		ret = EXIT_FAILURE;
	}
	printf("replayed %lu inputs\n", replayed);
	return ret;
}
