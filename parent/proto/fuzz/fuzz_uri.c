/* fuzz_uri.c - proxy settings; parsing and classifying agree. */
#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/net/uri.h"

static void check_parts(const struct proxy_uri *u, struct span in)
{
	MUST(is_inside(u->scheme, in));
	MUST(is_inside(u->addr.host, in));
	MUST(u->user.n + u->password.n <= in.n);
	MUST(span_absent(u->password) || !span_absent(u->user));
	MUST(!span_absent(u->scheme) ||
	     (u->anomalies & (URI_NO_SCHEME | URI_GARBAGE)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	enum uri_expect expect = uri_classify(in);
	struct arena a = { 0 };
	struct proxy_uri u;

	uri_parse(&a, in, &u);
	check_parts(&u, in);
	MUST((expect == URI_ABSENT) == (in.n == 0));
	if (u.anomalies == 0)
		MUST(expect == URI_ACCEPTABLE);
	/* What may be accepted can be connected to, or has port 0. */
	if (in.n && expect < URI_REFUSE_SHOULD) {
		MUST(u.addr.family != 0);
		MUST(u.addr.port || (u.anomalies & URI_PORT_ZERO));
		MUST(!span_absent(u.scheme));
	}
	arena_fini(&a);
	return 0;
}
