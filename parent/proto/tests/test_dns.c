/*
 * test_dns.c - what is asked, and what the fake resolver says.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/proto/net/dns.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))

/* Bytes in hexadecimal, with blanks anywhere. */
static struct span from_hex(const char *hex, struct buf *b)
{
	int used;
	unsigned v;

	buf_reset(b);
	for (; sscanf(hex, " %2x%n", &v, &used) == 1; hex += used)
		buf_addc(b, (char)v);
	ck_assert_msg(!*hex || isspace((unsigned char)*hex), "%s", hex);
	return buf_span(b);
}

/* A header with one question, recursion desired. */
#define ASK "1234 0100 0001 0000 0000 0000 "
#define HOST_TEST "04686f7374 0474657374 00 "
#define IN_A "0001 0001 "
#define IN_AAAA "001c 0001 "

static const struct {
	const char *hex;
	unsigned anomalies;
	const char *name;
	int type, klass;
	size_t question;
} queries[] = {
	{ ASK HOST_TEST IN_A, 0, "host.test", 1, 1, 15 },
	{ ASK HOST_TEST IN_AAAA "ffff", 0, "host.test", 28, 1, 15 },
	{ ASK "00 00020001", 0, ".", 2, 1, 5 },
	{ ASK "0554457374 2d 045f617a30 00 00ff00ff", 0, "TEst-._az0", 255, 255,
	  16 },
	/* Bytes that are none of a host's name */
	{ ASK "06 612e5c2000ff 00" IN_A, DNS_BAD_BYTE,
	  "a\\.\\\\\\032\\000\\255", 1, 1, 12 },
	/* No whole message */
	{ "", DNS_SHORT, "", 0, 0, 0 },
	{ "1234 0100 0001 0000 0000 00", DNS_SHORT, "", 0, 0, 0 },
	{ "1234 0100 0000 0000 0000 0000", DNS_NO_QUESTION, "", 0, 0, 0 },
	{ ASK, DNS_CUT, "", 0, 0, 0 },
	{ ASK "0468 6f", DNS_CUT, "", 0, 0, 0 },
	{ ASK "04686f7374", DNS_CUT, "host", 0, 0, 0 },
	{ ASK "04686f7374 00", DNS_CUT, "host", 0, 0, 0 },
	{ ASK "04686f7374 00 000100", DNS_CUT, "host", 0, 0, 0 },
	/* Pointers and other labels that are none */
	{ ASK "c00c 00010001", DNS_BAD_NAME, "", 0, 0, 0 },
	{ ASK "0161 c00c 00010001", DNS_BAD_NAME, "a", 0, 0, 0 },
	{ ASK "40 61", DNS_BAD_NAME, "", 0, 0, 0 },
	/* Something else than a plain query */
	{ "1234 8180 0001 0000 0000 0000 " HOST_TEST IN_A, DNS_RESPONSE,
	  "host.test", 1, 1, 15 },
	{ "1234 2800 0001 0000 0000 0000 " HOST_TEST IN_A, DNS_OPCODE,
	  "host.test", 1, 1, 15 },
	{ "1234 0100 0002 0000 0000 0000 " HOST_TEST IN_A, DNS_QUESTIONS,
	  "host.test", 1, 1, 15 },
};

START_TEST(parse)
{
	struct buf b = BUF_MAX(4096);
	int wrong = 0;

	for (int i = 0; i < N(queries); i++) {
		struct dns_query q;
		unsigned an = dns_parse(from_hex(queries[i].hex, &b), &q);

		if (an == queries[i].anomalies &&
		    strcmp(q.name, queries[i].name) == 0 &&
		    q.type == queries[i].type && q.klass == queries[i].klass &&
		    q.question == queries[i].question)
			continue;
		printf("row %d: saw %x \"%s\" %d %d %zu\n", i, an, q.name,
		       q.type, q.klass, q.question);
		wrong++;
	}
	fflush(stdout);
	ck_assert_int_eq(wrong, 0);
	buf_fini(&b);
}
END_TEST

START_TEST(head)
{
	struct buf b = BUF_MAX(100);
	struct dns_query q;

	dns_parse(from_hex("abcd 2000 0000 0000 0000 0000", &b), &q);
	ck_assert_uint_eq(q.id, 0xabcd);
	ck_assert_uint_eq(q.opcode, 4);
	ck_assert(!q.recurse);
	dns_parse(from_hex("abcd 0100 0000 0000 0000 0000", &b), &q);
	ck_assert(q.opcode == 0 && q.recurse);
	dns_parse(from_hex("abcd", &b), &q);
	ck_assert_uint_eq(q.id, 0xabcd);
	buf_fini(&b);
}
END_TEST

/* A name of 255 octets is as long as one may be. */
START_TEST(longest_name)
{
	struct buf b = BUF_MAX(1000);
	struct dns_query q;

	for (int last = 61; last <= 62; last++) {
		from_hex(ASK, &b);
		for (int i = 0; i < 4; i++) {
			int n = i < 3 ? 63 : last;

			buf_addc(&b, (char)n);
			while (n-- > 0)
				buf_addc(&b, '\1');
		}
		buf_add(&b, SPAN("\0\0\1\0\1"));
		ck_assert_uint_eq(dns_parse(buf_span(&b), &q),
				  last == 61 ? DNS_BAD_BYTE
					     : DNS_BAD_NAME | DNS_BAD_BYTE);
		ck_assert_uint_eq(strlen(q.name),
				  3 * 63 * 4 + (last == 61 ? 61 * 4 + 3 : 2));
	}
	buf_fini(&b);
}
END_TEST

#define ANSWER(flags, answers) "1234 " flags " 0001 " answers " 0000 0000 "
#define RR_A "c00c 0001 0001 00000e10 0004 cb007107 "
#define RR_AAAA "c00c 001c 0001 00000e10 0010 20010db8000f00000000000000000007 "

#define SIX_TEST "03736978 0474657374 00"
#define FAILS_TEST "056661696c73 0474657374 00"
#define MOVES_TEST "056d6f766573 0474657374 00"
#define RR_NOW(ip) "c00c 0001 0001 00000000 0004 " ip " "

static const struct {
	const char *query, *answer;
	bool moved;
} answers[] = {
	{ .query = ASK HOST_TEST IN_A,
	  ANSWER("8580", "0001") HOST_TEST IN_A RR_A },
	{ .query = ASK HOST_TEST IN_AAAA,
	  ANSWER("8580", "0001") HOST_TEST IN_AAAA RR_AAAA },
	{ .query = ASK HOST_TEST "00ff0001",
	  ANSWER("8580", "0002") HOST_TEST "00ff0001" RR_A RR_AAAA },
	/* Other types and classes: nothing there; letters of any case */
	{ .query = ASK HOST_TEST "00100001",
	  ANSWER("8580", "0000") HOST_TEST "00100001" },
	{ .query = ASK HOST_TEST "00410001",
	  ANSWER("8580", "0000") HOST_TEST "00410001" },
	{ .query = ASK HOST_TEST "00010003",
	  ANSWER("8580", "0000") HOST_TEST "00010003" },
	{ .query = ASK "0141 0454455374 00" IN_A,
	  ANSWER("8580", "0001") "0141 0454455374 00" IN_A RR_A },
	/* One family only; an address that nobody may keep, and the next */
	{ .query = ASK SIX_TEST IN_A, ANSWER("8580", "0000") SIX_TEST IN_A },
	{ .query = ASK SIX_TEST IN_AAAA,
	  ANSWER("8580", "0001") SIX_TEST IN_AAAA RR_AAAA },
	{ .query = ASK MOVES_TEST IN_AAAA,
	  ANSWER("8580", "0000") MOVES_TEST IN_AAAA },
	{ .query = ASK MOVES_TEST IN_A,
	  ANSWER("8580", "0001") MOVES_TEST IN_A RR_NOW("cb007107") },
	{ .query = ASK MOVES_TEST IN_A,
	  ANSWER("8580", "0001") MOVES_TEST IN_A RR_NOW("cb007108"),
	  true },
	{ .query = ASK HOST_TEST IN_A,
	  ANSWER("8580", "0001") HOST_TEST IN_A RR_A,
	  true },
	/* Nobody can tell, of whatever type. */
	{ .query = ASK FAILS_TEST IN_A,
	  ANSWER("8582", "0000") FAILS_TEST IN_A },
	{ .query = ASK FAILS_TEST IN_AAAA,
	  ANSWER("8582", "0000") FAILS_TEST IN_AAAA },
	/* Names that are not below test. */
	{ .query = ASK "0474657374 00" IN_A,
	  ANSWER("8580", "0000") "0474657374 00" IN_A },
	{ .query = ASK "0474657374 03636f6d 00" IN_A,
	  ANSWER("8583", "0000") "0474657374 03636f6d 00" IN_A },
	{ .query = ASK "0178 056174657374 00" IN_A,
	  ANSWER("8583", "0000") "0178 056174657374 00" IN_A },
	{ .query = ASK "00" IN_A, ANSWER("8583", "0000") "00" IN_A },
	{ .query = ASK "0137 0772657665727365 00 000c0001",
	  ANSWER("8583", "0000") "0137 0772657665727365 00 000c0001" },
	/* A dot within a label does not part names, a backslash does not
	 * keep one from doing so. */
	{ .query = ASK "06612e74657374 00" IN_A,
	  ANSWER("8583", "0000") "06612e74657374 00" IN_A },
	{ .query = ASK "02615c 0474657374 00" IN_A,
	  ANSWER("8580", "0001") "02615c 0474657374 00" IN_A RR_A },
	{ .query = ASK "07615c2e74657374 00" IN_A,
	  ANSWER("8583", "0000") "07615c2e74657374 00" IN_A },
	/* EDNS is passed over. */
	{ .query = "1234 0120 0001 0000 0000 0001 " HOST_TEST IN_A
		   "00 0029 04d0 00000000 0000",
	  ANSWER("8580", "0001") HOST_TEST IN_A RR_A },
	/* No recursion asked for */
	{ .query = "1234 0000 0001 0000 0000 0000 " HOST_TEST IN_A,
	  ANSWER("8480", "0001") HOST_TEST IN_A RR_A },
	/* Not understood */
	{ .query = "1234 0100 0000 0000 0000 0000",
	  "1234 8581 0000 0000 0000 0000" },
	{ .query = ASK "c00c" IN_A, "1234 8581 0000 0000 0000 0000" },
	{ .query = ASK "0161", "1234 8581 0000 0000 0000 0000" },
	{ .query = "1234 0100 0002 0000 0000 0000 " HOST_TEST IN_A HOST_TEST
		  IN_A,
	  "1234 8581 0000 0000 0000 0000" },
	{ .query = "1234 2800 0001 0000 0000 0000 " HOST_TEST IN_A,
	  "1234 ac84 0000 0000 0000 0000" },
	/* No answer */
	{ .query = "1234 8180 0001 0000 0000 0000 " HOST_TEST IN_A, "" },
	{ .query = "1234 0100 0001 0000 0000 00", "" },
	{ .query = "", "" },
};

START_TEST(answer)
{
	struct buf q = BUF_MAX(4096), want = BUF_MAX(4096);
	int wrong = 0;

	for (int i = 0; i < N(answers); i++) {
		struct buf out = BUF_MAX(DNS_ANSWER_MAX);

		dns_answer(&out, from_hex(answers[i].query, &q),
			   answers[i].moved);
		if (!span_eq(buf_span(&out),
			     from_hex(answers[i].answer, &want))) {
			printf("row %d: saw", i);
			for (size_t k = 0; k < out.n; k++)
				printf(" %02x", (unsigned char)out.p[k]);
			printf("\n");
			wrong++;
		}
		buf_fini(&out);
	}
	fflush(stdout);
	ck_assert_int_eq(wrong, 0);
	buf_fini(&q);
	buf_fini(&want);
}
END_TEST

START_TEST(types)
{
	char b[DNS_TYPE_MAX];

	ck_assert_str_eq(dns_type_name(DNS_A, b), "A");
	ck_assert_str_eq(dns_type_name(DNS_HTTPS, b), "HTTPS");
	ck_assert_str_eq(dns_type_name(0, b), "TYPE0");
	ck_assert_str_eq(dns_type_name(65535, b), "TYPE65535");
}
END_TEST

START_TEST(stream)
{
	struct span rest = SPAN("\0\3abc\0\0\0\2d"), msg;
	struct buf b = BUF_MAX(100);

	ck_assert(dns_take(&rest, &msg) && span_eqs(msg, "abc"));
	ck_assert(dns_take(&rest, &msg) && msg.n == 0);
	ck_assert(!dns_take(&rest, &msg) && rest.n == 3);
	rest = SPAN("\1");
	ck_assert(!dns_take(&rest, &msg) && rest.n == 1);
	dns_put(&b, SPAN("xy"));
	ck_assert(span_eq(buf_span(&b), SPAN("\0\2xy")));
	buf_fini(&b);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("dns");
	TCase *t = tcase_create("dns");

	tcase_add_test(t, parse);
	tcase_add_test(t, head);
	tcase_add_test(t, longest_name);
	tcase_add_test(t, answer);
	tcase_add_test(t, types);
	tcase_add_test(t, stream);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
