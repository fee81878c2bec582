/*
 * areas.h - the areas of the catalogue, in its order.  X(variable part)
 */
#ifndef PTCHECK_REQ_CORE_AREAS_H
#define PTCHECK_REQ_CORE_AREAS_H

#define REQ_AREAS(X)   \
	X(general)     \
	X(naming)      \
	X(config)      \
	X(version)     \
	X(state)       \
	X(stdin)       \
	X(client_list) \
	X(proxy)       \
	X(server_list) \
	X(options)     \
	X(bindaddr)    \
	X(destination) \
	X(extor)       \
	X(lines)       \
	X(env_error)   \
	X(cmethod)     \
	X(smethod)     \
	X(parent)      \
	X(shutdown)    \
	X(socks)       \
	X(socks_args)  \
	X(socks4)      \
	X(tcp)         \
	X(udp_client)  \
	X(udp_server)  \
	X(stun)        \
	X(modes)       \
	X(adapters)    \
	X(anonymity)   \
	X(appendix)    \
	X(api)         \
	X(hygiene)

#define X(name) extern const struct req_area req_area_##name;
REQ_AREAS(X)
#undef X

#endif
