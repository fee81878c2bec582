/*
 * test_world.c - the network of a sandbox: nobody is there, and the harness
 * can be somebody; with each kind of link that this kernel has.
 */
#include "harness/sys/world.c"

#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "parent/base/tests/limits.h"
#include "harness/sys/tests/inside.h"

/* How long an answer would take, if there were one, in ms: none has a way. */
#define ANSWER 50
/* How long what must happen may take, in ms. */
#define PATIENCE limits_ms(5000)

static int udp(int family)
{
	return socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* --- nobody there ----------------------------------------------------------- */

static const char *no_answer(int family, const char *ip)
{
	int u = udp(family), t = tcp(family);
	struct pollfd p[2] = { { .fd = u, .events = POLLIN },
			       { .fd = t, .events = POLLOUT } };

	NEED(fcntl(t, F_SETFL, O_NONBLOCK) == 0);
	NEED(connect_to(u, family, ip, 99) == 0);
	NEED(send(u, "hello", 5, 0) == 5);
	NEED(connect_to(t, family, ip, 443) < 0 && errno == EINPROGRESS);
	NEED(poll(p, 2, ANSWER) == 0);
	close(u);
	close(t);
	return NULL;
}

/* Such an address is not one of this machine. */
static const char *not_here(int family, const char *ip)
{
	int t = tcp(family);

	NEED(bind_to(t, family, ip, 0) < 0 && errno == EADDRNOTAVAIL);
	close(t);
	return NULL;
}

/* --- somebody there --------------------------------------------------------- */

/* The address of the near end of @fd is @ip. */
static const char *comes_from(int fd, int family, const char *ip)
{
	struct sockaddr_storage ss, want;
	socklen_t n = sizeof(ss);

	NEED(getsockname(fd, (struct sockaddr *)&ss, &n) == 0);
	address(&want, family, ip, 0);
	if (family == AF_INET)
		((struct sockaddr_in *)&ss)->sin_port = 0;
	else
		((struct sockaddr_in6 *)&ss)->sin6_port = 0;
	NEED(memcmp(&ss, &want, n) == 0);
	return NULL;
}

static const char *far_listener(int family, const char *ip, const char *own)
{
	int a = tcp(family), b = tcp(family), c = tcp(family);
	const char *wrong;
	struct err e;

	NEED(world_bindable(a, family, &e) == 0);
	NEED(bind_to(a, family, ip, 443) == 0);
	NEED(listen(a, 1) == 0);
	NEED(connect_to(b, family, ip, 443) == 0);
	wrong = comes_from(b, family, own);
	/* Where nobody listens, that is said at once. */
	NEED(connect_to(c, family, ip, 444) < 0 && errno == ECONNREFUSED);
	close(a);
	close(b);
	close(c);
	return wrong;
}

static const char *resolver_answers(int family, const char *ip)
{
	int a = udp(family), b = udp(family);
	struct pollfd p = { .fd = b, .events = POLLIN };
	struct sockaddr_storage from;
	socklen_t n = sizeof(from);
	struct err e;
	char c;

	NEED(world_bindable(a, family, &e) == 0);
	NEED(bind_to(a, family, ip, 53) == 0);
	NEED(connect_to(b, family, ip, 53) == 0);
	NEED(send(b, "?", 1, 0) == 1);
	NEED(recvfrom(a, &c, 1, 0, (struct sockaddr *)&from, &n) == 1);
	NEED(sendto(a, "!", 1, 0, (struct sockaddr *)&from, n) == 1);
	NEED(poll(&p, 1, PATIENCE) == 1 && recv(b, &c, 1, 0) == 1);
	close(a);
	close(b);
	return NULL;
}

/* --- the whole -------------------------------------------------------------- */

static const char *check_family(int family, bool a_link)
{
	bool v4 = family == AF_INET;
	const char *nobody = v4 ? "192.0.2.1" : "2001:db8:2::1";
	const char *own = v4 ? WORLD_IP4 : WORLD_IP6;
	const char *wrong = NULL;

	if (a_link)
		wrong = no_answer(family, nobody);
	if (!wrong && a_link)
		wrong = not_here(family, nobody);
	if (!wrong)
		wrong = far_listener(family,
				     v4 ? "203.0.113.9" : "2001:db8:f::9", own);
	if (!wrong)
		wrong = far_listener(family, own, own);
	if (!wrong)
		wrong = resolver_answers(family, v4 ? WORLD_RESOLVER4
						    : WORLD_RESOLVER6);
	return wrong;
}

static const char *check_world(const struct world *w)
{
	const char *wrong = check_family(AF_INET, w->kind != WORLD_LOOPBACK);

	if (!wrong && w->ipv6)
		wrong = check_family(AF_INET6, w->kind != WORLD_LOOPBACK);
	return wrong;
}

static const char *own_world(void *arg)
{
	(void)arg;
	if (sandbox->no_world)
		return sandbox->no_world->msg;
	NEED(sandbox->world.kind != WORLD_NONE);
	return check_world(&sandbox->world);
}

START_TEST(sandbox_has_a_world)
{
	enter(true, own_world, NULL);
}
END_TEST

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = udp(AF_INET), rc = ioctl(fd, SIOCSIFFLAGS, &ifr);

	close(fd);
	return rc;
}

static const char *failed(const struct err *e)
{
	snprintf(oops, sizeof(oops), "%.200s", e->msg);
	return oops;
}

/* In a network namespace of its own, as a fresh sandbox is. */
static const char *kind_of_world(void *arg)
{
	enum world_kind kind = *(enum world_kind *)arg;
	struct err e = { 0 };
	struct world w;

	NEED(unshare(CLONE_NEWNET) == 0);
	NEED(loopback_up() == 0);
	if (setup_from(kind, &w, &e))
		return failed(&e);
	/* What this kernel lacks shows in the test of the next kind. */
	if (w.kind != kind)
		return NULL;
	NEED((if_nametoindex(WORLD_LINK) == WORLD_IFINDEX) ==
	     (kind != WORLD_LOOPBACK));
	return check_world(&w);
}

START_TEST(every_kind)
{
	enum world_kind kind = (enum world_kind)_i;

	enter(true, kind_of_world, &kind);
}
END_TEST

/* Also when it is only switched off. */
static const char *without_ipv6(void *arg)
{
	int fd;
	struct err e = { 0 };
	struct world w;

	(void)arg;
	NEED(unshare(CLONE_NEWNET) == 0);
	fd = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY);
	if (fd < 0)
		return NULL;
	NEED(write(fd, "1", 1) == 1);
	close(fd);
	NEED(loopback_up() == 0);
	if (world_setup(&w, &e))
		return failed(&e);
	NEED(!w.ipv6);
	return check_world(&w);
}

START_TEST(ipv6_may_be_off)
{
	enter(true, without_ipv6, NULL);
}
END_TEST

/* A reason instead of a world: here there is one already. */
static const char *second_world(void *arg)
{
	struct world w = { .kind = WORLD_NONE };
	struct err e = { 0 };

	(void)arg;
	NEED(world_setup(&w, &e) < 0);
	NEED(w.kind == WORLD_NONE);
	NEED(strcmp(e.msg, "cannot add a route: File exists") == 0);
	return NULL;
}

START_TEST(failure_has_a_reason)
{
	enter(true, second_world, NULL);
}
END_TEST

/* --- names ------------------------------------------------------------------ */

static const char *resolv_conf(void *arg)
{
	char text[200] = "";
	int fd = open("/etc/resolv.conf", O_RDONLY);

	(void)arg;
	if (fd < 0 && sandbox->no_resolver)
		return NULL;
	NEED(!sandbox->no_resolver);
	NEED(read(fd, text, sizeof(text) - 1) > 0);
	NEED(strcmp(text, "nameserver 198.51.100.53\n"
			  "options timeout:1 attempts:1\n") == 0);
	NEED(access(OWN_RESOLV_CONF, F_OK) < 0);
	return NULL;
}

START_TEST(resolver_is_ours)
{
	char before[200] = "", after[200] = "";
	int fd = open("/etc/resolv.conf", O_RDONLY);

	if (fd >= 0)
		ck_assert_int_ge(read(fd, before, sizeof(before) - 1), 0);
	enter(true, resolv_conf, NULL);
	if (fd >= 0)
		ck_assert_int_ge(pread(fd, after, sizeof(after) - 1, 0), 0);
	ck_assert_str_eq(before, after);
	close(fd);
}
END_TEST

/* Where it is a symlink, and where it leads nowhere. */
static const char *linked_resolv_conf(void *arg)
{
	struct err e = { 0 };

	(void)arg;
	NEED(mount("x", "/etc", "tmpfs", 0, NULL) == 0);
	NEED(symlink("/run/there", "/etc/resolv.conf") == 0);
	NEED(mount("x", "/run", "tmpfs", 0, NULL) == 0);
	NEED(world_resolver(&e) < 0 && e.code == ENOENT);
	NEED(access(OWN_RESOLV_CONF, F_OK) < 0);
	NEED(close(open("/run/there", O_CREAT | O_WRONLY, 0600)) == 0);
	if (world_resolver(&e) < 0)
		return failed(&e);
	return resolv_conf(NULL);
}

START_TEST(resolver_behind_a_link)
{
	enter(true, linked_resolv_conf, NULL);
}
END_TEST

static Suite *suite(bool isolated)
{
	Suite *s = suite_create("world");
	TCase *t = tcase_create("world");

	tcase_add_test(t, sandbox_has_a_world);
	tcase_add_loop_test(t, every_kind, WORLD_DUMMY, WORLD_LOOPBACK + 1);
	tcase_add_test(t, ipv6_may_be_off);
	tcase_add_test(t, failure_has_a_reason);
	tcase_add_test(t, resolver_is_ours);
	tcase_add_test(t, resolver_behind_a_link);
	if (isolated)
		suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite("world", suite);
}
