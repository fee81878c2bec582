/* fuzz_addr.c - any text through addr_parse(), and what it finds back. */
#include "parent/proto/net/addr.h"
#include "parent/proto/fuzz/fuzz.h"

static void check_round_trips(const struct addr *a)
{
	struct sockaddr_storage ss;
	char text[ADDR_STRLEN];
	struct addr b;
	unsigned an = addr_parse(span_str(addr_format(a, text)), &b);

	MUST((an & ~(unsigned)ADDR_PORT_ZERO) == 0);
	MUST(addr_eq(a, &b));
	MUST(addr_to_sockaddr(a, &ss) > 0);
	MUST(addr_from_sockaddr((struct sockaddr *)&ss, &b));
	MUST(addr_eq(a, &b));
	MUST(!addr_is_any(a) || !addr_is_loopback(a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned no_ip = ADDR_NO_HOST | ADDR_HOSTNAME | ADDR_NOT_IP;
	const unsigned no_port = ADDR_NO_PORT | ADDR_PORT_SYNTAX |
				 ADDR_PORT_RANGE | ADDR_PORT_ZERO;
	struct span in = fuzz_input(data, size);
	struct addr a;
	unsigned an = addr_parse(in, &a);

	MUST(!span_absent(a.host) && is_inside(a.host, in));
	MUST((a.family == 0) == !!(an & no_ip));
	MUST((a.port == 0) == !!(an & no_port));
	if (a.family)
		check_round_trips(&a);
	return 0;
}
