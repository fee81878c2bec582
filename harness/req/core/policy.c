/* policy.c - see policy.h. */
#include "harness/req/core/policy.h"

#include "parent/base/text.h"

const struct policy_row policy_rows[P_COUNT] = {
#define X(id, name_, values_, what_) [P_##id] = { name_, values_, what_ },
	POLICIES(X)
#undef X
};

/* Position of @value among the '|'-separated @values, or -1. */
static int value_index(const char *values, struct span value)
{
	struct span rest = span_str(values), one;

	for (int i = 0; span_split(&rest, '|', &one); i++)
		if (span_eq(one, value))
			return i;
	return -1;
}

int policy_set(struct policy *p, struct span name, struct span value,
	       struct err *e)
{
	char shown[80];

	for (size_t i = 0; i < P_COUNT; i++) {
		int at;

		if (!span_eqs(name, policy_rows[i].name))
			continue;
		at = value_index(policy_rows[i].values, value);
		if (at < 0)
			return err_set(
				e, 0, "option %s: \"%s\" is none of %s",
				policy_rows[i].name,
				text_showbuf(shown, sizeof(shown), value),
				policy_rows[i].values);
		p->value[i] = (unsigned char)at;
		return 0;
	}
	return err_set(e, 0, "no option is called \"%s\"",
		       text_showbuf(shown, sizeof(shown), name));
}

struct span policy_value(const struct policy *p, enum policy_id id)
{
	struct span rest = span_str(policy_rows[id].values), one = rest;

	for (int i = 0; span_split(&rest, '|', &one) && i < p->value[id]; i++)
		;
	return one;
}

int64_t policy_number(const struct policy *p, enum policy_id id)
{
	struct span s = policy_value(p, id);
	int64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n = n * 10 + (s.p[i] - '0');
	return n;
}

bool policy_is(const struct policy *p, enum policy_id id, const char *value)
{
	return span_eqs(policy_value(p, id), value);
}
