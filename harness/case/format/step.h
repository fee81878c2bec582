/*
 * step.h - a step of a case, typed: st->connect.to, st->proxy.does, ...
 *
 * The structs come from the table in step_kinds.h.  A text that may be left
 * out and was is absent.
 */
#ifndef PTCHECK_CASE_FORMAT_STEP_H
#define PTCHECK_CASE_FORMAT_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/span.h"
#include "harness/case/format/step_kinds.h"
#include "harness/case/format/words.h"

enum step_kind {
#define X(id, ...) STEP_##id,
	STEP_KINDS(X)
#undef X
		STEP_KINDS_N
};

#define STEP_MEMBER(type, member, key, doc, ...) \
	STEP_MEMBER_##type(member, ##__VA_ARGS__)
#define STEP_MEMBER_WORD(member, list, ...) enum list member;
#define STEP_MEMBER_WORD_OR(member, list, ...) enum list member;
#define STEP_MEMBER_TEXT(member) struct span member;
#define STEP_MEMBER_TEXT_OR_NONE(member) struct span member;
#define STEP_MEMBER_BYTES(member) struct span member;
#define STEP_MEMBER_BYTES_OR_NONE(member) struct span member;
#define STEP_MEMBER_NEW_NAME(member) struct span member;
#define STEP_MEMBER_NAME(member) struct span member;
#define STEP_MEMBER_NAME_OR_NONE(member) struct span member;
#define STEP_MEMBER_STREAM_OR_NAME(member) struct span member;
#define STEP_MEMBER_OUTPUT_OR_NAME(member) struct span member;
#define STEP_MEMBER_INT(member, ...) int64_t member;
#define STEP_MEMBER_INT_OR(member, ...) int64_t member;
#define STEP_MEMBER_BOOL(member) bool member;
#define STEP_MEMBER_LIMIT(member, ...) enum limit_id member;

#define X(id, name, when, fields, ...) \
	struct step_##name {           \
		fields(STEP_MEMBER)    \
	};
STEP_KINDS(X)
#undef X

struct step {
	enum step_kind kind;
	union {
#define X(id, name, ...) struct step_##name name;
		STEP_KINDS(X)
#undef X
	};
};

const char *step_name(enum step_kind k);

/* The deadline that it waits for at most; LIMIT_NONE: it has none. */
enum limit_id step_limit(const struct step *st);
/* The name that it gives; absent: none. */
struct span step_gives(const struct step *st);
/* How long a window is. */
int64_t step_window_ms(const struct step_window *st, const struct limits *l);

#endif
