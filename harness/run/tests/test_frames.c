/*
 * test_frames.c - frames of a capture in words, the filters, and files that are
 * none.
 */
#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/run/frames/frames.h"
#include "harness/report/scene/wireshark.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))
#define SLL2 276
#define ETHERNET 1

static struct buf file;
static int fd;
static char path[64];

static void setup(void)
{
	file = BUF_MAX(1u << 20);
	fd = memfd_create("capture", 0);
	ck_assert_int_ge(fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
}

static void teardown(void)
{
	buf_fini(&file);
	close(fd);
}

/* --- a capture by hand --- */

static void put32(uint32_t n)
{
	buf_add(&file, span_of(&n, sizeof(n)));
}

static void head(uint32_t linktype)
{
	put32(0xa1b23c4du);
	put32(2u | 4u << 16);
	put32(0);
	put32(0);
	put32(65535);
	put32(linktype);
}

static void record(uint16_t ethertype, struct span packet)
{
	unsigned char sll[20] = { (unsigned char)(ethertype >> 8),
				  (unsigned char)ethertype };

	put32(1);
	put32(0);
	put32((uint32_t)(sizeof(sll) + packet.n));
	put32((uint32_t)(sizeof(sll) + packet.n));
	buf_add(&file, span_of(sll, sizeof(sll)));
	buf_add(&file, packet);
}

static void write_file(void)
{
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	ck_assert_int_eq(pwrite(fd, file.p, file.n, 0), (ssize_t)file.n);
	lseek(fd, 0, SEEK_SET);
}

#define IP4(length, protocol)                            \
	"\x45\0\0" length "\0\0\0\0\x40" protocol "\0\0" \
	"\x0a\0\0\x02\xc6\x33\x64\x35"

static const struct span udp = { IP4("\x21", "\x11") "\x10\x2d\0\x35\0\x0d\0\0"
						     "query",
				 33 };
static const struct span syn = { IP4("\x28", "\x06") "\x9c\x40\x01\xbb\0\0\0\0"
						     "\0\0\0\0\x50\x02\0\0\0\0"
						     "\0",
				 40 };
static const struct span echo = { IP4("\x1c", "\x01") "\x08\0\0\0\0\0\0", 28 };
static const struct span udp6 = { "\x60\0\0\0\0\x09\x11\x40"
				  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
				  "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02"
				  "\x10\x2d\0\x35\0\x09\0\0!",
				  49 };

static void some_frames(void)
{
	head(SLL2);
	record(0x0800, udp);
	record(0x0800, syn);
	record(0x0806, SPAN("who has"));
	record(0x86dd, udp6);
	record(0x0800, echo);
	record(0x0800, SPAN("short"));
	write_file();
}

/* --- words --- */

static void expect(const struct frame_filter *filter, const char *want)
{
	struct buf got = BUF_MAX(4096);
	struct err e = { 0 };
	struct frames *f = frames_open(path, filter, &e);
	struct frame one;
	int rc;

	ck_assert_msg(f != NULL, "%s", e.msg);
	while ((rc = frames_next(f, &one, &e)) == 1) {
		buf_addf(&got, "%ju ", (uintmax_t)one.number);
		frame_words(&got, &one);
		buf_addc(&got, '\n');
	}
	ck_assert_msg(rc == 0, "%s", e.msg);
	ck_assert_str_eq(buf_cstr(&got), want);
	frames_close(f);
	buf_fini(&got);
}

START_TEST(words)
{
	some_frames();
	expect(NULL, "1 udp 10.0.0.2:4141 > 198.51.100.53:53, 5 bytes\n"
		     "2 tcp 10.0.0.2:40000 > 198.51.100.53:443, syn\n"
		     "3 ethertype 0x0806, 7 bytes\n"
		     "4 udp [2001:db8::1]:4141 > [2001:db8::2]:53, 1 bytes\n"
		     "5 icmp 10.0.0.2 > 198.51.100.53, 4 bytes\n"
		     "6 ethertype 0x0800, 5 bytes\n");
}
END_TEST

static const struct {
	const char *text, *numbers;
} filters[] = {
	{ "udp port 53", "1 4 " },
	{ "udp port 53 and ip", "1 " },
	{ "tcp[tcpflags] & tcp-syn != 0", "2 " },
	{ "dst host 198.51.100.53", "1 2 5 " },
	{ "ip6", "4 " },
	{ "icmp or tcp", "2 5 " },
	{ "udp port 54", "" },
	{ "", "1 2 3 4 5 6 " },
};

START_TEST(filtered)
{
	struct buf got = BUF_MAX(400);
	struct err e = { 0 };
	struct frame_filter *filter = frame_filter_new(filters[_i].text, &e);
	struct frames *f;
	struct frame one;

	ck_assert_msg(filter != NULL, "%s", e.msg);
	some_frames();
	f = frames_open(path, filter, &e);
	while (frames_next(f, &one, &e) == 1)
		buf_addf(&got, "%ju ", (uintmax_t)one.number);
	ck_assert_str_eq(buf_cstr(&got), filters[_i].numbers);
	buf_fini(&got);
	frames_close(f);
	frame_filter_free(filter);
}
END_TEST

static const char *const no_filters[] = {
	"udp prt 53",	    "port",	"port 70000", "(", "tcp[",
	"host 1.2.3.4.5.6", "\x1b[31m",
};

START_TEST(no_filter)
{
	struct err e = { 0 };

	ck_assert_ptr_null(frame_filter_new(no_filters[_i], &e));
	ck_assert_str_ne(e.msg, "");
	for (const char *p = e.msg; *p; p++)
		ck_assert_msg(*p >= 0x20 && *p < 0x7f, "%s", e.msg);
}
END_TEST

/* --- files that are broken --- */

START_TEST(another_link_type)
{
	struct err e = { 0 };

	head(ETHERNET);
	write_file();
	ck_assert_ptr_null(frames_open(path, NULL, &e));
	ck_assert_ptr_nonnull(strstr(e.msg, "EN10MB, not LINUX_SLL2"));
}
END_TEST

START_TEST(no_capture)
{
	struct err e = { 0 };

	buf_adds(&file, "this is a text, and no capture at all");
	write_file();
	ck_assert_ptr_null(frames_open(path, NULL, &e));
	ck_assert_ptr_nonnull(strstr(e.msg, path));
	e.msg[0] = '\0';
	ck_assert_ptr_null(frames_open("/nowhere/at/all", NULL, &e));
	ck_assert_ptr_nonnull(strstr(e.msg, "No such file"));
}
END_TEST

/* What stands before the break is told; then comes one error, or the end. */
START_TEST(cut_anywhere)
{
	size_t whole;

	some_frames();
	whole = file.n;
	for (size_t n = 0; n < whole; n++) {
		struct err e = { 0 };
		struct frames *f;
		struct frame one;
		int rc = -1;

		file.n = n;
		write_file();
		f = frames_open(path, NULL, &e);
		while (f && (rc = frames_next(f, &one, &e)) == 1)
			;
		ck_assert_msg(rc == 0 || e.msg[0], "%zu bytes", n);
		frames_close(f);
	}
}
END_TEST

/* A record that promises more than there can be. */
START_TEST(large_promise)
{
	struct err e = { 0 };
	struct frames *f;
	struct frame one;

	head(SLL2);
	record(0x0800, udp);
	put32(1);
	put32(0);
	put32(0xfffffff0u);
	put32(0xfffffff0u);
	write_file();
	f = frames_open(path, NULL, &e);
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(frames_next(f, &one, &e), 1);
	ck_assert_int_eq(frames_next(f, &one, &e), -1);
	ck_assert_ptr_nonnull(strstr(e.msg, "behind frame 1: "));
	frames_close(f);
}
END_TEST

/* --- of a trace --- */

START_TEST(names_of_files)
{
	char name[64];

	ck_assert(capture_file(name, sizeof(name), "traces/017.jsonl"));
	ck_assert_str_eq(name, "traces/017.pcap");
	ck_assert(!capture_file(name, sizeof(name), "traces/../017.jsonl"));
	ck_assert(!capture_file(name, sizeof(name), "/etc/x.jsonl"));
	ck_assert(!capture_file(name, sizeof(name), "traces/017.pcap"));
	ck_assert(!capture_file(name, sizeof(name), ""));
	ck_assert(!capture_file(name, 10, "traces/017.jsonl"));
}
END_TEST

static void words_are(const struct frame_source *s, const char *trace,
		      int64_t number, const char *want)
{
	struct arena a = { 0 };
	const char *got = s->words(s->ctx, trace, number, &a);

	if (want)
		ck_assert_str_eq(got, want);
	else
		ck_assert_ptr_null(got);
	arena_fini(&a);
}

/* Asked in any order, and for what is not there. */
START_TEST(source)
{
	char dir[] = "/tmp/frames-XXXXXX", traces[64], name[80], other[80];
	struct frames_dir d;
	struct frame_source s;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(traces, sizeof(traces), "%s/traces", dir);
	ck_assert_int_eq(mkdir(traces, 0700), 0);
	snprintf(name, sizeof(name), "%s/001.pcap", traces);
	snprintf(other, sizeof(other), "%s/002.pcap", traces);
	some_frames();
	ck_assert_int_eq(symlink(path, name), 0);
	ck_assert_int_eq(symlink("/dev/null", other), 0);
	s = frames_source(&d, dir);
	for (int i = 0; i < 2; i++) {
		lseek(fd, 0, SEEK_SET);
		words_are(&s, "traces/001.jsonl", 2,
			  "tcp 10.0.0.2:40000 > 198.51.100.53:443, syn");
		words_are(&s, "traces/001.jsonl", 4,
			  "udp [2001:db8::1]:4141 > [2001:db8::2]:53, 1 bytes");
		words_are(&s, "traces/001.jsonl", 4,
			  "udp [2001:db8::1]:4141 > [2001:db8::2]:53, 1 bytes");
		words_are(&s, "traces/001.jsonl", 7, NULL);
		words_are(&s, "traces/001.jsonl", 1,
			  "udp 10.0.0.2:4141 > 198.51.100.53:53, 5 bytes");
		words_are(&s, "traces/001.jsonl", 0, NULL);
		words_are(&s, "traces/002.jsonl", 1, NULL);
		words_are(&s, "traces/003.jsonl", 1, NULL);
		words_are(&s, "traces/003.jsonl", 2, NULL);
		words_are(&s, "", 1, NULL);
	}
	frames_dir_fini(&d);
	ck_assert_ptr_null((void *)frames_source(&d, NULL).words);
	unlink(name);
	unlink(other);
	rmdir(traces);
	rmdir(dir);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("frames");
	TCase *t = tcase_create("frames");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, words);
	tcase_add_loop_test(t, filtered, 0, (int)N(filters));
	tcase_add_loop_test(t, no_filter, 0, (int)N(no_filters));
	tcase_add_test(t, another_link_type);
	tcase_add_test(t, no_capture);
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, large_promise);
	tcase_add_test(t, names_of_files);
	tcase_add_test(t, source);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
