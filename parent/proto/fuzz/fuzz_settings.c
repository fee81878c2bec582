/* fuzz_settings.c - settings are written, cut and read back. */
#include "parent/proto/fuzz/fuzz.h"
#include "parent/proto/ipc/settings.h"

/* What was read is written without doubt, and read the same. */
static void there_and_back(struct span in)
{
	struct buf flat = BUF_MAX(1u << 24), joined = BUF_MAX(1u << 24);
	struct span user, password;
	struct arena a = { 0 };
	struct kv_list l, back;

	settings_parse(&a, in, &l);
	settings_flat(&flat, &l);
	MUST(!flat.full);
	/* A key without a value becomes one with an empty value. */
	MUST(!(settings_parse(&a, buf_span(&flat), &back) &
	       (SETTINGS_BARE_EQUALS | SETTINGS_DANGLING | SETTINGS_ODD_ESCAPE |
		SETTINGS_NO_EQUALS)));
	MUST(l.n == back.n);
	for (size_t i = 0; i < l.n; i++) {
		MUST(span_eq(l.v[i].key, back.v[i].key));
		MUST(span_eq(l.v[i].value, back.v[i].value));
	}
	if (settings_split(buf_span(&flat), &user, &password)) {
		MUST(user.n >= 1 && user.n <= 255);
		MUST(password.n >= 1 && password.n <= 255);
		settings_join(&joined, user, password);
		MUST(span_eq(buf_span(&joined), buf_span(&flat)));
	}
	buf_fini(&flat);
	buf_fini(&joined);
	arena_fini(&a);
}

/* JSON text has no control byte, and every quote but the outer is escaped. */
static void json(struct span in)
{
	struct kv kv = { .key = in, .value = SPAN("v") };
	struct kv_list l = { .v = &kv, .n = 1 };
	struct buf b = BUF_MAX(1u << 24);
	size_t quotes = 0;

	settings_json(&b, &l);
	MUST(!b.full);
	for (size_t i = 0; i < b.n; i++) {
		MUST((unsigned char)b.p[i] >= 0x20);
		if (b.p[i] == '\\')
			i++;
		else if (b.p[i] == '"')
			quotes++;
	}
	MUST(quotes == 4);
	buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = fuzz_input(data, size);

	there_and_back(in);
	json(in);
	return 0;
}
