/*
 * template.h - the values in case files: escaped text with ${...} inside.
 *
 * Literal parts are escaped text (base/text.h); what a template stands for
 * is inserted as it is.  "\x24{" is a literal "${".
 */
#ifndef PTCHECK_CASE_FORMAT_TEMPLATE_H
#define PTCHECK_CASE_FORMAT_TEMPLATE_H

#include "parent/base/buf.h"
#include "parent/base/err.h"
#include "parent/base/span.h"

/* What one value may expand to: twice the longest environment string that
 * Linux takes (MAX_ARG_STRLEN, 128 KiB). */
#define TEMPLATE_MAX (256u * 1024u)

/* X(enum, between the braces, documentation) */
#define TEMPLATE_VARS(X)                                                     \
	X(T, "T", "the first transport of the role")                         \
	X(T2, "T2", "the second")                                            \
	X(ALL, "all", "all of them, with commas")                            \
	X(T_UPPER, "T^", "T in upper case")                                  \
	X(T_CUT, "T-", "T without its last letter")                          \
	X(VER, "ver",                                                        \
	  "what to offer under this profile: 2, 1, or 2,1 when 2.0 is "      \
	  "forced on a transport that speaks 1")                             \
	X(NOSUCH, "nosuch", "a random name that no transport has")           \
	X(NOSUCH2, "nosuch2", "another one")                                 \
	X(WORK, "work", "directory of all of the launch")                    \
	X(STATE, "state", "the state directory, which is not created")       \
	X(CWD, "cwd", "the working directory")                               \
	X(OPTIONS, "options",                                                \
	  "server options of the target for T (and T2 with the need two), "  \
	  "as the variable wants them")                                      \
	X(OPTIONS_SEP, "options;",                                           \
	  "the same with a ';' behind it unless "                            \
	  "empty")                                                           \
	X(VALUED, "valued",                                                  \
	  "key=value of an option that the target gives values for: the "    \
	  "last of them")                                                    \
	X(FAR, "far", "address of a server that exists in the sandbox only") \
	X(FAR6, "far6", "such an IPv6 address, without brackets")            \
	X(FAR2, "far2", "another such IPv4 address")                         \
	X(HOLE, "hole", "an address there that never answers")               \
	X(HELLO, "hello",                                                    \
	  "what a client that announces socks5 answers, whatever it wants "  \
	  "to be told: a greeting with methods 00 and 02; where it "         \
	  "announces socks4, a request for port 9 of 127.0.0.1")             \
	X(MARKER, "marker", "a word that occurs nowhere else")               \
	X(COOKIE, "cookie",                                                  \
	  "a file with the cookie of an Extended ORPort; the step extor "    \
	  "makes it")                                                        \
	X(SETTINGS, "settings",                                              \
	  "the same in the form of server options: T:k=v;T:k2=v2; for a "    \
	  "target's mode_args")                                              \
	X(JSON, "json", "what a client of T must be told, as a JSON object") \
	X(MEMBERS, "members", "its members alone, a comma behind each")      \
	X(WRONG, "wrong", "the object with other values")                    \
	X(MISTYPED, "mistyped",                                              \
	  "its members with numbers instead of their "                       \
	  "values")

/* Those with a parameter: X(enum, in front of it, form, documentation). */
#define TEMPLATE_FORMS(X)                                                  \
	X(PORT, "port:", "port:NAME",                                      \
	  "a free port, the same for the same NAME in a launch")           \
	X(FREE_OPTIONS, "options:", "options:TEXT",                        \
	  "${options} with TEXT as value of the options that the target "  \
	  "calls free: 8 to 255 printable characters without blanks; may " \
	  "hold templates, '}' is \\x7d")                                  \
	X(BLOCK, "block:", "block:N",                                      \
	  "a block of settings: ${json}, with blanks behind it up to N "   \
	  "bytes, behind its length in four bytes")                        \
	X(COUNTED, "counted:", "counted:TEXT",                             \
	  "any TEXT behind its length; may hold templates, '}' is \\x7d")  \
	X(REPEAT, "repeat:", "repeat:TEXT:N",                              \
	  "TEXT N times; may hold templates")

enum template_var {
#define X(id, ...) TV_##id,
	TEMPLATE_VARS(X) TEMPLATE_FORMS(X)
#undef X
};

struct template_vars {
	/* Append the value; @name is the parameter (of FREE_OPTIONS: expanded).
	 * COUNTED and REPEAT need none.  0, or -1 with a predicate of the whole text: "holds ${T2}, but ...". */
	int (*get)(void *ctx, enum template_var var, struct span name,
		   struct buf *out, struct err *e);
	void *ctx;
};

/*
 * Append the bytes that @text stands for to @out (use TEMPLATE_MAX).  -1
 * with a predicate that does not quote @text: "has a bad escape".
 */
int template_expand(struct buf *out, struct span text,
		    const struct template_vars *vars, struct err *e);

#endif
