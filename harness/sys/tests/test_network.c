/*
 * test_network.c - when a network may be inherited.  What launches do in it is
 * tested where they do (test_pool.c).
 */
#include <poll.h>

#include "parent/base/tests/limits.h"
#include "harness/sys/network/network.h"
#include "harness/sys/tests/inside.h"

/* How often, and how many ms apart, the kernel is asked whether it has let go
 * of a socket that was closed. */
#define TRIES 500
#define PAUSE limits_ms(10)

static bool becomes_new(const struct network *n)
{
	for (int i = 0; i < TRIES && !network_is_new(n); i++)
		poll(NULL, 0, PAUSE);
	return network_is_new(n);
}

static const char *fresh(struct network *n)
{
	struct err e = { 0 };

	NEED(unshare(CLONE_NEWNET) == 0);
	NEED(network_make(n, true, &e) == 0);
	NEED(!n->no_world.msg[0] && n->ring.fd >= 0);
	NEED(becomes_new(n));
	return NULL;
}

static const char *sockets(void *arg)
{
	static const int kinds[][3] = {
		{ AF_INET, SOCK_STREAM, 0 }, { AF_INET, SOCK_DGRAM, 0 },
		{ AF_UNIX, SOCK_STREAM, 0 }, { AF_UNIX, SOCK_DGRAM, 0 },
		{ AF_NETLINK, SOCK_RAW, 0 }, { AF_INET, SOCK_RAW, IPPROTO_UDP },
	};
	struct network n;
	const char *wrong = fresh(&n);

	(void)arg;
	for (size_t i = 0; !wrong && i < sizeof(kinds) / sizeof(kinds[0]);
	     i++) {
		int fd = socket(kinds[i][0], kinds[i][1], kinds[i][2]);

		NEED(fd >= 0);
		NEED(!network_is_new(&n));
		close(fd);
		NEED(becomes_new(&n));
	}
	return wrong;
}

START_TEST(no_socket_is_left)
{
	enter(true, sockets, NULL);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("network");
	TCase *t = tcase_create("network");

	tcase_add_test(t, no_socket_is_left);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite("network", suite);
}
