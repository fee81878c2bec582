/*
 * fuzz_target.c - target descriptions: any bytes give a message of one line,
 * or a target whose parts fit together.
 */
#include "harness/case/target.h"
#include "parent/proto/fuzz/fuzz.h"

static void check_message(const struct err *e)
{
	MUST(e->msg[0] != '\0');
	for (const char *p = e->msg; *p; p++)
		MUST(*p >= ' ' && *p < 0x7f);
}

static void check_target(struct target *t, struct arena *a)
{
	size_t offered = 0;

	MUST(t->n > 0 && t->json);
	for (size_t i = 0; i < t->n; i++) {
		MUST(t->t[i].role[ROLE_CLIENT] || t->t[i].role[ROLE_SERVER]);
		MUST(t->t[i].udp_idle_s >= 0);
		MUST(target_find(t, t->t[i].name) == &t->t[i]);
	}
	for (int r = ROLE_CLIENT; r <= ROLE_SERVER; r++) {
		struct strings names;

		target_names(t, (enum role)r, a, &names);
		MUST(names.n <= t->n);
		offered += names.n;
	}
	MUST(offered >= t->n);
	target_fini(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);
	struct arena a = { 0 };
	struct err e = { 0 };
	struct target t;

	if (target_parse(in, "f", &a, &t, &e))
		check_message(&e);
	else
		check_target(&t, &a);
	/* The same bytes as the value of --transport. */
	if (target_from_names(in, &a, &t, &e))
		check_message(&e);
	else
		check_target(&t, &a);
	arena_fini(&a);
	return 0;
}
