/*
 * stimuli.h - what a launch does to a transport on purpose, beyond an ordinary
 * launch: declared by its case, written into the head of its trace.
 *
 * A judge that has to know why a launch was made asks for the stimulus, where
 * no event can show it: that a transport does not start is held against the
 * rule about the one thing in which the launch was special.
 */
#ifndef PTCHECK_TRACE_STIMULI_H
#define PTCHECK_TRACE_STIMULI_H

#include <stdint.h>

/* X(P, ID, word, documentation) */
#define STIMULI(X, P)                                                          \
	X(P, VERSION_LIST, "version-list",                                     \
	  "a list of versions that holds a usable one")                        \
	X(P, VERSION_FLAG, "version-flag",                                     \
	  "a list of versions behind -ptversion")                              \
	X(P, NO_USABLE_VERSION, "no-usable-version",                           \
	  "a list of versions that nobody has")                                \
	X(P, VARIABLES_ONLY, "variables-only",                                 \
	  "every setting as a variable, and no proxy")                         \
	X(P, FLAGS_ONLY, "flags-only",                                         \
	  "every setting that has a flag as a flag")                           \
	X(P, FLAGS_AND_VARIABLES, "flags-and-variables",                       \
	  "some settings as flags, the others as variables")                   \
	X(P, LIST_OVERRIDDEN, "list-overridden",                               \
	  "-transports against the variable")                                  \
	X(P, LIST_BY_FLAG, "list-by-flag",                                     \
	  "a list of transports behind -transports")                           \
	X(P, UNKNOWN_NAMES_ONLY, "unknown-names-only",                         \
	  "a list of transports that nobody has")                              \
	X(P, BIND_PLAIN, "bind-plain",                                         \
	  "a bind address that is a port of loopback")                         \
	X(P, BIND_LOCAL, "bind-local",                                         \
	  "a bind address in the rest of the loopback network")                \
	X(P, BIND_OMITTED, "bind-omitted", "no bind address at all")           \
	X(P, BIND_PARTIAL, "bind-partial",                                     \
	  "a bind address for one of two transports")                          \
	X(P, BIND_STRANGER, "bind-stranger",                                   \
	  "a bind address for a transport that was not requested")             \
	X(P, BIND_ODD_NAME, "bind-odd-name",                                   \
	  "the same for a name with an underscore and digits")                 \
	X(P, BIND_BY_FLAG, "bind-by-flag", "a bind address behind -bindaddr")  \
	X(P, OPTIONS_KNOWN, "options-known",                                   \
	  "options that the transport is known to have")                       \
	X(P, OPTIONS_UNKNOWN, "options-unknown", "options that nobody knows")  \
	X(P, OPTIONS_ESCAPED, "options-escaped",                               \
	  "options with escaped or unusual bytes")                             \
	X(P, OPTIONS_BY_FLAG, "options-by-flag", "options behind -options")    \
	X(P, OPTIONS_NEEDED, "options-needed",                                 \
	  "no options, although a transport may need some")                    \
	X(P, OPTIONS_OMITTED, "options-omitted", "no options at all")          \
	X(P, OPTION_SECRET, "option-secret",                                   \
	  "an option that is a secret by its name")                            \
	X(P, DESTINATION_BY_FLAG, "destination-by-flag",                       \
	  "the destination behind -orport")                                    \
	X(P, DESTINATION_REACHED, "destination-reached",                       \
	  "a client of a server whose destination waits for it")               \
	X(P, DESTINATION_OF_TUNNEL, "destination-of-tunnel",                   \
	  "destinations of a tunnel by address and by name")                   \
	X(P, TARGET_FORMS, "target-forms", "the forms that a target may have") \
	X(P, TARGET_SPEAKS, "target-speaks",                                   \
	  "an application that speaks to its target at once")                  \
	X(P, EXTENDED_PORT_EMPTY, "extended-port-empty",                       \
	  "an empty extended port")                                            \
	X(P, PROXY_BY_FLAG, "proxy-by-flag", "a proxy behind -proxy")          \
	X(P, PROXY_REFUSABLE, "proxy-refusable",                               \
	  "a proxy that must be refused")                                      \
	X(P, PROXY_USED, "proxy-used", "sessions through a proxy")             \
	X(P, PROXY_PASSWORD, "proxy-password", "a proxy with a password")      \
	X(P, NOBODY_ASKS, "nobody-asks",                                       \
	  "a client of which nobody asks anything")                            \
	X(P, SESSIONS_UNPROXIED, "sessions-unproxied",                         \
	  "sessions to an address and to a name, without a proxy")             \
	X(P, CLIENTS_SERVED, "clients-served",                                 \
	  "clients of a server, from an address of their own")                 \
	X(P, CLIENT_CARRIED, "client-carried",                                 \
	  "a whole session of a client that comes from an address of its own") \
	X(P, STATE_CHARACTERS, "state-characters",                             \
	  "a state location with unusual characters")                          \
	X(P, STATE_UNUSABLE, "state-unusable",                                 \
	  "a state location that cannot be used")                              \
	X(P, STATE_BY_FLAG, "state-by-flag",                                   \
	  "the state location by flag alone")                                  \
	X(P, STATE_MISSING, "state-missing",                                   \
	  "no state directory at the first of two starts")                     \
	X(P, STATE_MISSING_ABOVE, "state-missing-above",                       \
	  "the same with directories missing above it")                        \
	X(P, STATE_SLASH, "state-slash",                                       \
	  "a state location with and without a slash at its end")              \
	X(P, STDIN_VALUE, "stdin-value",                                       \
	  "a value of the stdin variable that is not 1")                       \
	X(P, STDIN_NULL, "stdin-null",                                         \
	  "stdin at its end from the start, which means nothing")              \
	X(P, STDIN_NONE, "stdin-none", "no descriptor 0, which means nothing") \
	X(P, STDIN_FLAG, "stdin-flag", "the bare flag -exit-on-stdin-close")   \
	X(P, STDIN_ENDS, "stdin-ends",                                         \
	  "the end of stdin, agreed on as the sign to end")                    \
	X(P, SESSIONS_ALONE, "sessions-alone",                                 \
	  "sessions whose other end is the harness")                           \
	X(P, PARENT_THREAD, "parent-thread",                                   \
	  "the end of the thread that started it, in a living parent")         \
	X(P, SILENT_CLIENTS, "silent-clients",                                 \
	  "a good client beside others that fell silent")                      \
	X(P, IDLE, "idle", "nothing to do, after connections that have ended") \
	X(P, ACCEPT_FAILS, "accept-fails", "an accept that fails")             \
	X(P, DISK_TROUBLE, "disk-trouble",                                     \
	  "a state directory that cannot be written to")                       \
	X(P, DESCRIPTORS_FEW, "descriptors-few",                               \
	  "few descriptors at the start")                                      \
	X(P, DESCRIPTORS_USED_UP, "descriptors-used-up",                       \
	  "more connections than descriptors")                                 \
	X(P, OUTPUT_UNREAD, "output-unread",                                   \
	  "outputs that nobody reads, beside clients")                         \
	X(P, CLIENTS_MANY, "clients-many",                                     \
	  "many clients, one after the other")                                 \
	X(P, OUTPUT_READ_LATE, "output-read-late",                             \
	  "outputs that are read slowly or late")                              \
	X(P, SOCKETS_FAIL, "sockets-fail", "sockets that cannot be made")      \
	X(P, APPENDIX_B, "appendix-b",                                         \
	  "two transports as in appendix B, one with a bind address")          \
	X(P, APPENDIX_SLASH, "appendix-slash",                                 \
	  "the state location of appendix B, with and without a slash")

enum stimulus {
#define X(P, id, ...) STIMULUS_##id,
	STIMULI(X, )
#undef X
		STIMULI_N
};

_Static_assert(STIMULI_N <= 64, "a set of stimuli has 64 bits");

/* A set of one; sets are joined by `|`. */
#define STIMULUS(id) (UINT64_C(1) << STIMULUS_##id)

/* "bind-omitted" */
const char *stimulus_name(enum stimulus s);

#endif
