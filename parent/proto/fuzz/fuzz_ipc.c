/* fuzz_ipc.c - one raw line through ipc_parse() and ipc_parse_method(). */
#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/ipc/ipc.h"

static void check_tokens(const struct ipc_line *l, struct span in)
{
	const char *last = in.p;

	MUST(l->ntok <= l->args.n);
	for (size_t i = 0; i < l->ntok && i < IPC_TOK_MAX; i++) {
		MUST(l->tok[i].n > 0);
		MUST(is_inside(l->tok[i], l->args));
		MUST(span_find(l->tok[i], ' ') == l->tok[i].n);
		MUST(l->tok[i].p >= last);
		last = l->tok[i].p + l->tok[i].n;
	}
}

static void check_method(struct ipc_line *l)
{
	static const enum ipc_keyword kinds[] = { IPC_CMETHOD, IPC_SMETHOD };

	for (size_t i = 0; i < 2; i++) {
		struct ipc_method m;

		l->kw = kinds[i];
		ipc_parse_method(l, &m);
		MUST(is_inside(m.name, l->args));
		MUST(is_inside(m.proto, l->args));
		MUST(is_inside(m.addr_text, l->args));
		MUST(is_inside(m.args, l->args));
		MUST(is_inside(m.addr.host, m.addr_text));
		MUST(span_absent(m.addr_text) ==
		     !!(m.anomalies & METHOD_MISSING));
		MUST(l->kw == IPC_SMETHOD || span_absent(m.args));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct ipc_line l;

	ipc_parse(in, &l);
	MUST(is_inside(l.keyword, in) && !span_absent(l.keyword));
	MUST(is_inside(l.args, in));
	MUST(is_inside(l.decorated_args, in));
	MUST((l.kw != IPC_UNKNOWN) ==
	     (strcmp(ipc_keyword_name(l.kw), "?") != 0));
	if (l.kw != IPC_UNKNOWN) {
		MUST(span_eqs(l.keyword, ipc_keyword_name(l.kw)));
		MUST(!(l.anomalies & (IPC_CASE | IPC_BAD_KEYWORD | IPC_EMPTY |
				      IPC_LEADING_SPACE | IPC_DECORATED)));
	}
	MUST(!(l.anomalies & IPC_DECORATED) == (l.decorated == IPC_UNKNOWN));
	/* Nothing gets lost: keyword, one byte, arguments, perhaps a CR. */
	MUST(l.keyword.n + !span_absent(l.args) + l.args.n +
		     !!(l.anomalies & IPC_CR) ==
	     in.n);
	check_tokens(&l, in);
	check_method(&l);
	return 0;
}
