/*
 * captures.c - what of the traffic of a launch is seen, and when: by the ring
 * of sys/capture.h, and by libpcap.
 *
 *	captures [DATAGRAMS]
 *
 * In a network namespace of its own it sends datagrams over loopback, one after
 * the other, while another process sends some as well, and looks after each,
 * without waiting, whether the capture has it: as a worker does that wants to
 * know what a transport had sent when it exited.  It does so with the ring, with
 * libpcap as it comes, and with libpcap told to hand over what goes out.  Then the
 * other process sends as fast as it can, and it is counted how many frames the
 * longest of some readings takes: a worker has more to do.  A line for each, then
 * all as JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "harness/sys/capture.h"
#include "parent/proto/net/packet.h"

#define DATAGRAMS 2000
/* So many the other process sends at a time, far less than the ring holds. */
#define NOISE 64
/* And so many, as fast as it can. */
#define FLOOD 100000
/* libpcap may come late: so long it is waited for the rest, in ms. */
#define PATIENCE_MS 1000

struct way {
	const char *name;
	bool libpcap, outgoing;
	/* What came of it. */
	size_t at_once, in_all, longest;
	double open_ms, close_ms;
	const char *trouble;
};

/* One of them, open. */
struct tap {
	struct capture ring;
	pcap_t *pcap;
	size_t header; /* before the packets of libpcap */
	uint16_t port; /* that ours go to */
	size_t seen, all;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "captures: %s: %s\n", what, strerror(errno));
	exit(4);
}

static void go_alone(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int s;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die("cannot have a network of its own");
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0 || ioctl(s, SIOCSIFFLAGS, &lo))
		die("cannot bring loopback up");
	close(s);
}

/* --- both ways --- */

static void count(struct tap *t, struct span packet)
{
	struct packet p;

	t->all++;
	t->seen += packet_parse(packet, &p) && p.to.port == t->port;
}

static void of_ring(void *ctx, const struct capture_frame *f)
{
	count(ctx, f->packet);
}

static void of_pcap(unsigned char *ctx, const struct pcap_pkthdr *h,
		    const unsigned char *bytes)
{
	struct tap *t = (struct tap *)(void *)ctx;

	count(t, span_sub(span_of(bytes, h->caplen), t->header, h->caplen));
}

static void tap_read(struct tap *t)
{
	if (t->pcap)
		pcap_dispatch(t->pcap, -1, of_pcap, (unsigned char *)t);
	else
		capture_read(&t->ring, of_ring, t);
}

/* As it should be for this: at once, without waiting, for all interfaces. */
static const char *open_pcap(struct tap *t, const struct way *w)
{
	static char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_create("any", why);

	if (!p)
		return why;
	t->pcap = p;
	t->header = 16; /* of LINKTYPE_LINUX_SLL, which "any" has */
	if (pcap_set_snaplen(p, CAPTURE_SNAPLEN) ||
	    pcap_set_immediate_mode(p, 1) || pcap_activate(p) < 0 ||
	    pcap_setnonblock(p, 1, why) ||
	    (w->outgoing && pcap_setdirection(p, PCAP_D_OUT)))
		return pcap_geterr(p);
	return NULL;
}

static const char *tap_open(struct tap *t, const struct way *w)
{
	static struct err e;

	if (w->libpcap)
		return open_pcap(t, w);
	return capture_open(&t->ring, CAPTURE_SLOTS, -1, &e) ? e.msg : NULL;
}

static void tap_close(struct tap *t)
{
	if (t->pcap)
		pcap_close(t->pcap);
	else
		capture_close(&t->ring);
}

/* --- measuring --- */

static void send_one(int from, const struct sockaddr_in *to)
{
	if (sendto(from, "x", 1, 0, (const struct sockaddr *)to, sizeof(*to)) !=
	    1)
		die("cannot send");
}

/* Another process that sends when it is told to, and says when it has; it ends
 * with this one. */
static int start_noise(int from, const struct sockaddr_in *to)
{
	int ends[2];
	pid_t pid;
	char c;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		die("socketpair");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid > 0) {
		close(ends[0]);
		return ends[1];
	}
	close(ends[1]);
	while (read(ends[0], &c, 1) == 1) {
		for (int i = 0; i < (c == 'f' ? FLOOD : NOISE); i++)
			send_one(from, to);
		if (write(ends[0], "x", 1) != 1)
			break;
	}
	_exit(0);
}

static void tell(int noise, char what)
{
	if (write(noise, &what, 1) != 1)
		die("the other process");
}

static void wait_for(int noise)
{
	char c;

	if (read(noise, &c, 1) != 1)
		die("the other process");
}

static bool has_said(int noise)
{
	char c;

	return recv(noise, &c, 1, MSG_DONTWAIT) == 1;
}

/* The most frames that one reading takes in a flood. */
static size_t read_flood(struct tap *t, int noise)
{
	size_t longest = 0;

	tell(noise, 'f');
	while (!has_said(noise)) {
		size_t before = t->all;

		tap_read(t);
		if (t->all - before > longest)
			longest = t->all - before;
	}
	return longest;
}

static void measure(struct way *w, int from, const struct sockaddr_in *to,
		    int noise, size_t datagrams)
{
	struct tap t = { .port = ntohs(to->sin_port) };
	double began = now_ms();

	w->trouble = tap_open(&t, w);
	w->open_ms = now_ms() - began;
	for (size_t i = 0; i < datagrams && !w->trouble; i++) {
		size_t before = t.seen;

		tell(noise, 'n');
		send_one(from, to);
		tap_read(&t);
		w->at_once += t.seen > before;
		wait_for(noise);
	}
	began = now_ms();
	while (!w->trouble && t.seen < datagrams &&
	       now_ms() - began < PATIENCE_MS)
		tap_read(&t);
	w->in_all = t.seen;
	w->longest = w->trouble ? 0 : read_flood(&t, noise);
	began = now_ms();
	if (!w->trouble)
		tap_close(&t);
	w->close_ms = now_ms() - began;
}

static int listener(struct sockaddr_in *at)
{
	socklen_t n = sizeof(*at);
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*at = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	if (s < 0 || bind(s, (struct sockaddr *)at, sizeof(*at)) ||
	    getsockname(s, (struct sockaddr *)at, &n))
		die("cannot bind");
	return s;
}

int main(int argc, char **argv)
{
	struct way way[] = {
		{ .name = "ring" },
		{ .name = "libpcap", .libpcap = true },
		{ .name = "libpcap, outgoing",
		  .libpcap = true,
		  .outgoing = true },
	};
	const size_t ways = sizeof(way) / sizeof(way[0]);
	size_t datagrams = argc > 1 ? strtoul(argv[1], NULL, 10) : DATAGRAMS;
	struct sockaddr_in to, other;
	int from, noise;

	go_alone();
	/* Nobody reads them: what is too much is lost behind us. */
	listener(&to);
	listener(&other);
	from = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	noise = start_noise(from, &other);
	for (size_t i = 0; i < ways; i++) {
		struct way *w = &way[i];

		measure(w, from, &to, noise, datagrams);
		printf("%-18s %zu of %zu at once, %zu in the end; at most %zu "
		       "in a reading; "
		       "%.1f ms to open, %.1f to close%s%s\n",
		       w->name, w->at_once, datagrams, w->in_all, w->longest,
		       w->open_ms, w->close_ms, w->trouble ? ": " : "",
		       w->trouble ? w->trouble : "");
	}
	printf("{\"datagrams\": %zu", datagrams);
	for (size_t i = 0; i < ways; i++)
		printf(", \"%s\": {\"at_once\": %zu, \"in_all\": %zu, \"longest\": %zu}",
		       way[i].name, way[i].at_once, way[i].in_all,
		       way[i].longest);
	puts("}");
	return 0;
}
