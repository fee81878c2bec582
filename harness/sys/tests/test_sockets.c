/*
 * test_sockets.c - which socket a packet came from.
 */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parent/base/tests/suite.h"
#include "harness/sys/network/sockets.h"

static uint32_t inode_of(int fd)
{
	struct stat st;

	ck_assert_int_eq(fstat(fd, &st), 0);
	return (uint32_t)st.st_ino;
}

static struct addr at(const char *text)
{
	struct addr a;

	ck_assert_uint_eq(addr_parse(span_str(text), &a), 0);
	return a;
}

/* Bound to a port of the kernel's choice, and that in *a. */
static int bound(int type, struct addr *a)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, type, 0);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*a = at("127.0.0.1:1");
	a->port = ntohs(sa.sin_port);
	return fd;
}

static void call(int fd, const struct addr *to)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(to->port) };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
}

START_TEST(by_tcp)
{
	struct addr near, far, other = at("127.0.0.1:9");
	int listener = bound(SOCK_STREAM, &far), fd = bound(SOCK_STREAM, &near);

	ck_assert_int_eq(listen(listener, 1), 0);
	call(fd, &far);
	ck_assert_uint_eq(sockets_sending(true, &near, &far), inode_of(fd));
	/* The other end is not accepted yet, so nobody's. */
	ck_assert_uint_eq(sockets_sending(true, &far, &near), 0);
	ck_assert_uint_eq(sockets_sending(true, &near, &other), 0);
	close(fd);
	close(listener);
}
END_TEST

START_TEST(by_udp)
{
	struct addr near, far, stranger = at("192.0.2.1:53");
	int taker = bound(SOCK_DGRAM, &far), fd = bound(SOCK_DGRAM, &near);

	/* Who has called nobody may send to anybody. */
	ck_assert_uint_eq(sockets_sending(false, &near, &stranger),
			  inode_of(fd));
	call(fd, &far);
	ck_assert_uint_eq(sockets_sending(false, &near, &far), inode_of(fd));
	ck_assert_uint_eq(sockets_sending(false, &near, &stranger), 0);
	close(fd);
	close(taker);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("sockets");
	TCase *t = tcase_create("sockets");

	tcase_add_test(t, by_tcp);
	tcase_add_test(t, by_udp);
	suite_add_tcase(s, t);
	return suite_run(s);
}
