/*
 * test_pool.c - jobs in hosts: what they are given, how they end, and that
 * all goes with the caller.
 */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/run/launch/pool.h"

#define PATIENCE 10000
/* As many as no single host makes. */
#define MANY 150

/* Told to jobs by the memory that they inherit. */
struct told {
	const char *word;
};

static void finish(struct pool *p, struct pool_host *h, int *started,
		   struct err *e)
{
	struct pollfd pfd = { .fd = pool_host_fd(h), .events = POLLIN };

	ck_assert_int_eq(poll(&pfd, 1, PATIENCE), 1);
	ck_assert(pool_ended(p, h, started, e));
}

static void finish_well(struct pool *p, struct pool_host *h)
{
	struct err e = { 0 };
	int started = 1;

	finish(p, h, &started, &e);
	ck_assert_msg(started == 0, "%s", e.msg);
}

static struct pool *new_pool(bool isolate, pool_job *job, void *ctx)
{
	struct err e = { 0 };
	struct pool *p = pool_new(isolate, job, ctx, &e);

	ck_assert_msg(p != NULL, "%s", e.msg);
	return p;
}

static struct pool_host *begin(struct pool *p, size_t job, const int *fds,
			       size_t n)
{
	struct err e = { 0 };
	struct pool_host *h = pool_start(p, job, fds, n, &e);

	ck_assert_msg(h != NULL, "%s", e.msg);
	return h;
}

/* Its number and what it was told, on the descriptor that it was given. */
static int say(void *ctx, size_t job, const int *fds, size_t n,
	       const struct sandbox_state *state)
{
	const struct told *told = ctx;

	(void)state;
	if (n != 1)
		return 1;
	dprintf(fds[0], "%zu %s %d\n", job, told->word, (int)getpid());
	return 0;
}

/* Each loop: not isolated, isolated. */
START_TEST(job_gets_what_it_is_given)
{
	struct told told = { "good" };
	struct pool *p = new_pool(_i, say, &told);
	char text[64], want[64];
	int fds[2];
	ssize_t n;

	told.word = "too late";
	for (size_t job = 0; job < MANY; job++) {
		ck_assert(pipe2(fds, O_CLOEXEC) == 0);
		finish_well(p, begin(p, job, &fds[1], 1));
		close(fds[1]);
		n = read(fds[0], text, sizeof(text) - 1);
		ck_assert_int_gt(n, 0);
		text[n] = '\0';
		snprintf(want, sizeof(want), "%zu good %s", job,
			 _i ? "1\n" : "");
		ck_assert_msg(strncmp(text, want, strlen(want)) == 0, "%s",
			      text);
		/* Nobody else holds it any more. */
		ck_assert_int_eq(read(fds[0], text, 1), 0);
		close(fds[0]);
	}
	ck_assert_int_gt(pool_free(p), 0);
}
END_TEST

/* Until its descriptor says so, or a signal comes. */
static int wait_for_word(void *ctx, size_t job, const int *fds, size_t n,
			 const struct sandbox_state *state)
{
	sigset_t none;
	char c;

	(void)ctx;
	(void)job;
	(void)state;
	/* Not as libcheck wants it, which takes the whole group along. */
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (size_t i = 1; i < n; i++)
		if (write(fds[i], "r", 1) != 1)
			return 1;
	return read(fds[0], &c, 1) == 1 ? 0 : 1;
}

START_TEST(jobs_run_side_by_side)
{
	struct pool *p = new_pool(true, wait_for_word, NULL);
	struct pool_host *h[5];
	struct pollfd early;
	int fds[5][2];

	for (int i = 0; i < 5; i++) {
		ck_assert(pipe2(fds[i], O_CLOEXEC) == 0);
		h[i] = begin(p, 0, &fds[i][0], 1);
	}
	early = (struct pollfd){ .fd = pool_host_fd(h[0]), .events = POLLIN };
	for (int i = 4; i >= 0; i--) {
		ck_assert_int_eq(poll(&early, 1, 0), 0);
		ck_assert(write(fds[i][1], "x", 1) == 1);
		finish_well(p, h[i]);
		close(fds[i][0]);
		close(fds[i][1]);
	}
	pool_free(p);
}
END_TEST

static struct pool_host *begin_waiting(struct pool *p, const int in[2],
				       const int ready[2])
{
	struct pool_host *h =
		begin(p, 0, (int[]){ in[0], ready[1], ready[1] }, 3);
	char c[2];

	ck_assert_int_eq(read(ready[0], &c[0], 1), 1);
	ck_assert_int_eq(read(ready[0], &c[1], 1), 1);
	return h;
}

/* A killed worker has ended like any other, and the pool goes on. */
START_TEST(worker_can_be_killed)
{
	struct pool *p = new_pool(_i, wait_for_word, NULL);
	int in[2], ready[2];

	ck_assert(pipe2(in, O_CLOEXEC) == 0);
	ck_assert(pipe2(ready, O_CLOEXEC) == 0);
	for (int k = 0; k < 3; k++) {
		struct pool_host *h = begin_waiting(p, in, ready);

		pool_kill(h, SIGKILL);
		finish_well(p, h);
	}
	pool_free(p);
}
END_TEST

/* A signal may cross the news of the end; the next job does not get it. */
START_TEST(late_signal_hits_nobody)
{
	struct pool *p = new_pool(true, wait_for_word, NULL);
	struct pool_host *h;
	struct pollfd pfd;
	int in[2], ready[2];

	ck_assert(pipe2(in, O_CLOEXEC) == 0);
	ck_assert(pipe2(ready, O_CLOEXEC) == 0);
	h = begin_waiting(p, in, ready);
	ck_assert(write(in[1], "x", 1) == 1);
	pfd = (struct pollfd){ .fd = pool_host_fd(h), .events = POLLIN };
	ck_assert_int_eq(poll(&pfd, 1, PATIENCE), 1);
	pool_kill(h, SIGKILL);
	finish_well(p, h);
	h = begin_waiting(p, in, ready);
	pfd.fd = pool_host_fd(h);
	ck_assert_int_eq(poll(&pfd, 1, 50), 0);
	ck_assert(write(in[1], "x", 1) == 1);
	finish_well(p, h);
	pool_free(p);
}
END_TEST

static void die_with_jobs(bool isolate, const int in[2], const int ready[2])
{
	struct pool *p = new_pool(isolate, wait_for_word, NULL);

	for (int i = 0; i < 3; i++)
		begin_waiting(p, in, ready);
	kill(getpid(), SIGKILL);
}

/* Everybody's copy of the descriptor closes when its process ends. */
START_TEST(all_goes_with_the_caller)
{
	int in[2], ready[2], status;
	struct pollfd p = { .events = POLLIN };
	pid_t pid;

	ck_assert(pipe2(in, O_CLOEXEC) == 0);
	ck_assert(pipe2(ready, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0)
		die_with_jobs(_i, in, ready);
	close(ready[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status));
	p.fd = ready[0];
	ck_assert_int_eq(poll(&p, 1, PATIENCE), 1);
	ck_assert_int_eq(p.revents & POLLHUP, POLLHUP);
}
END_TEST

/* What becomes of jobs and starts when the zygote is gone is an error. */
START_TEST(loss_of_the_zygote_is_told)
{
	struct pool *p = new_pool(true, wait_for_word, NULL);
	char path[64], text[16] = "";
	int in[2], ready[2], started;
	struct pool_host *h;
	struct err e = { 0 };
	FILE *f;

	ck_assert(pipe2(in, O_CLOEXEC) == 0);
	ck_assert(pipe2(ready, O_CLOEXEC) == 0);
	h = begin_waiting(p, in, ready);
	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
		 (int)getpid());
	f = fopen(path, "r");
	ck_assert(f && fgets(text, sizeof(text), f));
	fclose(f);
	kill(atoi(text), SIGKILL);
	finish(p, h, &started, &e);
	ck_assert_int_eq(started, 0);
	ck_assert_ptr_null(pool_start(p, 0, in, 1, &e));
	ck_assert_msg(strstr(e.msg, "cannot reach"), "%s", e.msg);
	pool_free(p);
}
END_TEST

/* --- what one launch leaves to the next ------------------------------------- */

/* What can be done to what they have in common.  Where a directory is not
 * their own nobody may write there. */
static const char *const marks[] = {
	": >/mark",
	"mkdir /mark",
	"chmod 700 /",
	"mountpoint -q /tmp || exit 0; : >/tmp/mark",
	"mountpoint -q /var/tmp || exit 0; mkdir -p /var/tmp/mark/a",
	"mountpoint -q /dev/shm || exit 0; : >/dev/shm/mark",
	"mountpoint -q /tmp || exit 0; chmod 755 /tmp",
	"! grep -q 198 /etc/resolv.conf || echo '# mark' >>/etc/resolv.conf",
};

#define LOOK                                                              \
	"stat -c '%n %a %u' / /tmp /var/tmp /dev/shm /etc/resolv.conf; "  \
	"ls -d /mark /tmp/mark /var/tmp/mark /dev/shm/mark 2>/dev/null; " \
	"cat /etc/resolv.conf"

/* Even ones look, odd ones do something in between. */
static int look_or_mark(void *ctx, size_t job, const int *fds, size_t n,
			const struct sandbox_state *state)
{
	(void)ctx;
	if (n != 1 || state->trouble)
		return 1;
	if (job % 2)
		return system(marks[job / 2]) ? 1 : 0;
	dup2(fds[0], 1);
	return system(LOOK) ? 1 : 0;
}

static void look(struct pool *p, char *seen, size_t size)
{
	FILE *f = tmpfile();
	int fd;

	ck_assert(f != NULL);
	fd = fileno(f);
	finish_well(p, begin(p, 0, &fd, 1));
	rewind(f);
	seen[fread(seen, 1, size - 1, f)] = '\0';
	fclose(f);
	ck_assert_msg(seen[0] && !strstr(seen, "mark"), "%s", seen);
}

static void check_all_as_it_was(void)
{
	struct pool *p = new_pool(true, look_or_mark, NULL);
	char before[4096], after[4096];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	look(p, before, sizeof(before));
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		finish_well(p, begin(p, 2 * i + 1, &null, 1));
		look(p, after, sizeof(after));
		ck_assert_str_eq(before, after);
	}
	pool_free(p);
	close(null);
}

START_TEST(next_launch_finds_all_as_it_was)
{
	check_all_as_it_was();
}
END_TEST

/* The mode of a directory, and where a link to it leads. */
static int look_at(void *ctx, size_t job, const int *fds, size_t n,
		   const struct sandbox_state *state)
{
	const char *dir = ctx;
	char command[200];

	(void)job;
	if (n != 1 || state->trouble)
		return 1;
	snprintf(command, sizeof(command), "stat -c %%a %s; readlink %s.link",
		 dir, dir);
	dup2(fds[0], 1);
	return system(command) ? 1 : 0;
}

static void check_what_lies_there(void)
{
	char dir[] = "/tmp/ptcheck-pool-XXXXXX", link[64];
	char seen[4096], want[64];
	struct pool *p;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(link, sizeof(link), "%s.link", dir);
	snprintf(want, sizeof(want), "700\n%s\n", dir);
	ck_assert_int_eq(symlink(dir, link), 0);
	p = new_pool(true, look_at, dir);
	look(p, seen, sizeof(seen));
	pool_free(p);
	ck_assert_int_eq(unlink(link), 0);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_assert_str_eq(seen, want);
}

/* In a namespace of this test's own. */
START_TEST(something_is_mounted_below)
{
	char dir[] = "/tmp/ptcheck-pool-XXXXXX";

	if (unshare(CLONE_NEWNS)) {
		printf("pool: a mount below /tmp left out: %s\n",
		       strerror(errno));
		return;
	}
	ck_assert_int_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(mount("ptcheck", dir, "tmpfs", 0, NULL), 0);
	check_all_as_it_was();
	check_what_lies_there();
	ck_assert_int_eq(umount(dir), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

/* --- the network ---------------------------------------------------------------- */

/* What a launch does in its network. */
enum use {
	USE_NOTHING,
	USE_QUIETLY, /* sockets, and nothing that is sent */
	USE_DATAGRAM,
	USE_FAR,
	USE_STREAM,
	USE_PORTS,
	USE_IPV6,
	USE_LINK,
	USE_STATUS,
	USES_N,
};

static bool quietly(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int raw = socket(AF_UNIX, SOCK_STREAM, 0);

	return raw >= 0 &&
	       bind(tcp, (struct sockaddr *)&sin, sizeof(sin)) == 0 &&
	       listen(tcp, 1) == 0;
}

static bool datagram(const char *ip)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, ip, &sin.sin_addr);
	return sendto(fd, "x", 1, 0, (struct sockaddr *)&sin, sizeof(sin)) == 1;
}

/* Leaves one that lingers. */
static bool stream(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int a = socket(AF_INET, SOCK_STREAM, 0), b, c;
	socklen_t n = sizeof(sin);

	if (bind(a, (struct sockaddr *)&sin, n) || listen(a, 1) ||
	    getsockname(a, (struct sockaddr *)&sin, &n))
		return false;
	b = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(b, (struct sockaddr *)&sin, n))
		return false;
	c = accept(a, NULL, NULL);
	close(b);
	close(c);
	return c >= 0;
}

static bool use_network(enum use use)
{
	struct err e;
	int fd;

	switch (use) {
	case USE_NOTHING:
	case USE_STATUS:
	case USES_N:
		return true;
	case USE_QUIETLY:
		return quietly();
	case USE_DATAGRAM:
		return datagram("127.0.0.1");
	case USE_FAR:
		return datagram("192.0.2.1");
	case USE_STREAM:
		return stream();
	case USE_PORTS:
		return network_ports(5, &fd, &e) == 0;
	case USE_IPV6:
		return world_without_ipv6(&e) == 0;
	case USE_LINK:
		return world_set_link(WORLD_LINK, false, &e) == 0;
	}
	return false;
}

static void count_frame(void *ctx, const struct capture_frame *f)
{
	(void)f;
	++*(int *)ctx;
}

/* Says which network it is in, whether it works, and what was captured. */
static int tell_network(void *ctx, size_t job, const int *fds, size_t n,
			const struct sandbox_state *state)
{
	struct capture_stats stats;
	struct capture c;
	struct err e;
	struct stat st;
	int frames = 0;
	bool done;

	(void)ctx;
	if (n != 1 || state->trouble || !state->capture ||
	    stat("/proc/self/ns/net", &st))
		return 1;
	capture_begin(&c, state->capture, -1);
	capture_read(&c, count_frame, &frames);
	dprintf(fds[0], "%lu %d ", (unsigned long)st.st_ino, frames);
	done = use_network((enum use)job);
	capture_finish(&c, count_frame, &frames, &stats, &e);
	dprintf(fds[0], "%d %d\n", done, frames);
	return job == USE_STATUS;
}

/* The number of its network.  Nothing of an earlier one is captured. */
static unsigned long in_network(struct pool *p, enum use use)
{
	unsigned long number = 0;
	int before = 0, done = 0, after = 0, fds[2];
	char text[100];
	ssize_t n;

	ck_assert(pipe2(fds, O_CLOEXEC) == 0);
	finish_well(p, begin(p, use, &fds[1], 1));
	close(fds[1]);
	n = read(fds[0], text, sizeof(text) - 1);
	close(fds[0]);
	text[n > 0 ? n : 0] = '\0';
	ck_assert_msg(sscanf(text, "%lu %d %d %d", &number, &before, &done,
			     &after) == 4,
		      "%d: %s", use, text);
	ck_assert_int_eq(before, 0);
	ck_assert_msg(done, "%d: not done", use);
	ck_assert_int_eq(after > 0, use == USE_DATAGRAM || use == USE_FAR ||
					    use == USE_STREAM);
	return number;
}

/* The kernel may let go of a socket a moment after it was closed; then a network
 * is not inherited that could have been. */
#define TRIES 50

/* Each loop: one use.  The first job of a host inherits nothing. */
START_TEST(network_is_inherited_unless_used)
{
	bool quiet = _i == USE_NOTHING || _i == USE_QUIETLY;
	unsigned long first, next;
	int tries = TRIES;

	do {
		/* Of a host that is new: an old one ends at some time. */
		struct pool *p = new_pool(true, tell_network, NULL);

		finish_well(p, begin(p, USES_N, NULL, 0));
		first = in_network(p, (enum use)_i);
		next = in_network(p, USE_NOTHING);
		pool_free(p);
	} while (quiet && first != next && --tries);
	ck_assert_msg((first == next) == quiet, "use %d: %lu, then %lu", _i,
		      first, next);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pool");
	TCase *tc = tcase_create("pool");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, job_gets_what_it_is_given, 0, 2);
	tcase_add_test(tc, jobs_run_side_by_side);
	tcase_add_loop_test(tc, worker_can_be_killed, 0, 2);
	tcase_add_test(tc, late_signal_hits_nobody);
	tcase_add_loop_test(tc, all_goes_with_the_caller, 0, 2);
	tcase_add_test(tc, loss_of_the_zygote_is_told);
	tcase_add_test(tc, next_launch_finds_all_as_it_was);
	tcase_add_test(tc, something_is_mounted_below);
	tcase_add_loop_test(tc, network_is_inherited_unless_used, 0, USES_N);
	suite_add_tcase(s, tc);
	return suite_run(s);
}
