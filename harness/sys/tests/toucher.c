/*
 * toucher.c - does to the file system what its words say, for test_fswatch.c.
 *
 * Linked statically, without the C library between it and the kernel where it
 * matters which call is made.  It prints one word for each step: "ok", or the
 * number of the error.  Uses nothing of the harness.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* Takes what it needs from the words; the result of a system call. */
typedef long step_fn(char **word);

static long closed(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd;
}

#define OPEN(name, flags)                                                     \
	static long name(char **word)                                         \
	{                                                                     \
		return closed(                                                \
			syscall(SYS_openat, AT_FDCWD, word[0], flags, 0640)); \
	}
OPEN(do_create, O_WRONLY | O_CREAT)
OPEN(do_excl, O_WRONLY | O_CREAT | O_EXCL)
OPEN(do_open, O_RDWR)
OPEN(do_read, O_RDONLY)
OPEN(do_look, O_PATH | O_RDWR)
OPEN(do_cut, O_WRONLY | O_TRUNC)
OPEN(do_nofollow, O_WRONLY | O_NOFOLLOW)
OPEN(do_tmpfile, O_WRONLY | O_TMPFILE)
OPEN(do_cloexec, O_RDONLY | O_CLOEXEC | O_NONBLOCK)

static long open2(const char *path, uint64_t flags, uint64_t mode)
{
	struct open_how how = { .flags = flags, .mode = mode };

	return closed(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
}

static long do_openat2(char **word)
{
	return open2(word[0], O_WRONLY | O_CREAT, 0600);
}

static long do_readat2(char **word)
{
	return open2(word[0], O_RDONLY, 0);
}

#ifdef SYS_open
static long do_oldopen(char **word)
{
	return closed(syscall(SYS_open, word[0], O_WRONLY | O_CREAT, 0604));
}

static long do_creat(char **word)
{
	return closed(syscall(SYS_creat, word[0], 0604));
}

static long do_oldmkdir(char **word)
{
	return syscall(SYS_mkdir, word[0], 0711);
}
#else
#define do_oldopen do_create
#define do_creat do_create
#define do_oldmkdir do_mkdir
#endif

static long do_mkdir(char **word)
{
	return mkdirat(AT_FDCWD, word[0], 0750);
}

static long do_mkfifo(char **word)
{
	return mkfifo(word[0], 0600);
}

static long do_rename(char **word)
{
	return rename(word[0], word[1]);
}

static long do_noreplace(char **word)
{
	return syscall(SYS_renameat2, AT_FDCWD, word[0], AT_FDCWD, word[1],
		       RENAME_NOREPLACE);
}

static long do_link(char **word)
{
	return link(word[0], word[1]);
}

static long do_symlink(char **word)
{
	return symlink(word[0], word[1]);
}

static long do_unlink(char **word)
{
	return unlink(word[0]);
}

static long do_rmdir(char **word)
{
	return rmdir(word[0]);
}

static long do_unlinkdir(char **word)
{
	return unlinkat(AT_FDCWD, word[0], AT_REMOVEDIR);
}

static long do_chmod(char **word)
{
	return chmod(word[0], 0600);
}

/* What needs no more than a descriptor for reading. */
static long do_fd(char **word)
{
	int fd = open(word[0], O_RDONLY | O_NONBLOCK);
	long rc = fchmod(fd, 0644);

	if (rc == 0)
		rc = fchown(fd, (uid_t)-1, (gid_t)-1);
	if (rc == 0)
		rc = futimens(fd, NULL);
	fsetxattr(fd, "user.a", "b", 1, 0);
	return rc < 0 ? rc : closed(fd);
}

static long do_pipe(char **word)
{
	int fds[2];

	(void)word;
	return pipe(fds) ? -1 : fchmod(fds[0], 0600);
}

static long do_chown(char **word)
{
	return chown(word[0], (uid_t)-1, (gid_t)-1);
}

static long do_lchown(char **word)
{
	return lchown(word[0], (uid_t)-1, (gid_t)-1);
}

static long do_truncate(char **word)
{
	return truncate(word[0], 0);
}

static long do_utime(char **word)
{
	return utimensat(AT_FDCWD, word[0], NULL, 0);
}

static long do_lutime(char **word)
{
	return utimensat(AT_FDCWD, word[0], NULL, AT_SYMLINK_NOFOLLOW);
}

static long do_xattr(char **word)
{
	setxattr(word[0], "user.a", "b", 1, 0);
	return 0;
}

static long do_emptypath(char **word)
{
	int fd = open(word[0], O_PATH);

	return fchownat(fd, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH) < 0
		       ? -1
		       : closed(fd);
}

static long unix_socket(const char *path, bool abstract, bool to)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				  strlen(path) + abstract);

	strcpy(sun.sun_path + abstract, path);
	return to ? connect(fd, (struct sockaddr *)&sun, n)
		  : bind(fd, (struct sockaddr *)&sun, n);
}

static long do_bind(char **word)
{
	return unix_socket(word[0], false, false);
}

static long do_abstract(char **word)
{
	return unix_socket(word[0], true, false);
}

static long do_connect(char **word)
{
	return unix_socket(word[0], false, true);
}

static long do_chdir(char **word)
{
	return chdir(word[0]);
}

static long do_umask(char **word)
{
	return umask((mode_t)strtoul(word[0], NULL, 8));
}

/* --- by a descriptor of a directory --- */

static long do_at(char **word)
{
	int fd = open(word[0], O_RDONLY | O_DIRECTORY);
	long rc = mkdirat(fd, word[1], 0700);

	if (rc == 0)
		rc = renameat(fd, word[1], AT_FDCWD, word[2]);
	close(fd);
	return rc;
}

static long do_badfd(char **word)
{
	return mkdirat(999, word[0], 0700);
}

/* --- odd memory --- */

/* The path ends where readable memory does, and spans two pages. */
static long do_edge(char **word)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t n = strlen(word[0]) + 1;
	char *at = p + 2 * page - n;

	mprotect(p + 2 * page, page, PROT_NONE);
	memcpy(at, word[0], n);
	if (mkdir(at, 0700))
		return -1;
	at = p + page - n / 2;
	memcpy(at, word[0], n);
	return rmdir(at);
}

/* Long, but not too long: the same file with many words in between. */
static long do_long(char **word)
{
	char path[PATH_MAX] = "";

	while (strlen(path) + 2 + strlen(word[0]) < sizeof(path))
		strcat(path, "./");
	strcat(path, word[0]);
	return closed(open(path, O_WRONLY | O_CREAT, 0600));
}

static long do_endless(char **word)
{
	static char path[3 * PATH_MAX];

	(void)word;
	memset(path, 'a', sizeof(path) - 1);
	return open(path, O_WRONLY | O_CREAT, 0600);
}

static long do_nowhere(char **word)
{
	(void)word;
	return open((char *)16, O_WRONLY | O_CREAT, 0600);
}

static long do_hide(char **word)
{
	(void)word;
	return prctl(PR_SET_DUMPABLE, 0);
}

/* --- other ways into the kernel --- */

static long do_uring(char **word)
{
	char params[256] = "";

	(void)word;
	return syscall(SYS_io_uring_setup, 4, params);
}

/* As a 32-bit program would: mkdir is 39 there. */
static long do_mkdir32(char **word)
{
#ifdef __x86_64__
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long rc;

	strcpy(p, word[0]);
	__asm__ volatile("int $0x80"
			 : "=a"(rc)
			 : "a"(39), "b"(p), "c"(0700)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = rc < 0 ? -(int)rc : 0;
	return rc < 0 ? -1 : 0;
#else
	return do_mkdir(word);
#endif
}

/* --- what injections are for --- */

static long do_write(char **word)
{
	int fd = open(word[0], O_WRONLY | O_APPEND);
	long rc = write(fd, "x", 1);

	return rc < 0 ? rc : closed(fd);
}

static long do_fsync(char **word)
{
	int fd = open(word[0], O_RDONLY);
	long rc = fdatasync(fd);

	return rc < 0 ? rc : closed(fd);
}

static long do_socket(char **word)
{
	(void)word;
	return closed(socket(AF_INET, SOCK_STREAM, 0));
}

static struct sockaddr loopback(void)
{
	/* Port 2001, 127.0.0.1 */
	return (struct sockaddr){ AF_INET, { 0x07, (char)0xd1, 127, 0, 0, 1 } };
}

/* Bind, listen, connect, accept; the first that fails. */
static long do_tcp(char **word)
{
	struct sockaddr sa = loopback();
	int a = socket(AF_INET, SOCK_STREAM, 0);
	int b = socket(AF_INET, SOCK_STREAM, 0);

	(void)word;
	if (bind(a, &sa, 16) || listen(a, 1) || connect(b, &sa, 16))
		return -1;
	return accept4(a, NULL, NULL, 0);
}

/* --- who does it --- */

static long run(char ***word);

static long do_fork(char **word)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run(&word) < 0 ? errno : 0);
	waitpid(pid, &status, 0);
	errno = WEXITSTATUS(status);
	return errno ? -1 : 0;
}

static void *thread(void *arg)
{
	char **word = arg;

	return run(&word) < 0 ? (void *)(intptr_t)errno : NULL;
}

static long do_thread(char **word)
{
	pthread_t t;
	void *result;

	pthread_create(&t, NULL, thread, word);
	pthread_join(t, &result);
	errno = (int)(intptr_t)result;
	return errno ? -1 : 0;
}

/* Many processes at once, each makes and removes many directories. */
static long do_storm(char **word)
{
	char name[64];

	for (int i = 0; i < 20; i++) {
		if (fork())
			continue;
		snprintf(name, sizeof(name), "%s%d", word[0], i);
		for (int k = 0; k < 50; k++) {
			mkdir(name, 0700);
			rmdir(name);
		}
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* Children that die while, or before, they are looked at. */
static long do_killed(char **word)
{
	for (int i = 0; i < 200; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				mkdir(word[0], 0700);
		usleep((useconds_t)(i % 10) * 100);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return 0;
}

static void nothing(int sig)
{
	(void)sig;
}

/* 2000 calls under a hail of signals; fails when one of them does. */
static long do_alarms(char **word)
{
	struct itimerval often = { { 0, 50 }, { 0, 50 } }, off = { 0 };
	struct sigaction sa = { .sa_handler = nothing, .sa_flags = SA_RESTART };
	long rc = 0;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 1000 && rc == 0; i++) {
		rc = mkdir(word[0], 0700);
		if (rc == 0)
			rc = rmdir(word[0]);
	}
	setitimer(ITIMER_REAL, &off, NULL);
	return rc;
}

static const struct {
	const char *name;
	int words;
	step_fn *fn;
} steps[] = {
	{ "create", 1, do_create },
	{ "excl", 1, do_excl },
	{ "open", 1, do_open },
	{ "read", 1, do_read },
	{ "look", 1, do_look },
	{ "cut", 1, do_cut },
	{ "nofollow", 1, do_nofollow },
	{ "tmpfile", 1, do_tmpfile },
	{ "cloexec", 1, do_cloexec },
	{ "openat2", 1, do_openat2 },
	{ "readat2", 1, do_readat2 },
	{ "oldopen", 1, do_oldopen },
	{ "creat", 1, do_creat },
	{ "oldmkdir", 1, do_oldmkdir },
	{ "mkdir", 1, do_mkdir },
	{ "mkfifo", 1, do_mkfifo },
	{ "rename", 2, do_rename },
	{ "noreplace", 2, do_noreplace },
	{ "link", 2, do_link },
	{ "symlink", 2, do_symlink },
	{ "unlink", 1, do_unlink },
	{ "rmdir", 1, do_rmdir },
	{ "unlinkdir", 1, do_unlinkdir },
	{ "chmod", 1, do_chmod },
	{ "fd", 1, do_fd },
	{ "pipe", 0, do_pipe },
	{ "chown", 1, do_chown },
	{ "lchown", 1, do_lchown },
	{ "truncate", 1, do_truncate },
	{ "utime", 1, do_utime },
	{ "lutime", 1, do_lutime },
	{ "xattr", 1, do_xattr },
	{ "emptypath", 1, do_emptypath },
	{ "bind", 1, do_bind },
	{ "abstract", 1, do_abstract },
	{ "connect", 1, do_connect },
	{ "chdir", 1, do_chdir },
	{ "umask", 1, do_umask },
	{ "at", 3, do_at },
	{ "badfd", 1, do_badfd },
	{ "edge", 1, do_edge },
	{ "long", 1, do_long },
	{ "endless", 0, do_endless },
	{ "nowhere", 0, do_nowhere },
	{ "hide", 0, do_hide },
	{ "uring", 0, do_uring },
	{ "mkdir32", 1, do_mkdir32 },
	{ "write", 1, do_write },
	{ "fsync", 1, do_fsync },
	{ "socket", 0, do_socket },
	{ "tcp", 0, do_tcp },
	{ "fork", 0, do_fork },
	{ "thread", 0, do_thread },
	{ "storm", 1, do_storm },
	{ "killed", 1, do_killed },
	{ "alarms", 1, do_alarms },
};

/* One step; *word is left at the next. */
static long run(char ***word)
{
	char **args = *word + 1;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(steps[i].name, **word) != 0)
			continue;
		*word += 1 + steps[i].words;
		/* Another one does the step that follows. */
		if (steps[i].fn == do_fork || steps[i].fn == do_thread) {
			char **inner = args;

			for (size_t k = 0; k < sizeof(steps) / sizeof(steps[0]);
			     k++)
				if (strcmp(steps[k].name, *inner) == 0)
					*word += 1 + steps[k].words;
		}
		return steps[i].fn(args);
	}
	fprintf(stderr, "toucher: unknown step %s\n", **word);
	exit(2);
}

int main(int argc, char **argv)
{
	char **word = argv + 1;

	(void)argc;
	while (*word) {
		if (run(&word) < 0)
			printf("%d ", errno);
		else
			printf("ok ");
		fflush(stdout);
	}
	return 0;
}
