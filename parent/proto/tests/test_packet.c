/*
 * test_packet.c - packets as they are captured, whole, cut and contradictory.
 */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "parent/base/tests/suite.h"
#include "parent/proto/net/packet.h"

#define N(table) (int)(sizeof(table) / sizeof(*(table)))
#define BYTES_MAX 512

/* Bytes in hexadecimal, with blanks anywhere. */
static size_t from_hex(const char *hex, char *dst)
{
	size_t n = 0;
	int used;
	unsigned v;

	for (; sscanf(hex, " %2x%n", &v, &used) == 1; hex += used)
		dst[n++] = (char)v;
	ck_assert_msg(!*hex || isspace((unsigned char)*hex), "%s", hex);
	return n;
}

/* 198.51.100.2 to 192.0.2.1; before it 12 bytes of header. */
#define ROUTE4 "c6336402 c0000201 "
#define UDP4 "45000021 00004000 40110000 " ROUTE4
#define HELLO "d431 0063 000d 0000 68656c6c6f"
/* 2001:db8:1::2 to 2001:db8:9::1. */
#define ROUTE6                                 \
	"20010db8 00010000 00000000 00000002 " \
	"20010db8 00090000 00000000 00000001 "

static const struct {
	const char *hex;
	const char *want; /* protocol from>to flags icmp payload notes */
} rows[] = {
	/* UDP */
	{ UDP4 HELLO, "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 5" },
	{ "60000000 000d1140 " ROUTE6 HELLO,
	  "17 [2001:db8:1::2]:54321>[2001:db8:9::1]:99 0 0/0 5" },
	/* Trailing bytes that are no part of it. */
	{ UDP4 HELLO "0000", "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 5" },
	/* With IP options. */
	{ "46000021 00004000 40110000 " ROUTE4 "01010101 d4310063 0009 0000 68",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 1" },
	{ UDP4 "d431 0063 000d 0000 6865",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 2 truncated" },
	{ UDP4 "d431 0063",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 4 truncated" },
	{ UDP4 "d431 00", "17 198.51.100.2:0>192.0.2.1:0 0 0/0 3 truncated" },
	{ UDP4 "", "17 198.51.100.2:0>192.0.2.1:0 0 0/0 0 truncated" },
	{ UDP4 "d431 0063 0007 0000 68656c6c6f",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 5 malformed" },
	{ UDP4 "d431 0063 000e 0000 68656c6c6f",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 5 malformed" },
	{ UDP4 "d431 0063 000a 0000 68656c6c6f",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 2" },
	/* TCP: a SYN with options, data, a RST */
	{ "45000030 00004000 40060000 " ROUTE4
	  "9d38 0050 00000001 00000000 7002 faf0 0000 0000 020405b4 01010402",
	  "6 198.51.100.2:40248>192.0.2.1:80 2 0/0 0" },
	{ "4500002a 00004000 40060000 " ROUTE4
	  "9d38 0050 00000001 00000000 5018 faf0 0000 0000 6869",
	  "6 198.51.100.2:40248>192.0.2.1:80 18 0/0 2" },
	{ "60000000 00140640 " ROUTE6
	  "9d38 0050 00000001 00000000 5014 faf0 0000 0000",
	  "6 [2001:db8:1::2]:40248>[2001:db8:9::1]:80 14 0/0 0" },
	{ "4500002a 00004000 40060000 " ROUTE4
	  "9d38 0050 00000001 00000000 4018 faf0 0000 0000 6869",
	  "6 198.51.100.2:40248>192.0.2.1:80 18 0/0 2 malformed" },
	{ "4500002a 00004000 40060000 " ROUTE4
	  "9d38 0050 00000001 00000000 f018 faf0 0000 0000 6869",
	  "6 198.51.100.2:40248>192.0.2.1:80 18 0/0 2 truncated" },
	{ "4500002a 00004000 40060000 " ROUTE4 "9d38 0050 00000001 00000000 50",
	  "6 198.51.100.2:40248>192.0.2.1:80 0 0/0 13 truncated" },
	/* A total length of 0: as large as it is */
	{ "45000000 00004000 40060000 " ROUTE4
	  "9d38 0050 00000001 00000000 5018 faf0 0000 0000 6869",
	  "6 198.51.100.2:40248>192.0.2.1:80 18 0/0 2" },
	{ "60000000 00000640 " ROUTE6
	  "9d38 0050 00000001 00000000 5010 faf0 0000 0000 68",
	  "6 [2001:db8:1::2]:40248>[2001:db8:9::1]:80 10 0/0 1" },
	/* Fragments: the first, a later one */
	{ "45000021 00012000 40110000 " ROUTE4 "d431 0063 05dc 0000 68656c6c6f",
	  "17 198.51.100.2:54321>192.0.2.1:99 0 0/0 5 fragment" },
	{ "45000019 000100b9 40110000 " ROUTE4 "d431006368",
	  "17 198.51.100.2:0>192.0.2.1:0 0 0/0 5 fragment later" },
	{ "60000000 00152c40 " ROUTE6 "11000001 00000001" HELLO,
	  "17 [2001:db8:1::2]:54321>[2001:db8:9::1]:99 0 0/0 5 fragment" },
	{ "60000000 000a2c40 " ROUTE6 "11000008 00000001 6869",
	  "17 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 0/0 2 fragment later" },
	/* An atomic fragment is none. */
	{ "60000000 00152c40 " ROUTE6 "11000000 00000001" HELLO,
	  "17 [2001:db8:1::2]:54321>[2001:db8:9::1]:99 0 0/0 5" },
	/* Extension headers: hop by hop, routing, options of 16 bytes, AH */
	{ "60000000 00390040 " ROUTE6 "2b00000000000000 3c00000000000000"
	  "3301000000000000 0000000000000000 1101000000000000 00000000" HELLO,
	  "17 [2001:db8:1::2]:54321>[2001:db8:9::1]:99 0 0/0 5" },
	{ "60000000 00040040 " ROUTE6 "11000000",
	  "0 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 0/0 4 truncated" },
	{ "60000000 00000040 " ROUTE6,
	  "0 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 0/0 0 truncated" },
	{ "60000000 00003b40 " ROUTE6,
	  "59 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 0/0 0" },
	/* ICMP, IGMP, group membership behind a router alert */
	{ "4500001c 00004000 40010000 " ROUTE4 "0800 0000 0001 0001",
	  "1 198.51.100.2:0>192.0.2.1:0 0 8/0 4" },
	{ "4500001c 00004000 40010000 " ROUTE4 "0303 0000 0000 0000",
	  "1 198.51.100.2:0>192.0.2.1:0 0 3/3 4 kernel" },
	{ "4500001c 00004000 40010000 " ROUTE4 "0000 0000 0000 0000",
	  "1 198.51.100.2:0>192.0.2.1:0 0 0/0 4 kernel" },
	{ "46c0001c 00004000 01020000 " ROUTE4 "94040000 2200 0000",
	  "2 198.51.100.2:0>192.0.2.1:0 0 34/0 0 kernel" },
	{ "60000000 00100001 " ROUTE6 "3a00050200000000 8f00 0000 00000001",
	  "58 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 143/0 4 kernel" },
	{ "60000000 00083aff " ROUTE6 "8500 0000 00000000",
	  "58 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 133/0 4 kernel" },
	{ "60000000 00083aff " ROUTE6 "8000 0000 00000000",
	  "58 [2001:db8:1::2]:0>[2001:db8:9::1]:0 0 128/0 4" },
	/* The number of the other family's */
	{ "4500001c 00004000 403a0000 " ROUTE4 "8700 0000 0000 0000",
	  "58 198.51.100.2:0>192.0.2.1:0 0 135/0 4" },
	/* Not to be read */
	{ "44000021 00004000 40110000 " ROUTE4 HELLO,
	  "17 198.51.100.2:0>192.0.2.1:0 0 0/0 0 malformed" },
	{ "45000013 00004000 40110000 " ROUTE4 HELLO,
	  "17 198.51.100.2:0>192.0.2.1:0 0 0/0 0 malformed" },
	{ "4f000021 00004000 40110000 " ROUTE4, "17 198.51.100.2:0>192.0.2.1:0 "
						"0 0/0 0 malformed" },
	{ "4f000041 00004000 40110000 " ROUTE4, "17 198.51.100.2:0>192.0.2.1:0 "
						"0 0/0 0 truncated" },
	{ "45000021 00004000 40110000 c6336402 c00002", "none" },
	{ "60000000 000d1140 20010db8", "none" },
	{ "50000021 00004000 40110000 " ROUTE4 HELLO, "none" },
	{ "4", "none" },
	{ "", "none" },
};

static void describe(bool ok, const struct packet *p, char *dst, size_t size)
{
	char from[ADDR_STRLEN], to[ADDR_STRLEN];

	if (!ok) {
		snprintf(dst, size, "none");
		return;
	}
	snprintf(dst, size, "%d %s>%s %x %d/%d %zu%s%s%s%s%s", p->protocol,
		 addr_format(&p->from, from), addr_format(&p->to, to),
		 p->tcp_flags, p->icmp_type, p->icmp_code, p->payload.n,
		 p->fragment ? " fragment" : "", p->later ? " later" : "",
		 p->truncated ? " truncated" : "",
		 p->malformed ? " malformed" : "",
		 packet_is_kernel(p) ? " kernel" : "");
}

START_TEST(table)
{
	int wrong = 0;

	for (int i = 0; i < N(rows); i++) {
		char bytes[BYTES_MAX], seen[300];
		size_t n = from_hex(rows[i].hex, bytes);
		/* Exactly as large, so that reading on is seen. */
		char *exact = malloc(n ? n : 1);
		struct packet p;

		memcpy(exact, bytes, n);
		describe(packet_parse(span_of(exact, n), &p), &p, seen,
			 sizeof(seen));
		free(exact);
		if (strcmp(seen, rows[i].want) == 0)
			continue;
		printf("row %d: expected \"%s\", saw \"%s\"\n", i, rows[i].want,
		       seen);
		wrong++;
	}
	fflush(stdout);
	ck_assert_int_eq(wrong, 0);
}
END_TEST

/* Headers without end. */
START_TEST(extensions_without_end)
{
	char bytes[2048] = { 0x60, 0, 0, 0, 4, 0 };
	struct packet p;

	ck_assert(packet_parse(span_of(bytes, sizeof(bytes)), &p));
	ck_assert(p.malformed && !p.truncated);
	ck_assert_uint_eq(p.protocol, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("packet");
	TCase *t = tcase_create("packet");

	tcase_add_test(t, table);
	tcase_add_test(t, extensions_without_end);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return suite_run(suite());
}
