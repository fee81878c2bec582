/* test_leak.c - what counts as a trace of something, and what does not. */
#include <check.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "harness/req/text/leak.h"

#define N(a) (int)(sizeof(a) / sizeof((a)[0]))

#define V4 "127.77.13.9:80"
#define V6 "[2001:db8:f::7]:80"

static const struct {
	const char *addr, *text;
	bool want, with_port;
} addrs[] = {
	{ V4, "from 127.77.13.9", true, false },
	{ V4, "127.77.13.9:80 came", true, true },
	{ V4, "127.77.13.9:8080", true, false },
	{ V4, "It was 127.77.13.9. Then", true, false },
	{ V4, "127.77.13.90", false, false },
	{ V4, "127.77.13.9.1", false, false },
	{ V4, "1.127.77.13.9", false, false },
	{ V4, "2127.77.13.9", false, false },
	{ V4, "v.127.77.13.9", true, false },
	{ V4, "127.77.13.x", false, false },
	{ V4, "::ffff:127.77.13.9", true, false },
	{ V4, "[::ffff:7f4d:d09]:4", true, false },
	{ V4, "[::FFFF:7F4D:D09]:4", true, false },
	{ V4, "127.077.013.009", true, false },
	{ V4, "127.077.013.090", false, false },
	{ V4, "0177.0115.015.011", true, false },
	{ V4, "peer-127-77-13-9.log", true, false },
	{ V4, "2135756041", true, false },
	{ V4, "21357560410", false, false },
	{ V4, "0x7f4d0d09", true, false },
	{ V4, "7F4D0D09", true, false },
	{ V4, "7f 4d 0d 09", true, false },
	{ V4, "7f:4d:0d:09", true, false },
	{ V4, "090d4d7f", true, false },
	{ V4, "7f  4d 0d 09", false, false },
	{ V4, "7f4d0d0", false, false },
	{ V4, "", false, false },
	{ V4, "9.13.77.127.in-addr.arpa", true, false },
	{ V4, "9-13-77-127.pool", true, false },
	{ V4, "9.13.77.1270", false, false },
	{ V4, "x\x7f\x4d\x0d\x09y", true, false },
	{ V4, "x\x7f\x4d\x0d\x0ay", false, false },
	{ V4, "a=127%2E77.13%2e9%3A4", true, false },
	{ V4, "a=127%2E77.13%2e9%30", false, false },
	{ V4, "a=%31127.77.13.9", false, false },
	{ V4, "a=1%2E127.77.13.9", false, false },
	{ V4, "127.77.13.9%", true, false },
	{ V4, "MTI3Ljc3LjEzLjk=", true, false },     /* the address */
	{ V4, "YTEyNy43Ny4xMy45", true, false },     /* behind one letter */
	{ V4, "YWExMjcuNzcuMTMuOWI=", true, false }, /* behind two */
	{ V4, "MTI3Ljc3LjEzLjg=", false, false },
	{ V4, "3132372e37372e31332e39", true, false },
	{ V6, "2001:db8:f::7", true, false },
	{ V6, "[2001:DB8:F::7]:80", true, true },
	{ V6, "2001:0db8:000f:0000:0000:0000:0000:0007", true, false },
	{ V6, "2001:db8:f:0:0:0:0:7", true, false },
	{ V6, "20010db8000f00000000000000000007", true, false },
	{ V6, "%5B2001%3Adb8%3Af%3A%3A7%5D%3A80", true, true },
	{ V6, "%612001%3Adb8%3Af%3A%3A7", false, false },
	{ V6, "2001:db8:f::71", false, false },
	{ V6, "1:2001:db8:f::7", false, false },
	{ V6, "2001:db8:f::", false, false },
	{ "nonsense", "nonsense", false, false },
};

START_TEST(addr)
{
	struct span text = span_str(addrs[_i].text);
	struct addr a;

	addr_parse(span_str(addrs[_i].addr), &a);
	ck_assert_msg(leaks_addr(text, &a) == addrs[_i].want, "%s",
		      addrs[_i].text);
	ck_assert_msg(leaks_addr_port(text, &a) == addrs[_i].with_port, "%s",
		      addrs[_i].text);
}
END_TEST

static const struct {
	const char *word, *text;
	bool want;
} words[] = {
	{ "mark0123456789ab", "got mark0123456789ab", true },
	{ "mark0123456789ab", "got 01234567\n89ab", true },
	{ "mark0123456789ab", "mark012", false },
	{ "mark0123456789ab", "6d61726b30313233", true },
	{ "mark0123456789ab", "6D 61 72 6B 30 31 32 33", true },
	{ "mark0123456789ab", "6d61726b303132", false },
	{ "mark0123456789ab", "eG1hcmswMTIzNDU2Nzg5YWI=", true },
	{ "mark0123456789ab", "MDEyMzQ1Njc=", true },
	{ "mark0123456789ab", "MDEyMzQ1Nmc=", false },
	{ "\?\?>>\?\?>>", "Pz8-Pj8_Pj4=", true }, /* of URLs */
	{ "short", "c2hvcnQ=", false },
	{ "short", "a short one", true },
	{ "short", "shor", false },
	{ "short", "73:68:6f:72:74", true },
	{ "", "anything", false },
};

START_TEST(word)
{
	ck_assert_msg(leaks_word(span_str(words[_i].text),
				 span_str(words[_i].word)) == words[_i].want,
		      "%s in %s", words[_i].word, words[_i].text);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("leak");
	TCase *t = tcase_create("leak");

	tcase_add_loop_test(t, addr, 0, N(addrs));
	tcase_add_loop_test(t, word, 0, N(words));
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
