/* test_parent_config.c - what a transport is told, and lines that people
 * write. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parent/base/tests/suite.h"
#include "parent/ptparent.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

static const char *const argv[] = { "/bin/pt", "-x", NULL };
static const char *const names[] = { "t1", "t2" };
static const struct ptp_pair options[] = { { "k", "a:b;c=d\\" }, { "l", "" } };
static const struct ptp_server servers[] = {
	{ "t1", "[::1]:443", { options, 2 } },
	{ "t2", NULL, { NULL, 0 } },
};
static char *const inherited[] = { (char *)"PATH=/bin", (char *)"SECRET=1",
				   (char *)"TOR_PT_PROXY=http://1.1.1.1:1",
				   (char *)"HOMER=x", NULL };

static const struct ptp_config client = {
	.argv = argv,
	.state = "/s",
	.transports = names,
	.ntransports = 2,
	.proxy = { "socks5", "us@er", "p:w/d%", "127.0.0.1:9" },
};
static const struct ptp_config server = {
	.role = PTP_SERVER,
	.spec = PTP_SPEC_20,
	.tell = PTP_TELL_BOTH,
	.argv = argv,
	.state = "/s",
	.servers = servers,
	.nservers = 2,
	.orport = "127.0.0.1:1",
	.extorport = "127.0.0.1:2",
	.cookie = "/s/c",
};

static void same(char **got, const char *const *want)
{
	size_t i = 0;

	for (; want[i] && got[i]; i++)
		ck_assert_str_eq(got[i], want[i]);
	ck_assert_ptr_eq(got[i], NULL);
	ck_assert_ptr_eq(want[i], NULL);
	free(got);
}

/* PAR-SHUT-2: the variable that makes closing stdin mean something. */
START_TEST(test_environment)
{
	static const char *const of_client[] = {
		"PATH=/bin",
		"TOR_PT_MANAGED_TRANSPORT_VER=1,2",
		"TOR_PT_STATE_LOCATION=/s",
		"TOR_PT_EXIT_ON_STDIN_CLOSE=1",
		"TOR_PT_CLIENT_TRANSPORTS=t1,t2",
		"TOR_PT_PROXY=socks5://us%40er:p%3Aw%2Fd%25@127.0.0.1:9",
		NULL,
	};
	static const char *const of_server[] = {
		"PATH=/bin",
		"TOR_PT_MANAGED_TRANSPORT_VER=2",
		"TOR_PT_STATE_LOCATION=/s",
		"TOR_PT_EXIT_ON_STDIN_CLOSE=1",
		"TOR_PT_SERVER_TRANSPORTS=t1,t2",
		"TOR_PT_SERVER_BINDADDR=t1-[::1]:443,t2-0.0.0.0:0",
		"TOR_PT_SERVER_TRANSPORT_OPTIONS="
		"t1:k=a\\:b\\;c\\=d\\\\;t1:l=",
		"TOR_PT_ORPORT=127.0.0.1:1",
		"TOR_PT_EXTENDED_SERVER_PORT=127.0.0.1:2",
		"TOR_PT_AUTH_COOKIE_FILE=/s/c",
		NULL,
	};
	struct ptp_config flags = server;

	same(ptp_environment(&client, inherited), of_client);
	same(ptp_environment(&server, inherited), of_server);
	flags.tell = PTP_TELL_FLAGS;
	same(ptp_environment(&flags, NULL),
	     (const char *const[]){ "TOR_PT_SERVER_TRANSPORTS=t1,t2", NULL });
}
END_TEST

START_TEST(test_arguments)
{
	static const char *const of_server[] = {
		"/bin/pt",
		"-x",
		"-ptversion",
		"2",
		"-state",
		"/s",
		"-exit-on-stdin-close",
		"-transports",
		"t1,t2",
		"-bindaddr",
		"t1-[::1]:443,t2-0.0.0.0:0",
		"-options",
		"t1:k=a\\:b\\;c\\=d\\\\;t1:l=",
		"-orport",
		"127.0.0.1:1",
		"-extorport",
		"127.0.0.1:2",
		"-authcookie",
		"/s/c",
		NULL,
	};

	same(ptp_arguments(&client), argv);
	same(ptp_arguments(&server), of_server);
}
END_TEST

/* --- what is refused --- */

static void with_name(struct ptp_config *c)
{
	static const char *const bad[] = { "a-b" };

	c->transports = bad;
	c->ntransports = 1;
}

static void with_twice(struct ptp_config *c)
{
	static const char *const twice[] = { "a", "a" };

	c->transports = twice;
}

static void with_none(struct ptp_config *c)
{
	c->ntransports = 0;
}

static void with_state(struct ptp_config *c)
{
	c->state = "relative";
}

static void with_half(struct ptp_config *c)
{
	c->proxy.password = NULL;
}

static void with_type(struct ptp_config *c)
{
	c->proxy.type = "https";
}

static void with_host(struct ptp_config *c)
{
	c->proxy.address = "localhost:1";
}

static void with_old_flags(struct ptp_config *c)
{
	c->spec = PTP_SPEC_10;
	c->tell = PTP_TELL_FLAGS;
}

static const struct {
	void (*with)(struct ptp_config *);
	const char *says;
} refused[] = {
	{ with_name, "\"a-b\"" },	    { with_twice, "twice" },
	{ with_none, "no transport" },	    { with_state, "absolute" },
	{ with_half, "user and password" }, { with_type, "neither" },
	{ with_host, "localhost:1" },	    { with_old_flags, "1.0" },
};

START_TEST(test_refused)
{
	struct ptp_config c = client;
	struct ptp_error err = { "" };

	ck_assert_int_eq(ptp_config_check(&c, &err), 0);
	refused[_i].with(&c);
	ck_assert_int_eq(ptp_config_check(&c, &err), -1);
	ck_assert_msg(strstr(err.text, refused[_i].says), "%s", err.text);
	ck_assert_ptr_null(ptp_session_new(&c, NULL));
}
END_TEST

/* --- bridges and proxies --- */

#define PRINT "0123456789ABCDEF0123456789abcdef01234567"

START_TEST(test_bridge)
{
	struct ptp_bridge b;

	ck_assert_int_eq(ptp_bridge_parse("Bridge obfs4 192.0.2.3:443 " PRINT
					  " cert=a=b,c iat-mode=0\n",
					  &b, NULL),
			 0);
	ck_assert_str_eq(b.transport, "obfs4");
	ck_assert_str_eq(b.address, "192.0.2.3:443");
	ck_assert_str_eq(b.fingerprint, PRINT);
	ck_assert_uint_eq(b.settings.n, 2);
	ck_assert_str_eq(b.settings.v[0].key, "cert");
	ck_assert_str_eq(b.settings.v[0].value, "a=b,c");
	ck_assert_str_eq(b.settings.v[1].value, "0");
	free(b.memory);
	ck_assert_int_eq(ptp_bridge_parse(" t [2001:db8::1]:1", &b, NULL), 0);
	ck_assert_str_eq(b.address, "[2001:db8::1]:1");
	ck_assert_ptr_null(b.fingerprint);
	free(b.memory);
}
END_TEST

static const char *const bad_bridges[] = {
	"",
	"obfs4",
	"obfs4 host:1",
	"obfs4 1.2.3.4",
	"4 1.1.1.1:1",
	"obfs4 1.1.1.1:0",
	"t 1.1.1.1:1 x",
	"t 1.1.1.1:1 =x",
	"t 1.1.1.1:1 k=v " PRINT,
};

START_TEST(test_bad_bridge)
{
	struct ptp_bridge b;
	struct ptp_error err = { "" };

	ck_assert_int_eq(ptp_bridge_parse(bad_bridges[_i], &b, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text, "bridge: "));
}
END_TEST

START_TEST(test_proxy)
{
	struct ptp_proxy p;
	char *memory, *uri;
	const char *text = "http://a%40b:c%3Ad@[::1]:80";

	ck_assert_int_eq(ptp_proxy_parse(text, &p, &memory, NULL), 0);
	ck_assert_str_eq(p.type, "http");
	ck_assert_str_eq(p.user, "a@b");
	ck_assert_str_eq(p.password, "c:d");
	ck_assert_str_eq(p.address, "[::1]:80");
	uri = ptp_proxy_uri(&p);
	ck_assert_str_eq(uri, text);
	free(uri);
	free(memory);
	ck_assert_int_eq(
		ptp_proxy_parse("socks5://127.0.0.1:1", &p, &memory, NULL), 0);
	ck_assert_ptr_null(p.user);
	free(memory);
}
END_TEST

static const char *const bad_proxies[] = {
	"",
	"127.0.0.1:1",
	"socks5://",
	"socks5://host:1",
	"socks5://127.0.0.1:0",
	"socks5://127.0.0.1",
	"https://127.0.0.1:1",
	"socks5://a@127.0.0.1:1",
	"socks4a://a:b@127.0.0.1:1",
	"socks5://us@er:p:w/d@127.0.0.1:9",
	"http://a%zz:b@127.0.0.1:1",
};

START_TEST(test_bad_proxy)
{
	struct ptp_proxy p;
	char *memory;
	struct ptp_error err = { "" };

	ck_assert_int_eq(ptp_proxy_parse(bad_proxies[_i], &p, &memory, &err),
			 -1);
	ck_assert_ptr_nonnull(strstr(err.text, "proxy: "));
	ck_assert_ptr_null(memory);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("parent config");
	TCase *c = tcase_create("config");

	tcase_add_test(c, test_environment);
	tcase_add_test(c, test_arguments);
	tcase_add_loop_test(c, test_refused, 0, N(refused));
	tcase_add_test(c, test_bridge);
	tcase_add_loop_test(c, test_bad_bridge, 0, N(bad_bridges));
	tcase_add_test(c, test_proxy);
	tcase_add_loop_test(c, test_bad_proxy, 0, N(bad_proxies));
	suite_add_tcase(suite, c);
	return suite_run(suite);
}
