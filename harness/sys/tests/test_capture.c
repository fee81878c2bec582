/*
 * test_capture.c - every packet is seen once, in order, and is in the file;
 * and none else.
 */
#include "harness/sys/world.c"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>

#include "parent/base/tests/limits.h"
#include "parent/proto/net/packet.h"
#include "harness/sys/capture.h"
#include "harness/sys/tests/inside.h"
#include "harness/sys/tests/machine.h"

/* Long enough for what the kernel sends after a link came up, which it does
 * within a second; in ms. */
#define SILENCE 1500
/* How often a packet is sent just before the capture is read. */
#define LAST_PACKETS 1000
/* So many others may be unread, far less than the ring holds. */
#define NOISE 64

/* Has this machine IPv6? */
static bool ipv6;

/* --- what was seen ---------------------------------------------------------- */

struct log {
	struct buf text;
	uint64_t last; /* number of the last frame */
	bool gap;      /* in the numbers */
};

/* One word per frame: interface, protocol, addresses, payload. */
static void note(void *ctx, const struct capture_frame *f)
{
	char from[ADDR_STRLEN], to[ADDR_STRLEN];
	struct log *l = ctx;
	struct packet p;

	l->gap |= f->number != l->last + 1;
	l->last = f->number;
	if (!packet_parse(f->packet, &p)) {
		buf_adds(&l->text, "? ");
		return;
	}
	buf_addf(&l->text, "%s %d %s>%s %x '%.*s';", f->loopback ? "lo" : "far",
		 p.protocol, addr_format(&p.from, from), addr_format(&p.to, to),
		 p.tcp_flags, SPAN_ARG(p.payload));
}

static bool saw(struct log *l, const char *what)
{
	return strstr(buf_cstr(&l->text), what) != NULL;
}

static unsigned times(struct log *l, const char *what)
{
	const char *p = buf_cstr(&l->text);
	unsigned n = 0;

	for (; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static const char *show(struct log *l)
{
	snprintf(oops, sizeof(oops), "saw %.4000s", buf_cstr(&l->text));
	return oops;
}

/* --- sending ---------------------------------------------------------------- */

static int udp(int family)
{
	return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int send_to(int family, const char *ip, uint16_t port, const char *text)
{
	struct sockaddr_storage ss;
	socklen_t n = address(&ss, family, ip, port);
	int fd = udp(family);
	ssize_t rc =
		sendto(fd, text, strlen(text), 0, (struct sockaddr *)&ss, n);

	close(fd);
	return rc < 0 ? -1 : 0;
}

static const char *talk_to(int family, const char *ip)
{
	int a = tcp(family), b = tcp(family);
	struct err e;

	NEED(world_bindable(a, family, &e) == 0);
	NEED(bind_to(a, family, ip, 443) == 0);
	NEED(listen(a, 1) == 0);
	NEED(connect_to(b, family, ip, 443) == 0);
	NEED(send(b, "words", 5, 0) == 5);
	close(a);
	close(b);
	return NULL;
}

/* A network namespace of its own with this kind of link; kind is what it
 * became. */
static const char *fresh(enum world_kind *kind, struct capture *c, int file,
			 bool before)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct err e = { 0 };
	struct world w;
	int fd;

	NEED(unshare(CLONE_NEWNET) == 0);
	fd = udp(AF_INET);
	NEED(ioctl(fd, SIOCSIFFLAGS, &ifr) == 0);
	close(fd);
	if ((before && capture_open(c, CAPTURE_SLOTS, file, &e)) ||
	    setup_from(*kind, &w, &e) ||
	    (!before && capture_open(c, CAPTURE_SLOTS, file, &e))) {
		snprintf(oops, sizeof(oops), "%.200s", e.msg);
		return oops;
	}
	*kind = w.kind;
	return NULL;
}

static const char *finish(struct capture *c, struct log *l,
			  struct capture_stats *st)
{
	struct err e;

	NEED(capture_finish(c, note, l, st, &e) == 0);
	capture_close(c);
	NEED(!l->gap && st->frames == l->last);
	return NULL;
}

/* --- all, once -------------------------------------------------------------- */

static const char *send_all(void)
{
	const char *wrong;

	NEED(send_to(AF_INET, "192.0.2.1", 99, "one") == 0);
	if (ipv6)
		NEED(send_to(AF_INET6, "2001:db8:2::1", 99, "two") == 0);
	NEED(send_to(AF_INET, "127.0.0.1", 99, "three") == 0);
	if (ipv6)
		NEED(send_to(AF_INET6, "::1", 99, "four") == 0);
	NEED(send_to(AF_INET, WORLD_RESOLVER4, 53, "five") == 0);
	wrong = talk_to(AF_INET, "203.0.113.9");
	return wrong || !ipv6 ? wrong : talk_to(AF_INET6, "2001:db8:f::9");
}

/* What of it must be seen, once each. */
static const struct {
	const char *frame;
	bool world; /* leaves by the link */
} all[] = {
	{ ">192.0.2.1:99 0 'one';", true },
	{ ">[2001:db8:2::1]:99 0 'two';", true },
	{ ">127.0.0.1:99 0 'three';", false },
	{ ">[::1]:99 0 'four';", false },
	{ ">198.51.100.53:53 0 'five';", false },
	{ ">203.0.113.9:443 2 '';", false },
	{ ">203.0.113.9:443 18 'words';", false },
	{ ">[2001:db8:f::9]:443 2 '';", false },
	{ ">[2001:db8:f::9]:443 18 'words';", false },
};

static const char *all_once(void *arg)
{
	enum world_kind kind = *(enum world_kind *)arg;
	struct log l = { .text = BUF_MAX(1 << 20) };
	struct capture_stats st;
	struct capture c;
	const char *wrong = fresh(&kind, &c, -1, false);

	if (wrong || (wrong = send_all()) || (wrong = finish(&c, &l, &st)))
		return wrong;
	NEED(!st.dropped && !st.written);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (times(&l, all[i].frame) !=
		    (ipv6 || !strstr(all[i].frame, ">[")))
			return show(&l);
	/* One of each family went to the world, all others came back here. */
	if (times(&l, "far ") != (kind == WORLD_LOOPBACK ? 0u : 1u + ipv6))
		return show(&l);
	return NULL;
}

START_TEST(sees_all_once)
{
	enum world_kind kind = (enum world_kind)_i;

	enter(true, all_once, &kind);
}
END_TEST

START_TEST(sees_all_without_ipv6)
{
	enum world_kind kind = WORLD_DUMMY;

	refuse_ipv6();
	ipv6 = has_ipv6();
	ck_assert(!ipv6);
	enter(true, all_once, &kind);
}
END_TEST

/* The kernel has nothing to say to the world, also not while it comes up.
 * All kinds at once: a socket stays where it was opened. */
static const char *nothing(void *arg)
{
	struct capture c[WORLD_LOOPBACK];
	const char *wrong = NULL;

	(void)arg;
	for (size_t i = 0; i < WORLD_LOOPBACK && !wrong; i++) {
		enum world_kind kind = (enum world_kind)(WORLD_DUMMY + i);

		wrong = fresh(&kind, &c[i], -1, true);
	}
	if (wrong)
		return wrong;
	poll(NULL, 0, SILENCE);
	for (size_t i = 0; i < WORLD_LOOPBACK; i++) {
		struct log l = { .text = BUF_MAX(1 << 20) };
		struct capture_stats st;

		if ((wrong = finish(&c[i], &l, &st)))
			return wrong;
		if (st.frames)
			return show(&l);
	}
	return NULL;
}

START_TEST(kernel_is_silent)
{
	enter(true, nothing, NULL);
}
END_TEST

/* --- in time ---------------------------------------------------------------- */

/*
 * A second sender keeps the link and its queue busy.  It sends *allowed
 * packets in all: a reader that has to wait for a processor must not find its
 * ring full.
 */
static pid_t start_noise(const unsigned *allowed)
{
	pid_t pid = fork();

	if (pid == 0) {
		struct timespec pause = { .tv_nsec = 20000 };
		struct sockaddr_storage ss;
		socklen_t n = address(&ss, AF_INET, "192.0.2.2", 9);
		int fd = udp(AF_INET);

		for (unsigned sent = 0;; nanosleep(&pause, NULL)) {
			if (sent == __atomic_load_n(allowed, __ATOMIC_ACQUIRE))
				continue;
			sendto(fd, "noise", 5, 0, (struct sockaddr *)&ss, n);
			sent++;
		}
	}
	return pid;
}

/* Sent just before it is read: always there, to the world and within. */
static const char *last_moment(void *arg)
{
	unsigned *allowed = mmap(NULL, sizeof(*allowed), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t noise = allowed != MAP_FAILED ? start_noise(allowed) : -1;
	struct pollfd p = { .events = POLLIN };
	struct capture_stats st;
	const char *loopback = ipv6 ? "::1" : "127.0.0.1";
	int inner = ipv6 ? AF_INET6 : AF_INET;
	unsigned heard = 0;
	struct capture c;
	struct err e;

	(void)arg;
	NEED(noise > 0);
	NEED(capture_open(&c, CAPTURE_SLOTS, -1, &e) == 0);
	/* It has begun. */
	__atomic_store_n(allowed, 1, __ATOMIC_RELEASE);
	p.fd = capture_fd(&c);
	NEED(poll(&p, 1, -1) == 1);
	for (int i = 0; i < LAST_PACKETS; i++) {
		struct log l = { .text = BUF_MAX(1 << 20),
				 .last = c.stats.frames };
		char text[32];

		__atomic_store_n(allowed, heard + NOISE, __ATOMIC_RELEASE);
		snprintf(text, sizeof(text), "last %d", i);
		NEED(i % 2 ? send_to(AF_INET, "192.0.2.1", 99, text) == 0
			   : send_to(inner, loopback, 99, text) == 0);
		capture_read(&c, note, &l);
		if (l.gap || !saw(&l, text))
			return show(&l);
		heard += times(&l, "'noise'");
		buf_fini(&l.text);
	}
	kill(noise, SIGKILL);
	NEED(waitpid(noise, NULL, 0) == noise);
	NEED(capture_finish(&c, note, &(struct log){ 0 }, &st, &e) == 0);
	NEED(st.dropped == 0 && st.frames > LAST_PACKETS);
	capture_close(&c);
	return NULL;
}

START_TEST(sees_the_last_packet)
{
	enter(true, last_moment, NULL);
}
END_TEST

static const char *readable(void *arg)
{
	struct log l = { .text = BUF_MAX(1 << 20) };
	struct pollfd p = { .events = POLLIN };
	struct capture c;
	struct err e;

	(void)arg;
	NEED(capture_open(&c, CAPTURE_SLOTS, -1, &e) == 0);
	p.fd = capture_fd(&c);
	NEED(fcntl(p.fd, F_GETFD) == FD_CLOEXEC);
	for (int i = 0; i < 3; i++) {
		NEED(poll(&p, 1, 0) == 0);
		NEED(send_to(AF_INET, "192.0.2.1", 99, "x") == 0);
		NEED(poll(&p, 1, 0) == 1);
		capture_read(&c, note, &l);
		NEED(l.last == (uint64_t)i + 1);
	}
	capture_close(&c);
	return NULL;
}

START_TEST(readable_when_there_is_one)
{
	enter(true, readable, NULL);
}
END_TEST

/* --- more than fits --------------------------------------------------------- */

static void count(void *ctx, const struct capture_frame *f)
{
	uint64_t *n = ctx;

	*n += f->length == f->packet.n && f->ethertype == 0x0800 &&
	      f->time_ns > 0 && f->ifindex == WORLD_IFINDEX && !f->loopback;
}

static const char *too_many(void *arg)
{
	uint64_t n = 0;
	struct capture_stats st;
	struct capture c;
	struct err e;

	(void)arg;
	NEED(capture_open(&c, CAPTURE_SLOTS, -1, &e) == 0);
	for (int i = 0; i < 1000; i++)
		NEED(send_to(AF_INET, "192.0.2.1", 99, "x") == 0);
	capture_read(&c, count, &n);
	NEED(send_to(AF_INET, "192.0.2.1", 99, "x") == 0);
	NEED(capture_finish(&c, count, &n, &st, &e) == 0);
	NEED(n > 100 && st.frames == n && st.frames + st.dropped == 1001);
	capture_close(&c);
	return NULL;
}

START_TEST(counts_what_is_lost)
{
	enter(true, too_many, NULL);
}
END_TEST

static void large(void *ctx, const struct capture_frame *f)
{
	*(bool *)ctx |= f->length > 9000 && f->packet.n == CAPTURE_SNAPLEN;
}

static int send_large(void)
{
	char text[9001];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	return send_to(AF_INET, WORLD_RESOLVER4, 53, text);
}

static const char *too_large(void *arg)
{
	bool ok = false;
	struct capture c;
	struct err e;

	(void)arg;
	NEED(capture_open(&c, CAPTURE_SLOTS, -1, &e) == 0);
	NEED(send_large() == 0);
	capture_read(&c, large, &ok);
	NEED(ok);
	capture_close(&c);
	return NULL;
}

START_TEST(cuts_what_is_large)
{
	enter(true, too_large, NULL);
}
END_TEST

/* --- the file --------------------------------------------------------------- */

/* Where a frame goes, as tshark says it. */
static void note_like_tshark(void *ctx, const struct capture_frame *f)
{
	struct buf *text = ctx;
	char ip[INET6_ADDRSTRLEN] = "";
	struct packet p;

	packet_parse(f->packet, &p);
	inet_ntop(p.to.family, p.to.ip, ip, sizeof(ip));
	buf_addf(text, "%u\t%zu\t%s\t%s\n", (unsigned)f->number, f->length + 20,
		 p.to.family == AF_INET ? ip : "",
		 p.to.family == AF_INET6 ? ip : "");
}

struct files {
	int pcap, text;
};

static const char *write_file(void *arg)
{
	struct files *f = arg;
	struct buf text = BUF_MAX(1 << 20);
	struct capture_stats st;
	struct capture c;
	const char *wrong;
	struct err e;

	NEED(capture_open(&c, CAPTURE_SLOTS, f->pcap, &e) == 0);
	if ((wrong = send_all()))
		return wrong;
	NEED(send_large() == 0);
	capture_read(&c, note_like_tshark, &text);
	if ((wrong = send_all()))
		return wrong;
	NEED(capture_finish(&c, note_like_tshark, &text, &st, &e) == 0);
	NEED(st.frames > 20 && st.written == st.frames);
	NEED(write(f->text, text.p, text.n) == (ssize_t)text.n);
	/* The end of the process closes the rest. */
	return NULL;
}

static void read_tshark(const char *path, char *dst, size_t size)
{
	char command[300];
	FILE *f;
	size_t n;

	/* Nobody's settings; as root it complains about that. */
	snprintf(
		command, sizeof(command),
		"HOME=/nonexistent timeout %d tshark -n -r %s -T fields -e frame.number "
		"-e frame.len -e ip.dst -e ipv6.dst -E occurrence=f "
		"2>/dev/null",
		limits_ms(60000) / 1000, path);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	n = fread(dst, 1, size - 1, f);
	dst[n] = '\0';
	ck_assert_int_eq(pclose(f), 0);
}

/* A second opinion: as many frames, with the same numbers. */
START_TEST(tshark_agrees)
{
	static char ours[1 << 16], theirs[1 << 16];
	char path[] = "/tmp/ptcheck-capture-XXXXXX";
	FILE *text = tmpfile();
	struct files f = { .pcap = mkstemp(path), .text = fileno(text) };

	ck_assert_int_ge(f.pcap, 0);
	enter(true, write_file, &f);
	ck_assert_int_gt(pread(f.text, ours, sizeof(ours) - 1, 0), 0);
	read_tshark(path, theirs, sizeof(theirs));
	unlink(path);
	ck_assert_str_eq(ours, theirs);
	close(f.pcap);
	fclose(text);
}
END_TEST

static void ignore(void *ctx, const struct capture_frame *f)
{
	(void)ctx;
	(void)f;
}

/* The file ends with a whole frame. */
static const char *full_file(void *arg)
{
	struct capture_stats st;
	struct capture c;
	uint64_t n = 0;
	off_t at = 24, size;
	uint32_t rec[4];
	struct err e;
	int fd = open(SANDBOX_WORK "/pcap", O_RDWR | O_CREAT, 0600);

	(void)arg;
	NEED(capture_open(&c, CAPTURE_SLOTS, fd, &e) == 0);
	while (c.stats.frames < CAPTURE_FILE_MAX / CAPTURE_SNAPLEN * 2 + 200) {
		NEED(send_large() == 0);
		capture_read(&c, ignore, NULL);
	}
	NEED(capture_finish(&c, ignore, NULL, &st, &e) == 0);
	size = lseek(fd, 0, SEEK_END);
	NEED(size <= CAPTURE_FILE_MAX && size > CAPTURE_FILE_MAX - 4096);
	for (; at < size; at += 16 + rec[2], n++)
		NEED(pread(fd, rec, sizeof(rec), at) == sizeof(rec));
	NEED(at == size && n == st.written && n < st.frames);
	capture_close(&c);
	return NULL;
}

START_TEST(file_has_a_maximum)
{
	enter(true, full_file, NULL);
}
END_TEST

static const char *bad_file(void *arg)
{
	struct capture_stats st;
	struct capture c;
	struct err e;
	int fd = open("/dev/full", O_WRONLY);

	(void)arg;
	NEED(capture_open(&c, CAPTURE_SLOTS, fd, &e) == 0);
	NEED(send_to(AF_INET, "192.0.2.1", 99, "x") == 0);
	NEED(capture_finish(&c, ignore, NULL, &st, &e) == -1);
	NEED(e.code == ENOSPC && st.frames == 1);
	capture_close(&c);
	return NULL;
}

START_TEST(says_when_the_file_is_bad)
{
	enter(true, bad_file, NULL);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("capture");
	TCase *t = tcase_create("capture");

	tcase_add_loop_test(t, sees_all_once, WORLD_DUMMY, WORLD_LOOPBACK + 1);
	tcase_add_test(t, sees_all_without_ipv6);
	tcase_add_test(t, kernel_is_silent);
	tcase_add_test(t, sees_the_last_packet);
	tcase_add_test(t, readable_when_there_is_one);
	tcase_add_test(t, counts_what_is_lost);
	tcase_add_test(t, cuts_what_is_large);
	tcase_add_test(t, tshark_agrees);
	tcase_add_test(t, file_has_a_maximum);
	tcase_add_test(t, says_when_the_file_is_bad);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	ipv6 = has_ipv6();
	if (!ipv6)
		left_out("capture: what is sent by IPv6", "there is none");
	return run_suite("capture", suite);
}
