/* frames.c - see frames.h. */
#include "harness/run/frames/frames.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "harness/report/scene/wireshark.h"
#include "parent/base/text.h"

/* The header that stands before each packet, pcap-linktype(7). */
#define SLL2_SIZE 20u
/* As much as libpcap itself takes. */
#define SNAPLEN 262144

struct frame_filter {
	struct bpf_program program;
};

struct frames {
	pcap_t *pcap;
	const struct frame_filter *filter;
	uint64_t number;
};

/* --- filters --- */

struct frame_filter *frame_filter_new(const char *text, struct err *e)
{
	pcap_t *p = pcap_open_dead(DLT_LINUX_SLL2, SNAPLEN);
	struct frame_filter *f = calloc(1, sizeof(*f));
	char why[200];

	if (!p || !f)
		die_oom();
	if (pcap_compile(p, &f->program, text, 1, PCAP_NETMASK_UNKNOWN)) {
		err_set(e, 0, "%s",
			text_showbuf(why, sizeof(why),
				     span_str(pcap_geterr(p))));
		free(f);
		f = NULL;
	}
	pcap_close(p);
	return f;
}

void frame_filter_free(struct frame_filter *f)
{
	if (!f)
		return;
	pcap_freecode(&f->program);
	free(f);
}

/* --- a file --- */

struct frames *frames_open(const char *path, const struct frame_filter *filter,
			   struct err *e)
{
	char why[PCAP_ERRBUF_SIZE];
	FILE *file = fopen(path, "re");
	struct frames *f;
	pcap_t *p;

	if (!file) {
		err_sys(e, errno, "%s", path);
		return NULL;
	}
	p = pcap_fopen_offline(file, why);
	if (!p) {
		fclose(file);
		err_set(e, 0, "%s: %s", path, why);
		return NULL;
	}
	if (pcap_datalink(p) != DLT_LINUX_SLL2) {
		const char *name = pcap_datalink_val_to_name(pcap_datalink(p));

		err_set(e, 0, "%s: its link type is %s, not LINUX_SLL2", path,
			name ? name : "unknown");
		pcap_close(p);
		return NULL;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		die_oom();
	*f = (struct frames){ .pcap = p, .filter = filter };
	return f;
}

static void decode(struct frame *out, uint64_t number,
		   const struct pcap_pkthdr *h, const unsigned char *bytes)
{
	struct span all = span_of(bytes, h->caplen);

	*out = (struct frame){ .number = number };
	if (all.n < SLL2_SIZE)
		return;
	out->ethertype = (uint16_t)(bytes[0] << 8 | bytes[1]);
	out->length = h->len > SLL2_SIZE ? h->len - SLL2_SIZE : 0;
	if (out->ethertype == 0x0800 || out->ethertype == 0x86dd)
		out->is_ip = packet_parse(span_sub(all, SLL2_SIZE, all.n),
					  &out->packet);
}

int frames_next(struct frames *f, struct frame *out, struct err *e)
{
	const unsigned char *bytes;
	struct pcap_pkthdr *h;
	int rc;

	while ((rc = pcap_next_ex(f->pcap, &h, &bytes)) == 1) {
		f->number++;
		if (f->filter &&
		    !pcap_offline_filter(&f->filter->program, h, bytes))
			continue;
		decode(out, f->number, h, bytes);
		return 1;
	}
	if (rc == PCAP_ERROR_BREAK)
		return 0;
	return err_set(e, 0, "behind frame %ju: %s", (uintmax_t)f->number,
		       pcap_geterr(f->pcap));
}

void frames_close(struct frames *f)
{
	if (!f)
		return;
	pcap_close(f->pcap);
	free(f);
}

/* --- words --- */

static const char *protocol_name(uint8_t protocol)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmp6";
	case IPPROTO_IGMP:
		return "igmp";
	default:
		return NULL;
	}
}

/* With a port only where there are ports. */
static void put_address(struct buf *out, const struct packet *p,
			const struct addr *a)
{
	char text[ADDR_STRLEN], ip[INET6_ADDRSTRLEN];

	if (p->later ||
	    (p->protocol != IPPROTO_TCP && p->protocol != IPPROTO_UDP)) {
		inet_ntop(a->family, a->ip, ip, sizeof(ip));
		buf_adds(out, ip);
	} else {
		buf_adds(out, addr_format(a, text));
	}
}

static void put_flags(struct buf *out, uint8_t flags)
{
	if (flags & PACKET_SYN)
		buf_adds(out, flags & PACKET_ACK ? ", syn ack" : ", syn");
	if (flags & PACKET_FIN)
		buf_adds(out, ", fin");
	if (flags & PACKET_RST)
		buf_adds(out, ", rst");
}

void frame_words(struct buf *out, const struct frame *f)
{
	const struct packet *p = &f->packet;
	const char *name = protocol_name(p->protocol);

	if (!f->is_ip) {
		buf_addf(out, "ethertype 0x%04x, %zu bytes", f->ethertype,
			 f->length);
		return;
	}
	if (name)
		buf_adds(out, name);
	else
		buf_addf(out, "ip protocol %u", p->protocol);
	buf_addc(out, ' ');
	put_address(out, p, &p->from);
	buf_adds(out, " > ");
	put_address(out, p, &p->to);
	if (p->protocol == IPPROTO_TCP && !p->later)
		put_flags(out, p->tcp_flags);
	if (p->payload.n)
		buf_addf(out, ", %zu bytes%s", p->payload.n,
			 p->truncated ? " of more" : "");
	if (p->fragment)
		buf_adds(out, ", a fragment");
	if (p->malformed)
		buf_adds(out, ", malformed");
}

/* --- of a trace --- */

/* Reading begins at the first frame. */
static bool reopen(struct frames_dir *d, const char *trace)
{
	char file[64], path[4096];
	struct err e;

	frames_close(d->open);
	d->open = NULL;
	d->at = 0;
	if (snprintf(d->trace, sizeof(d->trace), "%s", trace) >=
		    (int)sizeof(d->trace) ||
	    !capture_file(file, sizeof(file), trace))
		return false;
	snprintf(path, sizeof(path), "%s/%s", d->dir, file);
	d->open = frames_open(path, NULL, &e);
	return d->open != NULL;
}

static const char *words_of(void *ctx, const char *trace, int64_t number,
			    struct arena *a)
{
	struct frames_dir *d = ctx;
	struct buf words = BUF_MAX(512);
	const char *out = NULL;
	struct frame f;
	struct err e;

	if (number < 1 ||
	    ((strcmp(trace, d->trace) != 0 || d->at >= (uint64_t)number) &&
	     !reopen(d, trace)))
		return NULL;
	while (d->open && d->at < (uint64_t)number &&
	       frames_next(d->open, &f, &e) == 1)
		d->at = f.number;
	if (d->open && d->at == (uint64_t)number) {
		frame_words(&words, &f);
		out = arena_strdup(a, buf_cstr(&words));
	}
	buf_fini(&words);
	return out;
}

struct frame_source frames_source(struct frames_dir *d, const char *dir)
{
	*d = (struct frames_dir){ .dir = dir };
	if (!dir)
		return (struct frame_source){ 0 };
	return (struct frame_source){ .words = words_of, .ctx = d };
}

void frames_dir_fini(struct frames_dir *d)
{
	frames_close(d->open);
	*d = (struct frames_dir){ 0 };
}
