/*
 * The settings of a connection as a JSON block (PT 2.0 section 3.3.4): a length
 * of four bytes, then an object of strings.
 */
#include "fake-transports/protocols/socks.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fake-transports/faults/faults.h"

FAULT(SETTINGS_JSON_RAW, "settings-json-raw",
      "does not decode what is escaped in settings", "SM-ARGS-5",
      "GEN-E2E-* GEN-FWD-1 OR-PAY-1 SK-*");
/* The text of a JSON string. */
static void add_setting(struct option_list *to, const char *key,
			const json_t *value)
{
	const char *s = json_string_value(value);
	struct buf raw = { 0 };

	if (!fault_is(F_SETTINGS_JSON_RAW)) {
		option_add(to, key, strlen(key), s, json_string_length(value));
		return;
	}
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			buf_addc(&raw, '\\');
		buf_addc(&raw, *s);
	}
	option_add(to, key, strlen(key), (const char *)buf_head(&raw),
		   buf_n(&raw));
	buf_fini(&raw);
}

FAULT(SETTINGS_ONE_LINE, "settings-one-line",
      "reads settings up to the end of the line only", "SK-JPB-WS-1",
      "SK-JPB-FRAME-1 SM-ARGS-5");
FAULT(SETTINGS_UTF8_REPLACED, "settings-utf8-replaced",
      "takes a question mark for every byte that is not ASCII", "SK-JPB-12-2",
      "SM-ARGS-5");
/* The ways in which decoders are known to look the other way. */
static json_t *decode(const char *p, size_t n)
{
	char *text = NULL;
	json_t *root;

	if (fault_is(F_SETTINGS_ONE_LINE) && memchr(p, '\n', n))
		n = (size_t)((const char *)memchr(p, '\n', n) - p);
	if (fault_is(F_SETTINGS_UTF8_REPLACED)) {
		text = xstrndup(p, n);
		for (size_t i = 0; i < n; i++)
			text[i] = (char)(p[i] & 0x80 ? '?' : p[i]);
		p = text;
	}
	root = json_loadb(p, n, JSON_ALLOW_NUL, NULL);
	free(text);
	return root;
}

FAULT(SETTINGS_ARRAY_TAKEN, "settings-array-taken",
      "takes an array for settings that are empty", "SK-JPB-12-4", "SM-ARGS-5");
FAULT(SETTINGS_ERRORS_IGNORED, "settings-errors-ignored",
      "takes malformed settings for none", "SK-JPB-12-1",
      "SK-JPB-12-* SM-ARGS-5");
FAULT(SETTINGS_ERROR_EXITS, "settings-error-exits",
      "exits when settings are malformed", "SK-JPB-ERRLIVE-1",
      "CM-LIFE-1 SK-JPB-EXTRA-1 SK-ROB-1 SM-ARGS-5");
/* No object: what else can it be? */
static enum socks_rep judge_no_object(const json_t *root)
{
	if (json_is_array(root) && fault_is(F_SETTINGS_ARRAY_TAKEN))
		return REP_OK;
	if (!root && fault_is(F_SETTINGS_ERRORS_IGNORED))
		return REP_OK;
	if (!root && fault_is(F_SETTINGS_ERROR_EXITS))
		exit(1);
	return REP_SETTINGS_MALFORMED;
}

static bool is_required(const struct pt_transport *t, const char *key)
{
	for (size_t i = 0; t->required && t->required[i]; i++) {
		if (strcmp(t->required[i], key) == 0)
			return true;
	}
	return false;
}

FAULT(SETTINGS_UNKNOWN_KEY_ABORTS, "settings-unknown-key-aborts",
      "aborts at a setting that it does not know", "SK-JPB-EXTRA-1",
      "CM-LIFE-1 SK-JPB-ERRLIVE-1 SK-ROB-1 HY-CRASH-1 SK-JPB-* "
      "SM-ARGS-5");
static enum socks_rep take_pair(struct socks *s, const char *key,
				const json_t *value)
{
	/* A value with a NUL has no end that is its own. */
	if (!json_is_string(value) ||
	    strlen(json_string_value(value)) != json_string_length(value))
		return REP_SETTINGS_INVALID;
	if (!is_required(s->transport, key) &&
	    fault_is(F_SETTINGS_UNKNOWN_KEY_ABORTS))
		abort();
	add_setting(&s->settings, key, value);
	return REP_OK;
}

static enum socks_rep read_json(struct socks *s, const uint8_t *p, size_t n)
{
	json_t *root = decode((const char *)p, n);
	enum socks_rep rep = REP_OK;
	const char *key;
	json_t *value;

	if (!json_is_object(root))
		rep = judge_no_object(root);
	json_object_foreach(root, key, value)
	{
		rep = take_pair(s, key, value);
		if (rep != REP_OK)
			break;
	}
	json_decref(root);
	if (rep == REP_OK && transport_missing(s->transport, &s->settings))
		rep = REP_SETTINGS_INVALID;
	return rep;
}

static bool is_ascii(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] & 0x80)
			return false;
	}
	return true;
}

FAULT(SETTINGS_IGNORED, "settings-ignored",
      "uses settings of its own instead of those it is told", "SK-JPB-OK-2",
      "SK-JPB-12-* SK-JPB-13-1 SK-JPB-OK-3 GEN-* OR-* SM-ARGS-5");
FAULT(SETTINGS_ASCII_ONLY, "settings-ascii-only",
      "calls settings with other than ASCII characters malformed",
      "SK-JPB-UTF-1", "SK-JPB-FRAME-2 SM-ARGS-5");
static enum socks_rep judge_settings(struct socks *s, const uint8_t *p,
				     size_t n)
{
	if (fault_is(F_SETTINGS_IGNORED)) {
		/* What the server of the tests is told. */
		option_add(&s->settings, "key", 3, "not-a-secret-key", 16);
		return REP_OK;
	}
	if (!is_ascii(p, n) && fault_is(F_SETTINGS_ASCII_ONLY))
		return REP_SETTINGS_MALFORMED;
	return read_json(s, p, n);
}

FAULT(SETTINGS_COUNT_LITTLE, "settings-count-little",
      "reads the length of settings little-endian", "SK-JPB-FRAME-1",
      "SK-JPB-* SK-REQ-1 SK-REQ-2 SK-REP-2 SM-ARGS-5");
FAULT(SETTINGS_COUNT_ONE_BYTE, "settings-count-one-byte",
      "looks at the last byte of the length of settings only", "SK-JPB-FRAME-3",
      "SM-ARGS-5");
static uint32_t read_count(const uint8_t *p)
{
	if (fault_is(F_SETTINGS_COUNT_LITTLE))
		return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
		       (uint32_t)p[1] << 8 | p[0];
	if (fault_is(F_SETTINGS_COUNT_ONE_BYTE))
		return p[3];
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Room for what is announced, as far as a test bears it. */
static void make_room(uint32_t count)
{
	size_t n = count < (128u << 20) ? count : 128u << 20;
	char *p = malloc(n);

	if (p)
		memset(p, 1, n);
	/* The compiler must not think that nobody looks at it. */
	if (p && p[n / 2] == 2)
		abort();
	free(p);
}

FAULT(SETTINGS_64_BYTES, "settings-64-bytes",
      "refuses settings of more than 64 bytes", "SK-JPB-10-2", "SM-ARGS-5");
static size_t largest(void)
{
	return fault_is(F_SETTINGS_64_BYTES) ? 64 : SOCKS_SETTINGS_MAX;
}

FAULT(SETTINGS_HUGE_ALLOC, "settings-huge-alloc",
      "makes room for as many settings as a client announces", "SK-JPB-10-1",
      "SM-ARGS-5");
FAULT(SETTINGS_HUGE_WAITS, "settings-huge-waits",
      "waits without end for settings of any size", "SK-JPB-10-1", "SM-ARGS-5");
FAULT(SETTINGS_ONE_READ, "settings-one-read",
      "ends a connection whose settings come in pieces", "SK-JPB-FRAME-2",
      "SM-ARGS-5");
FAULT(SETTINGS_EMPTY_WAITS, "settings-empty-waits",
      "goes on waiting after a length of 0", "SK-JPB-12-3", "SM-ARGS-5");
FAULT(SETTINGS_ONE_BYTE_ANSWER, "settings-one-byte-answer",
      "answers good settings with a single 00", "SK-JPB-OK-1",
      "SK-JPB-FRAME-* SK-JPB-UTF-1 SK-JPB-WS-1 SK-JPB-EXTRA-1 SK-JPB-11-3 "
      "SK-REQ-1 SK-REQ-2 SK-REP-2 SM-ARGS-5 SK-JPB-*");
enum socks_result socks_settings(struct socks *s, struct buf *in,
				 struct buf *out)
{
	const uint8_t *p = buf_head(in);
	uint32_t count;

	if (buf_n(in) < 4)
		return SOCKS_MORE;
	count = read_count(p);
	if (count > SOCKS_SETTINGS_MAX && fault_is(F_SETTINGS_HUGE_ALLOC))
		make_room(count);
	if (count > largest() && !fault_is(F_SETTINGS_HUGE_WAITS))
		return socks_refuse(REP_SETTINGS_TOO_LARGE, out);
	if (buf_n(in) - 4 < count)
		return fault_is(F_SETTINGS_ONE_READ) ? SOCKS_CLOSE : SOCKS_MORE;
	if (count == 0 && fault_is(F_SETTINGS_EMPTY_WAITS))
		return SOCKS_MORE;
	s->verdict = judge_settings(s, p + 4, count);
	s->has_settings = true;
	s->state = SOCKS_REQUEST;
	buf_eat(in, 4 + count);
	if (s->verdict == REP_OK && fault_is(F_SETTINGS_ONE_BYTE_ANSWER))
		buf_addc(out, 0);
	return SOCKS_MORE;
}
