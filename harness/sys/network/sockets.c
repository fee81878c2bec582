/* sockets.c - see sockets.h. */
#include "harness/sys/network/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* States of net/tcp_states.h; a bound UDP socket counts as closed there. */
#define ST_LISTEN 10
#define ST_CLOSE 7

static void tell_socket(const struct inet_diag_msg *m, const char *proto,
			sockets_fn *fn, void *ctx)
{
	struct addr a = { .family = m->idiag_family,
			  .port = ntohs(m->id.idiag_sport) };
	char name[8];

	memcpy(a.ip, m->id.idiag_src, m->idiag_family == AF_INET6 ? 16 : 4);
	snprintf(name, sizeof(name), "%s%s", proto,
		 m->idiag_family == AF_INET6 ? "6" : "");
	fn(ctx, name, &a, m->idiag_inode);
}

/* One answer of the kernel; 1: there is more, 0: the end, -1: an error. */
static int read_answer(int fd, const char *proto, sockets_fn *fn, void *ctx)
{
	_Alignas(struct nlmsghdr) char bytes[32768];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
	struct nlmsghdr *h = (struct nlmsghdr *)bytes;
	unsigned left = n > 0 ? (unsigned)n : 0;

	for (; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR)
			return -1;
		tell_socket(NLMSG_DATA(h), proto, fn, ctx);
	}
	return n > 0 ? 1 : -1;
}

struct query {
	struct nlmsghdr head;
	struct inet_diag_req_v2 req;
};

/*
 * Ask the kernel's socket monitor: /proc/net/tcp walks the table of all
 * connections of the machine, which costs 10 ms; this asks for listeners.
 */
static int ask(int fd, int family, int ip_proto, unsigned state, sockets_fn *fn,
	       void *ctx)
{
	struct query q = {
		.head = { .nlmsg_len = sizeof(q),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.req = { .sdiag_family = (uint8_t)family,
			 .sdiag_protocol = (uint8_t)ip_proto,
			 .idiag_states = 1u << state },
	};
	int rc;

	if (send(fd, &q, sizeof(q), 0) != sizeof(q))
		return -1;
	do
		rc = read_answer(fd, ip_proto == IPPROTO_TCP ? "tcp" : "udp",
				 fn, ctx);
	while (rc > 0);
	return rc;
}

int sockets_listening(sockets_fn *fn, void *ctx, struct err *e)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	int rc = -1;

	if (fd >= 0)
		rc = ask(fd, AF_INET, IPPROTO_TCP, ST_LISTEN, fn, ctx) ||
				     ask(fd, AF_INET6, IPPROTO_TCP, ST_LISTEN,
					 fn, ctx) ||
				     ask(fd, AF_INET, IPPROTO_UDP, ST_CLOSE, fn,
					 ctx) ||
				     ask(fd, AF_INET6, IPPROTO_UDP, ST_CLOSE,
					 fn, ctx)
			     ? -1
			     : 0;
	if (rc)
		err_sys(e, errno, "cannot list sockets");
	if (fd >= 0)
		close(fd);
	return rc;
}

static void set_end(const struct addr *a, __be32 ip[4], __be16 *port)
{
	memcpy(ip, a->ip, a->family == AF_INET6 ? 16 : 4);
	*port = htons(a->port);
}

static uint32_t answered_inode(int fd)
{
	_Alignas(struct nlmsghdr) char bytes[1024];
	ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
	const struct nlmsghdr *h = (struct nlmsghdr *)bytes;
	const struct inet_diag_msg *m;

	if (n < 0 || !NLMSG_OK(h, (unsigned)n) ||
	    h->nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return 0;
	m = NLMSG_DATA(h);
	return m->idiag_inode;
}

uint32_t sockets_sending(bool tcp, const struct addr *from,
			 const struct addr *to)
{
	struct query q = {
		.head = { .nlmsg_len = sizeof(q),
			  .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST },
		.req = { .sdiag_family = (uint8_t)from->family,
			 .sdiag_protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP,
			 .id.idiag_cookie = { INET_DIAG_NOCOOKIE,
					      INET_DIAG_NOCOOKIE } },
	};
	struct inet_diag_sockid *id = &q.req.id;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	uint32_t inode = 0;

	if (fd < 0)
		return 0;
	/* The kernel looks for UDP as if it had received from the source. */
	set_end(tcp ? from : to, id->idiag_src, &id->idiag_sport);
	set_end(tcp ? to : from, id->idiag_dst, &id->idiag_dport);
	if (send(fd, &q, sizeof(q), 0) == sizeof(q))
		inode = answered_inode(fd);
	close(fd);
	return inode;
}
