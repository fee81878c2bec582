/*
 * policy.h - how disputed points are decided; --option NAME=VALUE.
 *
 * Each option has a closed set of values, the default first.  The judges ask
 * by id; the command line, the target description and `ptcheck list` use the
 * same table.
 */
#ifndef PTCHECK_REQ_CORE_POLICY_H
#define PTCHECK_REQ_CORE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "parent/base/err.h"
#include "parent/base/span.h"

/* X(enum suffix, name, values separated by '|', what it decides) */
#define POLICIES(X)                                                  \
	X(ERRORS_STREAM, "errors.stream", "stderr|either|stdout",    \
	  "where error messages belong under 2.0")                   \
	X(ERRORS_PREFIX, "errors.prefix", "warn|fail|pass",          \
	  "an error line with a logger's prefix in front")           \
	X(NAME_REGEX, "name.regex", "prose|printed",                 \
	  "whether a name may begin with an underscore")             \
	X(PLATFORM, "platform", "posix|windows",                     \
	  "CR before LF: a warning, or a note on Windows")           \
	X(BLANK_LINES, "ipc.blank_lines", "fail|warn",               \
	  "empty lines on stdout")                                   \
	X(FLAG_FORMAT, "options.flag_format", "micro|json|either",   \
	  "the format of -options")                                  \
	X(OPTIONS_ECHO, "options.echo", "auto|all",                  \
	  "whether ARGS repeats all options given to a server")      \
	X(ORPORT_DOMAIN, "orport.domain", "warn|fail|skip",          \
	  "a server that refuses a domain name as destination")      \
	X(TARGET_MEANS, "client.target_means", "ptserver|serverapp", \
	  "whose address -target of a client is")                    \
	X(EXT_EARLY, "ext.early_payload", "fail|warn",               \
	  "payload to an Extended ORPort before its OKAY")           \
	X(EXT_UNKNOWN, "ext.unknown_reply", "warn|fail",             \
	  "an end because of an unknown answer of that")             \
	X(MULTI_MODE, "client.multi_mode", "warn|pass",              \
	  "one transport announced with several protocols")          \
	X(ARGS_SEP, "smethod.args_sep", "either|comma",              \
	  "ARGS with semicolons, as two examples show them")         \
	X(STDIN_LEVEL, "shutdown.stdin_level", "warn|fail",          \
	  "a transport that ignores a closed stdin")                 \
	X(BLOCK_REPLY, "socks.settings_reply",                       \
	  "auto|none|status1929|status05",                           \
	  "the answer to settings that are good")                    \
	X(BLOCK_ERROR, "socks.settings_error", "any|rep|status",     \
	  "the answer to settings that are not")                     \
	X(SOCKS_CODES, "socks.codes", "warn|fail",                   \
	  "bad settings that are answered with a bare end")          \
	X(BLOCK_TIMEOUT, "socks.settings_timeout_max",               \
	  "120|3|10|30|60|300|600",                                  \
	  "seconds that a transport may wait for settings")          \
	X(SIGTERM_STATUS, "shutdown.sigterm_status", "warn|fail",    \
	  "a status other than 0 after SIGTERM")

enum policy_id {
#define X(id, ...) P_##id,
	POLICIES(X)
#undef X
		P_COUNT
};

/* Zeroed: all defaults. */
struct policy {
	unsigned char value[P_COUNT]; /* index into the values */
};

struct policy_row {
	const char *name, *values, *what;
};

extern const struct policy_row policy_rows[P_COUNT];

/* Set by name; -1 with a message that names the value and the choices. */
int policy_set(struct policy *p, struct span name, struct span value,
	       struct err *e);
/* The word that option @id is set to. */
struct span policy_value(const struct policy *p, enum policy_id id);
/* The number that option @id is set to. */
int64_t policy_number(const struct policy *p, enum policy_id id);
/* Is option @id set to @value (one of its words)? */
bool policy_is(const struct policy *p, enum policy_id id, const char *value);

#endif
