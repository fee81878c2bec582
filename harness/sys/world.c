/*
 * world.c - see world.h.
 *
 * All goes through one rtnetlink socket in two messages to the kernel: one
 * that makes the link, repeated for the next kind where the kernel lacks one,
 * and one with all the rest.  Only the last request of a batch asks for an
 * acknowledgement; errors are reported for every request, and before it.
 */
#include "harness/sys/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOPBACK_IFINDEX 1
/* The other end of a veth. */
#define PEER_NAME "far1"
#define PEER_IFINDEX (WORLD_IFINDEX + 1)

/* A whole batch has 16 requests of less than 100 bytes each. */
#define BATCH_MAX 4096
#define REQUESTS_MAX 24

/* No Ethernet address resolution: so neither ARP nor, because the kernel
 * takes it for the same, neighbour discovery. */
#define LINK_FLAGS (IFF_NOARP | IFF_MULTICAST)

#define RESOLV_CONF "/etc/resolv.conf"
#define OWN_RESOLV_CONF "/.ptcheck-resolv.conf"

const char *world_kind_name(enum world_kind k)
{
	static const char *const names[] = {
		[WORLD_NONE] = "none",	       [WORLD_DUMMY] = "dummy",
		[WORLD_IFB] = "ifb",	       [WORLD_VETH] = "veth",
		[WORLD_LOOPBACK] = "loopback",
	};

	return names[k];
}

/* --- a batch of requests ---------------------------------------------------- */

struct request {
	const char *what; /* for messages */
	bool ipv6;	  /* may fail: IPv6 can be off */
};

struct batch {
	struct mnl_socket *nl;
	size_t n;
	unsigned count;
	struct request req[REQUESTS_MAX];
	struct nlmsghdr *last;
	char mem[BATCH_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool ipv6_failed;
};

static void batch_reset(struct batch *b)
{
	b->n = 0;
	b->count = 0;
	b->last = NULL;
}

/* Add a request with a fixed part of @size bytes, which is zero. */
static struct nlmsghdr *batch_add(struct batch *b, const char *what, bool ipv6,
				  uint16_t type, uint16_t flags, size_t size,
				  void **fixed)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(b->mem + b->n);

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	h->nlmsg_seq = b->count;
	*fixed = mnl_nlmsg_put_extra_header(h, size);
	b->req[b->count++] = (struct request){ what, ipv6 };
	b->last = h;
	return h;
}

/* The request is complete; the next comes behind it. */
static void batch_next(struct batch *b, const struct nlmsghdr *h)
{
	b->n += NLMSG_ALIGN(h->nlmsg_len);
}

/* One answer: 1 more to come, 0 that was the last, -1 failed. */
static int take_answer(struct batch *b, const struct nlmsghdr *h, struct err *e)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(h);
	unsigned seq = h->nlmsg_seq;

	if (h->nlmsg_type != NLMSG_ERROR || seq >= b->count)
		return 1;
	if (answer->error && b->req[seq].ipv6)
		b->ipv6_failed = true;
	else if (answer->error)
		return err_sys(e, -answer->error, "cannot %s",
			       b->req[seq].what);
	return seq + 1 < b->count;
}

static int batch_send(struct batch *b, struct err *e)
{
	char answer[BATCH_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	int more = 1;

	b->last->nlmsg_flags |= NLM_F_ACK;
	if (mnl_socket_sendto(b->nl, b->mem, b->n) < 0)
		return err_sys(e, errno, "cannot send to rtnetlink");
	while (more > 0) {
		ssize_t n = mnl_socket_recvfrom(b->nl, answer, sizeof(answer));
		const struct nlmsghdr *h = (const void *)answer;
		int len = (int)n;

		if (n < 0)
			return err_sys(e, errno, "cannot hear of rtnetlink");
		for (; more > 0 && mnl_nlmsg_ok(h, len);
		     h = mnl_nlmsg_next(h, &len))
			more = take_answer(b, h, e);
	}
	return more;
}

/* --- requests --------------------------------------------------------------- */

/* The other end of a veth; the world looks at one end only. */
static void put_peer(struct nlmsghdr *h)
{
	struct nlattr *data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	struct nlattr *peer = mnl_attr_nest_start(h, VETH_INFO_PEER);
	struct ifinfomsg *ifi =
		mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg));

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = PEER_IFINDEX;
	mnl_attr_put_strz(h, IFLA_IFNAME, PEER_NAME);
	mnl_attr_nest_end(h, peer);
	mnl_attr_nest_end(h, data);
}

static void add_link(struct batch *b, enum world_kind kind)
{
	struct ifinfomsg *ifi;
	struct nlattr *info;
	void *fixed;
	struct nlmsghdr *h = batch_add(b, "make a link", false, RTM_NEWLINK,
				       NLM_F_CREATE | NLM_F_EXCL, sizeof(*ifi),
				       &fixed);

	ifi = fixed;
	ifi->ifi_index = WORLD_IFINDEX;
	mnl_attr_put_strz(h, IFLA_IFNAME, WORLD_LINK);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, world_kind_name(kind));
	if (kind == WORLD_VETH)
		put_peer(h);
	mnl_attr_nest_end(h, info);
	batch_next(b, h);
}

/* Going up would otherwise give it a link-local address, of which the kernel
 * tells everybody. */
static void add_no_link_local(struct batch *b, int index)
{
	struct nlattr *af, *inet6;
	struct ifinfomsg *ifi;
	void *fixed;
	struct nlmsghdr *h = batch_add(b, "have no link-local address", true,
				       RTM_NEWLINK, 0, sizeof(*ifi), &fixed);

	ifi = fixed;
	ifi->ifi_index = index;
	af = mnl_attr_nest_start(h, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(h, AF_INET6);
	mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(h, inet6);
	mnl_attr_nest_end(h, af);
	batch_next(b, h);
}

static void add_up(struct batch *b, int index)
{
	struct ifinfomsg *ifi;
	void *fixed;
	struct nlmsghdr *h = batch_add(b, "bring the link up", false,
				       RTM_NEWLINK, 0, sizeof(*ifi), &fixed);

	ifi = fixed;
	ifi->ifi_index = index;
	ifi->ifi_flags = IFF_UP | LINK_FLAGS;
	ifi->ifi_change = IFF_UP | LINK_FLAGS;
	batch_next(b, h);
}

/*
 * With the queue that it has by default a packet may still wait there for
 * another processor when the sender's system call returns.  The other kinds
 * have none.
 */
static void add_no_queue(struct batch *b, int index)
{
	struct tcmsg *tcm;
	void *fixed;
	struct nlmsghdr *h = batch_add(b, "have no queue", false, RTM_NEWQDISC,
				       NLM_F_CREATE | NLM_F_REPLACE,
				       sizeof(*tcm), &fixed);

	tcm = fixed;
	tcm->tcm_family = AF_UNSPEC;
	tcm->tcm_ifindex = index;
	tcm->tcm_parent = TC_H_ROOT;
	mnl_attr_put_strz(h, TCA_KIND, "noqueue");
	batch_next(b, h);
}

static void put_ip(struct nlmsghdr *h, uint16_t attr, int family,
		   const char *ip)
{
	uint8_t bytes[16];

	inet_pton(family, ip, bytes);
	mnl_attr_put(h, attr, family == AF_INET ? 4 : 16, bytes);
}

static void add_address(struct batch *b, int index, int family, const char *ip,
			uint8_t len)
{
	struct ifaddrmsg *ifa;
	void *fixed;
	struct nlmsghdr *h = batch_add(b, "add an address to the link",
				       family == AF_INET6, RTM_NEWADDR,
				       NLM_F_CREATE, sizeof(*ifa), &fixed);

	ifa = fixed;
	ifa->ifa_family = (uint8_t)family;
	ifa->ifa_prefixlen = len;
	ifa->ifa_flags = family == AF_INET6 ? IFA_F_NODAD : 0;
	ifa->ifa_scope = RT_SCOPE_UNIVERSE;
	ifa->ifa_index = (uint32_t)index;
	put_ip(h, IFA_LOCAL, family, ip);
	put_ip(h, IFA_ADDRESS, family, ip);
	batch_next(b, h);
}

/* @ip: NULL for the default route.  Local routes lead back to here. */
static void add_route(struct batch *b, int index, bool local, int family,
		      const char *ip, uint8_t len)
{
	struct rtmsg *rtm;
	void *fixed;
	struct nlmsghdr *h = batch_add(b, "add a route", family == AF_INET6,
				       RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL,
				       sizeof(*rtm), &fixed);

	rtm = fixed;
	rtm->rtm_family = (uint8_t)family;
	rtm->rtm_dst_len = ip ? len : 0;
	rtm->rtm_table = local ? RT_TABLE_LOCAL : RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_BOOT;
	rtm->rtm_scope = local ? RT_SCOPE_HOST : RT_SCOPE_LINK;
	rtm->rtm_type = local ? RTN_LOCAL : RTN_UNICAST;
	if (ip)
		put_ip(h, RTA_DST, family, ip);
	put_ip(h, RTA_PREFSRC, family,
	       family == AF_INET ? WORLD_IP4 : WORLD_IP6);
	mnl_attr_put_u32(h, RTA_OIF, (uint32_t)index);
	batch_next(b, h);
}

static void add_family(struct batch *b, int index, int family)
{
	bool v4 = family == AF_INET;
	int lo = LOOPBACK_IFINDEX;

	add_address(b, index, family, v4 ? WORLD_IP4 : WORLD_IP6, v4 ? 24 : 64);
	add_route(b, lo, true, family, v4 ? WORLD_FAR4 : WORLD_FAR6,
		  v4 ? WORLD_FAR4_LEN : WORLD_FAR6_LEN);
	add_route(b, lo, true, family, v4 ? WORLD_RESOLVER4 : WORLD_RESOLVER6,
		  v4 ? 32 : 128);
	add_route(b, index, index == lo, family, NULL, 0);
	/* The kernel makes this one for an IPv6 address later, in a worker of
	 * its own: until then what goes to it would leave by the link. */
	if (!v4 && index != lo)
		add_route(b, lo, true, family, WORLD_IP6, 128);
}

/* --- the whole -------------------------------------------------------------- */

static int make_link(struct batch *b, enum world_kind kind, struct err *e)
{
	batch_reset(b);
	add_link(b, kind);
	return batch_send(b, e);
}

static int make_rest(struct batch *b, enum world_kind kind, struct err *e)
{
	int index = kind == WORLD_LOOPBACK ? LOOPBACK_IFINDEX : WORLD_IFINDEX;

	batch_reset(b);
	if (kind == WORLD_VETH) {
		add_no_link_local(b, PEER_IFINDEX);
		add_up(b, PEER_IFINDEX);
	}
	if (kind == WORLD_IFB)
		add_no_queue(b, index);
	if (kind != WORLD_LOOPBACK) {
		add_no_link_local(b, index);
		add_up(b, index);
	}
	add_family(b, index, AF_INET);
	add_family(b, index, AF_INET6);
	return batch_send(b, e);
}

/* The first of the kinds from @kind on that this kernel has. */
static int make_world(struct batch *b, enum world_kind kind, struct world *out,
		      struct err *e)
{
	while (kind != WORLD_LOOPBACK && make_link(b, kind, e))
		kind++;
	if (make_rest(b, kind, e))
		return -1;
	*out = (struct world){ .kind = kind, .ipv6 = !b->ipv6_failed };
	return 0;
}

static int setup_from(enum world_kind kind, struct world *out, struct err *e)
{
	struct batch b = { .nl = mnl_socket_open2(NETLINK_ROUTE,
						  SOCK_CLOEXEC) };
	int rc;

	if (!b.nl)
		return err_sys(e, errno, "cannot open rtnetlink");
	if (mnl_socket_bind(b.nl, 0, MNL_SOCKET_AUTOPID))
		rc = err_sys(e, errno, "cannot bind rtnetlink");
	else
		rc = make_world(&b, kind, out, e);
	mnl_socket_close(b.nl);
	return rc;
}

/* What the kernel lacks it lacks the next time, too: to ask it costs, as it
 * may look for a module.  Workers of one host share this. */
static enum world_kind first_kind = WORLD_DUMMY;

int world_setup(struct world *out, struct err *e)
{
	int rc = setup_from(first_kind, out, e);

	if (rc == 0)
		first_kind = out->kind;
	return rc;
}

int world_resolver(struct err *e)
{
	static const char text[] = "nameserver " WORLD_RESOLVER4 "\n"
				   "options timeout:1 attempts:1\n";
	int fd = open(OWN_RESOLV_CONF, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
		      0644);
	int rc = 0;

	if (fd < 0)
		return err_sys(e, errno, "cannot make " OWN_RESOLV_CONF);
	if (write(fd, text, sizeof(text) - 1) != sizeof(text) - 1)
		rc = err_sys(e, errno, "cannot write " OWN_RESOLV_CONF);
	else if (fchmod(fd, 0644))
		rc = err_sys(e, errno, "cannot let read " OWN_RESOLV_CONF);
	/* The kernel follows a symlink to where the system keeps it. */
	else if (mount(OWN_RESOLV_CONF, RESOLV_CONF, NULL, MS_BIND, NULL))
		rc = err_sys(e, errno, "cannot put an own " RESOLV_CONF);
	/* The mount keeps it. */
	unlink(OWN_RESOLV_CONF);
	if (rc == 0)
		return fd;
	close(fd);
	return -1;
}

int world_bindable(int fd, int family, struct err *e)
{
	int on = 1;
	int rc = family == AF_INET6 ? setsockopt(fd, IPPROTO_IPV6,
						 IPV6_FREEBIND, &on, sizeof(on))
				    : setsockopt(fd, IPPROTO_IP, IP_FREEBIND,
						 &on, sizeof(on));

	return rc ? err_sys(e, errno, "cannot bind to far addresses") : 0;
}
