/*
 * capture.c - see capture.h.
 *
 * The ring is of TPACKET_V2: each slot is handed over as soon as it is full.
 * The slots of TPACKET_V3 are denser, but its blocks come after a timeout
 * only, which would have to be waited for at the end.
 */
#include "harness/sys/capture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* A slot holds the kernel's header, 80 bytes, and CAPTURE_SNAPLEN. */
#define SLOT_SIZE 2048u
/* The kernel takes memory in such pieces, or what it has instead; each costs. */
#define BLOCK_SIZE 32768u

/* pcap, in the byte order of the writer: its magic number with nanoseconds,
 * version 2.4, and what the frames begin with. */
#define PCAP_MAGIC 0xa1b23c4du
#define LINKTYPE_LINUX_SLL2 276u
#define PCAP_SNAPLEN 65535u

/* Far more than it takes; a limit so that there is one. */
#define SLOT_TRIES 100000

/* Write when so much has come together. */
#define FLUSH_AT (64u << 10)

struct pcap_head {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t zone, accuracy, snaplen, linktype;
};

struct pcap_record {
	uint32_t sec, nsec, caplen, len;
};

/* In network byte order. */
struct sll2 {
	uint16_t protocol, reserved;
	uint32_t ifindex;
	uint16_t arphrd;
	uint8_t pkttype, halen, addr[8];
};

_Static_assert(sizeof(struct pcap_head) == 24, "as the file format says");
_Static_assert(sizeof(struct pcap_record) == 16, "as the file format says");
_Static_assert(sizeof(struct sll2) == 20, "as the file format says");

/* --- the socket ------------------------------------------------------------- */

/* Only what goes out; nothing comes in that has not. */
static int only_outgoing(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, CAPTURE_SNAPLEN),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog));
}

static size_t ring_size(const struct capture_ring *r)
{
	return r->n * SLOT_SIZE;
}

static int make_ring(const struct capture_ring *r)
{
	int version = TPACKET_V2;
	struct tpacket_req req = {
		.tp_block_size = BLOCK_SIZE,
		.tp_block_nr = (unsigned)(ring_size(r) / BLOCK_SIZE),
		.tp_frame_size = SLOT_SIZE,
		.tp_frame_nr = (unsigned)r->n,
	};

	if (setsockopt(r->fd, SOL_PACKET, PACKET_VERSION, &version,
		       sizeof(version)))
		return -1;
	return setsockopt(r->fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req));
}

static int ring_set_up(struct capture_ring *r, struct err *e)
{
	struct sockaddr_ll all = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};
	void *ring;

	/* Without a protocol it is deaf until all is set. */
	r->fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (r->fd < 0)
		return err_sys(e, errno, "cannot open a packet socket");
	if (only_outgoing(r->fd) || make_ring(r))
		return err_sys(e, errno, "cannot set up a packet socket");
	ring = mmap(NULL, ring_size(r), PROT_READ | PROT_WRITE, MAP_SHARED,
		    r->fd, 0);
	if (ring == MAP_FAILED)
		return err_sys(e, errno, "cannot map a packet ring");
	r->slots = ring;
	if (bind(r->fd, (struct sockaddr *)&all, sizeof(all)))
		return err_sys(e, errno, "cannot start to capture");
	return 0;
}

void capture_ring_close(struct capture_ring *r)
{
	/* While it is mapped the socket stays, whoever closes it. */
	if (r->slots)
		munmap(r->slots, ring_size(r));
	if (r->fd >= 0)
		close(r->fd);
	*r = (struct capture_ring){ .fd = -1 };
}

int capture_ring_open(struct capture_ring *r, size_t slots, struct err *e)
{
	*r = (struct capture_ring){ .fd = -1, .n = slots };
	if (ring_set_up(r, e) == 0)
		return 0;
	capture_ring_close(r);
	return -1;
}

/* --- the file --------------------------------------------------------------- */

static void flush(struct capture *c)
{
	size_t at = 0;

	while (!c->trouble.msg[0] && at < c->out.n) {
		ssize_t n = write(c->file, c->out.p + at, c->out.n - at);

		if (n >= 0)
			at += (size_t)n;
		else if (errno != EINTR)
			err_sys(&c->trouble, errno,
				"cannot write captured packets");
	}
	buf_reset(&c->out);
}

static void put_head(struct capture *c)
{
	struct pcap_head head = {
		.magic = PCAP_MAGIC,
		.major = 2,
		.minor = 4,
		.snaplen = PCAP_SNAPLEN,
		.linktype = LINKTYPE_LINUX_SLL2,
	};

	buf_add(&c->out, span_of(&head, sizeof(head)));
	c->file_size = sizeof(head);
}

static void put_frame(struct capture *c, const struct tpacket2_hdr *h,
		      const struct sockaddr_ll *ll, struct span packet)
{
	struct sll2 sll = {
		.protocol = ll->sll_protocol,
		.ifindex = htonl((uint32_t)ll->sll_ifindex),
		.arphrd = htons(ll->sll_hatype),
		.pkttype = ll->sll_pkttype,
		.halen = ll->sll_halen,
	};
	struct pcap_record rec = {
		.sec = h->tp_sec,
		.nsec = h->tp_nsec,
		.caplen = (uint32_t)(sizeof(sll) + packet.n),
		.len = (uint32_t)sizeof(sll) + h->tp_len,
	};
	size_t size = sizeof(rec) + rec.caplen;

	/* Only the first so many: the numbers must be those of the file. */
	if (c->file < 0 || c->stats.written + 1 < c->stats.frames ||
	    c->file_size + size > CAPTURE_FILE_MAX)
		return;
	memcpy(sll.addr, ll->sll_addr, sizeof(sll.addr));
	buf_add(&c->out, span_of(&rec, sizeof(rec)));
	buf_add(&c->out, span_of(&sll, sizeof(sll)));
	buf_add(&c->out, packet);
	c->file_size += size;
	c->stats.written++;
	if (c->out.n >= FLUSH_AT)
		flush(c);
}

/* --- frames ----------------------------------------------------------------- */

static void take_frame(struct capture *c, const struct tpacket2_hdr *h,
		       capture_fn *fn, void *ctx)
{
	struct sockaddr_ll ll;
	struct capture_frame f;

	memcpy(&ll, (const char *)h + TPACKET_ALIGN(sizeof(*h)), sizeof(ll));
	f = (struct capture_frame){
		.number = ++c->stats.frames,
		.time_ns = (int64_t)h->tp_sec * 1000000000 + h->tp_nsec,
		.ifindex = ll.sll_ifindex,
		.loopback = ll.sll_hatype == ARPHRD_LOOPBACK,
		.ethertype = ntohs(ll.sll_protocol),
		.length = h->tp_len,
		.packet = span_of((const char *)h + h->tp_net, h->tp_snaplen),
	};
	put_frame(c, h, &ll, f.packet);
	fn(ctx, &f);
}

static struct tpacket2_hdr *slot(const struct capture *c)
{
	return (struct tpacket2_hdr *)(void *)(c->ring.slots +
					       c->next * SLOT_SIZE);
}

/* How many more frames the kernel has taken; it counts from one question to
 * the next, and the lost ones among the others. */
static void ask_kernel(struct capture *c)
{
	struct tpacket_stats st = { 0 };
	socklen_t n = sizeof(st);

	if (getsockopt(c->ring.fd, SOL_PACKET, PACKET_STATISTICS, &st, &n))
		return;
	c->taken += st.tp_packets - st.tp_drops;
	c->stats.dropped += st.tp_drops;
}

/* A slot that is taken is still being filled while another processor is in
 * the middle of it. */
static bool is_ready(struct tpacket2_hdr *h)
{
	for (int i = 0; i < SLOT_TRIES; i++) {
		if (__atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE) &
		    TP_STATUS_USER)
			return true;
		sched_yield();
	}
	return false;
}

void capture_read(struct capture *c, capture_fn *fn, void *ctx)
{
	if (!c->ring.slots)
		return;
	ask_kernel(c);
	while (c->stats.frames < c->taken) {
		struct tpacket2_hdr *h = slot(c);

		if (!is_ready(h))
			break;
		take_frame(c, h, fn, ctx);
		__atomic_store_n(&h->tp_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
		c->next = (c->next + 1) % c->ring.n;
	}
	flush(c);
}

/* --- begin and end ---------------------------------------------------------- */

void capture_begin(struct capture *c, const struct capture_ring *lent,
		   int pcap_fd)
{
	*c = (struct capture){
		.ring = *lent,
		.lent = true,
		.file = pcap_fd,
		.out = BUF_MAX(CAPTURE_FILE_MAX),
	};
	if (pcap_fd >= 0)
		put_head(c);
}

int capture_open(struct capture *c, size_t slots, int pcap_fd, struct err *e)
{
	struct capture_ring own;
	int rc = capture_ring_open(&own, slots, e);

	capture_begin(c, &own, rc ? -1 : pcap_fd);
	c->lent = false;
	return rc;
}

int capture_fd(const struct capture *c)
{
	return c->ring.fd;
}

int capture_finish(struct capture *c, capture_fn *fn, void *ctx,
		   struct capture_stats *out, struct err *e)
{
	/* What is sent while this is read comes after the end. */
	capture_read(c, fn, ctx);
	if (!c->lent && c->ring.slots)
		munmap(c->ring.slots, ring_size(&c->ring));
	c->ring.slots = NULL;
	buf_fini(&c->out);
	*out = c->stats;
	if (!c->trouble.msg[0])
		return 0;
	if (e)
		*e = c->trouble;
	return -1;
}

void capture_close(struct capture *c)
{
	if (!c->lent)
		capture_ring_close(&c->ring);
	buf_fini(&c->out);
	c->ring = (struct capture_ring){ .fd = -1 };
}
