/* fuzz_packet.c - any bytes as a captured packet. */
#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/net/packet.h"

static bool same(const struct packet *a, const struct packet *b)
{
	return addr_eq(&a->from, &b->from) && addr_eq(&a->to, &b->to) &&
	       a->protocol == b->protocol && a->tcp_flags == b->tcp_flags &&
	       a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct packet p, cut;
	bool ok = packet_parse(in, &p);

	MUST(ok == (p.from.family != 0));
	MUST(p.from.family == p.to.family);
	MUST(is_inside(p.payload, in));
	MUST(!p.later || p.fragment);
	MUST(!p.later || (!p.from.port && !p.to.port && !p.tcp_flags));
	MUST(ok || !packet_is_kernel(&p));
	/* What is cut off behind the headers changes nothing in them. */
	if (ok && !p.truncated && !p.malformed && p.payload.n) {
		size_t n = (size_t)(p.payload.p - in.p);

		MUST(packet_parse(span_sub(in, 0, n), &cut));
		MUST(same(&p, &cut));
	}
	return 0;
}
