/* fuzz_dns.c - any bytes as a DNS message, and as a TCP stream of them. */
#include "parent/proto/net/dns.h"
#include "parent/proto/fuzz/fuzz.h"

static void check_name(const char *name)
{
	size_t n = strlen(name);

	MUST(n < DNS_NAME_MAX);
	for (size_t i = 0; i < n; i++)
		MUST(name[i] > ' ' && name[i] < 0x7f);
}

/* An answer is a response with the same question, and gets none itself. */
static void check_answer(struct span in, const struct dns_query *q, unsigned an)
{
	struct buf out = BUF_MAX(DNS_ANSWER_MAX);
	struct dns_query back;
	unsigned back_an;
	size_t n;

	dns_answer(&out, in, in.n % 2);
	n = out.n;
	MUST(!out.full);
	MUST((n == 0) == !!(an & (DNS_SHORT | DNS_RESPONSE)));
	if (n) {
		back_an = dns_parse(buf_span(&out), &back);
		MUST(back_an & DNS_RESPONSE);
		MUST(back.id == q->id && back.opcode == q->opcode);
		MUST((back_an & DNS_NO_QUESTION) ||
		     (strcmp(back.name, q->name) == 0 && back.type == q->type &&
		      back.klass == q->klass));
		dns_answer(&out, buf_span(&out), false);
		MUST(out.n == n);
	}
	buf_fini(&out);
}

static void check_stream(struct span in)
{
	struct buf out = BUF_MAX(1u << 24);
	struct span rest = in, msg;

	while (dns_take(&rest, &msg)) {
		MUST(is_inside(msg, in));
		dns_put(&out, msg);
	}
	buf_add(&out, rest);
	MUST(span_eq(buf_span(&out), in));
	buf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct dns_query q;
	unsigned an = dns_parse(in, &q);

	check_name(q.name);
	MUST((q.question == 0) == !!(an & DNS_MALFORMED));
	MUST(q.question <= in.n);
	check_answer(in, &q, an);
	check_stream(in);
	return 0;
}
