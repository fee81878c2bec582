/*
 * areas.h - the areas of the catalogue, in its order.  X(enum part, name,
 * title); the name is that of reports and of --select.
 */
#ifndef PTCHECK_REQ_CORE_AREAS_H
#define PTCHECK_REQ_CORE_AREAS_H

#define REQ_AREAS(X)                                                      \
	X(GENERAL, "general", "General and architecture")                 \
	X(NAMING, "naming", "Naming")                                     \
	X(CONFIG, "config", "Configuration mechanics")                    \
	X(VERSION, "version", "Version negotiation")                      \
	X(STATE, "state", "State location")                               \
	X(STDIN, "stdin", "Closing stdin")                                \
	X(CLIENT_LIST, "client-list", "Client transport list")            \
	X(PROXY, "proxy", "Upstream proxy")                               \
	X(SERVER_LIST, "server-list", "Server transport list")            \
	X(OPTIONS, "options", "Server transport options")                 \
	X(BINDADDR, "bindaddr", "Server bind address")                    \
	X(DESTINATION, "destination", "Forward destination")              \
	X(EXTOR, "extor", "Extended ORPort")                              \
	X(LINES, "lines", "Line protocol")                                \
	X(ENV_ERROR, "env-error", "Environment errors")                   \
	X(CMETHOD, "cmethod", "Client status messages")                   \
	X(SMETHOD, "smethod", "Server status messages")                   \
	X(PARENT, "parent", "Parent process")                             \
	X(SHUTDOWN, "shutdown", "Shutdown")                               \
	X(SOCKS, "socks", "SOCKS5 front end")                             \
	X(SOCKS_ARGS, "socks-args", "SOCKS settings of version 1")        \
	X(SOCKS4, "socks4", "SOCKS4 front end of version 1")              \
	X(TCP, "tcp", "Transparent TCP")                                  \
	X(UDP_CLIENT, "udp-client", "UDP, client side, transparent mode") \
	X(UDP_SERVER, "udp-server", "UDP, server side, transparent mode") \
	X(STUN, "stun", "STUN-aware mode")                                \
	X(MODES, "modes", "Proxy modes")                                  \
	X(ADAPTERS, "adapters", "Adapters")                               \
	X(ANONYMITY, "anonymity", "Anonymity")                            \
	X(APPENDIX, "appendix", "Appendix sessions (App. A, App. B)")     \
	X(API, "api", "Library API")                                      \
	X(HYGIENE, "hygiene", "Good behaviour")

enum req_area {
#define X(id, ...) AREA_##id,
	REQ_AREAS(X)
#undef X
		AREAS
};

const char *area_name(enum req_area a);
const char *area_title(enum req_area a);

#endif
